"""A dictated note is what was said, in its sections, and nothing a model wrote."""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.audio import SAMPLE_RATE
from app.domain.draft import Owner, Support
from app.domain.ids import SegmentId, TemplateId, VisitId, WordId
from app.domain.transcript import Segment, Word
from app.domain.vocabulary import Macro, Replacement, Vocabulary
from app.workflow.dictating import dictated, dictated_draft
from app.workflow.drafts import empty_draft

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
