"""Recalls and national alerts: where the batches are, who received them, who did what by when; and putting
one on record, by scan or as the notice says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel, Standing
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions import recalls as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.dates import moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pack_words import kept_pack_words, pack_words
from pestle.web.pages.stock import expiry_words, id_of, may_keep, pack_name, pack_scan
from pestle.web.store import models, recalls, stock
from pestle.web.store.knowledge import dictionary

STANDINGS = {
    Standing.OVERDUE: ("hard-stop", "■", "Overdue"),
    Standing.OPEN: ("interrupt", "◆", "Open"),
    Standing.DONE: ("done", "✓", "Done"),
}
_TYPED = ("kind", "reference", "title", "level", "deadline", "gtin", "numbers", "words")
_NOTHING: Mapping[str, str] = {}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every alert, what is overdue first; a POST scans a pack of it, or puts one on record."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index_page(request, bench, pack=_of_batch(bench, request.GET.get("batch", "")))
    if request.POST.get("code"):
        try:
            scan = pack_scan(request)
        except Refused as refused:
            return _index_page(request, bench, refusals=refused.refusals, status=422)
        return _index_page(request, bench, pack={"gtin": scan.gtin, "numbers": scan.batch or ""})
    outcome, refusals = attempt(lambda: _record(request, bench))
    if outcome is None:
        return _index_page(request, bench, refusals=refusals, status=422)
    messages.success(request, "The alert stands. What it recalls is refused at every pick and delivery.")
    return SeeOther(reverse("alert", kwargs={"alert_id": outcome.result["alert"]}))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, alert_id: int) -> HttpResponse:
    """One alert; a POST writes down what was done, or sets everything aside."""
    bench = at_bench(request)
    found = recalls.alert(bench.site.pk, alert_id, now=bench.now)
    if found is None:
        raise Http404
    if request.method == "GET":
        return _alert_page(request, bench, found)
    outcome, refusals = attempt(lambda: _act(request, bench, alert_id))
    if outcome is None:
        return _alert_page(request, bench, found, refusals=refusals, status=422)
    messages.success(request, "Recorded.")
    return SeeOther(reverse("alert", kwargs={"alert_id": alert_id}))


@require_GET
def download(request: HttpRequest, alert_id: int) -> HttpResponse:
    """Where the batches of an alert are and who received them, as a file."""
    bench = at_bench(request)
    found = recalls.alert(bench.site.pk, alert_id, now=bench.now)
    if found is None:
        raise Http404
    header = ("Pack", "Batch", "Expiry", "Amount", "Where", "Patient", "NHS number", "When (UTC)")
    rows = [
        (one["pack"], one["number"], one["expiry"], one["amount"], one["where"], "", "", "")
        for one in map(_held, recalls.held(found.alert))
    ]
    rows += [
        (one["pack"], one["number"], one["expiry"], one["amount"], one["where"], one["name"],
         one["nhs_number"], one["at"].isoformat())
        for one in map(_received, recalls.received(found.alert))
    ]  # fmt: skip
    return csv_file(f"alert-{alert_id}.csv", header, rows)


def _record(request: HttpRequest, bench: Bench) -> Outcome:
    form = request.POST
    kind = next((one for one in AlertKind if one.value == form.get("kind")), None)
    if kind is None:
        raise refuse("recall.kind", "Say which class it has", place="kind")
    gtin = form.get("gtin", "").strip()
    numbers = [one.strip() for one in form.get("numbers", "").replace(";", ",").split(",") if one.strip()]
    if gtin and not numbers and form.get("all_batches") != "yes":
        raise refuse("recall.which-batch", "Give the batch numbers, or tick that every batch is recalled",
                     place="batch number")  # fmt: skip
    return actions.record_alert(
        by=bench.person, now=bench.now, key=key_of(request), kind=kind, reference=form.get("reference", ""),
        title=form.get("title", ""),
        deadline=moment_of(form.get("deadline", ""), "deadline", zone=bench.zone),
        level=next((one for one in RecallLevel if one.value == form.get("level")), None),
        packs=[(gtin, number) for number in numbers or [""]] if gtin else [],
    )  # fmt: skip


def _act(request: HttpRequest, bench: Bench, alert_id: int) -> Outcome:
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "alert_id": alert_id,
    }  # fmt: skip
    if request.POST.get("what") == "set_aside":
        return actions.set_aside(**given)
    done = request.POST.get("completes") == "yes"
    return actions.act(**given, words=request.POST.get("words", ""), completes=done)


def _index_page(
    request: HttpRequest, bench: Bench, *, status: int = 200, pack: Mapping[str, str] = _NOTHING,
    **context: Any,
) -> HttpResponse:  # fmt: skip
    found = recalls.alerts(bench.site.pk, now=bench.now)
    held = recalls.still_held(bench.site.pk, found, on=bench.today)
    typed = {name: request.POST.get(name, "") for name in _TYPED} | dict(pack)
    return page(
        request, "stock/alerts.jinja", bench, section="stock", status=status,
        rows=[{**_row(one), "held": [_still(each) for each in held[one.alert.pk]]} for one in found],
        pack=pack_name(typed["gtin"]),
        kinds=[(kind.value, kind.title) for kind in AlertKind],
        levels=[(level.value, level.title) for level in RecallLevel],
        typed=typed,
        all_batches=request.POST.get("all_batches") == "yes",
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _alert_page(
    request: HttpRequest, bench: Bench, found: recalls.AlertAt, *, status: int = 200, **context: Any
) -> HttpResponse:
    held = recalls.held(found.alert)
    return page(
        request, "stock/alert.jinja", bench, section="stock", status=status,
        alert=found.alert,
        row=_row(found),
        packs=[(_pack(one.gtin), one.number or "every batch") for one in found.recalls],
        held=[_held(one) for one in held],
        can_set_aside=any(one.account.kind in recalls.SET_ASIDE_FROM for one in held),
        received=[_received(one) for one in recalls.received(found.alert)],
        others=[
            {"at": one.happened_at, "number": one.batch.number, "who": one.by.full_name,
             "amount": stock.words(one.batch, one.amount), "where": one.source.name,
             "recipient": one.particulars if hasattr(one, "particulars") else None}
            for one in recalls.without_prescription(found.alert)
        ],
        acts=[
            {"at": one.at, "who": one.by.full_name, "what": one.words, "detail": "", "href": "",
             "kind": "done" if one.completes else ""}
            for one in found.acts
        ],
        typed={name: request.POST.get(name, "") for name in _TYPED},
        may_keep=may_keep(bench.person),
        **context,
    )  # fmt: skip


def _row(one: recalls.AlertAt) -> dict[str, Any]:
    tone, shape, word = STANDINGS[one.standing]
    last = one.acts[-1] if one.acts else None
    return {
        "href": reverse("alert", kwargs={"alert_id": one.alert.pk}),
        "reference": one.alert.reference,
        "title": one.alert.title or ", ".join(sorted({_pack(recall.gtin) for recall in one.recalls})),
        "kind": AlertKind(one.alert.kind).title,
        "level": RecallLevel(one.alert.level).title if one.alert.level else "",
        "deadline": one.alert.deadline or "",
        "tone": tone,
        "shape": shape,
        "word": word,
        "done": one.standing is Standing.DONE,
        "last": f"{last.words} ({last.by.full_name})" if last else "",
    }


def _still(one: stock.Held) -> dict[str, str]:
    return {
        "href": reverse("batch", kwargs={"batch_id": one.batch.pk}),
        "number": one.batch.number,
        "shelf": one.shelf_words if one.shelf else "",
        "elsewhere": one.elsewhere_words,
    }


def _of_batch(bench: Bench, text: str) -> dict[str, str]:
    row = stock.batch(bench.site.pk, id_of(text))
    return {"gtin": row.gtin, "numbers": row.number} if row else {}


def _held(one: models.Balance) -> dict[str, Any]:
    return {
        "href": reverse("batch", kwargs={"batch_id": one.batch_id}),
        "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
        "number": one.batch.number,
        "expiry": expiry_words(one.batch.expiry),
        "amount": stock.words(one.batch, one.amount),
        "where": one.account.name,
        "pickable": one.account.kind in recalls.PICKABLE,
    }


def _received(one: models.Pick) -> dict[str, Any]:
    patient = one.line.prescription.patient
    return {
        "href": reverse("prescription", kwargs={"prescription_id": one.line.prescription_id}),
        "patient": reverse("patient", kwargs={"patient_id": patient.pk}),
        "name": name_of(patient),
        "nhs_number": words.nhs_number_words(patient.nhs_number) if patient.nhs_number else "not recorded",
        "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
        "number": one.batch.number,
        "expiry": expiry_words(one.batch.expiry),
        "amount": stock.words(one.batch, one.amount),
        "at": one.at,
        "where": "handed out" if hasattr(one, "supply") else "in a bag that waits",
    }


def _pack(gtin: str) -> str:
    pack = dictionary().pack_by_gtin(gtin)
    return pack_words(pack) if pack is not None else gtin
