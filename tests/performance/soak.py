"""`make bench ARGS="soak"`: a visit of 90 minutes through the whole live chain.

The OSCE recordings, looped, are played from a file by the real recorder at the speed of talk, or
at `--pace` times that: into the journal, through the pump, to the real speech child that decodes
live. Every 10 s: memory of each process, how far the words are behind the newest sound on disk,
words so far. A pace above 1 is harder on lag and shorter on time for memory to creep: it is said.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import soundfile  # type: ignore[import-untyped]  # ships no types
import soxr  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from app.domain.events import (
    ChildEnded,
    GapNoted,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    TroubleArose,
)
from app.domain.ports import SpeechPlan
from tests.performance.chain import Chain, Heard, installed
from tests.performance.figures import curve, percentile, slope, table
from tests.performance.machine import DATA, REPOSITORY, say_conditions
from tests.performance.processes import resident_mb

WARM_UP_S: Final = 600.0
_EVERY_S: Final = 10.0
_KEPT: Final = (
    ChildEnded, GapNoted, RecordingFailed, RecordingFinished, RecordingStarted, SpeechFinished,
    TroubleArose,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """What was true at one moment; seconds of the recording, not of the clock on the wall."""

    at_s: float
    lag_s: float
    words: int
    memory_mb: dict[str, float]


@dataclass(slots=True)
class Counts:
    """What the chain said, counted. Written on its threads, read by the watch."""

    words: int = 0
    decoded_to: int = 0
    moments: list[Moment] = field(default_factory=list)

    def note(self, event: object) -> None:
        """Count an event."""
        if isinstance(event, SegmentFinished):
            self.words += len(event.segment.words)
        elif isinstance(event, SpeechProgressed):
            self.decoded_to = event.decoded_to


def main() -> dict[str, Any]:
    """Run, and print growth, drops and the curves."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--pace", type=float, default=1.0, help="times the speed of talk")
    parser.add_argument("--model", default="tiny.en")
    asked = parser.parse_args()
    say_conditions()
    counts = Counts()
    with (
        tempfile.TemporaryDirectory() as folder,
        Chain(Path(folder), counts.note, lambda event: isinstance(event, _KEPT)) as chain,
    ):
        sound = Path(folder) / "visit.wav"
        samples = write_loop(sources(asked.data), sound, asked.minutes)
        chain.load(installed(asked.model))
        began_s = time.monotonic()
        heard = chain.begin(
            SpeechPlan(is_live=True), file=str(sound), realtime=True, pace=asked.pace
        )
        _watch(heard, counts)
        took_s = time.monotonic() - began_s
        figures = summary(counts.moments, min(WARM_UP_S, asked.minutes * 60 / 3))
        figures |= _whole(heard, counts, samples)
    figures |= {"model": asked.model, "minutes": asked.minutes, "took_s": round(took_s)}
    figures |= {"pace": round(samples / SAMPLE_RATE / took_s, 2)}
    _print(figures, counts.moments)
    return {**figures, "curve": [[m.at_s, m.lag_s, m.words, m.memory_mb] for m in counts.moments]}


def sources(data: Path) -> list[Path]:
    """Return the whole OSCE recordings; the shipped sample where they are absent."""
    found = sorted((data / "osce_audio").glob("*.mp3"))
    return found or [REPOSITORY / "resources/samples/back_pain_visit.flac"]


def write_loop(paths: Sequence[Path], to: Path, minutes: float) -> int:
    """Write recordings one after the other, again and again; return the number of samples."""
    wanted = round(minutes * 60 * SAMPLE_RATE)
    sounds = []
    for path in paths:
        sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
        sounds.append(soxr.resample(sound.mean(axis=1), rate, SAMPLE_RATE))
    written = 0
    with soundfile.SoundFile(to, "w", SAMPLE_RATE, 1, subtype="PCM_16") as file:
        while written < wanted:
            for sound in sounds:
                part = sound[: wanted - written]
                file.write(part)
                written += len(part)
    return written


