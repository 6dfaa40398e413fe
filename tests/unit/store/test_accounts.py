"""Accounts from the outside: make, unlock, recover, change the password."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import (
    AccountExistsError,
    NoAccountError,
    RecoveryKeyError,
    SlotCorruptError,
    ThrottledError,
    UserError,
    WeakPasswordError,
    WrongPasswordError,
)
from app.domain.ids import UserId, new_id
from app.domain.people import Account, AccountRole
from app.foundation import paths
from app.foundation.sealing import Argon2Cost
from app.store import accounts, keys, org
from app.store.keys import SlotType
from app.store.vault import open_vault
from tests.unit.store.conftest import PASSWORD, FakeClock, make_visit

OTHER_PASSWORD = "seven quiet rivers at dawn"


@pytest.fixture
def made(tmp_path: Path) -> tuple[Account, str]:
    """The first account and its recovery key."""
    return accounts.create_account(tmp_path, "Jane Roe", PASSWORD)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_first_run_finds_nobody_and_makes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    assert accounts.list_accounts(root) == ()
    assert accounts.clinic(root).name == ""
    for attempt in (
        lambda: accounts.unlock(root, UserId(new_id()), PASSWORD),
        lambda: accounts.set_clinic_name(root, "North"),
    ):
        with pytest.raises(NoAccountError):
            attempt()
    assert not root.exists()


def test_the_first_account_administers_and_the_next_do_not(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    second, _ = accounts.create_account(tmp_path, "  Bob   Doe ", OTHER_PASSWORD)
    assert made[0].roles == {AccountRole.CLINICIAN, AccountRole.ADMINISTRATOR}
    assert second.roles == {AccountRole.CLINICIAN}
    assert second.name == "Bob Doe"
    assert accounts.list_accounts(tmp_path) == (made[0], second)


def test_all_folders_and_files_are_private(tmp_path: Path, made: tuple[Account, str]) -> None:
    assert made[0].uid
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_an_unlocked_account_opens_its_vault(tmp_path: Path, made: tuple[Account, str]) -> None:
    opened = accounts.unlock(tmp_path, made[0].uid, PASSWORD)
    assert opened.vault.hex() not in repr(opened)
    vault = open_vault(tmp_path, opened)
    vault.add_visit(make_visit())
    vault.close()
    again = open_vault(tmp_path, accounts.unlock(tmp_path, made[0].uid, PASSWORD))
    assert len(again.visits()) == 1
    again.close()


def test_a_wrong_password_is_named_and_the_next_try_waits(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    uid, clock = made[0].uid, FakeClock()
    with pytest.raises(WrongPasswordError):
        accounts.unlock(tmp_path, uid, PASSWORD + " ", clock)
    with pytest.raises(ThrottledError):
        accounts.unlock(tmp_path, uid, PASSWORD, clock)
    clock.seconds += 1
    accounts.check_password(tmp_path, uid, PASSWORD, clock)
    accounts.check_password(tmp_path, uid, PASSWORD, clock)


def test_a_new_password_changes_no_byte_of_the_vault(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    uid = made[0].uid
    files = [paths.vault_file(tmp_path, uid), paths.keys_file(tmp_path, uid)]
    before = accounts.unlock(tmp_path, uid, PASSWORD), [digest(path) for path in files]
    accounts.change_password(tmp_path, uid, PASSWORD, OTHER_PASSWORD)
    with pytest.raises(WrongPasswordError):
        accounts.unlock(tmp_path, uid, PASSWORD, FakeClock())
    after = accounts.unlock(tmp_path, uid, OTHER_PASSWORD, FakeClock(2000.0))
    assert (after, [digest(path) for path in files]) == before


def test_a_recovery_key_lets_the_owner_choose_a_new_password(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    account, paper = made
    before = accounts.unlock(tmp_path, account.uid, PASSWORD)
    typed = paper.lower().replace("-", " ")
    assert accounts.recover(tmp_path, account.uid, typed, OTHER_PASSWORD) == before
    assert accounts.unlock(tmp_path, account.uid, OTHER_PASSWORD) == before
    with pytest.raises(WrongPasswordError):
        accounts.unlock(tmp_path, account.uid, PASSWORD)


def test_a_recovery_key_ends_the_waiting(tmp_path: Path, made: tuple[Account, str]) -> None:
    account, paper = made
    with pytest.raises(WrongPasswordError):
        accounts.unlock(tmp_path, account.uid, "wrong", FakeClock())
    accounts.recover(tmp_path, account.uid, paper, OTHER_PASSWORD)
    accounts.unlock(tmp_path, account.uid, OTHER_PASSWORD, FakeClock())


def test_a_recovery_key_of_someone_else_is_told_from_a_slip(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    _, other_paper = accounts.create_account(tmp_path, "Bob", OTHER_PASSWORD)
    slip = made[1][:-1] + ("0" if made[1][-1] != "0" else "2")
    for text, reason in ((other_paper, "wrong"), (slip, "slip")):
        with pytest.raises(RecoveryKeyError) as caught:
            accounts.recover(tmp_path, made[0].uid, text, OTHER_PASSWORD)
        assert caught.value.facts == {"reason": reason}


def test_a_new_recovery_key_replaces_the_old_one(tmp_path: Path, made: tuple[Account, str]) -> None:
    account, paper = made
    fresh = accounts.renew_recovery_key(tmp_path, account.uid, PASSWORD)
    with pytest.raises(RecoveryKeyError):
        accounts.recover(tmp_path, account.uid, paper, OTHER_PASSWORD)
    accounts.recover(tmp_path, account.uid, fresh, OTHER_PASSWORD)


def test_a_weak_password_makes_no_account_and_changes_none(
    tmp_path: Path, made: tuple[Account, str]
) -> None:
    account, paper = made
    for attempt in (
        lambda: accounts.create_account(tmp_path, "Bob", "short"),
        lambda: accounts.change_password(tmp_path, account.uid, PASSWORD, "short"),
        lambda: accounts.recover(tmp_path, account.uid, paper, "short"),
    ):
        with pytest.raises(WeakPasswordError):
            attempt()
    assert accounts.list_accounts(tmp_path) == (account,)
    assert len(list((tmp_path / "users").iterdir())) == 1
    accounts.unlock(tmp_path, account.uid, PASSWORD)


@pytest.mark.parametrize("name", ["", "  \n", "x" * 201])
def test_an_account_needs_a_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError):
        accounts.create_account(tmp_path / "root", name, PASSWORD)
    assert not (tmp_path / "root").exists()


def test_a_name_is_taken_once(tmp_path: Path, made: tuple[Account, str]) -> None:
    with pytest.raises(AccountExistsError):
        accounts.create_account(tmp_path, "JANE ROE", OTHER_PASSWORD)
    accounts.save_account(tmp_path, replace(made[0], given="Jane", family="Roe"))
    assert accounts.list_accounts(tmp_path)[0].family == "Roe"


def test_a_slot_of_another_user_opens_nothing(tmp_path: Path, made: tuple[Account, str]) -> None:
    bob, _ = accounts.create_account(tmp_path, "Bob", OTHER_PASSWORD)
    with org.open_org(tmp_path) as database:
        slot = database.slot(bob.uid, SlotType.PASSWORD)
        database.replace_slot(made[0].uid, SlotType.PASSWORD, slot)
    with pytest.raises(SlotCorruptError):
        accounts.unlock(tmp_path, made[0].uid, OTHER_PASSWORD)


def test_a_cheap_slot_is_raised_at_login(tmp_path: Path, made: tuple[Account, str]) -> None:
    uid = made[0].uid
    with org.open_org(tmp_path) as database:
        slot = database.slot(uid, SlotType.PASSWORD)
        master = keys.open_password_slot(uid, slot, PASSWORD)
        cheap = keys.make_password_slot(uid, master, PASSWORD, Argon2Cost(19_456, 2, 1))
        database.replace_slot(uid, SlotType.PASSWORD, cheap)
    accounts.unlock(tmp_path, uid, PASSWORD)
    with org.open_org(tmp_path) as database:
        assert keys.read_cost(uid, database.slot(uid, SlotType.PASSWORD)) == Argon2Cost()
