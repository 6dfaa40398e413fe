"""Who is at the workstation."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.domain.errors import ThrottledError, WeakPasswordError, WrongPasswordError
from app.ui.viewmodels.session import SessionModel, asked_groups, judge, key_groups
from tests.fakes.services import Stage
from tests.fakes.world import PASSWORD, RECOVERY_KEY


@pytest.fixture
def model(stage: Stage) -> SessionModel:
    return SessionModel(stage.services)


def test_the_first_run_makes_an_account_and_shows_its_key_once(
    qtbot: QtBot, stage: Stage, model: SessionModel
) -> None:
    with qtbot.waitSignal(model.accounts_loaded):
        model.load()
    assert model.accounts == ()
    with qtbot.waitSignal(model.key_made) as made:
        model.create("Dr. Ada Miller", PASSWORD)
    assert made.args == [RECOVERY_KEY]
    assert stage.unlocking.account is not None
    with qtbot.waitSignal(model.unlocked):
        model.confirm_key()
    assert model.name == "Dr. Ada Miller"


def test_a_weak_password_is_refused_in_words(qtbot: QtBot, model: SessionModel) -> None:
    with qtbot.waitSignal(model.refused) as refused:
        model.create("Dr. Ada Miller", "short")
    assert isinstance(refused.args[0], WeakPasswordError)
    assert not model.is_busy


def test_a_wrong_password_is_told_and_the_right_one_opens(
    qtbot: QtBot, stage: Stage, model: SessionModel
) -> None:
    account = stage.unlocking.add("Dr. Ada Miller")
    with qtbot.waitSignal(model.refused) as refused:
        model.unlock(account.uid, "no")
    assert isinstance(refused.args[0], WrongPasswordError)
    with qtbot.waitSignal(model.unlocked):
        model.unlock(account.uid, PASSWORD)


def test_after_too_many_tries_the_seconds_are_counted_down(
    qtbot: QtBot, stage: Stage, model: SessionModel
) -> None:
    account = stage.unlocking.add("Dr. Ada Miller")
    stage.unlocking.failures = 3
    with qtbot.waitSignal(model.refused) as refused:
        model.unlock(account.uid, "no")
    assert isinstance(refused.args[0], ThrottledError)
    qtbot.waitUntil(lambda: model.wait_s > 0)
    assert model.wait_s == 8
    with qtbot.waitSignal(model.wait_changed, timeout=3000) as counted:
        pass
    assert counted.args == [7]


def test_the_recovery_key_sets_a_new_password(
    qtbot: QtBot, stage: Stage, model: SessionModel
) -> None:
    account = stage.unlocking.add("Dr. Ada Miller")
    with qtbot.waitSignal(model.unlocked):
        model.recover(account.uid, RECOVERY_KEY, "another long password")
    assert stage.world.passwords[account.uid] == "another long password"


def test_locking_says_so_before_the_vault_is_closed(
    qtbot: QtBot, stage: Stage, model: SessionModel
) -> None:
    stage.world.account = stage.unlocking.add("Dr. Ada Miller")
    with qtbot.waitSignals([model.locked, model.accounts_loaded]):
        model.lock()
    assert stage.unlocking.account is None


def test_the_strength_says_what_is_missing() -> None:
    assert "15" in judge("", 15).words
    assert judge("a" * 14, 15).words == "1 more character."
    assert judge("four words", 15).words == "5 more characters."
    assert not judge("a" * 20, 15).is_enough
    assert judge(PASSWORD, 15).is_enough


def test_two_groups_of_the_key_are_asked_for_apart_from_each_other() -> None:
    assert len(key_groups(RECOVERY_KEY)) == 6
    assert asked_groups(RECOVERY_KEY) == (1, 4)
    assert asked_groups("ONLY") == (0,)