def summary(moments: Sequence[Moment], warm_up_s: float) -> dict[str, Any]:
    """Return growth of memory and lag after the warm-up.

    `growth_mb` is the highest after the warm-up minus the size at its end; `slope_mb_h` and
    `lag_slope` are least-squares slopes (MB an hour; seconds of lag per minute of visit).
    """
    steady = [each for each in moments if each.at_s >= warm_up_s] or list(moments[-1:])
    memory = {}
    for name in sorted({name for each in steady for name in each.memory_mb}):
        sizes = [(each.at_s, each.memory_mb[name]) for each in steady if name in each.memory_mb]
        memory[name] = {
            "at_warm_mb": round(sizes[0][1], 1),
            "end_mb": round(sizes[-1][1], 1),
            "growth_mb": round(max(size for _, size in sizes) - sizes[0][1], 1),
            "slope_mb_h": round(3_600 * slope(sizes), 2),
        }
    lags = [each.lag_s for each in steady]
    return {
        "memory": memory,
        "lag_slope_s_per_min": round(60 * slope([(e.at_s, e.lag_s) for e in steady]), 4),
        "lag_p50_s": round(percentile(lags, 50), 2),
        "lag_p95_s": round(percentile(lags, 95), 2),
        "lag_max_s": round(percentile(lags, 100), 2),
    }


def _watch(heard: Heard, counts: Counts) -> None:
    """Look every 10 s until all is words."""
    next_s = time.monotonic()
    while not heard.all(SpeechFinished):
        if failed := heard.all(RecordingFailed):
            raise SystemExit(f"the recording failed: {failed[0].code}")
        newest, decoded_to = heard.newest, counts.decoded_to
        lag_s = max(0, newest - decoded_to) / SAMPLE_RATE
        at_s = newest / SAMPLE_RATE
        counts.moments.append(Moment(round(at_s, 1), round(lag_s, 2), counts.words, resident_mb()))
        next_s += _EVERY_S
        while time.monotonic() < next_s and not heard.all(SpeechFinished):
            time.sleep(0.2)


def _whole(heard: Heard, counts: Counts, samples: int) -> dict[str, Any]:
    """Return what is missing between the file and the words."""
    journal = heard.state()
    decoded_to = heard.all(SpeechFinished)[0].decoded_to
    return {
        "samples": samples,
        "journal_missing": samples - journal.samples + sum(each.count for each in journal.gaps),
        "undecoded": journal.samples - decoded_to,
        "is_closed": journal.is_closed,
        "words": counts.words,
        "children_ended": len(heard.all(ChildEnded)),
        "troubles": sorted({each.code for each in heard.all(TroubleArose)}),
    }


def _print(figures: dict[str, Any], moments: Sequence[Moment]) -> None:
    print(
        f"\n{figures['minutes']:g} minutes of visit in {figures['took_s']} s: "
        f"{figures['pace']} times the speed of talk; {figures['words']} words"
    )
    print(
        f"samples missing in the journal {figures['journal_missing']}, not decoded "
        f"{figures['undecoded']}; children ended {figures['children_ended']}; "
        f"troubles {', '.join(figures['troubles']) or 'none'}"
    )
    print("\nMemory after the warm-up")
    rows = [(name, *each.values()) for name, each in figures["memory"].items()]
    print(table(("process", "MB then", "MB at the end", "growth MB", "slope MB/h"), rows))
    print(
        f"\nLag in seconds of sound: p50 {figures['lag_p50_s']}, p95 {figures['lag_p95_s']}, "
        f"max {figures['lag_max_s']}, slope {figures['lag_slope_s_per_min']} s a minute"
    )
    print(f"lag    {curve([each.lag_s for each in moments])}")
    for name in figures["memory"]:
        print(f"{name:6} {curve([each.memory_mb.get(name, 0.0) for each in moments])}")


if __name__ == "__main__":
    main()
