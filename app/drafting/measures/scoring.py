"""All figures of one note against one case. Pure; any thread, but one at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.sentences import sentences
from app.clinical.wording import content_stems, word_count
from app.domain.draft import Claim, Support
from app.domain.ids import ClaimId
from app.domain.ports import Checker
from app.domain.review import is_blocking
from app.domain.transcript import Transcript
from app.drafting.measures.cases import Case, LabelledStatement, NoteText
from app.drafting.measures.facts import FactMatcher
from app.drafting.measures.filed import filed_words
from app.drafting.measures.orders import OrderReader
from app.drafting.measures.rouge import rouge

VERSION: Final = 1
"""Of the measures: rows of another version are not used again. Raise it when a figure changes."""
LEAST_SENTENCE: Final = 4
"""Words. A shorter line of a person's note is a heading or says nothing by itself."""
OVERLAP: Final = 0.5
"""Share of words that the bare baseline of the checker asks for."""
_SENTENCE: Final = re.compile(r"(?<=[.?!])\s+|\n+")
_HEADING: Final = re.compile(r"^[A-Z /&-]+:?$")
_EMPTY_KINDS: Final = frozenset({Kind.WORD, Kind.BODY, Kind.QUALITY, Kind.PAIN})

Figures: TypeAlias = dict[str, float]
"""Names with counts and shares; counts are added up over cases, ROUGE is averaged."""


class Scorer:
    """Scores notes, and the checker itself."""

    def __init__(self, lexicon: Lexicon, checker: Checker) -> None:
        self._lexicon = lexicon
        self._checker = checker
        self._matcher = FactMatcher(lexicon)
        self._orders = OrderReader(lexicon, self._matcher)

    def score(self, case: Case, note: NoteText) -> Figures:
        """Return the figures of a note.

        Args:
            case: what it is held against.
            note: its claims as the checks left them.
        """
        claims = note.claims
        blocking = [each for each in claims if is_blocking(each)]
        shipped = note.without(blocking)
        figures: Figures = {
            "notes": 1,
            "words": sum(word_count(each.text) for each in claims),
            "said": case.transcript.word_count,
            "claims": len(claims),
            "empty": sum(self._is_empty(each.text) for each in claims),
            "unsupported": _unsupported(claims),
            "blocking": len(blocking),
            "shipped": len(shipped.claims),
            "shipped_unsupported": _unsupported(shipped.claims),
        }
        figures |= self._facts(case, note, shipped)
        if case.note:
            figures |= {
                f"rouge{name}": value for name, value in rouge(note.text, case.note).items()
            }
        if case.orders is not None:
            for kind, counts in self._orders.count(note, case.orders).items():
                for name, count in zip(
                    ("hits", "placed", "written", "expected"), counts, strict=True
                ):
                    figures[f"orders_{kind}_{name}"] = count
        if case.header:
            at_home, written = filed_words(note, case.header)
            figures |= {"filed": written > 0, "filed_right": 2 * at_home > written}
            figures |= {"filed_words": written, "filed_words_right": at_home}
        return figures

    def checked(self, case: Case, note: NoteText) -> NoteText:
        """Return a note whose claims were held against the transcript, as a draft's are."""
        return NoteText(
            tuple(
                (key, heading, tuple(self._checker.check(each, case.transcript) for each in claims))
                for key, heading, claims in note.sections
            )
        )

    def judge(self, statement: LabelledStatement) -> Figures:
        """Return what the checker and bare word overlap say of a labelled statement."""
        claim = self._checker.check(Claim(ClaimId("1"), statement.text), statement.transcript)
        flagged = claim.support is Support.UNSUPPORTED
        bare = _overlap(statement.text, statement.transcript) < OVERLAP
        return {
            "statements": 1,
            "wrong": statement.is_wrong,
            "flagged": flagged,
            "caught": flagged and statement.is_wrong,
            "bare_flagged": bare,
            "bare_caught": bare and statement.is_wrong,
        }

    def _facts(self, case: Case, note: NoteText, shipped: NoteText) -> Figures:
        figures: Figures = {}
        lines = self._matcher.note([each.text for each in note.claims])
        if case.facts:
            kept = self._matcher.note([each.text for each in shipped.claims])
            critical = [each.text for each in case.facts if each.is_critical]
            figures = {
                "critical": len(critical),
                "critical_held": sum(self._matcher.holds(lines, each) for each in critical),
                "critical_shipped": sum(self._matcher.holds(kept, each) for each in critical),
                "facts": len(case.facts),
                "facts_held": sum(self._matcher.holds(lines, each.text) for each in case.facts),
            }
        wanted = note_sentences(case.note)
        if wanted:
            figures["sentences"] = len(wanted)
            figures["sentences_held"] = sum(self._matcher.holds(lines, each) for each in wanted)
        return figures

    def _is_empty(self, text: str) -> bool:
        """Whether a claim names nothing clinical, counts nothing and plans nothing."""
        mentions = self._lexicon.mentions(text)
        if any(each.kind not in _EMPTY_KINDS for each in mentions):
            return False
        cues = ("plan", "past", "family", "medicines", "when")
        has_cue = any(self._lexicon.has_cue(cue, text) for cue in cues)
        has_number = any(character.isdigit() for character in text)
        return not (has_cue or has_number or mentions)


def copied(transcript: Transcript, key: str, heading: str) -> NoteText:
    """Return the first baseline: all that was said, sentence by sentence."""
    claims = [
        Claim(ClaimId(f"{number}.{place}"), text, (segment.id,), Support.SUPPORTED)
        for number, segment in enumerate(transcript.segments)
        for place, text in enumerate(sentences(segment.text))
    ]
    return NoteText(((key, heading, tuple(claims)),))


def person_note(text: str, key: str) -> NoteText:
    """Return a person's note as claims without evidence: they name none."""
    claims = tuple(
        Claim(ClaimId(str(number)), line)
        for number, line in enumerate(_SENTENCE.split(text))
        if line.strip()
    )
    return NoteText(((key, "", claims),))


def note_sentences(note: str) -> tuple[str, ...]:
    """Return the sentences of a person's note that say something, without headings."""
    lines = (line.strip(" \u2022-\t") for line in _SENTENCE.split(note))
    return tuple(
        line for line in lines if word_count(line) >= LEAST_SENTENCE and not _HEADING.match(line)
    )


def _unsupported(claims: Sequence[Claim]) -> int:
    return sum(each.support is Support.UNSUPPORTED for each in claims)


def _overlap(text: str, transcript: Transcript) -> float:
    words = set(content_stems(text))
    said = {stem for each in transcript.segments for stem in content_stems(each.text)}
    return len(words & said) / max(1, len(words))
