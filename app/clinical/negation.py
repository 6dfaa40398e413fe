"""What a text affirms, denies or leaves open, word by word. Pure; any thread.

After NegEx (Chapman et al., Journal of Biomedical Informatics 34, 2001): a trigger opens a scope, a
terminator closes it. Spoken visits need two things more: a leading "No," answers the question
before and denies nothing after it, and a question is settled by its answer.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final

from app.clinical.answers import DOUBTS, Answer, read_answer
from app.clinical.wording import STOPWORDS, Token, tokenize, word_set


class Polarity(enum.StrEnum):
    """How a word stands. OPEN: asked, supposed or unknown."""

    AFFIRMED = "affirmed"
    NEGATED = "negated"
    OPEN = "open"


_TRIGGERS: Final = word_set(
    "no not never without denies denied deny denying nil cannot neither nor don dont zero lacks "
    "hasn doesn didn wasn isn aren haven"
)
_TWO_WORD_TRIGGERS: Final = frozenset(
    [("negative", "for"), ("free", "of"), ("absence", "of"), ("lack", "of"), ("rule", "out"),
     ("ruled", "out"), ("rules", "out"), ("none", "of"), ("no", "longer")]
)  # fmt: skip
_PSEUDO: Final = frozenset(
    [("not", "only"), ("no", "doubt"), ("not", "just"), ("no", "more"),
     ("no", "problem"), ("no", "worries"), ("not", "necessarily"), ("no", "wonder"), ("no", "less"),
     ("no", "matter"), ("never", "mind"), ("no", "worry")]
)  # fmt: skip
_ANY_TIME: Final = frozenset(
    [("any", "time"), ("any", "more"), ("any", "questions"), ("any", "way"), ("any", "case")]
)
"""Elsewhere "any" outside a denial asks, also where the recognizer lost the question mark."""
_CONDITIONS: Final = frozenset({"if", "whether", "unless"})
"""What follows is supposed, to the end of the sentence."""
_ANSWERED: Final = word_set(
    "i i'm i've i'd it it's he he's she she's we they there that that's no not nothing yes but "
    "okay ok um uh just only well"
)
_ENDS: Final = word_set(
    "but however although though except apart besides aside yet because cause since which who "
    "until while whereas where when instead only otherwise therefore still due secondary some okay "
    "ok alright what how why yes yeah yep"
)
"""Words that end a denial. "Some" is never denied: English denies "any". The last ones begin a
turn that the recognizer ran into the one before."""
_CIRCUMSTANCES: Final = word_set("while when whenever since because after before during")
"""What follows in a question is taken for granted: "Any pain when you walk? No." denies pain."""
_PURPOSE: Final = 3
"""Words after a denied "for" that are not denied: "no tablets for the pain"."""
_SEARCHED: Final = word_set("negative positive evidence looking checked screened")
"""Words before a "for" that says what was looked for."""
_LINKS: Final = word_set("is are was were")
_NOUN: Final = 2
"""Tokens from a link back to before its noun: "no rash is seen"."""
_SEEN: Final = word_set("present seen evident there noticeable any")
"""After a link these say that the denied thing is not there: "no rash is present"."""
_NEW_CLAUSE: Final = word_set(
    "i i'm i've he she it it's we they you there has have had is was does reports complains "
    "endorses states notes admits the your this that's takes took feels says presents"
)
_ASKING: Final = word_set("do does did have has are is was were can")
_ASKED: Final = word_set("you it there he she they your the any anyone anybody that")
_ASKING_NEXT: Final = word_set("do does did have are")
_ASKED_NEXT: Final = word_set("you it he she they")
_POINTED: Final = word_set("that this your the")
_WHICH: Final = word_set("who why which so nor neither only not never")
_REPLYING: Final = word_set("i i'm i've no yes yeah nope")
_GOVERNING: Final = word_set("when if that as while what where how whether , than")
"""Before "I" these carry the question on: "does it hurt when I press"."""
_LEAST_ASKED: Final = 4
"""Tokens of a question without its mark before a reply may begin."""
_SUBJECTS: Final = word_set("your my i i'm i've you he she we there there's it it's they")
_PREPOSITIONS: Final = word_set("in of with to on from for about by at")
_DENYING: Final = word_set("deny denies denied denying")
_REASONS: Final = word_set("due secondary because")
_AVERTING: Final = word_set("avoid avoids avoiding prevent prevents preventing")
"""What these govern has not come about."""
_POST: Final = word_set("unlikely absent negative denied excluded")
LONGEST_SCOPE: Final = 25
"""Words a denial of a list may reach. Set by hand, generous; terminators end most earlier."""
VERB_SCOPE: Final = 10
"""Words "not" after a verb may reach. Set by hand after reading false alarms on ACI-Bench; at 7
lists like "I don't hear any wheezes, rales or rhonchi" were cut."""


def polarities(text: str) -> tuple[Polarity, ...]:
    """Return the polarity of each token of `tokenize(text)`.

    A question takes the side of the answer that follows it in the text: "Any fever? No." denies
    fever. Without an answer it is open.
    """
    tokens = tokenize(text)
    result = [Polarity.AFFIRMED] * len(tokens)
    sentences = _sentences(tokens)
    for number, (first, last) in enumerate(sentences):
        part = tokens[first:last]
        marks = _within(part)
        if part and (part[-1].text == "?" or _asks(part)):
            after = sentences[number + 1 :]
            marks = _settle(part, marks, _reply(text, tokens, after))
        result[first:last] = marks
    return tuple(result)


def _asks(part: Sequence[Token]) -> bool:
    """Whether a sentence is a question by its order of words; recognizers lose the mark."""
    words = [token.text for token in part[:2]]
    return len(words) > 1 and words[0] in _ASKING and words[1] in _ASKED


def _sentences(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    spans, first = [], 0
    for index, token in enumerate(tokens):
        is_next = token.text in _REPLYING and _is_reply(tokens, first, index)
        if is_next or (index > first and _asks_next(tokens, index)):
            spans.append((first, index))
            first = index
        if token.text in ".?!;":
            spans.append((first, index + 1))
            first = index + 1
    if first < len(tokens):
        spans.append((first, len(tokens)))
    return spans


def _asks_next(tokens: Sequence[Token], index: int) -> bool:
    """Whether a question begins whose mark and stop were lost: "no rash does it hurt here"."""
    following = tokens[index + 1].text if index + 1 < len(tokens) else ""
    asking = tokens[index].text
    is_pair = asking in _ASKING_NEXT and following in _ASKED_NEXT
    is_pair = is_pair or (asking in {"does", "did"} and following in _POINTED)
    return is_pair and tokens[index - 1].text not in _GOVERNING | _WHICH


def _is_reply(tokens: Sequence[Token], first: int, index: int) -> bool:
    """Whether a question that lost its mark is answered: "any fever I feel warm"."""
    if index - first < _LEAST_ASKED or not _asks(tokens[first : first + 2]):
        return False
    return tokens[index - 1].text not in _GOVERNING


def _reply(text: str, tokens: Sequence[Token], after: list[tuple[int, int]]) -> Answer | None:
    for first, last in after:
        if tokens[last - 1].text == "?":
            continue
        return read_answer(text[tokens[first].start : tokens[last - 1].end])
    return None


def _settle(part: Sequence[Token], marks: list[Polarity], answer: Answer | None) -> list[Polarity]:
    if answer is Answer.NO:
        asked = next(
            (place for place in range(1, len(part)) if _is_granted(part, place)),
            len(part),
        )
        topic = _topic(part)
        denied = [Polarity.OPEN] * topic + [Polarity.NEGATED] * max(0, asked - topic)
        return denied + [Polarity.OPEN] * (len(marks) - max(asked, topic))
    if answer is Answer.YES:
        return [Polarity.AFFIRMED if mark is Polarity.OPEN else mark for mark in marks]
    return [Polarity.OPEN] * len(marks)


def _is_granted(part: Sequence[Token], place: int) -> bool:
    """Whether what follows in a question is taken for granted: when it hurts, what it is from."""
    is_cause = part[place].text == "from" and part[place - 1].stem != "suffer"
    return is_cause or part[place].text in _CIRCUMSTANCES


def _topic(part: Sequence[Token]) -> int:
    """Return how many tokens only name what is asked about: "how about your asthma, any cough"."""
    words = [each.text for each in part]
    ends = (place for place in range(1, len(words)) if words[place - 1 : place + 1] == [",", "any"])
    first = next(ends, 0)
    return first if "your" in words[:first] else 0


def _within(tokens: Sequence[Token]) -> list[Polarity]:
    marks = [Polarity.AFFIRMED] * len(tokens)
    left, mark, is_list, spared = 0, Polarity.AFFIRMED, False, 0
    names_thing = False  # "I have not noticed any cough": what comes next is said of it, or anew
    for index, token in enumerate(tokens):
        if _supposes(tokens, index):
            return marks[: index + 1] + [Polarity.OPEN] * (len(tokens) - index - 1)
        opened = None if left and token.text == "any" else _opened(tokens, index)
        if opened is not None:
            mark, left = opened
            spared, is_list = 0, left == LONGEST_SCOPE
            names_thing = is_list
            continue
        if left and _is_over(tokens, index, names_thing):
            left = 0
        names_thing = names_thing or token.text == "any"
        if left and is_list and _is_predicate(tokens, index):
            left, marks[index - 1] = 0, Polarity.AFFIRMED
        if left:
            spared = _spared(tokens, index, spared)
            marks[index] = Polarity.OPEN if spared else mark
            left = max(
                left - (token.is_word and token.text not in STOPWORDS),
                VERB_SCOPE // 2 if token.text == "or" else 0,
            )
        if token.text in _POST or _is_colon_denial(tokens, index):
            _mark_back(tokens, marks, index)
    return marks


def _supposes(tokens: Sequence[Token], index: int) -> bool:
    """Whether what follows is supposed. "Even if I walk" happens."""
    is_even = index > 0 and tokens[index - 1].text == "even"
    return tokens[index].text in _CONDITIONS and not is_even


def _is_predicate(tokens: Sequence[Token], index: int) -> bool:
    """Whether the word before begins what is said of something else.

    "No drift, sensation is intact" has mostly lost its comma. "No rash is seen" has not.
    """
    if tokens[index].text not in _LINKS or not _NOUN <= index < len(tokens) - 1:
        return False
    following = tokens[index + 1].text
    is_first = tokens[index - _NOUN].text in _TRIGGERS or tokens[index - 1].text in _NEW_CLAUSE
    return not (is_first or following in _SEEN or following.endswith("ed"))


def _spared(tokens: Sequence[Token], index: int, left: int) -> int:
    """Return how many of the next words of a denial tell what something is for."""
    word = tokens[index].text
    if word == "for" and tokens[index - 1].text not in _SEARCHED:
        return _PURPOSE + 1
    return 0 if word in {",", "or", "and", "nor"} else max(0, left - 1)


def _opened(tokens: Sequence[Token], index: int) -> tuple[Polarity, int] | None:
    word = tokens[index].text
    following = tokens[index + 1].text if index + 1 < len(tokens) else ""
    pair = (word, following)
    if pair in _PSEUDO or pair in _ANY_TIME or _is_measured(tokens, index):
        return None
    is_averted = word in _AVERTING
    if pair in DOUBTS or (word, "") in DOUBTS or word == "any" or is_averted:
        return Polarity.OPEN, VERB_SCOPE
    if pair in _TWO_WORD_TRIGGERS:
        return Polarity.NEGATED, LONGEST_SCOPE
    is_verb = word.endswith("n't") or word in {"not", "cannot", "don", "dont"}
    if not (is_verb or word in _TRIGGERS):
        return None
    if word == "no" and (following in _ANSWERED or following in {",", "", "."}):
        return None
    return Polarity.NEGATED, VERB_SCOPE if is_verb else LONGEST_SCOPE


def _is_measured(tokens: Sequence[Token], index: int) -> bool:
    """Whether "no longer" tells a length: "no longer than a week"."""
    return [each.text for each in tokens[index + 1 : index + 3]] == ["longer", "than"]


def _is_over(tokens: Sequence[Token], index: int, is_list: bool) -> bool:
    is_cut = _closes(tokens, index) or (is_list and _starts_anew(tokens, index))
    return is_cut and not _is_complement(tokens, index)


def _closes(tokens: Sequence[Token], index: int) -> bool:
    word = tokens[index].text
    if word in _ENDS or word == ")":
        return True
    before = tokens[index - 1].text if index else ""
    return before in {"and", ",", "so", "then"} and word in _NEW_CLAUSE


def _starts_anew(tokens: Sequence[Token], index: int) -> bool:
    """Whether a list of denials is over: "no gallop your lungs are clear" has lost its stop."""
    before = tokens[index - 1].text
    return before not in _TRIGGERS | _PREPOSITIONS and tokens[index].text in _SUBJECTS


def _is_complement(tokens: Sequence[Token], index: int) -> bool:
    """Whether a word begins what is denied: "denies that she is staying active"."""
    if tokens[index].text == "that":
        return index > 0 and tokens[index - 1].text in _DENYING
    before = tokens[index - 1].text if index else ""
    earlier = tokens[index - 2].text if index > 1 else ""
    is_denied = before in _DENYING or (before == "that" and earlier in _DENYING)
    return is_denied and tokens[index].text not in _REASONS


def _is_colon_denial(tokens: Sequence[Token], index: int) -> bool:
    if tokens[index].text not in {"no", "nil", "none", "negative"} or not index:
        return False
    is_last = index + 1 >= len(tokens) or tokens[index + 1].text in ".,;"
    return is_last and tokens[index - 1].text in {":", "-"}


def _mark_back(tokens: Sequence[Token], marks: list[Polarity], index: int) -> None:
    for back in range(index - 1, max(-1, index - 1 - VERB_SCOPE), -1):
        if tokens[back].text in {".", ";", ","} or tokens[back].text in _ENDS:
            return
        marks[back] = Polarity.NEGATED
