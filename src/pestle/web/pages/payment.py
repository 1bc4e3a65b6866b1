"""Claims: what is ready, what is not and why, what was made; and what one prescription is paid by."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.dispensary.endorsement import NOTHING, SHORTAGE, Detail, Endorsement
from pestle.pharmacy.dispensary.payment_claim import (
    Answer,
    amend_refusals,
    claim_refusals,
    last_day_to_claim,
    window_ends,
)
from pestle.pharmacy.dispensary.taking_back import WithdrawReason
from pestle.pharmacy.ledger.waste import pounds
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import payment as actions
from pestle.web.actions import taking_back
from pestle.web.actions.once import Outcome
from pestle.web.pages import charge_form
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.csv_file import csv_file
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.store import models, patients, payment, prescriptions
from pestle.web.store.knowledge import charges, endorsements

# As many as one page holds; a site that claims daily has fewer.
MOST = 200
_STATES = {
    Answer.NONE: ("unknown", "○", "No answer yet"),
    Answer.ACCEPTED: ("done", "✓", "Accepted"),
    Answer.REFUSED: ("hard-stop", "■", "Refused by the service"),
}


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The claims of a month, and what waits to be claimed for; a POST claims for all that are ready."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index(request, bench)
    act, said = (
        (_endorse_one, "endorsed: nothing to endorse")
        if request.POST.get("what") == "endorse"
        else (_claim_one, "claimed for: send the messages")
    )
    chosen = numbers(request, "prescription")
    refusals = [] if chosen else [Refusal("claim.none-chosen", "Choose one at least")]
    done = 0
    for pk in chosen:
        outcome, refused = attempt(partial(act, request, bench, pk))
        done += outcome is not None
        refusals += refused
    if done:
        messages.success(request, f"{done} prescription{'' if done == 1 else 's'} {said}.")
    return _index(request, bench, refusals=refusals, status=422) if refusals else SeeOther(reverse("claims"))


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The claims of a month as a file."""
    bench = at_bench(request)
    month = month_of(request, bench)
    rows = (
        (
            claim.prescription.number, claim.at.isoformat(), claim.by.full_name, claim.items,
            claim.paid_items, "" if claim.pence is None else f"{Decimal(claim.pence) / 100:.2f}",
            claim.charge.exemption, payment.answer(claim.message).value,
        )
        for claim in payment.claims_of(bench.site.pk, month)
    )  # fmt: skip
    heads = ("Prescription", "Made (UTC)", "By", "Items", "Items with a charge", "Charges, GBP", "Exemption",
             "Service")  # fmt: skip
    return csv_file(f"claims-{month:%Y-%m}.csv", heads, rows)


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, prescription_id: int) -> HttpResponse:
    """What a prescription is paid by; a POST records, endorses, claims, withdraws or tells again."""
    bench = at_bench(request)
    row = payment.one(bench.site.pk, prescription_id)
    if row is None:
        raise Http404
    if request.method == "GET":
        return _show(request, bench, row)
    outcome, refusals = attempt(lambda: _act(request, bench, row))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals, typed=request.POST.dict(), status=422)
    messages.success(request, _SAID[request.POST["what"]])
    return SeeOther(reverse("payment", kwargs={"prescription_id": row.pk}))


_SAID = {
    "charge": "The charge is on record.",
    "endorse": "Endorsed.",
    "claim": "The claim is made: send its message.",
    "amend": "The claim is amended: send its message.",
    "withdraw": "Withdrawn: send the message, then tell the service again.",
    "tell": "The service is told again: send the message.",
}


def _act(request: HttpRequest, bench: Bench, row: models.Prescription) -> Outcome:
    typed = request.POST.dict()
    given: dict[str, Any] = {
        "by": bench.person, "now": bench.now, "key": key_of(request), "prescription_id": row.pk
    }  # fmt: skip
    message = number(typed.get("message", "")) or 0
    match typed.get("what"):
        case "charge":
            return actions.record_charge(**given, declared=charge_form.declared(typed))
        case "endorse":
            said = {line.pk: _endorsements(line, request) for line in row.lines.all()}
            return actions.endorse_lines(**given, endorsements=said)
        case "claim" | "amend":
            return actions.make_claim(**given, amends=typed["what"] == "amend")
        case "tell":
            return taking_back.tell_again(**given, message_id=message)
        case "withdraw":
            try:
                reason = WithdrawReason(typed.get("reason", ""))
            except ValueError:
                raise refuse("withdraw.no-reason", "Choose why it is withdrawn", place="reason") from None
            return taking_back.withdraw_notification(
                **given, message_id=message, reason=reason, words=typed.get("words", "")
            )
    raise refuse("payment.nothing", "This form is not one of ours")


