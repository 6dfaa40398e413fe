"""The machine's clocks."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

import pytest

from app.foundation.clock import SystemClock, awake_or_not


def test_the_wall_clock_knows_its_zone() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_even_time_never_goes_back() -> None:
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names its boots")
def test_a_boot_has_one_name() -> None:
    assert SystemClock().boot() == SystemClock().boot() != ""


@pytest.mark.skipif(sys.platform != "linux", reason="CLOCK_BOOTTIME is Linux's")
def test_time_that_the_machine_slept_counts() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= awake_or_not() <= time.clock_gettime(time.CLOCK_BOOTTIME)
