"""The tables of `resources/lexicons`: drugs, and clinical ideas with their lay wordings.

Loaded once and passed to constructors. Nothing changes after loading, so any thread may read.
"""

from __future__ import annotations

import enum
import threading
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Final, Self

from app.clinical.wording import BREAKS, Token, tokenize


class Kind(enum.StrEnum):
    """What sort of thing a mention names."""

    DRUG = "drug"
    DRUG_CLASS = "class"
    SYMPTOM = "symptom"
    CONDITION = "condition"
    FINDING = "finding"
    VITAL = "vital"
    TEST = "test"
    SOCIAL = "social"
    ALLERGY = "allergy"
    PAIN = "pain"
    BODY = "body"
    QUALITY = "quality"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Mention:
    """A clinical idea in a text.

    Attributes:
        idea: canonical; ingredients joined by "+" for a drug, "pain in knee" for a sited pain.
        first, last: token indexes of `tokenize(text)`, `last` exclusive.
        text: as written, for the screen.
    """

    kind: Kind
    idea: str
    first: int
    last: int
    text: str


_PAIN_REACH: Final = 7
"""Words between a pain and its place ("hurts sometimes when I'm like in my tummy" has 6)."""


@dataclass(slots=True)
class _Node:
    """A step in the tree of wordings."""

    children: dict[str, _Node] = field(default_factory=dict)
    ideas: tuple[tuple[Kind, str], ...] = ()


class Lexicon:
    """Finds drugs and clinical ideas in a text."""

    def __init__(
        self,
        drugs: Mapping[str, str],
        ideas: Iterable[tuple[Kind, str, str]],
        cues: Mapping[str, Sequence[str]],
    ) -> None:
        """Keep the tables. The tree of wordings is built when it is first looked at.

        Building takes a tenth of a second, which no start of the program should wait for.

        Args:
            drugs: name to its ingredients joined by "+"; an ingredient names itself.
            ideas: (kind, idea, wording).
            cues: named lists of phrases (`cues.toml`).
        """
        self.drug_names: frozenset[str] = frozenset(drugs)
        self.ingredients: Mapping[str, str] = dict(drugs)
        self._ideas = tuple(ideas)
        self._phrases = cues
        self._building = threading.Lock()  # guards _built
        self._built: _Node | None = None

    @property
    def _root(self) -> _Node:
        with self._building:
            if self._built is None:
                self._built = self._tree()
            return self._built

    def _tree(self) -> _Node:
        root = _Node()
        for name, of in self.ingredients.items():
            _add(root, (Kind.DRUG, of), [token.text for token in tokenize(name)])
        for kind, idea, wording in self._ideas:
            _add(root, (kind, idea), [token.stem for token in tokenize(wording)])
        return root

    @cached_property
    def _cues(self) -> Mapping[str, frozenset[tuple[str, ...]]]:
        return {
            name: frozenset(
                tuple(token.stem for token in tokenize(each) if token.is_word) for each in phrases
            )
            for name, phrases in self._phrases.items()
        }

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the tables of a folder like `resources/lexicons`.

        Raises:
            OSError: a table is missing. The shipped folder is part of the installation.
        """
        drugs: dict[str, str] = {}
        for name in ("drugs.txt", "drugs_extra.txt"):
            for line in (folder / name).read_text(encoding="utf-8").splitlines():
                drug, _, of = line.partition("=")
                if drug and not drug.startswith("#"):
                    drugs[drug] = of or drug
        tables = tomllib.loads((folder / "concepts.toml").read_text(encoding="utf-8"))
        ideas = [
            (Kind(kind), idea, wording)
            for kind, table in tables.items()
            for idea, wordings in table.items()
            for wording in wordings
        ]
        cues = tomllib.loads((folder / "cues.toml").read_text(encoding="utf-8"))["cues"]
        return cls(drugs, ideas, cues)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """Return the ideas in a text in order; longest wording first, pains joined to places."""
        tokens = tokenize(text)
        found: list[Mention] = []
        index = 0
        while index < len(tokens):
            last, ideas = self._longest(tokens, index)
            for kind, idea in ideas:
                words = text[tokens[index].start : tokens[last - 1].end]
                found.append(Mention(kind, idea, index, last, words))
            index = last if ideas else index + 1
        return tuple(_site_pains(text, tokens, found))

    def has_cue(self, name: str, text: str) -> bool:
        """Return whether a phrase of the named cue list stands in the text."""
        phrases = self._cues[name]
        stems = [token.stem for token in tokenize(text) if token.is_word]
        longest = max(map(len, phrases), default=0)
        return any(
            tuple(stems[index : index + size]) in phrases
            for index in range(len(stems))
            for size in range(1, longest + 1)
        )

    def is_only(self, name: str, text: str) -> bool:
        """Return whether a text is made of phrases of the named cue list and nothing else."""
        phrases = self._cues[name]
        stems = tuple(token.stem for token in tokenize(text) if token.is_word)
        index = 0
        while index < len(stems):
            sizes = [size for size in (4, 3, 2, 1) if stems[index : index + size] in phrases]
            if not sizes:
                return False
            index += sizes[0]
        return bool(stems)

    def _longest(
        self, tokens: Sequence[Token], index: int
    ) -> tuple[int, tuple[tuple[Kind, str], ...]]:
        best: tuple[int, tuple[tuple[Kind, str], ...]] = (index + 1, ())
        node = self._root
        for last in range(index, len(tokens)):
            token = tokens[last]
            child = node.children.get(token.text) or node.children.get(token.stem)
            if child is None:
                return best
            node = child
            if node.ideas:
                best = (last + 1, node.ideas)
        return best


_ASKED: Final = frozenset({"that", "this", "it", "you"})


def _add(root: _Node, idea: tuple[Kind, str], steps: Sequence[str]) -> None:
    node = root
    for step in steps:
        node = node.children.setdefault(step, _Node())
    if idea not in node.ideas:
        node.ideas = (*node.ideas, idea)


def _site_pains(text: str, tokens: Sequence[Token], found: list[Mention]) -> list[Mention]:
    bodies = [each for each in found if each.kind is Kind.BODY]
    result = []
    for each in found:
        result.append(each)
        if each.kind is not Kind.PAIN:
            continue
        place = _nearest(tokens, each, bodies)
        if place:
            first, last = min(each.first, place.first), max(each.last, place.last)
            words = text[tokens[first].start : tokens[last - 1].end]
            idea = f"pain in {place.idea}"
            result.append(Mention(Kind.SYMPTOM, idea, each.first, each.last, words))
    return result


def _is_asked_anew(words: Sequence[str]) -> bool:
    """Whether a question begins: in "push against my hand does that hurt" the hand is another's."""
    return any(one in {"do", "does", "did"} and two in _ASKED for one, two in pairwise(words))


def _nearest(tokens: Sequence[Token], pain: Mention, bodies: Sequence[Mention]) -> Mention | None:
    best, least = None, _PAIN_REACH + 1
    for body in bodies:
        first, last = min(pain.last, body.last), max(pain.first, body.first)
        gap = sum(token.is_word for token in tokens[first:last])
        between = [token.text for token in tokens[first:last]]
        is_mine = body.first > 0 and tokens[body.first - 1].text == "my" and _is_asked_anew(between)
        is_cut = not BREAKS.isdisjoint({*between} - {","}) or is_mine
        if gap < least and not is_cut:
            best, least = body, gap
    return best
