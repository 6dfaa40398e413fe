"""What stands between the draft on the screen and a signature, and the signing. Main thread."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.draft import Claim, FindingKind, Owner, Support
from app.domain.errors import ReauthenticationError, WrongPasswordError
from app.domain.ids import ClaimId, PatientId, VisitId
from app.domain.note import NoteVersion
from app.domain.review import Decision, Verdict
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.reviewing import OpenItems
    from app.workflow.services import Services


def support_words(claim: Claim) -> str:
    """Return the state of a claim in a word or two."""
    if claim.owner is Owner.MACRO:
        return _("Macro")
    if claim.owner is Owner.LEDGER:
        return _("Consent")
    words = {
        Support.SUPPORTED: _("Supported"),
        Support.PARTLY: _("Partly"),
        Support.UNSUPPORTED: _("Unsupported"),
        Support.CLINICIAN: _("Yours"),
    }
    return words[claim.support]


def finding_words(claim: Claim) -> str:
    """Return what the checks say about a claim, in one line; empty when all is well."""
    is_supported = claim.support is Support.SUPPORTED
    if claim.support is Support.CLINICIAN or (is_supported and not claim.findings):
        return ""
    names = {
        FindingKind.DRUG: _("drug not in the transcript"),
        FindingKind.DOSE: _("dose differs"),
        FindingKind.ALLERGY: _("allergy differs"),
        FindingKind.LATERALITY: _("side differs"),
        FindingKind.NEGATION: _("yes and no differ"),
        FindingKind.NUMBER: _("number differs"),
        FindingKind.DATE: _("date or duration differs"),
        FindingKind.ATTRIBUTION: _("said by somebody else"),
        FindingKind.UNANSWERED: _("asked, but not answered"),
        FindingKind.NO_EVIDENCE: _("not found in the transcript"),
        FindingKind.LOW_OVERLAP: _("only loosely like what was said"),
        FindingKind.MODEL_AGREED: _("a language model finds that it was said"),
        FindingKind.MODEL_DOUBTED: _("a language model does not find that it was said"),
    }
    parts = []
    for each in claim.findings:
        words = names[each.kind]
        parts.append(f"{words}: “{each.detail}”" if each.detail else words)
    text = " · ".join(dict.fromkeys(parts)) or _("not found in the transcript")
    return text[:1].upper() + text[1:]


def facts_words(claims: Iterable[Claim], accepted: Collection[ClaimId], left_out: int) -> str:
    """Say plainly what one puts a name under: how well the note rests on what was said."""
    kinds = ("supported", "agreed", "partly", "accepted", "unsupported", "yours")
    counts = dict.fromkeys(kinds, 0)
    for claim in claims:
        is_loose = claim.support in {Support.PARTLY, Support.UNSUPPORTED}
        if is_loose and claim.id in accepted:
            counts["accepted"] += 1
        elif claim.support is Support.SUPPORTED and claim.findings:
            counts["agreed"] += 1
        else:
            names = {
                Support.SUPPORTED: "supported",
                Support.PARTLY: "partly",
                Support.UNSUPPORTED: "unsupported",
                Support.CLINICIAN: "yours",
            }
            counts[names[claim.support]] += 1
    words = {
        "supported": _("{count} supported by what was said"),
        "agreed": _("{count} supported as a language model reads it"),
        "partly": _("{count} partly supported"),
        "accepted": _("{count} accepted on your word"),
        "unsupported": _("{count} not supported"),
        "yours": _("{count} your own"),
    }
    said = [words[name].format(count=count) for name, count in counts.items() if count]
    text = _("Statements: {parts}.").format(parts=", ".join(said) or _("none"))
    if left_out:
        left = _("Said, but not in the note: {count}.").format(count=left_out)
        text = f"{text} {left}"
    return text


def open_words(claims: int, sections: int) -> str:
    """Say plainly what is open; empty when nothing is."""
    parts = []
    if claims == 1:
        parts.append(_("1 statement to decide"))
    elif claims:
        parts.append(_("{count} statements to decide").format(count=claims))
    if sections == 1:
        parts.append(_("1 section not seen yet"))
    elif sections:
        parts.append(_("{count} sections not seen yet").format(count=sections))
    return ", ".join(parts)


def stale_words(stale: int, unfilled: int) -> str:
    """Say what else is open: words that changed, fields to fill; empty when nothing is."""
    parts = []
    if stale == 1:
        parts.append(_("1 statement whose words changed"))
    elif stale:
        parts.append(_("{count} statements whose words changed").format(count=stale))
    if unfilled == 1:
        parts.append(_("1 statement with a field to fill"))
    elif unfilled:
        parts.append(_("{count} statements with fields to fill").format(count=unfilled))
    return ", ".join(parts)


def short_words(claims: int, sections: int, stale: int, unfilled: int) -> str:
    """Say what is open where large text leaves room for a few words only."""
    words = {
        _("{count} to decide"): claims,
        _("{count} unseen"): sections,
        _("{count} changed"): stale,
        _("{count} to fill"): unfilled,
    }
    return " · ".join(each.format(count=count) for each, count in words.items() if count)


class ReviewModel(Listener):
    """Verdicts, seen sections, signature.

    Signals:
        items_changed: what is open, or `accepted`, is another.
        signed: the new `NoteVersion`.
        password_needed: ask for the password and sign again; a bool: the last one was wrong.
        refused: an exception: signing did not happen.
    """

    items_changed = Signal()
    signed = Signal(object)
    password_needed = Signal(bool)
    refused = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None
        self.open_claims: tuple[ClaimId, ...] = ()
        self.unseen: tuple[str, ...] = ()
        self.stale: tuple[ClaimId, ...] = ()
        self.unfilled: tuple[ClaimId, ...] = ()
        self.accepted: set[ClaimId] = set()
        self.is_known = False

    @property
    def attestation(self) -> str:
        """The words a clinician puts their name under."""
        return self._services.signing.attestation

    @property
    def is_clear(self) -> bool:
        """Whether nothing stands in the way of a signature."""
        left = (*self.open_claims, *self.unseen, *self.stale, *self.unfilled)
        return self.is_known and not left

    @property
    def words(self) -> str:
        """What is open, plainly; empty when nothing is."""
        parts = [
            open_words(len(self.open_claims), len(self.unseen)),
            stale_words(len(self.stale), len(self.unfilled)),
        ]
        return ", ".join(filter(None, parts))

    @property
    def short_words(self) -> str:
        """The same in as few words as can be."""
        lists = (self.open_claims, self.unseen, self.stale, self.unfilled)
        return short_words(*map(len, lists))

    def show(self, visit: VisitId | None, decisions: tuple[Decision, ...]) -> None:
        """Look at another visit."""
        if visit != self.visit:
            self.open_claims, self.unseen, self.is_known = (), (), False
            self.stale, self.unfilled = (), ()
        self.visit = visit
        self.accepted = {each.claim for each in decisions if each.verdict is Verdict.ACCEPTED}
        self.items_changed.emit()

    def refresh(self) -> None:
        """Ask what is open now."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.reviewing.open_items(visit),
                lambda items: self._on_items(visit, items),
            )

    def accept(self, claim: ClaimId) -> None:
        """Let a claim stand on the clinician's word."""
        if self.visit is not None:
            visit = self.visit
            self.accepted.add(claim)
            self.ask(
                lambda: self._services.reviewing.accept(visit, claim),
                lambda items: self._on_items(visit, items),
            )

    def see(self, section: str) -> None:
        """Note that a section was on the screen."""
        if self.visit is not None and section in self.unseen:
            visit = self.visit
            self.ask(
                lambda: self._services.reviewing.see(visit, section),
                lambda items: self._on_items(visit, items),
            )

    def sign(self, banner: PatientId, password: str = "") -> None:
        """Sign what is on the screen, for the patient in the banner."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.signing.sign(visit, banner, password),
                self._on_signed,
                self._on_refused,
            )

    def _on_items(self, visit: VisitId, items: OpenItems) -> None:
        if visit == self.visit:
            self.open_claims = tuple(each.id for each in items.claims)
            self.unseen = items.unseen
            self.stale = tuple(each.id for each in items.stale)
            self.unfilled = tuple(each.id for each in items.unfilled)
            self.is_known = True
            self.items_changed.emit()

    def _on_signed(self, version: NoteVersion) -> None:
        self.signed.emit(version)

    def _on_refused(self, error: BaseException) -> None:
        if isinstance(error, ReauthenticationError | WrongPasswordError):
            self.password_needed.emit(isinstance(error, WrongPasswordError))
        else:
            self.refused.emit(error)
            self.refresh()
