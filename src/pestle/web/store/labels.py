"""Labels as values, made from the line they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind, kind_of
from pestle.pharmacy.documents.cautions import Caution, cautions
from pestle.pharmacy.documents.label import DispensingLabel, LabelText, containers_of
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.refusal import refuse
from pestle.web.store import models, patients, prescriptions
from pestle.web.store.knowledge import dictionary, label_wordings


def text(row: models.Prescription, line: models.Line, *, supplied_on: date) -> LabelText:
    """What every label of the line says."""
    product = dictionary().product(line.product_id)
    if product is None:
        raise refuse("label.no-medicine-name", "The line has no product", place=line.medication_text)
    return LabelText(
        patient=patients.value(row.patient).name,
        medicine=line.product_name,
        directions=line.directions,
        directions_verbatim=line.verbatim,
        pharmacy_name=row.site.name,
        pharmacy_address=tuple(row.site.address),
        pharmacy_telephone=row.site.telephone,
        supplied_on=supplied_on,
        reference=f"{row.pk}/{line.place}",
        cautions=_cautions(product),
        controlled=product.controlled,
        emergency=kind_of(prescriptions.signed(row)) is PrescriptionKind.EMERGENCY_PATIENT,
    )


def label(row: models.Prescription, line: models.Line, stored: models.Label) -> DispensingLabel:
    """A stored label as the document it prints."""
    return DispensingLabel(
        id=stored.code,
        text=text(row, line, supplied_on=stored.supplied_on),
        quantity=prescriptions.quantity(stored.amount, prescriptions.base(line)),
        number=stored.n,
        of=stored.of,
    )


def containers(line: models.Line, amount: int) -> tuple[Quantity, ...]:
    """How an amount of a line is divided over containers: by the pack the shelf holds most of, else the
    largest known."""
    base = prescriptions.base(line)
    supplied = prescriptions.quantity(amount, base)
    size = _pack_size(line)
    if size is None or size.unit != supplied.unit:
        return (supplied,)
    return containers_of(supplied, pack=size)


def _pack_size(line: models.Line) -> Quantity | None:
    balance = (
        models.Balance.objects.filter(
            batch__site=line.prescription.site_id,
            batch__product_id__in=_may_supply_ids(line.product_id),
            account__kind__in=("shelf", "fridge", "robot"),
            amount__gt=0,
        )
        .select_related("batch")
        .order_by("-amount")
        .first()
    )
    packs = [dictionary().pack(balance.batch.pack_id)] if balance else []
    packs = packs or list(dictionary().packs(line.product_id))
    known = [pack for pack in packs if pack is not None]
    if not known:
        return None
    largest = max(known, key=lambda pack: pack.quantity)
    return Quantity(largest.quantity, largest.unit)


def _may_supply_ids(product_id: str) -> list[str]:
    return [product_id, *(brand.id for brand in dictionary().brands(product_id))]


def _cautions(product: Product) -> tuple[Caution, ...] | None:
    if product.cautionary_labels is None:
        return None
    return cautions(product.cautionary_labels, wordings=label_wordings())


def current(lines: Sequence[models.Line]) -> list[models.Label]:
    """The labels that stand, in line order; lines as loaded by `prescriptions.lines`."""
    return [stored for line in lines for stored in line.current]  # type: ignore[attr-defined]
