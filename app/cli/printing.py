"""Transcripts and notes as text on a terminal."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.text import Text

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


def print_segment(out: Console, segment: Segment) -> None:
    """Print one line of a transcript."""
    head = f"{segment.id:>6} {clock(segment.start_s):>6}  {role_label(segment.role):<9} "
    out.print(Text(head, style="dim").append(segment.text, style="default"), soft_wrap=True)


def print_transcript(out: Console, transcript: Transcript) -> None:
    """Print a whole transcript."""
    for segment in transcript.segments:
        print_segment(out, segment)


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
