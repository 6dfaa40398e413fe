"""What the app's side of the speech child owes those who wait, with a child that says nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from app.domain.events import HeardAgain, VoiceEnrolled
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel
from app.engines.catalogue import Catalogue
from app.engines.speech import Speech
from app.foundation import paths

MUTE = (sys.executable, "-c", "import sys; sys.stdin.buffer.read()")


@pytest.mark.parametrize("end", [Speech.close, lambda speech: speech.load(model())])
def test_a_wish_to_learn_a_voice_ends_with_its_child(end: Callable[[Speech], None]) -> None:
    told: list[object] = []
    speech = Speech(told.append, MUTE)
    try:
        speech.load(model())
        speech.enroll(bytes(320))
        assert VoiceEnrolled(b"") not in told
        end(speech)
        assert told.count(VoiceEnrolled(b"")) == 1
    finally:
        speech.close()
    assert told.count(VoiceEnrolled(b"")) == 1


@pytest.mark.parametrize("end", [Speech.close, lambda speech: speech.load(model())])
def test_a_wish_to_hear_again_ends_with_its_child(end: Callable[[Speech], None]) -> None:
    told: list[object] = []
    speech = Speech(told.append, MUTE)
    try:
        speech.load(model())
        speech.hear_again(bytes(320), ("metformin",), "en")
        assert HeardAgain(None) not in told
        end(speech)
    finally:
        speech.close()
    assert told.count(HeardAgain(None)) == 1


def model() -> InstalledModel:
    cards = {card.id: card for card in Catalogue(paths.catalogue(), []).cards()}
    return InstalledModel(cards[ModelId("whisper-tiny.en")], "")
