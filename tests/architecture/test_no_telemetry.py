"""No native library in the environment carries a telemetry client: decision 012."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

CLIENTS = (b"Applications6Events", b"OneDsTelemetry", b"events.data.microsoft.com", b"sentry_init")
"""Class names and addresses of clients that were found in libraries, or are common."""
LIBRARIES = sorted(Path(sysconfig.get_path("platlib")).rglob("*.so*"))


def test_there_are_libraries_to_look_at() -> None:
    assert len(LIBRARIES) > 50


@pytest.mark.parametrize("path", LIBRARIES, ids=lambda path: path.name)
def test_a_library_holds_no_telemetry_client(path: Path) -> None:
    data = path.read_bytes()
    assert not [name for name in CLIENTS if name in data]
