"""The instalments of a line as the pure part sees them: its plan, what was given, when the site is closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.instalments import (
    Due,
    Given,
    History,
    Plan,
    Wording,
    due,
    next_collection,
    plan,
)
from pestle.pharmacy.refusal import Refusal
from pestle.web.store import models


@dataclass(frozen=True, slots=True)
class InstalmentsOf:
    """A line that is collected in instalments: its row, the plan, and what has happened."""

    row: models.InstalmentPlan
    plan: Plan
    history: History
    calls: tuple[models.InstalmentCall, ...]

    def due_on(self, day: date) -> Due | Refusal:
        """What may be handed out on that day, else why nothing."""
        return due(self.plan, self.history, on=day)

    def now_or_next(self, today: date) -> tuple[date, Due] | Refusal:
        """What may be prepared: for today, else for the next collection."""
        now = self.due_on(today)
        if isinstance(now, Due):
            return today, now
        after = next_collection(self.plan, self.history, after=today)
        if now.rule == "instalments.stopped" or after is None:
            return now
        found = self.due_on(after)
        return (after, found) if isinstance(found, Due) else found


def of(lines: Iterable[models.Line], site: models.Site) -> dict[int, InstalmentsOf]:
    """Those of these lines that are collected in instalments, by the line's id. Four queries, one where none
    is."""
    plans = models.InstalmentPlan.objects.filter(line__in=list(lines)).select_related("by").order_by("pk")
    rows = {row.line_id: row for row in plans}
    if not rows:
        return {}
    zone = ZoneInfo(site.time_zone)
    given: dict[int, list[Given]] = {pk: [] for pk in rows}
    for one in models.InstalmentGiven.objects.filter(line__in=rows).select_related("hand_out").order_by("pk"):
        on = one.hand_out.at.astimezone(zone).date()
        given[one.line_id].append(Given(on, tuple(map(date.fromisoformat, one.days))))
    calls: dict[int, list[models.InstalmentCall]] = {pk: [] for pk in rows}
    for call in models.InstalmentCall.objects.filter(line__in=rows).select_related("by").order_by("pk"):
        calls[call.line_id].append(call)
    closed = closed_days(site.pk)
    return {
        pk: InstalmentsOf(
            row,
            _plan(row),
            History(tuple(given[pk]), closed, calls[pk][-1].resumes_on if calls[pk] else None),
            tuple(calls[pk]),
        )
        for pk, row in rows.items()
    }


def at_site(site: models.Site) -> list[tuple[models.Line, InstalmentsOf]]:
    """Every line of a site that is still collected in instalments; a fixed number of queries."""
    lines = (
        models.Line.objects.filter(prescription__site=site, state="open", instalment_plans__isnull=False)
        .select_related("prescription__patient")
        .distinct()
    )
    rows = {line.pk: line for line in lines}
    return [(rows[pk], found) for pk, found in of(rows.values(), site).items()]


def planned(lines: Iterable[models.Line]) -> frozenset[int]:
    """The ids of those of these lines that are collected in instalments; one query."""
    rows = models.InstalmentPlan.objects.filter(line__in=list(lines))
    return frozenset(rows.values_list("line_id", flat=True))


def of_line(line: models.Line, site: models.Site) -> InstalmentsOf | None:
    """The instalments of one line; None where it is collected at once."""
    return of([line], site).get(line.pk)


def closed_days(site_id: int) -> frozenset[date]:
    """Every day on which the site is closed; one query."""
    rows = models.ClosedDay.objects.filter(site=site_id).order_by("pk").values_list("on", "closed")
    return frozenset(day for day, closed in dict(rows).items() if closed)


def _plan(row: models.InstalmentPlan) -> Plan:
    return plan(
        begins=row.begins, amounts=row.amounts, weekdays=row.weekdays,
        wordings=[Wording(one) for one in row.wordings], stop_after=row.stop_after,
    )  # fmt: skip
