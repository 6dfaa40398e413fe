"""How many of the clinicians' checklist facts are in a note, beside two baselines.

    python -m tests.performance.fact_recall ../shared/data

A fact counts as covered when at least 60 % of its content (ideas of the lexicon, quantities, other
word stems) stands within three neighboring claims. The measure is lexical: a transcript copied
whole shows how much of it can be reached at all, another visit's note how much is chance.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.quantities import Quantity, agree, quantities
from app.clinical.sentences import sentences
from app.clinical.wording import STOPWORDS, tokenize, word_count
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.routing import Router

LEXICONS: Final = Path(__file__).parents[2] / "resources" / "lexicons"
SOAP: Final = (
    ("subjective", "Subjective"), ("objective", "Objective"), ("assessment", "Assessment"),
    ("plan", "Plan"),
)  # fmt: skip
ROLES: Final = {"Doctor": SpeakerRole.CLINICIAN, "Patient": SpeakerRole.PATIENT}
COVERED: Final = 0.6
SEGMENT_WORDS: Final = 25
_ABBREVIATIONS: Final = {
    "e+d": "eating drinking", "nkda": "no allergies", "pv": "vaginal", "sob": "short of breath",
    "upsi": "unprotected sex", "w": "with", "fh": "family", "cocp": "combined pill",
    "mh": "medical history", "dob": "date of birth", "nil": "no", "o/e": "",
}  # fmt: skip


def reference(visit: dict[str, Any]) -> Transcript:
    """Return the human transcript with roles."""
    turns = [turn for turn in visit["turns"] if turn["text"].strip()]
    return Transcript(
        tuple(
            Segment(SegmentId(str(index)), turn["text"], ROLES[turn["speaker"]])
            for index, turn in enumerate(turns)
        )
    )


def recognized(text: str) -> Transcript:
    """Return recognizer text as short segments without roles, cut at stops or every 25 words."""
    parts: list[str] = []
    for sentence in sentences(text):
        words = sentence.split()
        step = range(0, len(words), SEGMENT_WORDS)
        parts += [" ".join(words[first : first + SEGMENT_WORDS]) for first in step]
    return Transcript(
        tuple(Segment(SegmentId(str(index)), part) for index, part in enumerate(parts))
    )


class Coverage:
    """Counts facts in notes."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def units(self, text: str) -> tuple[set[str], tuple[Quantity, ...]]:
        """Return the ideas and other stems of a text, and its quantities."""
        words = [_ABBREVIATIONS.get(word, word) for word in text.lower().split()]
        text = " ".join(words)
        tokens = tokenize(text)
        found: set[str] = set()
        taken: set[int] = set()
        for mention in self._lexicon.mentions(text):
            if mention.kind is not Kind.PAIN or not found:
                found.add(mention.idea)
            taken.update(range(mention.first, mention.last))
        for quantity in quantities(text):
            taken |= {
                index for index, token in enumerate(tokens)
                if quantity.start <= token.start < quantity.end
            }  # fmt: skip
        for index, token in enumerate(tokens):
            if index not in taken and token.is_word and token.text not in STOPWORDS:
                found.add(token.stem)
        return found, quantities(text)

    def is_covered(self, fact: str, note: Sequence[str]) -> bool:
        """Return whether three neighboring lines of a note hold the fact."""
        wanted, counts = self.units(fact)
        size = len(wanted) + len(counts)
        if not size:
            return True
        rows = [self.units(line) for line in note]
        for first in range(max(1, len(rows) - 2)):
            near = rows[first : first + 3]
            stems = set().union(*(row[0] for row in near)) if near else set()
            values = [value for row in near for value in row[1]]
            hits = len(wanted & stems)
            hits += sum(any(agree(count, value) for value in values) for count in counts)
            if hits / size >= COVERED:
                return True
        return False

    def share(self, facts: Iterable[str], note: Sequence[str]) -> tuple[int, int]:
        """Return (facts covered, facts)."""
        marks = [self.is_covered(fact, note) for fact in facts]
        return sum(marks), len(marks)


def critical(sheets: Iterable[dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """Yield (visit, critical facts) for each checklist."""
    for sheet in sheets:
        for checklist in sheet["checklists"]:
            facts = [row["fact"] for row in checklist if row["criticality"] == "critical"]
            yield sheet["id"], facts


def main(folder: Path) -> None:
    """Print recall and length for each kind of note."""
    lexicon = Lexicon.load(LEXICONS)
    drafter = ExtractiveDrafter(lexicon, Router.load(LEXICONS / "sections.json"))
    visits = {row["id"]: row for row in json.loads((folder / "primock57.json").read_text("utf-8"))}
    sheets = list(critical(json.loads((folder / "primock57_checklists.json").read_text("utf-8"))))
    coverage = Coverage(lexicon)

    def note(transcript: Transcript) -> list[str]:
        return [claim.text for part in drafter.draft(transcript, SOAP) for claim in part.claims]

    def copied(transcript: Transcript) -> list[str]:
        return [line for each in transcript.segments for line in sentences(each.text)]

    ids = sorted(visits)
    after = dict(zip(ids, [*ids[1:], ids[0]], strict=True))
    engines = sorted({engine for visit in visits.values() for engine in visit["asr"]})
    sources: list[tuple[str, Callable[[str], Transcript | None]]] = [
        ("reference", lambda each: reference(visits[each])),
        ("reference, where recognized", lambda each: _if_recognized(visits[each])),
    ]
    sources += [(engine, _from_engine(visits, engine)) for engine in engines]
    for name, source in sources:
        chosen = {each: made for each, _ in sheets if (made := source(each)) is not None}
        started = time.perf_counter()
        notes = {each: note(made) for each, made in chosen.items()}
        spent = (time.perf_counter() - started) / len(chosen)
        others = {each: note(reference(visits[after[each]])) for each in chosen}
        copies = {each: copied(made) for each, made in chosen.items()}
        figures = [_recall(coverage, sheets, table) for table in (notes, copies, others)]
        words = sum(word_count(" ".join(notes[each])) for each in chosen)
        share = words / sum(made.word_count for made in chosen.values())
        print(
            f"{name:32} note {figures[0]:.3f}   transcript copied {figures[1]:.3f}   "
            f"another visit's note {figures[2]:.3f}   words {share:.2f} of transcript   "
            f"{spent:.2f} s a visit"
        )


def _if_recognized(visit: dict[str, Any]) -> Transcript | None:
    return reference(visit) if visit["asr"] else None


def _from_engine(visits: dict[str, Any], engine: str) -> Callable[[str], Transcript | None]:
    def source(visit: str) -> Transcript | None:
        text = visits[visit]["asr"].get(engine)
        return recognized(text) if text else None

    return source


def _recall(
    coverage: Coverage, sheets: Sequence[tuple[str, list[str]]], notes: dict[str, list[str]]
) -> float:
    pairs = [coverage.share(facts, notes[visit]) for visit, facts in sheets if visit in notes]
    return sum(covered for covered, _ in pairs) / sum(size for _, size in pairs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
