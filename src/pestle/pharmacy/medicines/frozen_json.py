"""How is a value of frozen dataclasses written as JSON, and read back the same?

`None` and defaults are left out, decimals and dates are text, an enum is its value. Reading back gives an
equal value: it follows the types that the dataclasses declare.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def dumps(value: Any) -> str:
    """The value as one line of JSON."""
    kind: Any = type(value)
    return _ENCODER.encode(_writer(kind)(value))


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def loads(kind: type[T], text: str) -> T:
    """The value of dataclass `kind` that `dumps` wrote."""
    of: Any = kind
    value: T = _reader(of)(json.loads(text))
    return value


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """What makes plain JSON of a value of `kind`."""
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        write = _writer(inner)
        return lambda held: None if held is None else write(held)
    if origin is tuple:
        one = _writer(get_args(kind)[0])
        return lambda held: [one(each) for each in held]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        fields = [
            (field.name, field.default, _writer(hints[field.name])) for field in dataclasses.fields(kind)
        ]
        return lambda held: {
            name: write(each)
            for name, default, write in fields
            if (each := getattr(held, name)) is not default
        }
    if kind in (Decimal, date):
        return str
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda held: held.value
    return lambda held: held


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of `kind` from its JSON."""
    origin = get_origin(kind)
    if origin in (types.UnionType, Union):
        (inner,) = (one for one in get_args(kind) if one is not type(None))
        read = _reader(inner)
        return lambda held: None if held is None else read(held)
    if origin is tuple:
        one = _reader(get_args(kind)[0])
        return lambda held: tuple([one(each) for each in held])
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record(kind)
    if kind is date:
        return date.fromisoformat
    return kind if kind is Decimal or issubclass(kind, Enum) else lambda held: held


def _record(kind: type[Any]) -> Callable[[Any], Any]:
    readers = {name: _reader(declared) for name, declared in get_type_hints(kind).items()}

    def read(held: dict[str, Any]) -> Any:
        return kind(**{name: readers[name](each) for name, each in held.items()})

    return read
