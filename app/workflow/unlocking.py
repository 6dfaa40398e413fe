"""Who is at the workstation: first account, unlock, recovery, lock. Main thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from app.domain.errors import NoAccountError
from app.domain.ids import UserId
from app.domain.people import Account
from app.domain.store_ports import AccountsPort
from app.foundation.clock import awake_or_not
from app.foundation.jobs import Lane, Pool
from app.workflow.session import Session, Sessions

R = TypeVar("R")
SECONDS_PER_MINUTE = 60.0


class Unlocking:
    """Opens and closes the session. At most one vault is open."""

    def __init__(self, accounts: AccountsPort, sessions: Sessions, pool: Pool) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._pool = pool
        self._org = Lane("org")
        self._proved_at_s = 0.0

    @property
    def account(self) -> Account | None:
        """Who is unlocked, None if nobody is."""
        return self._sessions.current().account if self._sessions.is_open else None

    def accounts(self) -> Future[tuple[Account, ...]]:
        """Return the accounts of this workstation; none on the first run."""
        return self._org.submit(self._accounts.accounts)

    def create(self, name: str, password: str) -> Future[str]:
        """Make an account, unlock it, and return its recovery key: shown once, kept nowhere.

        The future raises WeakPasswordError or AccountExistsError.
        """

        def job() -> str:
            account, recovery_key = self._org.submit(self._accounts.create, name, password).result()
            keys = self._org.submit(self._accounts.unlock, account.uid, password).result()
            self._enter(account.uid, keys)
            return recovery_key

        return self._pool.submit(job)

    def unlock(self, uid: UserId, password: str) -> Future[Account]:
        """Open a vault.

        The future raises WrongPasswordError, ThrottledError, SlotCorruptError, NoAccountError,
        VaultBusyError, CorruptError or TooNewError.
        """

        def job() -> Account:
            keys = self._org.submit(self._accounts.unlock, uid, password).result()
            return self._enter(uid, keys)

        return self._pool.submit(job)

    def recover(self, uid: UserId, recovery_key: str, new_password: str) -> Future[Account]:
        """Open a vault by its recovery key and set a new password."""

        def job() -> Account:
            keys = self._org.submit(
                self._accounts.recover, uid, recovery_key, new_password
            ).result()
            return self._enter(uid, keys)

        return self._pool.submit(job)

    def lock(self) -> Future[None]:
        """Close the vault: what is queued is written first."""
        session = self._sessions.current() if self._sessions.is_open else None
        self._sessions.set(None)

        def job() -> None:
            if session is not None:
                _leave(session)

        return self._pool.submit(job)

    def is_fresh(self, minutes: int) -> bool:
        """Whether the password was given within the last `minutes`."""
        age_s = awake_or_not() - self._proved_at_s
        return self._sessions.is_open and age_s < minutes * SECONDS_PER_MINUTE

    def after_password(self, password: str, then: Callable[[], Future[R]]) -> Future[R]:
        """Prove the password of who is unlocked, then run `then` and return what it gives."""
        uid = self._sessions.current().account.uid

        def job() -> R:
            self._check(uid, password)
            return then().result()

        return self._pool.submit(job)

    def prove(self, password: str) -> Future[None]:
        """Prove that who is unlocked still sits there. The vault stays open.

        The future raises WrongPasswordError, ThrottledError and so on, as `unlock`: wrong ones
        are counted together with those at the lock.
        """
        uid = self._sessions.current().account.uid
        return self._pool.submit(self._check, uid, password)

    def close(self) -> None:
        """Close the session and the org database. Blocks; the last call."""
        if self._sessions.is_open:
            session = self._sessions.current()
            self._sessions.set(None)
            _leave(session)
        self._org.submit(self._accounts.close).result()
        self._org.close()

    def _check(self, uid: UserId, password: str) -> None:
        self._org.submit(self._accounts.unlock, uid, password).result()
        self._proved_at_s = awake_or_not()

    def _enter(self, uid: UserId, keys: object) -> Account:
        accounts = self._org.submit(self._accounts.accounts).result()
        account = next((each for each in accounts if each.uid == uid), None)
        if account is None:
            raise NoAccountError
        if self._sessions.is_open:
            _leave(self._sessions.current())
        lane = Lane("vault")
        try:
            vault = lane.submit(self._accounts.open_vault, uid, keys).result()
        except BaseException:
            lane.close()
            raise
        folder = Path(self._accounts.audio_folder(uid))
        self._sessions.set(Session(account, vault, lane, folder))
        self._proved_at_s = awake_or_not()
        return account


def _leave(session: Session) -> None:
    session.lane.submit(session.vault.close).result()
    session.lane.close()
