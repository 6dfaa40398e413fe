"""The composition root: the one place where concrete classes meet."""

from __future__ import annotations

import contextlib
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app import __version__
from app.audio.journal import JournalReader
from app.clinical.lexicon import Lexicon
from app.domain.draft import Draft
from app.domain.errors import ForbiddenByPolicyError, ModelMissingError
from app.domain.events import SpeechSpeedMeasured, TroubleArose
from app.domain.ids import ModelId, RecordingId
from app.domain.people import Clinic
from app.domain.policy import Policy
from app.domain.ports import InstalledModel, ModelsPort, Post, SpeechPlan
from app.domain.visit import Visit
from app.drafting.checker import DeterministicChecker
from app.drafting.extractive import ENGINE as EXTRACTIVE
from app.drafting.extractive import ExtractiveDrafter
from app.drafting.letters import LetterMaker
from app.drafting.omissions import OmissionFinder
from app.drafting.plain_words import PlainWords
from app.drafting.prompt import prompt_sha256
from app.drafting.routing import Router
from app.drafting.templates import Template
from app.engines import hardware
from app.engines.catalogue import Catalogue
from app.engines.hardware import Hardware
from app.engines.memory_plan import kept, plan_memory
from app.engines.notes import Notes
from app.engines.packs import Packs, Places, Trust, key_of, product_key
from app.engines.player import Player
from app.engines.recorder import AudioDecoder, Recorder, finish_living, living_recordings
from app.engines.speech import Speech
from app.engines.supervisor import child_command
from app.engines.tiers import Tiers, outlook
from app.engines.workplace import look_around
from app.export.fhir_bundle import FhirBundleExporter
from app.export.fhir_docref import FhirDocumentReferenceExporter
from app.export.files import Publisher
from app.export.layouts import load_layouts
from app.export.text import TextExporter
from app.foundation import paths
from app.foundation.bus import Bus
from app.foundation.config import Settings, read_settings
from app.foundation.crash import CrashReporter
from app.foundation.jobs import Pool
from app.foundation.log import get_logger, open_log
from app.foundation.policy_file import PolicyReading, read_policy
from app.store import accounts
from app.store.stored_accounts import StoredAccounts
from app.workflow.administration import Administration, Findings, Machine
from app.workflow.coding import Coding
from app.workflow.correcting import Correcting
from app.workflow.dictating import Dictating
from app.workflow.draft_run import Drafting, DraftSetup
from app.workflow.drafts import template_draft
from app.workflow.exporting import ExportFrame, Exporting
from app.workflow.file_transcription import FileTranscription
from app.workflow.following import Following
from app.workflow.history import History
from app.workflow.letter_writing import LetterWriting
from app.workflow.listening import Listening
from app.workflow.meanwhile import Meanwhile
from app.workflow.measuring import Measuring
from app.workflow.name_hearing import NameHearing, NameHearingSetup
from app.workflow.note_editing import NoteEditing
from app.workflow.note_making import NoteMaking
from app.workflow.playback import Playback
from app.workflow.recovery import LeaseBook, Recovery
from app.workflow.reviewing import Reviewing
from app.workflow.rewriting import Rewriting
from app.workflow.room import Room
from app.workflow.second_pass import SecondPass, SecondPassSetup
from app.workflow.services import Services
from app.workflow.session import Sessions
from app.workflow.signing import Signing
from app.workflow.teaching import Teaching
from app.workflow.templating import Templating
from app.workflow.transcribing import SpeechSetup, Transcribing, TranscriptionJob
from app.workflow.two_microphones import TwoMicrophones
from app.workflow.unlocking import Unlocking
from app.workflow.visiting import Visiting
from app.workflow.voice_learning import VoiceLearner

if TYPE_CHECKING:
    from app.clinical.suggestions import Suggester
    from app.workflow.evaluating import Evaluating

STARTER: Final = "starter"
PART_ON_CPU: Final = 2_048
"""Tokens of transcript, about 9 minutes of talk, that a CPU reads as one (decision 021)."""
ENGINE_SHARE: Final = 0.6
"""Part of the memory that the notes model may take; the rest is the EHR's and the system's."""
VISIT_MINUTES: Final = 15
"""Length of visit that expected waits are told for."""
BACKGROUND_SILENCE_S: Final = 600.0
"""A child of the lowest priority may stand still while everything else works."""
SAMPLE: Final = "samples/back_pain_visit.flac"
TEMPLATES: Final = "templates"
CODES: Final = "icd10cm/codes.tsv.xz"


def build_window(post: Post) -> Services:
    """Build the app for the window. The courier's events go to `services.bus`."""
    return build(post, Bus())


