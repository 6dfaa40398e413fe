"""What goes into a database comes out as it was."""

from __future__ import annotations

import dataclasses
import typing
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import Draft
from app.domain.errors import CorruptError
from app.domain.ids import PatientId, UserId, VisitId
from app.domain.note import Attestation, NoteVersion
from app.domain.people import Account, AccountRole
from app.domain.review import Decision
from app.domain.transcript import Segment
from app.domain.visit import Consent, Patient, Visit
from app.store import canonical
from tests.unit.store.conftest import make_consent, make_draft, make_version, make_visit

T = TypeVar("T")

ZONES = [UTC, timezone(timedelta(hours=-7)), timezone(timedelta(minutes=330))]
SCALARS: dict[object, st.SearchStrategy[object]] = {
    str: st.text(st.characters(exclude_categories=()), max_size=30),
    float: st.floats(allow_nan=False),
    datetime: st.datetimes(timezones=st.sampled_from(ZONES)),
}


def any_of(kind: object) -> st.SearchStrategy[object]:
    """Return values of a type; texts may hold lone surrogates and NUL."""
    if isinstance(kind, typing.NewType):
        return any_of(kind.__supertype__)
    if typing.get_origin(kind) is tuple:
        return st.lists(any_of(typing.get_args(kind)[0]), max_size=3).map(tuple)
    if args := typing.get_args(kind):
        inner = [any_of(each) for each in args]
        return inner[0].map(lambda one: frozenset([one])) if len(inner) == 1 else st.one_of(inner)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: any_of(hint) for name, hint in hints.items()})
    return SCALARS[kind] if kind in SCALARS else st.from_type(typing.cast("type[object]", kind))


def assert_returns(value: T) -> None:
    text = canonical.dumps(value)
    assert text.isascii()
    assert canonical.loads(type(value), text) == value
    assert canonical.dumps(canonical.loads(type(value), text)) == text


@given(any_of(Draft))
def test_any_draft_returns_as_it_was(value: object) -> None:
    assert_returns(value)


@given(any_of(NoteVersion))
def test_any_version_returns_as_it_was(value: object) -> None:
    assert_returns(value)


@given(st.one_of([any_of(kind) for kind in (Segment, Consent, Visit, Decision, Account)]))
def test_anything_else_we_keep_returns_as_it_was(value: object) -> None:
    assert_returns(value)


@pytest.mark.parametrize(
    "name",
    [
        "\u202eevil\u2066",
        "a\u200db",
        "\ud800",
        "nul\0nul",
        "line\u2028end",
        "e" + "\u0301" * 500,
        "🩺",
        "שלום",
    ],
)
def test_odd_letters_are_kept_without_loss(name: str) -> None:
    assert_returns(Patient(PatientId("p"), name, name))


def test_the_same_value_gives_the_same_bytes() -> None:
    roles = [AccountRole.CLINICIAN, AccountRole.ADMINISTRATOR]
    one = Account(UserId("u"), "Roe", frozenset(roles))
    two = Account(UserId("u"), "Roe", frozenset(reversed(roles)))
    assert canonical.dumps(one) == canonical.dumps(two)
    assert " " not in canonical.dumps(one)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "{}",
        '{"id":1,"family":"a"}',
        '{"id":"p","family":"a","sex":"robot"}',
        '{"id":"p","family":"a","later":1}',
        '{"id":"p","family":"a","birth_date":"1970-02-31"}',
        '{"id":"p","family":"a","identifiers":{"value":"x"}}',
        '{"id":"p","family":"a","identifiers":[1]}',
        "[" * 100_000,
    ],
)
def test_what_is_not_of_the_shape_is_corrupt_and_not_quoted(text: str) -> None:
    with pytest.raises(CorruptError) as caught:
        canonical.loads(Patient, text)
    assert caught.value.facts == {}
    assert caught.value.__context__ is None


def test_a_field_that_did_not_exist_yet_has_its_default() -> None:
    found = canonical.loads(Patient, '{"id":"p","family":"a"}')
    assert found == Patient(PatientId("p"), "a")


def test_numbers_are_not_truths() -> None:
    with pytest.raises(CorruptError):
        canonical.loads(Segment, '{"id":"s","text":"x","start":true}')
    found = canonical.loads(Segment, '{"id":"s","text":"x","role_confidence":1}')
    assert isinstance(found.role_confidence, float)


def test_the_samples_of_the_other_tests_return_too() -> None:
    visit = make_visit()
    for value in (
        visit,
        make_consent(visit),
        make_draft(visit),
        make_version(visit, make_draft(visit)),
    ):
        assert_returns(value)
    assert visit.patient.birth_date == date(1970, 1, 31)
    assert VisitId(visit.id) == visit.id
    assert Attestation.__dataclass_fields__["signature"].type == "bytes"
