"""The scanner finds what it is for."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.canary import find_canary, plant

NEEDLE = "ZZPHI-12345678"


@pytest.mark.parametrize(
    "data",
    [
        NEEDLE.encode(),
        NEEDLE.encode("utf-16-le"),
        NEEDLE.encode().hex().encode(),
        NEEDLE.encode().hex().upper().encode(),
        *(base64.b64encode(b"abcd"[:size] + NEEDLE.encode() + b"rest") for size in range(4)),
    ],
)
def test_a_planted_word_is_found_in_every_disguise(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "deep").mkdir()
    hit = tmp_path / "deep" / "file"
    hit.write_bytes(b"\0" * 5000 + data + b"\0")
    (tmp_path / "innocent").write_bytes(b"nothing here")
    (tmp_path / "empty").touch()
    assert find_canary([tmp_path], NEEDLE) == [hit]


def test_a_planted_word_is_found_in_a_file_name(tmp_path: Path) -> None:
    (tmp_path / f"{NEEDLE}.txt").touch()
    assert len(find_canary([tmp_path], NEEDLE)) == 1


def test_canaries_differ() -> None:
    assert len({plant() for _ in range(50)}) > 1
