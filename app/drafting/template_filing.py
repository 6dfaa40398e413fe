"""Decides into which section of a template each statement of a visit goes. Pure; any thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from app.domain.draft import Omission, Section
from app.domain.transcript import SpeakerRole
from app.drafting.exchanges import Statement
from app.drafting.feeds import WHOLE, Feed, feed_of, is_procedure
from app.drafting.filing import FALLBACKS, targets, topics_in
from app.drafting.routing import Topic
from app.drafting.templates import Template, TemplateSection

_OMITTED: Final[Mapping[str, Feed]] = {
    "allergy": Feed.ALLERGIES,
    "drug": Feed.MEDICINES,
    "vital": Feed.VITALS,
}
"""Kinds of omissions that have a section of their own in some templates."""


class TemplateFiling:
    """Files statements into the sections of one template, in any number, in any order.

    A kind of statement goes to the section that takes it (`takes` in the file, else by the words
    of key and heading; where several do, to the one that takes the fewest kinds); else to the
    section that takes its whole topic; else to the nearest topic there is.
    """

    def __init__(self, template: Template) -> None:
        self._taken = {each.key: taken(each) for each in template.sections}
        self._homes = {each: self._home(each) for each in Feed}

    @property
    def homes(self) -> Mapping[Feed, str | None]:
        """The key of the section each kind goes to, None where the template has no place."""
        return self._homes

    @property
    def lost(self) -> tuple[Topic, ...]:
        """Topics the template has no place for: the editor of a template warns of them."""
        return tuple(
            each for each in Topic if each is not Topic.TALK and self._homes[Feed(each)] is None
        )

    def placed(self, omission: Omission) -> Omission:
        """Return an omission that would go into a section of this template.

        Omissions are found without knowing the template: they name a section of a SOAP note.
        """
        if omission.section in self._taken:
            return omission
        topics = topics_in(omission.section, omission.section)
        wanted = [*filter(None, [_OMITTED.get(omission.kind)]), *(Feed(each) for each in topics)]
        homes = (self._homes[each] for each in wanted)
        home = next((each for each in homes if each), next(iter(self._taken)))
        return replace(omission, section=home)

    def places(self, statements: Sequence[tuple[Statement, Topic]]) -> tuple[str | None, ...]:
        """Return the key of the section of each statement, None for those without a place.

        Args:
            statements: all that are kept of a visit, with their topics, none of them TALK.
        """
        own = frozenset(feed for feeds in self._taken.values() for feed in feeds)
        complaint = _complaint(statements) if Feed.COMPLAINT in own else None
        places: list[str | None] = []
        for place, (statement, topic) in enumerate(statements):
            feed = feed_of(statement, topic)
            if place == complaint:
                feed = Feed.COMPLAINT
            elif Feed.PROCEDURE in own and is_procedure(statement, topic):
                feed = Feed.PROCEDURE
            places.append(self._homes[feed])
        return tuple(places)

    def _home(self, feed: Feed) -> str | None:
        whole = WHOLE.get(feed, feed)
        near = (Feed(each) for each in FALLBACKS.get(Topic(whole), ()))
        for wanted in (feed, whole, *near):
            fits = [(len(feeds), key) for key, feeds in self._taken.items() if wanted in feeds]
            if fits:
                return min(fits, key=lambda each: each[0])[1]
        return None


def home_of(section: Section, sections: Sequence[Section]) -> str:
    """Return the key of the section that holds what `section` held in another template.

    Empty when none of them does.
    """
    if any(each.key == section.key for each in sections):
        return section.key
    homes = targets([(each.key, each.heading) for each in sections])
    found = (homes.get(each) for each in topics_in(section.key, section.heading))
    return next((each for each in found if each), "")


def taken(section: TemplateSection) -> tuple[Feed, ...]:
    """Return what a section takes: what its file says, else what its key or heading tells."""
    if section.takes:
        return section.takes
    return tuple(Feed(each) for each in topics_in(section.key, section.heading))


def _complaint(statements: Sequence[tuple[Statement, Topic]]) -> int | None:
    """Return the place of the first history that is told, not answered with yes or no."""
    told = [
        (statement.position, place)
        for place, (statement, topic) in enumerate(statements)
        if topic is Topic.HISTORY
        and statement.role is not SpeakerRole.CLINICIAN
        and feed_of(statement, topic) is Feed.HISTORY
    ]
    return min(told)[1] if told else None
