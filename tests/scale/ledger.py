"""How many durable supplies a second, beside raw SQL that keeps the same promises? How long to prove a
million?

Reads PESTLE_DATABASE_URL. The floor writes, by the database's own driver, exactly the rows that the action
writes: the command, the movement in its chain, both balances, the head, the audit event in its keyed chain;
locked alike, as durable, and proved by the same `verify` in the end. Over HTTP it is a delivery, the one
movement with a form of its own; a whole dispense is measured by `dispense`. An argument other than 1000000
makes another number of movements. Time on the clock is what the computer had left; CPU is this process's
own."""

from __future__ import annotations

import os
import resource
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"

import django

from pestle.demo import DICTIONARY

os.environ["PESTLE_DICTIONARY"] = DICTIONARY
django.setup()

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.scale.served import Visitor, form, said, served

from pestle.demo import people
from pestle.demo.load import make_demo
from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.chain import Head, advance, canonical
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.web.actions.moving import move
from pestle.web.actions.stock import receive_batch
from pestle.web.store import audit, ledger, models, stock, verify
from pestle.web.store.knowledge import dictionary

SUPPLIES = 300
BATCHES = 2000
SHELF, PATIENT = (AccountKind.SHELF, ""), (AccountKind.PATIENT, "")


def main(movements: int) -> None:
    """Measures supplies, then makes a big ledger and proves it."""
    call_command("migrate", verbosity=0)
    make_demo(now=datetime.now(UTC))
    site = models.Site.objects.get()
    by = people.staff(site).technician
    gtin = next(one.gtins[0] for one in _packs() if one.gtins)
    say(f"{connection.vendor}, durable\n")
    batch = int(_received(by, gtin, "SCALE", 9000).result["batch"])
    _measured("floor: raw SQL", _floor(by, batch))
    _measured("a supply through the action", lambda n: _supply(by, batch))
    with CaptureQueriesContext(connection) as queries:
        _supply(by, batch)
    say(f"  with {len(queries)} statements\n")
    _over_http(gtin)
    _proved(site)
    began = time.process_time()
    _many(by, gtin, movements)
    say(f"made {movements:,} movements of {BATCHES} batches in {time.process_time() - began:.0f} s of CPU\n")
    began, clock = time.process_time(), time.perf_counter()
    held = len(stock.held(site.pk, on=datetime.now(UTC).date()))
    say(
        f"balances of {held} batches: {time.perf_counter() - clock:.2f} s, "
        f"CPU {time.process_time() - began:.2f} s\n"
    )
    _proved(site)


def _packs() -> Iterator[Any]:
    for product in dictionary().products():
        yield from dictionary().packs(product.id)


def _received(by: Person, gtin: str, number: str, packs: int) -> Any:
    return receive_batch(
        by=by, now=datetime.now(UTC), key=str(uuid.uuid4()), gtin=gtin, number=number, expiry_text="2099-01",
        packs=packs,
    )  # fmt: skip


def _supply(by: Person, batch: int) -> None:
    move(
        by=by, now=datetime.now(UTC), key=str(uuid.uuid4()), reason=Reason.SUPPLY, batch_id=batch, amount=1,
        source=SHELF, target=PATIENT,
    )  # fmt: skip


def _measured(name: str, act: Callable[[int], None]) -> None:
    for n in range(20):
        act(n)
    seconds, cpu = [], time.process_time()
    for n in range(SUPPLIES):
        began = time.perf_counter()
        act(n)
        seconds.append(time.perf_counter() - began)
    cpu = time.process_time() - cpu
    say(said(name, seconds).rstrip() + f"   CPU {cpu / SUPPLIES * 1e3:.2f} ms each\n")


