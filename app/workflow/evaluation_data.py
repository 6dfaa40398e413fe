"""Reads the data that models are evaluated on: resources/docs/evaluate.md says what it looks like.

Blocks: pool. What is absent is told, what is damaged is an error; texts never reach an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.clinical.sentences import sentences
from app.domain.errors import EvaluationDataError, EvaluationDataMissingError
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.measures.cases import Case, ExpectedOrder, Fact, LabelledStatement
from app.foundation import paths

SETS: Final = ("primock57", "aci_bench", "mts_dialog", "osce", "orders")
FILES: Final = {
    "primock57": "primock57.json", "aci_bench": "aci_bench.json", "mts_dialog": "mts_dialog.json",
    "osce": "osce_transcripts.json", "orders": "orders.json",
}  # fmt: skip
CHECKLISTS: Final = "primock57_checklists.json"
REFERENCE: Final = "reference"
HEARD_WORDS: Final = 25
"""Words a segment of recognizer text has at most, about what live speech commits in one go."""
MAX_BYTES: Final = 256 << 20
_ROLES: Final = {
    "doctor": SpeakerRole.CLINICIAN, "clinician": SpeakerRole.CLINICIAN,
    "guest_clinician": SpeakerRole.CLINICIAN, "patient": SpeakerRole.PATIENT,
    "": SpeakerRole.UNKNOWN,
}  # fmt: skip
_TURN: Final = re.compile(r"^\s*\[?([A-Za-z_]+)\]?\s*:?\s*(.*)$")
_VERDICTS: Final = {"c": False, "i": True}

R = TypeVar("R")


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Turn(_Row):
    speaker: str = ""
    text: str


class _Visit(_Row):
    """A visit of PriMock57 or of OSCE; `asr` is what recognizers made of it."""

    id: str
    turns: list[_Turn]
    note: str = ""
    asr: dict[str, str] = Field(default_factory=dict)


class _AciVisit(_Row):
    id: str
    turns: list[_Turn]
    note: str
    split: str = ""
    dialogue_tts_whisper: str = ""


class _Dialogue(_Row):
    section_header: str
    section_text: str
    dialogue: str
    file: str = ""


class _ListedFact(_Row):
    fact: str
    criticality: str


class _Statement(_Row):
    statement: str
    verdict: str = ""


class _Generated(_Row):
    statements: list[_Statement]


class _Sheet(_Row):
    id: str
    checklists: list[list[_ListedFact]]
    generated_notes: list[_Generated] = Field(default_factory=list)


class _Order(_Row):
    order_type: str
    description: str = ""
    provenance: list[int] = Field(default_factory=list)


class _OrderTurn(_Row):
    turn_id: int
    speaker: str = ""
    transcript: str


class _OrderVisit(_Row):
    expected_orders: list[_Order]
    transcript: Annotated[list[_OrderTurn], Field(min_length=1)]
    oe_split: str = ""


@dataclass(frozen=True, slots=True)
class EvaluationData:
    """What was found in a folder.

    Attributes:
        absent: file names that were looked for and are not there.
        labelled: statements that clinicians called correct or incorrect; for the checker.
    """

    cases: tuple[Case, ...]
    labelled: tuple[LabelledStatement, ...] = ()
    absent: tuple[str, ...] = ()


def read_data(folder: Path, wanted: Sequence[str] = ()) -> EvaluationData:
    """Read the sets of a folder; all that are there when none is named.

    Raises:
        EvaluationDataMissingError: the folder, a set that was named, or every set is absent.
        EvaluationDataError: a file does not have its documented shape; says which.
    """
    names = tuple(dict.fromkeys(wanted)) or SETS
    present = [name for name in names if (folder / FILES[name]).is_file()]
    absent = [FILES[name] for name in names if name not in present]
    if not present or (wanted and absent):
        raise EvaluationDataMissingError(absent[0])
    cases: list[Case] = []
    labelled: tuple[LabelledStatement, ...] = ()
    for name in present:
        if name == "primock57":
            visits = _read(folder / FILES[name], list[_Visit])
            sheets: list[_Sheet] = []
            if (folder / CHECKLISTS).is_file():
                sheets = _read(folder / CHECKLISTS, list[_Sheet])
            else:
                absent.append(CHECKLISTS)
            cases += _primock(visits, sheets)
            labelled = _labelled(visits, sheets)
        else:
            cases += _READERS[name](folder / FILES[name])
    return EvaluationData(tuple(cases), labelled, tuple(absent))


def _read(path: Path, shape: type[R]) -> R:
    with paths.file_errors():
        if path.stat().st_size > MAX_BYTES:
            raise EvaluationDataError(path.name, "", "too large")
        data = path.read_bytes()
    place, reason = "", ""
    try:
        return TypeAdapter(shape).validate_json(data)
    except ValidationError as error:  # not chained: it quotes what was said
        first = error.errors(include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        reason = first["type"].replace("_", " ")
    raise EvaluationDataError(path.name, place, reason)


def _transcript(turns: Sequence[tuple[str, str]]) -> Transcript:
    said = [(speaker, text.strip()) for speaker, text in turns if text.strip()]
    return Transcript(
        tuple(
            Segment(SegmentId(str(number)), text, _ROLES.get(speaker.lower(), SpeakerRole.OTHER))
            for number, (speaker, text) in enumerate(said, 1)
        )
    )


def heard(text: str) -> Transcript:
    """Return recognizer text as short segments without roles, as live speech commits them."""
    parts: list[str] = []
    for sentence in sentences(text):
        words = sentence.split()
        steps = range(0, len(words), HEARD_WORDS)
        parts += [" ".join(words[first : first + HEARD_WORDS]) for first in steps]
    return _transcript([("", part) for part in parts])


def _spoken(text: str) -> Transcript:
    """Return `Doctor: ...` or `[doctor] ...` lines as segments; other lines go on."""
    turns: list[tuple[str, str]] = []
    for line in text.splitlines():
        match = _TURN.match(line)
        if match and (line.lstrip().startswith("[") or ":" in line[: len(match[1]) + 3]):
            turns.append((match[1], match[2]))
        elif turns:
            turns[-1] = (turns[-1][0], f"{turns[-1][1]} {line.strip()}")
    return _transcript(turns)


def _turns(turns: Sequence[_Turn]) -> Transcript:
    return _transcript([(each.speaker, each.text) for each in turns])


def _primock(visits: Sequence[_Visit], sheets: Sequence[_Sheet]) -> list[Case]:
    facts: dict[str, list[Fact]] = {}
    for sheet in sheets:
        rows = [row for checklist in sheet.checklists for row in checklist]
        facts.setdefault(sheet.id, []).extend(
            Fact(row.fact, row.criticality == "critical")
            for row in rows
            if row.criticality in {"critical", "non_critical"}
        )
    cases: list[Case] = []
    for visit, other in _with_others(visits, lambda each: each.note):
        sources = {REFERENCE: _turns(visit.turns)}
        sources |= {name: heard(text) for name, text in sorted(visit.asr.items()) if text.strip()}
        cases += [
            Case(
                "primock57", source, "checklist" if visit.id in facts else "", transcript,
                visit.note, other, facts=tuple(facts.get(visit.id, ())),
            )
            for source, transcript in sources.items()
        ]  # fmt: skip
    return cases


def _labelled(visits: Sequence[_Visit], sheets: Sequence[_Sheet]) -> tuple[LabelledStatement, ...]:
    made = {each.id: _turns(each.turns) for each in visits}
    return tuple(
        LabelledStatement(made[sheet.id], row.statement.lstrip("\u21b3 "), _VERDICTS[row.verdict])
        for sheet in sheets
        for note in sheet.generated_notes
        for row in note.statements
        if row.verdict in _VERDICTS and sheet.id in made
    )


def _aci(path: Path) -> list[Case]:
    cases: list[Case] = []
    for visit, other in _with_others(_read(path, list[_AciVisit]), lambda each: each.note):
        first = Case("aci_bench", REFERENCE, visit.split, _turns(visit.turns), visit.note, other)
        cases.append(first)
        if visit.dialogue_tts_whisper.strip():
            spoken = _spoken(visit.dialogue_tts_whisper)
            cases.append(replace(first, source="whisper on synthetic speech", transcript=spoken))
    return cases


def _mts(path: Path) -> list[Case]:
    rows = _with_others(_read(path, list[_Dialogue]), lambda each: each.section_text)
    return [
        Case(
            "mts_dialog", REFERENCE, row.file, _spoken(row.dialogue), row.section_text, other,
            header=row.section_header,
        )
        for row, other in rows
    ]  # fmt: skip


def _osce(path: Path) -> list[Case]:
    return [Case("osce", REFERENCE, "", _turns(each.turns)) for each in _read(path, list[_Visit])]


def _orders(path: Path) -> list[Case]:
    cases = []
    for visit in _read(path, list[_OrderVisit]):
        segments = tuple(
            Segment(
                SegmentId(str(turn.turn_id)),
                turn.transcript,
                _ROLES.get(turn.speaker.lower(), SpeakerRole.OTHER),
            )
            for turn in visit.transcript
        )
        wanted = tuple(
            ExpectedOrder(each.order_type, each.description, frozenset(map(str, each.provenance)))
            for each in visit.expected_orders
        )
        cases.append(Case("orders", REFERENCE, visit.oe_split, Transcript(segments), orders=wanted))
    return cases


_READERS: Final[dict[str, Callable[[Path], list[Case]]]] = {
    "aci_bench": _aci, "mts_dialog": _mts, "osce": _osce, "orders": _orders,
}  # fmt: skip


def _with_others(rows: Sequence[R], note: Callable[[R], str]) -> list[tuple[R, str]]:
    """Pair each row with the note of another, halfway round the set."""
    step = len(rows) // 2
    return [
        (row, note(rows[(at + step) % len(rows)]) if step else "") for at, row in enumerate(rows)
    ]
