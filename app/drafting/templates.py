"""Note templates: TOML files in `resources/templates` or the user's own.

A template says which sections a note has, in which order, and what belongs in each. How such a
file is written: resources/templates/README.md. Pure but for `load_template`; any thread.
"""

from __future__ import annotations

import enum
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.domain.errors import TemplateError
from app.domain.ids import TemplateId
from app.drafting.feeds import Feed
from app.drafting.template_table import Table, line_of

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

KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
LOINC: Final = re.compile(r"[0-9]{1,6}-[0-9]")
GRADES: Final = (3, 16)
"""Least and most of a reading level, in US school grades; 16 is the end of college."""
MAX_WORDS: Final = 600
_AT_LINE: Final = re.compile(r"at line (\d+)")


class Style(enum.StrEnum):
    """How a section is set. In files, `prose` means the same as `sentences`."""

    BULLETS = "bullets"
    SENTENCES = "sentences"


class Source(enum.StrEnum):
    """What a document is made from: PRODUCT.md lets letters come from the signed note only."""

    VISIT = "visit"
    SIGNED_NOTE = "signed_note"


_STYLES: Final = {"bullets": Style.BULLETS, "sentences": Style.SENTENCES, "prose": Style.SENTENCES}


@dataclass(frozen=True, slots=True)
class TemplateSection:
    """One section of a note.

    Attributes:
        loinc: empty where no code fits.
        instruction: what belongs into it, in words a model and a person understand.
        max_claims: at most so many lines.
        takes: what the drafter without a model files here; empty: by the words of key and heading.
        words: about how long the section is to be; None when nobody said.
        reading_grade: US school grade of the reader; None for clinicians.
    """

    key: str
    heading: str
    loinc: str
    instruction: str
    style: Style = Style.BULLETS
    max_claims: int = 10
    takes: tuple[Feed, ...] = ()
    words: int | None = None
    reading_grade: int | None = None

    @property
    def asked(self) -> str:
        """The instruction with what length and reading level add to it: for the prompt."""
        parts = [self.instruction]
        if self.words is not None:
            parts.append(f"About {self.words} words in total.")
        if self.reading_grade is not None:
            parts.append(
                f"Write to the patient as you, in plain everyday words and short sentences that a "
                f"reader of school grade {self.reading_grade} understands; explain medical words."
            )
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Template:
    """An ordered list of sections.

    Attributes:
        sha256: of the file it was read from, in hex.
        description: a line for the list of templates; may be empty.
    """

    id: TemplateId
    version: int
    title: str
    note_type: str
    sections: tuple[TemplateSection, ...]
    sha256: str = ""
    source: Source = Source.VISIT
    description: str = ""

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
        TemplateError: the file cannot be read or is no valid template; `where` names the file,
            the line if it can be told, and the key.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError:
        raise TemplateError(path.name, "cannot be read") from None
    try:
        return parse_template(data)
    except TemplateError as error:
        raise _placed(path.name, data, error) from None


def parse_template(data: bytes) -> Template:
    """Return the template that a TOML file describes.

    Raises:
        TemplateError: `where` names the key that is wrong, `reason` what is wrong with it.
    """
    if len(data) > MAX_BYTES:
        raise TemplateError("file", f"longer than {MAX_BYTES} bytes")
    top = Table(_toml(data), "")
    if top.number("schema", 1, 1_000_000) != SCHEMA:
        raise TemplateError("schema", f"must be {SCHEMA}")
    grade = top.number("reading_grade", *GRADES) if top.has("reading_grade") else None
    template = Template(
        TemplateId(top.text("id", 40, ID)),
        top.number("version", 1, 1_000_000),
        top.text("title", 80),
        top.text("note_type", 9, LOINC),
        _sections(top.take("section"), grade),
        hashlib.sha256(data).hexdigest(),
        Source(top.choice("source", set(Source))) if top.has("source") else Source.VISIT,
        top.text("description", 200) if top.has("description") else "",
    )
    if template.note_type not in NOTE_TYPES:
        raise TemplateError("note_type", f"must be one of: {', '.join(sorted(NOTE_TYPES))}")
    top.expect_no_more()
    return template


def _toml(data: bytes) -> dict[str, object]:
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise TemplateError("file", "is not text in UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        # the message may quote the file, so only the number of the line is kept
        found = _AT_LINE.search(str(error))
        place = f" at line {found[1]}" if found else ""
        raise TemplateError("file", f"is not TOML{place}: look at quotation marks there") from None


def _placed(name: str, data: bytes, error: TemplateError) -> TemplateError:
    where = str(error.facts["where"])
    line = line_of(data.decode(errors="replace"), where)
    place = [name, *([f"line {line}"] if line else []), *([where] if where != "file" else [])]
    return TemplateError(", ".join(place), str(error.facts["reason"]))


def _sections(rows: object, grade: int | None) -> tuple[TemplateSection, ...]:
    if not isinstance(rows, list) or not 0 < len(rows) <= MAX_SECTIONS:
        raise TemplateError("section", f"must be there, as [[section]], at most {MAX_SECTIONS}")
    sections = tuple(_section(row, number, grade) for number, row in enumerate(rows, 1))
    keys = [each.key for each in sections]
    for number, key in enumerate(keys, 1):
        if key in keys[: number - 1]:
            raise TemplateError(f"section {number}: key", f"{key} is there twice: rename one")
    if "assessment_and_plan" in keys and {"assessment", "plan"} & set(keys):
        raise TemplateError("section", "assessment and plan: separate or combined, not both")
    return sections


def _section(row: object, number: int, grade: int | None) -> TemplateSection:
    if not isinstance(row, dict):
        raise TemplateError(f"section {number}", "is not a table: write [[section]] above it")
    table = Table(row, f"section {number}: ")
    key = table.text("key", 40, KEY)
    section = TemplateSection(
        key,
        table.text("heading", 60),
        table.text("loinc", 9, LOINC) if table.has("loinc") else SECTION_CODES.get(key, ""),
        table.text("instruction", MAX_INSTRUCTION),
        _STYLES[table.choice("style", set(_STYLES))],
        table.number("max_claims", 1, MAX_CLAIMS),
        _feeds(table),
        table.number("words", 5, MAX_WORDS) if table.has("words") else None,
        table.number("reading_grade", *GRADES) if table.has("reading_grade") else grade,
    )
    if SECTION_CODES.get(key, section.loinc) != section.loinc:
        raise TemplateError(f"section {number}: loinc", f"must be {SECTION_CODES[key]} for {key}")
    table.expect_no_more()
    return section


def _feeds(table: Table) -> tuple[Feed, ...]:
    if not table.has("takes"):
        return ()
    return tuple(Feed(each) for each in table.choices("takes", set(Feed)))
