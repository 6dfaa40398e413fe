"""A stage on which one fault happens: a recording that runs while a known sound is played."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE, Gap
from app.domain.events import SegmentFinished
from app.domain.ports import SpeechPlan
from tests.end2end.product import child_of
from tests.fakes.pulse import MICROPHONE, Pulse
from tests.performance.chain import Chain, Heard
from tests.performance.clips import Clip, Pcm, Placed, Turn, joined
from tests.performance.live_session import sound_of
from tests.performance.machine import RESULTS
from tests.performance.matching import losses, trailing_lost
from tests.performance.player import Player
from tests.performance.reference_words import Aligner, SpokenWord
from tests.performance.sound_losses import Losses, compare, signed

ASK: Final = Path(__file__).parents[1] / "data" / "audio" / "jfk.flac"
SAID: Final = (
    "and so my fellow americans ask not what your country can do for you "
    "ask what you can do for your country"
)
FADED_MIC: Final = "visitmic"
REMAP: Final = "visit_mic"
ALSA: Final = f"""
pcm.{FADED_MIC} {{
    type pulse
    device "{REMAP}"
    hint {{ show on description "{REMAP}" }}
}}
"""
"""A microphone that can be taken away while the sink plays on."""
Excuse = tuple[float, float]
_FOR_EVER_S: Final = 1e6
_SLACK_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Take:
    """One play of the sound: what it was, up to where it was played, by which player."""

    pcm: Pcm
    player: Player
    repeats: int = 1
    excused: tuple[Excuse, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is there in the end: the journal's sound and gaps, the transcript by segment."""

    sound: Pcm
    gaps: Sequence[Gap]
    segments: Mapping[str, str]


@dataclass(slots=True)
class Stage:
    """One recording and what is played meanwhile.

    Attributes:
        takes: what was played, in order.
        told: texts of the segments that were final before the fault.
        until_s: the reference counts to this moment of each take; None = all that was played.
        notes: facts of this run for its row.
    """

    chain: Chain
    server: Pulse
    folder: Path
    draw: random.Random
    words: Sequence[SpokenWord]
    heard: Heard | None = None
    takes: list[Take] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)
    until_s: float | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def running(self) -> Heard:
        """The recording."""
        assert self.heard is not None
        return self.heard

    def record(self, device: str = MICROPHONE, folder: Path | None = None) -> None:
        """Begin a recording and wait until its sound is on disk."""
        where = str(folder or self.folder / "audio")
        self.heard = self.chain.record(SpeechPlan(), device=device, folder=where)

    def play(self, repeats: int = 1) -> Player:
        """Begin to play the sound; returns when it leaves the device."""
        pcm = material(self.draw.randrange(1 << 30), repeats)
        path = self.folder / f"take{len(self.takes)}.wav"
        soundfile.write(path, pcm, SAMPLE_RATE)
        player = Player(path)
        self.takes.append(Take(pcm, player, repeats))
        player.wait_for_start()
        return player

    def excuse(self, first_s: float, last_s: float) -> None:
        """Excuse what was played between two moments of the monotonic clock."""
        last = self.takes[-1]
        span = (last.player.played_s(first_s), last.player.played_s(last_s))
        self.takes[-1] = replace(last, excused=(*last.excused, span))

    def remember(self) -> None:
        """Keep which segments are final now: none of them may ever be lost."""
        self.told = self.segments()

    def segments(self) -> dict[str, str]:
        """Return the segments told so far."""
        found = self.running.all(SegmentFinished)
        return {each.segment.id: each.segment.spoken for each in found}

    def child(self, name: str) -> int:
        """Return the process id of our recorder or speech child."""
        return child_of(os.getpid(), name)

    def figures(self) -> dict[str, Any]:
        """Compare what was played with what was kept and written."""
        kept = Kept(sound_of(self.running), self.running.state().gaps, self.segments())
        return figures(self.takes, kept, self.told, self._reference()) | self.notes

    def _reference(self) -> str:
        return " ".join(said_in(each, self.words, self.until_s) for each in self.takes)


