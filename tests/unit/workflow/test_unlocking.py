"""A person proves to be there while the vault stays open."""

from __future__ import annotations

import pytest

from app.domain.errors import LockedError, ThrottledError, WrongPasswordError
from tests.unit.workflow.conftest import PASSWORD, Desk


def test_the_right_password_is_told_from_a_wrong_one(desk: Desk) -> None:
    desk.result(desk.unlocking.prove(PASSWORD))
    with pytest.raises(WrongPasswordError):
        desk.result(desk.unlocking.prove("not the password at all"))
    assert desk.visit().patient.family == "Quist"  # the vault stayed open


def test_wrong_ones_make_the_next_wait_also_at_the_lock(desk: Desk) -> None:
    account = desk.unlocking.account
    assert account is not None
    tries: list[BaseException] = []
    while not any(isinstance(each, ThrottledError) for each in tries):
        assert len(tries) < 20
        error = _refusal(desk, "wrong all the same")
        tries.append(error)
    assert isinstance(tries[0], WrongPasswordError)
    with pytest.raises(ThrottledError):
        desk.result(desk.unlocking.unlock(account.uid, PASSWORD))


def test_a_password_makes_the_signature_fresh(desk: Desk) -> None:
    desk.unlocking._proved_at_s -= 3600
    assert not desk.unlocking.is_fresh(15)
    desk.result(desk.unlocking.prove(PASSWORD))
    assert desk.unlocking.is_fresh(15)


def test_behind_the_lock_there_is_nobody_to_prove(desk: Desk) -> None:
    desk.result(desk.unlocking.lock())
    with pytest.raises(LockedError):
        desk.unlocking.prove(PASSWORD)


def _refusal(desk: Desk, password: str) -> BaseException:
    with pytest.raises((WrongPasswordError, ThrottledError)) as refused:
        desk.result(desk.unlocking.prove(password))
    return refused.value
