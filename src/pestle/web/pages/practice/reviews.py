"""Reviews of medicines: who needs one and why, the most needy first; who does how many a week."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.review import ReviewKind
from pestle.pharmacy.practice.review_outcome import changes
from pestle.pharmacy.practice.review_plan import monday
from pestle.web.actions import review_planning
from pestle.web.actions import reviews as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import models, monitoring_batches, people, review_list, reviews
from pestle.web.store.knowledge import review_library, review_measures
from pestle.web.store.review_list import VIEWS, Asked

TEXT = "reviews-text"
VIEW_WORDS = {
    "unplanned": "Need one",
    "cohort": "Whole cohort",
    "planned": "Planned",
    "prepared": "Prepared",
    "done": "Done",
}
_WEEKS = 8
_HEADER = ("Patient", "Born", "NHS number", "Points", "Last review", "Medicines", "Why", "Not known")


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The cohort, or the reviews at a step; a POST with text narrows it, one with patients plans them."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    if "text" in request.POST:
        request.session[TEXT] = request.POST["text"].strip()[:100]
        return SeeOther(_href(_asked(request, reason=request.POST.get("reason", ""))))
    chosen = numbers(request, "patient")
    outcome, refusals = attempt(
        lambda: review_planning.plan(by=bench.person, now=bench.now, key=key_of(request), patients=chosen)
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    booked, without = len(outcome.result["booked"]), len(outcome.result["without"])
    said = f"Planned: {words.count(booked, 'review')}."
    if without:
        said += f" No place was left for {words.count(without, 'patient')}."
    messages.success(request, said)
    return SeeOther(reverse("review-plan"))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The cohort as a file."""
    bench = at_bench(request)
    found = review_list.all_of(bench.site.pk, _asked(request))
    rows = (
        (name_of(each.patient), words.short_date(each.patient.born) if each.patient.born else "",
         words.nhs_number_words(each.patient.nhs_number), each.points, each.last_review or "none on record",
         each.medicines, "; ".join(f"{part['title']} ({part['points']})" for part in each.parts),
         "; ".join(each.missing))
        for each in found.iterator(500)
    )  # fmt: skip
    return csv_file(f"reviews-{bench.today.isoformat()}.csv", _HEADER, rows)


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """The weeks to come: who has how many places, and who is booked; a POST sets somebody's places."""
    bench = at_bench(request)
    refusals: tuple[Any, ...] = ()
    if request.method == "POST":
        outcome, refusals = attempt(lambda: _places(request, bench))
        if outcome is not None:
            messages.success(request, "The places are set.")
            return SeeOther(reverse("review-plan"))
    first = monday(bench.today)
    team = [one for one in people.team(bench.site.pk) if one.has(*review_planning.MAY_PLAN)]
    set_ = {(each.person_id, each.kind): each.number
            for each in models.ReviewPlaces.objects.filter(site=bench.site)}  # fmt: skip
    booked = review_list.at_step(bench.site.pk, ("planned", "prepared"))
    weeks = [first + timedelta(days=7 * at) for at in range(_WEEKS)]
    left: Counter[date] = Counter()
    for each in reviews.places(bench.site.pk, ReviewKind.STRUCTURED, first=first, weeks=_WEEKS):
        left[each.week] += each.left
    return page(
        request, "practice/review_plan.jinja", bench, section="reviews",
        status=422 if refusals else 200, refusals=refusals,
        typed={name: request.POST.get(name, "") for name in ("person", "kind", "number")},
        weeks=[{"on": week, "rows": [_booked(each, first) for each in booked if _in(each, week, first)],
                "left": left[week]} for week in weeks],
        team=[(str(one.id), f"{one.name}, {one.title}") for one in team],
        places=[(one.name, kind.words, set_[(one.id, kind.value)])
                for one in team for kind in ReviewKind if (one.id, kind.value) in set_],
        kinds=[(kind.value, kind.words) for kind in ReviewKind],
        may=bench.person.has(*review_planning.MAY_SET_PLACES),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def outcomes(request: HttpRequest) -> HttpResponse:
    """What was counted before structured reviews and later; a POST measures those that are due."""
    bench = at_bench(request)
    if request.method == "POST":
        chosen = number(request.POST.get("review", "")) or 0
        outcome, refusals = attempt(
            lambda: actions.measure(by=bench.person, now=bench.now, key=key_of(request), review_id=chosen)
        )
        for refusal in refusals:
            messages.error(request, refusal.reason)
        if outcome is not None:
            messages.success(request, "Measured.")
        return SeeOther(reverse("review-outcomes"))
    until = review_library().need.measured_after.before(bench.today)
    due = reviews.to_measure(bench.site.pk, until=until)
    done = models.Review.objects.filter(site=bench.site, events__verb="measure").prefetch_related("events")
    pairs = [pair for row in done.distinct()[:500] if None not in (pair := reviews.measured(row))]
    return page(
        request, "practice/review_outcomes.jinja", bench, section="reviews",
        changes=changes([(before, after) for before, after in pairs if before and after]), number=len(pairs),
        due=[{"id": row.pk, "patient": name_of(row.patient), "on": row.standing.done_on,
              "href": reverse("review", kwargs={"review_id": row.pk})} for row in due],
        after=review_library().need.measured_after, may=bench.person.has(*review_planning.MAY_PLAN),
    )  # fmt: skip


def _places(request: HttpRequest, bench: Bench) -> Outcome:
    kind = next((one for one in ReviewKind if one.value == request.POST.get("kind")), ReviewKind.STRUCTURED)
    return review_planning.set_places(
        by=bench.person, now=bench.now, key=key_of(request),
        person_id=number(request.POST.get("person", "")) or 0, kind=kind,
        number=number(request.POST.get("number", "").strip()),
    )  # fmt: skip


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Any, ...] = ()) -> HttpResponse:
    asked = _asked(request)
    numbers = review_list.counts(bench.site.pk)
    of_needs = asked.view in ("cohort", "unplanned")
    found = review_list.listed(bench.site.pk, asked, page=number(request.GET.get("page", "")) or 1)
    oldest = review_list.oldest(bench.site.pk)
    if monitoring_batches.stale(bench.site.pk):
        messages.warning(request, "An import came in after this list was worked out: it is not whole.")
    if oldest is not None and oldest < bench.today:
        told = f"A part of this list was worked out on {words.short_date(oldest)}"
        messages.warning(request, f"{told}: work the monitoring list out anew.")
    open_ = reviews.under_way(bench.site.pk, [each.patient_id for each in found.rows]) if of_needs else {}
    return page(
        request, "practice/reviews.jinja", bench, section="reviews", status=422 if refusals else 200,
        refusals=refusals, asked=asked, found=found, of_needs=of_needs,
        tabs=_tabs(asked, numbers),
        rows=[_row(each, open_.get(each.patient_id, [])) for each in found.rows] if of_needs else [],
        standing=[] if of_needs else [_booked(each, monday(bench.today))
                                      for each in review_list.at_step(bench.site.pk, (asked.view,))],
        hrefs={at: f"{_href(asked)}&page={at}" for at in range(1, found.pages + 1)},
        here_href=_href(asked), csv_href=_href(asked, "reviews-csv"),
        reasons=[(one, one, one == asked.reason) for one in _reasons()],
        may=bench.person.has(*review_planning.MAY_PLAN), source=review_library().need.source,
    )  # fmt: skip


