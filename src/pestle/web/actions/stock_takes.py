"""A place is counted without seeing the book; who differs is counted after, and two who agree are entered."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.ledger.base_unit import MOST
from pestle.pharmacy.ledger.stock_take import Counted, Verdict, judge, may_count, may_finish
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import batch_at, enter_difference, may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, places, stock_takes
from pestle.web.store.knowledge import dictionary

_WHY = "counted by two people in a stock-take"


def begin(*, by: Person, now: datetime, key: str, account_id: int, shelf: str = "") -> Outcome:
    """Begins a stock-take of a place, or of one shelf of it. Raises `Refused`: ``stock.role``,
    ``place.unknown``, ``stock-take.open-already``, ``place.address``, ``stock-take.nothing``."""

    def do() -> Deed:
        may_keep_stock(by)
        account = places.place(by.site_id, account_id)
        if account is None:
            raise refuse("place.unknown", "There is no such place here", place="place")
        said = " ".join(shelf.split())
        if len(said) > 30:
            raise refuse("place.address", "A shelf has a name of up to 30 characters", place="shelf")
        # The account is locked by its row: two who begin in one moment do so one after the other.
        models.Account.objects.select_for_update().get(pk=account.pk)
        if models.StockTake.objects.filter(account=account, shelf__iexact=said, end=None).exists():
            raise refuse("stock-take.open-already", "This is being counted already", place="place",
                         way_out="Join the one that is open.")  # fmt: skip
        row = models.StockTake.objects.create(
            site_id=by.site_id, account=account, shelf=said, by_id=by.id, at=now
        )
        lots = len(stock_takes.lots(row))
        if not lots:
            raise refuse("stock-take.nothing", "Nothing is kept there by the book", place="shelf")
        detail = {"account": account.pk, "shelf": said, "lots": lots}
        return Deed(f"stock-take:{row.pk}", detail, {"take": row.pk}, sealed=[row])

    request = {"account": account_id, "shelf": shelf}
    return once("stock.begin_stock_take", by=by, now=now, key=key, request=request, do=do)


def count(*, by: Person, now: datetime, key: str, take_id: int, batch_id: int, found: int) -> Outcome:
    """Writes down what somebody found of a batch, in base units.

    A difference that a second person finds as well is entered in the book and opened. Raises `Refused`:
    ``stock.role``, ``stock-take.unknown``, ``stock-take.finished``, ``stock.unknown-batch``,
    ``stock-take.settled``, ``stock-take.same-person``, ``ledger.not-positive``, ``ledger.too-much``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        row = _open(by, take_id)
        if found < 0:
            raise refuse("ledger.not-positive", "A count is not below zero", place="found")
        if found >= MOST:
            raise refuse("ledger.too-much", "That is more than any shelf holds", place="found")
        batch = batch_at(by.site_id, batch_id, locked=True)
        account = ledger.as_account(row.account)
        held = ledger.holds(batch, account).held
        before = stock_takes.counted(list(row.counts.filter(batch=batch).order_by("pk")))
        no = may_count(before, by=by.id)
        if no is not None:
            raise Refused(no)
        verdict = judge([*before, Counted(by.id, found, held)])
        posted: list[models.Movement] = []
        beside: list[models.Discrepancy | models.RegisterNote] = []
        if verdict is Verdict.DIFFERS:
            first = row.counts.filter(batch=batch, found=found).order_by("-pk").select_related("by")
            posted, opened, notes = enter_difference(
                batch, account, held=held, found=found, by=by, now=now, key=key, why=_WHY,
                about=f"stock-take:{row.pk}", counted_by=(*(one.by.full_name for one in first[:1]), by.name),
            )  # fmt: skip
            beside += [*opened, *notes]
        made = models.StockTakeCount.objects.create(
            take=row, batch=batch, found=found, held=held, by_id=by.id, at=now,
            movement=posted[0] if posted else None,
        )  # fmt: skip
        detail = {"batch": batch.pk, "found": found, "held": held, "verdict": verdict.value}
        result = {"take": row.pk, "verdict": verdict.value}
        return Deed(f"stock-take:{row.pk}", detail, result, moved=posted, sealed=[made, *beside])

    request = {"take": take_id, "batch": batch_id, "found": found}
    return once("stock.count_in_stock_take", by=by, now=now, key=key, request=request, do=do)


def add_batch(
    *, by: Person, now: datetime, key: str, take_id: int, gtin: str, number: str, expiry_text: str
) -> Outcome:
    """The batch in the hand, by its code: also one that the book never had here, to be counted.

    Raises `Refused`: ``stock.role``, ``stock-take.unknown``, ``stock-take.finished``, ``stock.unknown-pack``,
    ``stock.no-batch``, and those of `expiry`.
    """

    def do() -> Deed:
        may_keep_stock(by)
        row = _open(by, take_id)
        pack = dictionary().pack_by_gtin(gtin)
        if pack is None:
            raise refuse("stock.unknown-pack", "The dictionary has no pack with this code", place="pack")
        if not 1 <= len(number.strip()) <= 20:
            raise refuse("stock.no-batch", "A batch number has 1 to 20 characters", place="batch number")
        batch = ledger.batch_of(by.site_id, pack, number=number.strip(), printed=expiry(expiry_text))
        return Deed(f"stock-take:{row.pk}", {"batch": batch.pk}, {"take": row.pk, "batch": batch.pk})

    request = {"take": take_id, "gtin": gtin, "number": number, "expiry": expiry_text}
    return once("stock.add_to_stock_take", by=by, now=now, key=key, request=request, do=do)


def finish(*, by: Person, now: datetime, key: str, take_id: int, words: str = "") -> Outcome:
    """Finishes a stock-take. Raises `Refused`: ``stock.role``, ``stock-take.unknown``,
    ``stock-take.finished``, and as `may_finish` names it."""

    def do() -> Deed:
        may_keep_stock(by)
        row = _open(by, take_id)
        verdicts = [one.verdict for one in stock_takes.lots(row)]
        no = may_finish(verdicts, words=words)
        if no is not None:
            raise Refused(no)
        end = models.StockTakeEnd.objects.create(take=row, words=words.strip()[:200], by_id=by.id, at=now)
        detail = {"lots": len(verdicts), "counted": sum(1 for one in verdicts if one.settled)}
        return Deed(f"stock-take:{row.pk}", detail, {"take": row.pk}, sealed=[end])

    request = {"take": take_id, "words": words}
    return once("stock.finish_stock_take", by=by, now=now, key=key, request=request, do=do)


def _open(by: Person, take_id: int) -> models.StockTake:
    rows = models.StockTake.objects.select_for_update(of=("self",)).select_related("account")
    row = rows.filter(pk=take_id, site=by.site_id).first()
    if row is None:
        raise refuse("stock-take.unknown", "There is no such stock-take here")
    if models.StockTakeEnd.objects.filter(take=row).exists():
        raise refuse("stock-take.finished", "This stock-take is finished")
    return row
