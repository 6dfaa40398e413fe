"""How well the checker finds statements that clinicians labelled incorrect, beside a baseline.

    python -m tests.performance.checker_figures ../shared/data

Prints precision and recall for "incorrect" on PriMock57's labelled statements for the checker and
for bare word overlap; how many planted conflicts are caught in what the extractive drafter wrote;
how many of its own claims and of ACI-Bench note sentences are called unsupported; time per claim.

How to read it: rules were mended while looking at these very statements, so the figures flatter.
Planted conflicts sit in quotations, which is easier than paraphrase; plants that made no sense
(a flipped answer to a question that already denies) were taken out of the script. False alarms on
quotations say little; those on ACI-Bench's note sentences, written by people, say more, though some
of these hold facts that were never spoken (chart data), where the checker is right.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from app.clinical.lexicon import Lexicon
from app.clinical.wording import content_stems
from app.domain.draft import Claim, Support
from app.domain.ids import ClaimId, SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.routing import Router
from tests.performance.fact_recall import LEXICONS, SOAP, reference

OVERLAP_BELOW: Final = 0.5
LEAST_SENTENCE: Final = 4
OTHER: Final = SpeakerRole.OTHER
ACI_ROLES: Final = {"doctor": SpeakerRole.CLINICIAN, "patient": SpeakerRole.PATIENT}
PLANTS: Final = (
    (
        "side",
        re.compile(r"\bleft (?=knee|leg|arm|ear|eye|foot|side|shoulder|hip|elbow|hand)"),
        "right ",
    ),
    (
        "side",
        re.compile(r"\bright (?=knee|leg|arm|ear|eye|foot|side|shoulder|hip|elbow|hand)"),
        "left ",
    ),
    (
        "dose",
        re.compile(r"(?<![\d,])(\d+)(?= ?(?:mg|milligrams?|mcg))"),
        lambda match: str(int(match[1]) * 3),
    ),
    ("number", re.compile(r"\b(\d+)(?=/\d)"), lambda match: str(int(match[1]) + 17)),
    (
        "duration",
        re.compile(r"\b(?:two|three|four|five|six|a couple of|couple) (?=days|weeks|months|years)"),
        "eleven ",
    ),
    (
        "drug",
        re.compile(
            r"\b(?:lisinopril|metformin|ibuprofen|tylenol|motrin|lasix|norvasc|prednisone|ultram|meloxicam|aspirin|synthroid|prozac)\b",
            re.IGNORECASE,
        ),
        "clozapine",
    ),
    (
        "negation",
        re.compile(
            r"(?<=^)((?!.*(?:\bno\b|n't|\bnot\b|\bif\b).*\?)[^?]*)\? No\b[^?]*$", re.IGNORECASE
        ),
        r"\1? Yes.",
    ),
    (
        "negation",
        re.compile(
            r"(?<=^)((?!.*(?:\bno\b|n't|\bnot\b|\bif\b).*\?)[^?]*)\? (?:Yes|Yeah)\b[^?]*$",
            re.IGNORECASE,
        ),
        r"\1? No.",
    ),
    (
        "negation",
        re.compile(r"^(?:you have|I have|I've had|there is|there's) (?:some|a|an) ", re.IGNORECASE),
        "There is no ",
    ),
)


def labelled(sheets: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, bool]]:
    """Yield (visit, statement, is incorrect) for statements with a verdict."""
    for sheet in sheets:
        for note in sheet["generated_notes"]:
            for row in note["statements"]:
                if row["verdict"] in {"c", "i"}:
                    yield sheet["id"], row["statement"].lstrip("\u21b3 "), row["verdict"] == "i"


def rates(marks: Sequence[tuple[bool, bool]]) -> str:
    """Return precision and recall of (flagged, incorrect) pairs in words."""
    hits = sum(flagged and wrong for flagged, wrong in marks)
    flags, wrongs = sum(flagged for flagged, _ in marks), sum(wrong for _, wrong in marks)
    precision, recall = hits / max(1, flags), hits / max(1, wrongs)
    return f"precision {precision:.2f} ({hits}/{flags})   recall {recall:.2f} ({hits}/{wrongs})"


def overlap(statement: str, transcript: Transcript) -> float:
    """Return the share of a statement's content words that occur anywhere in the transcript."""
    words = set(content_stems(statement))
    said = {stem for each in transcript.segments for stem in content_stems(each.text)}
    return len(words & said) / max(1, len(words))


