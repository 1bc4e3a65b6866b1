"""How fast are the lists of monitoring and reviews at a practice, and how long does it take to work them out?

Reads PESTLE_DATABASE_URL. The practice's export of so many patients, with ten years of issues and results,
comes in as from people; PATIENTS says how many (10,000 unless said).
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from tests.scale.served import Visitor, said, served
from tests.scale.worklist import timed

from pestle.demo import people, surgery
from pestle.demo.extract import SYSTEM, Export
from pestle.web.actions import bulk_import
from pestle.web.jobs.monitoring import work_out
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary
from pestle.web.store.monitoring import patients_of

PATIENTS = int(os.environ.get("PATIENTS", "10000"))
YEARS = 10
ASKED = 100
PATHS = (
    "/practice/monitoring/", "/practice/monitoring/?show=all&page=50", "/practice/monitoring/?show=arrange",
    "/practice/reviews/?show=cohort", "/practice/reviews/plan/", "/",
)  # fmt: skip


def main() -> None:
    """Fills the practice, works its lists out, then asks for them again and again."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    practice = surgery.make_practice(now=now)
    fill(practice, now)
    began, cpu = time.perf_counter(), time.process_time()
    number = 0
    for patient in patients_of(practice.site):
        work_out(patient, now=now)
        number += 1
    wall, spent = time.perf_counter() - began, time.process_time() - cpu
    sys.stdout.write(
        f"{connection.vendor}: {number:,} patients worked out in {wall:,.0f} s, "
        f"{spent / number * 1e3:.1f} ms of CPU each\n"
    )
    with served() as port:
        visitor = Visitor(port, username="priya", password=people.PASSWORD)
        lines = [said(path, [timed(visitor, path) for _ in range(ASKED)]) for path in PATHS]
    listed = models.MonitoredPatient.objects.filter(listed=True).count()
    sys.stdout.write(f"{listed:,} on the monitoring list\n" + "".join(lines))


def fill(practice: surgery.Practice, now: datetime) -> None:
    """Takes in the export of all patients but those that the practice has."""
    codes = {entry.name: entry.id for entry in dictionary().entries()}
    first = surgery.PATIENTS
    export = Export(max(0, PATIENTS - first), on=now.date(), years=YEARS, codes=codes, first=first)
    with TemporaryDirectory() as folder:
        for part, path in export.write(Path(folder)).items():
            bulk_import.take_in(
                by=practice.people["priya"], now=now, path=path, key=f"scale-{part.value}", name=path.name,
                system=SYSTEM, part=part, as_at=now - timedelta(hours=1),
            )  # fmt: skip


if __name__ == "__main__":
    main()
