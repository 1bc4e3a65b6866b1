"""Stock changes hands between two places: it is sent with somebody, and arrives, never more than was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Sum

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.controlled import custody_refusals
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.transfer import may_arrive
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import check_move, check_route
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.places import check_storage
from pestle.web.store import ledger, models, register

_IN_TRANSIT = (AccountKind.IN_TRANSIT, "")


def send(
    *, by: Person, now: datetime, key: str, source: ledger.Ends, target: ledger.Ends,
    amounts: Mapping[int, int], carrier: str, all_the_same: bool = False, ordered_by: str = "",
) -> Outcome:  # fmt: skip
    """Gives base units of batches (by id) to a carrier, from one account on to another. What is in the
    controlled-drug register is entered with who ordered it.

    Raises `Refused`: ``transfer.no-carrier``, ``transfer.nothing``, ``ledger.same-account``, those of the
    ledger's routes, ``stock.unknown-batch``, ``stock.not-in-stock``, ``controlled.no-orderer``, and
    ``stock.storage`` where a product is not to be kept at the goal, unless it goes there `all_the_same`.
    """

    def do() -> Deed:
        if len(carrier.strip()) < 2:
            raise refuse("transfer.no-carrier", "Say who carries it", place="carrier")
        start, goal, transit = ledger.accounts(by.site_id, source, target, _IN_TRANSIT)
        if start.id == goal.id:
            raise refuse("ledger.same-account", "A transfer goes from one place to another", place="to")
        check_route(Reason.SEND, start, transit, by=by, why="")
        check_route(Reason.ARRIVE, transit, goal, by=by, why="")
        batches = _of_site(amounts, site_id=by.site_id)
        entered = _entered(batches)
        _stop(*(custody_refusals(ordered_by=ordered_by) if entered else ()))
        misplaced = [
            batch.pk for batch in batches.values() if check_storage(batch, goal, all_the_same=all_the_same)
        ]
        row = models.Transfer.objects.create(
            site_id=by.site_id,
            source_id=start.id,
            target_id=goal.id,
            carrier=carrier.strip(),
            by_id=by.id,
            at=now,
        )
        posted = ledger.post(_movements(row, amounts, start, transit, Reason.SEND, by=by, now=now, key=key))
        beside = _particulars(
            row, posted, entered, party=goal.name, authority=f"Ordered by {ordered_by.strip()}",
            who=f"carried by {carrier.strip()}",
        )  # fmt: skip
        detail = {"transfer": row.pk, "from": str(start), "to": str(goal), "amounts": _told(amounts),
                  "misplaced": misplaced}  # fmt: skip
        return Deed(f"transfer:{row.pk}", detail, {"transfer": row.pk}, moved=posted,
                    sealed=[row, *beside])  # fmt: skip

    request = {
        "from": [source[0].value, source[1]], "to": [target[0].value, target[1]],
        "amounts": _told(amounts), "carrier": carrier, "all_the_same": all_the_same,
        "ordered_by": ordered_by,
    }  # fmt: skip
    return once("stock.send", by=by, now=now, key=key, request=request, do=do)


def settle(
    *, by: Person, now: datetime, key: str, transfer_id: int, amounts: Mapping[int, int],
    reason: Reason = Reason.ARRIVE, why: str = "", received_by: str = "",
) -> Outcome:  # fmt: skip
    """What a transfer brought: it arrives at its goal, or was set aside or wasted on the way (`reason`).
    What is in the controlled-drug register arrives with who received it, and is not wasted on the way.

    Raises `Refused`: ``transfer.unknown``, ``transfer.nothing``, ``transfer.more-than-sent``,
    ``controlled.no-receiver``, ``controlled.own-action``, those of the ledger's routes.
    """

    def do() -> Deed:
        row = (
            models.Transfer.objects.select_for_update(of=("self",))
            .select_related("source", "target")
            .filter(pk=transfer_id, site=by.site_id)
            .first()
        )
        if row is None:
            raise refuse("transfer.unknown", "There is no such transfer here")
        ends = {Reason.QUARANTINE: AccountKind.QUARANTINE, Reason.WASTE: AccountKind.WASTE}
        if reason is not Reason.ARRIVE and reason not in ends:
            raise refuse("ledger.no-such-route", "A transfer arrives, is set aside or wasted", place="reason")
        end = (ends[reason], "") if reason in ends else (AccountKind(row.target.kind), row.target.name)
        transit, goal = ledger.accounts(by.site_id, _IN_TRANSIT, end)
        check_route(reason, transit, goal, by=by, why=why)
        batches = _of_site(amounts, site_id=by.site_id)
        entered = _entered(batches)
        if entered and reason is Reason.ARRIVE:
            _stop(*custody_refusals(received_by=received_by))
        elif entered:
            check_move(next(iter(batches[pk].product_id for pk in entered)), reason)
        sent, settled = _so_far(row, transit)
        refusals = [
            refusal
            for pk, amount in amounts.items()
            if (refusal := may_arrive(sent=sent.get(pk, 0), settled=settled.get(pk, 0), arriving=amount,
                                      base=ledger.base(batches[pk])))
        ]  # fmt: skip
        if refusals:
            raise Refused(*refusals)
        posted = ledger.post(
            _movements(row, amounts, transit, goal, reason, by=by, now=now, key=key, why=why.strip())
        )
        beside = _particulars(
            row, posted, entered, party=row.source.name, authority=f"Carried by {row.carrier}",
            who=f"received by {received_by.strip()}",
        )  # fmt: skip
        detail = {"transfer": row.pk, "as": reason.value, "amounts": _told(amounts)}
        left = sum(sent.values()) - sum(settled.values()) - sum(amounts.values())
        return Deed(f"transfer:{row.pk}", detail, {"transfer": row.pk, "on_the_way": left}, moved=posted,
                    sealed=beside)  # fmt: skip

    request = {"transfer": transfer_id, "amounts": _told(amounts), "as": reason.value, "why": why,
               "received_by": received_by}  # fmt: skip
    return once("stock.settle_transfer", by=by, now=now, key=key, request=request, do=do)


def _of_site(amounts: Mapping[int, int], *, site_id: int) -> dict[int, models.Batch]:
    if not amounts or min(amounts.values()) <= 0:
        raise refuse("transfer.nothing", "Say how much of which batch, above zero", place="amount")
    batches = models.Batch.objects.filter(site=site_id).in_bulk(list(amounts))
    if len(batches) < len(amounts):
        raise refuse("stock.unknown-batch", "There is no such batch here", place="batch")
    return batches


def _so_far(row: models.Transfer, transit: Account) -> tuple[dict[int, int], dict[int, int]]:
    """What was sent of each batch, and what has left transit since."""
    of_it = ledger.about(_about(row))
    sent = of_it.filter(target=transit.id).values_list("batch").annotate(Sum("amount"))
    settled = of_it.filter(source=transit.id).values_list("batch").annotate(Sum("amount"))
    return dict(sent), dict(settled)


def _movements(
    row: models.Transfer, amounts: Mapping[int, int], source: Account, target: Account, reason: Reason, *,
    by: Person, now: datetime, key: str, why: str = "",
) -> list[Movement]:  # fmt: skip
    return [
        Movement(pk, source, target, amount, now, now, by.id, key, reason, about=_about(row), why=why)
        for pk, amount in sorted(amounts.items())
    ]


def _entered(batches: Mapping[int, models.Batch]) -> dict[int, int]:
    """The schedules of those that are in the register, by batch."""
    return {
        pk: register.schedule_of(batch.product_id) or 0
        for pk, batch in batches.items()
        if register.needs_entry(batch.product_id)
    }


def _particulars(
    row: models.Transfer, posted: Sequence[models.Movement], entered: Mapping[int, int], *, party: str,
    authority: str, who: str,
) -> list[models.RegisterParticulars]:  # fmt: skip
    return models.RegisterParticulars.objects.bulk_create(
        models.RegisterParticulars(
            movement=movement, schedule=entered[movement.batch_id], party_name=party,
            authority=authority[:300], document=f"transfer {row.pk}", collector_name=who[:120],
        )
        for movement in posted
        if movement.batch_id in entered
    )  # fmt: skip


def _stop(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(*refusals)


def _about(row: models.Transfer) -> str:
    return f"transfer:{row.pk}"


def _told(amounts: Mapping[int, int]) -> dict[str, int]:
    return {str(pk): amount for pk, amount in sorted(amounts.items())}
