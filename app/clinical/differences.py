"""What a second decode changes in a transcript, and whether it could matter. Pure; any thread.

The rule is the safe one: a change is clinical unless it can be shown to be formatting. Case, marks,
the form of a number, contractions, hesitations and stumbles are formatting; every other word is
not, so negations, sides, drugs, doses and names always reach a person.
"""

from __future__ import annotations

import difflib
import enum
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.spoken_numbers import TEENS, TENS, UNITS
from app.clinical.wording import word_set
from app.clinical.written import write
from app.domain.transcript import Word


class ChangeKind(enum.StrEnum):
    """What a change is worth.

    SAME: the same words with other blanks or in another spelling ("okay", "ok").
    FORMATTING: case, marks, the form of numbers, hesitations, stumbles.
    CLINICAL: anything else.
    """

    SAME = "same"
    FORMATTING = "formatting"
    CLINICAL = "clinical"


@dataclass(frozen=True, slots=True)
class Change:
    """Neighboring words that read otherwise.

    Attributes:
        first, count: the words of `before` it replaces; with a count of 0 it stands before `first`.
        after: the words instead; empty when they were not said.
    """

    kind: ChangeKind
    first: int
    count: int
    after: tuple[Word, ...]
    before_text: str
    after_text: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """A word, or the words of one written form, in the form in which units are compared."""

    text: str
    first: int
    count: int


_WORTH: Final = tuple(ChangeKind)
_FILLERS: Final = word_set("uh um uhm umm er erm hmm hm mm ah oh eh so like and a an the")
"""Words whose coming and going changes nothing; "yes", "no" and pronouns are not among them."""
_ANSWERS: Final = frozenset({"mm", "hm"})
_OPENERS: Final = word_set("ok well")
"""The same at the beginning of a sentence; "I feel okay" is an answer."""
_SPELLINGS: Final = {
    "okay": "ok", "alright": "all right", "gonna": "going to", "wanna": "want to",
    "gotta": "got to", "cannot": "can not", "can't": "can not", "won't": "will not",
    "yep": "yes", "yeah": "yes", "yup": "yes", "grey": "gray", "x-ray": "xray", "cause": "because",
    "'cause": "because", "let's": "let us", "doctor": "dr", "dr": "dr", "mister": "mr",
    "litre": "liter", "litres": "liters", "oedema": "edema", "anaemia": "anemia",
    "diarrhoea": "diarrhea", "haemoglobin": "hemoglobin", "centre": "center",
}  # fmt: skip
_ENDINGS: Final = (("n't", " not"), ("'re", " are"), ("'ve", " have"), ("'ll", " will"),
                   ("'m", " am"))  # fmt: skip
_MARKS: Final = ".,;:?!\"'()[]{}\u201c\u201d\u2018\u2026-\u2013\u2014"
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3})")
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_DIGIT: Final = re.compile(r"\d")
_NOT_SAID: Final = re.compile(r"[^\w/.%:+<>]|(?<!\d)\.|\.(?!\d)")
_NUMBER: Final = re.compile(r"-?\d+(?:[./:-]\d+)*")
_SIGNED: Final = re.compile(r"[-\u2212\u2013]?\.?(?=\d)")
_WEIGHTY: Final = word_set("a an no not in less i")
"""Words that a blank sets free: "a febrile" is not "afebrile", "not able" is not "notable"."""
_WORDS: Final = {
    word: str(value) for table in (UNITS, TEENS, TENS) for word, value in table.items()
}


def changes(
    before: Sequence[Word], after: Sequence[Word], language: str = "en"
) -> tuple[Change, ...]:
    """Return where a second decode reads otherwise, in order.

    Args:
        before: words of the transcript, as they were spoken.
        after: words of the second decode of the same speech.
        language: what was spoken. Hesitations, numbers and spellings are known in English only;
            in another language every other word is clinical.
    """
    old, new = _units(before, language), _units(after, language)
    # "mm hm" and "uh uh" are yes and no when nothing else is said
    is_answer = not _settled(_core(old)) or not _settled(_core(new))
    matcher = difflib.SequenceMatcher(
        None, [unit.text for unit in old], [unit.text for unit in new], autojunk=False
    )
    found: list[Change] = []
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            pairs = zip(old[first:last], new[start:end], strict=True)
            found += _formatted(before, after, pairs)
            continue
        place = old[first].first if first < len(old) else len(before)
        count = sum(unit.count for unit in old[first:last])
        at = new[start].first if start < len(new) else len(after)
        words = tuple(after[at : at + sum(unit.count for unit in new[start:end])])
        kind = ChangeKind.CLINICAL
        if language == "en" and not is_answer and not _has_answer(old[first:last], new[start:end]):
            kind = _kind(before[place : place + count], words, old[first:last], new[start:end])
            is_idle = _is_idle(before, place, old[first:last], new[start:end])
            if is_idle or _is_stumble(old, new, (first, last), (start, end)):
                kind = min(kind, ChangeKind.FORMATTING, key=_WORTH.index)
        found.append(_trimmed(_change(kind, before, (place, count), words), before))
    return tuple(found)


def _formatted(
    before: Sequence[Word], after: Sequence[Word], pairs: Iterator[tuple[_Unit, _Unit]]
) -> Iterator[Change]:
    """Yield the units that are the same number or word and are written otherwise."""
    for mine, yours in pairs:
        words = tuple(after[yours.first : yours.first + yours.count])
        change = _change(ChangeKind.FORMATTING, before, (mine.first, mine.count), words)
        if change.before_text != change.after_text:
            yield change


