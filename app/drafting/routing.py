"""Decides which part of a note a statement belongs to, by a small linear model. Pure; any thread.

The model is a table of weights in JSON, trained by `models/train_section_model.py`. Its features
are word stems, pairs of them, kinds of mentions, cues, role and place in the visit.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from app.clinical.lexicon import Lexicon
from app.clinical.wording import tokenize
from app.domain.transcript import SpeakerRole
from app.drafting.exchanges import Statement


class Topic(enum.StrEnum):
    """A part of a note, in reading order. TALK is left out of notes."""

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
    TALK = "talk"


CUES: Final = ("talk", "plan", "assessment", "exam", "results", "family", "past", "medicines")
_PLACES: Final = 5


def features(statement: Statement, lexicon: Lexicon, role: SpeakerRole) -> frozenset[str]:
    """Return the features of a statement. Training and use share this function."""
    stems = [token.stem for token in tokenize(statement.text) if token.is_word]
    stems = ["0" if each[0].isdigit() else each for each in stems]
    found = {f"w:{each}" for each in stems}
    found |= {f"p:{first} {second}" for first, second in pairwise(stems)}
    found |= {f"k:{each.kind.value}" for each in statement.mentions}
    found |= {f"q:{each.measure.value}" for each in statement.quantities}
    found |= {f"c:{cue}" for cue in CUES if lexicon.has_cue(cue, statement.text)}
    found.add(f"r:{role.value}")
    found.add(f"at:{min(_PLACES - 1, int(statement.position * _PLACES))}")
    if statement.question:
        found.add("asked")
    found.add(f"size:{min(4, len(stems) // 6)}")
    return frozenset(found)


class Router:
    """Gives each statement the probabilities of the topics."""

    def __init__(
        self, topics: Sequence[Topic], bias: Sequence[float], weights: Mapping[str, Sequence[float]]
    ) -> None:
        """Keep the model.

        Args:
            topics: names of the columns.
            bias: one number per topic.
            weights: feature to one number per topic.
        """
        self._topics = tuple(topics)
        self._bias = tuple(bias)
        self._weights = weights

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read `sections.json`.

        Raises:
            OSError: the file is missing. It is part of the installation.
        """
        table = json.loads(path.read_text(encoding="utf-8"))
        scale = table["scale"]
        weights = {
            name: tuple(value / scale for value in row) for name, row in table["weights"].items()
        }
        return cls([Topic(each) for each in table["topics"]], table["bias"], weights)

    def probabilities(self, found: frozenset[str]) -> dict[Topic, float]:
        """Return the probability of each topic for a set of features. They sum to 1."""
        scores = list(self._bias)
        for name in found:
            for column, weight in enumerate(self._weights.get(name, ())):
                scores[column] += weight
        top = max(scores)
        powers = [math.exp(score - top) for score in scores]
        total = sum(powers)
        return {topic: power / total for topic, power in zip(self._topics, powers, strict=True)}
