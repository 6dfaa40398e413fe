"""Two seconds of listening without a visit, through the real recorder program and sound server."""

from __future__ import annotations

import pytest

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