def _claim_one(request: HttpRequest, bench: Bench, pk: int) -> Outcome:
    key = str(uuid.uuid5(uuid.UUID(key_of(request)), str(pk)))
    return actions.make_claim(by=bench.person, now=bench.now, key=key, prescription_id=pk)


def _endorse_one(request: HttpRequest, bench: Bench, pk: int) -> Outcome:
    """Every line that nobody has endorsed has nothing to endorse."""
    key = str(uuid.uuid5(uuid.UUID(key_of(request)), str(pk)))
    row = payment.one(bench.site.pk, pk)
    bare = [line for line in row.lines.all() if not payment.endorsed(line)] if row else []
    return actions.endorse_lines(
        by=bench.person, now=bench.now, key=key, prescription_id=pk,
        endorsements={line.pk: [_usual(line)] for line in bare},
    )  # fmt: skip


def _usual(line: models.Line) -> Endorsement:
    """What a line is endorsed with when there is nothing else to say."""
    return Endorsement(SHORTAGE, {Detail.PROTOCOL: line.protocol}) if line.protocol else Endorsement(NOTHING)


def _endorsements(line: models.Line, request: HttpRequest) -> tuple[Endorsement, ...]:
    """What was ticked for a line, with the details that were typed beside it."""
    kinds = endorsements().kinds
    codes = [code for code in request.POST.getlist(f"code-{line.pk}") if code]
    found = []
    for code in codes:
        kind = kinds.get(code)
        asked: Sequence[Detail] = kind.needs + kind.may if kind else ()
        found.append(
            Endorsement(code, {what: request.POST.get(f"{what.value}-{line.pk}", "") for what in asked})
        )
    return tuple(found)


def _index(
    request: HttpRequest, bench: Bench, *, refusals: Sequence[Refusal] = (), status: int = 200
) -> HttpResponse:
    month = month_of(request, bench)
    unclaimed = payment.unclaimed(bench.site.pk, now=bench.now)
    waiting = payment.loaded(unclaimed[:MOST])
    again = payment.refused_claims(bench.site.pk)
    waiting += payment.loaded(models.Prescription.objects.filter(pk__in=again)) if again else []
    rows = [_waiting(row, bench) for row in waiting]
    claims = payment.claims_of(bench.site.pk, month)
    sums = payment.totals(claims)
    months = sorted({*payment.months(bench.site.pk), bench.today.replace(day=1), month}, reverse=True)
    return page(
        request,
        "payment/index.jinja",
        bench,
        section="worklist",
        status=status,
        refused=tuple(refusals),
        ready=[row for row in rows if not row["why_not"]],
        stopped=[row for row in rows if row["why_not"]],
        more=unclaimed.count() > MOST,
        most=MOST,
        made=[_made(claim) for claim in claims],
        totals=sums,
        pence="not known" if sums.pence is None else pounds(sums.pence),
        month=month,
        months=[(f"{one:%Y-%m}", f"{one:%B %Y}", one == month) for one in months],
        csv_href=f"{reverse('claims-csv')}?month={month:%Y-%m}",
        may_claim=bench.person.has(*actions.MAY_CLAIM),
    )


def _waiting(row: models.Prescription, bench: Bench) -> dict[str, Any]:
    facts = payment.to_claim(row)
    claim = payment.last_claim(row)
    refusals = claim_refusals(facts, on=bench.today)
    return {
        "id": row.pk,
        "href": reverse("payment", kwargs={"prescription_id": row.pk}),
        "patient": name_of(row.patient),
        "number": row.number,
        "items": sum(line.dispensed for line in facts.lines),
        "supplied_on": facts.supplied_on,
        "last_day": last_day_to_claim(facts),
        "why_not": _grouped(refusals),
        "bare": {one.rule for one in refusals} == {"claim.endorsement-missing"},
        "refused_by_service": claim is not None,
    }


