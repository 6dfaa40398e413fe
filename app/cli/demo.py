"""The main job end to end in a throw-away profile: recording, transcript, note, signed files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import typer

from app.cli.face import JsonOption, Running, ToldError, console, print_json, running
from app.cli.notes import watch_draft
from app.cli.printing import print_note, print_segment
from app.cli.throwaway import consent, plan_visit
from app.domain.draft import Draft
from app.domain.errors import NoSpeechError
from app.domain.events import DraftFinished, RecordingFailed, SegmentFinished, TroubleArose
from app.domain.ids import ModelId
from app.domain.visit import Visit
from app.foundation import paths, texts
from app.foundation.i18n import _
from app.workflow.reviewing import OpenItems
from app.workflow.shapes import note_shape, transcript_shape

OUT_FOLDER: Final = "stethoscribe-demo"
EXTRACTIVE: Final = "extractive"
FORMATS: Final = ("text", "fhir_bundle", "fhir_docref")


def demo(
    context: typer.Context,
    file: Path | None = typer.Argument(None, help="Another recording than the sample."),
    out: Path = typer.Option(Path(OUT_FOLDER), "--to", help="Folder for the exported files."),
    model: str = typer.Option("", "--model", help="Id of a speech model."),
    engine: str = typer.Option("", "--engine", help="Id of a notes model, or `extractive`."),
    as_json: bool = JsonOption,
) -> None:
    """Run a whole visit on a recording: transcript, note, signature, exported files."""
    with running(context, is_demo=True) as app:
        begun_s = time.monotonic()
        stage = _Stage(app, is_quiet=as_json)
        visit = plan_visit(app)
        path = file if file is not None else app.services.sample
        for role, named in (("speech", model), ("notes", engine)):
            if named and named != EXTRACTIVE:
                chosen = app.services.administration.model_for(role, named)
                app.services.administration.choose(role, chosen.card.id)
        if engine == EXTRACTIVE:
            app.services.administration.choose("notes", ModelId(EXTRACTIVE))
        draft = stage.listen(visit, path)
        removed = stage.review_and_sign(visit, draft)
        paths = stage.export(visit, out)
        record = app.result(app.services.visiting.open(visit.id))
        if as_json:
            print_json(
                {
                    "transcript": transcript_shape(record.transcript),
                    "note": note_shape(draft),
                    "exports": [str(each.resolve()) for each in paths],
                    "removed_before_signing": removed,
                    "seconds": round(time.monotonic() - begun_s, 1),
                }
            )
            return
        stage.say(
            _("\nSigned and exported in {seconds:.0f} s:").format(
                seconds=time.monotonic() - begun_s
            )
        )
        for each in paths:
            stage.say(f"  {each}")


class _Stage:
    """One demonstration visit, step by step."""

    def __init__(self, app: Running, *, is_quiet: bool) -> None:
        self._app = app
        self._out = console(is_stderr=is_quiet)
        self._drafts: list[Draft] = []
        self._trouble: list[ToldError] = []
        bus = app.services.bus
        bus.subscribe(DraftFinished, lambda event: self._drafts.append(event.draft))
        bus.subscribe(RecordingFailed, self._on_failed)
        bus.subscribe(TroubleArose, self._on_trouble)
        bus.subscribe(SegmentFinished, lambda event: print_segment(self._out, event.segment))

    def say(self, text: str) -> None:
        self._out.print(text, soft_wrap=True)

    def listen(self, visit: Visit, path: Path) -> Draft:
        """Record from the file, transcribe and draft; return when the draft is there."""
        services = self._app.services
        self.say(
            _("Recording {name} into an encrypted journal; transcript:").format(name=path.name)
        )
        self._app.result(services.listening.start_file(consent(self._app, visit), path))
        watch_draft(self._app)
        self._app.wait_until(lambda: bool(self._drafts or self._trouble))
        if self._trouble:
            raise self._trouble[0]
        return self._drafts[0]

    def review_and_sign(self, visit: Visit, draft: Draft) -> int:
        """Remove what may not be signed unseen, as a careful clinician would, then sign."""
        services, app = self._app.services, self._app
        self.say("")
        print_note(self._out, draft)
        items: OpenItems = app.result(services.reviewing.open_items(visit.id))
        for claim in items.claims:
            app.result(services.note_editing.remove(visit.id, claim.id))
        for section in draft.sections:
            app.result(services.reviewing.see(visit.id, section.key))
        if items.claims:
            self.say(
                _("\n{count} unsupported lines were removed before signing.").format(
                    count=len(items.claims)
                )
            )
        app.result(services.signing.sign(visit.id, visit.patient.id))
        return len(items.claims)

    def export(self, visit: Visit, folder: Path) -> list[Path]:
        """Write all formats; the folder is made when it is not there."""
        exporting = self._app.services.exporting
        paths.private_folder(folder)
        banner = visit.patient.id
        return [
            self._app.result(exporting.file(visit.id, banner, name, folder)) for name in FORMATS
        ]

    def _on_trouble(self, event: TroubleArose) -> None:
        told = ToldError(event.code, dict(event.facts))
        if event.code == NoSpeechError.code:
            self._trouble.append(told)
        elif not self._trouble:
            self.say(texts.words_for(told.code, told.facts))

    def _on_failed(self, event: RecordingFailed) -> None:
        self._trouble.append(ToldError(event.code, dict(event.facts)))
