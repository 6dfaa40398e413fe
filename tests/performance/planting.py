"""Plants conflicts in right sentences: one changed value each, which nobody said at that visit.

Nothing here asks the checker. Values are found by patterns of this module's own, so that what the
product's parsers overlook is planted, too. Drug names come from the product's list, because there
is no other; whether a number was said is judged generously (any number of the visit, also parts of
spoken ones), so that a plant is never by chance true.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.numerals import numbers
from app.clinical.wording import content_stems, tokenize
from tests.performance.originals import Original

COMMON: Final = (
    "hydralazine", "hydroxyzine", "clonazepam", "warfarin", "sertraline", "amlodipine", "losartan",
    "atorvastatin", "metoprolol", "gabapentin", "azithromycin", "prednisolone", "furosemide",
    "citalopram", "omeprazole",
)  # fmt: skip
"""Names to plant: frequent drugs, some of which sound alike."""
KINDS: Final = ("dose", "side", "negation", "drug", "number", "date", "allergy")
OTHER_NEGATION: Final = "other negation"
"""Of words that are no clinical idea ("denies that he runs in the morning")."""
_REACH: Final = 60
_CLINICAL: Final = (
    Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.DRUG, Kind.DRUG_CLASS, Kind.PAIN, Kind.TEST,
    Kind.ALLERGY,
)  # fmt: skip
_WORDS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen", "twenty",
)  # fmt: skip
_TENS: Final = {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_COUNT: Final = r"(?<![\w./-])(\d+(?:\.\d+)?|" + "|".join(_WORDS[1:13]) + r")"
_DOSE: Final = re.compile(
    r"(?<![\w./-])(\d+(?:\.\d+)?)(?=[ -]?(?:mg|milligrams?|mcg|micrograms?|units?|ml|puffs?|"
    r"tablets?|g)\b)",
    re.IGNORECASE,
)
_SPAN: Final = re.compile(
    _COUNT + r"(?=[ -](?:hour|day|week|month|year)s?\b(?![ -]old)|/(?:7|52|12)\b)", re.IGNORECASE
)
_UNIT: Final = re.compile(
    r"(?<=[ -])(hour|day|week|month|year)(?=s? (?:ago|history|duration)|s\b)", re.IGNORECASE
)
_UNITS: Final = ("hour", "day", "week", "month", "year")
_DAY: Final = re.compile(
    r"\b(Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|April|June|July"
    r"|August|September|October|November|December)\b"
)
_NUMBER: Final = re.compile(
    r"(?<![\w.,/-])(\d+(?:\.\d+)?)(?![\d,]|\.\d|[ -]?(?:mg|mcg|ml|g|milli|micro|unit|puff|tablet|"
    r"hour|day|week|month|year(?!s?[ -]old))|/(?:7|52|12)\b|st|nd|rd|th|[A-Za-z])",
    re.IGNORECASE,
)
_SIDE: Final = re.compile(r"\b(left|right)(?=[ -][a-z])", re.IGNORECASE)
_NO_SIDE: Final = re.compile(
    r"\b(?:all|that's|is|was|be|he|she|they|has) (?:left|right)\b", re.IGNORECASE
)
_PARTS: Final = (
    "side sided hand arm forearm shoulder elbow wrist finger thumb hip thigh knee leg calf ankle "
    "foot feet toe heel shin eye ear face cheek temple head jaw nostril neck back flank quadrant "
    "groin rib lung chest breast kidney heart coronary ventric atri carotid lower upper abdomen "
    "inguinal testic testis ovary axilla rotator nose buttock extremit"
).replace(" ", "|")
_OF_PART: Final = re.compile(rf"\b(left|right)[ -](?:\w+[ -]){{0,3}}?(?:{_PARTS})")
_ON_SIDE: Final = re.compile(r"\b(?:on|to|in) (?:the|my|your|his|her) (left|right)\b(?! now)")
_DENIAL: Final = re.compile(
    r"\b(?:no|not|den(?:y|ies|ied)|without|negative|nor|neither|never|none|nil|un\w+|absent|"
    r"fails?|lacks?|if|any)\b|n't\b",
    re.IGNORECASE,
)
_FLIPS: Final = (
    (r"\bdenies having(?: any)?\b", "reports having"), (r"\bdenies(?: any| ever)?\b", "reports"),
    (r"\bdenied(?: any)?\b", "reported"), (r"\bdoes not have(?: any)?\b", "has"),
    (r"\bhas not had(?: any)?\b", "has had"), (r"\bhas not (?=\w+ed\b)", "has "),
    (r"\bis not\b(?! sure)", "is"), (r"\bwas not\b(?! sure)", "was"),
    (r"\bThere (is|are|was|were) no\b", r"There \1"), (r"\bnegative for\b", "positive for"),
    (r"\bwithout\b", "with"), (r"\b[Dd]id not have(?: any)?\b", "had"),
    (r"^(?:No|Nil) (?=[a-z])", ""), (r"(?<=[,:.] )[Nn]o (?=[a-z])", ""),
)  # fmt: skip
_TURNS: Final = (
    (r"\b(?:reports|endorses) (?=[a-z])", "denies "), (r"\breported (?=[a-z])", "denied "),
    (r"\bcomplains of\b", "denies"), (r"\bhas a history of\b", "has no history of"),
    (r"\bpositive for\b", "negative for"), (r"\bhas been (?=\w+(?:ing|ed)\b)", "has not been "),
    (r"\bis taking\b", "is not taking"), (r"\b[Tt]here (is|was) (?:an?|some) ", r"There \1 no "),
    (r"^Has (?:had )?(?=[a-z])", "Has had no "), (r"\bhas (?=(?:been|had)\b)", "has not "),
    (r"\bhas (?=(?:an?|some)\b)", "does not have "),
    (r"\bis (?=(?:experiencing|having|feeling|able|noted)\b)", "is not "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plant:
    """A changed sentence.

    Attributes:
        was, put: the words that were changed, and what stands there now.
    """

    kind: str
    original: Original
    text: str
    was: str
    put: str


class Planter:
    """Plants conflicts; the same sentence always gets the same ones."""

    def __init__(self, lexicon: Lexicon, common: tuple[str, ...]) -> None:
        """Take `common`: drug names to plant, such as those that any visit speaks of."""
        self._lexicon = lexicon
        self._common = common
        self._makers: dict[str, Callable[[Original], Iterator[tuple[str, str, str]]]] = {
            "dose": self._doses, "side": self._sides, "negation": self._negations,
            "drug": self._drugs, "number": self._numbers, "date": self._dates,
            "allergy": self._allergies,
        }  # fmt: skip

    def plant(self, original: Original) -> Iterator[Plant]:
        """Yield up to one plant of each kind."""
        for kind in KINDS:
            found = list(self._makers[kind](original))
            if found:
                text, was, put = random.Random(kind + original.text).choice(found)
                name = self._name(kind, original, was)
                yield Plant(name, original, text, was, put)

    def _name(self, kind: str, original: Original, was: str) -> str:
        if kind != "negation":
            return kind
        start = original.text.find(was) + len(was)
        near = original.text[start : start + _REACH]
        is_clinical = any(each.kind in _CLINICAL for each in self._lexicon.mentions(near))
        return kind if is_clinical else OTHER_NEGATION

    def _doses(self, original: Original) -> Iterator[tuple[str, str, str]]:
        yield from self._values(_DOSE, original)

    def _numbers(self, original: Original) -> Iterator[tuple[str, str, str]]:
        yield from self._values(_NUMBER, original)

    def _dates(self, original: Original) -> Iterator[tuple[str, str, str]]:
        yield from self._values(_SPAN, original)
        said = original.said
        for match in _UNIT.finditer(original.text):
            others = [each for each in _UNITS if each not in said]
            if match[1].lower() in said and others:
                yield _put(original, match, random.Random(original.text).choice(others))
        for match in _DAY.finditer(original.text):
            days = ("Monday", "Thursday", "Saturday", "January", "June", "October", "November")
            others = [
                each
                for each in days
                if each.lower() not in said and each.endswith("day") == match[1].endswith("day")
            ]
            if match[1].lower() in said and others:
                yield _put(original, match, random.Random(original.text).choice(others))

    @staticmethod
    def _values(pattern: re.Pattern[str], original: Original) -> Iterator[tuple[str, str, str]]:
        said = numbers_said(original.said)
        for match in pattern.finditer(original.text):
            value = value_of(match[1])
            if value not in said:
                continue  # a fact of the chart: see `is_spoken`
            near = [value * 2, value + 10, value / 2, value + 3, value * 10, value + 1, value - 2]
            fits = [each for each in near if each > 0 and each not in said]
            fits = [each for each in fits if each.is_integer() or value > each]
            if fits:
                put = random.Random(original.text).choice(fits[:4])
                yield _put(original, match, f"{put:g}")

    @staticmethod
    def _sides(original: Original) -> Iterator[tuple[str, str, str]]:
        said = original.said
        for match in _SIDE.finditer(original.text):
            other = "right" if match[1].lower() == "left" else "left"
            rest = original.text[match.end() :]
            part = re.match(r"[ -](?:\w+[ -]){0,2}?(\w{3,})", rest)
            is_odd = _NO_SIDE.search(original.text[max(0, match.start() - 8) : match.end()])
            words = re.findall(r"[a-z]+", rest.lower())[:3]
            is_both = any(re.search(rf"\b{other}\b[^.?!]{{0,25}}\b{each}", said) for each in words)
            is_paired = re.search(rf"\b{other}\b", original.text, re.IGNORECASE)
            if part and not is_odd and not is_both and not is_paired:
                yield _put(original, match, other)

    @staticmethod
    def _negations(original: Original) -> Iterator[tuple[str, str, str]]:
        text = original.text
        is_denial = bool(_DENIAL.search(text))
        for pattern, put in _FLIPS if is_denial else _TURNS:
            match = re.search(pattern, text)
            if match:
                told = match.expand(put)
                rest = text[match.end() :]
                rest = rest.replace(" any ", " ", 1) if is_denial else rest
                changed = text[: match.start()] + told + rest
                yield changed[:1].upper() + changed[1:], match[0], told
                return

    def _drugs(self, original: Original) -> Iterator[tuple[str, str, str]]:
        said = original.said
        spoken = _spoken(self._lexicon, original.said)
        for mention in self._lexicon.mentions(original.text):
            if mention.kind is not Kind.DRUG or not set(mention.idea.split("+")) & spoken:
                continue
            fits = [
                each
                for each in self._common
                if each not in said
                and not set(self._lexicon.ingredients[each].split("+")) & spoken
                and each[:4] != mention.text.lower()[:4]
            ]
            put = random.Random(original.text).choice(fits)
            match = re.search(re.escape(mention.text), original.text)
            if match:
                yield _put(original, match, put)

    def _allergies(self, original: Original) -> Iterator[tuple[str, str, str]]:
        text, said = original.text, original.said
        if re.search(r"\bNKDA\b|[Nn]o (?:known )?(?:drug )?allerg", text):
            match = re.search(r"\bNKDA\b|[Nn]o (?:known )?(?:drug )?allergies", text)
            if match:
                yield _put(original, match, "Allergic to penicillin")
            return
        for mention in self._lexicon.mentions(text):
            name = mention.text
            is_near = re.search(
                rf"allerg\w*[^.]{{0,80}}{re.escape(name.lower())}"
                rf"|{re.escape(name.lower())}[^.]{{0,80}}allerg",
                said + text.lower(),
            )
            if mention.kind is Kind.DRUG and not is_near and name.lower() in said:
                yield f"The patient is allergic to {name}.", name, "allergic"


def is_worded(original: Original) -> bool:
    """Return whether half of the content words of a sentence were said at its visit.

    Where fewer were, the sentence infers ("no wheezes" from clear lungs) or stems from elsewhere:
    words cannot show whether it is right, so a change of it is no sure conflict.
    """
    words = set(content_stems(original.text))
    return len(words & _stems(original.said)) >= len(words) / 2


@lru_cache(maxsize=200)
def _stems(text: str) -> frozenset[str]:
    return frozenset(content_stems(text))


def is_spoken(original: Original, lexicon: Lexicon) -> bool:
    """Return whether all numbers, drugs and sides of a sentence occur somewhere in its visit.

    A sentence with one that does not is called a chart fact: a checker is right to ask about it.
    Numbers may stand in digits or words, alone or as part of a longer one; a side must stand
    before or after any part of the body ("all right" is no side), and "bilateral" also for "both"
    or for left and right.
    """
    said = numbers_said(original.said)
    for match in re.finditer(r"(?<![\w./])(?<![A-Za-z]-)\d+(?:\.\d+)?", original.text):
        if value_of(match[0]) not in said:
            return False
    sides = sides_said(original.said)
    for word in re.findall(r"\b(left|right|bilateral)", original.text.lower()):
        both = {"left", "right"} if word == "bilateral" else {word}
        if not (both <= sides or "both" in sides):
            return False
    spoken = _spoken(lexicon, original.said)
    return all(
        set(each.idea.split("+")) & spoken
        for each in lexicon.mentions(original.text)
        if each.kind is Kind.DRUG
    )


@lru_cache(maxsize=200)
def sides_said(text: str) -> frozenset[str]:
    """Return `left`, `right` and `both` where they are said of a part of the body."""
    found = {match[1] for match in _OF_PART.finditer(text)}
    found |= {match[1] for match in _ON_SIDE.finditer(text)}
    words = set(re.findall(r"[a-z]+", text))
    return frozenset(found | ({"both"} if words & {"both", "bilaterally", "bilateral"} else set()))


@lru_cache(maxsize=200)
def numbers_said(text: str) -> frozenset[float]:
    """Return every number of a visit, spoken or in digits, and the parts of composed ones."""
    tokens = tokenize(text)
    found = {each.value for each in numbers(tokens)}
    found |= {float(each) for each in re.findall(r"\d+(?:\.\d+)?", text)}
    words = set(re.findall(r"[a-z]+", text))
    found |= {float(place) for place, word in enumerate(_WORDS) if word in words}
    found |= {float(value) for word, value in _TENS.items() if word in words}
    pairs = re.findall(r"(\d+) (\d+)(?!\d)", text)
    found |= {float(first + second) for first, second in pairs}
    extra = {"a": 1.0, "couple": 2.0, "twice": 2.0, "half": 0.5, "both": 2.0, "once": 1.0}
    found |= {value for word, value in extra.items() if word in words}
    return frozenset(found)


def value_of(text: str) -> float:
    """Return the value of digits or a number word."""
    return float(_WORDS.index(text.lower())) if text.lower() in _WORDS else float(text)


@lru_cache(maxsize=200)
def _spoken(lexicon: Lexicon, text: str) -> frozenset[str]:
    return frozenset(
        part
        for each in lexicon.mentions(text)
        if each.kind is Kind.DRUG
        for part in each.idea.split("+")
    )


def _put(original: Original, match: re.Match[str], put: str) -> tuple[str, str, str]:
    start, end = match.span(1) if match.re.groups else match.span()
    was = original.text[start:end]
    return original.text[:start] + put + original.text[end:], was, put
