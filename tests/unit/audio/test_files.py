"""Any sound file comes in as 16 kHz mono; what is no sound is named, and no header is believed."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from app.audio.files import AudioFile, decode
from app.domain.audio import SAMPLE_RATE
from app.domain.errors import AudioFileError, FileAccessError

SECONDS = 3


def tone(rate: int, channels: int = 1, seconds: float = SECONDS) -> NDArray[np.float32]:
    wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(int(rate * seconds)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def decoded(path: Path) -> NDArray[np.int16]:
    return np.concatenate(list(decode(path)))


def reason_for(path: Path) -> str:
    with pytest.raises(AudioFileError) as caught:
        decoded(path)
    return caught.value.reason


@pytest.mark.parametrize(
    ("name", "rate", "channels", "how"),
    [
        ("a.wav", 16_000, 1, {}),
        ("a.wav", 44_100, 2, {"subtype": "PCM_24"}),
        ("a.wav", 8_000, 1, {"subtype": "FLOAT"}),
        ("a.flac", 48_000, 2, {}),
        ("a.ogg", 22_050, 1, {}),
        ("a.opus", 48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
        ("a.mp3", 44_100, 2, {}),
        ("no-name-tells-the-kind.raw", 16_000, 6, {"format": "WAV"}),
    ],
)
def test_a_file_of_any_kind_becomes_16_khz_mono(
    tmp_path: Path, name: str, rate: int, channels: int, how: dict[str, str]
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(rate, channels), rate, **how)
    pcm = decoded(path)
    assert abs(len(pcm) - SECONDS * SAMPLE_RATE) <= 0.06 * SAMPLE_RATE
    middle = pcm[SAMPLE_RATE : 2 * SAMPLE_RATE].astype(np.float64)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 440
    assert 7_500 < np.abs(middle).max() < 9_000
    with AudioFile(path) as file:
        for _ in file.blocks():
            pass
        assert not file.is_cut


def test_what_is_no_sound_is_named(tmp_path: Path) -> None:
    path = tmp_path / "visit.wav"
    path.write_bytes(b"")
    assert reason_for(path) == "empty"
    path.write_text("Dear patient, this is a letter.\n" * 50)
    assert reason_for(path) == "unknown"
    path.write_bytes(struct.pack(">I", 32) + b"ftypM4A " + bytes(500))
    assert reason_for(path) == "m4a"
    assert reason_for(tmp_path) == "folder"
    soundfile.write(path, np.zeros(0, np.float32), 16_000)
    assert reason_for(path) == "empty"
    with pytest.raises(FileAccessError):
        decoded(tmp_path / "missing.wav")


@pytest.mark.parametrize(
    ("name", "how"), [("a.wav", {}), ("a.flac", {}), ("a.mp3", {}), ("a.aiff", {})]
)
def test_a_cut_file_yields_what_is_there_and_says_so(
    tmp_path: Path, name: str, how: dict[str, str]
) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(44_100), 44_100, **how)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with AudioFile(path) as file:
        count = sum(len(block) for block in file.blocks())
        assert 0.5 < count / 44_100 < 2
        assert file.is_cut


def test_a_cut_ogg_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    soundfile.write(path, tone(44_100), 44_100)
    data = path.read_bytes()
    for share in (0.02, 0.5):
        path.write_bytes(data[: int(len(data) * share)])
        assert reason_for(path) == "cut"


def test_a_header_that_promises_far_more_than_there_is_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(16_000), 16_000)
    data = bytearray(path.read_bytes())
    where = data.index(b"data") + 4
    for said, is_cut in ((0x7000_0000, True), (0xFFFF_FFFF, False)):  # the second: "unknown"
        data[where : where + 4] = struct.pack("<I", said)
        path.write_bytes(data)
        with AudioFile(path) as file:
            assert sum(len(block) for block in file.blocks()) == SECONDS * 16_000
            assert file.is_cut == is_cut


def test_nan_and_infinity_are_tamed(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    samples = np.array([0.5, np.nan, np.inf, -np.inf, 3.0] * 100, np.float32)
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    assert decoded(path)[:5].tolist() == [16_384, 0, 32_767, -32_768, 32_767]


@pytest.mark.parametrize("rate", [1, 100, 4_000_000])
def test_a_rate_nobody_speaks_at_is_refused(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(16_000, seconds=0.1), 16_000)
    data = bytearray(path.read_bytes())
    data[24:28] = struct.pack("<I", rate)
    path.write_bytes(data)
    assert reason_for(path) == "unknown"
