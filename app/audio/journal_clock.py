"""The audio clock through all parts of a journal: what is missing, paused, off the record, marked.

Pure; whoever reads owns one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from app.audio.journal_format import AUDIO, GAP, MARK, UNVERIFIED, Record
from app.domain.audio import BYTES_PER_SAMPLE, Gap, GapReason, MarkKind, Stretch, StretchKind
from app.domain.ports import JournalAudio

_REASONS: Final = {bytes([reason]): reason for reason in GapReason}
_DAMAGED: Final = bytes([GapReason.DAMAGED])
"""Written only for what did not verify, when a part is written anew."""
_BEGINS: Final = {
    MarkKind.PAUSE: StretchKind.PAUSE,
    MarkKind.OFF_RECORD_BEGIN: StretchKind.OFF_RECORD,
    MarkKind.CONSENT_WITHDRAWN: StretchKind.OFF_RECORD,
}
"""After these the recorder keeps no sound, while the clock goes on."""
_ENDS: Final = {
    MarkKind.RESUME: StretchKind.PAUSE,
    MarkKind.OFF_RECORD_END: StretchKind.OFF_RECORD,
}
_KINDS: Final = {bytes([kind]): kind for kind in MarkKind}


@dataclass(slots=True)
class JournalClock:
    """Follows the audio clock and names what is missing.

    Attributes:
        now: end of what was read.
        gaps: where samples are missing, in order.
    """

    now: int = 0
    gaps: list[Gap] = field(default_factory=list)
    _silent: dict[StretchKind, int] = field(default_factory=dict)  # where it began
    _stretches: list[Stretch] = field(default_factory=list)
    _reason: GapReason | None = None  # of a gap that was announced or found and not yet placed
    _missing: int = 0
    _has_begun: bool = False

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """Return all that is no sound, in order; what is open ends where the journal does."""
        left = [Stretch(start, self.now, kind) for kind, start in self._silent.items()]
        gaps = [
            Stretch(gap.at_sample, gap.at_sample + gap.count, StretchKind.GAP, gap.reason)
            for gap in self.gaps
        ]
        found = [*self._stretches, *left, *gaps]
        return tuple(sorted(found, key=lambda each: (each.start, each.end, each.kind)))

    def take(self, record: Record, channels: int = 1) -> JournalAudio | None:
        """Return the sound of a record that is new, and move on."""
        if record.kind == AUDIO:
            return self._hear(record, channels)
        if record.kind == UNVERIFIED or (record.kind == GAP and record.body[:1] == _DAMAGED):
            self._miss(GapReason.DAMAGED, record.count)
            return None
        self._place(record.at_sample)
        if record.kind == GAP and record.body[:1] in _REASONS:
            self._miss(_REASONS[record.body[:1]], record.count)
        if record.kind == MARK and record.body[:1] in _KINDS:
            self._mark(_KINDS[record.body[:1]])
        return None

    def settle(self) -> None:
        """Place a gap that nothing follows."""
        self._place(self.now + self._missing)

    def restart(self) -> None:
        """A new part begins; unless it says otherwise, the recorder was restarted."""
        self._reason = self._reason or GapReason.RESTART

    def _hear(self, record: Record, channels: int) -> JournalAudio | None:
        size = BYTES_PER_SAMPLE * channels
        end = record.at_sample + len(record.body) // size
        self._place(record.at_sample)
        pcm = record.body[(self.now - record.at_sample) * size :]
        if end <= self.now:  # a part that began too early: we have this sound
            return None
        for kind in tuple(self._silent):  # sound again, whatever the marks say
            self._end(kind)
        heard = JournalAudio(self.now, pcm, channels)
        self.now = end
        return heard

    def _mark(self, kind: MarkKind) -> None:
        if kind is MarkKind.BOOKMARK:
            self._stretches.append(Stretch(self.now, self.now, StretchKind.BOOKMARK))
        elif kind in _BEGINS:
            self._silent.setdefault(_BEGINS[kind], self.now)
        elif kind in _ENDS:
            self._end(_ENDS[kind])

    def _end(self, kind: StretchKind) -> None:
        start = self._silent.pop(kind, None)
        if start is not None and self.now > start:
            self._stretches.append(Stretch(start, self.now, kind))

    def _miss(self, reason: GapReason, count: int) -> None:
        self._reason = reason
        self._missing += count

    def _place(self, at_sample: int) -> None:
        """The clock is at `at_sample` now: what lies between is a pause or a gap.

        A later recording of a visit begins where the one before it ended: that is no gap.
        """
        has_begun, self._has_begun = self._has_begun, True
        if not has_begun and self._reason is None and not self._silent:
            self.now = at_sample
            return
        count = max(0, at_sample - self.now)
        announced = self._reason is not None and self._reason is not GapReason.RESTART
        if self._silent and self._missing:  # the rest of it nobody wanted to hear
            count = min(count, self._missing)
        if (count and not self._silent) or announced:
            self.gaps.append(Gap(self.now, count, self._reason or GapReason.DAMAGED))
        self._reason, self._missing = None, 0
        self.now = max(self.now, at_sample)
