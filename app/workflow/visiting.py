"""Visits: plan, consent, open, discard. Main thread; what blocks returns a future."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.draft import Draft, Owner
from app.domain.errors import (
    ConsentMissingError,
    NotSignedError,
    VisitStateError,
    WrongPatientError,
)
from app.domain.events import DraftEdited, PatientCorrected, VisitAdvanced
from app.domain.ids import ConsentId, PatientId, TemplateId, VisitId, new_id
from app.domain.note import NoteVersion
from app.domain.ports import Post
from app.domain.review import Decision
from app.domain.store_ports import VaultPort, VisitSummary
from app.domain.transcript import Transcript
from app.domain.visit import (
    Consent,
    ConsentGranted,
    ConsentManner,
    ConsentScript,
    Patient,
    Person,
    UnsignedLetter,
    Visit,
    VisitClass,
    VisitState,
)
from app.foundation.i18n import _
from app.workflow.consent_line import with_consent_line
from app.workflow.session import Sessions

CONSENT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What is read out before a recording, and its identity for the ledger."""

    script: ConsentScript
    text: str


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """All a screen needs of one visit."""

    visit: Visit
    transcript: Transcript
    draft: Draft | None
    decisions: tuple[Decision, ...]
    seen: frozenset[str]
    versions: tuple[NoteVersion, ...]

    @property
    def is_outdated(self) -> bool:
        """Whether the transcript reads otherwise than when the draft was made from it."""
        made_from = self.draft.transcript_sha256 if self.draft is not None else ""
        return bool(made_from) and made_from != self.transcript.sha256


