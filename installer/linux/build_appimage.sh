#!/usr/bin/env bash
# Builds dist/Stethoscribe-<version>-x86_64.AppImage from this checkout and the locks, and checks it.
#
#   installer/linux/build_appimage.sh [--runtime FILE]     make appimage
#
# PYTHON=/path/to/python3.12 picks the interpreter that goes inside; without it the one set-up would take, which is the one that
# the tests run with. ZSTD_LEVEL=15 for a release (default 6). Everything is made in .cache/appimage; a second run reuses its
# environment. PACK_KEY names the private key that packs are signed with: its public half goes into the program. Without it a
# development key is made here; such a build is not for release. llama.cpp is compiled only if no wheel with the same inputs lies in .wheels.
set -euo pipefail
cd "$(dirname "$0")/../.."

foreign_runtime=
while [ $# -gt 0 ]; do
  case $1 in
    --runtime) foreign_runtime=$(realpath "$2"); shift 2 ;;
    *) echo "usage: $0 [--runtime FILE]" >&2; exit 2 ;;
  esac
done

area=.cache/appimage
stamps=$area/stamps
venv=$area/venv
app_id=org.stethoscribe.Stethoscribe
here=installer/linux
mkdir -p "$stamps" .setup
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
unset PYTHONPATH PYTHONHOME PIP_REQUIRE_VIRTUALENV
# The same commit gives the same file: times from the commit, sets in one order.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1767225600)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 LC_ALL=C.UTF-8

# shellcheck source=installer/setup/say.sh
. installer/setup/say.sh
# shellcheck source=installer/setup/system.sh
. installer/setup/system.sh
# shellcheck source=installer/setup/venv.sh
. installer/setup/venv.sh
# shellcheck source=installer/setup/llama.sh
. installer/setup/llama.sh
# shellcheck source=installer/setup/key.sh
. installer/setup/key.sh

version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml | head -n 1)
out=dist/Stethoscribe-$version-x86_64.AppImage

# freeze: PyInstaller's folder, stripped.
freeze() {
  begin "Freezing the program (about 40 s)"
  rm -rf "$area/build" "$area/frozen"
  "$venv/bin/python" -m PyInstaller --noconfirm --log-level ERROR --workpath "$area/build" --distpath "$area/frozen" \
    "$here/stethoscribe.spec" >"$stamps/freeze.log" 2>&1 </dev/null || {
    tail -n 30 "$stamps/freeze.log" >&2
    fail "PyInstaller did not finish; the whole log is $stamps/freeze.log"
  }
  "$here/slim.sh" "$area/frozen/stethoscribe"
  ended
}

