from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.differences import ChangeKind, changes
from tests.unit.clinical.spoken_forms import words

SAID = (
    "i have no not pain left right five 5 mg milligrams okay ok, the um fifty 50 can't cannot "
    "120/80 one twenty over eighty twice a day. Day lisinopril"
)
TALK = st.lists(st.sampled_from(SAID.split()), max_size=10)


def kinds(before: str, after: str) -> list[str]:
    return [each.kind.value for each in changes(words(before), words(after))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the pain is bad", "The pain is bad."),
        ("take fifty milligrams", "take 50 mg"),
        ("take fifty milligrams", "take 50 milligrams,"),
        ("it was one twenty over eighty", "it was 120/80"),
        ("it was one twenty over eighty", "it was 120 over 80."),
        ("I have two kids", "I have 2 kids"),
        ("at eight thirty am", "at 8:30 a.m."),
        ("I take um aspirin", "I take aspirin"),
        ("I take aspirin", "well I take the aspirin"),
        ("Okay. I take aspirin", "I take aspirin"),
        ("I I feel sick", "I feel sick"),
        ("no no pain", "no pain"),
        ("I don't smoke", "I do not smoke"),
        ("I'm fine", "I am fine"),
        ("on march third", "on March 3rd"),
        ("ten thousand units", "10000 units"),
    ],
)
def test_another_form_of_the_same_words_is_formatting(before: str, after: str) -> None:
    assert set(kinds(before, after)) == {"formatting"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the left knee", "the right knee"),
        ("I have pain", "I have no pain"),
        ("no, pain", "pain"),
        ("fifteen milligrams", "fifty milligrams"),
        ("0.5 mg", "5 mg"),
        ("hydroxyzine", "hydralazine"),
        ("I can do it", "I can't do it"),
        ("my knee hurts", "my knees hurt"),
        ("he takes it", "she takes it"),
        ("130 over 80", "130 over 90"),
        ("twice a day", "a day"),
        ("yes", ""),
        ("", "yes"),
        ("I feel okay", "I feel"),
        ("five five one two", "five one two"),
        ("two", "too"),
        ("1.5", "15"),
        ("one twenty over eighty", "one thirty over eighty"),
        ("take two 50 mg tablets", "take 250 mg tablets"),
        ("he is a febrile", "he is afebrile"),
        ("she is not able", "she is notable"),
        ("take 5-10 of them", "take 510 of them"),
        (".5", "5"),
        ("-5", "5"),
        ("mm hm", "uh"),
        ("Mm.", ""),
        ("uh uh", "uh"),
        ("Do you smoke? Mm hm. Good.", "Do you smoke? Good."),
        ("Any pain? Uh uh. Good.", "Any pain? Good."),
    ],
)
def test_anything_else_is_clinical(before: str, after: str) -> None:
    assert "clinical" in kinds(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("follow up", "follow-up"), ("can not", "cannot")],
)
def test_other_blanks_change_nothing(before: str, after: str) -> None:
    assert kinds(before, after) == ["same"]


def test_another_language_has_no_hesitations_and_no_forms() -> None:
    (change,) = changes(words("la um casa"), words("La casa"), "es")[1:]
    assert change.kind is ChangeKind.CLINICAL
    (number,) = changes(words("take fifty"), words("take 50"), "nl")
    assert number.kind is ChangeKind.CLINICAL
    assert changes(words("ten"), words("10"), "nl")[0].kind is ChangeKind.CLINICAL


def test_case_and_marks_are_formatting_in_any_language() -> None:
    (change,) = changes(words("la casa"), words("La casa"), "es")
    assert change.kind is ChangeKind.FORMATTING


def test_a_change_says_what_it_replaces() -> None:
    (change,) = changes(
        words("I take fifty milligrams daily"), words("I take sixty milligrams daily")
    )
    assert (change.kind, change.first, change.count) == (ChangeKind.CLINICAL, 2, 1)
    assert (change.before_text, change.after_text) == ("fifty", "sixty")
    assert [word.text for word in change.after] == ["sixty"]


def test_words_that_were_added_stand_before_a_word() -> None:
    (change,) = changes(words("pain today"), words("pain since today"))
    assert (change.first, change.count, change.before_text) == (1, 0, "")


@given(TALK)
def test_the_same_words_have_no_changes(said: list[str]) -> None:
    text = " ".join(said)
    assert changes(words(text), words(text)) == ()


@given(TALK, TALK)
def test_putting_the_changes_in_place_gives_the_second_text(
    mine: list[str], yours: list[str]
) -> None:
    before, after = words(" ".join(mine)), words(" ".join(yours))
    result, at = [], 0
    for change in changes(before, after):
        assert change.first >= at
        result += [word.text for word in before[at : change.first]]
        result += [word.text for word in change.after]
        at = change.first + change.count
    result += [word.text for word in before[at:]]
    assert result == [word.text for word in after]


@given(TALK, TALK)
def test_a_negation_or_side_never_changes_as_formatting(mine: list[str], yours: list[str]) -> None:
    before, after, at = words(" ".join(mine)), list[str](), 0
    for change in changes(before, words(" ".join(yours))):
        is_taken = change.kind is not ChangeKind.CLINICAL
        after += [word.text for word in before[at : change.first]]
        after += (change.after_text if is_taken else change.before_text).split()
        at = change.first + change.count
    after += [word.text for word in before[at:]]
    assert weighty(mine) == weighty(after)


def weighty(said: list[str]) -> list[str]:
    text = " ".join(said).lower().replace("can't", "can not").replace("cannot", "can not")
    found = [each for each in text.split() if each in {"no", "not", "left", "right"}]
    return [word for word, _ in itertools.groupby(found)]