class Visiting:
    """Plans and opens visits, and keeps the consent ledger.

    Args:
        blank: makes an empty draft of a visit's template. Lane.
    """

    def __init__(
        self, post: Post, sessions: Sessions, blank: Callable[[Visit, datetime], Draft]
    ) -> None:
        self._post = post
        self._sessions = sessions
        self._blank = blank

    def visits(self, query: str = "") -> Future[tuple[VisitSummary, ...]]:
        """Return the visits of the unlocked clinician, newest first."""
        return self._sessions.current().ask(lambda vault: vault.visits(query))

    def patients(self, query: str) -> Future[tuple[Patient, ...]]:
        """Find known patients."""
        return self._sessions.current().ask(lambda vault: vault.patients(query))

    def plan(
        self,
        patient: Patient,
        visit_class: VisitClass = VisitClass.AMBULATORY,
        template: TemplateId | None = None,
    ) -> Future[Visit]:
        """Keep a new visit; without a template it has the clinician's usual one."""
        visit = Visit(
            VisitId(new_id()), patient, _now(), visit_class=visit_class, template=template
        )

        def job(vault: VaultPort) -> Visit:
            vault.add_visit(visit)
            return visit

        return self._sessions.current().ask(job)

    def set_terms(self, visit: VisitId, terms: tuple[str, ...]) -> Future[Visit]:
        """Keep the words that may come up: the medication list, names. For the next recording."""

        def job(vault: VaultPort) -> Visit:
            changed = replace(vault.visit(visit), terms=terms)
            vault.save_visit(changed)
            return changed

        return self._sessions.current().ask(job)

    def set_language(self, visit: VisitId, language: str) -> Future[Visit]:
        """Keep the language of a visit, an ISO 639-1 code. For the next recording."""

        def job(vault: VaultPort) -> Visit:
            changed = replace(vault.visit(visit), language=language)
            vault.save_visit(changed)
            return changed

        return self._sessions.current().ask(job)

    def keep_addendum(self, visit: VisitId, text: str) -> Future[Visit]:
        """Keep what is typed of an addendum, so that it is there when it is gone on with.

        It is no part of the note until it is signed. Blanks alone are nothing.

        The future raises NotSignedError: there is no signed note to add to.
        """

        def job(vault: VaultPort) -> Visit:
            found = vault.visit(visit)
            if found.state is not VisitState.SIGNED:
                raise NotSignedError
            changed = replace(found, addendum=text if text.strip() else "")
            if changed != found:
                vault.save_visit(changed)
            return changed

        return self._sessions.current().ask(job)

    def keep_letter(
        self, visit: VisitId, template: TemplateId, letter: UnsignedLetter | None
    ) -> Future[Visit]:
        """Keep what is typed in a letter, so that it is there when it is gone on with.

        Args:
            visit: signed.
            template: of the letter.
            letter: None keeps nothing of it.

        The future raises NotSignedError: there is no signed note it could be made from.
        """

        def job(vault: VaultPort) -> Visit:
            found = vault.visit(visit)
            if found.state is not VisitState.SIGNED:
                raise NotSignedError
            changed = found.with_letter(template, letter)
            if changed != found:
                vault.save_visit(changed)
            return changed

        return self._sessions.current().ask(job)

    def correct_patient(self, visit: VisitId, banner: PatientId, patient: Patient) -> Future[Visit]:
        """Say who the patient of a visit is, when it was typed wrong. `PatientCorrected` follows.

        The patient keeps the id, so consent, draft and recordings stay theirs; the visit keeps
        what was said before. A sentence of the consent ledger in the draft names them anew.

        The future raises:
            WrongPatientError: `banner` or `patient` is another patient.
            VisitStateError: the note is signed, or the visit was given up.
        """
        at = _now()

        def job(vault: VaultPort) -> Visit:
            found = vault.visit(visit)
            if found.patient.id != banner:
                raise WrongPatientError
            if found.state in {VisitState.SIGNED, VisitState.DISCARDED}:
                raise VisitStateError(found.state.value, VisitState.IN_REVIEW.value)
            changed = vault.correct_patient(visit, patient, at)
            if changed == found:
                return found
            draft = vault.draft(visit)
            if draft is not None and any(each.owner is Owner.LEDGER for each in draft.claims):
                draft = with_consent_line(vault, changed, draft)
                vault.save_draft(draft)
                self._post.publish(DraftEdited(visit, draft))
            self._post.publish(PatientCorrected(visit))
            return changed

        return self._sessions.current().ask(job)

    def open(self, visit: VisitId) -> Future[VisitRecord]:
        """Return everything about one visit."""
        return self._sessions.current().ask(read_record, visit)

    def script(self) -> ConsentText:
        """Return the built-in consent text. A clinic's own text comes with the policy."""
        text = _(
            "May I record our talk to help write your note? A computer program on this "
            "workstation writes down what we say and drafts the note; I check every line. "
            "Nothing leaves this workstation. You can say no, or ask me to stop at any time; "
            "then what was recorded is erased."
        )
        digest = hashlib.sha256(text.encode()).hexdigest()
        return ConsentText(ConsentScript("built-in", CONSENT_VERSION, digest), text)

    def grant(
        self, visit: VisitId, asked_by: str, manner: ConsentManner, present: tuple[Person, ...]
    ) -> Future[ConsentGranted]:
        """Commit everybody's answer; the ticket for the microphone comes back.

        The future raises ConsentMissingError when someone declined: the answer is kept.
        """
        script = self.script().script
        consent_id = ConsentId(new_id())
        at = _now()
        post = self._post

        def job(vault: VaultPort) -> ConsentGranted:
            found = vault.visit(visit)
            consent = Consent(
                consent_id, visit, found.patient.id, asked_by, at, manner, script, present
            )
            vault.add_consent(consent)
            granted = ConsentGranted.from_committed(consent)  # raises when declined
            if found.state is VisitState.PLANNED:
                found = found.moved_to(VisitState.CONSENTED)
            vault.save_visit(replace(found, consent=consent_id))
            post.publish(VisitAdvanced(visit, found.state))
            return granted

        return self._sessions.current().ask(job)

    def dictate(self, visit: VisitId) -> Future[ConsentGranted]:
        """Put into the ledger that the clinician dictates alone; the ticket for that comes back.

        Consent is asked for recording a visit (SECURITY.md 8; "declined = dictation only"). A
        dictation records nobody but who dictates, so nobody is asked, and the ledger says that.

        The future raises VisitStateError: nothing can be dictated in this state.
        """
        account = self._sessions.current().account
        text = _("I dictate alone. Nobody was asked, and nothing of the patient is recorded.")
        script = ConsentScript(
            "dictation", CONSENT_VERSION, hashlib.sha256(text.encode()).hexdigest()
        )
        entry_id = ConsentId(new_id())
        at = _now()

        def job(vault: VaultPort) -> ConsentGranted:
            found = replace(vault.visit(visit), dictation=entry_id)
            if found.state is VisitState.PLANNED:
                found = found.moved_to(VisitState.CONSENTED)
            found.moved_to(VisitState.RECORDING)  # raises when that is not possible
            entry = Consent(
                entry_id,
                visit,
                found.patient.id,
                account.name,
                at,
                ConsentManner.DICTATION,
                script,
                (Person(account.name, agreed=True),),
                may_record=False,
                may_draft=False,
                may_keep_audio=False,
                ai_disclosed=False,
            )
            vault.add_consent(entry)
            vault.save_visit(found)
            self._post.publish(VisitAdvanced(visit, found.state))
            return ConsentGranted.from_committed(entry)

        return self._sessions.current().ask(job)

    def granted(self, visit: VisitId) -> Future[ConsentGranted]:
        """Return the ticket of a visit whose consent is on file.

        The future raises ConsentMissingError when there is none.
        """

        def job(vault: VaultPort) -> ConsentGranted:
            found = vault.visit(visit)
            if found.consent is None:
                raise ConsentMissingError
            return ConsentGranted.from_committed(vault.consent(found.consent))

        return self._sessions.current().ask(job)

    def discard(self, visit: VisitId) -> Future[None]:
        """Give a visit up. Nothing is erased here; retention does that."""

        def job(vault: VaultPort) -> None:
            found = vault.visit(visit).moved_to(VisitState.DISCARDED)
            vault.save_visit(found)
            self._post.publish(VisitAdvanced(visit, found.state))

        return self._sessions.current().ask(job)

    def type_note(self, visit: VisitId) -> Future[VisitRecord]:
        """Open an empty note for typing: no recording, no model."""

        def job(vault: VaultPort) -> VisitRecord:
            found = vault.visit(visit)
            if found.state is VisitState.CONSENTED:
                found = found.moved_to(VisitState.PLANNED)
            moved = replace(found.moved_to(VisitState.IN_REVIEW), started_at=_now())
            vault.save_visit(moved)
            if vault.draft(visit) is None:
                vault.save_draft(self._blank(moved, _now()))
            self._post.publish(VisitAdvanced(visit, moved.state))
            return read_record(vault, visit)

        return self._sessions.current().ask(job)


def read_record(vault: VaultPort, visit: VisitId) -> VisitRecord:
    """Read one visit whole. Lane."""
    return VisitRecord(
        vault.visit(visit),
        vault.transcript(visit),
        vault.draft(visit),
        vault.decisions(visit),
        vault.seen(visit),
        vault.versions(visit),
    )


def _now() -> datetime:
    return datetime.now().astimezone()
