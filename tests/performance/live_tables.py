"""The tables of `live`: sessions pooled by model and by what the notes engine does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.performance.figures import spread, table
from tests.performance.matching import Losses
from tests.performance.word_error import Score


def print_tables(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Print latency, accuracy and revisions; return the pooled figures.

    Args:
        rows: those of `live` by their key, "model notes session count".
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for key, row in rows.items():
        model, kind, *_ = key.split()
        groups.setdefault(f"{model}, notes {kind}", []).append(row)
    found = {name: _pooled(group) for name, group in groups.items()}
    print("\nLatency of a word in seconds: text published - last sample left the device")
    latency = [
        (name, kind, *figures.values())
        for name, each in found.items()
        for kind, figures in each["latencies"].items()
    ]
    print(table(("model", "when", "n", "p50", "p95", "p99", "max"), latency))
    print("\nAccuracy, in percent of words; lost and invented against the batch pass")
    print_accuracy("live", {name: each["accuracy"] for name, each in found.items()})
    print("\nRevised after commit, in percent of committed words")
    names = ("model", "committed", "changed", "gone", "formatting", "named by events")
    print(table(names, [(name, *each["revised"].values()) for name, each in found.items()]))
    return found


def print_accuracy(what: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """Print the figures of `accuracy`, by the name of what was measured."""
    print("(said: of the invented, what a person heard too; unsaid: of the lost, what nobody said)")
    head = ("model", "words", what, "batch", "lost", "unsaid", "invented", "said", "changed")
    print(table(head, [(name, *each.values()) for name, each in rows.items()]))


def _pooled(rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    kinds = rows[0]["latencies"]
    times = {kind: [one for row in rows for one in row["latencies"][kind]] for kind in kinds}
    return {
        "latencies": {kind: spread(values) for kind, values in times.items()},
        "accuracy": accuracy([clip for row in rows for clip in row["clips"].values()]),
        "revised": _revised([row["revised"] for row in rows]),
    }


def accuracy(clips: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Pool the figures of some clips: percent of words, and how many words there are."""
    live, batch, against = Score(0, 0, 0, 0), Score(0, 0, 0, 0), Losses(0, 0, 0, 0)
    for clip in clips:
        live += Score(**clip["wer"])
        batch += Score(**clip["batch_wer"])
        against += Losses(**clip["against_batch"])
    words = max(1, against.words)
    return {
        "words": live.words,
        "live": 100 * live.rate,
        "batch": 100 * batch.rate,
        "lost": 100 * against.lost / words,
        "lost_unsaid": 100 * against.lost_unsaid / words,
        "invented": 100 * against.invented / words,
        "invented_said": 100 * against.invented_said / words,
        "changed": 100 * against.changed / words,
    }


def _revised(rows: list[Mapping[str, int]]) -> dict[str, float | int]:
    total = sum(row["committed"] for row in rows)
    names = ("changed", "gone", "only_formatting", "named")
    shares = {name: 100 * sum(row[name] for row in rows) / max(1, total) for name in names}
    return {"committed": total, **shares}
