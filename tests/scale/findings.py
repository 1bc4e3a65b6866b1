"""What do forty findings on a page cost, and a replay over a thousand prescriptions? Processor time.

Reads PESTLE_DATABASE_URL. The page is asked for as a pharmacist would, without a network between.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from tests.scale.served import said
from tests.web.many_findings import forty

from pestle.demo import checks, drive, people
from pestle.demo.load import make_demo
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import another
from pestle.web.actions import replays
from pestle.web.jobs import replay as job
from pestle.web.store import models

REPLAYED = 1_000
ASKED = 100
_ITEMS = (
    Item("Ramipril 5mg capsules", "28", "Take one capsule each morning"),
    Item("Spironolactone 25mg tablets", "28", "Take one tablet each morning"),
)


def main() -> None:
    """Fills the site, looks at one page again and again, replays."""
    logging.getLogger("pestle.request").setLevel(logging.WARNING)
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    make_demo(now=now)
    sys.stdout.write(f"{connection.vendor}\n{_page()}{_replay(now)}")


def _page() -> str:
    client = Client(SERVER_NAME="localhost")
    client.force_login(models.User.objects.get(username="ruth"), backend=settings.AUTHENTICATION_BACKENDS[0])
    prescription = models.Prescription.objects.get(order__message__name="k01.json").pk
    usual = [_timed(client, prescription) for _ in range(ASKED)]
    with pytest.MonkeyPatch.context() as patch:
        forty(patch)
        many = [_timed(client, prescription) for _ in range(ASKED)]
    return said("clinical check, as it is", usual) + said("clinical check, 40 findings", many)


def _timed(client: Client, prescription: int) -> float:
    began = time.process_time()
    assert client.get(f"/prescriptions/{prescription}/").status_code == 200
    return time.process_time() - began


def _replay(now: datetime) -> str:
    site = models.Site.objects.get(code="FZZ01")
    staff = people.staff(site)
    with transaction.atomic():
        for number in range(REPLAYED):
            data = an_order(another(number, on=now.date()), _ITEMS, signed_at=now - timedelta(hours=1),
                            key=f"scale {number}")  # fmt: skip
            done = drive.receive(data, name=f"{number}.json", by=staff.technician, now=now)
            pk = int(done.result["prescriptions"][0])
            drive.enter(pk, by=staff.technician, now=now)
            drive.approve(pk, by=staff.pharmacist, now=now)
    begun = replays.begin(
        by=staff.pharmacist, now=now, key="scale", definition=checks.REPLAYED, first=now.date(),
        last=now.date(), change=None, start=lambda _: None,
    )  # fmt: skip
    asked = [0]

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        asked[0] += 1
        return execute(*arguments)

    began = time.process_time()
    with connection.execute_wrapper(count):
        job.run_replay.func(int(begun.result["replay"]))
    took = time.process_time() - began
    row = models.Replay.objects.latest("pk")
    assert row.state == "done"
    assert row.result is not None
    return (
        f"replay: {row.looked_at:,} prescriptions in {took:.1f} s, {asked[0]:,} queries, "
        f"{sum(row.result['now'].values()):,} alerts\n"
    )


if __name__ == "__main__":
    main()
