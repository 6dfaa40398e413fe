"""Which speech model this machine can carry, told by what it did and not by what it is called.

Arithmetic over measured speeds (`SpeechSpeedMeasured`), and a small memory of them. Models that
were not measured are judged by those that were. No I/O of its own; one thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.errors import ModelMissingError
from app.domain.events import SpeechSpeedMeasured
from app.domain.ids import ModelId
from app.domain.ports import InstalledModel
from app.engines.hardware import Hardware, choose_speech

TURN_S: Final = 5.0
"""What interim and final decodes were measured with."""
TALK: Final = 0.85
"""Part of a visit that is decoded, short pauses included: .78 to .94 in two development clips."""
BUSY: Final = 0.7
"""Brings `live_load` to what was measured on 2 cores: tiny.en 35 % of the time live, base 70 %."""
STEP_S: Final = 0.5
STEP_GPU_S: Final = 0.35
REST: Final = 1.3
"""An interim decode comes at most every step, and every 1.3 times its cost: SPEECH.md section 1."""
LAG_S: Final = 4.0
"""Behind by so much, speech gives interim decodes up: SPEECH.md section 3."""
MOST_LIVE: Final = 0.55
"""Base took 70 % of the time of 2 cores, which left the notes engine too little; on 4 cores it
is the tier of SPEECH.md section 3."""
MOST_SECOND: Final = 0.35
"""The second pass takes at most so much of the length of a visit: 5 minutes for 15."""
MEMORY_SHARE: Final = 0.5
"""Of the memory that is there; the rest is for the notes model, the window and the system."""

Known = Sequence[tuple[InstalledModel, SpeechSpeedMeasured]]


@dataclass(frozen=True, slots=True)
class Tier:
    """What to use, and what to expect of it.

    Attributes:
        live: for speech as it comes.
        second: for the pass after the visit; None when nothing better is here or it takes too long.
        speed: of `live`; None before anything was measured.
        second_speed: of `second`.
    """

    live: InstalledModel
    second: InstalledModel | None = None
    speed: SpeechSpeedMeasured | None = None
    second_speed: SpeechSpeedMeasured | None = None

    @property
    def name(self) -> str:
        """`gpu`, or the tier of the live model in the catalogue."""
        on_gpu = self.speed is not None and self.speed.device == "cuda"
        return "gpu" if on_gpu else self.live.card.tier

    @property
    def load(self) -> float:
        """Part of the time that live speech keeps the machine busy; 0.0 before it was measured."""
        return live_load(self.speed) if self.speed is not None else 0.0

    def wait_s(self, minutes: float) -> float:
        """Return how long after the end of a visit its last words come."""
        return wait_after(self.speed, minutes) if self.speed is not None else 0.0

    def second_wait_s(self, minutes: float) -> float:
        """Return how long the second pass takes when nothing else runs; 0.0 without one."""
        speed = self.second_speed
        return 60 * minutes * TALK * speed.whole if speed is not None else 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a visit of some minutes will be like here: for the doctor and the settings screen.

    Attributes:
        tier: `gpu`, or the tier of the live model in the catalogue.
        live, second: names of models; `second` is empty when there is no second pass.
        speed: seconds of work per second of sound; None before anything was measured.
        load: part of the time that live speech keeps the machine busy.
        wait_s: from stop to the last words.
        second_wait_s: of the second pass, when nothing else runs.
    """

    minutes: float
    tier: str
    live: str
    second: str
    speed: SpeechSpeedMeasured | None
    load: float
    wait_s: float
    second_wait_s: float


def outlook(tier: Tier, minutes: float = 15.0) -> Outlook:
    """Return what to tell a person about a tier."""
    return Outlook(
        minutes,
        tier.name,
        tier.live.card.name,
        tier.second.card.name if tier.second is not None else "",
        tier.speed,
        tier.load,
        tier.wait_s(minutes),
        tier.second_wait_s(minutes),
    )


def live_load(speed: SpeechSpeedMeasured) -> float:
    """Return which part of the time live speech keeps a machine busy; above 1.0 it falls behind."""
    step_s = STEP_GPU_S if speed.device == "cuda" else STEP_S
    interims = min(1 / REST, TURN_S * speed.interim / step_s)
    return BUSY * (interims + speed.final)


