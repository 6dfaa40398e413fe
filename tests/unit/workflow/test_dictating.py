"""A dictated note is what was said, in its sections, and nothing a model wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from app.clinical.dictation import Action, Names, Utterance, read
from app.domain.audio import SAMPLE_RATE
from app.domain.draft import Owner, Support
from app.domain.events import DictationChanged, SegmentFinished, TranscriptEdited
from app.domain.ids import SegmentId, TemplateId, VisitId, WordId
from app.domain.transcript import Segment, Word
from app.domain.vocabulary import Macro, Replacement, Vocabulary
from app.workflow.dictating import Dictating, Growing, dictated, dictated_draft
from app.workflow.drafts import empty_draft
from app.workflow.room import Room
from app.workflow.transcribing import Transcribing
from tests.unit.workflow.conftest import Desk

HEADINGS = (("subjective", "Subjective"), ("objective", "Objective"), ("plan", "Plan"))


def spoken(*utterances: str) -> list[Segment]:
    """Return utterances with a second of silence between them, five words a second."""
    segments, at = [], 0
    for number, text in enumerate(utterances, 1):
        words = []
        for i, each in enumerate(text.split()):
            words.append(Word(WordId(f"w{number}.{i}"), each, at, at + SAMPLE_RATE // 5))
            at += SAMPLE_RATE // 5
        segments.append(
            Segment(
                SegmentId(f"s{number:04d}"),
                text,
                start=words[0].start,
                end=words[-1].end,
                words=tuple(words),
            )
        )
        at += SAMPLE_RATE
    return segments


def texts(*utterances: str, taught: Vocabulary | None = None) -> dict[str, str]:
    note = dictated(spoken(*utterances), HEADINGS, taught or Vocabulary())
    return {each.key: each.text for each in note.fields}


def test_commands_move_between_sections_and_take_back() -> None:
    found = texts(
        "Headache for three weeks.",
        "Go to plan.",
        "Start ibuprofen.",
        "Scratch that.",
        "Start naproxen five hundred milligrams.",
    )
    assert found["subjective"] == "Headache for three weeks."
    assert found["plan"] == "Start naproxen 500 mg."
    assert found["objective"] == ""


def test_what_the_clinician_taught_is_written() -> None:
    taught = Vocabulary((), (Replacement("nigh ha", "NYHA"),), (Macro("lungs", "Clear."),))
    found = texts("Heart failure nigh ha two.", "Go to objective.", "Insert lungs.", taught=taught)
    assert "NYHA" in found["subjective"]
    assert found["objective"] == "Clear."


def test_the_draft_is_the_clinicians_own_sentence_by_sentence() -> None:
    blank = empty_draft(
        VisitId("v"), datetime(2026, 1, 1, tzinfo=UTC), TemplateId("soap"), HEADINGS
    )
    segments = spoken("No fever. No cough.", "Next field.", "Temperature is normal.")
    draft = dictated_draft(blank, segments, Vocabulary())
    assert [(each.key, [claim.text for claim in each.claims]) for each in draft.sections] == [
        ("subjective", ["No fever.", "No cough."]),
        ("objective", ["Temperature is normal."]),
        ("plan", []),
    ]
    assert {claim.owner for claim in draft.claims} == {Owner.CLINICIAN}
    assert {claim.support for claim in draft.claims} == {Support.CLINICIAN}


def test_a_note_that_grows_reads_as_one_told_at_once() -> None:
    segments = spoken("No fever.", "Go to plan.", "Start", "naproxen.", "Scratch that.", "Rest.")
    moved = 9 * SAMPLE_RATE // 10  # "Go to plan" ends where the next one begins
    segments[2:] = [
        replace(
            each,
            start=each.start - moved,
            end=each.end - moved,
            words=tuple(
                replace(word, start=word.start - moved, end=word.end - moved) for word in each.words
            ),
        )
        for each in segments[2:]
    ]
    growing = Growing(HEADINGS, Vocabulary())
    for count, each in enumerate(segments, 1):
        growing.add(each)
        assert growing.note == dictated(segments[:count], HEADINGS, Vocabulary())


@dataclass
class _Dictated:
    """The one property of Transcribing that is asked for."""

    dictated: VisitId | None


def test_a_segment_costs_no_replay_and_nothing_stays_behind_a_lock(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[object] = []

    def counted(utterance: Utterance, names: Names) -> tuple[Action, ...]:
        reads.append(utterance)
        return read(utterance, names)

    monkeypatch.setattr("app.workflow.dictating.read", counted)
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    visit = desk.visit().id
    made = Dictating(room, cast("Transcribing", _Dictated(visit)), lambda _: HEADINGS)
    told: list[DictationChanged] = []
    desk.bus.subscribe(DictationChanged, told.append)
    segments = spoken(*["No fever."] * 30)
    for each in segments:
        desk.bus.dispatch(SegmentFinished(each))
    assert len(reads) < 2 * len(segments)
    desk.bus.dispatch(TranscriptEdited(visit, gone=tuple(each.id for each in segments[1:])))
    desk.inbox.run_until(lambda: bool(told) and told[-1].sections[0][1] == "No fever.", timeout_s=9)
    desk.sessions.set(None)
    assert (made._visit, made._segments, made._growing.note.fields[0].text) == (None, [], "")


def told_live(desk: Desk, *segments: Segment) -> tuple[DictationChanged, VisitId]:
    """Return what the window shows after these segments became final, one after the other."""
    room = Room(desk.bus, desk.inbox, desk.sessions, desk.pool, desk.policy)
    visit = desk.visit().id
    made = Dictating(room, cast("Transcribing", _Dictated(visit)), lambda _: HEADINGS)
    told: list[DictationChanged] = []
    desk.bus.subscribe(DictationChanged, told.append)
    for each in segments:
        desk.bus.dispatch(SegmentFinished(each))
    desk.inbox.run_until(lambda: any(each.visit == visit for each in told), timeout_s=9)
    del made  # held until here
    return [each for each in told if each.visit == visit][-1], visit


def test_a_command_that_comes_again_as_the_same_segment_acts_once(desk: Desk) -> None:
    segments = spoken("She has a cough.", "It is worse at night.", "Scratch that.")
    told, _ = told_live(desk, *segments, replace(segments[-1], text="scratch that"))
    assert told.sections[0] == ("subjective", "She has a cough.")


def test_a_command_that_comes_again_in_another_segment_of_the_same_sound_acts_once(
    desk: Desk,
) -> None:
    *before, command = spoken("She has a cough.", "It is worse at night.", "Scratch that.")
    words = tuple(
        replace(word, id=WordId(f"again{i}"), start=word.start + 800, end=word.end + 800)
        for i, word in enumerate(command.words)
    )
    again = replace(
        command, id=SegmentId("s0099"), words=words, start=words[0].start, end=words[-1].end
    )
    told, visit = told_live(desk, *before, command, again)
    assert told.sections[0] == ("subjective", "She has a cough.")
    blank = empty_draft(visit, datetime(2026, 1, 1, tzinfo=UTC), TemplateId("soap"), HEADINGS)
    draft = dictated_draft(blank, [*before, command, again], Vocabulary())
    assert [each.text for each in draft.claims] == ["She has a cough."]


def test_undo_that_brings_back_what_two_commands_took(desk: Desk) -> None:
    segments = spoken(
        "She has a cough.", "It is worse at night.", "Scratch that.", "Scratch that.", "Undo that."
    )
    told, _ = told_live(desk, *segments[:4])
    assert told.sections[0] == ("subjective", "")
    told, _ = told_live(desk, *segments)
    assert told.sections[0] == ("subjective", "She has a cough. It is worse at night.")
