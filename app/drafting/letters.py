"""Makes a letter or summary from a signed note, without a model: its claims under new headings.

PRODUCT.md lets letters come from the signed text only. Nothing is added, left out or reworded; a
clinician edits and signs the letter like a note. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from app.clinical.lexicon import Lexicon
from app.clinical.quantities import quantities
from app.domain.draft import Claim, Section
from app.domain.ids import ClaimId, new_id
from app.domain.transcript import SpeakerRole
from app.drafting.exchanges import Statement
from app.drafting.feeds import WHOLE, Feed
from app.drafting.filing import topics_in
from app.drafting.routing import Router, Topic, features
from app.drafting.template_filing import TemplateFiling, taken
from app.drafting.templates import Template

ENGINE: Final = "signed_note"
"""Who wrote the sections, as `Section.engine` says it."""


class LetterMaker:
    """Files the claims of signed notes under the headings of letters."""

    def __init__(
        self, lexicon: Lexicon, router: Router, make_id: Callable[[], str] = new_id
    ) -> None:
        self._lexicon = lexicon
        self._router = router
        self._make_id = make_id

    def make(
        self, letter: Template, signed: Sequence[Section], note: Template | None = None
    ) -> tuple[Section, ...]:
        """Return the sections of a letter.

        Args:
            letter: the template of the letter.
            signed: the sections of the signed note, in its order.
            note: the template of that note, so that its `takes` count; without it, keys and
                headings tell what a section holds.

        Returns:
            One finished section per heading. Each claim of the note stands once, with a new id,
            its evidence and its owner; claims for which the letter has no place are missing.
        """
        placed = list(self._statements(signed, note))
        places = TemplateFiling(letter).places(
            [(statement, topic) for _, statement, topic in placed]
        )
        return tuple(
            Section(
                section.key,
                section.heading,
                tuple(
                    replace(claim, id=ClaimId(self._make_id()))
                    for (claim, _, _), place in zip(placed, places, strict=True)
                    if place == section.key
                ),
                is_finished=True,
                engine=ENGINE,
            )
            for section in letter.sections
        )

    def _statements(
        self, signed: Sequence[Section], note: Template | None
    ) -> Iterator[tuple[Claim, Statement, Topic]]:
        total = max(1, sum(len(each.claims) for each in signed))
        done = 0
        for section in signed:
            topics = _topics(section, note)
            for claim in section.claims:
                statement = self._statement(claim, topics, done / total)
                yield claim, statement, self._topic(statement, topics)
                done += 1

    def _statement(self, claim: Claim, topics: Sequence[Topic], position: float) -> Statement:
        told = {Topic.EXAM, Topic.RESULTS, Topic.ASSESSMENT, Topic.PLAN}
        role = SpeakerRole.CLINICIAN if topics and set(topics) <= told else SpeakerRole.PATIENT
        return Statement(
            claim.text,
            claim.evidence,
            role,
            position,
            "",
            self._lexicon.mentions(claim.text),
            quantities(claim.text),
        )

    def _topic(self, statement: Statement, topics: Sequence[Topic]) -> Topic:
        """Return the likeliest topic among those its section holds."""
        if len(topics) == 1:
            return topics[0]
        chances = self._router.probabilities(features(statement, self._lexicon, statement.role))
        allowed = topics or [each for each in Topic if each is not Topic.TALK]
        return max(allowed, key=lambda each: chances.get(each, 0.0))


def _topics(section: Section, note: Template | None) -> tuple[Topic, ...]:
    known = note.section(section.key) if note is not None else None
    if known is None:
        return topics_in(section.key, section.heading)
    wholes: dict[Feed, None] = dict.fromkeys(WHOLE.get(each, each) for each in taken(known))
    return tuple(Topic(each) for each in wholes)