def _change(
    kind: ChangeKind, before: Sequence[Word], place: tuple[int, int], words: tuple[Word, ...]
) -> Change:
    first, count = place
    return Change(kind, first, count, words, _text(before[first : first + count]), _text(words))


def _trimmed(change: Change, before: Sequence[Word]) -> Change:
    """Return the change without words at its ends that stay: "fifty" of "fifty milligrams"."""
    first, count, words = change.first, change.count, change.after
    if change.kind is not ChangeKind.CLINICAL:
        return change
    while count and words and before[first].text == words[0].text:
        first, count, words = first + 1, count - 1, words[1:]
    while count and words and before[first + count - 1].text == words[-1].text:
        count, words = count - 1, words[:-1]
    return _change(change.kind, before, (first, count), words)


def _kind(
    before: Sequence[Word], after: Sequence[Word], old: Sequence[_Unit], new: Sequence[_Unit]
) -> ChangeKind:
    mine, yours = _core(old), _core(new)
    if _is_alike(mine, yours):
        is_same = _bare(before) == _bare(after)
        return ChangeKind.SAME if is_same else ChangeKind.FORMATTING
    if _is_alike(_settled(mine), _settled(yours)):
        return ChangeKind.FORMATTING
    return ChangeKind.CLINICAL


def _has_answer(*runs: Sequence[_Unit]) -> bool:
    """Whether "mm hm" or "uh uh" come or go with nothing else: they may be yes and no."""
    said = [_core(run) for run in runs]
    return any(
        not _settled(core) and (_ANSWERS.intersection(core) or core.count("uh") > 1)
        for core in said
    )


def _is_idle(
    before: Sequence[Word], place: int, old: Sequence[_Unit], new: Sequence[_Unit]
) -> bool:
    """Whether only "okay" and the like at the beginning of a sentence come or go."""
    is_start = not place or before[place - 1].text[-1:] in {".", "?", "!"}
    return is_start and not (set(_settled(_core(old))) | set(_settled(_core(new)))) - _OPENERS


def _is_stumble(
    old: Sequence[_Unit], new: Sequence[_Unit], mine: tuple[int, int], yours: tuple[int, int]
) -> bool:
    """Whether words come or go that are said again next to them: "I I feel", not "five five"."""
    units, (first, last) = (old, mine) if mine[0] < mine[1] else (new, yours)
    if mine[0] < mine[1] and yours[0] < yours[1]:
        return False
    size = last - first
    run = [unit.text for unit in units[first:last]]
    behind = [unit.text for unit in units[last : last + size]]
    ahead = [unit.text for unit in units[max(0, first - size) : first]]
    return run in (behind, ahead) and not any(_DIGIT.search(text) for text in run)


def _units(words: Sequence[Word], language: str) -> list[_Unit]:
    forms = {form.first: form for form in write(words)[1]} if language == "en" else {}
    numbers = _WORDS if language == "en" else {}
    units, index = [], 0
    while index < len(words):
        form = forms.get(index)
        count = form.count if form else 1
        text = form.text if form else words[index].text
        plain = _canonical(text)
        units.append(_Unit(numbers.get(plain, plain), index, count))
        index += count
    return units


def _canonical(text: str) -> str:
    """Return a word in lower case without marks; a sign or point before digits stays."""
    text = text.lower().replace("\u2019", "'")
    text = text.replace("a.m.", "am").replace("p.m.", "pm")
    lead = _SIGNED.match(text)
    bare = _ORDINAL.sub("", _GROUPED.sub("", text.strip(_MARKS)))
    if not lead or not lead[0]:
        return bare
    return ("" if lead[0] == "." else "-") + ("0." if "." in lead[0] else "") + bare


def _core(units: Sequence[_Unit]) -> list[str]:
    """Return the words with contractions spelled out."""
    result: list[str] = []
    for unit in units:
        text = _SPELLINGS.get(unit.text, unit.text)
        for ending, put in _ENDINGS:
            if text.endswith(ending):
                text = text[: -len(ending)] + put
        result += text.split()
    return result


def _settled(words: Sequence[str]) -> list[str]:
    """Return the words without hesitations, and a word that was said twice once."""
    kept = [word for word in words if word not in _FILLERS]
    groups = [(word, len(list(same))) for word, same in itertools.groupby(kept)]
    return [word for word, count in groups for _ in range(count if _DIGIT.search(word) else 1)]


def _is_alike(mine: Sequence[str], yours: Sequence[str]) -> bool:
    """Whether only blanks and marks differ, and none of them parts a number or a negation."""
    if _numbers(mine) != _numbers(yours):
        return False
    left, right = _places(mine), _places(yours)
    if "".join(text for _, text in left) != "".join(text for _, text in right):
        return False
    return not any(text in _WEIGHTY for _, text in set(left) ^ set(right))


def _numbers(words: Sequence[str]) -> list[str]:
    return [number for word in words for number in _NUMBER.findall(word)]


def _places(words: Sequence[str]) -> list[tuple[int, str]]:
    """Return the parts of the words with where each begins when nothing stands between them."""
    parts = [_NOT_SAID.sub("", part) for word in words for part in word.split("-")]
    starts = itertools.accumulate((len(part) for part in parts), initial=0)
    return [(start, part) for start, part in zip(starts, parts, strict=False) if part]


def _bare(words: Sequence[Word]) -> str:
    return "".join(each for word in words for each in word.text if each.isalnum())


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
