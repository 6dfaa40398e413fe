"""Takes values out of the TOML table of a template, strictly, and finds their lines. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from app.domain.errors import TemplateError

_SECTION: Final = re.compile(r"section (\d+)(?:: (\w+))?")
_HEADER: Final = re.compile(r"\s*\[\[\s*section\s*\]\]")


class Table:
    """A TOML table whose values are taken one by one; what is left over is a mistake.

    Args:
        table: as `tomllib` gives it.
        where: what stands before a key in errors: empty, or `section 2: `.
    """

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self._left = dict(table)
        self._where = where
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Return whether a value is there."""
        self._asked.add(key)
        return key in self._left

    def take(self, key: str) -> object:
        """Return a value that must be there."""
        if not self.has(key):
            close = difflib.get_close_matches(key, self._left, 1)
            hint = f" (is {close[0]} a slip of it?)" if close else ""
            raise TemplateError(self._where + key, f"is missing: add it{hint}")
        return self._left.pop(key)

    def text(self, key: str, longest: int, shape: re.Pattern[str] | None = None) -> str:
        """Return one line of text."""
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise TemplateError(self._where + key, "must be text in quotation marks")
        if len(value) > longest:
            raise TemplateError(self._where + key, f"longer than {longest} letters: shorten it")
        if not value.isprintable():
            raise TemplateError(self._where + key, "must be one printable line")
        if shape is not None and not shape.fullmatch(value):
            raise TemplateError(self._where + key, "has the wrong form: compare a shipped template")
        return value.strip()

    def number(self, key: str, least: int, most: int) -> int:
        """Return a whole number."""
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise TemplateError(self._where + key, f"must be a number from {least} to {most}")
        return value

    def choice(self, key: str, choices: Collection[str]) -> str:
        """Return one of a few words."""
        value = self.take(key)
        if not isinstance(value, str) or value not in choices:
            raise TemplateError(self._where + key, f"must be one of: {', '.join(sorted(choices))}")
        return value

    def choices(self, key: str, choices: Collection[str]) -> tuple[str, ...]:
        """Return some of a few words, each once, at least one."""
        values = self.take(key)
        if not isinstance(values, list) or not values:
            raise TemplateError(self._where + key, "must be a list of words in [ ]")
        if any(not isinstance(each, str) or each not in choices for each in values):
            raise TemplateError(self._where + key, f"may hold only: {', '.join(sorted(choices))}")
        if len(set(values)) < len(values):
            raise TemplateError(self._where + key, "holds a word twice: remove one")
        return tuple(values)

    def expect_no_more(self) -> None:
        """Refuse keys that nobody asked for: most are misspelled."""
        if not self._left:
            return
        first = min(self._left)
        close = difflib.get_close_matches(first, self._asked, 1)
        hint = f"did you mean {close[0]}?" if close else "remove it"
        raise TemplateError(self._where + first, f"is not known: {hint}")


def line_of(text: str, where: str) -> int | None:
    """Return the line, from 1, of the key that an error names; None when it cannot be told.

    A missing key gives the line of its section.
    """
    lines = text.splitlines()
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    found = _SECTION.fullmatch(where)
    if found is None:
        return _key_line(lines, where, 0, headers[0] if headers else len(lines))
    number = int(found[1])
    if number > len(headers):
        return None
    first = headers[number - 1]
    last = headers[number] if number < len(headers) else len(lines)
    return _key_line(lines, found[2] or "", first + 1, last) or first + 1


def _key_line(lines: list[str], key: str, first: int, last: int) -> int | None:
    shape = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((at + 1 for at in range(first, last) if key and shape.match(lines[at])), None)
