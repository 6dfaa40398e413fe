"""The contracts hold on the planned tree and the real one; each breaks when its rule is broken."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "pyproject.toml"

PLAN: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("plan.toml").read_text("utf-8")
)

# What the lawful importers import; every other module of the tree starts out empty.
LAWFUL = {
    "app.__main__": ["app.bootstrap", "app.cli.main", "app.ui.application"],
    "app.cli.main": ["app.workflow.services"],
    "app.ui.application": ["app.ui.main_window", "app.workflow.services", "PySide6.QtWidgets"],
    "app.ui.courier": ["PySide6.QtCore", "shiboken6"],
    "app.ui.main_window": ["app.ui.views.review"],
    "app.ui.views.review": ["app.ui.viewmodels.review", "app.ui.widgets.waveform"],
    "app.ui.viewmodels.review": ["PySide6.QtCore", "app.workflow.reviewing"],
    "app.bootstrap": [
        "app.workflow.services",
        "app.engines.supervisor",
        "app.store.org",
        "app.export.fhir",
    ],
    "app.workflow.visiting": ["app.domain.visit", "app.audio.journal", "app.engines.speech"],
    "app.workflow.reviewing": ["app.drafting.checks.doses", "app.store.notes"],
    "app.engine_host.recorder.main": ["app.audio.journal", "app.foundation.letterbox"],
    "app.engine_host.recorder.sound_card": ["sounddevice"],
    "app.engine_host.host": ["app.engines.wire"],
    "app.engine_host.whisper_runtime": ["faster_whisper", "ctranslate2"],
    "app.engine_host.voice_runtime": ["onnxruntime"],
    "app.engine_host.llama_runtime": ["llama_cpp"],
    "app.engine_host.remote": ["http.client", "ssl", "app.engine_host.host"],
    "app.engines.supervisor": ["subprocess", "app.engines.wire"],
    "app.drafting.checks.doses": ["app.clinical.quantities"],
    "app.export.fhir": ["app.clinical.coding"],
    "app.clinical.quantities": ["app.foundation.paths"],
    "app.store.connection": ["sqlcipher3", "app.foundation.sealing"],
    "app.foundation.sealing": ["cryptography", "argon2", "hmac", "app.domain.errors"],
    "app.audio.journal": ["numpy", "app.foundation.sealing"],
}

# Importer, what it must not import, and the contract that says so.
UNLAWFUL = [
    ("app.domain.note", "app.store.notes", "Layers"),
    ("app.foundation.jobs", "app.workflow.signing", "Layers"),
    ("app.audio.levels", "app.engines.wire", "Layers"),
    ("app.drafting.prompt", "app.store.notes", "Layers"),
    ("app.clinical.lexicon", "app.drafting.evidence", "Layers"),
    ("app.cli.main", "app.ui.theme", "Layers"),
    ("app.ui.views.review", "app.store.notes", "Faces"),
    ("app.ui.viewmodels.review", "app.clinical.coding", "Faces"),
    ("app.cli.main", "app.engines.catalogue", "Faces"),
    ("app.bootstrap", "app.engine_host.notes", "Processes: nothing in the app process"),
    ("app.workflow.listening", "app.engine_host.host", "Layers"),
    ("app.engine_host.notes", "app.store.notes", "Processes: a child never sees"),
    ("app.engine_host.speech", "app.clinical.lexicon", "Processes: a child never sees"),
    ("app.engines.hardware", "subprocess", "Processes: one module starts them"),
    ("app.ui.viewmodels.review", "app.ui.widgets.waveform", "Window"),
    ("app.workflow.signing", "PySide6.QtCore", "Qt lives in app.ui only"),
    ("app.cli.main", "PySide6.QtCore", "Qt lives in app.ui only"),
    ("app.audio.levels", "sounddevice", "Sound card"),
    ("app.engine_host.speech", "sounddevice", "Sound card"),
    ("app.engine_host.recorder.player", "sounddevice", "Sound card"),
    ("app.engines.notes", "llama_cpp", "Models"),
    ("app.engine_host.recorder.main", "faster_whisper", "Models"),
    ("app.engine_host.llama_runtime", "huggingface_hub", "Offline"),
    ("app.engines.catalogue", "urllib.request", "Offline"),
    ("app.ui.application", "webbrowser", "Offline"),
    ("app.engine_host.remote", "socket", "Offline"),
    ("app.workflow.retention", "sqlcipher3", "Storage"),
    ("app.store.backup", "sqlite3", "Storage"),
    ("app.audio.journal", "cryptography", "Ciphers have one home"),
    ("app.engines.wire", "pickle", "Nothing that runs code"),
    ("app.domain.transcript", "numpy", "The domain is plain Python"),
]


def planned_modules() -> set[str]:
    """Return every module of the plan, dotted."""
    return {
        ".".join(["app", *([package] if package != "app" else []), *name.split("/")])
        for package, row in PLAN.items()
        for name in row["modules"]
    }


def build(root: Path, extra: dict[str, list[str]] | None = None) -> None:
    imports = {name: list(LAWFUL.get(name, [])) for name in planned_modules() | set(LAWFUL)}
    for name, wanted in (extra or {}).items():
        imports.setdefault(name, []).extend(wanted)
    for name, wanted in imports.items():
        path = root / (name.replace(".", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"import {other}\n" for other in wanted))
    for folder in {path.parent for path in root.rglob("*.py")}:
        (folder / "__init__.py").touch()


def broken_contracts(root: Path) -> list[str]:
    lint = Path(sys.executable).with_name("lint-imports")
    answer = subprocess.run(
        [lint, "--config", CONTRACTS, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    report = answer.stdout
    assert "Contracts:" in report, report + answer.stderr
    return re.findall(r"^(.*) BROKEN(?: \(.*\))?$", report, re.MULTILINE)


def contracts() -> list[dict[str, object]]:
    found: list[dict[str, object]] = tomllib.loads(CONTRACTS.read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    return found


def test_the_planned_tree_keeps_every_contract(tmp_path: Path) -> None:
    assert len(planned_modules()) > 60
    build(tmp_path)
    assert broken_contracts(tmp_path) == []


def test_the_real_tree_keeps_every_contract() -> None:
    assert broken_contracts(ROOT) == []


def test_the_real_tree_has_the_packages_of_the_plan_and_no_other() -> None:
    real = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert real == set(PLAN) - {"app"}


@pytest.mark.parametrize(("importer", "imported", "contract"), UNLAWFUL)
def test_a_broken_rule_breaks_its_contract(
    tmp_path: Path, importer: str, imported: str, contract: str
) -> None:
    assert importer in planned_modules(), f"{importer} is not in the tree any more"
    build(tmp_path, {importer: [imported]})
    broken = broken_contracts(tmp_path)
    assert len(broken) == 1
    assert broken[0].startswith(contract)


def test_a_new_package_must_be_given_a_floor(tmp_path: Path) -> None:
    build(tmp_path, {"app.utils.text": []})
    assert broken_contracts(tmp_path) == ["Layers: each floor may use only the floors below it"]


def test_every_contract_has_a_case_that_breaks_it() -> None:
    names = {str(contract["name"]) for contract in contracts()}
    assert {
        name for name in names if not any(name.startswith(case[2]) for case in UNLAWFUL)
    } == set()
