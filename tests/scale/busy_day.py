"""What does a busy day at the bench take, and is everything right afterwards?

Reads PESTLE_DATABASE_URL. A hundred prescriptions of three items are posted by a program while four people
(two technicians, an accuracy checker, a pharmacist) take them from entry to hand-out at once, each at a
browser of their own. Forms are sent twice in one moment, or again when they are stale; two people take the
same prescription; wrong packs are scanned, bags sent back, lines refused, and one medicine is owed until it
is delivered. Afterwards `pestle verify` proves the record, and stock, register, hand-outs and messages are
counted against the plan.
"""

from __future__ import annotations

import http.client
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.scale.at_work import COURSE, IN_REGISTER, ONCE, REFUSED, SHORT, STEPS, TWICE, AtWork, Day, items
from tests.scale.served import Visitor, served

# isort: split
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pestle.demo import people
from pestle.demo.drive import element_string, receive
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import another
from pestle.demo.stock import Delivery, deliver
from pestle.pharmacy.people import Person
from pestle.web.actions import people as people_actions
from pestle.web.actions import responsible
from pestle.web.store import models, tokens
from pestle.web.store.knowledge import dictionary

MANY = 100
WALKED = 3  # further ones, taken through by themselves to count queries


def main() -> None:
    """Prepares the site, lets the day pass, proves it, and prints what it took."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    day, secret = Day(), f"busy-{time.time_ns():x}"
    site = prepared(day, secret, now=now)
    cpu, pg_cpu = _used(resource.RUSAGE_CHILDREN), _postgres_seconds()
    with served() as port:
        began = time.perf_counter()
        own = _used(resource.RUSAGE_SELF)
        passed(day, port, secret)
        wall = time.perf_counter() - began
        own = _used(resource.RUSAGE_SELF) - own
    cpu = _used(resource.RUSAGE_CHILDREN) - cpu
    faults = [*proved(site), *counted(day)]
    _say(f"{connection.vendor}: {MANY} prescriptions of 3 items in {wall:.1f} s, "
         f"{MANY / wall * 3600:,.0f} an hour by four people who never pause")  # fmt: skip
    pg_cpu = _postgres_seconds() - pg_cpu
    _say(f"processor: server {cpu:.1f} s ({cpu / MANY * 1e3:.0f} ms each), people {own:.1f} s, "
         f"PostgreSQL {pg_cpu:.1f} s")  # fmt: skip
    queries = walked(day, secret)
    for step, seconds in sorted(day.seconds.items()):
        asked = queries.get(step)
        _say(_figures(step, seconds) + (f"   {asked} queries" if asked else ""))
    for name, number in sorted(day.refused.items()):
        _say(f"refused  {name:<44} {number:5}")
    for name, number in sorted(day.mishaps.items()):
        _say(f"mishap   {name:<44} {number:5}")
    for fault in faults:
        _say(f"WRONG: {fault}")
    if faults:
        sys.exit(1)
    _say("nothing lost, nothing twice; stock, register and record are right")


def prepared(day: Day, secret: str, *, now: datetime) -> models.Site:
    """A site with its people, a pharmacist in charge, a key for a program, and stock of all but one."""
    opened = now - timedelta(days=2)
    site = people.make_site(now=opened)
    staff = people.make_people(site, now=opened)
    responsible.sign_on(by=staff["ruth"], now=opened, key="busy day: in charge")
    people_actions.make_token(by=staff["mo"], now=now, key="busy day: token", name="The surgery", days=1,
                              digest=tokens.digest(secret))  # fmt: skip
    for item in (ONCE, TWICE, COURSE, REFUSED, IN_REGISTER):
        _deliver(item, day, by=staff["leon"], now=opened)
    return site


def _deliver(item: Item, day: Day, *, by: Person, now: datetime) -> None:
    product = next(one for one in dictionary().products() if one.name == item.medicine)
    pack = next(one for one in dictionary().packs(product.id) if one.quantity == int(item.quantity))
    deliver(Delivery(pack, f"D{pack.id[-3:]}", f"{now.year + 1}-12", 2 * MANY, 0), by=by, now=now)
    batch = models.Batch.objects.get(number=f"D{pack.id[-3:]}")
    day.batches[item.medicine], day.scans[item.medicine] = batch.number, "]d2" + element_string(batch)


def passed(day: Day, port: int, secret: str) -> None:
    """Everybody at work, and the messages coming in, until nothing is left to do."""
    steps = {
        "tess": ("hand_out", "assemble", "entry"), "leon": ("entry", "owings", "assemble", "hand_out"),
        "adam": ("accuracy",), "ruth": ("clinical",),
    }  # fmt: skip
    at_work = [
        AtWork(
            day,
            Visitor(port, username=name, password=people.PASSWORD),
            Visitor(port, username=name, password=people.PASSWORD),
            those,
        )
        for name, those in steps.items()
    ]
    with ThreadPoolExecutor(len(at_work) + 1) as together:
        doing = [together.submit(each.work) for each in at_work]
        doing.append(together.submit(_post_all, day, port, secret))
        try:
            while not day.over.is_set() and not any(one.done() and one.exception() for one in doing):
                time.sleep(0.2)
                _watch(day)
        finally:
            day.over.set()
    for one in doing:
        one.result()


def _watch(day: Day) -> None:
    """Delivers what is owed when nothing else is left, and ends the day when everything has left."""
    steps = Counter(models.Prescription.objects.values_list("step", flat=True))
    waiting = sum(steps.values()) - steps["closed"]
    if sum(steps.values()) < MANY:
        return
    if waiting == steps["owings"] and not day.delivered.is_set():
        leon = people.staff(models.Site.objects.get(code="FZZ01")).technician
        _deliver(SHORT, day, by=leon, now=datetime.now(UTC))
        day.delivered.set()
    elif not waiting:
        day.over.set()


def _post_all(day: Day, port: int, secret: str) -> None:
    """The messages, as a program posts them; every tenth twice."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    for number in range(MANY):
        data = _message(number, secret)
        for _ in range(2 if number % 10 == 9 else 1):
            began = time.perf_counter()
            line.request("POST", "/api/messages", body=data, headers={
                "Authorization": f"Bearer {secret}", "Content-Type": "application/fhir+json"})  # fmt: skip
            answer = line.getresponse()
            body = json.load(answer)
            if answer.status != 201:
                raise RuntimeError(f"message {number} was answered {answer.status}: {body}")
            with day.lock:
                day.seconds["message in"].append(time.perf_counter() - began)
                day.numbers[body["prescriptions"][0]] = number


