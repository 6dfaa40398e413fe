#!/usr/bin/env bash
# Builds dist/Stethoscribe-starter-<version>.zip: the starter models, signed with the key that the AppImage and the MSI here trust.
# The same file for both.
#
#   PACK_KEY=/path/to/product.key installer/linux/build_starter_pack.sh      make starter-pack
set -euo pipefail
cd "$(dirname "$0")/../.."
python=.cache/appimage/venv/bin/python
[ -x "$python" ] || python=.cache/windows/venv/bin/python
key=${PACK_KEY:-.cache/development.key}
[ -x "$python" ] && [ -f "$key" ] || { echo "build an installer first: make appimage, or make msi" >&2; exit 1; }
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)
mkdir -p dist
"$python" -m models.fetch starter
"$python" -m models.build_pack starter --key "$key" --out "dist/Stethoscribe-starter-$version.zip"
