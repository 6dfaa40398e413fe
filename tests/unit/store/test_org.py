"""The throttle, and what else the organization database keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import (
    AccountExistsError,
    CorruptError,
    NoAccountError,
    SlotCorruptError,
    ThrottledError,
)
from app.domain.ids import UserId, new_id
from app.domain.people import Account, AccountRole
from app.foundation import paths
from app.store import org
from app.store.keys import SlotType, WrapPurpose
from app.store.org import AccountKeys
from tests.unit.store.conftest import FakeClock

KEYS = AccountKeys(((SlotType.PASSWORD, b"slot"),), ((WrapPurpose.VAULT, b"wrapped"),))


def add(root: Path, name: str = "Jane Roe") -> UserId:
    account = Account(UserId(new_id()), name, frozenset({AccountRole.CLINICIAN}))
    with org.open_org(root) as database:
        database.add_account(account, KEYS)
    return account.uid


def attempt(root: Path, uid: UserId, clock: FakeClock) -> int:
    """Return the wait in seconds, 0 when the attempt may go on."""
    with org.open_org(root) as database:
        try:
            database.begin_attempt(uid, clock)
        except ThrottledError as error:
            return error.wait_s
        return 0


def test_the_waits_are_those_of_the_design(tmp_path: Path) -> None:
    uid, clock = add(tmp_path), FakeClock()
    assert attempt(tmp_path, uid, clock) == 0
    for wait_s in (1, 2, 4, 8, 16, 32, 60, 60, 60, 900, 900, 900):
        assert attempt(tmp_path, uid, clock) == wait_s
        clock.seconds += wait_s - 0.5
        assert attempt(tmp_path, uid, clock) == 1
        clock.seconds += 0.5
        assert attempt(tmp_path, uid, clock) == 0


def test_the_right_password_ends_the_waiting(tmp_path: Path) -> None:
    uid, clock = add(tmp_path), FakeClock()
    attempt(tmp_path, uid, clock)
    with org.open_org(tmp_path) as database:
        database.clear_attempts(uid)
    assert attempt(tmp_path, uid, clock) == 0


def test_setting_the_clock_changes_no_wait(tmp_path: Path) -> None:
    uid, clock = add(tmp_path), FakeClock()
    for _ in range(5):
        attempt(tmp_path, uid, clock)
        clock.seconds += 100
    attempt(tmp_path, uid, clock)
    clock.wall = clock.wall.replace(year=2038)
    assert attempt(tmp_path, uid, clock) == 32
    clock.wall = clock.wall.replace(year=1990)
    assert attempt(tmp_path, uid, clock) == 32


@pytest.mark.parametrize(("boot", "seconds"), [("two", 50_000.0), ("one", 3.0), ("two", 3.0)])
def test_a_restart_of_the_machine_begins_the_wait_again(
    tmp_path: Path, boot: str, seconds: float
) -> None:
    uid, clock = add(tmp_path), FakeClock()
    for _ in range(3):
        attempt(tmp_path, uid, clock)
        clock.seconds += 100
    later = FakeClock(seconds, boot)
    assert attempt(tmp_path, uid, later) == 4
    later.seconds += 4
    assert attempt(tmp_path, uid, later) == 0


def test_one_user_does_not_wait_for_another(tmp_path: Path) -> None:
    alice, bob, clock = add(tmp_path, "Alice"), add(tmp_path, "Bob"), FakeClock()
    attempt(tmp_path, alice, clock)
    assert attempt(tmp_path, alice, clock) == 1
    assert attempt(tmp_path, bob, clock) == 0


@pytest.mark.parametrize("twin", ["jane roe", " JANE  ROE ", "\uff2a\uff41\uff4e\uff45 Roe"])
def test_twins_of_a_name_are_refused(tmp_path: Path, twin: str) -> None:
    add(tmp_path)
    with pytest.raises(AccountExistsError):
        add(tmp_path, twin)


def test_an_account_can_be_renamed_but_not_to_another_one(tmp_path: Path) -> None:
    uid = add(tmp_path)
    add(tmp_path, "Bob")
    with org.open_org(tmp_path) as database:
        database.save_account(Account(uid, "JANE ROE", frozenset(), "Roe", "Jane", "1234567893"))
        assert database.account(uid).npi == "1234567893"
        with pytest.raises(AccountExistsError):
            database.save_account(Account(uid, "bob", frozenset()))
        assert database.account(uid).name == "JANE ROE"


def test_a_slot_that_was_edited_is_named(tmp_path: Path) -> None:
    uid = add(tmp_path)
    with org.open_org(tmp_path) as database:
        assert database.slot(uid, SlotType.PASSWORD) == b"slot"
        database._database.run("UPDATE slots SET body = ?", b"slut")
        with pytest.raises(SlotCorruptError):
            database.slot(uid, SlotType.PASSWORD)
        with pytest.raises(SlotCorruptError):
            database.slot(uid, SlotType.RECOVERY)
        with pytest.raises(NoAccountError):
            database.slot(UserId(new_id()), SlotType.PASSWORD)
        with pytest.raises(CorruptError):
            database.wrapped_key(uid, WrapPurpose.ED25519)


def test_the_clinic_keeps_its_id(tmp_path: Path) -> None:
    with org.open_org(tmp_path) as database:
        assert database.clinic().name == ""
        first = database.set_clinic_name("North Clinic")
        second = database.set_clinic_name("South Clinic")
    assert first.id == second.id != ""
    assert second.name == "South Clinic"


def test_the_policy_serial_never_goes_back(tmp_path: Path) -> None:
    with org.open_org(tmp_path) as database:
        assert database.policy_serial() == 0
        for serial in (3, 2, 7, 1):
            database.note_policy_serial(serial)
        assert database.policy_serial() == 7


def test_a_missing_key_or_database_is_named_and_not_made_anew(tmp_path: Path) -> None:
    add(tmp_path)
    (tmp_path / "users").mkdir()
    key = paths.org_key_file(tmp_path).read_bytes()
    for data in (None, b"short", bytes(32)):
        paths.org_key_file(tmp_path).unlink()
        if data is not None:
            paths.org_key_file(tmp_path).write_bytes(data)
        with pytest.raises(CorruptError), org.open_org(tmp_path):
            pass
        if data is None:
            assert not paths.org_key_file(tmp_path).exists()
            paths.org_key_file(tmp_path).touch()
    paths.org_key_file(tmp_path).write_bytes(key)
    paths.org_file(tmp_path).unlink()
    with pytest.raises(CorruptError), org.open_org(tmp_path):
        pass
    assert not paths.org_file(tmp_path).exists()
