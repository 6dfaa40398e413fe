"""The window's services in memory: same shapes, same errors, and a state; no engine, no disk.

Events are published as the real services publish them. What a microphone and two engines would
do is told by the test: `listening.hear(...)`, `note_making.write(...)`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from app.domain.audio import SAMPLE_RATE, InputDevice, Level
from app.domain.draft import (
    Claim,
    Draft,
    Finding,
    FindingKind,
    Omission,
    Owner,
    Section,
    Support,
)
from app.domain.errors import (
    AppError,
    ConsentMissingError,
    LockedError,
    NotFoundError,
    ReauthenticationError,
    SigningBlockedError,
    ThrottledError,
    WeakPasswordError,
    WrongPasswordError,
    WrongPatientError,
)
from app.domain.events import (
    ClaimWritten,
    DraftEdited,
    DraftFinished,
    DraftStarted,
    LevelMeasured,
    PartialHeard,
    RecordingFinished,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
    SectionFinished,
    SegmentFinished,
    SpeechFinished,
    SpeechProgressed,
    VisitAdvanced,
    WordsCommitted,
)
from app.domain.ids import (
    ClaimId,
    ConsentId,
    DraftId,
    ModelId,
    NoteId,
    PatientId,
    RecordingId,
    SegmentId,
    TemplateId,
    UserId,
    VisitId,
    WordId,
    new_id,
)
from app.domain.note import Attestation, NoteVersion
from app.domain.people import Account, AccountRole
from app.domain.policy import Policy
from app.domain.ports import ModelCard, Post
from app.domain.review import Decision, Verdict, open_claims
from app.domain.store_ports import VisitSummary
from app.domain.transcript import Segment, SpeakerRole, Transcript, Word
from app.domain.visit import (
    Consent,
    ConsentGranted,
    ConsentManner,
    ConsentScript,
    Identifier,
    Patient,
    Person,
    Sex,
    Visit,
    VisitClass,
    VisitState,
)
from app.foundation.bus import Bus
from app.workflow.administration import DoctorReport, Machine, ModelRow
from app.workflow.drafts import empty_draft, typed_claim, with_added, with_claim
from app.workflow.recovery import Recoverable
from app.workflow.reviewing import OpenItems
from app.workflow.services import Services
from app.workflow.visiting import ConsentText, VisitRecord

R = TypeVar("R")
PASSWORD = "correct horse battery staple"
RECOVERY_KEY = "7KQ2P-M4XCD-9TRFA-HWZ3B-E6NYV-5GJ8S"
SOAP = (
    ("subjective", "Subjective"),
    ("objective", "Objective"),
    ("assessment", "Assessment"),
    ("plan", "Plan"),
)
NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)


def given(work: Callable[[], R]) -> Future[R]:
    """Return a future that is done already, as `work` ended."""
    future: Future[R] = Future()
    try:
        future.set_result(work())
    except AppError as error:
        future.set_exception(error)
    return future


@dataclass
class Shelf:
    """One visit and all that belongs to it."""

    visit: Visit
    segments: list[Segment] = field(default_factory=list)
    draft: Draft | None = None
    earlier: list[Draft] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    versions: list[NoteVersion] = field(default_factory=list)
    consent: Consent | None = None

    @property
    def record(self) -> VisitRecord:
        return VisitRecord(
            self.visit,
            Transcript(tuple(self.segments)),
            self.draft,
            tuple(self.decisions),
            frozenset(self.seen),
            tuple(self.versions),
        )


@dataclass
class World:
    """What all fake services share."""

    post: Post
    account: Account | None = None
    accounts: dict[UserId, Account] = field(default_factory=dict)
    passwords: dict[UserId, str] = field(default_factory=dict)
    shelves: dict[VisitId, Shelf] = field(default_factory=dict)
    interrupted: list[Recoverable] = field(default_factory=list)
    exports: list[tuple[str, str]] = field(default_factory=list)

    def shelf(self, visit: VisitId) -> Shelf:
        if self.account is None:
            raise LockedError
        if visit not in self.shelves:
            raise NotFoundError("visit")
        return self.shelves[visit]

    def move(self, visit: VisitId, state: VisitState) -> None:
        shelf = self.shelf(visit)
        shelf.visit = shelf.visit.moved_to(state)
        self.post.publish(VisitAdvanced(visit, state))


class FakeUnlocking:
    def __init__(self, world: World) -> None:
        self.world = world
        self.failures = 0

    @property
    def account(self) -> Account | None:
        return self.world.account

    def accounts(self) -> Future[tuple[Account, ...]]:
        return given(lambda: tuple(self.world.accounts.values()))

    def create(self, name: str, password: str) -> Future[str]:
        def work() -> str:
            if len(password) < Policy().min_password:
                raise WeakPasswordError("short", Policy().min_password)
            self.world.account = self.add(name, password)
            return RECOVERY_KEY

        return given(work)

    def add(self, name: str, password: str = PASSWORD) -> Account:
        account = Account(UserId(new_id()), name, frozenset(AccountRole))
        self.world.accounts[account.uid] = account
        self.world.passwords[account.uid] = password
        return account

    def unlock(self, uid: UserId, password: str) -> Future[Account]:
        def work() -> Account:
            if self.failures >= 3:
                self.failures = 0
                raise ThrottledError(8)
            if self.world.passwords[uid] != password:
                self.failures += 1
                raise WrongPasswordError
            self.failures = 0
            self.world.account = self.world.accounts[uid]
            return self.world.account

        return given(work)

    def recover(self, uid: UserId, recovery_key: str, new_password: str) -> Future[Account]:
        assert recovery_key == RECOVERY_KEY
        self.world.passwords[uid] = new_password
        return self.unlock(uid, new_password)

    def lock(self) -> Future[None]:
        self.world.account = None
        return given(lambda: None)


class FakeVisiting:
    def __init__(self, world: World) -> None:
        self.world = world

    def visits(self, query: str = "") -> Future[tuple[VisitSummary, ...]]:
        wanted = query.lower()

        def work() -> tuple[VisitSummary, ...]:
            if self.world.account is None:
                raise LockedError
            rows = []
            for shelf in reversed(self.world.shelves.values()):
                patient = shelf.visit.patient
                words = " ".join((patient.display, *(each.value for each in patient.identifiers)))
                if wanted in words.lower():
                    made = VisitSummary(shelf.visit, shelf.draft is not None, len(shelf.versions))
                    rows.append(made)
            return tuple(rows)

        return given(work)

    def patients(self, query: str) -> Future[tuple[Patient, ...]]:
        found = [each.visit.patient for each in self.world.shelves.values()]
        return given(lambda: tuple(each for each in found if query in each.display))

    def plan(
        self, patient: Patient, visit_class: VisitClass = VisitClass.AMBULATORY
    ) -> Future[Visit]:
        visit = Visit(VisitId(new_id()), patient, NOW, visit_class=visit_class)
        self.world.shelves[visit.id] = Shelf(visit)
        return given(lambda: visit)

    def open(self, visit: VisitId) -> Future[VisitRecord]:
        return given(lambda: self.world.shelf(visit).record)

    def script(self) -> ConsentText:
        text = (
            "May I record our talk to help write your note? A computer program on this "
            "workstation writes down what we say and drafts the note; I check every line. "
            "Nothing leaves this workstation. You can say no, or ask me to stop or to leave "
            "something out at any time."
        )
        digest = hashlib.sha256(text.encode()).hexdigest()
        return ConsentText(ConsentScript("built-in", 1, digest), text)

    def grant(
        self, visit: VisitId, asked_by: str, manner: ConsentManner, present: tuple[Person, ...]
    ) -> Future[ConsentGranted]:
        def work() -> ConsentGranted:
            shelf = self.world.shelf(visit)
            shelf.consent = Consent(
                ConsentId(new_id()),
                visit,
                shelf.visit.patient.id,
                asked_by,
                NOW,
                manner,
                self.script().script,
                present,
            )
            granted = ConsentGranted.from_committed(shelf.consent)
            shelf.visit = replace(shelf.visit, consent=shelf.consent.id)
            if shelf.visit.state is VisitState.PLANNED:
                self.world.move(visit, VisitState.CONSENTED)
            return granted

        return given(work)

    def granted(self, visit: VisitId) -> Future[ConsentGranted]:
        def work() -> ConsentGranted:
            consent = self.world.shelf(visit).consent
            if consent is None:
                raise ConsentMissingError
            return ConsentGranted.from_committed(consent)

        return given(work)

    def discard(self, visit: VisitId) -> Future[None]:
        return given(lambda: self.world.move(visit, VisitState.DISCARDED))

    def type_note(self, visit: VisitId) -> Future[VisitRecord]:
        def work() -> VisitRecord:
            shelf = self.world.shelf(visit)
            shelf.draft = shelf.draft or empty_draft(visit, NOW, TemplateId("soap"), SOAP)
            self.world.move(visit, VisitState.IN_REVIEW)
            return shelf.record

        return given(work)


class FakeListening:
    """A microphone without sound: the test says what is heard."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.current: VisitId | None = None
        self.recording = RecordingId("")
        self.samples = 0
        self.starts: list[str] = []
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

    def start(self, granted: ConsentGranted, device: str = "") -> Future[RecordingId]:
        self.starts.append(device)
        return given(lambda: self._open(granted))

    def start_file(
        self, granted: ConsentGranted, path: Path, realtime: bool = False
    ) -> Future[RecordingId]:
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

    def finish(self) -> None:
        assert self.current is not None
        visit, self.current = self.current, None
        self.world.move(visit, VisitState.FINISHING)
        self.world.post.publish(RecordingFinished(self.recording, self.samples))
        self.world.post.publish(SpeechFinished(self.samples))
        self.transcribing = None
        self.world.move(visit, VisitState.DRAFTING)


