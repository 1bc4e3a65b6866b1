"""The ORM is the slow obvious twin: what it writes is what we read, and what we write is what it reads."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from tests.web.actions.bench import NOW, PARACETAMOL_32, Bench

from pestle.web.store import models, rows

LATER = NOW + timedelta(microseconds=7)


def _command(bench: Bench) -> models.Command:
    return models.Command(
        id=uuid.uuid4(), site_id=bench.site.pk, action="test.rows", key="k", digest="0" * 64, at=LATER
    )


def _event(bench: Bench) -> models.AuditEvent:
    return models.AuditEvent(
        site_id=bench.site.pk, place=900, action="test.rows", person_id=bench.tess.id,
        person_name="“T” 100%s", person_roles=["technician"], at=NOW, subject="batch:1",
        detail={"a": [1, None]}, result={"ä": "5%"}, command_id=uuid.uuid4(),
        previous="1" * 64, digest="2" * 64,
    )  # fmt: skip


def _movement(bench: Bench, place: int = 900) -> models.Movement:
    last = models.Movement.objects.order_by("-pk")[0]
    return models.Movement(
        batch_id=last.batch_id, place=place, source_id=last.source_id, target_id=last.target_id, amount=2**40,
        happened_at=NOW, recorded_at=LATER, by_id=bench.tess.id, key="k", reason="correction", why="it was",
        reverses_id=last.pk, previous="1" * 64, digest="2" * 64,
    )  # fmt: skip


def _fields(row: Model, *, but: str = "") -> dict[str, Any]:
    return {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.name != but
    }


@pytest.mark.parametrize("made", [_command, _event, _movement], ids=["command", "event", "movement"])
def test_a_row_is_written_as_the_orm_writes_it(bench: Bench, made: Callable[[Bench], Model]) -> None:
    bench.stock(PARACETAMOL_32, 1)
    row = made(bench)
    objects = type(row)._default_manager
    same = "" if isinstance(row, models.Command) else "id"
    with transaction.atomic():
        row.save(force_insert=True)
        theirs = _fields(objects.get(pk=row.pk), but=same)
        transaction.set_rollback(True)
    if same:
        row.pk = None
    before = set(objects.values_list("pk", flat=True))
    assert len(rows.insert([row])) == 1
    (written,) = objects.exclude(pk__in=before)
    assert _fields(written, but=same) == theirs


def test_a_row_is_read_and_changed_as_the_orm_does(bench: Bench) -> None:
    bench.stock(PARACETAMOL_32, 1)
    for model in (models.Batch, models.Account, models.Balance, models.Movement, models.AuditEvent,
                  models.AuditHead, models.Command):  # fmt: skip
        for row in model._default_manager.all():
            for lock in (False, True):
                (found,) = rows.read(model, lock=lock, **{model._meta.pk.attname: row.pk})
                assert _fields(found) == _fields(row)
    batch = models.Batch.objects.get()
    for at in (None, LATER):
        batch.latest_at, batch.chain_count, batch.number = at, batch.chain_count + 1, "not written"
        rows.update(batch, "latest_at", "chain_count")
        batch.refresh_from_db()
        assert (batch.latest_at, batch.number) == (at, "B1")


def test_several_are_read_in_the_order_of_their_ids(bench: Bench) -> None:
    ids = [int(bench.stock(PARACETAMOL_32, 1, number=f"B{n}").result["batch"]) for n in range(4)]
    asked = [ids[2], ids[0], ids[3], ids[0]]
    found = rows.read(models.Batch, lock=True, id=asked, site_id=bench.site.pk)
    assert [row.pk for row in found] == [ids[0], ids[2], ids[3]]
    assert found == list(models.Batch.objects.filter(pk__in=asked).order_by("pk"))
    assert rows.read(models.Batch, id=asked, site_id=bench.site.pk + 1) == []
    assert rows.read(models.Batch, id=[]) == []


def test_more_are_written_than_one_statement_holds(bench: Bench) -> None:
    bench.stock(PARACETAMOL_32, 1)
    many = [_movement(bench, place) for place in range(100, 700)]
    for row in many:
        row.reverses_id = None
    ids = rows.insert(many)
    places = dict(models.Movement.objects.filter(place__gte=100).values_list("pk", "place"))
    assert [places[pk] for pk in ids] == list(range(100, 700))
    assert rows.insert([]) == []


def test_a_key_that_is_taken(bench: Bench) -> None:
    bench.stock(PARACETAMOL_32, 1)
    first = _command(bench)
    assert len(rows.insert([first], conflict="DO NOTHING")) == 1
    again = _command(bench)
    assert rows.insert([again], conflict="DO NOTHING") == []
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert([again])
    balance = models.Balance.objects.filter(amount__gt=0)[0]
    changed = models.Balance(batch_id=balance.batch_id, account_id=balance.account_id, held=True, amount=7)
    assert rows.insert([changed], conflict="(account_id, batch_id) DO UPDATE SET amount = EXCLUDED.amount")
    balance.refresh_from_db()
    assert balance.amount == 7


def test_a_lock_outside_a_transaction_is_no_lock(database: str) -> None:
    with pytest.raises(TransactionManagementError):
        rows.read(models.Batch, lock=True, id=1)
