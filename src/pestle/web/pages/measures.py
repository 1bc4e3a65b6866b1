"""Measures: what can be asked of the patients, what was found, who, and on to the worklist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.criteria.words import clause
from pestle.pharmacy.measures.changes import Change
from pestle.pharmacy.measures.measure import Measure, digest
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import measures as actions
from pestle.web.actions.once import Outcome
from pestle.web.jobs import measures as job
from pestle.web.pages import measure_view
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.dates import day_of, day_or_none
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.patient_tasks import FOR
from pestle.web.pages.queries import owners
from pestle.web.pages.replays import STATES
from pestle.web.store import measures, models
from pestle.web.store.definitions import entries
from pestle.web.store.knowledge import known_of_lists
from pestle.web.store.knowledge import measures as library

TEXT = "measure_text"
# How many of those that found somebody stand on the first page.
FOUND_LAST = 10
# Two weeks: what a practice usually gives itself for the list of an audit.
DUE_IN = timedelta(days=14)
_LABELS = {
    measures.FOUND: "Found",
    Change.NEW.value: "New",
    Change.STILL.value: "Still",
    Change.RESOLVED.value: "Resolved",
    measures.CANNOT_TELL: "Cannot tell",
}


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The measures of a group, or those that a POST looks for, with what each found last, and when it is
    asked next; of neither, those that found most people last, and the groups."""
    bench = bench_of(request)
    text = request.POST.get("text", "").strip()[:200]
    source = source_of(request, bench)
    latest = measures.latest(bench.site.pk, source)
    due = {one.measure: one for one in measures.due(bench.site) if one.source == source}
    group = request.GET.get("group", "")
    looked_for = _looked_for(group, text) if group or text else _found_last(latest)
    changes = measures.changes([latest[one.name] for one in looked_for if one.name in latest])
    counts = measures.group_counts({one.name: one.group for one in library().measures.values()}, latest)
    looked_for.sort(key=lambda one: (-latest[one.name].found if one.name in latest else 1, one.title))
    rows = [_row(one, source, latest.get(one.name), changes, due.get(one.name)) for one in looked_for]
    running = models.MeasureRun.objects.filter(site=bench.site, state__in=("waiting", "running"))
    return page(
        request, "measures/index.jinja", bench, section="measures", rows=rows, group=group, text=text,
        source=source, groups=[
            (name, f"{reverse('measures')}?{urlencode({'source': source, 'group': name})}", counted)
            for name, counted in sorted(counts.items())
        ],
        sources=_sources(source), running=running.order_by("-pk").first(), said=_source_words(source),
        total=len(library().measures), asked=len(latest),
    )  # fmt: skip


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Asks those chosen, or all."""
    bench = bench_of(request)
    posted = request.POST
    chosen = posted.getlist("measure")
    every = [one.name for one in _looked_for(posted.get("group", ""), "")] or list(library().measures)
    names = every if posted.get("which") == "all" else chosen
    outcome, refusals = attempt(lambda: actions.begin(
        by=bench.person, now=bench.now, key=key_of(request), names=names, source=posted.get("source", ""),
        on=day_or_none(posted.get("on", ""), place="on"), start=job.start,
    ))  # fmt: skip
    if outcome is None:
        _tell(request, refusals)
        return SeeOther(reverse("measures"))
    return SeeOther(reverse("measure-run", kwargs={"measure_run_id": outcome.result["run"]}))


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """What was asked, and what is asked next by itself."""
    bench = bench_of(request)
    rows = models.MeasureRun.objects.filter(site=bench.site).select_related("by").order_by("-pk")[:100]
    due = [
        {"title": _title(one.measure), "href": href(one.measure, one.source), "every": one.days,
         "next": one.next_on, "source": _source_words(one.source), "late": one.next_on < bench.today}
        for one in measures.due(bench.site)
    ]  # fmt: skip
    return page(
        request, "measures/runs.jinja", bench, section="measures", due=due,
        rows=[{"row": row, "state": _state(row, bench), "source": _source_words(row.source)} for row in rows],
    )  # fmt: skip


@require_GET
def run(request: HttpRequest, measure_run_id: int) -> HttpResponse:
    """One run: how far it is, or what it found."""
    bench = bench_of(request)
    row = run_here(bench, measure_run_id)
    silent = measures.silent(row, now=bench.now)
    results = list(row.results.order_by("title"))
    changes = measures.changes(results)
    return page(
        request, "measures/run.jinja", bench, section="measures", row=row, state=_state(row, bench),
        under_way=row.state in ("waiting", "running") and not silent, source=_source_words(row.source),
        percent=100 * row.looked_at // row.total if row.total else 0,
        rows=[
            {"result": one, "href": f"{href(one.measure, one.source)}&result={one.pk}",
             "rate": measure_view.rate_row(measures.rate(one)),
             "changes": changes[one.pk] if one.before_id else None}
            for one in results
        ],
    )  # fmt: skip


@require_POST
def stop(request: HttpRequest, measure_run_id: int) -> HttpResponse:
    """Stops a run; results that are whole are kept."""
    bench = bench_of(request)
    row = run_here(bench, measure_run_id)
    _, refusals = attempt(
        lambda: actions.stop(by=bench.person, now=bench.now, key=key_of(request), run_id=row.pk)
    )
    _tell(request, refusals)
    return SeeOther(reverse("measure-run", kwargs={"measure_run_id": row.pk}))


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, measure: str) -> HttpResponse:
    """One measure: what it asks, the rate, the trend, the practices, and the patients; a POST only sets
    what is searched for among them."""
    bench = bench_of(request)
    asked = measure_of(measure)
    if request.method == "POST":
        request.session[TEXT] = request.POST.get("text", "").strip()[:200]
        return SeeOther(f"{href(measure, source_of(request, bench))}&show={view_of(request)}")
    return _show(request, bench, asked)


@require_POST
def schedule(request: HttpRequest, measure: str) -> HttpResponse:
    """Every so many days, or not any more."""
    bench = bench_of(request)
    asked, posted = measure_of(measure), request.POST
    days = number(posted.get("days", "").strip())
    outcome, refusals = attempt(lambda: actions.schedule(
        by=bench.person, now=bench.now, key=key_of(request), name=asked.name,
        source=posted.get("source", ""), days=-1 if days is None else days, plan=job.plan,
    ))  # fmt: skip
    if outcome is None:
        return _show(request, bench, asked, refusals=refusals)
    said = f"Asked every {days} days from now on." if days else "Not asked by itself any more."
    messages.success(request, said)
    return SeeOther(href(asked.name, posted.get("source", "")))


@require_POST
def send(request: HttpRequest, measure: str) -> HttpResponse:
    """Sends those chosen, or all who are found, to the worklist, each once."""
    bench = bench_of(request)
    asked, posted = measure_of(measure), request.POST
    chosen = numbers(request, "patient")

    def do() -> Outcome:
        return actions.send(
            by=bench.person, now=bench.now, key=key_of(request),
            result_id=number(posted.get("result", "")) or 0,
            findings=None if posted.get("which") == "all" else chosen,
            role=next((one for one in FOR if one.value == posted.get("role")), None),
            owner_id=number(posted.get("owner", "")), due_on=day_of(posted.get("due", ""), place="due"),
        )  # fmt: skip

    outcome, refusals = attempt(do)
    if outcome is None:
        return _show(request, bench, asked, refusals=refusals, typed=posted.dict())
    opened, already = len(outcome.result["opened"]), len(outcome.result["already"])
    said = f"{opened} sent to the worklist" if opened else "Nobody was sent"
    messages.success(request, f"{said}{f'; {already} were on it already' if already else ''}.")
    if not opened:
        return SeeOther(href(asked.name, ""))
    whose = urlencode({"show": "open", "origin": measures.origin(asked.name)})
    return SeeOther(f"{reverse('tasks')}?{whose}")


def _row(
    measure: Measure,
    source: str,
    result: models.MeasureResult | None,
    changes: Mapping[int, measures.Changes],
    due: measures.Due | None,
) -> dict[str, Any]:
    return {
        "measure": measure,
        "href": href(measure.name, source),
        "result": result,
        "rate": measure_view.rate_row(measures.rate(result)) if result else None,
        "changes": changes.get(result.pk) if result and result.before_id else None,
        "due": due,
    }


def _looked_for(group: str, text: str) -> list[Measure]:
    """The measures of a group, or those of all that have these words; none where neither is asked."""
    words = text.casefold().split()
    return [
        one for one in library().measures.values()
        if (group and one.group == group) or (
            words and all(word in f"{one.group} {one.title} {one.why}".casefold() for word in words)
        )
    ]  # fmt: skip


def _found_last(latest: Mapping[str, models.MeasureResult]) -> list[Measure]:
    """The measures that found most people when they were last asked."""
    found = sorted(
        (row for name, row in latest.items() if row.found and name in library().measures),
        key=lambda row: -row.found,
    )
    return [library().measures[row.measure] for row in found[:FOUND_LAST]]


def bench_of(request: HttpRequest) -> Bench:
    """Who is at work. Raises `PermissionDenied` for whoever may not look at measures."""
    bench = at_bench(request)
    if not bench.person.has(*actions.MAY_MEASURE):
        raise PermissionDenied
    return bench


def measure_of(name: str) -> Measure:
    """The measure of that name, else 404."""
    found = library().measures.get(name)
    if found is None:
        raise Http404
    return found


def run_here(bench: Bench, run_id: int) -> models.MeasureRun:
    """The run of that id at this site, else 404."""
    row = models.MeasureRun.objects.select_related("by").filter(pk=run_id, site=bench.site).first()
    if row is None:
        raise Http404
    return row


def source_of(request: HttpRequest, bench: Bench) -> str:
    """Which source the page is about: the site's own records unless a folder is named that was asked or is
    known."""
    source = request.GET.get("source", "")
    of_site = models.MeasureResult.objects.filter(site=bench.site, source=source)
    known = source in measures.sources() or of_site.exists()
    return source if known else measures.OWN


def view_of(request: HttpRequest) -> str:
    """Which patients of a result are asked for."""
    view = request.GET.get("show", "")
    return view if view in measures.VIEWS else measures.FOUND


def result_of(request: HttpRequest, bench: Bench, name: str, source: str) -> models.MeasureResult | None:
    """The result that is asked for, else the one that stands."""
    wanted = number(request.GET.get("result", ""))
    of_site = models.MeasureResult.objects.filter(site=bench.site, measure=name)
    rows = of_site.select_related("run__by", "before")
    if wanted is not None:
        return rows.filter(pk=wanted).first()
    return rows.filter(source=source).order_by("-on", "-pk").first()


def href(name: str, source: str, route: str = "measure") -> str:
    """The address of a measure asked of a source."""
    return f"{reverse(route, kwargs={'measure': name})}?{urlencode({'source': source})}"


def _show(
    request: HttpRequest,
    bench: Bench,
    measure: Measure,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> HttpResponse:
    source = source_of(request, bench)
    result = result_of(request, bench, measure.name, source)
    context: dict[str, Any] = {"result": result}
    if result is not None:
        context |= _found(request, bench, result)
    planned = measures.scheduled(bench.site.pk).get((measure.name, source))
    due = next(
        (one for one in measures.due(bench.site) if (one.measure, one.source) == (measure.name, source)), None
    )
    return page(
        request, "measures/show.jinja", bench, section="measures", status=422 if refusals else 200,
        refusals=refusals, measure=measure, source=source, said=_source_words(source),
        gaps=[one for one in known_of_lists(measure.name) if one[1] < one[2]],
        population=list(clause(measure.population).lines()), among=list(clause(measure.among_them).lines()),
        days=planned.days if planned else 0, next_on=due.next_on if due else None,
        owners=owners(bench), roles=[(one.value, one.title.capitalize()) for one in FOR],
        typed={"role": Role.TECHNICIAN.value, "owner": "", "due": (bench.today + DUE_IN).isoformat(),
               **(typed or {})},
        changed_since=result is not None and result.definition != digest(measure),
        file=_file(measure), **context,
    )  # fmt: skip


def _found(request: HttpRequest, bench: Bench, result: models.MeasureResult) -> dict[str, Any]:
    view = view_of(request)
    text = request.session.get(TEXT, "")
    at = number(request.GET.get("page", "")) or 1
    found = measures.listed(result, view=view, text=text, page=at)
    changes = measures.changes([result])[result.pk]
    become = measures.changes_of(result, found.rows)
    tasks = measures.tasks(result.measure, [row.patient_id for row in found.rows if row.patient_id])
    here = f"{href(result.measure, result.source)}&result={result.pk}"
    counts = {
        measures.FOUND: result.found, Change.NEW.value: changes.new, Change.STILL.value: changes.still,
        Change.RESOLVED.value: changes.resolved, measures.CANNOT_TELL: result.unsure,
    }  # fmt: skip
    return {
        "rate": measure_view.rate_row(measures.rate(result)),
        "changes": changes,
        "view": view,
        "text": text,
        "here_href": f"{here}&show={view}",
        "files": f"{urlencode({'result': result.pk, 'show': view})}",
        "tabs": [
            {"label": label, "href": f"{here}&show={name}", "count": counts[name], "current": name == view,
             "alarm": False}
            for name, label in _LABELS.items()
        ],
        "found": found,
        "rows": [
            measure_view.patient_row(
                row, change=_words(become[row.number]),
                task=tasks.get(row.patient_id or 0),
            )
            for row in found.rows
        ],
        "hrefs": {n: f"{here}&show={view}&page={n}" for n in range(1, found.pages + 1)},
        "sendable": not result.source and view in (measures.FOUND, Change.NEW.value, Change.STILL.value),
        "trend": measure_view.trend(measures.history(bench.site.pk, result.source, result.measure)),
        "practices": measure_view.practices(measures.practice_rates(result)),
    }  # fmt: skip


def _sources(chosen: str) -> list[tuple[str, str, bool]]:
    names = ["", *measures.sources()]
    return [(name, _source_words(name), name == chosen) for name in names]


def _source_words(source: str) -> str:
    return f"the folder {source}" if source else "the patients of this site"


def _state(row: models.MeasureRun, bench: Bench) -> str:
    return "its worker was lost" if measures.silent(row, now=bench.now) else STATES[row.state]


def _title(name: str) -> str:
    found = library().measures.get(name)
    return found.title if found else name


def _file(measure: Measure) -> str:
    """The measure's definition by the name that its page has; empty where it has none."""
    return next((one.file for one in entries().values() if one.kind == "measure" and
                 one.file.endswith(f"/{measure.name}.yaml")), "")  # fmt: skip


def _words(change: Change | None) -> str:
    return change.words if change else ""


def _tell(request: HttpRequest, refusals: tuple[Refusal, ...]) -> None:
    for refusal in refusals:
        messages.error(request, f"{refusal.reason}. {refusal.way_out or ''}".strip())
