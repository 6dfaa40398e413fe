"""Which words speech is told to expect. Few: too many make recognition worse. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from app.clinical.wording import STOPWORDS
from app.domain.vocabulary import MOST_HOTWORDS

MOST_CHARACTERS: Final = 240
"""SPEECH.md section 4: 60 tokens; Whisper spends about four characters on one."""


def hotwords(
    terms: Iterable[str], visit_terms: Iterable[str] = (), names: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the terms that come up most likely: those of the visit, names, the clinician's own.

    Args:
        terms: what the clinician taught.
        visit_terms: the medication list and the like.
        names: of the people in the room.
    """
    chosen: dict[str, str] = {}
    length = 0
    for each in (*visit_terms, *names, *terms):
        term = " ".join(each.split())
        is_known = not term or term.casefold() in chosen or _is_everyday(term)
        if is_known or length + len(term) + 2 > MOST_CHARACTERS:
            continue
        chosen[term.casefold()] = term
        length += len(term) + 2
        if len(chosen) == MOST_HOTWORDS:
            break
    return tuple(chosen.values())


def _is_everyday(term: str) -> bool:
    """Whether speech knows a term without being told; each one costs room."""
    return all(word in STOPWORDS for word in term.casefold().split())
