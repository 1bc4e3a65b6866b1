"""How many durable supplies a second, beside raw SQL that keeps the same promises? How long to prove a
million?

Reads PESTLE_DATABASE_URL. The floor writes, by the database's own driver, exactly the rows that the action
writes: the command with the digest of its request, the movement in its chain, both balances, the head, the
audit event in its keyed chain; locked alike, as durable, and proved by the same `verify` in the end. It and
the action take turns, so that whatever else the computer does slows both. Over HTTP a supply is a
prescription of one line handed out, with every check of that step. The book that is proved has an event for
each movement. An argument other than 1000000 makes another number of movements; a tenth of them is proved
first. Time on the clock is what the computer had left; CPU is this process's own."""

from __future__ import annotations

import os
import resource
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
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
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.scale import dispense
from tests.scale.served import said

from pestle.demo import people
from pestle.demo.load import make_demo
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.chain import Head, advance, canonical
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.web.actions.moving import move
from pestle.web.actions.stock import receive_batch
from pestle.web.store import audit, ledger, models, stock, verify
from pestle.web.store.knowledge import dictionary

SUPPLIES = 300
IN_A_BATCH = 500
SUPPLIER, SHELF, PATIENT = (AccountKind.SUPPLIER, ""), (AccountKind.SHELF, ""), (AccountKind.PATIENT, "")

_COMMAND = "INSERT INTO store_command (id, site_id, action, key, digest, at) VALUES (%s, %s, %s, %s, %s, %s)"
_MOVEMENT = (
    "INSERT INTO store_movement (batch_id, place, source_id, target_id, amount, happened_at, recorded_at,"
    " by_id, key, reason, about, why, previous, digest)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_EVENT = (
    "INSERT INTO store_auditevent (site_id, place, action, person_id, person_name, person_roles, at, subject,"
    " detail, result, command_id, previous, digest)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_GIVEN = (
    "INSERT INTO store_balance (batch_id, account_id, held, amount) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (account_id, batch_id) DO UPDATE SET amount = store_balance.amount + EXCLUDED.amount"
)
_BATCH_HEAD = "UPDATE store_batch SET chain_count = %s, chain_digest = %s, latest_at = %s WHERE id = %s"
_SITE_HEAD = "UPDATE store_audithead SET count = %s, digest = %s WHERE site_id = %s"


