"""Doubtful words that may be drugs: candidates for a person, best first. Nothing is swapped. Pure.

"Apropastatin" was auto-corrected to pravastatin where atorvastatin was said (SPEECH.md 0.6), so a
near name is a question here, never an answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

from rapidfuzz import fuzz, process

from app.clinical.lexicon import Lexicon
from app.clinical.sound import alikeness, sounds
from app.clinical.wording import word_set
from app.domain.transcript import Segment, Suggestion, Word

MOST_CANDIDATES: Final = 5
MOST_NAMES: Final = 12
"""Names a second hearing has in mind; `SPEECH.md` section 4 allows 60 tokens, which these take."""
_MOST_WORDS: Final = 4
"""Words a heard drug may be cut into: "hydrochlorothi as I'd"."""
_LEAST_LETTERS: Final = 5
_LEAST_KNOWN_LETTERS: Final = 7
_SHORTLIST: Final = 30
_LEAST_SHORTLISTED: Final = 48.0
"""Names looked at closely, and the least likeness (of 100) of their rows of sounds."""
_SOUND_SHARE: Final = 0.75
_LEAST_SCORE: Final = 0.57
_KNOWN_LEAST: Final = 0.72
_GIVEN_LESS: Final = 0.10
_GIVEN_KNOWN_LESS: Final = 0.14
_LETTER_MORE: Final = 0.03
_LONG: Final = 5
_SURE_MORE: Final = 0.10
_JOINED_MORE: Final = 0.02
_OTHER_START: Final = 0.06
_BEHIND_BEST: Final = 0.18
_SOLD_MORE: Final = 0.16
_ALONE_MORE: Final = 0.08
_TERM_MORE: Final = 0.10
"""Scores set by hand on half of the spoken names and on the transcripts that are right."""
_NEARLY: Final = 0.2
"""A place this far below what a suggestion needs is worth a second hearing."""
_FAR_APART: Final = 8
"""Words of one doubt, at most: the names for a whole garbled sentence would be no help."""
_SURE: Final = 0.85
_DOUBT: Final = 0.6
_GIVEN_DOUBT: Final = 0.8
_MOST_SOLD: Final = 200
_BRAND_SHARE: Final = 10
_SMALL: Final = word_set(
    "a an the and or of to in on at by for with from as that this these those it its i me my you "
    "your he him his she her we us our they them their is are was were be been am do does did "
    "have has had not no yes so but if than then what who when where how all any some i'd i'm "
    "it's that's can will would should could may there here up out about over very just also "
    "okay ok um uh er hmm mm mhm yeah yep alright gonna wanna gotta gon na wan lem ca n't "
    "kinda hi hello bye right now because been like well"
)
_MADE: Final = (
    ("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("ly", ""),
    ("ness", ""), ("er", ""), ("er", "e"), ("ies", "y"), ("ally", ""), ("al", ""),
)  # fmt: skip
_MARKS: Final = ".,;:?!'\"()[]"
_GIVEN: Final = word_set(
    "take takes taking took on refill refills prescribe prescribed prescribing start started "
    "starting stop stopped stopping continue continued order allergic using use uses used increase "
    "decrease add added called of dose dragon given gave giving"
)
_LINKS: Final = word_set("the a an some her him you your my his with to on in taking take")
_DOSED: Final = word_set("milligrams milligram mg mcg micrograms twice daily once tablets")
_RUN_ON: Final = ("un", "on")
"""What is left of "on" when it runs into the name: "started her unplavix"."""
_ENDS: Final = re.compile(r"[.?!,;:]$")
_NOT_LETTERS: Final = re.compile(r"[^a-z]")


@dataclass(frozen=True, slots=True)
class _Window:
    first: int
    count: int
    letters: str
    least: float
    is_given: bool


@dataclass(frozen=True, slots=True)
class _Found:
    window: _Window
    score: float
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where a drug may have been said, though no name is near enough to be suggested.

    Attributes:
        words: neighbors in one segment.
        names: those that sound most like them, best first, at most `MOST_NAMES`.
    """

    words: tuple[Word, ...]
    names: tuple[str, ...]


