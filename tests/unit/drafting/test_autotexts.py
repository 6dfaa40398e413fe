"""Auto-texts expand, their fields are found, and nothing left open goes unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import Claim, Section
from app.domain.errors import TemplateError
from app.domain.ids import ClaimId
from app.domain.vocabulary import Macro
from app.drafting.autotext_toml import autotexts_toml, parse_autotexts, trouble
from app.drafting.autotexts import (
    AutoText,
    AutoTexts,
    Edited,
    Field,
    Wording,
    fields,
    fill,
    next_field,
    previous_field,
    sentences_of,
    unfilled,
    unfilled_claims,
)

KNEE = AutoText(".knee", "Knee", "Injected [[left|right]] knee, [[drug:lidocaine]] [[dose]] mL.")
BOOK = AutoTexts(
    (KNEE, AutoText("rtc", "Return", "Return in two weeks."), AutoText(".kn", "K", "x"))
)


def test_a_shortcut_expands_at_the_caret_and_selects_its_first_field() -> None:
    edited = BOOK.expand("Today: .KNEE and more", 12)
    assert edited is not None
    assert edited.text == f"Today: {KNEE.text} and more"
    assert edited.text[edited.first : edited.last] == "[[left|right]]"


def test_a_text_without_fields_leaves_the_caret_behind_it() -> None:
    assert BOOK.expand("rtc", 3) == Edited("Return in two weeks.", 20, 20)


@pytest.mark.parametrize(("text", "caret"), [("xrtc", 4), ("rtc ", 4), ("", 0), ("rt", 2)])
def test_what_is_no_shortcut_expands_to_nothing(text: str, caret: int) -> None:
    assert BOOK.expand(text, caret) is None


def test_shortcuts_are_found_by_their_first_letters() -> None:
    assert [each.shortcut for each in BOOK.starting(".K")] == [".kn", ".knee"]


def test_fields_have_names_defaults_and_choices() -> None:
    found = fields("[[a]] [[ b : 5 mg ]] [[x|y| ]] [[side:left|right]] [[7:30|8:00]] [[]]")
    assert [(each.name, each.default, each.choices) for each in found] == [
        ("a", "", ()),
        ("b", "5 mg", ()),
        ("", "", ("x", "y")),
        ("side", "", ("left", "right")),
        ("", "", ("7:30", "8:00")),
        ("", "", ()),
    ]


def test_the_keys_jump_from_field_to_field_and_around() -> None:
    text = KNEE.text
    first, second, third = fields(text)
    assert next_field(text, first.end) == second
    assert next_field(text, len(text)) == first
    assert previous_field(text, third.start) == second
    assert previous_field(text, 0) == third
    assert next_field("none", 0) is None
    assert previous_field("none", 0) is None


def test_filling_selects_the_next_field_until_none_is_left() -> None:
    text = KNEE.text
    edited = fill(text, fields(text)[0], "right")
    assert edited.text[edited.first : edited.last] == "[[drug:lidocaine]]"
    edited = fill(edited.text, fields(edited.text)[0])
    edited = fill(edited.text, fields(edited.text)[0], "2")
    assert edited == Edited("Injected right knee, lidocaine 2 mL.", 32, 32)
    assert unfilled(edited.text) == ()


def test_accepting_a_choice_takes_the_first() -> None:
    assert fill("[[left|right]]", fields("[[left|right]]")[0]).text == "left"


@pytest.mark.parametrize(
    "text", ["[[dose", "dose]]", "[[a [[b]]", "[[a\nb]]", "[[dose:5]]", "[[[[x"]
)
def test_whatever_is_left_in_brackets_is_found(text: str) -> None:
    assert unfilled(text)


@pytest.mark.parametrize("text", ["plain", "[1] note [2]", "a[i][j]", ""])
def test_single_brackets_are_no_fields(text: str) -> None:
    assert unfilled(text) == ()


def test_claims_with_open_fields_are_found_in_reading_order() -> None:
    claims = tuple(Claim(ClaimId(each), each) for each in ("done", "[[a]]", "b]]"))
    assert unfilled_claims((Section("plan", "Plan", claims),)) == claims[1:]


def test_auto_texts_are_read_back_as_written() -> None:
    texts = (KNEE, AutoText("two", "Two lines", 'First "line"\nSecond \\ line'))
    assert parse_autotexts(autotexts_toml(texts)) == (texts, ())


def test_a_broken_entry_is_told_and_the_others_are_used() -> None:
    good = autotexts_toml((KNEE,)).decode()
    rows = [
        '[[autotext]]\nshortcut = "a b"\ntitle = "x"\ntext = "y"',
        '[[autotext]]\nshortcut = "a"\ntitle = ""\ntext = "y"',
        '[[autotext]]\nshortcut = "a"\ntitle = "x"\ntext = "[[y"',
        '[[autotext]]\nshortcut = "a"\ntitle = "x"\ntext = " "',
        '[[autotext]]\nshortcut = "a"\ntitle = "x"\ntext = "\\u0007"',
        '[[autotext]]\nshortcut = "a"\ntitle = "x"',
        '[[autotext]]\nshortcut = 1\ntitle = "x"\ntext = "y"',
        '[[autotext]]\nshortcut = ".KNEE"\ntitle = "x"\ntext = "y"',
    ]
    texts, broken = parse_autotexts((good + "\n".join(rows)).encode())
    assert texts == (KNEE,)
    assert [each.number for each in broken] == list(range(2, 10))
    assert all(each.reason for each in broken)
    assert trouble(KNEE) == ""


@pytest.mark.parametrize(
    "data", [b"\xff", b"x = ", b"schema = 2", b"schema = 1\nautotext = 1", b"#" * 2_000_001]
)
def test_what_holds_no_auto_texts_is_refused(data: bytes) -> None:
    with pytest.raises(TemplateError):
        parse_autotexts(data)


@given(st.text("[]|:ab \n", max_size=30))
def test_fields_lie_where_they_say_and_brackets_never_hide(text: str) -> None:
    for each in fields(text):
        assert text[each.start : each.start + 2] == "[["
        assert text[each.end - 2 : each.end] == "]]"
    assert bool(unfilled(text)) == ("[[" in text or "]]" in text)
    assert all(isinstance(each, Field) for each in unfilled(text))


WORDS = Wording(
    (
        Macro(
            "knee", "Injected [[left|right]] knee, [[drug:lidocaine]] [[dose]] mL.\nNo bleeding."
        ),
        Macro("short", "[[a]] ok [[b]]"),
        Macro("two", "Lungs clear to auscultation. Heart sounds [[how:normal. Regular]]."),
    )
)


@pytest.mark.parametrize(
    ("line", "is_known"),
    [
        ("Injected left knee, lidocaine 2 mL.", True),
        ("Injected [[left|right]] knee, [[drug:lidocaine]] [[dose]] mL.", True),
        ("injected left  knee, lidocaine 2 mL", True),
        ("No bleeding.", True),
        ("Lungs clear to auscultation.", True),
        ("Heart sounds faint.", True),
        ("Injected left knee.", False),
        ("No bleeding today.", False),
        ("all ok now", False),
        ("", False),
    ],
)
def test_a_line_is_an_auto_text_as_long_as_only_its_fields_changed(
    line: str, is_known: bool
) -> None:
    assert WORDS.is_known(line) is is_known


def test_a_stop_inside_of_a_field_ends_no_sentence() -> None:
    assert sentences_of("Heart [[how:normal. Regular]]. No murmur.") == (
        "Heart [[how:normal. Regular]].",
        "No murmur.",
    )


@given(st.text(max_size=60).filter(lambda text: "[[" not in text and "]]" not in text), st.data())
def test_any_filling_keeps_a_line_known(value: str, data: st.DataObject) -> None:
    text = KNEE.text
    while found := fields(text):
        field = data.draw(st.sampled_from(found))
        text = fill(text, field, " ".join(value.split())).text
    assert Wording((Macro("knee", KNEE.text),)).is_known(text)
