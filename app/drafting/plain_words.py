"""Everyday words in the place of clinical ones, for what patients take home. Pure; any thread.

A table of words, no model: what it does not know stays, and the reading level tells the rest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self


class PlainWords:
    """Puts everyday words into a text.

    Args:
        words: clinical words in lower case, and what patients say for them.
    """

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = dict(words)
        longest = sorted(self._words, key=lambda each: (-len(each), each))
        choices = "|".join(re.escape(each) for each in longest) or r"(?!)"
        self._known = re.compile(rf"(?<![\w-])(?:{choices})(?![\w-])", re.IGNORECASE)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `plain_words.tsv`.

        Raises:
            OSError: it is missing. It is part of the installation.
        """
        lines = path.read_text(encoding="utf-8").splitlines()
        pairs = (each.partition("\t") for each in lines if not each.startswith("#"))
        return cls({hard: plain for hard, _, plain in pairs if plain})

    def plain(self, text: str) -> str:
        """Return the text with everyday words. One that is explained already stays."""

        def put(match: re.Match[str]) -> str:
            plain = self._words[match[0].lower()]
            gloss = plain.partition("(")[2].rstrip(")").casefold()
            if plain.casefold() in text.casefold() or (
                gloss and gloss in text.casefold() and gloss != match[0].casefold()
            ):
                return match[0]
            return plain[0].upper() + plain[1:] if match[0][0].isupper() else plain

        return self._known.sub(put, text)