class FakeNoteMaking:
    """A note writer that writes what the test dictates."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[tuple[VisitId, str]] = []
        self.cancelled = 0

    def draft(self, visit: VisitId, engine: str = "") -> None:
        self.asked.append((visit, engine))

    def cancel(self) -> None:
        self.cancelled += 1

    def begin(self, visit: VisitId, engine: str = "smollm2-135m") -> None:
        sections = tuple(Section(key, heading) for key, heading in SOAP)
        self.world.post.publish(DraftStarted(visit, engine, sections))

    def write(self, visit: VisitId, draft: Draft) -> None:
        """Write a whole draft, claim by claim, and hand it to review."""
        for section in draft.sections:
            for claim in section.claims:
                self.world.post.publish(ClaimWritten(visit, section.key, claim))
            self.world.post.publish(SectionFinished(visit, section))
        self.world.shelf(visit).draft = draft
        self.world.post.publish(DraftFinished(visit, draft, draft.omissions))
        self.world.move(visit, VisitState.IN_REVIEW)


class FakeNoteEditing:
    def __init__(self, world: World) -> None:
        self.world = world

    def edit(self, visit: VisitId, claim: ClaimId, text: str) -> Future[Draft]:
        def mend(each: Claim) -> Claim:
            return replace(
                each, text=text, owner=Owner.CLINICIAN, support=Support.CLINICIAN, findings=()
            )

        return self._change(visit, lambda draft: with_claim(draft, claim, mend), claim)

    def add(
        self,
        visit: VisitId,
        section: str,
        text: str,
        evidence: tuple[SegmentId, ...] = (),
        after: ClaimId | None = None,
    ) -> Future[Draft]:
        claim = typed_claim(text, evidence)
        return self._change(visit, lambda draft: with_added(draft, section, claim, after), claim.id)

    def remove(self, visit: VisitId, claim: ClaimId) -> Future[Draft]:
        return self._change(
            visit, lambda draft: with_claim(draft, claim, lambda _each: None), claim
        )

    def undo(self, visit: VisitId) -> Future[Draft]:
        def work() -> Draft:
            shelf = self.world.shelf(visit)
            if not shelf.earlier:
                raise NotFoundError("edit")
            shelf.draft = shelf.earlier.pop()
            self.world.post.publish(DraftEdited(visit, shelf.draft))
            return shelf.draft

        return given(work)

    def _change(
        self, visit: VisitId, change: Callable[[Draft], Draft], claim: ClaimId
    ) -> Future[Draft]:
        def work() -> Draft:
            shelf = self.world.shelf(visit)
            if shelf.draft is None:
                raise NotFoundError("draft")
            draft = change(shelf.draft)
            shelf.earlier.append(shelf.draft)
            shelf.draft = draft
            self.world.post.publish(DraftEdited(visit, draft, claim))
            return draft

        return given(work)


class FakeReviewing:
    def __init__(self, world: World) -> None:
        self.world = world

    def accept(self, visit: VisitId, claim: ClaimId) -> Future[OpenItems]:
        self.world.shelf(visit).decisions.append(Decision(claim, Verdict.ACCEPTED, NOW))
        return self.open_items(visit)

    def see(self, visit: VisitId, section: str) -> Future[OpenItems]:
        self.world.shelf(visit).seen.add(section)
        return self.open_items(visit)

    def open_items(self, visit: VisitId) -> Future[OpenItems]:
        def work() -> OpenItems:
            shelf = self.world.shelf(visit)
            if shelf.draft is None:
                return OpenItems((), ())
            done = {each.claim for each in shelf.decisions}
            unseen = tuple(each.key for each in shelf.draft.sections if each.key not in shelf.seen)
            return OpenItems(open_claims(shelf.draft, done), unseen)

        return given(work)


class FakeSigning:
    attestation = (
        "I have read this note. It says what was said and done in this visit, and I am "
        "responsible for it. It was drafted with AI assistance."
    )

    def __init__(self, world: World, reviewing: FakeReviewing) -> None:
        self.world = world
        self.reviewing = reviewing
        self.needs_password = False

    def sign(self, visit: VisitId, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        def work() -> NoteVersion:
            shelf, account = self.world.shelf(visit), self.world.account
            assert account is not None
            assert shelf.draft is not None
            if shelf.visit.patient.id != banner:
                raise WrongPatientError
            items = self.reviewing.open_items(visit).result()
            if not items.is_clear:
                raise SigningBlockedError(len(items.claims), len(items.unseen))
            if self.needs_password and not password:
                raise ReauthenticationError
            if self.needs_password and password != self.world.passwords[account.uid]:
                raise WrongPasswordError
            attestation = Attestation(
                account.uid, account.name, NOW, self.attestation, "0" * 64, b"", b""
            )
            version = NoteVersion(
                NoteId(new_id()),
                1,
                visit,
                banner,
                shelf.draft,
                tuple(shelf.decisions),
                shelf.visit.consent,
                attestation,
            )
            shelf.versions.append(version)
            self.world.move(visit, VisitState.SIGNED)
            return version

        return given(work)


class FakeExporting:
    formats = ("text", "fhir_bundle", "fhir_docref")

    def __init__(self, world: World) -> None:
        self.world = world

    def text(self, visit: VisitId, banner: PatientId, section: str = "") -> Future[str]:
        def work() -> str:
            shelf = self.world.shelf(visit)
            if shelf.visit.patient.id != banner:
                raise WrongPatientError
            if shelf.draft is None:
                raise NotFoundError("draft")
            lines = [] if shelf.versions else ["DRAFT, not reviewed", ""]
            for each in shelf.draft.sections:
                if section in {"", each.key}:
                    lines += [each.heading.upper(), *(f"- {claim.text}" for claim in each.claims)]
            self.world.exports.append(("clipboard", section))
            return "\n".join(lines) + "\n"

        return given(work)

    def file(self, visit: VisitId, banner: PatientId, format: str, folder: Path) -> Future[Path]:  # noqa: A002 - as the real one
        assert self.world.shelf(visit).visit.patient.id == banner
        self.world.exports.append((format, str(folder)))
        return given(lambda: folder / f"note.{format}")


class FakeRecovery:
    def __init__(self, world: World) -> None:
        self.world = world

    def living(self) -> tuple[RecordingId, ...]:
        return tuple(each.recording for each in self.world.interrupted if each.is_living)

    def interrupted(self) -> Future[tuple[Recoverable, ...]]:
        return given(lambda: tuple(self.world.interrupted))

    def take_up(self, recording: RecordingId) -> Future[Visit]:
        found = next(each for each in self.world.interrupted if each.recording == recording)
        self.world.interrupted.remove(found)
        return given(lambda: self.world.shelf(found.visit.id).visit)


class FakeAdministration:
    def __init__(self) -> None:
        self.chosen_models: dict[str, ModelId] = {}

    def models(self) -> Future[tuple[ModelRow, ...]]:
        return given(
            lambda: (
                ModelRow(_card("whisper-base", "speech", "Whisper base"), "installed", "/models"),
                ModelRow(_card("large-v3-turbo", "speech", "Whisper large-v3 turbo"), "missing"),
                ModelRow(_card("smollm2", "notes", "SmolLM2 135M Instruct"), "installed", "/m"),
                ModelRow(_card("qwen", "notes", "Qwen 7B Instruct"), "damaged", reason="hash"),
            )
        )

    def doctor(self, has_speed: bool = True) -> Future[DoctorReport]:
        del has_speed
        machine = Machine("AMD Ryzen 5 7600", 6, True, 32_000, 410_000, ())
        device = InputDevice("usb", "Desk microphone (USB)", 1, 48_000, is_default=True)
        rows = self.models().result()
        return given(lambda: DoctorReport("0.1.0", machine, (device,), rows, ()))

    def choose(self, role: str, model: ModelId) -> None:
        self.chosen_models[role] = model

    def chosen(self, role: str) -> ModelId | None:
        return self.chosen_models.get(role)


@dataclass
class Stage:
    """The fake services and the world behind them."""

    services: Services
    world: World
    unlocking: FakeUnlocking
    visiting: FakeVisiting
    listening: FakeListening
    note_making: FakeNoteMaking
    signing: FakeSigning
    administration: FakeAdministration
    closed: list[bool] = field(default_factory=list)


def make_stage(post: Post, policy: Policy | None = None) -> Stage:
    """Return fake services around a post; connect the post's events to `services.bus`."""
    world = World(post)
    reviewing = FakeReviewing(world)
    unlocking = FakeUnlocking(world)
    visiting = FakeVisiting(world)
    listening = FakeListening(world)
    note_making = FakeNoteMaking(world)
    signing = FakeSigning(world, reviewing)
    administration = FakeAdministration()
    parts: dict[str, Any] = {
        "unlocking": unlocking,
        "visiting": visiting,
        "listening": listening,
        "note_making": note_making,
        "note_editing": FakeNoteEditing(world),
        "reviewing": reviewing,
        "signing": signing,
        "exporting": FakeExporting(world),
        "recovery": FakeRecovery(world),
        "administration": administration,
        "file_transcription": object(),
        "sample": Path("sample.flac"),
    }
    closed: list[bool] = []
    services = Services(
        bus=Bus(),
        post=post,
        policy=policy or Policy(),
        shut_down=lambda: closed.append(True),
        **cast("Any", parts),
    )
    return Stage(
        services,
        world,
        unlocking,
        visiting,
        listening,
        note_making,
        signing,
        administration,
        closed,
    )


