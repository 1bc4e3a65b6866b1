"""Reviews: where each is, what was prepared and decided, who has how many places in a week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from pestle.pharmacy.frozen_json import built, plain
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.review import CANCELLED, DONE, Decision, LineDecision, ReviewKind
from pestle.pharmacy.practice.review_pack import Counts, Pack
from pestle.pharmacy.practice.review_plan import Places, monday
from pestle.pharmacy.worklist.workflow import Done, Task, Transition
from pestle.web.store import models

OPEN = ("planned", "prepared")
_WEEK = timedelta(days=7)


def loaded(review_id: int, *, site_id: int) -> models.Review | None:
    """A review of the site with its standing, events and patient."""
    found = models.Review.objects.filter(pk=review_id, site=site_id)
    return (
        found.select_related("standing__owner", "patient__site", "by").prefetch_related("events__by").first()
    )


def locked(review_id: int, *, site_id: int) -> models.Review | None:
    """The same, with its standing locked for this transaction."""
    standing = models.ReviewStanding.objects.select_for_update().filter(review=review_id, site=site_id)
    return None if standing.first() is None else loaded(review_id, site_id=site_id)


def kind(row: models.Review) -> ReviewKind:
    """What it reviews."""
    return ReviewKind(row.kind)


def task(row: models.Review) -> Task:
    """A review as its workflow sees it."""
    done = tuple(Done(event.verb, event.by_id, event.by.full_name, event.at) for event in _events(row))
    return Task(row.standing.step, row.standing.version, done)


def move(
    row: models.Review, transition: Transition, *, by: Person, at: datetime, on: date, **said: Any
) -> models.ReviewEvent:
    """Writes the event, and takes the review where it leads."""
    event = models.ReviewEvent.objects.create(review=row, verb=transition.verb, by_id=by.id, at=at, **said)
    standing = row.standing
    standing.step = transition.to
    standing.version += 1
    if event.week is not None and event.owner_id is not None:
        standing.week, standing.owner_id = event.week, event.owner_id
    if transition.to == DONE:
        standing.done_on = on
    standing.save()
    return event


def pack(row: models.Review) -> Pack | None:
    """The pack as it was prepared last; None where it was not."""
    found = [event for event in _events(row) if event.verb == "prepare"]
    return built(Pack, found[-1].said["pack"]) if found else None


def pack_json(made: Pack) -> dict[str, Any]:
    """A pack as its event keeps it."""
    told: dict[str, Any] = plain(made)
    return told


def decisions(row: models.Review) -> dict[str, tuple[LineDecision, models.ReviewEvent]]:
    """What was decided last of each line, and by whom."""
    found: dict[str, tuple[LineDecision, models.ReviewEvent]] = {}
    for event in _events(row):
        if event.verb == "decide":
            for each in event.said["lines"]:
                made = LineDecision(each["line"], Decision(each["decision"]), each["words"])
                found[made.line] = (made, event)
    return found


def measured(row: models.Review) -> tuple[Counts | None, Counts | None]:
    """What was counted before the review, and later."""
    before = after = None
    for event in _events(row):
        if "counts" in event.said:
            counts = built(Counts, event.said["counts"])
            if event.verb == "measure":
                after = counts
            else:
                before = counts
    made = pack(row)
    return made.counts if made is not None else before, after


def of_patient(row: models.Patient) -> list[models.Review]:
    """Every review of a patient, the newest first."""
    found = row.reviews.select_related("standing__owner", "by").order_by("-pk")
    return list(found)


def places(site_id: int, kind_: ReviewKind, *, first: date, weeks: int) -> list[Places]:
    """The places of each person in each of so many weeks, and how many are taken; two queries."""
    weeks_ = [monday(first) + _WEEK * number for number in range(weeks)]
    taken: Counter[tuple[date, int]] = Counter(
        models.ReviewStanding.objects.filter(site=site_id, kind=kind_.value, week__in=weeks_)
        .exclude(step=CANCELLED)
        .values_list("week", "owner_id")
    )
    rows = models.ReviewPlaces.objects.filter(site=site_id, kind=kind_.value, number__gt=0)
    people = rows.order_by("person_id").values_list("person_id", "number")
    return [
        Places(week, person, number, taken[(week, person)]) for week in weeks_ for person, number in people
    ]


def under_way(site_id: int, patient_ids: Iterable[int]) -> dict[int, list[models.ReviewStanding]]:
    """The open reviews of these patients; one query."""
    found: dict[int, list[models.ReviewStanding]] = defaultdict(list)
    rows = models.ReviewStanding.objects.filter(
        site=site_id, patient__in=list(patient_ids), step__in=OPEN
    ).select_related("owner")
    for each in rows:
        found[each.patient_id].append(each)
    return found


def to_measure(site_id: int, *, until: date) -> list[models.Review]:
    """The structured reviews that were done up to a day and not measured since, the oldest first."""
    found = models.Review.objects.filter(
        site=site_id, kind=ReviewKind.STRUCTURED.value, standing__step=DONE, standing__done_on__lte=until
    ).exclude(events__verb="measure")
    return list(found.select_related("standing__owner", "patient").order_by("standing__done_on")[:200])


def _events(row: models.Review) -> list[models.ReviewEvent]:
    return sorted(row.events.all(), key=lambda event: event.pk)
