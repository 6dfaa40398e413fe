"""What the parsers find in one text, kept together so that each check reads it once. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.clinical.laterality import SidedWord, sided_words
from app.clinical.lexicon import Kind, Lexicon, Mention
from app.clinical.negation import Polarity, polarities
from app.clinical.quantities import Quantity, quantities
from app.clinical.wording import BREAKS, STOPWORDS, Token, tokenize, word_set
from app.domain.ids import SegmentId

_SKIPPED: Final = STOPWORDS | {"left", "right"}
"""Sides are compared by a rule of their own."""

_CLAUSE_STARTS: Final = BREAKS | word_set(
    "but however although though because since which who while when so therefore"
)


@dataclass(frozen=True, slots=True)
class Element:
    """A thing a text speaks of: an idea of the lexicon, or a content word.

    Attributes:
        name: the idea, else the stem.
        stems: of its words; another text with all of them speaks of it too.
        polarity: of its first word.
        text: as written, for the screen.
        clause: number of the clause of its text it stands in.
        place: index of its first token.
    """

    name: str
    kind: Kind | None
    stems: tuple[str, ...]
    polarity: Polarity
    text: str
    clause: int = 0
    place: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with all that was found in it.

    Attributes:
        evidence: segments it came from; empty for a claim.
        order: place in the transcript, in passages.
        is_unanswered: a question that got no answer: it tells nothing.
    """

    text: str
    tokens: tuple[Token, ...]
    elements: tuple[Element, ...]
    quantities: tuple[Quantity, ...]
    sides: tuple[SidedWord, ...]
    stems: frozenset[str]
    evidence: tuple[SegmentId, ...] = ()
    order: int = 0
    is_unanswered: bool = False

    def of(self, *kinds: Kind) -> tuple[Element, ...]:
        """Return the elements of these kinds."""
        return tuple(each for each in self.elements if each.kind in kinds)


def read(
    text: str, lexicon: Lexicon, evidence: tuple[SegmentId, ...] = (), order: int = 0
) -> Reading:
    """Read a claim or a passage."""
    tokens = tokenize(text)
    marks = polarities(text)
    found = quantities(text)
    mentions = lexicon.mentions(text)
    taken = {index for each in mentions for index in range(each.first, each.last)}
    taken |= {
        index
        for index, token in enumerate(tokens)
        if any(each.start <= token.start < each.end for each in found)
    }
    clauses = _clauses(tokens)
    elements = [_of_mention(each, tokens, marks, clauses) for each in _told(mentions)]
    for index, token in enumerate(tokens):
        if index not in taken and token.text[0].isalpha() and token.text not in _SKIPPED:
            elements.append(
                Element(
                    token.stem, None, (token.stem,), marks[index], token.text, clauses[index],
                    index,
                )
            )  # fmt: skip
    stems = frozenset(token.stem for token in tokens if token.is_word)
    return Reading(
        text, tokens, tuple(elements), found, sided_words(text), stems, evidence, order
    )  # fmt: skip


def _told(mentions: tuple[Mention, ...]) -> list[Mention]:
    """Leave out the pain and the place that a sited pain is made of."""
    has_site = any(each.idea.startswith("pain in ") for each in mentions)
    return [each for each in mentions if not (has_site and each.kind is Kind.PAIN)]


def _clauses(tokens: tuple[Token, ...]) -> list[int]:
    """Return the number of the clause of each token."""
    found, number = [], 0
    for token in tokens:
        number += token.text in _CLAUSE_STARTS
        found.append(number)
    return found


def _of_mention(
    each: Mention, tokens: tuple[Token, ...], marks: tuple[Polarity, ...], clauses: list[int]
) -> Element:
    stems = tuple(
        token.stem
        for token in tokens[each.first : each.last]
        if token.is_word and token.text not in STOPWORDS
    )
    return Element(
        each.idea, each.kind, stems, marks[each.first], each.text, clauses[each.first], each.first
    )  # fmt: skip
