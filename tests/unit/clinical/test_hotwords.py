from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.clinical.hotwords import MOST_CHARACTERS, hotwords
from app.domain.vocabulary import MOST_HOTWORDS

TERMS = st.lists(st.text(alphabet="abcdE ", max_size=30), max_size=40)


def test_the_words_of_the_visit_come_first() -> None:
    found = hotwords(["Brightwater"], ["apixaban"], ["Okonkwo"])
    assert found == ("apixaban", "Okonkwo", "Brightwater")


def test_a_word_is_named_once_whatever_its_case() -> None:
    assert hotwords(["Apixaban", " apixaban "], ["APIXABAN"]) == ("APIXABAN",)


def test_everyday_words_are_left_out() -> None:
    assert (
        hotwords(["right", "the pain", "Okay"], ["I have", "losartan"])
        == (
            "the pain",
            "losartan",
        )[::-1]
    )


@given(TERMS, TERMS, TERMS)
def test_there_are_few_and_they_are_short(
    terms: list[str], visit: list[str], names: list[str]
) -> None:
    found = hotwords(terms, visit, names)
    assert len(found) <= MOST_HOTWORDS
    assert len(", ".join(found)) <= MOST_CHARACTERS
    assert len({each.casefold() for each in found}) == len(found)
    assert all(found)
