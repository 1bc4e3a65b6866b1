"""Posts movements: the only code that writes a balance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.base_unit import base_unit, pack_amount
from pestle.pharmacy.ledger.chain import Head, advance, beginning
from pestle.pharmacy.ledger.controlled import in_register
from pestle.pharmacy.ledger.movement import Movement, as_recorded, enough
from pestle.pharmacy.ledger.replay import Change, Lowest, enough_since, lowest_since
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.concept import BaseUnit, Pack
from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.store import models, rows
from pestle.web.store.knowledge import dictionary

Ends = tuple[AccountKind, str]


def account(site_id: int, kind: AccountKind, name: str = "") -> Account:
    """The site's account of that kind and name, made on first use."""
    return accounts(site_id, (kind, name))[0]


def accounts(site_id: int, *ends: Ends) -> list[Account]:
    """The site's accounts of these kinds and names (empty: the only one of its kind), made on first use.

    One query for all that are there already.
    """
    named = [(kind, name or kind.title) for kind, name in ends]
    kinds, names = [kind.value for kind, _ in named], [name for _, name in named]
    stored = rows.read(models.Account, site_id=site_id, kind=kinds, name=names)
    there = {(row.kind, row.name): row for row in stored}
    found = []
    for kind, name in named:
        row = (
            there.get((kind.value, name))
            or models.Account.objects.get_or_create(
                site_id=site_id, kind=kind.value, name=name, defaults={"held": kind.held}
            )[0]
        )
        found.append(as_account(row))
    return found


def as_account(row: models.Account) -> Account:
    """The stored account as a value."""
    return Account(row.pk, AccountKind(row.kind), row.name)


def batch_of(site_id: int, pack: Pack, *, number: str, printed: Expiry) -> models.Batch:
    """The site's batch of a pack with that number and expiry, made on first use."""
    base = base_unit(pack.unit)
    made = models.Batch(
        site_id=site_id, gtin=pack.gtins[0], number=number, expiry=str(printed),
        product_id=pack.product_id, pack_id=pack.id, pack_name=pack.name,
        unit=base.unit.text, per_unit=base.per_unit, pack_amount=pack_amount(pack),
    )  # fmt: skip
    identity = ("gtin", "number", "expiry")
    others = [
        field.name for field in models.Batch._meta.concrete_fields if field.name not in ("id", *identity)
    ]
    made.chain_digest = beginning(what_it_is(made)).digest
    row, _ = models.Batch.objects.get_or_create(
        **{name: getattr(made, name) for name in (*identity, "site_id")},
        defaults={name: getattr(made, name) for name in others if name != "site"},
    )
    return row


def what_it_is(row: models.Batch) -> dict[str, object]:
    """What its chain begins with: everything about a batch that never changes."""
    return {
        "site": row.site_id,
        "gtin": row.gtin,
        "number": row.number,
        "expiry": row.expiry,
        "product": row.product_id,
        "pack": row.pack_id,
        "name": row.pack_name,
        "unit": row.unit,
        "per_unit": row.per_unit,
        "pack_amount": row.pack_amount,
    }


def base(row: models.Batch) -> BaseUnit:
    """What the batch is counted in."""
    return BaseUnit(Unit(row.unit), row.per_unit)


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


def about(*names: str) -> QuerySet[models.Movement]:
    """The movements that were made for these things, such as ``transfer:12``."""
    # The second condition is that of the index, which SQLite does not use without it.
    return models.Movement.objects.filter(about__in=names).exclude(about="")


def locked(*batch_ids: int) -> dict[int, models.Batch]:
    """The batches, locked in the order of their ids until the end of the transaction."""
    return {row.pk: row for row in rows.read(models.Batch, lock=True, id=list(batch_ids))}


def holds(batch: models.Batch, account: Account, *, since: datetime | None = None) -> Lowest:
    """The least that the account has held of a batch since a moment (None: what it holds now).

    The batch must be locked, or what is said may be old before it is used.
    """
    row = (
        models.Balance.objects.filter(batch=batch, account=account.id)
        .values_list("amount", flat=True)
        .first()
    )
    posting = _Posting({batch.pk: batch}, {(batch.pk, account.id): row or 0})
    return posting.lowest(batch, account, since)


def post(
    movements: Sequence[Movement], *, batches: Mapping[int, models.Batch] | None = None
) -> list[models.Movement]:
    """Writes movements, moves their balances and links them into the chain of their batch.

    Locks the batches in the order of their ids, unless they are given as `locked` gave them. Raises
    `Refused` when a held account would go below zero, now (``stock.not-in-stock``) or at a moment after a
    movement that is written down later than it happened (``stock.not-in-stock-then``). Call late in the
    transaction: it takes the scarce locks. Five queries, and one more for each batch after the first."""
    if not movements:
        return []
    batches = batches or locked(*{movement.batch_id for movement in movements})
    ends = {end.id for movement in movements for end in (movement.source, movement.target)}
    balances = rows.read(models.Balance, batch_id=list(batches), account_id=list(ends))
    posting = _Posting(batches, {(row.batch_id, row.account_id): row.amount for row in balances})
    for movement in movements:
        posting.add(movement)
    return posting.save()


