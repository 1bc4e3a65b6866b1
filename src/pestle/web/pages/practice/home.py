"""Home at a practice: what waits there, each kind with its number and the way to it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from pestle.pharmacy.people import SiteKind
from pestle.web.pages.bench import Bench, page
from pestle.web.pages.walls import only_requests
from pestle.web.store import (
    letters,
    monitoring_list,
    patient_tasks,
    practice,
    queries,
    requests,
    review_list,
)


def at_practice(request: HttpRequest, bench: Bench) -> HttpResponse:
    """The home page of a practice; reception sees requests only."""
    reception = only_requests(SiteKind(bench.site.kind), bench.person)
    return page(
        request,
        "practice/home.jinja",
        bench,
        section="worklist",
        waits=[_requests(requests.counts(bench.site.pk))] if reception else _waits(bench),
    )


def _waits(bench: Bench) -> list[dict[str, Any]]:
    lists = practice.lists(bench.site.pk, today=bench.today)
    asked = queries.counts(bench.site.pk, person_id=bench.person.id, now=bench.now)
    tasks = patient_tasks.counts(bench.site.pk, person_id=bench.person.id, today=bench.today)
    arrived = letters.waiting(bench.site.pk, today=bench.today)
    repeats = requests.counts(bench.site.pk)
    found = [
        _kind("Letters", "letters", arrived["open"],
              _of(arrived["late"], "overdue", arrived["questions"], "with a question for the pharmacist"),
              alarm=arrived["late"] > 0),
        _requests(repeats),
        _kind("To sign", "practice-sign", repeats.prepared, "prepared, and seen by a prescriber one by one"),
        _kind("To authorise", "practice-authorise", lists.to_authorise,
              "new or changed, and not to be issued until a prescriber signs"),
        _kind("Sent back", "practice-sent-back", lists.sent_back,
              "by a prescriber, with a reason: put right, or end", alarm=lists.sent_back > 0),
        _kind("Queries", "queries", asked.open, _of(asked.overdue, "overdue", asked.answered, "answered"),
              alarm=asked.overdue > 0),
        _kind("Tasks", "tasks", tasks.open, _of(tasks.overdue, "overdue", tasks.mine, "with you"),
              alarm=tasks.overdue > 0),
    ]  # fmt: skip
    tests = monitoring_list.counts(bench.site.pk, today=bench.today)
    needs = review_list.counts(bench.site.pk)
    found += [
        _kind("Monitoring", "monitoring", tests["late"],
              _of(tests["out"], "out of range", tests["arrange"], "to request"), alarm=tests["out"] > 0),
        _kind("Reviews", "reviews", needs["unplanned"],
              _of(needs["planned"], "planned", needs["prepared"], "prepared")),
    ]  # fmt: skip
    if bench.site.record_elsewhere:
        entries = practice.entries(bench.site.pk)
        words = _of(entries.never_arrived, "never arrived", entries.entered, "waiting to be confirmed")
        title = f"To enter in {bench.site.record_elsewhere}"
        alarm = entries.never_arrived > 0
        found.append(_kind(title, "practice-elsewhere", entries.to_enter, words, alarm=alarm))
    return found


def _requests(repeats: requests.Counts) -> dict[str, Any]:
    words = _of(repeats.clinical, "for a pharmacist or prescriber", repeats.asked, "waiting for an answer")
    return _kind("Requests", "practice-requests", repeats.waiting, words)


def _kind(title: str, name: str, number: int, words: str, *, alarm: bool = False) -> dict[str, Any]:
    return {"title": title, "href": reverse(name), "number": number, "words": words, "alarm": alarm}


def _of(one: int, what: str, other: int, that: str) -> str:
    return ", ".join(f"{number} {words}" for number, words in ((one, what), (other, that)) if number)
