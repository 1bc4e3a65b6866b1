"""How long does it take to say what was used, so that levels can follow from it?

Reads PESTLE_DATABASE_URL. A million movements of two thousand batches over two years, nearly all of them
supplies, written by one statement: their chains are not the question here. Measured with the index that is
for this question and without it, in one run. Time on the clock is what the computer had left; CPU is this
process's own, which of SQLite is the whole of it.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")

import django

from pestle.demo import DICTIONARY

os.environ["PESTLE_DICTIONARY"] = DICTIONARY
django.setup()

from django.core.management import call_command
from django.db import connection
from tests.scale.served import said

from pestle.demo import people
from pestle.demo.load import make_demo
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.medicines.expiry import expiry
from pestle.web.store import ledger, models, moved, orders
from pestle.web.store.knowledge import dictionary

BATCHES = 2000
TIMES = 10
_WRITE = """
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %s)
    INSERT INTO store_movement (batch_id, place, source_id, target_id, amount, happened_at, recorded_at,
        by_id, key, reason, about, why, previous, digest)
    SELECT %s + i %% %s, i / %s + 1, %s, %s, 1, {at}, {at}, %s, 'many', 'supply', '', '', '', '' FROM n
"""
# Over seven hundred days.
_AT = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%S', 'now', '-700 days', (i * 60480000.0 / {n}) || ' seconds')",
    "postgresql": "now() - interval '700 days' + (i * 60480000.0 / {n}) * interval '1 second'",
}


def main(movements: int) -> None:
    """Makes the movements, and asks with and without the index."""
    call_command("migrate", verbosity=0)
    make_demo(now=datetime.now(UTC))
    site = models.Site.objects.get(code="FZZ01")
    began = time.perf_counter()
    _many(site, movements)
    sys.stdout.write(f"{connection.vendor}: {movements:,} movements in {time.perf_counter() - began:.0f} s\n")
    _asked(site, "what was used, with its index")
    began, cpu = time.perf_counter(), time.process_time()
    found = len(moved.transfers(site.pk))
    sys.stdout.write(f"{found} transfers: {time.perf_counter() - began:.3f} s, "
                     f"CPU {time.process_time() - cpu:.3f} s\n")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX store_movement_supply")
    _asked(site, "what was used, without it")


def _many(site: models.Site, movements: int) -> None:
    packs = [pack for one in dictionary().products() for pack in dictionary().packs(one.id) if pack.gtins]
    first = 0
    for number in range(BATCHES):
        batch = ledger.batch_of(
            site.pk, packs[number % len(packs)], number=f"M{number}", printed=expiry("2099-02")
        )
        first = first or batch.pk
    assert batch.pk == first + BATCHES - 1
    shelf, patient = ledger.accounts(site.pk, (AccountKind.SHELF, ""), (AccountKind.PATIENT, ""))
    by = people.staff(site).technician.id
    statement = _WRITE.format(at=_AT[connection.vendor].format(n=movements))
    with connection.cursor() as cursor:
        cursor.execute(statement, [movements - 1, first, BATCHES, BATCHES, shelf.id, patient.id, by])
        if connection.vendor == "postgresql":
            # As it does by itself; SQLite is asked as it is used, without.
            cursor.execute("ANALYZE")


def _asked(site: models.Site, name: str) -> None:
    now, seconds, cpu = datetime.now(UTC), [], time.process_time()
    for _ in range(TIMES):
        began = time.perf_counter()
        used, days = orders.use(site.pk, now=now)
        seconds.append(time.perf_counter() - began)
    cpu = (time.process_time() - cpu) / TIMES
    products, amount = len(used), sum(used.values())
    sys.stdout.write(
        said(name, seconds).rstrip()
        + f"   CPU {cpu * 1e3:.0f} ms each: {amount:,} units of {products} products in {days} days\n"
    )
    if days != orders.WINDOW_DAYS:
        raise RuntimeError(f"the window is {days} days")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
