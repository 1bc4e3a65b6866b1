"""The monitoring list of a practice: who needs which test, and what comes next; a run works on many."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.monitoring import State
from pestle.pharmacy.practice.monitoring_round import words as next_words
from pestle.pharmacy.practice.monitoring_workflows import TEAM
from pestle.pharmacy.practice.on_medicine import Left
from pestle.web.actions import monitoring_batches
from pestle.web.actions.once import Outcome
from pestle.web.jobs import monitoring as job
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import models, monitoring_list, short_issues
from pestle.web.store import monitoring_batches as runs
from pestle.web.store.monitoring_list import NEXT, VIEWS, Asked

TEXT = "monitoring-text"
STATES = {
    State.OVERDUE: ("hard-stop", "■"),
    State.NEVER: ("hard-stop", "■"),
    State.CANNOT_TELL: ("unknown", "○"),
    State.DUE: ("interrupt", "◆"),
    State.IN_TIME: ("done", "✓"),
    State.NOT_ASKED: ("unknown", "○"),
}
VIEW_WORDS = {
    "late": "Overdue",
    "out": "Out of range",
    "never": "Never done",
    "cannot_tell": "Cannot tell",
    "lapsed": "Still taken?",
    "all": "Everybody",
    "left": "Left the list",
}
_HEADER = ("Patient", "Born", "NHS number", "Medicines", "Test", "State", "Last", "Value", "In time until",
           "By the rule of", "Rule", "Next", "From")  # fmt: skip


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The list; a POST with text narrows it, and one with patients begins a run over them."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    if "text" in request.POST:
        request.session[TEXT] = request.POST["text"].strip()[:100]
        return SeeOther(_href(_asked(request, group=request.POST.get("group", ""))))
    outcome, refusals = attempt(lambda: _run(request, bench))
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    return SeeOther(reverse("monitoring-run", kwargs={"batch_id": outcome.result["batch"]}))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same list as a file: a row for each test."""
    bench = at_bench(request)
    found = monitoring_list.all_of(bench.site.pk, _asked(request), today=bench.today)
    rows = (row for each in found.iterator(500) for row in _cells(each))
    return csv_file(f"monitoring-{bench.today.isoformat()}.csv", _HEADER, rows)


def _run(request: HttpRequest, bench: Bench) -> Outcome:
    given: dict[str, Any] = {"by": bench.person, "now": bench.now, "key": key_of(request), "start": job.start}
    what = request.POST.get("what", "")
    if what == "refresh":
        return monitoring_batches.refresh(**given)
    chosen = numbers(request, "patient")
    return monitoring_batches.begin(**given, verb=what, way=request.POST.get("way", ""), patients=chosen)


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Any, ...] = ()) -> HttpResponse:
    asked = _asked(request)
    numbers = monitoring_list.counts(bench.site.pk, today=bench.today)
    found = monitoring_list.listed(
        bench.site.pk, asked, today=bench.today, page=number(request.GET.get("page", "")) or 1
    )
    oldest = monitoring_list.oldest(bench.site.pk)
    if runs.stale(bench.site.pk):
        messages.warning(request, "An import came in after this list was worked out: it is not whole.")
    if oldest is not None and oldest < bench.today:
        messages.warning(
            request, f"A part of this list was worked out on {words.short_date(oldest)}: work it out anew."
        )
    return page(
        request, "practice/monitoring.jinja", bench, section="monitoring",
        status=422 if refusals else 200, refusals=refusals, asked=asked,
        tabs=_tabs(asked, numbers), steps=_steps(asked, numbers),
        rows=[_row(each, bench.today) for each in found.rows], found=found,
        left=[_gone(each) for each in monitoring_list.left(bench.site.pk)] if asked.view == "left" else [],
        hrefs={at: f"{_href(asked)}&page={at}" for at in range(1, found.pages + 1)},
        here_href=_href(asked), csv_href=_href(asked, "monitoring-csv"),
        groups=[(group, f"{title} ({many})", group == asked.group)
                for group, title, many in monitoring_list.groups(bench.site.pk)],
        may=bench.person.has(*TEAM), verb=asked.view if asked.view in NEXT else "",
        verb_words=next_words(asked.view) if asked.view in NEXT else "",
        short=[_short(each) for each in short_issues.waiting(bench.site.pk)],
        way=request.POST.get("way", "letter"),
    )  # fmt: skip


