"""What the section classifier is trained on: statements with the topic a person filed them under.

MTS-Dialog names the section of each dialogue. ACI-Bench and PriMock57 have whole notes: a statement
gets the topic of the note sentence it shares most words and ideas with, or TALK if it shares too
few. What recognizers heard of the same visits was tried as well and made filing their text worse.
Left out, to be measured on: ACI-Bench's `valid` part and the visits of PriMock57's checklists.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.wording import content_stems
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.exchanges import ExchangeReader, Statement
from app.drafting.routing import Topic

MTS_TOPICS: Final = {
    "GENHX": Topic.HISTORY, "CC": Topic.HISTORY, "ROS": Topic.HISTORY, "GYNHX": Topic.PAST,
    "PASTMEDICALHX": Topic.PAST, "PASTSURGICAL": Topic.PAST, "OTHER_HISTORY": Topic.PAST,
    "IMMUNIZATIONS": Topic.PAST, "MEDICATIONS": Topic.MEDICINES, "ALLERGY": Topic.ALLERGIES,
    "FAM/SOCHX": Topic.FAMILY, "EXAM": Topic.EXAM, "LABS": Topic.RESULTS, "IMAGING": Topic.RESULTS,
    "ASSESSMENT": Topic.ASSESSMENT, "DIAGNOSIS": Topic.ASSESSMENT, "PLAN": Topic.PLAN,
    "DISPOSITION": Topic.PLAN,
}  # fmt: skip
ACI_HEADINGS: Final = (
    ("CHIEF COMPLAINT", Topic.HISTORY), ("CC", Topic.HISTORY),
    ("HISTORY OF PRESENT", Topic.HISTORY),
    ("HPI", Topic.HISTORY), ("REVIEW OF SYSTEMS", Topic.HISTORY), ("PHYSICAL EXAM", Topic.EXAM),
    ("EXAM", Topic.EXAM), ("VITALS", Topic.EXAM), ("RESULTS", Topic.RESULTS),
    ("SOCIAL", Topic.SOCIAL),
    ("FAMILY", Topic.FAMILY), ("MEDICATIONS", Topic.MEDICINES), ("CURRENT MED", Topic.MEDICINES),
    ("ALLERG", Topic.ALLERGIES), ("MEDICAL HISTORY", Topic.PAST), ("PAST", Topic.PAST),
    ("SURGICAL", Topic.PAST), ("ASSESSMENT AND PLAN", Topic.PLAN), ("ASSESSMENT", Topic.ASSESSMENT),
    ("IMPRESSION", Topic.ASSESSMENT), ("PLAN", Topic.PLAN), ("INSTRUCTIONS", Topic.PLAN),
)  # fmt: skip
ROLES: Final = {
    "doctor": SpeakerRole.CLINICIAN, "patient": SpeakerRole.PATIENT,
    "guest_clinician": SpeakerRole.CLINICIAN,
}  # fmt: skip
LEAST_OVERLAP: Final = 0.30
"""Share of a statement's rare words that its note sentence must hold. Set by hand, not swept."""
LONGEST_HEADING: Final = 40
EARLY: Final = 0.4
LATE: Final = 0.6
LEAST_TALK: Final = 0.12
MTS_TRAINED: Final = "TrainingSet"
"""The part of MTS-Dialog that is trained on; `evaluate` tells the other parts apart."""
PRIMOCK_HEADINGS: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), topic)
    for pattern, topic in (
        (r"pmh", Topic.PAST), (r"dh\b|drug history|medications?\b", Topic.MEDICINES),
        (r"nkda|allerg|no allergies", Topic.ALLERGIES), (r"fh\b|family", Topic.FAMILY),
        (r"sh\b|social", Topic.SOCIAL), (r"o/?e\b|ex:|exam", Topic.EXAM),
        (r"imp\b|impression|diagnosis", Topic.ASSESSMENT), (r"plan\b", Topic.PLAN),
    )
)  # fmt: skip
SINGLE_LINES: Final = frozenset(
    {Topic.PAST, Topic.MEDICINES, Topic.ALLERGIES, Topic.FAMILY, Topic.SOCIAL}
)
"""What a PriMock57 note says in one line behind its heading; exam, impression and plan go on."""
IDEAS: Final = frozenset(Kind) - {Kind.WORD, Kind.BODY, Kind.PAIN, Kind.QUALITY}

Row = tuple[Statement, Topic, float]


def transcript(turns: list[tuple[str, str]]) -> Transcript:
    """Make a transcript of (speaker, text)."""
    return Transcript(
        tuple(
            Segment(SegmentId(str(index)), text, ROLES.get(speaker.lower(), SpeakerRole.OTHER))
            for index, (speaker, text) in enumerate(turns)
        )
    )


def note_sentences(note: str) -> Iterator[tuple[str, Topic]]:
    """Yield the sentences of an ACI-Bench note with their topics."""
    topic = Topic.HISTORY
    for line in note.splitlines():
        heading = line.strip().rstrip(":")
        if heading and heading == heading.upper() and len(heading) < LONGEST_HEADING:
            topic = next((each for name, each in ACI_HEADINGS if heading.startswith(name)), topic)
            continue
        for sentence in re.split(r"(?<=[.?!])\s+", line.strip(" \u2022-")):
            reasoning = topic is Topic.PLAN and "medical reasoning" in line.lower()
            if sentence:
                yield sentence, Topic.ASSESSMENT if reasoning else topic


