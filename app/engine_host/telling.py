"""Tell the utterances of one final pass, each with what it changed. On the model's thread."""

from __future__ import annotations

from collections.abc import Sequence

from app.engine_host.listening import Changed, Ear, Spoken
from app.engine_host.stock_phrases import is_stock


def tell(
    ear: Ear,
    groups: Sequence[Sequence[Spoken]],
    changed: Sequence[Changed],
    committed: Sequence[Spoken] = (),
) -> list[Spoken]:
    """Tell utterances in order; return the words that were told.

    Args:
        ear: is told.
        groups: words of each utterance.
        changed: what reads otherwise than it was committed; told with the utterance it lies in.
        committed: all words that were committed of this sound.
    """
    known = {word.number for word in committed}
    waiting = list(changed)
    told: list[Spoken] = []
    for group in groups:
        text = " ".join(word.text for word in group)
        if is_stock(text):
            numbers = tuple(word.number for word in group if word.number in known)
            waiting += [Changed(numbers, text, "")] if numbers else []
            continue
        is_last = group is groups[-1]
        mine = [each for each in waiting if is_last or _lies_before(each, group[-1], committed)]
        waiting = [each for each in waiting if each not in mine]
        ear.final(group, mine)
        told += group
    if waiting:
        ear.final((), waiting)
    return told


def _lies_before(change: Changed, last: Spoken, committed: Sequence[Spoken]) -> bool:
    start = min((word.start for word in committed if word.number in change.numbers), default=0)
    return start < last.end
