"""What is on this workstation: models, devices, speed. Main thread; slow parts are futures."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from app.domain.audio import InputDevice, Level, RoomHeard, RoomVoice
from app.domain.errors import AppError, ModelDamagedError, ModelMissingError
from app.domain.events import RoomLevelMeasured
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel, ModelCard, ModelsPort, PackOffer, PacksPort
from app.engines.memory_plan import MemoryPlan, NoteOutlook, note_outlook, plan_memory
from app.engines.tiers import Outlook
from app.engines.workplace import Check
from app.foundation import paths
from app.workflow import support
from app.workflow.measuring import EngineSpeed, Measuring
from app.workflow.room import Room

ENGINES: Final = ("speech", "notes")
"""Roles whose models are measured."""
ROOM_CHECK_S: Final = 30.0
"""PRODUCT.md, first-run guide. A voice is judged over 10 s, so three times in a check."""
LEVELS_PER_S: Final = 20
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One catalogue entry and whether it is here: `installed`, `missing` or `damaged`."""

    card: ModelCard
    state: str
    folder: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """What the workstation is. Sizes in MB; `has_avx2` decides whether engines can run."""

    cpu: str
    cores: int
    has_avx2: bool
    memory_mb: int
    free_disk_mb: int
    gpus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """What was found. `trouble` holds error codes of what did not work.

    Attributes:
        outlook: what a visit will be like here; None when no speech model is installed.
        checks: disk encryption, swap, space, clock.
        room: two seconds from the microphone; None without one, or when nothing was measured.
        memory: what speech and notes need together, of what is here.
        note: how long a note takes; None when its model was not measured.
    """

    version: str
    machine: Machine
    devices: tuple[InputDevice, ...]
    models: tuple[ModelRow, ...]
    speeds: tuple[EngineSpeed, ...]
    trouble: tuple[tuple[str, str], ...] = ()
    outlook: Outlook | None = None
    checks: tuple[Check, ...] = ()
    room: RoomHeard | None = None
    memory: MemoryPlan | None = None
    note: NoteOutlook | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """How the machine is looked at; made by bootstrap. The callables block: pool.

    Attributes:
        default: names the model of a role that this machine should use, None if none is here.
        outlook: says what a visit will be like, as far as speeds were measured.
        checks: look at disk, swap, space and clock.
        room: listens for two seconds.
        voice: listens to whoever speaks: microphone, seconds, what takes the levels, and what
            ends it early.
        logs: the folder of log and crash files; None in a throw-away profile.
    """

    version: str
    machine: Callable[[], Machine]
    devices: Callable[[], tuple[InputDevice, ...]]
    default: Callable[[str], InstalledModel | None]
    outlook: Callable[[], Outlook]
    checks: Callable[[], tuple[Check, ...]]
    room: Callable[[], RoomHeard]
    voice: Callable[[str, float, Callable[[Level], object], threading.Event], RoomVoice | None]
    logs: Path | None = None


