"""When each word of a reference is spoken: the reference text force-aligned to the sound, once.

Whisper base aligns the text that a person wrote; what the system under test heard, and when,
plays no part. An end is moved back to where the sound of the word ends, so a word is over when
its last loud sample is: latencies come out longer by that, never shorter.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.domain.audio import SAMPLE_RATE
from tests.performance.chain import installed
from tests.performance.clips import Clip, Pcm, Turn

VERSION: Final = 2
"""Part of the key of what is kept: another one aligns again."""
_WINDOW_S: Final = 24.0
_AROUND_S: Final = 0.4
_FRAME: Final = SAMPLE_RATE // 100
_BELOW_PEAK: Final = 10 ** (-30 / 20)
"""A frame 30 dB below the loudest of its word is not the word any more; chosen by looking at
the waveforms of the OSCE clips."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of the reference; samples of its clip."""

    text: str
    start: int
    end: int


class Aligner:
    """Whisper base, loaded when the first clip is not known yet.

    Args:
        kept: a JSON file for what was aligned before.
    """

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._model: Any = None

    def words(self, clip: Clip) -> list[SpokenWord]:
        """Return the words of a clip with their times."""
        pcm = clip.pcm()
        key = hashlib.sha256(f"{VERSION}{clip.text}".encode() + pcm.tobytes()).hexdigest()[:16]
        known = json.loads(self._kept.read_text("utf-8")) if self._kept.exists() else {}
        if key not in known:
            known[key] = [asdict(each) for each in self._aligned(clip.turns, pcm)]
            self._kept.parent.mkdir(parents=True, exist_ok=True)
            self._kept.write_text(json.dumps(known), "utf-8")
        return [SpokenWord(**each) for each in known[key]]

    def _aligned(self, turns: Sequence[Turn], pcm: Pcm) -> Iterator[SpokenWord]:
        for group in windows(turns):
            first = max(0, round((group[0].start_s - _AROUND_S) * SAMPLE_RATE))
            last = min(len(pcm), round((group[-1].end_s + _AROUND_S) * SAMPLE_RATE))
            text = " ".join(each.text for each in group)
            for word in self._align(pcm[first:last], text):
                end = sounding_end(pcm, first + word.start, first + word.end)
                yield SpokenWord(word.text, first + word.start, end)

    def _align(self, pcm: Pcm, text: str) -> list[SpokenWord]:
        library, model, tokenizer = self._loaded()
        sound = pcm.astype(np.float32) / 32_768
        mel = model.feature_extractor(sound, padding=0)
        frames = mel.shape[1]
        encoded = model.encode(library.audio.pad_or_trim(mel))
        tokens = tokenizer.encode(f" {' '.join(text.split())}")
        found = model.find_alignment(tokenizer, [tokens], encoded, frames)[0]
        words: list[SpokenWord] = []
        for each in found:
            piece = str(each["word"])
            start, end = (round(float(each[name]) * SAMPLE_RATE) for name in ("start", "end"))
            if words and not piece.startswith(" "):
                words[-1] = SpokenWord(words[-1].text + piece, words[-1].start, words[-1].end)
                if any(map(str.isalnum, piece)):
                    words[-1] = SpokenWord(words[-1].text, words[-1].start, end)
            else:
                words.append(SpokenWord(piece.strip(), start, end))
        return [each for each in words if re.search(r"\w", each.text)]

    def _loaded(self) -> tuple[Any, Any, Any]:
        if self._model is None:
            sys.modules.setdefault("av", types.ModuleType("av"))  # it opens no file for us
            import faster_whisper  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, often not needed
            import faster_whisper.audio  # type: ignore[import-untyped]  # noqa: PLC0415
            import faster_whisper.tokenizer  # type: ignore[import-untyped]  # noqa: PLC0415

            folder = installed("base").folder
            model = faster_whisper.WhisperModel(folder, device="cpu", compute_type="int8")
            tokenizer = faster_whisper.tokenizer.Tokenizer(
                model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language="en"
            )
            self._model = (faster_whisper, model, tokenizer)
        return self._model  # type: ignore[no-any-return]  # objects of a library without types


def windows(turns: Sequence[Turn]) -> Iterator[list[Turn]]:
    """Yield neighboring turns that fit into one window of the model, at least one at a time."""
    group: list[Turn] = []
    for turn in turns:
        if group and turn.end_s - group[0].start_s > _WINDOW_S:
            yield group
            group = []
        group.append(turn)
    if group:
        yield group


def sounding_end(pcm: Pcm, start: int, end: int) -> int:
    """Return the sample behind the last loud 10 ms of a word; `end` when it is loud to the end."""
    word = pcm[start:end].astype(np.float64)
    count = len(word) // _FRAME
    if not count:
        return max(end, start)
    level = np.sqrt(np.mean(word[: count * _FRAME].reshape(count, _FRAME) ** 2, axis=1))
    loud = np.flatnonzero(level >= level.max() * _BELOW_PEAK)
    last = int(loud[-1]) + 1
    return end if last == count else start + last * _FRAME


def in_order(words: Sequence[SpokenWord]) -> bool:
    """Return whether no word ends before the one before it begins."""
    return all(before.start <= after.end for before, after in pairwise(words))
