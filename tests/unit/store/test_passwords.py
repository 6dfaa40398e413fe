"""Which passwords are taken."""

from __future__ import annotations

import unicodedata

import pytest

from app.domain.errors import WeakPasswordError
from app.store.passwords import check_new_password


@pytest.mark.parametrize(
    "password",
    [
        "mountain lamp eleven tulip",
        "x9#kQ!vT2@pL7$mZ",
        "ein langer Satz über Äpfel",
        "!?&%$§()=+*~#<>|",
        "乡间小路上走着一位老先生和一条狗",
        "🩺🫀🧠🦴🩹💊🌡🧪🔬🧬🩸🦷👁👂🫁",
    ],
)
def test_a_long_password_of_any_letters_is_taken(password: str) -> None:
    check_new_password(password, 15, "Jane Roe")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "short"),
        ("fourteen chars", "short"),
        ("x" * 1_000_000, "long"),
        ("é" * 513, "long"),
        ("passwordpassword", "common"),
        ("Password 123456789", "common"),
        ("aaaaaaaaaaaaaaaaaaaa", "common"),
        ("abcabcabcabcabcabc", "common"),
        ("abcdefghijklmnopq", "common"),
        ("qwertyuiopasdfghjkl", "common"),
        ("9876543210987654321", "common"),
        ("correct horse battery staple", "common"),
        ("Stethoscribe2026Stethoscribe", "common"),
        ("JaneRoe JaneRoe1970", "common"),
        (" " * 20, "common"),
        ("!" * 20, "common"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    with pytest.raises(WeakPasswordError) as caught:
        check_new_password(password, 15, "Jane Roe")
    assert caught.value.facts == {"reason": reason, "minimum": 15}


def test_length_is_counted_after_composing_letters() -> None:
    decomposed = unicodedata.normalize("NFD", "éàüöäôçñ")
    with pytest.raises(WeakPasswordError):
        check_new_password(decomposed, 9)
    check_new_password(decomposed, 8)