def main(movements: int) -> None:
    """Measures supplies, then makes a big ledger and proves it."""
    call_command("migrate", verbosity=0)
    make_demo(now=datetime.now(UTC))
    site = models.Site.objects.get(code="FZZ01")
    by = people.staff(site).technician
    pack = next(one for one in _packs() if one.gtins)
    say(f"{connection.vendor}, durable\n")
    batch = int(_received(by, pack, "SCALE", 9000).result["batch"])
    raw = _Raw()
    _measured(
        ("floor: raw SQL", _floor(raw, by, batch)),
        ("a supply through the action", lambda: _supply(by, batch)),
    )
    with CaptureQueriesContext(connection) as queries:
        _supply(by, batch)
    say(f"  with {len(queries)} statements\n")
    _, posted = dispense.dispensed(*dispense.prepared(datetime.now(UTC)))
    say(said("a supply over HTTP", posted["hand-out"]))
    _proved(site)
    for first, last in ((0, movements // 10), (movements // 10, movements)):
        began = time.process_time()
        _many(raw, by, pack, range(first // IN_A_BATCH, last // IN_A_BATCH))
        say(f"made {last - first:,} movements in {time.process_time() - began:.0f} s of CPU\n")
        began, clock = time.process_time(), time.perf_counter()
        held = len(stock.held(site.pk, on=datetime.now(UTC).date()))
        seconds, cpu = time.perf_counter() - clock, time.process_time() - began
        say(f"balances of {held:,} batches: {seconds:.2f} s, CPU {cpu:.2f} s\n")
        _proved(site)


def _packs() -> Iterator[Pack]:
    for product in dictionary().products():
        yield from dictionary().packs(product.id)


def _received(by: Person, pack: Pack, number: str, packs: int) -> Any:
    return receive_batch(
        by=by, now=datetime.now(UTC), key=str(uuid.uuid4()), gtin=pack.gtins[0], number=number,
        expiry_text="2099-01", packs=packs,
    )  # fmt: skip


def _supply(by: Person, batch: int) -> None:
    move(
        by=by, now=datetime.now(UTC), key=str(uuid.uuid4()), reason=Reason.SUPPLY, batch_id=batch, amount=1,
        source=SHELF, target=PATIENT,
    )  # fmt: skip


def _measured(*acts: tuple[str, Callable[[], None]]) -> None:
    seconds: list[list[float]] = [[] for _ in acts]
    cpu = [0.0 for _ in acts]
    for n in range(-20, SUPPLIES):
        for at, (_, act) in enumerate(acts):
            began, own = time.perf_counter(), time.process_time()
            act()
            if n >= 0:
                seconds[at].append(time.perf_counter() - began)
                cpu[at] += time.process_time() - own
    for (name, _), took, own in zip(acts, seconds, cpu, strict=True):
        share = sum(seconds[0]) / sum(took)
        say(f"{said(name, took).rstrip()}   CPU {own / SUPPLIES * 1e3:.2f} ms, {share:.0%} of the floor\n")


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
        return self._driver.execute(self._spelled(statement), values)

    def many(self, statement: str, rows: Iterable[Sequence[Any]]) -> None:
        self._driver.cursor().executemany(self._spelled(statement), rows)

    def _spelled(self, statement: str) -> str:
        return statement.replace("%s", "?").replace("FOR UPDATE", "") if self.sqlite else statement

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


class _Writer:
    """What one person writes, as the values of its rows."""

    def __init__(self, raw: _Raw, by: Person) -> None:
        self._raw, self._by = raw, by
        self._roles = sorted(role.value for role in by.roles)

    def command(self, batch: int, at: datetime) -> tuple[Any, tuple[Any, ...]]:
        request = canonical(
            {"by": self._by.id, "batch": batch, "amount": 1, "from": SHELF[1], "to": PATIENT[1]}
        )
        one = SimpleNamespace(
            id=uuid.uuid4(), site_id=self._by.site_id, action="scale.supply", key=str(uuid.uuid4()),
            digest=sha256(request).hexdigest(), at=at,
        )  # fmt: skip
        return one, (self._raw.uuid(one.id), one.site_id, one.action, one.key, one.digest, self._raw.time(at))

    def movement(self, one: Movement, head: Head) -> tuple[Head, tuple[Any, ...]]:
        after, at = advance(head, one.content()), self._raw.time(one.recorded_at)
        return after, (one.batch_id, after.count, one.source.id, one.target.id, one.amount, at, at, one.by,
                       one.key, one.reason.value, one.about, one.why, head.digest, after.digest)  # fmt: skip

    def event(self, command: Any, batch: int, digest: str, head: Head) -> tuple[Head, tuple[Any, ...]]:
        one: Any = SimpleNamespace(
            site_id=command.site_id, action=command.action, person_id=self._by.id, person_name=self._by.name,
            person_roles=self._roles, at=command.at, subject=f"batch:{batch}",
            detail={"movements": [digest]}, result={"batch": batch},
        )  # fmt: skip
        after, raw = advance(head, audit._content(one, command), key=settings.SIGNING_KEY), self._raw
        return after, (one.site_id, after.count, one.action, one.person_id, one.person_name,
                       raw.json(one.person_roles), raw.time(one.at), one.subject, raw.json(one.detail),
                       raw.json(one.result), raw.uuid(command.id), head.digest, after.digest)  # fmt: skip


def _floor(raw: _Raw, by: Person, batch: int) -> Callable[[], None]:
    shelf, patient = ledger.accounts(by.site_id, SHELF, PATIENT)
    write = _Writer(raw, by)

    def supply() -> None:
        now = datetime.now(UTC)
        with raw.transaction():
            command, values = write.command(batch, now)
            assert raw.ask(f"{_COMMAND} ON CONFLICT DO NOTHING", *values).rowcount == 1
            locked = raw.ask(
                "SELECT chain_count, chain_digest FROM store_batch WHERE id = %s FOR UPDATE", batch
            )
            taken = raw.ask(
                "UPDATE store_balance SET amount = amount - 1"
                " WHERE batch_id = %s AND account_id = %s AND amount >= 1",
                batch, shelf.id,
            )  # fmt: skip
            assert taken.rowcount == 1
            raw.ask(_GIVEN, batch, patient.id, False, 1)
            one = Movement(batch, shelf, patient, 1, now, now, by.id, command.key, Reason.SUPPLY)
            head, values = write.movement(one, Head(*locked.fetchone()))
            raw.ask(_MOVEMENT, *values)
            raw.ask(_BATCH_HEAD, head.count, head.digest, raw.time(now), batch)
            end = raw.ask(
                "SELECT count, digest FROM store_audithead WHERE site_id = %s FOR UPDATE", by.site_id
            )
            trail, values = write.event(command, batch, head.digest, Head(*end.fetchone()))
            raw.ask(_EVENT, *values)
            raw.ask(_SITE_HEAD, trail.count, trail.digest, by.site_id)

    return supply


def _proved(site: models.Site) -> None:
    began, clock = time.process_time(), time.perf_counter()
    found = verify.verify(site)
    cpu, clock = time.process_time() - began, time.perf_counter() - clock
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    began = time.process_time()
    audit.verify(site.pk)
    trail = time.process_time() - began
    say(
        f"verify: {found.movements:,} movements, {found.events:,} events in {clock:.1f} s, CPU {cpu:.1f} s: "
        f"{found.movements / cpu:,.0f} movements with their events a second of CPU; "
        f"{len(found.faults)} faults, at most {memory} MB\n"
        f"  the events by themselves {found.events / trail:,.0f} a second of CPU, "
        f"all the rest {found.movements / (cpu - trail):,.0f} movements a second of CPU\n"
    )
    if found.faults:
        raise RuntimeError(str(found.faults[0]))


def _many(raw: _Raw, by: Person, pack: Pack, numbers: Iterable[int]) -> None:
    """Batches as years of work would leave them: each received whole and supplied one by one, every movement
    by a command of its own, chained and vouched for."""
    start = datetime.now(UTC) - timedelta(days=700)
    for number in numbers:
        batch = ledger.batch_of(by.site_id, pack, number=f"M{number}", printed=expiry("2099-02"))
        _filled(raw, by, batch, start + timedelta(minutes=number))


def _filled(raw: _Raw, by: Person, batch: models.Batch, start: datetime) -> None:
    supplier, shelf, patient = ledger.accounts(by.site_id, SUPPLIER, SHELF, PATIENT)
    end = models.AuditHead.objects.get(pk=by.site_id)
    write, head, trail = _Writer(raw, by), Head(0, batch.chain_digest), Head(end.count, end.digest)
    commands, movements, events, at = [], [], [], start
    for n in range(IN_A_BATCH):
        at = start + timedelta(seconds=n, microseconds=n)
        command, values = write.command(batch.pk, at)
        commands.append(values)
        one = (
            Movement(
                batch.pk, shelf, patient, 1, at, at, by.id, command.key, Reason.SUPPLY, about=f"line:{n}"
            )
            if n
            else Movement(batch.pk, supplier, shelf, IN_A_BATCH, at, at, by.id, command.key, Reason.RECEIPT)
        )
        head, values = write.movement(one, head)
        movements.append(values)
        trail, values = write.event(command, batch.pk, head.digest, trail)
        events.append(values)
    with raw.transaction():
        for statement, rows in ((_COMMAND, commands), (_MOVEMENT, movements), (_EVENT, events)):
            raw.many(statement, rows)
        for account, amount in ((supplier, -IN_A_BATCH), (shelf, 1), (patient, IN_A_BATCH - 1)):
            raw.ask(_GIVEN, batch.pk, account.id, account.kind.held, amount)
        raw.ask(_BATCH_HEAD, head.count, head.digest, raw.time(at), batch.pk)
        raw.ask(_SITE_HEAD, trail.count, trail.digest, by.site_id)


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
