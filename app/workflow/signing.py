"""The signature: gate, identity, content hash, Ed25519. Main thread; the work is on the lane."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import Future
from datetime import datetime

from app.domain.draft import Draft
from app.domain.errors import (
    NotFoundError,
    ReauthenticationError,
    SigningBlockedError,
    VisitStateError,
    WrongPatientError,
)
from app.domain.events import VisitAdvanced
from app.domain.ids import NoteId, PatientId, UserId, VisitId
from app.domain.note import Attestation, NoteVersion
from app.domain.people import Account
from app.domain.policy import Policy
from app.domain.ports import Post
from app.domain.store_ports import VaultPort
from app.domain.visit import Visit, VisitState
from app.foundation.i18n import _
from app.workflow.reviewing import open_items
from app.workflow.session import Sessions
from app.workflow.unlocking import Unlocking


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

    def sign(self, visit: VisitId, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        """Sign the newest draft.

        The future raises:
            WrongPatientError: `banner` is another patient.
            SigningBlockedError: harmful claims are undecided, or sections were not seen.
            ReauthenticationError: the password must be given again.
            VisitStateError: the visit is not in review.
        """
        session = self._sessions.current()
        account, text = session.account, self.attestation

        def job(vault: VaultPort) -> NoteVersion:
            found, draft = _ready(vault, visit, banner)
            version = _version(vault, found, draft, account, text)
            vault.add_version(version, VisitState.SIGNED)
            self._post.publish(VisitAdvanced(visit, VisitState.SIGNED))
            return version

        if not self._unlocking.is_fresh(self._policy.reauth_minutes):
            if not password:
                return _failed(ReauthenticationError())
            return self._unlocking.after_password(password, lambda: session.ask(job))
        return session.ask(job)


def _ready(vault: VaultPort, visit: VisitId, banner: PatientId) -> tuple[Visit, Draft]:
    found = vault.visit(visit)
    if found.patient.id != banner:
        raise WrongPatientError
    if found.consent is not None and vault.consent(found.consent).patient != banner:
        raise WrongPatientError
    if found.state is not VisitState.IN_REVIEW:
        raise VisitStateError(found.state.value, VisitState.SIGNED.value)
    draft = vault.draft(visit)
    if draft is None:
        raise NotFoundError("draft")
    items = open_items(vault, visit)
    if not items.is_clear:
        raise SigningBlockedError(len(items.claims), len(items.unseen))
    return found, draft


def _version(
    vault: VaultPort, visit: Visit, draft: Draft, account: Account, text: str
) -> NoteVersion:
    earlier = vault.versions(visit.id)
    note = earlier[-1].note if earlier else NoteId(visit.id)  # the draft had this id, too
    number = earlier[-1].version + 1 if earlier else 1
    at = datetime.now().astimezone().replace(microsecond=0)
    content = signed_content(note, number, visit, draft, at)
    signature, public_key = vault.sign_bytes(content)
    attestation = Attestation(
        signer=UserId(account.uid),
        signer_name=account.name,
        at=at,
        text=text,
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
        decisions=vault.decisions(visit.id),
        consent=visit.consent,
        attestation=attestation,
        replaces=number - 1 if number > 1 else None,
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
