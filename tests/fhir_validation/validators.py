"""The three validators, made once per run: HL7's JSON schema, fhirkit, pyfhircheck.

The schema lies in `tests/data/fhir` (compressed); HL7's core package, which pyfhircheck needs,
is fetched by the set-up for tests into `.cache/fhir`.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import lzma
import re
from pathlib import Path
from typing import Any

import fhirkit
import jsonschema  # type: ignore[import-untyped]  # it ships no types
from pyfhircheck import Validator
from pyfhircheck.config import ValidatorConfig

from tests.fhir_validation.house import Check, Json, walk

DATA = Path(__file__).parents[1] / "data" / "fhir"
CORE = Path(__file__).parents[2] / ".cache" / "fhir" / "hl7.fhir.r4.core.tgz"


@functools.cache
def _schema() -> Json:
    loaded: Json = json.loads(lzma.decompress((DATA / "fhir.schema.json.xz").read_bytes()))
    return loaded


@functools.cache
def _schema_validator(kind: str) -> jsonschema.Draft6Validator:
    # one definition, not the top-level oneOf: the messages then name the element
    full = _schema()
    return jsonschema.Draft6Validator(
        {
            "$schema": full["$schema"],
            "definitions": full["definitions"],
            "$ref": f"#/definitions/{kind}",
        }
    )


def schema_check(resource: Json) -> list[str]:
    """Return what HL7's JSON schema 4.0.1 finds."""
    errors = _schema_validator(resource["resourceType"]).iter_errors(resource)
    return [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:90]}" for e in errors]


def fhirkit_check(resource: Json) -> list[str]:
    """Return what fhirkit-rs finds; a refusal to parse is a finding too."""
    try:
        found = [str(each) for each in fhirkit.validate(resource)]
    except Exception as error:  # noqa: BLE001 - whatever it raises is a finding
        return [f"refused: {error}"[:120]]
    return [each for each in found if each.startswith("error")]


def pyfhircheck_check(evidence: Path) -> Check:
    """Return pyfhircheck with the core package, US Core and our supplements.

    Args:
        evidence: an existing folder it may write to.
    """
    config = {
        "fhirVersion": "4.0.1",
        "terminology": {"mode": "local"},
        # order matters: a later file replaces an earlier one with the same url
        "localPackagePaths": [str(CORE), str(DATA / "uscore"), str(DATA / "supplements")],
        "evidenceOutputDir": str(evidence),
    }
    validator = Validator(ValidatorConfig.load_dict(config))

    def check(resource: Json) -> list[str]:
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # FHIRPath trace() prints
                found = validator.validate_resource(resource).errors
        except Exception as error:  # noqa: BLE001 - whatever it raises is a finding
            return [f"refused: {error!r}"[:120]]
        return [
            f"{each.code} {each.path} {each.message[:90]}"
            for each in found
            if not (
                each.code == "cardinality.min" and _choice_is_present(resource, each.path or "")
            )
        ]

    return check


def _choice_is_present(resource: Json, path: str) -> bool:
    """Return whether this is a known false alarm of pyfhircheck 0.2.0.

    It reports a required choice element inside a repeating element, such as
    `Composition.relatesTo[0].target[x]`, as missing although targetIdentifier is there.
    """
    if not path.endswith("[x]"):
        return False
    steps = re.findall(r"[A-Za-z]+|\[\d+\]", path.removesuffix("[x]"))[1:]
    stem = re.compile(steps.pop() + "[A-Z].*")
    owners = [
        node
        for _, node in walk(resource)
        if isinstance(node, dict) and path.startswith(f"{node.get('resourceType')}.")
    ]
    return any(_has_choice(owner, steps, stem) for owner in owners)


def _has_choice(node: Any, steps: list[str], stem: re.Pattern[str]) -> bool:
    for step in steps:
        try:
            node = node[int(step[1:-1])] if step.startswith("[") else node[step]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(node, dict) and any(stem.fullmatch(key) for key in node)
