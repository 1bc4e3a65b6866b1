"""Today at the site, for whoever runs it: what waits, what is promised, what came and went, what was late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from pestle.pharmacy.dispensary.promise import LateReason, promise
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions.lateness import say_why_late
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.column_chart import column_chart
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import day, models, queries, today, uncollected

# The hours of a dispensary that are always shown; others stand where something came or went in them.
_OPEN, _SHUT = 9, 18
_DAYS = 7
_COLUMNS = (
    ("Messages", ("messages.receive", "messages.close_refused")),
    ("Entry", ("dispensary.complete_entry",)),
    ("Clinical check", ("dispensary.clinical_check",)),
    ("Labels", ("dispensary.print_labels",)),
    ("Packs", ("dispensary.pick",)),
    ("Assembled", ("dispensary.complete_assembly",)),
    ("Accuracy check", ("dispensary.pass_accuracy", "dispensary.fail_accuracy")),
    ("Handed out", ("dispensary.hand_out",)),
    ("Stock", ("stock.receive_batch", "stock.record_recall")),
)
_HEADER = ("List", "Due", "Ready", "Step", "Prescription", "With", "What held it up", "Why it was late")
# One letter each, that no other verb of the page has.
_KEYS = {
    LateReason.STOCK: "s", LateReason.QUERY: "q", LateReason.WORK: "w", LateReason.ERROR: "e",
    LateReason.MACHINE: "x", LateReason.TIME: "p",
}  # fmt: skip


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The day so far."""
    return _show(request, _manager(request))


@require_POST
def say_why(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Puts on record why a prescription was late."""
    bench = _manager(request)
    if not models.Prescription.objects.filter(pk=prescription_id, site=bench.site).exists():
        raise Http404
    reason = next((one for one in LateReason if one.value == request.POST.get("reason")), None)
    outcome, refusals = attempt(
        lambda: say_why_late(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            prescription_id=prescription_id,
            reason=reason,
        )
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals, status=422)
    return SeeOther(f"{reverse('today')}#late")


def _show(
    request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> HttpResponse:
    began = today.midnight(bench.today, bench.zone)
    ends = today.midnight(bench.today + timedelta(days=1), bench.zone)
    waiting = day.waiting(bench.site.pk, now=bench.now)
    done = day.done_since(bench.site.pk, began)
    hours = _hours(today.by_hour(bench.site.pk, since=began, until=ends, zone=bench.zone))
    days = today.by_day(
        bench.site.pk, first=bench.today - timedelta(days=_DAYS - 1), last=bench.today, zone=bench.zone
    )
    rows, total = today.promised(bench.site.pk, until=ends)
    return page(
        request,
        "manage/today.jinja",
        bench,
        section="manage",
        refusals=refusals,
        status=status,
        steps=[
            {
                "title": step.title,
                "href": f"{reverse('worklist')}?step={step.code}",
                "waiting": waiting.get(step.code),
            }
            for step in DISPENSING.steps
            if not step.final
        ],
        columns=[title for title, _ in _COLUMNS],
        done=[
            {"name": name, "cells": [sum(counts.get(one, 0) for one in verbs) for _, verbs in _COLUMNS]}
            for name, counts in done.items()
        ],
        totals=[
            sum(counts.get(one, 0) for counts in done.values() for one in verbs) for _, verbs in _COLUMNS
        ],
        promised=[_promised(row, bench) for row in rows],
        more=total - len(rows),
        uncollected=uncollected.old(bench.site, now=bench.now),
        queries=queries.counts(bench.site.pk, person_id=bench.person.id, now=bench.now),
        late=[_late(one) for one in today.was_late(bench.site.pk, since=began)],
        reasons=[(one, _KEYS[one]) for one in LateReason],
        said=today.late_reasons(bench.site.pk, since=began - timedelta(days=_DAYS - 1)),
        hours=hours,
        chart=column_chart([(f"{hour:02d}", numbers) for hour, numbers in hours], stacked=False),
        days=sorted(days.items(), reverse=True),
        csv_href=reverse("today-csv"),
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """What is promised for today and open, and what was late; no patient is named, though what somebody typed
    may name one."""
    bench = _manager(request)
    began = today.midnight(bench.today, bench.zone)
    ends = today.midnight(bench.today + timedelta(days=1), bench.zone)
    promised, _ = today.promised(bench.site.pk, until=ends)

    def at(moment: Any) -> str:
        return words.date_and_time(moment, zone=bench.zone)

    rows = [
        (promise(row.due_at, now=bench.now).words, at(row.due_at), "", DISPENSING.step(row.step).title,
         row.number, row.claimed_by.full_name if row.claimed_by else "", "", "")
        for row in promised
    ] + [
        ("Was late", at(one.late.due_at), at(one.late.ready_at), DISPENSING.step(one.row.step).title,
         one.row.number, "", "; ".join(one.why) or "unknown",
         one.reason.words if one.reason else "")
        for one in today.was_late(bench.site.pk, since=began)
    ]  # fmt: skip
    return csv_file(f"today-{bench.today.isoformat()}.csv", _HEADER, rows)


def _manager(request: HttpRequest) -> Bench:
    bench = at_bench(request)
    if not bench.person.has(*MAY_MANAGE):
        raise PermissionDenied
    return bench


def _hours(found: dict[int, tuple[int, int]]) -> list[tuple[int, tuple[int, int]]]:
    """Every hour from the first to the last, those without anything too."""
    first, last = min([_OPEN, *found]), max([_SHUT, *found])
    return [(hour, found.get(hour, (0, 0))) for hour in range(first, last + 1)]


def _promised(row: models.Prescription, bench: Bench) -> dict[str, Any]:
    return {
        "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
        "patient": name_of(row.patient),
        "due": row.due_at,
        "promise": promise(row.due_at, now=bench.now),
        "step": DISPENSING.step(row.step).title,
        "since": row.step_since,
        "who": row.claimed_by.full_name if row.claimed_by else "",
    }


def _late(one: today.WasLate) -> dict[str, Any]:
    minutes = int(one.late.by.total_seconds()) // 60
    return {
        "href": reverse("prescription", kwargs={"prescription_id": one.row.pk}),
        "patient": name_of(one.row.patient),
        "due": one.late.due_at,
        "ready": one.late.ready_at,
        "by": f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min",
        "why": one.why,
        "reason": one.reason,
        "id": one.row.pk,
    }
