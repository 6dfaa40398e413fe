"""No note from silence, tones, music or one word; what was not discussed is said to be so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.domain.audio import SAMPLE_RATE
from tests.conftest import Profile
from tests.end2end.product import REPOSITORY, SAMPLE, SAMPLE_TRANSCRIPT, json_of, run_product
from tests.end2end.test_failures import App

SPEECH: Final = REPOSITORY / "tests/data/audio/jfk.flac"
ENGINES: Final = ("extractive", "smollm2-135m")
OKAY_S: Final = (7.1, 7.72)
"""Where somebody says "Okay" in the sample recording."""
HZ: Final = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
"""C, A minor, F, G."""
Sound = NDArray[np.float64]


def silence() -> Sound:
    return np.zeros(10 * SAMPLE_RATE)


def tone() -> Sound:
    return 0.2 * np.sin(2 * np.pi * 440 * np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE)


def music() -> Sound:
    """Four chords, struck twice a second, each with two overtones: 16 s."""
    at_s = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    struck = np.exp(-3 * at_s) * np.minimum(1, at_s / 0.01)
    chords = [
        sum(np.sin(2 * np.pi * hz * part * at_s) / part for hz in chord for part in (1, 2, 3))
        for chord in HZ
    ]
    return np.tile(np.concatenate([0.08 * struck * each for each in chords]), 8)


def one_word() -> Sound:
    sound, rate = soundfile.read(SAMPLE)
    word = sound[int(OKAY_S[0] * rate) : int(OKAY_S[1] * rate)]
    return np.concatenate([np.zeros(rate // 2), word, np.zeros(rate)])


def written(folder: Path, sound: Sound) -> Path:
    path = folder / "visit.wav"
    soundfile.write(path, sound, SAMPLE_RATE)
    return path


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("sound", [silence, tone, music, one_word])
def test_too_little_speech_makes_no_draft(
    user: Profile, tmp_path: Path, sound: Callable[[], Sound], engine: str
) -> None:
    done = run_product(user, "draft", written(tmp_path, sound()), "--engine", engine)
    assert done.returncode == 3, done.stderr
    assert "too little speech" in done.stderr
    assert done.stdout.strip() == ""


def test_the_one_word_is_heard_so_that_it_is_a_test(user: Profile, tmp_path: Path) -> None:
    told = json_of(run_product(user, "transcribe", written(tmp_path, one_word()), "--json"))
    (segment,) = told["segments"]
    assert segment["text"].strip(".").lower() in {"okay", "ok"}


@pytest.mark.parametrize("engine", ENGINES)
def test_talk_without_anything_clinical_gives_sections_that_were_not_discussed(
    user: Profile, engine: str
) -> None:
    done = run_product(user, "draft", SPEECH, "--engine", engine)
    assert done.returncode == 0, done.stderr
    lines = [each.strip() for each in done.stdout.splitlines() if each.strip()]
    assert lines == [
        line
        for heading in ("SUBJECTIVE", "OBJECTIVE", "ASSESSMENT", "PLAN")
        for line in (heading, "Not discussed")
    ]


def test_an_empty_section_beside_full_ones_says_so(user: Profile) -> None:
    wanted = ("draft", SAMPLE_TRANSCRIPT, "--engine", "extractive")
    told = json_of(run_product(user, *wanted, "--json"))
    empty = [each["heading"] for each in told["sections"] if not each["claims"]]
    assert 0 < len(empty) < len(told["sections"])
    lines = run_product(user, *wanted).stdout.splitlines()
    after = {line.strip(): lines[at + 1].strip() for at, line in enumerate(lines[:-1])}
    silent = [each.upper() for each in empty]
    assert [each for each, next_line in after.items() if next_line == "Not discussed"] == silent


@pytest.fixture
def app(user: Profile) -> Iterator[App]:
    made = App(user)
    yield made
    made.quit()


def test_a_recorded_visit_of_one_word_ends_with_an_empty_note(app: App, tmp_path: Path) -> None:
    app.say("create")
    app.wait("unlocked")
    app.say("choose notes smollm2-135m")
    app.say(f"record {written(tmp_path, one_word())}")
    draft = app.wait("draft")
    assert draft["claims"] == []
    assert [key for key, _ in draft["sections"]] == [
        "subjective",
        "objective",
        "assessment",
        "plan",
    ]
    assert app.wait("visit", lambda each: each["state"] == "in_review")
