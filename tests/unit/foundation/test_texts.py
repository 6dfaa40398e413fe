"""Every error has words: what happened and what to do."""

from __future__ import annotations

import re

import pytest

from app.domain import errors
from app.domain.errors import AppError
from app.domain.policy import ALL_FORMATS
from app.foundation import texts
from app.foundation.texts import format_name, has_words, span, words, words_for


def _all_errors() -> list[type[AppError]]:
    found, waiting = [], [AppError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", _all_errors(), ids=lambda kind: kind.code)
def test_every_code_has_words(kind: type[AppError]) -> None:
    assert has_words(kind.code)
    text = words_for(kind.code)
    assert text.endswith(".")
    assert 1 <= len(re.findall(r"[.?!](?: |$)", text)) <= 3
    assert "{" not in text


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in _all_errors()]
    assert len(codes) == len(set(codes))


def test_there_are_no_words_for_codes_that_do_not_exist() -> None:
    known = {kind.code for kind in _all_errors()} | texts.TROUBLES.keys()
    written = {*texts._TEXTS, *texts._FALLBACKS, *(code for code, _ in texts._REASONS)}
    assert written <= known


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (errors.WrongPasswordError(), "password is not right"),
        (errors.WeakPasswordError("short", 15), "at least 15 characters"),
        (errors.WeakPasswordError("common", 15), "guessed first"),
        (errors.WeakPasswordError("long", 15), "too long"),
        (errors.WeakPasswordError("something else", 15), "too easy to guess"),
        (errors.ThrottledError(4), "Wait 4 seconds"),
        (errors.ThrottledError(900), "Wait 15 minutes"),
        (errors.RecoveryKeyError("slip"), "typing mistake"),
        (errors.RecoveryKeyError("wrong"), "another account"),
        (errors.AudioFileError("m4a"), "ffmpeg"),
        (errors.AudioFileError("empty"), "no sound"),
        (errors.AudioFileError("unknown"), "WAV"),
        (errors.AudioFileError("cut"), "Copy it again"),
        (errors.AudioFileError("folder"), "folder"),
        (errors.FileAccessError(reason="profile"), "belongs to the program"),
        (errors.FileAccessError(reason="network"), "network drive"),
        (errors.FileAccessError(errno=13), "check its permissions"),
        (errors.DiskFullError(12_400_000), "12 MB left"),
        (errors.VisitStateError("in_review", "recording"), "while the visit is in review"),
        (errors.NotFoundError("claim"), "line of the note"),
        (errors.SigningBlockedError(1, 2), "1 line to check, 2 sections not seen"),
        (errors.SigningBlockedError(3, 0), "3 lines to check."),
        (errors.SigningBlockedError(0, 1), "1 section not seen."),
        (errors.ModelDamagedError("whisper-base", "hash"), "wrong checksum"),
        (errors.ForbiddenByPolicyError("export.unsigned"), "policy export.unsigned"),
        (errors.EngineFailedError("memory"), "(not enough memory)"),
        (errors.EngineFailedError("tokenize"), "(tokenize)"),
        (ValueError("what was said"), "made a mistake"),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_the_facts_stand_in_the_words(error: BaseException, part: str) -> None:
    assert part in words(error)


def test_a_foreign_exception_is_not_quoted() -> None:
    assert "ZZPHI" not in words(ValueError("ZZPHI-00000000"))


def test_an_unknown_code_is_named() -> None:
    assert "quux" in words_for("quux")
    assert not has_words("quux")


def test_facts_may_come_as_pairs() -> None:
    assert "Wait 1 second," in words_for("throttled", (("wait_s", 1),))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 second"), (1.2, "2 seconds"), (60, "60 seconds"), (121, "3 minutes")],
)
def test_times_are_rounded_up(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_every_export_format_has_a_name() -> None:
    assert all(format_name(each) != each for each in ALL_FORMATS)
