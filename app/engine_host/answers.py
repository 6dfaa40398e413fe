"""What a notes child knows of an answer while it writes it: letters, stop texts, loops."""

from __future__ import annotations

import codecs
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from app.engine_host.llama_runtime import Grammar

SHORTEST_RUN: Final = 4
PENALTY: Final = 0.8
PENALTY_GROWTH: Final = 1.75
"""A token that would prolong a repeated run of n tokens loses 0.8 * 1.75 ** (n - 4) of its logit:
the "DRY" rule and its usual values (llama.cpp pull request 9702), within one answer only."""
LONGEST_RUN: Final = 30
LONGEST_CYCLE: Final = 240
CYCLING_LETTERS: Final = 120
"""So many letters in a cycle, at least three rounds, are a loop: those of the starter model went
round in 18 to 60 letters (visit CAR0001); a longer cycle holds a whole line of a note."""


@dataclass(slots=True)
class Speller:
    """Turns tokens' bytes into text: whole letters only, and nothing behind a stop text."""

    stops: Sequence[str] = ()
    has_stopped: bool = False
    tail: str = ""  # the end of all that was spelled, long enough to see a loop
    _held: str = ""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def take(self, piece: bytes) -> None:
        """Add what a token stands for."""
        text = self._decoder.decode(piece)
        self.tail = (self.tail + text)[-3 * LONGEST_CYCLE :]
        self._held += text
        found = [at for stop in self.stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.has_stopped = True
            self._held = self._held[: min(found)]

    def text(self, *, is_last: bool = False) -> str:
        """Return what can be shown and was not returned before."""
        if is_last:
            self._held += "" if self.has_stopped else self._decoder.decode(b"", final=True)
        keep = 0 if is_last or self.has_stopped else self._begun_stop()
        shown = self._held[: len(self._held) - keep]
        self._held = self._held[len(shown) :]
        return shown

    def _begun_stop(self) -> int:
        """Length of the longest end of the text that may be the beginning of a stop text."""
        for count in range(min(len(self._held), max(map(len, self.stops), default=1) - 1), 0, -1):
            if any(stop.startswith(self._held[-count:]) for stop in self.stops):
                return count
        return 0


def is_cycling(text: str) -> bool:
    """Whether the end of an answer repeats itself, letter for letter, at least three times."""
    for period in range(1, LONGEST_CYCLE + 1):
        span = max(3 * period, CYCLING_LETTERS)
        if len(text) < span:
            return False
        if text[-span + period :] == text[-span:-period]:
            return True
    return False


def prolonged(tokens: Sequence[int], breaks: AbstractSet[int]) -> dict[int, int]:
    """Return the tokens that would go on repeating the answer, and how many were repeated.

    Runs do not reach across `breaks`: every line of an answer begins and ends alike.
    """
    found: dict[int, int] = {}
    last = len(tokens) - 1
    for at in range(last):
        if tokens[at] != tokens[last] or tokens[at + 1] in breaks:
            continue
        run = 0
        while run <= at and tokens[at - run] == tokens[last - run]:
            if tokens[at - run] in breaks:
                break
            run += 1
        if run >= SHORTEST_RUN:
            found[tokens[at + 1]] = max(run, found.get(tokens[at + 1], 0))
    return found


@dataclass(slots=True)
class Answer:
    """A request while it runs. `breaks` are its tokens that end a run of words."""

    request: str
    max_tokens: int
    speller: Speller
    grammar: Grammar | None
    begun_s: float
    timeout_s: float
    tokens: list[int] = field(default_factory=list)
    breaks: set[int] = field(default_factory=set)
    reason: str = ""
    sent_s: float = 0.0

    def is_late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() - self.begun_s > self.timeout_s
