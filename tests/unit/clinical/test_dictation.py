from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.dictated import Dictation, Field
from app.clinical.dictation import (
    PAUSE,
    Action,
    GoTo,
    Insert,
    InsertMacro,
    Names,
    NewLine,
    NewParagraph,
    NextField,
    ScratchThat,
    Undo,
    Utterance,
    read,
)
from app.domain.audio import SAMPLE_RATE, Span
from app.domain.ids import WordId
from app.domain.transcript import Word
from app.domain.vocabulary import Macro, Replacement

NAMES = Names(
    {"Assessment": "assessment", "History of present illness": "hpi", "Plan": "plan"},
    ("normal exam", "no show"),
    (Replacement("and why heart", "NYHA"),),
)
MACROS = (Macro("normal exam", "Heart regular. Lungs clear."), Macro("no show", ""))


def utterance(text: str, before: int = PAUSE, after: int = PAUSE) -> Utterance:
    """Return words of 0.2 s; "|" is a pause of 250 ms."""
    words: list[Word] = []
    at = 0
    for each in text.split():
        if each == "|":
            at += PAUSE
            continue
        words.append(Word(WordId(f"w{len(words)}"), each, at, at + 3200))
        at += 3200
    return Utterance(tuple(words), before, after)


def note(*texts: str) -> Dictation:
    fields = tuple(
        Field(key, text)
        for key, text in zip(("hpi", "assessment", "plan"), (*texts, "", "", ""), strict=False)
    )
    return Dictation(fields, caret=len(fields[0].text), macros=MACROS)


def dictated(*said: str, start: Dictation | None = None) -> Dictation:
    result = start or note()
    for each in said:
        result = result.apply(read(utterance(each), NAMES))
    return result


@pytest.mark.parametrize(
    ("said", "actions"),
    [
        ("Period.", (Insert("."),)),
        ("full stop", (Insert("."),)),
        ("New paragraph.", (NewParagraph(),)),
        ("newline", (NewLine(),)),
        ("next field", (NextField(),)),
        ("scratch that", (ScratchThat(),)),
        ("undo that", (Undo(),)),
        ("Go to assessment.", (GoTo("assessment"),)),
        ("go to the history of present illness section", (GoTo("hpi"),)),
        ("insert normal exam", (InsertMacro("normal exam"),)),
        ("insert normal exam macro", (InsertMacro("normal exam"),)),
        ("period new paragraph", (Insert("."), NewParagraph())),
        ("open parenthesis | mild | close parenthesis", (Insert("("), Insert("mild"), Insert(")"))),
        ("no pain | comma | no fever", (Insert("no pain"), Insert(","), Insert("no fever"))),
        ("her last menstrual period", (Insert("her last menstrual period"),)),
        ("for a period of time", (Insert("for a period of time"),)),
        ("she noticed a new line on her nail", (Insert("she noticed a new line on her nail"),)),
        ("go to the emergency room", (Insert("go to the emergency room"),)),
        ("insert the needle", (Insert("insert the needle"),)),
        ("go to", (Insert("go to"),)),
        ("one hundred twenty two slash eighty", (Insert("122/80"),)),
        ("one hundred twenty two | slash | eighty", (Insert("122/80"),)),
        ("zero point | five milligrams", (Insert("0.5 mg"),)),
        ("one hundred | twenty five micrograms", (Insert("125 mcg"),)),
        ("one hundred and | twenty five micrograms", (Insert("125 mcg"),)),
        ("fifty | milligrams", (Insert("50 mg"),)),
        ("no pain and | five days", (Insert("no pain and"), Insert("five days"))),
        ("and | slash | or", (Insert("and"), Insert("/"), Insert("or"))),
        ("fifty milligrams | period", (Insert("50 mg"), Insert("."))),
        ("and why heart class two", (Insert("NYHA class 2"),)),
        ("", ()),
    ],
)
def test_an_utterance_is_read_as(said: str, actions: tuple[Action, ...]) -> None:
    assert read(utterance(said), NAMES) == actions


