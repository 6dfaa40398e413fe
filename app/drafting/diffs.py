"""What differs between two versions of a section or draft, by claims and words, and merging them.

What a clinician wrote or a macro put in is shown and never changed, unless the change is marked
as asked for. Pure; any thread.
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from app.domain.draft import Claim, Owner, Section
from app.drafting.claims import sameness

LEAST_LIKENESS: Final = 0.5
"""Share of words two claims have in common to be shown as one that changed. Set by hand: below
it, the words of a diff on ACI-Bench notes are harder to read than two lines."""
_WORD: Final = re.compile(r"\s+|\d+(?:[.,/:]\d+)*%?|[^\W\d_]+(?:['\u2019-][^\W\d_]+)*|.", re.DOTALL)


class WordChange(enum.StrEnum):
    """What happened to some words."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class ChangeKind(enum.StrEnum):
    """What happened to a claim. KEPT: a person owns it and it stays, whatever the other has."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Words:
    """A run of words with blanks and marks."""

    change: WordChange
    text: str


@dataclass(frozen=True, slots=True)
class ClaimChange:
    """One line of a diff.

    Attributes:
        number: what `merge` is told; both ends of a move have the same.
        old, new: None where the claim is missing.
        words: of a changed claim; all SAME when only its evidence or findings changed.
        moved: key of the section at the other end of a move; empty otherwise.
        is_asked: a person asked for it, so it may touch what a person owns.
    """

    number: int
    kind: ChangeKind
    old: Claim | None
    new: Claim | None
    words: tuple[Words, ...] = ()
    moved: str = ""
    is_asked: bool = False

    @property
    def is_open(self) -> bool:
        """Whether there is anything to decide."""
        return self.kind not in {ChangeKind.SAME, ChangeKind.KEPT}


@dataclass(frozen=True, slots=True)
class SectionDiff:
    """The changes of one section, in the order they are shown."""

    key: str
    heading: str
    changes: tuple[ClaimChange, ...]


def word_diff(old: str, new: str) -> tuple[Words, ...]:
    """Return the words that stayed, went and came, in reading order.

    SAME and REMOVED joined give `old`, SAME and ADDED give `new`. Numbers such as 2.5 or 132/84
    are one word, so a changed digit shows the whole number.
    """
    before, after = _WORD.findall(old), _WORD.findall(new)
    found: list[Words] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, first, last, other_first, other_last in matcher.get_opcodes():
        if tag == "equal":
            found.append(Words(WordChange.SAME, "".join(before[first:last])))
            continue
        if last > first:
            found.append(Words(WordChange.REMOVED, "".join(before[first:last])))
        if other_last > other_first:
            found.append(Words(WordChange.ADDED, "".join(after[other_first:other_last])))
    return tuple(found)


def claim_diff(
    old: Sequence[Claim], new: Sequence[Claim], *, is_whole: bool = False
) -> tuple[ClaimChange, ...]:
    """Return what changes from the old claims of a section to the new ones.

    Claims belong together by id, else by saying the same, else by their words. A new claim that
    says what a person's claim says already is left out. Order: that of the old claims, so that
    nothing moves unasked; a claim that comes stands behind the one it stands behind in `new`.
    `is_whole`: a person brings a whole draft back, so what persons own changes, too.
    """
    lines: list[tuple[int | None, int | None]] = [*_pairs(old, new)]
    taken = {other for _, other in lines}
    for place in range(len(new)):
        if place not in taken:
            before = [at for at, (_, other) in enumerate(lines) if other == place - 1]
            lines.insert(before[0] + 1 if before else 0, (None, place))
    changes = [
        _change(
            None if one is None else old[one],
            None if other is None else new[other],
            is_whole=is_whole,
        )
        for one, other in lines
    ]
    kept = [each for each in changes if is_whole or not _is_said(each, old)]
    return tuple(replace(each, number=number) for number, each in enumerate(kept))


def section_diff(old: Section, new: Section, *, is_whole: bool = False) -> SectionDiff:
    """Return the diff of two versions of one section."""
    changes = claim_diff(old.claims, new.claims, is_whole=is_whole)
    return SectionDiff(new.key, new.heading, changes)


def draft_diff(
    old: Sequence[Section], new: Sequence[Section], *, is_whole: bool = False
) -> tuple[SectionDiff, ...]:
    """Return the diffs of all sections, in the new order, then those that are gone.

    Numbers count through the draft. A claim that went into another section is a move: removed
    here and added there under one number.
    """
    before = {each.key: each for each in old}
    gone = [replace(each, claims=()) for each in old if each.key not in {one.key for one in new}]
    diffs = [
        section_diff(before.get(each.key, replace(each, claims=())), each, is_whole=is_whole)
        for each in (*new, *gone)
    ]
    numbers = count()
    diffs = [
        replace(
            each, changes=tuple(replace(change, number=next(numbers)) for change in each.changes)
        )
        for each in diffs
    ]
    return _with_moves(diffs)


def merge(changes: Sequence[ClaimChange], taken: Collection[int]) -> tuple[Claim, ...]:
    """Return the claims of a section after some of its changes were taken.

    Args:
        changes: of one section.
        taken: numbers of the changes to take; the others leave the old claims as they are.
    """
    merged: list[Claim] = []
    for each in changes:
        is_taken = each.number in taken and each.is_open and not _is_protected(each)
        claim = each.new if is_taken else each.old
        if taken and each.kind is ChangeKind.SAME:
            claim = _confirmed(each.old, each.new)
        if claim is not None:
            merged.append(claim)
    return tuple(merged)


def _confirmed(old: Claim | None, new: Claim | None) -> Claim | None:
    """Return a claim that was written again as it stands: it rests on words as they read now."""
    if old is None or new is None:
        return old
    return replace(old, heard=new.heard, is_changed=new.is_changed, before=new.before)


def is_owned(claim: Claim) -> bool:
    """Whether a person owns a claim: no model and no diff of a model changes it."""
    return claim.owner is not Owner.MODEL


def likeness(one: str, other: str) -> float:
    """Return the share of words two texts have in common, in order: 0 to 1."""
    before, after = sameness(one).split(), sameness(other).split()
    return difflib.SequenceMatcher(None, before, after, autojunk=False).ratio()


def _is_protected(change: ClaimChange) -> bool:
    return change.old is not None and is_owned(change.old) and not change.is_asked


def _pairs(old: Sequence[Claim], new: Sequence[Claim]) -> list[tuple[int, int | None]]:
    """Return (old, new or None) for each old claim, by id, sameness, then likeness."""
    found: dict[int, int] = {}
    left = set(range(len(new)))
    for name in (_id, _says):  # ids first: no claim may come to stand twice
        for place, claim in enumerate(old):
            fits = (other for other in sorted(left) if name(new[other]) == name(claim))
            other = next(fits, None) if place not in found else None
            if other is not None:
                found[place] = other
                left.discard(other)
    by_likeness = sorted(
        (
            (likeness(old[one].text, new[other].text), one, other)
            for one in range(len(old))
            for other in left
            if one not in found and not is_owned(old[one])
        ),
        key=lambda each: (-each[0], each[1], each[2]),
    )
    for ratio, one, other in by_likeness:
        if ratio >= LEAST_LIKENESS and one not in found and other in left:
            found[one] = other
            left.discard(other)
    return [(place, found.get(place)) for place in range(len(old))]


def _says(claim: Claim) -> str:
    return sameness(claim.text)


def _id(claim: Claim) -> str:
    return claim.id


def _change(old: Claim | None, new: Claim | None, *, is_whole: bool) -> ClaimChange:
    if old is None:
        return ClaimChange(0, ChangeKind.ADDED, None, new, is_asked=is_whole)
    if is_owned(old) and not is_whole:
        return ClaimChange(0, ChangeKind.KEPT, old, new)
    if new is None:
        return ClaimChange(0, ChangeKind.REMOVED, old, None, is_asked=is_whole)
    same = (old.text, old.evidence, old.support, old.findings, old.owner)
    if same == (new.text, new.evidence, new.support, new.findings, new.owner):
        return ClaimChange(0, ChangeKind.SAME, old, new)
    words = word_diff(old.text, new.text)
    return ClaimChange(0, ChangeKind.CHANGED, old, new, words, is_asked=is_whole)


def _is_said(change: ClaimChange, old: Sequence[Claim]) -> bool:
    """Whether it adds what a person's claim says already."""
    if change.kind is not ChangeKind.ADDED or change.new is None:
        return False
    return _says(change.new) in {_says(each) for each in old if is_owned(each)}


def _with_moves(diffs: Sequence[SectionDiff]) -> tuple[SectionDiff, ...]:
    came = {
        each.new.id: (diff.key, each)
        for diff in diffs
        for each in diff.changes
        if each.kind is ChangeKind.ADDED and each.new is not None
    }
    went = {
        each.old.id: diff.key
        for diff in diffs
        for each in diff.changes
        if each.kind is ChangeKind.REMOVED and each.old is not None
    }

    def moved(change: ClaimChange) -> ClaimChange:
        claim = change.old or change.new
        if claim is None or claim.id not in came or claim.id not in went:
            return change
        place, other = came[claim.id]
        if change.kind is ChangeKind.REMOVED:
            return replace(change, number=other.number, moved=place)
        is_end = change.kind is ChangeKind.ADDED
        return replace(change, moved=went[claim.id]) if is_end else change

    return tuple(replace(each, changes=tuple(map(moved, each.changes))) for each in diffs)
