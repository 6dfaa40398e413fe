r"""Writes the group policy template of Windows, ADMX and ADML, from the keys of the policy.

    python -m installer.windows.policy_template [FOLDER]

Without a folder: `policy/` beside this file, which is committed; a test holds it against the keys.
Numbers, switches and choices become values of `HKLM\SOFTWARE\Policies\Stethoscribe`, lists keys
below it with values `1`, `2`, …: `app/foundation/policy_file.py` reads them so.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from app.foundation.policy_keys import Kind, PolicyKey, policy_keys
from app.foundation.registry import POLICIES
from installer.windows.policy_words import CHOICES, GENERAL, GROUPS, WORDS

FOLDER: Final = Path(__file__).with_name("policy")
LANGUAGE: Final = "en-US"
NAMESPACE: Final = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
_TOP: Final = "stethoscribe"
_SUPPORTED: Final = "supported"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write both files and return 0."""
    given = sys.argv[1:] if arguments is None else arguments
    folder = Path(given[0]) if given else FOLDER
    (folder / LANGUAGE).mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    return 0


def files() -> dict[str, str]:
    """Return the text of both files by their path in the folder.

    Raises:
        KeyError: a key, a group or a choice has no words yet.
    """
    keys = policy_keys()
    return {
        "stethoscribe.admx": _text(_definitions(keys)),
        f"{LANGUAGE}/stethoscribe.adml": _text(_resources(keys)),
    }


def policy_id(key: PolicyKey) -> str:
    """Return the name of a policy in the template: letters and `_` only."""
    return key.name.replace(".", "_")


def _group(key: PolicyKey) -> str:
    return key.name.partition(".")[0] if "." in key.name else _TOP


def _groups(keys: Sequence[PolicyKey]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(group for group in map(_group, keys) if group != _TOP))


def _text(root: Xml.Element) -> str:
    Xml.indent(root)
    head = '<?xml version="1.0" encoding="utf-8"?>\n'
    note = "<!-- Written by installer/windows/policy_template.py from the keys of the policy. -->\n"
    return head + note + Xml.tostring(root, encoding="unicode") + "\n"


def _add(parent: Xml.Element, tag: str, text: str = "", **attributes: str) -> Xml.Element:
    child = Xml.SubElement(parent, tag, attributes)
    child.text = text or None
    return child


def _root(tag: str) -> Xml.Element:
    return Xml.Element(tag, {"xmlns": NAMESPACE, "revision": "1.0", "schemaVersion": "1.0"})


# -- ADMX: what is written where


def _definitions(keys: Sequence[PolicyKey]) -> Xml.Element:
    root = _root("policyDefinitions")
    names = _add(root, "policyNamespaces")
    _add(names, "target", prefix="stethoscribe", namespace="Stethoscribe.Policies")
    _add(root, "resources", minRequiredRevision="1.0")
    supported = _add(_add(root, "supportedOn"), "definitions")
    _add(supported, "definition", name=_SUPPORTED, displayName=f"$(string.{_SUPPORTED})")
    categories = _add(root, "categories")
    _add(categories, "category", name=_TOP, displayName=f"$(string.{_TOP})")
    for group in _groups(keys):
        made = _add(categories, "category", name=group, displayName=f"$(string.group_{group})")
        _add(made, "parentCategory", ref=_TOP)
    policies = _add(root, "policies")
    for key in keys:
        _policy(policies, key)
    return root


def _policy(policies: Xml.Element, key: PolicyKey) -> None:
    name = policy_id(key)
    attributes = {
        "name": name,
        "class": "Machine",
        "displayName": f"$(string.{name})",
        "explainText": f"$(string.{name}_help)",
        "key": POLICIES,
    }
    if key.kind is Kind.SWITCH:
        attributes["valueName"] = key.name
    else:
        attributes["presentation"] = f"$(presentation.{name})"
    made = _add(policies, "policy", **attributes)
    _add(made, "parentCategory", ref=_group(key))
    _add(made, "supportedOn", ref=_SUPPORTED)
    if key.kind is Kind.SWITCH:
        _add(_add(made, "enabledValue"), "decimal", value="1")
        _add(_add(made, "disabledValue"), "decimal", value="0")
    else:
        _element(_add(made, "elements"), key)


def _element(elements: Xml.Element, key: PolicyKey) -> None:
    if key.kind is Kind.LIST:
        # No `valuePrefix` would name the values after their own text.
        _add(elements, "list", id="value", key=rf"{POLICIES}\{key.name}", valuePrefix="")
        return
    named = {"id": "value", "valueName": key.name, "required": "true"}
    if key.kind is Kind.NUMBER:
        limits = {"minValue": str(key.lowest), "maxValue": str(key.highest)}
        _add(elements, "decimal", **named, **limits)
        return
    made = _add(elements, "enum", **named)
    for choice in key.choices:
        item = _add(made, "item", displayName=f"$(string.{policy_id(key)}_{choice})")
        _add(_add(item, "value"), "string", choice)


# -- ADML: how it is told


def _resources(keys: Sequence[PolicyKey]) -> Xml.Element:
    root = _root("policyDefinitionResources")
    _add(root, "displayName", GENERAL[_TOP])
    _add(root, "description", GENERAL["description"])
    resources = _add(root, "resources")
    strings = _add(resources, "stringTable")
    presentations = _add(resources, "presentationTable")
    _add(strings, "string", GENERAL[_TOP], id=_TOP)
    _add(strings, "string", GENERAL[_SUPPORTED], id=_SUPPORTED)
    for group in _groups(keys):
        _add(strings, "string", GROUPS[group], id=f"group_{group}")
    for key in keys:
        name = policy_id(key)
        _add(strings, "string", WORDS[key.name][0], id=name)
        _add(strings, "string", _help(key), id=f"{name}_help")
        if key.kind is Kind.CHOICE:
            for choice in key.choices:
                _add(strings, "string", CHOICES[f"{key.name}={choice}"], id=f"{name}_{choice}")
        if key.kind is not Kind.SWITCH:
            _presentation(_add(presentations, "presentation", id=name), key)
    return root


def _presentation(made: Xml.Element, key: PolicyKey) -> None:
    title = WORDS[key.name][0]
    if key.kind is Kind.NUMBER:
        # Nobody may take a number of 1 for the policy's own by accident, so serial starts there.
        shown = str(max(1, int(str(key.default)))) if key.name == "serial" else str(key.default)
        _add(made, "decimalTextBox", title, refId="value", defaultValue=shown)
    elif key.kind is Kind.LIST:
        _add(made, "listBox", title, refId="value")
    else:
        place = str(key.choices.index(str(key.default)))
        _add(made, "dropdownList", title, refId="value", noSort="true", defaultItem=place)


def _help(key: PolicyKey) -> str:
    parts = [WORDS[key.name][1], _form(key)]
    return "\n\n".join([*parts, GENERAL["rule"]])


def _form(key: PolicyKey) -> str:
    if key.kind is Kind.SWITCH:
        return f"Enabled: yes. Disabled: no. Not configured: {'yes' if key.default else 'no'}."
    if key.kind is Kind.NUMBER:
        return f"A number from {key.lowest} to {key.highest}. Not configured: {key.default}."
    if key.kind is Kind.CHOICE:
        return f"Not configured: {CHOICES[f'{key.name}={key.default}']}."
    entries = f" Each entry is one of: {', '.join(key.choices)}." if key.choices else ""
    default = ", ".join(key.default) if isinstance(key.default, tuple) else ""
    return f"A list, one entry a line.{entries} Not configured: {default or 'none'}."


if __name__ == "__main__":
    raise SystemExit(main())
