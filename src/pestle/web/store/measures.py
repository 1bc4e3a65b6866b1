"""Measures: their runs and results, who is found, what has changed since they were asked before, what is
due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from pestle.pharmacy.frozen_json import built
from pestle.pharmacy.measures.changes import Change, change
from pestle.pharmacy.measures.measure import Measure, Standing, digest
from pestle.pharmacy.measures.rate import Rate
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import SETTLES, Evidence, Kind, Wanted
from pestle.web.store import models
from pestle.web.store.patients import folded
from pestle.web.store.replays import SILENT

# The records of the site itself, as a source.
OWN = ""
PAGE = 50
# Which patients of a result a list can be asked for.
CANNOT_TELL = "cannot-tell"
FOUND = "found"
VIEWS = (FOUND, Change.NEW.value, Change.STILL.value, Change.RESOLVED.value, CANNOT_TELL)
_ROWS = 2000


@dataclass(frozen=True, slots=True)
class Stood:
    """A patient who was found or of whom nobody can tell: the number in the source, the practice (empty: not
    known), and the evidence as JSON."""

    number: int
    practice: str
    found: bool
    evidence: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a measure found. `practices`: found, asked and unsure of each; `own`: numbers are our
    patients'."""

    population: str
    found: int
    asked: int
    unsure: int
    practices: Mapping[str, Sequence[int]]
    stood: Sequence[Stood]
    own: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """How many of each since the result before; without one everybody found is new."""

    new: int = 0
    still: int = 0
    resolved: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of patients; `total` counts all that match."""

    rows: tuple[models.MeasureFinding, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Due:
    """A measure that is asked by itself: every so many days, next on that day."""

    measure: str
    source: str
    days: int
    next_on: date


def sources() -> dict[str, Path]:
    """The folders that may be asked, by name: those of PESTLE_POPULATIONS."""
    return {folder.name: folder for folder in settings.ENVIRONMENT.populations}


def check_source(source: str) -> None:
    """Raises `Refused` (``measure.source``) unless it is the site's own records or a known folder."""
    if source != OWN and source not in sources():
        raise refuse("measure.source", f"There is no population “{source}”", place="source",
                     way_out="PESTLE_POPULATIONS names the folders.")  # fmt: skip


def claimed(run_id: int, *, now: datetime) -> models.MeasureRun | None:
    """The run, taken by this worker; None unless it waits."""
    waits = models.MeasureRun.objects.filter(pk=run_id, state="waiting")
    if not waits.update(state="running", heard_at=now, looked_at=0, failed_because=""):
        return None
    return models.MeasureRun.objects.select_related("site").get(pk=run_id)


def heard(row: models.MeasureRun, measure: str, looked_at: int, *, of: int, now: datetime) -> bool:
    """Says how far it is, and at which measure; whether somebody has asked to stop."""
    row.at_measure, row.looked_at, row.total, row.heard_at = measure, looked_at, of, now
    row.save(update_fields=("at_measure", "looked_at", "total", "heard_at"))
    row.refresh_from_db(fields=("stop_asked_at",))
    return row.stop_asked_at is not None


def ended(row: models.MeasureRun, state: str, *, now: datetime, because: str = "") -> None:
    """How it ended: done, stopped, failed."""
    row.state, row.ended_at, row.failed_because = state, now, because[:200]
    row.save(update_fields=("state", "ended_at", "failed_because"))


def silent(row: models.MeasureRun, *, now: datetime) -> bool:
    """Whether a run that should be running has lost its worker."""
    return row.state == "running" and row.heard_at is not None and now - row.heard_at > SILENT


def keep(
    run: models.MeasureRun, measure: Measure, counted: Counted, *, at: datetime
) -> tuple[models.MeasureResult, list[models.MeasureFinding]]:
    """Writes a result and its patients."""
    result = models.MeasureResult.objects.create(
        run=run, site_id=run.site_id, source=run.source, measure=measure.name, title=measure.title,
        definition=digest(measure), population=counted.population, on=run.on, found=counted.found,
        asked=counted.asked, unsure=counted.unsure,
        practices={code: list(numbers) for code, numbers in counted.practices.items()}, at=at,
        before=_before(run, measure.name),
    )  # fmt: skip
    stood = models.MeasureFinding.objects.bulk_create(
        [
            models.MeasureFinding(
                result=result, number=one.number, patient_id=one.number if counted.own else None,
                practice=one.practice, found=one.found, evidence=dict(one.evidence),
            )
            for one in counted.stood
        ],
        batch_size=_ROWS,
    )  # fmt: skip
    return result, stood


