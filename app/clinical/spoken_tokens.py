"""Recognized words cut into what the rules for written forms look at. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.transcript import Word

_OPENING: Final = "\"'([{\u201c\u2018\u00bf"
_CLOSING: Final = ".,;:?!)]}\"'\u201d\u2019\u2026"
_DOTTED: Final = frozenset({"a.m", "p.m"})
"""Words whose last stop belongs to them."""
_GLUED: Final = re.compile(
    r"(?P<number>\.?\d[\d,]*(?:\.\d+)?)"
    r"(?P<unit>%|mgs?|mcg|ug|[\u00b5\u03bc]g|kgs?|mls?|cc|meq|iu|mm|cm|[gu]|am|pm)",
    re.IGNORECASE,
)
_PARTS: Final = re.compile(r"[^\W_]+(?:['\u2019.,][^\W_]+)*|\.\d+")


@dataclass(frozen=True, slots=True)
class SpokenToken:
    """A word, or a part of one: "sixty-two-year-old" has four.

    Attributes:
        text: lower case, straight apostrophes, no marks around it.
        raw: the same as it was written.
        word: index of the word it belongs to.
        opening, closing: marks before and after it; inside a word there are none.
    """

    text: str
    raw: str
    word: int
    is_first: bool
    is_last: bool
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule found.

    Attributes:
        last: index of the token after the last one.
        text: the written form; None keeps these tokens as they were spoken.
    """

    last: int
    text: str | None


class Spoken:
    """The tokens of an utterance. Indexes out of range read as empty text."""

    def __init__(self, words: Sequence[Word]) -> None:
        """Cut the words into tokens."""
        self.tokens: tuple[SpokenToken, ...] = tuple(
            token for index, word in enumerate(words) for token in _cut(index, word.text)
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def text(self, index: int) -> str:
        """Return the token's text whatever marks stand before it."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def raw(self, index: int) -> str:
        """Return the token as it was written, without marks."""
        return self.tokens[index].raw if 0 <= index < len(self.tokens) else ""

    def after(self, index: int) -> str:
        """Return the token's text if no mark parts it from the token before, else nothing."""
        if not 0 < index < len(self.tokens):
            return self.text(index)
        is_cut = self.tokens[index - 1].closing or self.tokens[index].opening
        return "" if is_cut else self.tokens[index].text

    def marks(self, index: int) -> str:
        """Return the marks between the token before this one and this one."""
        before = self.tokens[index - 1].closing if 0 < index <= len(self.tokens) else ""
        return before + (self.tokens[index].opening if index < len(self.tokens) else "")

    def before(self, index: int) -> str:
        """Return the text of the token before this one if no mark parts the two."""
        return self.text(index - 1) if index and self.after(index) else ""

    def follows(self, index: int, *texts: str) -> bool:
        """Return whether these tokens stand from `index` on, no mark before or between."""
        return all(self.after(index + step) == text for step, text in enumerate(texts))

    def is_at_end(self, index: int) -> bool:
        """Return whether nothing follows before `index`: the end, or a mark."""
        return index >= len(self.tokens) or not self.after(index)

    def near(self, index: int, last: int, reach: int) -> frozenset[str]:
        """Return the tokens around a span, `reach` to either side."""
        before = self.tokens[max(0, index - reach) : index]
        behind = self.tokens[last : last + reach]
        return frozenset(token.text for token in (*before, *behind))


def _cut(index: int, text: str) -> list[SpokenToken]:
    core = text.lstrip(_OPENING)
    opening = text[: len(text) - len(core)]
    bare = core.rstrip(_CLOSING)
    closing = core[len(bare) :]
    if bare.lower() in _DOTTED and closing.startswith("."):
        bare, closing = bare + ".", closing[1:]
    parts = _split(bare)
    return [
        SpokenToken(
            text=part.replace("\u2019", "'").lower(),
            raw=part,
            word=index,
            is_first=not number,
            is_last=number == len(parts) - 1,
            opening="" if number else opening,
            closing=closing if number == len(parts) - 1 else "",
        )
        for number, part in enumerate(parts)
    ]


def _split(bare: str) -> list[str]:
    glued = _GLUED.fullmatch(bare)
    if glued:
        return [glued["number"], glued["unit"]]
    parts = bare.split("-")
    if len(parts) > 1 and all(_PARTS.fullmatch(part) for part in parts):
        return parts
    return [bare]
