"""What a person may ask of a selection that needs no model: bullets, shorter, move. As a diff.

Nothing happens until the diff is taken. A reworded claim keeps its owner and its evidence; a
model's claim comes back unchecked, so check it before it is shown. Numbers, sides, and yes or no
must be the same before and after, else there is no proposal. Pure; any thread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from app.clinical.laterality import sided_words
from app.clinical.negation import Polarity, polarities
from app.clinical.wording import STOPWORDS, tokenize
from app.domain.draft import Claim, Section, Support
from app.domain.errors import NotFoundError
from app.domain.ids import ClaimId, new_id
from app.drafting.diffs import ChangeKind, ClaimChange, SectionDiff, is_owned, word_diff

_SENTENCE: Final = re.compile(
    r"(?<!\bDr\.)(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bvs\.)(?<!\be\.g\.)(?<!\bi\.e\.)"
    r"(?<=[.!?;])\s+(?=\S)"
)
_LEAST_PIECE: Final = 2
"""Words. A shorter piece is no bullet of its own and stays with the one before."""
_WORDY: Final = (
    (r"\bin order to\b", "to"),
    (r"\b(?:due|owing) to the fact that\b", "because"),
    (r"\bin spite of the fact that\b", "although"),
    (r"\bat (?:the present time|this point in time|the current time)\b", "now"),
    (r"\bon a (daily|weekly|monthly|nightly) basis\b", r"\1"),
    (r"\bwith (?:regards?|respect) to\b", "regarding"),
    (r"\bprior to\b", "before"),
    (r"\bsubsequent to\b", "after"),
    (r"\bin the event that\b", "if"),
    (r"\ba (?:large|great) number of\b", "many"),
    (r"\bthe majority of\b", "most"),
    (r"\bis able to\b", "can"),
    (r"\b(?:it (?:is|should be) (?:important to note|noted|mentioned) that|please note that|"
     r"of note,|as (?:previously )?(?:discussed|mentioned),|needless to say,|basically,?|"
     r"actually,?)\s*", ""),
    (r"(?<!not )(?<!n't )\breally (?=\w)", ""),
)  # fmt: skip
_PATTERNS: Final = tuple((re.compile(wordy, re.IGNORECASE), put) for wordy, put in _WORDY)
_REPORTS: Final = re.compile(
    r"\b(?:the )?patient (also )?(states|reports|says|notes|mentions) that (?=(?:s?he|they)\b)",
    re.IGNORECASE,
)

_WHO: Final = r"the (?:treating |attending |examining )?(?:clinician|physician|doctor|provider)"
_BY_CLINICIAN: Final = re.compile(rf"\bby {_WHO}\b(?!['\u2019])", re.IGNORECASE)
_CLINICIANS: Final = re.compile(rf"\b{_WHO}['\u2019]s\b", re.IGNORECASE)
_CLINICIAN: Final = re.compile(
    rf"(?:(?<=^)|(?<=[.;:,] )|(?<=\band )|(?<=\bthat ))(?:{_WHO})\s+"
    r"(?P<adverb>(?:also|then|again|additionally|now)\s+)?(?P<verb>[a-z]+)\b",
    re.IGNORECASE,
)
"""As a subject only, at the beginning of a clause: "seen with the doctor" may be another one."""
_VERBS: Final = {"is": "am", "was": "was", "has": "have", "does": "do", "discusses": "discuss"}


def bullets(
    section: Section, selected: Collection[ClaimId], make_id: Callable[[], str] = new_id
) -> SectionDiff:
    """Propose one claim per sentence for the selected claims.

    Returns:
        A diff without anything open when there is nothing to split.
    """

    def split(claim: Claim) -> tuple[Claim, ...]:
        pieces = sentences(claim.text)
        if len(pieces) < 2 or not _is_same(claim.text, ". ".join(pieces)):  # noqa: PLR2004 - one
            return (claim,)
        return tuple(_reworded(claim, each, ClaimId(make_id())) for each in pieces)

    return _proposal(section, selected, split)


def shorter(
    section: Section, selected: Collection[ClaimId], make_id: Callable[[], str] = new_id
) -> SectionDiff:
    """Propose the selected claims without wordy phrases. What is said stays."""

    def cut(claim: Claim) -> tuple[Claim, ...]:
        text = without_wordiness(claim.text)
        if text == claim.text:
            return (claim,)
        return (_reworded(claim, text, ClaimId(make_id())),)

    return _proposal(section, selected, cut)


def first_person(
    section: Section, selected: Collection[ClaimId], make_id: Callable[[], str] = new_id
) -> SectionDiff:
    """Propose the selected claims as the clinician would say them: "I advise"."""

    def mine(claim: Claim) -> tuple[Claim, ...]:
        text = in_first_person(claim.text)
        if text == claim.text:
            return (claim,)
        return (_reworded(claim, text, ClaimId(make_id())),)

    return _proposal(section, selected, mine)


def in_first_person(text: str) -> str:
    """Return a claim that speaks of the clinician as I; the same text where nobody does.

    Only who wrote the note is meant by "the clinician"; a cardiologist or "Dr. Wu" is somebody
    else and stays.
    """
    tidy = " ".join(text.split())
    mine = _BY_CLINICIAN.sub("by me", tidy)
    mine = _CLINICIANS.sub("my", mine)
    mine = _CLINICIAN.sub(_as_me, mine)
    mine = _begun(mine)
    return mine if mine != tidy and _is_same(text, mine) else text


def _as_me(match: re.Match[str]) -> str:
    adverb, verb = match["adverb"] or "", match["verb"]
    return f"I {adverb}{_VERBS.get(verb.lower()) or _plain_verb(verb)}"


def _plain_verb(verb: str) -> str:
    """Return a verb as it follows I: "advises" is "advise"; a past form stays."""
    if re.search(r"(?:ss|us|is)$", verb) or not verb.endswith("s"):
        return verb
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if re.search(r"(?:ss|sh|ch|x|zz|o)es$", verb) else verb[:-1]


def move(
    sections: Sequence[Section], selected: Collection[ClaimId], target: str
) -> tuple[SectionDiff, ...]:
    """Propose to move claims to the end of another section, unchanged.

    Args:
        sections: of the draft.
        selected: claims of any sections; those in the target already stay where they are.
        target: key of a section of the draft.

    Returns:
        A diff for each section with something to move, and for the target. Both ends of a move
        have one number: take both or none.

    Raises:
        NotFoundError: there is no such section.
    """
    home = next((each for each in sections if each.key == target), None)
    if home is None:
        raise NotFoundError("section")
    order = [claim.id for each in sections for claim in each.claims]
    numbers = {id_: number for number, id_ in enumerate(order)}
    coming: list[ClaimChange] = []
    diffs: list[SectionDiff] = []
    for section in sections:
        if section.key == target:
            continue
        changes = tuple(_moved(each, numbers[each.id], selected, target) for each in section.claims)
        gone = [each for each in changes if each.is_open]
        coming += [
            replace(each, kind=ChangeKind.ADDED, old=None, new=each.old, moved=section.key)
            for each in gone
        ]
        diffs += [SectionDiff(section.key, section.heading, changes)] if gone else []
    there = tuple(_still(each, numbers[each.id]) for each in home.claims)
    return (*diffs, SectionDiff(home.key, home.heading, (*there, *coming))) if coming else ()


def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a claim; what is too short for one stays with the one before."""
    pieces: list[str] = []
    for each in _SENTENCE.split(text.strip()):
        if pieces and len(each.split()) < _LEAST_PIECE:
            pieces[-1] = f"{pieces[-1]} {each}"
        else:
            pieces.append(each)
    return tuple(_begun(each.removesuffix(";").strip()) for each in pieces)


