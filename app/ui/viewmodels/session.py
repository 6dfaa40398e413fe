"""Who is at the workstation: first run, unlock, recovery, lock. Main thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.errors import ThrottledError
from app.domain.ids import UserId
from app.domain.people import Account
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.services import Services

KEY_GROUPS_ASKED: Final = 2
"""Groups of the recovery key to type again: SECURITY.md 6."""
_ALIKE: Final = str.maketrans("OIL", "011")
"""Letters that are no digits of the key, and the digits they are read for (Crockford)."""


@dataclass(frozen=True, slots=True)
class Strength:
    """What can be said of a password while it is typed. The vault has the last word."""

    is_enough: bool
    words: str


def judge(password: str, minimum: int) -> Strength:
    """Say how far a new password has come."""
    missing = minimum - len(password)
    if not password:
        text = _("At least {minimum} characters. Four or five unrelated words are good.")
        return Strength(False, text.format(minimum=minimum))
    if missing > 0:
        text = _("{missing} more characters.") if missing > 1 else _("1 more character.")
        return Strength(False, text.format(missing=missing))
    if len(set(password.lower())) < minimum // 3:
        return Strength(False, _("Long enough, but it repeats itself."))
    return Strength(True, _("Long enough."))


class SessionModel(Listener):
    """Unlocks and locks.

    Signals:
        accounts_loaded: `accounts` is known.
        key_made: the recovery key of a new account, to be shown once.
        unlocked: the vault is open.
        locked: the vault is closed.
        proved: who is unlocked gave the password again; the vault was open all the time.
        refused: an exception: wrong password, weak password, wait, …
        busy_changed: a bool: the password is being tried.
        wait_changed: seconds until the next try is allowed; 0 = now.
    """

    accounts_loaded = Signal()
    key_made = Signal(str)
    unlocked = Signal()
    locked = Signal()
    proved = Signal()
    refused = Signal(object)
    busy_changed = Signal(bool)
    wait_changed = Signal(int)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.accounts: tuple[Account, ...] = ()
        self.is_busy = False
        self.is_new = False
        """Whether the account was made just now: the first steps are shown once."""
        self.wait_s = 0
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._tick)

    @property
    def minimum(self) -> int:
        """Shortest password that policy allows."""
        return self._services.policy.min_password

    @property
    def name(self) -> str:
        """Name of who is unlocked; empty when nobody is."""
        account = self._services.unlocking.account
        return account.name if account is not None else ""

    def load(self) -> None:
        """Look which accounts there are."""
        self.ask(self._services.unlocking.accounts, self._on_accounts)

    def create(self, name: str, password: str) -> None:
        """Make the first account; `key_made` follows, then the person calls `confirm_key`."""
        self._set_busy(True)
        self.ask(
            lambda: self._services.unlocking.create(name, password),
            self._on_created,
            self._on_refused,
        )

    def confirm_key(self) -> None:
        """The recovery key was written down: go in."""
        self.unlocked.emit()

    def unlock(self, uid: UserId, password: str) -> None:
        """Try a password."""
        self._set_busy(True)
        self.ask(
            lambda: self._services.unlocking.unlock(uid, password),
            self._on_unlocked,
            self._on_refused,
        )

    def prove(self, password: str) -> None:
        """Try the password of who is unlocked; `proved` follows unless somebody locks meanwhile."""
        if self.name:
            self._set_busy(True)
            self.ask(
                lambda: self._services.unlocking.prove(password),
                lambda _none: self._on_proved(),
                self._on_refused,
            )

    def recover(self, uid: UserId, recovery_key: str, new_password: str) -> None:
        """Open by the recovery key and set a new password."""
        self._set_busy(True)
        self.ask(
            lambda: self._services.unlocking.recover(uid, recovery_key, new_password),
            self._on_unlocked,
            self._on_refused,
        )

    def lock(self) -> None:
        """Close the vault. The page is empty at once; `locked` follows."""
        self.locked.emit()
        self.ask(self._services.unlocking.lock, lambda _none: self.load())

    def _on_accounts(self, accounts: tuple[Account, ...]) -> None:
        self.accounts = accounts
        self.accounts_loaded.emit()

    def _on_created(self, recovery_key: str) -> None:
        self._set_busy(False)
        self.is_new = True
        self.key_made.emit(recovery_key)

    def _on_unlocked(self, _account: Account) -> None:
        self._set_busy(False)
        self.unlocked.emit()

    def _on_proved(self) -> None:
        self._set_busy(False)
        if self.name:
            self.proved.emit()

    def _on_refused(self, error: BaseException) -> None:
        self._set_busy(False)
        self.refused.emit(error)
        if isinstance(error, ThrottledError):
            self.wait_s = error.wait_s
            self._countdown.start()
            self.wait_changed.emit(self.wait_s)

    def _tick(self) -> None:
        self.wait_s = max(0, self.wait_s - 1)
        if self.wait_s == 0:
            self._countdown.stop()
        self.wait_changed.emit(self.wait_s)

    def _set_busy(self, busy: bool) -> None:
        self.is_busy = busy
        self.busy_changed.emit(busy)


def key_groups(recovery_key: str) -> list[str]:
    """Return the groups a recovery key is written in."""
    return recovery_key.replace("-", " ").split()


def is_group(typed: str, wanted: str) -> bool:
    """Whether a group of the key was typed, by whoever writes O for 0 and I or L for 1.

    The alphabet of the key holds none of the three: Crockford's base 32.
    """
    return _plain(typed) == _plain(wanted)


def _plain(group: str) -> str:
    return group.strip().upper().translate(_ALIKE)


def asked_groups(recovery_key: str) -> tuple[int, ...]:
    """Return which groups (from 0) to type again: spread over the key, the same every time."""
    count = len(key_groups(recovery_key))
    if count < KEY_GROUPS_ASKED:
        return tuple(range(count))
    step = count / KEY_GROUPS_ASKED
    return tuple(int(step * number + step / 2) for number in range(KEY_GROUPS_ASKED))
