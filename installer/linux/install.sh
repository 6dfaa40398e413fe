#!/bin/sh
# Installs the AppImage for everybody on this computer, silently; needs root. Run it beside the AppImage.
#
#   install.sh [--prefix /opt] [--extract] [--models PACK.zip] [--policy policy.json] [APPIMAGE]
#   install.sh --uninstall [--prefix /opt] [--purge]
#
#   --extract   unpack once instead of mounting at each start: for computers without FUSE
#   --models    check a signed pack and install its models for everybody; may be given more than once
#   --policy    put a policy file into place, with the owner and mode that it needs
#   --purge     also delete the models for everybody and the policy. Notes and recordings lie in people's own folders and stay:
#               each person deletes theirs. Nothing here ever touches a home folder.
#
# An update copies beside the old file and renames over it: a program that runs keeps its file, and a recording goes on.
set -eu
prefix=/opt extract='' uninstall='' purge='' policy='' packs='' appimage=''
id=org.stethoscribe.Stethoscribe
say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=$2; shift 2 ;;
        --extract) extract=1; shift ;;
        --models) packs="$packs$2
"; shift 2 ;;
        --policy) policy=$2; shift 2 ;;
        --uninstall) uninstall=1; shift ;;
        --purge) purge=1; shift ;;
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
        -*) fail "unknown option $1" ;;
        *) appimage=$1; shift ;;
    esac
done
root=${DESTDIR:-}
[ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "run this as root: sudo $0"
home=$root$prefix/stethoscribe
share=$root/usr/local/share

if [ -n "$uninstall" ]; then
    rm -rf "$home"
    rm -f "$root/usr/local/bin/stethoscribe" "$share/applications/$id.desktop" "$share/icons/hicolor/scalable/apps/$id.svg"
    if [ -n "$purge" ]; then
        rm -rf "$share/stethoscribe/models" "$root/etc/stethoscribe"
        rmdir "$share/stethoscribe" 2>/dev/null || true
        say "Removed, with the models for everybody and the policy."
    else
        say "Removed. Models in $share/stethoscribe, the policy, and everybody's notes were kept."
    fi
    exit 0
fi
[ -z "$purge" ] || fail "--purge goes with --uninstall"

if [ -z "$appimage" ]; then
    for each in "$(dirname "$0")"/Stethoscribe-*-x86_64.AppImage; do appimage=$each; done
fi
[ -f "$appimage" ] || fail "no AppImage was named, and none lies here"
"$appimage" --appimage-version >/dev/null 2>&1 || fail "$appimage is not the AppImage, or it may not be run"
umask 022
mkdir -p "$home" "$root/usr/local/bin" "$share/applications" "$share/icons/hicolor/scalable/apps"
work=$(mktemp -d "$home/.new-XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$appimage" "$work/Stethoscribe.AppImage"
chmod 755 "$work/Stethoscribe.AppImage"
(cd "$work" && ./Stethoscribe.AppImage --appimage-extract "$id.*" >/dev/null)
if [ -n "$extract" ]; then
    (cd "$work" && ./Stethoscribe.AppImage --appimage-extract >/dev/null)
    chmod 755 "$work/squashfs-root"
    folder=program-$(sha256sum "$work/Stethoscribe.AppImage" | cut -c1-12)
    [ -d "$home/$folder" ] || mv "$work/squashfs-root" "$home/$folder"
    ln -s "$folder/AppRun" "$work/start"
else
    mv -f "$work/Stethoscribe.AppImage" "$home/Stethoscribe.AppImage"
    ln -s Stethoscribe.AppImage "$work/start"
fi
mv -f "$work/start" "$home/start"
ln -sfn "$prefix/stethoscribe/start" "$root/usr/local/bin/stethoscribe"
from=$work/squashfs-root
[ -d "$from" ] || from=$home/$folder
sed "s#^Exec=.*#Exec=$prefix/stethoscribe/start#" "$from/$id.desktop" >"$work/desktop"
install -m 644 "$work/desktop" "$share/applications/$id.desktop"
install -m 644 "$from/$id.svg" "$share/icons/hicolor/scalable/apps/$id.svg"

if [ -n "$policy" ]; then
    mkdir -p "$root/etc/stethoscribe"
    install -m 644 "$policy" "$root/etc/stethoscribe/.policy.json.new"
    mv -f "$root/etc/stethoscribe/.policy.json.new" "$root/etc/stethoscribe/policy.json"
    [ -n "$root" ] || "$home/start" policy report >/dev/null || fail "the policy was put into place and is rejected: stethoscribe policy report"
fi
printf '%s' "$packs" | while IFS= read -r pack; do
    [ -z "$pack" ] || "$home/start" models import --shared --yes "$pack" || fail "the pack $pack was refused"
done
# Older unpacked programs that nobody runs any more.
for old in "$home"/program-*; do
    if [ "$old" != "$home/${folder:-}" ] && [ -d "$old" ] && ! grep -qs "$old/" /proc/[0-9]*/maps; then rm -rf "$old"; fi
done
say "Installed in $home; people start it from their menu, or by: stethoscribe"
