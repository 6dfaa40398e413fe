"""A template as the fields of a form: for clinicians who do not write TOML. Pure.

What the form does not show (codes, what the drafter files where, lengths) stays as it is in the
text the form was filled from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from app.drafting.template_toml import template_toml
from app.drafting.templates import SECTION_CODES, Style, Template, TemplateSection, parse_template

NEW: Final = ""
"""The key of a section that is not in the template yet."""
_LONGEST_KEY: Final = 36
"""Letters of a key that is made from a heading; four are left for a number (`templates.KEY`)."""


@dataclass(frozen=True, slots=True)
class SectionFields:
    """What the form says of a section.

    Attributes:
        key: of the section in the template; `NEW` for one that was added.
        instruction: what belongs there.
        is_bullets: set in bullets; else in sentences.
    """

    key: str
    heading: str
    instruction: str
    is_bullets: bool = True


@dataclass(frozen=True, slots=True)
class TemplateFields:
    """What the form says of a template."""

    title: str
    sections: tuple[SectionFields, ...]


def fields_of(text: str) -> TemplateFields:
    """Return a template's file as fields.

    Raises:
        TemplateError: the text is no template.
    """
    template = _parsed(text)
    return TemplateFields(
        template.title,
        tuple(
            SectionFields(each.key, each.heading, each.instruction, each.style is Style.BULLETS)
            for each in template.sections
        ),
    )


def text_with(text: str, fields: TemplateFields) -> str:
    """Return a template's file with what the form says; whoever saves it checks it.

    Raises:
        TemplateError: the text the form was filled from is no template.
    """
    template = _parsed(text)
    taken = {each.key for each in fields.sections if each.key != NEW}
    sections = []
    for each in fields.sections:
        section = template.section(each.key) or _new(each.heading, taken)
        taken.add(section.key)
        sections.append(
            replace(
                section,
                heading=each.heading.strip(),
                instruction=" ".join(each.instruction.split()),
                style=Style.BULLETS if each.is_bullets else Style.SENTENCES,
            )
        )
    changed = replace(template, title=fields.title.strip(), sections=tuple(sections))
    return template_toml(changed).decode()


def _parsed(text: str) -> Template:
    return parse_template(text.encode("utf-8", "replace"))


def _new(heading: str, taken: set[str]) -> TemplateSection:
    """Return a section under a free key; the drafter files by the words of key and heading."""
    words = re.findall(r"[a-z0-9]+", heading.lower())
    stem = "_".join(words)[:_LONGEST_KEY].strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"section_{stem}".rstrip("_")[:_LONGEST_KEY]
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    return TemplateSection(key, heading, SECTION_CODES.get(key, ""), "")
