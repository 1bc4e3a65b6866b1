"""What is under way or was handed out here, as facts of a record; and what the dictionary says of a
medicine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.lasts import reckoned
from pestle.pharmacy.record.medication import (
    Medication,
    MedicationOrder,
    MedicationRequest,
    MedicationSupply,
    Prescription,
)
from pestle.pharmacy.record.medication import matched as match
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.web.store import models, prescriptions
from pestle.web.store.knowledge import dictionary


def matched(written: Coded, product: Product | None = None) -> Medication:
    """The medicine, with what the dictionary knows of it: of `product`, or of the code that was written."""
    return match(written, dictionary(), product)


def lines_of(ids: Sequence[int], *, since: datetime, known_at: datetime | None) -> QuerySet[models.Line]:
    """The lines that are under way here or were handed out here; or that were so then."""
    under_way = Q(state="open") & ~Q(prescription__step="closed")
    handed_out = Exists(models.Supply.objects.filter(pick__line=OuterRef("pk"), hand_out__at__gte=since))
    lines = models.Line.objects.filter(under_way | handed_out, prescription__patient__in=ids)
    if known_at is not None:
        lines = lines.filter(prescription__received_at__lte=known_at)
    lines = lines.select_related("prescription__order").prefetch_related(prescriptions.GONE)
    return lines.order_by("prescription__received_at", "place", "pk")


def here(
    lines: Iterable[models.Line], *, zone: ZoneInfo, known_at: datetime | None
) -> tuple[list[MedicationOrder], list[MedicationSupply]]:
    """What is under way here, and what was handed out here."""
    orders: list[MedicationOrder] = []
    supplies: list[MedicationSupply] = []
    for line in lines:
        signed = prescriptions.signed(line.prescription)
        request = prescriptions.request(signed, line)
        product = dictionary().product(line.product_id) if line.product_id else None
        given = [one for one in prescriptions.given(line) if known_at is None or one.hand_out.at <= known_at]
        supplies += [_supply(line, request, product, one, zone=zone) for one in given]
        if line.state == "open" or len(given) < len(prescriptions.given(line)):
            orders.append(_order(line, signed, request, product, zone=zone))
    return orders, supplies


def _supply(
    line: models.Line,
    signed: MedicationRequest,
    product: Product | None,
    given: prescriptions.Given,
    *,
    zone: ZoneInfo,
) -> MedicationSupply:
    at = given.hand_out.at
    request = prescriptions.part(signed, line, given.amount)
    whole = given.amount == line.wanted
    return MedicationSupply(
        id=f"line:{line.pk}" if whole else f"line:{line.pk}/{given.hand_out.pk}",
        medication=matched(Coded(line.product_name, SNOMED, line.product_id or None), product),
        provenance=Provenance(
            SourceKind.PERSON, "supplied here", at, happened_at=at, reference=_reference(line)
        ),
        on=at.astimezone(zone).date(),
        quantity=request.quantity,
        days_supply=reckoned(request, product),
        order=request.id,
    )


def _order(
    line: models.Line,
    signed: Prescription,
    request: MedicationRequest,
    product: Product | None,
    *,
    zone: ZoneInfo,
) -> MedicationOrder:
    signed_on = signed.signed_at.astimezone(zone).date() if signed.signed_at else None
    starts_on = signed.starts_on or signed_on
    return MedicationOrder(
        request=request,
        medication=matched(request.medication, product),
        provenance=Provenance(
            SourceKind.MESSAGE,
            signed.prescriber.name,
            line.prescription.received_at,
            happened_at=signed.signed_at,
            reference=_reference(line),
        ),
        starts=whole(starts_on) if starts_on else None,
        ends=whole(signed.ends_on) if signed.ends_on else None,
    )


def _reference(line: models.Line) -> str:
    return f"prescription:{line.prescription_id}"
