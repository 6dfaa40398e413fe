"""A final hears again what was said before; a model that is heavy here is spared."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from typing_extensions import override

from app.engine_host.listening import Manner
from app.engine_host.live import Live
from app.engine_host.whisper_runtime import FINAL, INTERIM, Heard, How, Take
from tests.fakes.voices import Audio, FakeVoice, FakeWhisper, spoken
from tests.unit.engine_host.test_live import LETTERS, TimedEar, hear


@dataclass
class Windows(FakeWhisper):
    """Notes the numbers of the words in each window of a final."""

    windows: list[list[str]] = field(default_factory=list)

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        if how.pad > INTERIM.pad:
            self.windows.append([word.text for word in found.words])
        return found


def test_a_final_hears_again_what_was_said_just_before_and_tells_it_once() -> None:
    ear, whisper = TimedEar(), Windows()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.3, 0.5), (0.3, 0.5), (1.5, 0.5), (1.5, 0.5)]))
    live.finish()
    assert whisper.windows[0] == ["word1", "word2"]
    assert whisper.windows[-1] == ["word1", "word2", "word3", "word4"]
    assert [word.text for word in ear.words] == ["word1", "word2", "word3", "word4"]


def test_what_is_heard_again_is_bounded() -> None:
    ear, whisper = TimedEar(), Windows()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(1.5, 4.0)] * 6))
    live.finish()
    assert max(map(len, whisper.windows)) <= 3  # 10 s of what was, and the utterance
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 7)]


class Foretelling(FakeWhisper):
    """Writes the second word, in no time, at the end of what holds the first alone."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        words = [replace(word, text=word.text.translate(LETTERS)) for word in found.words]
        if [word.text for word in words] == ["wordb"]:
            words.append(Heard("wordc", len(pcm), len(pcm), 0.6))
        return replace(found, words=tuple(words))


def test_a_word_of_which_only_the_beginning_was_heard_is_told_once() -> None:
    ear = TimedEar()
    live = Live(Foretelling().take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.5, 0.5), (1.5, 2.0), (1.5, 0.5)]))
    live.finish()
    assert [word.text for word in ear.words] == ["wordb", "wordc", "wordd"]
    assert [(each.before, each.after) for each in ear.changed] == [("wordc", "")]


class Late:
    """A clock that jumps at each look: a full window takes far more than a second."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        self.now_s += 1.2
        return self.now_s


def test_a_model_that_is_heavy_here_hears_nothing_again() -> None:
    ear, whisper = TimedEar(), Windows()
    live = Live(whisper.take, FakeVoice(), ear, 0, Manner(clock_s=Late()))
    hear(live, ear, spoken([(1.5, 0.5)] * 4))
    live.finish()
    assert len(whisper.windows[-1]) == 1
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 5)]


@dataclass
class Echoing(Windows):
    """Loops in each final that holds word 1 and word 3."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        texts = {word.text for word in found.words}
        is_final = how.pad == FINAL.pad
        return (
            replace(found, compression=9.0) if is_final and {"word1", "word3"} <= texts else found
        )


def test_what_loops_behind_what_was_said_before_is_heard_alone() -> None:
    ear, whisper = TimedEar(), Echoing()
    live = Live(whisper.take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.3, 0.5), (0.3, 0.5), (1.5, 0.5)]))
    live.finish()
    assert whisper.windows[-2:] == [["word1", "word2", "word3"], ["word3"]]
    assert [word.text for word in ear.words] == ["word1", "word2", "word3"]


@dataclass
class Doubtful(Windows):
    """Is not sure of what it hears in little silence."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        if how.pad == FINAL.pad:
            return found
        return replace(found, words=tuple(replace(w, probability=0.4) for w in found.words))


def test_a_heavy_model_hears_again_what_was_said_before_a_word_it_doubts() -> None:
    ear, whisper = TimedEar(), Doubtful()
    live = Live(whisper.take, FakeVoice(), ear, 0, Manner(clock_s=Late()))
    hear(live, ear, spoken([(1.5, 0.5)] * 4))
    live.finish()
    assert whisper.windows[-2:] == [["word4"], ["word1", "word2", "word3", "word4"]]
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 5)]


@dataclass
class Repeating(Windows):
    """Writes all of it a second time, in no time, where there is little silence behind."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        if how.pad == FINAL.pad:
            return found
        echo = (replace(word, start=len(pcm), end=len(pcm)) for word in found.words)
        return replace(found, words=(*found.words, *echo))


def test_a_heavy_model_that_writes_a_sentence_twice_is_asked_again() -> None:
    ear, whisper = TimedEar(), Repeating()
    live = Live(whisper.take, FakeVoice(), ear, 0, Manner(clock_s=Late()))
    hear(live, ear, spoken([(1.5, 0.3), *[(0.1, 0.3)] * 3] * 2))
    live.finish()
    assert [word.text for word in ear.words] == [f"word{i}" for i in range(1, 9)]


@dataclass
class Fanciful(FakeWhisper):
    """Makes "and" of word 3, which is a clap behind two words."""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        words = tuple(replace(w, text="And" if w.text == "word3" else w.text) for w in found.words)
        return replace(found, words=words)


def test_a_clap_behind_talk_says_nothing() -> None:
    ear = TimedEar()
    live = Live(Fanciful().take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.3, 0.5), (0.3, 0.5), (1.5, 0.3)]))
    live.finish()
    assert [word.text for word in ear.words] == ["word1", "word2"]


@dataclass
class Doubting(FakeWhisper):
    """Doubts word 3 behind other words; alone it hears it as this."""

    alone: str = ""

    @override
    def take(self, pcm: Audio, how: How) -> Take:
        found = super().take(pcm, how)
        chance = 0.2 if len(found.words) > 1 else 0.6
        words = tuple(
            replace(w, text=w.text if len(found.words) > 1 else self.alone, probability=chance)
            if w.text == "word3"
            else w
            for w in found.words
        )
        return replace(found, words=words)


@pytest.mark.parametrize(("alone", "told"), [("word3.", ["word3."]), ("other", [])])
def test_a_word_that_is_doubted_is_told_where_it_is_heard_alone(
    alone: str, told: list[str]
) -> None:
    ear = TimedEar()
    live = Live(Doubting(alone=alone).take, FakeVoice(), ear, 0)
    hear(live, ear, spoken([(0.3, 0.5), (0.3, 0.5), (1.5, 0.3)]))
    live.finish()
    assert [word.text for word in ear.words] == ["word1", "word2", *told]
