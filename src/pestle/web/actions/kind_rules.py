"""What does the kind of a prescription ask of its lines, beside what every line is asked? The same at the
entry, at the clinical check and at the hand-out."""

from __future__ import annotations

from collections.abc import Iterator

from pestle.pharmacy.dispensary.emergency_supply import Asked, Limit, emergency_refusals, limit_of
from pestle.pharmacy.dispensary.prescription_kind import kind_of, kind_refusals
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.record.medication import MedicationRequest, Prescription
from pestle.pharmacy.refusal import Refusal
from pestle.web.store import models, stock
from pestle.web.store.knowledge import dictionary


def line_refusals(
    signed: Prescription, request: MedicationRequest, product: Product | None, *, site_id: int
) -> Iterator[Refusal]:
    """Why a line may not be supplied on a prescription of this kind: what `kind_refusals` and
    `emergency_refusals` name. A line without a product is for a pharmacist to refuse."""
    kind = kind_of(signed)
    if product is None or kind.told_to_service:
        return
    yield from kind_refusals(signed, request, controlled=product.controlled)
    if kind.emergency:
        smallest = limit_of(product) is Limit.SMALLEST_PACK
        packs = dictionary().packs(product.id) if smallest else ()
        # What stands here counts; where nothing does, what the dictionary lists.
        held = [pack for pack in packs if stock.lots(site_id, pack_id=pack.id)] or packs
        yield from emergency_refusals(Asked(kind, request, product, tuple(pack.quantity for pack in held)))


def decision_missing(row: models.Prescription, signed: Prescription) -> Refusal | None:
    """Why an emergency supply waits: no pharmacist has said that its conditions are met
    (``emergency.not-decided``)."""
    if not kind_of(signed).emergency or models.EmergencyDecision.objects.filter(prescription=row).exists():
        return None
    reason = "No pharmacist has spoken with who asks for this emergency supply"
    way_out = "A pharmacist speaks with them, and puts it on record here."
    return Refusal("emergency.not-decided", reason, "emergency", way_out)
