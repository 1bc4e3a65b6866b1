"""What does the page show of a prescription that was typed in: by whom, its paper, an emergency's rest?"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from pestle.pharmacy.dispensary.emergency_supply import prescription_due
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.web.actions.typing_in import MAY_TYPE_IN
from pestle.web.store import models, scans


def scan_shown(message: models.Message) -> dict[str, Any]:
    """A scan as it stands beside its prescription; what is no image is opened by its link."""
    href = reverse("scan-file", kwargs={"scan_id": message.pk})
    return {"id": message.pk, "href": href, "image": not message.name.endswith(".pdf")}


def typed_in_shown(row: models.Prescription, signed: Prescription, person: Person) -> dict[str, Any]:
    """What the templates are given; of a message only its kind."""
    kind = kind_of(signed)
    if kind.told_to_service:
        return {"kind": kind, "typed_in": None}
    handed = [one.at for one in row.hand_outs.all()]
    late = models.LatePrescription.objects.filter(prescription=row).first()
    return {
        "kind": kind,
        "typed_in": models.TypedIn.objects.select_related("by").get(prescription=row),
        "papers": [scan_shown(one) for one in scans.of(row)],
        "emergency": models.EmergencyDecision.objects.select_related("by").filter(prescription=row).first(),
        "late": late,
        "prescription_due": prescription_due(kind, supplied_at=handed[0]) if handed and not late else None,
        "accept": scans.ACCEPT,
        "may_type_in": person.has(*MAY_TYPE_IN),
    }
