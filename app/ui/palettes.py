"""The colors of the window as plain data, so that contrast can be tested without a screen.

Every color has a duty; no other module of the window names one. Text colors are readable
(at least 4.5:1, WCAG 2.2 criterion 1.4.3) on `surface`, `window` and their soft backgrounds;
`line_strong` and `focus` reach 3:1 (criterion 1.4.11).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Colors:
    """One look. Values are `#rrggbb`.

    Attributes:
        window, surface, sunken: behind everything; cards and text; bars and empty fields.
        line, line_strong: quiet separators; borders of what can be operated.
        text, muted, disabled: words; words that may be overlooked; what cannot be chosen now.
        accent, on_accent, accent_soft: the one thing to do next; text on it; a hint of it.
        supported, partly, unsupported, yours: the four states of a claim, as text.
        partly_soft, unsupported_soft: backgrounds of claims that need a look.
        evidence: background of the transcript lines a claim rests on.
        recording, on_recording: the microphone is open.
        clinician, patient, other: speaker roles, as text.
    """

    name: str
    window: str
    surface: str
    sunken: str
    line: str
    line_strong: str
    text: str
    muted: str
    disabled: str
    accent: str
    on_accent: str
    accent_soft: str
    supported: str
    partly: str
    partly_soft: str
    unsupported: str
    unsupported_soft: str
    yours: str
    evidence: str
    recording: str
    on_recording: str
    clinician: str
    patient: str
    other: str
    focus: str


LIGHT: Final = Colors(
    name="light",
    window="#f3f5f3",
    surface="#ffffff",
    sunken="#eaeeeb",
    line="#d9dfda",
    line_strong="#7c8781",
    text="#18201c",
    muted="#56615b",
    disabled="#7c8781",
    accent="#0b665d",
    on_accent="#ffffff",
    accent_soft="#dcefeb",
    supported="#2a6a43",
    partly="#7d4c00",
    partly_soft="#fcf3e0",
    unsupported="#ab2119",
    unsupported_soft="#fdecea",
    yours="#2b56a0",
    evidence="#fff0b3",
    recording="#c4281c",
    on_recording="#ffffff",
    clinician="#0f5a86",
    patient="#75397f",
    other="#66540f",
    focus="#0b665d",
)

DARK: Final = Colors(
    name="dark",
    window="#131716",
    surface="#1b201e",
    sunken="#232a27",
    line="#303834",
    line_strong="#77837d",
    text="#e5eae7",
    muted="#a5b0aa",
    disabled="#77837d",
    accent="#5ec6b6",
    on_accent="#06201c",
    accent_soft="#1d3a35",
    supported="#83cd9b",
    partly="#e6b55f",
    partly_soft="#302817",
    unsupported="#ff978c",
    unsupported_soft="#3a2220",
    yours="#95b8f4",
    evidence="#4a4118",
    recording="#ff7a6e",
    on_recording="#2a0503",
    clinician="#7fc1e8",
    patient="#d9a6e4",
    other="#d4c07c",
    focus="#5ec6b6",
)

CONTRAST: Final = Colors(
    name="contrast",
    window="#000000",
    surface="#000000",
    sunken="#101010",
    line="#8a8a8a",
    line_strong="#ffffff",
    text="#ffffff",
    muted="#e0e0e0",
    disabled="#8a8a8a",
    accent="#ffe14d",
    on_accent="#000000",
    accent_soft="#2b2600",
    supported="#8cf5ac",
    partly="#ffd27a",
    partly_soft="#2b2000",
    unsupported="#ffaaa1",
    unsupported_soft="#360a06",
    yours="#b5d0ff",
    evidence="#5a4c00",
    recording="#ff8c82",
    on_recording="#000000",
    clinician="#9ad7ff",
    patient="#f0c2fa",
    other="#ffe79a",
    focus="#ffe14d",
)

LOOKS: Final = {each.name: each for each in (LIGHT, DARK, CONTRAST)}


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colors, 1 to 21 (WCAG 2.2, "contrast ratio").

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    bend = 0.04045
    linear = [part / 12.92 if part <= bend else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
