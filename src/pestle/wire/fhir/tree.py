"""What exactly did the sender write?

A JSON message as a tree that loses nothing: numbers keep their text (1.0 is not 1), keys keep their order,
fields that we do not know stay. Two trees are equal when they say the same thing in the same text.

Source: RFC 8259 (2017); FHIR R4 JSON representation (hl7.org/fhir/R4/json.html, 2019).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from pestle.pharmacy.refusal import Refused, refuse

# Far above any message of the service (a bulk release is some hundred kilobytes, twelve levels deep).
MAX_BYTES = 5_000_000
MAX_DEPTH = 64
# FHIR asks for 18 digits; more is neither a dose nor a quantity, and 1e999999999 must not be spelt out.
MAX_DIGITS = 18
# Half a surrogate pair cannot be written again; of control characters FHIR allows tab, CR and LF.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number as written."""

    text: str

    def decimal(self, *, place: str) -> Decimal:
        """The exact value. Raises `Refused` (``fhir.number-range``) for more than 18 digits either side."""
        try:
            value = Decimal(self.text)
        except InvalidOperation:
            raise _out_of_range(place) from None
        _, digits, exponent = value.as_tuple()
        if len(digits) > MAX_DIGITS or abs(int(exponent)) > MAX_DIGITS:
            raise _out_of_range(place)
        return value


Node: TypeAlias = "Mapping[str, Node] | tuple[Node, ...] | str | Number | bool | None"
Object: TypeAlias = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Tree:
    """One resource as sent. Nobody changes `root`: `freeze` makes a new tree."""

    root: Object

    @property
    def resource_type(self) -> str:
        """Such as ``Bundle``."""
        return str(self.root["resourceType"])


def parse(data: bytes) -> Tree:
    """The tree of one FHIR resource in JSON.

    Raises `Refused`, and nothing else, on any bytes: ``fhir.too-large``, ``fhir.not-utf8``,
    ``fhir.not-json``, ``fhir.too-deep``, ``fhir.duplicate-key``, ``fhir.text``, ``fhir.not-a-resource``.
    The place is a line and column, a byte, or a path.
    """
    if len(data) > MAX_BYTES:
        raise refuse("fhir.too-large", f"The message has {len(data)} bytes; {MAX_BYTES} are the limit")
    try:
        raw = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_Pairs,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as error:
        raise refuse(
            "fhir.not-utf8", "The message is not UTF-8 text", place=f"byte {error.start + 1}"
        ) from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise refuse("fhir.not-json", f"The message is not JSON: {error.msg}", place=place) from None
    except RecursionError:
        raise _too_deep("") from None
    root = _settle(raw, [])
    if not isinstance(root, Mapping) or not isinstance(root.get("resourceType"), str):
        raise refuse("fhir.not-a-resource", "The message is not a FHIR resource: it has no resourceType")
    return Tree(root)


def dump(tree: Tree) -> bytes:
    """The tree as UTF-8 JSON, two spaces deep; ``parse(dump(tree)) == tree``, key order included."""
    out: list[str] = []
    _write(tree.root, out, "\n")
    return ("".join(out) + "\n").encode("utf-8")


def thaw(node: Node) -> Any:
    """A deep copy made of dict and list, to be changed and frozen again."""
    if isinstance(node, Mapping):
        return {key: thaw(value) for key, value in node.items()}
    return [thaw(value) for value in node] if isinstance(node, tuple) else node


def freeze(draft: Any) -> Node:
    """The opposite of `thaw`: what a writer made, as nodes. Whole numbers and decimals become `Number`."""
    if isinstance(draft, Mapping):
        return {key: freeze(value) for key, value in draft.items()}
    if isinstance(draft, list | tuple):
        return tuple(freeze(value) for value in draft)
    if isinstance(draft, bool) or draft is None or isinstance(draft, str | Number):
        return draft
    if isinstance(draft, int | Decimal):
        return Number(str(draft))
    raise TypeError(f"{type(draft).__name__} is not JSON")


def tree(draft: Mapping[str, Any]) -> Tree:
    """A tree of what a writer made."""
    root = freeze(draft)
    assert isinstance(root, Mapping)
    return Tree(root)


class _Pairs(list[tuple[str, Any]]):
    """The members of an object before duplicate keys are looked for."""


def _constant(name: str) -> Any:
    raise refuse("fhir.not-json", f"The message is not JSON: {name} is not a number")


def _settle(raw: Any, path: list[str]) -> Node:
    if len(path) > MAX_DEPTH:
        raise _too_deep(_place(path))
    if isinstance(raw, _Pairs):
        return _settle_object(raw, path)
    if isinstance(raw, list):
        settled: list[Node] = []
        for index, value in enumerate(raw):
            path.append(f"[{index}]")
            settled.append(_settle(value, path))
            path.pop()
        return tuple(settled)
    if isinstance(raw, str):
        _check_text(raw, path)
    node: str | Number | bool | None = raw
    return node


def _settle_object(pairs: _Pairs, path: list[str]) -> Object:
    found: dict[str, Node] = {}
    for key, value in pairs:
        path.append(f".{key}")
        _check_text(key, path)
        if key in found:
            raise refuse("fhir.duplicate-key", f"“{key}” stands twice in one object", place=_place(path))
        found[key] = _settle(value, path)
        path.pop()
    return found


def _check_text(text: str, path: list[str]) -> None:
    if _FORBIDDEN.search(text):
        raise refuse("fhir.text", "The text holds a character that FHIR forbids", place=_place(path))


def _place(path: list[str]) -> str:
    place = "".join(path).lstrip(".") or "the whole message"
    return place.encode("utf-8", "replace").decode("utf-8")


def _too_deep(place: str) -> Refused:
    reason = f"The message is nested deeper than {MAX_DEPTH} levels"
    return refuse("fhir.too-deep", reason, place=place or None)


def _out_of_range(place: str) -> Refused:
    return refuse("fhir.number-range", "This number has more digits than FHIR allows", place=place)


def _write(node: Node, out: list[str], line: str) -> None:
    if isinstance(node, Mapping):
        deeper = line + "  "
        for number, (key, value) in enumerate(node.items()):
            out.append(("," if number else "{") + deeper + json.dumps(key, ensure_ascii=False) + ": ")
            _write(value, out, deeper)
        out.append(line + "}" if node else "{}")
    elif isinstance(node, tuple):
        deeper = line + "  "
        for number, value in enumerate(node):
            out.append(("," if number else "[") + deeper)
            _write(value, out, deeper)
        out.append(line + "]" if node else "[]")
    else:
        out.append(node.text if isinstance(node, Number) else json.dumps(node, ensure_ascii=False))
