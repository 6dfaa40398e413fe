"""What is played of a visit, when nothing may be played, and the shape of its sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pytest
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE, Span
from app.domain.errors import MicrophoneOpenError, SoundGoneError
from app.domain.events import RecordingPaused, RecordingResumed, RecordingStarted
from app.domain.ids import RecordingId, RecordingKeyId, VisitId, new_id
from app.domain.ports import JournalAudio, JournalPort, JournalState, PlayerPort, Playing
from app.domain.store_ports import RecordingRow
from app.workflow.playback import LEAD, LONGEST, Playback, passages
from app.workflow.room import Room
from tests.unit.workflow.conftest import AGREED, VERBAL, Desk

S = SAMPLE_RATE


@dataclass
class Sounds(JournalPort):
    """Each recording holds its number in each sample, from a place on the clock to another."""

    held: dict[RecordingId, tuple[int, int, int]] = field(default_factory=dict)

    @override
    def read(
        self, recording: RecordingId, private_key: bytes, from_sample: int = 0
    ) -> Iterator[JournalAudio]:
        assert len(private_key) == 32
        number, begin, end = self.held[recording]
        for at in range(begin, end, S // 2):
            if at + S // 2 > from_sample:
                start = max(at, from_sample)
                count = at + S // 2 - start
                yield JournalAudio(start, np.full(count, number, "<i2").tobytes())

    @override
    def inspect(self, recording: RecordingId, private_key: bytes) -> JournalState:
        return JournalState(self.held[recording][2], is_closed=False, parts=1)


@dataclass
class Speaker(PlayerPort):
    """Remembers what it was given."""

    played: list[Playing] = field(default_factory=list)
    stops: int = 0
    is_closed: bool = False

    @override
    def play(self, playing: Playing) -> None:
        self.played.append(playing)

    @override
    def stop(self) -> None:
        self.stops += 1

    @override
    def close(self) -> None:
        self.is_closed = True


@dataclass
class Bench:
    desk: Desk
    visit: VisitId
    sounds: Sounds = field(default_factory=Sounds)
    speaker: Speaker = field(default_factory=Speaker)

    def __post_init__(self) -> None:
        desk = self.desk
        room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
        self.playback = Playback(room, self.speaker, lambda _: self.sounds)

    def record(self, number: int, begin_s: int, end_s: int, *, is_open: bool = False) -> None:
        recording = RecordingId(new_id())
        self.sounds.held[recording] = (number, begin_s * S, end_s * S)
        now = datetime.now().astimezone()
        row = RecordingRow(recording, self.visit, RecordingKeyId(new_id()), now)
        ask = self.desk.sessions.current().ask
        self.desk.result(ask(lambda vault: vault.add_recording(row)))
        if not is_open:
            self.desk.result(ask(lambda vault: vault.close_recording(recording, end_s * S)))

    def play(self, *spans: tuple[float, float]) -> list[tuple[float, float, int]]:
        """Play; return start and end in seconds, and the sample's value, of each stretch."""
        wanted = [Span(round(start * S), round(end * S)) for start, end in spans]
        self.desk.result(self.playback.play(self.visit, wanted))
        found: list[tuple[float, float, int]] = []
        for piece in self.speaker.played[-1].pieces:
            values = np.frombuffer(piece.pcm, "<i2")
            start, end = piece.at_sample / S, (piece.at_sample + len(values)) / S
            if found and found[-1][1:] == (start, int(values[0])):
                found[-1] = (found[-1][0], end, found[-1][2])
            else:
                found.append((start, end, int(values[0])))
        return found


@pytest.fixture
def bench(desk: Desk) -> Bench:
    visit = desk.visit()
    desk.result(desk.visiting.grant(visit.id, "Ada Shaw", VERBAL, AGREED))
    made = Bench(desk, visit.id)
    made.record(7, 0, 10)
    return made


LEAD_S = LEAD / S


def test_a_passage_is_played_with_a_lead_and_nothing_more(bench: Bench) -> None:
    assert bench.play((2, 3)) == [(2 - LEAD_S, 3 + LEAD_S, 7)]
    assert bench.speaker.played[0].visit == bench.visit


def test_passages_are_played_in_the_order_of_time_across_recordings(bench: Bench) -> None:
    bench.record(8, 10, 20)
    bench.record(9, 20, 30, is_open=True)
    heard = bench.play((25, 26), (1, 2), (9, 11))
    assert heard == [
        (1 - LEAD_S, 2 + LEAD_S, 7),
        (9 - LEAD_S, 10, 7),
        (10, 11 + LEAD_S, 8),
        (25 - LEAD_S, 26 + LEAD_S, 9),
    ]


def test_what_has_no_sound_is_said_so(bench: Bench) -> None:
    with pytest.raises(SoundGoneError):
        bench.play((40, 41))


def test_nothing_is_played_into_an_open_microphone(bench: Bench) -> None:
    recording = RecordingId(new_id())
    bench.desk.bus.dispatch(RecordingStarted(recording))
    assert bench.speaker.stops == 1
    with pytest.raises(MicrophoneOpenError):
        bench.play((1, 2))
    bench.desk.bus.dispatch(RecordingPaused(recording, 5 * S, is_off_record=False))
    assert bench.play((1, 2))
    bench.desk.bus.dispatch(RecordingResumed(recording, 5 * S))
    assert bench.speaker.stops == 2
    with pytest.raises(MicrophoneOpenError):
        bench.play((1, 2))


def test_a_lock_closes_the_player(bench: Bench) -> None:
    bench.desk.result(bench.desk.unlocking.lock())
    assert bench.speaker.is_closed


def test_the_shape_of_a_visit_is_that_of_its_recordings(bench: Bench) -> None:
    bench.record(16_384, 10, 12)
    samples, peaks = bench.desk.result(bench.playback.outline(bench.visit, S))
    assert samples == 12 * S
    assert peaks == (*[7 / 32_768] * 10, 0.5, 0.5)


def test_a_visit_without_sound_has_no_shape(bench: Bench) -> None:
    other = bench.desk.visit("Other")
    assert bench.desk.result(bench.playback.outline(other.id, S)) == (0, ())


def test_passages_join_where_they_meet_and_end_after_half_a_minute() -> None:
    assert passages([Span(S, 2 * S), Span(2 * S, 3 * S)]) == (Span(S - LEAD, 3 * S + LEAD),)
    long = passages([Span(0, 20 * S), Span(60 * S, 90 * S), Span(200 * S, 201 * S)])
    assert sum(each.end - each.start for each in long) == LONGEST
    assert len(long) == 2
