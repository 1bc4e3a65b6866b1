"""Measures: asked of a population, their results kept, asked again by themselves, and sent to the
worklist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.measures.measure import digest
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import patient_tasks
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import measures, models
from pestle.web.store.knowledge import measures as library
from pestle.web.store.measures import Counted

MAY_MEASURE = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.MANAGER)
LONGEST = 366


def begin(
    *,
    by: Person,
    now: datetime,
    key: str,
    names: Sequence[str],
    source: str,
    on: date | None = None,
    start: Callable[[int], None],
    by_worker: bool = True,
) -> Outcome:
    """Queues these measures to be asked of a source on a day, today unless given; `start` puts the run into
    the queue, see `jobs.measures`. With `by_worker` the source is one that a worker can open.

    Raises `Refused`: ``measure.role``, ``measure.none``, ``measure.unknown``, ``measure.source``,
    ``measure.day``.
    """

    def do() -> Deed:
        _may(by)
        _known(names)
        if by_worker:
            measures.check_source(source)
        today = _today(by, now)
        day = on or today
        if day > today:
            raise refuse("measure.day", "Nobody can tell what will be on a day to come", place="on")
        row = models.MeasureRun.objects.create(
            site_id=by.site_id, source=source, on=day, names=list(names), by_id=by.id, at=now
        )
        start(row.pk)
        asked = {name: digest(library().measures[name]) for name in names}
        detail = {"source": source, "on": day.isoformat(), "measures": asked}
        return Deed(f"measure-run:{row.pk}", detail, {"run": row.pk})

    request = {"names": list(names), "source": source, "on": on.isoformat() if on else None}
    return once("measures.begin", by=by, now=now, key=key, request=request, do=do)


def stop(*, by: Person, now: datetime, key: str, run_id: int) -> Outcome:
    """Asks a run to stop: results that are whole are kept. Raises `Refused`: ``measure.no-run``,
    ``measure.ended``."""

    def do() -> Deed:
        _may(by)
        row = models.MeasureRun.objects.select_for_update().filter(pk=run_id, site=by.site_id).first()
        if row is None:
            raise refuse("measure.no-run", "There is no such run at this site")
        if row.state == "waiting":
            row.state, row.ended_at = "stopped", now
        elif row.state != "running":
            raise refuse("measure.ended", "This run has ended already")
        row.stop_asked_at = now
        row.save(update_fields=("state", "ended_at", "stop_asked_at"))
        return Deed(f"measure-run:{row.pk}", {}, {"run": row.pk})

    return once("measures.stop", by=by, now=now, key=key, request={"run": run_id}, do=do)


def keep(*, by: Person, now: datetime, run: models.MeasureRun, name: str, counted: Counted) -> Outcome:
    """Keeps what a measure found in a run; once, however often the worker says so."""

    def do() -> Deed:
        result, stood = measures.keep(run, library().measures[name], counted, at=now)
        detail = {"measure": name, "found": result.found, "asked": result.asked, "unsure": result.unsure}
        return Deed(f"measure-run:{run.pk}", detail, {"result": result.pk}, sealed=[result], together=stood)

    request = {"run": run.pk, "measure": name}
    return once("measures.keep", by=by, now=now, key=f"{run.pk}:{name}", request=request, do=do)


def schedule(
    *,
    by: Person,
    now: datetime,
    key: str,
    name: str,
    source: str,
    days: int,
    plan: Callable[[int, datetime], None],
) -> Outcome:
    """A measure is asked every so many days from now on; 0: not any more. `plan` wakes the worker at that
    moment.

    Raises `Refused`: ``measure.role``, ``measure.unknown``, ``measure.source``, ``measure.days``.
    """

    def do() -> Deed:
        _may(by)
        _known([name])
        measures.check_source(source)
        if not 0 <= days <= LONGEST:
            raise refuse("measure.days", f"A measure is asked every 1 to {LONGEST} days, or not at all (0)",
                         place="days")  # fmt: skip
        row = models.MeasureSchedule.objects.create(
            site_id=by.site_id, source=source, measure=name, days=days, by_id=by.id, at=now
        )
        if days:
            plan(by.site_id, now)
        return Deed(f"measure:{name}", {"source": source, "days": days}, {"schedule": row.pk}, sealed=[row])

    request = {"measure": name, "source": source, "days": days}
    return once("measures.schedule", by=by, now=now, key=key, request=request, do=do)


def send(
    *,
    by: Person,
    now: datetime,
    key: str,
    result_id: int,
    findings: Sequence[int] | None,
    role: Role | None,
    owner_id: int | None,
    due_on: date,
) -> Outcome:
    """Sends patients whom a measure found to the worklist: a task for each, unless one of the measure is
    open for them. `findings` are ids of those chosen, None: everybody found but those who were seen to since.

    Raises `Refused`: ``measure.role``, ``measure.no-result``, ``measure.elsewhere``, ``task.day-past``,
    those of `patient_tasks.open_tasks`.
    """
    _may(by)
    result = models.MeasureResult.objects.filter(pk=result_id, site=by.site_id).first()
    if result is None:
        raise refuse("measure.no-result", "There is no such result at this site")
    if result.source:
        raise refuse("measure.elsewhere", "The people of a folder are not patients of this site",
                     way_out="Print their list, or ask the measure of this site's own records.")  # fmt: skip
    if due_on < _today(by, now):
        raise refuse("task.day-past", "It cannot be due on a day that has passed", place="due")
    wanted = measures.wanted(result, findings, role=role, owner_id=owner_id, due_on=due_on)
    return patient_tasks.open_tasks(by=by, now=now, key=key, wanted=wanted)


def _may(by: Person) -> None:
    if not by.has(*MAY_MEASURE, Role.SYSTEM):
        raise refuse(
            "measure.role",
            "Measures are for technicians, pharmacists, prescribers and managers; you are signed in as "
            f"{by.title}",
        )


def _known(names: Sequence[str]) -> None:
    if not names:
        raise refuse("measure.none", "No measure was chosen", place="measures")
    for name in names:
        if name not in library().measures:
            raise refuse("measure.unknown", f"There is no measure “{name}”", place="measures")


def _today(by: Person, now: datetime) -> date:
    return now.astimezone(ZoneInfo(models.Site.objects.get(pk=by.site_id).time_zone)).date()