def build(post: Post, bus: Bus, *, is_demo: bool = False) -> Services:
    """Build the app. Nothing slow happens here: engines start when they are needed.

    Args:
        post: the way home for futures and events.
        bus: where events are subscribed to.
        is_demo: in a throw-away profile.

    Raises:
        ForbiddenByPolicyError: a throw-away profile where policy forbids it.
        FileAccessError, DiskFullError: the profile cannot be made.
        TemplateError, CatalogueError: the product is damaged.
    """
    profile = _open_profile(post, is_demo=is_demo)
    room = Room(bus, post, Sessions(), Pool(), profile.policy)
    templating = Templating(
        room,
        paths.resources() / TEMPLATES,
        functools.partial(paths.template_folder, profile.root),
        profile.settings.note_template,
    )
    engines = _Engines(room, profile, templating, is_demo=is_demo)
    people = StoredAccounts(profile.root, profile.policy.min_password)
    unlocking = Unlocking(people, room.sessions, room.pool)
    recovery = Recovery(room, people, LeaseBook(living_recordings, finish_living), engines.hearing)
    editing = NoteEditing(post, room.sessions)
    signing = Signing(post, room.sessions, unlocking, profile.policy)
    exporters = (TextExporter(), FhirBundleExporter(), FhirDocumentReferenceExporter())
    frame = ExportFrame(profile.clinic, is_demo=is_demo)
    playback = Playback(room, Player(post.publish), JournalReader)
    publisher = Publisher(profile.root, profile.policy.export_patient_in_filename)

    def shut_down() -> None:
        engines.administration.leave_room()
        engines.listening.close()
        engines.second_pass.close()
        playback.close()
        engines.hearing.close()
        engines.note_making.close()
        room.pool.close()
        unlocking.close()
        profile.leave.close()

    return Services(
        bus=bus,
        post=post,
        policy=profile.policy,
        unlocking=unlocking,
        templating=templating,
        visiting=Visiting(post, room.sessions, functools.partial(_blank, templating)),
        listening=engines.listening,
        note_making=engines.note_making,
        note_editing=editing,
        following=Following(room, engines.drafting.setup, editing),
        history=History(room.sessions),
        rewriting=Rewriting(room, engines.drafting, engines.note_making, editing),
        reviewing=Reviewing(room.sessions),
        signing=signing,
        letter_writing=LetterWriting(room, templating, signing, engines.letter_tools),
        coding=Coding(
            room, editing, paths.resources() / CODES, is_on=profile.settings.code_look_up
        ),
        exporting=Exporting(
            room,
            {each.format: each for each in exporters},
            publisher,
            frame,
            load_layouts(paths.resources() / "ehr"),
        ),
        recovery=recovery,
        administration=engines.administration,
        correcting=Correcting(
            room,
            lambda segment, terms: engines.suggester().suggest(segment, terms),
            engines.name_hearing.improved,
        ),
        dictating=Dictating(
            room,
            engines.hearing,
            lambda id_: [(each.key, each.heading) for each in templating.load(id_).sections],
        ),
        teaching=Teaching(room, VoiceLearner(room, engines.hearing), engines.files),
        second_pass=engines.second_pass,
        file_transcription=FileTranscription(
            room.pool, engines.files, functools.partial(Speech, measures=False), post.publish
        ),
        playback=playback,
        evaluating=engines.evaluating,
        sample=paths.resources() / SAMPLE,
        shut_down=shut_down,
        is_demo=is_demo,
        policy_reading=profile.reading,
    )


@dataclass(frozen=True, slots=True)
class _Profile:
    """Whose data. `leave` gives everything back in the end."""

    root: Path
    settings: Settings
    policy: Policy
    clinic: Clinic
    leave: contextlib.ExitStack
    reading: PolicyReading


def _open_profile(post: Post, *, is_demo: bool) -> _Profile:
    reading = read_policy()
    policy = reading.policy
    if trouble := policy_trouble(reading):
        get_logger().warning("policy_rejected", code=reading.trouble)
        post.publish(trouble)
    leave = contextlib.ExitStack()
    if is_demo:
        if not policy.demo_allowed:
            raise ForbiddenByPolicyError("demo.allowed")
        root = leave.enter_context(paths.throwaway_root())
        return _Profile(root, Settings(), policy, Clinic("demo", "Demo Clinic"), leave, reading)
    root = paths.private_folder(paths.root())
    logs = paths.private_folder(paths.log_folder(root))
    open_log(logs)
    crash = CrashReporter(logs, __version__)
    crash.install()
    leave.callback(crash.uninstall)
    settings = read_settings(paths.config_folder() / "settings.toml").settings
    known = accounts.clinic(root)
    name = settings.clinic_name or known.name
    clinic = Clinic(known.id or settings.clinic_id or name, name)
    return _Profile(root, settings, policy, clinic, leave, reading)


