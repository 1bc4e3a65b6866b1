"""Bags that nobody collected: which are due for a reminder or for the shelf, and what is done with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from pestle.pharmacy.dispensary.uncollected import Bag, Due, Stage, Way, due
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.workflow import can
from pestle.web.actions import uncollected as actions
from pestle.web.actions.may_leave import last_day_of_bag
from pestle.web.pages import words
from pestle.web.pages.acting import act, bench_for, said_so
from pestle.web.pages.bench import Bench, at_bench, page, seen_of
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of, posted
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.prescription_view import load
from pestle.web.store import instalments, models, prescriptions, uncollected

_HEADER = ("Patient", "Born", "NHS number", "Prescription", "Ready since", "Reminded", "Due",
           "From", "Last day", "Medicines")  # fmt: skip
# What is due first: back to the shelf, a second reminder, a first one.
_ORDER = (Stage.RETURN, Stage.REMIND_AGAIN, Stage.REMIND, Stage.WAITS)


@dataclass(frozen=True, slots=True)
class _At:
    """A bag and what is due for it."""

    row: models.Prescription
    bag: Bag
    due: Due


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The bags for which something is due, the most urgent first; then those that wait."""
    bench = at_bench(request)
    found = _bags(bench)
    return page(
        request,
        "uncollected.jinja",
        bench,
        section="worklist",
        rows=[_row(one, bench) for one in found],
        due=sum(one.due.stage is not Stage.WAITS for one in found),
        ways=tuple(Way),
        times=uncollected.times(bench.site),
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    bench, zone = at_bench(request), timezone.get_current_timezone()
    rows = (
        (
            name_of(one.row.patient),
            words.short_date(one.row.patient.born),
            words.nhs_number_words(one.row.patient.nhs_number),
            one.row.number,
            words.date_and_time(one.row.step_since, zone=zone),
            "; ".join(words.short_date(day) for day in one.bag.reminded_on),
            one.due.stage.words,
            words.short_date(one.due.on),
            words.short_date(one.bag.last_day) if one.bag.last_day else "not known",
            "; ".join(_medicines(one.row)),
        )
        for one in _bags(bench)
    )
    return csv_file(f"not-collected-{bench.today.isoformat()}.csv", _HEADER, rows)


@posted
def remind(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The patient was reminded."""
    bench = at_bench(request)
    row = load(bench, prescription_id)

    def do(key: str) -> Any:
        said = request.POST.get("way", "")
        if said not in {one.value for one in Way}:
            raise refuse("reminder.no-way", "Say how the patient was reminded", place="way")
        return actions.remind(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request),
            way=Way(said), words=request.POST.get("words", ""),
        )  # fmt: skip

    return act(
        request, bench, prescription_id, do,
        done=lambda: _to_the_list(request, f"{name_of(row.patient)}: the reminder is on record."),
    )  # fmt: skip


@posted
def return_to_stock(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The bag goes back to the shelf."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: actions.return_to_stock(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
        done=lambda: _to_the_list(
            request,
            f"{name_of(row.patient)}: back in stock. "
            "Take every pack out, and look at its batch and its date.",
        ),
    )  # fmt: skip


@posted
def undo_return(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """It was wanted after all."""
    bench = bench_for(request, prescription_id)
    return act(
        request, bench, prescription_id,
        lambda key: actions.undo_return(
            by=bench.person, now=bench.now, key=key, prescription_id=prescription_id, seen=seen_of(request)
        ),
        done=lambda: said_so(request, prescription_id, "Open again at Assemble: print the labels anew."),
    )  # fmt: skip


def _to_the_list(request: HttpRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return SeeOther(reverse("uncollected"))


def _bags(bench: Bench) -> list[_At]:
    times, found = uncollected.times(bench.site), []
    waiting = uncollected.waiting(bench.site.pk)
    planned = instalments.planned(line for row in waiting for line in row.lines.all())
    for row in waiting:
        bag = uncollected.bag(row, last_day=_last_day(row, planned))
        found.append(_At(row, bag, due(bag, times, on=bench.today)))
    return sorted(found, key=lambda one: (_ORDER.index(one.due.stage), one.due.on, one.row.pk))


def _last_day(row: models.Prescription, planned: frozenset[int]) -> date | None:
    lines = [line for line in row.lines.all() if line.state == "open" and line.pk not in planned]
    return last_day_of_bag(row, lines, prescriptions.signed(row))


def _medicines(row: models.Prescription) -> list[str]:
    return [name_words(line.product_name) for line in row.lines.all() if line.state == "open"]


def _row(one: _At, bench: Bench) -> dict[str, Any]:
    row, task = one.row, prescriptions.task(one.row)
    return {
        "id": row.pk,
        "version": row.version,
        "href": reverse("prescription", kwargs={"prescription_id": row.pk}),
        "patient": name_of(row.patient),
        "medicines": _medicines(row),
        "since_day": one.bag.ready_on,
        "reminders": [_reminder(each, bench) for each in row.reminders.all()],
        "stage": one.due.stage.value,
        "words": one.due.stage.words,
        "on": one.due.on,
        "last_day": one.bag.last_day,
        "may": can(DISPENSING, task, "remind", by=bench.person, now=bench.now),
    }  # fmt: skip


def _reminder(one: models.Reminder, bench: Bench) -> str:
    day = words.short_date(one.at.astimezone(bench.zone).date())
    said = (day, Way(one.way).words.lower(), one.by.full_name, one.words)
    return ", ".join(part for part in said if part)
