"""Posts movements: the only code that writes a balance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F, Q

from pestle.pharmacy.ledger.chain import START, Broken, Head, Link, advance, first_break
from pestle.pharmacy.ledger.movement import AccountKind, Movement, Reason, base_unit, enough
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refused
from pestle.web.store import models


def account(site_id: int, kind: AccountKind, name: str = "") -> models.Account:
    """The site's account of that kind and name, made on first use."""
    row, _ = models.Account.objects.get_or_create(
        site_id=site_id, kind=kind.value, name=name or _NAMES[kind], defaults={"held": kind.held}
    )
    return row


_NAMES = {
    AccountKind.SUPPLIER: "Suppliers",
    AccountKind.SHELF: "Dispensary shelf",
    AccountKind.FRIDGE: "Fridge",
    AccountKind.ROBOT: "Robot",
    AccountKind.WARD: "Ward",
    AccountKind.TROLLEY: "Trolley",
    AccountKind.IN_TRANSIT: "In transit",
    AccountKind.PREPARED: "Bags that wait",
    AccountKind.QUARANTINE: "Quarantine",
    AccountKind.PATIENT: "Patients",
    AccountKind.WASTE: "Waste",
    AccountKind.COUNT_DIFFERENCE: "Count difference",
}


def recall_of(site_id: int, *, gtin: str, number: str) -> models.Recall | None:
    """A recall that this batch falls under. Letters count as equal in both cases, to be on the safe side."""
    of_it = Q(number="") | Q(number__iexact=number.strip())
    return models.Recall.objects.filter(of_it, site=site_id, gtin=gtin).order_by("pk").first()


def recalls_of(site_id: int, batches: Iterable[models.Batch]) -> dict[int, models.Recall]:
    """The recall of each of these batches that falls under one, by the batch's id: one query for all."""
    rows = list(batches)
    standing = models.Recall.objects.filter(site=site_id, gtin__in={row.gtin for row in rows}).order_by("-pk")
    recalls = list(standing)
    return {
        row.pk: recall
        for row in rows
        for recall in recalls
        if recall.gtin == row.gtin and recall.number.casefold() in ("", row.number.strip().casefold())
    }


def post(movements: Sequence[Movement]) -> list[models.Movement]:
    """Writes movements, moves their balances and links them into the chain of their batch.

    Locks the batches in the order of their ids. Raises `Refused` (``stock.not-in-stock``) when a held account
    would go below zero. Call late in the transaction: it takes the scarce locks.
    """
    ids = sorted({movement.batch_id for movement in movements})
    batches = {
        row.pk: row for row in models.Batch.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    held = dict(
        models.Account.objects.filter(
            pk__in={end for movement in movements for end in (movement.source_id, movement.target_id)}
        ).values_list("pk", "held")
    )
    written = []
    for movement in movements:
        batch = batches[movement.batch_id]
        _change(batch, movement.source_id, held[movement.source_id], -movement.amount)
        _change(batch, movement.target_id, held[movement.target_id], movement.amount)
        head = advance(Head(batch.chain_count, batch.chain_digest), movement.content())
        row = models.Movement(
            batch=batch,
            place=head.count,
            source_id=movement.source_id,
            target_id=movement.target_id,
            amount=movement.amount,
            happened_at=movement.happened_at,
            recorded_at=movement.recorded_at,
            by_id=movement.by,
            key=movement.key,
            reason=movement.reason.value,
            about=movement.about,
            reverses_id=movement.reverses,
            previous=batch.chain_digest,
            digest=head.digest,
        )
        row.save(force_insert=True)
        batch.chain_count, batch.chain_digest = head.count, head.digest
        written.append(row)
    for batch in batches.values():
        batch.save(update_fields=("chain_count", "chain_digest"))
    return written


def _change(batch: models.Batch, account_id: int, held: bool, amount: int) -> None:
    rows = models.Balance.objects.filter(account_id=account_id, batch=batch)
    # The guard and the change are one statement, so that no reading in between can grow old.
    guarded = rows.filter(amount__gte=-amount) if held and amount < 0 else rows
    if guarded.update(amount=F("amount") + amount):
        return
    there = rows.values_list("amount", flat=True).first()
    if there is None and (amount > 0 or not held):
        # A first movement: whoever else makes the row in this moment, both changes count.
        first = models.Balance(account_id=account_id, batch=batch, held=held)
        models.Balance.objects.bulk_create([first], ignore_conflicts=True)
        rows.update(amount=F("amount") + amount)
        return
    short = enough(there or 0, -amount, base_unit(Unit(batch.unit)))
    if short is None:
        raise AssertionError("a guarded change failed although there was enough")
    raise Refused(short)


def value(row: models.Movement) -> Movement:
    """The stored movement as a value."""
    return Movement(
        batch_id=row.batch_id,
        source_id=row.source_id,
        target_id=row.target_id,
        amount=row.amount,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        by=row.by_id,
        key=row.key,
        reason=Reason(row.reason),
        about=row.about,
        reverses=row.reverses_id,
    )


def verify(batch: models.Batch) -> Broken | None:
    """The first break in a batch's chain of movements, or the first balance that they do not add up to."""
    links = []
    sums: dict[int, int] = {}
    for row in batch.movements.order_by("place"):
        links.append(Link(row.place, value(row).content(), row.previous, row.digest))
        sums[row.source_id] = sums.get(row.source_id, 0) - row.amount
        sums[row.target_id] = sums.get(row.target_id, 0) + row.amount
    broken = first_break(links, head=Head(batch.chain_count, batch.chain_digest or START))
    if broken is not None:
        return broken
    for balance in batch.balances.all():
        if sums.pop(balance.account_id, 0) != balance.amount:
            return Broken(len(links), f"the balance of account {balance.account_id} is not what moved")
    if any(sums.values()):
        return Broken(len(links), "a balance is missing")
    return None
