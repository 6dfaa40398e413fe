"""Who speaks, with made-up voices: a voice is a level of sound, its point an axis of the space."""

from __future__ import annotations

import numpy as np
import pytest
from typing_extensions import override

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio
from app.engine_host.speakers import Speakers
from app.engine_host.voiceprints import Voiceprints

S = SAMPLE_RATE
DOCTOR, PATIENT, MOTHER = 0.1, 0.2, 0.3


class LevelVoices(Voiceprints):
    """Points by level: each voice its own axis, with some noise; pieces of two lie between."""

    def __init__(self) -> None:
        self.pieces: list[int] = []

    @override
    def embed(self, pcm: Audio) -> Audio:
        self.pieces.append(len(pcm))
        point = np.random.default_rng(len(self.pieces)).normal(0, 0.03, 192)
        for level in np.round(pcm * 10).astype(int):
            point[level] += 1 / len(pcm)
        return (point / np.linalg.norm(point)).astype(np.float32)


def print_of(level: float) -> bytes:
    return LevelVoices().embed(np.full(S, level, np.float32)).astype("<f4").tobytes()


class Visit:
    """Turns of made-up voices, a second of silence between them that nobody hears."""

    def __init__(self, clinician: bytes = b"", most: int = 2) -> None:
        self.voices = LevelVoices()
        self.speakers = Speakers(self.voices, clinician, most)
        self.at = 0

    def say(self, level: float, seconds: float = 3.0) -> tuple[str, str, float]:
        start, end = self.sound(level, seconds)
        return self.speakers.who(start, end)

    def sound(self, level: float, seconds: float) -> tuple[int, int]:
        start, end = self.at, self.at + round(seconds * S)
        for at in range(start, end, 512):
            pcm = np.full(min(512, end - at), level, np.float32)
            self.speakers.hear(at, pcm)
        self.at = end + S
        return start, end


def test_voices_get_letters_in_order_of_speech_and_no_role_without_enrolment() -> None:
    visit = Visit()
    turns = [visit.say(level) for level in (DOCTOR, PATIENT, DOCTOR, PATIENT)]
    assert [speaker for speaker, _, _ in turns] == ["A", "B", "A", "B"]
    assert {role for _, role, _ in turns} == {"unknown"}
    assert all(confidence > 0.9 for _, _, confidence in turns[2:])


def test_the_enrolled_voice_is_the_clinician_and_the_other_the_patient() -> None:
    visit = Visit(print_of(DOCTOR))
    found = [visit.say(level)[1] for level in (PATIENT, DOCTOR, PATIENT, DOCTOR)]
    assert found[1:] == ["clinician", "patient", "clinician"]
    settled = [role for *_, role, _ in visit.speakers.settle()]
    assert settled == ["patient", "clinician", "patient", "clinician"]


def test_an_enrolled_voice_that_nobody_has_names_nobody() -> None:
    visit = Visit(print_of(MOTHER))
    for level in (DOCTOR, PATIENT) * 4:
        visit.say(level)
    assert {role for *_, role, _ in visit.speakers.settle()} == {"unknown"}


def test_of_two_others_who_says_most_is_the_patient() -> None:
    visit = Visit(print_of(DOCTOR), most=3)
    for level in (DOCTOR, MOTHER, PATIENT, PATIENT, DOCTOR, PATIENT, MOTHER):
        visit.say(level)
    roles = [role for *_, role, _ in visit.speakers.settle()]
    assert roles == ["clinician", "other", "patient", "patient", "clinician", "patient", "other"]


def test_a_short_turn_is_told_by_its_own_voice() -> None:
    visit = Visit(print_of(DOCTOR))
    for level in (DOCTOR, PATIENT, DOCTOR):
        visit.say(level)
    assert visit.say(PATIENT, 0.4)[1] == "patient"


def test_settling_says_all_segments_again_in_order_with_their_times() -> None:
    visit = Visit()
    asked = [visit.sound(level, 3.0) for level in (DOCTOR, PATIENT, PATIENT)]
    told = [visit.speakers.who(*each) for each in asked]
    rows = visit.speakers.settle()
    assert [row[:2] for row in rows] == asked
    assert [row[2] for row in rows] == ["A", "B", "B"]
    assert len(told) == 3


def test_a_segment_without_sound_is_nobodys() -> None:
    visit = Visit(print_of(DOCTOR))
    visit.say(DOCTOR)
    assert visit.speakers.who(10**9, 10**9 + S) == ("", "unknown", 0.0)
    assert visit.speakers.settle()[-1][2:] == ("", "unknown", 0.0)
    assert Visit().speakers.settle() == []


def test_a_voiceprint_of_another_model_enrolls_nobody() -> None:
    visit = Visit(b"1234")
    visit.say(DOCTOR)
    assert visit.say(PATIENT)[1] == "unknown"


def test_sound_is_kept_for_a_minute_of_speech_only() -> None:
    visit = Visit()
    for _ in range(30):
        visit.sound(DOCTOR, 6.0)
    assert sum(len(pcm) for _, pcm in visit.speakers._sound._blocks) <= 60 * S


def test_a_long_turn_costs_four_pieces_at_most() -> None:
    visit = Visit()
    visit.say(DOCTOR, 20.0)
    assert len(visit.voices.pieces) == 4
    assert max(visit.voices.pieces) <= 3 * S


def test_what_is_off_the_record_is_forgotten() -> None:
    visit = Visit()
    first, second = visit.sound(DOCTOR, 3.0), visit.sound(PATIENT, 3.0)
    for each in (first, second):
        visit.speakers.who(*each)
    visit.speakers.forget(*second)
    assert [row[:2] for row in visit.speakers.settle()] == [first]
    assert visit.speakers.who(*second) == ("", "unknown", 0.0)


def words(start: int, count: int, length: int) -> list[tuple[int, int]]:
    return [(start + i * length, start + (i + 1) * length) for i in range(count)]


@pytest.mark.parametrize("clinician", [b"", print_of(DOCTOR)], ids=["nobody", "enrolled"])
def test_a_segment_of_two_voices_is_cut_where_the_voice_changes(clinician: bytes) -> None:
    visit = Visit(clinician)
    for level in (DOCTOR, PATIENT):
        visit.say(level)
    start, _ = visit.sound(DOCTOR, 3.2)
    visit.at -= S
    visit.sound(PATIENT, 3.2)
    assert visit.speakers.split(words(start, 16, round(0.4 * S))) == [8]


def test_a_segment_of_one_voice_is_not_cut() -> None:
    visit = Visit()
    for level in (DOCTOR, PATIENT):
        visit.say(level)
    start, _ = visit.sound(DOCTOR, 6.4)
    assert visit.speakers.split(words(start, 16, round(0.4 * S))) == []
    assert visit.speakers.split(words(start, 1, 6 * S)) == []
    assert visit.speakers.split([]) == []