def main(folder: Path) -> None:
    """Print the figures."""
    lexicon = Lexicon.load(LEXICONS)
    checker = DeterministicChecker(lexicon)
    drafter = ExtractiveDrafter(lexicon, Router.load(LEXICONS / "sections.json"))
    visits = {row["id"]: row for row in json.loads((folder / "primock57.json").read_text("utf-8"))}
    sheets = json.loads((folder / "primock57_checklists.json").read_text("utf-8"))
    made: dict[str, Transcript] = {each: reference(visits[each]) for each in visits}
    ours, bare, spent = [], [], 0.0
    for visit, statement, wrong in labelled(sheets):
        started = time.perf_counter()
        claim = checker.check(Claim(ClaimId("1"), statement), made[visit])
        spent += time.perf_counter() - started
        ours.append((claim.support is Support.UNSUPPORTED, wrong))
        bare.append((overlap(statement, made[visit]) < OVERLAP_BELOW, wrong))
        if "-v" in sys.argv:
            mark = "OK " if ours[-1][0] == wrong else "BAD"
            found = [(each.kind.value, each.detail) for each in claim.findings]
            print(mark, "wrong" if wrong else "right", claim.support, found, statement)
    print(f"{len(ours)} labelled statements, unsupported = incorrect")
    print("checker      ", rates(ours))
    print("word overlap ", rates(bare))
    print(f"{spent / len(ours) * 1000:.1f} ms a claim")
    kinds: Counter[str] = Counter()
    for transcript in made.values():
        for part in drafter.draft(transcript, SOAP):
            for each in part.claims:
                claim = checker.check(each, transcript)
                kinds[claim.support.value] += 1
                if "-w" in sys.argv and claim.support is not Support.SUPPORTED:
                    print([(f.kind.value, f.detail) for f in claim.findings], each.text)
    print("extractive claims on PriMock57:", dict(kinds))
    visits_aci = json.loads((folder / "aci_bench.json").read_text("utf-8"))
    notes_of_persons(checker, visits_aci)
    planted(checker, drafter, [aci_transcript(each) for each in visits_aci])


def aci_transcript(visit: dict[str, Any]) -> Transcript:
    """Return the dialogue of an ACI-Bench visit."""
    return Transcript(
        tuple(
            Segment(SegmentId(str(index)), turn["text"], ACI_ROLES.get(turn["speaker"], OTHER))
            for index, turn in enumerate(visit["turns"])
        )
    )


def notes_of_persons(checker: DeterministicChecker, visits: Sequence[dict[str, Any]]) -> None:
    """Print what the checker says of note sentences that people wrote: paraphrase, mostly right."""
    kinds: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for visit in visits:
        transcript = aci_transcript(visit)
        for line in visit["note"].splitlines():
            for sentence in re.split(r"(?<=[.?!])\s+", line.strip(" \u2022-")):
                if len(sentence.split()) < LEAST_SENTENCE or sentence == sentence.upper():
                    continue
                claim = checker.check(Claim(ClaimId("1"), sentence), transcript)
                kinds[claim.support.value] += 1
                found.update({each.kind.value for each in claim.findings})
                if "-n" in sys.argv and claim.support is Support.UNSUPPORTED:
                    print([(f.kind.value, f.detail) for f in claim.findings], sentence)
    print("ACI-Bench note sentences:", dict(kinds), dict(found))


def planted(
    checker: DeterministicChecker, drafter: ExtractiveDrafter, made: Sequence[Transcript]
) -> None:
    """Print how many planted conflicts in extractive claims are called unsupported."""
    sown: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    alarms = originals = 0
    for transcript in made:
        for part in drafter.draft(transcript, SOAP):
            for claim in part.claims:
                plants = list(plant(claim.text))
                originals += bool(plants)
                if plants:
                    verdict = checker.check(claim, transcript).support
                    alarms += verdict is Support.UNSUPPORTED
                for kind, text in plants:
                    sown[kind] += 1
                    told = checker.check(replace(claim, text=text), transcript)
                    caught[kind] += told.support is Support.UNSUPPORTED
                    if "-p" in sys.argv and told.support is not Support.UNSUPPORTED:
                        print("MISSED", kind, "|", text, "|", claim.text)
    for kind, count in sown.items():
        print(f"planted {kind}: {caught[kind]}/{count} caught")
    total = sum(sown.values())
    print(f"planted in all: {sum(caught.values()) / max(1, total):.3f} of {total} caught")
    print(f"false alarms on the originals: {alarms}/{originals}")


def plant(text: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, text with one conflict)."""
    for kind, pattern, put in PLANTS:
        changed = pattern.sub(put, text, count=1)
        if changed != text:
            yield kind, changed


if __name__ == "__main__":
    main(Path(sys.argv[1]))
