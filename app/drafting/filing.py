"""Rules on top of the classifier: which topic a statement has, how much it matters, where it goes.

Pure; any thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from app.clinical.answers import Answer, read_answer
from app.clinical.lexicon import Kind, Lexicon
from app.clinical.quantities import Measure
from app.clinical.wording import content_stems
from app.domain.transcript import SpeakerRole
from app.drafting.exchanges import Statement
from app.drafting.routing import Router, Topic, features

SUBJECTIVE: Final = (
    Topic.HISTORY, Topic.PAST, Topic.MEDICINES, Topic.ALLERGIES, Topic.FAMILY, Topic.SOCIAL,
)  # fmt: skip
OBJECTIVE: Final = (Topic.EXAM, Topic.RESULTS)
_SECTIONS: Final[Mapping[str, tuple[Topic, ...]]] = {
    "subjective": SUBJECTIVE,
    "objective": OBJECTIVE,
    "assessment_plan": (Topic.ASSESSMENT, Topic.PLAN),
    "assessment_and_plan": (Topic.ASSESSMENT, Topic.PLAN),
    "assessment": (Topic.ASSESSMENT,),
    "impression": (Topic.ASSESSMENT,),
    "plan": (Topic.PLAN,),
    "instructions": (Topic.PLAN,),
    "allerg": (Topic.ALLERGIES,),
    "family": (Topic.FAMILY,),
    "social": (Topic.SOCIAL,),
    "medication": (Topic.MEDICINES,),
    "medicines": (Topic.MEDICINES,),
    "past": (Topic.PAST,),
    "exam": (Topic.EXAM,),
    "vitals": (Topic.EXAM,),
    "results": (Topic.RESULTS,),
    "hpi": (Topic.HISTORY,),
    "present": (Topic.HISTORY,),
    "complaint": (Topic.HISTORY,),
    "history": (Topic.HISTORY, Topic.PAST),
}
FALLBACKS: Final[Mapping[Topic, tuple[Topic, ...]]] = {
    Topic.PAST: (Topic.HISTORY,), Topic.MEDICINES: (Topic.PAST, Topic.HISTORY),
    Topic.ALLERGIES: (Topic.MEDICINES, Topic.PAST, Topic.HISTORY),
    Topic.FAMILY: (Topic.SOCIAL, Topic.PAST, Topic.HISTORY),
    Topic.SOCIAL: (Topic.FAMILY, Topic.PAST, Topic.HISTORY), Topic.RESULTS: (Topic.EXAM,),
    Topic.EXAM: (Topic.RESULTS,), Topic.ASSESSMENT: (Topic.PLAN,), Topic.PLAN: (Topic.ASSESSMENT,),
}  # fmt: skip
"""Where a topic goes that has no section of its own, the nearest first."""
_LATE: Final = (Topic.ASSESSMENT, Topic.PLAN)
_EARLY: Final = 0.4
_MIDDLE: Final = 0.45
_HALF: Final = 0.5
_GOODBYE: Final = 0.9
"""Places in a visit, 0 to 1. These and the factors below were set by hand on the notes of
three visits (PriMock57, ACI-Bench, OSCE); no sweep, no held-out check."""
_PATIENT_LIKE: Final = re.compile(
    r"\b(?:my|i've|i have|i had|i was|i feel|i felt|i take|i'm taking|i'm having|i get|i got|"
    r"i don't|i noticed|i smoke|i drink|i work|i live|me)\b",
    re.IGNORECASE,
)
_CLINICIAN_LIKE: Final = re.compile(
    r"\b(?:you|your|we'll|we will|i'd like you|i want you|i'm going to|i'll|let's|recommend|"
    r"advise)\b",
    re.IGNORECASE,
)
_STRONG: Final = {
    Kind.DRUG: 1.0, Kind.ALLERGY: 1.0, Kind.DRUG_CLASS: 0.5, Kind.SYMPTOM: 0.55,
    Kind.CONDITION: 0.5, Kind.FINDING: 0.4, Kind.VITAL: 0.35, Kind.TEST: 0.45, Kind.SOCIAL: 0.35,
    Kind.PAIN: 0.3,
    Kind.BODY: 0.2, Kind.QUALITY: 0.35,
    Kind.WORD: 0.15,
}  # fmt: skip
_MEASURES: Final = {
    Measure.DOSE: 1.0, Measure.PRESSURE: 1.0, Measure.DURATION: 0.6, Measure.FREQUENCY: 0.35,
    Measure.SCALE: 0.5, Measure.AGE: 0.4, Measure.TEMPERATURE: 0.6, Measure.RATE: 0.6,
    Measure.PERCENT: 0.4, Measure.PLAIN: 0.1, Measure.TIME: 0.1,
}  # fmt: skip
_TOLD_ALONE: Final = frozenset({Measure.AGE, Measure.DURATION, Measure.DOSE, Measure.PRESSURE})
_RECAP: Final = re.compile(
    r"\b(?:you|i) (?:just |also |already )*(?:mentioned|said|told me|were saying)\b", re.IGNORECASE
)
"""A clinician who says again what was said."""


def topic_of(statement: Statement, router: Router, lexicon: Lexicon) -> tuple[Topic, float]:
    """Return the topic of a statement (never TALK) and the chance that it is no small talk."""
    chances = router.probabilities(features(statement, lexicon, statement.role))
    worth = 1 - chances.pop(Topic.TALK)
    if statement.has(Kind.ALLERGY) and statement.position < _GOODBYE:
        return Topic.ALLERGIES, worth
    for topic, factor in _corrections(statement, lexicon).items():
        chances[topic] *= factor
    if lexicon.has_cue("family", statement.text):
        chances[Topic.FAMILY] *= 6
    else:
        chances[Topic.FAMILY] *= 0.2
    return max(chances, key=lambda each: chances[each]), worth


def weight_of(statement: Statement, worth: float, lexicon: Lexicon) -> float:
    """Return how much a statement matters for a note: about 0 for talk, 1 and more for facts."""
    weight = worth * 0.7
    weight += sum(sorted({_STRONG.get(each.kind, 0.0) for each in statement.mentions})[-3:])
    weight += max((_MEASURES[each.measure] for each in statement.quantities), default=0.0)
    if statement.question and _is_settled(statement):
        weight += 0.25
    if lexicon.has_cue("plan", statement.text) and statement.role is not SpeakerRole.PATIENT:
        weight += 0.25
    for cue in ("past", "family", "assessment", "medicines", "when"):
        weight += 0.15 * lexicon.has_cue(cue, statement.text)
    if lexicon.has_cue("talk", statement.text):
        weight -= 0.9
    if _RECAP.search(statement.text) and statement.role is not SpeakerRole.PATIENT:
        weight -= 0.5
    if len(content_stems(statement.text)) <= 1 and not _is_telling(statement):
        weight -= 0.5
    return weight


def targets(sections: Sequence[tuple[str, str]]) -> dict[Topic, str]:
    """Return the key of the section each topic goes into, by the words of keys and headings.

    A topic without a section of its own goes to the nearest one there is, else is missing.
    """
    held = [(key, topics_in(key, heading)) for key, heading in sections]
    homes: dict[Topic, str] = {}
    for topic in Topic:
        for wanted in (topic, *FALLBACKS.get(topic, ())):
            fits = [(len(topics), key) for key, topics in held if wanted in topics]
            if fits:
                homes[topic] = min(fits, key=lambda each: each[0])[1]
                break
    return homes


def topics_in(key: str, heading: str) -> tuple[Topic, ...]:
    """Return the topics a section holds, by its key, else by its heading."""
    for name in (key.lower(), heading.lower().replace(" ", "_")):
        if name in _SECTIONS:
            return _SECTIONS[name]
        for part, topics in _SECTIONS.items():
            if part in name:
                return topics
    return ()


def _is_telling(statement: Statement) -> bool:
    """Whether a single word says enough, like "SLE" or "Forty five"."""
    is_named = statement.has(Kind.DRUG, Kind.CONDITION, Kind.SYMPTOM)
    return is_named or any(each.measure in _TOLD_ALONE for each in statement.quantities)


def _is_settled(statement: Statement) -> bool:
    reply = statement.text[len(statement.question) :]
    return read_answer(reply) is not Answer.OTHER


def _corrections(statement: Statement, lexicon: Lexicon) -> dict[Topic, float]:
    """Return factors on the classifier's chances, from who speaks, when, and cues."""
    if statement.role is SpeakerRole.PATIENT:
        return dict.fromkeys((*_LATE, *OBJECTIVE), 0.0)
    text = statement.text
    is_unknown = statement.role is not SpeakerRole.CLINICIAN
    is_clinician_like = bool(_CLINICIAN_LIKE.search(text))
    is_told = bool(_PATIENT_LIKE.search(text)) and not is_clinician_like
    factors: dict[Topic, float] = {topic: 1.0 for topic in Topic if topic is not Topic.TALK}
    if is_unknown and (is_told or statement.question):
        factors |= dict.fromkeys(_LATE, 0.1)
    elif is_unknown and not (is_clinician_like or lexicon.has_cue("plan", text)):
        factors[Topic.PLAN] *= 0.2
    _correct_late(factors, statement, lexicon, is_told=is_told)
    is_telling = not is_told and not statement.question
    if is_telling and statement.position > _HALF and (is_clinician_like or not is_unknown):
        for topic in SUBJECTIVE:
            factors[topic] *= 0.15
    _correct_objective(factors, statement, lexicon, is_doubtful=is_unknown and is_told)
    return factors