def without_wordiness(text: str) -> str:
    """Return a claim without wordy phrases; the same text where that would change what it says."""
    tidy = " ".join(text.split())
    short = _REPORTS.sub(lambda match: f"{match[1] or ''}{match[2]} ", tidy)
    for pattern, put in _PATTERNS:
        short = pattern.sub(put, short)
    short = re.sub(r"\s+([.,;:!?])", r"\1", " ".join(short.split()))
    short = _begun(short)
    return short if len(short) < len(tidy) and _is_same(text, short) else text


def _proposal(
    section: Section, selected: Collection[ClaimId], reword: Callable[[Claim], tuple[Claim, ...]]
) -> SectionDiff:
    changes: list[ClaimChange] = []
    for number, claim in enumerate(section.claims):
        made = reword(claim) if claim.id in selected else (claim,)
        if made == (claim,):
            changes.append(_still(claim, number))
            continue
        first, *rest = made
        words = word_diff(claim.text, first.text)
        changes.append(ClaimChange(number, ChangeKind.CHANGED, claim, first, words, is_asked=True))
        changes += [
            ClaimChange(number, ChangeKind.ADDED, None, each, is_asked=True) for each in rest
        ]
    return SectionDiff(section.key, section.heading, tuple(changes))


def _reworded(claim: Claim, text: str, id_: ClaimId) -> Claim:
    # a new id, so that no decision on the old words counts for the new ones
    if is_owned(claim):
        return replace(claim, id=id_, text=text)
    return replace(claim, id=id_, text=text, support=Support.UNSUPPORTED, findings=())


def _still(claim: Claim, number: int) -> ClaimChange:
    return ClaimChange(number, ChangeKind.SAME, claim, claim)


def _moved(claim: Claim, number: int, selected: Collection[ClaimId], target: str) -> ClaimChange:
    if claim.id not in selected:
        return _still(claim, number)
    return ClaimChange(number, ChangeKind.REMOVED, claim, None, moved=target, is_asked=True)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].islower() else text


def _is_same(old: str, new: str) -> bool:
    """Whether numbers, denied words and sides are the same in both."""
    return _harm(old) == _harm(new)


def _harm(text: str) -> tuple[Counter[str], Counter[str], Counter[str]]:
    tokens = tokenize(text)
    numbers = Counter(each.text for each in tokens if each.text[0].isdigit())
    marks = zip(tokens, polarities(text), strict=True)
    denied = Counter(
        token.stem
        for token, mark in marks
        if token.is_word and token.text not in STOPWORDS and mark is not Polarity.AFFIRMED
    )
    return numbers, denied, Counter(each.side.value for each in sided_words(text))
