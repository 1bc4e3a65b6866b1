"""One batch: what is where, what moved, whether its chain is whole; and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from pestle.pharmacy.ledger.account import STORES, WARDS, AccountKind
from pestle.pharmacy.ledger.controlled import OWN_ACTION, not_undone
from pestle.pharmacy.ledger.controlled import in_register as is_in_register
from pestle.pharmacy.ledger.routes import CORRECTABLE, Reason
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.ledger.waste import WasteReason, why_words
from pestle.pharmacy.medicines.expiry import InUse, expiry, last_usable_day
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import moving, transfers
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.dates import day_of
from pestle.web.pages.moving import amount_of
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.pages.stock import STATES, expiry_words, id_of, may_keep
from pestle.web.store import ledger, models, orders, places, stock, verify
from pestle.web.store.knowledge import dictionary

_REASONS = {
    Reason.RECEIPT: "received",
    Reason.SUPPLIER_RETURN: "returned to the supplier",
    Reason.PUT_AWAY: "put away",
    Reason.SEND: "sent",
    Reason.ARRIVE: "arrived",
    Reason.PICK: "picked",
    Reason.UNDO_PICK: "put back",
    Reason.SUPPLY: "handed out",
    Reason.REQUISITION: "supplied on a requisition",
    Reason.QUARANTINE: "set aside",
    Reason.RELEASE: "released",
    Reason.WASTE: "wasted",
    Reason.PATIENT_RETURN: "returned by a patient",
    Reason.COUNT: "counted",
    Reason.CORRECTION: "corrected",
}
# What is done with a batch on its page, by the word that the form sends.
_WAYS = {
    Reason.PUT_AWAY: "Put away in another place",
    Reason.SEND: "Send with somebody to another place",
    Reason.QUARANTINE: "Set aside in quarantine",
    Reason.RELEASE: "Release from quarantine (pharmacist)",
    Reason.SUPPLIER_RETURN: "Return to the supplier",
    Reason.WASTE: "Waste",
}
_ENDS = {
    Reason.QUARANTINE: AccountKind.QUARANTINE,
    Reason.SUPPLIER_RETURN: AccountKind.SUPPLIER,
    Reason.WASTE: AccountKind.WASTE,
}
_SAID = {
    Reason.PUT_AWAY: "put away",
    Reason.SEND: "on its way",
    Reason.QUARANTINE: "set aside",
    Reason.RELEASE: "released",
    Reason.SUPPLIER_RETURN: "returned to the supplier",
    Reason.WASTE: "wasted",
}
_TYPED = ("what", "from", "to", "packs", "loose", "waste", "why", "carrier", "ordered_by", "movement", "at",
          "opened_on", "days")  # fmt: skip


@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One batch: what is where, everything that moved, and whether its chain is whole."""
    bench = at_bench(request)
    row = stock.batch(bench.site.pk, batch_id)
    if row is None:
        raise Http404
    return _batch_page(request, bench, row)


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Moves an amount of a batch as its page was told; whoever comes by address is shown the batch."""
    bench = at_bench(request)
    row = stock.batch(bench.site.pk, batch_id)
    if row is None:
        raise Http404
    if request.method != "POST":
        return SeeOther(reverse("batch", kwargs={"batch_id": batch_id}))
    outcome, refusals = attempt(lambda: _move(request, bench, row))
    if outcome is None:
        return _batch_page(request, bench, row, refusals=refusals, status=422)
    reason = Reason(request.POST["what"])
    messages.success(request, f"{stock.words(row, amount_of(request, row))} {_SAID[reason]}.")
    return SeeOther(reverse("batch", kwargs={"batch_id": batch_id}))


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Undoes a movement that was entered wrongly, by one that points at it."""

    def do(bench: Bench, row: models.Batch) -> Outcome:
        found = row.movements.filter(place=id_of(request.POST.get("movement", ""))).first()
        return moving.correct(
            by=bench.person, now=bench.now, key=key_of(request), movement_id=found.pk if found else 0,
            why=request.POST.get("why", "")[:180],
        )  # fmt: skip

    return _act(request, batch_id, do, done="Undone: both movements stay on record.")


@require_http_methods(["GET", "HEAD", "POST"])
def open_container(request: HttpRequest, batch_id: int) -> HttpResponse:
    """A container was opened, and may be used for so many days."""

    def do(bench: Bench, row: models.Batch) -> Outcome:
        kind, name = _place(bench, request.POST.get("at", ""), place="at")
        days = request.POST.get("days", "").strip()
        return moving.open_container(
            by=bench.person, now=bench.now, key=key_of(request), batch_id=row.pk, kind=kind, name=name,
            opened_on=day_of(request.POST.get("opened_on", ""), place="opened on"),
            days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else -1,
        )  # fmt: skip

    return _act(request, batch_id, do, done="On record: it is refused at the pick once its days are over.")


def _act(
    request: HttpRequest, batch_id: int, do: Callable[[Bench, models.Batch], Outcome], *, done: str
) -> HttpResponse:
    bench = at_bench(request)
    row = stock.batch(bench.site.pk, batch_id)
    if row is None:
        raise Http404
    if request.method == "POST":
        outcome, refusals = attempt(lambda: do(bench, row))
        if outcome is None:
            return _batch_page(request, bench, row, refusals=refusals, status=422)
        messages.success(request, done)
    return SeeOther(reverse("batch", kwargs={"batch_id": batch_id}))