def _reasons() -> list[str]:
    """Every reason by which somebody can be in the cohort, by its title."""
    titles = [each.title for each in review_library().need.reasons]
    return sorted({*titles, *(each.title for each in review_measures())})


def _tabs(asked: Asked, numbers: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": label, "href": _href(Asked(view)), "count": numbers[view], "current": view == asked.view,
         "alarm": False}
        for view, label in VIEW_WORDS.items()
    ]  # fmt: skip


def _asked(request: HttpRequest, *, reason: str | None = None) -> Asked:
    view = request.GET.get("show", "unplanned")
    chosen = request.GET.get("reason", "") if reason is None else reason
    return Asked(
        view=view if view in VIEWS else "unplanned", reason=chosen[:200], text=request.session.get(TEXT, "")
    )


def _href(asked: Asked, name: str = "reviews") -> str:
    said = {"show": asked.view, "reason": asked.reason}
    return f"{reverse(name)}?{urlencode({key: value for key, value in said.items() if value})}"


def _row(each: models.ReviewNeed, open_: list[models.ReviewStanding]) -> dict[str, Any]:
    structured = next((one for one in open_ if one.kind == ReviewKind.STRUCTURED.value), None)
    return {
        "id": each.patient_id,
        "patient": name_of(each.patient),
        "born": each.patient.born,
        "href": reverse("review-patient", kwargs={"patient_id": each.patient_id}),
        "points": each.points,
        "parts": each.parts,
        "missing": each.missing,
        "last": each.last_review,
        "medicines": each.medicines,
        "open": _booked(structured, each.on) if structured else None,
    }


def _booked(each: models.ReviewStanding, first: date) -> dict[str, Any]:
    return {
        "id": each.review_id,
        "href": reverse("review", kwargs={"review_id": each.review_id}),
        "patient": name_of(each.patient),
        "kind": ReviewKind(each.kind).words,
        "step": each.step,
        "owner": each.owner.full_name,
        "week": each.week,
        "late": each.step in ("planned", "prepared") and each.week < first,
        "done": each.done_on,
    }


def _in(each: models.ReviewStanding, week: date, first: date) -> bool:
    """Whether a review stands in a week; what is late stands in the first one."""
    return each.week == week or (week == first and each.week < first)
