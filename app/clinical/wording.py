"""Words of a text as comparable tokens: lower case, stems, places. Pure; any thread."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list written as text with blanks between."""
    return frozenset(text.split())


WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[.,;:?!/%()-]")
BREAKS: Final = frozenset(".;:?!,()")
_SPACED: Final = (
    (re.compile(r"\b([A-Za-z]+) (n't|'(?:s|m|re|ve|ll|d))(?=\W|$)"), r"\1\2"),
    (re.compile(r"\b(gon|wan|got) (na|ta)\b", re.IGNORECASE), r"\1\2"),
    (re.compile(r"\bca n't\b", re.IGNORECASE), "can't"),
    (re.compile(r"\s+([.,;:?!])"), r"\1"),
)
_LEAST_DOUBLED: Final = 3
_LEAST_SILENT: Final = 4
"""Letters a word must have before its doubled end or its silent "e" is dropped."""
_IRREGULAR: Final = {
    "feet": "foot", "teeth": "tooth", "women": "woman", "men": "man", "children": "child",
    "worse": "worse", "took": "take", "taken": "take", "had": "have", "has": "have",
    "having": "have", "felt": "feel", "went": "go", "gone": "go", "goes": "go", "came": "come",
    "saw": "see", "seen": "see", "gave": "give", "given": "give", "got": "get", "told": "tell",
    "slept": "sleep", "died": "die", "dying": "die", "dies": "die", "ran": "run", "lost": "lose",
    "loss": "lose",
    "kept": "keep", "ate": "eat", "eaten": "eat", "drank": "drink", "drunk": "drink",
    "began": "begin", "begun": "begin", "left": "left", "diagnoses": "diagnosis",
    "oedema": "edema", "diarrhoea": "diarrhea", "anaemia": "anemia", "calves": "calf",
    "was": "be", "were": "be", "is": "be", "are": "be", "been": "be", "being": "be", "am": "be",
}  # fmt: skip
STOPWORDS: Final = word_set(
    "a an the and or but if so of to in on at by for with from as that this these those it "
    "its i me my mine you your yours he him his she her hers we us our they them their there "
    "here what which who whom when where why how be do does did doing have can could will "
    "would shall should may might must just then than too very also not no nor don't didn't "
    "doesn't yes yeah okay ok um uh er erm hmm mm oh well like really quite bit lot some any "
    "all about into over under out up down off again such own same s t m re ve ll d i'm i've "
    "i'd i'll it's that's you're he's she's they're we're let's gonna wanna got get go going "
    "say says said think know mean see now right patient patients report reports reported "
    "state states stated deny denies denied note notes noted describe describes described "
    "endorse endorses endorsed present presents currently due is are was were been being am "
    "has had having one thing things kind sort sure fine good great please thank thanks hi "
    "hello bye sir ma'am actually probably maybe guess suppose because cause 'cause other nil"
)
"""Words too common to prove anything. Not in the list: numbers, sides and words of time."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark.

    Attributes:
        text: lower case, with straight apostrophes.
        stem: shared by the forms of a word ("vomiting", "vomited").
        start, end: characters of the text it came from.
    """

    text: str
    stem: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a word or number, not a mark."""
        return self.text[0].isalnum()


def straighten(text: str) -> str:
    """Return the text with straight apostrophes and without blanks inside words or before marks.

    Corpora and some engines write "do n't", "gon na" and "pain ."
    """
    text = text.replace("\u2019", "'").replace("\u2018", "'")
    for pattern, put in _SPACED:
        text = pattern.sub(put, text)
    return text


def tokenize(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens. Hyphens split words, so "62-year-old" gives three."""
    lowered = text.replace("\u2019", "'").lower()
    if len(lowered) != len(text):
        lowered = "".join(each.lower() if len(each.lower()) == 1 else each for each in text)
    return tuple(
        Token(match[0], stem(match[0]), match.start(), match.end())
        for match in WORD.finditer(lowered)
    )


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what the forms of a word share. Weaker than Porter: it keeps short words whole."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word[0].isalpha():
        return word.replace(",", "")
    word = word.removesuffix("'s")
    for ending, put, least in (
        ("ies", "y", 5), ("ied", "y", 5), ("sses", "ss", 5), ("ingly", "", 8), ("ing", "", 6),
        ("edly", "", 7), ("ed", "", 5), ("es", "e", 5), ("s", "", 4), ("ly", "", 6),
    ):  # fmt: skip
        if word.endswith(ending) and len(word) >= least and not word.endswith(("ss", "us", "is")):
            word = word[: -len(ending)] + put
            break
    if len(word) > _LEAST_DOUBLED and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word[:-1] if len(word) > _LEAST_SILENT and word.endswith("e") else word


def content_stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words that carry meaning, in order, with repeats."""
    return tuple(
        token.stem for token in tokenize(text) if token.is_word and token.text not in STOPWORDS
    )


def word_count(text: str) -> int:
    """Return how many words and numbers a text has."""
    return sum(1 for token in tokenize(text) if token.is_word)