# make_appdir: the tree that goes into the image.
make_appdir() {
  local dir=$area/AppDir share=$area/AppDir/usr/share
  rm -rf "$dir"
  mkdir -p "$dir/usr/lib" "$share/applications" "$share/metainfo" "$share/icons/hicolor/scalable/apps" "$share/icons/hicolor/256x256/apps" \
    "$share/licenses/stethoscribe" "$share/doc/stethoscribe"
  mv "$area/frozen/stethoscribe" "$dir/usr/lib/stethoscribe"
  "$venv/bin/python" -m models.build_pack public "$key" >"$dir/usr/lib/stethoscribe/_internal/models/product.pub"
  install -m 755 "$here/AppRun" "$dir/AppRun"
  install -m 644 "$here/$app_id.desktop" "$dir/$app_id.desktop"
  install -m 644 "$here/$app_id.desktop" "$share/applications/"
  sed "s/@VERSION@/$version/; s/@DATE@/$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)/" "$here/$app_id.metainfo.xml" >"$share/metainfo/$app_id.metainfo.xml"
  install -m 644 resources/icons/app.svg "$share/icons/hicolor/scalable/apps/$app_id.svg"
  rsvg-convert -w 256 -h 256 resources/icons/app.svg -o "$share/icons/hicolor/256x256/apps/$app_id.png"
  install -m 644 resources/icons/app.svg "$dir/$app_id.svg"
  cp "$share/icons/hicolor/256x256/apps/$app_id.png" "$dir/.DirIcon"
  "$venv/bin/python" -m installer.licenses --sources "$area/build/host_libraries.txt" "$share/licenses/stethoscribe" ||
    fail "a component has no license text"
  "$venv/bin/python" -m installer.sbom --system linux --sources "$area/build/host_libraries.txt" "$share/doc/stethoscribe/sbom.cdx.json"
  desktop-file-validate "$dir/$app_id.desktop"
  appstreamcli validate --no-net "$share/metainfo/$app_id.metainfo.xml" >"$stamps/appstream.log" || fail "the AppStream metadata is not valid: $stamps/appstream.log"
  find "$dir" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# make_runtime: the program in front of the image, and what the LGPL asks for to link it anew.
make_runtime() {
  local flags=(-std=gnu11 -O2 -Wall -Wextra -Werror -D_FILE_OFFSET_BITS=64 -I/usr/include/squashfuse -I/usr/include/fuse3
    -ffunction-sections -fdata-sections "-ffile-prefix-map=$PWD=.")
  local libraries=(-lsquashfuse_ll -lsquashfuse -lfuse3 -lzstd -lz -lpthread -ldl)
  gcc "${flags[@]}" -c "$here/runtime.c" -o "$area/runtime.o"
  # The warning about dlopen is about modules of libfuse3, which nobody loads here.
  gcc -static -s -Wl,--gc-sections -Wl,--build-id=none "$area/runtime.o" -o "$area/runtime" "${libraries[@]}" 2>"$stamps/runtime.log" ||
    { cat "$stamps/runtime.log" >&2; fail "the AppImage runtime did not link"; }
  printf 'AI\x02' | dd of="$area/runtime" bs=1 seek=8 conv=notrunc status=none
  printf '%s\n' "The runtime of the AppImage links libfuse3 (LGPL-2.1) statically. To use another libfuse3, link the object again:" \
    "  gcc -static -s -Wl,--gc-sections runtime.o -o runtime ${libraries[*]}" \
    "  printf 'AI\\x02' | dd of=runtime bs=1 seek=8 conv=notrunc" \
    "and put it in front of the image: tail -c +\$((\$(./Stethoscribe.AppImage --appimage-offset) + 1)) …" >"$area/RELINK.txt"
}

# pack: image behind runtime.
pack() {
  begin "Packing the image (about 5 s; zstd level ${ZSTD_LEVEL:-6})"
  local runtime=${foreign_runtime:-$area/runtime}
  rm -f "$area/image.squashfs"
  mksquashfs "$area/AppDir" "$area/image.squashfs" -root-owned -noappend -no-xattrs -no-progress -quiet -comp zstd \
    -Xcompression-level "${ZSTD_LEVEL:-6}" -b 256K >"$stamps/squashfs.log"
  mkdir -p dist
  rm -f "$out" "$out.partial"
  cat "$runtime" "$area/image.squashfs" >"$out.partial"
  chmod 755 "$out.partial"
  mv "$out.partial" "$out"
  cp "$area/runtime.o" "dist/runtime.o"
  cp "$area/RELINK.txt" dist/
  cp "$area/AppDir/usr/share/doc/stethoscribe/sbom.cdx.json" "dist/Stethoscribe-$version-linux.cdx.json"
  ended "$(du -m --apparent-size "$out" | cut -f1) MiB"
}

began=$SECONDS
install_system "${run_packages[@]}" "${appimage_packages[@]}"
make_venv
install_lock build "Build tools (about 5 s)"
start_llama
install_lock run "Python packages, hash-checked (about 15 s)"
install_lock packing "PyInstaller, hash-checked (about 3 s)"
wait_llama
find_key
freeze
make_appdir
make_runtime
begin "Checking what is inside (about 15 s)"
"$venv/bin/python" -m installer.check_product --system linux "$area/AppDir"
ended
pack
"$venv/bin/python" -m installer.check_product --system linux --package "$out"
say "$out after $((SECONDS - began)) s"
