"""Words come in the language asked for, in English where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from app.foundation.i18n import _, use_language


@pytest.fixture(autouse=True)
def _english_again(tmp_path: Path) -> Iterator[None]:
    yield
    use_language("en", tmp_path)


def _catalog(folder: Path, language: str) -> Path:
    made = folder / language / "LC_MESSAGES"
    made.mkdir(parents=True)
    return made / "stethoscribe.mo"


def test_without_a_catalog_words_are_english(tmp_path: Path) -> None:
    use_language("de", tmp_path)
    assert _("Wait {wait}.") == "Wait {wait}."


def test_with_a_catalog_words_are_translated_and_the_rest_is_english(tmp_path: Path) -> None:
    catalog = Catalog(locale="de")
    catalog.add("Wait {wait}.", "Warten Sie {wait}.")
    with _catalog(tmp_path, "de").open("wb") as file:
        write_mo(file, catalog)
    use_language("de", tmp_path)
    assert _("Wait {wait}.").format(wait="1 s") == "Warten Sie 1 s."
    assert _("Save") == "Save"


def test_a_damaged_catalog_counts_as_none(tmp_path: Path) -> None:
    _catalog(tmp_path, "de").write_bytes(b"not a catalog")
    use_language("de", tmp_path)
    assert _("Save") == "Save"
