"""How hard a text is to read, as a US school grade: for summaries that patients take home. Pure."""

from __future__ import annotations

import re
from typing import Final

_SENTENCE: Final = re.compile(r"[.!?;:]+(?=\s|$)|\n+")
_WORD: Final = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_VOWELS: Final = re.compile(r"[aeiouy]+")
_SILENT_E: Final = re.compile(r"(?<=[^aeiouyl])e$|(?<=[aeiouy])le?$|(?<=[^aeiouytd])ed$")
_HARD_SYLLABLES: Final = 3
_LEAST_WORDS: Final = 10


def reading_grade(text: str) -> float | None:
    """Return the Flesch-Kincaid grade level of a text.

    0.39 * words/sentences + 11.8 * syllables/words - 15.59: Kincaid et al. 1975, Naval Technical
    Training Command Research Branch Report 8-75. Syllables are counted by groups of vowels, as
    most tools do; numbers do not count. Grades below 0 are given as 0.

    Returns:
        None for fewer than ten words: the formula says nothing about them.
    """
    pieces = [words for each in _SENTENCE.split(text) if (words := _WORD.findall(each))]
    words = [word for each in pieces for word in each]
    if len(words) < _LEAST_WORDS:
        return None
    spoken = sum(syllables(each) for each in words)
    grade = 0.39 * len(words) / len(pieces) + 11.8 * spoken / len(words) - 15.59
    return max(0.0, round(grade, 1))


def hard_words(text: str) -> tuple[str, ...]:
    """Return the words of three and more syllables, each once, in order: the first to replace."""
    found = (each.lower() for each in _WORD.findall(text))
    return tuple(dict.fromkeys(each for each in found if syllables(each) >= _HARD_SYLLABLES))


def syllables(word: str) -> int:
    """Return about how many syllables an English word has; at least one."""
    bare = _SILENT_E.sub("", word.lower()) if len(word) > _HARD_SYLLABLES else word.lower()
    return max(1, len(_VOWELS.findall(bare)))