def _grouped(refusals: Sequence[Refusal]) -> list[tuple[str, str]]:
    """Each reason once, with everything that it is about."""
    places: dict[str, list[str]] = {}
    for one in refusals:
        places.setdefault(one.reason, []).extend([one.place] if one.place else [])
    return [(reason, ", ".join(about)) for reason, about in places.items()]


def _made(claim: models.PaymentClaim) -> dict[str, Any]:
    tone, shape, word = _STATES[payment.answer(claim.message)]
    exemption = charges().exemptions[claim.charge.exemption]
    return {
        "href": reverse("payment", kwargs={"prescription_id": claim.prescription_id}),
        "message_href": reverse("message", kwargs={"message_id": claim.message_id}),
        "patient": name_of(claim.prescription.patient),
        "number": claim.prescription.number,
        "at": claim.at,
        "by": claim.by.full_name,
        "items": claim.items,
        "charge": exemption.words,
        "pence": "not known" if claim.pence is None else pounds(claim.pence),
        "tone": tone,
        "shape": shape,
        "word": word,
        "amended": claim.replaces_id is not None,
    }


def _show(
    request: HttpRequest,
    bench: Bench,
    row: models.Prescription,
    *,
    refusals: Sequence[Refusal] = (),
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    signed = prescriptions.signed(row)
    facts, charge, claim = payment.to_claim(row), payment.charge_of(row), payment.last_claim(row)
    amending = claim is not None and payment.answer(claim.message) is not Answer.REFUSED
    judge = amend_refusals if amending else claim_refusals
    supplied = facts.supplied_on
    return page(
        request,
        "payment/show.jinja",
        bench,
        section="worklist",
        status=status,
        refused=tuple(refusals),
        fields=charge_form.FIELDS
        | {"reason": "reason", "words": "words"}
        | {f"line {line.place}": f"line-{line.pk}" for line in row.lines.all()},
        typed=typed or {},
        row=row,
        patient=patients.value(row.patient),
        allergies=patients.allergy_record(row.patient),
        charge=charge_form.words_of(charge) if charge else [],
        ask_charge=charge_form.asked(row, signed, bench),
        lines=[_line(line, request) for line in row.lines.all()],
        tellings=[_telling(one) for one in payment.tellings(row)],
        claims=[_made(one) for one in row.payment_claims.all()],
        amending=amending,
        why_not=judge(facts, on=bench.today),
        paper=payment.on_paper(signed),
        last_day=last_day_to_claim(facts),
        window=window_ends(supplied) if supplied else None,
        withdraw_reasons=[(one.value, one.words) for one in WithdrawReason],
        may_claim=bench.person.has(*actions.MAY_CLAIM),
    )


def _line(line: models.Line, request: HttpRequest) -> dict[str, Any]:
    """A line with its endorsements: as typed, as on record, else the one that stands there already."""
    on_record = payment.endorsed(line)
    said = {one.code: one.details for one in on_record}
    if request.method == "POST" and request.POST.get("what") == "endorse":
        said = {one.code: one.details for one in _endorsements(line, request)}
    elif not said:
        usual = _usual(line)
        said = {usual.code: usual.details}
    details = {what: words for each in said.values() for what, words in each.items()}
    return {
        "id": line.pk,
        "place": line.place,
        "name": line.product_name or line.medication_text,
        "state": {"supplied": "dispensed", "open": "not settled"}.get(line.state, line.state),
        "codes": said,
        "on_record": [endorsements().kinds[one.code].words for one in on_record],
        "details": {what.value: words for what, words in details.items()},
        "kinds": endorsements().kinds.values(),
        "asked": list(Detail),
    }


def _telling(telling: payment.Telling) -> dict[str, Any]:
    tone, shape, word = _STATES[payment.answer(telling.message)]
    if telling.withdrawn:
        tone, shape, word = "hard-stop", "■", "Withdrawn"
    return {
        "message": telling.message.pk,
        "href": reverse("message", kwargs={"message_id": telling.message.pk}),
        "at": telling.message.at,
        "handed_out_at": telling.hand_out.at,
        "tone": tone,
        "shape": shape,
        "word": word,
        "withdrawn": telling.withdrawal is not None,
        "why": WithdrawReason(telling.withdrawal.reason).words if telling.withdrawal else "",
    }


def month_of(request: HttpRequest, bench: Bench) -> date:
    """The month that was asked for; else this one."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')[:7]}-01")
    except ValueError:
        return bench.today.replace(day=1)
