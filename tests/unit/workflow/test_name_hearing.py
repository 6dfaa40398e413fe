"""Doubtful words are heard again when there is time, and what comes of it stays in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from app.clinical.second_names import passage
from app.clinical.suggestions import Suggester
from app.domain.audio import SAMPLE_RATE, Span
from app.domain.events import HeardAgain, NamesHeard, VisitAdvanced
from app.domain.ids import SegmentId, WordId
from app.domain.ports import JournalAudio
from app.domain.transcript import Segment, Suggestion
from app.domain.visit import VisitState
from app.workflow.name_hearing import NameHearing, NameHearingSetup, Place, joined
from app.workflow.room import Room
from app.workflow.transcribing import Transcribing
from tests.unit.clinical.spoken_forms import words
from tests.unit.workflow.conftest import AGREED, VERBAL, Desk
from tests.unit.workflow.test_playback import Bench

LEXICONS = Path(__file__).parents[3] / "resources/lexicons"
NOW = "we started her on prom thosine last month"


@dataclass
class Asked:
    """The part of Transcribing that is used."""

    model: str | None = "tiny"
    wishes: list[tuple[bytes, tuple[str, ...]]] = field(default_factory=list)

    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> bool:
        assert language == "en"
        self.wishes.append((pcm, names))
        return True


class Table:
    """A visit with ten seconds of sound, in which a drug was heard wrong."""

    def __init__(self, desk: Desk, suggester: Suggester) -> None:
        self.desk = desk
        self.visit = desk.visit().id
        desk.result(desk.visiting.grant(self.visit, "Ada Shaw", VERBAL, AGREED))
        sounds = Bench(desk, self.visit)
        sounds.record(7, 0, 10)
        self.suggester = suggester
        self.asked = Asked()
        self.is_idle = True
        self.told: list[NamesHeard] = []
        room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
        setup = NameHearingSetup(lambda: suggester, lambda _: sounds.sounds, lambda: self.is_idle)
        self.hearing = NameHearing(room, cast("Transcribing", self.asked), setup)
        desk.bus.subscribe(NamesHeard, self.told.append)

    def look(self, language: str = "en") -> tuple[Suggestion, ...]:
        found = self.hearing.improved(Place(self.visit, said(), (), language), ())
        self.desk.result(self.desk.pool.submit(lambda: None))  # what was posted is taken
        return found

    def wait(self, count: int = 1) -> None:
        self.desk.inbox.run_until(lambda: len(self.asked.wishes) == count, timeout_s=9)

    def answer(self, text: str) -> None:
        heard = tuple(replace(each, id=WordId(f"a.{each.id}")) for each in words(text, 0.3))
        self.desk.bus.dispatch(HeardAgain(heard))
        self.desk.inbox.run_until(lambda: bool(self.told), timeout_s=9)


def said() -> Segment:
    text = "we started her on prom is in last month"
    found = tuple(
        replace(each, probability=0.3 if each.text in {"prom", "is", "in"} else 0.97)
        for each in words(text)
    )
    return Segment(SegmentId("s1"), text, start=0, end=found[-1].end, words=found)


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester.load(LEXICONS)


@pytest.fixture
def table(desk: Desk, suggester: Suggester) -> Table:
    return Table(desk, suggester)


def test_a_doubtful_passage_is_heard_again_and_then_suggests_its_drug(table: Table) -> None:
    assert table.look() == ()
    table.wait()
    ((pcm, names),) = table.asked.wishes
    (doubt,) = table.suggester.doubts(said())
    span = passage(said(), doubt)
    assert names == doubt.names
    assert np.array_equal(np.frombuffer(pcm, "<i2"), np.full(span.end - span.start, 7))
    table.answer(NOW)
    assert table.told == [NamesHeard(table.visit)]
    (found,) = table.look()
    assert "promethazine" in found.candidates[:3]
    assert len(table.asked.wishes) == 1


def test_nobody_is_asked_while_something_else_is_to_be_done(table: Table) -> None:
    table.is_idle = False
    assert table.look() == ()
    table.desk.bus.dispatch(VisitAdvanced(table.visit, VisitState.IN_REVIEW))
    assert table.told == []
    table.is_idle = True
    table.desk.bus.dispatch(VisitAdvanced(table.visit, VisitState.IN_REVIEW))
    table.desk.inbox.run_until(lambda: bool(table.told), timeout_s=9)
    table.look()
    table.wait()


def test_what_was_asked_for_waits_for_a_model(table: Table) -> None:
    table.asked.model = None
    table.look()
    table.desk.bus.dispatch(VisitAdvanced(table.visit, VisitState.IN_REVIEW))
    assert table.asked.wishes == []


def test_names_are_looked_for_in_english_alone(table: Table) -> None:
    assert table.look("de") == ()
    assert table.asked.wishes == []


def test_a_passage_whose_child_died_is_not_asked_again(table: Table) -> None:
    table.look()
    table.wait()
    table.desk.bus.dispatch(HeardAgain(None))
    table.desk.inbox.run_until(lambda: bool(table.told), timeout_s=9)
    assert table.look() == ()
    assert len(table.asked.wishes) == 1


def test_nothing_heard_again_is_left_behind_a_lock(table: Table) -> None:
    table.look()
    table.wait()
    table.answer(NOW)
    session = table.desk.sessions.current()
    table.desk.sessions.set(None)
    table.desk.sessions.set(session)
    assert table.look() == ()
    table.wait(2)


def test_sound_that_nobody_has_is_silent() -> None:
    blocks = [JournalAudio(8, b"\x01\x00" * 4), JournalAudio(14, b"\x02\x00" * 8)]
    found = np.frombuffer(joined(blocks, Span(10, 18)), "<i2")
    assert found.tolist() == [1, 1, 0, 0, 2, 2, 2, 2]
    assert len(joined([], Span(0, SAMPLE_RATE))) // 2 == SAMPLE_RATE
