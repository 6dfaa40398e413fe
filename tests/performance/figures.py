"""Arithmetic of the benchmarks: percentiles, slopes, tables and curves in plain text. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"
Cell = str | int | float


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile: a value that occurred; nan for no values.

    Args:
        values: in any order.
        percent: 0 to 100; 100 is the maximum.
    """
    if not values:
        return math.nan
    rank = max(1, math.ceil(percent / 100 * len(values)))
    return sorted(values)[min(rank, len(values)) - 1]


def spread(values: Sequence[float]) -> dict[str, float | int | None]:
    """Return n, p50, p95, p99 and max, rounded to milliseconds; None where nothing was measured."""
    found = {f"p{each}": percentile(values, each) for each in (50, 95, 99)}
    found["max"] = percentile(values, 100)
    told = {name: None if math.isnan(value) else round(value, 3) for name, value in found.items()}
    return {"n": len(values), **told}


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the least-squares slope of (x, y) points: y per x; 0.0 for fewer than two x."""
    if not points:
        return 0.0
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    width = sum((x - middle_x) ** 2 for x, _ in points)
    if not width:
        return 0.0
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / width


def table(head: Sequence[str], rows: Sequence[Sequence[Cell | None]]) -> str:
    """Return an aligned text table; numbers to the right, None as a dash."""
    cells = [[_told(each) for each in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    lines = ["  ".join(name.ljust(width) for name, width in zip(head, widths, strict=True))]
    for row, told in zip(rows, cells, strict=True):
        lines.append(
            "  ".join(
                text.ljust(width) if isinstance(value, str) else text.rjust(width)
                for value, text, width in zip(row, told, widths, strict=True)
            )
        )
    return "\n".join(line.rstrip() for line in lines)


def curve(values: Sequence[float], width: int = 72) -> str:
    """Return a one-line curve from 0 to the highest value; each bar is the highest of its span."""
    if not values:
        return ""
    top = max(*values, 1e-9) if len(values) > 1 else max(values[0], 1e-9)
    count = min(width, len(values))
    spans = [
        values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)
    ]
    steps = len(BARS) - 1
    return "".join(BARS[round(max(0.0, *span) / top * steps)] for span in spans)


def _told(value: Cell | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1 else _plain(value)


def _plain(value: Cell) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
