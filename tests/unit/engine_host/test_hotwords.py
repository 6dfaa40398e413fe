"""Words that may come up help, and are not believed where they are all that was heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.domain.audio import SAMPLE_RATE
from app.engine_host.hotwords import Hotwords, sentence
from app.engine_host.whisper_runtime import INTERIM, Heard, How, Take
from tests.fakes.voices import Audio

TERMS = ("metoprolol", "lymph node")


def heard(text: str, probability: float) -> tuple[Heard, ...]:
    return tuple(Heard(word, 0, 1, probability) for word in text.split())


def takes(hows: list[How], with_terms: Take, without: Take) -> Take:
    def take(pcm: Audio, how: How) -> Take:
        del pcm
        hows.append(how)
        return with_terms if how.hotwords else without

    return Hotwords(TERMS).used(take, np.zeros(5 * SAMPLE_RATE, np.float32), INTERIM)


def test_terms_are_told_as_a_sentence() -> None:
    assert sentence(TERMS) == "Metoprolol, lymph node."
    assert sentence(()) == ""


def test_what_was_said_beside_a_term_is_believed() -> None:
    hows: list[How] = []
    found = Take(heard("I take Metoprolol.", 0.5), 0)
    assert takes(hows, found, Take((), 0)) is found
    assert hows == [replace(INTERIM, hotwords=sentence(TERMS))]


def test_doubtful_terms_and_nothing_else_are_heard_again_without_them() -> None:
    hows: list[How] = []
    other = Take(heard("me too", 0.5), 0)
    assert takes(hows, Take(heard("Metoprolol. Lymph node", 0.3), 0), other) is other
    assert hows[1].hotwords == ""
    sure = Take(heard("Metoprolol.", 0.9), 0)
    assert takes(hows, sure, other) is sure


def test_a_term_in_less_than_a_second_of_speech_is_heard_again() -> None:
    assert Hotwords(TERMS).dominate(heard("Metoprolol.", 0.9), SAMPLE_RATE)
    assert not Hotwords(TERMS).dominate(heard("me", 0.1), SAMPLE_RATE)
    assert not Hotwords(()).dominate(heard("me", 0.1), SAMPLE_RATE)