def wait_after(speed: SpeechSpeedMeasured, minutes: float) -> float:
    """Return how long after stop the last words of a visit come.

    The last turn is always left. A machine that does not keep up is behind by some seconds more,
    and where finals alone take longer than the talk, the rest waits in the journal.
    """
    lag_s = LAG_S if live_load(speed) > 1.0 else 0.0
    return TURN_S * speed.final + lag_s + 60 * minutes * max(0.0, TALK * speed.final - 1.0)


def estimate(model: InstalledModel, known: Known) -> SpeechSpeedMeasured | None:
    """Return the measured speed of a model, or one by weight from the one nearest in size.

    Work grows with the weights: base has 1.9 times those of tiny.en and took 1.7 to 2.2 times
    as long (2 cores). None while nothing was measured.
    """
    if not known:
        return None
    size = weight(model)
    nearest, speed = min(known, key=lambda each: abs(weight(each[0]) - size))
    factor = size / weight(nearest)
    return replace(
        speed,
        model=model.card.id,
        interim=speed.interim * factor,
        final=speed.final * factor,
        whole=speed.whole * factor,
    )


def weight(model: InstalledModel) -> int:
    """Return the size of a model's files in bytes, at least 1."""
    return max(1, sum(each.size for each in model.card.files))


def able(installed: Sequence[InstalledModel], language: str) -> list[InstalledModel]:
    """Return the speech models that know a language, lightest first."""
    found = [
        each
        for each in installed
        if each.card.role == "speech" and {language, "*"} & set(each.card.languages)
    ]
    return sorted(found, key=weight)


def choose(
    installed: Sequence[InstalledModel], machine: Hardware, known: Known, language: str = "en"
) -> Tier:
    """Return what to use on this machine.

    Args:
        installed: all models that are here.
        machine: decides while nothing was measured.
        known: models of this machine with what they took.
        language: ISO 639-1.

    Raises:
        ModelMissingError: no speech model knows the language.
    """
    models = able(installed, language)
    if not models:
        raise ModelMissingError("whisper-base")
    if not known:
        gpu = bool(machine.gpus)
        return Tier(
            choose_speech(models, machine.cores, is_live=True, language=language, has_gpu=gpu)
        )
    most_mb = MEMORY_SHARE * machine.memory_mb if machine.memory_mb else float("inf")
    fitting = [each for each in models if each.card.memory_mb <= most_mb] or models[:1]
    rated = [(each, speed) for each in fitting if (speed := estimate(each, known)) is not None]
    live, speed = ([each for each in rated if live_load(each[1]) <= MOST_LIVE] or rated[:1])[-1]
    better = [
        (each, its)
        for each, its in rated
        if weight(each) > weight(live) and 0 < TALK * its.whole <= MOST_SECOND
    ]
    second, second_speed = better[-1] if better else (None, None)
    return Tier(live, second, speed, second_speed)


class Tiers:
    """Remembers what was measured and what failed, until the program ends.

    Args:
        installed: returns the models that are here.
        machine: what the machine is.
    """

    def __init__(
        self, installed: Callable[[], Sequence[InstalledModel]], machine: Hardware
    ) -> None:
        self._installed = installed
        self._machine = machine
        self._speeds: dict[ModelId, SpeechSpeedMeasured] = {}
        self._failed: set[ModelId] = set()

    def note(self, event: SpeechSpeedMeasured) -> None:
        """Remember what a model took."""
        self._speeds[ModelId(event.model)] = event

    def tier(self, language: str = "en") -> Tier:
        """Return what to use for a visit; models that failed are left out.

        Raises:
            ModelMissingError: none is left that knows the language.
        """
        left = self._left()
        known = [
            (each, self._speeds[each.card.id]) for each in left if each.card.id in self._speeds
        ]
        return choose(left, self._machine, known, language)

    def instead(self, failed: InstalledModel, language: str = "en") -> InstalledModel | None:
        """Return the next smaller model for one that keeps dying; None when there is none.

        The one that failed is not proposed again before the next start of the program.
        """
        self._failed.add(failed.card.id)
        smaller = [each for each in able(self._left(), language) if weight(each) < weight(failed)]
        return smaller[-1] if smaller else None

    def wait_s(self, model: InstalledModel, minutes: float) -> int:
        """Return how long after stop the last words come with a model, at least a second."""
        known = [
            (each, self._speeds[each.card.id])
            for each in self._installed()
            if each.card.id in self._speeds
        ]
        speed = estimate(model, known)
        return max(1, round(wait_after(speed, minutes))) if speed is not None else 1

    def _left(self) -> list[InstalledModel]:
        return [each for each in self._installed() if each.card.id not in self._failed]
