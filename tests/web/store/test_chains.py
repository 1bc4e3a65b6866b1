"""Is it found when somebody with the database in hand changes what was done?"""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from django.db import connection
from tests.web.actions.bench import FUROSEMIDE_28, NOW, Bench

from pestle.pharmacy.ledger.chain import Broken
from pestle.web.store import append_only, audit, models, verify


def _by_force(table: str, statement: str) -> None:
    """Changes a protected table as whoever owns the database can: by taking its triggers away."""
    with connection.cursor() as cursor:
        for name in append_only._names(connection.vendor, table):
            cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table}"))
        cursor.execute(statement)


# what is done to the audit by force -> what is found
AUDIT = [
    ("UPDATE store_auditevent SET person_name = 'Somebody else' WHERE place = 2",
     Broken(2, "entry 2 has been changed")),
    ("UPDATE store_auditevent SET person_id = 99 WHERE place = 3", Broken(3, "entry 3 has been changed")),
    ("""UPDATE store_auditevent SET detail = '{"packs": 500}' WHERE place = 1""",
     Broken(1, "entry 1 has been changed")),
    ("UPDATE store_auditevent SET subject = 'batch:7' WHERE place = 4",
     Broken(4, "entry 4 has been changed")),
    ("UPDATE store_auditevent SET at = '2026-11-02 11:00:00+00:00' WHERE place = 4",
     Broken(4, "entry 4 has been changed")),
    ("UPDATE store_auditevent SET digest = previous WHERE place = 4", Broken(4, "entry 4 has been changed")),
    ("DELETE FROM store_auditevent WHERE place = 1", Broken(1, "entry 1 is missing")),
    ("DELETE FROM store_auditevent WHERE place = 3", Broken(3, "entry 3 is missing")),
    ("DELETE FROM store_auditevent WHERE place = 5", Broken(5, "the chain ends at entry 4, its head says 5")),
    ("DELETE FROM store_auditevent", Broken(1, "the chain ends at entry 0, its head says 5")),
    ("UPDATE store_auditevent SET place = 9 WHERE place = 5", Broken(5, "entry 5 is missing")),
    ("DELETE FROM store_audithead", Broken(6, "the chain ends at entry 5, its head says 0")),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "found"), AUDIT)
def test_tampering_with_the_audit_is_found(own_bench: Bench, statement: str, found: Broken) -> None:
    for number in range(5):
        own_bench.stock(FUROSEMIDE_28, 1, number=f"B{number}")
    site = own_bench.site.pk
    assert audit.verify(site) == (5, None)
    _by_force("store_auditevent", statement)
    assert audit.verify(site)[1] == found


def test_a_link_cannot_be_made_without_the_key(own_bench: Bench) -> None:
    from pestle.pharmacy.ledger.chain import Head, digest

    own_bench.stock(FUROSEMIDE_28, 1)
    event = models.AuditEvent.objects.get()
    event.person_name = "Somebody else"
    forged = digest(audit._content(event, models.Command.objects.get()), after=Head())
    _by_force(
        "store_auditevent", f"UPDATE store_auditevent SET person_name = 'Somebody else', digest = '{forged}'"
    )
    models.AuditHead.objects.update(digest=forged)
    assert audit.verify(own_bench.site.pk)[1] == Broken(1, "entry 1 has been changed")


def test_each_site_has_its_own_chain(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    assert audit.verify(bench.site.pk) == (1, None)
    assert audit.verify(bench.site.pk + 1) == (0, None)


def test_a_time_in_another_zone_is_the_same_time(bench: Bench) -> None:
    batch = bench.stock(FUROSEMIDE_28, 1, now=NOW.astimezone(timezone(timedelta(hours=1)))).result["batch"]
    assert audit.verify(bench.site.pk) == (1, None)
    assert verify.of_batch(models.Batch.objects.get(pk=batch)) is None


# what is done to a batch's movements by force -> what is found
LEDGER = [
    ("store_movement", "UPDATE store_movement SET amount = 29 WHERE place = 2",
     Broken(2, "entry 2 has been changed")),
    ("store_movement", "UPDATE store_movement SET by_id = by_id + 1 WHERE place = 1",
     Broken(1, "entry 1 has been changed")),
    ("store_movement", "UPDATE store_movement SET key = 'other' WHERE place = 3",
     Broken(3, "entry 3 has been changed")),
    ("store_movement", "DELETE FROM store_movement WHERE place = 2", Broken(2, "entry 2 is missing")),
    ("store_movement", "DELETE FROM store_movement WHERE place = 3",
     Broken(3, "the chain ends at entry 2, its head says 3")),
    (None, "UPDATE store_balance SET amount = amount + 1 WHERE held",
     Broken(3, "the balance of shelf/Dispensary shelf is not what moved")),
    (None, "DELETE FROM store_balance WHERE held",
     Broken(3, "the balance of shelf/Dispensary shelf is missing")),
]  # fmt: skip


@pytest.mark.parametrize(("table", "statement", "found"), LEDGER)
def test_tampering_with_stock_is_found(
    own_bench: Bench, table: str | None, statement: str, found: Broken
) -> None:
    for _ in range(3):
        batch = own_bench.stock(FUROSEMIDE_28, 1).result["batch"]
    row = models.Batch.objects.get(pk=batch)
    assert verify.of_batch(row) is None
    if table is None:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    else:
        _by_force(table, statement)
    assert verify.of_batch(row) == found
