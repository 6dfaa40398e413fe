"""Copies for other systems: what a layout changes, and that nothing of the note gets lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import TemplateError
from app.domain.note import ExportSection
from app.export.layouts import LayoutExporter, TextLayout, load_layouts, parse_layout, to_ascii
from app.export.text import TextExporter
from app.foundation import paths
from tests.unit.export.notes import FINAL as NOTE

SECTIONS = (
    ExportSection("subjective", "Subjective", ("SpO₂ ≥ 94 % on 25 µg, “fine”.",)),
    ExportSection("plan", "Plan", ("Return if fever", "Café au lait spots: see again")),
)


def lines(layout: TextLayout) -> list[str]:
    return LayoutExporter(layout).render(replace(NOTE, sections=SECTIONS)).decode().split("\n")


def test_the_default_layout_is_the_plain_text() -> None:
    assert LayoutExporter(TextLayout("x", "X")).render(NOTE) == TextExporter().render(NOTE)


def test_sections_headings_and_bullets_are_as_the_layout_says() -> None:
    found = lines(TextLayout("x", "X", ("plan",), heading="colon", bullet="• "))
    assert found[:3] == ["Plan:", "• Return if fever", "• Café au lait spots: see again"]
    assert found[4] == "Subjective:"
    bare = lines(TextLayout("x", "X", heading="none", bullet=""))
    assert bare[0].startswith("SpO")
    assert "Return if fever" in bare


def test_plain_letters_and_line_ends() -> None:
    text = LayoutExporter(TextLayout("x", "X", newline="crlf", ascii_only=True)).render(NOTE)
    assert text.isascii()
    assert text.count(b"\n") == text.count(b"\r\n") > 1
    found = lines(TextLayout("x", "X", ascii_only=True))
    assert 'SpO2 >= 94 % on 25 ug, "fine".' in found
    assert "- Cafe au lait spots: see again" in found


def test_long_lines_break_between_words_and_keep_their_indent() -> None:
    found = lines(TextLayout("x", "X", width=20))
    assert "- Café au lait" in found
    assert "  spots: see again" in found
    assert max(map(len, found[:8])) <= 20


@given(st.text())
def test_what_has_no_plain_form_stays_and_ascii_is_untouched(text: str) -> None:
    found = to_ascii(text)
    assert to_ascii(found) == found
    assert (found == text) or not text.isascii()


def test_what_ships_can_be_read() -> None:
    shipped = load_layouts(paths.resources() / "ehr")
    assert set(shipped) == {"apso-first", "fields", "plain-ascii"}
    assert all(each.render(NOTE) for each in shipped.values())


@pytest.mark.parametrize(
    "text",
    ["name = ", 'name = "X"\nheading = "shout"', 'name = "X"\nwidth = "80"', 'name = "X"\nfont = 3',
     "width = 3", 'name = "X"\nnewline = "cr"', "name = 5"],
)  # fmt: skip
def test_a_layout_that_makes_no_sense_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(TemplateError):
        parse_layout("x", text.encode())
    with pytest.raises(TemplateError):
        load_layouts(tmp_path)
