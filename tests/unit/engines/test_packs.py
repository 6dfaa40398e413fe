"""A pack goes in whole or not at all, and nothing of a refused one is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.domain.errors import DiskFullError, FileAccessError, ModelMissingError, PackError
from app.domain.ids import ModelId
from app.engines.packs import Trust, key_of, product_key
from tests.unit.engines.packs import FILES, Workshop, is_private, is_root, spoil, zipped

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture(params=["folder", "zip"])
def form(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    """Return what makes the pack that is handed over: the folder itself, or a zip of it."""
    return zipped if request.param == "zip" else (lambda folder: folder)


def refusal(shop: Workshop, path: Path) -> str:
    """Return why a pack is refused, after checking that nothing of it is left."""
    before = shop.installed()
    with pytest.raises(PackError) as refused:
        shop.packs().install(str(path))
    assert shop.installed() == before
    with pytest.raises(PackError):
        shop.packs().verify(str(path))
    return refused.value.reason


def test_a_good_pack_goes_in_and_is_found(shop: Workshop, form: Callable[[Path], Path]) -> None:
    path = form(shop.folder())
    (offer,) = shop.packs().look(str(path))
    assert (offer.id, offer.kind, offer.memory_mb, offer.is_here) == ("toy", "speech", 7, False)
    assert offer.size == sum(map(len, FILES.values()))
    assert shop.installed() == []
    assert shop.packs().verify(str(path)) == (offer,)
    assert shop.packs().install(str(path)) == (offer,)
    models = shop.catalogue()
    found = models.find(ModelId("toy"))
    models.check(found)
    assert {each.name for each in Path(found.folder).iterdir()} == set(FILES)
    assert is_private(shop.own)
    assert shop.packs().look(str(path))[0].is_here


def test_a_clinic_may_sign_a_model(shop: Workshop) -> None:
    assert shop.packs().install(str(shop.folder(by=shop.clinic)))


def test_several_packs_in_one_file_go_in_together_or_not_at_all(shop: Workshop) -> None:
    shop.folder("both/one")
    second = shop.folder("both/two", id="other", kind="voice")
    assert len(shop.packs().install(str(zipped(shop.area / "both")))) == 2
    for each in ("toy", "other"):
        shop.packs().remove(ModelId(each))
    assert shop.installed() == []
    spoil(second / "model.bin")
    assert refusal(shop, shop.area / "both") == "content"
    assert refusal(shop, zipped(shop.area / "both")) == "content"


def test_a_pack_replaces_what_was_there(shop: Workshop) -> None:
    damaged = shop.own / "toy"
    damaged.mkdir(parents=True)
    (damaged / "model.bin").write_bytes(b"old")
    (damaged / "stray").write_bytes(b"old")
    shop.packs().install(str(shop.folder()))
    assert shop.installed() == ["own/toy", "own/toy/config.json", "own/toy/model.bin"]


def test_for_everybody_means_readable_by_everybody(shop: Workshop) -> None:
    before = os.umask(0o077)
    try:
        shop.packs().install(str(shop.folder()), is_shared=True)
    finally:
        os.umask(before)
    placed = shop.area / "shared" / "toy"
    assert placed.stat().st_mode & 0o777 == 0o755
    assert (placed / "model.bin").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("file", "reason"),
    [("model.bin", "content"), ("config.json", "content"), ("manifest.json", "signature")],
)
def test_one_changed_bit_is_refused(
    shop: Workshop, form: Callable[[Path], Path], file: str, reason: str
) -> None:
    folder = shop.folder()
    spoil(folder / file)
    assert refusal(shop, form(folder)) == reason


@pytest.mark.parametrize("signature", [b"", b"AAAA", b"!!", b"A" * 88, None])
def test_a_broken_signature_is_refused(
    shop: Workshop, form: Callable[[Path], Path], signature: bytes | None
) -> None:
    folder = shop.folder()
    if signature is None:
        (folder / "manifest.sig").unlink()
    else:
        (folder / "manifest.sig").write_bytes(signature)
    assert refusal(shop, form(folder)) == "signature"


def test_a_key_nobody_trusts_is_refused(shop: Workshop, form: Callable[[Path], Path]) -> None:
    assert refusal(shop, form(shop.folder(by=Ed25519PrivateKey.generate()))) == "signature"


def test_without_any_key_every_pack_is_refused(shop: Workshop) -> None:
    with pytest.raises(PackError):
        shop.packs(Trust()).install(str(shop.folder()))
    assert shop.installed() == []


def test_a_file_too_many_or_too_few_is_refused(
    shop: Workshop, form: Callable[[Path], Path]
) -> None:
    more = shop.folder("more")
    (more / "run.sh").write_text("echo")
    assert refusal(shop, form(more)) == "content"
    fewer = shop.folder("fewer")
    (fewer / "config.json").unlink()
    assert refusal(shop, form(fewer)) == "content"
    longer = shop.folder("longer")
    with (longer / "model.bin").open("ab") as file:
        file.write(b"x")
    assert refusal(shop, form(longer)) == "content"


@pytest.mark.parametrize(
    "name",
    [
        "../model.bin",
        "/model.bin",
        "a/../../b",
        "..\\b",
        "C:b",
        "con",
        "a/nul.txt",
        "b.",
        " b",
        "é",
    ],
)
def test_a_name_that_leaves_its_folder_is_refused(shop: Workshop, name: str) -> None:
    shop.files[name] = b"out"
    inside = {key: value for key, value in shop.files.items() if key != name}
    manifest = shop.manifest()
    shop.files = inside
    folder = shop.folder()
    shop.sign(folder, json.dumps(manifest).encode())
    path = zipped(folder)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"out")
    shop.catalogue()
    before = sorted(shop.area.rglob("*"))
    assert refusal(shop, path) == "content"
    assert sorted(shop.area.rglob("*")) == before


def test_two_names_alike_but_for_case_are_refused(
    shop: Workshop, form: Callable[[Path], Path]
) -> None:
    shop.files["Model.bin"] = b"twin"
    assert refusal(shop, form(shop.folder())) == "content"


def test_a_member_that_stands_twice_is_refused(shop: Workshop) -> None:
    path = zipped(shop.folder())
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("model.bin", FILES["model.bin"])
    assert refusal(shop, path) == "content"


def test_a_link_is_refused(shop: Workshop, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(FILES["model.bin"])
    folder = shop.folder()
    (folder / "model.bin").unlink()
    path = zipped(folder)
    (folder / "model.bin").symlink_to(secret)
    assert refusal(shop, folder) == "content"
    link = zipfile.ZipInfo("model.bin")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(secret))
    assert refusal(shop, path) == "content"


def test_a_packed_member_is_refused_before_it_unfolds(shop: Workshop) -> None:
    shop.files["model.bin"] = bytes(64 << 20)
    folder = shop.folder()
    path = zipped(folder, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 1 << 20
    assert refusal(shop, path) == "content"


def test_a_list_without_end_is_refused(shop: Workshop) -> None:
    folder = shop.folder()
    for number in range(600):
        (folder / f"f{number}").touch()
    assert refusal(shop, folder) == "form"
    assert refusal(shop, zipped(folder)) == "form"


@pytest.mark.parametrize("at", [0, 40, -60, -30, -22, -10])
def test_a_broken_archive_is_refused(shop: Workshop, at: int) -> None:
    path = zipped(shop.folder())
    spoil(path, at)
    try:
        shop.packs().install(str(path))
    except PackError:
        assert shop.installed() == []
    else:  # that bit says nothing about what is inside
        shop.catalogue().check(shop.catalogue().find(ModelId("toy")))


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive" * 1000, b"PK\5\6" + bytes(18)])
def test_what_is_no_pack_is_refused(shop: Workshop, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing.zip"
    path.write_bytes(content)
    assert refusal(shop, path) == "form"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert refusal(shop, empty) == "form"


def test_what_is_not_there_is_told_as_such(shop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(FileAccessError):
        shop.packs().look(str(tmp_path / "none.zip"))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"min_app": "1.2.1"}, "newer"),
        ({"min_app": "2"}, "newer"),
        ({"schema": 2}, "newer"),
        ({"id": "unheard-of"}, "unknown"),
        ({"kind": "notes"}, "unknown"),
        ({"id": "../toy"}, "content"),
        ({"kind": "gpu"}, "native"),
        ({"files": []}, "content"),
        ({"min_app": "x"}, "content"),
    ],
)
def test_a_signed_manifest_that_does_not_fit_is_refused(
    shop: Workshop, changed: dict[str, Any], reason: str
) -> None:
    assert refusal(shop, shop.folder(by=shop.clinic, **changed)) == reason


def test_other_files_than_the_catalogue_names_are_refused(shop: Workshop) -> None:
    folder = shop.folder()
    packs = shop.packs()
    shop.files["model.bin"] = b"another model"
    other = shop.folder("other")
    for path in (folder, other):
        if path == other:
            with pytest.raises(PackError, match="pack") as refused:
                packs.install(str(path))
            assert refused.value.reason == "unknown"
    assert shop.installed() == []


def test_policy_may_name_the_only_packs_that_go_in(shop: Workshop) -> None:
    folder = shop.folder()
    key = shop.key.public_key().public_bytes_raw()
    strict = Trust(key, allow=frozenset({"0" * 64}))
    with pytest.raises(PackError):
        shop.packs(strict).install(str(folder))
    import hashlib  # noqa: PLC0415 - only here

    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert shop.packs(Trust(key, allow=frozenset({digest}))).install(str(folder))


def test_too_little_room_is_told_before_a_byte_is_written(shop: Workshop) -> None:
    folder = shop.folder()
    huge: dict[str, Any] = {"path": "model.bin", "size": (1 << 40) - 1, "sha256": "0" * 64}
    os.truncate(folder / "model.bin", huge["size"])
    (folder / "config.json").unlink()
    shop.described = lambda: [huge]  # type: ignore[method-assign]
    shop.sign(folder, json.dumps(shop.manifest()).encode())
    with pytest.raises(DiskFullError):
        shop.packs().install(str(folder))
    assert shop.installed() == []


KILLED = """
import resource, signal, sys
from pathlib import Path
from typing import Any
from tests.unit.engines.packs import Workshop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
shop = Workshop(Path(sys.argv[1]), key=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
shop.files["model.bin"] = bytes(3 << 20)
if sys.argv[2] == "killed":
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
packs = shop.packs()
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
packs.install(str(shop.area / "pack"))
"""


@pytest.mark.parametrize("how", ["killed", "refused by the disk"])
def test_a_stopped_import_leaves_nothing_that_loads(tmp_path: Path, how: str) -> None:
    shop = Workshop(tmp_path, key=Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    shop.files["model.bin"] = bytes(3 << 20)
    folder = shop.folder()
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), how],
        cwd=REPOSITORY,
        capture_output=True,
        check=False,
    )
    assert ended.returncode != 0
    if how == "killed":
        assert ended.returncode < 0
        assert (shop.own / ".partial-toy").is_dir(), "it was killed in the middle"
    else:
        assert shop.installed() == []
    with pytest.raises(ModelMissingError):
        shop.catalogue().find(ModelId("toy"))
    shop.packs().install(str(folder))
    assert [each for each in shop.installed() if "partial" in each or "lease" in each] == []


def test_native_code_goes_where_only_administrators_write(shop: Workshop) -> None:
    shop.files = {"lib/libcublas.so.12": b"\x7fELF"}
    folder = shop.folder(id="cublas-12", kind="gpu")
    if not is_root():
        pytest.skip("makes a folder of root")
    (offer,) = shop.packs().install(str(folder))
    placed = shop.libraries / "cublas-12" / "lib" / "libcublas.so.12"
    assert offer.folder == str(shop.libraries)
    assert placed.read_bytes() == b"\x7fELF"
    assert not placed.parent.stat().st_mode & 0o022


def test_native_code_is_refused_where_others_may_write(shop: Workshop) -> None:
    shop.files = {"libcublas.so.12": b"\x7fELF"}
    shop.libraries.mkdir()
    shop.libraries.chmod(0o777)
    assert refusal_of_install(shop, shop.folder(id="cublas-12", kind="gpu")) == "folder"


def refusal_of_install(shop: Workshop, path: Path) -> str:
    with pytest.raises(PackError) as refused:
        shop.packs().install(str(path))
    assert shop.installed() == []
    return refused.value.reason


def test_a_model_can_be_removed(shop: Workshop) -> None:
    shop.packs().install(str(shop.folder()))
    shop.packs().remove(ModelId("toy"))
    assert shop.installed() == []
    for name in ("toy", "../own", "unheard-of"):
        with pytest.raises(ModelMissingError):
            shop.packs().remove(ModelId(name))


def test_keys_are_read_or_refused(tmp_path: Path) -> None:
    key = "A" * 43 + "="
    assert key_of(key + "\n") == bytes(32)
    for wrong in ("", "A", "A" * 44, "é"):
        with pytest.raises(ValueError, match="key"):
            key_of(wrong)
    file = tmp_path / "product.pub"
    assert product_key(file) is None
    file.write_text("nonsense")
    assert product_key(file) is None
    file.write_text(key)
    assert product_key(file) == bytes(32)
