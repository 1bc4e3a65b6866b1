"""Whatever is changed in the stored book by hand is found and named, a cut-off tail too.

Somebody with the database in hand takes the triggers away, and changes one field of one row at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db import models as fields
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.chain import Head, digest
from pestle.pharmacy.ledger.discrepancy import Closing
from pestle.pharmacy.ledger.routes import Reason
from pestle.web.actions import differences, moving, temperatures, transfers
from pestle.web.store import append_only, ledger, models, verify

TABLES: list[type[fields.Model]] = [
    models.Movement, models.Batch, models.Account, models.Balance, models.AuditEvent, models.AuditHead,
    models.Command, models.Discrepancy, models.DiscrepancyEvent, models.Transfer, models.Opening,
    models.Recall, models.Temperature,
]  # fmt: skip
SHELF, WARD = (AccountKind.SHELF, ""), (AccountKind.WARD, "Ash")


def _a_book(bench: Bench) -> int:
    """A little of everything that the ledger keeps. Gives a batch."""
    bench.at("closed", FUROSEMIDE)
    batch = int(bench.stock(PARACETAMOL_32, 4).result["batch"])
    who: dict[str, Any] = {"by": bench.ruth, "now": NOW}
    sent = transfers.send(
        **who, key=a_key(), source=SHELF, target=WARD, amounts={batch: 32}, carrier="Pat the porter"
    )
    transfers.settle(**who, key=a_key(), transfer_id=sent.result["transfer"], amounts={batch: 32})
    wasted = moving.move(
        **who, key=a_key(), reason=Reason.WASTE, batch_id=batch, amount=2, source=WARD,
        target=(AccountKind.WASTE, ""), why="dropped", happened_at=NOW - timedelta(0),
    )  # fmt: skip
    moving.correct(**who, key=a_key(), movement_id=wasted.result["movement"], why="another batch")
    moving.open_container(
        **who, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, opened_on=NOW.date(), days=28
    )
    counted = differences.count(
        **who, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, found=90, why="the monthly count"
    ).result["discrepancy"]
    differences.look_into(**who, key=a_key(), discrepancy_id=counted, words="counted again")
    differences.close(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        discrepancy_id=counted,
        outcome=Closing.UNEXPLAINED,
        words="no idea",
    )
    bench.recall(FUROSEMIDE_28, "B1")
    table = f"time,temp\n{NOW:%Y-%m-%dT%H:%MZ},5\n{NOW - timedelta(hours=1):%Y-%m-%dT%H:%MZ},4\n"
    shelf = models.Account.objects.get(kind=SHELF[0].value).pk
    temperatures.import_readings(**who, key=a_key(), account_id=shelf, name="logger.csv", data=table.encode())
    return batch


def _faults(bench: Bench) -> list[str]:
    return [str(fault) for fault in verify.verify(bench.site).faults]


@contextmanager
def by_force() -> Iterator[Any]:
    """A cursor that may do anything; everything is put back afterwards, the triggers too."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            for table in append_only.TABLES:
                for name in append_only._names(connection.vendor, table):
                    on = "" if connection.vendor == "sqlite" else f" ON {table}"
                    cursor.execute(f"DROP TRIGGER {name}{on}")
            yield cursor
        transaction.set_rollback(True)


def _another(field: fields.Field[Any, Any], value: Any) -> str:
    """SQL for another value of a field that its table lets be."""
    column = f'"{field.column}"'
    if isinstance(field, fields.BooleanField):
        return f"NOT {column}"
    if isinstance(field, fields.JSONField):
        return "'{\"other\": 1}'"
    if isinstance(field, fields.UUIDField):
        other = "0" * 31 + "1"
        return f"'{other}'" if connection.vendor == "sqlite" else f"'{other}'::uuid"
    if isinstance(field, fields.DateTimeField):
        return "'2026-01-01 10:00:00+00'" if connection.vendor == "postgresql" else "'2026-01-01 10:00:00'"
    if isinstance(field, fields.DateField):
        return "'2026-01-01'"
    if isinstance(field, fields.CharField):
        return "'other'" if value != "other" else "'others'"
    return "77" if value is None else f"{column} + 1000"


def _stored(row: fields.Model) -> Any:
    return row.pk.hex if connection.vendor == "sqlite" and isinstance(row, models.Command) else row.pk


def test_every_field_of_every_row_is_watched(bench: Bench) -> None:
    _a_book(bench)
    assert _faults(bench) == []
    unseen = []
    for model in TABLES:
        table = model._meta.db_table
        rows = list(model._default_manager.order_by("pk"))
        assert rows, f"nothing in {table}"
        for field in model._meta.concrete_fields:
            if field.primary_key:
                continue
            row = rows[len(field.name) % len(rows)]
            if isinstance(row, models.Balance):
                row = models.Balance.objects.filter(amount__gt=0).order_by("pk")[0]
            with by_force() as cursor:
                cursor.execute(
                    f'UPDATE {table} SET "{field.column}" = {_another(field, getattr(row, field.attname))} '
                    f'WHERE "{model._meta.pk.column}" = %s',
                    [_stored(row)],
                )
                if not _faults(bench):
                    unseen.append(f"{table}.{field.name}")
    assert unseen == []
    assert _faults(bench) == []


