"""Near misses and errors: recorded at a prescription or by themselves, read by week, type, stage and pair."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.near_miss import (
    MAY_CORRECT,
    MAY_RECORD,
    Harm,
    Named,
    NoticedBy,
    Reached,
    Stage,
)
from pestle.pharmacy.dispensary.near_miss_counts import by_kind_and_stage, by_week, pairs
from pestle.pharmacy.dispensary.workflow import ACCURACY
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import near_misses as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import near_miss_form
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.column_chart import column_chart
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.near_miss_form import Suggestions
from pestle.web.pages.next_task import SeeOther, name_of, on_to_next
from pestle.web.pages.prescription_view import load
from pestle.web.store import audit, models, near_misses
from pestle.web.store.knowledge import near_miss_vocabulary

PERIODS = {"56": "8 weeks", "182": "half a year", "365": "a year"}
# The checker's own way here: from a check that has just failed, and on to the next one.
FROM_CHECK = "check"
MOST_PAIRS = 10
_HEADER = ("Day", "Type", "Stage", "Reached the patient", "Harm", "Noticed by", "Medicine meant",
           "Medicine picked", "Factors", "What happened", "Learned", "Done", "Told to the patient",
           "Prescription")  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Those that stand, and what they have in common. A POST only sets the filter."""
    bench = at_bench(request)
    if request.method == "POST":
        return SeeOther(_href("near-misses", request.POST))
    asked, first = _asked(request, bench)
    rows = near_misses.standing(bench.site.pk, since=first, kind=asked["type"], stage=asked["stage"])
    every = [near_misses.value(row) for row in rows]
    words = near_miss_vocabulary()
    kinds, stages = by_kind_and_stage(every)
    weeks = by_week(every, first=first, last=bench.today)
    return page(
        request,
        "near_misses/index.jinja",
        bench,
        section="near-misses",
        first=first,
        rows=[_row(row) for row in rows],
        weeks=weeks,
        chart=column_chart(
            [(f"{one.monday:%d %b}", (one.caught, one.reached, one.unknown)) for one in weeks]
        ),
        kinds=[(words.types.get(kind, kind), number) for kind, number in kinds],
        stages=[(stage.words, number) for stage, number in stages],
        pairs=pairs(every)[:MOST_PAIRS],
        choices=_choices(asked),
        filtered=bool(asked["type"] or asked["stage"]),
        may_record=bench.person.has(*MAY_RECORD),
        csv_href=_href("near-misses-csv", asked),
        here=_href("near-misses", asked),
    )


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The same rows as a file. It names nobody who recorded one; what somebody typed may name a patient."""
    bench = at_bench(request)
    asked, first = _asked(request, bench)
    words = near_miss_vocabulary()
    rows = (
        (
            row.happened_on.isoformat(), words.types.get(row.kind, row.kind), Stage(row.stage).words,
            Reached(row.reached).words, Harm(row.harm).words, NoticedBy(row.noticed_by).words, row.meant_name,
            row.picked_name, "; ".join(words.factors.get(one, one) for one in row.factors), row.words,
            row.learned, row.done, row.candour, row.prescription.number if row.prescription else "",
        )
        for row in near_misses.standing(
            bench.site.pk, since=first, kind=asked["type"], stage=asked["stage"])
    )  # fmt: skip
    return csv_file(f"near-misses-{bench.today.isoformat()}.csv", _HEADER, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest) -> HttpResponse:
    """Records one about nothing in particular."""
    bench = at_bench(request)
    if request.method != "POST":
        return _form(request, bench, typed={})
    outcome, refusals = _record(request, bench, None)
    if outcome is None:
        return _form(request, bench, typed=request.POST.dict(), refusals=refusals)
    messages.success(request, "Recorded.")
    return SeeOther(reverse("near-misses"))


@require_http_methods(["GET", "HEAD", "POST"])
def at_prescription(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """Records one about a prescription; ``from=check`` when its accuracy check has just failed."""
    bench = at_bench(request)
    row = load(bench, prescription_id)
    if request.method != "POST":
        return _form(request, bench, row=row, typed=_begun(request, bench, row))
    outcome, refusals = _record(request, bench, row.pk)
    if outcome is None:
        return _form(request, bench, row=row, typed=request.POST.dict(), refusals=refusals)
    if _from_check(request):
        done = f"Recorded what went wrong with {name_of(row.patient)}."
        return on_to_next(request, bench, step=ACCURACY, prescription=row.pk, done=done)
    messages.success(request, "Recorded.")
    return SeeOther(reverse("prescription", kwargs={"prescription_id": row.pk}))


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, near_miss_id: int) -> HttpResponse:
    """One, with its corrections; a POST corrects or withdraws it."""
    bench = at_bench(request)
    row = models.NearMiss.objects.filter(pk=near_miss_id, site=bench.site.pk).first()
    if row is None:
        raise Http404
    if request.method != "POST":
        return _one(request, bench, row, typed=_typed(row))
    withdrawn = request.POST.get("what") == "withdraw"
    typed = request.POST.dict()
    factors = request.POST.getlist("factor")
    outcome, refusals = attempt(
        lambda: actions.correct(
            by=bench.person, now=bench.now, key=key_of(request), near_miss_id=row.pk,
            told=None if withdrawn else near_miss_form.told(typed, factors, today=row.happened_on),
            because=typed.get("because", ""),
        )
    )  # fmt: skip
    if outcome is None:
        return _one(request, bench, row, typed=typed | {"factors": " ".join(factors)}, refusals=refusals)
    messages.success(request, "Withdrawn." if withdrawn else "Corrected: the record before it stays.")
    return SeeOther(reverse("near-miss", kwargs={"near_miss_id": outcome.result["near_miss"]}))


def _record(
    request: HttpRequest, bench: Bench, prescription_id: int | None
) -> tuple[Outcome | None, tuple[Refusal, ...]]:
    return attempt(
        lambda: actions.record(
            by=bench.person, now=bench.now, key=key_of(request), prescription_id=prescription_id,
            told=near_miss_form.told(request.POST.dict(), request.POST.getlist("factor"), today=bench.today),
        )
    )  # fmt: skip


def _begun(request: HttpRequest, bench: Bench, row: models.Prescription) -> dict[str, str]:
    """What is known already when the form is opened: after a failed check, what was found there."""
    found = near_miss_form.suggestions(request, row)
    begun = {"meant": found.likely_meant, "picked": found.likely_picked, "day": bench.today.isoformat()}
    if not row.hand_outs.all():
        begun |= {"reached": Reached.NO.value, "harm": Harm.NONE.value}
    if _from_check(request):
        failed = [one for one in audit.about(f"prescription:{row.pk}")
                  if one.action == "dispensary.fail_accuracy"]  # fmt: skip
        begun |= {"words": failed[-1].detail["reason"] if failed else "", "stage": Stage.ASSEMBLY.value,
                  "noticed_by": NoticedBy.CHECKER.value}  # fmt: skip
    return begun


def _from_check(request: HttpRequest) -> bool:
    return request.GET.get("from") == FROM_CHECK


def _form(
    request: HttpRequest,
    bench: Bench,
    *,
    typed: Mapping[str, str],
    row: models.Prescription | None = None,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    chosen = request.POST.getlist("factor")
    return page(
        request,
        "near_misses/record.jinja",
        bench,
        section="near-misses",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        patient=name_of(row.patient) if row else "",
        from_check=_from_check(request),
        may_record=bench.person.has(*MAY_RECORD),
        handed_out=row is None or bool(row.hand_outs.all()),
        recorded=[_row(one) for one in near_misses.about(row.pk)] if row else [],
        next_href=f"{reverse('worklist')}?step={ACCURACY}",
        **_fields(typed, chosen, near_miss_form.suggestions(request, row) if row else Suggestions()),
    )


def _one(
    request: HttpRequest,
    bench: Bench,
    row: models.NearMiss,
    *,
    typed: Mapping[str, str],
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    told = near_misses.whole(row)
    mine = row.by_id == bench.person.id or bench.person.has(*MAY_CORRECT)
    return page(
        request,
        "near_misses/show.jinja",
        bench,
        section="near-misses",
        status=422 if refusals else 200,
        refusals=refusals,
        told=[_whole(one) for one in told],
        row=row,
        stands=told[0].pk == row.pk and not row.withdrawn,
        latest=told[0].pk,
        may_correct=mine,
        handed_out=True,
        **_fields(typed, typed.get("factors", "").split(), Suggestions()),
    )


def _fields(typed: Mapping[str, str], chosen: list[str], suggested: Suggestions) -> dict[str, Any]:
    words = near_miss_vocabulary()
    return {
        "typed": {name: typed.get(name, "") for name in (
            "type", "stage", "day", "reached", "harm", "noticed_by", "words", "meant", "picked", "learned",
            "done", "candour", "because")},
        "types": list(words.types.items()),
        "factors": [(code, said, code in chosen) for code, said in words.factors.items()],
        "unverified": not words.source.verified,
        "suggested": suggested,
        **{name: [(one.value, one.words) for one in kind]
           for name, kind in (("stages", Stage), ("reaches", Reached), ("harms", Harm),
                              ("noticers", NoticedBy))},
    }  # fmt: skip


def _typed(row: models.NearMiss) -> dict[str, str]:
    return {
        "type": row.kind, "stage": row.stage, "day": row.happened_on.isoformat(), "reached": row.reached,
        "harm": row.harm, "noticed_by": row.noticed_by, "words": row.words, "meant": row.meant_name,
        "picked": row.picked_name, "learned": row.learned, "done": row.done, "candour": row.candour,
        "factors": " ".join(row.factors),
    }  # fmt: skip


def _row(row: models.NearMiss) -> dict[str, Any]:
    told = near_misses.value(row)
    return {
        "href": reverse("near-miss", kwargs={"near_miss_id": row.pk}),
        "told": told,
        "type": near_miss_vocabulary().types.get(told.kind, told.kind),
    }


def _whole(row: models.NearMiss) -> dict[str, Any]:
    told, words = near_misses.value(row), near_miss_vocabulary()
    facts = [
        ("Day", f"{told.happened_on:%d-%b-%Y}"),
        ("Type", words.types.get(told.kind, told.kind)),
        ("Where it went wrong", told.stage.words),
        ("Reached the patient", told.reached.words),
        ("Harm", told.harm.words),
        ("Noticed by", told.noticed_by.words),
        ("Medicine meant", _medicine(told.meant)),
        ("Medicine picked", _medicine(told.picked)),
        ("Contributed", "; ".join(words.factors.get(one, one) for one in told.factors) or "nothing named"),
        ("What happened", told.words),
        ("Learned", told.learned or "nothing written yet"),
        ("Done", told.done or "nothing written yet"),
    ]
    if told.reached is not Reached.NO:
        facts.append(("Told to the patient", told.candour or "not recorded"))
    return {"facts": facts, "by": row.by.full_name, "at": row.at, "because": row.because,
            "withdrawn": row.withdrawn, "corrects": row.follows_id is not None}  # fmt: skip


def _medicine(medicine: Named | None) -> str:
    return medicine.name if medicine else "not named"


def _asked(request: HttpRequest, bench: Bench) -> tuple[dict[str, str], date]:
    """The filter, and its first day."""
    asked = {name: request.GET.get(name, "") for name in ("days", "type", "stage")}
    asked["days"] = asked["days"] if asked["days"] in PERIODS else next(iter(PERIODS))
    asked["type"] = asked["type"] if asked["type"] in near_miss_vocabulary().types else ""
    asked["stage"] = asked["stage"] if asked["stage"] in {one.value for one in Stage} else ""
    return asked, bench.today - timedelta(days=int(asked["days"]) - 1)


def _choices(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    of = {
        "days": ("Last", list(PERIODS.items())),
        "type": ("Type", [("", "Every type"), *near_miss_vocabulary().types.items()]),
        "stage": ("Went wrong at", [("", "Every stage"), *((one.value, one.words) for one in Stage)]),
    }
    return [
        {
            "name": name,
            "label": label,
            "options": [(value, said, value == asked[name]) for value, said in options],
        }
        for name, (label, options) in of.items()
    ]


def _href(route: str, asked: Mapping[str, str]) -> str:
    given = {name: asked.get(name, "") for name in ("days", "type", "stage")}
    return f"{reverse(route)}?{urlencode({name: value for name, value in given.items() if value})}"
