"""`make bench ARGS="simulated --model tiny.en"`: live words on a simulated clock, word by word.

The listeners of the speech child run here in one process. Sound comes in real time of a clock that
only decodes move, by what they take on two idle cores; so no other work on the machine shows in
the figures, and they come out the same each time. What is lost and invented is listed, and held
against what a person wrote down.

A second table holds the batch pass against itself: whole sessions in one piece, as they are heard
again after Stop, against clip by clip. It tells how much of "lost" and "invented" is the pass.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE
from app.domain.events import SegmentFinished
from app.domain.ports import SpeechPlan
from app.domain.transcript import Segment
from app.engine_host.batch import Batch
from app.engine_host.host import Outlet
from app.engine_host.listening import Manner
from app.engine_host.live import Live
from app.engine_host.reporting import Reporter
from app.engine_host.speech import FULL_SCALE
from app.engine_host.voice_runtime import VoiceActivity
from app.engines.speech_session import Session
from app.engines.wire import Frame
from tests.performance import live_session
from tests.performance.clips import Clip, Pcm, joined, sessions
from tests.performance.late import late_words
from tests.performance.live import clip_row, row_of, say
from tests.performance.live_tables import accuracy, print_accuracy, print_tables
from tests.performance.machine import DATA, RESULTS, say_conditions
from tests.performance.matching import differing
from tests.performance.reference_words import Aligner
from tests.performance.takes import Takes
from tests.performance.word_latency import Place

BLOCK: Final = SAMPLE_RATE // 50
"""Sound comes in blocks of 20 ms."""
WAY_S: Final = 0.1
"""From the sound card through journal and pump to the child; seen on an idle machine."""
VOICE_S: Final = 0.001
"""For each block: the voice activity model and the wire."""
AT_ONCE: Final = SAMPLE_RATE
"""The child takes at most so much sound at once: `Feed.next`."""
E = TypeVar("E")


@dataclass(slots=True)
class Clock:
    """Seconds that sound and decodes take."""

    takes: Takes
    waited_s: float = 0.0

    def __call__(self) -> float:
        """Return the time on the simulated clock."""
        return self.waited_s + self.takes.spent_s


@dataclass(slots=True)
class Published:
    """Events and their moments since the first sound."""

    said: list[tuple[float, object]] = field(default_factory=list)

    def all(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [event for _, event in self.said if isinstance(event, kind)]

    def times(self, kind: type[E]) -> list[tuple[float, E]]:
        """Return the events of a kind with their moments."""
        return [(at_s, event) for at_s, event in self.said if isinstance(event, kind)]


class Desk(Outlet):
    """Turns the frames of a listener into events with the times of the simulated clock."""

    def __init__(self, clock: Callable[[], float], *, is_live: bool) -> None:
        super().__init__(io.BytesIO())
        self._clock = clock
        self._began_s = clock()
        session = Session(SpeechPlan(is_live=is_live))
        self._hear: dict[str, Callable[[dict[str, Any]], Iterable[object]]] = {
            "partial": session.partial,
            "committed": session.committed,
            "final": session.final,
        }
        self.heard = Published()

    @override
    def send(self, frame: Frame) -> None:
        """Take a frame."""
        if frame.kind in self._hear:
            for event in self._hear[frame.kind](frame.fields):
                self.heard.said.append((self._clock() - self._began_s, event))


def listen(takes: Takes, pcm: Pcm) -> tuple[Published, float]:
    """Hear a recording live; return what was published and the greatest lag in seconds."""
    takes.begin()
    clock = Clock(takes)
    desk = Desk(clock, is_live=True)
    live = Live(takes.take, VoiceActivity(), Reporter(desk, 0), 0, Manner(clock_s=clock))
    sound = pcm.astype(np.float32) / FULL_SCALE
    at, lag, began_s = 0, 0, clock()
    while at < len(sound):
        here_s = clock() - began_s
        come = min(len(sound), int(max(0.0, here_s - WAY_S) * SAMPLE_RATE) // BLOCK * BLOCK)
        if come <= at:
            clock.waited_s += (at + BLOCK) / SAMPLE_RATE + WAY_S - here_s + 1e-6
            continue
        part = sound[at : min(come, at + AT_ONCE)]
        lag = max(lag, come - at)
        clock.waited_s += VOICE_S * len(part) / BLOCK
        at += len(part)
        live.hear(part, come)
    live.finish()
    return desk.heard, lag / SAMPLE_RATE


def read(takes: Takes, pcm: Pcm) -> str:
    """Hear a recording in whole windows; return the words."""
    return " ".join(each.spoken for each in _segments(takes, pcm))


def _segments(takes: Takes, pcm: Pcm) -> list[Segment]:
    takes.begin()
    desk = Desk(Clock(takes), is_live=False)
    batch = Batch(takes.take, VoiceActivity(), Reporter(desk, 0), 0)
    sound = pcm.astype(np.float32) / FULL_SCALE
    for at in range(0, len(sound), SAMPLE_RATE):
        batch.hear(sound[at : at + SAMPLE_RATE], len(sound))
    batch.finish()
    return [each.segment for each in desk.heard.all(SegmentFinished)]


def _read_in_one(takes: Takes, clips: list[Clip]) -> dict[str, str]:
    """Hear a whole session in windows; return the words of each clip."""
    pcm, placed = joined(clips)
    segments = _segments(takes, pcm)
    places = [Place(each, each.at, lambda sample: sample / SAMPLE_RATE) for each in placed]
    return {
        place.clip.clip.name: " ".join(each.spoken for each in segments if place.holds(each))
        for place in places
    }


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="simulated", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", action="append", help="tiny.en, base, or a model's id")
    parser.add_argument("--clips", action="append", default=[], help="names, or their beginning")
    parser.add_argument("--list", action="store_true", help="each word lost or invented")
    parser.add_argument(
        "--late", type=float, metavar="S", help="each word settled later than S seconds, and why"
    )
    parser.add_argument("--shift", type=int, default=0, help="ms of silence before: another run")
    parser.add_argument("--slower", type=float, default=1.0, help="the machine, by this factor")
    return parser.parse_args()


def main() -> dict[str, Any]:
    """Measure what was asked for and print the tables."""
    asked = _asked()
    found = sessions(asked.data, asked.clips)
    if not found:
        raise SystemExit(f"simulated: no recordings below {asked.data}")
    say_conditions()
    aligner = Aligner(RESULTS / "reference_words.json")
    references = {clip.name: aligner.words(clip) for clips in found.values() for clip in clips}
    rows: dict[str, Any] = {}
    in_one: dict[str, Any] = {}
    for model in asked.model or ("tiny.en", "base"):
        takes = Takes(model, RESULTS, asked.slower)
        again: list[dict[str, Any]] = []
        for name, clips in found.items():
            batch = {clip.name: read(takes, clip.pcm()) for clip in clips}
            key = f"{model} simulated {name} {len(clips)}"
            session, lag_s = _session(takes, clips, asked.shift * SAMPLE_RATE // 1_000)
            rows[key] = {**row_of(session, references, batch), "lag_max_s": round(lag_s, 2)}
            say(key, rows[key])
            whole = _read_in_one(takes, clips)
            again += [clip_row(each, whole[each.name], batch[each.name]) for each in clips]
            if asked.list:
                _list(clips, batch, rows[key]["clips"])
            if asked.late is not None:
                _list_late(session, references, asked.late)
        in_one[model] = accuracy(again)
    pooled = print_tables(rows)
    print("\nThe batch pass against itself: sessions in one piece, against clip by clip")
    print_accuracy("in one", in_one)
    return {"simulated": rows, "pooled": pooled, "in_one": in_one}


def _session(takes: Takes, clips: list[Clip], shift: int) -> tuple[live_session.Session, float]:
    """Listen to clips behind so much silence: no two runs on a real device cut a sound alike."""
    pcm, placed = joined(clips)
    pcm = np.concatenate([np.zeros(shift, pcm.dtype), pcm])
    placed = [replace(each, at=each.at + shift) for each in placed]
    heard, lag_s = listen(takes, pcm)
    places = [Place(each, each.at, lambda sample: sample / SAMPLE_RATE) for each in placed]
    return live_session.Session(heard, places, len(pcm) / SAMPLE_RATE, 0.0, 0), lag_s


def _list(clips: Sequence[Clip], batch: dict[str, str], rows: dict[str, Any]) -> None:
    for clip in clips:
        for each in differing(batch[clip.name], rows[clip.name]["text"], clip.text):
            said = "said" if each.is_said else "-"
            print(f"{clip.name:18} {each.kind:9} {said:5} {each.around}")


def _list_late(session: live_session.Session, references: dict[str, Any], limit_s: float) -> None:
    for place in session.places:
        clip = place.clip.clip.name
        for each in late_words(session.heard, place, references[clip], limit_s):
            seen = "never" if each.seen_s is None else f"{each.seen_s:.1f} s"
            print(f"{clip:18} {each.at_s:6.1f} s {each.settled_s:5.1f} s late, seen after {seen:6} "
                  f"{each.cause:9} {each.word}")  # fmt: skip


if __name__ == "__main__":
    main()
