"""Replays: begun from a definition's page, looked at while they run and for ever after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.replay import QUIET, Change, per_hundred
from pestle.web.actions import replays as actions
from pestle.web.actions.once import Outcome
from pestle.web.jobs import replay as job
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.definitions import entry_of, level_of, rule_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.store import models, replays
from pestle.web.store.definitions import known

LEVELS = {**{each.value: each.word for each in Severity}, QUIET: "Quiet"}
STATES = {
    "waiting": "waits for the worker", "running": "running", "done": "done", "stopped": "stopped",
    "failed": "failed",
}  # fmt: skip


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every replay of the site, the newest first."""
    bench = _bench(request)
    rows = models.Replay.objects.filter(site=bench.site).select_related("by").order_by("-pk")[:100]
    return page(
        request,
        "replays/index.jinja",
        bench,
        section="definitions",
        rows=[{"row": row, "title": _title(row), "state": STATES[row.state]} for row in rows],
    )


@require_GET
def show(request: HttpRequest, replay_id: int) -> HttpResponse:
    """One replay: how far it is, or what it counted."""
    bench = _bench(request)
    return _show(request, bench, _row(bench, replay_id))


@require_POST
def begin(request: HttpRequest, file: str) -> HttpResponse:
    """Begins a replay of a definition."""
    bench, entry, posted = _bench(request), entry_of(file), request.POST

    def do() -> Outcome:
        change = None
        if posted.get("to"):
            rule, was = rule_of(posted.get("rule", ""), entry)
            change = Change(rule.check, rule.rule, was, level_of(posted.get("to", "")))
        return actions.begin(
            by=bench.person, now=bench.now, key=key_of(request), definition=entry.called,
            first=day_of(posted.get("first", ""), place="first"),
            last=day_of(posted.get("last", ""), place="last"), change=change, start=job.start,
        )  # fmt: skip

    outcome, refusals = attempt(do)
    if outcome is None:
        for refusal in refusals:
            messages.error(request, f"{refusal.reason}. {refusal.way_out or ''}".strip())
        return SeeOther(reverse("definition", kwargs={"file": entry.file}))
    return SeeOther(reverse("replay", kwargs={"replay_id": outcome.result["replay"]}))


@require_POST
def stop(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Stops it; what was counted so far is kept."""
    bench = _bench(request)
    row = _row(bench, replay_id)
    return _act(request, bench, row, lambda key: actions.stop(
        by=bench.person, now=bench.now, key=key, replay_id=row.pk))  # fmt: skip


@require_POST
def again(request: HttpRequest, replay_id: int) -> HttpResponse:
    """Begins it anew."""
    bench = _bench(request)
    row = _row(bench, replay_id)
    return _act(request, bench, row, lambda key: actions.again(
        by=bench.person, now=bench.now, key=key, replay_id=row.pk, start=job.start))  # fmt: skip


def _bench(request: HttpRequest) -> Bench:
    bench = at_bench(request)
    if not bench.person.has(*actions.MAY_REPLAY):
        raise PermissionDenied
    return bench


def _row(bench: Bench, replay_id: int) -> models.Replay:
    row = models.Replay.objects.select_related("by").filter(pk=replay_id, site=bench.site).first()
    if row is None:
        raise Http404
    return row


def _title(row: models.Replay) -> str:
    entry = known().get(row.definition)
    return entry.title if entry else row.definition


def _show(
    request: HttpRequest, bench: Bench, row: models.Replay, *, refusals: tuple[Any, ...] = ()
) -> HttpResponse:
    result = row.result
    silent = replays.silent(row, now=bench.now)
    return page(
        request,
        "replays/show.jinja",
        bench,
        section="definitions",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        title=_title(row),
        state="its worker was lost" if silent else STATES[row.state],
        under_way=row.state in ("waiting", "running") and not silent,
        may_again=silent or row.state in ("stopped", "failed"),
        change=_change(row),
        percent=100 * row.looked_at // row.total if row.total else 0,
        levels=_levels(result) if result else [],
        result=result,
        alerts=sum(result["now"].values()) if result else 0,
        rate=_rate(sum(result["now"].values()), result) if result else "",
        overridden=result["overridden"] if result else 0,
        examples=result["examples"] if result else [],
        level_words=LEVELS,
    )


def _change(row: models.Replay) -> str:
    change = replays.change(row)
    if change is None:
        return ""
    return f"{change.rule}: from “{change.was.word}” to “{change.to.word if change.to else 'Quiet'}”"


def _levels(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"words": words, "now": result["now"].get(level, 0), "now_rate": _rate(result["now"].get(level, 0),
         result), "then": result["proposed"].get(level, 0),
         "then_rate": _rate(result["proposed"].get(level, 0), result)}
        for level, words in LEVELS.items()
    ]  # fmt: skip


def _rate(number: int, result: dict[str, Any]) -> str:
    rate = per_hundred(number, result["prescriptions"])
    return "–" if rate is None else str(rate)


def _act(
    request: HttpRequest, bench: Bench, row: models.Replay, do: Callable[[str], Outcome]
) -> HttpResponse:
    outcome, refusals = attempt(lambda: do(key_of(request)))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals)
    return SeeOther(reverse("replay", kwargs={"replay_id": row.pk}))
