"""Tells questions from statements; recognizers lose the marks of many. Pure; any thread."""

from __future__ import annotations

import re
from typing import Final

from app.clinical.lexicon import Lexicon
from app.clinical.wording import content_stems, tokenize
from app.domain.transcript import SpeakerRole

_PLAIN_QUESTION: Final = 14
"""Words. A question without its mark that is longer holds more than a question."""
_LONG_QUESTION: Final = 26
_ORDERED: Final = re.compile(
    r"(?:do|does|did|have|has|had|are|is|was|were|can|could|would|will) "
    r"(?:you|there|he|she|they|any|anyone|anybody)\b",
    re.IGNORECASE,
)
"""Words in the order of a question: longer ones need no mark. "Have it checked" is none."""
_GOES_ON: Final = re.compile(
    r"(?:let me|let's|let us|i'm (?:just )?(?:going to|gonna)|i'll|we'll|we're (?:going to|gonna)|"
    r"i'd like (?:you )?to|i want you|sorry|one moment|hold on|you|your)\b",
    re.IGNORECASE,
)
"""How an asker goes on where nobody knows who speaks: "let me listen to your chest"."""
_ASKED_LAST: Final = re.compile(
    r"(?<!\bwhen)(?<!\bif)(?<!\bthat)(?<!\bas)(?<!\bwhat)(?<!\bhow)(?<!\bwhere)(?<!\bwho)(?<!\bwhy)"
    r"(?<!\bwhich)(?<!\bso)(?<!\bnor)(?<!\bnot)(?<!\bthan) "
    r"(?:do|does|did) (?:you|it|he|she|they|that|this)(?: [\w']+){1,8}$",
    re.IGNORECASE,
)
"""What a run of words without marks asks in the end: "push against my hand does that hurt"."""
_OF_HOW: Final = re.compile(r"(?:when|where|what|which|how|why|who)\b", re.IGNORECASE)
_OF_SELF: Final = re.compile(r"\b(?:i|i'm|i've|my|me|it's|it was|there's)\b", re.IGNORECASE)
_TO_OTHER: Final = re.compile(
    r"\b(?:you|your|you've|you're|any|should|could|would)\b", re.IGNORECASE
)
_YOU_ANY: Final = re.compile(
    r"you(?:'ve|'re)?(?: (?!no\b|not\b|never\b)[a-z]+){1,4} any\b(?! (?:more|longer|way))",
    re.IGNORECASE,
)
"""A question in the order of a statement: "you have any chest pain"."""


def is_question(text: str, role: SpeakerRole, lexicon: Lexicon) -> bool:
    """Return whether a cleaned sentence asks, by its mark, its order of words, or its beginning."""
    return _asks(text, lexicon) and not _is_unsure(text, role)


def is_beside(asked: str, reply: str) -> bool:
    """Return whether a reply has no word of a question: it speaks of something else.

    Who asks when, where or how takes the thing for granted, and any words are an answer.
    """
    if _OF_HOW.match(asked):
        return False
    return set(content_stems(asked)).isdisjoint(content_stems(reply))


def goes_on(text: str) -> bool:
    """Return whether a sentence is how an asker goes on, rather than an answer."""
    return _GOES_ON.match(text) is not None


def _asks(text: str, lexicon: Lexicon) -> bool:
    if text.endswith("?") or _ASKED_LAST.search(text):
        return True
    tokens = [token for token in tokenize(text) if token.is_word]
    head = " ".join(token.text for token in tokens[:3])
    if not tokens or len(tokens) > _PLAIN_QUESTION:
        return 0 < len(tokens) <= _LONG_QUESTION and _ORDERED.match(text) is not None
    is_any = tokens[0].text == "any" or _YOU_ANY.match(text) is not None
    return is_any or lexicon.has_cue("question_words", head)


def _is_unsure(text: str, role: SpeakerRole) -> bool:
    """Whether a patient tells something as a question: "it's, metformin?"."""
    is_turned = _ORDERED.match(text) or _OF_HOW.match(text) or _TO_OTHER.search(text)
    return role is SpeakerRole.PATIENT and not is_turned and _OF_SELF.search(text) is not None
