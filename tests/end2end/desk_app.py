"""A whole app without a window, driven by one-word lines on stdin: for tests that kill it.

`python -m tests.end2end.desk_app` prints a JSON line for each thing that happens.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

from app import bootstrap
from app.domain.events import (
    AudioStored,
    ChildEnded,
    DraftFinished,
    LevelMeasured,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    SectionFinished,
    SegmentFinished,
    VisitAdvanced,
)
from app.domain.ids import PatientId, RecordingId, new_id
from app.domain.visit import ConsentManner, Patient, Person, Sex
from app.foundation import hardening, paths
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.workflow.services import Services

PASSWORD = "a long and quiet afternoon"


def tell(kind: str, **fields: object) -> None:
    """Print one JSON line."""
    print(json.dumps({"kind": kind, **fields}), flush=True)


class Desk:
    """Runs commands until `quit` or the end of stdin."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.inbox = Inbox(self.bus.dispatch)
        self.services: Services = bootstrap.build(self.inbox, self.bus)
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.over = False
        watch = self.bus.subscribe
        watch(RecordingStarted, lambda _: tell("started"))
        watch(RecordingFinished, lambda event: tell("finished", samples=event.samples))
        watch(LevelMeasured, lambda event: tell("level", at=event.at_sample))
        watch(SegmentFinished, lambda event: tell("segment", text=event.segment.text))
        watch(SectionFinished, self._on_section)
        watch(ChildEnded, lambda event: tell("child_ended", child=event.child))
        watch(DraftFinished, self._on_draft)
        watch(RecordingFailed, lambda event: tell("failed", code=event.code))
        watch(VisitAdvanced, lambda event: tell("visit", state=event.state.value))
        watch(AudioStored, lambda _: None)

    def run(self) -> None:
        """Serve lines from stdin."""
        threading.Thread(target=self._read, daemon=True).start()
        while not self.over:
            try:
                self.inbox.run_until(lambda: not self.lines.empty(), 0.1)
            except TimeoutError:
                continue
            word, _, rest = self.lines.get().partition(" ")
            getattr(self, f"do_{word}")(rest.strip())
        self.services.close()

    def do_create(self, _: str) -> None:
        """Make an account."""
        self._wait(self.services.unlocking.create("Ada Shaw", PASSWORD))
        tell("unlocked")

    def do_unlock(self, _: str) -> None:
        """Open the account and say what was interrupted."""
        accounts = self._wait(self.services.unlocking.accounts())
        tell("living", recordings=list(self.services.recovery.living()))
        self._wait(self.services.unlocking.unlock(accounts[0].uid, PASSWORD))
        found = self._wait(self.services.recovery.interrupted())
        rows = [[each.recording, each.seconds, each.is_living] for each in found]
        tell("interrupted", recordings=rows)

    def do_record(self, source: str) -> None:
        """Plan, consent, record from the microphone, or from a file."""
        patient = Patient(PatientId(new_id()), "Quist", "Ida", date(1961, 2, 3), Sex.FEMALE)
        visit = self._wait(self.services.visiting.plan(patient))
        present = (Person("Patient", agreed=True),)
        granted = self._wait(
            self.services.visiting.grant(visit.id, "Ada Shaw", ConsentManner.VERBAL, present)
        )
        if source:
            self._wait(self.services.listening.start_file(granted, Path(source)))
        else:
            self._wait(self.services.listening.start(granted))

    def do_withdraw(self, _: str) -> None:
        """The patient takes consent back."""
        visit = self.services.listening.current
        assert visit is not None
        self._wait(self.services.listening.withdraw(visit))
        record = self._wait(self.services.visiting.open(visit))
        tell("withdrawn", state=record.visit.state.value, segments=len(record.transcript.segments))

    def do_finish(self, _: str) -> None:
        """End the recording."""
        self.services.listening.finish()

    def do_take_up(self, recording: str) -> None:
        """Take up an interrupted recording."""
        visit = self._wait(self.services.recovery.take_up(RecordingId(recording)))
        tell("taken_up", state=visit.state.value)

    def do_choose(self, words: str) -> None:
        """Choose a model: `speech whisper-tiny.en`."""
        role, _, model = words.partition(" ")
        card = self.services.administration.model_for(role, model).card
        self.services.administration.choose(role, card.id)

    def do_mend(self, _: str) -> None:
        """Change the first line of the newest recording's draft and add one to its plan."""
        session = self.services.recovery._sessions.current()
        visit = self._wait(session.ask(lambda vault: vault.recordings()[-1].visit))
        draft = self._wait(session.ask(lambda vault: vault.draft(visit)))
        editing = self.services.note_editing
        self._wait(editing.edit(visit, draft.claims[0].id, "Mended by hand."))
        self._wait(editing.add(visit, "plan", "Added by hand."))
        tell("mended", was=draft.claims[0].text)

    def do_quit(self, _: str) -> None:
        """Leave."""
        self.over = True

    def _on_section(self, event: SectionFinished) -> None:
        tell("section", key=event.section.key, lines=len(event.section.claims))

    def _on_draft(self, event: DraftFinished) -> None:
        claims = [
            [section.key, claim.text]
            for section in event.draft.sections
            for claim in section.claims
        ]
        sections = [[each.key, each.engine] for each in event.draft.sections]
        tell("draft", claims=claims, sections=sections)

    def _read(self) -> None:
        for line in sys.stdin:
            self.lines.put(line.strip())
        self.lines.put("quit")

    def _wait(self, future: Any) -> Any:
        over: list[bool] = []
        self.inbox.deliver(future, self, lambda _: over.append(True), lambda _: over.append(True))
        self.inbox.run_until(lambda: bool(over), 60)
        return future.result()


if __name__ == "__main__":
    paths.private_umask()
    hardening.harden()
    Desk().run()
