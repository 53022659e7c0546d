"""Domain types to plain JSON values and back, driven by their annotations."""

from __future__ import annotations

import dataclasses
import operator
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


_Plan = tuple[Callable[[Any], tuple[Any, ...]], tuple[tuple[str, Any], ...]]
_PLANS: dict[type, _Plan] = {}


def _plan(cls: type) -> _Plan:
    """Return how to take all fields at once, and each field's name and default."""
    names = []
    for field in dataclasses.fields(cls):
        default: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        names.append((field.name, default))
    take: Callable[[Any], Any] = operator.attrgetter(*(name for name, _ in names))
    if len(names) == 1:
        # attrgetter of one name gives the value itself.
        return lambda value: (take(value),), tuple(names)
    return take, tuple(names)


def to_plain(value: Any) -> Any:
    """Return ``value`` as text, numbers, booleans, ``None``, lists and dicts with text keys.

    Dataclass fields at their default are left out, so that a new optional
    field does not change what is already stored.
    """
    if type(value) in _PLAIN:
        return value
    if type(value) is tuple:
        return [part if type(part) in _PLAIN else to_plain(part) for part in value]
    if isinstance(value, Enum):
        return value.value
    plan = _PLANS.get(type(value))
    if plan is None and dataclasses.is_dataclass(value) and not isinstance(value, type):
        plan = _PLANS[type(value)] = _plan(type(value))
    if plan is not None:
        take, names = plan
        plain = {}
        for (name, default), part in zip(names, take(value), strict=True):
            # Most fields are at their default, and that is one object.
            if part is not default and part != default:
                plain[name] = part if type(part) in _PLAIN else to_plain(part)
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
