"""What waits for a prescriber: each line with what it was and what it is to be; signed, or sent back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.practice.elsewhere import entry_words
from pestle.pharmacy.practice.medicines_list import MAY_AUTHORISE, Outcome, Standing
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import medication_list
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.practice.medicines import law, row_of
from pestle.web.store import medicines_list, models, practice
from pestle.web.store import record as records


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Everything that waits, a patient at a time; a POST authorises or sends back what was ticked of one."""
    bench = at_bench(request)
    if request.method == "GET":
        return _show(request, bench)
    ticked = numbers(request, "order")
    back = request.POST.get("what") == "send_back"
    outcome, refusals = attempt(
        lambda: medication_list.authorise(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            patient_id=number(request.POST.get("patient", "")) or 0,
            orders=ticked,
            outcome=Outcome.SENT_BACK if back else Outcome.AUTHORISED,
            reason=request.POST.get("reason", ""),
        )
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals)
    messages.success(request, f"{'Sent back' if back else 'Authorised'}: {len(outcome.result['orders'])}.")
    return SeeOther(reverse("practice-authorise"))


@require_GET
def sent_back(request: HttpRequest) -> HttpResponse:
    """What a prescriber sent back, with the reason."""
    bench = at_bench(request)
    return _show(request, bench, standing=Standing.SENT_BACK)


def _show(
    request: HttpRequest,
    bench: Bench,
    *,
    standing: Standing = Standing.PREPARED,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    found = practice.to_authorise(bench.site.pk, standing=standing)
    rows = list(found[: practice.PAGE])
    together: dict[models.Patient, list[models.ListedMedicine]] = {}
    for row in rows:
        together.setdefault(row.patient, []).append(row)
    patients = [_patient(patient, some, bench) for patient, some in together.items()]
    return page(
        request, "practice/authorise.jinja", bench, section="practice-authorise",
        status=422 if refusals else 200, refusals=refusals, patients=patients,
        total=found.count() if len(rows) == practice.PAGE else len(rows),
        back=standing is Standing.SENT_BACK,
        may=bench.person.has(*MAY_AUTHORISE) and standing is Standing.PREPARED, law=law(bench),
        reason=request.POST.get("reason", ""), of=request.POST.get("patient", ""),
    )  # fmt: skip


def _patient(patient: models.Patient, rows: list[models.ListedMedicine], bench: Bench) -> dict[str, Any]:
    return {
        "id": patient.pk, "name": name_of(patient), "born": patient.born,
        "href": reverse("practice-list", kwargs={"patient_id": patient.pk}),
        "lines": [_line(row, bench) for row in rows],
    }  # fmt: skip


def _line(row: models.ListedMedicine, bench: Bench) -> dict[str, Any]:
    line = medicines_list.value(row)
    before = records.value(row.authorised) if row.authorised else None
    return row_of(line, bench) | {
        "order": row.order_id,
        "changes": entry_words(before, line.order),
        "who": row.order.who,
        "at": row.order.recorded_at,
        "because": row.order.reason,
    }
