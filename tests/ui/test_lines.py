"""Lines and pieces of a transcript: order, names, and what a word was before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.audio import GapReason, Stretch, StretchKind
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import (
    Difference,
    Revision,
    RevisionCause,
    Segment,
    SpeakerRole,
    Suggestion,
    Word,
    WrittenForm,
)
from app.ui.viewmodels.lines import (
    Offer,
    arrange,
    length_words,
    pieces,
    speaker_words,
    stretch_words,
)

SECOND = 16_000


def said(number: int, text: str, at_s: float, role: SpeakerRole = SpeakerRole.PATIENT) -> Segment:
    start = int(at_s * SECOND)
    words = tuple(
        Word(WordId(f"{number}.{place}"), each, start + place * 100, start + place * 100 + 90, 0.9)
        for place, each in enumerate(text.split())
    )
    end = start + len(words) * 100
    return Segment(SegmentId(str(number)), text, role, 0.9, start, end, words)


def stretch(kind: StretchKind, at_s: float, length_s: float = 0) -> Stretch:
    reason = GapReason.DEVICE if kind is StretchKind.GAP else None
    return Stretch(int(at_s * SECOND), int((at_s + length_s) * SECOND), kind, reason)


def test_what_lies_between_stands_where_its_time_is() -> None:
    first, second = said(1, "yes", 1), said(2, "no", 10)
    gap, mark, late = (
        stretch(StretchKind.GAP, 5, 4),
        stretch(StretchKind.BOOKMARK, 5),
        stretch(StretchKind.PAUSE, 20),
    )
    lines = arrange([first, second], [late, gap, mark], {}, {})
    assert [each.segment or each.stretch for each in lines] == [first, gap, mark, second, late]


def test_an_offer_stands_below_its_line() -> None:
    line = said(1, "I take apropastatin", 1)
    offer = Offer(line.id, (WordId("1.2"),), "apropastatin", ("atorvastatin",))
    lines = arrange([line, said(2, "yes", 2)], [], {line.id: (offer,)}, {})
    assert [each.offer for each in lines] == [None, offer, None]


def test_the_speaker_is_named_once_a_turn_and_again_after_a_gap() -> None:
    segments = [said(number, "yes", number) for number in range(1, 5)]
    segments[1] = replace(segments[1], role=SpeakerRole.CLINICIAN)
    lines = arrange(segments, [stretch(StretchKind.GAP, 3.5, 0.2)], {}, {})
    turns = [each.is_turn for each in lines if each.segment is not None]
    assert turns == [True, True, True, True]
    calm = arrange(segments, [stretch(StretchKind.BOOKMARK, 3.5)], {}, {})
    assert [each.is_turn for each in calm if each.segment is not None] == [True, True, True, False]


def test_imported_text_without_times_keeps_its_order() -> None:
    segments = [Segment(SegmentId("1"), "one"), Segment(SegmentId("2"), "two")]
    lines = arrange(segments, [stretch(StretchKind.GAP, 0, 1)], {}, {})
    assert [each.segment for each in lines] == [*segments, None]


@pytest.mark.parametrize(
    ("role", "confidence", "speaker", "words"),
    [
        (SpeakerRole.CLINICIAN, 0.9, "A", "Clinician"),
        (SpeakerRole.PATIENT, 0.4, "B", "Patient?"),
        (SpeakerRole.UNKNOWN, 0.0, "A", "Speaker A"),
        (SpeakerRole.UNKNOWN, 0.0, "", "Speaker"),
    ],
)
def test_a_speaker_is_named_as_surely_as_it_is_known(
    role: SpeakerRole, confidence: float, speaker: str, words: str
) -> None:
    segment = Segment(SegmentId("1"), "yes", role, confidence, speaker=speaker)
    assert speaker_words(segment) == words


@pytest.mark.parametrize(
    ("stretch", "words"),
    [
        (stretch(StretchKind.GAP, 1, 4), "4 s missing: the microphone was unplugged"),
        (stretch(StretchKind.GAP, 1), "Sound is missing: the microphone was unplugged"),
        (stretch(StretchKind.INAUDIBLE, 1, 3), "[inaudible 3 s]"),
        (stretch(StretchKind.OFF_RECORD, 1), "Off the record"),
        (stretch(StretchKind.PAUSE, 1), "Paused"),
        (stretch(StretchKind.BOOKMARK, 1), "Bookmark"),
        (Stretch(0, SECOND, StretchKind.GAP), "1 s missing: nobody knows why"),
    ],
)
def test_a_stretch_says_what_happened(stretch: Stretch, words: str) -> None:
    assert stretch_words(stretch) == words


def test_every_reason_of_a_gap_has_words() -> None:
    for reason in GapReason:
        assert stretch_words(Stretch(0, SECOND, StretchKind.GAP, reason)).startswith("1 s missing")


def test_a_length_is_never_nothing() -> None:
    assert (length_words(0.1), length_words(59), length_words(72)) == ("1 s", "59 s", "1 min 12 s")


def test_written_forms_stand_for_the_words_that_were_said() -> None:
    segment = replace(
        said(1, "It is one thirty over eighty today.", 1),
        text="It is 130/80 today.",
        forms=(WrittenForm(2, 4, "130/80"),),
    )
    found = pieces(segment)
    assert [each.text for each in found] == ["It", "is", "130/80", "today."]
    assert (found[2].first, found[2].length, found[2].spoken) == (2, 4, "one thirty over eighty")


def test_forms_that_do_not_make_the_text_are_not_trusted() -> None:
    segment = replace(said(1, "one two three", 1), text="1, 2, 3", forms=(WrittenForm(0, 1, "1,"),))
    assert [each.text for each in pieces(segment)] == ["1, 2, 3"]
    assert pieces(segment)[0].length == 3


def test_a_changed_word_keeps_what_it_was_before() -> None:
    segment = said(1, "my left knee", 1)
    words = (WordId("1.1"),)
    first = Revision(words, "right", "left", RevisionCause.FINAL)
    again = Revision(words, "left", "left", RevisionCause.PERSON)
    assert [each.before for each in pieces(segment, (first, again))] == ["", "right", ""]


def test_text_without_words_is_one_piece() -> None:
    assert [each.length for each in pieces(Segment(SegmentId("1"), "typed text"))] == [0]


def test_offers_are_told_apart() -> None:
    suggestion = Suggestion(SegmentId("1"), (WordId("1.0"),), "a", ("b",))
    difference = Difference(SegmentId("1"), 0, 5, "a", "b")
    first = Offer(suggestion.segment, suggestion.words, "a", ("b",))
    second = Offer(difference.segment, (), "a", ("b",), difference)
    assert first.key != second.key


@pytest.mark.parametrize(
    ("revisions", "words"),
    [
        ((), "[no words]"),
        (
            (Revision((WordId("1.0"),), "Um.", "", RevisionCause.SECOND_PASS, SegmentId("1")),),
            "[heard again, no words: Um.]",
        ),
        (
            (
                Revision((WordId("1.0"),), "thanks for", "", RevisionCause.FINAL, SegmentId("1")),
                Revision((WordId("1.1"),), "watching", "", RevisionCause.PERSON, SegmentId("1")),
            ),
            "[taken out: thanks for watching]",
        ),
    ],
)
def test_a_line_that_lost_all_its_words_says_what_happened(
    revisions: tuple[Revision, ...], words: str
) -> None:
    empty = replace(said(1, "Um.", 1), text="", words=())
    (piece,) = pieces(empty, revisions)
    assert (piece.text, piece.is_remark, piece.length) == (words, True, 0)
    (imported,) = pieces(replace(empty, text="imported"), ())
    assert (imported.text, imported.is_remark) == ("imported", False)
