"""The window's services in memory: same shapes, same errors, and a state; no engine, no disk.

Events are published as the real services publish them. What a microphone and two engines would
do is told by the test: `listening.hear(...)`, `note_making.write(...)`.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, cast

from app.domain.audio import InputDevice, Level, RoomVoice
from app.domain.errors import (
    ConsentMissingError,
    LockedError,
    ThrottledError,
    VisitStateError,
    WeakPasswordError,
    WrongPasswordError,
    WrongPatientError,
)
from app.domain.events import PatientCorrected, RoomLevelMeasured
from app.domain.ids import (
    ConsentId,
    ModelId,
    PatientId,
    RecordingId,
    TemplateId,
    UserId,
    VisitId,
    new_id,
)
from app.domain.people import Account, AccountRole
from app.domain.policy import Policy
from app.domain.ports import ModelCard, Post
from app.domain.store_ports import VisitSummary
from app.domain.visit import (
    Consent,
    ConsentGranted,
    ConsentManner,
    ConsentScript,
    Identifier,
    Patient,
    Person,
    Sex,
    UnsignedLetter,
    Visit,
    VisitClass,
    VisitState,
)
from app.foundation.bus import Bus
from app.foundation.paths import atomic_write
from app.workflow.administration import DoctorReport, Machine, ModelRow
from app.workflow.drafts import empty_draft
from app.workflow.recovery import Recoverable
from app.workflow.services import Services
from app.workflow.visiting import ConsentText, VisitRecord
from tests.fakes.draft_services import (
    FakeCoding,
    FakeHistory,
    FakeLetterWriting,
    FakeRewriting,
)
from tests.fakes.listening_service import FakeListening
from tests.fakes.note_services import (
    FakeExporting,
    FakeNoteEditing,
    FakeNoteMaking,
    FakeReviewing,
    FakeSigning,
)
from tests.fakes.playback_service import FakePlayback
from tests.fakes.speech_services import FakeCorrecting, FakeSecondPass, FakeTeaching
from tests.fakes.template_service import FakeTemplating
from tests.fakes.visits import NOW, PATIENT, SOAP, sample_draft, sample_segments
from tests.fakes.world import PASSWORD, RECOVERY_KEY, Shelf, World, given


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

    def prove(self, password: str) -> Future[None]:
        assert self.world.account is not None
        uid, proved = self.world.account.uid, Future[None]()
        tried = self.unlock(uid, password).exception()
        if tried is None:
            proved.set_result(None)
        else:
            proved.set_exception(tried)
        return proved

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
        self,
        patient: Patient,
        visit_class: VisitClass = VisitClass.AMBULATORY,
        template: TemplateId | None = None,
    ) -> Future[Visit]:
        visit = Visit(VisitId(new_id()), patient, NOW, visit_class=visit_class, template=template)
        self.world.shelves[visit.id] = Shelf(visit)
        return given(lambda: visit)

    def set_terms(self, visit: VisitId, terms: tuple[str, ...]) -> Future[Visit]:
        def work() -> Visit:
            shelf = self.world.shelf(visit)
            shelf.visit = replace(shelf.visit, terms=terms)
            return shelf.visit

        return given(work)

    def keep_addendum(self, visit: VisitId, text: str) -> Future[Visit]:
        def work() -> Visit:
            if self.world.account is None:
                raise LockedError
            shelf = self.world.shelf(visit)
            shelf.visit = replace(shelf.visit, addendum=text)
            return shelf.visit

        return given(work)

    def keep_letter(
        self, visit: VisitId, template: TemplateId, letter: UnsignedLetter | None
    ) -> Future[Visit]:
        def work() -> Visit:
            if self.world.account is None:
                raise LockedError
            shelf = self.world.shelf(visit)
            shelf.visit = shelf.visit.with_letter(template, letter)
            return shelf.visit

        return given(work)

    def correct_patient(self, visit: VisitId, banner: PatientId, patient: Patient) -> Future[Visit]:
        def work() -> Visit:
            shelf = self.world.shelf(visit)
            if banner != shelf.visit.patient.id:
                raise WrongPatientError
            if shelf.versions:
                raise VisitStateError(VisitState.SIGNED.value, VisitState.IN_REVIEW.value)
            shelf.visit = shelf.visit.with_patient(patient, NOW)
            self.world.post.publish(PatientCorrected(visit))
            return shelf.visit

        return given(work)

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

    def dictate(self, visit: VisitId) -> Future[ConsentGranted]:
        def work() -> ConsentGranted:
            shelf = self.world.shelf(visit)
            entry = ConsentId(new_id())
            shelf.visit = replace(shelf.visit, dictation=entry)
            if shelf.visit.state is VisitState.PLANNED:
                self.world.move(visit, VisitState.CONSENTED)
            return ConsentGranted(entry, visit, shelf.visit.patient.id, is_dictation=True)

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
    def __init__(self, post: Post) -> None:
        self.chosen_models: dict[str, ModelId] = {}
        self.post = post
        self.room_of: str | None = None
        self.answer: Future[RoomVoice | None] = Future()

    def check_room(self, device: str, seconds: float = 30.0) -> Future[RoomVoice | None]:
        assert seconds == 30.0
        self.room_of, self.answer = device, Future()
        return self.answer

    def leave_room(self) -> None:
        self.room_of = None
        if not self.answer.done():
            self.answer.set_result(None)

    def speak(self, seconds: float, dbfs: float = -20.0) -> None:
        """What the microphone tells after some seconds of a room check."""
        self.post.publish(RoomLevelMeasured(Level(dbfs + 6, dbfs), seconds))

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

    def save_card(self, pdf: bytes, path: Path) -> Future[None]:
        return given(lambda: atomic_write(path, pdf))

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
    correcting: FakeCorrecting
    second_pass: FakeSecondPass
    teaching: FakeTeaching
    playback: FakePlayback
    templating: FakeTemplating
    rewriting: FakeRewriting
    letters: FakeLetterWriting
    coding: FakeCoding
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
    administration = FakeAdministration(post)
    correcting, second_pass = FakeCorrecting(world), FakeSecondPass(world)
    playback = FakePlayback(world)
    teaching, editing = FakeTeaching(world), FakeNoteEditing(world)
    templating, rewriting = FakeTemplating(world), FakeRewriting(world, editing)
    letters, coding = FakeLetterWriting(world, templating, signing), FakeCoding(editing)
    parts: dict[str, Any] = {
        "unlocking": unlocking,
        "templating": templating,
        "history": FakeHistory(world),
        "rewriting": rewriting,
        "letter_writing": letters,
        "coding": coding,
        "visiting": visiting,
        "listening": listening,
        "note_making": note_making,
        "note_editing": editing,
        "reviewing": reviewing,
        "signing": signing,
        "exporting": FakeExporting(world),
        "recovery": FakeRecovery(world),
        "administration": administration,
        "correcting": correcting,
        "second_pass": second_pass,
        "teaching": teaching,
        "dictating": object(),
        "following": object(),
        "file_transcription": object(),
        "playback": playback,
        "evaluating": object(),
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
        correcting,
        second_pass,
        teaching,
        playback,
        templating,
        rewriting,
        letters,
        coding,
        closed,
    )


def _card(name: str, role: str, label: str) -> ModelCard:
    return ModelCard(ModelId(name), role, label, "", "1", "MIT", "", (), 500)


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
