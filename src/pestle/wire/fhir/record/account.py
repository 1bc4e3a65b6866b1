"""Which parts of a resource did nobody read?

The reader marks every place that it reads (`Element.seen`); what is written and was not read is told, so that
nothing of a record is dropped in silence. What says nothing of the patient is left out of the account.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pestle.pharmacy.refusal import Refusal
from pestle.wire.fhir.element import Element

# Of every resource: who holds it, how it is shown, what it is made of; and how a reference spells its target.
_FRAME = frozenset(("resourceType", "id", "meta", "language", "identifier", "contained", "text"))
_OF_A_REFERENCE = frozenset(("reference", "type", "identifier", "display"))
_OF_A_CODING = frozenset(("version", "userSelected"))
# Which of the synonyms of a concept the sender displayed; and that nothing was said.
_SAY_NOTHING_MORE = ("Extension-coding-sctdescid", "CodingSCTDescDisplay", "data-absent-reason")


def unread(resource: Element) -> Iterator[Refusal]:
    """What was written and not read, each with its place; the outermost of what is nested."""
    for place in _unread(resource.node, resource.place, resource.seen or set(), top=True):
        yield Refusal("record.not-read", "This part is not kept in the record", place)


def _unread(node: Any, place: str, seen: set[str], *, top: bool = False) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            below = f"{place}.{key}"
            if value in ("", None) or (top and key in _FRAME) or _says_nothing(node, key, value):
                continue
            if below not in seen:
                yield below
            else:
                yield from _unread(value, below, seen)
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            below = f"{place}[{index}]"
            if _is_nothing(value):
                continue
            if isinstance(value, Mapping) and _untouched(value, below, seen):
                yield below
            else:
                yield from _unread(value, below, seen)


def _untouched(node: Mapping[str, Any], place: str, seen: set[str]) -> bool:
    """Whether nothing that it says was read; of one that says nothing, nothing is to be read."""
    said = [key for key, value in node.items() if not _says_nothing(node, key, value)]
    return bool(said) and not any(f"{place}.{key}" in seen for key in said)


def _says_nothing(node: Mapping[str, Any], key: str, value: Any) -> bool:
    if key in _OF_A_REFERENCE and "reference" in node:
        return True
    if key in _OF_A_CODING and "code" in node:
        return True
    return key == "extension" and isinstance(value, list | tuple) and all(map(_is_nothing, value))


def _is_nothing(extension: Any) -> bool:
    url = extension.get("url") if isinstance(extension, Mapping) else None
    return isinstance(url, str) and url.endswith(_SAY_NOTHING_MORE)
