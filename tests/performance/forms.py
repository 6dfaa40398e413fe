"""`make bench ARGS="forms"`: how many spoken numbers, doses, pressures and dates are written right.

Tables of spoken and written forms in tests/data, made by hand: one the rules were tuned on, one
held back. Exact match; rows that must stay as spoken count, too.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from tests.performance.figures import table
from tests.performance.machine import REPOSITORY, say_conditions
from tests.unit.clinical.spoken_forms import Row, rows_of

TABLES: Final = REPOSITORY / "tests" / "data"


def main() -> dict[str, Any]:
    """Print exact matches by table and kind, and what is wrong."""
    parser = argparse.ArgumentParser(prog="forms", description=__doc__)
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of spoken_forms*.tsv")
    parser.add_argument("--quiet", action="store_true", help="do not list what is wrong")
    asked = parser.parse_args()
    say_conditions()
    found = {each.stem: rows_of(each) for each in sorted(asked.tables.glob("spoken_forms*.tsv"))}
    lines = [line for name, rows in found.items() for line in _lines(name, rows)]
    print("\nWritten forms, exact match; the goal is at least 95 %")
    print(table(("table", "kind", "rows", "right", "percent"), lines))
    wrong = [row for rows in found.values() for row in rows if not row.is_right]
    for row in () if asked.quiet else wrong:
        print(f"{row.kind}: {row.spoken} -> {row.got}; wanted {row.written}")
    return {"rows": lines, "wrong": [[each.spoken, each.got, each.written] for each in wrong]}


def _lines(name: str, rows: tuple[Row, ...]) -> list[tuple[str, str, int, int, float]]:
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        kinds[row.kind].append(row.is_right)
        kinds["all"].append(row.is_right)
    return [
        (name, kind, len(marks), sum(marks), 100 * sum(marks) / len(marks))
        for kind, marks in sorted(kinds.items())
    ]


if __name__ == "__main__":
    main()
