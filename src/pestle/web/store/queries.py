"""Queries and call-backs: loaded as values, locked, listed for an inbox, and which lines wait for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from pestle.pharmacy.dispensary.clinical import undecided_refusal
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist import query as pure
from pestle.pharmacy.worklist.query import ANSWERED, OPEN, Asked, CallBack, Kind
from pestle.pharmacy.worklist.workflow import Done, Task, Transition
from pestle.web.store import models

PAGE = 50
# What an inbox can be asked for: what waits for an answer, what came back to me, what is mine to look after,
# call-backs, what is over.
VIEWS = ("open", "answered", "mine", "call-backs", "closed")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is of each: `answered` have come back to this person, `mine` they look after."""

    open: int
    overdue: int
    answered: int
    mine: int
    call_backs: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the inbox; `total` counts all that match."""

    rows: tuple[models.Query, ...]
    total: int
    page: int
    pages: int


def value(row: models.Query) -> pure.Query:
    """The query as its rules see it; `row` with its standing, events and who did them."""
    done = tuple(Done(event.verb, event.by_id, event.by.full_name, event.at) for event in row.events.all())
    return pure.Query(
        id=row.pk,
        kind=Kind(row.kind),
        asked=Asked(row.asked),
        about=about(row),
        asked_by=(row.by_id, row.by.full_name),
        due_at=row.standing.due_at,
        holds=row.holds,
        task=Task(row.standing.state, row.standing.version, done),
    )


def about(row: models.Query) -> str:
    """What it is about, without the patient's name: a line by its medicine, a prescription, a product."""
    if row.line is not None:
        return f"line {row.line.place}, {row.line.product_name or row.line.medication_text}"
    if row.prescription is not None:
        return f"prescription {row.prescription.number}"
    return row.product_name or "the patient"


def locked(query_id: int, *, site_id: int) -> models.Query:
    """The query, with its standing locked for this transaction. Raises `Refused` (``query.unknown``)."""
    standing = models.QueryStanding.objects.select_for_update().filter(query=query_id, site=site_id).first()
    if standing is None:
        raise refuse("query.unknown", "There is no such query at this site")
    return _loaded(models.Query.objects.all()).get(pk=query_id)


def here(site_id: int, query_id: int) -> models.Query | None:
    """The query of that id at the site, with everything its page shows."""
    return _loaded(models.Query.objects.filter(site=site_id)).filter(pk=query_id).first()


def move(
    row: models.Query, transition: Transition, *, by: Person, at: datetime, **said: object
) -> models.QueryEvent:
    """Writes the event, and takes the standing where it leads."""
    event = models.QueryEvent.objects.create(
        query=row, verb=transition.verb, by_id=by.id, at=at, **{"happened_at": at, **said}
    )
    standing = row.standing
    standing.state = transition.to
    standing.version += 1
    if transition.verb == "answer":
        standing.answered_at = event.happened_at
    elif transition.verb == "ask_again":
        standing.answered_at = None
    if event.due_at is not None:
        standing.owner_id, standing.due_at = event.owner_id, event.due_at
    standing.save()
    return event


def holding(row: models.Prescription, lines: Iterable[models.Line]) -> dict[int, Refusal]:
    """For which query each of these lines waits, by the line's id; one query, or two where some hold."""
    ids = [line.pk for line in lines]
    return holding_of({row.pk: ids}).get(row.pk, {}) if ids else {}


def waits(row: models.Prescription, lines: Iterable[models.Line]) -> dict[int, Refusal]:
    """Why each of these lines may be neither picked nor handed out yet, by its id: a query holds it, or
    nobody has decided it since one did."""
    lines = list(lines)
    undecided = {
        line.pk: undecided_refusal(line.product_name or line.medication_text)
        for line in lines
        if line.undecided
    }
    return undecided | holding(row, lines)


def holding_of(lines: dict[int, list[int]]) -> dict[int, dict[int, Refusal]]:
    """The same for several prescriptions, each with the ids of its lines."""
    held: dict[int, dict[int, Refusal]] = defaultdict(dict)
    for query in _holding(lines):
        found = pure.hold_refusal(value(query))
        if found is None or query.prescription_id is None:
            continue
        for line in [query.line_id] if query.line_id else lines[query.prescription_id]:
            if line in lines[query.prescription_id]:
                held[query.prescription_id].setdefault(line, found)
    return held


