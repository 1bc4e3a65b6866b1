"""A place of the site is put on record, and how and where a product is kept."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.ledger.account import STORES, WARDS, Account, AccountKind
from pestle.pharmacy.ledger.storage import Condition, may_be, misplaced
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, places
from pestle.web.store.knowledge import dictionary


def record_place(
    *, by: Person, now: datetime, key: str, kind: AccountKind, name: str, condition: Condition
) -> Outcome:
    """Puts a place with its storage condition on record; of one that is there, the condition from now on.

    Raises `Refused`: ``stock.role``, ``place.kind``, ``place.name``, ``place.condition``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        if kind not in places.KINDS:
            raise refuse("place.kind", "Stock is not kept in a place of this kind", place="kind")
        said = " ".join(name.split())
        if not 2 <= len(said) <= 80:
            raise refuse("place.name", "A place has a name of 2 to 80 characters", place="name")
        wrong = may_be(kind, condition)
        if wrong is not None:
            raise Refused(wrong)
        account = ledger.account(by.site_id, kind, said)
        row = models.Place.objects.create(
            account_id=account.id, condition=condition.value, by_id=by.id, at=now
        )
        detail = {"account": str(account), "condition": condition.value}
        return Deed(f"account:{account.id}", detail, {"account": account.id}, sealed=[row])

    request = {"kind": kind.value, "name": name, "condition": condition.value}
    return once("stock.record_place", by=by, now=now, key=key, request=request, do=do)


def keep_product(
    *, by: Person, now: datetime, key: str, product_id: str, condition: Condition | None, source: str,
    account_id: int, address: str,
) -> Outcome:  # fmt: skip
    """Puts on record how a product is to be kept, who says so, and at which shelf of which place it stands.

    Raises `Refused`: ``stock.role``, ``stock.unknown-product``, ``place.unknown``, ``place.no-source`` for a
    condition that nobody vouches for, ``place.address``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        if dictionary().product(product_id) is None:
            raise refuse("stock.unknown-product", "The dictionary has no such product", place="product")
        account = places.place(by.site_id, account_id)
        if account is None:
            raise refuse("place.unknown", "There is no such place here", place="place")
        if condition is not None and len(source.strip()) < 3:
            raise refuse("place.no-source", "Say where the condition is written", place="source",
                         way_out="Such as: the pack, or the maker's leaflet.")  # fmt: skip
        if len(address.strip()) > 30:
            raise refuse("place.address", "A shelf has a name of up to 30 characters", place="address")
        row = models.Keeping.objects.create(
            site_id=by.site_id, product_id=product_id, condition=condition.value if condition else "",
            source=source.strip(), account=account, address=address.strip(), by_id=by.id, at=now,
        )  # fmt: skip
        detail = {
            "product": product_id,
            "condition": row.condition,
            "account": account.pk,
            "address": row.address,
        }
        return Deed(f"product:{product_id}", detail, {"keeping": row.pk}, sealed=[row])

    request = {"product": product_id, "condition": condition.value if condition else "", "source": source,
               "account": account_id, "address": address}  # fmt: skip
    return once("stock.keep_product", by=by, now=now, key=key, request=request, do=do)


def check_storage(batch: models.Batch, target: Account, *, all_the_same: bool) -> bool:
    """Whether a batch goes where its product is not to be kept. Raises `Refused` (``stock.storage``) unless
    somebody said that it does so `all_the_same`."""
    if target.kind not in STORES | WARDS:
        return False
    keeping = places.keeping_of(batch.site_id, batch.product_id)
    if keeping is None or not keeping.condition:
        return False
    wrong = misplaced(
        batch.pack_name, Condition(keeping.condition), target.name, places.condition_of(target.id)
    )
    if wrong is not None and not all_the_same:
        raise Refused(wrong)
    return wrong is not None
