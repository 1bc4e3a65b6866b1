"""How fast is the worklist with 10,000 open prescriptions, over HTTP, one process?

Reads PESTLE_DATABASE_URL. The prescriptions come in as messages through the action that people use.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

from django.core.management import call_command
from django.db import connection, transaction
from tests.scale.served import Visitor, said, served

from pestle.demo import people
from pestle.demo.drive import receive
from pestle.demo.load import make_demo
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import another
from pestle.web.store import models

OPEN = 10_000
ASKED = 200
_ITEMS = (
    Item("Amoxicillin 250mg capsules", "21", "Take ONE capsule THREE times a day"),
    Item("Paracetamol 500mg tablets", "100", "Take TWO tablets FOUR times a day"),
)


def main() -> None:
    """Fills the list, then asks for it again and again."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    make_demo(now=now)
    fill(now)
    with served() as port:
        visitor = Visitor(port, username="tess", password=people.PASSWORD)
        first = timed(visitor, "/")
        lines = [
            said("worklist, first page of a step", [timed(visitor, "/") for _ in range(ASKED)]),
            said(
                "worklist, by patient, page 100",
                [timed(visitor, "/?sort=patient&page=100") for _ in range(ASKED)],
            ),
        ]
    sys.stdout.write(
        f"{connection.vendor}, {models.Prescription.objects.exclude(step='closed').count():,} open\n"
    )
    sys.stdout.write(f"first request {first * 1e3:.0f} ms\n" + "".join(lines))


def fill(now: datetime) -> None:
    """Takes in messages until there are `OPEN` open prescriptions."""
    site = models.Site.objects.get(code="FZZ01")
    tech = people.staff(site).technician
    missing = OPEN - models.Prescription.objects.exclude(step="closed").count()
    began = time.perf_counter()
    # One transaction for many messages: this measures the list, not the disk.
    for start in range(0, missing, 500):
        with transaction.atomic():
            for number in range(start, min(start + 500, missing)):
                patient = another(number, on=now.date())
                signed = now - timedelta(minutes=number % 600 + 1)
                data = an_order(patient, _ITEMS[: number % 2 + 1], signed_at=signed, key=f"scale {number}")
                receive(data, name=f"{number}.json", by=tech, now=now)
    rate = missing / (time.perf_counter() - began)
    sys.stdout.write(f"taken in: {missing:,} messages, {rate:,.0f} a second\n")


def timed(visitor: Visitor, path: str) -> float:
    """Seconds for one page."""
    began = time.perf_counter()
    status, _ = visitor.get(path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
