"""What a patient was supplied, what is on its way, and one line that answers the telephone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet

from pestle.pharmacy.dispensary.workflow import HAND_OUT, OWINGS
from pestle.pharmacy.record.lasts import reckoned
from pestle.pharmacy.record.spelt_like import spelt_like
from pestle.pharmacy.worklist.query import Asked, Kind
from pestle.web.store import bags, models, prescriptions, queries
from pestle.web.store.bags import BagAt
from pestle.web.store.knowledge import dictionary
from pestle.web.store.patients import folded

MOST = 50


@dataclass(frozen=True, slots=True)
class Supplied:
    """What of one line left with one hand-out, `amount` in base units. `days` is how long it lasts at least,
    None when it cannot be told; `ends_on` the last day it covers; `batches` are (number, expiry)."""

    line: models.Line
    amount: int
    at: datetime
    days: Decimal | None
    ends_on: date | None
    batches: tuple[tuple[str, str], ...]

    def current(self, *, on: date) -> bool | None:
        """Whether it still lasts; None when that cannot be told."""
        return None if self.ends_on is None else on <= self.ends_on


@dataclass(frozen=True, slots=True)
class Open:
    """What is under way for a patient: (step, since when) of each prescription, where something is owed by
    when it is promised; the last hand-out; what is asked of whom since when; by when somebody is to
    call back; when the next issues of repeat dispensing are due; and the bags that are ready."""

    steps: tuple[tuple[str, datetime], ...]
    last_handed_out: datetime | None
    asked: tuple[tuple[Asked, datetime], ...] = ()
    call_backs: tuple[datetime, ...] = ()
    next_issues: tuple[date, ...] = ()
    bags: tuple[BagAt, ...] = ()


def of_patient(row: models.Patient, *, zone: ZoneInfo) -> tuple[list[Supplied], Sequence[models.Line]]:
    """What was supplied, the newest first, and the lines that are on their way; two queries."""
    lines = (
        models.Line.objects.filter(prescription__patient=row, state__in=("supplied", "open"))
        .select_related("prescription__order")
        .prefetch_related(prescriptions.GONE)
        .order_by("-prescription__received_at", "place")
    )
    supplied, coming = [], []
    for line in lines:
        supplied += [_supplied(line, given, zone=zone) for given in prescriptions.given(line)]
        if line.state == "open" and line.prescription.step != "closed":
            coming.append(line)
    return sorted(supplied, key=lambda one: one.at, reverse=True), coming


def search(site_id: int, text: str) -> list[models.Patient]:
    """Patients whose name and NHS number hold every word, by name; the first `MOST`."""
    found = models.Patient.objects.filter(site=site_id)
    asked = folded([text]).split()
    for word in asked:
        found = found.filter(search__contains=word)
    return list(found.order_by("search", "pk")[:MOST]) if asked else []


def meant(site_id: int, text: str) -> tuple[list[models.Patient], bool]:
    """Those that `search` finds, or else those whose names are spelt like it; and whether it is such a guess.

    A guess reads the names of the whole site: one short text each."""
    found = search(site_id, text)
    asked = folded([text]).split()
    if found or not asked:
        return found, False
    of_site = models.Patient.objects.filter(site=site_id)
    names = of_site.values_list("pk", "search").iterator()
    held = of_site.in_bulk(ids := spelt_like(asked, names, most=MOST))
    return [held[pk] for pk in ids], bool(ids)


def recent(site_id: int, *, most: int = 15) -> list[models.Patient]:
    """Patients with the newest prescriptions."""
    latest: QuerySet[models.Patient] = (
        models.Patient.objects.filter(site=site_id, prescriptions__isnull=False)
        .annotate(latest=Max("prescriptions__received_at"))
        .order_by("-latest", "pk")
    )
    return list(latest[:most])


def under_way(rows: Iterable[models.Patient]) -> dict[int, Open]:
    """For each patient what is under way; the number of queries does not depend on how many there are."""
    ids = [row.pk for row in rows]
    steps: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    waiting = models.Prescription.objects.filter(patient__in=ids).exclude(step="closed")
    for patient, step, since, due in waiting.order_by("step_since").values_list(
        "patient_id", "step", "step_since", "due_at"
    ):
        steps[patient].append((step, due if step == OWINGS else since))
    handed_out = dict(
        models.HandOut.objects.filter(prescription__patient__in=ids)
        .order_by()
        .values_list("prescription__patient_id")
        .annotate(last=Max("at"))
    )
    waiting_for = queries.waiting_for(ids)
    issues: dict[int, list[date]] = defaultdict(list)
    repeated = models.Prescription.objects.filter(patient__in=ids, next_issue_on__isnull=False)
    for patient, day in repeated.order_by("next_issue_on").values_list("patient_id", "next_issue_on"):
        assert day is not None
        issues[patient].append(day)
    bagged: dict[int, list[BagAt]] = defaultdict(list)
    ready = [pk for pk in ids if any(step == HAND_OUT for step, _ in steps[pk])]
    for bag in bags.of_patients(ready) if ready else ():
        bagged[bag.bag.patient_id].append(bag)
    return {
        pk: Open(
            tuple(steps[pk]),
            handed_out.get(pk),
            tuple((Asked(one.asked), one.at) for one in waiting_for[pk] if one.kind == Kind.QUERY.value),
            tuple(one.standing.due_at for one in waiting_for[pk] if one.kind == Kind.CALL_BACK.value),
            tuple(issues[pk]),
            tuple(bagged[pk]),
        )
        for pk in ids
    }


def prescriptions_matching(site_id: int, text: str) -> list[models.Prescription]:
    """Open prescriptions in which every word stands, the most urgent first; the first `MOST`."""
    found = models.Prescription.objects.filter(site=site_id).exclude(step="closed")
    asked = folded([text]).split()
    for word in asked:
        found = found.filter(search__contains=word)
    ordered = found.select_related("patient").prefetch_related("lines").order_by("due_at", "pk")
    return list(ordered[:MOST]) if asked else []


def by_number(site_id: int, number: str) -> models.Prescription | None:
    """The prescription with exactly that number, of several issues the last."""
    held = models.Prescription.objects.filter(site=site_id).filter(Q(number__iexact=number))
    return held.order_by("-issue", "-pk").first()


def _supplied(line: models.Line, given: prescriptions.Given, *, zone: ZoneInfo) -> Supplied:
    at = given.hand_out.at
    signed = prescriptions.request(prescriptions.signed(line.prescription), line)
    request = prescriptions.part(signed, line, given.amount)
    product = dictionary().product(line.product_id)
    days = reckoned(request, product)
    ends_on = None if days is None else at.astimezone(zone).date() + timedelta(days=max(int(days) - 1, 0))
    batches = tuple(dict.fromkeys((pick.batch.number, pick.batch.expiry) for pick in given.picks))
    return Supplied(line, given.amount, at, days, ends_on, batches)
