"""The instalments of a prescription: their plan, the picture of the days, calls to the prescriber, closed
days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.instalments import (
    LAWS,
    LOCAL_STOP_AFTER,
    Cell,
    DayState,
    Wording,
    calendar,
    missed_in_a_row,
    next_collection,
)
from pestle.pharmacy.dispensary.workflow import ASSEMBLE, CLOSED, DISPENSING
from pestle.pharmacy.ledger.base_unit import amount_words, base_units
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.people import Role
from pestle.pharmacy.quantity import Quantity, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import instalments as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page, seen_of
from pestle.web.pages.dates import day_of, day_or_none
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.prescription_view import load, on_its_page
from pestle.web.store import instalments, models, prescriptions

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_DAYS = 60
_SHAPES = {
    DayState.GIVEN: ("done", "✓", "Given"),
    DayState.DUE: ("note", "▸", "Today"),
    DayState.TO_COME: ("note", "○", "To come"),
    DayState.MISSED: ("hard-stop", "■", "Missed"),
    DayState.LOST: ("hard-stop", "■", "Lost"),
    DayState.CLOSED: ("interrupt", "◆", "Closed: ask"),
    DayState.STOPPED: ("hard-stop", "■", "Stopped"),
}
_SAID = {
    "enter": "Entered. What leaves now is the instalment of today, or the next.",
    "prepare": "Prepared: print its label.",
    "call": "On record.",
    "closed": "On record: the collections are worked out with it.",
}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every line in instalments: first where the prescriber is to be called, then what is collected today."""
    bench = at_bench(request)
    rows = [_listed(line, found, bench) for line, found in instalments.at_site(bench.site)]
    return page(
        request,
        "instalments.jinja",
        bench,
        section="worklist",
        rows=sorted(rows, key=lambda row: (row["order"], row["name"])),
        stopped=sum(row["order"] == 0 for row in rows),
        today_count=sum(row["order"] == 1 for row in rows),
    )


