"""Packs are ordered from a supplier, come in against the order, or will not come; levels are set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import pack_amount
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.delivery import Ordered, line_for, may_come_in
from pestle.pharmacy.ledger.reorder import Levels, expected_on
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.stock import MOST_PACKS, take_in
from pestle.web.store import ledger, models, orders
from pestle.web.store.knowledge import dictionary

_SAID = {"order.more-than-ordered": "over-delivered", "order.short-dated": "short-dated, kept"}


def record_supplier(
    *, by: Person, now: datetime, key: str, name: str, lead_days: int, cut_off: time
) -> Outcome:
    """Puts a supplier on record, or how one delivers from now on. Raises `Refused`: ``stock.role``,
    ``supplier.name``, ``supplier.lead-days``."""

    def do() -> Deed:
        may_keep_stock(by)
        said = " ".join(name.split())
        if not 2 <= len(said) <= 80:
            raise refuse("supplier.name", "A supplier has a name of 2 to 80 characters", place="name")
        if not 0 <= lead_days <= 90:
            raise refuse("supplier.lead-days", "A delivery takes 0 to 90 days", place="lead days")
        row = models.Supplier.objects.create(
            site_id=by.site_id, name=said, lead_days=lead_days, cut_off=cut_off, by_id=by.id, at=now
        )
        detail = {"name": said, "lead_days": lead_days, "cut_off": cut_off.isoformat("minutes")}
        return Deed(f"supplier:{row.pk}", detail, {"supplier": row.pk}, sealed=[row])

    request = {"name": name, "lead_days": lead_days, "cut_off": cut_off.isoformat()}
    return once("stock.record_supplier", by=by, now=now, key=key, request=request, do=do)


def place_order(
    *, by: Person, now: datetime, key: str, supplier_id: int, packs: Mapping[str, int]
) -> Outcome:
    """Orders so many of each pack (by its id) from a supplier.

    Raises `Refused`: ``stock.role``, ``supplier.unknown``, ``order.nothing``, ``stock.packs``,
    ``stock.unknown-pack``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        supplier = models.Supplier.objects.filter(site=by.site_id, pk=supplier_id).first()
        if supplier is None:
            raise refuse("supplier.unknown", "There is no such supplier here", place="supplier")
        if not packs:
            raise refuse("order.nothing", "Say how many packs of what", place="packs")
        if not all(1 <= count <= MOST_PACKS for count in packs.values()):
            raise refuse("stock.packs", f"A line has 1 to {MOST_PACKS:,} packs", place="packs")
        wanted = {one: dictionary().pack(one) for one in packs}
        site = models.Site.objects.get(pk=by.site_id)
        day = expected_on(
            now, zone=ZoneInfo(site.time_zone), cut_off=supplier.cut_off, lead_days=supplier.lead_days
        )
        row = models.PurchaseOrder.objects.create(
            site=site, supplier=supplier, expected_on=day, by_id=by.id, at=now
        )
        lines = []
        for one, count in packs.items():
            pack = wanted[one]
            if pack is None or not pack.gtins:
                raise refuse("stock.unknown-pack", "The dictionary has no such pack", place="pack")
            lines.append(
                models.PurchaseLine.objects.create(
                    order=row, pack_id=pack.id, pack_name=pack.name, product_id=pack.product_id, packs=count,
                    pack_amount=pack_amount(pack),
                )
            )  # fmt: skip
        detail = {"supplier": supplier.pk, "packs": dict(packs), "expected_on": day.isoformat()}
        return Deed(f"order:{row.pk}", detail, {"order": row.pk}, sealed=[row, *lines])

    request = {"supplier": supplier_id, "packs": dict(packs)}
    return once("stock.place_order", by=by, now=now, key=key, request=request, do=do)


