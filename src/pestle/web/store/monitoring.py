"""The monitoring of patients: worked out from the record, and kept as a list that a page can ask.

`seen` is the slow truth about one patient. `project` writes what the list shows of it, in the transaction of
whoever changed the record or by the job that goes through a site; `differences` works everything out again
and says what the list has otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.practice.monitoring import Monitored, State, TestLine, monitored
from pestle.pharmacy.practice.monitoring_round import Next, Round, next_step
from pestle.pharmacy.practice.monitoring_workflows import ENDED
from pestle.pharmacy.practice.on_medicine import Decided, Left, Listing, Membership
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.result import Result, said
from pestle.web.store import models
from pestle.web.store import record as records
from pestle.web.store.knowledge import knowledge, monitoring_policy

_RANKS = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Seen:
    """One patient's monitoring on a day: the record as it was asked, the state of it, the round that is open,
    and what comes next."""

    day: PatientDay
    monitored: Monitored
    round: models.MonitoringRoundStanding | None
    next: Next

    @property
    def on(self) -> date:
        """The day."""
        return self.day.on


def seen(row: models.Patient, *, now: datetime) -> Seen:
    """The monitoring of a patient as it is now; `row` with its site."""
    zone = ZoneInfo(row.site.time_zone)
    record = records.load(row, now=now, zone=zone)
    record = records.on_the_list(record, row.site) if follows(row.site) else record
    day = PatientDay(record, on=now.astimezone(zone).date(), substances=knowledge().substances)
    found = monitored(day, knowledge().monitoring, monitoring_policy(), _listing(row))
    standing = open_round(row)
    step = next_step(round_of(standing), found.tests, monitoring_policy(), on=day.on)
    return Seen(day, found, standing, step)


def follows(site: models.Site) -> bool:
    """Whether the site keeps such a list: practices do."""
    return site.kind == SiteKind.GP_PRACTICE.value


def follow(row: models.Patient, *, now: datetime) -> None:
    """Brings the list up to date after the record of a patient has changed; within that transaction."""
    if follows(row.site):
        project(row, now=now)


def project(row: models.Patient, *, now: datetime, found: Seen | None = None) -> Seen:
    """Writes what the list shows of a patient; gives what it was made of."""
    found = found or seen(row, now=now)
    for each in _medicine_rows(row, found):
        models.MonitoredMedicine.objects.update_or_create(
            patient=row, group=each["group"], defaults={"site": row.site, **each}
        )
    values = _values(found)
    if values is None and not models.MonitoredMedicine.objects.filter(patient=row).exists():
        models.MonitoredPatient.objects.filter(patient=row).delete()
    else:
        models.MonitoredPatient.objects.update_or_create(
            patient=row,
            defaults={"site": row.site, "on": found.on, "computed_at": now, **(values or _nothing())},
        )
    return found


def differences(site: models.Site, *, now: datetime) -> Iterator[tuple[int, str]]:
    """The patients for whom the list says something else than the record, each with what; nothing is
    written. What only a new day changes is told too."""
    held = {row.patient_id: row for row in models.MonitoredPatient.objects.filter(site=site)}
    for row in patients_of(site):
        found = seen(row, now=now)
        kept, values = held.get(row.pk), _values(found)
        if values is None:
            if kept is not None and kept.listed:
                yield row.pk, "is on the list, and nothing of theirs is monitored"
            continue
        if kept is None:
            yield row.pk, "is not on the list"
            continue
        wrong = sorted(name for name, value in values.items() if getattr(kept, name) != value)
        if wrong:
            yield row.pk, f"differs in {', '.join(wrong)} (worked out on {kept.on:%d-%b-%Y})"


def patients_of(site: models.Site, *, after: int = 0, most: int | None = None) -> Iterable[models.Patient]:
    """The patients of a site in the order of their ids."""
    found = models.Patient.objects.filter(site=site, pk__gt=after).select_related("site").order_by("pk")
    return found if most is None else found[:most]


def open_round(row: models.Patient) -> models.MonitoringRoundStanding | None:
    """The round of a patient that has not ended."""
    return (
        models.MonitoringRoundStanding.objects.filter(patient=row)
        .exclude(step=ENDED)
        .select_related("round")
        .first()
    )


def round_of(standing: models.MonitoringRoundStanding | None) -> Round | None:
    """A round as the rules see it."""
    if standing is None:
        return None
    return Round(frozenset(standing.tests), standing.step, standing.since, standing.look_again)


def _listing(row: models.Patient) -> Listing:
    held = models.MonitoredMedicine.objects.filter(patient=row).values_list("group", "membership")
    decided: dict[str, Decided] = {}
    zone = ZoneInfo(row.site.time_zone)
    for each in row.monitoring_leavings.order_by("pk"):
        fact = Fact(each.words, on=each.at.astimezone(zone).date())
        if each.back:
            decided.pop(each.group, None)
        else:
            decided[each.group] = Decided(Left(each.reason), fact)
    return Listing(
        stays=frozenset(group for group, _ in held),
        practice=row.site.code if follows(row.site) else "",
        decided=decided,
    )


def _medicine_rows(row: models.Patient, found: Seen) -> Iterator[dict[str, Any]]:
    for each in found.monitored.medicines:
        off = each.membership is Membership.OFF
        yield {
            "group": each.group.name,
            "title": each.group.title,
            "medicine": each.medication.name[:300],
            "membership": each.membership.value,
            "left": each.left.value if each.left else "",
            "left_words": each.because.text[:500] if off else "",
            "left_on": each.because.on if off else None,
        }


def _nothing() -> dict[str, Any]:
    return {
        "listed": False, "rank": len(_RANKS), "late": 0, "never": 0, "cannot_tell": 0, "ask": 0, "out": 0,
        "lapsed": 0, "first_late": None, "first_due": None, "next_verb": "", "next_on": None, "rows": {},
    }  # fmt: skip


def _values(found: Seen) -> dict[str, Any] | None:
    """What the list shows; None where nothing of the patient's is on it."""
    state = found.monitored
    on = [each for each in state.medicines if each.membership is not Membership.OFF]
    if not on:
        return None
    late = [test.due for test in state.tests if test.state.late and test.due]
    coming = [test.due for test in state.tests if not test.state.late and test.due and test.due >= found.on]
    return {
        "listed": True,
        "rank": _RANKS[state.worst],
        "late": sum(test.state.late for test in state.tests),
        "never": sum(test.state is State.NEVER for test in state.tests),
        "cannot_tell": sum(test.state is State.CANNOT_TELL for test in state.tests),
        "ask": len(state.due),
        "out": len(state.out),
        "lapsed": sum(each.membership is Membership.LAPSED for each in on),
        "first_late": min(late, default=None),
        "first_due": min(coming, default=None),
        "next_verb": found.next.verb or "",
        "next_on": found.next.on,
        "rows": {
            "medicines": [{"title": each.group.title, "medicine": each.medication.name} for each in on],
            "tests": [_test(test) for test in state.tests if test.state is not State.NOT_ASKED],
            "out": [f"{each.limit.of.title} {each.limit.says}" for each in state.out],
            "unmatched": [each.name for each in state.unmatched],
        },
    }


def _test(test: TestLine) -> dict[str, Any]:
    last = test.last
    return {
        "name": test.observable.name,
        "title": test.observable.title,
        "state": test.state.value,
        "last": str(last.taken) if last is not None and last.taken else "",
        "value": "; ".join(said(each.result) for each in test.readings) if isinstance(last, Result) else "",
        "elsewhere": test.elsewhere,
        "due": test.due.isoformat() if test.due else "",
        "whose": test.rule.whose if test.rule else "",
        "says": test.rule.says if test.rule else "",
        "ask": test.ask,
        "missing": [gap.what for gap in test.missing],
    }
