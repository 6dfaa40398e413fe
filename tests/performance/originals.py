"""Right sentences that people wrote about visits, each with the visit's transcript.

ACI-Bench notes, PriMock57 notes and the checklist statements that clinicians labelled correct.
Visits are split in two halves by the order of their names (the three with labelled statements two
to one): rules are tuned on the first, and the second shows what the tuning is worth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from tests.performance.fact_recall import reference

LEAST_WORDS: Final = 3
ACI_ROLES: Final = {"doctor": SpeakerRole.CLINICIAN, "patient": SpeakerRole.PATIENT}
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+(?=[A-Z\u2022-])")
_BULLET: Final = re.compile(r"^(?:[\s\u2022*-]|\d+[.)]\s)+")
_INDENT: Final = "\u21b3 "
_TUNED_ON: Final = ("day1_consultation10", "day3_consultation03")
_REPORTED: Final = ("day5_consultation01",)
"""The visits with labelled statements."""


@dataclass(frozen=True, slots=True)
class Original:
    """A sentence of a person.

    Attributes:
        source: `aci`, `primock` or `labelled`.
        half: 0 to tune on, 1 to report.
        said: all that was said at the visit, in lower case.
    """

    source: str
    visit: str
    half: int
    text: str
    transcript: Transcript
    said: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a generated note with a clinician's verdict."""

    visit: str
    half: int
    text: str
    is_incorrect: bool
    transcript: Transcript


def said_at(transcript: Transcript) -> str:
    """Return all that was said, in lower case, one segment a line."""
    return "\n".join(each.text for each in transcript.segments).lower()


def aci_transcript(visit: dict[str, Any]) -> Transcript:
    """Return the dialogue of an ACI-Bench visit."""
    return Transcript(
        tuple(
            Segment(
                SegmentId(str(index)),
                turn["text"],
                ACI_ROLES.get(turn["speaker"], SpeakerRole.OTHER),
            )
            for index, turn in enumerate(visit["turns"])
        )
    )


def sentences_of(note: str) -> Iterator[str]:
    """Yield the sentences of a note, without headings and bullets."""
    for line in note.splitlines():
        for sentence in _SENTENCE.split(_BULLET.sub("", line).strip()):
            if len(sentence.split()) >= LEAST_WORDS and sentence != sentence.upper():
                yield sentence


def load(folder: Path) -> list[Original]:
    """Return every right sentence of the data."""
    aci = json.loads((folder / "aci_bench.json").read_text("utf-8"))
    primock = json.loads((folder / "primock57.json").read_text("utf-8"))
    found = []
    for source, rows in (("aci", aci), ("primock", primock)):
        for place, row in enumerate(sorted(rows, key=lambda each: str(each["id"]))):
            made = aci_transcript(row) if source == "aci" else reference(row)
            said = said_at(made)
            found += [
                Original(source, row["id"], _half(row["id"], place), each, made, said)
                for each in dict.fromkeys(sentences_of(row["note"]))
            ]
    seen = {(each.visit, each.text) for each in found}
    found += [
        Original(
            "labelled", each.visit, each.half, each.text, each.transcript, said_at(each.transcript)
        )
        for each in labelled(folder)
        if not each.is_incorrect and (each.visit, each.text) not in seen
    ]
    return found


def labelled(folder: Path) -> list[Statement]:
    """Return the statements of generated notes that clinicians called correct or incorrect."""
    rows = json.loads((folder / "primock57.json").read_text("utf-8"))
    rows.sort(key=lambda each: str(each["id"]))
    halves = {row["id"]: _half(row["id"], place) for place, row in enumerate(rows)}
    made = {row["id"]: reference(row) for row in rows}
    sheets = json.loads((folder / "primock57_checklists.json").read_text("utf-8"))
    return [
        Statement(
            sheet["id"],
            halves[sheet["id"]],
            row["statement"].lstrip(_INDENT),
            row["verdict"] == "i",
            made[sheet["id"]],
        )
        for sheet in sheets
        for note in sheet["generated_notes"]
        for row in note["statements"]
        if row["verdict"] in {"c", "i"}
    ]


def _half(visit: str, place: int) -> int:
    if visit in _TUNED_ON:
        return 0
    return 1 if visit in _REPORTED else place % 2
