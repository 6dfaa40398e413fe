"""Two seconds of listening without a visit, through the real recorder program and sound server."""

from __future__ import annotations

import threading

import pytest

from app.domain.audio import SAMPLE_RATE, Level, VoiceFinding
from app.domain.errors import DeviceMissingError
from app.engines.recorder import Recorder
from tests.conftest import Profile
from tests.end2end.product import SAMPLE
from tests.fakes.pulse import Pulse, pulse  # noqa: F401 - a fixture


def recorder() -> Recorder:
    return Recorder(lambda _: None, lambda *_: None)


def test_a_microphone_that_hears_is_told_with_its_level(pulse: Pulse) -> None:  # noqa: F811
    with pulse.playing(SAMPLE):
        heard = recorder().listen_around()
    assert heard.samples >= 32_000
    assert heard.level_dbfs > -70
    assert heard.first_ms > 0


@pytest.mark.usefixtures("pulse")
def test_the_tone_goes_round(profile: Profile) -> None:
    """The microphone here is the monitor of the loudspeaker."""
    heard = recorder().listen_around()
    assert heard.tone == "heard"
    assert [each for each in profile.root.rglob("*") if each.is_file()] == [], "nothing is kept"


def test_without_a_microphone_it_says_so(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(profile.home / "none"))
    monkeypatch.setenv("PULSE_SERVER", "unix:/nowhere")
    with pytest.raises(DeviceMissingError):
        recorder().listen_around()


def test_a_voice_is_heard_with_levels_meanwhile(pulse: Pulse) -> None:  # noqa: F811
    levels: list[Level] = []
    with pulse.playing(SAMPLE):
        found = recorder().hear_voice("", 12, levels.append, threading.Event())
    assert found is not None
    assert found.finding is VoiceFinding.GOOD
    assert found.samples >= 12 * SAMPLE_RATE
    assert len(levels) >= 200
    assert max(level.rms_dbfs for level in levels) > -40


@pytest.mark.usefixtures("pulse")
def test_a_check_that_is_left_gives_the_microphone_back(profile: Profile) -> None:
    left = threading.Event()
    assert recorder().hear_voice("", 60, lambda _level: left.set(), left) is None
    again = recorder().hear_voice("", 0.5, lambda _level: None, threading.Event())
    assert again is not None
    assert [each for each in profile.root.rglob("*") if each.is_file()] == [], "nothing is kept"


@pytest.mark.usefixtures("pulse", "profile")
def test_a_microphone_that_is_not_there_is_told() -> None:
    with pytest.raises(DeviceMissingError):
        recorder().hear_voice("no such microphone", 12, lambda _level: None, threading.Event())
