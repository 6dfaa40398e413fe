"""What Whisper leaves out of a window is heard in the next one, once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.audio.windows import LIVE, Clips, Gate
from app.domain.audio import SAMPLE_RATE
from app.engine_host.careful import Careful
from app.engine_host.whisper_runtime import Heard, How, Take
from tests.fakes.voices import Audio, FakeVoice, FakeWhisper, spoken


class Hasty(FakeWhisper):
    """Stops after the first word of any window that begins with word 1."""

    def stopped(self, pcm: Audio, how: How) -> Take:
        found = self.take(pcm, how)
        if found.words and found.words[0].text == "word1":
            return replace(found, words=found.words[:1])
        return found


@pytest.mark.parametrize("pause_s", [0.04, 0.2, 0.5])
def test_a_short_answer_does_not_swallow_the_speech_that_follows(pause_s: float) -> None:
    sound = spoken([(0.2, 0.4), (pause_s, 0.4)] + [(0.15, 0.35)] * 46)
    sound = sound[: len(sound) // 512 * 512]
    gate = Gate(LIVE, 0)
    for chance in FakeVoice().probabilities(sound):
        gate.hear(chance)
    clips = Clips()
    clips.add(0, sound)
    careful = Careful(Hasty().stopped)
    words = []
    while len(clips):
        before = len(clips)
        words += careful.window(clips, gate)
        assert len(clips) < before
    assert [word.text for word in words] == [f"word{i}" for i in range(1, 49)]
    assert words[1].start < SAMPLE_RATE * 6 // 5


class Parrot:
    """Says the end of the text before once more when it is told that text."""

    def __init__(self, *, is_said: bool = False) -> None:
        self.takes: list[How] = []
        self.is_said = is_said  # the person really repeats it

    def take(self, pcm: Audio, how: How) -> Take:
        self.takes.append(how)
        echo = "in previous surgeries I had" if how.before or self.is_said else "I had"
        text = "Any previous surgeries?" if len(self.takes) == 1 else f"{echo} stents placed."
        step = len(pcm) // (len(text.split()) + 1)
        words = tuple(
            Heard(word, i * step, (i + 1) * step, 0.9) for i, word in enumerate(text.split())
        )
        return Take(words, len(pcm), tokens=(1, 2, 3))


def heard_twice(parrot: Parrot) -> str:
    """Return what comes of a question and an answer, decoded one after the other."""
    gate = Gate(LIVE, 0)
    for _ in range(200):
        gate.hear(0.9)
    careful = Careful(parrot.take)
    careful.is_hasty = True
    words = []
    for start in (0, 3 * SAMPLE_RATE):
        clips = Clips()
        clips.add(start, np.full(3 * SAMPLE_RATE, 0.1, np.float32))
        words += careful.window(clips, gate)
    return " ".join(word.text for word in words)


def test_words_that_only_the_text_before_suggests_are_not_heard() -> None:
    parrot = Parrot()
    assert heard_twice(parrot) == "Any previous surgeries? I had stents placed."
    assert [bool(how.before) for how in parrot.takes] == [False, True, False]


def test_words_that_are_really_said_again_stay() -> None:
    said = heard_twice(Parrot(is_said=True))
    assert said == "Any previous surgeries? in previous surgeries I had stents placed."
