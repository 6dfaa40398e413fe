"""What speech is told before it listens: words to expect, whose voice, and where ids go on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.ids import ModelId, SegmentId
from app.domain.ports import SpeechPlan
from app.domain.transcript import Segment
from app.domain.vocabulary import MOST_HOTWORDS, Vocabulary, VoiceEnrolment
from app.workflow.speech_plans import next_segment, speech_plan
from tests.unit.workflow.conftest import Desk

CAMPPLUS = ModelId("campplus")


def plan_for(desk: Desk, voices: ModelId | None = CAMPPLUS) -> SpeechPlan:
    visit = replace(desk.visit(), language="de", terms=("Marcumar", "metoprolol"))
    wanted = SpeechPlan(is_live=False, at_sample=7)
    return desk.result(desk.sessions.current().ask(speech_plan, visit, wanted, voices))


def test_the_words_of_the_visit_come_before_those_of_the_clinician(desk: Desk) -> None:
    taught = Vocabulary(("Metoprolol", "tirzepatide"))
    desk.result(desk.sessions.current().ask(lambda vault: vault.save_vocabulary(taught)))
    plan = plan_for(desk)
    assert plan.hotwords == ("Marcumar", "metoprolol", "Ida", "Quist", "tirzepatide")
    assert (plan.language, plan.is_live, plan.at_sample) == ("de", False, 7)


def test_there_are_never_more_words_than_help(desk: Desk) -> None:
    taught = Vocabulary(tuple(f"term{number}" for number in range(200)))
    desk.result(desk.sessions.current().ask(lambda vault: vault.save_vocabulary(taught)))
    assert len(plan_for(desk).hotwords) == MOST_HOTWORDS


@pytest.mark.parametrize(
    ("voices", "is_known"), [("campplus", True), ("other", False), (None, False)]
)
def test_a_voice_is_told_only_to_the_model_that_made_it(
    desk: Desk, voices: str | None, is_known: bool
) -> None:
    voice = VoiceEnrolment(b"\1" * 768, desk.visit().created_at, 30.0, CAMPPLUS)
    desk.result(desk.sessions.current().ask(lambda vault: vault.save_voice(voice)))
    plan = plan_for(desk, ModelId(voices) if voices else None)
    assert plan.voiceprint == (voice.voiceprint if is_known else b"")


def test_segments_that_were_struck_do_not_make_an_id_come_twice() -> None:
    left = [Segment(SegmentId("s0001"), "a"), Segment(SegmentId("s0009"), "b")]
    assert next_segment(left) == 10
    assert next_segment([]) == 1
