"""Patient tasks: opened once for an origin, loaded as values, locked, listed for an inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Prefetch, Q, QuerySet

from pestle.pharmacy.frozen_json import built, plain
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist import patient_task as pure
from pestle.pharmacy.worklist.patient_task import OPEN, Evidence, Kind, Wanted
from pestle.pharmacy.worklist.workflow import Done, Task, Transition, check
from pestle.web.store import models
from pestle.web.store.patients import folded

PAGE = 50
# What an inbox can be asked for.
VIEWS = ("open", "mine", "closed")
DUE = ("overdue", "today", "week")
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tasks: a view, narrowed by kind, by who looks after them (an id, or ``team``), by when they are
    due, by words of the patient's name, by what brought them."""

    view: str = "open"
    kind: str = ""
    owner: str = ""
    due: str = ""
    text: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are of each."""

    open: int
    overdue: int
    mine: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the inbox; `total` counts all that match."""

    rows: tuple[models.PatientTask, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The tasks that were opened, and the patients for whom one of the same origin was open already."""

    made: tuple[models.PatientTask, ...]
    already: tuple[int, ...]


def open_tasks(wanted: Sequence[Wanted], *, by: Person, now: datetime) -> Opened:
    """Opens what is not open yet; for use within an action, whose event seals `made`. Patients are locked in
    the order of their ids, so that two who ask at once open one. Raises `Refused` (``patient.unknown``)."""
    ids = {one.patient_id for one in wanted}
    locked = models.Patient.objects.select_for_update().filter(pk__in=ids, site=by.site_id).order_by("pk")
    if {row.pk for row in locked} != ids:
        raise refuse("patient.unknown", "There is no such patient at this site")
    origins = {one.origin for one in wanted}
    standing = set(
        models.PatientTaskStanding.objects.filter(
            patient__in=ids, origin__in=origins, state=OPEN
        ).values_list("patient_id", "origin")
    )
    fresh: dict[tuple[int, str], Wanted] = {}
    already = []
    for one in wanted:
        if (one.patient_id, one.origin) in standing:
            already.append(one.patient_id)
        else:
            fresh.setdefault((one.patient_id, one.origin), one)
    made = models.PatientTask.objects.bulk_create(
        models.PatientTask(
            site_id=by.site_id, patient_id=one.patient_id, kind=one.kind.value, origin=one.origin,
            title=one.title.strip(), reason=one.reason.strip(), evidence=plain(one.evidence), by_id=by.id,
            at=now,
        )
        for one in fresh.values()
    )  # fmt: skip
    models.PatientTaskStanding.objects.bulk_create(
        models.PatientTaskStanding(
            task=row, site_id=by.site_id, patient_id=row.patient_id, origin=row.origin, state=OPEN,
            role=one.role.value if one.role else "", owner_id=one.owner_id, due_on=one.due_on,
        )
        for row, one in zip(made, fresh.values(), strict=True)
    )  # fmt: skip
    return Opened(tuple(made), tuple(already))


def value(row: models.PatientTask) -> pure.PatientTask:
    """The task as its rules see it; `row` with its standing, events and who did them."""
    done = tuple(Done(event.verb, event.by_id, event.by.full_name, event.at) for event in row.events.all())
    return pure.PatientTask(
        id=row.pk,
        kind=Kind(row.kind),
        title=row.title,
        role=Role(row.standing.role) if row.standing.role else None,
        due_on=row.standing.due_on,
        task=Task(row.standing.state, row.standing.version, done),
    )


def evidence(row: models.PatientTask) -> Evidence:
    """Why it was opened."""
    return built(Evidence, row.evidence)


def locked(task_id: int, *, site_id: int) -> models.PatientTask:
    """The task, with its standing locked for this transaction. Raises `Refused` (``task.unknown``)."""
    standing = (
        models.PatientTaskStanding.objects.select_for_update().filter(task=task_id, site=site_id).first()
    )
    if standing is None:
        raise refuse("task.unknown", "There is no such task at this site")
    return _loaded(models.PatientTask.objects.all()).get(pk=task_id)


def here(site_id: int, task_id: int) -> models.PatientTask | None:
    """The task of that id at the site, with everything its page shows."""
    return _loaded(models.PatientTask.objects.filter(site=site_id)).filter(pk=task_id).first()


def move(
    row: models.PatientTask, transition: Transition, *, by: Person, at: datetime, **said: object
) -> models.PatientTaskEvent:
    """Writes the event, and takes the standing where it leads. Raises `Refused` (``task.open-already``) where
    another of its origin has been opened meanwhile."""
    standing = row.standing
    if transition.verb == "reopen" and _another_is_open(row):
        raise refuse("task.open-already", "A newer task of the same origin is open for this patient",
                     way_out="Go on with that one.")  # fmt: skip
    event = models.PatientTaskEvent.objects.create(task=row, verb=transition.verb, by_id=by.id, at=at, **said)
    standing.state = transition.to
    standing.version += 1
    if event.due_on is not None:
        standing.owner_id, standing.role, standing.due_on = event.owner_id, event.role, event.due_on
    standing.save()
    return event


def finished(
    origin: str, patient_id: int, *, by: Person, now: datetime, words: str
) -> list[models.PatientTaskEvent]:
    """The open task of that origin about the patient is done, where there is one; for use within the action
    that did its work, whose event seals what is given."""
    standing = models.PatientTaskStanding.objects.filter(
        patient=patient_id, site=by.site_id, origin=origin, state=OPEN
    ).first()
    if standing is None:
        return []
    row = locked(standing.task_id, site_id=by.site_id)
    # Whoever did the work settles the task of it, be it for another role.
    transition = check(pure.TASKS, value(row).task, "finish", by=by, now=now)
    return [move(row, transition, by=by, at=now, words=words[:1000])]


def listed(site_id: int, asked: Asked, *, person_id: int, today: date, page: int, size: int = PAGE) -> Page:
    """What an inbox shows: what is due first stands on top; what is over, the newest first."""
    found = _view(models.PatientTask.objects.filter(standing__site=site_id), asked, person_id, today)
    total = found.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    order = ("-pk",) if asked.view == "closed" else ("standing__due_on", "pk")
    rows = _loaded(found).order_by(*order)[(page - 1) * size : page * size]
    return Page(tuple(rows), total, page, pages)


def next_open(row: models.PatientTask, *, person_id: int) -> models.PatientTask | None:
    """The most urgent open task of the same origin that nobody else looks after."""
    found = models.PatientTask.objects.filter(
        Q(standing__owner=None) | Q(standing__owner=person_id),
        standing__site=row.site_id, standing__state=OPEN, standing__origin=row.origin,
    ).exclude(pk=row.pk)  # fmt: skip
    return found.select_related("patient").order_by("standing__due_on", "pk").first()


def counts(site_id: int, *, person_id: int, today: date) -> Counts:
    """One query."""
    of_site = models.PatientTaskStanding.objects.filter(site=site_id, state=OPEN)
    return Counts(
        **of_site.aggregate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
            mine=Count("pk", filter=Q(owner=person_id)),
        )
    )


def of_patient(row: models.Patient) -> list[models.PatientTask]:
    """Every task about a patient, the oldest first."""
    return list(_loaded(row.tasks.all()).order_by("pk"))


def of_letter(row: models.Letter) -> list[models.PatientTask]:
    """The tasks that a letter brought, the oldest first."""
    found = models.PatientTask.objects.filter(patient=row.patient_id, origin__startswith=f"letter:{row.pk}:")
    return list(found.select_related("standing").order_by("pk"))


def _another_is_open(row: models.PatientTask) -> bool:
    models.Patient.objects.select_for_update().get(pk=row.patient_id)
    return models.PatientTaskStanding.objects.filter(
        patient=row.patient_id, origin=row.origin, state=OPEN
    ).exists()


def _view(
    found: QuerySet[models.PatientTask], asked: Asked, person_id: int, today: date
) -> QuerySet[models.PatientTask]:
    if asked.view == "closed":
        found = found.exclude(standing__state=OPEN)
    else:
        found = found.filter(standing__state=OPEN)
    if asked.view == "mine":
        found = found.filter(standing__owner=person_id)
    elif asked.owner:
        found = found.filter(standing__owner=None if asked.owner == "team" else int(asked.owner))
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.origin:
        found = found.filter(standing__origin=asked.origin)
    for word in folded([asked.text]).split():
        found = found.filter(patient__search__contains=word)
    match asked.due:
        case "overdue":
            return found.filter(standing__due_on__lt=today)
        case "today":
            return found.filter(standing__due_on__lte=today)
        case "week":
            return found.filter(standing__due_on__lt=today + _WEEK)
    return found


def _loaded(found: QuerySet[models.PatientTask]) -> QuerySet[models.PatientTask]:
    events = models.PatientTaskEvent.objects.select_related("by", "owner").order_by("pk")
    return found.select_related("standing__owner", "by", "patient").prefetch_related(
        Prefetch("events", events)
    )
