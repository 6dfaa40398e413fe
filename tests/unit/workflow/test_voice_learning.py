"""Who asks for a voice to be learned gets an answer, whatever happens."""

from __future__ import annotations

from typing import cast

import pytest

from app.domain.errors import LockedError
from app.domain.events import VoiceEnrolled
from app.workflow.room import Room
from app.workflow.transcribing import Transcribing
from app.workflow.voice_learning import VoiceLearner
from tests.unit.workflow.conftest import Desk


class _Asked:
    """The part of Transcribing that is used."""

    def __init__(self) -> None:
        self.wishes: list[bytes] = []

    def enroll(self, pcm: bytes) -> None:
        self.wishes.append(pcm)


@pytest.fixture
def asked() -> _Asked:
    return _Asked()


@pytest.fixture
def learner(desk: Desk, asked: _Asked) -> VoiceLearner:
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    return VoiceLearner(room, cast("Transcribing", asked))


def test_a_voice_is_handed_to_who_asked(desk: Desk, asked: _Asked, learner: VoiceLearner) -> None:
    future = learner.learn(b"sound")
    desk.inbox.run_until(lambda: bool(asked.wishes), timeout_s=9)
    desk.bus.dispatch(VoiceEnrolled(b"voice", 9.0))
    assert future.result(0).voiceprint == b"voice"


def test_nobody_waits_for_a_voice_behind_a_lock(
    desk: Desk, asked: _Asked, learner: VoiceLearner
) -> None:
    future = learner.learn(b"sound")
    desk.inbox.run_until(lambda: bool(asked.wishes), timeout_s=9)
    desk.sessions.set(None)
    with pytest.raises(LockedError):
        future.result(0)
    late = learner.learn(b"more")
    desk.inbox.run_until(late.done, timeout_s=9)
    assert isinstance(late.exception(0), LockedError)
    assert asked.wishes == [b"sound"]
