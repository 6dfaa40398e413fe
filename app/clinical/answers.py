"""What the beginning of a reply says: yes, no, or something else. Pure; any thread."""

from __future__ import annotations

import enum
import re
from typing import Final

from app.clinical.wording import tokenize, word_set


class Answer(enum.StrEnum):
    """What the beginning of a reply says."""

    YES = "yes"
    NO = "no"
    OTHER = "other"


DOUBTS: Final = frozenset(
    [("not", "sure"), ("not", "certain"), ("don't", "know"), ("don", "know"), ("don't", "remember"),
     ("don't", "recall"), ("no", "idea"), ("dunno", ""), ("unsure", ""), ("cannot", "remember"),
     ("can't", "remember"), ("can't", "recall"), ("possible", ""), ("possibly", "")]
)  # fmt: skip
"""Pairs of words that tell that somebody does not know."""
_YES: Final = word_set(
    "yes yeah yep yup yea correct definitely absolutely exactly mhm uh-huh indeed affirmative "
    "sometimes occasionally"
)
_NO: Final = word_set("no nope nah none never negative nil nothing nay")
_NO_PAIRS: Final = frozenset(
    [("not", "really"), ("not", "that"), ("not", "at"), ("not", "particularly"), ("not", "lately"),
     ("i", "don't"), ("i", "haven't"), ("i", "didn't"), ("i", "can't"), ("not", "any"),
     ("it", "doesn't"), ("not", "yet"), ("not", "recently"), ("he", "doesn't"), ("she", "doesn't"),
     ("i'm", "not"), ("it's", "not"), ("not", "usually"), ("i", "wasn't"), ("it", "hasn't")]
)  # fmt: skip
_YES_PAIRS: Final = frozenset(
    [("i", "do"), ("i", "have"), ("i", "am"), ("it", "is"), ("it", "does"), ("it", "has"),
     ("a", "little"), ("a", "bit"), ("i", "did"), ("of", "course"), ("that's", "right"),
     ("that", "is"), ("mm", "hmm"), ("uh", "huh")]
)  # fmt: skip
_PAIR: Final = 2
_UNKNOWN: Final = word_set("know remember recall")
"""After "I don't" these answer nothing."""
_NOT_SO: Final = word_set("in for since on so much ever right anymore of to today either")
"""After an opening "not" these deny what was asked: "not in months"."""
_BEGINNINGS: Final = frozenset(
    [("i", "have"), ("i", "am"), ("it", "is"), ("it", "has"), ("that", "is")]
)
_GOING_ON: Final = word_set("been a an the my this these no not never")
"""After "I have" these go on with something of their own."""
_SHORT_REPLY: Final = 14
_ENDS_IN_NO: Final = re.compile(
    r"\b(?:no|don't think so|not really|not that i (?:know|can think) of)$"
)
"""Whoever thinks aloud answers in the end: "I'm trying to think, no"."""
_FILLERS: Final = word_set("um uh er erm hmm mm oh ah ohh well okay ok so and")


def read_answer(text: str) -> Answer:
    """Return what a reply begins with, past fillers: yes, no or something else."""
    words = [token.text for token in tokenize(text) if token.is_word]
    while words and words[0] in _FILLERS:
        words = words[1:]
    if not words:
        return Answer.OTHER
    pair = (words[0], words[1] if len(words) > 1 else "")
    third = words[2] if len(words) > _PAIR else ""
    if pair in DOUBTS or (pair in _NO_PAIRS and third in _UNKNOWN):
        return Answer.OTHER
    is_not = pair in _NO_PAIRS or (words[0] == "not" and pair[1] in _NOT_SO)
    if words[0] in _NO or is_not or (words[0] == "i" and third == "not"):
        return Answer.NO
    if words[0] in _YES or (pair in _YES_PAIRS and not _tells_more(pair, third)):
        return Answer.YES
    is_short = len(words) <= _SHORT_REPLY
    return Answer.NO if is_short and _ENDS_IN_NO.search(" ".join(words)) else Answer.OTHER


def _tells_more(pair: tuple[str, str], third: str) -> bool:
    """Whether "I have" begins a sentence of its own: "I have been sleeping badly" is no yes."""
    return pair in _BEGINNINGS and third in _GOING_ON