def likely(said: Statement, topic: Topic) -> float:
    """Return how well a topic fits who speaks and when; assessments repeat the history."""
    is_late = topic in {Topic.ASSESSMENT, Topic.PLAN}
    if said.role is SpeakerRole.PATIENT and (is_late or topic in {Topic.EXAM, Topic.RESULTS}):
        return 0.45
    if is_late and said.position < EARLY:
        return 0.5
    if said.role is SpeakerRole.CLINICIAN and said.position > LATE and topic is Topic.HISTORY:
        return 0.6
    return 1.0


def units(text: str, lexicon: Lexicon) -> frozenset[str]:
    """Return what two texts can share: content words, and ideas however they are worded."""
    ideas = {f"idea:{each.idea}" for each in lexicon.mentions(text) if each.kind in IDEAS}
    return frozenset(content_stems(text)) | ideas


def aligned(
    said_in_all: Sequence[Statement], note: Sequence[tuple[str, Topic]], lexicon: Lexicon
) -> Iterator[Row]:
    """Yield the statements of a visit with the topic of the note sentence they went into."""
    notes = [(units(text, lexicon), topic) for text, topic in note]
    spread = Counter(each for found, _ in notes for each in found)
    read = [(said, units(said.text, lexicon)) for said in said_in_all]
    common = Counter(each for _, found in read for each in found)
    for said, found in read:
        weight = {each: 1 / math.log2(1 + spread[each] + common[each]) for each in found}
        total = sum(weight.values()) or 1.0
        best, topic = max(
            (
                (sum(weight[each] for each in found & held) / total * likely(said, where), where)
                for held, where in notes
            ),
            default=(0.0, Topic.TALK),
        )
        if best >= LEAST_OVERLAP and len(found) > 1:
            yield said, topic, 1.0
        elif best <= LEAST_TALK or len(found) <= 1:
            yield said, Topic.TALK, 0.7


def sectioned(row: dict[str, Any], reader: ExchangeReader, lexicon: Lexicon) -> Iterator[Row]:
    """Yield the statements of an MTS-Dialog row with its section."""
    topic = MTS_TOPICS.get(row["section_header"])
    pairs = re.findall(r"^\s*([A-Za-z_]+)\s*:\s*(.*)$", row["dialogue"], re.MULTILINE)
    note = set(content_stems(row["section_text"]))
    for said in reader.read(transcript(pairs)) if topic else ():
        stems = set(content_stems(said.text))
        shared = len(stems & note) / max(1, len(stems))
        if shared < LEAST_TALK and not said.mentions:
            yield said, Topic.TALK, 0.5
        elif topic is Topic.FAMILY and not lexicon.has_cue("family", said.text):
            yield said, Topic.SOCIAL, 0.7
        elif topic:
            yield said, topic, 0.7


def primock_sentences(note: str) -> Iterator[tuple[str, Topic]]:
    """Yield the sentences of a PriMock57 note; headings stand at the beginning of lines."""
    topic = Topic.HISTORY
    for line in note.splitlines():
        text = line.strip(" \u2022-\t")
        found = next((each for name, each in PRIMOCK_HEADINGS if name.match(text)), None)
        topic = found if found is not None else topic
        for sentence in re.split(r"(?<=[.?!;])\s+", text):
            if sentence:
                yield sentence, topic
        topic = Topic.HISTORY if topic in SINGLE_LINES else topic


def whole_rows(
    visit: dict[str, Any],
    note: Iterable[tuple[str, Topic]],
    reader: ExchangeReader,
    lexicon: Lexicon,
) -> Iterator[Row]:
    """Yield the rows of a visit that has a whole note."""
    turns = [(each["speaker"], each["text"]) for each in visit["turns"] if each["text"].strip()]
    yield from aligned(reader.read(transcript(turns)), tuple(note), lexicon)


def rows_of(folder: Path, lexicon: Lexicon) -> tuple[list[Row], list[Row]]:
    """Return the rows to train on and those to score on."""
    reader = ExchangeReader(lexicon)
    train: list[Row] = []
    valid: list[Row] = []
    for visit in _table(folder, "aci_bench.json"):
        kept = valid if visit["split"] == "valid" else train
        kept.extend(whole_rows(visit, note_sentences(visit["note"]), reader, lexicon))
    checked = {each["id"] for each in _table(folder, "primock57_checklists.json")}
    for visit in _table(folder, "primock57.json"):
        if visit["id"] not in checked:
            note = primock_sentences(visit["note"])
            train.extend(whole_rows(visit, note, reader, lexicon))
    for row in _table(folder, "mts_dialog.json"):
        if row["file"] == MTS_TRAINED:
            train.extend(sectioned(row, reader, lexicon))
    return train, valid


def _table(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((folder / name).read_text(encoding="utf-8"))
    return rows
