"""Train resources/lexicons/sections.json, the classifier that files statements under topics.

A tool for developers; the app never runs it. Needs scikit-learn, in an environment of its own:

    python -m models.train_section_model ../shared/data resources/lexicons

Data: MTS-Dialog and ACI-Bench (CC BY 4.0). MTS-Dialog names the section of each dialogue.
ACI-Bench has whole notes: a statement gets the topic of the note sentence it shares most words
with, or TALK if it shares too few. ACI-Bench's `valid` part is not trained on; the score printed is
on it. Each statement is seen twice, with and without its role: real roles are often missing.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-not-found]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]

from app.clinical.lexicon import Lexicon
from app.clinical.wording import content_stems
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.exchanges import ExchangeReader, Statement
from app.drafting.routing import Router, Topic, features

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
LEAST_SEEN: Final = 4
"""Rows a feature must occur in."""
LEAST_TALK: Final = 0.12
KEPT_WEIGHT: Final = 0.14
"""Features that weigh less in every column are left out, to keep the file small."""
SCALE: Final = 100

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


def aligned(visit: dict[str, Any], reader: ExchangeReader) -> Iterator[Row]:
    """Yield the statements of a visit with the topic of the note sentence they went into."""
    notes = [(set(content_stems(text)), topic) for text, topic in note_sentences(visit["note"])]
    spread = Counter(each for stems, _ in notes for each in stems)
    turns = [(each["speaker"], each["text"]) for each in visit["turns"]]
    statements = reader.read(transcript(turns))
    common = Counter(each for said in statements for each in set(content_stems(said.text)))
    for said in statements:
        stems = set(content_stems(said.text))
        weight = {each: 1 / math.log2(1 + spread[each] + common[each]) for each in stems}
        total = sum(weight.values()) or 1.0
        best, topic = max(
            (
                (sum(weight[each] for each in stems & note) / total * likely(said, where), where)
                for note, where in notes
            ),
            default=(0.0, Topic.TALK),
        )
        if best >= LEAST_OVERLAP and len(stems) > 1:
            yield said, topic, 1.0
        elif best <= LEAST_TALK or len(stems) <= 1:
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


def rows_of(folder: Path, lexicon: Lexicon) -> tuple[list[Row], list[Row]]:
    """Return the rows to train on and those to score on."""
    reader = ExchangeReader(lexicon)
    train: list[Row] = []
    valid: list[Row] = []
    for visit in json.loads((folder / "aci_bench.json").read_text(encoding="utf-8")):
        (valid if visit["split"] == "valid" else train).extend(aligned(visit, reader))
    for row in json.loads((folder / "mts_dialog.json").read_text(encoding="utf-8")):
        train.extend(sectioned(row, reader, lexicon))
    return train, valid


def main(folder: Path, target: Path) -> None:
    """Train, print the score, write the weights."""
    lexicon = Lexicon.load(target)
    train, valid = rows_of(folder, lexicon)
    tables, labels, weights = [], [], []
    for said, topic, weight in train:
        for role in {said.role, SpeakerRole.UNKNOWN}:
            tables.append(dict.fromkeys(features(said, lexicon, role), 1.0))
            labels.append(topic.value)
            weights.append(weight)
    counts = Counter(labels)
    weights = [
        w * (counts["history"] / counts[each]) ** 0.4
        for w, each in zip(weights, labels, strict=True)
    ]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(tables)
    often = np.asarray((matrix > 0).sum(axis=0)).ravel() >= LEAST_SEEN
    matrix = matrix[:, often]
    names = np.array(vectorizer.get_feature_names_out())[often]
    model = LogisticRegression(C=0.3, max_iter=400)
    model.fit(matrix, labels, sample_weight=weights)
    table = {
        "topics": list(model.classes_),
        "bias": [round(float(each), 4) for each in model.intercept_],
        "scale": SCALE,
        "weights": {
            name: [round(float(each) * SCALE) for each in column]
            for name, column in zip(names, model.coef_.T, strict=True)
            if abs(column).max() >= KEPT_WEIGHT
        },
    }
    (target / "sections.json").write_text(
        json.dumps(table, separators=(",", ":")).replace('],"', '],\n"') + "\n", encoding="utf-8"
    )
    score(table, valid, lexicon)


def score(table: dict[str, Any], rows: list[Row], lexicon: Lexicon) -> None:
    """Print how often the model is right on rows it has not seen."""
    weights = {
        name: tuple(value / table["scale"] for value in row)
        for name, row in table["weights"].items()
    }
    router = Router([Topic(each) for each in table["topics"]], table["bias"], weights)
    for role in (None, SpeakerRole.UNKNOWN):
        pairs: Counter[tuple[str, str]] = Counter()
        for said, topic, _ in rows:
            chances = router.probabilities(features(said, lexicon, role or said.role))
            pairs[topic.value, max(chances, key=lambda each: chances[each]).value] += 1
        right = sum(count for (truth, guess), count in pairs.items() if truth == guess)
        print(f"role {'known' if role is None else 'unknown'}: {right}/{sum(pairs.values())} right")
        for truth in sorted({truth for truth, _ in pairs}):
            row = {guess: count for (each, guess), count in pairs.items() if each == truth}
            print("  ", truth, dict(sorted(row.items(), key=lambda item: -item[1])))
    print(len(table["weights"]), "features")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
