"""How is one item of a signed prescription taken back?

The ``prescription-order-update`` repeats the prescription with that line alone, marked cancelled and with the
service's reason; who asks for it may be another than who prescribed. It carries no digital signature.

Source: the shape of the ``prescription-order-update`` examples of
NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import replace

from pestle.pharmacy.record.medication import LineStatus, Practitioner, Prescription
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.codes import CancellationReason, coded
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.systems import MESSAGE_EVENT
from pestle.wire.fhir.tree import Tree, thaw, tree


def new_cancellation(
    prescription: Prescription,
    *,
    line_id: str,
    reason: CancellationReason,
    message_id: str,
    asked_by: Practitioner | None = None,
) -> Tree:
    """The message that takes back this line. `message_id` is a UUID; the ids of resources follow from it.

    Raises `Refused`: ``eps.cancel-no-line`` when the prescription has no such line, those of `new_order`.
    """
    line = next((one for one in prescription.lines if one.id == line_id), None)
    if line is None:
        raise refuse("eps.cancel-no-line", "The prescription has no such item", place="item")
    taken_back = replace(line, status=LineStatus.CANCELLED, status_reason=coded(reason))
    asked = replace(
        prescription,
        lines=(taken_back,),
        prescriber=asked_by or prescription.prescriber,
        notes_to_pharmacy=(),
    )
    draft = thaw(new_order(asked, message_id=message_id).root)
    header = draft["entry"][0]["resource"]
    header["eventCoding"] = {
        "system": MESSAGE_EVENT,
        "code": "prescription-order-update",
        "display": "Prescription Order Update",
    }
    return tree(draft)
