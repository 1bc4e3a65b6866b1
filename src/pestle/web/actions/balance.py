"""Two people count a page of the controlled-drug register, and the book is brought to what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import MOST
from pestle.pharmacy.ledger.controlled import Witness, witness_refusals
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import may_keep_stock, open_discrepancies
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.register import page_of
from pestle.web.store import ledger, models, register

# A batch and the account where it stands.
Stand = tuple[int, int]


def check_balance(
    *, by: Person, now: datetime, key: str, page_id: str, found: Mapping[Stand, int], seen: int,
    second: Person, why: str = "",
) -> Outcome:  # fmt: skip
    """Enters what `by` and `second` counted of every batch of a page, in base units, without having been told
    what the book says. A difference becomes an entry, and a discrepancy that somebody else closes.

    `seen` is the last movement (`register.latest`) when the counting began. Raises `Refused`: ``stock.role``,
    ``register.unknown-page``, what `witness_refusals` names, ``register.moved`` where something moved
    meanwhile, ``register.not-counted``, ``stock.no-reason``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        page = page_of(by, page_id)
        stopped = list(witness_refusals(Witness(second.name, person=second), performer=by))
        if stopped:
            raise Refused(*stopped)
        batches = ledger.locked(*register.batch_ids(by.site_id, page))
        if register.latest(batches) != seen:
            raise refuse("register.moved", "Something moved while you counted", place="count",
                         way_out="Count again what is there now.")  # fmt: skip
        stands = register.stands(by.site_id, page)
        _all_counted(stands, found)
        differing = [row for row in stands if found[row.batch_id, row.account_id] != row.amount]
        if differing and len(why.strip()) < 3:
            raise refuse("stock.no-reason", "Book and count differ: say what you think happened", place="why",
                         way_out="“Overage” for what a maker fills above the label.")  # fmt: skip
        difference = ledger.account(by.site_id, AccountKind.COUNT_DIFFERENCE) if differing else None
        moves = []
        for row in differing:
            assert difference is not None
            here, more = ledger.as_account(row.account), found[row.batch_id, row.account_id] - row.amount
            ends = (difference, here) if more > 0 else (here, difference)
            moves.append(
                Movement(row.batch_id, *ends, abs(more), now, now, by.id, key, Reason.COUNT,
                         why=f"balance check: {why.strip()}"[:200])
            )  # fmt: skip
        posted = ledger.post(moves)
        opened = open_discrepancies(posted, by=by, now=now)
        made = models.BalanceCheck.objects.create(
            site_id=by.site_id, page_id=page.id, book=sum(row.amount for row in stands),
            found=sum(found[row.batch_id, row.account_id] for row in stands), by_id=by.id,
            second_id=second.id, at=now,
        )  # fmt: skip
        detail = {"page": page.id, "book": made.book, "found": made.found, "second": second.id,
                  "discrepancies": [one.pk for one in opened]}  # fmt: skip
        result = {"check": made.pk, "discrepancies": [one.pk for one in opened]}
        return Deed(f"register:{page.id}", detail, result, moved=posted, sealed=[made, *opened])

    request = {
        "page": page_id, "found": sorted([*stand, amount] for stand, amount in found.items()), "seen": seen,
        "second": second.id, "why": why,
    }  # fmt: skip
    return once("register.check_balance", by=by, now=now, key=key, request=request, do=do)


def _all_counted(stands: list[models.Balance], found: Mapping[Stand, int]) -> None:
    missing = [
        Refusal("register.not-counted", f"Batch {row.batch.number}, {row.account.name}: not counted",
                f"count-{row.batch_id}-{row.account_id}")
        for row in stands
        if not 0 <= found.get((row.batch_id, row.account_id), -1) < MOST
    ]  # fmt: skip
    if missing:
        raise Refused(*missing)