def _batch_page(
    request: HttpRequest,
    bench: Bench,
    row: models.Batch,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
) -> HttpResponse:
    moved = stock.movements(row)
    prescriptions = stock.prescriptions_of(moved)
    undone = {one.reverses_id for one in moved}
    recall = ledger.recall_of(bench.site.pk, gtin=row.gtin, number=row.number)
    tone, shape, word = STATES[stock.state(row, on=bench.today, recalled=recall is not None)]
    pack = dictionary().pack(row.pack_id)
    keeping = places.keeping_of(bench.site.pk, row.product_id)
    product = dictionary().product(row.product_id)
    controlled = product.controlled if product else None
    in_register = is_in_register(controlled)
    balances = list(row.balances.filter(held=True).select_related("account").order_by("account"))
    return page(
        request,
        "stock/batch.jinja",
        bench,
        section="stock",
        status=status,
        refusals=refusals,
        batch=row,
        name=kept_pack_words(row.pack_id, row.pack_name),
        tone=tone,
        shape=shape,
        word=word,
        recall=recall,
        broken=verify.of_batch(row),
        expiry=expiry_words(row.expiry),
        storage=keeping_words(keeping),
        may_keep=may_keep(bench.person),
        invented=pack.invented if pack else False,
        balances=[(one.account.name, stock.words(row, one.amount)) for one in balances],
        supplied=stock.words(
            row, sum(one.amount for one in moved if one.target.kind == AccountKind.PATIENT.value)
        ),
        movements=[_movement(one, row, prescriptions, undone) for one in moved],
        typed={name: request.POST.get(name, "") for name in _TYPED},
        ways=[
            (reason.value, said)
            for reason, said in _WAYS.items()
            if not in_register or reason not in OWN_ACTION
        ],
        page_id=orders.generic_of(row.product_id) if in_register else "",
        sources=[(str(one.account_id), one.account.name) for one in balances if one.amount],
        targets=[
            (str(one.account.pk), one.account.name)
            for one in places.places(bench.site.pk)
            if AccountKind(one.account.kind) in STORES | WARDS
        ],
        undoable=[
            (str(one.place), f"{one.place}: {_REASONS[Reason(one.reason)]}, {stock.words(row, one.amount)}")
            for one in moved
            if Reason(one.reason) in CORRECTABLE
            and one.pk not in undone
            and not_undone(controlled, Reason(one.reason)) is None
        ],
        openings=[_opening(one) for one in row.openings.select_related("account", "by").order_by("-pk")],
        wastes=[(reason.value, reason.value.capitalize()) for reason in WasteReason],
    )


def _opening(one: models.Opening) -> str:
    last = last_usable_day(expiry(one.batch.expiry), InUse(one.opened_on, one.days))
    return f"{one.account.name}: opened {words.short_date(one.opened_on)}, usable to {words.short_date(last)}"


def keeping_words(keeping: models.Keeping | None) -> str:
    """How a product is kept and where it stands, as a person says it."""
    if keeping is None:
        return "not recorded"
    kept = Condition(keeping.condition).title if keeping.condition else "condition not known"
    where = f"{keeping.account.name}, {keeping.address}" if keeping.address else keeping.account.name
    return f"{kept} ({keeping.source}); {where}" if keeping.source else f"{kept}; {where}"


def _move(request: HttpRequest, bench: Bench, row: models.Batch) -> Outcome:
    form = request.POST
    reason = next((one for one in _WAYS if one.value == form.get("what")), None)
    if reason is None:
        raise refuse("stock.no-way", "Say what happens to it", place="what")
    source = _place(bench, form.get("from", ""), place="from")
    if reason in _ENDS:
        target: ledger.Ends = (_ENDS[reason], "")
    else:
        target = _place(bench, form.get("to", ""), place="to")
    amount, all_the_same = amount_of(request, row), form.get("all_the_same") == "yes"
    if reason is Reason.SEND:
        return transfers.send(
            by=bench.person, now=bench.now, key=key_of(request), source=source, target=target,
            amounts={row.pk: amount}, carrier=form.get("carrier", ""), all_the_same=all_the_same,
            ordered_by=form.get("ordered_by", "")[:120],
        )  # fmt: skip
    why = form.get("why", "").strip()[:180]
    if reason is Reason.WASTE:
        chosen = next((one for one in WasteReason if one.value == form.get("waste")), None)
        if chosen is None:
            raise refuse("stock.no-reason", "Say why it is wasted", place="reason")
        why = why_words(chosen, why)
    return moving.move(
        by=bench.person, now=bench.now, key=key_of(request), reason=reason, batch_id=row.pk, amount=amount,
        source=source, target=target, why=why, all_the_same=all_the_same,
    )  # fmt: skip


def _place(bench: Bench, text: str, *, place: str) -> ledger.Ends:
    """The kind and name of one of the site's accounts. Raises `Refused` (``place.unknown``)."""
    known = text.isdecimal() and len(text) < 19
    row = models.Account.objects.filter(site=bench.site.pk, pk=int(text)).first() if known else None
    if row is None:
        raise refuse("place.unknown", "Choose one of the places of this site", place=place)
    return AccountKind(row.kind), row.name


def _movement(
    one: models.Movement, row: models.Batch, prescriptions: dict[str, int], undone: set[int | None]
) -> dict[str, Any]:
    prescription = prescriptions.get(one.about)
    href = reverse("prescription", kwargs={"prescription_id": prescription}) if prescription else ""
    return {
        "place": one.place,
        "at": one.happened_at,
        "what": _REASONS[Reason(one.reason)],
        "amount": stock.words(row, one.amount),
        "source": one.source.name,
        "target": one.target.name,
        "who": one.by.full_name,
        "href": href,
        "prescription": prescription,
        "reverses": one.reverses_id is not None,
        "reversed": one.pk in undone,
        "why": "delivery" if one.reason == Reason.RECEIPT.value else one.why,
    }
