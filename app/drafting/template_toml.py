"""Writes a template as the TOML file it is read from. Pure; any thread."""

from __future__ import annotations

import json

from app.drafting.templates import SCHEMA, Source, Template, TemplateSection


def template_toml(template: Template) -> bytes:
    """Return the file of a template. Reading it back gives the same, but for `sha256`."""
    lines = [
        f"schema = {SCHEMA}",
        f"id = {_text(template.id)}",
        f"version = {template.version}",
        f"title = {_text(template.title)}",
    ]
    if template.description:
        lines.append(f"description = {_text(template.description)}")
    lines.append(f"note_type = {_text(template.note_type)}")
    if template.source is not Source.VISIT:
        lines.append(f"source = {_text(template.source)}")
    for section in template.sections:
        lines += ["", "[[section]]", *_section(section)]
    return ("\n".join(lines) + "\n").encode()


def _section(section: TemplateSection) -> list[str]:
    lines = [f"key = {_text(section.key)}", f"heading = {_text(section.heading)}"]
    if section.loinc:
        lines.append(f"loinc = {_text(section.loinc)}")
    lines += [
        f"instruction = {_text(section.instruction)}",
        f"style = {_text(section.style)}",
        f"max_claims = {section.max_claims}",
    ]
    if section.words is not None:
        lines.append(f"words = {section.words}")
    if section.takes:
        lines.append(f"takes = [{', '.join(_text(each) for each in section.takes)}]")
    if section.reading_grade is not None:
        lines.append(f"reading_grade = {section.reading_grade}")
    return lines


def _text(value: str) -> str:
    # a JSON string is a TOML basic string, as long as it holds no DEL and no half surrogates
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
