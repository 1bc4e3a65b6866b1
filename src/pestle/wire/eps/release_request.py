"""How does a dispenser ask for prescriptions: for all that nominate the pharmacy, or for one by its number?

A request is `Parameters`: who owns what is released, who asks, and, for one prescription, its number. What
the service answers is a release response (`release.py`), or an OperationOutcome that says why not.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30): the example of a nominated
bulk release, and that ``group-identifier`` names one prescription.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.wire.eps.people import named_once, read_performer, write_performer, write_pharmacy
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.people import read_organisation
from pestle.wire.fhir.systems import ORDER_NUMBER
from pestle.wire.fhir.tree import Tree, tree

OWNER, STATUS, AGENT, NUMBER = "owner", "status", "agent", "group-identifier"
PARTS = frozenset({OWNER, STATUS, AGENT, NUMBER})
_ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """What is asked for: one prescription by its number, or, without one, everything that nominates the
    pharmacy. `performer` is who asks."""

    message_id: str
    pharmacy: Organisation
    performer: Practitioner
    prescription_number: str | None = None


def read_release_request(sent: Tree) -> ReleaseRequest:
    """What is asked for. Raises `Refused`: ``fhir.missing`` for a part that is not there,
    ``eps.check-character``."""
    parameters = root(sent)
    parts = {part.need_text("name"): part for part in parameters.each("parameter")}
    number = parts.get(NUMBER)
    named = number.need("valueIdentifier") if number else None
    return ReleaseRequest(
        message_id=parameters.need_text("id"),
        pharmacy=read_organisation(_resource(parameters, parts, OWNER)),
        performer=named_once(read_performer(_resource(parameters, parts, AGENT))),
        prescription_number=prescription_number(named.need_text("value"), place=named.at("value"))
        if named
        else None,
    )


def write_release_request(asked: ReleaseRequest) -> Tree:
    """The message of a request, which `read_release_request` reads back as the same value."""
    agent = write_performer(asked.performer, id="agent", pharmacy="#organization")
    del agent["organization"]  # the owner is the pharmacy
    parts: list[dict[str, Any]] = [
        {"name": OWNER, "resource": write_pharmacy(asked.pharmacy, authority=None) | {"id": "organization"}},
        {"name": STATUS, "valueCode": _ACCEPTED},
        {"name": AGENT, "resource": agent},
    ]
    if asked.prescription_number:
        identifier = {"system": ORDER_NUMBER, "value": asked.prescription_number}
        parts.append({"name": NUMBER, "valueIdentifier": identifier})
    return tree({"resourceType": "Parameters", "id": asked.message_id, "parameter": parts})


def _resource(parameters: Element, parts: dict[str, Element], name: str) -> Element:
    if name not in parts:
        raise missing(parameters.at(f"parameter:{name}"))
    return parts[name].need("resource")