def _holding(prescriptions: Iterable[int]) -> QuerySet[models.Query]:
    waiting = models.Query.objects.filter(
        prescription__in=list(prescriptions), holds=True, standing__state__in=(OPEN, ANSWERED)
    )
    return _loaded(waiting).order_by("pk")


def holds_one(outer: str = "pk") -> Exists:
    """Whether a query holds a line of the prescription; to annotate a list of them with."""
    return Exists(
        models.Query.objects.filter(
            prescription=OuterRef(outer), holds=True, standing__state__in=(OPEN, ANSWERED)
        )
    )


def listed(site_id: int, *, view: str, person_id: int, page: int) -> Page:
    """What an inbox shows: the most urgent first, so that what is overdue stands on top; what is over, the
    newest first."""
    found = _in_order(site_id, view=view, person_id=person_id)
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    return Page(tuple(_loaded(found)[(page - 1) * PAGE : page * PAGE]), total, page, pages)


def all_listed(site_id: int, *, view: str, person_id: int) -> Iterator[models.Query]:
    """Everything that an inbox shows on all its pages, some at a time."""
    found = _loaded(_in_order(site_id, view=view, person_id=person_id))
    yield from found.iterator(chunk_size=PAGE)


def counts(site_id: int, *, person_id: int, now: datetime) -> Counts:
    """One query."""
    of_site = models.QueryStanding.objects.filter(site=site_id, state__in=(OPEN, ANSWERED))
    open_, answered = Q(state=OPEN), Q(state=ANSWERED)
    return Counts(
        **of_site.aggregate(
            open=Count("pk", filter=open_),
            overdue=Count("pk", filter=open_ & Q(due_at__lt=now)),
            answered=Count("pk", filter=answered & Q(query__by=person_id)),
            mine=Count("pk", filter=open_ & Q(owner=person_id)),
            call_backs=Count("pk", filter=open_ & Q(query__kind=Kind.CALL_BACK.value)),
        )
    )


def call_backs(site_id: int, *, since: datetime, now: datetime) -> dict[CallBack, int]:
    """What became of the call-backs that were agreed since then; one query."""
    rows = models.QueryStanding.objects.filter(
        site=site_id, query__kind=Kind.CALL_BACK.value, query__at__gte=since
    ).values_list("state", "due_at", "answered_at")
    counted = dict.fromkeys(CallBack, 0)
    for state, due_at, answered_at in rows:
        counted[pure.call_back(state=state, due_at=due_at, answered_at=answered_at, now=now)] += 1
    return counted


def of_prescription(row: models.Prescription) -> list[models.Query]:
    """Every query about it or a line of it, the oldest first."""
    return list(_loaded(row.queries.all()).order_by("pk"))


def of_patient(row: models.Patient) -> list[models.Query]:
    """Every query and call-back about a patient, the oldest first."""
    return list(_loaded(row.queries.all()).order_by("pk"))


def waiting_for(patients: Sequence[int]) -> dict[int, list[models.Query]]:
    """What is open for each patient; one query."""
    found: dict[int, list[models.Query]] = defaultdict(list)
    rows = models.Query.objects.filter(patient__in=patients, standing__state=OPEN)
    for row in rows.select_related("standing").order_by("at"):
        if row.patient_id is not None:
            found[row.patient_id].append(row)
    return found


def _in_order(site_id: int, *, view: str, person_id: int) -> QuerySet[models.Query]:
    found = _view(models.Query.objects.filter(standing__site=site_id), view, person_id)
    return found.order_by(*(("-pk",) if view == "closed" else ("standing__due_at", "pk")))


def _view(found: QuerySet[models.Query], view: str, person_id: int) -> QuerySet[models.Query]:
    match view:
        case "answered":
            return found.filter(standing__state=ANSWERED)
        case "mine":
            return found.filter(standing__state=OPEN, standing__owner=person_id)
        case "call-backs":
            return found.filter(standing__state=OPEN, kind=Kind.CALL_BACK.value)
        case "closed":
            return found.exclude(standing__state__in=(OPEN, ANSWERED))
    return found.filter(standing__state=OPEN)


def _loaded(found: QuerySet[models.Query]) -> QuerySet[models.Query]:
    events = models.QueryEvent.objects.select_related("by", "owner").order_by("pk")
    return found.select_related(
        "standing__owner", "by", "line", "prescription", "patient", "call"
    ).prefetch_related(Prefetch("events", events))