def _card(name: str, role: str, label: str) -> ModelCard:
    return ModelCard(ModelId(name), role, label, "", "1", "MIT", "", (), 500)


# -- a visit to look at


PATIENT = Patient(
    PatientId("p1"),
    "Okafor",
    "Grace",
    date(1961, 3, 9),
    Sex.FEMALE,
    (Identifier("MRN 0048213"),),
)

TALK = (
    (SpeakerRole.CLINICIAN, "Good morning, Mrs. Okafor. What brings you in today?"),
    (SpeakerRole.PATIENT, "I have had this tightness in my chest when I climb the stairs."),
    (SpeakerRole.PATIENT, "It started about three weeks ago."),
    (SpeakerRole.CLINICIAN, "Does it go away when you rest?"),
    (SpeakerRole.PATIENT, "Yes, after five minutes or so. It goes into my left arm sometimes."),
    (SpeakerRole.CLINICIAN, "Any shortness of breath, or swelling in your legs?"),
    (SpeakerRole.PATIENT, "A little short of breath, no swelling."),
    (SpeakerRole.CLINICIAN, "What medicines do you take at the moment?"),
    (SpeakerRole.PATIENT, "Metoprolol, twenty five milligrams, twice a day, and the hydroxyzine."),
    (SpeakerRole.OTHER, "She also takes a baby aspirin in the morning."),
    (SpeakerRole.CLINICIAN, "Are you allergic to anything?"),
    (SpeakerRole.PATIENT, "Penicillin. I came out in a rash all over when I was twenty."),
    (SpeakerRole.CLINICIAN, "Your blood pressure is one forty eight over ninety two."),
    (SpeakerRole.CLINICIAN, "Heart sounds are normal, no murmur. The lungs are clear."),
    (SpeakerRole.CLINICIAN, "I would like an exercise test and a lipid panel this week."),
    (SpeakerRole.CLINICIAN, "If the pain comes at rest, call an ambulance at once."),
    (SpeakerRole.PATIENT, "All right. Should I come back after the test?"),
    (SpeakerRole.CLINICIAN, "Yes, in two weeks."),
)


