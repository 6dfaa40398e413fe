"""Templates, history, addenda, letters and codes as a person at a terminal has them.

The commands run in this process, each with an app of its own on one profile, as they would one
after the other.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app import bootstrap
from app.cli.face import Running
from app.cli.main import cli
from app.domain.draft import Claim, Support
from app.domain.ids import ClaimId, DraftId, PatientId, SegmentId, VisitId, new_id
from app.domain.store_ports import VaultPort
from app.domain.transcript import Segment, SpeakerRole
from app.domain.visit import Patient
from app.drafting.staleness import draft_printed
from app.foundation.bus import Bus
from app.foundation.inbox import Inbox
from app.foundation.paths import config_folder, private_folder
from tests.conftest import Profile
from tests.end2end.product import SAMPLE_TRANSCRIPT

PASSWORD = "a long and quiet afternoon"
NOTE = "Jane Zebra\n\nSubjective:\nchest pain of Jane Zebra\n\nPlan:\n- rest\n- zinc\n"


@dataclass(frozen=True, slots=True)
class Terminal:
    """One person at a terminal."""

    def run(self, *arguments: str | Path, code: int = 0, is_mine: bool = True) -> str:
        """Run a command; return what it printed."""
        words = [str(each) for each in arguments]
        reader = None
        if is_mine:
            reader, writer = os.pipe()
            os.write(writer, PASSWORD.encode())
            os.close(writer)
            words += ["--password-fd", str(reader)]
        try:
            done = CliRunner().invoke(cli, words, obj=_make)
        finally:
            if reader is not None:
                os.close(reader)
        assert done.exit_code == code, (words, done.output)
        return done.output

    def json(self, *arguments: str | Path, is_mine: bool = True) -> Any:
        return json.loads(self.run(*arguments, "--json", is_mine=is_mine))


def _make(is_demo: bool) -> Running:
    bus = Bus()
    inbox = Inbox(bus.dispatch)
    return Running(bootstrap.build(inbox, bus, is_demo=is_demo), inbox)


@pytest.fixture
def terminal(user: Profile) -> Terminal:
    assert user is not None
    made = Terminal()
    made.run("account", "create", "Ada Shaw")
    return made


def typed_visit() -> VisitId:
    """Plan a visit and type a note into it, as the window does."""
    app = _make(False)
    services = app.services
    try:
        (account,) = app.result(services.unlocking.accounts())
        app.result(services.unlocking.unlock(account.uid, PASSWORD))
        patient = Patient(PatientId(new_id()), "Quist", "Ida")
        visit = app.result(services.visiting.plan(patient))
        app.result(services.visiting.type_note(visit.id))
        text = "Dyspnea on exertion for 3 weeks."
        draft = app.result(services.note_editing.add(visit.id, "subjective", text))
        app.result(services.note_editing.edit(visit.id, draft.claims[0].id, "Feels well."))
        return visit.id
    finally:
        services.close()


def drug_visit() -> tuple[VisitId, DraftId]:
    """Make a visit whose dose was corrected after an earlier draft; return it and that draft."""
    app = _make(False)
    services = app.services
    try:
        (account,) = app.result(services.unlocking.accounts())
        app.result(services.unlocking.unlock(account.uid, PASSWORD))
        patient = Patient(PatientId(new_id()), "Quist", "Ida")
        visit = app.result(services.visiting.plan(patient)).id
        newest = app.result(services.visiting.type_note(visit)).draft
        assert newest is not None
        said = Segment(SegmentId("s0001"), "I take ibuprofen 400 milligrams.", SpeakerRole.PATIENT)
        now = replace(said, text="I take ibuprofen 600 milligrams.")
        claim = Claim(ClaimId(new_id()), "Takes ibuprofen 400 mg.", (said.id,), Support.SUPPORTED)
        first = replace(newest.sections[0], claims=(claim,))
        earlier = replace(
            draft_printed(replace(newest, sections=(first, *newest.sections[1:])), [said]),
            id=DraftId(new_id()),
        )

        def keep(vault: VaultPort) -> None:
            vault.put_segments(visit, [said])
            vault.save_draft(earlier)
            vault.save_draft(replace(newest, id=DraftId(new_id())))
            vault.put_segments(visit, [now])

        app.result(services.note_editing._sessions.current().ask(keep))
        return visit, earlier.id
    finally:
        services.close()


def test_a_restored_draft_is_checked_against_the_words_as_they_are_now(
    terminal: Terminal,
) -> None:
    visit, earlier = drug_visit()
    printed = terminal.run("restore", visit, earlier)
    (line,) = [each for each in printed.splitlines() if "ibuprofen 400" in each and "[s" in each]
    assert "(dose" in line
    kept = terminal.json("show", visit)["note"]  # and it is kept so, not only shown
    (claim,) = kept["sections"][0]["claims"]
    assert claim["support"] == Support.UNSUPPORTED.value


def test_templates_are_listed_checked_made_and_kept(terminal: Terminal, tmp_path: Path) -> None:
    told = terminal.json("templates", "list", is_mine=False)
    assert len(told["templates"]) == 9
    example, broken = tmp_path / "note.txt", tmp_path / "broken.toml"
    example.write_text(NOTE)
    made = terminal.run("templates", "make", example, "--title", "Mine", "--keep")
    assert "Zebra" not in made
    assert "zinc" not in made
    text = terminal.run("templates", "show", "mine")
    broken.write_text(text.replace('style = "bullets"', 'style = "dots"'))
    assert "must be one of" in terminal.run("templates", "check", broken, code=3, is_mine=False)
    terminal.run("templates", "remove", "mine")
    assert "mine" not in terminal.run("templates", "list")


def test_a_transcript_is_drafted_with_another_template(terminal: Terminal) -> None:
    told = terminal.json(
        "draft", SAMPLE_TRANSCRIPT, "--engine", "extractive", "--template", "h-and-p", is_mine=False
    )
    keys = [each["key"] for each in told["sections"]]
    assert "hpi" in keys
    assert "vital_signs" in keys or "exam" in keys
    homes = {each["section"] for each in told["omissions"]}
    assert homes <= set(keys)
    terminal.run("draft", SAMPLE_TRANSCRIPT, "--template", "none", code=3, is_mine=False)


def test_from_an_earlier_draft_to_a_letter(terminal: Terminal, tmp_path: Path) -> None:
    visit = typed_visit()
    steps = terminal.json("history", visit)
    assert [(each["added"], each["changed"]) for each in steps] == [(0, 1), (1, 0), (0, 0)]
    assert "Dyspnea" in terminal.run("restore", visit, steps[1]["draft"][:8])
    terminal.run("addendum", visit, "Called.", "--patient", "Quist", code=3)
    terminal.run("sign", visit, "--patient", "Quist")
    terminal.run("restore", visit, steps[0]["draft"], code=3)
    terminal.run("addendum", visit, "Called.", "--patient", "Other", code=3)
    assert "version 2" in terminal.run("addendum", visit, "Called.", "--patient", "Quist")
    folder = private_folder(tmp_path / "out")
    command = ("letter", visit, "after-visit-summary", "--patient", "Quist")
    assert "Shortness of breath" in terminal.run(*command)
    assert list(folder.iterdir()) == []
    terminal.run(*command, "--sign-to", folder)
    (letter,) = folder.iterdir()
    assert "Shortness of breath" in letter.read_text("utf-8")
    terminal.run("export", visit, "--patient", "Quist", "--to", folder, "--format", "text")
    note = next(each for each in folder.iterdir() if each != letter).read_text("utf-8")
    assert note.index("Dyspnea") < note.index("ADDENDUM") < note.index("Called.")


def test_codes_are_looked_up_only_where_it_is_turned_on(terminal: Terminal) -> None:
    assert "settings" in terminal.run("codes", "find", "angina", code=3, is_mine=False)
    private_folder(config_folder())
    settings = config_folder() / "settings.toml"
    settings.write_text("schema_version = 1\ncode_look_up = true\n")
    told = terminal.json("codes", "find", "angina", "pectorsi", is_mine=False)
    assert "I20.9" in [each["code"] for each in told]


def test_auto_texts_are_exchanged(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run(
        "words", "add", "Knee [[left|right]] stable.", "--macro", "knee", "--shortcut", ".knee"
    )
    file = tmp_path / "texts.toml"
    file.write_text(terminal.run("words", "export"))
    terminal.run("words", "remove", "knee")
    terminal.run("words", "import", file)
    (macro,) = terminal.json("words", "list")["macros"]
    assert macro == {"name": "knee", "text": "Knee [[left|right]] stable.", "shortcut": ".knee"}
    file.write_text(file.read_text().replace("[[left", "[left"))
    assert "Auto-text 1" in terminal.run("words", "import", file, code=3)
