"""Stock of a page of the register goes back to its supplier, or is set aside and released before a second
person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import register_stock as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, key_of, page
from pestle.web.pages.pack_words import name_words
from pestle.web.pages.register import stepped
from pestle.web.pages.register_rounds import (
    amount_in_unit,
    chosen_stand,
    stand_row,
    typed_of,
)
from pestle.web.pages.stock import id_of
from pestle.web.pages.witness import colleagues, signed
from pestle.web.store import ledger, models, places, register


@require_http_methods(["GET", "HEAD", "POST"])
def return_to_supplier(request: HttpRequest, page_id: str) -> HttpResponse:
    """Stock of a page goes back to a supplier."""
    return stepped(
        request, page_id, form=_return_page, do=_return, said="Returned, and entered in the register."
    )


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def set_aside(request: HttpRequest, page_id: str) -> HttpResponse:
    """Stock of a page goes into quarantine or comes out of it; a second person signs."""
    return stepped(
        request, page_id, form=_aside_page, do=_set_aside,
        said="Recorded with both signatures. The balance stays as it is.",
    )  # fmt: skip


def _return(request: HttpRequest, bench: Bench, found: register.Page) -> Outcome:
    form, row = request.POST, _stand(request, bench, found)
    return actions.return_to_supplier(
        by=bench.person, now=bench.now, key=key_of(request), page_id=found.id, batch_id=row.batch_id,
        source=_ends(row.account), amount=amount_in_unit(form.get("amount", ""), row.batch, place="amount"),
        why=form.get("why", "")[:180], authority=form.get("authority", "")[:200],
        supplier=Source(
            form.get("supplier", "")[:200], form.get("supplier_address", "")[:400],
            form.get("return_note", "")[:120],
        ),
    )  # fmt: skip


def _set_aside(request: HttpRequest, bench: Bench, found: register.Page) -> Outcome:
    form, row = request.POST, _stand(request, bench, found)
    release_to: ledger.Ends | None = None
    if AccountKind(row.account.kind) is AccountKind.QUARANTINE:
        place = places.place(bench.site.pk, id_of(form.get("to", "")))
        if place is None:
            raise refuse("place.unknown", "Choose where it goes when it is released", place="to")
        release_to = _ends(place)
    return actions.set_aside(
        by=bench.person, now=bench.now, key=key_of(request), page_id=found.id, batch_id=row.batch_id,
        source=_ends(row.account), amount=amount_in_unit(form.get("amount", ""), row.batch, place="amount"),
        why=form.get("why", "")[:180], second=signed(request, bench), release_to=release_to,
    )  # fmt: skip


def _stand(request: HttpRequest, bench: Bench, found: register.Page) -> models.Balance:
    row = chosen_stand(request, bench, found)
    if row is None:
        raise refuse("register.no-stand", "Choose the batch, and where it is", place="stand")
    return row


def _ends(row: models.Account) -> ledger.Ends:
    return AccountKind(row.kind), row.name


def _return_page(
    request: HttpRequest, bench: Bench, found: register.Page, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    typed = typed_of(request)
    suppliers = register.suppliers_of(bench.site.pk, found)
    if request.method != "POST" and suppliers:
        typed["supplier"], typed["supplier_address"] = suppliers[0]
    return page(
        request,
        "register/return_to_supplier.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        name=name_words(found.name),
        stands=_stands(bench, found, STORES | {AccountKind.QUARANTINE}),
        suppliers=suppliers,
        typed=typed,
        may_keep=bench.person.has(*KEEPS_STOCK),
    )


def _aside_page(
    request: HttpRequest, bench: Bench, found: register.Page, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    return page(
        request,
        "register/set_aside.jinja",
        bench,
        section="stock",
        status=422 if refusals else 200,
        refusals=refusals,
        found=found,
        name=name_words(found.name),
        stands=_stands(bench, found, STORES | {AccountKind.QUARANTINE}),
        targets=[
            (str(one.account.pk), one.account.name)
            for one in places.places(bench.site.pk)
            if AccountKind(one.account.kind) in STORES
        ],
        colleagues=colleagues(bench),
        typed=typed_of(request),
        may_keep=bench.person.has(*KEEPS_STOCK),
    )


def _stands(bench: Bench, found: register.Page, kinds: frozenset[AccountKind]) -> list[dict[str, object]]:
    return [
        stand_row(row)
        for row in register.stands(bench.site.pk, found)
        if AccountKind(row.account.kind) in kinds
    ]
