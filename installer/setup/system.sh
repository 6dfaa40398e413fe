# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced: names cross between the files of this folder
# System libraries from the distribution, and the Python to use. Sourced by setup.sh.

run_packages=(g++ libportaudio2 libegl1 libgl1 libfontconfig1 libdbus-1-3 libxkbcommon-x11-0 libxcb-cursor0
  libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libwayland-cursor0 libwayland-egl1)
test_packages=(dbus-daemon pulseaudio pulseaudio-utils libasound2-plugins xvfb xauth strace iproute2 util-linux
  wixl msitools gcc-mingw-w64-x86-64-posix) # the last three: a small MSI and the Windows launcher are built by the tests
appimage_packages=(gcc libc6-dev binutils squashfs-tools libsquashfuse-dev libfuse3-dev libzstd-dev zlib1g-dev fuse3 patchelf
  desktop-file-utils appstream librsvg2-bin)
msi_packages=(wixl msitools gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix binutils librsvg2-bin osslsigncode)
wine_packages=(wine wine64 msitools gcc-mingw-w64-x86-64-posix bsdutils)
chroot_packages=(mmdebstrap xvfb x11-utils util-linux)

# is_installed PACKAGE: by this very name. A renamed package (…t64) is found by apt, and remembered by a stamp.
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# install_system PACKAGE ...: installs what is missing, after naming it. No call to apt when nothing is missing.
install_system() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null; then
    say "No Debian or Ubuntu here. What Stethoscribe needs from the system: $*"
    return
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local stamp
  stamp=$(stamp_of "${missing[@]}")
  is_done "system-$stamp" "$stamp" && return
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      fail "system packages are missing. Run this once, then try again:
    sudo apt-get install ${missing[*]}"
    fi
    sudo=(sudo)
  fi
  begin "System packages: ${missing[*]} (about 20 s)"
  local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
  local log=$stamps/apt.log
  if ! "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1; then
    "${apt[@]}" update </dev/null >>"$log" 2>&1 || true
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1 || {
      tail -n 15 "$log" >&2
      fail "apt-get could not install: ${missing[*]}"
    }
  fi
  mark "system-$stamp" "$stamp"
  ended
}

# works PYTHON [MODULE ...]: it starts (a pyenv shim may not), is 3.11 to 3.13, and has these modules.
works() {
  local python=$1
  shift
  "$python" - "$@" >/dev/null 2>&1 <<'PYTHON'
import importlib, sys
for name in ("ssl", "ctypes", "lzma", "venv", *sys.argv[1:]):
    importlib.import_module(name)
sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON
}

# find_python: sets $python to the first that can make a virtual environment; installs its venv package if only that lacks.
find_python() {
  local candidate
  local candidates=(python3.12 python3.13 python3.11 python3
    /usr/bin/python3.12 /usr/bin/python3.13 /usr/bin/python3.11 /usr/bin/python3)
  [ -z "${PYTHON:-}" ] || candidates=("$PYTHON")
  for candidate in "${candidates[@]}"; do
    if works "$candidate" ensurepip; then
      python=$candidate
      return
    fi
  done
  for candidate in "${candidates[@]}"; do
    if [[ $candidate == /usr/bin/* || ${PYTHON:-} ]] && works "$candidate"; then
      python=$candidate
      install_system "python$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
      works "$python" ensurepip && return
    fi
  done
  fail "no Python 3.11, 3.12 or 3.13 that starts was found. Install one (Debian 12: python3, Ubuntu 22.04: python3.11)
  and run make again, or name it: make run PYTHON=/path/to/python3.12"
}
