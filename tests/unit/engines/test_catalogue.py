"""The catalogue: what may be loaded, what is here, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.domain.errors import CatalogueError, ModelDamagedError, ModelMissingError
from app.domain.ids import ModelId
from app.engines.catalogue import Catalogue
from app.foundation import paths

CONTENT = b"weights"
SHA = hashlib.sha256(CONTENT).hexdigest()


def entry(**changed: str) -> str:
    fields = {
        "id": '"tiny"',
        "role": '"speech"',
        "runtime": '"faster-whisper"',
        "name": '"Tiny"',
        "tier": '"starter"',
        "license": '"MIT"',
        "source": '"maker/tiny"',
        "verified": "true",
        "memory_mb": "200",
        "files": f'[{{ path = "model.bin", size = {len(CONTENT)}, sha256 = "{SHA}" }}]',
        **changed,
    }
    return "[[model]]\n" + "\n".join(f"{key} = {value}" for key, value in fields.items()) + "\n"


def catalogue(folder: Path, *entries: str, schema: int = 1) -> Catalogue:
    file = folder / "catalogue.toml"
    file.write_text(f"schema = {schema}\n" + "".join(entries), "utf-8")
    return Catalogue(file, [folder / "mine", folder / "everyones"])


def install(folder: Path, content: bytes = CONTENT) -> Path:
    place = folder / "tiny"
    place.mkdir(parents=True, exist_ok=True)
    (place / "model.bin").write_bytes(content)
    return place


def test_a_model_with_all_its_files_is_installed(tmp_path: Path) -> None:
    place = install(tmp_path / "everyones")
    models = catalogue(tmp_path, entry())
    (found,) = models.installed("speech")
    assert found.folder == str(place)
    assert found.card.sha256 == SHA
    assert models.installed("notes") == ()
    assert models.find(ModelId("tiny")) == found
    models.check(found)


def test_the_first_folder_that_holds_it_whole_is_used(tmp_path: Path) -> None:
    install(tmp_path / "mine", b"half")
    place = install(tmp_path / "everyones")
    assert catalogue(tmp_path, entry()).find(ModelId("tiny")).folder == str(place)


def test_a_missing_model_and_a_damaged_one_are_told_apart(tmp_path: Path) -> None:
    models = catalogue(tmp_path, entry())
    with pytest.raises(ModelMissingError):
        models.find(ModelId("tiny"))
    with pytest.raises(ModelMissingError):
        models.find(ModelId("unheard-of"))
    install(tmp_path / "mine", b"half")
    with pytest.raises(ModelDamagedError):
        models.find(ModelId("tiny"))


def test_checking_reads_every_byte(tmp_path: Path) -> None:
    place = install(tmp_path / "mine")
    models = catalogue(tmp_path, entry())
    model = models.find(ModelId("tiny"))
    (place / "model.bin").write_bytes(b"w3ights")
    with pytest.raises(ModelDamagedError) as caught:
        models.check(model)
    assert caught.value.facts["reason"] == "hash"
    (place / "model.bin").unlink()
    with pytest.raises(ModelMissingError):
        models.check(model)


def test_what_nobody_verified_is_listed_and_never_found(tmp_path: Path) -> None:
    install(tmp_path / "mine")
    models = catalogue(tmp_path, entry(verified="false"))
    assert [card.id for card in models.cards()] == ["tiny"]
    assert models.installed() == ()
    with pytest.raises(ModelMissingError):
        models.find(ModelId("tiny"))


def test_chat_marks_come_with_a_notes_model(tmp_path: Path) -> None:
    chat = (
        '[model.chat]\nbos = ""\nuser_prefix = "<u>"\nassistant_suffix = "</a>"\nstop = ["</a>"]\n'
    )
    (card,) = catalogue(tmp_path, entry(role='"notes"', context="2048") + chat).cards()
    assert card.chat is not None
    assert (card.chat.user_prefix, card.chat.stop, card.context) == ("<u>", ("</a>",), 2048)


@pytest.mark.parametrize(
    "changed",
    [
        {"id": '"../tiny"'},
        {"id": '"Tiny"'},
        {"files": '[{ path = "../model.bin", size = 7, sha256 = "' + SHA + '" }]'},
        {"files": '[{ path = "/model.bin", size = 7, sha256 = "' + SHA + '" }]'},
        {"files": '[{ path = "model.bin", size = 7, sha256 = "abc" }]'},
        {"files": '[{ path = "model.bin", size = -7, sha256 = "' + SHA + '" }]'},
        {"memory_mb": '"much"'},
        {"verified": '"yes"'},
    ],
    ids=str,
)
def test_a_catalogue_with_a_doubtful_entry_is_refused(
    tmp_path: Path, changed: dict[str, str]
) -> None:
    with pytest.raises(CatalogueError):
        catalogue(tmp_path, entry(**changed))


@pytest.mark.parametrize("text", ["", "schema = 1", "schema = 2\nmodel = []", "model = [", "\x00"])
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "catalogue.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(CatalogueError):
        Catalogue(file, [])


def test_two_models_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        catalogue(tmp_path, entry(), entry())


def test_the_shipped_catalogue_can_be_read() -> None:
    cards = {card.id: card for card in Catalogue(paths.catalogue(), []).cards()}
    assert {"whisper-base", "whisper-tiny.en", "smollm2-135m"} <= set(cards)
    assert all(card.chat is not None for card in cards.values() if card.role == "notes")
    assert all(card.license and card.memory_mb for card in cards.values())


def test_a_model_judges_only_where_its_entry_says_so(tmp_path: Path) -> None:
    notes = {"role": '"notes"', "runtime": '"llama-cpp"'}
    (silent,) = catalogue(tmp_path, entry(**notes)).cards()
    assert not silent.can_judge
    (judge,) = catalogue(tmp_path, entry(**notes, can_judge="true")).cards()
    assert judge.can_judge
    with pytest.raises(CatalogueError):
        catalogue(tmp_path, entry(**notes, can_judge='"true"'))
    with pytest.raises(CatalogueError):
        catalogue(tmp_path, entry(can_judge="true"))


def test_no_model_of_ours_judges_before_it_was_measured() -> None:
    cards = Catalogue(paths.catalogue(), ()).cards()
    assert [each.id for each in cards if each.can_judge] == []