class Administration:
    """Answers what an administrator asks. Holds no patient data."""

    def __init__(
        self,
        room: Room,
        models: ModelsPort,
        found: Findings,
        measuring: Measuring,
        packs: PacksPort,
    ) -> None:
        self._packs = packs
        self._pool, self._post = room.pool, room.post
        self._left = threading.Event()  # of the room check that runs
        self._models = models
        self._found = found
        self._measuring = measuring
        self._chosen: dict[str, ModelId] = {}

    def choose(self, role: str, model: ModelId) -> None:
        """Use this model for `speech` or `notes` from the next visit on."""
        self._chosen[role] = model

    def chosen(self, role: str) -> ModelId | None:
        """Return the model somebody chose, None if nobody did."""
        return self._chosen.get(role)

    def voice_model(self) -> InstalledModel | None:
        """Return the model that tells speakers apart, None when it is not installed."""
        return next(iter(self._models.installed("voices")), None)

    def model_for(self, role: str, given: str = "") -> InstalledModel:
        """Return the model named, else the chosen one, else the best this machine can run.

        Raises:
            ModelMissingError, ModelDamagedError, CatalogueError.
        """
        named = given or self._chosen.get(role, "")
        if named:
            found = self._models.find(ModelId(named))
        else:
            best = self._found.default(role)
            if best is None:
                raise ModelMissingError(role)
            found = best
        if found.card.role != role:
            raise ModelMissingError(named)
        return found

    def machine(self) -> Machine:
        """Return what this computer is. Blocks for a few files: not from the window's thread."""
        return self._found.machine()

    def models(self, is_thorough: bool = False) -> Future[tuple[ModelRow, ...]]:
        """Return the catalogue with what is installed; thorough also hashes every file."""
        return self._pool.submit(self._rows, is_thorough)

    def look_at_pack(self, path: str, *, is_shared: bool = False) -> Future[tuple[PackOffer, ...]]:
        """Return what a pack offers and needs, before anything is copied."""
        return self._pool.submit(functools.partial(self._packs.look, path, is_shared=is_shared))

    def verify_pack(self, path: str) -> Future[tuple[PackOffer, ...]]:
        """Hash every file of a pack; nothing is installed."""
        return self._pool.submit(self._packs.verify, path)

    def import_pack(self, path: str, *, is_shared: bool = False) -> Future[tuple[PackOffer, ...]]:
        """Install a pack for this user, or for everybody. All of it, or nothing."""
        return self._pool.submit(functools.partial(self._packs.install, path, is_shared=is_shared))

    def remove_model(self, model: ModelId) -> Future[None]:
        """Delete an installed model."""
        return self._pool.submit(self._packs.remove, model)

    def doctor(self, has_speed: bool = True) -> Future[DoctorReport]:
        """Look at everything; with speed, run both engines for some seconds."""
        return self._pool.submit(self._examine, has_speed)

    def check_room(self, device: str, seconds: float = ROOM_CHECK_S) -> Future[RoomVoice | None]:
        """Listen to whoever speaks; `RoomLevelMeasured` tells the levels meanwhile.

        Args:
            device: stable name of the microphone; empty = the system's default.
            seconds: of sound to listen to.

        Fails with:
            DeviceMissingError: there is no such microphone.
            AlreadyRecordingError: a recording runs, or is about to.
        """
        self.leave_room()
        left = self._left = threading.Event()
        told = itertools.count(1)

        def tell(level: Level) -> None:
            self._post.publish(RoomLevelMeasured(level, next(told) / LEVELS_PER_S))

        return self._pool.submit(self._found.voice, device, seconds, tell, left)

    def leave_room(self) -> None:
        """End a room check that runs; it answers None. The microphone is free soon after."""
        self._left.set()

    def support_text(self, report: DoctorReport) -> Future[str]:
        """Return what a support bundle says, to be seen before it is saved."""
        return self._pool.submit(support.text, report, self._found.logs)

    def save_support(self, text: str, path: Path) -> Future[None]:
        """Write a bundle that was seen; nothing else ever leaves by itself."""
        return self._pool.submit(paths.atomic_write, path, text.encode("utf-8"))

    def save_card(self, pdf: bytes, path: Path) -> Future[None]:
        """Write the quick card, a page about the program; a file of that name is replaced.

        Fails with:
            DiskFullError, FileAccessError: nothing was written.
        """
        return self._pool.submit(paths.atomic_write, path, pdf)

    def _rows(self, is_thorough: bool) -> tuple[ModelRow, ...]:
        return tuple(self._row(card, is_thorough) for card in self._models.cards())

    def _row(self, card: ModelCard, is_thorough: bool) -> ModelRow:
        try:
            found = self._models.find(card.id)
            if is_thorough:
                self._models.check(found)
        except ModelMissingError:
            return ModelRow(card, "missing")
        except ModelDamagedError as error:
            return ModelRow(card, "damaged", reason=str(error.facts.get("reason", "")))
        return ModelRow(card, "installed", found.folder)

    def _examine(self, has_speed: bool) -> DoctorReport:
        trouble: list[tuple[str, str]] = []

        def tried(where: str, look: Callable[[], Found]) -> Found | None:
            try:
                return look()
            except AppError as error:
                trouble.append((where, error.code))
                return None

        devices = tried("devices", self._found.devices) or ()
        room = tried("microphone", self._found.room) if has_speed and devices else None
        rows = self._rows(is_thorough=has_speed)
        speeds = [
            tried(row.card.id, functools.partial(self._measuring.measure, _installed(row)))
            for row in (rows if has_speed else ())
            if row.state == "installed" and row.card.role in ENGINES
        ]
        measured = tuple(each for each in speeds if each is not None)
        machine = self._found.machine()
        notes = self._found.default("notes")
        return DoctorReport(
            self._found.version,
            machine,
            devices,
            rows,
            measured,
            tuple(trouble),
            self._outlook(),
            checks=self._found.checks(),
            room=room,
            memory=plan_memory(self._found.default("speech"), notes, machine.memory_mb),
            note=_note_outlook(notes, measured),
        )

    def _outlook(self) -> Outlook | None:
        try:
            return self._found.outlook()
        except ModelMissingError:
            return None


def _installed(row: ModelRow) -> InstalledModel:
    return InstalledModel(row.card, row.folder)


def _note_outlook(
    notes: InstalledModel | None, speeds: tuple[EngineSpeed, ...]
) -> NoteOutlook | None:
    """Return how long a note takes with the model this machine should use; quoting takes none."""
    if notes is None:
        return note_outlook("", 0.0, 0.0)
    found = [each for each in speeds if each.model == notes.card.id and each.factor and each.read]
    return note_outlook(notes.card.name, found[0].read, found[0].factor) if found else None
