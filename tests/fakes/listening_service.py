"""A microphone without sound: the test says what is heard, and what goes wrong."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from app.domain.audio import ONE, SAMPLE_RATE, Gap, GapReason, InputDevice, Level, Sides
from app.domain.events import (
    Bookmarked,
    DictationChanged,
    GapNoted,
    LevelMeasured,
    PartialHeard,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    WordsCommitted,
)
from app.domain.ids import RecordingId, SegmentId, VisitId, WordId, new_id
from app.domain.transcript import Segment, SpeakerRole, Word
from app.domain.visit import ConsentGranted, VisitState
from tests.fakes.visits import SOAP
from tests.fakes.world import World, given


class FakeListening:
    """A microphone without sound: the test says what is heard."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.current: VisitId | None = None
        self.recording = RecordingId("")
        self.samples = 0
        self.starts: list[str] = []
        self.is_dictation = False
        self.sides: Sides = ONE
        self.armed: VisitId | None = None
        self.arms: list[str] = []
        self.transcribing: VisitId | None = None
        self._words = 0

    def withdraw(self, visit: VisitId) -> Future[None]:
        def work() -> None:
            shelf = self.world.shelf(visit)
            shelf.segments.clear()
            shelf.draft = None
            shelf.visit = replace(shelf.visit, consent=None)
            self.transcribing = None
            if self.current == visit:
                self.current = None
                self.world.post.publish(RecordingFinished(self.recording, self.samples))
            self.world.move(visit, VisitState.PLANNED)

        return given(work)

    def devices(self) -> Future[tuple[InputDevice, ...]]:
        return given(
            lambda: (
                InputDevice("usb", "Desk microphone (USB)", 1, 48_000, is_default=True),
                InputDevice("array", "Built-in microphone array", 2, 44_100),
            )
        )

    def arm(
        self, granted: ConsentGranted, device: str = "", sides: Sides = ONE
    ) -> Future[RecordingId]:
        self.sides = sides
        self.arms.append(device)
        self.armed = granted.visit
        return given(lambda: RecordingId(new_id()))

    def disarm(self) -> None:
        self.armed = None

    def start(
        self,
        granted: ConsentGranted,
        device: str = "",
        sides: Sides = ONE,
        *,
        is_dictation: bool = False,
    ) -> Future[RecordingId]:
        self.sides = sides
        self.armed = None
        self.is_dictation = is_dictation
        self.starts.append(device)
        return given(lambda: self._open(granted))

    def start_file(
        self,
        granted: ConsentGranted,
        path: Path,
        realtime: bool = False,
        *,
        is_dictation: bool = False,
    ) -> Future[RecordingId]:
        self.is_dictation = is_dictation
        self.starts.append(f"{path} {realtime}")
        return given(lambda: self._open(granted))

    def _open(self, granted: ConsentGranted) -> RecordingId:
        self.current = self.transcribing = granted.visit
        self.recording = RecordingId(new_id())
        self.samples = 0
        return self.recording

    def sound_arrives(self) -> None:
        """The first block is on disk."""
        assert self.current is not None
        self.world.move(self.current, VisitState.RECORDING)
        self.world.post.publish(RecordingStarted(self.recording))

    def tick(self, seconds: float, dbfs: float = -18.0) -> None:
        """Sound goes on for a while."""
        self.samples += int(seconds * SAMPLE_RATE)
        level = Level(dbfs + 9, dbfs)
        self.world.post.publish(LevelMeasured(self.recording, level, self.samples))

    def words(self, text: str, doubtful: tuple[str, ...] = ()) -> tuple[Word, ...]:
        made = []
        for each in text.split():
            self._words += 1
            start = self.samples + self._words
            sure = 0.3 if each.strip(".,?") in doubtful else 0.95
            made.append(Word(WordId(f"w{self._words}"), each, start, start + 1, sure))
        return tuple(made)

    def hear(self, text: str, role: SpeakerRole, doubtful: tuple[str, ...] = ()) -> Segment:
        """Somebody says something: partial, committed, finished."""
        assert self.current is not None
        words = self.words(text, doubtful)
        post = self.world.post
        post.publish(PartialHeard(words[-2:]))
        post.publish(WordsCommitted(words))
        shelf = self.world.shelf(self.current)
        segment = Segment(
            SegmentId(str(len(shelf.segments) + 1)),
            text,
            role,
            0.9,
            words[0].start,
            words[-1].end,
            words,
        )
        shelf.segments.append(segment)
        post.publish(SegmentFinished(segment))
        return segment

    def dictate(self, *texts: str) -> None:
        """The dictated note reads so; the caret stands in the last section that has a text."""
        assert self.current is not None
        keys = [key for key, _heading in SOAP]
        sections = tuple(zip(keys, (*texts, *[""] * (len(keys) - len(texts))), strict=True))
        self.world.post.publish(DictationChanged(self.current, sections, keys[len(texts) - 1]))

    def finish_again(self, segment: Segment) -> None:
        """A segment comes again, mended by the final pass."""
        assert self.current is not None
        segments = self.world.shelf(self.current).segments
        place = next(at for at, each in enumerate(segments) if each.id == segment.id)
        segments[place] = segment
        self.world.post.publish(SegmentFinished(segment))

    def lag(self, seconds: float) -> None:
        self.world.post.publish(SpeechProgressed(self.samples, seconds))

    def pause(self) -> None:
        assert self.current is not None
        self.world.move(self.current, VisitState.PAUSED)
        self.world.post.publish(RecordingPaused(self.recording, self.samples))

    def resume(self) -> None:
        assert self.current is not None
        self.world.move(self.current, VisitState.RECORDING)
        self.world.post.publish(RecordingResumed(self.recording, self.samples))

    def off_record(self) -> None:
        assert self.current is not None
        self.world.move(self.current, VisitState.PAUSED)
        event = RecordingPaused(self.recording, self.samples, is_off_record=True)
        self.world.post.publish(event)

    def on_record(self) -> None:
        self.resume()

    def bookmark(self) -> None:
        self.world.post.publish(Bookmarked(self.recording, self.samples))

    def lose(self, seconds: float, reason: GapReason) -> None:
        """Sound is missing for a while."""
        count = int(seconds * SAMPLE_RATE)
        self.world.post.publish(GapNoted(self.recording, Gap(self.samples, count, reason)))
        self.samples += count

    def finish(self) -> None:
        assert self.current is not None
        visit, self.current = self.current, None
        self.world.move(visit, VisitState.FINISHING)
        self.world.post.publish(RecordingFinished(self.recording, self.samples))
        self.world.post.publish(SpeechFinished(self.samples))
        self.transcribing = None
        self.world.move(visit, VisitState.DRAFTING)
