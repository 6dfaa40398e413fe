"""Which heard word stands for which word of the reference, and what that says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from app.domain.transcript import Word
from tests.performance.word_error import normalized

T = TypeVar("T")


def tokens(texts: Sequence[str]) -> list[tuple[str, int]]:
    """Return the normalized words of some written words, each with the index it came from."""
    return [(token, index) for index, text in enumerate(texts) for token in normalized(text)]


def pairs(reference: Sequence[str], heard: Sequence[str]) -> dict[int, int]:
    """Return reference index -> heard index by least edit distance.

    Equal words are paired, and words that stand in each other's place; a reference word that
    was lost has no pair. A word of several tokens ("I'm") is paired by its last one.
    """
    wanted, got = tokens(reference), tokens(heard)
    found: dict[int, int] = {}
    steps = Levenshtein.opcodes([each for each, _ in wanted], [each for each, _ in got])
    for step in steps:
        if step.tag in {"equal", "replace"}:
            for i, j in zip(
                range(step.src_start, step.src_end),
                range(step.dest_start, step.dest_end),
                strict=False,
            ):
                found[wanted[i][1]] = got[j][1]
    return found


@dataclass(frozen=True, slots=True)
class Losses:
    """How one text differs from another that is held to be complete, in normalized words.

    Attributes:
        lost, invented, changed: against the text that is held to be complete.
        invented_said: of the invented, those that a person heard and the other text lacks.
        lost_unsaid: of the lost, those that nobody said, or that this text has elsewhere.
    """

    lost: int
    invented: int
    changed: int
    words: int
    invented_said: int = 0
    lost_unsaid: int = 0

    def __add__(self, other: Losses) -> Losses:
        return Losses(
            self.lost + other.lost,
            self.invented + other.invented,
            self.changed + other.changed,
            self.words + other.words,
            self.invented_said + other.invented_said,
            self.lost_unsaid + other.lost_unsaid,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """A normalized word that one text has and the other has not.

    Attributes:
        kind: `lost` or `invented`.
        is_said: whether a person heard it, and the other text lacks it.
        around: the text that has it, some words to both sides.
    """

    kind: str
    word: str
    is_said: bool
    around: str


def losses(complete: str, text: str, reference: str = "") -> Losses:
    """Count what is lost, invented and changed in a text.

    Args:
        complete: the text that is held to be complete.
        text: whose words are counted.
        reference: what a person heard; empty = nobody knows.
    """
    wanted, got = normalized(complete), normalized(text)
    tags = [step.tag for step in Levenshtein.editops(wanted, got)]
    found = differing(complete, text, reference) if reference else []
    return Losses(
        tags.count("delete"),
        tags.count("insert"),
        tags.count("replace"),
        len(wanted),
        invented_said=sum(each.is_said for each in found if each.kind == "invented"),
        lost_unsaid=sum(not each.is_said for each in found if each.kind == "lost"),
    )


def differing(complete: str, text: str, reference: str) -> list[Difference]:
    """Return the words that are lost or invented, each held against what a person heard.

    A word was said when it stands for a word of the reference that the other text lacks: the
    second of two equal words stands for none.
    """
    wanted, got, said = normalized(complete), normalized(text), normalized(reference)
    ours, theirs = _equal(said, got), _equal(said, wanted)
    found: list[Difference] = []
    for step in Levenshtein.editops(wanted, got):
        if step.tag == "replace":
            continue
        is_lost = step.tag == "delete"
        words, at = (wanted, step.src_pos) if is_lost else (got, step.dest_pos)
        mine, other = (theirs, ours) if is_lost else (ours, theirs)
        is_said = at in mine and mine[at] not in other.values()
        around = " ".join([*words[max(0, at - 4) : at], f"[{words[at]}]", *words[at + 1 : at + 5]])
        found.append(Difference("lost" if is_lost else "invented", words[at], is_said, around))
    return found


def _equal(reference: Sequence[str], words: Sequence[str]) -> dict[int, int]:
    """Return index of a word -> index of the same word in its place in the reference."""
    equal = [step for step in Levenshtein.opcodes(reference, words) if step.tag == "equal"]
    return {
        step.dest_start + i: step.src_start + i
        for step in equal
        for i in range(step.dest_end - step.dest_start)
    }


@dataclass(frozen=True, slots=True)
class Revised:
    """Committed words against the words of the transcript that keep their ids."""

    committed: int
    changed: int
    gone: int
    only_formatting: int


def revised(committed: Sequence[Word], final: Sequence[Word]) -> Revised:
    """Compare committed words with the final ones of the same ids.

    Case and punctuation are formatting; a word whose id is in no segment is gone.
    """
    texts = {word.id: word.text for word in final}
    changed = gone = formatted = 0
    for word in committed:
        text = texts.get(word.id)
        if text is None:
            gone += 1
        elif normalized(text) != normalized(word.text):
            changed += 1
        elif text != word.text:
            formatted += 1
    return Revised(len(committed), changed, gone, formatted)


def trailing_lost(reference: str, heard: str) -> int:
    """Return how many words at the end of a reference have no equal word at the end of a text."""
    wanted, got = normalized(reference), normalized(heard)
    kept = [step for step in Levenshtein.opcodes(wanted, got) if step.tag == "equal"]
    return len(wanted) - (kept[-1].src_end if kept else 0)
