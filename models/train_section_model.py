"""Train resources/lexicons/sections.json, the classifier that files statements under topics.

A tool for developers; the app never runs it. Needs scikit-learn, in an environment of its own:

    python -m models.train_section_model ../shared/data resources/lexicons

Data: MTS-Dialog, ACI-Bench and PriMock57 (CC BY 4.0), read by `section_rows`; the score printed is
on visits that are not trained on. Each statement is seen twice, with and without its role: real
roles are often missing.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-not-found]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-not-found]

from app.clinical.lexicon import Lexicon
from app.domain.transcript import SpeakerRole
from app.drafting.routing import Router, Topic, features
from models.section_rows import Row, rows_of

LEAST_SEEN: Final = 4
"""Rows a feature must occur in."""
KEPT_WEIGHT: Final = 0.14
"""Features that weigh less in every column are left out, to keep the file small."""
SCALE: Final = 100


def main(folder: Path, target: Path) -> None:
    """Train, print the score, write the weights."""
    lexicon = Lexicon.load(target)
    train, valid = rows_of(folder, lexicon)
    tables, labels, weights = [], [], []
    for said, topic, weight in train:
        for role in {said.role, SpeakerRole.UNKNOWN}:
            tables.append(dict.fromkeys(features(said, lexicon, role), 1.0))
            labels.append(topic.value)
            weights.append(weight)
    counts = Counter(labels)
    weights = [
        w * (counts["history"] / counts[each]) ** 0.4
        for w, each in zip(weights, labels, strict=True)
    ]
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(tables)
    often = np.asarray((matrix > 0).sum(axis=0)).ravel() >= LEAST_SEEN
    matrix = matrix[:, often]
    names = np.array(vectorizer.get_feature_names_out())[often]
    model = LogisticRegression(C=0.3, max_iter=400)
    model.fit(matrix, labels, sample_weight=weights)
    table = {
        "topics": list(model.classes_),
        "bias": [round(float(each), 4) for each in model.intercept_],
        "scale": SCALE,
        "weights": {
            name: [round(float(each) * SCALE) for each in column]
            for name, column in zip(names, model.coef_.T, strict=True)
            if abs(column).max() >= KEPT_WEIGHT
        },
    }
    (target / "sections.json").write_text(
        json.dumps(table, separators=(",", ":")).replace('],"', '],\n"') + "\n", encoding="utf-8"
    )
    score(table, valid, lexicon)


def score(table: dict[str, Any], rows: list[Row], lexicon: Lexicon) -> None:
    """Print how often the model is right on rows it has not seen."""
    weights = {
        name: tuple(value / table["scale"] for value in row)
        for name, row in table["weights"].items()
    }
    router = Router([Topic(each) for each in table["topics"]], table["bias"], weights)
    for role in (None, SpeakerRole.UNKNOWN):
        pairs: Counter[tuple[str, str]] = Counter()
        for said, topic, _ in rows:
            chances = router.probabilities(features(said, lexicon, role or said.role))
            pairs[topic.value, max(chances, key=lambda each: chances[each]).value] += 1
        right = sum(count for (truth, guess), count in pairs.items() if truth == guess)
        print(f"role {'known' if role is None else 'unknown'}: {right}/{sum(pairs.values())} right")
        for truth in sorted({truth for truth, _ in pairs}):
            row = {guess: count for (each, guess), count in pairs.items() if each == truth}
            print("  ", truth, dict(sorted(row.items(), key=lambda item: -item[1])))
    print(len(table["weights"]), "features")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
