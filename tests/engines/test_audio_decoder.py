"""Files are decoded in a child: what it makes of them comes back, or a named error."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.errors import AudioFileError, FileAccessError
from app.engines.recorder import AudioDecoder
from tests.engines.recording_desk import CLIP, clip


def test_the_sound_of_a_file_comes_whole() -> None:
    assert b"".join(AudioDecoder().stream(str(CLIP))) == clip().tobytes()


def test_a_reader_that_leaves_early_leaves_no_child_behind() -> None:
    blocks = AudioDecoder().stream(str(CLIP))
    assert next(blocks)
    blocks.close()  # type: ignore[attr-defined]  # it is a generator


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "visit.wav"
    path.write_bytes(b"no sound at all " * 40)
    with pytest.raises(AudioFileError) as caught:
        list(AudioDecoder().stream(str(path)))
    assert caught.value.reason == "unknown"
    with pytest.raises(FileAccessError):
        list(AudioDecoder().stream(str(tmp_path / "missing.wav")))
    with pytest.raises(AudioFileError) as caught:
        list(AudioDecoder().stream(str(tmp_path)))
    assert caught.value.reason == "folder"
