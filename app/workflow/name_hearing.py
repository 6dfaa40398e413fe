"""Hear doubtful words again with the drug names in mind that sound like them. Main thread.

One passage after the other, by the speech model that is loaded anyway, while nothing is recorded,
decoded or drafted. What is heard stays in memory until the vault is locked: it makes suggestions
better and changes nothing by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.domain.audio import BYTES_PER_SAMPLE, Span
from app.domain.events import (
    ChildReady,
    DraftFinished,
    HeardAgain,
    NamesHeard,
    VisitAdvanced,
)
from app.domain.ids import VisitId
from app.domain.ports import JournalAudio, JournalPort
from app.domain.transcript import Segment, Suggestion
from app.workflow.playback import pieces, sources
from app.workflow.room import Room
from app.workflow.session import Session
from app.workflow.transcribing import Transcribing

if TYPE_CHECKING:
    from app.clinical.second_names import Again
    from app.clinical.suggestions import Doubt, Suggester

_LANGUAGE: Final = "en"
"""The names are spelled as English says them."""


@dataclass(frozen=True, slots=True)
class NameHearingSetup:
    """Made by bootstrap.

    Attributes:
        suggester: knows the names; its tables are read when it is first asked for.
        journal: how journals in a folder are read.
        may_run: whether nothing is recorded, decoded or drafted now.
    """

    suggester: Callable[[], Suggester]
    journal: Callable[[Path], JournalPort]
    may_run: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """A segment of a visit, and what is known of it.

    Attributes:
        terms: names that are likely in this visit.
    """

    visit: VisitId
    segment: Segment
    terms: tuple[str, ...] = ()
    language: str = _LANGUAGE


@dataclass(frozen=True, slots=True)
class _Wanted:
    session: Session
    visit: VisitId
    span: Span
    doubt: Doubt = field(repr=False)


class NameHearing:
    """Improves suggestions by a second hearing. One passage at a time."""

    def __init__(self, room: Room, transcribing: Transcribing, setup: NameHearingSetup) -> None:
        self._room = room
        self._post = room.post
        self._transcribing = transcribing
        self._setup = setup
        self._waiting: deque[_Wanted] = deque()
        self._asked: _Wanted | None = None
        self._heard: dict[Doubt, Again] = {}
        self._doubts: dict[tuple[Segment, tuple[str, ...]], tuple[Doubt, ...]] = {}
        self._known: set[Doubt] = set()  # asked for, or heard
        self._later: set[VisitId] = set()  # looked at while something else had to be done
        room.sessions.on_leave(self._forget)
        room.bus.subscribe(_Wanted, self._on_wanted)
        room.bus.subscribe(HeardAgain, self._on_heard)
        room.bus.subscribe(ChildReady, lambda _: self.nudge())
        room.bus.subscribe(VisitAdvanced, lambda _: self.nudge())
        room.bus.subscribe(DraftFinished, lambda _: self.nudge())

    def improved(self, place: Place, first: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
        """Return the suggestions of a segment with what was heard again. Pool.

        What was not heard again yet is asked for; `NamesHeard` follows. Looking for doubts takes
        as long as looking for suggestions: it waits until nobody else needs the processor.
        """
        found, key = tuple(first), (place.segment, place.terms)
        if place.language != _LANGUAGE or not self._room.sessions.is_open:
            return found
        if key not in self._doubts:
            if not self._setup.may_run():
                self._later.add(place.visit)
                return found
            self._doubts[key] = self._setup.suggester().doubts(*key)
        from app.clinical.second_names import merged, passage  # noqa: PLC0415 - not at every start

        session = self._room.sessions.current()
        for doubt in self._doubts[key]:
            again = self._heard.get(doubt)
            if again is not None:
                found = merged(self._setup.suggester(), place.segment, found, again, place.terms)
            elif doubt not in self._known:
                self._known.add(doubt)
                span = passage(place.segment, doubt)
                self._post.publish(_Wanted(session, place.visit, span, doubt))
        return found

    def nudge(self) -> None:
        """Ask for the next passage, if nothing else is to be done."""
        if not self._setup.may_run():
            return
        while self._later:
            self._post.publish(NamesHeard(self._later.pop()))
        if self._asked is not None or not self._waiting or self._transcribing.model is None:
            return
        wanted = self._asked = self._waiting.popleft()
        self._post.deliver(
            self._room.pool.submit(self._sound, wanted),
            self,
            lambda pcm: self._ask(wanted, pcm),
            lambda _: self._settle(wanted, None),  # erased, or locked meanwhile
        )

    def _on_wanted(self, wanted: _Wanted) -> None:
        if self._is_open(wanted):
            self._waiting.append(wanted)
            self.nudge()

    def _sound(self, wanted: _Wanted) -> bytes:
        session = wanted.session
        found = session.ask(sources, wanted.visit).result()
        reader = self._setup.journal(session.audio_folder)
        return joined(tuple(pieces(reader, found, [wanted.span])), wanted.span)

    def _ask(self, wanted: _Wanted, pcm: bytes) -> None:
        if wanted is not self._asked:
            return
        if not any(pcm):
            self._settle(wanted, None)
        elif not self._setup.may_run() or not self._transcribing.hear_again(
            pcm, wanted.doubt.names, _LANGUAGE
        ):
            self._asked = None
            self._waiting.appendleft(wanted)

    def _on_heard(self, event: HeardAgain) -> None:
        if (wanted := self._asked) is not None:
            self._settle(wanted, event)

    def _settle(self, wanted: _Wanted, event: HeardAgain | None) -> None:
        """Keep what was heard; a passage without sound, or whose child died, is not asked again."""
        if wanted is not self._asked:
            return
        self._asked = None
        from app.clinical.second_names import Again  # noqa: PLC0415 - not at every start

        words = (event.words if event is not None else None) or ()
        start = wanted.span.start
        moved = (replace(each, start=each.start + start, end=each.end + start) for each in words)
        self._heard[wanted.doubt] = Again(wanted.doubt, tuple(moved))
        if not any(each.visit == wanted.visit for each in self._waiting):
            self._post.publish(NamesHeard(wanted.visit))
        self.nudge()

    def _is_open(self, wanted: _Wanted) -> bool:
        sessions = self._room.sessions
        return sessions.is_open and sessions.current() is wanted.session

    def _forget(self) -> None:
        """Nobody is unlocked: words and sound go."""
        self._waiting.clear()
        self._asked = None
        self._heard.clear()
        self._doubts.clear()
        self._known.clear()
        self._later.clear()


def joined(blocks: Sequence[JournalAudio], span: Span) -> bytes:
    """Return the sound of a span, 16 kHz mono s16le; silence where nobody has any."""
    sound = bytearray((span.end - span.start) * BYTES_PER_SAMPLE)
    for block in blocks:
        skip = max(0, span.start - block.at_sample) * BYTES_PER_SAMPLE
        at = max(0, block.at_sample - span.start) * BYTES_PER_SAMPLE
        part = block.pcm[skip : skip + len(sound) - at]
        sound[at : at + len(part)] = part
    return bytes(sound)
