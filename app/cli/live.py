"""Play a recording at the speed of talk through the whole path, and tell what happens when.

Recorder child, encrypted journal, pump and speech child are those of a visit; the profile is
thrown away at the end.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from rich.text import Text

from app.cli.face import Running, ToldError, console, running
from app.cli.throwaway import consent, expecting, plan_visit
from app.domain.audio import SAMPLE_RATE
from app.domain.events import (
    Bookmarked,
    DictationChanged,
    GapNoted,
    PartialHeard,
    RecordingFailed,
    RecordingFinished,
    RecordingStarted,
    RolesFound,
    SegmentFinished,
    SpeechProgressed,
    SpeechUnheard,
    TroubleArose,
    WordsCommitted,
    WordsRevised,
)
from app.domain.transcript import Word
from app.workflow.shapes import segment_shape
from app.workflow.transcribing import TranscriptFinished

_LAG_S = 1.5


def transcribe_live(
    context: typer.Context,
    file: Path,
    model: str,
    language: str,
    words: tuple[str, ...],
    *,
    is_dictation: bool,
    as_json: bool,
) -> None:
    """Run a file as a visit, or as a dictation, and print events: text, or one JSON a line."""
    with running(context, is_demo=True) as app:
        services = app.services
        chosen = services.administration.model_for("speech", model)
        services.administration.choose("speech", chosen.card.id)
        visit = plan_visit(app)
        expecting(app, visit, language, words)
        teller = _Teller(app, as_json=as_json)
        granted = (
            app.result(services.visiting.dictate(visit.id)) if is_dictation else consent(app, visit)
        )
        app.result(
            services.listening.start_file(granted, file, realtime=True, is_dictation=is_dictation)
        )
        app.wait_until(lambda: teller.is_over or teller.error is not None)
        if teller.error is not None:
            raise teller.error


class _Teller:
    """Prints each event with the seconds since the first sound was on disk."""

    def __init__(self, app: Running, *, as_json: bool) -> None:
        self._as_json = as_json
        self._out = console()
        self._begun_s = time.monotonic()
        self.is_over = False
        self.error: ToldError | None = None
        bus = app.services.bus
        for kind, handler in self._handlers().items():
            bus.subscribe(kind, handler)

    def _handlers(self) -> dict[type[Any], Callable[[Any], None]]:
        return {
            RecordingStarted: self._on_started,
            PartialHeard: lambda e: self._tell("partial", text=_text(e.words)),
            WordsCommitted: lambda e: self._tell("committed", words=[_word(w) for w in e.words]),
            SegmentFinished: lambda e: self._tell("final", segment=segment_shape(e.segment)),
            WordsRevised: self._on_revised,
            SpeechUnheard: lambda e: self._tell(
                "inaudible", spans_s=[[_s(span.start), _s(span.end)] for span in e.spans]
            ),
            RolesFound: self._on_roles,
            DictationChanged: lambda e: self._tell(
                "dictation", sections=dict(e.sections), section=e.section
            ),
            GapNoted: lambda e: self._tell(
                "gap",
                start_s=_s(e.gap.at_sample),
                length_s=_s(e.gap.count),
                reason=e.gap.reason.name.lower(),
            ),
            Bookmarked: lambda e: self._tell("bookmark", at_sample_s=_s(e.at_sample)),
            SpeechProgressed: self._on_progress,
            RecordingFinished: lambda e: self._tell("recorded", length_s=_s(e.samples)),
            RecordingFailed: self._on_failed,
            TroubleArose: lambda e: self._tell("trouble", code=e.code, facts=dict(e.facts)),
            TranscriptFinished: self._on_finished,
        }

    def _on_started(self, _: RecordingStarted) -> None:
        self._begun_s = time.monotonic()
        self._tell("recording")

    def _on_revised(self, event: WordsRevised) -> None:
        for each in event.revisions:
            self._tell("revised", words=list(each.words), before=each.before, after=each.after)

    def _on_roles(self, event: RolesFound) -> None:
        rows = [
            {"segment": r.segment, "role": r.role.value, "speaker": r.speaker} for r in event.roles
        ]
        self._tell("roles", roles=rows)

    def _on_progress(self, event: SpeechProgressed) -> None:
        if event.lag_s > _LAG_S:
            self._tell("lag", lag_s=round(event.lag_s, 2))

    def _on_failed(self, event: RecordingFailed) -> None:
        self.error = ToldError(event.code, dict(event.facts))

    def _on_finished(self, _: TranscriptFinished) -> None:
        self._tell("finished")
        self.is_over = True

    def _tell(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        at_s = round(time.monotonic() - self._begun_s, 3)
        if self._as_json:
            row = {"at_s": at_s, "event": kind, **fields}
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
            sys.stdout.flush()
            return
        said = str(fields["text"]) if "text" in fields else _said(kind, fields)
        self._out.print(Text(f"{at_s:8.2f}  {kind:<9}  ", style="dim").append(said), soft_wrap=True)


def _said(kind: str, fields: dict[str, Any]) -> str:
    match kind:
        case "committed":
            return " ".join(word["text"] for word in fields["words"])
        case "final":
            return str(fields["segment"]["text"])
        case "dictation":
            written = {key: text for key, text in fields["sections"].items() if text}
            return "".join(f"\n  {key}: {text}" for key, text in written.items())
        case "revised":
            return f"{fields['before']} → {fields['after']}"
        case _:
            return ", ".join(f"{name} {value}" for name, value in fields.items())


def _word(word: Word) -> dict[str, Any]:
    return {
        "id": word.id,
        "text": word.text,
        "start_s": _s(word.start),
        "end_s": _s(word.end),
        "probability": round(word.probability, 3),
    }


def _text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def _s(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 3)
