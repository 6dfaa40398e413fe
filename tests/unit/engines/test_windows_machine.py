"""What Windows tells of a machine is read rightly; on other systems nobody is asked."""

from __future__ import annotations

import struct
import sys

import pytest

from app.engines import windows_machine
from app.engines.windows_machine import cores_in, flags_of

CORE, NUMA, CACHE, PACKAGE = range(4)


def row(kind: int, mask: int) -> bytes:
    return struct.pack("<QI4x16x", mask, kind)


def test_cores_are_told_from_threads_and_caches() -> None:
    listed = row(CORE, 0b0011) + row(CACHE, 0b0011) + row(CORE, 0b1100) + row(PACKAGE, 0b1111)
    assert cores_in(listed + row(NUMA, 0b1111)) == 2
    assert cores_in(listed[:-1]) == 2
    assert cores_in(b"") == 0


def test_an_installed_program_runs_on_avx2() -> None:
    assert flags_of({39, 40, 41}, is_installed=False) == ("avx", "avx2", "avx512f")
    assert flags_of(set(), is_installed=False) == ()
    assert flags_of(set(), is_installed=True) == ("avx", "avx2")
    assert flags_of({41}, is_installed=True) == ("avx", "avx2", "avx512f")


@pytest.mark.skipif(sys.platform == "win32", reason="there it answers")
def test_other_systems_are_not_asked() -> None:
    assert windows_machine.ask() is None
