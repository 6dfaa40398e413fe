"""What every text passes before it goes into a file. Pure; any thread."""

from __future__ import annotations

import re
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|\r|\u2028|\u2029")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_CHARACTERS: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    r"""Return text that every format can hold: EXPORT.md 2.

    Line ends become LF; control characters but LF and TAB are dropped; lone surrogates,
    U+FFFE and U+FFFF become U+FFFD. No Unicode normalization; bidi controls stay.
    Cleaning twice is cleaning once.

    >>> clean("a\r\nb\x00\u2028c")
    'a\nb\nc'
    """
    return _NO_CHARACTERS.sub("\ufffd", _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)))


def label(text: str) -> str:
    r"""Return a name, title or heading as one line: cleaned, each run of blanks one blank.

    FHIR strings may hold no other white space (their pattern is `[ \r\n\t\S]+`), and may
    not be empty: leave the element out then.
    """
    return " ".join(clean(text).split())


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a cleaned text; none when it holds only white space."""
    cleaned = clean(text)
    return tuple(cleaned.split("\n")) if cleaned.strip() else ()