def test_every_row_that_is_taken_away_is_missed(bench: Bench) -> None:
    _a_book(bench)
    for model in TABLES:
        table = model._meta.db_table
        for row in model._default_manager.order_by("pk"):
            if isinstance(row, models.Balance) and not row.amount:
                continue
            with by_force() as cursor:
                if connection.vendor == "postgresql":
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                cursor.execute(f'DELETE FROM {table} WHERE "{model._meta.pk.column}" = %s', [_stored(row)])
                assert _faults(bench), f"{table} {row.pk} was taken away"


def test_a_row_that_nobody_recorded_is_named(bench: Bench) -> None:
    _a_book(bench)
    closed = models.Discrepancy.objects.get()
    with by_force():
        models.DiscrepancyEvent.objects.create(
            discrepancy=closed, words="all well", by_id=bench.tess.id, at=NOW
        )
        assert ["no audit event vouches for it" in fault for fault in _faults(bench)] == [True]


def test_an_imported_reading_that_was_changed_is_named_within_a_hundred(bench: Bench) -> None:
    _a_book(bench)
    first, last = models.Temperature.objects.order_by("pk")
    with by_force():
        models.Temperature.objects.filter(pk=last.pk).update(centi=450)
        assert [
            f"temperature {first.pk}-{last.pk} has been changed" in fault for fault in _faults(bench)
        ] == [True]
    with by_force():
        models.Temperature.objects.filter(pk=last.pk).delete()
        assert [f"temperature {last.pk} is gone" in fault for fault in _faults(bench)] == [True]


def _forged(batch: models.Batch, row: models.Movement, *, amount: int) -> None:
    """What somebody does who knows how the chain is made: the amount, its link, and the head."""
    before = Head(row.place - 1, row.previous)
    content = {**ledger.value(row).content(), "amount": amount}
    new = digest(content, after=before)
    models.Movement.objects.filter(pk=row.pk).update(amount=amount, digest=new)
    models.Batch.objects.filter(pk=batch.pk).update(chain_digest=new)
    changed = amount - row.amount
    for account, sign in ((row.source_id, -1), (row.target_id, 1)):
        models.Balance.objects.filter(batch=batch, account=account).update(
            amount=fields.F("amount") + sign * changed
        )


def test_who_makes_the_chain_again_is_found_by_the_trail(bench: Bench) -> None:
    batch = models.Batch.objects.get(pk=_a_book(bench))
    last = batch.movements.select_related("source", "target").order_by("place").last()
    assert last is not None
    with by_force():
        _forged(batch, last, amount=last.amount + 1)
        assert verify.of_batch(batch) is None, "by itself the batch looks whole"
        assert _faults(bench) == [
            f"batch B1 of {batch.pack_name}: 0: no audit event vouches for its last entry"
        ]


@pytest.mark.parametrize("repaired", [False, True], ids=["plain", "with head and balances"])
def test_a_tail_that_is_cut_off_is_named(bench: Bench, repaired: bool) -> None:
    batch = models.Batch.objects.get(pk=_a_book(bench))
    last = batch.movements.order_by("place").last()
    assert last is not None
    with by_force() as cursor:
        if repaired:
            for account, sign in ((last.source_id, 1), (last.target_id, -1)):
                models.Balance.objects.filter(batch=batch, account=account).update(
                    amount=fields.F("amount") + sign * last.amount
                )
            models.Batch.objects.filter(pk=batch.pk).update(
                chain_count=last.place - 1, chain_digest=last.previous, latest_at=NOW
            )
        cursor.execute(f"DELETE FROM store_movement WHERE id = {last.pk}")
        found = _faults(bench)
    if repaired:
        assert any("is gone; the audit trail tells of" in fault for fault in found), found
    else:
        assert f"the chain ends at entry {last.place - 1}, its head says {last.place}" in found[0]


def test_a_balance_below_zero_in_the_past_is_named(bench: Bench) -> None:
    """Of a book that was made elsewhere: whole by its digests, and yet impossible."""
    from pestle.pharmacy.ledger.account import Account
    from pestle.pharmacy.ledger.chain import advance, beginning
    from pestle.pharmacy.ledger.movement import Movement, instant
    from pestle.pharmacy.ledger.proof import prove

    shelf, supplier = Account(1, AccountKind.SHELF, "Shelf"), Account(2, AccountKind.SUPPLIER, "Suppliers")
    waste = Account(3, AccountKind.WASTE, "Waste")
    early, late = NOW - timedelta(days=2), NOW - timedelta(days=1)
    made = [
        Movement(7, supplier, shelf, 10, late, NOW, 1, "a", Reason.RECEIPT),
        Movement(7, shelf, waste, 4, early, NOW, 1, "b", Reason.WASTE, why="dropped"),
    ]
    head, rows = beginning({}), []
    for one in made:
        before, head = head.digest, advance(head, one.content())
        rows.append((7, head.count, one.source.id, one.target.id, one.amount, instant(one.happened_at),
                     instant(one.recorded_at), one.by, one.key, one.reason.value, one.about, one.why,
                     one.reverses, before, head.digest))  # fmt: skip
    found = prove(
        7, rows, begins=beginning({}), head=head, latest_at=instant(NOW),
        accounts={one.id: one for one in (shelf, supplier, waste)}, balances={1: 6, 2: -10, 3: 4},
        in_time=lambda: [(2, 1, 3, 4), (1, 2, 1, 10)],
    )  # fmt: skip
    assert [broken.reason for broken in found] == ["entry 2 takes shelf/Shelf below zero"]