class _Raw:
    """The driver itself, with both databases' spelling of a place for a value."""

    def __init__(self) -> None:
        said = connection.settings_dict
        self.sqlite = connection.vendor == "sqlite"
        self._driver: Any
        if self.sqlite:
            self._driver = sqlite3.connect(said["NAME"], timeout=20, isolation_level=None)
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "recursive_triggers=ON",
                "foreign_keys=ON",
            ):
                self._driver.execute(f"PRAGMA {pragma}")
        else:
            names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
            given = {ours: said[theirs] for ours, theirs in names.items() if said[theirs]}
            self._driver = psycopg.connect(autocommit=True, **given)

    def ask(self, statement: str, *values: Any) -> Any:
        if self.sqlite:
            statement = statement.replace("%s", "?").replace("FOR UPDATE", "")
        return self._driver.execute(statement, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.ask("BEGIN IMMEDIATE" if self.sqlite else "BEGIN")
        yield
        self.ask("COMMIT")

    def time(self, at: datetime) -> Any:
        return str(at.replace(tzinfo=None)) if self.sqlite else at

    def json(self, value: object) -> str:
        return canonical(value).decode()  # type: ignore[arg-type]

    def uuid(self, value: uuid.UUID) -> Any:
        return value.hex if self.sqlite else value


def _floor(by: Person, batch: int) -> Callable[[int], None]:
    raw = _Raw()
    shelf, patient = ledger.accounts(by.site_id, SHELF, PATIENT)
    roles = sorted(role.value for role in by.roles)

    def supply(_: int) -> None:
        now, command = datetime.now(UTC), uuid.uuid4()
        key, digest = str(uuid.uuid4()), "f" * 64
        with raw.transaction():
            raw.ask(
                "INSERT INTO store_command (id, site_id, action, key, digest, at)"
                " VALUES (%s, %s, %s, %s, %s, %s)"
                " ON CONFLICT DO NOTHING",
                raw.uuid(command), by.site_id, "scale.supply", key, digest, raw.time(now),
            )  # fmt: skip
            count, before = raw.ask(
                "SELECT chain_count, chain_digest FROM store_batch WHERE id = %s FOR UPDATE", batch
            ).fetchone()
            movement = Movement(batch, shelf, patient, 1, now, now, by.id, key, Reason.SUPPLY)
            head = advance(Head(count, before), movement.content())
            taken = raw.ask(
                "UPDATE store_balance SET amount = amount - 1"
                " WHERE batch_id = %s AND account_id = %s AND amount >= 1",
                batch, shelf.id,
            )  # fmt: skip
            assert taken.rowcount == 1
            raw.ask(
                "INSERT INTO store_balance (batch_id, account_id, held, amount) VALUES (%s, %s, %s, 1)"
                " ON CONFLICT (account_id, batch_id) DO UPDATE SET amount = store_balance.amount + 1",
                batch, patient.id, False,
            )  # fmt: skip
            raw.ask(
                "INSERT INTO store_movement (batch_id, place, source_id, target_id, amount, happened_at,"
                " recorded_at, by_id, key, reason, about, why, previous, digest)"
                " VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, %s, '', '', %s, %s)",
                batch, head.count, shelf.id, patient.id, raw.time(now), raw.time(now), by.id, key, "supply",
                before, head.digest,
            )  # fmt: skip
            raw.ask(
                "UPDATE store_batch SET chain_count = %s, chain_digest = %s, latest_at = %s WHERE id = %s",
                head.count, head.digest, raw.time(now), batch,
            )  # fmt: skip
            place, last = raw.ask(
                "SELECT count, digest FROM store_audithead WHERE site_id = %s FOR UPDATE", by.site_id
            ).fetchone()
            event = models.AuditEvent(
                site_id=by.site_id, place=place + 1, action="scale.supply", person_id=by.id,
                person_name=by.name, person_roles=roles, at=now, subject=f"batch:{batch}",
                command_id=command, previous=last,
                detail={"movements": [head.digest]}, result={"batch": batch},
            )  # fmt: skip
            given = models.Command(
                id=command, site_id=by.site_id, action="scale.supply", key=key, digest=digest, at=now
            )
            after = advance(Head(place, last), audit._content(event, given), key=settings.SIGNING_KEY)
            raw.ask(
                "INSERT INTO store_auditevent (site_id, place, action, person_id, person_name, person_roles,"
                " at, subject, detail, result, command_id, previous, digest)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                by.site_id, place + 1, "scale.supply", by.id, by.name, raw.json(roles), raw.time(now),
                event.subject, raw.json(event.detail), raw.json(event.result), raw.uuid(command), last,
                after.digest,
            )  # fmt: skip
            raw.ask(
                "UPDATE store_audithead SET count = %s, digest = %s WHERE site_id = %s",
                after.count, after.digest, by.site_id,
            )  # fmt: skip

    return supply


def _over_http(gtin: str) -> None:
    with served() as port:
        tess = Visitor(port, username="tess", password=people.PASSWORD)
        fields = form(tess.get(f"/stock/receive?gtin={gtin}")[1], "/stock/receive")
        fields |= {"gtin": gtin, "number": "SCALE", "expiry": "2099-01", "packs": "1"}
        seconds = []
        for _ in range(SUPPLIES):
            began = time.perf_counter()
            status, _text = tess.post("/stock/receive", fields | {"key": str(uuid.uuid4())})
            seconds.append(time.perf_counter() - began)
            if status != 303:
                raise RuntimeError(f"a delivery was answered {status}")
        say(said("a delivery over HTTP", seconds))


def _proved(site: models.Site) -> None:
    began, clock = time.process_time(), time.perf_counter()
    found = verify.verify(site)
    cpu, clock = time.process_time() - began, time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    say(
        f"verify: {found.movements:,} movements, {found.events:,} events in {clock:.1f} s, CPU {cpu:.1f} s: "
        f"{found.movements / clock:,.0f} a second, {found.movements / cpu:,.0f} a second of CPU; "
        f"{len(found.faults)} faults, at most {memory} MB\n"
    )
    if found.faults:
        raise RuntimeError(str(found.faults[0]))


def _many(by: Person, gtin: str, movements: int) -> None:
    """A ledger of that size, as years of work would leave it: every movement chained and vouched for."""
    pack = dictionary().pack_by_gtin(gtin)
    assert pack is not None
    accounts = dict(
        zip(
            ("supplier", "shelf", "patient"),
            ledger.accounts(by.site_id, (AccountKind.SUPPLIER, ""), SHELF, PATIENT),
            strict=True,
        )
    )
    each = max(2, movements // BATCHES)
    start = datetime.now(UTC) - timedelta(days=700)
    for number in range(BATCHES):
        batch = ledger.batch_of(by.site_id, pack, number=f"M{number}", printed=expiry("2099-02"))
        with transaction.atomic():
            _filled(batch, accounts, each, by=by, start=start + timedelta(minutes=number))


def _filled(
    batch: models.Batch, accounts: dict[str, Account], each: int, *, by: Person, start: datetime
) -> None:
    rows, head = [], Head(0, batch.chain_digest)
    for n in range(each):
        first = n == 0
        ends = ("supplier", "shelf") if first else ("shelf", "patient")
        at = start + timedelta(seconds=n, microseconds=n + 1)
        one = Movement(
            batch.pk, accounts[ends[0]], accounts[ends[1]], each if first else 1, at, at, by.id, f"many-{n}",
            Reason.RECEIPT if first else Reason.SUPPLY, about="" if first else f"line:{n}",
        )  # fmt: skip
        before, head = head.digest, advance(head, one.content())
        rows.append(
            models.Movement(
                batch=batch, place=head.count, source_id=one.source.id, target_id=one.target.id,
                amount=one.amount, happened_at=at, recorded_at=at, by_id=one.by, key=one.key,
                reason=one.reason.value, about=one.about, previous=before, digest=head.digest,
            )
        )  # fmt: skip
    models.Movement.objects.bulk_create(rows, batch_size=2000)
    models.Balance.objects.bulk_create(
        models.Balance(batch=batch, account_id=accounts[name].id, held=held, amount=amount)
        for name, held, amount in (
            ("supplier", False, -each), ("shelf", True, 1), ("patient", False, each - 1)
        )
    )  # fmt: skip
    models.Batch.objects.filter(pk=batch.pk).update(
        chain_count=head.count, chain_digest=head.digest, latest_at=rows[-1].recorded_at
    )
    command = models.Command(
        id=uuid.uuid4(), site_id=by.site_id, action="scale.many", key=batch.number, digest="0" * 64, at=start
    )
    command.save(force_insert=True)
    detail = {"movements": [row.digest for row in rows]}
    audit.append(command=command, by=by, subject=f"batch:{batch.pk}", detail=detail, result={})


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
