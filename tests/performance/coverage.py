"""Every second of speech is words, [inaudible] or a gap: accounted for from outside.

    make bench ARGS="coverage [--data FOLDER] [--model ID] [--quick]"

The two OSCE recordings go through recorder, journal, pump and speech child, once in whole windows
and once live, as fast as the child takes them (so live falls back to finals, its hardest case).
Silero VAD is run on the sound again here. A frame of speech is accounted for when a word is within
0.5 s of it, or when it lies in a stretch that was told as inaudible or as a gap.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE, Span
from app.domain.events import GapNoted, SegmentFinished, SpeechUnheard
from app.domain.ports import SpeechPlan
from app.engine_host.voice_runtime import FRAME, VoiceActivity
from tests.performance.chain import Chain, Heard, installed
from tests.performance.figures import table
from tests.performance.machine import DATA, say_conditions

REACH: Final = SAMPLE_RATE // 2
SPEECH: Final = 0.5  # probability
RECORDINGS: Final = ("CAR0001", "MSK0001")
QUICK_S: Final = 120


@dataclass(frozen=True, slots=True)
class Account:
    """Seconds of speech and where they went. `worst_s`: the longest stretch nobody accounts for."""

    speech_s: float
    words_s: float
    told_s: float
    left_s: float
    worst_s: float


def account(
    speech: Sequence[bool], words: Iterable[Span], told: Iterable[Span], frame: int = FRAME
) -> Account:
    """Account for frames of speech.

    Args:
        speech: whether each frame of `frame` samples is speech.
        words: where words are.
        told: stretches that were told as inaudible or as gaps.
        frame: samples of a frame.
    """
    is_speech = np.asarray(speech, bool)
    is_word = _within(words, len(is_speech), frame, REACH)
    is_told = _within(told, len(is_speech), frame, 0) & ~is_word
    left = is_speech & ~is_word & ~is_told
    longest = run = 0
    for each in left:
        run = run + 1 if each else 0
        longest = max(longest, run)
    second = frame / SAMPLE_RATE
    return Account(
        float(is_speech.sum() * second),
        float((is_speech & is_word).sum() * second),
        float((is_speech & is_told).sum() * second),
        float(left.sum() * second),
        longest * second,
    )


def _within(spans: Iterable[Span], frames: int, frame: int, reach: int) -> np.ndarray[Any, Any]:
    found = np.zeros(frames, bool)
    for span in spans:
        start = max(0, (span.start - reach) // frame)
        found[start : -(-(span.end + reach) // frame)] = True
    return found


def measure(chain: Chain, path: Path, *, is_live: bool) -> Account:
    """Run a recording through the chain and account for its speech."""
    heard = chain.record(SpeechPlan(is_live=is_live), file=str(path))
    chain.settle(heard, 3600.0)
    sound, _ = soundfile.read(path, dtype="float32")
    chances = VoiceActivity().probabilities(sound[: len(sound) // FRAME * FRAME])
    return account([each >= SPEECH for each in chances], _words(heard), _told(heard))


def _words(heard: Heard) -> list[Span]:
    return [
        Span(word.start, word.end)
        for event in heard.all(SegmentFinished)
        for word in event.segment.words
    ]


def _told(heard: Heard) -> list[Span]:
    unheard = [span for event in heard.all(SpeechUnheard) for span in event.spans]
    gaps = [
        Span(each.gap.at_sample, each.gap.at_sample + each.gap.count)
        for each in heard.all(GapNoted)
    ]
    return [*unheard, *gaps]


def main() -> dict[str, Any]:
    """Run both recordings both ways."""
    parser = argparse.ArgumentParser(prog="coverage", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--model", default="tiny.en")
    parser.add_argument("--quick", action="store_true", help="the first two minutes only")
    asked = parser.parse_args()
    say_conditions()
    rows: list[tuple[str, str, float, float, float, float, float]] = []
    with tempfile.TemporaryDirectory() as folder, Chain(Path(folder)) as chain:
        chain.load(installed(asked.model))
        for name in RECORDINGS:
            path = _wave(asked.data / "osce_audio", name, Path(folder), is_quick=asked.quick)
            for is_live in (False, True):
                found = measure(chain, path, is_live=is_live)
                way = "live" if is_live else "whole"
                rows.append(
                    (name, way, found.speech_s, found.words_s, found.told_s, found.left_s,
                     found.worst_s)
                )  # fmt: skip
    head = ("recording", "way", "speech s", "in words", "told", "left", "longest left")
    print(table(head, rows))
    return {"rows": [dict(zip(head, row, strict=True)) for row in rows]}


def _wave(folder: Path, name: str, into: Path, *, is_quick: bool) -> Path:
    found = sorted(folder.glob(f"{name}*.mp3"))
    if not found:
        raise SystemExit(f"{name} is not in {folder.name}")
    sound, rate = soundfile.read(found[0], dtype="int16")
    path = into / f"{name}.wav"
    soundfile.write(path, sound[: QUICK_S * rate] if is_quick else sound, rate)
    return path


if __name__ == "__main__":
    main()
