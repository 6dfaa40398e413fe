"""Dataclasses of the domain as canonical JSON, and back. Any thread.

Keys sorted, no blanks, ASCII only: lone surrogates, NUL and bidi controls survive a database that
takes none of them. The type decides how a value is read, so nothing is run or guessed.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final, TypeVar, cast

from app.domain.errors import CorruptError

T = TypeVar("T")


def dumps(value: object) -> str:
    """Return canonical JSON of a dataclass, or of what it may hold."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def loads(kind: type[T], text: str) -> T:
    """Return the `kind` that `dumps` wrote.

    Raises:
        CorruptError: the text is no JSON, or not of this shape. It is not quoted.
    """
    try:
        found = _typed(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        found = _BROKEN
    if found is _BROKEN:
        raise CorruptError
    return cast("T", found)


_BROKEN: Final = object()


# -- to JSON


def _plain(value: object) -> object:
    match value:
        case enum.Enum():
            return value.value
        case bytes():
            return value.hex()
        case datetime() | date():
            return value.isoformat()
        case tuple() | list() | frozenset():
            items = [_plain(each) for each in value]
            return sorted(cast("list[str]", items)) if isinstance(value, frozenset) else items
        case _:
            return _plain_fields(value) if dataclasses.is_dataclass(value) else value


def _plain_fields(value: object) -> dict[str, object]:
    fields = dataclasses.fields(cast("typing.Any", value))
    return {each.name: _plain(getattr(value, each.name)) for each in fields}


# -- from JSON


def _typed(kind: object, value: object) -> object:
    origin = typing.get_origin(kind)
    if isinstance(kind, typing.NewType):
        return _typed(kind.__supertype__, value)
    if origin in {types.UnionType, typing.Union}:
        return None if value is None else _typed(_without_none(kind), value)
    if origin is tuple:
        item = typing.get_args(kind)[0]
        return tuple(_typed(item, each) for each in _checked(list, value))
    if origin is frozenset:
        item = typing.get_args(kind)[0]
        return frozenset(_typed(item, each) for each in _checked(list, value))
    if isinstance(kind, type):
        return _scalar(kind, value)
    raise TypeError


def _scalar(kind: type, value: object) -> object:
    if issubclass(kind, enum.Enum):
        return kind(value)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value)
    if kind in _READERS:
        return _READERS[kind](_checked(str, value))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, bool):
        raise TypeError
    return _checked(kind, value)


def _dataclass(kind: type, value: object) -> object:
    data = _checked(dict, value)
    hints = _hints(kind)
    if not set(data) <= set(hints):  # a later version knows more: reading would lose it
        raise KeyError
    return kind(**{name: _typed(hints[name], each) for name, each in data.items()})


@functools.cache
def _hints(kind: type) -> Mapping[str, object]:
    hints = typing.get_type_hints(kind)
    return {each.name: hints[each.name] for each in dataclasses.fields(kind)}


def _without_none(kind: object) -> object:
    (only,) = (each for each in typing.get_args(kind) if each is not types.NoneType)
    return only


def _checked(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError
    return value


_READERS: Final[Mapping[type, Callable[[str], object]]] = {
    bytes: bytes.fromhex,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}
