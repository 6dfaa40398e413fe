"""Words keep their ids, changes are told with them, and the lag counts what was never fed."""

from __future__ import annotations

from typing import Any

import pytest

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
from app.domain.transcript import Revision, RevisionCause, Segment, SpeakerRole
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


def test_words_that_cannot_be_written_are_told_as_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError

    monkeypatch.setattr("app.engines.speech_session.write", fail)
    (event,) = Session(SpeechPlan()).final(final(rows("one thirty over eighty")))
    assert isinstance(event, SegmentFinished)
    assert (event.segment.text, event.segment.forms) == ("one thirty over eighty", ())


def heard(session: Session, text: str, at: int, **voice: object) -> Segment:
    moved = [
        [at + i, word, s + 10**6 * at, e + 10**6 * at, p] for i, word, s, e, p in rows(text, 0)
    ]
    event = next(iter(session.final(final(moved, **voice))))
    assert isinstance(event, SegmentFinished)
    return event.segment


def test_a_sure_voice_names_the_speaker_and_a_doubtful_one_leaves_it_to_the_words() -> None:
    session = Session(SpeechPlan())
    question = "do you have any chest pain?"
    segment = heard(session, question, 1, speaker="B", role="patient", confidence=0.99)
    assert (segment.role, segment.speaker) == (SpeakerRole.PATIENT, "B")
    segment = heard(session, question, 2, speaker="B", role="patient", confidence=0.3)
    assert segment.role is SpeakerRole.CLINICIAN


def test_who_spoke_is_told_again_where_it_was_told_otherwise() -> None:
    session = Session(SpeechPlan())
    talk = ["do you have any chest pain?", "no I don't", "are you allergic to any medications?"]
    segments = [
        heard(session, text, 10 * i + 1, speaker="AB"[i % 2], role="unknown", confidence=0.9)
        for i, text in enumerate(talk)
    ]
    assert [each.role for each in segments[::2]] == [SpeakerRole.CLINICIAN] * 2
    last = segments[2]
    (found,) = session.roles(
        {"rows": [[last.start, last.end, "C", "other", 0.9], [7, 9, "A", "", 1]]}
    )
    assert isinstance(found, RolesFound)
    named = {each.segment: (each.role, each.speaker) for each in found.roles}
    assert named[last.id] == (SpeakerRole.OTHER, "C")
    assert list(session.roles({"rows": []})) == []


def test_a_new_child_may_give_the_letters_the_other_way_round() -> None:
    session = Session(SpeechPlan())
    talk = ["Do you have any chest pain?", "No I don't, I just feel tired.", "Do you smoke?"]
    talk += ["No, my wife does.", "Are you allergic to any medications?", "Yes, to penicillin."]
    segments = []
    for child, letters in ((1, "AB"), (2, "BA")):
        session.opening(child)
        for i, text in enumerate(talk):
            at, letter = 100 * child + 10 * i, letters[i % 2]
            said = heard(session, text, at, speaker=letter, role="unknown", confidence=0.9)
            segments.append(said)
            assert said.speaker == letter
    roles = [SpeakerRole.CLINICIAN, SpeakerRole.PATIENT] * 6
    assert [each.role for each in segments[2:]] == roles[2:]
    named = {each.id: each.role for each in segments}
    last = segments[-1]
    rows = [[last.start, last.end, "A", "unknown", 0.95]]
    for event in session.roles({"rows": rows}):
        assert isinstance(event, RolesFound)
        named |= {each.segment: each.role for each in event.roles}
    assert list(named.values()) == roles


def test_a_machine_is_never_as_sure_of_a_role_as_a_person() -> None:
    session = Session(SpeechPlan())
    segment = heard(session, "hello there", 1, speaker="A", role="clinician", confidence=1.0)
    assert segment.role_confidence == 0.99
    row = [segment.start, segment.end, "A", "patient", 1.0]
    (found,) = session.roles({"rows": [row]})
    assert isinstance(found, RolesFound)
    assert found.roles[0].role_confidence == 0.99


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
