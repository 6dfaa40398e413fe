"""Reads a transcript as statements: sentences, and questions joined with their short answers.

"Any fever?" and "No." mean nothing alone; together they are one statement with two segments as
evidence. Roles help but are not needed: real speech recognition often has none. Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.answers import Answer, read_answer
from app.clinical.lexicon import Kind, Lexicon, Mention
from app.clinical.quantities import Quantity, quantities, written
from app.clinical.sentences import (
    clean,
    ends_open,
    last_clause,
    plain,
    sentences,
    shorten_question,
    without_yes,
)
from app.clinical.wording import content_stems, straighten, tokenize, word_count
from app.domain.ids import SegmentId
from app.domain.transcript import Segment, SpeakerRole, Transcript
from app.drafting.asking import goes_on, is_beside, is_question


@dataclass(frozen=True, slots=True)
class Line:
    """One cleaned sentence.

    Attributes:
        text: cleaned; may be empty when only fillers were said.
        segments: mostly one; more when recognition cut the sentence.
        position: 0 to 1, by words, in the transcript.
    """

    text: str
    segments: tuple[SegmentId, ...]
    role: SpeakerRole
    position: float
    is_question: bool
    is_backchannel: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """What a visit says in one go.

    Attributes:
        text: the answer, or question and answer, cleaned.
        evidence: segments it was taken from, in order of time.
        role: of the one who states or answers.
        question: the question as part of `text`; empty without one.
        mentions, quantities: what the lexicon and the parser find in `text`.
    """

    text: str
    evidence: tuple[SegmentId, ...]
    role: SpeakerRole
    position: float
    question: str
    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity, ...]

    def has(self, *kinds: Kind) -> bool:
        """Return whether one of these kinds is mentioned."""
        return any(each.kind in kinds for each in self.mentions)


_DICTATION: Final = re.compile(
    r"^\W*(?:hey|hi|okay|ok)?,?\s*(?:dragon|dax)\b[,.\s]*", re.IGNORECASE
)
_PARTNERS: Final = (SpeakerRole.CLINICIAN, SpeakerRole.PATIENT)
"""Roles of one person each: who asked does not answer."""
_QUESTIONS_KEPT: Final = 3
_QUESTION_WORDS: Final = 26
"""Words of question kept before an answer, the last ones. Set by hand, not swept."""
_ASIDE: Final = 12
"""Words a clinician may add to a question ("people say sharp or dull") before it is forgotten."""
_SHORT_ANSWER: Final = 4
"""Content words. A shorter answer is not understood without its question."""
_LONG_ANSWER: Final = 8
"""Words. A longer answer with enough content stands alone whatever it speaks of."""
_LONGEST_BACKCHANNEL: Final = 6
_MEANING: Final = (
    Kind.DRUG, Kind.DRUG_CLASS, Kind.SYMPTOM, Kind.CONDITION, Kind.FINDING, Kind.VITAL, Kind.TEST,
    Kind.SOCIAL, Kind.ALLERGY, Kind.PAIN, Kind.BODY, Kind.WORD,
)  # fmt: skip


class ExchangeReader:
    """Turns transcripts into statements."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def lines(self, transcript: Transcript) -> tuple[Line, ...]:
        """Return all sentences of a transcript, cleaned."""
        total, done, found = max(1, transcript.word_count), 0, []
        for run in _runs(transcript.segments):
            for sentence, segments in _sentences_of(run):
                text = clean(_DICTATION.sub("", sentence))
                question = is_question(text, run[0].role, self._lexicon)
                silent = self._is_backchannel(text)
                line = Line(text, segments, run[0].role, done / total, question, silent)
                found.append(line)
                done += len(sentence.split())
        return tuple(found)

    def read(self, transcript: Transcript) -> tuple[Statement, ...]:
        """Return the statements of a transcript in order of time, small talk included."""
        return self.statements(self.lines(transcript))

    def statements(self, lines: Sequence[Line]) -> tuple[Statement, ...]:
        """Return the statements these sentences make."""
        return tuple(self._statements(lines))

    def is_unanswered(self, lines: Sequence[Line], place: int) -> bool:
        """Return whether a line asks, and no yes, no and no word of it answers."""
        asked = lines[place]
        if not asked.is_question:
            return False
        for line in lines[place + 1 :]:
            if line.is_question or not line.text:
                continue
            is_run_on = line.segments == asked.segments  # two speakers in one, as it was heard
            if line.role in _PARTNERS and line.role is asked.role and not is_run_on:
                return True  # they went on without an answer
            is_settled = read_answer(line.text) is not Answer.OTHER
            if is_settled or not line.is_backchannel:
                return not is_settled and is_beside(asked.text, line.text)
        return True

    def statement(self, text: str, lines: Sequence[Line], question: str = "") -> Statement:
        """Return a statement over these lines, the last of which states or answers."""
        evidence = tuple(dict.fromkeys(each for line in lines for each in line.segments))
        last, text = lines[-1], written(text if question else without_yes(text))
        return Statement(
            text, evidence, last.role, lines[0].position, question,
            self._lexicon.mentions(text), quantities(text),
        )  # fmt: skip

    def _statements(self, lines: Sequence[Line]) -> Iterator[Statement]:
        asked: list[Line] = []
        for index, line in enumerate(lines):
            if not line.text:
                continue
            if line.is_question:
                if not self._is_asked_back(asked, line):
                    asked = self._ask(asked, line, lines[index - 1] if index else None)
            elif line.is_backchannel and not self._is_reply(asked, line, lines[index + 1 :]):
                continue
            elif asked and self._is_answer(asked, line):
                answered = self._answered(asked, line)
                if answered:
                    yield answered
                asked = []
            else:
                yield self.statement(line.text, [line])
                asked = asked if word_count(line.text) <= _ASIDE else []

    @staticmethod
    def _is_asked_back(asked: list[Line], line: Line) -> bool:
        """Whether a patient asks before they answer ("like when I walk?"), or asks nothing."""
        is_open = bool(asked) and asked[-1].role is not SpeakerRole.PATIENT
        return line.role is SpeakerRole.PATIENT and (is_open or line.is_backchannel)

    def _is_reply(self, asked: Sequence[Line], line: Line, following: Sequence[Line]) -> bool:
        """Whether "yeah" or "mm-hmm" answers, and is not taken back at once: "Yeah. No, no"."""
        after = next((each for each in following if each.text), None)
        is_taken_back = (
            read_answer(line.text) is Answer.YES
            and after is not None
            and after.role is line.role
            and read_answer(after.text) is Answer.NO
        )
        return bool(asked) and self._is_answer(asked, line) and not is_taken_back

    @staticmethod
    def _is_answer(asked: Sequence[Line], line: Line) -> bool:
        """Whether a line can answer: not one of the asker's, no mere "okay"."""
        is_asker = line.role in _PARTNERS and asked[-1].role is line.role
        is_other = read_answer(line.text) is Answer.OTHER
        is_known = line.role in _PARTNERS and asked[-1].role in _PARTNERS
        is_asking_on = not is_known and goes_on(line.text)
        return not is_asker and not (is_other and (line.is_backchannel or is_asking_on))

    @staticmethod
    def _ask(asked: list[Line], line: Line, before: Line | None) -> list[Line]:
        is_next = before is not None and (before.is_question or before.is_backchannel)
        return [*asked, line][-_QUESTIONS_KEPT:] if asked and is_next else [line]

    def _answered(self, asked: list[Line], line: Line) -> Statement | None:
        answer = read_answer(line.text)
        stems = content_stems(line.text)
        is_clear = answer is Answer.OTHER and len(stems) >= _SHORT_ANSWER
        is_own = asked[-1].role is SpeakerRole.PATIENT and answer is Answer.OTHER
        is_long = self._has_meaning(line.text) or word_count(line.text) > _LONG_ANSWER
        if is_own or (is_clear and is_long):  # what a patient wants to know is no history
            return self.statement(line.text, [line]) if len(stems) > 1 else None
        kept = self._trim(asked)
        texts = [each.text for each in kept]
        if answer is not Answer.OTHER:
            texts = [shorten_question(each) for each in texts]
        else:
            texts = [last_clause(each) for each in texts]
        question = " ".join(_as_question(each) for each in texts)
        if not self._has_meaning(question) and len(content_stems(question)) <= 1:
            return self.statement(line.text, [line]) if len(stems) > 1 else None
        return self.statement(f"{question} {_as_sentence(line.text)}", [*kept, line], question)

    @staticmethod
    def _trim(asked: list[Line]) -> list[Line]:
        kept: list[Line] = []
        words = 0
        for line in reversed(asked):
            words += word_count(line.text)
            if kept and words > _QUESTION_WORDS:
                break
            kept.insert(0, line)
        return kept

    def _has_meaning(self, text: str) -> bool:
        return any(each.kind in _MEANING for each in self._lexicon.mentions(text))

    def _is_backchannel(self, text: str) -> bool:
        tokens = [token for token in tokenize(straighten(text)) if token.is_word]
        if not tokens or len(tokens) > _LONGEST_BACKCHANNEL:
            return not tokens
        return not content_stems(text) or self._lexicon.is_only("backchannel", text)


def _as_question(text: str) -> str:
    return text if text.endswith("?") else f"{text.rstrip(' .,;')}?"


def _as_sentence(text: str) -> str:
    return text if text[-1] in ".?!" else f"{text}."


def _runs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Join segments of one speaker where the first stops in mid-sentence."""
    run: list[Segment] = []
    for segment in segments:
        if not segment.text.strip():
            continue
        if run and (run[-1].role is not segment.role or not ends_open(run[-1].text)):
            yield run
            run = []
        run.append(segment)
    if run:
        yield run


def _sentences_of(run: Sequence[Segment]) -> Iterator[tuple[str, tuple[SegmentId, ...]]]:
    parts = [plain(segment.text) for segment in run]
    text, ends, length = " ".join(parts), [], 0
    for part in parts:
        length += len(part) + 1
        ends.append(length)
    start = 0
    for sentence in sentences(text):
        found = text.find(sentence, start)
        start = found if found >= 0 else start
        last = start + len(sentence)
        yield (
            sentence,
            tuple(
                segment.id
                for segment, end in zip(run, ends, strict=True)
                if end > start and end - len(plain(segment.text)) - 1 < last
            ),
        )
        start = last
