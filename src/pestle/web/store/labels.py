"""Labels as values, made from the line they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    size = pack_sizes(line.prescription.site_id, [line.product_id])[line.product_id]
    if size is None or size.unit != supplied.unit:
        return (supplied,)
    return containers_of(supplied, pack=size)


def pack_sizes(site_id: int, product_ids: Iterable[str]) -> dict[str, Quantity | None]:
    """For each product how much is in the pack of it that the shelf holds most of, else in the largest known;
    None where none is known. One query."""
    may = {one: [one, *(brand.id for brand in dictionary().brands(one))] for one in product_ids}
    held = models.Balance.objects.filter(
        batch__site=site_id,
        batch__product_id__in={each for ids in may.values() for each in ids},
        account__kind__in=("shelf", "fridge", "robot"),
        amount__gt=0,
    )
    most: dict[str, tuple[int, str]] = {}
    rows = held.order_by("amount").values_list("batch__product_id", "batch__pack_id", "amount")
    for product_id, pack_id, amount in rows:
        most[product_id] = (amount, pack_id)
    sizes: dict[str, Quantity | None] = {}
    for one, ids in may.items():
        there = max((most[each] for each in ids if each in most), default=None)
        packs = [dictionary().pack(there[1])] if there else list(dictionary().packs(one))
        known = [pack for pack in packs if pack is not None]
        largest = max(known, key=lambda pack: pack.quantity, default=None)
        sizes[one] = Quantity(largest.quantity, largest.unit) if largest else None
    return sizes


def _cautions(product: Product) -> tuple[Caution, ...] | None:
    if product.cautionary_labels is None:
        return None
    return cautions(product.cautionary_labels, wordings=label_wordings())


def current(lines: Sequence[models.Line]) -> list[models.Label]:
    """The labels that stand, in line order; lines as loaded by `prescriptions.lines`."""
    return [stored for line in lines for stored in line.current]  # type: ignore[attr-defined]
