"""What the packages promise each other. `bootstrap` passes the real things to constructors.

Paths are plain strings here, because the domain does no I/O. Methods marked "lane" block and
run on the lane of their database; those marked "any thread" return at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from app.domain.audio import Gap, InputDevice, MarkKind, Span, Stretch
from app.domain.draft import Claim
from app.domain.ids import (
    ModelId,
    RecordingId,
    RecordingKeyId,
    UserId,
    VisitId,
)
from app.domain.note import ExportNote
from app.domain.transcript import Transcript
from app.domain.visit import ConsentGranted
from app.domain.vocabulary import Replacement

R = TypeVar("R")


class Post(Protocol):
    """The one way home to the main thread."""

    def publish(self, event: object) -> None:
        """Hand an event to the main thread. Any thread."""

    def deliver(
        self,
        future: Future[R],
        owner: object,
        done: Callable[[R], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        """Call `done` or `failed` on the main thread. Main thread only."""


# -- sound


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """All the recorder needs for one part of a recording. It holds no secret.

    Attributes:
        folder: the owner's audio folder.
        public_key: X25519 key of this recording, 32 bytes.
        device: stable name of a microphone; empty = the default one.
        file: path of an audio file to record from instead of a microphone.
        realtime: play the file at the speed of talk instead of as fast as possible.
        at_sample: where this part begins on the audio clock.
        origin: where the first part began: behind the recordings that the visit has already.
        alone_minutes: how long the recorder may go on without the app.
        channels: 2 keeps the two channels of the device apart: one microphone each.
        is_armed: open the device, keep the last 2 s in memory and nothing on disk, until `go`.
        pace: with `realtime`, how much faster than talk a file is played; for tests of endurance.
    """

    recording: RecordingId
    part: int
    owner: UserId
    key: RecordingKeyId
    public_key: bytes
    folder: str
    device: str = ""
    file: str = ""
    realtime: bool = False
    at_sample: int = 0
    origin: int = 0
    alone_minutes: int = 15
    channels: int = 1
    is_armed: bool = False
    pace: float = 1.0


class RecorderPort(Protocol):
    """The recorder child. Publishes the recorder events of `domain/events.py`."""

    def devices(self) -> tuple[InputDevice, ...]:
        """List microphones, by a short-lived process. Blocks up to some seconds: use the pool."""

    def start(self, consent: ConsentGranted, plan: RecordingPlan) -> None:
        """Start a part of a recording. `RecordingStarted` follows when sound is on disk.

        Raises:
            AlreadyRecordingError: a recording runs.
        """

    def go(self) -> None:
        """Begin an armed recording; it begins with the 2 s before this. Any thread.

        Raises:
            ChildGoneError: the microphone is closed, or being closed.
        """

    def mark(self, kind: MarkKind) -> None:
        """Pause, resume and the like, as a record in the journal. Any thread."""

    def finish(self) -> None:
        """End the recording in order. Any thread. `RecordingFinished` follows."""

    def close(self) -> None:
        """Let the child go: it finishes alone if a recording runs."""


@dataclass(frozen=True, slots=True)
class JournalAudio:
    """A verified block from a journal. `pcm` is mono s16le; interleaved where `channels` is 2."""

    at_sample: int
    pcm: bytes
    channels: int = 1


@dataclass(frozen=True, slots=True)
class JournalState:
    """What a journal on disk holds. `is_closed`: it ended in order. `torn_bytes` were dropped."""

    samples: int
    is_closed: bool
    parts: int
    gaps: tuple[Gap, ...] = ()
    torn_bytes: int = 0
    stretches: tuple[Stretch, ...] = ()


class JournalPort(Protocol):
    """Reads the sealed journals of one recording. Blocks: use the pool."""

    def read(
        self, recording: RecordingId, private_key: bytes, from_sample: int = 0
    ) -> Iterator[JournalAudio]:
        """Yield sound in order, from `from_sample` on. Stops at the first record that fails."""

    def inspect(self, recording: RecordingId, private_key: bytes) -> JournalState:
        """Verify all parts and say what they hold."""


class ErasePort(Protocol):
    """Takes spans out of a finished journal for good. Blocks: use the pool."""

    def erase(
        self, recording: RecordingId, secret: tuple[bytes, bytes], spans: tuple[Span, ...]
    ) -> None:
        """Write the journal anew without these spans; marks say that something was there.

        Args:
            recording: whose journal.
            secret: (public key, private key) of the recording.
            spans: what goes, on the audio clock.

        Raises:
            CorruptError, FileAccessError, DiskFullError: the journal is as it was.
        """


class AudioFilePort(Protocol):
    """Decodes an audio file in a leashed child."""

    def stream(self, path: str) -> Iterator[bytes]:
        """Yield 16 kHz mono s16le blocks. Blocks: use the pool.

        Raises:
            AudioFileError: empty, damaged, not audio, or m4a.
        """


@dataclass(frozen=True, slots=True)
class Playing:
    """What is to be heard: verified blocks of a journal, mono, in order.

    Attributes:
        number: counts what was asked for; a later one ends an earlier one.
    """

    number: int
    visit: VisitId
    pieces: tuple[JournalAudio, ...] = field(repr=False)


class PlayerPort(Protocol):
    """Plays sound in a leashed child. Publishes `PlaybackMoved` and `PlaybackEnded`."""

    def play(self, playing: Playing) -> None:
        """Play this, instead of what is played now. Any thread; never blocks.

        Raises:
            NoSpeakerError: the child cannot be started.
        """

    def stop(self) -> None:
        """Be silent. Any thread."""

    def close(self) -> None:
        """End the child; it gives the device back."""


# -- engines


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model: name inside its folder, size in bytes, SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """How a notes model marks who speaks: text before and after each part."""

    bos: str = ""
    system_prefix: str = ""
    system_suffix: str = ""
    user_prefix: str = ""
    user_suffix: str = ""
    assistant_prefix: str = ""
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A catalogue entry: all an engine and an auditor need to know of a model.

    Attributes:
        context: tokens of a notes model's window.
        can_judge: a notes model that was shown to tell supported claims from others.
        cache: how a notes model keeps what it has read: `f16`, or `q8_0` in half the memory.
    """

    id: ModelId
    role: str
    name: str
    maker: str
    version: str
    license: str
    source: str
    files: tuple[ModelFile, ...]
    memory_mb: int
    context: int = 0
    languages: tuple[str, ...] = ("en",)
    chat: ChatTemplate | None = None
    tier: str = ""
    can_judge: bool = False
    cache: str = "f16"

    def knows(self, language: str) -> bool:
        """Whether the model knows a language, an ISO 639-1 code."""
        return bool({language, "*"} & set(self.languages))

    @property
    def sha256(self) -> str:
        """The hash of the largest file: the weights."""
        return max(self.files, key=lambda each: each.size).sha256 if self.files else ""


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model whose files are on this machine. They are hashed when they are loaded."""

    card: ModelCard
    folder: str


class ModelsPort(Protocol):
    """The model catalogue and what of it is installed."""

    def cards(self) -> tuple[ModelCard, ...]:
        """Return all entries.

        Raises:
            CatalogueError: the catalogue cannot be read.
        """

    def installed(self, role: str = "") -> tuple[InstalledModel, ...]:
        """Return the entries whose files are here with the right sizes."""

    def find(self, model: ModelId) -> InstalledModel:
        """Return one installed model.

        Raises:
            ModelMissingError: not in the catalogue or not here.
            ModelDamagedError: a file has the wrong size.
        """

    def check(self, model: InstalledModel) -> None:
        """Hash all files. Blocks: use the pool.

        Raises:
            ModelDamagedError: a file has the wrong size or hash.
        """


@dataclass(frozen=True, slots=True)
class PackOffer:
    """A signed pack that could be installed, or was.

    Attributes:
        id: of the model in the catalogue, or of the libraries.
        kind: `speech`, `notes`, `voice`, `vad` or `gpu`.
        size: bytes on disk.
        memory_mb: what its process will need; 0 for libraries.
        folder: where it goes or went.
        is_here: whether something of that name is installed there already.
    """

    id: str
    kind: str
    name: str
    license: str
    size: int
    memory_mb: int
    folder: str
    is_here: bool


class PacksPort(Protocol):
    """Signed packs of models and libraries. Everything blocks: use the pool."""

    def look(self, path: str, *, is_shared: bool = False) -> tuple[PackOffer, ...]:
        """Return what a file or folder offers, without hashing or writing anything.

        Args:
            path: a pack, or a folder or file of several.
            is_shared: for every user of this computer.

        Raises:
            PackError: it is refused.
            FileAccessError: it cannot be read.
        """

    def verify(self, path: str) -> tuple[PackOffer, ...]:
        """Return what a file or folder offers after every file was hashed; writes nothing.

        Raises:
            PackError, FileAccessError: as `look`.
        """

    def install(self, path: str, *, is_shared: bool = False) -> tuple[PackOffer, ...]:
        """Check everything and put it into place, or leave nothing at all.

        Raises:
            PackError: it is refused.
            DiskFullError: there is no room; told before a byte is written where possible.
            FileAccessError: it cannot be read, or the folder cannot be written.
        """

    def remove(self, model: ModelId) -> None:
        """Delete a model from the first folder that holds it.

        Raises:
            ModelMissingError: it is not here.
            FileAccessError: the folder cannot be written.
        """


@dataclass(frozen=True, slots=True)
class SpeechPlan:
    """How to decode one recording.

    Attributes:
        is_live: words as they are spoken (interim decodes, agreement); else whole windows.
        hotwords: at most 20 situational terms.
        at_sample: where on the audio clock decoding begins; what came before is known.
        first_segment: number of the first segment that comes, so that ids stay unique.
        voiceprint: of the clinician, from `VoiceEnrolled`; empty = nobody is enrolled.
        speakers: how many people speak, at most; for telling voices apart.
        is_dictation: one speaker who dictates: no roles, pauses of 250 ms count.
        replacements: what the clinician wants written for what is heard.
    """

    language: str = "en"
    is_live: bool = True
    hotwords: tuple[str, ...] = field(default=(), repr=False)
    at_sample: int = 0
    first_segment: int = 1
    voiceprint: bytes = field(default=b"", repr=False)
    speakers: int = 2
    is_dictation: bool = False
    replacements: tuple[Replacement, ...] = ()


class SpeechPort(Protocol):
    """The speech child. Publishes the speech events of `domain/events.py`."""

    def load(self, model: InstalledModel, voices: InstalledModel | None = None) -> None:
        """Start the child, or restart it with another model. Any thread; `ChildReady` follows.

        Args:
            model: turns speech into words.
            voices: the model that tells speakers apart; without it roles come from words alone.
        """

    def enroll(self, pcm: bytes) -> None:
        """Learn a voice from 16 kHz mono s16le speech. Any thread; `VoiceEnrolled` follows."""

    def hear_again(self, pcm: bytes, names: tuple[str, ...], language: str) -> None:
        """Decode 16 kHz mono s16le speech with names in mind; `HeardAgain` follows. Any thread."""

    def open(self, plan: SpeechPlan) -> None:
        """Begin a recording. Any thread. After a crash the port reopens by itself."""

    def feed(self, at_sample: int, pcm: bytes) -> bool:
        """Offer sound that the journal already holds. Any thread; never blocks.

        Returns:
            False when the child is more than 10 s behind or gone: nothing was taken; offer
            the same sound again after the next `SpeechProgressed` or `ChildReady`.
        """

    def announce(self, samples: int) -> None:
        """Say how long the recording is by now, fed or not: the lag is told against it."""

    def finish(self) -> None:
        """Say that no more sound comes. The tail is decoded, `SpeechFinished` follows."""

    def close(self) -> None:
        """End the child; its memory goes back to the system."""


@dataclass(frozen=True, slots=True)
class GenerationPlan:
    """One request to a notes engine: `suffix` is evaluated after the kept prefix, then rolled back.

    Attributes:
        grammar: GBNF; empty = free text.
        max_tokens, timeout_s: budget.
    """

    request: str
    suffix: str
    grammar: str = ""
    max_tokens: int = 400
    timeout_s: float = 120.0
    stop: tuple[str, ...] = ()


class NotesPort(Protocol):
    """The notes child: an append-only prefix in the KV cache and requests after it."""

    def load(self, model: InstalledModel) -> None:
        """Start the child, or restart it with another model. Any thread; `ChildReady` follows."""

    def begin(self, prefix: str, system: str = "") -> None:
        """Start a new prefix: the system text and the beginning of the user's turn.

        What it shares with the prefix before need not be evaluated again.
        """

    def extend(self, text: str) -> None:
        """Append committed text to the prefix; `PrefixEvaluated` follows."""

    def foresee(self, suffix: str) -> None:
        """Say how the next request will probably begin, so that it is read while nothing is asked.

        Holds until the next `begin` or `generate`; empty: read nothing more.
        """

    def generate(self, plan: GenerationPlan) -> None:
        """Run one request; `TextGenerated` and `GenerationEnded` or `ChildFailed` follow."""

    def cancel(self) -> None:
        """Stop the running request within 100 ms."""

    def close(self) -> None:
        """End the child; its memory goes back to the system."""


# -- drafting


class Checker(Protocol):
    """Holds a claim against the transcript. Pure; use the pool."""

    def check(self, claim: Claim, transcript: Transcript) -> Claim:
        """Return the claim with its support, findings and, if mended, its evidence."""


# -- export


class Exporter(Protocol):
    """A pure function: the same note gives the same bytes. No clock, vault, randomness."""

    format: str
    extension: str

    def render(self, note: ExportNote) -> bytes:
        """Return the note in this format."""
