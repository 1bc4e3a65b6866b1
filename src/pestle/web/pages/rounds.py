"""Delivery rounds: begun, loaded by scan, sent off; what became of each stop; closed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.collection import Identity, identity_asked_for
from pestle.pharmacy.dispensary.round import (
    LOADING,
    MAY_BEGIN,
    OUT,
    ROUNDS,
    Failed,
    Proof,
    Recipient,
    StopState,
)
from pestle.pharmacy.documents.round_sheet import RoundSheet, SheetStop
from pestle.pharmacy.medicines.barcode import BagScan, read_bag_or_shelf
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.workflow import can
from pestle.web.actions import rounds as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import bag_flags, words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page, seen_of
from pestle.web.pages.dates import day_of, in_field, moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.pages.scans import code
from pestle.web.print.bag_papers import round_sheet_pdf
from pestle.web.store import models, patients, register, rounds
from pestle.web.store.rounds import StopAt


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The rounds, those under way first; a POST begins one."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index(request, bench)
    posted = request.POST
    outcome, refusals = attempt(
        lambda: actions.begin(
            by=bench.person, now=bench.now, key=key_of(request), on=day_of(posted.get("on", ""), place="on"),
            driver=posted.get("driver", ""),
        )
    )  # fmt: skip
    if outcome is None:
        return _index(request, bench, refusals=refusals, typed=posted.dict())
    messages.success(request, "The round is begun: scan the labels of the bags that go with it.")
    return SeeOther(reverse("round", kwargs={"round_id": outcome.result["round"]}))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, round_id: int) -> HttpResponse:
    """One round; a POST loads a bag, takes one off, moves a stop, sends it off, or closes it."""
    bench = at_bench(request)
    _here(bench, round_id)
    if request.method == "GET":
        return _show(request, bench, round_id)
    what = request.POST.get("what", "load")
    outcome, refusals = attempt(lambda: _act(request, bench, round_id, what))
    if outcome is None:
        return _show(request, bench, round_id, refusals=refusals)
    said = {
        "leave": "The round has left.",
        "close": "The round is closed.",
        "take_off": "It is taken off: put it back on its shelf.",
    }
    if what in said:
        messages.success(request, said[what])
    return SeeOther(reverse("round", kwargs={"round_id": round_id}))


@require_GET
def sheet(request: HttpRequest, round_id: int) -> HttpResponse:
    """The round on paper for its driver."""
    bench = at_bench(request)
    row = _here(bench, round_id)
    stops = tuple(_sheet_stop(one) for one in rounds.stops(row) if one.bag.prescriptions)
    made = round_sheet_pdf(
        RoundSheet(str(row.pk), row.driver, stops), pharmacy=bench.site.name,
        telephone=bench.site.telephone, on=row.on,
    )  # fmt: skip
    return pdf_file(f"round-{row.pk}.pdf", made)


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, stop_id: int) -> HttpResponse:
    """One stop; a POST records that it was delivered, or why not."""
    bench = at_bench(request)
    found = rounds.stop(bench.site.pk, stop_id)
    if found is None:
        raise Http404
    if request.method == "GET":
        return _stop(request, bench, found)
    outcome, refusals = attempt(lambda: _settle(request, bench, stop_id))
    if outcome is None:
        again = rounds.stop(bench.site.pk, stop_id)
        return _stop(request, bench, again or found, refusals=refusals, typed=request.POST.dict())
    delivered = request.POST.get("what") == "deliver"
    said = "delivered, and handed out." if delivered else "comes back. Put it on a shelf again."
    messages.success(request, f"{name_of(found.bag.patient)}: {said}")
    return SeeOther(reverse("round", kwargs={"round_id": found.row.round_id}))


def _act(request: HttpRequest, bench: Bench, round_id: int, what: str) -> Outcome:
    by, now, key = bench.person, bench.now, key_of(request)
    stop_id = number(request.POST.get("stop", "")) or 0
    match what:
        case "load":
            scanned = read_bag_or_shelf(code(request))
            part = next((one for one in Part if isinstance(scanned, BagScan)
                         and one.value == (scanned.part or Part.BAG.value)), None)  # fmt: skip
            if not isinstance(scanned, BagScan) or part is None:
                raise refuse("round.not-a-bag", "This is not the label of a bag", place="scan",
                             way_out="Scan the label of the bag, or of its part.")  # fmt: skip
            return actions.load(by=by, now=now, key=key, round_id=round_id, bag_id=scanned.id, part=part)
        case "take_off":
            return actions.take_off(by=by, now=now, key=key, round_id=round_id, stop_id=stop_id)
        case "up" | "down":
            return actions.order_stops(
                by=by, now=now, key=key, round_id=round_id, stop_id=stop_id, up=what == "up"
            )
        case "leave":
            return actions.leave(by=by, now=now, key=key, round_id=round_id, seen=seen_of(request))
        case "close":
            return actions.close(by=by, now=now, key=key, round_id=round_id, seen=seen_of(request))
    raise Http404


def _settle(request: HttpRequest, bench: Bench, stop_id: int) -> Outcome:
    by, now, key, posted = bench.person, bench.now, key_of(request), request.POST
    happened_at = moment_of(posted.get("when", ""), "when", zone=bench.zone) or now
    if posted.get("what") == "fail":
        failed = next((one for one in Failed if one.value == posted.get("failed")), None)
        if failed is None:
            raise refuse("round.no-reason", "Say why it was not delivered", place="failed")
        return actions.bring_back(
            by=by, now=now, key=key, stop_id=stop_id, failed=failed, words=posted.get("words", ""),
            happened_at=happened_at,
        )  # fmt: skip
    recipient = next((one for one in Recipient if one.value == posted.get("recipient")), None)
    if recipient is None:
        raise refuse("delivery.no-recipient", "Say with whom it was left", place="recipient")
    identity = next((one for one in Identity if one.value == posted.get("identity")), None)
    signed = posted.get("signed") == "yes"
    proof = Proof(recipient, posted.get("name", ""), signed, posted.get("words", ""))
    return actions.deliver(
        by=by, now=now, key=key, stop_id=stop_id, proof=proof, identity=identity, happened_at=happened_at
    )


def _index(
    request: HttpRequest,
    bench: Bench,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    return page(
        request,
        "rounds/index.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refusals=refusals,
        rows=[_row(one) for one in rounds.listed(bench.site.pk)],
        may_begin=bench.person.has(*MAY_BEGIN),
        typed=typed or {"on": bench.today.isoformat()},
    )


def _show(
    request: HttpRequest, bench: Bench, round_id: int, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    row = _here(bench, round_id)
    stops, task = rounds.stops(row), rounds.task(row)
    return page(
        request,
        "rounds/show.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        step=ROUNDS.step(row.step).title,
        loading=row.step == LOADING,
        out=row.step == OUT,
        stops=[_stop_row(one, bench) for one in stops],
        not_put_away=[_stop_row(one, bench) for one in rounds.not_put_away(stops)],
        open_stops=sum(one.state is StopState.ON for one in stops),
        may={verb: can(ROUNDS, task, verb, by=bench.person, now=bench.now)
             for verb in ("load", "leave", "deliver", "close")},
    )  # fmt: skip


def _stop(
    request: HttpRequest,
    bench: Bench,
    found: StopAt,
    *,
    refusals: tuple[Refusal, ...] = (),
    typed: dict[str, str] | None = None,
) -> HttpResponse:
    row = found.row.round
    lines = [line for one in found.bag.prescriptions for line in one.lines.all() if line.state == "open"]
    schedules = register.schedules(lines)
    return page(
        request,
        "rounds/stop.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refusals=refusals,
        row=row,
        stop=_stop_row(found, bench),
        open=found.state is StopState.ON and row.step == OUT
        and can(ROUNDS, rounds.task(row), "deliver", by=bench.person, now=bench.now),
        prescriptions=[
            (one.number, reverse("prescription", kwargs={"prescription_id": one.pk}))
            for one in found.bag.prescriptions
        ],
        identities=[(one.value, one.words) for one in Identity] if identity_asked_for(schedules) else [],
        recipients=[(one.value, one.words) for one in Recipient],
        reasons=[(one.value, one.words) for one in Failed],
        when=in_field(bench.now, zone=bench.zone),
        typed=typed or {},
    )  # fmt: skip


def _here(bench: Bench, round_id: int) -> models.DeliveryRound:
    row = models.DeliveryRound.objects.filter(pk=round_id, site=bench.site.pk).first()
    if row is None:
        raise Http404
    return row


def _row(one: models.DeliveryRound) -> dict[str, Any]:
    states = [rounds.state(stop) for stop in one.stops.all()]
    return {
        "href": reverse("round", kwargs={"round_id": one.pk}),
        "on": one.on,
        "driver": one.driver,
        "step": ROUNDS.step(one.step).title,
        "under_way": one.step != "closed",
        "stops": len(states),
        "delivered": states.count(StopState.DELIVERED),
        "came_back": states.count(StopState.CAME_BACK),
        "open": states.count(StopState.ON),
    }


def _stop_row(one: StopAt, bench: Bench) -> dict[str, Any]:
    patient, attempted = one.bag.patient, one.attempt
    return {
        "id": one.row.pk,
        "place": one.row.place,
        "href": reverse("round-stop", kwargs={"stop_id": one.row.pk}),
        "bag_href": reverse("bag", kwargs={"bag_id": one.bag.bag.pk}),
        "patient": name_of(patient),
        "address": ", ".join(line for line in (*patient.address, patient.postcode) if line.strip()),
        "parts": [part.words for part in one.bag.parts],
        "missing": [part.words for part in one.missing] if one.state is StopState.ON else [],
        "care": [*bag_flags.elsewhere(one.bag), *bag_flags.care(one.bag, on=bench.today)]
        if one.state is StopState.ON
        else [],
        "empty": not one.bag.prescriptions and one.state is StopState.ON,
        "state": one.state.value,
        "state_words": one.state.words,
        "what": _what(attempted) if attempted else "",
        "happened_at": attempted.happened_at if attempted else None,
        "recorded_at": attempted.recorded_at if attempted else None,
        "by": attempted.by.full_name if attempted else "",
    }


def _what(one: models.DeliveryAttempt) -> str:
    if one.failed:
        return ", ".join(part for part in (Failed(one.failed).words, one.words) if part)
    said = (Recipient(one.recipient).words, one.name, "signed" if one.signed else "", one.words)
    return ", ".join(part for part in said if part)


def _sheet_stop(one: StopAt) -> SheetStop:
    patient = patients.value(one.bag.patient)
    address = patient.address
    lines = (*address.lines, address.postcode) if address else ()
    controlled = Part.CUPBOARD in one.bag.parts or one.bag.last_day is not None
    marks = (*(("CD",) if controlled else ()), *(("FRIDGE",) if Part.FRIDGE in one.bag.parts else ()))
    tries = one.bag.tries
    return SheetStop(
        patient.name, tuple(line for line in lines if line.strip()),
        tuple(part.words for part in one.bag.parts), marks,
        f"came back {words.count(tries, 'time')}" if tries else "",
    )  # fmt: skip
