"""Live speech from the command line: a file as a visit, words and a voice that are taught."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types

from tests.conftest import Profile
from tests.end2end.product import FAST_MODEL, REPOSITORY, SAMPLE, json_of, run_product

JFK = REPOSITORY / "tests/data/audio/jfk.flac"
JFK_S = 11.0
GERMAN = REPOSITORY / "tests/data/speech/german_synthetic.flac"
PASSWORD = "a long and quiet afternoon"


def events_of(printed: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_a_file_is_played_as_a_visit_and_told_as_it_happens(user: Profile) -> None:
    done = run_product(user, "transcribe", JFK, "--live", "--json", "--model", FAST_MODEL)
    assert done.returncode == 0, done.stderr
    events = events_of(done.stdout)
    kinds = [each["event"] for each in events]
    assert kinds[0] == "recording"
    assert kinds[-1] == "finished"
    times = [each["at_s"] for each in events]
    assert times == sorted(times)
    (recorded,) = [each for each in events if each["event"] == "recorded"]
    assert recorded["length_s"] == JFK_S
    assert recorded["at_s"] > JFK_S - 1, "at the speed of talk"
    assert kinds.index("committed") < kinds.index("recorded"), "words come while it is spoken"

    finals = [each["segment"] for each in events if each["event"] == "final"]
    text = " ".join(each["text"] for each in finals).lower()
    assert "what you can do for your country" in text
    committed = [word for each in events if each["event"] == "committed" for word in each["words"]]
    assert len({word["id"] for word in committed}) == len(committed), "no word is told twice"
    assert all(word["start_s"] < word["end_s"] <= JFK_S for word in committed)
    early = [
        word
        for each in events
        if each["event"] == "committed"
        for word in each["words"]
        if word["end_s"] > each["at_s"] + 0.25
    ]
    assert early == [], "nothing is told before it is spoken"


def test_words_are_taught_and_forgotten(user: Profile) -> None:
    made = run_product(user, "account", "create", "Dr. Ash", password=PASSWORD)
    assert made.returncode == 0, made.stderr
    for arguments in (
        ("tirzepatide",),
        ("NYHA", "--heard", "nigh ha"),
        ("Clear.", "--macro", "ok"),
    ):
        done = run_product(user, "words", "add", *arguments, password=PASSWORD)
        assert done.returncode == 0, done.stderr
    taught = json_of(run_product(user, "words", "list", "--json", password=PASSWORD))
    assert taught == {
        "terms": ["tirzepatide"],
        "replacements": [{"heard": "nigh ha", "written": "NYHA"}],
        "macros": [{"name": "ok", "text": "Clear.", "shortcut": ""}],
    }
    for word in ("tirzepatide", "nigh ha", "ok"):
        done = run_product(user, "words", "remove", word, password=PASSWORD)
        assert done.returncode == 0, done.stderr
    taught = json_of(run_product(user, "words", "list", "--json", password=PASSWORD))
    assert taught == {"terms": [], "replacements": [], "macros": []}
    gone = run_product(user, "words", "remove", "tirzepatide", password=PASSWORD)
    assert gone.returncode == 3


def test_a_voice_is_learned_only_with_consent_and_can_be_forgotten(user: Profile) -> None:
    made = run_product(user, "account", "create", "Dr. Ash", password=PASSWORD)
    assert made.returncode == 0, made.stderr
    sound, rate = soundfile.read(GERMAN)
    speaking = user.home / "speaking.wav"
    soundfile.write(speaking, np.tile(sound, 2), rate)
    short = run_product(user, "voice", "learn", JFK, "--agree", password=PASSWORD)
    assert (short.returncode, "30 s" in short.stderr) == (3, True), "8 s of speech are too few"
    refused = run_product(user, "voice", "learn", speaking, password=PASSWORD)
    assert refused.returncode == 2
    done = run_product(user, "voice", "learn", speaking, "--agree", password=PASSWORD)
    assert done.returncode == 0, done.stderr
    assert "known since" in done.stdout
    two = run_product(user, "voice", "learn", SAMPLE, "--agree", password=PASSWORD)
    assert two.returncode == 3, "two people speak in it"
    status = run_product(user, "voice", "status", password=PASSWORD)
    assert "known since" in status.stdout
    done = run_product(user, "voice", "forget", password=PASSWORD)
    assert done.returncode == 0, done.stderr
    status = run_product(user, "voice", "status", password=PASSWORD)
    assert "not known" in status.stdout


@pytest.mark.parametrize("way", [(), ("--live",)])
def test_another_language_is_heard_as_such(user: Profile, way: tuple[str, ...]) -> None:
    """Whisper base, synthetic speech: what matters is German words, not how many are right."""
    arguments = ("--json", "--model", "whisper-base", "--language", "de", *way)
    done = run_product(user, "transcribe", GERMAN, *arguments)
    assert done.returncode == 0, done.stderr
    if way:
        finals = [each for each in events_of(done.stdout) if each["event"] == "final"]
        text = " ".join(each["segment"]["text"] for each in finals)
    else:
        told = json.loads(done.stdout)
        assert told["language"] == "de"
        text = " ".join(each["text"] for each in told["segments"])
    assert "Kopfschmerzen" in text
    assert "gestern Abend" in text
    assert "Paracetamol" in text


def test_a_language_the_model_does_not_know_is_refused_in_words(user: Profile) -> None:
    done = run_product(user, "transcribe", GERMAN, "--model", FAST_MODEL, "--language", "de")
    assert done.returncode == 3
    assert "language" in done.stderr
    assert done.stdout == ""
