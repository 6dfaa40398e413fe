"""Note templates: TOML files in `resources/templates` or the user's own.

A template says which sections a note has, in which order, and what belongs in each.
"""

from __future__ import annotations

import enum
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.errors import TemplateError
from app.domain.ids import TemplateId

SCHEMA: Final = 1
MAX_BYTES: Final = 65_536
MAX_SECTIONS: Final = 20
MAX_CLAIMS: Final = 30
MAX_INSTRUCTION: Final = 800
"""Letters. More would eat the window of a small model."""

SECTION_CODES: Final[Mapping[str, str]] = {
    "subjective": "61150-9",
    "objective": "61149-1",
    "assessment": "51848-0",
    "plan": "18776-5",
    "assessment_and_plan": "51847-2",
    "chief_complaint": "10154-3",
    "chief_complaint_and_reason_for_visit": "46239-0",
    "procedures": "47519-4",
    "hpi": "10164-2",
    "ros": "10187-3",
    "exam": "29545-1",
    "general_status": "10210-3",
    "past_history": "11348-0",
    "reason_for_visit": "29299-5",
    "instructions": "69730-0",
    "immunizations": "11369-6",
    "medications": "10160-0",
    "allergies": "48765-2",
    "social_history": "29762-2",
    "family_history": "10157-6",
    "vital_signs": "8716-3",
    "results": "30954-2",
    "problems": "11450-4",
}
"""Keys of sections that every exporter knows, and their LOINC codes: EXPORT.md 5.3."""

NOTE_TYPES: Final = frozenset(
    {"11506-3", "11488-4", "34117-2", "28570-0", "34111-5", "18842-5", "11504-8"}
)
"""Progress, consult, H&P, procedure, emergency, discharge, operation: EXPORT.md 5.3."""

_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LOINC: Final = re.compile(r"[0-9]{1,6}-[0-9]")


class Style(enum.StrEnum):
    """How a section is set."""

    BULLETS = "bullets"
    SENTENCES = "sentences"


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """One section of a note.

    Attributes:
        instruction: what belongs into it, in words a model and a person understand.
        max_claims: at most so many lines.
    """

    key: str
    heading: str
    loinc: str
    instruction: str
    style: Style = Style.BULLETS
    max_claims: int = 10


@dataclass(frozen=True, slots=True)
class Template:
    """An ordered list of sections. `sha256` is of the file it was read from, in hex."""

    id: TemplateId
    version: int
    title: str
    note_type: str
    sections: tuple[TemplateSection, ...]
    sha256: str = ""

    def section(self, key: str) -> TemplateSection | None:
        """Return the section of that key, None if the template lacks it."""
        return next((each for each in self.sections if each.key == key), None)


def load_templates(folder: Path) -> tuple[Template, ...]:
    """Read all templates of a folder, in order of their ids.

    Raises:
        TemplateError: one of them cannot be used, or two have one id.
    """
    found = [load_template(path) for path in sorted(folder.glob("*.toml"))]
    ids = [each.id for each in found]
    if len(set(ids)) < len(ids):
        raise TemplateError("id", "twice in the folder")
    return tuple(sorted(found, key=lambda each: each.id))


def load_template(path: Path) -> Template:
    """Read one template.

    Raises:
        TemplateError: the file cannot be read or is no valid template.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise TemplateError("file", "cannot be read") from None
    return parse_template(data)


def parse_template(data: bytes) -> Template:
    """Return the template that a TOML file describes.

    Raises:
        TemplateError: `where` names the key that is wrong, `reason` what is wrong with it.
    """
    if len(data) > MAX_BYTES:
        raise TemplateError("file", f"longer than {MAX_BYTES} bytes")
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise TemplateError("file", "is not TOML") from None
    top = _Table(table, "")
    if top.number("schema", 1, 1_000_000) != SCHEMA:
        raise TemplateError("schema", f"must be {SCHEMA}")
    template = Template(
        TemplateId(top.text("id", 40, _ID)),
        top.number("version", 1, 1_000_000),
        top.text("title", 80),
        top.text("note_type", 9, _LOINC),
        _sections(top.take("section")),
        hashlib.sha256(data).hexdigest(),
    )
    if template.note_type not in NOTE_TYPES:
        raise TemplateError("note_type", "is not a LOINC code of a note")
    top.expect_no_more()
    return template


def _sections(rows: object) -> tuple[TemplateSection, ...]:
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_SECTIONS:
        raise TemplateError("section", f"must be there, at most {MAX_SECTIONS} times")
    sections = tuple(_section(row, number) for number, row in enumerate(rows, 1))
    keys = [each.key for each in sections]
    if len(set(keys)) < len(keys):
        raise TemplateError("section", "two sections have one key")
    if "assessment_and_plan" in keys and {"assessment", "plan"} & set(keys):
        raise TemplateError("section", "assessment and plan: separate or combined, not both")
    return sections


def _section(row: object, number: int) -> TemplateSection:
    if not isinstance(row, dict):
        raise TemplateError(f"section {number}", "is not a table")
    table = _Table(row, f"section {number}: ")
    section = TemplateSection(
        table.text("key", 40, _KEY),
        table.text("heading", 60),
        table.text("loinc", 9, _LOINC),
        table.text("instruction", MAX_INSTRUCTION),
        table.style("style"),
        table.number("max_claims", 1, MAX_CLAIMS),
    )
    if SECTION_CODES.get(section.key, section.loinc) != section.loinc:
        raise TemplateError(
            f"section {number}: loinc", f"must be {SECTION_CODES[section.key]} for this key"
        )
    table.expect_no_more()
    return section


class _Table:
    """A TOML table whose values are taken one by one; what is left over is a mistake."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self._left = dict(table)
        self._where = where

    def take(self, key: str) -> object:
        """Return a value that must be there."""
        if key not in self._left:
            raise TemplateError(self._where + key, "is missing")
        return self._left.pop(key)

    def text(self, key: str, longest: int, shape: re.Pattern[str] | None = None) -> str:
        """Return one line of text."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise TemplateError(self._where + key, "must be text")
        if len(value) > longest:
            raise TemplateError(self._where + key, f"longer than {longest} letters")
        if not value.isprintable():
            raise TemplateError(self._where + key, "must be one printable line")
        if shape is not None and not shape.fullmatch(value):
            raise TemplateError(self._where + key, "has the wrong form")
        return value.strip()

    def number(self, key: str, least: int, most: int) -> int:
        """Return a whole number."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise TemplateError(self._where + key, f"must be a number from {least} to {most}")
        return value

    def style(self, key: str) -> Style:
        """Return the style."""
        value = self.take(key)
        if value not in set(Style):
            raise TemplateError(self._where + key, "must be bullets or sentences")
        return Style(str(value))

    def expect_no_more(self) -> None:
        """Refuse keys that nobody asked for: most are misspelled."""
        if self._left:
            raise TemplateError(self._where + min(self._left), "is not known")
