"""Who speaks, by words alone: right where it is sure, silent where it is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.speaker_cues import LEAST, MOST, MOST_VOICED, Row, SpeakerCues
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


VISIT: tuple[tuple[str, str], ...] = (
    ("A", "Okay."),
    ("B", "It started last night, I think."),
    ("A", "And where is the pain?"),
    ("B", "It's on the left side of my chest."),
    ("A", "Do you have any allergies to medications?"),
    ("B", "Seven."),
)


def rows(*, swap: bool = False) -> list[Row]:
    other = {"A": "B", "B": "A"}
    return [(text, other[voice] if swap else voice, "unknown", 0.95) for voice, text in VISIT]


def test_the_words_of_a_visit_name_its_voices() -> None:
    cues = SpeakerCues()
    *_, (role, confidence) = [cues.hear(*row) for row in rows()]
    assert role is SpeakerRole.PATIENT  # "Seven." alone says nothing
    assert confidence > MOST
    roles = [role for role, _ in cues.settle(rows())]
    assert roles == [SpeakerRole.CLINICIAN, SpeakerRole.PATIENT] * 3


def test_the_letters_of_the_voices_do_not_matter() -> None:
    assert SpeakerCues().settle(rows()) == SpeakerCues().settle(rows(swap=True))


def test_names_swap_for_the_whole_visit_when_the_evidence_turns() -> None:
    cues = SpeakerCues()
    misleading: list[Row] = [("Can you help me?", "B", "unknown", 0.95)]
    assert cues.hear(*misleading[0])[0] is SpeakerRole.CLINICIAN
    assert cues.turns == 0
    for row in rows():
        cues.hear(*row)
    assert cues.turns == 1
    assert cues.settle(misleading + rows())[0][0] is not SpeakerRole.CLINICIAN
    assert [role for role, _ in cues.settle(misleading + rows())[1:]] == [
        role for role, _ in cues.settle(rows())
    ]


def test_a_voice_that_is_known_by_name_keeps_its_name() -> None:
    cues = SpeakerCues()
    told = {cues.hear("Do you have any allergies?", "A", "patient", 0.9) for _ in range(5)}
    assert told == {(SpeakerRole.PATIENT, 0.9)}


def test_a_doubtful_voice_leaves_it_to_the_words() -> None:
    sure = SpeakerCues().hear("Do you have any allergies to medications?")
    assert (
        SpeakerCues().hear("Do you have any allergies to medications?", "A", "patient", 0.3) == sure
    )
    assert SpeakerCues().hear("Do you have any allergies to medications?", "", "unknown") == sure


def test_a_voice_that_is_not_quite_sure_is_weighed_against_the_words() -> None:
    cues = SpeakerCues()
    cues.hear("No.")
    assert cues.hear("Okay.", "B", "patient", 0.6)[0] is SpeakerRole.CLINICIAN
    assert cues.hear("Okay.", "B", "patient", 0.9)[0] is SpeakerRole.PATIENT
    assert cues.hear("Mum is right.", "C", "other", 0.6) == (SpeakerRole.OTHER, 0.6)


def test_of_two_other_voices_who_says_most_is_the_patient() -> None:
    three: list[Row] = [*rows(), ("Mum is right.", "C", "unknown", 0.95)]
    *_, (role, _) = SpeakerCues().settle(three)
    assert role is SpeakerRole.OTHER


@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["", "A", "B", "C"]))))
def test_every_segment_gets_a_role_and_no_more_confidence_than_allowed(
    said: list[tuple[str, str]],
) -> None:
    told = SpeakerCues().settle([(text, voice, "unknown", 0.9) for text, voice in said])
    assert len(told) == len(said)
    for role, confidence in told:
        assert (confidence == 0) == (role is SpeakerRole.UNKNOWN)
        assert confidence <= MOST_VOICED


def test_the_words_of_held_out_visits_name_their_voices() -> None:
    file = SHARED / "osce_transcripts.json"
    if not file.exists():
        pytest.skip("needs the development data beside the repository")
    for visit in json.loads(file.read_text("utf-8"))[-37:]:
        speakers = [turn["speaker"] for turn in visit["turns"]]
        told = SpeakerCues().settle(
            [(turn["text"], turn["speaker"], "unknown", 0.95) for turn in visit["turns"]]
        )
        roles = {"Doctor": SpeakerRole.CLINICIAN, "Patient": SpeakerRole.PATIENT}
        right = [role is roles[name] for (role, _), name in zip(told, speakers, strict=True)]
        assert sum(right) > 0.97 * len(right)


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
