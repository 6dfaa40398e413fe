"""What Whisper leaves out of a window is heard in the next one, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.audio.windows import LIVE, Clips, Gate
from app.domain.audio import SAMPLE_RATE
from app.engine_host.careful import Careful
from app.engine_host.whisper_runtime import How, Take
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
