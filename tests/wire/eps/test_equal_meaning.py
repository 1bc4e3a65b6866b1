"""What Pestle sends means what the public example means: example, value, message, and the two trees agree.

Two trees mean the same when they are equal but for what a sender is free in: the names of resources within
the message, the order of extensions, how an address is cut into lines, which offset a moment is written in,
and the words displayed beside a code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pestle.wire.eps.claim import read_claim, write_claim
from pestle.wire.eps.codes import NonDispensingReason
from pestle.wire.eps.dispense_notification import read_notification, write_notification
from pestle.wire.eps.notification import SupplyNotification
from pestle.wire.eps.task import read_task, write_task
from pestle.wire.fhir.tree import Number, Tree, dump, parse, thaw

Sample = Callable[[str], Tree]

# Where an example says more than we do, or another thing: the beginnings of its paths, and why.
REQUEST = ".entry[].resource.contained[]"
LEFT: dict[str, dict[str, str]] = {
    "040": {
        ".entry[].resource.destination": "the service knows where it goes",
        ".entry[].resource.reason": "ours says that it is a notification",
        ".entry[].resource.sender": "the example has the prescriber send it",
        ".entry[].resource.source": "as the sender",
        f"{REQUEST}.basedOn": "which issue it is stands in the dispense itself",
        f"{REQUEST}.requester": "points at nothing in the message",
        f"{REQUEST}.subject": "points at nothing in the message",
        f"{REQUEST}.dispenseRequest": "“days” for “day”, and the last second of the last day",
    },
    "060": {},
    "061": {f"{REQUEST}.extension[]": "one line says its prescription type twice"},
    "063": {},
    "066": {
        f"{REQUEST}.basedOn": "which issue it is stands in the dispense itself",
        f"{REQUEST}.extension[]": "one line says its prescription type twice",
        ".entry[].resource.statusReasonCodeableConcept": "the owings note, read and never written",
    },
}


@pytest.mark.parametrize("number", ["067", "069"])
def test_a_claim(sample: Sample, number: str) -> None:
    claim = read_claim(sample(number))
    written = write_claim(claim)
    assert meaning(written) == meaning(sample(number))
    assert read_claim(parse(dump(written))) == claim


@pytest.mark.parametrize("number", ["070", "072", "073"])
def test_a_return_and_a_withdrawal(sample: Sample, number: str) -> None:
    taken = read_task(sample(number))
    written = write_task(taken)
    assert meaning(written) == meaning(sample(number))
    assert read_task(parse(dump(written))) == taken


@pytest.mark.parametrize("number", sorted(LEFT))
def test_a_dispense_notification(sample: Sample, number: str) -> None:
    ours = meaning(write_notification(without_owings_note(read_notification(sample(number)))))
    found = set(differing(ours, meaning(sample(number))))
    left = {start for start in LEFT[number] if any(path.startswith(start) for path in found)}
    assert left == set(LEFT[number]), "one of these differs no longer"
    assert {path for path in found if not path.startswith(tuple(left))} == set()


def without_owings_note(supply: SupplyNotification) -> SupplyNotification:
    return replace(
        supply,
        lines=tuple(
            replace(line, reason=None) if line.reason is NonDispensingReason.OWINGS_NOTE else line
            for line in supply.lines
        ),
    )


def meaning(tree: Tree) -> Any:
    """The tree without what a sender is free in."""
    return _meaning(thaw(tree.root), {})


def _meaning(node: Any, names: dict[str, str]) -> Any:
    if isinstance(node, list):
        each = [_meaning(one, names) for one in node]
        return sorted(each, key=_url) if all(isinstance(one, dict) and "url" in one for one in each) else each
    if isinstance(node, Number):
        return node.decimal(place="")
    if isinstance(node, str):
        return _moment(names.get(node, node))
    if not isinstance(node, dict):
        return node
    names = names | _names(node)
    said = {key: _meaning(value, names) for key, value in node.items() if key != "fullUrl"}
    if "resourceType" in said:
        said.pop("id", None)
    if said.get("resourceType") == "MedicationDispense":
        # The examples disagree with one another about it; the status of the item is what is read.
        del said["status"]
    if "code" in said and "system" in said:
        said.pop("display", None)
    if "city" in said:
        said["line"] = [*said.get("line", ()), said.pop("city")]
    return said


def _names(node: dict[str, Any]) -> dict[str, str]:
    """What stands for the names of the resources in a bundle, or contained in a resource."""
    kinds: dict[str, str] = {}
    held = [(one["fullUrl"], one["resource"]) for one in node.get("entry", ()) if "resource" in one]
    held += [(f"#{one['id']}", one) for one in node.get("contained", ())]
    for place, (name, resource) in enumerate(held):
        kinds[name] = f"{resource['resourceType']} {place}"
    return kinds


def _moment(text: str) -> str:
    try:
        at = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return text
    return at.astimezone(UTC).isoformat() if at else text


def _url(extension: Any) -> str:
    return str(extension["url"])


def differing(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """The paths at which two meanings differ."""
    if ours == theirs:
        return
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differing(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for one, other in zip(ours, theirs, strict=True):
            yield from differing(one, other, f"{path}[]")
    else:
        yield f"{path}[]" if isinstance(ours, list) and isinstance(theirs, list) else path
