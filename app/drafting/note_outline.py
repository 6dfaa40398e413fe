"""Finds the headings of a pasted note and what stands under them. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

KNOWN: Final[Mapping[str, str]] = {
    name: key
    for key, names in {
        "subjective": "subjective|s",
        "objective": "objective|o",
        "assessment": "assessment|a|impression|imp|impressions|diagnosis|diagnoses|opinion|dx",
        "plan": "plan|p|recommendations|treatment plan|aftercare|management",
        "assessment_and_plan": "assessment and plan|assessment & plan|assessment/plan|a/p|a&p"
        "|a and p|impression and plan|impression & plan|assessment and plan by problem",
        "chief_complaint": "chief complaint|cc|presenting complaint|pc",
        "reason_for_visit": "reason for visit|reason for consultation|reason for referral"
        "|indication",
        "hpi": "history of present illness|hpi|history of presenting complaint|hpc|history|hx"
        "|interval history|present illness",
        "ros": "review of systems|ros|systems review",
        "exam": "physical examination|physical exam|exam|examination|pe|o/e|on examination",
        "past_history": "past medical history|pmh|pmhx|past history|medical history"
        "|past medical and surgical history|background",
        "medications": "medications|current medications|meds|medication|medicines|drug history"
        "|dh|dhx",
        "allergies": "allergies|allergy",
        "family_history": "family history|fh|fhx",
        "social_history": "social history|sh|shx",
        "vital_signs": "vital signs|vitals|vitals reviewed|observations|obs",
        "results": "results|labs|laboratory results|investigations|imaging|data reviewed",
        "procedures": "procedure|procedures|procedure performed|description of procedure",
        "instructions": "instructions|patient instructions|what to do next",
        "problems": "problem list|problems",
        "immunizations": "immunizations|immunisations|vaccinations",
    }.items()
    for name in names.split("|")
}
"""Headings clinicians write, in lower case, and the keys of their sections."""

_BULLET: Final = re.compile(r"^\s*(?:[•●▪◦‣*\u2013\u2014-]|\(?\d{1,2}[.)])\s*(?=\S)")
_MARKDOWN: Final = re.compile(r"^\s*(?:#{1,6}\s+(.+?)\s*#*|\*\*(.+?)\*\*:?|__(.+?)__:?)\s*$")
_UNDERLINE: Final = re.compile(r"^\s*(?:={3,}|-{3,})\s*$")
_LABEL: Final = re.compile(r"^\s*([A-Za-z][A-Za-z &/]{0,39}?)\s*[:\u2013\u2014-]\s+(?=\S)")
_MOST_WORDS: Final = 8
_SENTENCE: Final = re.compile(r"[.!?;](?=\s|$)")
_LONGEST_ABBREVIATION: Final = 4
"""Letters. NKDA, MSK and DOB stand alone in notes and are no headings."""
_SHORT_LINE: Final = 60
"""Letters. Prose is wrapped later or not at all; several shorter lines are a list."""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading of a note with its text.

    Attributes:
        key: of the section it is known as; empty for unknown headings.
        lines: the lines below it that are not blank.
    """

    heading: str
    key: str
    lines: tuple[str, ...]

    @property
    def is_list(self) -> bool:
        """Whether it is set as bullets."""
        marked = sum(1 for each in self.lines if _BULLET.match(each))
        if marked:
            return marked * 2 >= len(self.lines)
        return len(self.lines) > 1 and all(len(each) < _SHORT_LINE for each in self.lines)

    @property
    def words(self) -> int:
        """How many words it has, without bullets."""
        return sum(len(_BULLET.sub("", each).split()) for each in self.lines)

    @property
    def claims(self) -> int:
        """How many bullets or sentences it has."""
        if self.is_list:
            return len(self.lines)
        return sum(max(1, len(_SENTENCE.findall(each))) for each in self.lines)


def outline(note: str) -> tuple[Part, ...]:
    """Return the headings of a note in order, each with its text.

    A heading stands alone on its line (with a colon, in capitals, in Markdown, or known), or is a
    known one before its text: "Plan: rest". What stands above the first known heading is left
    out, if there is one, and so are unknown headings without text: those are names and dates
    more often than sections.
    """
    parts: list[Part] = []
    lines: list[str] = []
    heading = ""
    for found, rest in _pieces(note.splitlines()):
        if found:
            parts += _part(heading, lines)
            heading, lines = found, []
        if rest:
            lines.append(rest)
    parts += _part(heading, lines)
    first = next((at for at, each in enumerate(parts) if each.key), 0)
    return tuple(parts[first:])


def known_key(heading: str) -> str:
    """Return the key of a heading that clinicians use, else nothing."""
    return KNOWN.get(" ".join(heading.casefold().split()), "")


def _pieces(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield (heading or nothing, text of the same line or nothing) for each line."""
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if _UNDERLINE.match(line):
            continue
        if heading := _alone(line, is_underlined=bool(_UNDERLINE.match(below))):
            yield heading, ""
            continue
        label = _LABEL.match(line)
        if label is not None and _opens(label):
            yield label[1], line[label.end() :].strip()
        else:
            yield "", line.strip()


def _alone(line: str, *, is_underlined: bool) -> str:
    """Return the heading that a line is, else nothing."""
    marked = _MARKDOWN.match(line)
    text = next((each for each in marked.groups() if each), "") if marked else line
    text = " ".join(text.split())
    bare = text.removesuffix(":").strip()
    if known_key(bare) and (len(bare) > 1 or text != bare or marked):
        return bare
    if not _is_plain(bare) or (_BULLET.match(line) and not marked):
        return ""
    is_heading = marked is not None or is_underlined or text.endswith(":") or _is_capital(bare)
    return bare if is_heading else ""


def _is_plain(text: str) -> bool:
    """Whether it can be a heading: short, no numbers, no commas or stops. Names have those."""
    letters = sum(each.isalpha() for each in text)
    return (
        letters > 2  # noqa: PLR2004 - "BP" and the like are labels of values
        and len(text.split()) <= _MOST_WORDS
        and not re.search(r"[\d,.;?!\[\]<>=]", text)
        and text.isprintable()
    )


def _is_capital(text: str) -> bool:
    return text.isupper() and len(text) > _LONGEST_ABBREVIATION


def _opens(label: re.Match[str]) -> bool:
    """Whether it is a heading; a lone S, O, A or P needs a colon."""
    is_letter = len(label[1]) == 1 and ":" not in label[0]
    return bool(known_key(label[1])) and not is_letter


def _part(heading: str, lines: list[str]) -> list[Part]:
    key = known_key(heading)
    return [Part(heading, key, tuple(lines))] if key or (heading and lines) else []
