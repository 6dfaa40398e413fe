"""Accounts: make one, unlock it, change its password, get in again with the paper key.

Each function opens and closes the organization database and blocks, up to a second for Argon2id.
Call them on one thread, the lane of the organization database.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.domain.errors import AccountExistsError, NoAccountError, UserError
from app.domain.ids import UserId, new_id
from app.domain.people import Account, AccountRole, Clinic
from app.foundation import paths, sealing
from app.foundation.clock import Clock, SystemClock
from app.foundation.sealing import Argon2Cost
from app.store import keys, org, vault
from app.store.keys import MasterKey, OpenKeys, SlotType, WrapPurpose
from app.store.org import AccountKeys, OrgDatabase
from app.store.passwords import check_new_password

MIN_PASSWORD: Final = 15
"""Characters of a password that stands alone: SECURITY.md, section 3."""

_MASTER_ID_SIZE: Final = 16
_MAX_NAME: Final = 200


def list_accounts(root: Path) -> tuple[Account, ...]:
    """Return all accounts; none on a first run, and then nothing is made."""
    if not org.exists(root):
        return ()
    with org.open_org(root) as database:
        return database.accounts()


def create_account(
    root: Path, name: str, password: str, policy_min: int = MIN_PASSWORD
) -> tuple[Account, str]:
    """Make an account with an empty vault.

    The first one is clinician and administrator, the others clinicians.

    Returns:
        The account, and its recovery key to be written down. It is kept nowhere.

    Raises:
        WeakPasswordError: too short, too long or common.
        AccountExistsError: the name is taken.
        UserError: the name is empty or longer than 200 characters.
        DiskFullError, FileAccessError: no place for it.
    """
    name = org.storable(" ".join(name.split()))
    if not 0 < len(name) <= _MAX_NAME:
        raise UserError(field="name")
    check_new_password(password, policy_min, name)
    paths.private_folder(root)
    with org.open_org(root) as database:
        return _create(root, database, name, password)


def unlock(root: Path, uid: UserId, password: str, clock: Clock | None = None) -> OpenKeys:
    """Return the keys of an account.

    Raises:
        WrongPasswordError: counted; the next try must wait.
        ThrottledError: too early; the password was not looked at.
        SlotCorruptError, CorruptError, TooNewError: what is stored is damaged or newer.
        NoAccountError: there is no such account.
    """
    with _existing(root) as database:
        master = _master_by_password(database, uid, password, clock or SystemClock())
        return _open_keys(database, uid, master)


def check_password(root: Path, uid: UserId, password: str, clock: Clock | None = None) -> None:
    """Ask for the password again, before signing.

    Raises:
        WrongPasswordError, ThrottledError, and so on: see `unlock`.
    """
    unlock(root, uid, password, clock)


def recover(
    root: Path,
    uid: UserId,
    recovery_key: str,
    new_password: str,
    policy_min: int = MIN_PASSWORD,
) -> OpenKeys:
    """Set a new password with the recovery key, which stays valid, and unlock.

    Raises:
        RecoveryKeyError: mistyped (`slip`) or another one (`wrong`).
        WeakPasswordError: too short, too long or common.
        SlotCorruptError, NoAccountError: see `unlock`.
    """
    seed = keys.read_recovery_text(recovery_key)
    with _existing(root) as database:
        master = keys.open_recovery_slot(uid, database.slot(uid, SlotType.RECOVERY), seed)
        check_new_password(new_password, policy_min, database.account(uid).name)
        _set_password(database, uid, master, new_password)
        database.clear_attempts(uid)
        return _open_keys(database, uid, master)


def change_password(
    root: Path, uid: UserId, old: str, new: str, policy_min: int = MIN_PASSWORD
) -> None:
    """Put a new password in the place of the old one. No byte of the vault changes.

    Raises:
        WrongPasswordError, ThrottledError: about the old one.
        WeakPasswordError: about the new one.
    """
    with _existing(root) as database:
        check_new_password(new, policy_min, database.account(uid).name)
        master = _master_by_password(database, uid, old, SystemClock())
        _set_password(database, uid, master, new)


def renew_recovery_key(root: Path, uid: UserId, password: str) -> str:
    """Make a new recovery key and return it; the old one opens nothing any more.

    Raises:
        WrongPasswordError, ThrottledError, and so on: see `unlock`.
    """
    seed = keys.make_seed()
    with _existing(root) as database:
        master = _master_by_password(database, uid, password, SystemClock())
        public = keys.recovery_pair(seed).public
        slot = keys.make_recovery_slot(uid, master, public)
        database.replace_slot(uid, SlotType.RECOVERY, slot)
    return keys.recovery_text(seed)


def save_account(root: Path, account: Account) -> None:
    """Keep an account's names, NPI and roles.

    Raises:
        NoAccountError, AccountExistsError: there is none, or the name is taken.
    """
    with _existing(root) as database:
        database.save_account(replace(account, name=org.storable(account.name)))


def clinic(root: Path) -> Clinic:
    """Return the clinic; both fields are empty until it has a name."""
    if not org.exists(root):
        return Clinic("", "")
    with org.open_org(root) as database:
        return database.clinic()


def set_clinic_name(root: Path, name: str) -> Clinic:
    """Keep the clinic's name; makes its id at the first time."""
    with _existing(root) as database:
        return database.set_clinic_name(name)


