"""How is a value of frozen dataclasses written as JSON, and read back the same?

`None` and defaults are left out, decimals, dates and times are text, an enum is its value. Reading back gives
an equal value: it follows the types that the dataclasses declare. Of a field that may be one of several
dataclasses, the names that are written tell which one it is.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dumps(value: Any) -> str:
    """The value as one line of JSON."""
    return _ENCODER.encode(plain(value))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def loads(kind: type[T], text: str) -> T:
    """The value of dataclass `kind` that `dumps` wrote."""
    return built(kind, json.loads(text))


def plain(value: Any) -> Any:
    """The value as JSON can hold it: dicts, lists, text, numbers, true, false and None."""
    kind: Any = type(value)
    return _writer(kind)(value)


def built(kind: type[T], held: Any) -> T:
    """The value of dataclass `kind` that `plain` took apart."""
    of: Any = kind
    value: T = _reader(of)(held)
    return value


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """What makes plain JSON of a value of `kind`."""
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        inner, *others = (one for one in get_args(kind) if one is not type(None))
        if others:
            return lambda held: None if held is None else plain(held)
        write = _writer(inner)
        return lambda held: None if held is None else write(held)
    if origin is tuple:
        one = _writer(get_args(kind)[0])
        return lambda held: [one(each) for each in held]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        fields = [(field.name, field.default, _writer(hints[field.name])) for field in _fields(kind)]
        return lambda held: {
            name: write(each)
            for name, default, write in fields
            if (each := getattr(held, name)) is not default
        }
    if kind in (Decimal, date, datetime, time):
        return str
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda held: held.value
    return lambda held: held


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of `kind` from its JSON."""
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        inner, *others = (one for one in get_args(kind) if one is not type(None))
        if others:
            return _choice((inner, *others))
        read = _reader(inner)
        return lambda held: None if held is None else read(held)
    if origin is tuple:
        one = _reader(get_args(kind)[0])
        return lambda held: tuple([one(each) for each in held])
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if kind in (date, datetime, time):
        from_text: Callable[[Any], Any] = kind.fromisoformat
        return from_text
    return kind if kind is Decimal or issubclass(kind, Enum) else lambda held: held


def _choice(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    """What makes a value of one of several kinds: of dataclasses by their fields, else by its JSON type."""
    records: list[Any] = [kind for kind in kinds if dataclasses.is_dataclass(kind)]

    def read(held: Any) -> Any:
        if isinstance(held, dict):
            (kind,) = (one for one in records if _fits(one, set(held)))
            return _reader(kind)(held)
        return held

    return read


def _fits(kind: type[Any], written: set[str]) -> bool:
    fields = _fields(kind)
    needed = {field.name for field in fields if field.default is dataclasses.MISSING}
    return needed <= written <= {field.name for field in fields}


def _fields(kind: type[Any]) -> list[dataclasses.Field[Any]]:
    """What a value is made of, without what it works out of that at its birth."""
    return [field for field in dataclasses.fields(kind) if field.init]


def _record(kind: type[Any]) -> Callable[[Any], Any]:
    readers = {name: _reader(declared) for name, declared in get_type_hints(kind).items()}

    def read(held: dict[str, Any]) -> Any:
        return kind(**{name: readers[name](each) for name, each in held.items()})

    return read
