"""The prescription-only-medicines register: what was supplied privately or in an emergency, as a view of the
hand-outs. An entry stands from the moment of the supply.

Human Medicines Regulations 2012, regulation 253 and Schedule 23, as made: the date; name, form, strength and
quantity; of a prescription its date and who gave it; the patient's name and address; of an emergency its
nature, or the day on which the prescription came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.emergency_supply import prescription_due
from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind, kind_of
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.record.medication import Practitioner
from pestle.pharmacy.record.patient import Address
from pestle.web.store import models, patients, prescriptions


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of one supply. `dated` is the date on the prescription, `came_on` when it came after an
    emergency, `due` until when it should have (None: none is due)."""

    prescription_id: int
    number: str
    at: datetime
    kind: PrescriptionKind
    medicine: str
    quantity: str
    patient: str
    patient_address: str
    prescriber: str
    dated: date | None
    reason: str
    came_on: date | None
    due: datetime | None
    by: str


def entries(site: models.Site, *, most: int | None = None) -> Iterator[Entry]:
    """Every entry, the newest supply first; of the `most` newest supplies."""
    found = (
        models.HandOut.objects.filter(prescription__site=site, prescription__typed_in__isnull=False)
        .select_related(
            "by", "prescription__patient", "prescription__order", "prescription__typed_in",
            "prescription__late_prescription",
        )
        .prefetch_related("supplies__pick__line")
        .order_by("-pk")
    )  # fmt: skip
    for hand_out in found[:most]:
        if kind_of(prescriptions.signed(hand_out.prescription)).in_pom_register:
            yield from _of(hand_out, ZoneInfo(site.time_zone))


def _of(hand_out: models.HandOut, zone: ZoneInfo) -> Iterator[Entry]:
    row = hand_out.prescription
    signed = prescriptions.signed(row)
    kind = kind_of(signed)
    late = getattr(row, "late_prescription", None)
    signed_on = signed.signed_at.astimezone(zone).date() if signed.signed_at else None
    who = patients.value(row.patient)
    given: Counter[models.Line] = Counter()
    for supply in hand_out.supplies.all():
        given[supply.pick.line] += supply.pick.amount
    for line, amount in sorted(given.items(), key=lambda one: one[0].place):
        yield Entry(
            prescription_id=row.pk,
            number=row.number,
            at=hand_out.at,
            kind=kind,
            medicine=line.product_name or line.medication_text,
            quantity=amount_words(amount, prescriptions.base(line)),
            patient=str(who.name),
            patient_address=_address(who.address or signed.patient.address),
            prescriber="" if kind is PrescriptionKind.EMERGENCY_PATIENT else _prescriber(signed.prescriber),
            dated=(late.dated if late else None) if kind.emergency else signed_on,
            reason=row.typed_in.reason,
            came_on=late.received_on if late else None,
            due=None if late else prescription_due(kind, supplied_at=hand_out.at),
            by=hand_out.by.full_name,
        )


def _prescriber(who: Practitioner) -> str:
    at = who.address or (who.organisation.address if who.organisation else None)
    return ", ".join(filter(None, (who.name, _address(at))))


def _address(address: Address | None) -> str:
    return ", ".join(filter(None, (*address.lines, address.postcode))) if address else ""