def _existing(root: Path) -> AbstractContextManager[OrgDatabase]:
    if not org.exists(root):
        raise NoAccountError
    return org.open_org(root)


def _create(root: Path, database: OrgDatabase, name: str, password: str) -> tuple[Account, str]:
    roles = {AccountRole.CLINICIAN}
    if not database.accounts():
        roles.add(AccountRole.ADMINISTRATOR)
    account = Account(UserId(new_id()), name, frozenset(roles))
    if database.has_name(name):
        raise AccountExistsError
    made = _fresh_keys(account.uid)
    vault.create_vault(root, made)
    master = MasterKey(
        sealing.random_bytes(_MASTER_ID_SIZE), sealing.random_bytes(sealing.KEY_SIZE)
    )
    seed = keys.make_seed()
    slots = (
        (SlotType.PASSWORD, keys.make_password_slot(account.uid, master, password)),
        (
            SlotType.RECOVERY,
            keys.make_recovery_slot(account.uid, master, keys.recovery_pair(seed).public),
        ),
    )
    database.add_account(account, AccountKeys(slots, _wrap_all(made, master)))
    return account, keys.recovery_text(seed)


def _fresh_keys(uid: UserId) -> OpenKeys:
    return OpenKeys(uid, *(sealing.random_bytes(sealing.KEY_SIZE) for _ in range(4)))


def _wrap_all(made: OpenKeys, master: MasterKey) -> tuple[tuple[WrapPurpose, bytes], ...]:
    by_purpose = {
        WrapPurpose.VAULT: made.vault,
        WrapPurpose.KEYS_DB: made.records,
        WrapPurpose.X25519: made.sharing,
        WrapPurpose.ED25519: made.signing,
    }
    return tuple(
        (purpose, keys.wrap_key(made.uid, master, purpose, key))
        for purpose, key in by_purpose.items()
    )


def _open_keys(database: OrgDatabase, uid: UserId, master: MasterKey) -> OpenKeys:
    def unwrapped(purpose: WrapPurpose) -> bytes:
        return keys.unwrap_key(uid, master, purpose, database.wrapped_key(uid, purpose))

    return OpenKeys(
        uid,
        vault=unwrapped(WrapPurpose.VAULT),
        records=unwrapped(WrapPurpose.KEYS_DB),
        sharing=unwrapped(WrapPurpose.X25519),
        signing=unwrapped(WrapPurpose.ED25519),
    )


def _master_by_password(
    database: OrgDatabase, uid: UserId, password: str, clock: Clock
) -> MasterKey:
    slot = database.slot(uid, SlotType.PASSWORD)
    cost = keys.read_cost(uid, slot)
    database.begin_attempt(uid, clock)
    master = keys.open_password_slot(uid, slot, password)
    database.clear_attempts(uid)
    if cost.is_below(Argon2Cost()):
        _set_password(database, uid, master, password)
    return master


def _set_password(database: OrgDatabase, uid: UserId, master: MasterKey, password: str) -> None:
    slot = keys.make_password_slot(uid, master, password)
    database.replace_slot(uid, SlotType.PASSWORD, slot)