def _message(number: int, key: str) -> bytes:
    now = datetime.now(UTC)
    return an_order(another(number, on=now.date()), items(number), signed_at=now - timedelta(minutes=5),
                    key=f"{key} {number}")  # fmt: skip


def proved(site: models.Site) -> Iterator[str]:
    """What `pestle verify` finds wrong."""
    ran = subprocess.run([sys.executable, "-m", "pestle.cli", "verify", "--site", site.code],
                         capture_output=True, text=True, env=os.environ)  # fmt: skip
    _say((ran.stdout + ran.stderr).strip().splitlines()[-1])
    if ran.returncode:
        yield ran.stdout + ran.stderr


def counted(day: Day) -> Iterator[str]:
    """Where what is on record is not what was planned: worked out from the plan alone."""
    given: Counter[str] = Counter()
    hand_outs: dict[int, int] = {}
    for id_, number in day.numbers.items():
        planned = items(number)
        given.update(item.medicine for item in planned if item is not REFUSED)
        hand_outs[id_] = 2 if SHORT in planned else 1

    def differs(what: str, wanted: object, found: object) -> Iterator[str]:
        if wanted != found:
            yield f"{what}: planned {wanted}, on record {found}"

    yield from differs("prescriptions", MANY, models.Prescription.objects.filter(step="closed").count())
    yield from differs("messages in", MANY, models.Message.objects.filter(direction="in").count())
    yield from differs("patients", MANY, models.Patient.objects.count())
    left = Counter(models.HandOut.objects.values_list("prescription_id", flat=True))
    yield from differs("hand-outs of each", hand_outs, dict(left))
    told = models.Message.objects.filter(direction="out", kind="dispense-notification").count()
    yield from differs("notifications", sum(hand_outs.values()), told)
    events = Counter(models.AuditEvent.objects.values_list("action", flat=True))
    yield from differs("events of a hand-out", sum(hand_outs.values()), events["dispensary.hand_out"])
    charged = models.Charge.objects.values("prescription").distinct().count()
    yield from differs("charges", models.Charge.objects.count(), charged)
    refused = sum(REFUSED in items(number) for number in day.numbers.values())
    states = Counter(models.Line.objects.values_list("state", flat=True))
    yield from differs("lines", {"supplied": 3 * MANY - refused, "refused": refused}, dict(states))
    for item in (ONCE, TWICE, COURSE, REFUSED, IN_REGISTER, SHORT):
        batch = models.Batch.objects.get(number=day.batches[item.medicine])
        held = {one.account.kind: one.amount for one in batch.balances.select_related("account") if one.held}
        wanted = (2 * MANY - given[item.medicine]) * batch.pack_amount
        yield from differs(f"on the shelf, {item.medicine}", wanted, held.get("shelf"))
        yield from differs(f"in bags, {item.medicine}", 0, held.get("prepared", 0))
        supplied = models.Supply.objects.filter(pick__batch=batch).count()
        yield from differs(f"packs supplied, {item.medicine}", given[item.medicine], supplied)
    entered = models.RegisterParticulars.objects.count()
    yield from differs("entries in the register", given[IN_REGISTER.medicine] + 1, entered)


