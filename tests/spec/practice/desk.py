"""The desk at which these tables are read: the practice's policy, and a patient's day told in a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.spec.criteria.bench import KNOWLEDGE, SAID, SUBSTANCES, TERMS, TODAY, told

from pestle.definitions import folder
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.monitoring import Monitored, TestLine, monitored
from pestle.pharmacy.practice.monitoring_policy import read_policy
from pestle.pharmacy.practice.on_medicine import NEW, Listing
from pestle.pharmacy.record.moment import partial_date
from pestle.pharmacy.record.monitoring_plan import KnownStart, MonitoringPlan, OwnInterval

POLICY = read_policy(folder("practice"), TERMS)


def day(row: str, *plans: MonitoringPlan, on: date = TODAY) -> PatientDay:
    """A patient's day."""
    return PatientDay(replace(told(row), monitoring=plans), on=on, substances=SUBSTANCES)


def seen(row: str, *plans: MonitoringPlan, on: date = TODAY, listing: Listing = NEW) -> Monitored:
    """The monitoring that a row tells of."""
    return monitored(day(row, *plans, on=on), KNOWLEDGE.monitoring, POLICY, listing)


def line_of(found: Monitored, name: str) -> TestLine:
    """One of its tests."""
    return next(each for each in found.tests if each.observable.name == name)


def started(group: str, on: str) -> KnownStart:
    """A start that somebody settled."""
    return KnownStart(group, partial_date(on, place="row"), "clinic letter", SAID)


def every(observable: str, months: int, until: str) -> OwnInterval:
    """An interval of the patient's own."""
    return OwnInterval(observable, months, "months", date.fromisoformat(until), "stable for years", SAID)


def person(*roles: Role) -> Person:
    """Somebody with these roles."""
    return Person(1, "Sam Example", frozenset(roles), 1)
