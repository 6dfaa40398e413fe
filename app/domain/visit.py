"""A visit, its patient, the consent to record it, and the states it moves through."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.domain.errors import ConsentMissingError, VisitStateError, WrongPatientError
from app.domain.ids import ConsentId, PatientId, TemplateId, VisitId


class VisitState(enum.StrEnum):
    """Where a visit stands."""

    PLANNED = "planned"
    CONSENTED = "consented"
    RECORDING = "recording"
    PAUSED = "paused"
    FINISHING = "finishing"
    DRAFTING = "drafting"
    IN_REVIEW = "in_review"
    SIGNED = "signed"
    DISCARDED = "discarded"


_NEXT: Final[dict[VisitState, frozenset[VisitState]]] = {
    VisitState.PLANNED: frozenset({VisitState.CONSENTED, VisitState.IN_REVIEW}),
    VisitState.CONSENTED: frozenset({VisitState.RECORDING, VisitState.PLANNED}),
    VisitState.RECORDING: frozenset({VisitState.PAUSED, VisitState.FINISHING, VisitState.PLANNED}),
    VisitState.PAUSED: frozenset({VisitState.RECORDING, VisitState.FINISHING, VisitState.PLANNED}),
    VisitState.FINISHING: frozenset(
        {VisitState.DRAFTING, VisitState.RECORDING, VisitState.PLANNED}
    ),
    VisitState.DRAFTING: frozenset({VisitState.IN_REVIEW, VisitState.PLANNED}),
    VisitState.IN_REVIEW: frozenset(
        {VisitState.SIGNED, VisitState.DRAFTING, VisitState.RECORDING, VisitState.PLANNED}
    ),
    VisitState.SIGNED: frozenset(),
    VisitState.DISCARDED: frozenset(),
}
"""Allowed moves. PLANNED → IN_REVIEW is a note that is typed or dictated without a recording;
FINISHING or IN_REVIEW → RECORDING is a second recording of the same visit; back to PLANNED goes
a visit whose consent was withdrawn. DISCARDED can be
reached from everywhere before SIGNED."""


def can_move(from_state: VisitState, to_state: VisitState) -> bool:
    """Return whether a visit may go from one state to the other."""
    if to_state is VisitState.DISCARDED:
        return from_state not in {VisitState.SIGNED, VisitState.DISCARDED}
    return to_state in _NEXT[from_state]


class Sex(enum.StrEnum):
    """Administrative gender as FHIR R4 spells it."""

    MALE = "male"
    FEMALE = "female"
    OTHER = "other"
    UNKNOWN = "unknown"


class VisitClass(enum.StrEnum):
    """Kind of encounter: codes of HL7 v3-ActCode."""

    AMBULATORY = "AMB"
    VIRTUAL = "VR"
    EMERGENCY = "EMER"
    INPATIENT = "IMP"
    HOME = "HH"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number some system gave to a patient: `system` is a URI or empty when unknown."""

    value: str
    system: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """Who the visit is with. Typed or pasted; no link to an EHR is needed."""

    id: PatientId
    family: str
    given: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    identifiers: tuple[Identifier, ...] = ()

    @property
    def display(self) -> str:
        """Family name, comma, given names."""
        return f"{self.family}, {self.given}" if self.given else self.family


@dataclass(frozen=True, slots=True)
class PatientCorrection:
    """A patient who was typed wrong and corrected, as the vault keeps it.

    Attributes:
        at: aware time of the correction.
        before: what the visit said until then; the id is the same.
    """

    at: datetime
    before: Patient


