"""The development recordings that live speech is measured on, and sessions made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE

PAUSE_S: Final = 3.0
"""Between two clips of a session."""
LEAD_S: Final = 1.0
"""Before the first one."""
_ROOM: Final = 4.0
"""Standard deviation of the noise in pauses, in steps of 16 bit: -78 dBFS, a quiet room. Exact
zeros would be taken for a microphone that is muted."""
Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one person said; seconds in the clip, approximate."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    path: Path
    turns: tuple[Turn, ...]

    @property
    def text(self) -> str:
        """The reference."""
        return " ".join(each.text for each in self.turns)

    def pcm(self) -> Pcm:
        """Return the sound: 16 kHz mono."""
        sound, rate = soundfile.read(self.path, dtype="int16")
        if rate != SAMPLE_RATE or sound.ndim != 1:
            raise SystemExit(f"{self.path.name} is not 16 kHz mono")
        return np.asarray(sound, np.int16)


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip in a session; `at` is its first sample there."""

    clip: Clip
    at: int
    samples: int


def osce_clips(data: Path) -> list[Clip]:
    """Return the clips of the two OSCE recordings; none when the folder is absent."""
    found = []
    for path in sorted((data / "osce_clips").glob("*.json")):
        turns = json.loads(path.read_text("utf-8"))["turns"]
        sound = path.with_suffix(".flac")
        found.append(Clip(path.stem, sound, _timed(turns, soundfile.info(sound).duration)))
    return found


def _timed(turns: Sequence[dict[str, Any]], seconds: float) -> tuple[Turn, ...]:
    """Return turns with times; one that has none lies between its neighbors."""
    told: list[Turn] = []
    for index, each in enumerate(turns):
        start = told[-1].end_s if each["start"] is None and told else each["start"] or 0.0
        later = [turn["start"] for turn in turns[index + 1 :] if turn["start"] is not None]
        end = each["end"] if each["end"] is not None else min([seconds, *later])
        told.append(Turn(_said(each["text"]), start, max(start, end)))
    return tuple(told)


def small_clips(data: Path) -> list[Clip]:
    """Return JFK, LibriSpeech and LibriVox; none when the folder is absent."""
    folder = data / "asr_small"
    try:
        references = json.loads((folder / "refs.json").read_text("utf-8"))
    except OSError:
        return []
    found = []
    for name in sorted(references):
        seconds = soundfile.info(folder / name).duration
        turn = Turn(references[name]["text"].lower(), 0.0, seconds)
        found.append(Clip(Path(name).stem, folder / name, (turn,)))
    return found


def joined(
    clips: Sequence[Clip],
) -> tuple[Pcm, list[Placed]]:
    """Return one sound of several clips with pauses around them, and where each lies."""
    draw = np.random.default_rng(3)
    parts: list[Pcm] = [_room(LEAD_S, draw)]
    placed: list[Placed] = []
    at = len(parts[0])
    for clip in clips:
        pcm = clip.pcm()
        pause = _room(PAUSE_S, draw)
        placed.append(Placed(clip, at, len(pcm)))
        parts += [pcm, pause]
        at += len(pcm) + len(pause)
    return np.concatenate(parts), placed


def sessions(data: Path, names: Iterable[str] = ()) -> dict[str, list[Clip]]:
    """Return the sessions of the benchmark by name.

    Args:
        data: the folder with the recordings.
        names: clips to take (the beginning of a name is enough); none = all.
    """
    wanted = tuple(names)

    def chosen(clips: Iterable[Clip]) -> list[Clip]:
        return [each for each in clips if not wanted or each.name.startswith(wanted)]

    osce = osce_clips(data)
    found = {
        "CAR0001": chosen(each for each in osce if each.name.startswith("CAR")),
        "MSK0001": chosen(each for each in osce if each.name.startswith("MSK")),
        "read": chosen(small_clips(data)),
    }
    return {name: clips for name, clips in found.items() if clips}


def _room(seconds: float, draw: np.random.Generator) -> Pcm:
    return np.rint(draw.normal(0.0, _ROOM, round(seconds * SAMPLE_RATE))).astype(np.int16)


def _said(text: str) -> str:
    return re.sub(r"\[[^\]]*\]", " ", text).strip()
