"""Makes a Windows icon of several sizes: `python -m installer.windows.icon OUT PNG ...`.

Windows Vista and later take PNG as it is. Format: https://learn.microsoft.com/windows/win32/menurc/
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEAD, _ROW = 6, 16


def icon(images: Sequence[bytes]) -> bytes:
    """Return an icon that holds square PNG images of up to 256 pixels.

    Raises:
        ValueError: one is no PNG.
    """
    place = _HEAD + _ROW * len(images)
    rows = b""
    for image in images:
        if not image.startswith(_PNG):
            raise ValueError("png")
        width, height = struct.unpack_from(">II", image, 16)  # IHDR comes first
        rows += struct.pack("<BBBBHHII", width % 256, height % 256, 0, 0, 1, 32, len(image), place)
        place += len(image)
    return struct.pack("<HHH", 0, 1, len(images)) + rows + b"".join(images)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the icon and return 0."""
    out, *images = sys.argv[1:] if arguments is None else arguments
    Path(out).write_bytes(icon([Path(each).read_bytes() for each in images]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
