"""What a measure found, as files: patients for within the site, a pack on paper for a visit, and rates that
may leave."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from openpyxl import Workbook

from pestle.pharmacy.measures.rate import EVERYWHERE, Rate, disclosed
from pestle.web.pages import words
from pestle.web.pages.csv_file import cell, csv_file
from pestle.web.pages.measure_view import per_cent, rate_row
from pestle.web.pages.measures import bench_of, measure_of, result_of, run_here, source_of, view_of
from pestle.web.pages.next_task import name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.measures import Pack, PackMeasure, PackPatient, pack_pdf
from pestle.web.store import measures, models
from pestle.web.store.knowledge import measures as library

# A list on paper is worked through by hand.
MOST_ON_PAPER = 200
MOST_IN_FILE = 20_000
_HEADER = ("Patient", "Born", "NHS number", "Practice", "Standing", "Since", "Because", "Missing")
_RATES = ("Measure", "As of", "Found", "Asked", "Cannot tell", "Rate", "From", "To")
_OUTSIDE = ("measure", "as of", "practice", "found", "asked", "rate")
_SHEET_NAME = 31


@require_GET
def patients(request: HttpRequest, measure: str) -> HttpResponse:
    """The patients of a view, as a file for within the site."""
    bench = bench_of(request)
    asked = measure_of(measure)
    result = result_of(request, bench, asked.name, source_of(request, bench))
    if result is None:
        raise Http404
    rows = _patients(result, view_of(request))
    return csv_file(f"{asked.name}-{result.on.isoformat()}.csv", _HEADER, rows)


@require_GET
def workbook(request: HttpRequest, measure_run_id: int) -> HttpResponse:
    """A run as an Excel workbook: the rates, and a sheet of patients for each measure that found somebody."""
    bench = bench_of(request)
    run = run_here(bench, measure_run_id)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rates")
    sheet.append(_RATES)
    results = _results(run, request)
    for result in results:
        rate = measures.rate(result)
        low, high = rate.interval or (None, None)
        share = None if rate.share is None else float(rate.share)
        sheet.append((cell(result.title), result.on, rate.found, rate.asked, rate.unsure, share, low, high))
    for place, result in enumerate((one for one in results if one.found or one.unsure), 1):
        sheet = book.create_sheet(f"{place} {result.measure}"[:_SHEET_NAME])
        sheet.append(_HEADER)
        for view in (measures.FOUND, measures.CANNOT_TELL):
            for row in _patients(result, view):
                sheet.append([cell(value) for value in row])
    data = io.BytesIO()
    book.save(data)
    return HttpResponse(
        data.getvalue(),
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="measures-{run.pk}.xlsx"'},
    )


@require_GET
def outside(request: HttpRequest, measure_run_id: int) -> HttpResponse:
    """The rates of a run as they may leave the site: few people withheld, other counts rounded, nobody
    named."""
    bench = bench_of(request)
    run = run_here(bench, measure_run_id)
    rows = (
        (result.title, result.on.isoformat(), code or "all", *_disclosed(rate))
        for result in _results(run, request)
        for code, rate in {EVERYWHERE: measures.rate(result), **measures.practice_rates(result)}.items()
    )
    return csv_file(f"measures-{run.pk}-for-outside.csv", _OUTSIDE, rows)


@require_GET
def pack(request: HttpRequest, measure_run_id: int) -> HttpResponse:
    """A run on paper, or one measure of it, for a visit where there is no network."""
    bench = bench_of(request)
    run = run_here(bench, measure_run_id)
    results = _results(run, request)
    changes = measures.changes(results)
    made = Pack(
        site=bench.site.name,
        source=f"The folder {run.source}" if run.source else "The patients of this site",
        on=words.short_date(run.on),
        printed=f"Printed {words.date_and_time(bench.now, zone=bench.zone)} by {bench.person.name}.",
        measures=[_on_paper(result, changes[result.pk]) for result in results],
    )
    return pdf_file(f"measures-{run.pk}.pdf", pack_pdf(made))


def _results(run: models.MeasureRun, request: HttpRequest) -> list[models.MeasureResult]:
    rows = run.results.order_by("title")
    only = request.GET.get("measure", "")
    return list(rows.filter(measure=only) if only else rows)


def _on_paper(result: models.MeasureResult, changes: measures.Changes) -> PackMeasure:
    rate = rate_row(measures.rate(result))
    found = measures.listed(result, view=measures.FOUND, size=MOST_ON_PAPER)
    become = measures.changes_of(result, found.rows)
    known = library().measures.get(result.measure)
    since = f"{changes.new} new, {changes.resolved} resolved" if result.before_id else "first time"
    return PackMeasure(
        title=result.title,
        why=known.why if known else "",
        rate=f"{rate['found']} of {rate['asked']} ({rate['share']})",
        interval=rate["interval"],
        since=since,
        unsure=str(result.unsure),
        unverified=known is None or not known.source.verified,
        patients=[
            PackPatient(
                name=_name(row),
                born=words.short_date(row.patient.born) if row.patient else "",
                number=words.nhs_number_words(row.patient.nhs_number) if row.patient else str(row.number),
                practice=row.practice,
                why="; ".join(measures.evidence(row).brief),
                since=change.words if result.before_id and (change := become[row.number]) else "",
            )
            for row in found.rows
        ],
        more=found.total - len(found.rows),
    )


def _patients(result: models.MeasureResult, view: str) -> Iterator[tuple[str, ...]]:
    found = measures.listed(result, view=view, size=MOST_IN_FILE)
    become = measures.changes_of(result, found.rows)
    for row in found.rows:
        why, change = measures.evidence(row), become[row.number]
        yield (
            _name(row),
            words.short_date(row.patient.born) if row.patient else "",
            words.nhs_number_words(row.patient.nhs_number) if row.patient else str(row.number),
            row.practice,
            "found" if row.found else "cannot tell",
            change.words if change else "",
            "; ".join(why.brief),
            "; ".join(why.missing),
        )


def _name(row: models.MeasureFinding) -> str:
    return name_of(row.patient) if row.patient else f"Patient {row.number}"


def _disclosed(rate: Rate) -> tuple[object, object, str]:
    told = disclosed(rate)
    share = Fraction(told.found, told.asked) if told.found is not None and told.asked else None
    return _or_withheld(told.found), _or_withheld(told.asked), per_cent(share)


def _or_withheld(number: int | None) -> str | int:
    return "withheld" if number is None else number
