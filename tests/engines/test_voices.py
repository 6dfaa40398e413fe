"""The real voice model on two real voices: who speaks, and whose voiceprint it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from app.domain.audio import SAMPLE_RATE
from app.engine_host.listening import Audio
from app.engine_host.speakers import Speakers
from app.engine_host.voiceprints import Voiceprints
from app.engines.catalogue import Catalogue
from app.foundation import paths

ROOT: Final = Path(__file__).parents[2]
INSTALLED: Final = Catalogue(paths.catalogue(), paths.model_folders()).installed("voices")
pytestmark = pytest.mark.skipif(not INSTALLED, reason="the voice model is not installed")


@pytest.fixture(scope="module")
def voiceprints() -> Voiceprints:
    (model, *_) = INSTALLED
    return Voiceprints((Path(model.folder) / model.card.files[0].path).read_bytes())


@pytest.fixture(scope="module")
def turns() -> list[tuple[str, int, Audio]]:
    """Turns of the shipped sample: (role, first sample, sound)."""
    sample = ROOT / "resources/samples/back_pain_visit"
    pcm, rate = soundfile.read(sample.with_suffix(".flac"), dtype="float32")
    assert rate == SAMPLE_RATE
    listed = json.loads(sample.with_suffix(".json").read_text("utf-8"))["segments"]
    spans = [
        (each["role"], *(round(each[key] * rate) for key in ("start_s", "end_s")))
        for each in listed
    ]
    return [(role, start, pcm[start:end]) for role, start, end in spans]


def said(turns: list[tuple[str, int, Audio]], role: str) -> Audio:
    return np.concatenate([pcm for who, _, pcm in turns if who == role])


def test_a_point_is_192_numbers_of_length_1_whatever_the_level(
    voiceprints: Voiceprints, turns: list[tuple[str, int, Audio]]
) -> None:
    pcm = turns[2][2]
    loud, quiet = voiceprints.embed(pcm), voiceprints.embed(pcm * np.float32(0.02))
    assert loud.shape == (192,)
    assert loud.dtype == np.float32
    assert np.linalg.norm(loud) == pytest.approx(1, abs=1e-5)
    assert loud @ quiet > 0.98
    assert voiceprints.embed(np.zeros(160, np.float32)).shape == (192,)


def test_a_voiceprint_is_learned_from_one_voice_with_enough_speech(
    voiceprints: Voiceprints, turns: list[tuple[str, int, Audio]]
) -> None:
    learned = voiceprints.learn(said(turns, "clinician"))
    assert len(learned) == 768
    assert voiceprints.learn(said(turns, "clinician")[: 5 * SAMPLE_RATE]) == b""
    assert voiceprints.learn(np.zeros(30 * SAMPLE_RATE, np.float32)) == b""
    both = np.concatenate([pcm for _, _, pcm in turns])
    assert voiceprints.learn(both) == b""


@pytest.mark.parametrize("is_enrolled", [True, False], ids=["enrolled", "nobody"])
def test_two_people_are_told_apart_turn_by_turn(
    voiceprints: Voiceprints, turns: list[tuple[str, int, Audio]], *, is_enrolled: bool
) -> None:
    learned = voiceprints.learn(said(turns, "clinician")) if is_enrolled else b""
    speakers = Speakers(voiceprints, learned, 2)
    for _, start, pcm in turns:
        speakers.hear(start, pcm)
        speakers.who(start, start + len(pcm))
    rows = speakers.settle()
    letters = {role: {row[2] for row, turn in zip(rows, turns, strict=True) if turn[0] == role}
               for role in ("clinician", "patient")}  # fmt: skip
    assert letters == {"patient": {"A"}, "clinician": {"B"}}
    if is_enrolled:
        assert [row[3] for row in rows] == [role for role, _, _ in turns]
    else:
        assert {row[3] for row in rows} == {"unknown"}
