"""A microphone keeps its name when it is plugged in elsewhere."""

from __future__ import annotations

from app.engine_host.recorder.naming import stable_names


def test_the_number_of_an_alsa_card_is_no_part_of_its_name() -> None:
    assert stable_names([("ALSA", "Jabra: USB Audio (hw:1,0)")]) == ["ALSA: Jabra: USB Audio"]
    assert stable_names([("ALSA", "Jabra: USB Audio (hw:12,3)")]) == ["ALSA: Jabra: USB Audio"]
    assert stable_names([("ALSA", "default")]) == ["ALSA: default"]


def test_twins_are_numbered_and_host_apis_kept_apart() -> None:
    devices = [("ALSA", "Mic (hw:1,0)"), ("JACK", "Mic"), ("ALSA", "Mic (hw:2,0)")]
    assert stable_names(devices) == ["ALSA: Mic", "JACK: Mic", "ALSA: Mic #2"]


def test_windows_names_are_left_alone() -> None:
    name = "Microphone Array (Realtek(R) Audio)"
    assert stable_names([("Windows WASAPI", name)]) == [f"Windows WASAPI: {name}"]
