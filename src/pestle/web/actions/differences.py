"""What is there and what the book says differ: the difference is entered and opened, looked into, closed.

What physically happened is always recordable. Where the book holds less than was in the hand, the difference
comes first, in the same step, and stays open until somebody else has closed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.base_unit import MOST, amount_words
from pestle.pharmacy.ledger.controlled import own_action
from pestle.pharmacy.ledger.discrepancy import Closing, Standing, may_close, may_look_into
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import KEEPS_STOCK, Reason, may_move, route
from pestle.pharmacy.ledger.temperature import may_leave_quarantine
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import discrepancies, ledger, models, register, rows, temperatures
from pestle.web.store.knowledge import dictionary


def count(
    *,
    by: Person,
    now: datetime,
    key: str,
    batch_id: int,
    kind: AccountKind,
    name: str = "",
    found: int,
    why: str,
) -> Outcome:
    """Enters what was counted of a batch in one account, in base units. A difference is opened; none is said.

    Raises `Refused`: ``stock.role``, ``stock.no-reason``, ``stock.unknown-batch``, ``ledger.not-positive``,
    ``ledger.too-much``, ``ledger.no-such-route``, and ``controlled.own-action`` for a drug in the register,
    which two people count.
    """

    def do() -> Deed:
        batch = batch_at(by.site_id, batch_id, locked=True)
        check_move(batch.product_id, Reason.COUNT)
        account = ledger.account(by.site_id, kind, name)
        if found < 0:
            raise refuse("ledger.not-positive", "A count is not below zero", place="found")
        if found >= MOST:
            raise refuse("ledger.too-much", "That is more than any shelf holds", place="found")
        held = ledger.holds(batch, account).held
        detail = {"batch": batch.pk, "account": str(account), "held": held, "found": found}
        posted, opened, _ = enter_difference(
            batch, account, held=held, found=found, by=by, now=now, key=key, why=why
        )
        result = {"batch": batch.pk, "discrepancy": opened[0].pk if opened else None}
        return Deed(f"batch:{batch.pk}", detail, result, moved=posted, sealed=opened)

    request = {"batch": batch_id, "kind": kind.value, "name": name, "found": found, "why": why}
    return once("stock.count", by=by, now=now, key=key, request=request, do=do)


def enter_difference(
    batch: models.Batch, account: Account, *, held: int, found: int, by: Person, now: datetime, key: str,
    why: str, about: str = "", counted_by: Sequence[str] = (),
) -> tuple[list[models.Movement], list[models.Discrepancy], list[models.RegisterNote]]:  # fmt: skip
    """Brings the book to what was found, inside a running action, and opens the difference; nothing where
    there is none. Of a drug in the register a signed note beside the entry says who counted. The batch must
    be locked. Raises `Refused` as `count` does."""
    differences = ledger.account(by.site_id, AccountKind.COUNT_DIFFERENCE)
    source, target = (differences, account) if found > held else (account, differences)
    check_route(Reason.COUNT, source, target, by=by, why=why)
    if found == held:
        return [], [], []
    posted = ledger.post([
        Movement(batch.pk, source, target, abs(found - held), now, now, by.id, key, Reason.COUNT, about=about,
                 why=why.strip())
    ])  # fmt: skip
    base = ledger.base(batch)
    words = f"Book {amount_words(held, base)}, found {amount_words(found, base)}"
    words += f"; counted by {' and '.join(counted_by)}" if counted_by else ""
    notes = sign_differences(posted, batch.product_id, by=by, now=now, words=words)
    return posted, open_discrepancies(posted, by=by, now=now), notes


def look_into(*, by: Person, now: datetime, key: str, discrepancy_id: int, words: str) -> Outcome:
    """Writes down what was checked about a discrepancy. Raises `Refused` as `may_look_into` names it."""

    def do() -> Deed:
        row, standing = _standing(discrepancy_id, site_id=by.site_id)
        _stop(may_look_into(standing, by=by, words=words))
        return _event(row, by=by, now=now, words=words)

    request = {"discrepancy": discrepancy_id, "words": words}
    return once("stock.look_into", by=by, now=now, key=key, request=request, do=do)


def close(
    *, by: Person, now: datetime, key: str, discrepancy_id: int, outcome: Closing, words: str
) -> Outcome:
    """Closes a discrepancy that somebody else opened. Raises `Refused` as `may_close` names it."""

    def do() -> Deed:
        row, standing = _standing(discrepancy_id, site_id=by.site_id)
        _stop(may_close(standing, by=by, words=words))
        return _event(row, by=by, now=now, words=words, outcome=outcome.value)

    request = {"discrepancy": discrepancy_id, "outcome": outcome.value, "words": words}
    return once("stock.close_discrepancy", by=by, now=now, key=key, request=request, do=do)


def missing(
    batch: models.Batch, account: Account, *, wanted: int, by: Person, happened_at: datetime, now: datetime,
    key: str, about: str, why: str,
) -> list[Movement]:  # fmt: skip
    """The difference that must come first, so that `wanted` can leave an account; none where the book has it.

    The batch must be locked. Whoever posts it opens it, too: `open_discrepancies`.
    """
    short = wanted - ledger.holds(batch, account, since=happened_at).held
    if short <= 0:
        return []
    differences = ledger.account(by.site_id, AccountKind.COUNT_DIFFERENCE)
    return [
        Movement(batch.pk, differences, account, short, happened_at, now, by.id, key, Reason.COUNT,
                 about=about, why=why)
    ]  # fmt: skip


def open_discrepancies(
    posted: Sequence[models.Movement], *, by: Person, now: datetime
) -> list[models.Discrepancy]:
    """Opens one for each difference among the movements."""
    return models.Discrepancy.objects.bulk_create(
        models.Discrepancy(
            site_id=by.site_id, movement=movement, why=movement.why, opened_by_id=by.id, opened_at=now
        )
        for movement in posted
        if movement.reason == Reason.COUNT.value
    )


def sign_differences(
    posted: Sequence[models.Movement], product_id: str, *, by: Person, now: datetime, words: str
) -> list[models.RegisterNote]:
    """Signs the differences of a drug in the register in its margin, so that none stands there in silence."""
    if not register.needs_entry(product_id):
        return []
    return models.RegisterNote.objects.bulk_create(
        models.RegisterNote(movement=movement, words=words[:400], by_id=by.id, at=now)
        for movement in posted
        if movement.reason == Reason.COUNT.value
    )


def check_move(product_id: str, reason: Reason) -> None:
    """Raises `Refused` (``controlled.own-action``) where a plain move would leave the register wanting."""
    product = dictionary().product(product_id)
    stopped = own_action(product.controlled if product else None, reason)
    if stopped is not None:
        raise Refused(stopped)


def may_keep_stock(by: Person) -> None:
    """Raises `Refused` (``stock.role``) for whoever does not keep stock."""
    if not by.has(*KEEPS_STOCK):
        raise refuse(
            "stock.role", f"Stock is for technicians and pharmacists; you are signed in as {by.title}"
        )


def check_route(reason: Reason, source: Account, target: Account, *, by: Person, why: str) -> None:
    """Raises `Refused` where stock does not go that way, or this person may not move it, or does not say
    why."""
    way = route(reason, source, target)
    if isinstance(way, Refusal):
        raise Refused(way)
    _stop(may_move(way, by=by, why=why))


def advice_first(batch_id: int, quarantine: Account) -> None:
    """Raises `Refused` (``temperature.advice-first``) for what an excursion set aside there."""
    waits = temperatures.waits_for_advice(batch_id, quarantine.id)
    refusal = may_leave_quarantine(waits_for_advice=waits)
    if refusal is not None:
        raise Refused(refusal)


def batch_at(site_id: int, batch_id: int, *, locked: bool = False) -> models.Batch:
    """The site's batch. Raises `Refused` (``stock.unknown-batch``)."""
    found = rows.read(models.Batch, lock=locked, id=batch_id, site_id=site_id)
    if not found:
        raise refuse("stock.unknown-batch", "There is no such batch here", place="batch")
    return found[0]


def _standing(discrepancy_id: int, *, site_id: int) -> tuple[models.Discrepancy, Standing]:
    # The row is locked, so that two who close it in one moment do so one after the other.
    row = (
        models.Discrepancy.objects.select_for_update(of=("self",))
        .select_related("movement__batch")
        .filter(pk=discrepancy_id, site=site_id)
        .first()
    )
    if row is None:
        raise refuse("discrepancy.unknown", "There is no such discrepancy here")
    return row, discrepancies.standing(row, list(row.events.all()))


def _event(row: models.Discrepancy, *, by: Person, now: datetime, words: str, outcome: str = "") -> Deed:
    event = models.DiscrepancyEvent.objects.create(
        discrepancy=row, words=words.strip(), outcome=outcome, by_id=by.id, at=now
    )
    detail = {"discrepancy": row.pk, "outcome": outcome}
    return Deed(f"batch:{row.movement.batch_id}", detail, {"discrepancy": row.pk}, sealed=[event])


def _stop(refusals: Iterable[Refusal]) -> None:
    found = tuple(refusals)
    if found:
        raise Refused(*found)