def _asked(request: HttpRequest, *, group: str | None = None) -> Asked:
    view = request.GET.get("show", "late")
    chosen = request.GET.get("group", "") if group is None else group
    return Asked(
        view=view if view in (*VIEWS, *NEXT) else "late",
        group=chosen[:80],
        text=request.session.get(TEXT, ""),
    )


def _href(asked: Asked, name: str = "monitoring") -> str:
    said = {"show": asked.view, "group": asked.group}
    return f"{reverse(name)}?{urlencode({key: value for key, value in said.items() if value})}"


def _tabs(asked: Asked, numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": _href(Asked(view, asked.group)), "count": numbers[view],
         "current": view == asked.view, "alarm": view in ("late", "out") and numbers[view] > 0}
        for view, label in VIEW_WORDS.items()
    ]  # fmt: skip


def _steps(asked: Asked, numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": next_words(verb), "href": _href(Asked(verb, asked.group)), "count": numbers[verb],
         "current": verb == asked.view, "alarm": False}
        for verb in NEXT
    ]  # fmt: skip


def _row(each: models.MonitoredPatient, today: date) -> dict[str, Any]:
    patient = each.patient
    return {
        "id": patient.pk,
        "patient": name_of(patient),
        "born": patient.born,
        "href": reverse("monitoring-patient", kwargs={"patient_id": patient.pk}),
        "medicines": [one["medicine"] for one in each.rows["medicines"]],
        "tests": [_test(one, today) for one in each.rows["tests"] if one["ask"] or one["state"] in _SHOWN],
        "quiet": sum(not one["ask"] and one["state"] not in _SHOWN for one in each.rows["tests"]),
        "out": each.rows["out"],
        "unmatched": each.rows["unmatched"],
        "lapsed": each.lapsed,
        "next": next_words(each.next_verb or None),
        "next_on": each.next_on,
        "next_due": each.next_on is not None and each.next_on <= today,
    }


_SHOWN = (State.OVERDUE.value, State.NEVER.value, State.CANNOT_TELL.value, State.DUE.value)


def _test(one: dict[str, Any], today: date) -> dict[str, Any]:
    state = State(one["state"])
    due = date.fromisoformat(one["due"]) if one["due"] else None
    if state in (State.IN_TIME, State.DUE) and due is not None and due < today:
        state = State.OVERDUE
    tone, shape = STATES[state]
    return {**one, "due": due, "late": state.late, "tone": tone, "shape": shape, "word": state.words}


def _gone(each: models.MonitoredMedicine) -> dict[str, Any]:
    return {
        "patient": name_of(each.patient),
        "href": reverse("monitoring-patient", kwargs={"patient_id": each.patient_id}),
        "medicine": each.medicine,
        "why": Left(each.left).words if each.left else "",
        "words": each.left_words,
        "on": each.left_on,
    }


def _short(each: models.ShortIssue) -> dict[str, Any]:
    return {
        "patient": name_of(each.patient),
        "href": reverse("monitoring-patient", kwargs={"patient_id": each.patient_id}),
        "what": f"{each.days} days of {each.medicine}",
        "who": each.by.full_name,
        "at": each.at,
    }


def _cells(each: models.MonitoredPatient) -> list[tuple[object, ...]]:
    patient = each.patient
    who = (
        name_of(patient),
        words.short_date(patient.born) if patient.born else "",
        words.nhs_number_words(patient.nhs_number),
        "; ".join(one["medicine"] for one in each.rows["medicines"]),
    )
    after = (next_words(each.next_verb or None), each.next_on.isoformat() if each.next_on else "")
    return [
        (*who, one["title"], State(one["state"]).words, one["last"], one["value"], one["due"], one["whose"],
         one["says"], *after)
        for one in each.rows["tests"]
    ]  # fmt: skip
