"""The group policy template says what the policy says, and a policy editor can read it."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from app.domain.policy import Policy
from app.foundation.policy_file import from_registry
from app.foundation.policy_keys import Kind, PolicyModel, policy_keys
from app.foundation.registry import POLICIES, Branch, Value
from installer.windows import policy_template
from installer.windows.policy_words import CHOICES, WORDS

NAME = f"{{{policy_template.NAMESPACE}}}"


@pytest.fixture(scope="module")
def admx() -> Xml.Element:
    return Xml.fromstring(policy_template.files()["stethoscribe.admx"])


@pytest.fixture(scope="module")
def adml() -> Xml.Element:
    return Xml.fromstring(policy_template.files()["en-US/stethoscribe.adml"])


def test_the_committed_files_are_the_written_ones(tmp_path: Path) -> None:
    assert policy_template.main([str(tmp_path)]) == 0
    for name in policy_template.files():
        committed = (policy_template.FOLDER / name).read_text("utf-8")
        written = (tmp_path / name).read_text("utf-8")
        assert committed == written, "python -m installer.windows.policy_template"


def test_every_key_has_one_policy_below_our_own_key(admx: Xml.Element) -> None:
    policies = admx.findall(f".//{NAME}policy")
    assert [each.get("name") for each in policies] == [
        policy_template.policy_id(key) for key in policy_keys()
    ]
    assert {each.get("key") for each in policies} == {POLICIES}
    assert {each.get("class") for each in policies} == {"Machine"}


def test_everything_referred_to_is_there(admx: Xml.Element, adml: Xml.Element) -> None:
    text = policy_template.files()["stethoscribe.admx"]
    strings = {each.get("id") for each in adml.iter(f"{NAME}string")}
    shown = {each.get("id") for each in adml.iter(f"{NAME}presentation")}
    assert set(re.findall(r"\$\(string\.(\w+)\)", text)) == strings
    assert set(re.findall(r"\$\(presentation\.(\w+)\)", text)) == shown
    categories = {each.get("name") for each in admx.iter(f"{NAME}category")}
    parents = {each.get("ref") for each in admx.iter(f"{NAME}parentCategory")}
    assert parents <= categories
    for policy in admx.iter(f"{NAME}policy"):
        elements = {each.get("id") for each in policy.findall(f"{NAME}elements/*")}
        presentation = adml.find(f".//{NAME}presentation[@id='{policy.get('name')}']")
        parts = [] if presentation is None else list(presentation)
        assert {each.get("refId") for each in parts} == elements


def test_ranges_and_choices_are_those_of_the_policy(admx: Xml.Element) -> None:
    limits = {
        each.get("valueName"): (int(each.get("minValue", "")), int(each.get("maxValue", "")))
        for each in admx.iter(f"{NAME}decimal")
        if each.get("valueName")
    }
    numbers = [each for each in policy_keys() if each.kind is Kind.NUMBER]
    assert limits == {each.name: (each.lowest, each.highest) for each in numbers}
    choices = {
        each.get("valueName"): tuple(item.text for item in each.iter(f"{NAME}string"))
        for each in admx.iter(f"{NAME}enum")
    }
    of_choice = [each for each in policy_keys() if each.kind is Kind.CHOICE]
    assert choices == {each.name: each.choices for each in of_choice}


def written_by_an_editor(admx: Xml.Element) -> Branch:
    """Return what a policy editor leaves in the registry when each policy is set to its default."""
    values: dict[str, Value] = {}
    below: dict[str, Branch] = {}
    defaults = {each.name: each.default for each in policy_keys()}
    for policy in admx.iter(f"{NAME}policy"):
        if name := policy.get("valueName"):
            side = "enabledValue" if defaults[name] else "disabledValue"
            number = policy.find(f"{NAME}{side}/{NAME}decimal")
            assert number is not None
            values[name] = int(number.get("value", ""))
        for each in policy.findall(f"{NAME}elements/*"):
            if path := each.get("key"):
                name = path.removeprefix(f"{POLICIES}\\")
                lines = defaults[name]
                assert isinstance(lines, tuple)
                prefix = each.get("valuePrefix")
                below[name] = Branch({f"{prefix}{at}": line for at, line in enumerate(lines, 1)})
            else:
                default = defaults[name := each.get("valueName", "")]
                assert isinstance(default, int | str)
                values[name] = default
    return Branch(values, below)


def test_what_an_editor_writes_is_read_back(admx: Xml.Element) -> None:
    branch = written_by_an_editor(admx)
    raw = from_registry(branch)
    assert len(branch.values) + len(branch.below) == len(policy_keys())
    kept = PolicyModel.model_validate(raw).model_dump()
    assert kept.pop("serial") == 0
    listed = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
    assert {**kept, **listed} == asdict(Policy())


def test_there_are_no_words_for_keys_that_are_gone() -> None:
    keys = policy_keys()
    assert set(WORDS) == {each.name for each in keys}
    chosen = {f"{each.name}={c}" for each in keys if each.kind is Kind.CHOICE for c in each.choices}
    assert set(CHOICES) == chosen
