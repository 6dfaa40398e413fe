"""Auto-texts as TOML, as they are kept and exchanged between colleagues. Pure; any thread."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import TemplateError
from app.drafting.autotexts import LONGEST_TEXT, SHORTCUT, AutoText, unfilled

MOST: Final = 1000
MAX_BYTES: Final = 2_000_000
_LONGEST_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class BrokenAutoText:
    """An entry that cannot be used; `number` counts from 1."""

    number: int
    reason: str


def autotexts_toml(texts: Iterable[AutoText]) -> bytes:
    """Return the file of some auto-texts."""
    parts = (
        f"\n[[autotext]]\nshortcut = {_text(each.shortcut)}\ntitle = {_text(each.title)}\n"
        f"text = {_text(each.text)}\n"
        for each in texts
    )
    return ("schema = 1\n" + "".join(parts)).encode()


def parse_autotexts(data: bytes) -> tuple[tuple[AutoText, ...], tuple[BrokenAutoText, ...]]:
    """Return the auto-texts of a file, and the entries that cannot be used.

    Raises:
        TemplateError: it is no file of auto-texts at all.
    """
    if len(data) > MAX_BYTES:
        raise TemplateError("auto-texts", f"longer than {MAX_BYTES} bytes")
    try:
        table = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise TemplateError("auto-texts", "is not TOML: look at quotation marks") from None
    rows = table.get("autotext", [])
    if table.get("schema") != 1 or not isinstance(rows, list) or len(rows) > MOST:
        raise TemplateError("auto-texts", f"needs schema = 1 and at most {MOST} [[autotext]]")
    good: dict[str, AutoText] = {}
    broken: list[BrokenAutoText] = []
    for number, row in enumerate(rows, 1):
        found = _entry(row)
        if isinstance(found, AutoText) and found.shortcut.casefold() in good:
            found = "its shortcut is there twice: change one"
        if isinstance(found, AutoText):
            good[found.shortcut.casefold()] = found
        else:
            broken.append(BrokenAutoText(number, found))
    return tuple(good.values()), tuple(broken)


def _entry(row: object) -> AutoText | str:
    """Return the auto-text of a table, or what is wrong with it."""
    if not isinstance(row, dict) or set(row) != {"shortcut", "title", "text"}:
        return "needs shortcut, title and text, and nothing else"
    if not all(isinstance(each, str) for each in row.values()):
        return "shortcut, title and text must be text in quotation marks"
    found = AutoText(row["shortcut"], row["title"].strip(), row["text"])
    return trouble(found) or found


def trouble(text: AutoText) -> str:
    """Return what is wrong with an auto-text and what to do, else nothing: for its editor."""
    if not SHORTCUT.fullmatch(text.shortcut):
        return "the shortcut must be letters and digits, with one of . ; / \\ before them"
    if not 0 < len(text.title) <= _LONGEST_TITLE or not text.title.isprintable():
        return f"the title must be one line of at most {_LONGEST_TITLE} letters"
    if not text.text.strip() or len(text.text) > LONGEST_TEXT:
        return f"the text must have 1 to {LONGEST_TEXT} letters"
    if any(not (each.isprintable() or each in "\n\t") for each in text.text):
        return "the text holds signs that cannot be seen: type it again"
    if any(each.is_broken for each in unfilled(text.text)):
        return "[[ or ]] lacks its partner: close the field"
    return ""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
