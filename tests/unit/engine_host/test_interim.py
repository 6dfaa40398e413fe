"""Of speech that goes on, what was said is heard, though a decode loops or stops too early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.audio.windows import FRAME, LIVE, Gate
from app.domain.audio import SAMPLE_RATE
from app.engine_host.interim import Interim, said
from app.engine_host.listening import Audio, Spoken
from app.engine_host.whisper_runtime import Heard, How, Take

LENGTH = 4 * SAMPLE_RATE
LOOPS, GUESSED = 3.0, -1.5


def heard(text: str, at_s: float = 0.0, each_s: float = 0.4) -> list[Heard]:
    """Return words of `each_s` that follow each other."""
    step = round(each_s * SAMPLE_RATE)
    first = round(at_s * SAMPLE_RATE)
    return [
        Heard(word, first + i * step, first + (i + 1) * step, 0.9)
        for i, word in enumerate(text.split())
    ]


def echoed(text: str) -> list[Heard]:
    """Return words that have no sound of their own, at the end of the window."""
    return [Heard(word, LENGTH, LENGTH, 0.3) for word in text.split()]


def texts(words: Sequence[Heard] | Sequence[Spoken] | None) -> str:
    return " ".join(word.text for word in words or ())


def test_words_without_sound_at_the_end_are_an_echo() -> None:
    words = heard("on a scale of 1 to 10.")
    assert texts(said(Take((*words, *echoed("On a scale of")), LENGTH), LENGTH)) == texts(words)
    now = (*words, *echoed("your own."))  # what is being said has no length yet
    assert said(Take(now, LENGTH), LENGTH) == now


def test_a_text_that_loops_is_believed_up_to_where_it_comes_again() -> None:
    looped = Take(tuple(heard("Okay and where is okay, and where")), LENGTH, compression=LOOPS)
    assert texts(said(looped, LENGTH)) == "Okay and where is"
    again = Take(tuple(heard("any cough? no okay Any cough? no")), LENGTH, compression=LOOPS)
    assert texts(said(again, LENGTH)) == "any cough? no okay"
    once = replace(looped, words=tuple(heard("No. No. No. No.")))
    assert texts(said(once, LENGTH)) == "No."


def test_what_is_said_twice_and_does_not_loop_stays() -> None:
    twice = Take(tuple(heard("no no okay and where okay and where")), LENGTH)
    assert said(twice, LENGTH) == twice.words


class Model:
    """Gives one take after the other."""

    def __init__(self, *takes: Take) -> None:
        self.takes = list(takes)
        self.lengths: list[int] = []

    def take(self, pcm: Audio, _: How) -> Take:
        self.lengths.append(len(pcm))
        return self.takes[min(len(self.lengths), len(self.takes)) - 1]


def listen(model: Model, committed: Sequence[Spoken] = (), spoken_to: int = LENGTH) -> str | None:
    gate = Gate(LIVE)
    for at in range(0, LENGTH, FRAME):
        gate.hear(0.9 if at < spoken_to else 0.01)
    words = Interim(model.take).words(np.zeros(LENGTH, np.float32), 0, committed, "", gate)
    return None if words is None else texts(words)


WHOLE = heard("no concerns with erectile dysfunction at all today we think", each_s=0.4)


def test_a_loop_behind_what_was_said_costs_no_second_decode() -> None:
    model = Model(Take((*WHOLE, *echoed("No concerns with")), LENGTH, compression=LOOPS))
    assert listen(model) == texts(WHOLE)
    assert len(model.lengths) == 1


def test_a_decode_that_stops_before_speech_does_is_tried_from_the_last_sure_word() -> None:
    early, rest = Take(tuple(WHOLE[:4]), LENGTH), Take(tuple(heard("dysfunction at all")), LENGTH)
    sure = [Spoken(word.text, word.start, word.end, 0.9) for word in WHOLE[:4]]
    model = Model(early, rest)
    assert listen(model, sure) == "dysfunction at all"
    assert model.lengths == [LENGTH, LENGTH - sure[-1].start]
    model = Model(early)
    assert listen(model, sure, spoken_to=sure[-1].end) == texts(WHOLE[:4])  # it is quiet behind
    assert len(model.lengths) == 1


def test_a_decode_that_stops_early_counts_when_the_other_is_a_guess() -> None:
    early, guess = Take(tuple(WHOLE[:4]), LENGTH), Take(tuple(WHOLE), LENGTH, logprob=GUESSED)
    assert listen(Model(early, guess)) == texts(WHOLE[:4])


def test_a_guess_is_no_use_whether_it_loops_or_not() -> None:
    guess = Take(tuple(WHOLE), LENGTH, logprob=GUESSED)
    model = Model(guess, replace(guess, compression=LOOPS))
    assert listen(model) is None
    assert len(model.lengths) == 2


SOME = st.lists(st.sampled_from(["a", "b", "no."]), max_size=12).map(" ".join)


@given(SOME, st.integers(0, 5), st.sampled_from([0.0, LOOPS]))
def test_what_was_said_is_a_head_of_what_was_heard(text: str, bare: int, loops: float) -> None:
    take = Take((*heard(text, each_s=0.2), *echoed("b " * bare)), LENGTH, compression=loops)
    found = said(take, LENGTH)
    assert found == take.words[: len(found)]
    assert found or not text or bare == 0
