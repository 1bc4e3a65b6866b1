"""A call is logged while the telephone is still in the hand: who, about what, what to ring back about."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.refusal import Refusal
from pestle.pharmacy.worklist.query import MAY_LOG_CALLS
from pestle.web.actions import queries as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.dates import in_field, moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.queries import owners
from pestle.web.pages.telephone import answer
from pestle.web.store import models, patients, supplies

CALLED_BACK_WITHIN = timedelta(hours=1)
_FIELDS = ("caller", "telephone", "about", "told", "call_back", "deadline", "owner")


@require_http_methods(["GET", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The form; ``patient`` in the address names whom it is about. A POST puts it on record."""
    bench = at_bench(request)
    patient = _patient(request, bench)
    if request.method == "GET":
        return _form(request, bench, patient)
    outcome, refusals = attempt(lambda: _log(request, bench, patient))
    if outcome is None:
        return _form(request, bench, patient, refusals=refusals)
    to_ring = "query" in outcome.result
    messages.success(
        request, "The call is on record." + (" The call-back is in the inbox." if to_ring else "")
    )
    if patient is not None:
        return SeeOther(reverse("patient", kwargs={"patient_id": patient.pk}))
    return SeeOther(f"{reverse('queries')}?show=calls")


def _log(request: HttpRequest, bench: Bench, patient: models.Patient | None) -> Outcome:
    form = request.POST
    return actions.log_call(
        by=bench.person, now=bench.now, key=key_of(request), patient_id=patient.pk if patient else None,
        caller=form.get("caller", "")[:120], telephone=form.get("telephone", "")[:30],
        about=form.get("about", "")[:500], told=form.get("told", "")[:500],
        call_back=form.get("call_back", "")[:500],
        due_at=moment_of(form.get("deadline", ""), "call back by", zone=bench.zone),
        owner_id=number(form.get("owner", "")),
    )  # fmt: skip


def _patient(request: HttpRequest, bench: Bench) -> models.Patient | None:
    wanted = request.GET.get("patient", "")
    if not wanted:
        return None
    row = models.Patient.objects.filter(pk=number(wanted) or 0, site=bench.site).first()
    if row is None:
        raise Http404
    return row


def _form(
    request: HttpRequest,
    bench: Bench,
    patient: models.Patient | None,
    *,
    refusals: tuple[Refusal, ...] = (),
) -> HttpResponse:
    said = ""
    if patient is not None:
        said = answer(supplies.under_way([patient])[patient.pk], now=bench.now, zone=bench.zone)
    offered = dict.fromkeys(_FIELDS, "") | {
        "caller": name_of(patient) if patient else "",
        "told": said,
        "deadline": in_field(bench.now + CALLED_BACK_WITHIN, zone=bench.zone),
        "owner": str(bench.person.id),
    }
    typed = {name: request.POST.get(name, "") for name in _FIELDS}
    return page(
        request, "queries/call.jinja", bench, section="patients" if patient else "worklist",
        status=422 if refusals else 200, refusals=refusals, typed=typed if refusals else offered, said=said,
        row=patient, owners=owners(bench), may_log=bench.person.has(*MAY_LOG_CALLS),
        address=request.get_full_path(),
        patient=patients.value(patient) if patient else None,
        allergies=patients.allergy_record(patient) if patient else None,
    )  # fmt: skip
