"""Plain text: for the clipboard, the `.txt` file and the attachment of a DocumentReference."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from app.domain.note import ExportNote, ExportSection, NoteStatus
from app.export.cleaning import label, lines

NOT_DISCUSSED: Final = "Not discussed"

DRAFT_BANNER: Final = "DRAFT, not reviewed"
"""First line of every text that nobody signed: EXPORT.md 1."""

ERROR_BANNER: Final = "ENTERED IN ERROR, do not use"

DEMO_BANNER: Final = "DEMO, not a real patient"

_BULLETED: Final = frozenset(
    {
        "allergies",
        "assessment_and_plan",
        "assessment_plan",
        "immunizations",
        "instructions",
        "medications",
        "plan",
        "problems",
        "procedures",
    }
)
"""Sections that are lists by nature; the others are lines of prose."""

_BULLETS: Final = ("- ", "* ", "\u2022 ")


class TextExporter:
    """Heading in capitals, one claim per line, a blank line between sections, LF, UTF-8."""

    format: str = "text"
    extension: str = "txt"

    def render(self, note: ExportNote) -> bytes:
        """Return the note as UTF-8 without BOM, ending in one LF."""
        blocks = [*_banner(note), *_sections(note), *_last_line(note)]
        return ("\n\n".join(blocks) + "\n").encode("utf-8")


def section_key(key: str) -> str:
    """Return a section key as tables have it: `Social history` is `social_history`."""
    return "_".join(label(key).lower().replace("-", " ").replace("_", " ").split())


def _banner_words(note: ExportNote) -> tuple[str, ...]:
    """Return what a reader must know before the text: draft, entered in error, demo."""
    words = []
    if note.status is NoteStatus.PRELIMINARY:
        words.append(DRAFT_BANNER)
    if note.status is NoteStatus.ENTERED_IN_ERROR:
        words.append(ERROR_BANNER)
    if note.is_demo:
        words.append(DEMO_BANNER)
    return tuple(words)


def author_name(note: ExportNote) -> str:
    """Return given and family name of the clinician on one line."""
    return label(f"{note.author.given} {note.author.family}")


def _banner(note: ExportNote) -> Iterator[str]:
    if words := _banner_words(note):
        yield ". ".join(words)


def _sections(note: ExportNote) -> Iterator[str]:
    if not note.sections:
        yield NOT_DISCUSSED
    for section in note.sections:
        yield from _section(section)


def blocks_around(note: ExportNote) -> tuple[list[str], list[str]]:
    """Return what stands before the sections and behind them in every plain text."""
    return list(_banner(note)), list(_last_line(note))


def section_lines(section: ExportSection) -> list[str]:
    """Return the lines of a section without its subsections; those of a list begin with `- `."""
    is_list = section_key(section.key) in _BULLETED
    body = [line for claim in section.claims for line in _claim(claim, is_list=is_list)]
    return body or ([] if section.subsections else [NOT_DISCUSSED])


def _section(section: ExportSection) -> Iterator[str]:
    """Yield the section and then its subsections, each a block of lines."""
    body = section_lines(section)
    heading = (label(section.heading) or label(section.key)).upper()
    block = "\n".join(([heading] if heading else []) + body)
    if block:
        yield block
    for each in section.subsections:
        yield from _section(each)


def _claim(claim: str, *, is_list: bool) -> Iterator[str]:
    """Yield the lines of a claim: no tabs, no blank lines, no trailing blanks."""
    found = [line.replace("\t", " ").rstrip() for line in lines(claim)]
    found = [line for line in found if line]
    if not found:
        return
    first = found[0].lstrip()
    bullet = next((each for each in _BULLETS if first.startswith(each)), "")
    if bullet or is_list:
        yield "- " + first.removeprefix(bullet).lstrip()
        yield from ("  " + line.lstrip() for line in found[1:])
    else:
        yield from found


def _last_line(note: ExportNote) -> Iterator[str]:
    """Yield who answers for what a model drafted; only where a model did, and policy wants it."""
    is_signed = note.status in {NoteStatus.FINAL, NoteStatus.AMENDED}
    if note.signed_at is None or not (is_signed and note.ai_line and note.provenance == "AIAST"):
        return
    at = note.signed_at.isoformat(sep=" ", timespec="minutes")
    when = f"{at[:16]} {at[16:]}"
    yield (f"Drafted with AI assistance, reviewed and signed by {author_name(note)}, {when}")