class Suggester:
    """Finds doubtful words of a segment that sound and look like a drug.

    Built once; nothing changes afterwards, so any thread may use it.
    """

    def __init__(
        self, drugs: Mapping[str, str], products: Mapping[str, int], common: AbstractSet[str]
    ) -> None:
        """Prepare the names.

        Args:
            drugs: name to its ingredients joined by "+".
            products: how many products each name has on the market; a missing name has one.
            common: words that are no drugs.
        """
        self._common = common
        self._names = {name: sounds(name) for name in drugs}
        self._spellings = frozenset(_letters(name) for name in drugs)
        self._sold = {name: _sold(name, of, products) for name, of in drugs.items()}

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the tables of a folder like `resources/lexicons`.

        Raises:
            OSError: a table is missing. The shipped folder is part of the installation.
        """
        rows = [line.split("\t") for line in _lines(folder / "drug_products.tsv")]
        products = {name: int(count) for name, count in rows}
        ingredients = Lexicon.load(folder).ingredients
        return cls(ingredients, products, frozenset(_lines(folder / "common_words.txt")))

    def suggest(self, segment: Segment, terms: Sequence[str] = ()) -> tuple[Suggestion, ...]:
        """Return the doubtful words with the names they may be, in order of the words.

        Args:
            segment: with its words; without words there is nothing to doubt.
            terms: names that are likely in this visit: they count as drugs, and come first.
        """
        wanted = {term: sounds(term) for term in terms if _letters(term)}
        found = [
            each
            for window in self._windows(segment.words, wanted)
            if (each := self._search(window, wanted))
        ]
        taken: set[int] = set()
        kept: list[_Found] = []
        for each in sorted(found, key=lambda each: -each.score):
            places = set(range(each.window.first, each.window.first + each.window.count))
            if not places & taken:
                taken |= places
                kept.append(each)
        kept.sort(key=lambda each: each.window.first)
        return tuple(_suggestion(segment, each) for each in kept)

    def doubts(self, segment: Segment, terms: Sequence[str] = ()) -> tuple[Doubt, ...]:
        """Return the places that a second hearing may settle, those of suggestions among them.

        Args:
            segment: as for `suggest`.
            terms: as for `suggest`.
        """
        wanted = {term: sounds(term) for term in terms if _letters(term)}
        near: list[tuple[_Window, dict[str, float]]] = []
        for window in self._windows(segment.words, wanted):
            scores = self._scores(window, wanted)
            if scores and max(scores.values()) >= window.least - _NEARLY:
                near.append((window, scores))
        near.sort(key=lambda each: max(each[1].values()) - each[0].least, reverse=True)
        taken: set[int] = set()
        found: list[Doubt] = []
        for window, _ in near:
            places = set(range(window.first, window.first + window.count))
            if places & taken:
                continue
            around = [each for each in near if _overlap(each[0], window)]
            first = max(window.first - _FAR_APART // 2, min(each.first for each, _ in around))
            last = min(first + _FAR_APART, max(each.first + each.count for each, _ in around))
            taken |= set(range(first, last))
            best: dict[str, float] = {}
            for _, scores in around:
                for name, score in scores.items():
                    best[name] = max(score, best.get(name, score))
            names = sorted(best, key=lambda name: (-best[name], name))[:MOST_NAMES]
            found.append(Doubt(tuple(segment.words[first:last]), tuple(names)))
        return tuple(sorted(found, key=lambda each: each.words[0].start))

    def spelled(self, words: Sequence[Word], names: Sequence[str]) -> tuple[tuple[int, str], ...]:
        """Return which of some names stand in words, letter by letter: index of word, and name."""
        letters = {_letters(name): name for name in names}
        found = ((index, _letters(word.text)) for index, word in enumerate(words))
        return tuple((index, letters[each]) for index, each in found if each in letters)

    def _windows(self, words: Sequence[Word], wanted: Mapping[str, str]) -> Iterable[_Window]:
        right = self._spellings | {_letters(term) for term in wanted}
        letters = [_letters(word.text) for word in words]
        for first in range(len(words)):
            for last in range(first + 1, min(len(words), first + _MOST_WORDS) + 1):
                part = letters[first:last]
                if not part[-1] or _is_right(words[last - 1], "".join(part), part[-1], right):
                    break
                is_given = _is_given(letters, first, last)
                window = self._window(words[first:last], part, first, is_given=is_given)
                if window:
                    yield window
                    if is_given and window.letters.startswith(_RUN_ON):
                        yield replace(window, letters=window.letters[2:])
                if _ENDS.search(words[last - 1].text):
                    break

    def _window(
        self, words: Sequence[Word], part: list[str], first: int, *, is_given: bool
    ) -> _Window | None:
        """Return what is worth a search, with the least score a name must have there."""
        joined = "".join(part)
        known = [self._is_known(word.text, each) for word, each in zip(words, part, strict=True)]
        if len(joined) < _LEAST_LETTERS or all(each in _SMALL for each in part):
            return None
        doubt = min(word.probability for word in words)
        if all(known) and (
            len(joined) < _LEAST_KNOWN_LETTERS or doubt > (_GIVEN_DOUBT if is_given else _DOUBT)
        ):
            return None
        least = _KNOWN_LEAST if all(known) else _LEAST_SCORE
        least -= (_GIVEN_KNOWN_LESS if all(known) else _GIVEN_LESS) * is_given
        least += _LETTER_MORE * min(_LONG, max(0, _LONG + _LEAST_LETTERS - len(joined)))
        least += _ALONE_MORE * (all(known) and len(part) == 1)
        least += _JOINED_MORE * (len(part) - 1) + _SURE_MORE * (doubt > _SURE)
        return _Window(first, len(words), joined, least, is_given)

    def _is_known(self, text: str, letters: str) -> bool:
        """Whether English knows a word, or what it was made from: "bilaterally", "there's"."""
        parts = text.lower().strip(_MARKS).split("-")
        if len(parts) > 1:
            return all(each in self._common or each in _SMALL or not each for each in parts)
        if letters in self._common or letters in _SMALL or "'" in text.replace("\u2019", "'")[1:]:
            return True
        return any(
            letters.endswith(ending) and f"{letters[: -len(ending)]}{put}" in self._common
            for ending, put in _MADE
        )

    def _scores(self, window: _Window, wanted: Mapping[str, str]) -> dict[str, float]:
        """Return what is near a window, and how near."""
        heard = sounds(window.letters)
        near = process.extract(
            heard, self._names, scorer=fuzz.ratio, limit=_SHORTLIST, score_cutoff=_LEAST_SHORTLISTED
        )
        names = {name: row for row, _, name in near} | dict(wanted)
        scores = {name: self._score(window, heard, name, row) for name, row in names.items()}
        for name in scores:
            scores[name] += _TERM_MORE if name in wanted else self._sold[name] - _SOLD_MORE
        return scores

    def _search(self, window: _Window, wanted: Mapping[str, str]) -> _Found | None:
        scores = self._scores(window, wanted)
        ranked = sorted(scores, key=lambda name: (-scores[name], name))[:MOST_CANDIDATES]
        if not ranked or scores[ranked[0]] < window.least:
            return None
        best = scores[ranked[0]]
        kept = tuple(name for name in ranked if scores[name] >= best - _BEHIND_BEST)
        return _Found(window, best, kept)

    def _score(self, window: _Window, heard: str, name: str, row: str) -> float:
        spelled = fuzz.ratio(window.letters, _letters(name)) / 100
        score = _SOUND_SHARE * alikeness(heard, row) + (1 - _SOUND_SHARE) * spelled
        return score - _OTHER_START * (heard[:1] != row[:1])


def _overlap(one: _Window, other: _Window) -> bool:
    return one.first < other.first + other.count and other.first < one.first + one.count


def _suggestion(segment: Segment, found: _Found) -> Suggestion:
    words = segment.words[found.window.first : found.window.first + found.window.count]
    return Suggestion(
        segment.id,
        tuple(word.id for word in words),
        " ".join(word.text for word in words),
        found.candidates,
    )


def _sold(name: str, ingredients: str, products: Mapping[str, int]) -> float:
    """Return what a name gains by being common, 0 to `_SOLD_MORE`."""
    own = products.get(name, 1)
    whole = max(products.get(each, 1) for each in ingredients.split("+"))
    count = max(own, whole // _BRAND_SHARE)
    return _SOLD_MORE * min(1.0, math.log1p(count) / math.log1p(_MOST_SOLD))


def _is_given(letters: Sequence[str], first: int, last: int) -> bool:
    """Whether a drug may stand here: "takes …", "refill the …", "… twice a day"."""
    before = first - 1
    while before >= 0 and letters[before] in _LINKS and letters[before] not in _GIVEN:
        before -= 1
    if before >= 0 and letters[before] in _GIVEN and letters[first] not in _SMALL:
        return True
    return last < len(letters) and letters[last] in _DOSED and letters[last - 1] not in _SMALL


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text.lower())


def _is_right(word: Word, joined: str, letters: str, right: AbstractSet[str]) -> bool:
    """Whether a word is a name spelled right; "medroxy progesterone" is one that was cut."""
    plain = word.text.strip(_MARKS).lower().replace("\u2019", "").replace("'", "")
    if plain != letters or (joined != letters and joined in right):
        return False
    return letters in right or (letters.endswith("s") and letters[:-1] in right)


def _lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
