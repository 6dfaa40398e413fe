"""The organization database: who may open which vault, and with what. No PHI. One thread."""

from __future__ import annotations

import contextlib
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import (
    AccountExistsError,
    CorruptError,
    NoAccountError,
    SlotCorruptError,
    ThrottledError,
)
from app.domain.ids import UserId, new_id
from app.domain.people import Account, Clinic
from app.foundation import paths, sealing
from app.foundation.clock import Clock
from app.store import canonical, migrate
from app.store.connection import Database, Place, as_bytes, as_int, as_text
from app.store.keys import SlotType, WrapPurpose

WAITS_S: Final = (1, 2, 4, 8, 16, 32, 60, 60, 60, 900)
"""Wait after the first, second, … wrong password; the last one stays: SECURITY.md, section 3."""

_OWNER: Final = "org"


@dataclass(frozen=True, slots=True)
class AccountKeys:
    """What is stored beside a new account: its slots and wrapped keys."""

    slots: tuple[tuple[SlotType, bytes], ...]
    wrapped: tuple[tuple[WrapPurpose, bytes], ...]


@contextlib.contextmanager
def open_org(root: Path) -> Iterator[OrgDatabase]:
    """Open the organization database, made at its first use.

    Raises:
        CorruptError: it or its key is missing though there are users, or it is damaged.
    """
    org = OrgDatabase(_database(root))
    try:
        yield org
    finally:
        org.close()


def exists(root: Path) -> bool:
    """Return whether there is an organization database, or a sign that there should be one."""
    return paths.org_file(root).exists() or (root / "users").exists()


def _database(root: Path) -> Database:
    if exists(root):
        return migrate.open_current(_place(root))
    paths.refuse_network_share(root)
    paths.private_folder(root)
    if not paths.org_key_file(root).exists():
        paths.atomic_write(paths.org_key_file(root), sealing.random_bytes(sealing.KEY_SIZE))
    return migrate.create_current(_place(root))


def _place(root: Path) -> Place:
    try:
        key = paths.org_key_file(root).read_bytes()
    except FileNotFoundError:
        raise CorruptError(file="org", reason="key") from None
    if len(key) != sealing.KEY_SIZE:
        raise CorruptError(file="org", reason="key")
    return Place(
        paths.org_file(root), "org", _OWNER, root / "quarantine", migrate.newest("org"), key
    )


