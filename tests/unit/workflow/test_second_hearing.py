"""What a second decode may change by itself, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.clinical.written import write
from app.domain.audio import SAMPLE_RATE
from app.domain.errors import NotFoundError
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import (
    Difference,
    RevisionCause,
    Segment,
    SpeakerRole,
    Transcript,
    Word,
)
from app.workflow.second_hearing import accepted, compared

STEP = SAMPLE_RATE // 4


def words(at_s: float, text: str, name: str) -> tuple[Word, ...]:
    """Return words of a quarter second each, without pauses."""
    at = round(at_s * SAMPLE_RATE)
    return tuple(
        Word(WordId(f"{name}.{i}"), each, at + i * STEP, at + (i + 1) * STEP, 0.8)
        for i, each in enumerate(text.split())
    )


def said(number: int, at_s: float, text: str) -> Segment:
    found = words(at_s, text, f"w{number}")
    written, forms = write(found)
    return Segment(
        SegmentId(f"s{number:04d}"), written, SpeakerRole.PATIENT, 0.8,
        found[0].start, found[-1].end, found, forms,
    )  # fmt: skip


def heard(*turns: tuple[float, str]) -> tuple[Word, ...]:
    return tuple(
        word for i, (at_s, text) in enumerate(turns) for word in words(at_s, text, f"h{i}")
    )


def differences(segments: Sequence[Segment], *turns: tuple[float, str]) -> list[tuple[str, str]]:
    found = compared(segments, heard(*turns))
    assert found.segments == ()
    return [(each.before, each.after) for each in found.differences]


def test_the_same_words_change_nothing() -> None:
    segments = (said(1, 1, "I feel dizzy."), said(2, 5, "Since when?"))
    found = compared(segments, heard((1.1, "I feel dizzy."), (5, "Since when?")))
    assert found == compared((), ())


def test_formatting_is_taken_over_and_on_record() -> None:
    segment = said(1, 1, "i feel dizzy today")
    found = compared((segment,), heard((1, "I feel dizzy today.")))
    assert found.differences == ()
    assert [each.text for each in found.segments] == ["I feel dizzy today."]
    assert {each.cause for each in found.revisions} == {RevisionCause.SECOND_PASS}
    assert {each.segment for each in found.revisions} == {segment.id}
    assert [each.id for each in found.segments[0].words] == [each.id for each in segment.words]


def test_another_dose_waits_for_a_person() -> None:
    segment = said(1, 1, "I take fifty milligrams of metoprolol.")
    (found,) = compared(
        (segment,), heard((1, "I take fifteen milligrams of metoprolol."))
    ).differences
    assert (found.segment, found.before, found.after) == (segment.id, "fifty", "fifteen")
    assert (found.start, found.end) == (segment.words[2].start, segment.words[2].end)


def test_a_lost_negation_waits_for_a_person_with_the_word_beside_it() -> None:
    segment = said(1, 1, "I have chest pain.")
    assert differences((segment,), (1, "I have no chest pain.")) == [("have", "have no")]


def test_words_that_only_the_first_decode_heard_wait_for_a_person() -> None:
    segment = said(1, 1, "I take aspirin penicillin daily")
    assert differences((segment,), (1, "I take aspirin daily")) == [("penicillin", "")]


def test_a_turn_that_the_first_decode_lost_is_shown_where_it_was_said() -> None:
    segments = (said(1, 1, "Any allergies?"), said(2, 9, "Good."))
    found = compared(
        segments, heard((1, "Any allergies?"), (4, "Yes, penicillin."), (9, "Good."))
    ).differences
    assert [(each.before, each.after) for each in found] == [("", "Yes, penicillin.")]
    assert found[0].start == 4 * SAMPLE_RATE


def test_what_a_person_wrote_stays() -> None:
    segments = (said(1, 1, "I take fifty milligrams"), said(2, 5, "i take forty milligrams"))
    found = compared(
        segments,
        heard((1, "I take fifteen milligrams"), (5, "I take fourteen milligrams.")),
        frozenset(each.id for each in segments),
    )
    assert found == compared((), ())


def test_a_difference_across_two_turns_becomes_one_for_each() -> None:
    segments = (said(1, 1, "take fifty"), said(2, 1.5, "sixty drops"))
    found = compared(segments, heard((1, "take fifteen sixteen drops"))).differences
    assert [(each.segment, each.before, each.after) for each in found] == [
        (segments[0].id, "fifty", "fifteen"),
        (segments[1].id, "sixty", "sixteen"),
    ]


def test_an_accepted_difference_is_written_and_a_person_answers_for_it() -> None:
    segment = said(1, 1, "I take fifty milligrams of metoprolol.")
    (difference,) = compared(
        (segment,), heard((1, "I take fifteen milligrams of metoprolol."))
    ).differences
    changed, revision = accepted(Transcript((segment,)), difference)
    assert changed.text == "I take 15 mg of metoprolol."
    assert changed.id == segment.id
    assert changed.role is segment.role
    assert (revision.before, revision.after) == ("fifty", "fifteen")
    assert revision.cause is RevisionCause.PERSON


def test_an_accepted_turn_becomes_a_segment_of_its_own() -> None:
    segments = (said(1, 1, "Any allergies?"), said(12, 9, "Good."))
    found = heard((1, "Any allergies?"), (4, "Yes, penicillin."), (9, "Good."))
    (difference,) = compared(segments, found).differences
    added, revision = accepted(Transcript(segments), difference)
    assert (added.id, added.text) == ("s0013", "Yes, penicillin.")
    assert (added.start, added.end) == (difference.start, difference.end)
    assert revision.words == tuple(word.id for word in added.words)
    assert revision.before == ""


def test_a_difference_whose_words_are_others_by_now_is_refused() -> None:
    segment = said(1, 1, "I take fifty milligrams")
    (difference,) = compared((segment,), heard((1, "I take fifteen milligrams"))).differences
    edited = replace(segment, words=words(1, "I take sixty milligrams", "w1"))
    for transcript in (Transcript((edited,)), Transcript()):
        with pytest.raises(NotFoundError):
            accepted(transcript, difference)


def test_the_right_one_of_two_equal_words_is_changed() -> None:
    segment = said(1, 1, "fifty in the morning and fifty at night")
    second = segment.words[5]
    difference = Difference(segment.id, second.start, second.end, "fifty", "fifteen")
    changed, _ = accepted(Transcript((segment,)), difference)
    assert changed.spoken == "fifty in the morning and fifteen at night"
