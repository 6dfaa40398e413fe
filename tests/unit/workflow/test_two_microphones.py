"""Clinician and patient have a microphone each: the louder one says who speaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from app.audio.journal import JournalReader
from app.domain.audio import SAMPLE_RATE, Level, Sides
from app.domain.events import LevelMeasured, RolesFound, SegmentFinished
from app.domain.ids import RecordingId, SegmentId, VisitId
from app.domain.policy import Policy
from app.domain.transcript import RoleFound, Segment, SpeakerRole
from app.domain.visit import ConsentManner, Person
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.jobs import Pool
from app.workflow.listening import Listening
from app.workflow.room import Room
from app.workflow.session import Sessions
from app.workflow.transcribing import SpeechSetup, Transcribing
from app.workflow.two_microphones import TwoMicrophones
from tests.unit.workflow.conftest import Desk
from tests.unit.workflow.test_listening import DeafSpeech, Recorder, no_model


def _nothing() -> None:
    """Work that is done at once."""


VISIT = VisitId("v1")
RECORDING = RecordingId("r1")
STEP = SAMPLE_RATE // 20
CLINICIAN, PATIENT = SpeakerRole.CLINICIAN, SpeakerRole.PATIENT


@dataclass
class Talk:
    """A recording of two microphones; the clinician's is channel 1."""

    room: Room
    inbox: Inbox
    second: int = 0
    channels: int = 2
    roles: dict[str, tuple[SpeakerRole, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        TwoMicrophones(
            self.room, lambda _: (VISIT, 1) if self.channels == 2 else None, lambda: VISIT
        )
        self.room.bus.subscribe(RolesFound, self._on_roles)

    def say(self, name: str, left_dbfs: float, right_dbfs: float, role: SpeakerRole) -> None:
        """One second of talk, the levels of both channels, and what voices made of it."""
        start = self.second * SAMPLE_RATE
        for at in range(start, start + SAMPLE_RATE, STEP):
            for channel, rms in enumerate((left_dbfs, right_dbfs)):
                level = Level(rms + 12, rms, channel=channel)
                self.inbox.publish(LevelMeasured(RECORDING, level, at))
        segment = Segment(
            SegmentId(name),
            "Yes.",
            role=role,
            role_confidence=0.6,
            start=start + STEP,
            end=start + SAMPLE_RATE - STEP,
        )
        self.roles[name] = (role, 0.6)
        self.inbox.publish(SegmentFinished(segment))
        self.second += 2
        self.serve()

    def restate(self, name: str, role: SpeakerRole, confidence: float) -> None:
        """Voices say it again at the end, or a person does."""
        found = RoleFound(SegmentId(name), role, confidence)
        self.inbox.publish(RolesFound((found,)))
        self.serve()

    def serve(self) -> None:
        over: list[object] = []
        self.inbox.deliver(self.room.pool.submit(_nothing), self, over.append, over.append)
        self.inbox.run_until(lambda: bool(over), timeout_s=10)

    def _on_roles(self, event: RolesFound) -> None:
        self.roles |= {each.segment: (each.role, each.role_confidence) for each in event.roles}


@pytest.fixture
def talk() -> Iterator[Talk]:
    bus, pool = Bus(), Pool()
    inbox = Inbox(bus.dispatch)
    yield Talk(Room(bus, inbox, Sessions(), pool, Policy()), inbox)
    pool.close()


def test_the_person_of_the_louder_microphone_speaks(talk: Talk) -> None:
    talk.say("s1", -40, -28, PATIENT)
    talk.say("s2", -27, -41, CLINICIAN)
    assert [role for role, _ in talk.roles.values()] == [CLINICIAN, PATIENT]
    assert all(sure > 0.9 for _, sure in talk.roles.values())


def test_a_microphone_that_is_turned_up_does_not_win_each_time(talk: Talk) -> None:
    talk.say("s1", -20, -30, PATIENT)  # the patient
    talk.say("s2", -26, -25, PATIENT)  # the clinician, hardly louder in the own one
    for n in range(3, 7):
        talk.say(f"s{n}", *((-20, -30) if n % 2 else (-27, -25)), SpeakerRole.UNKNOWN)
    assert [talk.roles[f"s{n}"][0] for n in (3, 4, 5, 6)] == [PATIENT, CLINICIAN] * 2


def test_where_both_are_equally_loud_the_voice_decides(talk: Talk) -> None:
    talk.say("s1", -30, -30, PATIENT)
    assert talk.roles == {"s1": (PATIENT, 0.6)}


def test_one_microphone_tells_nothing(talk: Talk) -> None:
    talk.channels = 1
    talk.say("s1", -40, -20, PATIENT)
    assert talk.roles == {"s1": (PATIENT, 0.6)}


def test_the_microphone_outweighs_the_voice_and_not_a_person(talk: Talk) -> None:
    talk.say("s1", -40, -28, PATIENT)
    talk.restate("s1", PATIENT, 0.9)
    assert talk.roles["s1"][0] is CLINICIAN
    talk.restate("s1", PATIENT, 1.0)
    assert talk.roles["s1"] == (PATIENT, 1.0)


def test_a_recording_has_two_channels_where_two_microphones_are_set(desk: Desk) -> None:
    """Dictation has one: one person dictates."""
    assert _kept(desk, "one") == (1, None)
    assert _kept(desk, "left") == (2, 0)
    assert _kept(desk, "right") == (2, 1)
    assert _kept(desk, "right", is_dictation=True) == (1, None)


def _kept(desk: Desk, sides: Sides, *, is_dictation: bool = False) -> tuple[int, int | None]:
    """Return the channels of a recording, and the clinician's."""
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    setup = SpeechSetup(
        DeafSpeech(), JournalReader, no_model, lambda: None, lambda *_: None, lambda _: None
    )
    recorder = Recorder(desk)
    listening = Listening(room, recorder, Transcribing(room, setup))
    visit = desk.visit()
    present = (Person("patient", agreed=True),)
    granted = desk.result(desk.visiting.grant(visit.id, "Dr. Ash", ConsentManner.VERBAL, present))
    recording = desk.result(listening.start(granted, "", sides, is_dictation=is_dictation))
    found = listening.clinician(recording)
    assert found is None or found[0] == visit.id
    return recorder.plans[0].channels, found[1] if found is not None else None
