"""What group policy writes into the registry is read as a policy file would be."""

from __future__ import annotations

import sys

import pytest

from app.domain.policy import Policy
from app.foundation import policy_file, registry
from app.foundation.policy_file import STRICT, PolicyReading, from_registry, policy_place
from app.foundation.policy_keys import MOST, Kind, PolicyModel, policy_keys
from app.foundation.registry import Branch


def judged(branch: Branch) -> PolicyReading:
    """Judge a registry key as `read_policy` does on Windows."""
    try:
        serial, policy = policy_file._judge(from_registry(branch), 0)
    except policy_file._PolicyError as error:
        return PolicyReading(STRICT, "strict", str(error))
    return PolicyReading(policy, "file", serial=serial)


def test_numbers_switches_choices_and_lists_are_read() -> None:
    key = "A" * 43 + "="
    branch = Branch(
        {
            "serial": 7,
            "lock.idle_minutes": 3,
            "demo.allowed": 0,
            "export.patient_in_filename": 1,
            "export.unsigned": "block",
        },
        {
            "export.formats": Branch({"2": "fhir_bundle", "10": "fhir_docref", "1": "text"}),
            "models.keys": Branch({"1": key}),
        },
    )
    reading = judged(branch)
    assert (reading.source, reading.serial) == ("file", 7)
    assert reading.policy == Policy(
        idle_minutes=3,
        demo_allowed=False,
        export_patient_in_filename=True,
        export_unsigned="block",
        export_formats=("text", "fhir_bundle", "fhir_docref"),
        models_keys=(key,),
    )


def test_an_empty_key_and_an_empty_list_leave_the_defaults() -> None:
    assert judged(Branch()).policy == Policy()
    assert judged(Branch({}, {"export.formats": Branch()})).policy == Policy()


@pytest.mark.parametrize(
    ("branch", "trouble"),
    [
        (Branch({"lock.idle_minutes": 31}), "lock.idle_minutes"),
        (Branch({"lock.idle_minutes": "3"}), "lock.idle_minutes"),
        (Branch({"lock.idle_minutes": None}), "lock.idle_minutes"),
        (Branch({"demo.allowed": 2}), "demo.allowed"),
        (Branch({"demo.allowed": "0"}), "demo.allowed"),
        (Branch({"export.unsigned": 1}), "export.unsigned"),
        (Branch({"export.formats": "text"}), "export.formats"),
        (Branch({"lock.idle": 3}), "lock.idle"),
        (Branch({"Lock.Idle_Minutes": 3}), "Lock.Idle_Minutes"),
        (Branch({"": "text"}), "?"),
        (Branch({}, {"export.formats": Branch({"1": "docx"})}), "export.formats"),
        (Branch({}, {"export.formats": Branch({"first": "text"})}), "export.formats"),
        (Branch({}, {"export.formats": Branch({"1": 1})}), "export.formats"),
        (Branch({}, {"export.formats": Branch({}, {"1": Branch()})}), "export.formats"),
        (Branch({}, {"lock": Branch({"idle_minutes": 3})}), "lock"),
        (Branch({"demo.allowed": 1}, {"demo.allowed": Branch({"1": "x"})}), "demo.allowed"),
    ],
)
def test_one_fault_rejects_all_of_it(branch: Branch, trouble: str) -> None:
    assert judged(branch) == PolicyReading(STRICT, "strict", trouble)


def test_where_the_policy_is_kept() -> None:
    assert policy_place("win32") == r"HKLM\SOFTWARE\Policies\Stethoscribe"
    assert policy_place("linux") == "/etc/stethoscribe/policy.json"


@pytest.mark.skipif(sys.platform == "win32", reason="there it is a real registry")
def test_other_systems_have_no_registry() -> None:
    assert registry.of_machine(registry.POLICIES) is None


def test_every_key_is_told_with_its_kind_and_its_range() -> None:
    keys = {each.name: each for each in policy_keys()}
    assert len(keys) == len(PolicyModel.model_fields)
    assert {each.field for each in keys.values()} == {"serial", *Policy.__slots__}
    idle = keys["lock.idle_minutes"]
    assert (idle.kind, idle.lowest, idle.highest, idle.default) == (Kind.NUMBER, 1, 30, 10)
    assert (keys["serial"].lowest, keys["serial"].highest) == (0, MOST)
    assert keys["demo.allowed"].kind is Kind.SWITCH
    assert keys["export.unsigned"].choices == ("banner", "block")
    assert keys["export.formats"].kind is Kind.LIST
    assert "fhir_bundle" in keys["export.formats"].choices
    assert keys["models.keys"].choices == ()
    for each in keys.values():
        if each.kind is Kind.NUMBER:
            assert isinstance(each.default, int)
            assert each.lowest <= each.default <= each.highest
        if each.kind is Kind.CHOICE:
            assert each.default in each.choices
