"""A drug that a small model hears as common words is suggested after a second hearing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clinical.second_names import Again, merged, passage
from app.clinical.suggestions import Suggester
from app.domain.audio import BYTES_PER_SAMPLE
from app.domain.events import HeardAgain
from app.domain.ids import WordId
from app.domain.ports import SpeechPlan
from app.domain.transcript import Word
from tests.engines.hearing import Desk, pcm_of

LEXICONS = Path(__file__).parents[2] / "resources/lexicons"


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.speech.close()


def test_a_drug_heard_as_common_words_is_suggested_after_a_second_hearing(desk: Desk) -> None:
    pcm = pcm_of("speech/semaglutide_synthetic.flac")
    suggester = Suggester.load(LEXICONS)
    desk.ready()
    (segment,) = desk.hear(SpeechPlan(is_live=False), pcm)
    assert "semaglutide" not in segment.text.lower()
    first = suggester.suggest(segment)
    assert "semaglutide" not in [name for each in first for name in each.candidates]
    (doubt,) = suggester.doubts(segment)
    span = passage(segment, doubt)
    sound = pcm[span.start * BYTES_PER_SAMPLE : span.end * BYTES_PER_SAMPLE]
    desk.speech.hear_again(sound, doubt.names, "en")
    words = desk.next(HeardAgain).words
    assert words
    heard = tuple(
        Word(WordId(f"a.{each.id}"), each.text, each.start + span.start, each.end + span.start,
             each.probability)
        for each in words
    )  # fmt: skip
    (found,) = merged(suggester, segment, first, Again(doubt, heard))
    assert found.candidates[0] == "semaglutide"
    assert found.heard in segment.spoken