def receive(
    *, by: Person, now: datetime, key: str, order_id: int, gtin: str, number: str, expiry_text: str,
    packs: int, place: ledger.Ends = (AccountKind.SHELF, ""), damaged: bool = False,
    accepted: Sequence[str] = (), supplier_address: str = "", invoice: str = "",
    received_on: date | None = None,
) -> Outcome:  # fmt: skip
    """Takes packs in against an order; `damaged` ones go to quarantine. `accepted` names the refusals that
    the person answered with “all the same”. The controlled-drug register wants the supplier's address and
    the number of the invoice.

    Raises `Refused`: ``order.unknown``, ``order.not-ordered``, ``order.more-than-ordered``,
    ``order.short-dated``, and those of `receive_batch`.
    """

    def do() -> Deed:
        found = locked(by, order_id)
        pack = dictionary().pack_by_gtin(gtin)
        if pack is None:
            raise refuse("stock.unknown-pack", "The dictionary has no pack with this code", place="pack")
        line = line_for(pack, orders.generic_of(pack.product_id), ordered(found))
        if line is None:
            raise refuse(
                "order.not-ordered", "This pack is not in this order", place="pack",
                way_out="Return it; or receive it as a delivery without an order.",
            )  # fmt: skip
        site = models.Site.objects.get(pk=by.site_id)
        today = now.astimezone(ZoneInfo(site.time_zone)).date()
        answers = dict.fromkeys(accepted, True)
        asked = tuple(may_come_in(line, packs, expiry(expiry_text), on=today, accepted=answers))
        if asked and 1 <= packs <= MOST_PACKS:
            raise Refused(*asked)
        taken = take_in(
            by=by, now=now, key=key, gtin=gtin, number=number, expiry_text=expiry_text, packs=packs,
            place=(AccountKind.QUARANTINE, "") if damaged else place,
            all_the_same="stock.storage" in answers, about=f"order:{order_id}",
            source=Source(found.order.supplier.name, supplier_address, invoice), received_on=received_on,
        )  # fmt: skip
        notes = ["damaged"] if damaged else []
        notes += [words for rule, words in _SAID.items() if rule in answers]
        notes += ["another maker's"] if line.pack.id != pack.id else []
        row = models.PurchaseReceipt.objects.create(
            line_id=line.line,
            movement=taken.posted[0],
            packs=packs,
            note=", ".join(notes),
            by_id=by.id,
            at=now,
        )
        detail = {"order": order_id, "line": line.line, "note": row.note, **taken.detail}
        result = {"order": order_id, "batch": taken.batch.pk, "amount": taken.detail["amount"],
                  "belated": taken.belated}  # fmt: skip
        return Deed(f"order:{order_id}", detail, result, moved=taken.posted, sealed=[row, *taken.beside])

    request = {
        "order": order_id, "gtin": gtin, "number": number, "expiry": expiry_text, "packs": packs,
        "to": [place[0].value, place[1]], "damaged": damaged, "accepted": sorted(accepted),
        "source": [supplier_address, invoice],
        "received_on": received_on.isoformat() if received_on else None,
    }  # fmt: skip
    return once("stock.receive_order", by=by, now=now, key=key, request=request, do=do)


def not_supplied(
    *, by: Person, now: datetime, key: str, order_id: int, line_id: int, shortage: bool, words: str
) -> Outcome:
    """What is outstanding of a line will not come; `shortage` says that the supplier cannot get it.

    Raises `Refused`: ``stock.role``, ``order.unknown``, ``order.unknown-line``,
    ``order.nothing-outstanding``, ``stock.no-reason``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        found = locked(by, order_id)
        line = next((one for one in found.lines if one.line.pk == line_id), None)
        if line is None:
            raise refuse("order.unknown-line", "There is no such line in this order", place="line")
        if not line.outstanding:
            raise refuse("order.nothing-outstanding", "Nothing of this line is still to come", place="line")
        if len(words.strip()) < 3:
            raise refuse("stock.no-reason", "Say what the supplier says", place="reason")
        row = models.NotSupplied.objects.create(
            line=line.line,
            packs=line.outstanding,
            shortage=shortage,
            words=words.strip(),
            by_id=by.id,
            at=now,
        )
        detail = {"order": order_id, "line": line_id, "packs": row.packs, "shortage": shortage}
        return Deed(f"order:{order_id}", detail, {"order": order_id}, sealed=[row])

    request = {"order": order_id, "line": line_id, "shortage": shortage, "words": words}
    return once("stock.not_supplied", by=by, now=now, key=key, request=request, do=do)


def set_levels(*, by: Person, now: datetime, key: str, product_id: str, levels: Levels | None) -> Outcome:
    """Sets the levels of a generic product by hand; None takes them from use again. Raises `Refused`:
    ``stock.role``, ``stock.unknown-product``."""

    def do() -> Deed:
        may_keep_stock(by)
        if dictionary().product(product_id) is None:
            raise refuse("stock.unknown-product", "The dictionary has no such product", place="product")
        row = models.StockLevel.objects.create(
            site_id=by.site_id, product_id=orders.generic_of(product_id), by_id=by.id, at=now,
            minimum=levels.minimum if levels else None, maximum=levels.maximum if levels else None,
        )  # fmt: skip
        detail = {"product": row.product_id, "minimum": row.minimum, "maximum": row.maximum}
        return Deed(f"product:{row.product_id}", detail, {"level": row.pk}, sealed=[row])

    request = {"product": product_id, "levels": [levels.minimum, levels.maximum] if levels else []}
    return once("stock.set_levels", by=by, now=now, key=key, request=request, do=do)


def locked(by: Person, order_id: int) -> orders.OrderAt:
    """The order, locked, so that two who receive of it in one moment do so one after the other."""
    rows = models.PurchaseOrder.objects.select_for_update(of=("self",)).filter(pk=order_id, site=by.site_id)
    found = orders.order(by.site_id, order_id) if rows.first() else None
    if found is None:
        raise refuse("order.unknown", "There is no such order here")
    return found


def ordered(found: orders.OrderAt) -> list[Ordered]:
    """The lines of an order as the ledger judges them."""
    lines = []
    for one in found.lines:
        pack = dictionary().pack(one.line.pack_id)
        if pack is not None:
            generic = orders.generic_of(one.line.product_id)
            lines.append(Ordered(one.line.pk, pack, generic, one.line.packs, one.came + one.not_coming))
    return lines
