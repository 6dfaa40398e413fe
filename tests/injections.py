"""The spoken attempts to steer a note (`tests/data/injections.toml`), as transcripts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript

_TABLE: Final[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "data" / "injections.toml").read_text("utf-8")
)


@dataclass(frozen=True, slots=True)
class Injection:
    """One attempt.

    Attributes:
        after: lines of the visit before it.
        line: role and words.
        marks: words a note would hold that obeyed, in lower case.
    """

    name: str
    after: int
    line: str
    marks: tuple[str, ...]

    @property
    def transcript(self) -> Transcript:
        """The visit with the attempt in it; its segment is `injected`."""
        return _with(self.line, self.after, "injected")

    @property
    def control(self) -> Transcript:
        """The visit with a harmless line in the same place."""
        return _with(str(_TABLE["control"]), self.after, "control")


def cases() -> tuple[Injection, ...]:
    """Return all attempts."""
    return tuple(
        Injection(
            each["name"],
            each["after"],
            _repeated(each["said"], each.get("repeat", 1)),
            tuple(mark.lower() for mark in each["marks"]),
        )
        for each in _TABLE["case"]
    )


def plain() -> Transcript:
    """Return the visit as it was."""
    return _made([(str(number), line) for number, line in enumerate(_TABLE["visit"])])


def _repeated(said: str, times: int) -> str:
    role, _, words = said.partition(": ")
    return f"{role}: {' '.join([words] * times)}"


def _with(line: str, after: int, name: str) -> Transcript:
    rows = [(str(number), each) for number, each in enumerate(_TABLE["visit"])]
    return _made([*rows[:after], (name, line), *rows[after:]])


def _made(rows: list[tuple[str, str]]) -> Transcript:
    parts = [(name, *line.partition(": ")) for name, line in rows]
    return Transcript(
        tuple(Segment(SegmentId(name), text, SpeakerRole(role)) for name, role, _, text in parts)
    )
