"""Calculators: found, filled in, and answered with formula, figures and source. Nothing is stored.

Opened from a patient, the same page has the banner and what the record holds. What is typed is posted, never
put into an address."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.calculators.on_record import OnRecord, on_record
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.calculators.table import AnyCalculator
from pestle.pharmacy.people import Country
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.pages.bench import Bench, at_bench, page
from pestle.web.pages.calculator_form import entries_of, fields_of, taken_of
from pestle.web.pages.patients import patient_here
from pestle.web.store import models, patients, record
from pestle.web.store.knowledge import calculators, knowledge


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, patient_id: int | None = None) -> HttpResponse:
    """All of them by group; a POST shows those that match the words."""
    bench = at_bench(request)
    row = _row(bench, patient_id)
    text = request.POST.get("text", "").strip()[:100]
    found = [one for one in _calculators(bench).values() if _matches(one, text)]
    return page(
        request,
        "calculators/index.jinja",
        bench,
        section="calculators",
        text=text,
        total=len(found),
        action=_address(row, None),
        groups=[
            (group, [{"href": _address(row, one), "title": one.title, "says": one.says} for one in these])
            for group, these in groupby(found, key=lambda one: one.group)
        ],
        **_banner(row),
    )


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, calculator: str, patient_id: int | None = None) -> HttpResponse:
    """One of them: its fields, and after a POST its result, or what is missing or wrong with each."""
    bench = at_bench(request)
    row = _row(bench, patient_id)
    one = _calculators(bench).get(calculator)
    if one is None:
        raise Http404
    known = _known(bench, row, one) if row else {}
    typed = request.POST.dict()
    result, faults = _answer(bench, one, typed, known) if typed and "more" not in typed else (None, ())
    fields = fields_of(one, typed, known=known, faults=faults)
    return page(
        request,
        "calculators/show.jinja",
        bench,
        section="calculators",
        status=422 if faults else 200,
        calculator=one,
        action=_address(row, one),
        back=_address(row, None),
        fields=fields,
        result=result,
        faults=faults,
        places={field["name"]: f"field-{field['name']}" for field in fields},
        **_banner(row),
    )


def _calculators(bench: Bench) -> Mapping[str, AnyCalculator]:
    return calculators(Country(bench.site.country).guidance)


def _answer(
    bench: Bench, calculator: AnyCalculator, typed: dict[str, str], known: dict[str, OnRecord]
) -> tuple[Result | None, tuple[Refusal, ...]]:
    entries = entries_of(calculator, typed)
    try:
        return calculator.calculate(entries, taken=taken_of(entries, known), on=bench.today), ()
    except Refused as refused:
        return None, refused.refusals


def _known(bench: Bench, row: models.Patient, calculator: AnyCalculator) -> dict[str, OnRecord]:
    held = record.load(row, now=bench.now, zone=bench.zone)
    return on_record(calculator, held, knowledge().terms.observables, on=bench.today)


def _matches(one: AnyCalculator, text: str) -> bool:
    said = " ".join((one.title, one.says, one.name, *one.words)).casefold()
    return all(word in said for word in text.casefold().split())


def _row(bench: Bench, patient_id: int | None) -> models.Patient | None:
    return None if patient_id is None else patient_here(bench, patient_id)


def _address(row: models.Patient | None, one: AnyCalculator | None) -> str:
    of = {} if row is None else {"patient_id": row.pk}
    what = {} if one is None else {"calculator": one.name}
    name = f"{'patient-' if row else ''}{'calculator' if one else 'calculators'}"
    return reverse(name, kwargs={**of, **what})


def _banner(row: models.Patient | None) -> dict[str, Any]:
    if row is None:
        return {"patient": None, "record": None, "record_href": "", "gp": ""}
    return {
        "patient": patients.value(row),
        "record": patients.allergy_record(row),
        "record_href": reverse("patient", kwargs={"patient_id": row.pk}),
        "gp": row.gp_practice_code or "not recorded",
    }
