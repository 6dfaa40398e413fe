"""How a note is copied into one kind of target system: order, headings, bullets, letters, width.

Layouts are TOML files in `resources/ehr`: EXPORT.md 3. The plain text of `text.py` is the default.
"""

from __future__ import annotations

import textwrap
import tomllib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from app.domain.errors import TemplateError
from app.domain.note import ExportNote, ExportSection
from app.export.cleaning import label
from app.export.text import NOT_DISCUSSED, blocks_around, section_lines

HEADINGS: Final[dict[str, Callable[[str], str]]] = {
    "caps": str.upper,
    "colon": lambda heading: f"{heading}:",
    "title": str,
    "none": lambda _heading: "",
}
NEWLINES: Final = {"lf": "\n", "crlf": "\r\n"}
_KINDS: Final = {
    "name": str, "heading": str, "bullet": str, "newline": str, "ascii_only": bool, "width": int,
}  # fmt: skip
_DEFAULT_BULLET: Final = "- "
_ASCII: Final = str.maketrans(
    {
        "≥": ">=", "≤": "<=", "≈": "~", "≠": "!=", "±": "+/-", "\u00d7": "x", "µ": "u",
        "°": "deg ", "½": "1/2", "¼": "1/4", "¾": "3/4", "→": "->", "\u2018": "'", "\u2019": "'",
        "“": '"', "”": '"', "\u2013": "-", "\u2014": "-", "…": "...", "•": "*", "\u00a0": " ",
        "\u202f": " ", "ß": "ss", "\u03bc": "u",
    }
)  # fmt: skip
"""What clinical text holds beyond ASCII and how people type it without."""


@dataclass(frozen=True, slots=True)
class TextLayout:
    """One target system; the keys of `resources/ehr/README.md`."""

    id: str
    name: str
    order: tuple[str, ...] = ()
    heading: str = "caps"
    bullet: str = _DEFAULT_BULLET
    newline: str = "lf"
    ascii_only: bool = False
    width: int = 0


class LayoutExporter:
    """Renders text in a layout; the same note gives the same bytes."""

    format: str = "text"
    extension: str = "txt"

    def __init__(self, layout: TextLayout) -> None:
        self.layout = layout

    def render(self, note: ExportNote) -> bytes:
        """Return the note as UTF-8, ending in one line end. Banner and last line stay."""
        first, last = blocks_around(note)
        blocks = [*first, *self._sections(note), *last]
        text = "\n\n".join("\n".join(self._wrapped(block)) for block in blocks if block) + "\n"
        if self.layout.ascii_only:
            text = to_ascii(text)
        return text.replace("\n", NEWLINES[self.layout.newline]).encode("utf-8")

    def _sections(self, note: ExportNote) -> Iterator[str]:
        order = {key: place for place, key in enumerate(self.layout.order)}
        ranked = sorted(note.sections, key=lambda each: order.get(each.key, len(order)))
        if not ranked:
            yield NOT_DISCUSSED
        for section in ranked:
            yield from self._section(section)

    def _section(self, section: ExportSection) -> Iterator[str]:
        heading = HEADINGS[self.layout.heading](label(section.heading) or label(section.key))
        body = [self._bulleted(each) for each in section_lines(section)]
        yield "\n".join(([heading] if heading else []) + body)
        for each in section.subsections:
            yield from self._section(each)

    def _bulleted(self, line: str) -> str:
        if line.startswith(_DEFAULT_BULLET):
            return self.layout.bullet + line.removeprefix(_DEFAULT_BULLET)
        return line

    def _wrapped(self, block: str) -> Iterator[str]:
        for line in block.split("\n"):
            if not self.layout.width or len(line) <= self.layout.width:
                yield line
                continue
            indent = " " * len(self.layout.bullet) if line.startswith(self.layout.bullet) else ""
            yield from textwrap.wrap(
                line, self.layout.width, subsequent_indent=indent, break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip


def to_ascii(text: str) -> str:
    """Return a text without letters that some systems lose. What has no such form stays."""
    found = []
    for letter in text.translate(_ASCII):
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        found.append(letter if letter.isascii() or not plain else plain)
    return "".join(found)


def load_layouts(folder: Path) -> dict[str, LayoutExporter]:
    """Return the layouts in a folder by id, which is the name of the file.

    Raises:
        TemplateError: a file cannot be read or has a value that does not exist.
    """
    found = {}
    for path in sorted(folder.glob("*.toml")):
        layout = parse_layout(path.stem, path.read_bytes())
        found[layout.id] = LayoutExporter(layout)
    return found


def parse_layout(name: str, data: bytes) -> TextLayout:
    """Return the layout that a file holds.

    Raises:
        TemplateError: see `load_layouts`.
    """
    try:
        raw: dict[str, Any] = tomllib.loads(data.decode("utf-8"))
        order = tuple(str(each) for each in raw.pop("order", ()))
        is_sound = all(isinstance(value, _KINDS[key]) for key, value in raw.items())
        layout = replace(TextLayout(name, **raw), order=order)
    except (ValueError, TypeError, KeyError):
        raise TemplateError(name, "toml") from None
    if not is_sound or layout.heading not in HEADINGS or layout.newline not in NEWLINES:
        raise TemplateError(name, "toml")
    return layout
