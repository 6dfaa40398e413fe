"""Reads a model's answer while it is written: lines of `- text [ids]`, or `not discussed`.

However the answer is cut into pieces, the same lines come out. It is lenient: a model that
is not held by a grammar forgets dashes, writes `[1][2]` or `[3-5]`, or adds a heading.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

NOT_DISCUSSED: Final = "not discussed"
WIDEST_RANGE: Final = 20
"""`[3-5]` is read as three lines; a range of more lines than this is no evidence."""

_BULLET: Final = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+")  # noqa: RUF001 - models write them
_IDS: Final = re.compile(r"\s*\[([\d\s,;–-]*)\]")  # noqa: RUF001
_OPEN_IDS: Final = re.compile(r"\s*\[[\d\s,;–-]*$")  # noqa: RUF001
_RANGE: Final = re.compile(r"(\d{1,6})\s*[–-]\s*(\d{1,6})|(\d{1,6})")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Grown:
    """The line being written, as far as it can be shown. Replaces the one before."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A complete line: its text and the numbers of the transcript lines it names."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NotDiscussed:
    """The model says that nothing was said for this section."""


Parsed = Grown | Line | NotDiscussed


class StreamParser:
    """Feed it pieces of an answer; take what they complete. One parser per answer."""

    def __init__(self) -> None:
        self._open = ""
        self._shown = ""

    def feed(self, text: str) -> list[Parsed]:
        """Take a piece; return the lines it completes, then the open one if it can be shown."""
        *complete, self._open = (self._open + text).split("\n")
        found: list[Parsed] = []
        for raw in complete:
            self._shown = ""
            found += _parsed(raw)
        shown = visible(self._open)
        if shown and shown != self._shown:
            self._shown = shown
            found.append(Grown(shown))
        return found

    def finish(self, *, keep_open_line: bool = True) -> list[Parsed]:
        """End the answer.

        Args:
            keep_open_line: False when the answer was cut off: a line without its end is
                dropped, unless its ids are there already.
        """
        raw, self._open = self._open, ""
        if not keep_open_line and not re.search(r"\]\s*$", raw):
            return []
        return _parsed(raw)


def visible(raw: str) -> str:
    """Return what of an unfinished line can be shown: no dash, no numbers."""
    text = _OPEN_IDS.sub("", _IDS.sub("", _BULLET.sub("", raw))).strip()
    if text in {"-", "*", "•"} or NOT_DISCUSSED.startswith(text.lower()):
        return ""
    return text


def _parsed(raw: str) -> list[Parsed]:
    body = _BULLET.sub("", raw).strip()
    text = _IDS.sub("", body).strip()
    numbers = tuple(dict.fromkeys(n for group in _IDS.findall(body) for n in _numbers(group)))
    if text.lower().rstrip(" .") == NOT_DISCUSSED:
        return [NotDiscussed()]
    is_heading = text.endswith(":") and not numbers
    if is_heading or not any(each.isalnum() for each in text):
        return []
    return [Line(text, numbers)]


def _numbers(group: str) -> list[int]:
    found: list[int] = []
    for first, last, single in _RANGE.findall(group):
        if single:
            found.append(int(single))
        elif 0 <= int(last) - int(first) < WIDEST_RANGE:
            found += range(int(first), int(last) + 1)
        else:
            found += [int(first), int(last)]
    return found
