"""Cuts spoken text into sentences and cleans them of fillers and false starts. Pure; any thread."""

from __future__ import annotations

import re
from typing import Final

from app.clinical.wording import straighten

_END: Final = re.compile(r"(?<=[.?!])[\"')]*\s+|(?<=[a-z][?!])(?=[A-Z])")
_ABBREVIATION: Final = re.compile(
    r"\b(?:dr|mr|mrs|ms|st|vs|approx|e\.g|i\.e|a\.m|p\.m)\.$", re.IGNORECASE
)
_TURNS: Final = re.compile(
    r"(?<!\bthe)(?<!\byour)(?<!\bmy)(?<!\bhis)(?<!\bher)(?<!\bon)(?<!\bto)(?<!\bin)(?<!\bof)"
    r"\s+(?=(?:okay|ok|all right|alright|yeah|yes|no|mm-hmm|sure|great|right)\b"
    r"(?!\s+(?:side|knee|leg|arm|hand|ear|eye|foot|shoulder|hip|now|doubt|one|longer|problem|pain|"
    r"fever)))"
    r"|\s+(?=(?:do you|have you|are you|did you|is there|how long|how are|what about|"
    r"can you|when did|where is|i would like|i'm going to|so what|um so)\b)",
    re.IGNORECASE,
)
_CLAUSES: Final = re.compile(
    r"\s+(?=(?:so|but|now|then|and then|and so|and i|and i'm|and we|and you|i think|i want|i wanna|"
    r"i'd like|i would|i'm gonna|i'm going to|we're gonna|we're going to|we'll|let's|on your|"
    r"for your|your|it looks|there is|there's|there are|because|she's|he's|my) )",
    re.IGNORECASE,
)
_CAPITAL: Final = re.compile(
    r"(?<=[a-z,]) (?=(?:Any|No|Yeah|Yes|Okay|OK|Alright|Right|Do|Have|Are|And|So|How|What|When|"
    r"Where|Is|Did|Can|Um|As|"
    r"Fine|Has|Does|It's|My|You|We|In|But|Not|The|That|Sure|Great|Good|Well)[ ,])"
)
"""A capital in mid-sentence: the recognizer heard a new sentence and lost the stop."""
_DENIES: Final = re.compile(r"\b(?:no|not|never|without)\b|n't\b", re.IGNORECASE)
_FRAME: Final = re.compile(
    r"^(?:(?:.{0,30}?\b)?(?:can i (?:just )?ask|moving on|do you find(?: that)?),?\s+)?"
    r"(?:(?:(?:and|or|so|then|also|just|um)\s+)*"
    r"(?:(?:do|does|did|have|has|had|are|is|was|were)\s+(?:you|it|there|he|she)"
    r"(?:\s+(?:also|ever|recently|currently|still|just|actually))*"
    r"(?:\s+(?:have|had|been|get|got|noticed|notice|feel|felt|feeling|having|experiencing|experienced|"
    r"getting|noticing|find|found|that))*|(?:how|what) about|(?:have you )?noticed)\s+"
    r"(?:(?:any|an|a|the|other|kind of|sort of|like|or)\s+)*|(?:any|or any|and any|or)\s+)"
    r"(?=\w)",
    re.IGNORECASE,
)
_FRAMING: Final = re.compile(
    r"\b(?:family|mother|father|parents|brother|sister|history|past|medications?|allerg\w*|\d+)\b",
    re.IGNORECASE,
)
"""Words before a question that change what is asked."""
_EXAMPLE: Final = re.compile(r"(?:like|such as|for example|or|and)\b", re.IGNORECASE)
LONGEST_QUESTION: Final = 16
LONGEST_PLAIN_RUN: Final = 20
"""Words. A run without a stop that is longer is cut at words that open a turn: some recognizers
write whole minutes without punctuation (Whisper large-v3 in the development data)."""
LONGEST_MARKED_RUN: Final = 50
"""The same where there are commas: then the recognizer knows marks and the run is one sentence."""
_LEAST_PIECE: Final = 4
_LEAST_CLAUSE: Final = 8
_FILLERS: Final = re.compile(
    r"(?<![\w'-])(?:um+|uh+m?|erm?|hmm+|mm+|mhm|mm-hmm|uh-huh|ah|ohh?|(?<!do )you know|i mean|"
    r"(?<!\bwhat )(?<!\bthis )(?<!\bany )(?<!\bsome )(?:sort of|kind of|kinda)|like,)"
    r"(?![\w'-])(?:\s*,)?",
    re.IGNORECASE,
)
_LIKE: Final = re.compile(r",\s*like\s*(?=,)|(?<=\bit's), like,?(?= )", re.IGNORECASE)
_CUT_OFF: Final = re.compile(r"(?<![\w-])\w{1,3}-(?=\s|,|$)\s*")
_REPEAT: Final = re.compile(r"\b((?:[\w']+\s+){0,3}[\w']+)(?:[\s,.]+\1\b)+", re.IGNORECASE)
_LEAD: Final = re.compile(
    r"^(?:(?:ok(?:ay)?|all right|alright|right|great|sure|perfect|fine|good|excellent|and|so|well|"
    r"but|now|then|anyway|i see|very good|got it|oh|also)(?:\s*[,.!]+\s*|\s+))+"
    r"(?=\w)",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"(?:^|[\s,]+)(?:okay|ok|all right|alright|right|yeah|is that right|you see)\s*\?$",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(
    r"\b(?:are|is|do|does|did|have|has|was|were|can|could|will|would)\s+"
    r"(?:you|your|it|there|they|that|he|she|we|things|everything)\b[\w\s',]*[\w']\s+"
    r"(?:okay|ok|all right|alright|right)\s*\?$",
    re.IGNORECASE,
)
_HEAD_YES: Final = re.compile(r"^(?:(?:yeah|yes|yep|yup|mm)[\s,.]+)+(?=\w+\W+\w)", re.IGNORECASE)
_DANGLING: Final = re.compile(
    r"(?:[\s,]+(?:and|so|but|or|because|then|like))+\s*[.,]*$", re.IGNORECASE
)
"""Where a speaker broke off or the recognizer cut."""
_LEAST_WHOLE: Final = 3
"""Words that must stand before a dangling word is taken off."""
_MARKS: Final = (
    (re.compile(r"\s+([.,;:?!])"), r"\1"),
    (re.compile(r"([.,;:])(?:\s*[.,;:])+"), r"\1"),
    (re.compile(r",+(?=[.?!])"), ""),
    (re.compile(r"^[\s.,;:!?-]+"), ""),
    (re.compile(r"\s{2,}"), " "),
    (re.compile(r"\s-\s*(?=[.,?!]|$)"), ""),
    (re.compile(r"\bi(?=\s|'|,|$)"), "I"),
    (re.compile(r",\s*(?:ok|okay|all right|alright|yeah)\s*(?=[.,]?$)", re.IGNORECASE), ""),
)
_NO_REPEAT: Final = re.compile(
    r"^(?:had|that)$|\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty|forty|"
    r"fifty|sixty|seventy|eighty|ninety|hundred)\b",
    re.IGNORECASE,
)


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a stretch of speech, uncleaned, in order.

    Each is a part of `plain(text)`, letter by letter.
    """
    text = plain(text)
    parts: list[str] = []
    for piece in _END.split(text):
        if parts and _ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {piece}"
        elif piece and piece.strip():
            parts.append(piece.strip())
    return tuple(small for part in parts for small in _cut_run(part))


def plain(text: str) -> str:
    """Return the text with single blanks and straight apostrophes."""
    return straighten(" ".join(text.split()))


def ends_open(text: str) -> bool:
    """Return whether a text stops in mid-sentence."""
    return not text.rstrip().endswith((".", "?", "!"))


def without_yes(sentence: str) -> str:
    """Return a cleaned sentence without an opening "Yeah," that answers nothing."""
    text = _HEAD_YES.sub("", sentence)
    return text[0].upper() + text[1:] if text else ""


def clean(sentence: str) -> str:
    """Return a sentence without fillers, repeats, false starts and opening words like "OK, and".

    Every word left was said. A tag ("..., okay?") is no question, so its mark becomes a stop.
    """
    text = straighten(sentence.strip())
    if not _ASKS.search(text):
        text = _TAG.sub(".", text)
    text = _FILLERS.sub(" ", text)
    text = _LIKE.sub("", _CUT_OFF.sub("", text))
    text = _tidy(text)
    text = _REPEAT.sub(_keep_one, text)
    text = _tidy(_LEAD.sub("", _tidy(text)))
    if not text:
        return ""
    whole = _DANGLING.sub("", text)
    text = whole if len(whole.split()) >= _LEAST_WHOLE else text
    return text[0].upper() + text[1:]


def shorten_question(question: str) -> str:
    """Return a yes-or-no question without its frame: "Have you had any fevers?" is "Fevers?".

    Questions that deny ("You don't have any pain?") stay whole, because the denial is meant.
    """
    if _DENIES.search(question):
        return question
    question = last_clause(question)
    text = _FRAME.sub("", question)
    if not re.search(r"\w\w", text):
        return question
    return text[0].upper() + text[1:]


def last_clause(question: str) -> str:
    """Return the end of a long question: what is asked, without what leads to it."""
    if len(question.split()) <= LONGEST_QUESTION or _DENIES.search(question):
        return question
    head, _, tail = question.rpartition(", ")
    if len(tail.split()) < _LEAST_PIECE or _FRAMING.search(head) or _EXAMPLE.match(tail):
        return question
    return tail[0].upper() + tail[1:]


def _keep_one(match: re.Match[str]) -> str:
    return match[0] if _NO_REPEAT.search(match[1]) else match[1]


def _tidy(text: str) -> str:
    for pattern, put in _MARKS:
        text = pattern.sub(put, text)
    return text.strip()


def _cut_run(part: str) -> list[str]:
    pieces = [piece for piece in _CAPITAL.split(part) if piece.strip()]
    return [small for piece in pieces for small in _cut_plain(piece)]


def _cut_plain(part: str) -> list[str]:
    longest = LONGEST_MARKED_RUN if "," in part else LONGEST_PLAIN_RUN
    if len(part.split()) <= longest:
        return [part]
    pieces = _joined(_TURNS.split(part), _LEAST_PIECE)
    return [
        small
        for piece in pieces
        for small in (
            [piece]
            if len(piece.split()) <= longest
            else _joined(_CLAUSES.split(piece), _LEAST_CLAUSE)
        )
    ]


def _joined(parts: list[str], least: int) -> list[str]:
    """Join parts that are too short to stand alone with the one before."""
    pieces: list[str] = []
    for piece in parts:
        is_short = pieces and len(pieces[-1].split()) < least
        if is_short and (len(piece.split()) < least or least == _LEAST_CLAUSE):
            pieces[-1] = f"{pieces[-1]} {piece.strip()}"
        elif piece.strip():
            pieces.append(piece.strip())
    return pieces
