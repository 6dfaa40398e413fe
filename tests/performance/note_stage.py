"""A clinician's desk with a real vault and the real notes engine, fed with real talk as text.

As `app.bootstrap` wires it, without sound: segments come as events, as speech would send them.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final, Self, TypeVar

from app.bootstrap import PART_ON_CPU
from app.clinical.lexicon import Lexicon
from app.domain.audio import SAMPLE_RATE
from app.domain.events import DraftFinished, SegmentFinished, TextGenerated, VisitAdvanced
from app.domain.ids import PatientId, RecordingId, SegmentId, VisitId, new_id
from app.domain.policy import Policy
from app.domain.ports import InstalledModel
from app.domain.transcript import Segment, SpeakerRole
from app.domain.visit import Patient, Sex, Visit, VisitState
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.omissions import OmissionFinder
from app.drafting.routing import Router
from app.drafting.section_writer import Written
from app.drafting.templates import load_template
from app.engines.notes import Notes, Publish
from app.foundation import paths
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.jobs import Pool
from app.store.stored_accounts import StoredAccounts
from app.workflow.draft_run import Drafting, DraftSetup
from app.workflow.drafts import template_draft
from app.workflow.meanwhile import Meanwhile
from app.workflow.note_making import NoteMaking
from app.workflow.room import Room
from app.workflow.session import Sessions
from app.workflow.transcribing import TranscriptFinished
from app.workflow.unlocking import Unlocking
from app.workflow.visiting import Visiting

WORDS_A_MINUTE: Final = 150
"""The OSCE recordings: CAR0001 has 1,560 words in 626 s."""
WAIT_S: Final = 1800.0
_ROLES: Final = {"D": SpeakerRole.CLINICIAN, "P": SpeakerRole.PATIENT}
_LOOK_S: Final = 0.02
R = TypeVar("R")


def talk(data: Path, minutes: float) -> list[Segment]:
    """Return the turns of OSCE interviews, one interview after the other, with times."""
    rows = json.loads((data / "osce_transcripts.json").read_text("utf-8"))
    wanted, at_word = minutes * WORDS_A_MINUTE, 0
    segments: list[Segment] = []
    for turn in _turns(rows):
        count = len(turn["text"].split())
        start, at_word = at_word, at_word + count
        segments.append(
            Segment(
                SegmentId(f"s{len(segments):05}"),
                turn["text"],
                _ROLES.get(turn["speaker"], SpeakerRole.OTHER),
                start=_sample(start),
                end=_sample(at_word),
            )
        )
        if at_word >= wanted:
            break
    return segments


def _turns(rows: list[dict[str, object]]) -> Iterator[dict[str, str]]:
    for row in rows:
        yield from row["turns"]  # type: ignore[misc]  # JSON


def _sample(words: int) -> int:
    return int(words / WORDS_A_MINUTE * 60 * SAMPLE_RATE)


class NoteStage:
    """Made in a folder of its own; leaves with the engine closed.

    Args:
        folder: for accounts and vaults.
        model: writes the drafts.
        is_ahead: whether the transcript is read ahead, as it comes.
        part_tokens: the transcript is read in parts of so many; 0: as the window allows.
        engine: makes the notes port; for those who want to see what it is asked.
    """

    def __init__(
        self,
        folder: Path,
        model: InstalledModel,
        *,
        is_ahead: bool = True,
        part_tokens: int = PART_ON_CPU,
        engine: Callable[[Publish], Notes] = Notes,
    ) -> None:
        self.bus = Bus()
        self.inbox = Inbox(self.bus.dispatch)
        pool, sessions, policy = Pool(), Sessions(), Policy()
        self._pool = pool
        self.unlocking = Unlocking(StoredAccounts(folder, policy.min_password), sessions, pool)
        self.sessions = sessions
        room = Room(self.bus, self.inbox, sessions, pool, policy)
        soap = load_template(paths.resources() / "templates" / "soap.toml")
        lexicons = paths.resources() / "lexicons"
        lexicon = Lexicon.load(lexicons)
        self.notes = engine(self.inbox.publish)
        setup = DraftSetup(
            notes=self.notes,
            templates=lambda _: soap,
            extractive=ExtractiveDrafter(lexicon, Router.load(lexicons / "sections.json")),
            checker=DeterministicChecker(lexicon),
            omissions=OmissionFinder(lexicon).find,
            model=lambda _: model,
            speech=lambda: None,
            preferred=lambda: model.card.id,
            part_tokens=part_tokens,
        )
        self.heard: VisitId | None = None
        self.meanwhile = Meanwhile(
            room, setup, lambda: self.heard if is_ahead else None, lambda: False
        )
        self.drafting = Drafting(room, setup)
        self.note_making = NoteMaking(room, self.drafting, self.meanwhile)
        self._visiting = Visiting(
            self.inbox, sessions, lambda visit, at: template_draft(visit.id, at, soap)
        )
        self.finished: list[DraftFinished] = []
        self.bus.subscribe(DraftFinished, self.finished.append)
        self.result(self.unlocking.create("Bench Desk", "a long and quiet afternoon"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.note_making.close()
        self._pool.close()
        self.unlocking.close()

    def result(self, future: Future[R]) -> R:
        """Serve events until a future is done."""
        self.until(future.done)
        return future.result()

    def until(self, is_over: Callable[[], bool], wait_s: float = WAIT_S) -> None:
        """Serve events until something is true; what other threads change tells nobody."""
        deadline_s = time.monotonic() + wait_s
        while not is_over():
            with contextlib.suppress(TimeoutError):
                self.inbox.run_until(is_over, _LOOK_S)
            if time.monotonic() > deadline_s:
                raise TimeoutError

    def visit(self) -> Visit:
        """Return a visit whose words are still coming."""
        patient = Patient(PatientId(new_id()), "Bench", "Bo", date(1970, 1, 2), Sex.UNKNOWN, ())
        visit = replace(self.result(self._visiting.plan(patient)), state=VisitState.FINISHING)
        self.result(self.sessions.current().ask(lambda vault: vault.save_visit(visit)))
        self.heard = visit.id
        return visit

    def say(self, visit: VisitId, segments: list[Segment]) -> None:
        """Let speech find segments, in the vault and as events."""
        ask = self.sessions.current().ask
        self.result(ask(lambda vault: vault.put_segments(visit, segments)))
        for each in segments:
            self.inbox.publish(SegmentFinished(each))

    def end(self, visit: VisitId) -> None:
        """Let a person press stop: the last words are still to come."""
        self.inbox.publish(VisitAdvanced(visit, VisitState.FINISHING))

    def stop(self, visit: VisitId) -> None:
        """Let the words of a visit be complete: its draft begins."""
        self.inbox.publish(TranscriptFinished(visit, RecordingId(new_id())))

    def is_read(self) -> bool:
        """Whether the engine has read and written all that it can before the visit ends."""
        ahead, prefix = self.meanwhile._ahead, self.notes._prefix
        reading = ahead._reading
        return (
            reading is not None
            and bool(reading.prompts)
            and not reading.is_planning
            and not reading.is_stale
            and ahead._writing is None
            and prefix is not None
            and not prefix.is_owed
            and prefix.sent == len(prefix.texts)
            and ahead._sent == reading.prompts[-1].text
        )

    def take_over(self, written: Written) -> None:
        """Spare writing what another visit with the same words has had written."""
        self.until(lambda: self.meanwhile._ahead._reading is not None)
        reading = self.meanwhile._ahead._reading
        if reading is not None:
            reading.written.update(written)

    def first_text_s(self, begun_s: float) -> float:
        """Serve events until the engine says a word; return the seconds since `begun_s`."""
        came: list[float] = []

        def take(_: TextGenerated) -> None:
            came.append(time.monotonic())

        leave = self.bus.subscribe(TextGenerated, take)
        self.until(lambda: bool(came))
        leave()
        return came[0] - begun_s
