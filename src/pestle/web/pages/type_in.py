"""Typing in what is no message: the form with its scan beside it, the scan itself, and what an emergency
supply needs besides."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary import emergency_supply, prescription_kind
from pestle.pharmacy.dispensary.prescription_kind import TYPED_IN
from pestle.pharmacy.dispensary.typed_in import MOST_LINES
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.actions import typing_in
from pestle.web.actions.once import Outcome
from pestle.web.pages import typed_form
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.document_file import document_file
from pestle.web.pages.next_task import SeeOther, name_of, posted
from pestle.web.pages.prescription_view import load, shown
from pestle.web.pages.typed_in_view import scan_shown
from pestle.web.store import models, scans, supplies

_LOOKS = ("look_up", "find", "another_line", "keep_scan")


@require_http_methods(["GET", "HEAD", "POST"])
def type_in(request: HttpRequest) -> HttpResponse:
    """The form; its small buttons look something up and keep everything that was typed."""
    bench = at_bench(request)
    if request.method != "POST":
        return _form(request, bench)
    kept, refusals = _keep_scan(request, bench)
    if refusals or any(name in request.POST for name in _LOOKS):
        return _form(request, bench, kept=kept, refusals=refusals)
    outcome, refusals = attempt(lambda: _type_in(request, bench, kept))
    if outcome is None:
        return _form(request, bench, kept=kept, refusals=refusals)
    messages.success(request, "Typed in. Compare each line with the paper, then complete the entry.")
    return SeeOther(_address(outcome.result["prescription"]))


@require_GET
def scan(request: HttpRequest, scan_id: int) -> HttpResponse:
    """The scan of a prescription, as it was kept."""
    bench = at_bench(request)
    if not bench.person.has(*typing_in.MAY_TYPE_IN):
        raise PermissionDenied
    return document_file(scans.scan(bench.site.pk, scan_id), name="scan")


@posted
def decide_emergency(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """A pharmacist says that the conditions of an emergency supply are met."""
    bench = at_bench(request)
    load(bench, prescription_id)
    outcome, refusals = attempt(
        lambda: typing_in.decide_emergency(
            by=bench.person, now=bench.now, key=key_of(request), prescription_id=prescription_id,
            words=request.POST.get("emergency_words", "")[:500],
        )
    )  # fmt: skip
    if outcome is None:
        return shown(request, bench, prescription_id, refusals=refusals, typed=request.POST.dict())
    messages.success(request, "On record: the conditions of the emergency supply are met.")
    return SeeOther(_address(prescription_id))


@posted
def receive_late(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """The prescription of an emergency supply has come."""
    bench = at_bench(request)
    load(bench, prescription_id)
    outcome, refusals = attempt(
        lambda: typing_in.receive_late(
            by=bench.person, now=bench.now, key=key_of(request), prescription_id=prescription_id,
            dated=day_of(request.POST.get("dated", ""), place="dated"),
            received_on=day_of(request.POST.get("received_on", ""), place="received on"),
        )
    )  # fmt: skip
    if outcome is None:
        return shown(request, bench, prescription_id, refusals=refusals, typed=request.POST.dict())
    messages.success(request, "On record: the prescription has come.")
    return SeeOther(_address(prescription_id))


@posted
def add_scan(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """A scan of its paper that was not there when it was typed in."""
    bench = at_bench(request)
    load(bench, prescription_id)
    file = request.FILES.get("scan")
    outcome, refusals = attempt(
        lambda: typing_in.add_scan(
            by=bench.person, now=bench.now, key=key_of(request), prescription_id=prescription_id,
            data=_bytes_of(file) if file else b"", name=(file.name or "") if file else "",
        )
    )  # fmt: skip
    if outcome is None:
        return shown(request, bench, prescription_id, refusals=refusals, typed=request.POST.dict())
    messages.success(request, "The scan is kept.")
    return SeeOther(_address(prescription_id))


def _type_in(request: HttpRequest, bench: Bench, kept: list[int]) -> Outcome:
    form = request.POST.dict()
    chosen = form.get("patient", "")
    return typing_in.type_in(
        by=bench.person, now=bench.now, key=key_of(request), typed=typed_form.typed(form),
        patient_id=int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None,
        another_person=form.get("another_person") == "yes", scan_ids=kept,
    )  # fmt: skip


def _keep_scan(request: HttpRequest, bench: Bench) -> tuple[list[int], tuple[Refusal, ...]]:
    """The scans that the form has, the one that came with it among them; and why that one was not kept.

    A file cannot be put back into a form, so it is kept at once, whatever becomes of the rest."""
    kept = [int(text) for text in request.POST.getlist("scans")
            if text.isascii() and text.isdigit() and len(text) < 19][:5]  # fmt: skip
    file = request.FILES.get("scan")
    if file is None:
        return kept, ()
    try:
        return [*kept, _kept(request, bench, file)], ()
    except Refused as refused:
        return kept, refused.refusals


def _bytes_of(file: UploadedFile[Any]) -> bytes:
    """The file; of one that is too large, only as much as shows that it is."""
    data: bytes = file.read(typing_in.MOST_SCAN_BYTES + 1)
    return data


def _kept(request: HttpRequest, bench: Bench, file: UploadedFile[Any]) -> int:
    data = _bytes_of(file)
    key = str(uuid.uuid5(uuid.UUID(key_of(request)), hashlib.sha256(data).hexdigest()))
    outcome = typing_in.keep_scan(by=bench.person, now=bench.now, key=key, data=data, name=file.name or "")
    return int(outcome.result["message"])


def _form(
    request: HttpRequest, bench: Bench, *, kept: list[int] | None = None, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    form = request.POST.dict()
    words = form.get("find_patient", "").strip()[:200]
    found = supplies.search(bench.site.pk, words) if words else []
    kind = typed_form.asked_for(form)
    return page(
        request,
        "prescription/type_in.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refused=refusals,
        fields=typed_form.FIELDS,
        typed=typed_form.as_typed(form),
        kinds=[(one.value, one.words) for one in TYPED_IN],
        kind=kind,
        patients=[_patient(one) for one in found],
        found_words=words,
        genders=[(one.value, said) for one, said in typed_form.GENDERS],
        bodies=[(code, said) for code, said, _ in typed_form.BODIES],
        lines=typed_form.line_forms(form),
        most_lines=MOST_LINES,
        scans=_scans(bench, kept or []),
        accept=scans.ACCEPT,
        looks_held=any(one.rule == "patient.looks-held" for one in refusals),
        laws=(*prescription_kind.LAWS, *emergency_supply.LAWS),
        may_type_in=bench.person.has(*typing_in.MAY_TYPE_IN),
    )


def _patient(row: models.Patient) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "name": name_of(row),
        "born": row.born,
        "address": ", ".join((*row.address, row.postcode)) or "address not recorded",
        "nhs_number": row.nhs_number,
    }


def _scans(bench: Bench, ids: list[int]) -> list[dict[str, Any]]:
    return [scan_shown(one) for one in scans.loose(bench.site.pk, ids).defer("body").order_by("pk")]


def _address(prescription_id: int) -> str:
    return reverse("prescription", kwargs={"prescription_id": prescription_id})
