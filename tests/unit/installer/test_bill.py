"""The bill of materials and the license texts name everything that is locked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from installer import licenses, sbom
from installer.components import LOCKS, Component, license_of, locked, python_packages


def test_the_bill_names_every_package_with_its_version() -> None:
    packages = python_packages()
    bill = sbom.document("linux", sbom.Inside(packages))
    parts = {each["name"]: each for each in bill["components"]}
    assert {"numpy", "pyside6-essentials", "llama-cpp-python", "CPython"} <= parts.keys()
    assert "av" not in parts
    for each in packages:
        assert parts[each.name]["version"] == each.version
        assert parts[each.name].get("licenses"), each.name
    assert bill["bomFormat"] == "CycloneDX"
    assert set(bill["dependencies"][0]["dependsOn"]) == {
        each["bom-ref"] for each in bill["components"]
    }
    refs = [each["bom-ref"] for each in bill["components"]]
    assert len(set(refs)) == len(refs)


def test_the_same_content_gives_the_same_bill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    library = tmp_path / "libx.so"
    library.write_bytes(b"one")
    sources = tmp_path / "sources.txt"
    sources.write_text(f"{library}\n")
    texts = []
    for name in ("a.json", "b.json"):
        command = ["--system", "linux", "--sources", str(sources), str(tmp_path / name)]
        assert sbom.main(command) == 0
        texts.append((tmp_path / name).read_text("utf-8"))
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    library.write_bytes(b"two")
    assert sbom.main(["--system", "linux", "--sources", str(sources), str(tmp_path / "c")]) == 0
    assert json.loads((tmp_path / "c").read_text("utf-8")) != json.loads(texts[0])


def test_every_package_has_a_license_text(tmp_path: Path) -> None:
    assert licenses.main([str(tmp_path / "out")]) == 0
    for each in python_packages():
        assert any((tmp_path / "out" / each.name).iterdir()), each.name
    assert "LESSER GENERAL PUBLIC" in (tmp_path / "out/pyside6-essentials/LGPL-3").read_text()


def test_a_library_nobody_owns_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stray = tmp_path / "libstray.so"
    stray.touch()
    sources = tmp_path / "sources.txt"
    sources.write_text(f"{stray}\n")
    assert licenses.main([str(tmp_path / "out"), "--sources", str(sources)]) == 1
    assert "libstray.so" in capsys.readouterr().err


def test_locks_are_read_with_their_markers(tmp_path: Path) -> None:
    lock = tmp_path / "x.lock"
    digest = "ab" * 32
    lock.write_text(
        f"Py_Side.x==1.2 ; sys_platform == 'win32' \\\n    --hash=sha256:{digest}\n"
        f"plain==3 \\\n    --hash=sha256:{digest}\n"
    )
    assert locked(lock) == (
        Component("py-side-x", "1.2", "sys_platform == 'win32'", (digest,)),
        Component("plain", "3", "", (digest,)),
    )
    assert all(each.hashes for path in LOCKS for each in locked(path))
    assert license_of("numpy")
