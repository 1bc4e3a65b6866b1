"""Serious shortage protocols and the lines of a prescription: what is offered, proposed, decided, and still
lawful."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.dispensary.entry import counted_in
from pestle.pharmacy.dispensary.shortage_protocol import (
    ShortageProtocol,
    Substitution,
    allowed,
    in_force,
    not_in_force,
)
from pestle.pharmacy.dosage.dose import Dosage, DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.store import models, prescriptions
from pestle.web.store.knowledge import dictionary, shortage_protocols


@dataclass(frozen=True, slots=True)
class OfLine:
    """A line that a protocol is about: what it allows instead today, and the step that stands (None:
    none)."""

    line: models.Line
    offers: tuple[Substitution, ...]
    last: models.ShortageStep | None


def of(lines: Sequence[models.Line], *, on: date) -> list[OfLine]:
    """The open lines for which a protocol is in force, or of which something else was proposed or decided;
    one query, and none where no protocol is taken in."""
    if not shortage_protocols() and not any(line.protocol for line in lines):
        return []
    steps = last_steps(lines)
    found = [
        OfLine(line, () if line.protocol else _offers(line, on=on), steps.get(line.pk))
        for line in lines
        if line.state == "open"
    ]
    return [one for one in found if one.offers or one.line.protocol]


def last_steps(lines: Iterable[models.Line]) -> dict[int, models.ShortageStep]:
    """The step that stands of each line, by its id; nothing of those that were undone."""
    rows = models.ShortageStep.objects.filter(line__in=list(lines)).select_related("by").order_by("pk")
    last = {row.line_id: row for row in rows}
    return {pk: row for pk, row in last.items() if row.step != "undone"}


def protocol(number: str) -> ShortageProtocol | None:
    """The protocol of that number, as it is taken in here."""
    return next((one for one in shortage_protocols() if one.number == number), None)


def over(line: models.Line, *, on: date) -> Refusal | None:
    """Why what is supplied under a protocol may not leave on a day; None when it may."""
    if not line.protocol:
        return None
    found = protocol(line.protocol)
    if found is None:
        return Refusal("shortage.unknown", f"There is no protocol {line.protocol} here", "protocol")
    return None if found.in_force(on=on) else not_in_force(found)


def unit(line: models.Line) -> Unit:
    """In what the product of a line is counted, with the code that messages give it."""
    product = dictionary().product(line.product_id)
    if product is not None and product.base_unit is not None:
        return product.base_unit.unit
    base = counted_in(product, dictionary().packs(line.product_id)) if product else None
    return base.unit if base else Unit(line.unit)


def dosage(line: models.Line) -> Dosage | None:
    """How the product that is supplied is taken, read from the label."""
    return read(line.directions).dosage or Dosage((DosageStep(text=line.directions),))


def quantity(line: models.Line) -> Quantity:
    """How much of the product is supplied."""
    return prescriptions.quantity(line.wanted or 0, prescriptions.base(line))


def _offers(line: models.Line, *, on: date) -> tuple[Substitution, ...]:
    prescribed = dictionary().product(line.product_id)
    if prescribed is None or line.wanted is None:
        return ()
    found = []
    for one in in_force(shortage_protocols(), prescribed, dictionary=dictionary(), on=on):
        for instead in one.instead:
            product: Product | None = dictionary().product(instead.product)
            if product is None:
                continue
            try:
                found.append(
                    allowed(
                        prescribed, line.wanted, number=one.number, product=product,
                        protocols=shortage_protocols(), dictionary=dictionary(), on=on,
                    )
                )  # fmt: skip
            except Refused:
                continue
    return tuple(found)
