"""Auto-texts as the faces of the app use them: to expand, to fill, to exchange."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.errors import AutoTextError
from app.domain.vocabulary import Macro
from app.drafting.autotext_toml import autotexts_toml, parse_autotexts, trouble
from app.drafting.autotexts import (
    AutoText,
    AutoTexts,
    Edited,
    Field,
    fields,
    fill,
    next_field,
    previous_field,
    unfilled,
)


def refusal(macro: Macro) -> str:
    """Say what is wrong with an auto-text and what to do; nothing when it can be kept."""
    return trouble(AutoText(macro.shortcut or "x", macro.name, macro.text))


def as_file(macros: Iterable[Macro]) -> bytes:
    """Return auto-texts as the file that colleagues exchange.

    One without a shortcut gets its name as one, with hyphens.
    """
    return autotexts_toml(
        AutoText(each.shortcut or _shortcut(each.name), each.name, each.text) for each in macros
    )


def from_file(data: bytes) -> tuple[Macro, ...]:
    """Return the auto-texts of such a file.

    Raises:
        TemplateError: it is no such file.
        AutoTextError: one of its entries cannot be used: which, and why.
    """
    good, broken = parse_autotexts(data)
    if broken:
        raise AutoTextError(broken[0].number, broken[0].reason)
    return tuple(Macro(each.title, each.text, each.shortcut) for each in good)


def _shortcut(name: str) -> str:
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in name.lower())
    return "-".join(kept.split())[:30].strip("-") or "text"


__all__ = [
    "AutoText",
    "AutoTexts",
    "Edited",
    "Field",
    "as_file",
    "fields",
    "fill",
    "from_file",
    "next_field",
    "previous_field",
    "refusal",
    "unfilled",
]
