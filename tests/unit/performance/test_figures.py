"""The arithmetic of the benchmarks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.performance.figures import curve, percentile, slope, spread, table

numbers = st.floats(-1e6, 1e6)


def test_a_percentile_is_a_value_that_occurred() -> None:
    values = [float(each) for each in range(1, 101)]
    assert [percentile(values, each) for each in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([3.0], 95) == 3.0
    assert percentile([2.0, 1.0], 50) == 1.0


def test_nothing_measured_is_not_zero() -> None:
    assert math.isnan(percentile([], 50))
    assert spread([]) == {"n": 0, "p50": None, "p95": None, "p99": None, "max": None}


@given(st.lists(numbers, min_size=1), st.floats(0, 100))
def test_so_many_values_are_not_above_a_percentile(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(each <= found for each in values) >= percent / 100 * len(values) - 1e-6


@given(st.floats(-10, 10), st.floats(-100, 100))
def test_the_slope_of_a_line_is_its_slope(rise: float, start: float) -> None:
    points = [(float(x), start + rise * x) for x in range(20)]
    assert slope(points) == pytest.approx(rise, abs=1e-6)


def test_the_slope_of_a_point_or_of_nothing_is_zero() -> None:
    assert (slope([]), slope([(1.0, 5.0)]), slope([(1.0, 5.0), (1.0, 7.0)])) == (0.0, 0.0, 0.0)


def test_a_table_is_aligned_and_shows_what_is_missing() -> None:
    told = table(("name", "n"), [("one", 12), ("another", None), ("third", 0.125)])
    assert told.splitlines() == [
        "name     n",
        "one         12",
        "another      -",
        "third    0.125",
    ]


def test_a_curve_shows_the_highest_of_each_span() -> None:
    assert curve([0.0, 1.0]) == "▁█"
    assert curve([0.0] * 10) == "▁" * 10
    assert curve([]) == ""
    long = curve([0.0] * 500 + [9.0] + [0.0] * 500, width=10)
    assert (len(long), long.count("█")) == (10, 1)