def _listed(line: models.Line, found: instalments.InstalmentsOf, bench: Bench) -> dict[str, Any]:
    now, base, patient = found.due_on(bench.today), prescriptions.base(line), line.prescription.patient
    stopped = isinstance(now, Refusal) and now.rule == "instalments.stopped"
    return {
        "order": 0 if stopped else 2 if isinstance(now, Refusal) else 1,
        "name": name_of(patient),
        "href": reverse("instalments", kwargs={"prescription_id": line.prescription_id}),
        "number": line.prescription.number,
        "medicine": name_words(line.product_name),
        "now": now.reason if isinstance(now, Refusal) else amount_words(now.amount, base),
        "supervised": not isinstance(now, Refusal) and bool(now.supervised),
        "missed": missed_in_a_row(found.plan, found.history, on=bench.today),
        "next": next_collection(found.plan, found.history, after=bench.today),
        "step": DISPENSING.step(line.prescription.step).title,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The plan and the picture of each line in instalments; a POST enters one, prepares the next, or puts a
    call or a closed day on record."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    if request.method != "POST":
        return _page(request, bench, row)
    what = request.POST.get("what", "")
    do = {"enter": _enter, "prepare": _prepare, "call": _call, "closed": _closed}.get(what)
    outcome, refusals = attempt(lambda: (do or _nothing)(request, bench, row))
    if outcome is None:
        return _page(request, bench, row, refusals=refusals)
    messages.success(request, _SAID[what])
    where = "prescription" if what in ("enter", "prepare") else "instalments"
    return SeeOther(reverse(where, kwargs={"prescription_id": prescription_id}))


def _nothing(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    raise refuse("instalments.no-way", "Say what is to be done", place="what")


def _enter(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    form, line = request.POST, _line(request, row)
    stop = form.get("stop_after", "").strip()
    return actions.enter(
        by=bench.person, now=bench.now, key=key_of(request), line_id=line.pk, seen=seen_of(request),
        begins=day_of(form.get("begins", ""), place="begins"), amounts=_amounts(form, line),
        weekdays={n for n in range(7) if str(n) in form.getlist("weekday")},
        wordings={one for one in Wording if one.value in form.getlist("wording")},
        stop_after=(_whole(stop, place="stop after") if stop else None),
    )  # fmt: skip


def _prepare(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    line = _line(request, row)
    return actions.prepare(
        by=bench.person, now=bench.now, key=key_of(request), line_id=line.pk, seen=seen_of(request)
    )


def _call(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    return actions.prescriber_said(
        by=bench.person, now=bench.now, key=key_of(request), line_id=_line(request, row).pk,
        words=request.POST.get("words", ""),
        resumes_on=day_or_none(request.POST.get("resumes_on", ""), place="resumes on"),
    )  # fmt: skip


def _closed(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    return actions.set_closed(
        by=bench.person, now=bench.now, key=key_of(request),
        on=day_of(request.POST.get("closed_on", ""), place="closed on"),
        closed=request.POST.get("open") != "yes",
    )  # fmt: skip


def _line(request: HttpRequest, row: models.Prescription) -> models.Line:
    wanted = request.POST.get("line", "")
    found = next((line for line in row.lines.all() if str(line.pk) == wanted), None)
    if found is None:
        raise refuse("line.unknown", "Choose the line", place="line")
    return found


def _amounts(form: Mapping[str, str], line: models.Line) -> list[int]:
    """The amount of each day: one for all, or one for each. Raises `Refused`."""
    days = _whole(form.get("days", ""), place="days")
    if not 1 <= days <= MOST_DAYS:
        raise refuse("instalments.days", f"A prescription has 1 to {MOST_DAYS} days here", place="days")
    typed = form.get("amounts", "").replace(",", " ").replace(";", " ").split()
    if len(typed) not in (1, days):
        raise refuse("instalments.amounts", f"Give one amount for every day, or {days} of them",
                     place="amounts")  # fmt: skip
    amounts = [_amount(text, line) for text in typed]
    return amounts * days if len(amounts) == 1 else amounts


def _amount(text: str, line: models.Line) -> int:
    base = prescriptions.base(line)
    value = decimal(text, place="amounts")
    if not value:
        return 0
    try:
        return base_units(Quantity(value, base.unit), base)
    except Refused as refused:
        first = refused.refusals[0]
        raise refuse(first.rule, first.reason, place="amounts") from refused


def _whole(text: str, *, place: str) -> int:
    said = text.strip()
    if not (said.isascii() and said.isdecimal() and len(said) < 4):
        raise refuse("instalments.not-a-number", f"“{said[:20]}” is no whole number", place=place)
    return int(said)


def _page(
    request: HttpRequest, bench: Bench, row: models.Prescription, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    lines = list(row.lines.order_by("place"))
    found = instalments.of(lines, row.site)
    typed: defaultdict[str, Any] = defaultdict(str, request.POST.dict())
    typed["weekday"] = request.POST.getlist("weekday")
    typed["wording"] = request.POST.getlist("wording")
    can_plan = row.step == ASSEMBLE and bench.person.has(*KEEPS_STOCK)
    return on_its_page(
        request,
        bench,
        row,
        "instalments",
        refusals,
        typed=typed,
        plans=[_shown(line, found[line.pk], bench) for line in lines if line.pk in found],
        plannable=[
            line for line in lines
            if can_plan and line.state == "open" and line.wanted and (
                line.pk not in found or not found[line.pk].history.given
            )
        ],
        can_plan=can_plan,
        may_call=bench.person.has(Role.PHARMACIST) and row.step != CLOSED,
        may_keep=bench.person.has(*KEEPS_STOCK),
        weekdays=list(enumerate(WEEKDAYS)),
        wordings=[(one.value, one.words) for one in Wording],
        closed=[day for day in sorted(instalments.closed_days(bench.site.pk)) if day >= bench.today],
        local_stop=LOCAL_STOP_AFTER,
        laws=LAWS,
    )  # fmt: skip


def _shown(line: models.Line, found: instalments.InstalmentsOf, bench: Bench) -> dict[str, Any]:
    base, today = prescriptions.base(line), bench.today
    cells = calendar(found.plan, found.history, on=today)
    prepared = found.now_or_next(today)
    missed = missed_in_a_row(found.plan, found.history, on=today)
    return {
        "line": line,
        "name": line.product_name,
        "by": found.row.by.full_name,
        "at": found.row.at,
        "total": amount_words(found.plan.amount, base),
        "collected": ", ".join(WEEKDAYS[n] for n in found.row.weekdays),
        "wordings": [Wording(one).words for one in found.row.wordings],
        "stop": found.plan.stops_after,
        "stop_said": found.plan.stop_after is not None,
        "missed": missed,
        "stopped": isinstance(prepared, Refusal) and prepared.rule == "instalments.stopped",
        "refusal": prepared if isinstance(prepared, Refusal) else None,
        "prepared": None if isinstance(prepared, Refusal) else {
            "on": prepared[0],
            "amount": amount_words(prepared[1].amount, base),
            "supervised": amount_words(prepared[1].supervised, base) if prepared[1].supervised else "",
        },
        "next": next_collection(found.plan, found.history, after=today),
        "weeks": _weeks(cells, base),
        "calls": found.calls,
        "open": line.state == "open",
    }  # fmt: skip


def _weeks(cells: tuple[Cell, ...], base: Any) -> list[list[dict[str, Any] | None]]:
    """The days as weeks of seven, from Monday on; None where there is no day of treatment."""
    by_day = {cell.on: cell for cell in cells}
    first, last = cells[0].on, cells[-1].on
    monday = first - timedelta(days=first.weekday())
    weeks: list[list[dict[str, Any] | None]] = []
    while monday <= last:
        weeks.append([_cell(by_day.get(monday + timedelta(days=n)), base) for n in range(7)])
        monday += timedelta(days=7)
    return weeks


def _cell(cell: Cell | None, base: Any) -> dict[str, Any] | None:
    if cell is None:
        return None
    tone, shape, word = _SHAPES[cell.state]
    elsewhere: date | None = cell.collected_on if cell.collected_on != cell.on else None
    return {
        "on": cell.on,
        "amount": amount_words(cell.amount, base),
        "tone": tone,
        "shape": shape,
        "word": word,
        "title": cell.state.value,
        "elsewhere": elsewhere,
    }
