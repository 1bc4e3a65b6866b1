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
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def loads(kind: type[T], text: str) -> T:
    """The value of dataclass `kind` that `dumps` wrote."""
    of: Any = kind
    value: T = _reader(of)(json.loads(text))
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _plain(held) for field, held in pairs if held is not field.default}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal | date):
        return str(value)
    return value


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
