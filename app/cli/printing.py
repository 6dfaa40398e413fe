"""Transcripts and notes as text on a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

from app.domain.audio import SAMPLE_RATE, RecordedTime, Stretch, StretchKind
from app.domain.draft import Claim, Draft, Support
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.foundation.i18n import _

SIGNS: Final = {
    Support.SUPPORTED: ("✓", "green"),
    Support.PARTLY: ("~", "yellow"),
    Support.UNSUPPORTED: ("✗", "red"),
    Support.CLINICIAN: ("•", "cyan"),
}
"""A claim's state by shape first, by color second."""

_SECONDS_PER_MINUTE: Final = 60
_SHORT_ID: Final = 8


def clock(seconds: float) -> str:
    """Return minutes and seconds, e.g. `3:07`."""
    whole = int(seconds)
    return f"{whole // _SECONDS_PER_MINUTE}:{whole % _SECONDS_PER_MINUTE:02d}"


def role_label(role: SpeakerRole) -> str:
    """Return the speaker role in words."""
    return {
        SpeakerRole.CLINICIAN: _("Clinician"),
        SpeakerRole.PATIENT: _("Patient"),
        SpeakerRole.OTHER: _("Other"),
        SpeakerRole.UNKNOWN: _("Speaker"),
    }[role]


def print_segment(out: Console, segment: Segment, at_s: float | None = None) -> None:
    """Print one line of a transcript; `at_s` is its recorded time, if that is another."""
    who = role_label(segment.role)
    if segment.role is SpeakerRole.UNKNOWN and segment.speaker:
        who = f"{who} {segment.speaker}"
    head = f"{segment.id:>6} {clock(segment.start_s if at_s is None else at_s):>6}  {who:<9} "
    line = Text(head, style="dim")
    if segment.text.strip():
        line.append(segment.text, style="default")
    else:
        line.append(_("[no words]"))
    out.print(line, soft_wrap=True)


def print_transcript(out: Console, transcript: Transcript) -> None:
    """Print a whole transcript, with what lies between the words."""
    time = RecordedTime.of(transcript.stretches)
    lines: list[Segment | Stretch] = [*transcript.segments, *transcript.stretches]
    for each in sorted(lines, key=lambda line: line.start):
        if isinstance(each, Stretch):
            print_stretch(out, each, time.seconds(each.start))
        else:
            print_segment(out, each, time.seconds(each.start))


def print_stretch(out: Console, stretch: Stretch, at_s: float | None = None) -> None:
    """Print a gap, a pause, a bookmark, or what could not be understood; `at_s` as above."""
    said = {
        StretchKind.GAP: _("sound is missing"),
        StretchKind.INAUDIBLE: _("inaudible"),
        StretchKind.OFF_RECORD: _("off the record"),
        StretchKind.PAUSE: _("paused"),
        StretchKind.BOOKMARK: _("bookmark"),
    }[stretch.kind]
    begin_s = stretch.start / SAMPLE_RATE if at_s is None else at_s
    length_s = (stretch.end - stretch.start) / SAMPLE_RATE
    text = f"[{said}, {length_s:.0f} s]" if stretch.end > stretch.start else f"[{said}]"
    out.print(Text(f"{'':>6} {clock(begin_s):>6}  {text}", style="dim"))


def print_claim(out: Console, claim: Claim, *, has_id: bool = False) -> None:
    """Print one claim with its state and its evidence."""
    sign, color = SIGNS[claim.support]
    line = Text(f"  {sign} ", style=color)
    if has_id:
        line.append(f"{claim.id[:_SHORT_ID]}  ", style="dim")
    line.append(claim.text, style="default")
    evidence = ", ".join(claim.evidence) if claim.evidence else _("no evidence")
    line.append(f"  [{evidence}]", style="dim")
    kinds = ", ".join(sorted({each.kind.value for each in claim.findings}))
    if kinds:
        line.append(f" ({kinds})", style=color)
    out.print(line, soft_wrap=True)


def print_note(out: Console, draft: Draft, *, has_ids: bool = False) -> None:
    """Print a draft section by section, then what was said and is not in it."""
    for section in draft.sections:
        out.print(Text(f"\n{section.heading.upper()}", style="bold"))
        for claim in section.claims:
            print_claim(out, claim, has_id=has_ids)
        if not section.claims:
            out.print(f"    {_('Not discussed')}")
    if draft.omissions:
        out.print(Text(f"\n{_('Said, and not in the note')}", style="bold"))
        for omission in draft.omissions:
            out.print(
                Text(f"  + {omission.text}").append(
                    f"  [{omission.segment}] ({omission.kind})", style="dim"
                ),
                soft_wrap=True,
            )
