"""Transcribe and draft without a vault: nothing is kept unless the shell keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.cli.face import (
    JsonOption,
    PasswordOption,
    Running,
    UserOption,
    console,
    find_visit,
    print_json,
    running,
    unlock,
)
from app.cli.live import transcribe_live
from app.cli.printing import (
    clock,
    print_claim,
    print_note,
    print_segment,
    print_stretch,
    role_label,
)
from app.cli.templates import chosen
from app.domain.draft import Draft, Section
from app.domain.errors import NoSpeechError
from app.domain.events import (
    ClaimWritten,
    DraftFinished,
    EngineChanged,
    SectionFinished,
    SegmentFinished,
)
from app.domain.ids import TemplateId
from app.domain.ports import SpeechPlan
from app.domain.transcript import Transcript
from app.foundation import texts
from app.foundation.i18n import _
from app.workflow.file_transcription import FileProgress
from app.workflow.shapes import note_shape, read_transcript, transcript_shape

_TRANSCRIPT_SUFFIXES = frozenset({".json"})


def transcribe(
    context: typer.Context,
    file: Path = typer.Argument(help="wav, flac, mp3 or ogg; any rate, mono or stereo."),
    model: str = typer.Option("", "--model", help="Id of a speech model: `models list`."),
    language: str = typer.Option("en", "--language", help="Language of the recording."),
    word: list[str] = typer.Option([], "--word", help="A word that may come up; up to 20."),
    is_live: bool = typer.Option(
        False, "--live", help="Play it at the speed of talk, as a visit, and print what happens."
    ),
    is_dictation: bool = typer.Option(
        False, "--dictation", help="With --live: a dictated note, with spoken commands."
    ),
    as_json: bool = JsonOption,
) -> None:
    """Write down what is said in an audio file. Needs no account; keeps nothing."""
    if is_live or is_dictation:
        terms = tuple(word)
        transcribe_live(
            context, file, model, language, terms, is_dictation=is_dictation, as_json=as_json
        )
        return
    plan = SpeechPlan(language=language, is_live=False, hotwords=tuple(word))
    with running(context) as app:
        transcript = transcribe_file(app, file, model, plan, is_quiet=as_json)
        if as_json:
            print_json(transcript_shape(transcript))
            return
        for each in transcript.stretches:
            print_stretch(console(), each)


def draft(
    context: typer.Context,
    target: str = typer.Argument("", help="A transcript (JSON), an audio file, or a visit's id."),
    transcript: Path | None = typer.Option(None, "--transcript", help="A transcript (JSON)."),
    engine: str = typer.Option(
        "", "--engine", help="Id of a notes model, or `extractive` for no language model."
    ),
    template: str = typer.Option("", "--template", help="Id of a note template: `templates list`."),
    user: str = UserOption,
    password_fd: int | None = PasswordOption,
    as_json: bool = JsonOption,
) -> None:
    """Draft a note from a transcript, an audio file, or a visit."""
    with running(context) as app:
        path = transcript or Path(target)
        if transcript is None and not target:
            raise typer.BadParameter(_("Name a file or a visit."))
        if transcript is None and not path.exists() and not path.suffix:
            unlock(app, user, password_fd)
            made = _draft_visit(app, target, Wish(engine, chosen(app, template)))
        else:
            made = _draft_file(app, path, Wish(engine, chosen(app, template)), is_quiet=as_json)
        if as_json:
            print_json(note_shape(made))
        else:
            print_note(console(), made)


def transcribe_file(
    app: Running, file: Path, model: str, plan: SpeechPlan, *, is_quiet: bool
) -> Transcript:
    """Transcribe a file, showing segments as they come, or only a progress bar."""
    out = console()
    chosen = app.services.administration.model_for("speech", model)
    with _progress(_("Transcribing with {model}").format(model=chosen.card.name)) as bar:
        task = bar.task_ids[0]

        def on_progress(event: FileProgress) -> None:
            bar.update(task, clock=clock(event.decoded_s))

        stops = [app.services.bus.subscribe(FileProgress, on_progress)]
        if not is_quiet:
            stops.append(
                app.services.bus.subscribe(
                    SegmentFinished, lambda event: print_segment(out, event.segment)
                )
            )
        try:
            voices = app.services.administration.voice_model()
            return app.result(app.services.file_transcription.start(file, chosen, plan, voices))
        finally:
            for stop in stops:
                stop()


def watch_draft(app: Running) -> list[object]:
    """Print the draft's progress to stderr while it is written; return how to stop."""
    out = console(is_stderr=True)
    bus = app.services.bus
    return [
        bus.subscribe(ClaimWritten, lambda event: print_claim(out, event.claim)),
        bus.subscribe(SectionFinished, lambda event: out.print(_section_words(event.section))),
        bus.subscribe(
            EngineChanged,
            lambda event: out.print(
                f"{event.engine}: {texts.words_for(event.reason, {})}", soft_wrap=True
            ),
        ),
    ]


def _section_words(section: Section) -> str:
    return _("  … {heading}: {count} lines by {engine}").format(
        heading=section.heading, count=len(section.claims), engine=section.engine
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """How a note is to be drafted."""

    engine: str
    template: TemplateId | None


def _draft_file(app: Running, path: Path, wish: Wish, *, is_quiet: bool) -> Draft:
    if path.suffix.lower() in _TRANSCRIPT_SUFFIXES:
        transcript = read_transcript(path)
    else:
        transcript = transcribe_file(app, path, "", SpeechPlan(is_live=False), is_quiet=True)
    if not transcript.word_count:
        raise NoSpeechError
    if not is_quiet:
        watch_draft(app)
    return app.result(
        app.services.note_making.draft_transcript(transcript, wish.engine, wish.template)
    )


def _draft_visit(app: Running, target: str, wish: Wish) -> Draft:
    visit = find_visit(app, target)
    made: list[Draft] = []
    app.services.bus.subscribe(DraftFinished, lambda event: made.append(event.draft))
    watch_draft(app)
    app.result(app.services.note_making.draft(visit, wish.engine, wish.template))
    app.wait_until(lambda: bool(made))
    return made[0]


def _progress(label: str) -> Progress:
    bar = Progress(
        SpinnerColumn(),
        TextColumn(label),
        BarColumn(),
        TextColumn("{task.fields[clock]}"),
        TimeElapsedColumn(),
        console=console(is_stderr=True),
        transient=True,
    )
    bar.add_task("", total=None, clock="0:00")
    return bar


__all__ = ["draft", "role_label", "transcribe", "transcribe_file", "watch_draft"]
