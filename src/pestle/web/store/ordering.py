"""How the repeats of a practice are ordered, and what came of what was signed: worked out for each line, and
listed a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Q, QuerySet

from pestle import definitions
from pestle.pharmacy.practice.collected import NOT_COLLECTED, NOT_FINAL
from pestle.pharmacy.practice.medicines_list import REPEATS, ListStatus
from pestle.pharmacy.practice.ordering_policy import OrderingPolicy, read_ordering
from pestle.pharmacy.practice.out_of_step import Found, OutOfStep
from pestle.pharmacy.practice.repeats import Supply, Surplus, Use, lasts_until, pattern, surplus
from pestle.pharmacy.practice.waste import PackPrice, Worth, of_packs, worth
from pestle.pharmacy.quantity import plain
from pestle.web.store import models, requests, tariffs
from pestle.web.store.knowledge import dictionary

PAGE = 50
_LAST = ("lasts_until", "last_days", "last_quantity", "last_unit")
_FIELDS = ("use", "per_100_days", "last_until", *_LAST)


@cache
def policy() -> OrderingPolicy:
    """The practice's times."""
    return read_ordering(definitions.folder("ordering") / "repeats.yaml")


def settle(listed: Iterable[models.ListedMedicine], *, on: date) -> None:
    """Writes how these lines are ordered, after an issue of theirs came or went or their order changed; three
    queries at most. Who calls it has locked the lines, so that no issue comes unseen meanwhile."""
    rows = list(listed)
    issues = requests.supplies([row.pk for row in rows], on=on)
    changed = []
    for row in rows:
        values = _values(issues.get(row.pk, []))
        if _held(row) != values:
            for field, value in values.items():
                setattr(row, field, value)
            changed.append(row)
    models.ListedMedicine.objects.bulk_update(changed, _FIELDS)


def project(patient: models.Patient, *, on: date) -> None:
    """Writes how the lines of a patient are ordered; within a transaction, which locks them."""
    rows = models.ListedMedicine.objects.select_for_update().filter(patient=patient)
    settle(rows.order_by("pk"), on=on)


def differences(site: models.Site, *, on: date) -> Iterator[tuple[int, str]]:
    """The patients of whom a line says otherwise how it is ordered than its issues do; nothing is written."""
    for patient in models.Patient.objects.filter(site=site).order_by("pk").iterator(500):
        rows = list(models.ListedMedicine.objects.filter(patient=patient))
        issues = requests.supplies([row.pk for row in rows], on=on)
        if any(_held(row) != _values(issues.get(row.pk, [])) for row in rows):
            yield patient.pk, "differs in how a line is ordered"


def _held(row: models.ListedMedicine) -> dict[str, Any]:
    return {field: getattr(row, field) for field in _FIELDS}


def _values(issues: Sequence[Supply]) -> dict[str, Any]:
    found = pattern(issues)
    last = issues[-1] if issues else None
    return {
        "use": found.use.value,
        "per_100_days": None if found.rate is None else int(found.rate * 100),
        "lasts_until": found.until,
        "last_until": lasts_until(last) if last else None,
        "last_days": None if last is None or last.days is None else int(last.days),
        "last_quantity": plain(last.quantity).replace(",", "") if last and last.quantity is not None else "",
        "last_unit": last.unit if last else "",
    }


@dataclass(frozen=True, slots=True)
class Over:
    """A line of which too much is in hand today, and what that is worth (None: no price is known)."""

    listed_id: int
    surplus: Surplus
    unit: str
    worth: Worth | None


def over(site_id: int, *, on: date) -> list[Over]:
    """Every line of a site of which too much is in hand, what is worth most first; three queries."""
    rows = _current(site_id).filter(use=Use.OVER.value, lasts_until__gt=on).order_by("lasts_until", "pk")
    lines = list(rows.values_list("pk", "product_id", *_LAST))
    prices = _Prices(site_id, (line[1] for line in lines), on=on)
    found = []
    for pk, product, *said, unit in lines:
        until, days, quantity = said
        last = Supply(on, Decimal(days) if days else None, Decimal(quantity) if quantity else None, unit)
        spare = surplus(until, last, on=on)
        if spare is not None:
            found.append(Over(pk, spare, unit, prices.worth(product, spare.units, unit)))
    return sorted(found, key=lambda one: (one.worth is None, -(one.worth.pence if one.worth else 0)))


