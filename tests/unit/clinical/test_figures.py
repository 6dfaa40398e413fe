"""Figures of a text, and dates in digits."""

from __future__ import annotations

from app.clinical.figures import days, figures, is_month_in, stated, without_days


def test_spoken_and_written_numbers_and_their_parts_are_figures() -> None:
    assert {132.0, 84.0, 30.0, 2.0} <= figures("one thirty two over eighty four")
    assert {250.0, 2.0, 50.0} <= figures("two 50")
    assert 0.5 in figures("half a tablet")
    assert 3.0 in figures("the third time")


def test_a_note_states_only_its_whole_numbers() -> None:
    assert stated("Take 2.5 mg for a few days") == {2.5}


def test_dates_in_digits_hold_month_and_day() -> None:
    found = days("Seen 04/2021, operated on 6/24/2021; pain 7/10.")
    assert [each.figures for each in found] == [(4,), (6, 24)]


def test_blanking_dates_keeps_the_length() -> None:
    text = "Seen 04/2021, BP 132/84."
    assert len(without_days(text)) == len(text)
    assert "132/84" in without_days(text)
    assert "04/2021" not in without_days(text)


def test_a_month_is_known_by_its_name() -> None:
    assert is_month_in(4, frozenset({"april"}))
    assert not is_month_in(13, frozenset({"april"}))
