"""Two microphones stay apart from the device to the journal; speech hears their mix."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.audio.channels import apart, mix
from app.audio.journal import JournalReader
from app.audio.mono import mono
from app.domain.events import ChildEnded, LevelMeasured, RecordingFinished, RecordingStarted
from tests.engines.recording_desk import CLIP, CLIP_SAMPLES, Desk, clip, kill_recorder, likeness
from tests.fakes.pulse import MICROPHONE, Pulse, pulse

__all__ = ["pulse"]

RATE = 16_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "audio")
    yield desk
    desk.leave()


@pytest.fixture
def stereo(tmp_path: Path) -> Path:
    """The clip on the left, and the clip backwards on the right."""
    path = tmp_path / "two.wav"
    soundfile.write(path, both(), RATE, subtype="PCM_16")
    return path


def both() -> NDArray[np.int16]:
    return np.stack([clip(), clip()[::-1] // 4], axis=1)


def kept(desk: Desk) -> NDArray[np.int16]:
    """Return what the journal holds, shape (n, channels)."""
    blocks = JournalReader(desk.folder).read(desk.plan.recording, desk.private_key)
    return np.concatenate([apart(block) for block in blocks])


def test_a_file_of_two_channels_is_kept_as_it_is_and_mixed_for_speech(
    desk: Desk, stereo: Path
) -> None:
    desk.start(replace(desk.plan, file=str(stereo), channels=2))
    assert desk.wait_for(RecordingFinished).samples == CLIP_SAMPLES
    assert np.array_equal(kept(desk), both())
    assert b"".join(pcm for _, pcm in desk.audio) == mix(both()).tobytes()
    blocks = list(JournalReader(desk.folder).read(desk.plan.recording, desk.private_key))
    assert {block.channels for block in blocks} == {2}
    assert b"".join(mono(block).pcm for block in blocks) == mix(both()).tobytes()
    state = desk.state()
    assert (state.samples, state.is_closed, state.gaps) == (CLIP_SAMPLES, True, ())
    levels = [event.level for event in desk.heard(LevelMeasured)]
    assert {level.channel for level in levels} == {0, 1}


def test_reading_starts_at_any_sample_of_two_channels(desk: Desk, stereo: Path) -> None:
    desk.start(replace(desk.plan, file=str(stereo), channels=2))
    desk.wait_for(RecordingFinished)
    reader = JournalReader(desk.folder)
    blocks = list(reader.read(desk.plan.recording, desk.private_key, 12_345))
    assert blocks[0].at_sample == 12_345
    assert np.array_equal(np.concatenate([apart(block) for block in blocks]), both()[12_345:])


@pytest.mark.parametrize(("channels", "file"), [(2, "mono"), (1, "stereo")])
def test_one_channel_where_one_is_there_or_one_is_wanted(
    desk: Desk, stereo: Path, channels: int, file: str
) -> None:
    path = CLIP if file == "mono" else stereo
    desk.start(replace(desk.plan, file=str(path), channels=channels))
    desk.wait_for(RecordingFinished)
    assert kept(desk).shape == (CLIP_SAMPLES, 1)
    assert {event.level.channel for event in desk.heard(LevelMeasured)} == {0}


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
def test_all_parts_of_a_recording_have_the_same_channels(desk: Desk, stereo: Path) -> None:
    desk.start(replace(desk.plan, file=str(stereo), channels=2, realtime=True))
    desk.wait_for(RecordingStarted)
    kill_recorder()
    desk.wait_for(ChildEnded)
    known_s = desk.seconds()
    desk.wait_for_sound(known_s + 1.0)
    samples = desk.end()
    assert desk.state().parts == 2
    assert np.array_equal(kept(desk), both()[:samples])


def test_a_device_of_two_channels_is_kept_apart(pulse: Pulse, desk: Desk, stereo: Path) -> None:
    desk.start(replace(desk.plan, device=MICROPHONE, channels=2))
    desk.wait_for(RecordingStarted)
    with pulse.playing(stereo):
        desk.wait_for_sound(5.0)
    samples = desk.end()
    found = kept(desk)
    assert found.shape == (samples, 2)
    left, right = both()[8_000:40_000].T
    assert likeness(found[:, 0], left) > 0.9
    assert likeness(found[:, 1], right) > 0.9
    assert likeness(found[:, 0], right) < 0.5
