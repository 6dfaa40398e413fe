"""From a line of an answer to a claim of the draft. Pure; any thread."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

from app.domain.draft import Claim
from app.domain.ids import ClaimId, SegmentId, new_id

SHORTEST_BABBLE: Final = 10
BABBLED_TIMES: Final = 3
"""Three words that come three times in a line of ten or more. No line of the ACI-Bench notes
that is a sentence has that; most raw lines of the starter model do."""
ECHOED_WORDS: Final = 5
"""So many words in a row that stand in the request, too, make an echo. None of the 9,847 sentences
of the ACI-Bench and MTS-Dialog notes shares five with a request of a shipped template; 63 share
four ("history of present illness")."""
LONGEST_CLAIM: Final = 600
"""Letters. 28 words of the answer's grammar hold about 200."""

_CONSENT: Final = re.compile(
    r"\bconsent(?:s|ed|ing)?\b"
    r"|\b(?:permission|authoriz\w+|authoris\w+|agree[sd]?|agreement|okay|ok|fine)\b[^.]*"
    r"\b(?:to record|record(?:ed|ing)|audio|taped?|transcri\w+|scribe|artificial intelligence|AI)\b"
    r"|\b(?:record(?:ed|ing)|audio|transcri\w+|scribe|AI)\b[^.]*"
    r"\b(?:permission|authoriz\w+|authoris\w+|agree[sd]?|agreement|disclosed)\b",
    re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")
_MARKUP: Final = re.compile(r"\*\*|__|`+|^#+\s*")


def is_about_consent(sentence: str) -> bool:
    """Whether a sentence speaks of consent, or of leave to record.

    Only the consent ledger may put such a sentence into a note: NOTES.md, "Consent sentence".
    """
    return _CONSENT.search(sentence) is not None


def without_consent(text: str) -> str:
    """Return the text without its sentences about consent."""
    return " ".join(each for each in _SENTENCE.split(text) if not is_about_consent(each)).strip()


def tidy(text: str) -> str:
    """Return a line as it goes into a note: one line, no markup, nothing that cannot be seen."""
    seen = "".join(_seen(each) for each in text)
    return " ".join(_MARKUP.sub("", " ".join(seen.split())).split())[:LONGEST_CLAIM].strip()


def sameness(text: str) -> str:
    """Return what two wordings of one line have in common: letters and digits, case folded."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def is_babble(text: str) -> bool:
    """Whether a line says one thing over and over, as a weak model does when it has no more."""
    words = sameness(text).split()
    if len(words) < SHORTEST_BABBLE:
        return False
    runs = Counter(zip(words, words[1:], words[2:], strict=False))
    return max(runs.values()) >= BABBLED_TIMES or len(set(words)) < len(words) / 2


def is_echo(text: str, request: str) -> bool:
    """Whether a line repeats what was asked instead of what was said, as a weak model does."""
    return not _runs(text).isdisjoint(_runs(request))


def _runs(text: str) -> set[tuple[str, ...]]:
    words = sameness(text).split()
    return set(zip(*(words[at:] for at in range(ECHOED_WORDS)), strict=False))


class ClaimMaker:
    """Makes the claims of one section. The same line becomes a claim once.

    Args:
        earlier: claims this section had before. A line that says the same keeps the claim it
            had, with its id, so that the eye can rest.
    """

    def __init__(self, earlier: Iterable[Claim] = ()) -> None:
        self._earlier = {sameness(each.text): each for each in earlier}
        self._made: dict[str, Claim] = {}
        self.dropped_consent = 0

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What was made so far, in order."""
        return tuple(self._made.values())

    def make(self, text: str, evidence: tuple[SegmentId, ...]) -> Claim | None:
        """Return the new claim of a line, None if there is none: empty, known, or on consent.

        A claim without evidence is kept: it is unsupported, and a person shall see it.
        """
        said = tidy(text)
        kept = without_consent(said)
        self.dropped_consent += kept != said
        key = sameness(kept)
        if not key or key in self._made:
            return None
        known = self._earlier.get(key)
        if known is not None and known.evidence == evidence:
            claim = known
        else:
            claim = Claim(known.id if known else ClaimId(new_id()), kept, evidence)
        self._made[key] = claim
        return claim

    def adopt(self, claim: Claim) -> Claim | None:
        """Take over a claim that was made before; None if there is one like it already."""
        key = sameness(claim.text)
        if key in self._made:
            return None
        self._made[key] = claim
        return claim


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Cf":
        return ""
    return " " if category[0] in "CZ" else letter
