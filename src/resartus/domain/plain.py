"""Domain types to plain JSON values and back, driven by their annotations."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from resartus.errors import DataError

__all__ = ["from_plain", "to_plain"]

T = TypeVar("T")

_PLAIN = frozenset((str, int, float, bool, type(None)))
"""Types that are plain already: nearly all values of a large table, so they are met first."""


@cache
def _plan(cls: type) -> tuple[tuple[str, Any], ...]:
    """Return each field's name and default; fields at their default are not written."""
    plan = []
    for field in dataclasses.fields(cls):
        default: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        plan.append((field.name, default))
    return tuple(plan)


def to_plain(value: Any) -> Any:
    """Return ``value`` as text, numbers, booleans, ``None``, lists and dicts with text keys.

    Dataclass fields at their default are left out, so that a new optional
    field does not change what is already stored.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        plain = {}
        for name, default in _plan(type(value)):
            part = getattr(value, name)
            if part != default:
                plain[name] = to_plain(part)
        return plain
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_plain(part) for key, part in value.items()}
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, tuple | list | frozenset | set):
        parts = sorted(value) if isinstance(value, frozenset | set) else value
        return [to_plain(part) for part in parts]
    raise DataError(f"value {value!r} of type {type(value).__name__} has no plain form")


def _as_is(value: Any) -> Any:
    return value


@cache
def _reader(annotation: Any) -> Callable[[Any], Any]:
    """Return the function that turns a plain value into one of ``annotation``."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        inner = [item for item in arguments if item is not type(None)]
        if len(inner) == 1:
            read = _reader(inner[0])
            return lambda value: None if value is None else read(value)
        return _as_is
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            read = _reader(arguments[0])
            return lambda value: tuple(read(part) for part in value)
        readers = [_reader(item) for item in arguments]
        return lambda value: tuple(read(part) for read, part in zip(readers, value, strict=True))
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        read = _reader(arguments[1])
        return lambda value: types.MappingProxyType({k: read(v) for k, v in value.items()})
    if isinstance(annotation, type):
        if dataclasses.is_dataclass(annotation):
            return lambda value: from_plain(annotation, value)
        if issubclass(annotation, Enum):
            return annotation
        if issubclass(annotation, datetime):
            return datetime.fromisoformat
        if issubclass(annotation, date):
            return date.fromisoformat
    return _as_is


@cache
def _field_readers(cls: type) -> Mapping[str, Callable[[Any], Any]]:
    hints = typing.get_type_hints(cls)
    return {field.name: _reader(hints[field.name]) for field in dataclasses.fields(cls)}


def from_plain(cls: type[T], plain: Mapping[str, Any]) -> T:
    """Return a ``cls`` from what ``to_plain`` gave.

    Raises
    ------
    DataError
        If a field is unknown, missing or breaks the type's own rules.
    """
    readers = _field_readers(typing.cast(Any, cls))
    values = {}
    for name, part in plain.items():
        read = readers.get(name)
        if read is None:
            known = ", ".join(readers)
            raise DataError(f"field {name!r} is not one of {cls.__name__}'s: {known}", field=name)
        values[name] = read(part)
    try:
        return cls(**values)
    except TypeError as error:
        raise DataError(f"a stored {cls.__name__} lacks a field: {error}") from error