class ConsentManner(enum.StrEnum):
    """How consent was given."""

    VERBAL = "verbal"
    WRITTEN = "written"
    DICTATION = "dictation"
    """Nobody was asked: the clinician dictates alone, and nothing of the patient is recorded."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the room and their answer to being recorded."""

    who: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class ConsentScript:
    """The text that was read out: its id, version, language and SHA-256 in hex."""

    id: str
    version: int
    sha256: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer to "may we record?", as kept in the consent ledger. Never changed.

    Attributes:
        asked_by: display name of who asked.
        at: aware time.
        may_record, may_draft, may_keep_audio: the scope.
        ai_disclosed: whether the use of AI was told.
        withdrawn_at: when it was taken back, if it was.
    """

    id: ConsentId
    visit: VisitId
    patient: PatientId
    asked_by: str
    at: datetime
    manner: ConsentManner
    script: ConsentScript
    present: tuple[Person, ...]
    may_record: bool = True
    may_draft: bool = True
    may_keep_audio: bool = True
    ai_disclosed: bool = True
    withdrawn_at: datetime | None = None

    @property
    def is_granted(self) -> bool:
        """Whether everyone present agreed, recording is in scope, and nobody took it back."""
        return self._is_agreed and self.may_record and not self.is_dictation

    @property
    def is_dictation(self) -> bool:
        """Whether it is no consent but says that the clinician dictates alone.

        It opens a microphone for a dictation, never for the talk of a visit.
        """
        return self.manner is ConsentManner.DICTATION and self._is_agreed

    @property
    def _is_agreed(self) -> bool:
        agreed = bool(self.present) and all(person.agreed for person in self.present)
        return agreed and self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class ConsentGranted:
    """The ticket without which no microphone opens. Made only from a committed consent.

    Attributes:
        is_dictation: it is good for a dictation and nothing else.
    """

    consent: ConsentId
    visit: VisitId
    patient: PatientId
    is_dictation: bool = False

    @classmethod
    def from_committed(cls, consent: Consent) -> ConsentGranted:
        """Return the ticket for an entry of the ledger that the vault has committed.

        Raises:
            ConsentMissingError: it was declined or withdrawn.
        """
        if not (consent.is_granted or consent.is_dictation):
            raise ConsentMissingError
        return cls(consent.id, consent.visit, consent.patient, consent.is_dictation)


@dataclass(frozen=True, slots=True)
class UnsignedLetter:
    """What is typed in a letter that is not signed yet.

    Attributes:
        template: of the letter.
        version: of the signed note it was made from.
        grade: reading level that was asked for, a US school grade; None for colleagues.
        keys: of its sections, as its template had them.
        texts: one for each of `keys`. PHI: never logged.
    """

    template: TemplateId
    version: int
    grade: int | None
    keys: tuple[str, ...]
    texts: tuple[str, ...]

    def texts_for(self, keys: Sequence[str]) -> tuple[str, ...]:
        """Return the texts for other sections; what has none of its own goes to the last one."""
        known = dict(zip(self.keys, self.texts, strict=True))
        found = [known.pop(each, "") for each in keys]
        found[-1] = "\n".join(filter(None, (found[-1], *known.values())))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Visit:
    """One meeting of clinician and patient. Times are aware.

    Attributes:
        terms: words that may come up at this visit: the medication list, names.
        is_dictated: the clinician dictates the note; no model drafts it.
        template: the note template, None for the clinician's usual one.
        dictation: the newest entry of the ledger that says that the clinician dictates alone.
        corrections: who the patient was said to be before, oldest first.
        addendum: what is typed to be added to the signed note, and is not signed yet.
        letters: what is typed in letters that are not signed yet, one for each template.
    """

    id: VisitId
    patient: Patient
    created_at: datetime
    state: VisitState = VisitState.PLANNED
    visit_class: VisitClass = VisitClass.AMBULATORY
    consent: ConsentId | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    encounter_id: str | None = None
    language: str = "en"
    terms: tuple[str, ...] = ()
    is_dictated: bool = False
    template: TemplateId | None = None
    dictation: ConsentId | None = None
    corrections: tuple[PatientCorrection, ...] = ()
    addendum: str = ""
    letters: tuple[UnsignedLetter, ...] = ()

    def with_template(self, template: TemplateId) -> Visit:
        """Return the visit with another note template."""
        return replace(self, template=template)

    def with_letter(self, template: TemplateId, letter: UnsignedLetter | None) -> Visit:
        """Return the visit with what is typed in one letter, or with nothing kept of it."""
        others = tuple(each for each in self.letters if each.template != template)
        return replace(self, letters=others if letter is None else (*others, letter))

    def with_patient(self, patient: Patient, at: datetime) -> Visit:
        """Return the visit with its patient corrected; what was said before is kept.

        Raises:
            WrongPatientError: another patient's id. A visit never changes hands.
        """
        if patient.id != self.patient.id:
            raise WrongPatientError
        if patient == self.patient:
            return self
        corrections = (*self.corrections, PatientCorrection(at, self.patient))
        return replace(self, patient=patient, corrections=corrections)

    def moved_to(self, state: VisitState) -> Visit:
        """Return the visit in another state.

        Raises:
            VisitStateError: the move is not allowed.
            ConsentMissingError: recording without an entry in the consent ledger.
        """
        if not can_move(self.state, state):
            raise VisitStateError(self.state.value, state.value)
        is_on_file = self.consent is not None or self.dictation is not None
        if state is VisitState.RECORDING and not is_on_file:
            raise ConsentMissingError
        return replace(self, state=state)
