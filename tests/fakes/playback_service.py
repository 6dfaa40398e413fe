"""A loudspeaker without sound: what is played is a list, and the test says how far it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Future

from app.domain.audio import Span
from app.domain.errors import AppError
from app.domain.events import PlaybackEnded, PlaybackMoved
from app.domain.ids import VisitId
from tests.fakes.world import World, given

PEAKS = tuple(0.02 + 0.3 * abs(math.sin(n / 3.0)) * abs(math.sin(n / 17.0)) for n in range(320))
"""Made once: the real ones are read and reckoned off the main thread."""


class FakePlayback:
    """Remembers what was to be played."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.played: list[tuple[Span, ...]] = []
        self.visit: VisitId | None = None
        self.refusal: AppError | None = None
        self.seconds = 0

    def play(self, visit: VisitId, spans: Sequence[Span]) -> Future[None]:
        def work() -> None:
            if self.refusal is not None:
                raise self.refusal
            self.visit = visit
            self.played.append(tuple(spans))
            self.world.post.publish(PlaybackMoved(visit, min(spans).start))

        return given(work)

    def stop(self) -> None:
        if self.visit is not None:
            self.world.post.publish(PlaybackEnded(self.visit))
            self.visit = None

    def end(self, code: str = "") -> None:
        """The sound is over."""
        assert self.visit is not None
        self.world.post.publish(PlaybackEnded(self.visit, code))
        self.visit = None

    def close(self) -> None:
        self.visit = None

    def outline(self, visit: VisitId, width: int) -> Future[tuple[int, tuple[float, ...]]]:
        segments = self.world.shelf(visit).segments
        samples = max(self.seconds * 16_000, segments[-1].end if segments else 0)
        columns = -(-samples // width)
        again = -(-columns // len(PEAKS))
        return given(lambda: (samples, (PEAKS * again)[:columns]))
