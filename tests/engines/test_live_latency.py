"""How long words wait, with a real model and a clock on which decodes take no time.

What is left is what the rules cost: agreement, hold-back, age limit. A machine adds its own time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Manner, Spoken
from app.engine_host.live import Live
from app.engine_host.voice_runtime import VoiceActivity
from app.engine_host.whisper_runtime import Whisper
from tests.engines.hearing import pcm_of, tiny
from tests.fakes.voices import FakeEar

BLOCK = SAMPLE_RATE // 10


@dataclass
class TimedEar(FakeEar):
    """Keeps how long each word waited, in seconds of sound."""

    now: int = 0
    waited_s: list[float] = field(default_factory=list)

    @override
    def committed(self, words: Sequence[Spoken]) -> None:
        super().committed(words)
        self.waited_s += [(self.now - word.end) / SAMPLE_RATE for word in words]


def test_no_committed_word_waits_longer_than_the_age_limit_allows() -> None:
    model = tiny()
    files = {each.path: (Path(model.folder) / each.path).read_bytes() for each in model.card.files}
    whisper = Whisper(files, 2, "cpu", "int8")
    ear = TimedEar()
    live = Live(whisper.take, VoiceActivity(), ear, 0, Manner(clock_s=lambda: 0.0))
    pcm = pcm_of("speech/neck_and_history.flac")
    sound = np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768)
    for at in range(0, len(sound), BLOCK):
        ear.now = min(len(sound), at + BLOCK)
        live.hear(sound[at : at + BLOCK], ear.now)
    live.finish()
    assert len(ear.named) >= 0.8 * len(ear.words)
    assert np.percentile(ear.waited_s, 50) < 1.2
    assert np.percentile(ear.waited_s, 95) < 2.5
    assert max(ear.waited_s) < 5.1  # 4.5 s for numbers, and the half second between decodes
    numbers = [word.number for word in ear.words]
    assert len(set(numbers)) == len(numbers)
    changed = {number for each in ear.changed for number in each.numbers}
    assert {word.number for word in ear.named} <= {*numbers, *changed}
