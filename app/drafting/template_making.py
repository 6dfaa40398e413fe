"""Makes a template from an example note: its headings, order, style and length. Pure; no model.

Nothing but headings is taken over: the text of the example belongs to a patient.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.errors import TemplateError
from app.domain.ids import TemplateId
from app.drafting.feeds import Feed
from app.drafting.filing import topics_in
from app.drafting.note_outline import Part, outline
from app.drafting.templates import (
    MAX_CLAIMS,
    MAX_SECTIONS,
    MAX_WORDS,
    SECTION_CODES,
    Source,
    Style,
    Template,
    TemplateSection,
)

LEAST_CLAIMS: Final = 3
"""Even an example of one line shall leave room for a richer visit."""
ROOM: Final = 1.5
"""A visit may have half as much again as the example."""
_PROGRESS, _PHYSICAL, _PROCEDURE = "11506-3", "34117-2", "28570-0"
_OF_PHYSICAL: Final = frozenset({"hpi", "exam", "past_history", "family_history", "social_history"})
_MOST_HEADING: Final = 60


@dataclass(frozen=True, slots=True)
class MadeTemplate:
    """A template made from a note, for a person to look through and save.

    Attributes:
        unknown: headings taken over as they are: a person makes sure that none names a patient.
        left_out: how many headings were too many.
    """

    template: Template
    unknown: tuple[str, ...]
    left_out: int = 0


def template_from_note(
    note: str, id_: TemplateId, title: str, known: Sequence[Template] = ()
) -> MadeTemplate:
    """Return a template with the shape of an example note.

    Args:
        note: plain text or Markdown, as pasted.
        id_: of the new template.
        title: of the new template.
        known: templates whose instructions are used for the sections they share.

    Raises:
        TemplateError: no heading was found.
    """
    parts = _merged(outline(note))
    if not parts:
        raise TemplateError(
            "example", "has no headings: put each on a line of its own, with a colon behind it"
        )
    kept = parts[:MAX_SECTIONS]
    keys: list[str] = []
    for part in kept:
        keys.append(_free_key(part, keys))
    note_type = _note_type(set(keys))
    known = sorted(known, key=lambda each: each.note_type != note_type)
    sections = tuple(_section(part, key, known) for part, key in zip(kept, keys, strict=True))
    template = Template(id_, 1, title, note_type, sections)
    unknown = tuple(part.heading for part in kept if not part.key)
    return MadeTemplate(template, unknown, len(parts) - len(kept))


def _merged(parts: Sequence[Part]) -> list[Part]:
    """Join parts of one heading: notes often come back to it."""
    found: dict[str, Part] = {}
    for part in parts:
        name = part.heading.casefold()
        before = found.get(name)
        lines = (before.lines if before else ()) + part.lines
        found[name] = Part(before.heading if before else part.heading, part.key, lines)
    return list(found.values())


def _free_key(part: Part, taken: Sequence[str]) -> str:
    """Return the key of a known section, once; else one made of the heading's words."""
    halves = {"assessment", "plan"}
    clash = (part.key in halves and "assessment_and_plan" in taken) or (
        part.key == "assessment_and_plan" and halves & set(taken)
    )
    if part.key and part.key not in taken and not clash:
        return part.key
    words = re.findall(r"[a-z0-9]+", part.heading.casefold())
    stem = "_".join(words)[:36].strip("_")
    stem = stem if stem[:1].isalpha() else f"part_{stem}".rstrip("_")
    key, number = stem, 2
    while key in taken or key in SECTION_CODES:
        key, number = f"{stem}_{number}", number + 1
    return key


def _section(part: Part, key: str, known: Sequence[Template]) -> TemplateSection:
    model = _model(part, known)
    count = max(LEAST_CLAIMS, math.ceil(part.claims * ROOM))
    return TemplateSection(
        key,
        _heading(part.heading),
        SECTION_CODES.get(key, ""),
        model.instruction if model else _instruction(_heading(part.heading)),
        Style.BULLETS if part.is_list else Style.SENTENCES,
        min(MAX_CLAIMS, count),
        model.takes if model else tuple(Feed(each) for each in topics_in(key, part.heading)),
        _length(part.words),
    )


def _model(part: Part, known: Sequence[Template]) -> TemplateSection | None:
    """Return the section of a known template that is most like this one."""
    found = [
        (template.source is Source.VISIT, round(_likeness(each.heading, part.heading)), each)
        for template in known
        for each in template.sections
        if part.key and each.key == part.key
    ]
    return max(found, key=lambda each: each[:2])[2] if found else None


def _likeness(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one.casefold(), other.casefold()).ratio()


def _instruction(heading: str) -> str:
    return f"What was said in the visit that belongs under {heading}. Only what was said."


def _heading(text: str) -> str:
    """Return a heading that does not shout; short words in capitals are abbreviations."""
    text = text[:_MOST_HEADING].strip()
    is_long = len(text) > 4  # noqa: PLR2004 - HPI, PMH, ROS stay as they are
    return text.capitalize() if text.isupper() and is_long else text


def _length(words: int) -> int | None:
    """Return words rounded to tens; None where the example has almost none."""
    rounded = round(words, -1)
    return min(MAX_WORDS, rounded) if rounded else None


def _note_type(keys: set[str]) -> str:
    if "procedures" in keys:
        return _PROCEDURE
    return _PHYSICAL if keys >= _OF_PHYSICAL else _PROGRESS
