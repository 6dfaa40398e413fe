"""Words keep their ids, changes are told with them, and the lag counts what was never fed."""

from __future__ import annotations

from typing import Any

from app.domain.audio import SAMPLE_RATE, Span
from app.domain.events import (
    RolesFound,
    SegmentFinished,
    SpeechProgressed,
    SpeechUnheard,
    WordsCommitted,
    WordsRevised,
)
from app.domain.ports import SpeechPlan
from app.domain.transcript import Revision, RevisionCause, SpeakerRole
from app.domain.vocabulary import Replacement
from app.engines.speech_session import Session

Row = list[Any]


def rows(text: str, first: int = 1) -> list[Row]:
    return [
        [first + i, word, 8_000 * i, 8_000 * i + 6_000, 0.9] for i, word in enumerate(text.split())
    ]


def final(words: list[Row], *revised: Row, **more: object) -> dict[str, Any]:
    return {"words": words, "revised": list(revised), **more}


def test_a_change_is_told_before_the_segment_that_holds_it() -> None:
    session = Session(SpeechPlan())
    (committed,) = session.committed({"words": rows("take a tour")})
    assert isinstance(committed, WordsCommitted)
    assert [word.id for word in committed.words] == ["w1", "w2", "w3"]
    revised, finished = session.final(
        final(
            [rows("Take")[0], [2, "atorvastatin", 8_000, 30_000, 0.7]], [[2, 3], "a tour", "ator"]
        )
    )
    assert revised == WordsRevised(
        (Revision(("w2", "w3"), "a tour", "ator", RevisionCause.FINAL, "s0001"),)  # type: ignore[arg-type]  # ids
    )
    assert isinstance(finished, SegmentFinished)
    assert [word.id for word in finished.segment.words] == ["w1", "w2"]


def test_words_that_were_not_said_are_told_without_a_segment() -> None:
    session = Session(SpeechPlan())
    list(session.committed({"words": rows("thanks")}))
    (event,) = session.final(final([], [[1], "thanks", ""]))
    assert isinstance(event, WordsRevised)
    assert event.revisions[0].segment is None
    assert session.opening(2)["told"] == []


def test_the_next_child_is_told_what_no_segment_holds_yet() -> None:
    session = Session(SpeechPlan(at_sample=100))
    assert session.opening(1)["at_sample"] == 100
    list(session.committed({"words": rows("one two three four")}))
    list(session.final(final(rows("one two"))))
    fields = session.opening(2)
    assert [row[:2] for row in fields["told"]] == [[3, "three"], [4, "four"]]
    assert fields["last_word"] == 4
    assert fields["at_sample"] == 14_000
    assert list(session.committed({"words": rows("one two three four")[2:]})) == []


def test_ids_go_on_behind_those_of_an_earlier_part() -> None:
    session = Session(SpeechPlan(first_segment=8))
    (event,) = session.final(final(rows("yes")))
    assert isinstance(event, SegmentFinished)
    assert (event.segment.id, event.segment.words[0].id) == ("s0008", "w8.1")


def test_numbers_are_written_and_the_spoken_words_kept() -> None:
    plan = SpeechPlan(replacements=(Replacement("and why heart", "NYHA"),))
    (event,) = Session(plan).final(final(rows("and why heart is one thirty over eighty")))
    assert isinstance(event, SegmentFinished)
    assert event.segment.text == "NYHA is 130/80"
    assert event.segment.spoken == "and why heart is one thirty over eighty"
    assert [form.count for form in event.segment.forms] == [3, 4]


def test_a_sure_voice_names_the_speaker_and_a_doubtful_one_leaves_it_to_the_words() -> None:
    session = Session(SpeechPlan())
    question = rows("do you have any chest pain?")
    voice = {"speaker": "B", "role": "patient", "confidence": 0.9}
    (event,) = session.final(final(question, **voice))
    assert isinstance(event, SegmentFinished)
    assert (event.segment.role, event.segment.speaker) == (SpeakerRole.PATIENT, "B")
    (event,) = session.final(final(question, **{**voice, "confidence": 0.3}))
    assert isinstance(event, SegmentFinished)
    assert event.segment.role is SpeakerRole.CLINICIAN
    start, end = question[0][2], question[-1][3]
    (found,) = session.roles(
        {"rows": [[start, end, "A", "clinician", 0.8], [7, 9, "A", "other", 1]]}
    )
    assert isinstance(found, RolesFound)
    assert [each.speaker for each in found.roles] == ["A"]


def test_dictation_has_no_roles() -> None:
    session = Session(SpeechPlan(is_dictation=True))
    (event,) = session.final(final(rows("do you have any chest pain?")))
    assert isinstance(event, SegmentFinished)
    assert event.segment.role is SpeakerRole.UNKNOWN


def test_speech_without_words_is_told() -> None:
    (event,) = Session(SpeechPlan()).unheard({"spans": [[1, 2]]})
    assert event == SpeechUnheard((Span(1, 2),))


def test_the_lag_counts_what_speech_did_not_take() -> None:
    session = Session(SpeechPlan())
    session.keep(0, bytes(2 * SAMPLE_RATE))
    heard = {"decoded_to": 0, "heard_to": SAMPLE_RATE // 2}
    assert list(session.progress(heard)) == [SpeechProgressed(0, 0.5)]
    session.newest = 60 * SAMPLE_RATE
    assert list(session.progress({"decoded_to": 0})) == [SpeechProgressed(0, 59.5)]
