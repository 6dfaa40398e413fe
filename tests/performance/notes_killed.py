"""`make bench ARGS="notes_killed"`: kill -9 of the notes child at random moments of a draft.

Through the product's services, a real vault and the real engine. A visit is drafted by quoting, a
clinician mends a line and adds one, and it is drafted anew by the model; when a section of that is
there, a line of it is mended, too. At a moment drawn by lot the child is killed: while it reads, or
behind any letter it writes; in the last runs whenever it comes back, until the app gives it up.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import tempfile
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.domain.draft import Claim, Draft
from app.domain.events import (
    ChildEnded,
    DraftStarted,
    PrefixEvaluated,
    SectionFinished,
    TextGenerated,
)
from app.domain.ids import VisitId
from app.domain.ports import InstalledModel
from app.domain.transcript import Segment
from app.drafting.claims import sameness
from app.workflow.note_editing import NoteEditing
from app.workflow.shapes import read_transcript
from tests.end2end.product import SAMPLE_TRANSCRIPT, child_of
from tests.performance.chain import installed
from tests.performance.figures import table
from tests.performance.machine import say_conditions
from tests.performance.note_stage import NoteStage

READING: Final = 0.15
"""Share of the kills that come while the child reads the transcript."""
EDITS: Final = ("Mended by hand before.", "Added by hand before.", "Mended by hand meanwhile.")
QUOTING: Final = "extractive"
HEAD: Final = (
    "run", "kill at", "kills", "sections", "by model", "as undisturbed", "lost", "twice",
    "edits", "kept",
)  # fmt: skip


@dataclass(slots=True)
class Killer:
    """Watches a draft and kills its child.

    Attributes:
        at_letter: of all the model writes; below 0: while it reads.
        is_stubborn: kills again whenever the child has come back and says something.
    """

    at_letter: float
    is_stubborn: bool = False
    letters: int = 0
    kills: int = 0
    deaths: int = 0
    is_on: bool = False

    def watch(self, stage: NoteStage) -> None:
        """Begin with the next draft."""
        stage.bus.subscribe(DraftStarted, lambda _: self._begin())
        stage.bus.subscribe(PrefixEvaluated, lambda _: self._on_read())
        stage.bus.subscribe(TextGenerated, self._on_text)
        stage.bus.subscribe(ChildEnded, lambda _: self._on_death())

    def _begin(self) -> None:
        self.is_on = True

    def _on_read(self) -> None:
        if self.at_letter < 0:
            self._kill()

    def _on_text(self, event: TextGenerated) -> None:
        self.letters += len(event.text)
        if self.letters > self.at_letter:
            self._kill()

    def _on_death(self) -> None:
        self.deaths += 1

    def _kill(self) -> None:
        is_wanted = self.kills == 0 or (self.is_stubborn and self.kills == self.deaths)
        if self.is_on and is_wanted:
            with contextlib.suppress(LookupError, ProcessLookupError):  # it is gone already
                os.kill(child_of(os.getpid(), "notes"), signal.SIGKILL)
                self.kills += 1


class Clinician:
    """Edits before the draft, and in the first section of it that has a line."""

    def __init__(self, stage: NoteStage, visit: VisitId) -> None:
        self._stage = stage
        self._visit = visit
        self._editing = NoteEditing(stage.inbox, stage.sessions)
        self._shown: Claim | None = None
        self._mended: Future[Draft] | None = None

    def edit_before(self) -> None:
        """Mend a line and add one to the quoted draft."""
        draft = kept_draft(self._stage, self._visit)
        mended, added, _ = EDITS
        self._stage.result(self._editing.edit(self._visit, draft.claims[0].id, mended))
        self._stage.result(self._editing.add(self._visit, "plan", added))
        self._stage.bus.subscribe(SectionFinished, self._on_section)
        self._stage.bus.subscribe(TextGenerated, lambda _: self._edit_meanwhile())

    def _on_section(self, event: SectionFinished) -> None:
        if event.section.claims and self._shown is None:
            self._shown = event.section.claims[0]

    def _edit_meanwhile(self) -> None:
        """Mend what is shown; by the next word of the model it is in the vault."""
        if self._shown is not None and self._mended is None:
            self._mended = self._editing.edit(self._visit, self._shown.id, EDITS[-1])

    @property
    def edits(self) -> list[str]:
        """What was written by hand. An edit that did not succeed raises here."""
        if self._mended is None:
            return list(EDITS[:-1])
        self._mended.result()
        return list(EDITS)

    def without_edits(self, draft: Draft) -> dict[str, list[str]]:
        """Return the texts by section as they were before anything was edited meanwhile."""
        mended = self._shown.text if self._shown is not None else ""
        return {
            each.key: [
                mended if claim.text == EDITS[-1] else claim.text
                for claim in each.claims
                if claim.text not in EDITS[:-1]
            ]
            for each in draft.sections
        }


def kept_draft(stage: NoteStage, visit: VisitId) -> Draft:
    """Return the newest draft in the vault."""
    draft = stage.result(stage.sessions.current().ask(lambda vault: vault.draft(visit)))
    assert draft is not None
    return draft


def run(model: InstalledModel, killer: Killer) -> tuple[Draft, Clinician, int]:
    """Draft the sample visit with somebody who kills; return what the vault holds then."""
    with tempfile.TemporaryDirectory() as folder:
        stage = NoteStage(Path(folder), model, is_ahead=False)
        with stage:
            visit = stage.visit().id
            stage.say(visit, sample())
            stage.result(stage.note_making.draft(visit, QUOTING))
            stage.until(lambda: len(stage.finished) == 1)
            clinician = Clinician(stage, visit)
            clinician.edit_before()
            killer.watch(stage)
            stage.result(stage.note_making.draft(visit, model.card.id))
            stage.until(lambda: len(stage.finished) == 2)
            return kept_draft(stage, visit), clinician, killer.letters


def sample() -> list[Segment]:
    """Return what is said in the product's sample recording."""
    return list(read_transcript(SAMPLE_TRANSCRIPT).segments)


