"""Measures, asked: of the site's own records some patients at a time, of a folder measure by measure; and
those that are due, asked by themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from pestle.pharmacy.frozen_json import plain
from pestle.pharmacy.measures.measure import Measure, Standing
from pestle.pharmacy.measures.rate import EVERYWHERE, rates
from pestle.pharmacy.worklist.patient_task import Evidence
from pestle.web.actions import measures as actions
from pestle.web.actions.setting_up import program
from pestle.web.store import measures, models
from pestle.web.store.knowledge import measures as library
from pestle.web.store.measures import Counted, Stood

# The engine takes half a second to import, so only a worker does, when it needs it.
if TYPE_CHECKING:
    from pestle.pharmacy.measures.population import Population

# Of more patients of whom nobody can tell, the reasons are not looked into: they are counted and listed.
MOST_UNSURE = 2000
# Before the day's work, when records are as of the evening before.
_WAKES = time(5, 0)
_Row = dict[str, Any]
Clock = Callable[[], datetime]


def start(run_id: int) -> None:
    """Puts a run into the queue; it runs once the transaction that made it is committed."""
    run_measures.enqueue(run_id)


def plan(site_id: int, at: datetime) -> None:
    """Wakes the worker at that moment, to ask what is due at the site; unless it wakes before anyway."""
    sooner = DBTaskResult.objects.filter(
        task_path=ask_due.module_path, status=TaskResultStatus.READY,
        args_kwargs={"args": [site_id], "kwargs": {}}, run_after__lte=at,
    )  # fmt: skip
    if not sooner.exists():
        ask_due.using(run_after=at).enqueue(site_id)


@task()
def run_measures(run_id: int) -> None:
    """Runs what waits; what runs already or has ended is left alone."""
    run(run_id, clock=_now)


def run(run_id: int, *, clock: Clock) -> None:
    """The same, by a clock of the caller's."""
    row = measures.claimed(run_id, now=clock())
    if row is None:
        return
    try:
        ended = _of_folder(row, clock) if row.source else _of_site(row, clock)
    except Exception as error:
        # The type only: an exception's words may hold what is known of a patient.
        measures.ended(row, "failed", now=clock(), because=type(error).__name__)
        raise
    measures.ended(row, "stopped" if ended else "done", now=clock())


@task()
def ask_due(site_id: int) -> None:
    """Begins what is due at a site, and plans to look again when the next is. Two who look at once begin it
    once: the key says which measures on which day."""
    site = models.Site.objects.get(pk=site_id)
    now = _now()
    today = now.astimezone(ZoneInfo(site.time_zone)).date()
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for one in measures.due(site):
        if one.next_on <= today:
            waiting[one.source].append(one.measure)
    for source, names in waiting.items():
        actions.begin(
            by=program(site), now=now, key=_key(today, source, names), names=names, source=source,
            start=start,
        )  # fmt: skip
    following = min((one.next_on for one in measures.due(site)), default=None)
    if following is not None:
        wakes = datetime.combine(max(following, today + timedelta(days=1)), _WAKES, ZoneInfo(site.time_zone))
        plan(site_id, wakes.astimezone(UTC))


def _key(today: date, source: str, names: list[str]) -> str:
    return sha256(f"due {today} {source} {sorted(names)}".encode()).hexdigest()


@dataclass(slots=True)
class _Tally:
    """What a measure has found so far."""

    standings: list[tuple[str, Standing]] = field(default_factory=list)
    stood: list[Stood] = field(default_factory=list)

    def add(self, row: Mapping[str, Any], evidence: Evidence | None) -> None:
        standing, practice = Standing(row["standing"]), str(row["practice"] or "")
        self.standings.append((practice, standing))
        if standing is not Standing.NOT_FOUND:
            found = standing is Standing.FOUND
            self.stood.append(Stood(row["patient"], practice, found, plain(evidence) if evidence else {}))

    def counted(self, population: str, *, own: bool) -> Counted:
        of = rates(self.standings)
        practices = {
            code: (one.found, one.asked, one.unsure) for code, one in of.items() if code != EVERYWHERE
        }
        unknown = [standing for practice, standing in self.standings if not practice]
        if unknown and practices:
            counts = Counter(unknown)
            practices[EVERYWHERE] = (
                counts[Standing.FOUND], counts[Standing.FOUND] + counts[Standing.NOT_FOUND],
                counts[Standing.CANNOT_TELL],
            )  # fmt: skip
        whole = of[EVERYWHERE]
        return Counted(population, whole.found, whole.asked, whole.unsure, practices, self.stood, own)


