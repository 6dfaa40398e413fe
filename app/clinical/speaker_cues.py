"""Guess from words, and from voices told apart, whether clinician or patient speaks. Pure.

A logistic model over some twenty cues and the sentence before. Its weights were fitted to 75
OSCE interviews (Fareez et al. 2022), 20 PriMock57 visits and 25 ACI-Bench visits (CC BY 4.0).
On sentences of visits that were held out it is right in 94 % (OSCE), 83 % (PriMock57) and 79 %
(ACI-Bench, with dictation in it). From words alone the confidence never exceeds 0.9.

Where voices are told apart ("A", "B", ...) but nobody knows whose they are, the words of the whole
visit name them: one voice is the clinician, and asks. A voice named by enrolment keeps its name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.transcript import SpeakerRole

MOST: Final = 0.9
"""The highest confidence. Where the model says 0.9 and more, 92 to 99 % were right."""
LEAST: Final = 0.65
"""Below this the role stays unknown: 48 to 73 % were right there."""
_SHRINK: Final = 0.9
"""How far stated odds are pulled to the middle, for talk unlike the three sets."""
_SHORT: Final = 3  # words
MOST_VOICED: Final = 0.97
"""The highest confidence where a voice is named by its words."""
_MOST_ODDS: Final = 3.0
"""Of one sentence: no single one may name a voice."""
_EVIDENCE: Final = 0.5
"""How much the odds of a sentence count beside others: sentences in a row are not independent."""
_OWN: Final = 0.3
"""How much the words of a segment count beside its voice."""
_CLEAR: Final = 0.8
"""A voice less sure than this is weighed against the words of its segment."""
_NEVER: Final = 0.001
_NAMED: Final = frozenset({SpeakerRole.CLINICIAN, SpeakerRole.PATIENT, SpeakerRole.OTHER})
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+")

_HEAD: Final = (
    r"^(?:(?:ok(?:ay)?|all ?right|alright|so|and|um|uh|great|perfect|sure|good|now|then|well|but|or"
    r"|right|yeah|yes|no|sorry|mm-?hmm)[,.]?\s+)*"
)
_QUESTION: Final = re.compile(r"\?\W*$")
_FIRST: Final = re.compile(r"\b(?:i|i'm|i've|i'd|my|me|myself|mine)\b", re.IGNORECASE)
_SECOND: Final = re.compile(r"\b(?:you|your|yours|you're|you've|you'd|you'll)\b", re.IGNORECASE)
_ANSWER: Final = re.compile(
    r"^(?:um,? |uh,? |oh,? |well,? )?(?:yes|yeah|yep|yup|no|nope|nah|not really|not that)\b",
    re.IGNORECASE,
)


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_CUES: Final = (
    (2.7, _QUESTION),
    (0.7, _cue(
        _HEAD + r"(?:what|when|where|how|why|who|which|do|does|did|are|is|was|were|have|has|had|any"
        r"|can|could|would|will)\b"
    )),
    (1.5, _SECOND),
    (-0.5, _FIRST),
    (-1.7, _cue(
        r"\bi (?:feel|felt|think|thought|guess|mean|noticed|started|took|take|have|haven't|don't"
        r"|didn't|was|had|can't|work|live|smoke|drink|used|got|went|get|try|tried|just|also"
        r"|would say)\b|\bi(?:'ve| have) (?:been|had|noticed)\b"
        r"|\bi(?:'m| am) (?:on|having|not|just|a|feeling|worried)\b"
        r"|\bmy (?:mom|dad|mother|father|wife|husband|doctor|family|back|chest|leg|arm|head|knee)\b"
    )),
    (-0.8, _cue(
        r"^(?:\W*(?:yeah|yes|no|um|uh|well|so|and|but)\W+)*(?:it|it's|they|they're|that's|just|maybe"
        r"|probably|like|about|not|mostly|usually|sometimes|nothing|none)\b"
    )),
    (1.0, _cue(
        r"^(?:ok|okay|all ?right|alright|great|perfect|good|gotcha|i see|right|sounds good"
        r"|excellent|fair enough|got it)\b"
    )),
    (0.5, _cue(
        r"^(?:ok|okay|all ?right|alright|great|perfect|good|gotcha|i see|right|got it)"
        r"(?:\W+(?:ok|okay|great|perfect|good|all right))*\W*$"
    )),
    (-0.5, _ANSWER),
    (1.9, _cue(
        r"\b(?:we'll|we will|we can|we're going to|we should|let's|let me|i'll|i will|i'm going to"
        r"|i'm gonna|i would like to|i'd like to|i want to|i wanted to|i just have|for you|refer"
        r"|prescri|recommend|follow[- ]?up|physical exam|examin|blood ?work|x-?ray|imaging)\b"
    )),
    (0.4, _cue(
        r"\b(?:sorry to hear|that sounds|must be (?:hard|difficult|tough)|i understand"
        r"|nice to meet you|i'm (?:dr|doctor|one of|a medical student)|i see)\b"
    )),
    (0.9, _cue(
        r"\b(?:symptoms?|diagnos\w+|medical history|family history|medications?|allerg\w+|surger\w+"
        r"|hospitali\w+|lifestyle|over the counter|recreational|radiat\w+|scale (?:of|from)"
        r"|in terms of|conditions?|immunizations?|occupation)\b"
    )),
)  # fmt: skip
"""(log-odds for the clinician, pattern). Fitted, see above; one decimal is kept."""


def clinician_chance(text: str, before: str = "") -> float:
    """Return how likely a clinician said this.

    Args:
        text: one segment.
        before: the segment before it, empty if there is none.
    """
    return _chance(_odds(text, before))


def _odds(text: str, before: str) -> float:
    """Return the log-odds that a clinician said this."""
    found = {pattern: bool(pattern.search(text)) for _, pattern in _CUES}
    odds = 0.4 + sum(weight for weight, pattern in _CUES if found[pattern])
    if _QUESTION.search(before):
        odds += -1.9 - 1.5 * found[_ANSWER] - 0.4 * (len(text.split()) <= _SHORT)
    if found[_FIRST] and not found[_QUESTION] and not found[_SECOND]:
        odds -= 0.8
    if found[_SECOND] and found[_QUESTION]:
        odds -= 0.7
    return odds


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


Row = tuple[str, str, str, float]
"""One segment: (text, speaker, role, confidence), the last three as voices tell them; "" and 0.0
where they do not."""


@dataclass(slots=True)
class _Voice:
    """What was heard of one voice: the odds of its sentences, and how many words."""

    odds: float = 0.0
    words: int = 0


class SpeakerCues:
    """Guesses segment by segment, in the order they were said."""

    def __init__(self) -> None:
        self._before = ""
        self._voices: dict[str, _Voice] = {}
        self._clinician = ""
        self._turns = 0

    @property
    def turns(self) -> int:
        """How often the voices changed their names: what was told before reads otherwise now."""
        return self._turns

    def hear(
        self, text: str, speaker: str = "", role: str = "", confidence: float = 0.0
    ) -> tuple[SpeakerRole, float]:
        """Return the speaker role of the next segment and the confidence, 0 to 1.

        Args:
            text: what was said.
            speaker: the voice, as told apart from others; empty if nobody could tell.
            role: a value of `SpeakerRole` where the voice is known by name.
            confidence: how sure the voice is, 0 to 1.
        """
        before, self._before = self._before, text
        self._weigh(text, before, speaker)
        return self._told((text, speaker, role, confidence), before)

    def settle(self, rows: Sequence[Row]) -> list[tuple[SpeakerRole, float]]:
        """Say it again of all segments of a visit, now that all words are known.

        Args:
            rows: every segment in order, with what voices tell of it now.
        """
        turns = self._turns
        self._voices.clear()
        self._clinician = ""
        befores = ["", *(row[0] for row in rows)]
        for (text, speaker, _, _), before in zip(rows, befores, strict=False):
            self._weigh(text, before, speaker)
        self._turns = turns
        return [self._told(row, before) for row, before in zip(rows, befores, strict=False)]

    def _weigh(self, text: str, before: str, speaker: str) -> None:
        """Add what a segment says of its voice."""
        if not speaker:
            return
        voice = self._voices.setdefault(speaker, _Voice())
        for sentence in _SENTENCE.split(text):
            voice.odds += max(-_MOST_ODDS, min(_MOST_ODDS, _odds(sentence, before)))
            before = sentence
        voice.words += len(text.split())
        asks = max(self._voices, key=lambda name: self._voices[name].odds)
        if asks != self._clinician and self._is_clinician(asks) > 1 / 2:
            self._turns += bool(self._clinician)
            self._clinician = asks

    def _told(self, row: Row, before: str) -> tuple[SpeakerRole, float]:
        text, speaker, role, confidence = row
        is_named = role in _NAMED
        if confidence < 1 / 2 or not (is_named or speaker):
            return _by_words(text, before)
        if is_named and (confidence >= _CLEAR or role == SpeakerRole.OTHER):
            return SpeakerRole(role), confidence
        named = float(role == SpeakerRole.CLINICIAN) if is_named else self._is_clinician(speaker)
        chance = confidence * named + (1 - confidence) * (1 - named)
        own = _OWN if confidence >= _CLEAR else _SHRINK
        chance = _chance(math.log(chance / (1 - chance)) + own * _odds(text, before))
        sure = round(min(max(chance, 1 - chance), MOST_VOICED), 2)
        if sure < LEAST:
            return SpeakerRole.UNKNOWN, 0.0
        if chance > 1 / 2:
            return SpeakerRole.CLINICIAN, sure
        return (SpeakerRole.PATIENT if is_named else self._other(speaker)), sure

    def _is_clinician(self, speaker: str) -> float:
        """Return how likely a voice is the clinician's: exactly one is, heard or not."""
        odds = {name: _EVIDENCE * voice.odds for name, voice in self._voices.items()}
        if len(odds) == 1:
            odds[""] = 0.0
        highest = max(odds.values())
        weights = {name: math.exp(each - highest) for name, each in odds.items()}
        share = weights.get(speaker, 0.0) / sum(weights.values())
        return min(1 - _NEVER, max(_NEVER, share))

    def _other(self, speaker: str) -> SpeakerRole:
        """Return the role of a voice that is not the clinician's: who says most is the patient."""
        others = {
            name: each.words for name, each in self._voices.items() if name != self._clinician
        }
        is_most = others.get(speaker, 0) >= max(others.values(), default=0)
        return SpeakerRole.PATIENT if is_most else SpeakerRole.OTHER


def _by_words(text: str, before: str) -> tuple[SpeakerRole, float]:
    """Return the role by the words of one segment alone."""
    chance = clinician_chance(text, before)
    sure = 0.5 + (max(chance, 1 - chance) - 0.5) * _SHRINK
    if sure < LEAST:
        return SpeakerRole.UNKNOWN, 0.0
    role = SpeakerRole.CLINICIAN if chance > 1 / 2 else SpeakerRole.PATIENT
    return role, round(min(sure, MOST), 2)