class _Inside(Visitor):
    """The same without a server, so that the queries of each answer can be counted."""

    def __init__(self, username: str) -> None:
        self._client = Client(SERVER_NAME="localhost")
        user = models.User.objects.get(username=username)
        self._client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        self._token, self.queries = "", 0

    def _ask(
        self, method: str, path: str, body: str | None, more: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        with CaptureQueriesContext(connection) as asked:
            answer = self._client.generic(
                method, path, body or "", "application/x-www-form-urlencoded", headers=more
            )
        self.queries = len(asked)
        return answer.status_code, answer.content.decode()


class _Walking(AtWork):
    def __init__(self, day: Day, username: str) -> None:
        self.asked: dict[str, int] = {}
        self._inside = _Inside(username)
        super().__init__(day, self._inside, self._inside, STEPS)

    def _took(self, step: str, began: float) -> None:
        self.asked[step] = max(self.asked.get(step, 0), self._inside.queries)


def walked(day: Day, secret: str) -> dict[str, int]:
    """The queries of each step, the most of several prescriptions taken through one by one."""
    day, asked = Day(scans=day.scans), dict[str, int]()
    by = people.staff(models.Site.objects.get(code="FZZ01")).technician
    for number in range(MANY, MANY + WALKED):
        message = _message(number, secret)
        with CaptureQueriesContext(connection) as queries:
            done = receive(message, name=f"{number}.json", by=by, now=datetime.now(UTC))
        asked["message in"] = len(queries)
        day.numbers[done.result["prescriptions"][0]] = 0  # a plain one
    for step, name in zip(STEPS, ("tess", "ruth", "tess", "adam", "tess"), strict=False):
        person = _Walking(day, name)
        while person.one(step):
            pass
        asked |= person.asked
    return asked


def _figures(step: str, seconds: list[float]) -> str:
    ordered = sorted(seconds)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e3 for part in (0.5, 0.95, 0.99)]
    return f"{step:<20} {len(ordered):5}   p50 {at[0]:7.1f}   p95 {at[1]:7.1f}   p99 {at[2]:7.1f} ms"


def _postgres_seconds() -> float:
    """What the database server has used of the processor since it began; 0 where there is no server."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_read_file('postmaster.pid')")
        server = cursor.fetchone()[0].split()[0]
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            if stat.parent.name == server:
                used += sum(map(int, fields[11:15]))  # its own, and that of children that have ended
            elif fields[1] == server:
                used += sum(map(int, fields[11:13]))
    return used / os.sysconf("SC_CLK_TCK")


def _used(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
