#!/usr/bin/env bash
# The built AppImage does a whole visit, by extraction, in a home of its own, with the models of this machine.
#
#   installer/linux/self_test.sh APPIMAGE
set -euo pipefail
appimage=$(realpath "$1")
models=${STETHOSCRIBE_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/stethoscribe/models}
[ -d "$models" ] || { echo "no models in $models: make setup" >&2; exit 1; }
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -m 700 "$home/run" "$home/tmp"
product() {
  env -i HOME="$home" XDG_RUNTIME_DIR="$home/run" TMPDIR="$home/tmp" PATH=/usr/bin:/bin LANG=C.UTF-8 \
    STETHOSCRIBE_MODELS="$models" "$appimage" --appimage-extract-and-run "$@"
}
product --version
product models list
product policy report
product demo --model whisper-tiny.en --engine extractive --to "$home/out" >"$home/demo.log" 2>&1 || { cat "$home/demo.log" >&2; exit 1; }
tail -n 4 "$home/demo.log"
grep -q "reviewed and signed by" "$home"/out/*.txt
[ "$(find "$home/out" -type f | wc -l)" = 3 ]
for _ in $(seq 100); do [ -z "$(ls -A "$home/tmp")" ] && break; sleep 0.1; done
[ -z "$(ls -A "$home/tmp")" ] || { echo "left behind: $(ls -A "$home/tmp")" >&2; exit 1; }
echo "self-test: signed and exported by the packed program; nothing is left"
