"""What a rule gets to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.lexicon import Lexicon
from app.clinical.quantities import Quantity, agree
from app.drafting.evidence import EvidenceIndex
from app.drafting.reading import Reading

NEAR: Final = 2
"""Passages beside the window. "How long?" and its answer mostly follow the symptom at once."""


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


def _any(_told: Quantity, _said: Quantity) -> bool:
    return True


def is_said(
    told: Quantity,
    passages: Iterable[Reading],
    fits: Callable[[Quantity, Quantity], bool] = _any,
) -> bool:
    """Return whether a passage holds an agreeing quantity that also fits."""
    return any(
        agree(told, said) and fits(told, said)
        for passage in passages
        for said in passage.quantities
    )