def _before(run: models.MeasureRun, measure: str) -> models.MeasureResult | None:
    rows = models.MeasureResult.objects.filter(
        site=run.site_id, source=run.source, measure=measure, on__lte=run.on
    )
    return rows.order_by("-on", "-pk").first()


def latest(site_id: int, source: str) -> dict[str, models.MeasureResult]:
    """The result that stands of each measure: that of the latest day, the last of them. Two queries."""
    of_site = models.MeasureResult.objects.filter(site=site_id, source=source)
    days = of_site.values("measure").annotate(last=Max("on")).values_list("measure", "last")
    wanted = Q(pk=None)
    for measure, last in days:
        wanted |= Q(measure=measure, on=last)
    return {row.measure: row for row in of_site.filter(wanted).order_by("pk")}


def group_counts(
    groups: Mapping[str, str], latest: Mapping[str, models.MeasureResult]
) -> dict[str, Counter[str]]:
    """How many measures each group has, how many were asked, and how many of them found somebody; `groups`
    has the group of each measure by its name."""
    counted: dict[str, Counter[str]] = {}
    for name, group in groups.items():
        result = latest.get(name)
        counted.setdefault(group, Counter()).update(
            measures=1, asked=result is not None, finding=result is not None and result.found > 0
        )
    return counted


def history(site_id: int, source: str, measure: str) -> list[models.MeasureResult]:
    """Every result of a measure, the oldest day first; of one day, the last."""
    rows = models.MeasureResult.objects.filter(site=site_id, source=source, measure=measure)
    return list({row.on: row for row in rows.order_by("on", "pk")}.values())


def changes(results: Collection[models.MeasureResult]) -> dict[int, Changes]:
    """What has become of the patients of each of these results since the one before it, by the result's id;
    counted by the database, in two queries for all of them."""
    ids = [row.pk for row in results]
    found = models.MeasureFinding.objects.filter(result__in=ids, found=True)
    now = found.annotate(was_found=_WAS_FOUND).values("result", "was_found").annotate(many=Count("pk"))
    new, still = Counter[int](), Counter[int]()
    for row in now.values_list("result", "was_found", "many"):
        (still if row[1] else new)[row[0]] = row[2]
    after = {row.before_id: row.pk for row in results if row.before_id is not None}
    is_found, is_unsure = _now_in(ids)
    then = models.MeasureFinding.objects.filter(result__in=list(after), found=True)
    then_now = then.annotate(is_found=is_found, is_unsure=is_unsure)
    resolved, unsure = Counter[int](), Counter[int]()
    gone = then_now.filter(is_found=False).values("result", "is_unsure").annotate(many=Count("pk"))
    for row in gone.values_list("result", "is_unsure", "many"):
        (unsure if row[1] else resolved)[after[row[0]]] = row[2]
    return {pk: Changes(new[pk], still[pk], resolved[pk], unsure[pk]) for pk in ids}


def listed(
    result: models.MeasureResult, *, view: str, text: str = "", page: int = 1, size: int = PAGE
) -> Page:
    """The patients of a view, by their number."""
    found = _search(_view(result, view), text, own=result.source == OWN)
    total = found.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    rows = found.select_related("patient").order_by("number")[(page - 1) * size : page * size]
    return Page(tuple(rows), total, page, pages)


def changes_of(
    result: models.MeasureResult, rows: Sequence[models.MeasureFinding]
) -> dict[int, Change | None]:
    """What has become of each of these patients of the result, or of the one before it, by number; two
    queries."""
    numbers = [row.number for row in rows]
    now = dict(result.findings.filter(number__in=numbers).values_list("number", "found"))
    was = models.MeasureFinding.objects.filter(result=result.before_id, number__in=numbers)
    before = dict(was.values_list("number", "found"))
    return {number: change(_stood(before, number), _stood(now, number)) for number in numbers}


def evidence(row: models.MeasureFinding) -> Evidence:
    """Why; empty where there were more of whom nobody can tell than are looked into."""
    return built(Evidence, row.evidence)


def rate(result: models.MeasureResult) -> Rate:
    """Of all practices together."""
    return Rate(result.found, result.asked, result.unsure)


def practice_rates(result: models.MeasureResult) -> dict[str, Rate]:
    """Of each practice that is known."""
    return {code: Rate(*numbers) for code, numbers in sorted(result.practices.items()) if code}


def origin(measure: str) -> str:
    """What the tasks of a measure come from."""
    return f"measure:{measure}"


