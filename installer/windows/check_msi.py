"""Reads an MSI back, table by table: is it what `stethoscribe.wxs` and `msi_fixups.sh` promise?

Needs msiinfo. Called by check_product for the file that people get.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PUBLIC: Final = ("INSTALLDIR", "MODELDIR", "REMOVEDATA", "DESKTOPSHORTCUT")
_REMEMBERED: Final = ("REMEMBEREDINSTALLDIR", "REMEMBEREDMODELDIR", "REMEMBEREDSHORTCUT")
_PROPERTIES: Final = {
    "ALLUSERS": "1",
    "MSIRESTARTMANAGERCONTROL": "DisableShutdown",
    "REINSTALLMODE": "amus",
    "REMOVEDATA": "0",
}
_DEFERRED, _AS_SYSTEM = 0x400, 0x800
_PERMANENT_64: Final = 272
_RAW_64: Final = 18
_FIREWALL: Final = ("FirewallBackWindow", "FirewallBackCli", "FirewallGone", "FirewallUndo")
_HEAD: Final = 3
"""Lines of an exported table before its rows."""

Row = dict[str, str]


def table(msi: Path, name: str) -> list[Row]:
    """Return the rows of a table, cells by column; nothing when there is no such table."""
    command = ["msiinfo", "export", str(msi), name]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = asked.stdout.replace("\r\n", "\n").split("\n")
    if asked.returncode or len(lines) < _HEAD:
        return []
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[_HEAD:] if line]


def faults(msi: Path) -> Iterator[str]:
    """Yield what is not as it should be."""
    yield from _properties(msi)
    yield from _components(msi)
    yield from _sequence(msi)
    yield from _registry(msi)
    locks = {each["LockObject"] for each in table(msi, "MsiLockPermissionsEx")}
    if locks != {"MachineData"}:
        yield "people may write where models for everybody lie"
    upgrades = {each["ActionProperty"]: each["Attributes"] for each in table(msi, "Upgrade")}
    if upgrades != {"WIX_UPGRADE_DETECTED": "513", "WIX_DOWNGRADE_DETECTED": "2"}:
        yield "older, same and newer versions are not told apart"


def _properties(msi: Path) -> Iterator[str]:
    found = {each["Property"]: each["Value"] for each in table(msi, "Property")}
    for name, value in _PROPERTIES.items():
        if found.get(name) != value:
            yield f"{name} is {found.get(name, 'missing')}, not {value}"
    secure = set(found.get("SecureCustomProperties", "").split(";"))
    for name in (*_PUBLIC, *_REMEMBERED):
        if name not in secure:
            yield f"{name} is not among the secure properties"


def _components(msi: Path) -> Iterator[str]:
    found = {each["Component"]: each for each in table(msi, "Component")}
    if int(found.get("DataFolder", {}).get("Attributes", "0")) != _PERMANENT_64:
        yield "the data folder is not permanent: an uninstall would delete it"
    if found.get("Desktop", {}).get("Condition") != "DESKTOPSHORTCUT=1":
        yield "the desktop shortcut comes unasked"
    for name, row in found.items():
        if not int(row["Attributes"]) & 256:
            yield f"component {name} is not 64 bit"
    if any(each["Type"] != str(_RAW_64) for each in table(msi, "RegLocator")):
        yield "what is remembered is looked for in the 32-bit registry"


def _sequence(msi: Path) -> Iterator[str]:
    at = {each["Action"]: int(each["Sequence"]) for each in table(msi, "InstallExecuteSequence")}
    kinds = {each["Action"]: int(each["Type"]) for each in table(msi, "CustomAction")}
    for name in ("Purge", *_FIREWALL, "FirewallFresh", "FirewallWindow", "FirewallCli"):
        if kinds.get(name, 0) & (_DEFERRED | _AS_SYSTEM) != _DEFERRED | _AS_SYSTEM:
            yield f"{name} does not run as the system"
        elif not at["InstallInitialize"] < at.get(name, 0) < at["InstallFinalize"]:
            yield f"{name} runs outside the installation, where Windows refuses it"
    if not at["AppSearch"] < at.get("KeepInstallDir", 0) < at["CostInitialize"]:
        yield "the old folder is remembered too late"
    window = {each["Action"] for each in table(msi, "InstallUISequence")}
    if "KeepInstallDir" not in window:
        yield "an upgrade with a window forgets the old folder"
    if at.get("Purge", 0) > min(at["RemoveRegistryValues"], at["RemoveFiles"]):
        yield "the purge runs when its program, or where the models are, is gone"
    if not at["InstallFiles"] < at.get("FirewallWindow", 0):
        yield "the firewall rule comes before the programs"


def _registry(msi: Path) -> Iterator[str]:
    for each in table(msi, "Registry"):
        if "policies" in each["Key"].lower():
            yield "it writes a policy; those belong to the administrator"