def under(site_id: int, *, on: date) -> QuerySet[models.ListedMedicine]:
    """The lines that are ordered for fewer days than go by, the fewest first."""
    found = _current(site_id).filter(
        use=Use.UNDER.value, last_issued__gte=policy().not_ordered_after.before(on)
    )
    return found.order_by("per_100_days", "pk")


def not_ordered(site_id: int, *, on: date) -> QuerySet[models.ListedMedicine]:
    """The lines of which nothing was issued for long and nothing is left, the longest first; an issue may
    be of a whole batch."""
    found = _current(site_id).filter(last_issued__lt=policy().not_ordered_after.before(on))
    found = found.filter(Q(last_until=None) | Q(last_until__lte=on))
    return found.order_by("last_issued", "pk")


def never_issued(site_id: int) -> int:
    """Of how many lines no issue is on record: since when they are not ordered is not known."""
    return _current(site_id).filter(last_issued=None).count()


def items(site_id: int, way: OutOfStep, *, on: date) -> QuerySet[models.ItemStanding]:
    """The signed items that were not collected, or are not known to be; those signed first on top."""
    found = models.ItemStanding.objects.filter(
        site=site_id, signed_on__gte=policy().looked_back.before(on)
    ).order_by("signed_on", "pk")
    if way is OutOfStep.NOT_COLLECTED:
        return found.filter(told__in=[one.value for one in NOT_COLLECTED])
    return found.filter(
        told__in=[one.value for one in NOT_FINAL], signed_on__lt=policy().not_heard_after.before(on)
    )


def tasks(site_id: int, found: Iterable[Found]) -> dict[str, models.PatientTaskStanding]:
    """The newest task that each of these has brought, by its origin; one query."""
    several = list(found)
    rows = models.PatientTaskStanding.objects.filter(
        site=site_id, patient__in={one.patient_id for one in several},
        origin__in=[one.origin for one in several],
    )  # fmt: skip
    return {row.origin: row for row in rows.order_by("task_id")}


def _current(site_id: int) -> QuerySet[models.ListedMedicine]:
    """The repeats that the living are on."""
    return models.ListedMedicine.objects.filter(
        site=site_id,
        status=ListStatus.ACTIVE.value,
        course__in=[one.value for one in REPEATS],
        patient__died=None,
    )


class _Prices:
    """The prices of products: those of the site's tariff, else of the dictionary; each looked up once."""

    def __init__(self, site_id: int, product_ids: Iterable[str], *, on: date) -> None:
        self._products = {one: dictionary().product(one) for one in set(product_ids) if one}
        self._generics = {
            one: dictionary().generic(product) for one, product in self._products.items() if product
        }
        tariff = tariffs.newest(site_id, on=on)
        ids = {generic.id for generic in self._generics.values() if generic}
        self._tariff = tariffs.prices(tariff, ids) if tariff else {}
        self._found: dict[str, list[PackPrice]] = {}

    def worth(self, product_id: str, units: Decimal, unit: str) -> Worth | None:
        product = self._products.get(product_id)
        if product is None:
            return None
        if product_id not in self._found:
            self._found[product_id] = self._of(product_id)
        return worth(units, unit, product.base_unit, self._found[product_id])

    def _of(self, product_id: str) -> list[PackPrice]:
        generic = self._generics[product_id]
        if generic is not None and generic.id in self._tariff:
            return self._tariff[generic.id]
        ids = dict.fromkeys([product_id, *([generic.id] if generic else [])])
        return of_packs(pack for one in ids for pack in dictionary().packs(one))
