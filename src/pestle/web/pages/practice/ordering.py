"""Repeats out of step with use, waste in items and money, and what was never collected; and tasks of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.waste import pounds
from pestle.pharmacy.practice.out_of_step import (
    Found,
    OutOfStep,
    wanted,
    why_collected,
    why_not_ordered,
    why_over,
    why_under,
)
from pestle.pharmacy.practice.waste import Sum, Worth, total
from pestle.pharmacy.quantity import counted
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.patient_task import MAY_OPEN, OPEN
from pestle.web.actions import patient_tasks
from pestle.web.actions import tariffs as tariffs_in
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import models, ordering, tariffs

_HEADER = ("Patient", "Born", "NHS number", "Medicine", "Why", "Worth", "Price", "To do")
_ITEMS = (OutOfStep.NOT_COLLECTED, OutOfStep.NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row shows: who and what, why, and what it is worth (`priced`: it is asked at all)."""

    found: Found
    patient: models.Patient
    listed_id: int
    worth: Worth | None = None
    priced: bool = False


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The lines or items that are out of step in one way; a POST sends those ticked to the task list, or
    takes in a tariff."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    prices = request.POST.get("what") == "tariff"
    outcome, refusals = attempt(lambda: (_take_in if prices else _send)(request, bench))
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    if prices:
        messages.success(request, f"Taken in: {words.count(outcome.result['prices'], 'price')}.")
        return SeeOther(_href(_way(request)))
    opened, already = len(outcome.result["opened"]), len(outcome.result["already"])
    said = f"Sent: {words.count(opened, 'task')}."
    messages.success(request, f"{said} {already} open already." if already else said)
    return SeeOther(_href(_way(request)))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The whole of one list as a file."""
    bench = at_bench(request)
    way = _way(request)
    rows = (
        (name_of(one.patient), words.short_date(one.patient.born) if one.patient.born else "",
         words.nhs_number_words(one.patient.nhs_number), one.found.name, one.found.why,
         _money(one), _price(one.worth), one.found.to_do)
        for one in _Listing(bench, way).rows(None)
    )  # fmt: skip
    return csv_file(f"{way.value}-{bench.today.isoformat()}.csv", _HEADER, rows)


class _Listing:
    """One list: how many there are, and its rows."""

    def __init__(self, bench: Bench, way: OutOfStep) -> None:
        self._bench, self.way = bench, way
        site, on = bench.site.pk, bench.today
        self.over = ordering.over(site, on=on)
        lines: dict[OutOfStep, Callable[..., QuerySet[models.ListedMedicine]]] = {
            OutOfStep.UNDER: ordering.under, OutOfStep.NOT_ORDERED: ordering.not_ordered,
        }  # fmt: skip
        self._lines = {each: make(site, on=on) for each, make in lines.items()}
        self._items = {each: ordering.items(site, each, on=on) for each in _ITEMS}

    def counts(self) -> dict[OutOfStep, int]:
        """Of every way, how many."""
        queries = {each: found.count() for each, found in {**self._lines, **self._items}.items()}
        return {each: queries[each] if each in queries else len(self.over) for each in OutOfStep}

    def worth(self) -> Sum:
        """Of all that is in hand too much."""
        return total(one.worth for one in self.over)

    def rows(self, at: int | None, *, ids: Iterable[int] | None = None) -> list[_Row]:
        """A page of rows, all of them (`at` None), or those of these ids."""
        chosen = None if ids is None else set(ids)
        if self.way is OutOfStep.OVER:
            return self._over(
                _paged([one for one in self.over if chosen is None or one.listed_id in chosen], at)
            )
        if self.way in _ITEMS:
            found = self._items[self.way]
            items = found if chosen is None else found.filter(pk__in=chosen)
            several = items.select_related("item__prescription__patient")
            return [self._item(row) for row in _paged(several, at)]
        lines = self._lines[self.way]
        lines = lines if chosen is None else lines.filter(pk__in=chosen)
        return [self._line(row) for row in _paged(lines.select_related("patient"), at)]

    def _over(self, several: Sequence[ordering.Over]) -> list[_Row]:
        ids = [one.listed_id for one in several]
        rows = models.ListedMedicine.objects.filter(pk__in=ids).select_related("patient").in_bulk()
        return [
            _Row(self._found(rows[one.listed_id], why_over(one.surplus, one.unit)),
                 rows[one.listed_id].patient, one.listed_id, one.worth, priced=True)
            for one in several
        ]  # fmt: skip

    def _line(self, row: models.ListedMedicine) -> _Row:
        if self.way is OutOfStep.UNDER:
            why = why_under(row.per_100_days or 0)
        else:
            assert row.last_issued is not None
            why = why_not_ordered(row.last_issued, on=self._bench.today)
        return _Row(self._found(row, why), row.patient, row.pk)

    def _found(self, row: models.ListedMedicine, why: str) -> Found:
        return Found(self.way, row.pk, row.patient_id, row.text, why)

    def _item(self, row: models.ItemStanding) -> _Row:
        patient = row.item.prescription.patient
        told_on = row.told_at.astimezone(self._bench.zone).date() if row.told_at else None
        why = why_collected(row.signed_on, row.told, row.why, told_on)
        return _Row(Found(self.way, row.pk, patient.pk, row.item.text, why), patient, row.item.listed_id)


def _paged(several: Any, at: int | None) -> Any:
    return several if at is None else several[(at - 1) * ordering.PAGE : at * ordering.PAGE]


def _take_in(request: HttpRequest, bench: Bench) -> Outcome:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise refuse("tariff.no-file", "Choose the file of the tariff", place="file")
    text = request.POST.get("month", "").strip()
    return tariffs_in.take_in(
        by=bench.person, now=bench.now, key=key_of(request), data=file.read(), name=file.name or "",
        month=day_or_none(text and f"{text}-01", place="month"),
    )  # fmt: skip


def _send(request: HttpRequest, bench: Bench) -> Outcome:
    """What is ticked and still stands there is sent; the action says where nothing is."""
    rows = _Listing(bench, _way(request)).rows(None, ids=numbers(request, "row"))
    return patient_tasks.open_tasks(
        by=bench.person, now=bench.now, key=key_of(request),
        wanted=[wanted(one.found, on=bench.today) for one in rows],
    )  # fmt: skip


def _show(request: HttpRequest, bench: Bench, *, refusals: tuple[Refusal, ...] = ()) -> HttpResponse:
    way = _way(request)
    listing = _Listing(bench, way)
    counts = listing.counts()
    pages = max(1, -(-counts[way] // ordering.PAGE))
    at = min(max(1, number(request.GET.get("page", "")) or 1), pages)
    rows = listing.rows(at)
    tasks = ordering.tasks(bench.site.pk, [one.found for one in rows])
    return page(
        request, "practice/ordering.jinja", bench, section="practice-ordering",
        status=422 if refusals else 200, refusals=refusals, way=way, policy=ordering.policy(),
        tabs=[{"label": each.title, "href": _href(each), "count": counts[each], "current": each is way,
               "alarm": False} for each in OutOfStep],
        rows=[_shown(one, tasks.get(one.found.origin)) for one in rows],
        total=counts[way], worth=listing.worth(), pages=pages, page_number=at,
        hrefs={each: f"{_href(way)}&page={each}" for each in range(1, pages + 1)},
        here_href=_href(way), csv_href=_href(way, "practice-ordering-csv"), may=bench.person.has(*MAY_OPEN),
        tariff=tariffs.newest(bench.site.pk, on=bench.today),
        may_take_in=bench.person.has(*tariffs_in.MAY_TAKE_IN), month=request.POST.get("month", ""),
        taking_in=request.POST.get("what") == "tariff",
        never_issued=ordering.never_issued(bench.site.pk) if way is OutOfStep.NOT_ORDERED else 0,
    )  # fmt: skip


def _shown(one: _Row, task: models.PatientTaskStanding | None) -> dict[str, Any]:
    item = one.found.way in _ITEMS
    return {
        "id": one.found.id,
        "patient": name_of(one.patient),
        "born": one.patient.born,
        "href": reverse("practice-list", kwargs={"patient_id": one.patient.pk}) if item else reverse(
            "practice-line", kwargs={"patient_id": one.patient.pk, "listed_id": one.listed_id}),
        "medicine": one.found.name,
        "why": one.found.why,
        "money": _money(one),
        "price": _price(one.worth),
        "task": reverse("task", kwargs={"task_id": task.task_id}) if task else "",
        "open": task is not None and task.state == OPEN,
    }  # fmt: skip


def _money(one: _Row) -> str:
    if not one.priced:
        return ""
    return pounds(one.worth.pence) if one.worth else "price not known"


def _price(worth: Worth | None) -> str:
    """“£1.20 for 28 tablets, Part VIIIA Category M, Nov-2026”."""
    if worth is None:
        return ""
    one = worth.price
    month = one.month.strftime("%b-%Y") if one.month else "month not said"
    pack = f"{words.amount(one.size)} {counted(one.unit, one.size)}"
    return f"{pounds(one.price.pence)} for {pack}, {one.price.basis.text}, {month}"


def _way(request: HttpRequest) -> OutOfStep:
    chosen = request.GET.get("show", "")
    return next((one for one in OutOfStep if one.value == chosen), OutOfStep.OVER)


def _href(way: OutOfStep, name: str = "practice-ordering") -> str:
    return f"{reverse(name)}?{urlencode({'show': way.value})}"
