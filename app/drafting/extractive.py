"""Writes a note without a language model: it files and quotes what was said. Pure; any thread.

The bottom of the fallback ladder and the honest baseline. Every claim is made of words of the
segments it names, so it is supported by construction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.clinical.lexicon import Kind, Lexicon
from app.clinical.negation import Polarity, polarities
from app.clinical.quantities import Measure
from app.clinical.wording import content_stems, tokenize, word_count
from app.domain.draft import Claim, Owner, Section, Support
from app.domain.ids import ClaimId, new_id
from app.domain.transcript import Transcript
from app.drafting.exchanges import ExchangeReader, Statement
from app.drafting.filing import targets, topic_of, topics_in, weight_of
from app.drafting.routing import Router, Topic
from app.drafting.template_filing import TemplateFiling

ENGINE: Final = "extractive"
LEAST_WORDS: Final = 8
"""Fewer words in a recording are no visit."""
LEAST_WEIGHT: Final = 0.62
"""Set by hand, not swept; tests/performance/fact_recall.py prints what it gives."""
LARGEST_SHARE: Final = 0.42
"""Share of the transcript's words a note may have: a copy is no note."""
FREE_WORDS: Final = 120
"""A note this short is never cut."""
_SAME: Final = 0.8
"""Share of a statement's content words that were written already: a repeat."""
_ALWAYS_KINDS: Final = (Kind.DRUG, Kind.ALLERGY)
_ALWAYS_MEASURES: Final = frozenset({Measure.DOSE, Measure.PRESSURE})


@dataclass(frozen=True, slots=True)
class _Filed:
    """A statement with its topic and weight."""

    statement: Statement
    topic: Topic
    weight: float
    order: int

    @property
    def is_vital(self) -> bool:
        """Whether it is kept however long the note gets."""
        measures = {each.measure for each in self.statement.quantities}
        return self.statement.has(*_ALWAYS_KINDS) or bool(measures & _ALWAYS_MEASURES)


class ExtractiveDrafter:
    """Files the statements of a transcript under sections."""

    def __init__(
        self, lexicon: Lexicon, router: Router, make_id: Callable[[], str] = new_id
    ) -> None:
        self._lexicon = lexicon
        self._router = router
        self._reader = ExchangeReader(lexicon)
        self._make_id = make_id

    def draft(
        self,
        transcript: Transcript,
        sections: Sequence[tuple[str, str]],
        filing: TemplateFiling | None = None,
    ) -> tuple[Section, ...]:
        """Write all sections.

        Args:
            transcript: what was said; too little speech gives sections without claims.
            sections: (key, heading) in reading order.
            filing: of the template they are from; without it, keys and headings decide.

        Returns:
            One finished section per pair, in the same order.
        """
        kept = self._kept(transcript)
        if filing is None:
            homes = targets(sections)
            places = tuple(homes.get(each.topic) for each in kept)
        else:
            places = filing.places([(each.statement, each.topic) for each in kept])
        placed = list(zip(kept, places, strict=True))
        return tuple(
            self._section(key, heading, [each for each, place in placed if place == key])
            for key, heading in sections
        )

    def section(
        self, transcript: Transcript, key: str, heading: str, filing: TemplateFiling | None = None
    ) -> Section:
        """Write one section, for an engine that failed on it.

        Without `filing`, a section whose name says nothing about its topics stays empty.
        """
        if filing is not None:
            return self.draft(transcript, [(key, heading)], filing)[0]
        topics = topics_in(key, heading)
        kept = [each for each in self._kept(transcript) if each.topic in topics]
        return self._section(key, heading, kept)

    def _kept(self, transcript: Transcript) -> list[_Filed]:
        if transcript.word_count < LEAST_WORDS:
            return []
        filed = [
            each
            for order, statement in enumerate(self._reader.read(transcript))
            if (each := self._file(statement, order)) is not None
        ]
        budget = max(FREE_WORDS, int(transcript.word_count * LARGEST_SHARE))
        kept = _within(_without_repeats(filed), budget)
        order = {topic: place for place, topic in enumerate(Topic)}
        return sorted(kept, key=lambda each: (order[each.topic], each.order))

    def _file(self, statement: Statement, order: int) -> _Filed | None:
        if self._lexicon.has_cue("consent", statement.text):
            return None
        topic, worth = topic_of(statement, self._router, self._lexicon)
        filed = _Filed(statement, topic, weight_of(statement, worth, self._lexicon), order)
        return filed if filed.weight >= LEAST_WEIGHT else None

    def _section(self, key: str, heading: str, filed: Sequence[_Filed]) -> Section:
        claims = tuple(
            Claim(
                id=ClaimId(self._make_id()),
                text=_finished(each.statement.text),
                evidence=each.statement.evidence,
                support=Support.SUPPORTED,
                owner=Owner.MODEL,
            )
            for each in filed
        )
        return Section(key, heading, claims, is_finished=True, engine=ENGINE)


def _within(filed: Sequence[_Filed], budget: int) -> list[_Filed]:
    """Leave out the lightest statements until the words fit. Drugs, doses, allergies stay."""
    words = {each.order: word_count(each.statement.text) for each in filed}
    total, dropped = sum(words.values()), set()
    by_weight = sorted(filed, key=lambda each: each.weight / max(6, words[each.order]) ** 0.5)
    for each in by_weight:
        if total <= budget:
            break
        if not each.is_vital:
            dropped.add(each.order)
            total -= words[each.order]
    return [each for each in filed if each.order not in dropped]


def _without_repeats(filed: Sequence[_Filed]) -> list[_Filed]:
    """Leave out statements whose words were said before with the same yes or no."""
    kept: list[_Filed] = []
    seen: list[set[tuple[str, Polarity]]] = []
    for each in filed:
        words = _meaning(each.statement.text)
        repeats = [
            index for index, other in enumerate(seen) if len(words & other) >= _SAME * len(words)
        ]
        if words and repeats:
            continue
        kept.append(each)
        seen.append(words)
    return kept


def _meaning(text: str) -> set[tuple[str, Polarity]]:
    wanted = set(content_stems(text))
    pairs = zip(tokenize(text), polarities(text), strict=True)
    return {(token.stem, polarity) for token, polarity in pairs if token.stem in wanted}


def _finished(text: str) -> str:
    text = text.rstrip(" ,;:-.")
    return text if text.endswith(("?", "!")) else f"{text}."
