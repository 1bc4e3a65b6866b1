"""Which monitored medicines does the patient have, since when, and why does one come off the list?

A medicine is on the list while an order, a statement or a supply of it stands, and for a while afterwards:
then somebody says whether it is still taken. It leaves the list only for a reason that is on record: it was
stopped, a single course of it came to its end, the patient died or left. Whether treatment was seen starting
decides what can be told of tests that are asked for early on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.checks.known.monitoring import Monitoring, MonitoringKnowledge
from pestle.pharmacy.checks.monitored import settled_start, started
from pestle.pharmacy.criteria.patient_day import MedicineEvent, PatientDay, dated, has_fact
from pestle.pharmacy.practice.medicines_list import REPEATS
from pestle.pharmacy.practice.monitoring_policy import Policy
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.medication import (
    LineStatus,
    Medication,
    MedicationOrder,
    OrderAction,
    StatementStatus,
)
from pestle.pharmacy.record.timeline import Has

# A supply of which nobody knows how long it lasts counts so long; what the duplicate check goes by.
UNKNOWN_LASTS = 28
# Two issues so far apart are no single course.
_A_COURSE = timedelta(days=28)
_STOPPED = (StatementStatus.STOPPED, StatementStatus.COMPLETED, StatementStatus.NOT_TAKEN)


class Membership(Enum):
    """Whether a medicine is on the patient's list; the value is stored."""

    ON = "on"
    UNSURE = "unsure"
    LAPSED = "lapsed"
    OFF = "off"

    @property
    def words(self) -> str:
        """As the list says it."""
        return _MEMBERSHIPS[self]


_MEMBERSHIPS = {
    Membership.ON: "Taken",
    Membership.UNSURE: "Taken, as far as the record tells",
    Membership.LAPSED: "No supply stands: ask whether it is still taken",
    Membership.OFF: "Not taken any more",
}


class Left(Enum):
    """Why a medicine, or the patient, left the list; the value is stored."""

    STOPPED = "stopped"
    COURSE_ENDED = "course_ended"
    DIED = "died"
    MOVED = "moved"
    DECIDED = "decided"

    @property
    def words(self) -> str:
        """As the list says it."""
        return _LEFT[self]


_LEFT = {
    Left.STOPPED: "The medicine was stopped",
    Left.COURSE_ENDED: "A single course came to its end",
    Left.DIED: "The patient died",
    Left.MOVED: "The patient left the practice",
    Left.DECIDED: "It was decided that no monitoring is needed",
}


@dataclass(frozen=True, slots=True)
class Start:
    """When treatment began: the first day on record (None: none has a date), and whether that is known to be
    the start; `words` say by what."""

    on: date | None
    known: bool
    words: str


@dataclass(frozen=True, slots=True)
class OnMedicine:
    """One monitored medicine of the patient: the definition, the medicine as it is on record, the fact that
    puts it there, and since when. `left` says why it is OFF."""

    group: Monitoring
    medication: Medication
    membership: Membership
    because: Fact
    start: Start
    never_interrupted: bool
    left: Left | None = None


