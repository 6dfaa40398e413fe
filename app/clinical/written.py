"""How an utterance is written: 130/80, 50 mg, March 3, with the spoken words kept. Pure.

Precision comes first: a rule that does not apply leaves the words as they were spoken. What a
form stands for is never lost, because forms lie over `Segment.words` and change none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.clinical.spoken_tokens import Match, Spoken
from app.clinical.written_doses import dose, span
from app.clinical.written_names import (
    broken,
    digits,
    frequency,
    graded,
    lettered,
    plain,
    ranked,
)
from app.clinical.written_times import age, clock, date, year
from app.clinical.written_vitals import plus, pressure, reading, scale
from app.domain.transcript import Word, WrittenForm
from app.domain.vocabulary import Replacement

_Rule = Callable[[Spoken, int], Match | None]
_RULES: Final[tuple[_Rule, ...]] = (
    broken, lettered, pressure, scale, date, age, clock, frequency, dose, span, year, digits, plus,
    graded, reading, ranked, plain,
)  # fmt: skip
"""In order: the first that applies decides."""


def write(
    words: Sequence[Word], replacements: Sequence[Replacement] = ()
) -> tuple[str, tuple[WrittenForm, ...]]:
    """Return how the words are written, and which words the written forms stand for.

    Args:
        words: of one utterance, as they were spoken.
        replacements: what the clinician wants written for what is heard; they go first.

    Returns:
        The text with forms in place, and the forms in order, not overlapping.
    """
    spoken = Spoken(words)
    wanted = sorted(
        ((tuple(each.spoken.lower().split()), each.written) for each in replacements),
        key=lambda each: -len(each[0]),
    )
    forms, index = [], 0
    while index < len(spoken):
        match = _match(spoken, index, wanted)
        if match is None:
            index += 1
            continue
        form = _form(spoken, index, match, words)
        forms += [form] if form else []
        index = match.last
    return _text(words, forms), tuple(forms)


def _match(
    spoken: Spoken, index: int, wanted: Sequence[tuple[tuple[str, ...], str]]
) -> Match | None:
    if not spoken.tokens[index].is_first:
        return None
    for heard, written in wanted:
        if heard and spoken.text(index) == heard[0] and _follows(spoken, index, heard):
            match = Match(index + len(heard), written)
            if _is_whole(spoken, match):
                return match
    for rule in _RULES:
        found = rule(spoken, index)
        if found and _is_whole(spoken, found):
            return found
    return None


def _follows(spoken: Spoken, index: int, heard: tuple[str, ...]) -> bool:
    return spoken.follows(index + 1, *heard[1:])


def _is_whole(spoken: Spoken, match: Match) -> bool:
    return spoken.tokens[match.last - 1].is_last


def _form(spoken: Spoken, index: int, match: Match, words: Sequence[Word]) -> WrittenForm | None:
    if match.text is None:
        return None
    first, last = spoken.tokens[index], spoken.tokens[match.last - 1]
    text = f"{first.opening}{match.text}{last.closing}"
    count = last.word - first.word + 1
    said = " ".join(word.text for word in words[first.word : first.word + count])
    return WrittenForm(first.word, count, text) if text != said else None


def _text(words: Sequence[Word], forms: Sequence[WrittenForm]) -> str:
    parts, index = [], 0
    for form in forms:
        parts += [word.text for word in words[index : form.first]]
        parts.append(form.text)
        index = form.first + form.count
    parts += [word.text for word in words[index:]]
    return " ".join(parts)
