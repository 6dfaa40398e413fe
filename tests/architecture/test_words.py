"""Every code that is written down somewhere in the app has words for people."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from app.foundation.texts import has_words

APP = Path(__file__).parents[2] / "app"
TELLERS = {"TroubleArose", "RecordingFailed", "_trouble", "words_for"}


def _codes(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the constant codes that a module tells a person, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        values = [*node.args, *(each.value for each in node.keywords if each.arg == "code")]
        if name in TELLERS:
            for each in values:
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    yield each.value, node.lineno


def test_every_code_that_is_told_has_words() -> None:
    found = {
        (str(path.relative_to(APP)), line, code)
        for path in sorted(APP.rglob("*.py"))
        for code, line in _codes(path)
    }
    assert found
    assert [each for each in found if not has_words(each[2])] == []