class _Posting:
    """Movements that are about to be written, and what the balances come to."""

    def __init__(self, batches: Mapping[int, models.Batch], balances: dict[tuple[int, int], int]) -> None:
        self._batches = batches
        self._balances = balances
        self._held: dict[tuple[int, int], bool] = {}
        self._rows: list[models.Movement] = []

    def add(self, movement: Movement) -> None:
        batch = self._batches[movement.batch_id]
        movement = as_recorded(movement, after=batch.latest_at)
        source, target = movement.source, movement.target
        if source.kind.held:
            self._check(batch, movement)
        self._change(batch, source, -movement.amount)
        self._change(batch, target, movement.amount)
        before = batch.chain_digest
        head = advance(Head(batch.chain_count, before), movement.content())
        batch.chain_count, batch.chain_digest, batch.latest_at = head.count, head.digest, movement.recorded_at
        self._rows.append(
            models.Movement(
                batch=batch, place=head.count, source_id=source.id, target_id=target.id,
                amount=movement.amount, happened_at=movement.happened_at, recorded_at=movement.recorded_at,
                by_id=movement.by, key=movement.key, reason=movement.reason.value, about=movement.about,
                why=movement.why, reverses_id=movement.reverses, previous=before, digest=head.digest,
            )
        )  # fmt: skip

    def save(self) -> list[models.Movement]:
        _in_turn(self._batches.values())
        for row, pk in zip(self._rows, rows.insert(self._rows), strict=True):
            row.pk = pk
        rows.insert(
            [
                models.Balance(
                    batch_id=batch, account_id=account, held=held, amount=self._balances[batch, account]
                )
                for (batch, account), held in self._held.items()
            ],
            conflict="(account_id, batch_id) DO UPDATE SET amount = EXCLUDED.amount",
        )
        for batch in self._batches.values():
            rows.update(batch, "chain_count", "chain_digest", "latest_at")
        return self._rows

    def lowest(self, batch: models.Batch, account: Account, since: datetime | None) -> Lowest:
        held = self._balances.get((batch.pk, account.id), 0)
        # Nothing happened later than the last was recorded: the usual case, and no query.
        if since is None or batch.latest_at is None or since >= batch.latest_at:
            return Lowest(held, None)
        stored = batch.movements.filter(
            Q(source=account.id) | Q(target=account.id), happened_at__gt=since
        ).values_list("happened_at", "place", "amount", "source_id")
        unsaved = (
            (row.happened_at, row.place, row.amount, row.source_id)
            for row in self._rows
            if row.batch_id == batch.pk and account.id in (row.source_id, row.target_id)
        )
        changes = [
            Change(at, place, -amount if source == account.id else amount)
            for at, place, amount, source in (*stored, *unsaved)
        ]
        return lowest_since(since, held=held, changes=changes)

    def _check(self, batch: models.Batch, movement: Movement) -> None:
        source = movement.source
        where = "the shelf" if source.kind is AccountKind.SHELF else source.name
        held = self._balances.get((batch.pk, source.id), 0)
        short: Refusal | None = enough(held, movement.amount, base(batch), where=where)
        if short is None and movement.backdated:
            lowest = self.lowest(batch, source, movement.happened_at)
            short = enough_since(lowest, movement.amount, base(batch), where=where)
        if short is not None:
            raise Refused(short)

    def _change(self, batch: models.Batch, account: Account, amount: int) -> None:
        at = (batch.pk, account.id)
        self._balances[at] = self._balances.get(at, 0) + amount
        self._held[at] = account.kind.held


def _in_turn(batches: Iterable[models.Batch]) -> None:
    """Lets what the controlled-drug register has of a site be written by one after the other, so that the
    numbers of its entries follow one another as they come to stand in the book. SQLite writes so anyway; two
    batches of one page are two locks on PostgreSQL."""
    if connection.vendor == "sqlite":
        return
    products = ((row.site_id, dictionary().product(row.product_id)) for row in batches)
    for site_id in sorted({site for site, one in products if in_register(one.controlled if one else None)}):
        # Not as strong as to hold up those who only point at the site.
        models.Site.objects.select_for_update(no_key=True).get(pk=site_id)


def value(row: models.Movement) -> Movement:
    """The stored movement as a value; its accounts are read with it."""
    return Movement(
        batch_id=row.batch_id,
        source=as_account(row.source),
        target=as_account(row.target),
        amount=row.amount,
        happened_at=row.happened_at,
        recorded_at=row.recorded_at,
        by=row.by_id,
        key=row.key,
        reason=Reason(row.reason),
        about=row.about,
        why=row.why,
        reverses=row.reverses_id,
    )
