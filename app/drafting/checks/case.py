"""What a rule gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.figures import stated
from app.clinical.lexicon import Lexicon
from app.clinical.quantities import Measure, Quantity, agree, unit_days
from app.clinical.wording import stem, tokenize
from app.drafting.evidence import EvidenceIndex
from app.drafting.reading import Reading

NEAR: Final = 2
"""Passages beside the window. "How long?" and its answer mostly follow the symptom at once."""
_SHORT: Final = frozenset({"second", "minute", "min", "hour", "hr"})
_SLACK: Final = 1.1
"""Of a month of 30 days against four weeks."""
_PAIR: Final = 2
_ONCE: Final = frozenset({"last", "yesterday"})
_SPANS: Final = frozenset({Measure.DURATION, Measure.FREQUENCY})


@dataclass(frozen=True, slots=True)
class Case:
    """A claim with the passages it is held against.

    Attributes:
        window: the passages it rests on.
        related: further passages about the same things, best first.
        index: the whole transcript.
    """

    claim: Reading
    window: Sequence[Reading]
    related: Sequence[Reading]
    index: EvidenceIndex
    lexicon: Lexicon

    @property
    def passages(self) -> tuple[Reading, ...]:
        """Window and related passages, without repeats, in order of time."""
        found = {each.order: each for each in (*self.window, *self.related)}
        return tuple(found[order] for order in sorted(found))

    @property
    def neighborhood(self) -> tuple[Reading, ...]:
        """All passages and those next to the window: a number may follow its matter."""
        found = {each.order: each for each in self.passages}
        for passage in self.window:
            found |= {each.order: each for each in self.index.near(passage, NEAR)}
        return tuple(found[order] for order in sorted(found))

    def is_near(self, told: Quantity) -> bool:
        """Return whether an agreeing quantity was said about the same things."""
        return is_said(told, self.neighborhood, self.fits)

    def is_anywhere(self, told: Quantity) -> bool:
        """Return whether an agreeing quantity was said at all."""
        return is_said(told, self.index.passages, self.fits)

    def is_measured(self, told: Quantity) -> bool:
        """Return whether an agreeing quantity with the same measure was said at all."""

        def fits(told: Quantity, said: Quantity, _passage: Reading) -> bool:
            is_alike = said.measure is told.measure is not Measure.PLAIN
            return is_alike and _is_counted(told, said) and _is_within(told, said)

        return is_said(told, self.index.passages, fits)

    def has_figures(self, text: str) -> bool:
        """Return whether every figure of these words was said somewhere in the visit."""
        return stated(text) <= self.index.figures

    def fits(self, told: Quantity, said: Quantity, passage: Reading) -> bool:
        """Return whether two agreeing quantities may be the same.

        A bare number stands for a span only where its unit is said close by, and neither a number
        nor a span of hours stands for "today" or "several". A counted span needs a count: "last
        year" is no 30 weeks, though these lie in it.
        """
        if not _is_counted(told, said):
            return False
        if told.measure not in _SPANS or said.measure is not Measure.PLAIN:
            return told.measure is not Measure.DURATION or _is_as_exact(told, said)
        is_range = told.measure is Measure.DURATION and told.low < told.high
        if is_range and not stated(told.text) <= stated(passage.text):
            return False
        units = {token.stem for token in tokenize(told.text) if token.text[0].isalpha()}
        units |= {stem(told.unit)} if told.unit else set()
        return any(units & each.stems for each in self.index.near(passage, 1))


def _is_counted(told: Quantity, said: Quantity) -> bool:
    """Whether "last week", "today" or "several" is not taken for a number or for hours."""
    if told.measure is Measure.DURATION and said.measure is Measure.PLAIN:
        return bool(stated(told.text)) or told.low == told.high  # "a few hours" is no bare "two"
    if said.measure is not Measure.DURATION or stated(said.text) or said.low == said.high:
        return True
    is_short = told.unit in _SHORT and said.unit not in _SHORT
    return told.measure is not Measure.PLAIN and not is_short


def _is_as_exact(told: Quantity, said: Quantity) -> bool:
    """Whether a counted span is held against a counted one, or a vague one of the same unit.

    "A few days" may be three, "a couple" is two, "last week" is one week.
    """
    is_vague = said.low < said.high and not stated(said.text)
    if not is_vague or not stated(told.text) or told.low < told.high:
        return True
    size = unit_days(said)
    if not size or size != unit_days(told):
        return False
    count = told.low / size
    words = {token.text for token in tokenize(said.text)}
    if words & _ONCE:
        return count == 1
    return count == _PAIR if "couple" in words else count.is_integer()


def _is_within(told: Quantity, said: Quantity) -> bool:
    """Whether a range reaches no further than what was said: "6 to 11" is not "6 to 8"."""
    is_range = told.low < told.high
    return not is_range or (said.low <= told.low * _SLACK and told.high <= said.high * _SLACK)


def _any(_told: Quantity, _said: Quantity, _passage: Reading) -> bool:
    return True


def is_said(
    told: Quantity,
    passages: Iterable[Reading],
    fits: Callable[[Quantity, Quantity, Reading], bool] = _any,
) -> bool:
    """Return whether a passage holds an agreeing quantity that also fits."""
    return any(
        agree(told, said) and fits(told, said, passage)
        for passage in passages
        for said in passage.quantities
    )
