"""What is owed to whom, by which day, and for which of it the stock is on the shelf."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, Max, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from pestle.pharmacy.dispensary.owing import Allotted, OnShelf, Owed, OwingReason, allot
from pestle.pharmacy.dispensary.workflow import ASSEMBLE, CLOSED, OWINGS
from pestle.web.store import models, stock
from pestle.web.store.knowledge import dictionary


@dataclass(frozen=True, slots=True)
class Back:
    """A prescription under the owings, and the lines of it whose stock is all there."""

    prescription: int
    lines: tuple[int, ...]


def allotted(site_id: int, *, on: date) -> dict[int, Allotted]:
    """For every line of which something is owed, how much stock is kept for it; in the order of promise.

    What was brought back and is still to be picked is kept out of it, so that it is not promised again. A
    fixed number of queries.
    """
    lines = list(
        models.Line.objects.filter(prescription__site=site_id, state="open", owed__gt=0)
        .exclude(prescription__step=CLOSED)
        .annotate(noted=Max("owings"))
    )
    if not lines:
        return {}
    owed = [
        Owed(
            line.pk, line.owed, line.promised_on or date.max, line.noted, frozenset(suitable(line.product_id))
        )
        for line in lines
    ]
    # What was brought back had the earlier promise: it is served first.
    back = [
        Owed(pk, amount, date.min, pk, frozenset(suitable(product))) for pk, product, amount in _back(site_id)
    ]
    products = {product for one in (*back, *owed) for product in one.products}
    standing = set(owed)
    found = allot([*back, *owed], _shelf(site_id, products, on=on))
    return {one.owed.line: one for one in found if one.owed in standing}


def covered(site_id: int, *, on: date) -> list[Back]:
    """Prescriptions under the owings for which the stock of a whole line is there, in order of promise.

    What the patient did not want yet waits for its day; instalments have days of their own.
    """
    there = [pk for pk, one in allotted(site_id, on=on).items() if one.whole]
    lines = models.Line.objects.filter(
        pk__in=there, prescription__step=OWINGS, prescription__site=site_id, owed__gt=0
    )
    said = last_said(lines)
    found: dict[int, list[int]] = {}
    of = dict(lines.values_list("pk", "prescription_id"))
    for pk in there:
        if pk in of and not _wished_for_later(said[pk], on=on):
            found.setdefault(of[pk], []).append(pk)
    return [Back(prescription, tuple(pks)) for prescription, pks in found.items()]


def in_instalments(said: models.Owing) -> bool:
    """Whether it is not owed but collected in instalments."""
    return any(one["reason"] == OwingReason.INSTALMENT.value for one in said.reasons)


def _wished_for_later(said: models.Owing, *, on: date) -> bool:
    if in_instalments(said):
        return True
    reasons = {one["reason"] for one in said.reasons}
    return reasons == {OwingReason.PATIENT.value} and said.promised_on is not None and on < said.promised_on


def suitable(product_id: str) -> list[str]:
    """The products that may be supplied for one, itself included."""
    return [product_id, *(brand.id for brand in dictionary().brands(product_id))]


def last_said(lines: Iterable[models.Line]) -> dict[int, models.Owing]:
    """What was last said of each line that is owed; one query."""
    rows = models.Owing.objects.filter(line__in=[line.pk for line in lines]).select_related("by")
    return {row.line_id: row for row in rows.order_by("pk")}


def _shelf(site_id: int, products: set[str], *, on: date) -> list[OnShelf]:
    return [
        OnShelf(held.batch.product_id, held.shelf, held.expiry.last_usable_day)
        for held in stock.held(site_id, on=on, product_ids=products)
        if held.shelf and held.state not in ("recalled", "expired")
    ]


def _back(site_id: int) -> list[tuple[int, str, int]]:
    """Lines that were owed, were brought back, and are still to be picked: id, product, how much."""
    picked = Coalesce(Sum("picks__amount", filter=Q(picks__undoes=None, picks__undone_by=None)), 0)
    rows = models.Line.objects.filter(
        Exists(models.Owing.objects.filter(line=OuterRef("pk"))),
        prescription__site=site_id, prescription__step=ASSEMBLE, state="open",
    ).annotate(left=F("wanted") - F("owed") - picked)  # fmt: skip
    return [row for row in rows.values_list("pk", "product_id", "left") if row[2] > 0]
