from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.wording import content_stems, stem, straighten, tokenize, word_count


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("vomiting", "vomited"), ("fevers", "fever"), ("breathing", "breathe"),
        ("allergies", "allergy"), ("stopped", "stop"), ("feet", "foot"), ("knees", "knee"),
        ("diarrhoea", "diarrhea"), ("doctor's", "doctor"), ("masses", "mass"),
    ],
)  # fmt: skip
def test_forms_of_a_word_share_a_stem(first: str, second: str) -> None:
    assert stem(first) == stem(second)


@pytest.mark.parametrize(("first", "second"), [("ache", "acid"), ("rash", "rush"), ("gas", "gasp")])
def test_different_words_keep_different_stems(first: str, second: str) -> None:
    assert stem(first) != stem(second)


def test_torn_words_are_put_together() -> None:
    said = "i do n't know , i 'm gon na ca n't ."
    assert straighten(said) == "i don't know, i'm gonna can't."


def test_tokens_know_their_places() -> None:
    text = "A 62-year-old\u2019s knee"
    for token in tokenize(text):
        assert text.lower().replace("\u2019", "'")[token.start : token.end] == token.text


def test_content_words_leave_out_fillers() -> None:
    assert content_stems("Um, I think it is my knee.") == ("knee",)


def test_words_are_counted_without_marks() -> None:
    assert word_count("Well, 2 knees - both!") == 4


@given(st.text(max_size=80))
def test_any_text_is_cut_into_tokens(text: str) -> None:
    assert all(0 <= token.start < token.end for token in tokenize(text))