def material(seed: int, repeats: int = 1) -> Pcm:
    """Return the sound: JFK's sentence between pauses, signed."""
    pcm, placed = _plain(repeats)
    return signed(pcm, seed, [(each.at, each.at + each.samples) for each in placed])


def spoken_words() -> list[SpokenWord]:
    """Return the words of the sentence with their times in it."""
    return Aligner(RESULTS / "reference_words.json").words(_clip())


def said_in(take: Take, words: Sequence[SpokenWord], until_s: float | None = None) -> str:
    """Return what was said in a take, as far as it was played, before `until_s`, not excused."""
    _, placed = _plain(take.repeats)
    end = min(len(_played(take)), round((until_s or _FOR_EVER_S) * SAMPLE_RATE))
    said: list[str] = []
    for each in placed:
        for word in words:
            first, last = each.at + word.start, each.at + word.end
            is_excused = any(
                first < to * SAMPLE_RATE and last > begin * SAMPLE_RATE
                for begin, to in take.excused
            )
            if last <= end and not is_excused:
                said.append(word.text)
    return " ".join(said)


def figures(
    takes: Sequence[Take], kept: Kept, told: Mapping[str, str], reference: str
) -> dict[str, Any]:
    """Return what a fault cost.

    Args:
        takes: what was played.
        kept: what is there in the end.
        told: segments that were final before the fault.
        reference: what was said while it could be heard.
    """
    found: list[Losses] = []
    for take in takes:
        found.append(compare(_played(take), _behind(kept.sound, take, takes[0], found)))
    lost = (each.outside(take.excused) for each, take in zip(found, takes, strict=True))
    text = " ".join(kept.segments.values())
    words = losses(reference, text)
    return {
        "audio_lost_s": round(sum(lost), 2),
        "gap_error_s": round(clock_error(takes, found), 3),
        "gaps_s": round(sum(each.count for each in kept.gaps) / SAMPLE_RATE, 2),
        "segments_lost": sum(kept.segments.get(each) != text for each, text in told.items()),
        "segments_told": len(told),
        "words_missing": words.lost + words.changed,
        "words_doubled": words.invented,
        "tail_lost": trailing_lost(reference, text),
        "text": text,
    }


def clock_error(takes: Sequence[Take], found: Sequence[Losses]) -> float:
    """Return by how many seconds the recording's clock went wrong, at worst.

    Zero when every gap has its true length: then what was played T seconds later lies T seconds
    later in the recording, whatever happened between.
    """
    errors = [abs(each.shift_s) for each in found]
    known = [(each.lag_s, take) for each, take in zip(found, takes, strict=True)]
    begins = [(lag, take.player.left_s(0.0)) for lag, take in known if lag is not None]
    errors += [abs((lag - begins[0][0]) - (at - begins[0][1])) for lag, at in begins]
    return max(errors, default=0.0)


def control(server: Pulse, *words: str) -> str:
    """Ask the sound server for something; empty when it is not there."""
    try:
        return server.control(*words).strip()
    except subprocess.CalledProcessError:
        return ""


def _played(take: Take) -> Pcm:
    """Return the part of a take that left the device."""
    samples = round((take.player.position_s + 0.15) * SAMPLE_RATE)
    is_whole = samples >= len(take.pcm) - SAMPLE_RATE // 2
    return take.pcm if is_whole else take.pcm[: samples - round(0.15 * SAMPLE_RATE)]


def _behind(sound: Pcm, take: Take, first: Take, found: Sequence[Losses]) -> Pcm:
    """Return the recording without what lies before a later take: it says the same words."""
    if not found or found[0].lag_s is None:
        return sound
    later_s = take.player.left_s(0.0) - first.player.left_s(0.0)
    heard = sound.copy()
    heard[: max(0, round((found[0].lag_s + later_s - _SLACK_S) * SAMPLE_RATE))] = 0
    return heard


def _plain(repeats: int) -> tuple[Pcm, list[Placed]]:
    pcm, placed = joined([_clip()] * repeats)
    return np.asarray(pcm, np.int16), placed


def _clip() -> Clip:
    return Clip("jfk", ASK, (Turn(SAID, 0.0, 11.0),))
