from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.sentences import (
    clean,
    ends_open,
    last_clause,
    plain,
    sentences,
    shorten_question,
    without_yes,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I cough. It hurts.", ["I cough.", "It hurts."]),
        ("See Dr. Kumar today. Thanks.", ["See Dr. Kumar today.", "Thanks."]),
        ("My temperature was 38.5 today.", ["My temperature was 38.5 today."]),
        ("Any fevers No not that I know", ["Any fevers", "No not that I know"]),
        ("", []),
    ],
)
def test_speech_is_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert list(sentences(text)) == parts


def test_a_run_without_stops_is_cut_at_turns() -> None:
    said = (
        "and i have had this cough for about two weeks okay do you have any fever no i have not "
        "had any fever but i am tired all the time and i sleep badly"
    )
    parts = sentences(said)
    assert len(parts) > 2
    assert " ".join(parts) == said


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("Um, so I've had this this cough.", "I've had this cough."),
        ("OK, and when did it start?", "When did it start?"),
        ("I'm I'm just having pain and and so I came.", "I'm just having pain and so I came."),
        ("uh , n- nothing out of the ordinary .", "Nothing out of the ordinary."),
        ("take it easy for now , okay ?", "Take it easy for now."),
        (
            "for your knee , i think this is your arthritis , okay ?",
            "For your knee, I think this is your arthritis.",
        ),
        ("are you, uh eating and drinking OK?", "Are you, eating and drinking OK?"),
        ("Are your bowels working OK?", "Are your bowels working OK?"),
        ("It was 5.5 and i felt twenty twenty four", "It was 5.5 and I felt twenty twenty four"),
        ("OK, OK, OK.", "OK."),
        ("What kind of pain?", "What kind of pain?"),
        ("Do you know the dose?", "Do you know the dose?"),
        ("um, uh...", ""),
    ],
)
def test_fillers_and_false_starts_go_and_words_stay(said: str, written: str) -> None:
    assert clean(said) == written


@pytest.mark.parametrize(
    ("question", "short"),
    [
        ("Have you had any fevers or chills?", "Fevers or chills?"),
        ("Do you smoke cigarettes?", "Smoke cigarettes?"),
        ("How about any abdominal pain?", "Abdominal pain?"),
        ("You don't have any pain?", "You don't have any pain?"),
        (
            "Any history of kidney problems in the family?",
            "History of kidney problems in the family?",
        ),
        ("In terms of family history, any cancer?", "In terms of family history, any cancer?"),
        ("Do you?", "Do you?"),
    ],
)
def test_a_question_loses_its_frame_but_never_a_denial(question: str, short: str) -> None:
    assert shorten_question(question) == short


def test_the_end_of_a_long_question_is_what_is_asked() -> None:
    long = (
        "You also mentioned some tummy pain just now when we began, can you tell me more about it?"
    )
    assert last_clause(long) == "Can you tell me more about it?"
    family = long.replace("tummy pain", "trouble in the family")
    assert last_clause(family) == family


def test_a_yes_that_answers_nothing_is_dropped() -> None:
    assert without_yes("Yeah, it hurts here.") == "It hurts here."
    assert without_yes("Yes.") == "Yes."


def test_a_cut_sentence_is_seen() -> None:
    assert ends_open("So I don't think")
    assert not ends_open("I don't. ")


@given(st.text(alphabet="abcdeio ,.?!'-OKuhm", max_size=200))
def test_sentences_are_parts_of_the_text(text: str) -> None:
    whole, start = plain(text), 0
    for part in sentences(text):
        found = whole.find(part.split()[0], start)
        assert found >= 0
        start = found
    assert clean(text) == clean(text)


def test_a_side_behind_its_article_opens_no_turn() -> None:
    said = (
        "you had a heart attack back in twenty eighteen so then we put a stent into your right "
        "coronary artery and there was some pain on the right flank and then you went home right"
    )
    assert not [each for each in sentences(said) if each.startswith("right ")]
