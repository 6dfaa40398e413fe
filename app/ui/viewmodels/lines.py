"""The lines of a transcript in the order of the page: what was said, what lies between. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from app.domain.audio import SAMPLE_RATE, GapReason, RecordedTime, Stretch, StretchKind
from app.domain.ids import SegmentId, WordId
from app.domain.transcript import Difference, Revision, RevisionCause, Segment, SpeakerRole
from app.foundation.i18n import _

DOUBTFUL: Final = 0.5
"""Words below this probability are underlined. Chosen on Whisper base, where such words were
wrong more often than right by eye."""

ROLE_SURE: Final = 0.6
"""Below this a speaker label carries a question mark; chosen by eye, ask the window's owner."""

MINUTE_S: Final = 60

_BREAKS: Final = frozenset({StretchKind.GAP, StretchKind.OFF_RECORD, StretchKind.PAUSE})
"""After these the speaker is named again: nobody knows what lay between."""


class Offer(NamedTuple):
    """Words that may be others: a person chooses one, or keeps what stands there.

    Attributes:
        words: ids of the words; empty for a difference, which names its time instead.
        heard: what stands there now.
        choices: best first.
        difference: what the second pass heard, None for a suggestion.
    """

    segment: SegmentId
    words: tuple[WordId, ...]
    heard: str
    choices: tuple[str, ...]
    difference: Difference | None = None

    @property
    def key(self) -> str:
        """Names this offer among all of a transcript."""
        at = self.difference.start if self.difference is not None else "/".join(self.words)
        return f"offer:{self.segment}:{at}:{self.heard}"


class Line(NamedTuple):
    """One line of the page: a segment, a stretch without words, or an offer below its segment.

    Attributes:
        key: the same line has the same key, whatever it says.
        at_s: when it begins, in seconds of recorded time.
        is_turn: the speaker is named on this line.
        revisions: changed words of the segment.
    """

    key: str
    segment: Segment | None = None
    stretch: Stretch | None = None
    offer: Offer | None = None
    is_turn: bool = False
    revisions: tuple[Revision, ...] = ()
    at_s: float = 0.0


class Piece(NamedTuple):
    """Some words of a segment as they are written. Pieces are parted by one blank.

    Attributes:
        first, length: which of `Segment.words`; length 0 when the segment has no words.
        spoken: how it was said, when it is written otherwise.
        before: what stood here, when it was changed.
        is_remark: nobody said it: it tells that nothing is left of the line.
    """

    text: str
    first: int
    length: int
    is_doubtful: bool = False
    spoken: str = ""
    before: str = ""
    is_remark: bool = False


def arrange(
    segments: Sequence[Segment],
    stretches: Sequence[Stretch],
    offers: Mapping[SegmentId, tuple[Offer, ...]],
    revisions: Mapping[SegmentId, tuple[Revision, ...]],
) -> list[Line]:
    """Return all lines. Segments keep their order; stretches go where their time is."""
    lines: list[Line] = []
    time = RecordedTime.of(stretches)
    waiting = deque(sorted(stretches, key=lambda each: each.start))
    before: tuple[SpeakerRole, str, bool] | None = None
    for segment in segments:
        while waiting and segment.end and waiting[0].start <= segment.start:
            before = None if waiting[0].kind in _BREAKS else before
            lines.append(stretch_line(waiting.popleft(), time))
        marks, speaker = revisions.get(segment.id, ()), speaker_key(segment)
        turn = before is None or before != speaker
        at_s = time.seconds(segment.start)
        lines.append(Line(f"said:{segment.id}", segment, None, None, turn, marks, at_s))
        if segment.id in offers:
            lines += [Line(each.key, offer=each) for each in offers[segment.id]]
        before = speaker
    lines += [stretch_line(each, time) for each in waiting]
    return lines


def stretch_line(stretch: Stretch, time: RecordedTime) -> Line:
    """Return the line of a stretch without words."""
    key = f"{stretch.kind.value}:{stretch.start}"
    return Line(key, stretch=stretch, at_s=time.seconds(stretch.start))


def speaker_key(segment: Segment) -> tuple[SpeakerRole, str, bool]:
    """Return what makes two segments one turn: role, voice when the role is unknown, doubt."""
    is_unknown = segment.role is SpeakerRole.UNKNOWN
    return segment.role, segment.speaker if is_unknown else "", is_unsure(segment)


def is_unsure(segment: Segment) -> bool:
    """Whether the speaker is named with little confidence."""
    return segment.role is not SpeakerRole.UNKNOWN and segment.role_confidence < ROLE_SURE


