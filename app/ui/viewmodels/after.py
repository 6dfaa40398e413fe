"""What comes after the signature: addenda, letters, summaries for patients. Main thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.domain.errors import ReauthenticationError, WrongPasswordError
from app.domain.ids import NoteId, PatientId, TemplateId, VisitId
from app.domain.note import NoteVersion
from app.domain.visit import UnsignedLetter, Visit
from app.foundation.i18n import _
from app.ui.viewmodels.listener import Listener

if TYPE_CHECKING:
    from app.workflow.letter_writing import Letter
    from app.workflow.services import Services

HARD_WORDS = 8
"""Long words that are named; the rest is seen when these are gone."""


class AfterModel(Listener):
    """Adds to a signed note and makes letters from it.

    Signals:
        password_needed: ask for the password and sign again; a bool: the last one was wrong.
        refused: an exception: nothing was signed.
        added: the addendum is signed.
        letter_made: a `Letter` to read and change.
        letter_signed: its `NoteVersion`.
        text_made: text for the clipboard, and what it is.
        exported: the path of a new file.
    """

    password_needed = Signal(bool)
    refused = Signal(object)
    added = Signal()
    letter_made = Signal(object)
    letter_signed = Signal(object)
    text_made = Signal(str, str)
    exported = Signal(object)

    def __init__(self, services: Services, parent: QObject | None = None) -> None:
        super().__init__(services, parent)
        self.visit: VisitId | None = None
        self.addendum = ""
        """What is typed to be added, and is not signed yet."""
        self.letters: dict[TemplateId, UnsignedLetter] = {}
        """What is typed in letters that are not signed yet."""

    def show(self, visit: Visit | None) -> None:
        """Turn to another visit, or to none; what is typed for the same one stays."""
        number = visit.id if visit is not None else None
        if number != self.visit:
            self.visit = number
            self.addendum = visit.addendum if visit is not None else ""
            letters = visit.letters if visit is not None else ()
            self.letters = {each.template: each for each in letters}

    def keep_addendum(self, text: str) -> None:
        """Keep what is typed, in the vault: it is there again when the addendum is gone on with."""
        kept = text if text.strip() else ""
        if self.visit is not None and kept != self.addendum:
            visit, self.addendum = self.visit, kept
            self.ask(
                lambda: self._services.visiting.keep_addendum(visit, kept), lambda _visit: None
            )

    def keep_letter(self, template: TemplateId, letter: UnsignedLetter | None) -> None:
        """Keep what is typed in a letter, in the vault, or nothing of it."""
        if self.visit is None or letter == self.letters.get(template):
            return
        visit = self.visit
        self._forget_letter(template)
        if letter is not None:
            self.letters[template] = letter
        self.ask(
            lambda: self._services.visiting.keep_letter(visit, template, letter),
            lambda _visit: None,
        )

    def _forget_letter(self, template: TemplateId) -> None:
        self.letters = {key: each for key, each in self.letters.items() if key != template}

    @property
    def addendum_attestation(self) -> str:
        """The words above the signature of an addendum."""
        return self._services.signing.addendum_attestation

    @property
    def letter_attestation(self) -> str:
        """The words above the signature of a letter."""
        return self._services.signing.letter_attestation

    def add(self, banner: PatientId, text: str, password: str = "") -> None:
        """Sign an addendum, for the patient in the banner."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.signing.add(visit, banner, text, password),
                lambda _version: self._on_added(visit),
                self._on_refused,
            )

    def make_letter(self, template: TemplateId, grade: int | None = None) -> None:
        """Make a letter from the signed note; `letter_made` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.letter_writing.make(visit, template, grade),
                self.letter_made.emit,
            )

    def sign_letter(
        self, letter: Letter, texts: Sequence[str], banner: PatientId, password: str = ""
    ) -> None:
        """Sign a letter as it reads now."""
        edited = self._services.letter_writing.edited(letter, texts)
        self.ask(
            lambda: self._services.letter_writing.sign(edited, banner, password),
            self._on_letter,
            self._on_refused,
        )

    def copy_letter(self, banner: PatientId, note: NoteId, name: str) -> None:
        """Have a signed letter as text; `text_made` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.exporting.text(visit, banner, letter=note),
                lambda text: self.text_made.emit(text, name),
            )

    def export_letter(self, banner: PatientId, note: NoteId, folder: Path) -> None:
        """Write a signed letter as a text file; `exported` follows."""
        if self.visit is not None:
            visit = self.visit
            self.ask(
                lambda: self._services.exporting.file(visit, banner, "text", folder, letter=note),
                self.exported.emit,
            )

    def level_words(self, text: str, wanted: int | None) -> str:
        """Say how hard a text is to read, and which words make it so."""
        level = self._services.letter_writing.measure(text)
        if level.grade is None:
            return ""
        if wanted is None:
            return _("Reading level: school grade {grade:.0f}.").format(grade=level.grade)
        words = _("Reading level: school grade {grade:.0f}, wanted {wanted}.").format(
            grade=level.grade, wanted=wanted
        )
        if level.grade <= wanted or not level.hard:
            return words
        hard = ", ".join(level.hard[:HARD_WORDS])
        return words + " " + _("Long words: {words}.").format(words=hard)

    def _on_added(self, visit: VisitId) -> None:
        if visit == self.visit:
            self.addendum = ""
        self.added.emit()

    def _on_letter(self, version: NoteVersion) -> None:
        if version.visit == self.visit:
            self._forget_letter(version.draft.template)
        self.letter_signed.emit(version)

    def _on_refused(self, error: BaseException) -> None:
        if isinstance(error, ReauthenticationError | WrongPasswordError):
            self.password_needed.emit(isinstance(error, WrongPasswordError))
        else:
            self.refused.emit(error)
