"""Requests of a practice: what was asked for, beside what was issued last; counted, listed, moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min, Q, QuerySet

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.elsewhere import same_use
from pestle.pharmacy.practice.repeats import Supply
from pestle.pharmacy.practice.request import ASKED, CLINICAL, PREPARED, REQUESTS, WAITING
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.lasts import days_of
from pestle.pharmacy.record.medication import MedicationOrder
from pestle.pharmacy.worklist.workflow import Done, Task, Transition
from pestle.web.store import issued, medicines_list, models
from pestle.web.store import record as records
from pestle.web.store.traffic_lights import Told, of_lines

PAGE = 50
OPEN = (WAITING, CLINICAL, ASKED, PREPARED)
# Longer than any window in which orders are judged.
_LOOK_BACK = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines are to be prepared, are for somebody clinical, wait for an answer, are to be signed."""

    waiting: int
    clinical: int
    asked: int
    prepared: int


def counts(site_id: int) -> Counts:
    """The counts of a site, in one query."""
    rows = models.RequestLine.objects.filter(site=site_id, state__in=OPEN)
    found = dict(rows.values_list("state").annotate(number=Count("pk")))
    return Counts(*(found.get(state, 0) for state in OPEN))


def listed(site_id: int, *, states: Iterable[str] = OPEN) -> QuerySet[models.RequestLine]:
    """The lines in these states, oldest first, with everything that a row of them shows."""
    rows = models.RequestLine.objects.filter(site=site_id, state__in=tuple(states))
    return rows.select_related("request", "patient__site", "listed__order", "query").order_by("at", "pk")


def people(site_id: int) -> QuerySet[models.Patient]:
    """The patients of whom something is asked, the longest waiting first, each with how many lines wait for
    what."""
    asked = Q(requests__lines__state__in=OPEN)
    found = models.Patient.objects.filter(asked, site=site_id)
    return found.annotate(
        since=Min("requests__lines__at", filter=asked),
        latest=Max("requests__lines__at", filter=asked),
        **{
            f"number_{state}": Count("requests__lines", filter=Q(requests__lines__state=state))
            for state in OPEN
        },
    ).order_by("since", "pk")


def next_waiting(site_id: int, *, states: Sequence[str], of: int) -> models.Patient | None:
    """The patient whose lines wait in one of these states: `of` itself while something of theirs does, else
    the one who waits longest in the first state in which anybody does."""
    rows = models.RequestLine.objects.filter(site=site_id).select_related("patient").order_by("at", "pk")
    found = rows.filter(patient=of, state__in=states).first()
    for state in states:
        found = found or rows.filter(state=state).first()
    return found.patient if found else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a query about a line: the words, and who said so."""

    words: str
    name: str


def answers(lines: Iterable[models.RequestLine]) -> dict[int, Answer]:
    """The newest answer to the query of each of these lines, by the query's id, where one came; one query, or
    none where nothing was asked."""
    ids = [one.query_id for one in lines if one.query_id]
    if not ids:
        return {}
    rows = models.QueryEvent.objects.filter(query__in=ids, verb="answer").order_by("pk")
    return {row.query_id: Answer(row.words, row.name) for row in rows}


def locked(ids: Iterable[int], *, site_id: int) -> list[models.RequestLine]:
    """These lines of the site, locked for this transaction in their order."""
    rows = models.RequestLine.objects.select_for_update(of=("self",)).filter(site=site_id, pk__in=list(ids))
    return list(rows.select_related("patient__site", "listed__order", "request").order_by("pk"))


def lock_listed(rows: Iterable[models.RequestLine]) -> None:
    """Locks the lines of the list that these are about, and their patients before them, as everybody does who
    changes a list; each row has its line as it is then. Two queries."""
    asked = [row for row in rows if row.listed_id is not None]
    patients = models.Patient.objects.select_for_update(of=("self",))
    list(patients.filter(pk__in=[row.patient_id for row in asked]).order_by("pk").values_list("pk"))
    found = models.ListedMedicine.objects.select_for_update(of=("self",)).select_related("order")
    listed = {one.pk: one for one in found.filter(pk__in=[row.listed_id for row in asked]).order_by("pk")}
    for row in asked:
        row.listed = listed[row.listed_id or 0]


def task(row: models.RequestLine) -> Task:
    """The line as its workflow sees it."""
    last = row.events.select_related("by").order_by("pk").last()
    done = (Done(last.verb, last.by_id, last.by.full_name, last.at),) if last else ()
    return Task(row.state, row.version, done)


def lights(rows: Iterable[models.RequestLine]) -> dict[int, Told]:
    """What the local list says of the lines of the list that these are about, by the ids of those."""
    listed = {row.listed_id: (row.site_id, row.listed) for row in rows if row.listed is not None}
    sites = {site for site, _ in listed.values()}
    lines = [medicines_list.value(one) for _, one in listed.values()]
    return of_lines(sites.pop(), lines) if sites else {}


def transitions(verb: str) -> list[Transition]:
    """The ways of a verb."""
    return [one for one in REQUESTS.transitions if one.verb == verb]


def move(row: models.RequestLine, to: Transition, *, by: Person, at: datetime, words: str) -> None:
    """Moves a line on, with the event that says so."""
    models.RequestEvent.objects.create(line=row, verb=to.verb, words=words.strip()[:500], by_id=by.id, at=at)
    row.state, row.version, row.reason = to.to, row.version + 1, words.strip()[:500]
    row.save()


def quantity(row: models.RequestLine, order: MedicationOrder) -> Quantity | None:
    """How much is issued for a line: what was prepared, else what its order says."""
    listed = order.request.quantity
    return listed if listed is None or not row.quantity else Quantity(Decimal(row.quantity), listed.unit)


def days(row: models.RequestLine) -> int | None:
    """For how many days that is; None where it cannot be told."""
    assert row.listed is not None
    if row.days is not None:
        return row.days
    found = days_of(records.value(row.listed.order))
    return None if found is None else int(found)


def supplies(listed_ids: Iterable[int], *, on: date) -> dict[int, list[Supply]]:
    """The issues of these lines, oldest first, each with whether it was made under an order of another
    product or dose than the newest; one query, or two where any was made under an earlier order."""
    found = issued.counted().filter(listed__in=list(listed_ids), on__gte=on - _LOOK_BACK)
    fields = ("listed", "on", "days", "quantity", "unit", "order", "listed__order")
    rows = list(found.order_by("on", "pk").values(*fields))
    otherwise = _otherwise({(row["order"], row["listed__order"]) for row in rows})
    several: dict[int, list[Supply]] = defaultdict(list)
    for row in rows:
        days = None if row["days"] is None else Decimal(row["days"])
        quantity = Decimal(row["quantity"]) if row["quantity"] else None
        changed = (row["order"], row["listed__order"]) in otherwise
        several[row["listed"]].append(Supply(row["on"], days, quantity, row["unit"], changed))
    return dict(several)


def _otherwise(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those pairs of orders of which the first has another product or dose than the second."""
    unlike = {(one, newest) for one, newest in pairs if one != newest}
    if not unlike:
        return set()
    orders = models.OrderFact.objects.in_bulk({order for pair in unlike for order in pair})
    values = {pk: records.value(row) for pk, row in orders.items()}
    return {(one, newest) for one, newest in unlike if not same_use(values[one], values[newest])}