def role_words(role: SpeakerRole) -> str:
    """Return a speaker role for people."""
    words = {
        SpeakerRole.CLINICIAN: _("Clinician"),
        SpeakerRole.PATIENT: _("Patient"),
        SpeakerRole.OTHER: _("Other"),
        SpeakerRole.UNKNOWN: _("Speaker"),
    }
    return words[role]


def speaker_words(segment: Segment) -> str:
    """Return who speaks: `Clinician`, `Patient?` when in doubt, `Speaker A` when unnamed."""
    name = role_words(segment.role)
    if segment.role is SpeakerRole.UNKNOWN:
        return f"{name} {segment.speaker}".strip()
    return f"{name}?" if is_unsure(segment) else name


def stretch_words(stretch: Stretch) -> str:
    """Return what happened in a stretch without words."""
    seconds = max(0, stretch.end - stretch.start) / SAMPLE_RATE
    if stretch.kind is StretchKind.GAP:
        why = _gap_words(stretch.reason)
        if not seconds:
            return _("Sound is missing: {why}").format(why=why)
        return _("{length} missing: {why}").format(length=length_words(seconds), why=why)
    if stretch.kind is StretchKind.INAUDIBLE:
        return _("[inaudible {length}]").format(length=length_words(seconds))
    words = {
        StretchKind.OFF_RECORD: _("Off the record"),
        StretchKind.PAUSE: _("Paused"),
        StretchKind.BOOKMARK: _("Bookmark"),
    }
    return words[stretch.kind]


def length_words(seconds: float) -> str:
    """Return `4 s` or `1 min 12 s`; never 0 s."""
    whole = max(1, round(seconds))
    if whole < MINUTE_S:
        return _("{seconds} s").format(seconds=whole)
    minutes, rest = divmod(whole, MINUTE_S)
    return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=rest)


def _gap_words(reason: GapReason | None) -> str:
    words = {
        GapReason.OVERFLOW: _("this computer could not keep up"),
        GapReason.DEVICE: _("the microphone was unplugged"),
        GapReason.SUSPEND: _("this computer slept"),
        GapReason.RESTART: _("the recorder was started again"),
        GapReason.DAMAGED: _("the recording is damaged here"),
    }
    return words[reason] if reason is not None else _("nobody knows why")


def pieces(segment: Segment, revisions: Sequence[Revision] = ()) -> tuple[Piece, ...]:
    """Return a segment as it is written, piece by piece."""
    if not segment.words:
        if segment.text.strip():
            return (Piece(segment.text, 0, 0),)
        return (Piece(taken_words(revisions), 0, 0, is_remark=True),)
    if not segment.forms and not revisions:  # nearly every line of a long transcript
        return tuple(
            Piece(each.text, place, 1, each.probability < DOUBTFUL)
            for place, each in enumerate(segment.words)
        )
    old = _changed(revisions)
    made: list[Piece] = []
    forms = {each.first: each for each in segment.forms if each.count > 0}
    place = 0
    while place < len(segment.words):
        form = forms.get(place)
        count, text = (form.count, form.text) if form is not None else (1, None)
        made.append(_piece(segment, place, count, text, old))
        place += made[-1].length
    if segment.forms and " ".join(each.text for each in made) != segment.text:
        whole = _piece(segment, 0, len(segment.words), segment.text, old)
        return (whole,)  # never show what the segment does not say
    return tuple(made)


def taken_words(revisions: Sequence[Revision]) -> str:
    """Return what happened to a line whose words were all taken out."""
    texts = " ".join(each.before for each in revisions if not each.after)
    if not texts:
        return _("[no words]")
    if any(each.cause is RevisionCause.PERSON for each in revisions if not each.after):
        return _("[taken out: {words}]").format(words=texts)
    return _("[heard again, no words: {words}]").format(words=texts)


def _piece(
    segment: Segment, first: int, count: int, text: str | None, old: Mapping[WordId, str]
) -> Piece:
    words = segment.words[first : first + count]
    spoken = " ".join(each.text for each in words)
    return Piece(
        spoken if text is None else text,
        first,
        len(words),
        any(each.probability < DOUBTFUL for each in words),
        "" if text is None or text == spoken else spoken,
        next((old[each.id] for each in words if each.id in old), ""),
    )


def _bare(text: str) -> str:
    """Return a text without case and marks: what differs in these alone was not changed."""
    return "".join(each for each in text.casefold() if each.isalnum())


def _changed(revisions: Sequence[Revision]) -> dict[WordId, str]:
    """Return what words said before; of several changes the first counts."""
    found: dict[WordId, str] = {}
    for revision in revisions:
        if _bare(revision.before) != _bare(revision.after):
            for word in revision.words:
                found.setdefault(word, revision.before)
    return found
