"""The places of a site: how each keeps what is in it, what has to be kept how, and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from pestle.pharmacy.ledger.account import STORES, WARDS, AccountKind
from pestle.pharmacy.ledger.storage import Condition
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

KINDS = tuple(kind for kind in AccountKind if kind in STORES | WARDS | {AccountKind.QUARANTINE})


@dataclass(frozen=True, slots=True)
class PlaceAt:
    """An account of a site, its condition (None: nobody has recorded it) and how many batches it holds."""

    account: models.Account
    condition: Condition | None
    batches: int


def places(site_id: int) -> list[PlaceAt]:
    """Every place of the site, by kind and name; two queries."""
    rows = models.Account.objects.filter(site=site_id, kind__in=[kind.value for kind in KINDS])
    counted = rows.annotate(batches=Count("balance", filter=Q(balance__amount__gt=0))).order_by(
        "kind", "name"
    )
    known = conditions(site_id)
    return [PlaceAt(row, known.get(row.pk), row.batches) for row in counted]


def conditions(site_id: int) -> dict[int, Condition]:
    """The condition of each account of the site that has one on record; one query."""
    rows = models.Place.objects.filter(account__site=site_id).order_by("pk")
    return {account: Condition(text) for account, text in rows.values_list("account", "condition")}


def place(site_id: int, account_id: int) -> models.Account | None:
    """The account if it is a place of the site."""
    kinds = [kind.value for kind in KINDS]
    return models.Account.objects.filter(site=site_id, pk=account_id, kind__in=kinds).first()


def condition_of(account_id: int) -> Condition | None:
    """The condition of one account; None where nobody has recorded it."""
    row = models.Place.objects.filter(account=account_id).order_by("-pk").first()
    return Condition(row.condition) if row else None


def keeping_of(site_id: int, product_id: str) -> models.Keeping | None:
    """How a product is kept here: what is on record of it, else of its generic."""
    return keepings(site_id, [product_id]).get(product_id)


def keepings(site_id: int, product_ids: Iterable[str]) -> dict[str, models.Keeping]:
    """The same for many, by product; one query."""
    generic = {
        one: (product.generic_id if (product := dictionary().product(one)) else None) for one in product_ids
    }
    wanted = {*generic, *(one for one in generic.values() if one)}
    rows = models.Keeping.objects.filter(site=site_id, product_id__in=wanted).select_related("account")
    newest = {row.product_id: row for row in rows.order_by("pk")}
    found = {one: newest.get(one) or newest.get(of or "") for one, of in generic.items()}
    return {one: row for one, row in found.items() if row is not None}


def balances(account_id: int) -> list[models.Balance]:
    """What the account holds, by name and the first to expire first."""
    rows = models.Balance.objects.filter(account=account_id, amount__gt=0).select_related("batch")
    return list(rows.order_by("batch__pack_name", "batch__expiry", "batch"))