class _Engines:
    """Everything that runs children or models, wired together."""

    def __init__(
        self, room: Room, profile: _Profile, templating: Templating, *, is_demo: bool
    ) -> None:
        self.files = AudioDecoder()
        models = Catalogue(paths.catalogue(), paths.model_folders())
        machine = hardware.look()
        tiers = Tiers(lambda: models.installed("speech"), machine)
        self._chooser = _Chooser(models, profile.settings, machine, tiers, is_demo)
        recorder = Recorder(room.post.publish, self._on_audio)
        self.administration = Administration(
            room,
            models,
            Findings(
                __version__,
                lambda: _machine(self._chooser.hardware, profile.root),
                recorder.devices,
                self._chooser.default,
                lambda: outlook(tiers.tier(), VISIT_MINUTES),
                lambda: look_around(profile.root),
                recorder.listen_around,
                recorder.hear_voice,
                None if is_demo else paths.log_folder(profile.root),
            ),
            Measuring(self.files, str(paths.resources() / SAMPLE), Speech, Notes, tiers.note),
            _packs(models, profile.policy),
        )
        lexicon = Lexicon.load(paths.resources() / "lexicons")
        setup = SpeechSetup(
            Speech(room.post.publish, held_words=lexicon.drug_names),
            JournalReader,
            self._speech_model,
            self.administration.voice_model,
            self._smaller,
            self._hear_again,
        )
        room.bus.subscribe(SpeechSpeedMeasured, self._chooser.tiers.note)
        self.hearing = Transcribing(room, setup)
        self.listening = Listening(room, recorder, self.hearing)
        self.suggester = functools.cache(_suggester)
        self.name_hearing = NameHearing(
            room, self.hearing, NameHearingSetup(self.suggester, JournalReader, self._is_idle)
        )
        TwoMicrophones(room, self.listening.clinician, lambda: self.hearing.visit)
        self.drafting = Drafting(room, self._draft_setup(room, templating, lexicon))
        meanwhile = Meanwhile(
            room,
            self.drafting.setup,
            lambda: self.hearing.visit,
            lambda: self.hearing.dictated is not None,
        )
        self.note_making = NoteMaking(room, self.drafting, meanwhile)
        self.note_making.has_consent_line = profile.settings.consent_line
        self.letter_tools = functools.cache(functools.partial(_letter_tools, lexicon))
        self.evaluating = functools.partial(self._evaluating, room, templating, lexicon)
        self.second_pass = SecondPass(
            room,
            SecondPassSetup(
                _background_speech,
                JournalReader,
                self._second_model,
                self._is_idle,
            ),
        )
        room.sessions.on_leave(self.second_pass.close)

    def _on_audio(self, recording: RecordingId, at_sample: int, pcm: bytes) -> None:
        self.hearing.offer(recording, at_sample, pcm)

    def _speech_model(self, plan: SpeechPlan) -> InstalledModel:
        """Return the chosen model, or the best for the language when it does not know that."""
        chosen = self.administration.chosen("speech") or self._chooser.settings.speech_model
        if chosen:
            found = self._chooser.models.find(ModelId(chosen))
            if found.card.knows(plan.language):
                return found
        return self._chooser.speech(is_live=plan.is_live, language=plan.language)

    def _smaller(self, failed: InstalledModel, language: str) -> tuple[InstalledModel, int] | None:
        """Return what takes over from a speech model that keeps dying, and the wait it brings."""
        tiers = self._chooser.tiers
        found = tiers.instead(failed, language)
        return (found, round(tiers.wait_s(found, VISIT_MINUTES))) if found is not None else None

    def _second_model(self, language: str) -> InstalledModel | None:
        """Return the model of the second pass: what differs is judged by rules for English."""
        return self._chooser.tiers.tier(language).second if language == "en" else None

    def _hear_again(self, job: TranscriptionJob) -> None:
        self.second_pass.add(job)

    def _is_idle(self) -> bool:
        is_busy = self.listening.current or self.hearing.visit or self.note_making.visit
        return not is_busy

    def _notes_model(self, engine: str) -> InstalledModel:
        model = self.administration.model_for("notes", engine)
        memory_mb = self._chooser.hardware.memory_mb
        how = kept(plan_memory(self._chooser.default("speech"), model, memory_mb))
        window = min(model.card.context, how.window)
        return replace(model, card=replace(model.card, context=window, cache=how.cache))

    def _notes_identity(self, engine: str, template: Template) -> str:
        """Return a hash over what the notes of an engine, and the checks on them, depend on."""
        parts = [__version__, engine, prompt_sha256(template)]
        if engine != EXTRACTIVE:
            card = self._notes_model(engine).card
            parts += [card.sha256, str(card.context), card.cache]
        digest = hashlib.sha256("\0".join(parts).encode())
        for path in sorted((paths.resources() / "lexicons").iterdir()):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _evaluating(self, room: Room, templating: Templating, lexicon: Lexicon) -> Evaluating:
        from app.drafting.measures.scoring import Scorer  # noqa: PLC0415 - not at every start
        from app.workflow.evaluating import Evaluating, EvaluationSetup  # noqa: PLC0415

        return Evaluating(
            room,
            EvaluationSetup(
                Scorer(lexicon, DeterministicChecker(lexicon)),
                self.note_making.draft_transcript,
                lambda engine, id_: self._notes_identity(engine, templating.load(id_)),
            ),
        )

    def _draft_setup(self, room: Room, templating: Templating, lexicon: Lexicon) -> DraftSetup:
        lexicons = paths.resources() / "lexicons"
        return DraftSetup(
            notes=Notes(room.post.publish, gpu_layers=-1 if self._chooser.hardware.gpus else 0),
            templates=templating.load,
            extractive=ExtractiveDrafter(lexicon, Router.load(lexicons / "sections.json")),
            checker=DeterministicChecker(lexicon),
            omissions=OmissionFinder(lexicon).find,
            model=self._notes_model,
            speech=lambda: self.hearing.model,
            preferred=lambda: self.administration.chosen("notes") or "",
            part_tokens=0 if self._chooser.hardware.gpus else PART_ON_CPU,
        )


