from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.answers import Answer, read_answer
from app.clinical.negation import Polarity, polarities
from app.clinical.wording import tokenize


def polarity(text: str, word: str) -> Polarity:
    pairs = zip(tokenize(text), polarities(text), strict=True)
    return next(mark for token, mark in pairs if token.text == word)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("No fever.", "fever"),
        ("No fever, chills, nausea, vomiting or cough.", "cough"),
        ("Denies chest pain and has nausea.", "pain"),
        ("Any fever or chills? No.", "chills"),
        ("Any fever? Um, no, not really.", "fever"),
        ("You don't have any pain? No.", "pain"),
        ("I don't smoke and I drink.", "smoke"),
        ("Fever: no", "fever"),
        ("Negative for fever.", "fever"),
        ("Fever is unlikely.", "fever"),
        ("I have never had asthma.", "asthma"),
        ("He is free of pain.", "pain"),
        ("Nil vomiting", "vomiting"),
        ("Any fever? Any chills? I haven't.", "fever"),
        ("No rash is present.", "rash"),
        ("There is no drift or rash noted", "rash"),
        ("Do you have any fever any chills no", "chills"),
        ("No pain when you walk? No.", "pain"),
        ("You do not have any pain in it or tenderness on bending or stretching of the leg", "leg"),
        ("He does not have a recent diagnosis of a stage three small cell lung cancer", "cancer"),
        ("Negative for chest pain.", "pain"),
        ("Denies that she is active.", "active"),
        ("No fever is", "fever"),
        ("He no longer smokes.", "smokes"),
        ("Any fever? I'm trying to think, no.", "fever"),
        ("Any vomiting? Not in months.", "vomiting"),
        ("I push on the outside does that hurt? No.", "hurt"),
    ],
)
def test_denied_words_are_negated(text: str, word: str) -> None:
    assert polarity(text, word) is Polarity.NEGATED


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("I have a fever.", "fever"),
        ("No fever, but he has a cough.", "cough"),
        ("Denies chest pain and has nausea.", "nausea"),
        ("No, I have a cough.", "cough"),
        ("no i have a cough", "cough"),
        ("Any cough? Yeah, a bit.", "cough"),
        ("I don't smoke and I drink.", "drink"),
        ("Not only a cough.", "cough"),
        ("No doubt it is asthma.", "asthma"),
        ("No pain except in the knee.", "knee"),
        ("No fever. Cough since Monday.", "cough"),
        ("Chills, fever absent.", "chills"),
        ("No pronator drift sensation is intact reflexes are normal", "sensation"),
        ("No pronator drift sensation is intact reflexes are normal", "reflexes"),
        ("She cannot breathe well and some wheezing is present", "wheezing"),
        ("An increase which I denied due to high levels", "levels"),
        ("You did not okay what are you doing for the pain", "pain"),
        ("Warm (not measured), two episodes of palpitations", "palpitations"),
        ("I'm breathless even if I walk", "walk"),
        ("Do you have any vomiting any chills I feel feverish", "feverish"),
        ("No, not yeah I have a boyfriend", "boyfriend"),
        ("I haven't noticed any fever it just seems to be a dry cough", "cough"),
        ("It lasts no longer than an hour.", "hour"),
        ("No cellulitis does it hurt here? Yes.", "hurt"),
    ],
)
def test_what_no_denial_reaches_is_affirmed(text: str, word: str) -> None:
    assert polarity(text, word) is Polarity.AFFIRMED


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Any fever?", "fever"),
        ("Any rash? Just on my arm.", "rash"),
        ("If you get a fever, call us.", "fever"),
        ("I'm not sure about the fever.", "fever"),
        ("I don't know whether it was a fever.", "fever"),
        ("Possibly a fever.", "fever"),
        ("Fever? Chills? ", "fever"),
        ("Any pain when you walk? No.", "walk"),
        ("She takes no tablets for the pain.", "pain"),
        ("Take it at night to avoid dizziness.", "dizziness"),
        ("Does it hurt you when I press there", "press"),
        ("Do you smoke? I have been sleeping badly.", "smoke"),
        ("Any allergies? I don't know.", "allergies"),
        ("No cellulitis does it hurt here", "hurt"),
        ("Side effects from the tablets? No.", "tablets"),
        ("How about your epilepsy, any seizures? No.", "epilepsy"),
    ],
)
def test_what_is_asked_or_supposed_is_open(text: str, word: str) -> None:
    assert polarity(text, word) is Polarity.OPEN


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("No.", Answer.NO),
        ("Um, no no.", Answer.NO),
        ("Not that I've noticed.", Answer.NO),
        ("I don't think so.", Answer.NO),
        ("I do not.", Answer.NO),
        ("None.", Answer.NO),
        ("Yes.", Answer.YES),
        ("Yeah, sometimes.", Answer.YES),
        ("I do.", Answer.YES),
        ("I have, yes.", Answer.YES),
        ("I have been very tired.", Answer.OTHER),
        ("I don't remember.", Answer.OTHER),
        ("Let me think, I don't think so.", Answer.NO),
        ("Not for years.", Answer.NO),
        ("Not bad.", Answer.OTHER),
        ("A little bit.", Answer.YES),
        ("Okay.", Answer.OTHER),
        ("Sure.", Answer.OTHER),
        ("It started on Monday.", Answer.OTHER),
        ("um", Answer.OTHER),
        ("", Answer.OTHER),
    ],
)
def test_a_reply_begins_with_yes_no_or_something_else(text: str, answer: Answer) -> None:
    assert read_answer(text) is answer


@given(st.text(alphabet="no yes,.?!abcdefi' ", max_size=80))
def test_each_token_has_a_polarity(text: str) -> None:
    assert len(polarities(text)) == len(tokenize(text))