def tasks(measure: str, patients: Sequence[int]) -> dict[int, models.PatientTaskStanding]:
    """The last task of a measure for each of these patients; one query."""
    rows = models.PatientTaskStanding.objects.filter(origin=origin(measure), patient__in=list(patients))
    return {row.patient_id: row for row in rows.order_by("pk")}


def wanted(
    result: models.MeasureResult,
    findings: Sequence[int] | None,
    *,
    role: Role | None,
    owner_id: int | None,
    due_on: date,
) -> list[Wanted]:
    """A task for each patient found: those of these findings, or all but those whose task of the measure was
    settled since the result was kept."""
    rows = result.findings.filter(found=True).order_by("number")
    if findings is None:
        settled = models.PatientTaskEvent.objects.filter(
            task__origin=origin(result.measure), task__patient=OuterRef("patient"), verb__in=SETTLES,
            at__gte=result.at,
        )  # fmt: skip
        rows = rows.exclude(Exists(settled))
    else:
        rows = rows.filter(pk__in=list(findings))
    made = []
    for row in rows:
        if row.patient_id is None:
            continue
        why = evidence(row)
        reason = "; ".join(why.brief) or "found by the measure"
        made.append(
            Wanted(
                row.patient_id, Kind.AUDIT, origin(result.measure), result.title, reason[:2000], due_on, why,
                role, owner_id,
            )
        )  # fmt: skip
    return made


def scheduled(site_id: int) -> dict[tuple[str, str], models.MeasureSchedule]:
    """What stands of the schedule, by measure and source."""
    rows = models.MeasureSchedule.objects.filter(site=site_id).order_by("pk")
    return {(row.measure, row.source): row for row in rows}


def due(site: models.Site) -> list[Due]:
    """Everything that is asked by itself and when next, the soonest first; two queries.

    The first time is the day on which it was planned; then so many days after the last result, or after the
    run that is under way."""
    zone = ZoneInfo(site.time_zone)
    kept = models.MeasureResult.objects.filter(site=site).values("measure", "source").annotate(at=Max("at"))
    last = {(row["measure"], row["source"]): row["at"].astimezone(zone).date() for row in kept}
    under_way = models.MeasureRun.objects.filter(site=site, state__in=("waiting", "running"))
    for names, source, at in under_way.order_by("at").values_list("names", "source", "at"):
        last |= dict.fromkeys(((name, source) for name in names), at.astimezone(zone).date())
    found = []
    for (measure, source), row in scheduled(site.pk).items():
        if not row.days:
            continue
        asked = last.get((measure, source))
        planned = row.at.astimezone(zone).date()
        next_on = planned if asked is None else max(asked + timedelta(days=row.days), planned)
        found.append(Due(measure, source, row.days, next_on))
    return sorted(found, key=lambda one: (one.next_on, one.measure))


# Whether a patient who is found was found in the result before.
_WAS_FOUND = Exists(
    models.MeasureFinding.objects.filter(
        result=OuterRef("result__before"), number=OuterRef("number"), found=True
    )
)


def _now_in(ids: Sequence[int]) -> tuple[Exists, Exists]:
    """Whether a patient of a result is found, or unsure, in the one of these that came after it."""
    after = models.MeasureFinding.objects.filter(
        result__in=ids, result__before=OuterRef("result"), number=OuterRef("number")
    )
    return Exists(after.filter(found=True)), Exists(after.filter(found=False))


def _view(result: models.MeasureResult, view: str) -> QuerySet[models.MeasureFinding]:
    found = result.findings.filter(found=True)
    match view:
        case _ if view == CANNOT_TELL:
            return result.findings.filter(found=False)
        case Change.NEW.value | Change.STILL.value:
            return found.annotate(was_found=_WAS_FOUND).filter(was_found=view == Change.STILL.value)
        case Change.RESOLVED.value:
            before = models.MeasureFinding.objects.filter(result=result.before_id, found=True)
            is_found, is_unsure = _now_in([result.pk])
            gone = before.annotate(is_found=is_found, is_unsure=is_unsure)
            return gone.filter(is_found=False, is_unsure=False)
    return found


def _stood(found: Mapping[int, bool], number: int) -> Standing:
    """As a result has it; who is not in it is not found, or not asked."""
    if number not in found:
        return Standing.NOT_FOUND
    return Standing.FOUND if found[number] else Standing.CANNOT_TELL


def _search(
    found: QuerySet[models.MeasureFinding], text: str, *, own: bool
) -> QuerySet[models.MeasureFinding]:
    if not own:
        wanted = text.strip()
        return found.filter(number=int(wanted)) if wanted.isascii() and wanted.isdigit() else found
    for word in folded([text]).split():
        found = found.filter(patient__search__contains=word)
    return found