def sample_segments() -> list[Segment]:
    """Return the sample talk with times and words."""
    segments = []
    at_s = 4.0
    for number, (role, text) in enumerate(TALK, start=1):
        words = []
        for place, each in enumerate(text.split()):
            start = int((at_s + place * 0.36) * SAMPLE_RATE)
            sure = 0.31 if each.startswith(("hydroxyzine", "lipid")) else 0.93
            words.append(Word(WordId(f"{number}.{place}"), each, start, start + 5_000, sure))
        segment = Segment(
            SegmentId(str(number)),
            text,
            role,
            0.9,
            int(at_s * SAMPLE_RATE),
            words[-1].end,
            tuple(words),
        )
        segments.append(segment)
        at_s += len(words) * 0.36 + 1.2
    return segments


def sample_draft(visit: VisitId) -> Draft:
    """Return a draft in which every state of a claim occurs."""
    ok, partly, no, mine = (
        Support.SUPPORTED,
        Support.PARTLY,
        Support.UNSUPPORTED,
        Support.CLINICIAN,
    )

    def claim(number: int, text: str, support: Support, *evidence: int) -> Claim:
        owner = Owner.CLINICIAN if support is mine else Owner.MODEL
        ids = tuple(SegmentId(str(each)) for each in evidence)
        return Claim(ClaimId(f"c{number}"), text, ids, support, owner)

    dose = replace(
        claim(6, "Takes metoprolol 50 mg twice daily and hydroxyzine.", no, 9),
        findings=(Finding(FindingKind.DOSE, "50 mg"),),
    )
    loose = replace(
        claim(4, "No edema, orthopnea or palpitations.", partly, 7),
        findings=(Finding(FindingKind.LOW_OVERLAP, "orthopnea"),),
    )
    invented = replace(
        claim(10, "Likely stable angina pectoris, low risk.", no),
        findings=(Finding(FindingKind.NO_EVIDENCE),),
    )
    claims = (
        (
            claim(1, "65-year-old woman with exertional chest tightness for 3 weeks.", ok, 2, 3),
            claim(2, "Resolves with rest within 5 minutes; radiates to the left arm.", ok, 4, 5),
            claim(3, "Mild dyspnea on exertion.", ok, 7),
            loose,
            claim(5, "Allergic to penicillin (rash).", ok, 12),
            dose,
        ),
        (
            claim(7, "Blood pressure 148/92.", ok, 13),
            claim(8, "Heart sounds normal, no murmur. Lungs clear.", ok, 14),
        ),
        (claim(9, "Exertional chest pain, typical features.", mine), invented),
        (
            claim(11, "Exercise stress test and lipid panel this week.", ok, 15),
            claim(12, "Call an ambulance for pain at rest.", ok, 16),
            claim(13, "Follow up in 2 weeks.", ok, 17, 18),
        ),
    )
    sections = tuple(
        Section(key, heading, rows, True, "smollm2-135m")
        for (key, heading), rows in zip(SOAP, claims, strict=True)
    )
    omissions = (
        Omission("drug", "Aspirin 81 mg in the morning", SegmentId("10"), "subjective", 3),
        Omission("instruction", "Come back after the test", SegmentId("17"), "plan", 1),
    )
    return Draft(
        DraftId("d1"),
        visit,
        TemplateId("soap"),
        sections,
        "",
        NOW,
        ModelId("smollm2-135m"),
        omissions=omissions,
    )