def test_a_command_at_a_cut_without_silence_is_text() -> None:
    cut = utterance("period | she was well", before=0)
    assert read(cut, NAMES) == (Insert("period"), Insert("she was well"))
    assert read(utterance("she was well | period", after=0), NAMES)[1] == Insert("period")


def test_a_command_that_is_the_whole_utterance_needs_no_silence() -> None:
    assert read(utterance("period", before=0, after=0), NAMES) == (Insert("."),)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (("no chest pain", "period", "she denies fever", "period"),
         "No chest pain. She denies fever."),
        (("No chest pain.", "comma", "No fever."), "No chest pain, no fever."),
        (("mild", "open parenthesis", "grade two", "close parenthesis", "pain"),
         "Mild (grade 2) pain"),
        (("she said", "colon", "open quote", "it hurts", "close quote"),
         "She said: \u201cit hurts\u201d"),
        (("first", "new line", "second"), "First\nSecond"),
        (("first.", "new paragraph", "second"), "First.\n\nSecond"),
        (("blood pressure", "one twenty over eighty", "period"), "Blood pressure 120/80."),
        (("and", "slash", "or"), "And/or"),
        (("about | fifty | percent sign",), "About 50%"),
        (("no fever", "no chills", "scratch that"), "No fever"),
        (("no fever", "no chills.", "comma", "scratch that"), "No fever"),
        (("no fever", "scratch that", "scratch that"), ""),
        (("I feel", "Lipitor works", "and I'm fine"), "I feel Lipitor works and I'm fine"),
        (("insert normal exam",), "Heart regular. Lungs clear."),
        (("insert no show", "go to plan"), ""),
    ],
)  # fmt: skip
def test_what_is_dictated_reads(said: tuple[str, ...], text: str) -> None:
    assert dictated(*said).fields[0].text == text


def test_commands_move_between_sections() -> None:
    found = dictated("cough", "next field", "asthma", "go to plan", "rest", "next field", "sleep")
    assert [each.text for each in found.fields] == ["Cough", "Asthma", "Rest sleep"]
    assert dictated("go to plan").after(GoTo("gone")).at == 2


def test_text_goes_in_at_the_caret() -> None:
    start = note("No fever. No cough.").placed(0, 9)
    assert dictated("no chills", "period", start=start).text == "No fever. No chills. No cough."


def test_the_caret_stays_within_the_text() -> None:
    assert note("abc").placed(0, 99).caret == 3
    assert note("abc").placed(0, -1).caret == 0


def test_scratch_finds_its_phrase_after_text_was_put_before_it() -> None:
    found = dictated("no cough", start=note("Well.")).placed(0, 0)
    found = found.apply((Insert("today"),))
    found = found.apply((ScratchThat(), ScratchThat()))
    assert found.text == "Well."


def test_scratch_leaves_what_a_person_changed() -> None:
    found = dictated("no cough")
    changed = found.edited((Field("hpi", "a cough"),), 0, 7)
    assert changed.apply((ScratchThat(),)).text == "a cough"
    assert changed.apply((Undo(),)) == found


def said(start_s: float, end_s: float) -> Span:
    return Span(round(start_s * SAMPLE_RATE), round(end_s * SAMPLE_RATE))


TWO = ("She has had a cough.", "It is worse at night.")


@pytest.mark.parametrize(
    ("second", "is_new"),
    [
        (said(10.0, 10.6), False),  # the same sound
        (said(10.4, 11.0), False),  # part of it
        (said(10.6, 11.2), False),  # a stutter of the decode: no pause between them
        (said(11.2, 11.2), False),  # put into silence
        (said(11.2, 11.8), True),  # said once more
    ],
)
def test_a_command_that_is_heard_twice_takes_back_once(second: Span, is_new: bool) -> None:
    found = dictated(*TWO).after(ScratchThat(said(10.0, 10.6))).after(ScratchThat(second))
    assert found.text == ("" if is_new else "She has had a cough.")
    undone = dictated(*TWO, "go to plan").after(Undo(said(10.0, 10.6))).after(Undo(second))
    assert undone.text == ("She has had a cough." if is_new else " ".join(TWO))


