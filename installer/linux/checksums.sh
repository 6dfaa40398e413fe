#!/usr/bin/env bash
# Writes dist/SHA256SUMS over everything that is published; signs it when SIGN_KEY names a gpg key.
set -euo pipefail
cd "$(dirname "$0")/../../dist"
cp ../installer/linux/install.sh .
rm -f SHA256SUMS SHA256SUMS.asc
find . -maxdepth 1 -type f ! -name '*.partial' -printf '%f\n' | sort | xargs -d '\n' sha256sum >../.setup/SHA256SUMS
mv ../.setup/SHA256SUMS SHA256SUMS
[ -z "${SIGN_KEY:-}" ] || gpg --local-user "$SIGN_KEY" --detach-sign --armor SHA256SUMS
cat SHA256SUMS