def counted(
    rows: Iterable[Mapping[str, Any]], because: Mapping[int, Evidence], *, population: str, own: bool
) -> Counted:
    """What a measure found: `rows` as `measures.run.standings` has them, with the evidence there is."""
    tally = _Tally()
    for row in rows:
        tally.add(row, because.get(row["patient"]))
    return tally.counted(population, own=own)


def _of_site(run: models.MeasureRun, clock: Clock) -> bool:
    """Asks the measures of the site's records; whether somebody stopped it."""
    from pestle.pharmacy.criteria.patient_day import PatientDay
    from pestle.pharmacy.measures.reason import evidence
    from pestle.web.store import populations

    asked = [library().measures[name] for name in run.names]
    digest, parts = populations.site_digest(run.site), populations.parts(run.site)
    tallies = {measure.name: _Tally() for measure in asked}
    done, total = 0, len(asked) * max(1, len(parts))
    for ids in parts:
        population, records = populations.part(ids, run.site, now=clock())
        days = {
            number: PatientDay(record, on=run.on, substances=library().substances)
            for number, record in records.items()
        }
        for measure in asked:
            if measures.heard(run, measure.title, done, of=total, now=clock()):
                return True
            tally = tallies[measure.name]
            for row in _rows(measure, population, run.on):
                looked = _looked_into(row, len(tally.stood))
                tally.add(row, evidence(measure, days[row["patient"]]) if looked else None)
            done += 1
    for measure in asked:
        _keep(run, measure, tallies[measure.name].counted(digest, own=True), at=clock())
    measures.heard(run, "", total, of=total, now=clock())
    return False


def _of_folder(run: models.MeasureRun, clock: Clock) -> bool:
    """Asks the measures of a folder, and keeps each as it is done; whether somebody stopped it."""
    from pestle.pharmacy.measures.reason import reasons
    from pestle.web.store import populations

    folder = measures.sources()[run.source]
    digest = populations.folder_digest(folder)
    asked = [library().measures[name] for name in run.names]
    with populations.of_folder(folder) as population:
        for place, measure in enumerate(asked):
            if measures.heard(run, measure.title, place, of=len(asked), now=clock()):
                return True
            rows = list(_rows(measure, population, run.on))
            wanted: dict[int, list[Measure]] = {}
            for row in rows:
                if _looked_into(row, len(wanted)):
                    wanted[row["patient"]] = [measure]
            told = reasons(wanted, population, on=run.on, source=run.source, read_at=clock())
            because = {number: why for number, _, why in told}
            _keep(run, measure, counted(rows, because, population=digest, own=False), at=clock())
    measures.heard(run, "", len(asked), of=len(asked), now=clock())
    return False


def _rows(measure: Measure, population: Population, on: date) -> Iterator[_Row]:
    from pestle.pharmacy.measures.run import standings

    yield from standings(measure, population, on=on).to_pyarrow().to_pylist()


def _looked_into(row: Mapping[str, Any], listed: int) -> bool:
    """Whether the reason is worked out: of everybody found, and of so many of whom nobody can tell."""
    if row["standing"] == Standing.FOUND.value:
        return True
    return row["standing"] == Standing.CANNOT_TELL.value and listed < MOST_UNSURE


def _keep(run: models.MeasureRun, measure: Measure, counted: Counted, *, at: datetime) -> None:
    actions.keep(by=program(run.site), now=at, run=run, name=measure.name, counted=counted)


def _now() -> datetime:
    return datetime.now(UTC)
