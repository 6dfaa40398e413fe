"""What a terminal shows of a transcript."""

from __future__ import annotations

import io

from rich.console import Console

from app.cli.printing import print_transcript
from app.domain.audio import SAMPLE_RATE, Stretch, StretchKind
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript


def printed(transcript: Transcript) -> list[str]:
    out = io.StringIO()
    print_transcript(Console(file=out, width=80), transcript)
    return out.getvalue().splitlines()


def said(number: int, text: str, at_s: int) -> Segment:
    start = at_s * SAMPLE_RATE
    return Segment(SegmentId(f"s{number}"), text, SpeakerRole.PATIENT, start=start, end=start + 1)


def test_times_are_recorded_time_and_a_line_without_words_says_so() -> None:
    pause = Stretch(20 * SAMPLE_RATE, 80 * SAMPLE_RATE, StretchKind.OFF_RECORD)
    lines = printed(Transcript((said(1, "It hurts.", 5), said(2, "", 90)), stretches=(pause,)))
    assert [each.split()[-1] for each in lines] == ["hurts.", "s]", "words]"]
    assert "0:20" in lines[1]
    assert "[off the record, 60 s]" in lines[1]
    assert "0:30" in lines[2]
    assert "[no words]" in lines[2]
