"""What stands at this place of a message?

An `Element` is a node that knows its own place, so that every refusal names it in the words of FHIRPath:
``Bundle.entry[2].resource.dosageInstruction[0].timing``. A field that is absent, null or an empty text is
None; a field of the wrong type is refused (``fhir.wrong-type``), one that is needed too (``fhir.missing``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from pestle.pharmacy.refusal import Refused, refuse
from pestle.wire.fhir.tree import Node, Number, Tree

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,8})")
Code = TypeVar("Code", bound=Enum)


@dataclass(frozen=True, slots=True)
class Element:
    """A node and its place. Reads a frozen tree as well as a draft.

    Where somebody keeps account of what was read, `seen` gathers the places.
    """

    node: Any
    place: str
    seen: set[str] | None = field(default=None, compare=False)

    def at(self, key: str) -> str:
        """The place of a field, also of one that is not there."""
        return f"{self.place}.{key}"

    def fields(self) -> tuple[str, ...]:
        """The names of the fields that are written."""
        return tuple(self._object())

    def _object(self) -> Mapping[str, Any]:
        if not isinstance(self.node, Mapping):
            raise _wrong("an object", self.place)
        return self.node

    def _value(self, key: str) -> Any:
        if self.seen is not None:
            self.seen.add(self.at(key))
        return self._written(key)

    def _written(self, key: str) -> Any:
        value = self._object().get(key)
        return None if value == "" else value

    def has(self, key: str) -> bool:
        """Whether anything at all stands there; to ask is not to read."""
        return self._written(key) is not None

    def peek(self, key: str) -> Any:
        """What is written there, of whatever type, without counting it as read; None of what is no object."""
        return self.node.get(key) if isinstance(self.node, Mapping) else None

    def get(self, key: str) -> Element | None:
        """The object in a field."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise _wrong("an object", self.at(key))
        return Element(value, self.at(key), self.seen)

    def need(self, key: str) -> Element:
        """The object in a field that must be there."""
        found = self.get(key)
        if found is None:
            raise missing(self.at(key))
        return found

    def follow(self, *keys: str) -> Element | None:
        """The object at the end of a chain of fields; of an array, its first element."""
        found: Element | None = self
        for key in keys:
            if found is None:
                return None
            found = found.first(key) if isinstance(found._written(key), list | tuple) else found.get(key)
        return found

    def each(self, key: str) -> tuple[Element, ...]:
        """The objects of an array; none if it is absent."""
        return tuple(
            Element(value, f"{self.at(key)}[{index}]", self.seen)
            for index, value in enumerate(self._array(key))
        )

    def first(self, key: str) -> Element | None:
        """The first object of an array."""
        found = self.each(key)
        return found[0] if found else None

    def where(self, key: str, field: str, value: str) -> tuple[Element, ...]:
        """The objects of an array in which `field` has this text."""
        return tuple(element for element in self.each(key) if element.text(field) == value)

    def extension(self, url: str) -> Element | None:
        """The extension of this url, the first if there are several."""
        found = self.where("extension", "url", url)
        return found[0] if found else None

    def text(self, key: str) -> str | None:
        """The text in a field."""
        value = self._value(key)
        if value is not None and not isinstance(value, str):
            raise _wrong("a text", self.at(key))
        return value

    def need_text(self, key: str) -> str:
        """The text in a field that must be there."""
        value = self.text(key)
        if value is None:
            raise missing(self.at(key))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of an array."""
        found = []
        for index, value in enumerate(self._array(key)):
            if not isinstance(value, str):
                raise _wrong("a text", f"{self.at(key)}[{index}]")
            found.append(value)
        return tuple(found)

    def decimal(self, key: str) -> Decimal | None:
        """The exact number in a field."""
        value = self._value(key)
        if value is None:
            return None
        if isinstance(value, Number):
            return value.decimal(place=self.at(key))
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
        raise _wrong("a number", self.at(key))

    def whole(self, key: str, *, least: int | None = None) -> int | None:
        """The whole number in a field; `least` is the smallest that has a meaning there."""
        value = self._value(key)
        if value is None:
            return None
        text = value.text if isinstance(value, Number) else str(value)
        if isinstance(value, bool | str) or not _WHOLE.fullmatch(text):
            raise _wrong("a whole number", self.at(key))
        if least is not None and int(text) < least:
            raise _wrong(f"a whole number from {least} on", self.at(key))
        return int(text)

    def truth(self, key: str) -> bool | None:
        """The boolean in a field."""
        value = self._value(key)
        if value is not None and not isinstance(value, bool):
            raise _wrong("true or false", self.at(key))
        return value

    def code(self, key: str, codes: type[Code]) -> Code | None:
        """The member of a closed code list. Raises `Refused` (``fhir.code``) for any other code."""
        value = self.text(key)
        return None if value is None else member(value, codes, place=self.at(key))

    def one_of(self, *keys: str) -> str | None:
        """Which one of a choice is there. Raises `Refused` (``fhir.choice``) when several are."""
        found = [key for key in keys if self.has(key)]
        if len(found) > 1:
            raise refuse("fhir.choice", f"Only one of {' and '.join(found)} may be given", place=self.place)
        return found[0] if found else None

    def _array(self, key: str) -> Sequence[Node]:
        value = self._value(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            raise _wrong("an array", self.at(key))
        return value


def root(tree: Tree, place: str | None = None) -> Element:
    """The whole tree as an element; its place is its resource type, or where it was taken from."""
    return Element(tree.root, place or tree.resource_type)


def member(value: str, codes: type[Code], *, place: str) -> Code:
    """The member that `value` stands for. Raises `Refused` (``fhir.code``)."""
    try:
        return codes(value)
    except ValueError:
        raise refuse("fhir.code", f"“{value}” is not a code that we know here", place=place) from None


def missing(place: str) -> Refused:
    """The refusal of a field that must be there."""
    return refuse("fhir.missing", f"{place.rsplit('.', 1)[-1]} is missing", place=place)


def _wrong(wanted: str, place: str) -> Refused:
    return refuse("fhir.wrong-type", f"{place.rsplit('.', 1)[-1]} is not {wanted}", place=place)
