"""Diffs show every change, merging takes only what was taken, a person's words stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import Claim, Owner, Section, Support
from app.domain.ids import ClaimId, SegmentId
from app.drafting.diffs import (
    ChangeKind,
    ClaimChange,
    WordChange,
    claim_diff,
    draft_diff,
    merge,
    section_diff,
    word_diff,
)

SAME, CHANGED, ADDED, REMOVED, KEPT = ChangeKind


def claim(id_: str, text: str, owner: Owner = Owner.MODEL) -> Claim:
    return Claim(ClaimId(id_), text, (SegmentId("1"),), Support.SUPPORTED, owner)


COUGH = claim("a", "Cough for two weeks.")
FEVER = claim("b", "Denies fever.")
TYPED = claim("c", "Looks tired.", Owner.CLINICIAN)


def kinds(changes: tuple[ClaimChange, ...]) -> list[ChangeKind]:
    return [each.kind for each in changes]


def test_a_changed_number_is_one_word() -> None:
    found = word_diff("BP 132/84, lisinopril 2.5 mg.", "BP 138/84, lisinopril 20 mg.")
    assert [(each.change, each.text) for each in found if each.change is not WordChange.SAME] == [
        (WordChange.REMOVED, "132/84"),
        (WordChange.ADDED, "138/84"),
        (WordChange.REMOVED, "2.5"),
        (WordChange.ADDED, "20"),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_words_of_a_diff_give_both_texts(old: str, new: str) -> None:
    found = word_diff(old, new)
    assert "".join(each.text for each in found if each.change is not WordChange.ADDED) == old
    assert "".join(each.text for each in found if each.change is not WordChange.REMOVED) == new


def test_claims_are_matched_by_saying_the_same_or_by_likeness() -> None:
    new = (claim("x", "cough for two weeks"), claim("y", "Denies fever and chills."))
    first, second = claim_diff((COUGH, FEVER), new)
    assert (first.kind, second.kind) == (CHANGED, CHANGED)
    assert [each.text for each in second.words if each.change is WordChange.ADDED] == [
        " and chills"
    ]


def test_the_same_claims_have_nothing_to_decide() -> None:
    changes = claim_diff((COUGH, FEVER, TYPED), (COUGH, FEVER, TYPED))
    assert kinds(changes) == [SAME, SAME, KEPT]
    assert not any(each.is_open for each in changes)


def test_changed_evidence_alone_is_a_change_without_changed_words() -> None:
    (change,) = claim_diff((COUGH,), (replace(COUGH, evidence=(SegmentId("9"),)),))
    assert change.kind is CHANGED
    assert {each.change for each in change.words} == {WordChange.SAME}


def test_what_comes_stands_behind_its_neighbor_and_what_goes_stays_in_place() -> None:
    pain = claim("d", "Chest hurts when breathing in.")
    changes = claim_diff((COUGH, FEVER), (COUGH, pain))
    assert kinds(changes) == [SAME, ADDED, REMOVED]
    assert merge(changes, [1, 2]) == (COUGH, pain)
    assert merge(changes, []) == (COUGH, FEVER)
    assert merge(changes, [1]) == (COUGH, pain, FEVER)


def test_a_persons_claim_is_kept_and_its_echo_left_out() -> None:
    changes = claim_diff((TYPED, FEVER), (claim("z", "looks tired"), claim("b", "No fever.")))
    assert kinds(changes) == [KEPT, CHANGED]
    assert merge(changes, range(9))[0] == TYPED


def test_a_persons_claim_stays_even_if_a_change_names_it() -> None:
    change = ClaimChange(0, CHANGED, TYPED, claim("c", "Looks well."))
    assert merge((change,), [0]) == (TYPED,)
    assert merge((replace(change, is_asked=True),), [0])[0].text == "Looks well."


def test_a_claim_in_another_section_is_a_move_under_one_number() -> None:
    old = (Section("hpi", "HPI", (COUGH, FEVER)), Section("ros", "ROS"))
    new = (Section("hpi", "HPI", (COUGH,)), Section("ros", "ROS", (FEVER,)))
    here, there = draft_diff(old, new)
    went, came = here.changes[1], there.changes[0]
    assert (went.kind, went.moved, came.kind, came.moved) == (REMOVED, "ros", ADDED, "hpi")
    assert went.number == came.number
    assert merge(here.changes, [went.number]) == (COUGH,)
    assert merge(there.changes, [went.number]) == (FEVER,)


def test_sections_that_come_and_go_are_shown() -> None:
    old = (Section("hpi", "HPI", (COUGH,)),)
    new = (Section("plan", "Plan", (FEVER,)),)
    diffs = draft_diff(old, new)
    assert [(each.key, kinds(each.changes)) for each in diffs] == [
        ("plan", [ADDED]), ("hpi", [REMOVED]),
    ]  # fmt: skip


def test_two_equal_claims_stay_two() -> None:
    twin = replace(COUGH, id=ClaimId("t"))
    changes = claim_diff((COUGH, twin), (COUGH,))
    assert merge(changes, []) == (COUGH, twin)


words = st.lists(st.sampled_from(["cough", "fever", "no", "left", "20", "mg", "for"]), max_size=6)
claims = st.lists(
    st.builds(
        claim,
        st.sampled_from("abcdefghij"),
        words.map(" ".join),
        st.sampled_from(Owner),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
).map(tuple)


@given(claims, claims, st.sets(st.integers(0, 12)))
def test_merging_never_loses_or_changes_what_a_person_owns(
    old: tuple[Claim, ...], new: tuple[Claim, ...], taken: set[int]
) -> None:
    changes = claim_diff(old, new)
    assert merge(changes, ()) == old
    owned = [each for each in old if each.owner is not Owner.MODEL]
    merged = merge(changes, taken)
    assert [each for each in merged if each in owned] == owned
    assert [each.number for each in changes] == list(range(len(changes)))
    everything = merge(changes, range(len(changes)))
    said = {each.text.casefold() for each in everything}
    assert all(
        each.text.casefold() in said or any(each.id == one.id for one in owned) for each in new
    )


@pytest.mark.parametrize("size", [60])
def test_long_sections_are_compared_in_time(size: int) -> None:
    old = tuple(claim(f"o{each}", f"Fact {each} about the {each} knee") for each in range(size))
    new = tuple(claim(f"n{each}", f"Fact {each} about his {each} knee") for each in range(size))
    changes = section_diff(Section("a", "A", old), Section("a", "A", new)).changes
    assert kinds(changes) == [CHANGED] * size


def test_a_line_written_again_as_it_stands_rests_on_the_words_of_now() -> None:
    marked = replace(COUGH, heard="then", is_changed=True)
    again = (replace(COUGH, id=ClaimId("x"), heard="now"), claim("y", "Denies chills."))
    changes = claim_diff((marked, FEVER), again)
    wanted = {each.number for each in changes if each.is_open}
    assert merge(changes, wanted)[0] == replace(COUGH, heard="now")
    assert merge(changes, ())[0] == marked
