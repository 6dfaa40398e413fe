"""A shelf lists what can be used, names what cannot, and writes own templates only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import NotFoundError, TemplateError
from app.domain.ids import TemplateId
from app.drafting.feeds import Feed
from app.drafting.template_shelf import TemplateShelf, free_id
from app.drafting.template_toml import template_toml
from app.drafting.templates import Source, Style, Template, TemplateSection, parse_template

SHIPPED = Path(__file__).parents[3] / "resources" / "templates"
SOAP = TemplateId("soap")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "templates"


@pytest.fixture
def shelf(own: Path) -> TemplateShelf:
    return TemplateShelf((SHIPPED, own))


def test_the_shipped_templates_are_listed_without_an_own_folder(shelf: TemplateShelf) -> None:
    ids = {each.template.id for each in shelf.listed()}
    assert ids >= {
        "soap", "apso", "dap", "h-and-p", "problem-follow-up", "procedure", "consult-letter",
        "referral", "after-visit-summary",
    }  # fmt: skip
    assert not any(each.is_own or each.hides for each in shelf.listed())
    assert shelf.errors() == ()


def test_a_saved_template_is_read_back_and_hides_the_shipped_one(shelf: TemplateShelf) -> None:
    mine = replace(shelf.load(SOAP), title="My note")
    assert replace(shelf.save(mine), sha256=mine.sha256) == mine
    found = next(each for each in shelf.listed() if each.template.id == SOAP)
    assert (found.template.title, found.is_own, found.hides) == ("My note", True, True)
    shelf.remove(SOAP)
    assert shelf.load(SOAP).title == "Progress note"


def test_saving_again_replaces_the_file_it_was_read_from(shelf: TemplateShelf, own: Path) -> None:
    shelf.save(replace(shelf.load(SOAP), title="First"))
    (own / "soap.toml").rename(own / "renamed.toml")
    shelf.save(replace(shelf.load(SOAP), title="Second"))
    assert [each.name for each in own.iterdir()] == ["renamed.toml"]
    assert shelf.load(SOAP).title == "Second"


def test_a_damaged_file_is_listed_with_its_line_and_stops_nothing(
    shelf: TemplateShelf, own: Path
) -> None:
    own.mkdir()
    text = (SHIPPED / "soap.toml").read_text("utf-8")
    (own / "soap.toml").write_text(text.replace('style = "sentences"', 'style = "poem"'))
    (own / "cut.toml").write_text('schema = 1\nid = "cut\n')
    (own / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    (own / "folder.toml").mkdir()
    broken = {each.path.name: each for each in shelf.errors()}
    assert set(broken) == {"soap.toml", "cut.toml", "bytes.toml", "folder.toml"}
    line = text[: text.index('style = "sentences"')].count("\n") + 1
    assert broken["soap.toml"].where == f"soap.toml, line {line}, section 3: style"
    assert "prose" in broken["soap.toml"].reason
    assert "line 2" in broken["cut.toml"].reason
    assert shelf.load(SOAP).title == "Progress note"


def test_a_misspelled_key_names_the_line_and_the_key_that_was_meant(
    shelf: TemplateShelf, own: Path
) -> None:
    own.mkdir()
    text = (SHIPPED / "dap.toml").read_text("utf-8").replace("heading =", "headign =", 1)
    (own / "dap.toml").write_text(text)
    (broken,) = shelf.errors()
    assert "section 1: heading" in broken.where
    assert "headign" in broken.reason


def test_a_file_is_written_only_when_it_is_valid(shelf: TemplateShelf, own: Path) -> None:
    with pytest.raises(TemplateError):
        shelf.save(replace(shelf.load(SOAP), title=""))
    assert not own.exists()


def test_a_copy_gets_an_id_of_its_own(shelf: TemplateShelf) -> None:
    first, second = shelf.copy(SOAP, "Mine"), shelf.copy(SOAP, "Mine, too")
    assert [first.id, second.id] == ["soap-2", "soap-3"]
    assert first.sections == shelf.load(SOAP).sections
    with pytest.raises(TemplateError):
        shelf.copy(SOAP, "Again", first.id)
    with pytest.raises(NotFoundError):
        shelf.copy(TemplateId("none"), "None")


def test_two_own_files_of_one_id_are_told_and_the_first_is_used(
    shelf: TemplateShelf, own: Path
) -> None:
    own.mkdir()
    for name in ("a.toml", "b.toml"):
        (own / name).write_bytes((SHIPPED / "soap.toml").read_bytes())
    (broken,) = shelf.errors()
    assert broken.path.name == "b.toml"


def test_a_shipped_template_is_never_removed(shelf: TemplateShelf) -> None:
    with pytest.raises(NotFoundError):
        shelf.remove(SOAP)


def test_a_free_id_stays_within_its_length() -> None:
    assert len(free_id("x" * 40, set())) <= 40


lines = st.text(
    st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=40
).filter(lambda text: text.isprintable() and bool(text.strip()))
sections = st.builds(
    TemplateSection,
    key=st.from_regex(r"x[a-z0-9_]{0,20}", fullmatch=True),
    heading=lines.map(str.strip),
    loinc=st.sampled_from(["", "61150-9"]),
    instruction=lines.map(str.strip),
    style=st.sampled_from(Style),
    max_claims=st.integers(1, 30),
    takes=st.lists(st.sampled_from(Feed), unique=True, max_size=4).map(tuple),
    words=st.none() | st.integers(5, 600),
    reading_grade=st.none() | st.integers(3, 16),
)


@given(
    title=lines.map(str.strip),
    source=st.sampled_from(Source),
    made=st.lists(sections, min_size=1, max_size=5, unique_by=lambda each: each.key),
)
def test_what_is_written_is_read_back_the_same(
    title: str, source: Source, made: list[TemplateSection]
) -> None:
    template = Template(TemplateId("x"), 1, title, "11506-3", tuple(made), "", source, "A line")
    assert replace(parse_template(template_toml(template)), sha256="") == template
