"""Scores a table of spoken and written forms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.clinical.written import write
from app.domain.ids import WordId
from app.domain.transcript import Word


@dataclass(frozen=True, slots=True)
class Row:
    kind: str
    spoken: str
    written: str
    got: str

    @property
    def is_right(self) -> bool:
        return self.got == self.written


def words(text: str, probability: float = 1.0) -> tuple[Word, ...]:
    """Return a text as words of 0.3 s each."""
    return tuple(
        Word(WordId(f"w{index}"), each, index * 4800, (index + 1) * 4800, probability)
        for index, each in enumerate(text.split())
    )


def rows_of(table: Path) -> tuple[Row, ...]:
    """Return the rows of a table with what the program writes for each."""
    lines = table.read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(
        Row(kind, spoken, written, write(words(spoken))[0]) for kind, spoken, written in cells
    )


def exact(table: Path) -> float:
    """Return the share of rows that are written exactly as the table wants."""
    rows = rows_of(table)
    return sum(row.is_right for row in rows) / len(rows)
