#!/usr/bin/env bash
# Runs the AppImage where nothing helps it: a minimal Debian 12, no network, a plain user. Needs root; says so where it cannot run.
#
#   installer/linux/clean_chroot_test.sh APPIMAGE STARTER_PACK.zip
#
# By FUSE: packs in, the demo to signed and exported files, the first window, kill -9 of app and recorder. Then by extraction, and
# from another folder. Leaves figures on stdout; ends with 0, or 1 at the first thing that is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/../.."
appimage=$(realpath "$1")
pack=$(realpath "$2")
stamps=.setup
mkdir -p "$stamps"
root=$PWD/.cache/chroot/debian12
display=${CHROOT_DISPLAY:-70}
# shellcheck source=installer/setup/say.sh
. installer/setup/say.sh
# shellcheck source=installer/setup/system.sh
. installer/setup/system.sh

[ "$(id -u)" = 0 ] || fail "this test needs root: it makes a chroot and namespaces"
install_system "${chroot_packages[@]}"
if [ ! -x "$root/usr/bin/fusermount3" ]; then
  begin "A minimal Debian 12 (about 20 s)"
  rm -rf "$root"
  mkdir -p "${root%/*}"
  mmdebstrap --quiet --variant=minbase --include=libexpat1,libfontconfig1,libfreetype6,libglib2.0-0,libgl1,libegl1,libx11-6,libx11-xcb1,libxcb1,libstdc++6,libdbus-1-3,libasound2,fonts-dejavu-core,fuse3 \
    bookworm "$root" 2>"$stamps/chroot.log" || fail "mmdebstrap did not finish: $stamps/chroot.log"
  ended
fi
grep -q ^clinician: "$root/etc/passwd" || chroot "$root" useradd --create-home --uid 4711 clinician

# Everything below runs in namespaces of its own: no network, own mounts, own processes. The screen is a socket in a bound folder.
inside=$(mktemp -d)
mkdir -p "$inside/files" "$inside/x"
cp "$appimage" "$inside/files/Stethoscribe.AppImage"
cp "$pack" "$inside/files/starter.zip"
cp resources/samples/back_pain_visit.flac "$inside/files/visit.flac"
chmod 644 "$inside/files/visit.flac"
chmod 755 "$inside" "$inside/files" "$inside/files/Stethoscribe.AppImage"
chmod 644 "$inside/files/starter.zip"
mkdir -p /tmp/.X11-unix
chmod 1777 /tmp/.X11-unix
Xvfb ":$display" -screen 0 1280x800x24 -nolisten tcp -ac >/dev/null 2>&1 &
screen=$!
trap 'kill "$screen" 2>/dev/null || true; rm -rf "$inside"' EXIT

INSIDE=$inside ROOT=$root DISPLAY_NUMBER=$display unshare --mount --net --pid --fork --kill-child \
  bash installer/linux/in_chroot.sh