@dataclass(frozen=True, slots=True)
class _Chooser:
    """Which model this machine should use when nobody said.

    The starter notes model is never chosen by itself, but for the demonstration: it writes what
    nobody said, and quoting is the better note (decision 011).
    """

    models: ModelsPort
    settings: Settings
    hardware: Hardware
    tiers: Tiers
    is_demo: bool

    def default(self, role: str) -> InstalledModel | None:
        """Return the model for whole recordings, or for notes; None when there is none."""
        named = self.settings.speech_model if role == "speech" else self.settings.notes_model
        if named:
            return self.models.find(ModelId(named))
        if role == "notes":
            return self._notes()
        try:
            return self.speech(is_live=False)
        except ModelMissingError:
            return None

    def speech(self, *, is_live: bool, language: str = "en") -> InstalledModel:
        """Return the speech model.

        Raises:
            ModelMissingError: none is installed.
        """
        if is_live:
            return self.tiers.tier(language).live
        installed = self.models.installed("speech")
        has_gpu = bool(self.hardware.gpus)
        cores = self.hardware.cores
        return hardware.choose_speech(
            installed, cores, is_live=is_live, has_gpu=has_gpu, language=language
        )

    def _notes(self) -> InstalledModel | None:
        room_mb = self.hardware.memory_mb * ENGINE_SHARE
        fitting = [
            each
            for each in self.models.installed("notes")
            if each.card.memory_mb <= room_mb and (self.is_demo or each.card.tier != STARTER)
        ]
        return max(fitting, key=lambda each: each.card.memory_mb, default=None)


def _blank(templating: Templating, visit: Visit, at: datetime) -> Draft:
    """Return an empty draft of the visit's template."""
    return template_draft(visit.id, at, templating.load(visit.template))


def _letter_tools(lexicon: Lexicon) -> tuple[LetterMaker, PlainWords]:
    lexicons = paths.resources() / "lexicons"
    maker = LetterMaker(lexicon, Router.load(lexicons / "sections.json"))
    return maker, PlainWords.load(lexicons / "plain_words.tsv")


def _background_speech(publish: Callable[[object], object]) -> Speech:
    """Build a speech port whose child steps back behind everything else."""
    command = child_command("speech", "--background")
    return Speech(publish, command, silence_s=BACKGROUND_SILENCE_S, measures=False)


def policy_trouble(reading: PolicyReading) -> TroubleArose | None:
    """Return what to tell everybody when the clinic's policy was rejected and strict rules hold."""
    if reading.source != "strict":
        return None
    return TroubleArose("policy_rejected", (("key", reading.trouble),))


def _packs(models: ModelsPort, policy: Policy) -> Packs:
    own, shared = paths.model_folders()[0], paths.shared_models()
    trust = Trust(
        product_key(paths.product_key()),
        tuple(map(key_of, policy.models_keys)),
        frozenset(policy.models_allow),
    )
    return Packs(models, Places(own, shared, paths.pack_root()), trust, __version__)


def _suggester() -> Suggester:
    """Read the tables of what finds doubtful drug words; done when the first are looked for."""
    from app.clinical.suggestions import Suggester  # noqa: PLC0415 - not at every start

    return Suggester.load(paths.resources() / "lexicons")


def _machine(found: Hardware, root: Path) -> Machine:
    return Machine(
        found.cpu,
        found.cores,
        "avx2" in found.flags,
        found.memory_mb,
        hardware.free_disk(root) >> 20,
        found.gpus,
    )
