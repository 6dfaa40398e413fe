"""Catalogs fit the code: every placeholder, every text, and each `.mo` is made from its `.po`."""

from __future__ import annotations

import ast
import gettext
import io
from pathlib import Path

import pytest

from app.foundation import paths
from app.foundation.i18n import _, use_language
from installer import translations
from installer.translations import (
    compiled,
    found_words,
    languages,
    main,
    merged,
    placeholders,
    po_path,
    read,
    written,
)

ROOT = Path(__file__).resolve().parents[3]
A_SENTENCE = 20
"""Shorter texts are names and units: an abbreviation may end in a point."""
MAIN_SCREENS = (
    "app/ui/views/unlock.py", "app/ui/views/library.py", "app/ui/views/visit.py",
    "app/ui/views/review.py", "app/ui/views/consent.py", "app/ui/views/note_pane.py",
    "app/ui/views/transcript_pane.py", "app/ui/views/patient.py", "app/ui/views/start.py",
    "app/ui/widgets/recorder_bar.py", "app/ui/widgets/claim_row.py",
    "app/ui/widgets/sign_box.py", "app/ui/viewmodels/review.py", "app/ui/viewmodels/library.py",
    "app/ui/widgets/actions.py",
)  # fmt: skip


def test_there_is_german() -> None:
    assert "de" in languages()


@pytest.mark.parametrize("language", languages())
def test_placeholders_are_those_of_the_english_text(language: str) -> None:
    wrong = [
        str(each.id)
        for each in read(language)
        if each.id and each.string and placeholders(str(each.id)) != placeholders(str(each.string))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", languages())
def test_the_catalog_holds_the_texts_of_the_code_and_no_others(language: str) -> None:
    in_catalog = {str(each.id) for each in read(language) if each.id}
    assert in_catalog == set(found_words()), "run: python -m installer.translations update"


@pytest.mark.parametrize("language", languages())
def test_the_compiled_file_is_made_from_the_catalog(language: str) -> None:
    kept = po_path(language).with_suffix(".mo").read_bytes()
    assert kept == compiled(language), "run: python -m installer.translations compile"


@pytest.mark.parametrize("language", languages())
def test_lines_and_ends_of_texts_are_kept(language: str) -> None:
    for each in read(language):
        if each.id and each.string:
            english, other = str(each.id), str(each.string)
            assert english.count("\n") == other.count("\n"), english
            if len(english) < A_SENTENCE:
                continue
            assert (english[-1] in ".?…:") == (other[-1] in ".?…:"), english


@pytest.mark.parametrize("language", languages())
def test_the_main_screens_are_translated_whole(language: str) -> None:
    catalog = {str(each.id): str(each.string) for each in read(language)}
    missing = [
        text for text, place in found_words().items() if place in MAIN_SCREENS and not catalog[text]
    ]
    assert missing == []


def test_what_goes_into_notes_keeps_the_language_of_the_note() -> None:
    """A German window must not write German into an English note."""
    in_notes = {
        node.args[0].value
        for path in (ROOT / "app" / "workflow").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "_"
        and isinstance(node.args[0], ast.Constant)
    }
    assert in_notes
    for language in languages():
        german = {str(each.id) for each in read(language) if each.id and each.string}
        assert in_notes & german == set()


def test_the_program_speaks_it() -> None:
    try:
        use_language("de", paths.translations())
        assert _("Unlock") == "Entsperren"
        assert _("Too many wrong passwords. Try again in {wait}.").format(wait="8 s") == (
            "Zu viele falsche Passwörter. Neuer Versuch in 8 s."
        )
    finally:
        use_language("en", paths.translations())
    assert _("Unlock") == "Unlock"


def test_a_catalog_written_and_read_again_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    path = po_path("fr")
    path.parent.mkdir(parents=True)
    path.write_bytes(written(merged("fr", {"Unlock": "Déverrouiller"})))
    assert main(["update"]) == 0
    first = path.read_bytes()
    assert main(["update"]) == 0
    assert path.read_bytes() == first
    assert main(["compile"]) == 0
    found = gettext.GNUTranslations(io.BytesIO(path.with_suffix(".mo").read_bytes()))
    assert found.gettext("Unlock") == "Déverrouiller"
    assert found.gettext("Sign") == "Sign"


def test_a_wrong_word_is_usage() -> None:
    assert main(["translate"]) == 2


def test_placeholders_are_told_with_their_form() -> None:
    assert placeholders("{gb:.1f} GB of {total}") == {"gb:.1f", "total"}
    assert placeholders("no braces") == set()
