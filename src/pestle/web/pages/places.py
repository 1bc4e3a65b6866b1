"""The places of the site: what is kept where, at which shelf, and under which condition."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition, suits
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import places as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.batch import keeping_words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.pages.stock import expiry_words, may_keep
from pestle.web.store import models, places, stock

_CONDITIONS = [(condition.value, condition.title.capitalize()) for condition in Condition]


@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every place; a POST puts one on record, or the condition of one that is there."""
    bench = at_bench(request)
    if request.method == "GET":
        return _index_page(request, bench)
    outcome, refusals = attempt(lambda: _record(request, bench))
    if outcome is None:
        return _index_page(request, bench, refusals=refusals, status=422)
    messages.success(request, f"{' '.join(request.POST.get('name', '').split())} is on record.")
    return SeeOther(reverse("places"))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, account_id: int) -> HttpResponse:
    """What one place holds, and how it has to be kept; a POST says how a product is kept."""
    bench = at_bench(request)
    account = places.place(bench.site.pk, account_id)
    if account is None:
        raise Http404
    if request.method == "GET":
        return _place_page(request, bench, account)
    outcome, refusals = attempt(lambda: _keep(request, bench, account))
    if outcome is None:
        return _place_page(request, bench, account, refusals=refusals, status=422)
    messages.success(request, "How it is kept is on record.")
    return SeeOther(reverse("place", kwargs={"account_id": account_id}))


def _record(request: HttpRequest, bench: Bench) -> Outcome:
    kind = next((one for one in places.KINDS if one.value == request.POST.get("kind")), None)
    if kind is None:
        raise refuse("place.kind", "Say what kind of place it is", place="kind")
    condition = _condition(request)
    if condition is None:
        raise refuse("place.condition", "Say how it keeps what is in it", place="condition")
    return actions.record_place(
        by=bench.person, now=bench.now, key=key_of(request), kind=kind, name=request.POST.get("name", ""),
        condition=condition,
    )  # fmt: skip


def _keep(request: HttpRequest, bench: Bench, account: models.Account) -> Outcome:
    return actions.keep_product(
        by=bench.person, now=bench.now, key=key_of(request), product_id=request.POST.get("product", ""),
        condition=_condition(request), source=request.POST.get("source", ""), account_id=account.pk,
        address=request.POST.get("address", ""),
    )  # fmt: skip


def _condition(request: HttpRequest) -> Condition | None:
    return next((one for one in Condition if one.value == request.POST.get("condition")), None)


def _index_page(request: HttpRequest, bench: Bench, *, status: int = 200, **context: Any) -> HttpResponse:
    return page(
        request, "stock/places.jinja", bench, section="stock", status=status,
        typed={name: request.POST.get(name, "") for name in ("kind", "name", "condition")},
        kinds=[(kind.value, kind.title) for kind in places.KINDS],
        conditions=_CONDITIONS,
        may_keep=may_keep(bench.person),
        rows=[
            {
                "href": reverse("place", kwargs={"account_id": one.account.pk}),
                "name": one.account.name,
                "kind": AccountKind(one.account.kind).title,
                "condition": one.condition.title if one.condition else "",
                "batches": one.batches,
            }
            for one in places.places(bench.site.pk)
        ],
        **context,
    )  # fmt: skip


def _place_page(
    request: HttpRequest, bench: Bench, account: models.Account, *, status: int = 200, **context: Any
) -> HttpResponse:
    held = places.balances(account.pk)
    kept = places.keepings(bench.site.pk, {one.batch.product_id for one in held})
    condition = places.condition_of(account.pk)
    names = {one.batch.product_id: kept_pack_words(one.batch.pack_id, one.batch.pack_name) for one in held}
    return page(
        request, "stock/place.jinja", bench, section="stock", status=status,
        account=account,
        condition=condition.title if condition else "not recorded",
        products=sorted(names.items(), key=lambda one: one[1].casefold()),
        conditions=_CONDITIONS,
        may_keep=may_keep(bench.person),
        typed={name: request.POST.get(name, "") for name in ("product", "condition", "source", "address")},
        rows=[_row(one, kept.get(one.batch.product_id), condition) for one in held],
        **context,
    )  # fmt: skip


def _row(one: models.Balance, keeping: models.Keeping | None, there: Condition | None) -> dict[str, Any]:
    wanted = Condition(keeping.condition) if keeping and keeping.condition else None
    return {
        "href": reverse("batch", kwargs={"batch_id": one.batch_id}),
        "pack": kept_pack_words(one.batch.pack_id, one.batch.pack_name),
        "number": one.batch.number,
        "expiry": expiry_words(one.batch.expiry),
        "amount": stock.words(one.batch, one.amount),
        "keeping": keeping_words(keeping),
        "wrong": suits(wanted, there) is False,
    }
