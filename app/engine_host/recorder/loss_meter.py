"""How many samples a device kept to itself: what came, held against the monotonic clock.

Pure arithmetic. A late block is no loss: the deficit must last. A device clock that runs a
little slow is none either: only a jump within half a minute counts.
"""

from __future__ import annotations

from collections import deque
from typing import Final

LOSS_S: Final = 0.1
"""SPEECH.md 1: samples against the monotonic clock > 100 ms."""
_SETTLE: Final = 2  # so many whole seconds must the deficit last
_MEMORY: Final = 30  # 100 ppm of drift are 3 ms in so many seconds


class LossMeter:
    """Follows one stream at `rate` Hz. One thread."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._second = -1
        self._lowest: deque[float] = deque(maxlen=_MEMORY)  # least deficit of each second

    @property
    def usual_s(self) -> float | None:
        """The least deficit of late: what a block that is not late has; None at the beginning."""
        return min(self._lowest, default=None)

    def deficit_s(self, count: int, now_s: float) -> float:
        """Return by how much the samples lag behind the clock; its zero means nothing."""
        return now_s - count / self._rate

    def restart(self) -> None:
        """A loss was found by other means: what comes now is measured from here."""
        self._lowest.clear()

    def note(self, count: int, now_s: float) -> float:
        """Say how many samples came in all, at `now_s`; return the seconds that are lost.

        A loss is returned once, some two seconds after it happened; else 0.0.
        """
        deficit_s = self.deficit_s(count, now_s)
        if int(now_s) != self._second or not self._lowest:
            self._second = int(now_s)
            lost_s = self._lost_s()
            self._lowest.append(deficit_s)
            return lost_s
        self._lowest[-1] = min(self._lowest[-1], deficit_s)
        return 0.0

    def _lost_s(self) -> float:
        if len(self._lowest) <= _SETTLE:
            return 0.0
        seconds = list(self._lowest)
        before, since = min(seconds[:-_SETTLE]), min(seconds[-_SETTLE:])
        lost_s = since - before
        if lost_s <= LOSS_S:
            return 0.0
        self._lowest.clear()
        return lost_s