def test_a_command_said_again_after_other_words_counts() -> None:
    found = dictated(*TWO).after(ScratchThat(said(10.0, 10.6))).after(Insert("At night."))
    assert found.after(ScratchThat(said(10.1, 10.2))).text == "She has had a cough."


def test_a_decode_that_stutters_takes_back_one_phrase() -> None:
    """Whisper wrote one "scratch that" of a synthetic voice twice, and two paragraphs were gone."""
    stutter = read(utterance("Scratch that. Scratch that."), NAMES)
    assert dictated(*TWO).apply(stutter).text == "She has had a cough."
    spaced = read(utterance("Scratch that. | Scratch that."), NAMES)
    assert dictated(*TWO).apply(spaced).text == ""


def test_one_undo_brings_back_all_that_scratches_in_a_row_took() -> None:
    full = dictated("no fever", *TWO)
    empty = full.apply((ScratchThat(), ScratchThat(), ScratchThat()))
    assert empty.text == ""
    assert empty.after(Undo()) == full
    between = full.after(ScratchThat()).after(Insert("x"))
    assert between.after(ScratchThat()).after(Undo()) == between


def test_undo_at_the_beginning_changes_nothing() -> None:
    assert dictated("undo that") == note()


ACTIONS = st.one_of(
    st.builds(
        Insert, st.sampled_from(["no pain", ".", ",", "(", ")", "50 mg", "She is well.", "/"])
    ),
    st.just(NewLine()),
    st.just(NewParagraph()),
    st.just(NextField()),
    st.builds(GoTo, st.sampled_from(["hpi", "plan", "gone"])),
    st.just(ScratchThat()),
    st.builds(InsertMacro, st.sampled_from(["normal exam", "no show", "gone"])),
)
TEXTS = st.text(alphabet="aB .,(\n/", max_size=12)


@given(TEXTS, st.integers(0, 12), st.lists(ACTIONS, max_size=6), ACTIONS)
def test_undo_after_any_command_restores_the_note_exactly(
    text: str, caret: int, before: list[Action], action: Action
) -> None:
    start = note(text).placed(0, caret).apply(before)
    after = start.after(action)
    is_row = isinstance(action, ScratchThat) and isinstance(start.taken, ScratchThat)
    expected = start.before if is_row else start
    assert after is start or after.after(Undo()) == expected


@given(TEXTS, st.integers(0, 12), st.lists(ACTIONS, max_size=8))
def test_all_of_it_can_be_undone(text: str, caret: int, actions: list[Action]) -> None:
    start = note(text).placed(0, caret)
    assert start.apply(actions).apply([Undo()] * len(actions)) == start


@given(TEXTS, st.integers(0, 12), st.lists(ACTIONS, max_size=8))
def test_the_caret_is_always_inside(text: str, caret: int, actions: list[Action]) -> None:
    found = note(text).placed(0, caret).apply(actions)
    assert 0 <= found.caret <= len(found.text)


SAID = "period comma menstrual a of time new line scratch that she"


@given(st.lists(st.sampled_from(SAID.split()), min_size=1, max_size=6))
def test_an_utterance_without_pauses_is_all_command_or_all_text(said: list[str]) -> None:
    actions = read(utterance(" ".join(said)), NAMES)
    is_text = actions == (Insert(" ".join(said)),)
    assert is_text or all(not isinstance(each, Insert) or len(each.text) == 1 for each in actions)


def test_another_language_keeps_its_words_and_the_commands() -> None:
    assert read(utterance("fifty milligrams | period"), NAMES, "es") == (
        Insert("fifty milligrams"),
        Insert("."),
    )