def fill(stage: Stage) -> VisitId:
    """Give the account a day of visits; return the one to review."""
    people = (
        ("Weber", "Jonas", date(1948, 7, 2), Sex.MALE, "MRN 0011902", VisitState.SIGNED),
        ("Nguyen", "Linh", date(1993, 12, 24), Sex.FEMALE, "MRN 0072210", VisitState.SIGNED),
        ("Haddad", "Samir", date(1979, 5, 17), Sex.MALE, "MRN 0031127", VisitState.DRAFTING),
        ("Kowalska", "Ewa", date(2019, 8, 1), Sex.FEMALE, "MRN 0090441", VisitState.CONSENTED),
        ("Baker", "Thomas", date(1955, 1, 30), Sex.MALE, "", VisitState.PLANNED),
    )
    for number, (family, given_name, born, sex, mrn, state) in enumerate(people):
        numbers = (Identifier(mrn),) if mrn else ()
        patient = Patient(PatientId(f"q{number}"), family, given_name, born, sex, numbers)
        visit = Visit(VisitId(f"v{number}"), patient, NOW.replace(hour=8 + number), state)
        stage.world.shelves[visit.id] = Shelf(visit)
    visit = Visit(VisitId("v-review"), PATIENT, NOW, VisitState.IN_REVIEW, started_at=NOW)
    shelf = Shelf(visit, sample_segments(), sample_draft(visit.id))
    stage.world.shelves[visit.id] = shelf
    return visit.id
