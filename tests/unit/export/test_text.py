"""The text a clinician pastes: complete, in order, and honest about its state."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from app.domain.note import ExportNote, ExportSection, NoteStatus
from app.export.cleaning import clean
from app.export.text import TextExporter
from tests.unit.export.notes import AMENDED, COMBINED, DRAFT, FINAL, NOTES, VARIANTS

AI_LINE = "Drafted with AI assistance, reviewed and signed by A Rivera, 2026-11-20 09:30 -05:00"


def _text(note: ExportNote) -> str:
    return TextExporter().render(note).decode("utf-8")


def claims(note: ExportNote) -> list[str]:
    """Return the claims in reading order."""
    found: list[str] = []
    waiting = list(note.sections)
    while waiting:
        section = waiting.pop(0)
        found.extend(section.claims)
        waiting[:0] = section.subsections
    return found


def test_a_signed_note_is_laid_out_as_the_design_says() -> None:
    assert _text(FINAL) == (
        "SUBJECTIVE\n"
        "62-year-old with 3 days of productive cough.\n"
        "No fever.\n"
        "\n"
        "OBJECTIVE\n"
        "BP 138/84.\n"
        "Lungs: rhonchi on the right.\n"
        "\n"
        "ASSESSMENT\n"
        "Acute bronchitis.\n"
        "\n"
        "PLAN\n"
        "- Supportive care\n"
        "- Return if fever\n"
        "- Albuterol 90 mcg\n"
        "\n"
        "ALLERGIES\n"
        "Not discussed\n"
        "\n"
        f"{AI_LINE}\n"
    )


def test_subsections_stand_below_their_heading() -> None:
    assert _text(COMBINED).startswith(
        "SUBJECTIVE\n\nCHIEF COMPLAINT\nCough.\n\nHISTORY OF PRESENT ILLNESS\nThree days.\n"
    )


def test_a_draft_says_so_first_and_names_nobody_as_its_signer() -> None:
    assert _text(DRAFT).startswith("DRAFT, not reviewed\n\nSUBJECTIVE\n")
    assert "signed by" not in _text(DRAFT)


def test_a_demonstration_says_so_first() -> None:
    demo = replace(FINAL, is_demo=True)
    assert _text(demo).startswith("DEMO, not a real patient\n\n")
    first = _text(replace(demo, status=NoteStatus.PRELIMINARY, signed_at=None)).split("\n")[0]
    assert first == "DRAFT, not reviewed. DEMO, not a real patient"


def test_a_withdrawn_note_says_so_first() -> None:
    withdrawn = _text(replace(FINAL, status=NoteStatus.ENTERED_IN_ERROR))
    assert withdrawn.startswith("ENTERED IN ERROR, do not use\n\n")
    assert "signed by" not in withdrawn


def test_the_last_line_is_there_only_if_a_model_took_part_and_policy_wants_it() -> None:
    assert _text(AMENDED).endswith(AI_LINE + "\n")
    assert "AI" not in _text(replace(FINAL, ai_line=False))
    assert "AI" not in _text(replace(FINAL, provenance="CLINAST", models=()))


def test_a_claim_of_several_lines_stays_one_bullet() -> None:
    plan = ExportSection("plan", "Plan", ("first\r\n\r\n  second\t", "- third", "\u2022 fourth"))
    assert _text(replace(FINAL, sections=(plan,), ai_line=False)) == (
        "PLAN\n- first\n  second\n- third\n- fourth\n"
    )


def test_a_note_without_sections_says_that_nothing_was_discussed() -> None:
    assert _text(replace(FINAL, sections=(), ai_line=False)) == "Not discussed\n"


def test_each_variant_holds_every_claim_once_and_in_order() -> None:
    for name, note in VARIANTS.items():
        if name == "hostile":
            continue
        text, at = _text(note), 0
        for claim in claims(note):
            assert text.count(claim) == 1
            assert (at := text.index(claim, at)) >= 0


@given(note=NOTES)
def test_no_note_has_tabs_trailing_blanks_or_other_line_ends(note: ExportNote) -> None:
    data = TextExporter().render(note)
    text = data.decode("utf-8")
    assert data == TextExporter().render(note)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not any(each in text for each in "\t\r\u2028\u2029\x00")
    assert all(line == line.rstrip() for line in text.split("\n"))
    squeezed = "".join(text.split())
    for claim in claims(note):
        body = "".join(clean(claim).split())
        assert body.removeprefix("-").removeprefix("*").removeprefix("\u2022") in squeezed
