"""Every text can be read on every background it stands on."""

from __future__ import annotations

import itertools

import pytest

from app.ui.palettes import LOOKS, Colors, contrast

TEXT = 4.5
"""WCAG 2.2, criterion 1.4.3."""

MARK = 3.0
"""WCAG 2.2, criterion 1.4.11."""

ON_ALL = (
    "text", "muted", "accent", "supported", "partly", "unsupported", "yours", "recording",
    "clinician", "patient", "other",
)  # fmt: skip
PAIRS = (
    ("on_accent", "accent"),
    ("on_recording", "recording"),
    ("text", "evidence"),
    ("muted", "evidence"),
    ("clinician", "evidence"),
    ("patient", "evidence"),
    ("other", "evidence"),
    ("supported", "evidence"),
    ("partly", "evidence"),
    ("unsupported", "evidence"),
    ("yours", "evidence"),
    ("partly", "partly_soft"),
    ("text", "partly_soft"),
    ("unsupported", "unsupported_soft"),
    ("text", "unsupported_soft"),
)


@pytest.mark.parametrize("colors", LOOKS.values(), ids=LOOKS)
def test_text_reaches_the_contrast_of_aa_on_every_background(colors: Colors) -> None:
    grounds = ("window", "surface", "sunken", "accent_soft")
    pairs = [*itertools.product(ON_ALL, grounds), *PAIRS]
    ratios = {each: contrast(*(getattr(colors, name) for name in each)) for each in pairs}
    assert {each: ratio for each, ratio in ratios.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("colors", LOOKS.values(), ids=LOOKS)
def test_borders_and_focus_can_be_seen(colors: Colors) -> None:
    for ground in ("window", "surface", "sunken"):
        assert contrast(colors.line_strong, getattr(colors, ground)) >= MARK
        assert contrast(colors.focus, getattr(colors, ground)) >= MARK


@pytest.mark.parametrize("colors", LOOKS.values(), ids=LOOKS)
def test_what_cannot_be_chosen_looks_unlike_what_can(colors: Colors) -> None:
    for ground in (colors.surface, colors.sunken):
        assert contrast(colors.disabled, ground) >= MARK
        assert contrast(colors.text, ground) > 2 * contrast(colors.disabled, ground)


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
