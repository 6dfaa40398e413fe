"""Which new passwords are taken: length and a blocklist, as NIST SP 800-63B-4 asks."""

from __future__ import annotations

import unicodedata
from typing import Final

from app.domain.errors import WeakPasswordError
from app.store.keys import MAX_PASSWORD_BYTES, password_bytes

_COMMON: Final = frozenset(
    [
        "password",
        "passwort",
        "passw0rd",
        "letmein",
        "welcome",
        "qwerty",
        "qwertyuiop",
        "qwertzuiop",
        "asdfghjkl",
        "zxcvbnm",
        "iloveyou",
        "administrator",
        "admin",
        "changeme",
        "changeit",
        "default",
        "secret",
        "master",
        "dragon",
        "monkey",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "whatever",
        "internet",
        "computer",
        "hospital",
        "clinic",
        "doctor",
        "medicine",
        "patient",
        "stethoscribe",
        "stethoscope",
        "physician",
        "practice",
    ]
)
"""Words a guesser begins with; a password made of nothing but them and digits is refused."""

_RUNS: Final = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "01234567890123456789",
    "12345678901234567890" * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "correcthorsebatterystaple",
)
_LONGEST_UNIT: Final = 5
_SHORTEST_NAME: Final = 3


def check_new_password(password: str, minimum: int, name: str = "") -> None:
    """Refuse a password that is too short, too long or among the first a guesser tries.

    Args:
        password: as typed; counted in characters after NFC, blanks count.
        minimum: fewest characters.
        name: the account's; a password made of it is refused.

    Raises:
        WeakPasswordError: `reason` is short, long or common.
    """
    if len(password) > MAX_PASSWORD_BYTES or len(password_bytes(password)) > MAX_PASSWORD_BYTES:
        raise WeakPasswordError("long", minimum)
    if len(unicodedata.normalize("NFC", password)) < minimum:
        raise WeakPasswordError("short", minimum)
    if _is_common(password, name):
        raise WeakPasswordError("common", minimum)


def _is_common(password: str, name: str) -> bool:
    visible = "".join(password.casefold().split())
    letters = "".join(each for each in visible if each.isalnum()) or visible
    if _is_repeated(letters):
        return True
    if any(letters in run or letters[::-1] in run for run in _RUNS):
        return True
    own = {"".join(part for part in name.casefold() if part.isalnum()), *name.casefold().split()}
    own = {part for part in own if len(part) >= _SHORTEST_NAME}
    return not _without_words(letters, _COMMON | own).strip("0123456789")


def _is_repeated(letters: str) -> bool:
    """Whether it is nothing, or a short piece again and again."""
    return not letters or any(
        (letters[:size] * len(letters))[: len(letters)] == letters
        for size in range(1, min(_LONGEST_UNIT, len(letters) // 2) + 1)
    )


def _without_words(letters: str, words: frozenset[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        letters = letters.replace(word, "")
    return letters