def _correct_late(
    factors: dict[Topic, float], statement: Statement, lexicon: Lexicon, *, is_told: bool
) -> None:
    """Favor assessment and plan where their cues stand in the second half of a visit."""
    if statement.position < _EARLY:
        for topic in _LATE:
            factors[topic] *= 0.4
    if statement.position <= _MIDDLE or is_told:
        return
    if lexicon.has_cue("plan", statement.text):
        factors[Topic.PLAN] *= 4.0
    if lexicon.has_cue("assessment", statement.text):
        is_clinical = statement.has(Kind.CONDITION, Kind.SYMPTOM)
        factors[Topic.ASSESSMENT] *= 12.0 if is_clinical else 3.0


def _correct_objective(
    factors: dict[Topic, float], statement: Statement, lexicon: Lexicon, *, is_doubtful: bool
) -> None:
    """Exam and results need words of an exam or a result, spoken like a clinician."""
    has_exam = lexicon.has_cue("exam", statement.text) or statement.has(Kind.FINDING)
    is_measured = statement.has(Kind.VITAL) and (
        bool(statement.quantities) or " your " in f" {statement.text.lower()}"
    )
    has_result = lexicon.has_cue("results", statement.text)
    asks = bool(statement.question) and not lexicon.has_cue("exam", statement.text)
    if is_doubtful or asks or not (has_exam or is_measured):
        factors[Topic.EXAM] = 0.0
    elif is_measured:
        factors[Topic.EXAM] *= 3.0
    if is_doubtful or asks or not (has_result or statement.has(Kind.TEST)):
        factors[Topic.RESULTS] = 0.0
    elif has_result and not lexicon.has_cue("plan", statement.text):
        factors[Topic.RESULTS] *= 3.0
