"""Who speaks, by words alone: right where it is sure, silent where it is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.clinical.speaker_cues import LEAST, MOST, SpeakerCues
from app.domain.transcript import SpeakerRole

SHARED = Path(__file__).parents[4] / "shared/data"


@pytest.mark.parametrize(
    ("text", "before", "role"),
    [
        ("Okay, and when did the pain start?", "", SpeakerRole.CLINICIAN),
        ("It started last night, I think.", "When did it start?", SpeakerRole.PATIENT),
        ("No.", "Any fevers or chills?", SpeakerRole.PATIENT),
        ("I've been having this cough for a week.", "", SpeakerRole.PATIENT),
        ("We'll get a chest x-ray and some blood work.", "", SpeakerRole.CLINICIAN),
        ("Do you have any allergies to medications?", "No.", SpeakerRole.CLINICIAN),
    ],
)
def test_plain_cases_are_told_apart(text: str, before: str, role: SpeakerRole) -> None:
    cues = SpeakerCues()
    cues.hear(before)
    found, confidence = cues.hear(text)
    assert found is role
    assert LEAST <= confidence <= MOST


@pytest.mark.parametrize("text", ["", "The weather.", "Seven."])
def test_words_that_say_nothing_of_the_speaker_are_left_open(text: str) -> None:
    assert SpeakerCues().hear(text) == (SpeakerRole.UNKNOWN, 0.0)


def test_the_confidence_is_no_higher_than_what_is_right() -> None:
    file = SHARED / "osce_transcripts.json"
    if not file.exists():
        pytest.skip("needs the development data beside the repository")
    told: list[tuple[float, bool]] = []
    for visit in json.loads(file.read_text("utf-8"))[-30:]:
        cues = SpeakerCues()
        for turn in visit["turns"]:
            for sentence in re.split(r"(?<=[.?!])\s+", turn["text"]):
                role, confidence = cues.hear(sentence)
                is_doctor = turn["speaker"] == "Doctor"
                told.append((confidence, (role is SpeakerRole.CLINICIAN) is is_doctor))
    sure = [(confidence, is_right) for confidence, is_right in told if confidence]
    assert len(sure) > 0.85 * len(told)
    for low, high in ((LEAST, 0.75), (0.75, 0.85), (0.85, MOST + 0.01)):
        part = [(confidence, right) for confidence, right in sure if low <= confidence < high]
        said = sum(confidence for confidence, _ in part) / len(part)
        assert said <= sum(right for _, right in part) / len(part)
