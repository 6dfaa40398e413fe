"""Letters, referrals and summaries for patients: from the signed note alone. Main thread.

What stands in a letter is what was signed, under other headings; for patients with everyday words
in the place of clinical ones. A person reads and changes it, then signs it: only then it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.draft import Claim, Draft, Section
from app.domain.errors import NotSignedError
from app.domain.ids import PatientId, TemplateId, VisitId
from app.domain.note import NoteVersion
from app.domain.store_ports import VaultPort
from app.drafting.letters import LetterMaker
from app.drafting.plain_words import PlainWords
from app.drafting.reading_level import hard_words, reading_grade
from app.drafting.templates import Template
from app.workflow.drafts import lines_in, template_draft, typed_claim
from app.workflow.room import Room
from app.workflow.signing import Signing
from app.workflow.templating import Templating


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter before it is signed.

    Attributes:
        version: of the note it was made from.
        wanted_grade: reading level that was asked for, a US school grade; None for colleagues.
        left_out: lines of the note for which the letter has no place.
    """

    draft: Draft
    version: int
    wanted_grade: int | None
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingLevel:
    """How hard a text is to read: US school grade, None for a few words; words to replace."""

    grade: float | None
    hard: tuple[str, ...]


class LetterWriting:
    """Makes letters and signs them.

    Args:
        room: sessions and pool.
        templating: knows the templates of letters.
        signing: signs.
        tools: loads what fills letters, at the first one. Pool.
    """

    def __init__(
        self,
        room: Room,
        templating: Templating,
        signing: Signing,
        tools: Callable[[], tuple[LetterMaker, PlainWords]],
    ) -> None:
        self._pool = room.pool
        self._sessions = room.sessions
        self._templating = templating
        self._signing = signing
        self._tools = tools

    def make(
        self, visit: VisitId, template: TemplateId, grade: int | None = None
    ) -> Future[Letter]:
        """Make a letter from the newest signed version.

        Args:
            visit: signed.
            template: of a letter.
            grade: reading level in another school grade than the template asks for.

        The future raises NotSignedError; NotFoundError: no such letter.
        """
        session = self._sessions.current()

        def job() -> Letter:
            version = session.ask(_newest, visit).result()
            asked = self._templating.letter(template)
            wanted = grade if grade is not None else _grade(asked)
            maker, words = self._tools()
            note = self._note_template(version.draft)
            made = maker.make(asked, version.draft.sections, note)
            kept = {each.text for section in made for each in section.claims}
            left = tuple(each.text for each in version.draft.claims if each.text not in kept)
            if wanted is not None:
                made = tuple(_plain(each, words) for each in made)
            blank = template_draft(visit, _now(), asked)
            draft = replace(blank, sections=_coded(made, blank), models=version.draft.models)
            return Letter(draft, version.version, wanted, left)

        return self._pool.submit(job)

    def edited(self, letter: Letter, texts: Sequence[str]) -> Letter:
        """Return the letter with other texts, one per section: a line is a statement.

        A line that stands as it was keeps its evidence.
        """
        sections = tuple(
            replace(each, claims=_claims(each.claims, text))
            for each, text in zip(letter.draft.sections, texts, strict=True)
        )
        return replace(letter, draft=replace(letter.draft, sections=sections, made_at=_now()))

    def measure(self, text: str) -> ReadingLevel:
        """Return how hard a text is to read."""
        return ReadingLevel(reading_grade(text), hard_words(text))

    def sign(self, letter: Letter, banner: PatientId, password: str = "") -> Future[NoteVersion]:
        """Sign a letter; it can leave from then on. Errors: `Signing.sign_letter`."""
        return self._signing.sign_letter(letter.draft, banner, password)

    def signed(self, visit: VisitId) -> Future[tuple[NoteVersion, ...]]:
        """Return the signed letters of a visit, oldest first."""
        return self._sessions.current().ask(lambda vault: vault.letters(visit))

    def _note_template(self, note: Draft) -> Template:
        return self._templating.load(note.template)


def _newest(vault: VaultPort, visit: VisitId) -> NoteVersion:
    versions = vault.versions(visit)
    if not versions:
        raise NotSignedError
    return versions[-1]


def _grade(template: Template) -> int | None:
    found = [each.reading_grade for each in template.sections if each.reading_grade is not None]
    return min(found, default=None)


def _plain(section: Section, words: PlainWords) -> Section:
    claims = tuple(replace(each, text=words.plain(each.text)) for each in section.claims)
    return replace(section, claims=claims)


def _coded(made: Sequence[Section], blank: Draft) -> tuple[Section, ...]:
    """Return the sections with the codes of their template."""
    return tuple(
        replace(each, loinc=empty.loinc) for each, empty in zip(made, blank.sections, strict=True)
    )


def _claims(before: Sequence[Claim], text: str) -> tuple[Claim, ...]:
    known = {each.text: each for each in before}
    return tuple(known.get(line) or typed_claim(line) for line in lines_in(text))


def _now() -> datetime:
    return datetime.now().astimezone()