def judge(draft: Draft, clinician: Clinician, before: dict[str, list[str]]) -> dict[str, int]:
    """Return what became of sections, lines and edits. `before` is the draft nobody disturbed."""
    texts = [claim.text for claim in draft.claims]
    after = clinician.without_edits(draft)
    finished = {each.key for each in draft.sections if each.is_finished and each.engine}
    return {
        "sections": len(draft.sections),
        "by model": sum(each.engine == draft.model for each in draft.sections),
        "as undisturbed": sum(lines == before.get(key) for key, lines in after.items()),
        "lost": len(before.keys() - finished),
        "twice": sum(
            len(each.claims) - len({sameness(claim.text) for claim in each.claims})
            for each in draft.sections
        ),
        "edits": len(clinician.edits),
        "kept": sum(texts.count(each) == 1 for each in clinician.edits),
    }


def main() -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="notes_killed", description=__doc__)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--stubborn", type=int, default=3, help="further runs, killed until quoted")
    parser.add_argument("--seed", type=int, default=4)
    asked = parser.parse_args()
    say_conditions()
    model = installed(asked.model)
    draw = random.Random(asked.seed)
    draft, clinician, letters = run(model, Killer(float("inf")))
    undisturbed = clinician.without_edits(draft)
    print(f"undisturbed: {letters} letters", flush=True)
    rows: list[dict[str, Any]] = []
    for number in range(asked.runs + asked.stubborn):
        share = draw.uniform(-READING / (1 - READING), 1.0)
        killer = Killer(share * letters, is_stubborn=number >= asked.runs)
        draft, clinician, _ = run(model, killer)
        found = judge(draft, clinician, undisturbed)
        place = "reading" if share < 0 else f"{share:.0%}"
        rows.append({"run": number + 1, "kill at": place, "kills": killer.kills, **found})
        print(rows[-1], flush=True)
    print(table(HEAD, [[row[name] for name in HEAD] for row in rows]))
    sums = {name: sum(row[name] for row in rows) for name in ("kills", "lost", "twice")}
    sums["edits lost"] = sum(row["edits"] - row["kept"] for row in rows)
    print(table(("of all runs", "count"), list(sums.items())))
    return {"letters": letters, "rows": rows, **sums}


if __name__ == "__main__":
    main()
