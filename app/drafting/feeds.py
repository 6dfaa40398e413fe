"""What a template's section may take: the topics of the router, and finer parts of some. Pure."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final

from app.clinical.answers import Answer, read_answer
from app.clinical.lexicon import Kind
from app.drafting.exchanges import Statement
from app.drafting.routing import Topic


class Feed(enum.StrEnum):
    """A kind of statement, as template files name it. The first ten are topics of the router.

    `complaint` is the first thing the patient tells, `review` are questions answered with yes or
    no, `vitals` measured values, `prescriptions`, `tests` and `follow_up` parts of the plan,
    `procedure` what is done with instruments, taken from exam, results and plan.
    """

    HISTORY = "history"
    PAST = "past"
    MEDICINES = "medicines"
    ALLERGIES = "allergies"
    FAMILY = "family"
    SOCIAL = "social"
    EXAM = "exam"
    RESULTS = "results"
    ASSESSMENT = "assessment"
    PLAN = "plan"
    COMPLAINT = "complaint"
    REVIEW = "review"
    VITALS = "vitals"
    PRESCRIPTIONS = "prescriptions"
    TESTS = "tests"
    FOLLOW_UP = "follow_up"
    PROCEDURE = "procedure"


WHOLE: Final[Mapping[Feed, Feed]] = {
    Feed.COMPLAINT: Feed.HISTORY, Feed.REVIEW: Feed.HISTORY, Feed.VITALS: Feed.EXAM,
    Feed.PRESCRIPTIONS: Feed.PLAN, Feed.TESTS: Feed.PLAN, Feed.FOLLOW_UP: Feed.PLAN,
    Feed.PROCEDURE: Feed.PLAN,
}  # fmt: skip
"""The topic a finer feed is a part of."""

_COMING_BACK: Final = re.compile(
    r"\b(?:come back|follow(?:ing)?[- ]?up|see (?:you|me|us) (?:again|back|in)|return (?:to|in|if)|"
    r"(?:call|ring) (?:me|us|the (?:office|clinic|surgery)|911|999)|emergency|check in|"
    r"next (?:visit|appointment)|if (?:it|you|things|this|that|anything|your)\b.*"
    r"(?:worse|worsens?|better|improve))\b",
    re.IGNORECASE,
)
_PROCEDURE: Final = re.compile(
    r"\b(?:inject\w*|incis\w+|sutur\w+|stitch\w*|steril\w+|drap(?:e|ed|ing)|anesth\w+|anaesth\w+|"
    r"numb\w*|needle|gauge|biops\w+|excis\w+|aspirat\w+|drain(?:ed|ing|age)?|curett\w+|cauter\w+|"
    r"cryo\w*|liquid nitrogen|scalpel|forceps|catheter\w*|speculum|betadine|chlorhexidine|"
    r"bandag\w+|steri-?strips?|blood loss|tolerated|procedure)\b",
    re.IGNORECASE,
)
_LATER: Final = re.compile(
    r"\b(?:schedul\w+|refer\w*|next (?:week|month|time|visit)|if (?:it|that|this|you)|would|could|"
    r"consider\w*|years? ago|months? ago)\b",
    re.IGNORECASE,
)


def is_procedure(statement: Statement, topic: Topic) -> bool:
    """Whether a statement tells what is being done with instruments, here and now."""
    return (
        topic in {Topic.EXAM, Topic.RESULTS, Topic.PLAN}
        and _PROCEDURE.search(statement.text) is not None
        and _LATER.search(statement.text) is None
    )


def feed_of(statement: Statement, topic: Topic) -> Feed:
    """Return the finest feed of a statement whose topic is known.

    Never COMPLAINT or PROCEDURE: they depend on the template.

    Raises:
        ValueError: the topic is TALK, which goes into no note.
    """
    match topic:
        case Topic.HISTORY if _is_answered(statement):
            return Feed.REVIEW
        case Topic.EXAM if statement.has(Kind.VITAL) and statement.quantities:
            return Feed.VITALS
        case Topic.PLAN:
            return _part_of_plan(statement)
        case _:
            return Feed(topic.value)


def _is_answered(statement: Statement) -> bool:
    if not statement.question:
        return False
    return read_answer(statement.text[len(statement.question) :]) is not Answer.OTHER


def _part_of_plan(statement: Statement) -> Feed:
    if statement.has(Kind.DRUG, Kind.DRUG_CLASS):
        return Feed.PRESCRIPTIONS
    if _COMING_BACK.search(statement.text):
        return Feed.FOLLOW_UP
    return Feed.TESTS if statement.has(Kind.TEST) else Feed.PLAN
