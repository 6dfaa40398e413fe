"""What a listener hears, as frames to the app. On the model's thread of the speech child."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Protocol

from app.domain.audio import SAMPLE_RATE, Span
from app.engine_host.host import Outlet
from app.engine_host.listening import Audio, Changed, Listener, Spoken
from app.engines.wire import Frame


class Voices(Protocol):
    """Tells the speakers of a recording apart: `speakers.Speakers`."""

    def hear(self, at_sample: int, pcm: Audio) -> None:
        """Take sound in which somebody speaks."""

    def split(self, words: Sequence[tuple[int, int]]) -> list[int]:
        """Return the indices of words, given by start and end, where another speaker begins."""

    def who(self, start: int, end: int) -> tuple[str, str, float]:
        """Return speaker, speaker role and confidence of a finished segment."""

    def settle(self) -> list[tuple[int, int, str, str, float]]:
        """Return the same for all segments, with start and end before, after all was heard."""


class Reporter:
    """Turns what a listener hears into frames.

    Args:
        outlet: takes frames.
        session: stands in each of them.
        voices: tells speakers apart; None where nobody can.
    """

    def __init__(self, outlet: Outlet, session: int, voices: Voices | None = None) -> None:
        self._outlet = outlet
        self._session = session
        self._voices = voices

    def opened(self, at_sample: int, pcm: Audio) -> None:
        """Sound in which somebody speaks."""
        if self._voices is not None:
            self._voices.hear(at_sample, pcm)

    def partial(self, words: Sequence[Spoken]) -> None:
        """Tell words that may change."""
        self._tell("partial", {"words": _rows(words)})

    def committed(self, words: Sequence[Spoken]) -> None:
        """Tell words that are named now."""
        self._tell("committed", {"words": _rows(words)})

    def final(self, words: Sequence[Spoken], changed: Sequence[Changed] = ()) -> None:
        """Tell an utterance, and in the same frame what it changed: one cannot be lost alone.

        It is told in parts where another speaker begins in the middle of it.
        """
        starts = [0]
        if words and self._voices is not None:
            starts += self._voices.split([(word.start, word.end) for word in words])
        for start, end in pairwise([*starts, len(words)]):
            part = words[start:end]
            is_last = end == len(words)
            known = {word.number for word in part}
            mine = [each for each in changed if is_last or known.intersection(each.numbers)]
            changed = [each for each in changed if each not in mine]
            self._utterance(part, mine)

    def _utterance(self, words: Sequence[Spoken], changed: Sequence[Changed]) -> None:
        revised = [[list(each.numbers), each.before, each.after] for each in changed]
        fields: dict[str, Any] = {"words": _rows(words), "revised": revised}
        if words and self._voices is not None:
            speaker, role, confidence = self._voices.who(words[0].start, words[-1].end)
            fields |= {"speaker": speaker, "role": role, "confidence": confidence}
        self._tell("final", fields)

    def unheard(self, spans: Sequence[Span]) -> None:
        """Tell where somebody spoke and no words came of it."""
        self._tell("unheard", {"spans": [[each.start, each.end] for each in spans]})

    def settled(self, at_sample: int) -> None:
        """Tell what may be forgotten."""
        self._tell("progress", {"decoded_to": at_sample})

    def heard(self, listener: Listener, waiting: int, *, is_idle: bool = False) -> None:
        """Say what may be forgotten, how far behind the child is, and whether it is idle."""
        heard_to = listener.heard_to
        fields: dict[str, Any] = {"decoded_to": listener.settled, "heard_to": heard_to}
        lag_s = waiting / SAMPLE_RATE
        self._tell("progress", {**fields, "lag_s": lag_s, "is_idle": is_idle})

    def finished(self, decoded_to: int) -> None:
        """Say who spoke, now that all is heard, and that all sound of the session is words."""
        if self._voices is not None:
            self._tell("roles", {"rows": [list(each) for each in self._voices.settle()]})
        self._tell("finished", {"decoded_to": decoded_to})

    def _tell(self, kind: str, fields: dict[str, Any]) -> None:
        self._outlet.send(Frame(kind, {"session": self._session, **fields}))


def _rows(words: Sequence[Spoken]) -> list[list[Any]]:
    return [
        [word.number, word.text, word.start, word.end, round(word.probability, 4)] for word in words
    ]


def spoken(rows: Sequence[Sequence[Any]]) -> list[Spoken]:
    """Return words from the rows of a frame: [number, text, start, end, probability]."""
    return [
        Spoken(str(text), int(start), int(end), float(probability), int(number))
        for number, text, start, end, probability in rows
    ]
