"""The rules, on cases kept as data: true conflicts, right claims and near misses."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.domain.draft import Claim
from app.domain.ids import ClaimId, SegmentId
from app.drafting.checker import DeterministicChecker
from tests.unit.drafting.speech import LEXICON, transcript

FOLDER = Path(__file__).parents[2] / "data" / "checks"
FILES = sorted(FOLDER.glob("*.toml"))
CASES = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in FILES
    for case in tomllib.loads(file.read_text("utf-8"))["case"]
]


@pytest.mark.parametrize("case", CASES)
def test_a_case_gets_the_support_and_findings_it_names(case: dict[str, Any]) -> None:
    checker = DeterministicChecker(LEXICON)
    checked = checker.check(Claim(ClaimId("c"), case["claim"]), transcript(case["said"]))
    kinds = {finding.kind.value for finding in checked.findings}
    assert (checked.support.value, kinds) == (case["support"], set(case["findings"]))


@pytest.mark.parametrize("case", CASES)
def test_wrong_ids_from_a_model_change_no_verdict(case: dict[str, Any]) -> None:
    checker = DeterministicChecker(LEXICON)
    claim = Claim(ClaimId("c"), case["claim"], (SegmentId("404"),))
    assert checker.check(claim, transcript(case["said"])).support.value == case["support"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_rule_has_true_false_and_near_cases(file: Path) -> None:
    kinds = {case["kind"] for case in tomllib.loads(file.read_text("utf-8"))["case"]}
    assert kinds == {"true", "false", "near"}


def test_each_rule_has_its_cases() -> None:
    rules = Path(__file__).parents[3] / "app" / "drafting" / "checks"
    names = {path.stem for path in rules.glob("*.py")} - {"__init__", "case"}
    assert names <= {file.stem for file in FILES}
