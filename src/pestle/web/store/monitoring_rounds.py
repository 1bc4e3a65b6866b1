"""Rounds of monitoring: begun, taken a step further with an event, and what went out with it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from pestle.pharmacy.documents.invitation import Invitation
from pestle.pharmacy.frozen_json import built, plain
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.monitoring import TestLine
from pestle.pharmacy.practice.monitoring_workflows import ENDED, WATCH
from pestle.pharmacy.worklist.workflow import Done, Task, Transition
from pestle.web.store import models, patients

# An invitation asks to come within so long.
_COME_WITHIN = timedelta(days=14)


def task(standing: models.MonitoringRoundStanding | None) -> Task:
    """A round as the workflow sees it; that of nobody's is watched."""
    if standing is None:
        return Task(WATCH, 1)
    events = standing.round.events.select_related("by").order_by("pk")
    done = tuple(Done(event.verb, event.by_id, event.by.full_name, event.at) for event in events)
    return Task(standing.step, standing.version, done)


def locked(patient: models.Patient) -> models.MonitoringRoundStanding | None:
    """The open round of a patient, locked."""
    return (
        models.MonitoringRoundStanding.objects.select_for_update()
        .filter(patient=patient)
        .exclude(step=ENDED)
        .first()
    )


def begin(patient: models.Patient, *, by: Person, at: datetime, on: date) -> models.MonitoringRoundStanding:
    """A new round, at its first step, with no test in it yet."""
    row = models.MonitoringRound.objects.create(site=patient.site, patient=patient, by_id=by.id, at=at)
    return models.MonitoringRoundStanding.objects.create(
        round=row, site=patient.site, patient=patient, step=WATCH, since=on, tests=[]
    )


def move(
    standing: models.MonitoringRoundStanding,
    transition: Transition,
    *,
    by: Person,
    at: datetime,
    on: date,
    tests: Iterable[str] = (),
    look_again: date | None = None,
    **said: Any,
) -> models.MonitoringEvent:
    """Writes the event, and takes the round where it leads."""
    names = sorted(tests)
    event = models.MonitoringEvent.objects.create(
        round_id=standing.round_id, verb=transition.verb, tests=names, look_again=look_again, by_id=by.id,
        at=at, **said,
    )  # fmt: skip
    standing.tests = sorted({*standing.tests, *names})
    if transition.to != standing.step or transition.verb == "decide":
        standing.step, standing.since = transition.to, on
    standing.look_again = look_again
    standing.version += 1
    standing.save()
    return event


def invitation(
    patient: models.Patient, tests: Iterable[TestLine], medicines: Iterable[str], *, again: bool, on: date
) -> Invitation:
    """The invitation of a patient, as it goes out today."""
    who, site = patients.value(patient), patient.site
    address = who.address
    first = who.name.prefix or next(iter(who.name.given), "")
    name = f"{first} {who.name.family}".strip()
    return Invitation(
        patient=str(who.name),
        salutation=name,
        address=(*address.lines, address.postcode) if address else (),
        born=who.born,
        number=str(who.nhs_number) if who.nhs_number else "",
        medicines=tuple(dict.fromkeys(medicines)),
        tests=tuple(test.observable.title for test in tests),
        by=on + _COME_WITHIN,
        again=again,
        practice=site.name,
        practice_address=tuple(site.address),
        telephone=site.telephone,
        written=on,
    )


def said(one: Invitation) -> dict[str, Any]:
    """An invitation as its event keeps it."""
    told: dict[str, Any] = plain(one)
    return told


def told(event: models.MonitoringEvent) -> Invitation:
    """The invitation that an event keeps."""
    return built(Invitation, event.said)