@dataclass(frozen=True, slots=True)
class Medicines:
    """Those of the patient that are monitored, and those of which that cannot be told (`unmatched`)."""

    monitored: tuple[OnMedicine, ...]
    unmatched: tuple[Medication, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """Somebody decided that a medicine comes off the list: why, and the fact that says so."""

    left: Left
    fact: Fact


@dataclass(frozen=True, slots=True)
class Listing:
    """What the practice knows beside the record: the definitions for which the patient `stays` on the list
    until there is a reason, the code of the `practice` (empty: any), what was `decided`, by definition."""

    stays: frozenset[str] = frozenset()
    practice: str = ""
    decided: Mapping[str, Decided] = field(default_factory=dict)


NEW = Listing()


def medicines(
    day: PatientDay, known: MonitoringKnowledge, policy: Policy, listing: Listing = NEW
) -> Medicines:
    """What is on the patient's list; what was on it before is given back OFF, with the reason, or LAPSED
    until somebody gives one."""
    taken, events = day.taking(UNKNOWN_LASTS), _events(day)
    recent = [event for event in events if _when(event) >= policy.still_counts.before(day.on)]
    unmatched: dict[str, Medication] = {}
    groups: dict[str, Monitoring] = {}
    for medication in _each(taken, recent):
        for group in known.groups.about(day.described(medication).holds):
            on = day.is_on(group.medicines, medication)
            if on:
                groups[group.name] = group
            elif on is None:
                unmatched.setdefault(medication.name, medication)
    groups |= {group.name: group for group in known.groups.all if group.name in listing.stays}
    gone = _gone(day, listing)
    found = [_on_medicine(group, taken, events, day, policy) for group in groups.values()]
    found = [_off(each, gone, listing.decided.get(each.group.name), events, day) for each in found if each]
    kept = [
        each for each in found
        if each is not None and (each.membership is not Membership.OFF or each.group.name in listing.stays)
    ]  # fmt: skip
    return Medicines(tuple(sorted(kept, key=lambda each: each.group.title)), tuple(unmatched.values()))


def _gone(day: PatientDay, listing: Listing) -> Decided | None:
    """Why the patient is on no list of the practice any more."""
    patient = day.record.patient
    if patient.died is not None and patient.died <= day.on:
        return Decided(Left.DIED, Fact("Died", on=patient.died))
    code = patient.gp_practice_code
    if listing.practice and code and code != listing.practice:
        return Decided(Left.MOVED, Fact(f"Registered with {code}"))
    return None


def _off(
    each: OnMedicine,
    gone: Decided | None,
    decided: Decided | None,
    events: list[MedicineEvent],
    day: PatientDay,
) -> OnMedicine:
    """The same off the list, where the patient is gone, or somebody decided so after the last issue of it."""
    if decided is not None and decided.fact.on is not None:
        issued = (_when(event) for event in events if day.is_on(each.group.medicines, event.medication))
        decided = None if max(issued, default=date.min) > decided.fact.on else decided
    why = gone or decided
    if why is None or each.membership is Membership.OFF:
        return each
    return replace(each, membership=Membership.OFF, because=why.fact, left=why.left)


def start(group: Monitoring, day: PatientDay, policy: Policy) -> Start:
    """When treatment began, and whether that is known."""
    since = started(group, day)
    plan = settled_start(group, day)
    if plan is not None:
        return Start(since, True, f"{plan.on.words}, as {plan.provenance.who} settled it: {plan.reason}")
    if since is None:
        return Start(None, False, "No order or supply of it has a date")
    first = min((each.when.first for each in day.issues if each.when is not None), default=since)
    if first <= policy.seen_starting.before(since):
        return Start(
            since,
            True,
            f"The record reaches back to {first:%d-%b-%Y}, and first names it on {since:%d-%b-%Y}",
        )
    return Start(since, False, f"On record since {since:%d-%b-%Y}; what was before is not known")


def _on_medicine(
    group: Monitoring, taken: Sequence[Has], events: list[MedicineEvent], day: PatientDay, policy: Policy
) -> OnMedicine | None:
    has = [each for each in taken if day.is_on(group.medicines, each.medication)]
    issues = [each for each in events if day.is_on(group.medicines, each.medication)]
    last = max(issues, key=_when, default=None)

    def found(
        medication: Medication, membership: Membership, fact: Fact, left: Left | None = None
    ) -> OnMedicine:
        # Where nobody can tell whether its supply may be interrupted, it is not.
        never = day.is_on(policy.never_interrupted, medication) is not False
        return OnMedicine(group, medication, membership, fact, start(group, day, policy), never, left)

    if has:
        best = max(has, key=lambda each: (each.sure, isinstance(each.because, MedicationOrder)))
        return found(best.medication, Membership.ON if best.sure else Membership.UNSURE, has_fact(best))
    stopped = _stopped(group, day, after=_when(last) if last else date.min)
    if stopped is not None:
        medication, fact = stopped
        return found(medication, Membership.OFF, fact, Left.STOPPED)
    if last is None:
        return None
    if not _repeated(group, issues, day):
        ended = Fact(f"One course of it: {last.medication.name}", on=_when(last))
        return found(last.medication, Membership.OFF, ended, Left.COURSE_ENDED)
    return found(last.medication, Membership.LAPSED, last.fact)


def _events(day: PatientDay) -> list[MedicineEvent]:
    """Every issue with a day that has come."""
    return [each for each in day.issues if each.when is not None and each.when.first <= day.on]


def _when(event: MedicineEvent) -> date:
    return event.when.last if event.when is not None else date.min


def _each(taken: Sequence[Has], events: list[MedicineEvent]) -> list[Medication]:
    every = [*(has.medication for has in taken), *(event.medication for event in events)]
    return list({id(each): each for each in every}.values())


def _repeated(group: Monitoring, issues: list[MedicineEvent], day: PatientDay) -> bool:
    """Whether it is had again and again: ordered on repeat, or two issues lie more than a course apart."""
    days = [_when(each) for each in issues]
    return max(days) - min(days) >= _A_COURSE or any(
        order.request.course_of_therapy in REPEATS and day.is_on(group.medicines, order.medication)
        for order in day.record.orders or ()
    )


def _stopped(group: Monitoring, day: PatientDay, *, after: date) -> tuple[Medication, Fact] | None:
    """The newest fact that says it was stopped, on the day of the last issue or later."""
    found: list[tuple[date, Medication, Fact]] = []
    record = day.record
    for order in record.orders or ():
        ended = order.action is OrderAction.DISCONTINUE or order.request.status is LineStatus.STOPPED
        if ended and day.is_on(group.medicines, order.medication):
            on = order.ends or order.starts
            when = on.first if on else order.provenance.recorded_at.date()
            found.append(
                (when, order.medication, dated(f"Stopped: {order.medication.name}", on, order.provenance))
            )
    for statement in record.statements or ():
        if statement.status in _STOPPED and day.is_on(group.medicines, statement.medication):
            when = statement.ends.first if statement.ends else statement.provenance.recorded_at.date()
            words = f"Stopped: {statement.medication.name}"
            found.append((when, statement.medication, dated(words, statement.ends, statement.provenance)))
    newest = max(
        (each for each in found if after <= each[0] <= day.on), key=lambda each: each[0], default=None
    )
    return None if newest is None else newest[1:]
