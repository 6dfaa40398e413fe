"""One session of clips: played in real time, recorded by PortAudio, decoded live."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from app.domain.events import ChildReady, GenerationEnded, SegmentFinished
from app.domain.ports import GenerationPlan, SpeechPlan
from app.engines.notes import Notes
from tests.fakes.pulse import MICROPHONE
from tests.performance.chain import Chain, Heard, installed
from tests.performance.clips import Clip, Pcm, joined
from tests.performance.player import Player
from tests.performance.word_latency import Heard as AnyHeard
from tests.performance.word_latency import Place

_ENDLESS: Final = "root ::= [a-z ] root"
_LIVE_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Session:
    """What one session gave.

    Attributes:
        drift_s: by how much the clocks of player and journal differ between clips.
        gap_samples: what the journal says is missing.
    """

    heard: AnyHeard
    places: list[Place]
    played_s: float
    drift_s: float
    gap_samples: int


def play_session(chain: Chain, clips: Sequence[Clip], folder: Path) -> Session:
    """Record a session from the null sink while it is played."""
    pcm, placed = joined(clips)
    sound = folder / "session.wav"
    soundfile.write(sound, pcm, SAMPLE_RATE)
    heard = chain.record(SpeechPlan(), device=MICROPHONE)
    player = Player(sound)
    try:
        player.wait_for_start()
        player.wait()
    finally:
        player.stop()
    chain.finish(heard, _LIVE_S)
    journal = sound_of(heard)
    places = [
        Place(
            each,
            locate(journal, pcm[each.at : each.at + min(each.samples, 10 * SAMPLE_RATE)]),
            lambda sample: player.left_s(sample / SAMPLE_RATE),
        )
        for each in placed
    ]
    delays = [place.left_s(place.clip.at) - place.first / SAMPLE_RATE for place in places]
    drift_s = max(delays) - min(delays)
    gaps = sum(each.count for each in heard.state().gaps)
    return Session(heard, places, len(pcm) / SAMPLE_RATE, drift_s, gaps)


def batch_text(chain: Chain, clip: Clip) -> str:
    """Return what the same model makes of a clip in whole windows, as fast as it can."""
    heard = chain.begin(SpeechPlan(is_live=False), file=str(clip.path))
    chain.settle(heard, _LIVE_S)
    return " ".join(each.segment.spoken for each in heard.all(SegmentFinished))


def sound_of(heard: Heard) -> Pcm:
    """Return the journal's sound, zeros where nothing was kept."""
    blocks = heard.blocks()
    sound = np.zeros(
        max((each.at_sample + len(each.pcm) // 2 for each in blocks), default=0), "<i2"
    )
    for each in blocks:
        sound[each.at_sample : each.at_sample + len(each.pcm) // 2] = np.frombuffer(each.pcm, "<i2")
    return sound


def locate(sound: Pcm, part: Pcm) -> int:
    """Return where a part begins in a sound, by correlation."""
    long, short = sound.astype(np.float64), part.astype(np.float64)
    size = len(long) + len(short)
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    return int(np.argmax(product[: max(1, len(long) - len(short) + 1)]))


@contextlib.contextmanager
def busy_notes(is_busy: bool) -> Iterator[list[int]]:
    """Let the real notes child write without end while the block runs; yields tokens written."""
    tokens: list[int] = []
    if not is_busy:
        yield tokens
        return
    is_ready, is_over = threading.Event(), threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, ChildReady):
            is_ready.set()
        elif isinstance(event, GenerationEnded):
            tokens.append(event.tokens)
            if not is_over.is_set():
                threading.Thread(target=ask, daemon=True).start()

    notes = Notes(on_event)

    def ask() -> None:
        plan = GenerationPlan(f"r{len(tokens)}", "\nNote:", _ENDLESS, 400, timeout_s=600.0)
        notes.generate(plan)

    notes.load(installed("starter"))
    if not is_ready.wait(120.0):
        raise SystemExit("the notes model does not load")
    notes.begin("Patient: my back hurts since yesterday.\n", "You write notes.")
    ask()
    try:
        yield tokens
    finally:
        is_over.set()
        notes.close()
