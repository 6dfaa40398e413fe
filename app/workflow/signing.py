"""The signature: gate, identity, content hash, Ed25519. Main thread; the work is on the lane."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.domain.draft import Claim, Draft, Section
from app.domain.errors import (
    ConsentMissingError,
    NotFoundError,
    NothingTypedError,
    NotSignedError,
    ReauthenticationError,
    SigningBlockedError,
    VisitStateError,
    WrongPatientError,
)
from app.domain.events import VisitAdvanced
from app.domain.ids import DraftId, NoteId, PatientId, UserId, VisitId, new_id
from app.domain.note import Attestation, NoteVersion
from app.domain.people import Account
from app.domain.policy import Policy
from app.domain.ports import Post
from app.domain.store_ports import VaultPort
from app.domain.visit import Visit, VisitState
from app.drafting.autotexts import unfilled_claims
from app.foundation.i18n import _
from app.workflow.drafts import lines_in, typed_claim
from app.workflow.reviewing import open_items
from app.workflow.session import Sessions
from app.workflow.unlocking import Unlocking

ADDENDUM: Final = "addendum"
"""Key of the sections that were added after the signature, with a number behind."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs, and the words they put their name under."""

    account: Account
    attestation: str


class Signing:
    """Signs what has been reviewed. A signed version never changes."""

    def __init__(
        self, post: Post, sessions: Sessions, unlocking: Unlocking, policy: Policy
    ) -> None:
        self._post = post
        self._sessions = sessions
        self._unlocking = unlocking
        self._policy = policy

    @property
    def attestation(self) -> str:
        """The words a clinician puts their name under."""
        return _(
            "I have read this note. It says what was said and done in this visit, and I am "
            "responsible for it. It was drafted with AI assistance."
        )

    @property
    def addendum_attestation(self) -> str:
        """The words above the signature of an addendum."""
        return _("I have added this to the signed note, and I am responsible for it.")

    @property
    def letter_attestation(self) -> str:
        """The words above the signature of a letter."""
        return _(
            "I have read this letter. It says what the signed note says, and I am responsible "
            "for it. It was made with AI assistance."
        )

    def sign(self, visit: VisitId, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        """Sign the newest draft.

        The future raises:
            WrongPatientError: `banner` is another patient.
            SigningBlockedError: harmful claims are undecided, sections were not seen, words
                that claims rest on changed, or fields are not filled.
            ConsentMissingError: the consent to record was withdrawn.
            ReauthenticationError: the password must be given again.
            VisitStateError: the visit is not in review.
        """
        signer = self._signer(self.attestation)

        def job(vault: VaultPort) -> NoteVersion:
            found, draft = _ready(vault, visit, banner)
            version = attested(vault, found, draft, signer)
            vault.add_version(version, VisitState.SIGNED)
            self._post.publish(VisitAdvanced(visit, VisitState.SIGNED))
            return version

        return self._with_password(job, password)

    def add(
        self, visit: VisitId, banner: PatientId, text: str, password: str = ""
    ) -> Future[NoteVersion]:
        """Add to a signed note: a new version that ends in what was added.

        The future raises:
            NothingTypedError: there is no text.
            NotSignedError: the note is not signed yet; it can be edited instead.
            SigningBlockedError: a field is not filled.
            WrongPatientError, ReauthenticationError: as `sign`.
        """
        signer = self._signer(self.addendum_attestation)
        claims = tuple(typed_claim(each) for each in lines_in(text))

        def job(vault: VaultPort) -> NoteVersion:
            if not claims:
                raise NothingTypedError
            found = _patients_own(vault.visit(visit), banner)
            draft = _added(_newest(vault, visit).draft, claims)
            _refuse_unfilled(draft)
            version = replace(attested(vault, found, draft, signer), is_addendum=True)
            vault.add_version(version, VisitState.SIGNED)
            if found.addendum:  # after it: should this fail, the text is there twice, not lost
                vault.save_visit(replace(vault.visit(visit), addendum=""))
            self._post.publish(VisitAdvanced(visit, VisitState.SIGNED))
            return version

        return self._with_password(job, password)

    def sign_letter(
        self, letter: Draft, banner: PatientId, password: str = ""
    ) -> Future[NoteVersion]:
        """Sign a letter that was made from a signed note.

        The future raises:
            NothingTypedError: it says nothing.
            NotSignedError: the note is not signed.
            SigningBlockedError: a field is not filled.
            WrongPatientError, ReauthenticationError: as `sign`.
        """
        signer = self._signer(self.letter_attestation)

        def job(vault: VaultPort) -> NoteVersion:
            if not letter.claims:
                raise NothingTypedError
            found = _patients_own(vault.visit(letter.visit), banner)
            newest = _newest(vault, letter.visit)
            _refuse_unfilled(letter)
            version = attested(vault, found, letter, signer, newest.version)
            vault.add_letter(version)
            if _is_kept(found, letter):  # after it: should this fail, it is there twice, not lost
                vault.save_visit(vault.visit(found.id).with_letter(letter.template, None))
            return version

        return self._with_password(job, password)

    def _signer(self, attestation: str) -> Signer:
        return Signer(self._sessions.current().account, attestation)

    def _with_password(
        self, job: Callable[[VaultPort], NoteVersion], password: str
    ) -> Future[NoteVersion]:
        """Run what signs, once it is known who sits there."""
        session = self._sessions.current()
        if not self._unlocking.is_fresh(self._policy.reauth_minutes):
            if not password:
                return _failed(ReauthenticationError())
            return self._unlocking.after_password(password, lambda: session.ask(job))
        return session.ask(job)


def _ready(vault: VaultPort, visit: VisitId, banner: PatientId) -> tuple[Visit, Draft]:
    found = vault.visit(visit)
    if found.patient.id != banner:
        raise WrongPatientError
    if found.consent is not None:
        consent = vault.consent(found.consent)
        if consent.patient != banner:
            raise WrongPatientError
        if not consent.is_granted:
            raise ConsentMissingError
    if found.state is not VisitState.IN_REVIEW:
        raise VisitStateError(found.state.value, VisitState.SIGNED.value)
    draft = vault.draft(visit)
    if draft is None:
        raise NotFoundError("draft")
    items = open_items(vault, visit)
    if not items.is_clear:
        raise SigningBlockedError(
            len(items.claims), len(items.unseen), len(items.stale), len(items.unfilled)
        )
    return found, draft


def _patients_own(visit: Visit, banner: PatientId) -> Visit:
    if visit.patient.id != banner:
        raise WrongPatientError
    return visit


def _is_kept(visit: Visit, letter: Draft) -> bool:
    """Return whether a letter says what is typed in it and kept: nothing is lost with that."""
    kept = next((each for each in visit.letters if each.template == letter.template), None)
    lines = [line for text in kept.texts for line in lines_in(text)] if kept is not None else []
    return kept is not None and lines == [each.text for each in letter.claims]


def _newest(vault: VaultPort, visit: VisitId) -> NoteVersion:
    versions = vault.versions(visit)
    if not versions:
        raise NotSignedError
    return versions[-1]


def _refuse_unfilled(draft: Draft) -> None:
    if left := unfilled_claims(draft.sections):
        raise SigningBlockedError(0, 0, unfilled_claims=len(left))


def _added(draft: Draft, claims: tuple[Claim, ...]) -> Draft:
    """Return a signed draft with an addendum at its end, named by its time."""
    at = _now()
    count = sum(each.key.startswith(ADDENDUM) for each in draft.sections) + 1
    heading = _("Addendum {when}").format(when=f"{at:%Y-%m-%d %H:%M}")
    section = Section(f"{ADDENDUM}_{count}", heading, claims, is_finished=True)
    return replace(draft, id=DraftId(new_id()), made_at=at, sections=(*draft.sections, section))


def attested(
    vault: VaultPort, visit: Visit, draft: Draft, signer: Signer, made_from: int | None = None
) -> NoteVersion:
    """Return a draft as a signed version, or as a letter made from one. Lane.

    Args:
        vault: whose key signs.
        visit: of the draft.
        draft: what is signed.
        signer: who, and the words above the signature.
        made_from: of a letter: the version of the note. It gets an identity of its own.
    """
    is_letter = made_from is not None
    earlier = () if is_letter else vault.versions(visit.id)
    first = NoteId(new_id()) if is_letter else NoteId(visit.id)  # as the exported draft had it
    note = earlier[-1].note if earlier else first
    number = earlier[-1].version + 1 if earlier else 1
    at = _now()
    content = signed_content(note, number, visit, draft, at)
    signature, public_key = vault.sign_bytes(content)
    attestation = Attestation(
        signer=UserId(signer.account.uid),
        signer_name=signer.account.name,
        at=at,
        text=signer.attestation,
        content_sha256=hashlib.sha256(content).hexdigest(),
        signature=signature,
        public_key=public_key,
    )
    return NoteVersion(
        note=note,
        version=number,
        visit=visit.id,
        patient=visit.patient.id,
        draft=draft,
        decisions=() if is_letter else vault.decisions(visit.id),
        consent=visit.consent,
        attestation=attestation,
        replaces=number - 1 if number > 1 else None,
        made_from=made_from,
    )


def signed_content(note: NoteId, version: int, visit: Visit, draft: Draft, at: datetime) -> bytes:
    """Return the canonical JSON that is signed: keys sorted, no blanks, UTF-8 (SECURITY.md 8)."""
    sections = [
        {
            "key": section.key,
            "heading": section.heading,
            "claims": [
                {
                    "text": claim.text,
                    "owner": claim.owner.value,
                    "support": claim.support.value,
                    "evidence": list(claim.evidence),
                }
                for claim in section.claims
            ],
        }
        for section in draft.sections
    ]
    content: dict[str, object] = {
        "note": note,
        "version": version,
        "visit": visit.id,
        "patient": visit.patient.id,
        "sections": sections,
        "transcript": draft.transcript_sha256,
        "model": draft.model_sha256,
        "prompt": draft.prompt_sha256,
        "consent": visit.consent or "",
        "utc": at.isoformat(),
    }
    if draft.note_type:  # drafts of earlier versions do not have it: what they signed stays valid
        content |= {"template": draft.template, "type": draft.note_type, "title": draft.title}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _failed(error: Exception) -> Future[NoteVersion]:
    future: Future[NoteVersion] = Future()
    future.set_exception(error)
    return future


def _now() -> datetime:
    return datetime.now().astimezone().replace(microsecond=0)
