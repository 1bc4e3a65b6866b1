"""What do measures of a practice's own patients cost: to ask them, and to look at what was found?

Reads PESTLE_DATABASE_URL. The patients come in as the export of a practice, through the action that people
use; their number is the first argument (default: 10,000). Times are CPU seconds of this process.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pestle.demo import measures as demo_measures
from pestle.demo import surgery
from pestle.pharmacy.people import Role
from pestle.web.actions import measures
from pestle.web.jobs import measures as job
from pestle.web.store import models
from pestle.web.store.knowledge import prepare

ASKED = 20
NAMES = (*demo_measures.ASKED, "pincer_a", "pincer_ac", "pincer_b", "qof_hyp", "smr_polypharmacy")
SENT = "gap_clearance"


def main(patients: int) -> None:
    """Fills the practice, asks ten measures twice, sends one to the worklist, and looks at the pages."""
    call_command("migrate", verbosity=0)
    prepare()
    now = datetime.now(UTC)
    surgery.PATIENTS = patients
    made: list[surgery.Practice] = []
    _say("taken in", lambda: made.append(surgery.make_practice(now=now)))
    priya = made[0].people["priya"]
    facts = sum(table.objects.count() for table in (models.Issue, models.ObservationFact, models.OrderFact))
    sys.stdout.write(f"{connection.vendor}: {models.Patient.objects.count():,} patients, {facts:,} facts\n")
    for again in ("first", "again"):
        run = measures.begin(
            by=priya, now=now, key=again, names=NAMES, source="", start=lambda _: None
        ).result["run"]  # fmt: skip

        def ask(run: int = run) -> None:
            job.run_measures.func(run)

        with CaptureQueriesContext(connection) as used:
            _say(f"{len(NAMES)} measures asked, {again}", ask)
        sys.stdout.write(f"  {len(used):,} queries\n")
    result = models.MeasureResult.objects.filter(measure=SENT).latest("pk")
    _say(f"{result.found:,} sent to the worklist", lambda: measures.send(
        by=priya, now=now, key="send", result_id=result.pk, findings=None, role=Role.TECHNICIAN,
        owner_id=None, due_on=now.date(),
    ))  # fmt: skip
    client = Client(SERVER_NAME="localhost")
    client.force_login(models.User.objects.get(pk=priya.id), backend=settings.AUTHENTICATION_BACKENDS[0])
    for path in (
        "/measures/", "/measures/?group=Data quality", f"/measures/{SENT}/",
        f"/measures/{SENT}/?show=resolved", "/tasks/",
    ):  # fmt: skip
        client.get(path)
        began = time.process_time()
        for _ in range(ASKED):
            if client.get(path).status_code != 200:
                raise RuntimeError(path)
        each = (time.process_time() - began) / ASKED
        sys.stdout.write(f"{path}: {each * 1e3:.0f} ms CPU\n")


def _say(what: str, do: Callable[[], Any]) -> None:
    began, wall = time.process_time(), time.perf_counter()
    do()
    sys.stdout.write(f"{what}: {time.process_time() - began:.1f} s CPU, {time.perf_counter() - wall:.1f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
