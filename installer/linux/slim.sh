#!/usr/bin/env bash
# Strips the libraries of a PyInstaller onedir, and takes the build machine's folders out of their search paths.
#
# `strip=True` in the spec also strips those that patchelf has changed (numpy, OpenBLAS, libgfortran), and the loader then
# refuses them: "ELF load command address/offset not page-aligned". Hence strip first, patchelf afterwards, and neither for them.
#
#   installer/linux/slim.sh FOLDER
set -euo pipefail
find "$1" -type f -name '*.so*' ! -path '*numpy.libs*' ! -path '*.libs/*' ! -name '*openblas*' ! -name 'libgfortran*' \
  ! -name 'libquadmath*' -print0 | while IFS= read -r -d '' library; do
  strip --strip-unneeded "$library" || echo "not stripped: ${library##*/}" >&2
  case $(patchelf --print-rpath "$library") in
    /* | *:/*) patchelf --remove-rpath "$library" ;;
  esac
done
