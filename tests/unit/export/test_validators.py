"""The validators find every planted fault, and nothing in the valid files: data/fhir/README.md."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.fhir_validation.house import Check, house_rules
from tests.fhir_validation.validators import CORE, DATA, fhirkit_check, schema_check

FAULTS: list[dict[str, Any]] = json.loads((DATA / "faults.json").read_text(encoding="utf-8"))


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return loaded


def _found(name: str, tools: dict[str, Check]) -> set[str]:
    resource = _load(name)
    return {tool for tool, check in tools.items() if check(resource)}


FAST: dict[str, Check] = {
    "schema": schema_check,
    "fhirkit": fhirkit_check,
    "house": house_rules,
}


def test_the_quick_validators_catch_what_they_should() -> None:
    for fault in FAULTS:
        assert _found(fault["file"], FAST) == set(fault["caught_by"]) & set(FAST), fault["file"]


def test_all_validators_catch_every_planted_fault(pyfhircheck: Check) -> None:
    tools = {**FAST, "pyfhircheck": pyfhircheck}
    caught: Counter[str] = Counter()
    for fault in FAULTS:
        found = _found(fault["file"], tools)
        assert found == set(fault["caught_by"]), fault["file"]
        caught.update(found)
    assert len(FAULTS) == 38
    assert caught == {"schema": 19, "fhirkit": 19, "pyfhircheck": 33, "house": 5}


@pytest.mark.parametrize("name", ["document_bundle.json", "documentreference.json"])
def test_the_valid_files_raise_no_alarm(name: str, pyfhircheck: Check) -> None:
    assert _found(f"valid/{name}", {**FAST, "pyfhircheck": pyfhircheck}) == set()


def test_the_core_package_is_where_set_up_puts_it() -> None:
    if not CORE.exists():
        pytest.skip("HL7's core package is not in .cache/fhir: run the set-up for tests")
    assert CORE.stat().st_size > 1_000_000
    assert isinstance(DATA, Path)
