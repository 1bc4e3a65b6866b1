"""The responsible pharmacist: who is in charge, signing on and off, absences, the record and the notice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.responsible import (
    KEPT_YEARS,
    MOST_ABSENT,
    WHAT_MAY_GO_ON,
    WHAT_WAITS,
    Arrangement,
    Standing,
    Step,
    applies,
)
from pestle.pharmacy.people import Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions import responsible as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import day_of, in_field, moment_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.responsible import notice_pdf, record_pdf
from pestle.web.store import models, people, responsible

Rows = list[tuple[str, ...]]
_SHOWN = timedelta(days=7)
_HEADER = ("When", "Pharmacist", "Registration", "What", "Arranged", "Why", "Written down", "By")
_FIELDS = ("what", "at", "why", "arrangement", "other")
_SAID = {
    "on": "You are the responsible pharmacist.",
    "off": "You are not the responsible pharmacist any more.",
    "leave": "Your absence is on record.",
    "back": "Your return is on record.",
}


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Who is in charge, and the record; a POST signs on or off, leaves or returns."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    what = request.POST.get("what", "")
    outcome, refusals = attempt(lambda: _act(request, bench, what))
    if outcome is None:
        return _show(request, bench, refusals=refusals, status=422)
    messages.success(request, _SAID[what])
    return SeeOther(reverse("responsible"))


@require_GET
def notice(request: HttpRequest) -> HttpResponse:
    """The notice to display: who is in charge, by name and number."""
    bench = at_bench(request)
    now = responsible.in_charge(bench.site.pk)
    if now.standing is Standing.NOBODY:
        return _show(request, bench, refusals=(_nobody(),), status=422)
    return _pdf(notice_pdf(name=now.name, registration=now.registration, premises=_premises(bench)), "notice")


@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """The record of the days asked for, to be printed."""

    def printed(bench: Bench, first: date, last: date, rows: Rows) -> HttpResponse:
        at = words.date_and_time(bench.now, zone=timezone.get_current_timezone())
        days = f"{words.short_date(first)} to {words.short_date(last)}"
        made = record_pdf(
            premises=_premises(bench), days=days, printed=f"Printed {at} by {bench.person.name}",
            headings=_HEADER, rows=rows,
        )  # fmt: skip
        return _pdf(made, "record")

    return _of_days(request, printed)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same as a file."""

    def file(bench: Bench, first: date, last: date, rows: Rows) -> HttpResponse:
        return csv_file(f"pharmacy-record-{first.isoformat()}-{last.isoformat()}.csv", _HEADER, rows)

    return _of_days(request, file)


def _of_days(request: HttpRequest, made: Callable[[Bench, date, date, Rows], HttpResponse]) -> HttpResponse:
    """What is made of the record of the days asked for; or the page, with why they cannot be read."""
    bench = at_bench(request)
    try:
        first, last = _days(request, bench)
    except Refused as refused:
        return _show(request, bench, refusals=refused.refusals, status=422)
    rows = [_cells(row) for row in responsible.record(bench.site, first=first, last=last)]
    return made(bench, first, last, rows)


def _act(request: HttpRequest, bench: Bench, what: str) -> Outcome:
    form = request.POST
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "why": form.get("why", "")[:300],
        "at": moment_of(form.get("at", ""), "at", zone=bench.zone),
    }  # fmt: skip
    if given["at"] is not None and in_field(given["at"], zone=bench.zone) == in_field(
        bench.now, zone=bench.zone
    ):
        # A field knows no seconds.
        given["at"] = None
    match what:
        case "on":
            return actions.sign_on(**given, take_over=form.get("take_over") == "yes")
        case "off":
            return actions.sign_off(**given)
        case "leave":
            other = form.get("other", "")[:120] if form.get("arrangement") == "other" else ""
            made = Arrangement(form.get("arrangement") == "contactable", other)
            return actions.leave(**given, arrangement=made)
        case "back":
            return actions.come_back(**given)
    raise refuse("responsible.no-such-step", "There is no such step")


def _show(
    request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = (), status: int = 200
) -> HttpResponse:
    now = responsible.in_charge(bench.site.pk)
    absent = responsible.absent_today(bench.site, now=bench.now)
    try:
        first, last = _days(request, bench)
    except Refused as refused:
        refusals, status = refusals or refused.refusals, 422
        first, last = bench.today - _SHOWN, bench.today
    typed = dict.fromkeys(_FIELDS, "") | {name: request.POST.get(name, "") for name in _FIELDS}
    rows = responsible.record(bench.site, first=first, last=last)
    return page(
        request, "responsible.jinja", bench, section="", status=status, refusals=refusals,
        applies=applies(people.site(bench.site)), state=now, mine=now.pharmacist_id == bench.person.id,
        pharmacist=bench.person.has(Role.PHARMACIST), minutes=int(absent.total_seconds()) // 60,
        left=max(int((MOST_ABSENT - absent).total_seconds()) // 60, 0), over=absent > MOST_ABSENT,
        may_go_on=WHAT_MAY_GO_ON, waits=WHAT_WAITS, years=KEPT_YEARS, typed=typed,
        rows=[_cells(row) for row in reversed(rows)], header=_HEADER, first=first, last=last,
        asked=f"?first={first.isoformat()}&last={last.isoformat()}",
    )  # fmt: skip


def _days(request: HttpRequest, bench: Bench) -> tuple[date, date]:
    """The days asked for, the last week unless said. Raises `Refused` (``day.unreadable``,
    ``responsible.days``)."""
    asked = request.GET
    first = day_of(asked["first"], place="from") if asked.get("first") else bench.today - _SHOWN
    last = day_of(asked["last"], place="to") if asked.get("last") else bench.today
    if last < first:
        raise refuse("responsible.days", "The last day lies before the first", place="to")
    return first, last


def _cells(row: models.ResponsibleEntry) -> tuple[str, ...]:
    zone = timezone.get_current_timezone()
    arranged = ""
    if row.step == Step.ABSENT.value:
        arranged = "can be reached, and return" if row.contactable else f"{row.other} can be reached"
    return (
        words.date_and_time(row.at, zone=zone), row.name, row.registration, Step(row.step).words, arranged,
        row.why, words.date_and_time(row.recorded_at, zone=zone), row.by.full_name,
    )  # fmt: skip


def _premises(bench: Bench) -> str:
    return ", ".join((bench.site.name, *bench.site.address))


def _nobody() -> Refusal:
    return Refusal("responsible.none", "Nobody is signed on as responsible pharmacist",
                   way_out="A pharmacist signs on first.")  # fmt: skip


def _pdf(made: bytes, name: str) -> HttpResponse:
    return pdf_file(f"responsible-pharmacist-{name}.pdf", made)