class OrgDatabase:
    """Accounts, slots, wrapped keys, throttle and the clinic. One thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # -- accounts

    def accounts(self) -> tuple[Account, ...]:
        """Return all accounts, oldest first."""
        rows = self._database.rows("SELECT body FROM users ORDER BY rowid")
        return tuple(canonical.loads(Account, as_text(body)) for (body,) in rows)

    def account(self, uid: UserId) -> Account:
        """Return one account.

        Raises:
            NoAccountError: there is none.
        """
        row = self._database.row("SELECT body FROM users WHERE uid = ?", uid)
        if row is None:
            raise NoAccountError
        return canonical.loads(Account, as_text(row[0]))

    def has_name(self, name: str) -> bool:
        """Return whether a name is taken; case and variants of letters do not matter."""
        found = self._database.row("SELECT 1 FROM users WHERE folded = ?", folded(name))
        return found is not None

    def add_account(self, account: Account, keys: AccountKeys) -> None:
        """Keep a new account with its slots and keys, in one transaction.

        Raises:
            AccountExistsError: the name is taken.
        """
        database = self._database
        with database.transaction():
            if self.has_name(account.name):
                raise AccountExistsError
            database.run(
                "INSERT INTO users VALUES (?, ?, ?)",
                *(account.uid, folded(account.name), canonical.dumps(account)),
            )
            for kind, slot in keys.slots:
                self._put_slot(account.uid, kind, slot)
            for purpose, body in keys.wrapped:
                database.run(
                    "INSERT INTO wrapped_keys VALUES (?, ?, ?)", account.uid, int(purpose), body
                )

    def save_account(self, account: Account) -> None:
        """Keep what people may change: names, NPI, roles.

        Raises:
            NoAccountError: there is none.
            AccountExistsError: another account has that name.
        """
        with self._database.transaction():
            is_renamed = folded(self.account(account.uid).name) != folded(account.name)
            if is_renamed and self.has_name(account.name):
                raise AccountExistsError
            self._database.run(
                "UPDATE users SET folded = ?, body = ? WHERE uid = ?",
                *(folded(account.name), canonical.dumps(account), account.uid),
            )

    # -- keys

    def slot(self, uid: UserId, kind: SlotType) -> bytes:
        """Return a slot whose digest is right.

        Raises:
            NoAccountError: there is none.
            SlotCorruptError: its bytes are not those that were written.
        """
        row = self._database.row(
            "SELECT body, sha256 FROM slots WHERE uid = ? AND type = ?", uid, int(kind)
        )
        if row is None:
            self.account(uid)
            raise SlotCorruptError
        body, digest = as_bytes(row[0]), as_bytes(row[1])
        if not sealing.is_equal(sealing.sha256(body), digest):
            raise SlotCorruptError
        return body

    def replace_slot(self, uid: UserId, kind: SlotType, slot: bytes) -> None:
        """Put a new slot in the place of the old one."""
        with self._database.transaction():
            self._put_slot(uid, kind, slot)

    def wrapped_key(self, uid: UserId, purpose: WrapPurpose) -> bytes:
        """Return a wrapped key.

        Raises:
            CorruptError: there is none, though the account exists.
        """
        row = self._database.row(
            "SELECT body FROM wrapped_keys WHERE uid = ? AND purpose = ?", uid, int(purpose)
        )
        if row is None:
            raise CorruptError(file="org", reason="wrapped_key")
        return as_bytes(row[0])

    def _put_slot(self, uid: UserId, kind: SlotType, slot: bytes) -> None:
        self._database.run(
            "INSERT INTO slots VALUES (?, ?, ?, ?) ON CONFLICT(uid, type) "
            "DO UPDATE SET body = excluded.body, sha256 = excluded.sha256",
            *(uid, int(kind), slot, sealing.sha256(slot)),
        )

    # -- throttle

    def begin_attempt(self, uid: UserId, clock: Clock) -> None:
        """Count a password as wrong before it is tried, so that killing us saves no guess.

        Raises:
            ThrottledError: too early after the last wrong one; nothing was counted.
        """
        wait_s = 0
        with self._database.transaction():
            failures, boot, since = self._failures(uid)
            now = clock.monotonic()
            is_fresh_boot = boot != clock.boot() or now < since
            if failures:
                elapsed = 0.0 if is_fresh_boot else now - since
                wait_s = math.ceil(_wait_s(failures) - elapsed)
            if wait_s <= 0:
                self._note_failures(uid, failures + 1, clock)
            elif is_fresh_boot:  # wait again after a restart: who knows for how long we were off
                self._note_failures(uid, failures, clock)
        if wait_s > 0:
            raise ThrottledError(wait_s)

    def clear_attempts(self, uid: UserId) -> None:
        """Forget wrong passwords: the right one came."""
        with self._database.transaction():
            self._database.run("DELETE FROM throttle WHERE uid = ?", uid)

    def _failures(self, uid: UserId) -> tuple[int, str, float]:
        row = self._database.row("SELECT failures, boot, at FROM throttle WHERE uid = ?", uid)
        if row is None:
            return 0, "", 0.0
        since = row[2]
        return as_int(row[0]), as_text(row[1]), since if isinstance(since, float) else 0.0

    def _note_failures(self, uid: UserId, failures: int, clock: Clock) -> None:
        self._database.run(
            "INSERT INTO throttle VALUES (?, ?, ?, ?) ON CONFLICT(uid) DO UPDATE SET "
            "failures = excluded.failures, boot = excluded.boot, at = excluded.at",
            *(uid, failures, clock.boot(), clock.monotonic()),
        )

    # -- settings

    def clinic(self) -> Clinic:
        """Return the clinic; its name is empty until someone gives one."""
        return Clinic(self._setting("clinic_id"), self._setting("clinic_name"))

    def set_clinic_name(self, name: str) -> Clinic:
        """Keep the clinic's name; its id is made once."""
        with self._database.transaction():
            if not self._setting("clinic_id"):
                self._set("clinic_id", new_id())
            self._set("clinic_name", storable(name))
            return self.clinic()

    def policy_serial(self) -> int:
        """Return the highest policy serial seen on this machine; 0 at first."""
        return int(self._setting("policy_serial") or 0)

    def note_policy_serial(self, serial: int) -> None:
        """Keep a policy serial, unless a higher one was seen."""
        with self._database.transaction():
            self._set("policy_serial", str(max(serial, self.policy_serial())))

    def _setting(self, name: str) -> str:
        row = self._database.row("SELECT value FROM settings WHERE name = ?", name)
        return "" if row is None else as_text(row[0])

    def _set(self, name: str, value: str) -> None:
        self._database.run(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT(name) "
            "DO UPDATE SET value = excluded.value",
            *(name, value),
        )


def _wait_s(failures: int) -> int:
    return WAITS_S[min(failures, len(WAITS_S)) - 1]


def folded(name: str) -> str:
    """Return a name as it is compared: NFKC, case folded, blanks closed up."""
    return storable(" ".join(unicodedata.normalize("NFKC", name).casefold().split()))


def storable(text: str) -> str:
    """Return a text without lone surrogates, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
