"""How fast is a practice taken in, and are its pages quick with 10,000 patients and ten years of history?

Reads PESTLE_DATABASE_URL. The files are those that a record system exports, taken in by the action that
people use; the lists of monitoring and reviews are worked out, letters come and repeats are asked for; then
every page of the practice is asked for over HTTP, one process. SCALE_PATIENTS and SCALE_YEARS make it
smaller.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test.client import Client
from django.test.utils import CaptureQueriesContext
from tests.scale.served import Visitor, said, served

from pestle.demo.extract import SYSTEM, Export
from pestle.demo.people import PASSWORD
from pestle.demo.surgery import Practice, make_practice
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Settled
from pestle.pharmacy.practice.request import From
from pestle.web.actions import bulk_import, letters, requests
from pestle.web.actions.requests import Seen
from pestle.web.jobs.monitoring import work_out
from pestle.web.store import letters as stored
from pestle.web.store import medicines_list, models
from pestle.web.store.knowledge import dictionary, prepare
from pestle.web.store.monitoring import patients_of

PATIENTS = int(os.environ.get("SCALE_PATIENTS", "10000"))
YEARS = int(os.environ.get("SCALE_YEARS", "10"))
ASKED = 60
WAITING = 200


def main() -> None:
    """Takes the practice in, works its lists out, and asks for every page."""
    call_command("migrate", verbosity=0)
    prepare()
    now = datetime.now(UTC)
    practice = make_practice(now=now)
    sys.stdout.write(f"{connection.vendor}, {PATIENTS:,} patients, {YEARS} years\n")
    take_in(practice, now)
    work_out_lists(practice, now)
    take_in_letters(practice, now)
    ask_for_repeats(practice, now)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    client = Client(SERVER_NAME="localhost")
    client.force_login(models.User.objects.get(username="dana"))
    with served() as port:
        visitor = Visitor(port, username="dana", password=PASSWORD)
        for name, path in pages():
            client.get(path)
            with CaptureQueriesContext(connection) as queries:
                cpu = time.process_time()
                client.get(path)
                cpu = time.process_time() - cpu
            seconds = [timed(visitor, path) for _ in range(ASKED)]
            told = f"{name}, {len(queries)} queries, {cpu * 1e3:.0f} ms of CPU"
            sys.stdout.write(said(f"{told:<60}", seconds))
            sys.stdout.flush()


def take_in(practice: Practice, now: datetime) -> None:
    """The files of all patients, each with its rate and the memory that the process has taken by then."""
    codes = {entry.name: entry.id for entry in dictionary().entries()}
    with tempfile.TemporaryDirectory() as folder:
        export = Export(PATIENTS, on=now.date(), years=YEARS, codes=codes)
        for part, path in export.write(Path(folder)).items():
            wall, cpu = time.perf_counter(), time.process_time()
            done = bulk_import.take_in(
                by=practice.people["priya"], now=now, key=f"scale {part.value}", path=path, name=path.name,
                system=SYSTEM, part=part, as_at=now,
            ).result  # fmt: skip
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            row = models.BulkImport.objects.get(pk=done["import"])
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            sys.stdout.write(
                f"{part.value}: {row.rows:,} rows, {row.size / 1e6:,.0f} MB, {wall:,.0f} s"
                f" ({cpu:,.0f} s of this process), {row.rows / wall:,.0f} rows a second,"
                f" {memory:,.0f} MB at the most, {row.counts}\n"
            )
            sys.stdout.flush()


def work_out_lists(practice: Practice, now: datetime) -> None:
    """The lists of monitoring and of reviews, as the morning's timer works them out."""
    wall, cpu, number = time.perf_counter(), time.process_time(), 0
    for patient in patients_of(practice.site):
        work_out(patient, now=now)
        number += 1
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    sys.stdout.write(
        f"lists: {number:,} patients worked out in {wall:,.0f} s, {cpu / number * 1e3:.1f} ms of CPU each,"
        f" {models.MonitoredPatient.objects.filter(listed=True).count():,} on the monitoring list\n"
    )
    sys.stdout.flush()


def take_in_letters(practice: Practice, now: datetime) -> None:
    """Letters of which each leaves out one medicine of the list; every fourth waits for the pharmacist."""
    for number, patient in enumerate(longest_lists(practice)):
        lines = medicines_list.lines(patient)[1:]
        text = "\n".join(
            f"{line.name} - {dosage.text if (dosage := line.order.request.dosage) else ''}" for line in lines
        )
        came = (now - timedelta(days=number % 9)).date()
        letter = letters.take_in(
            by=practice.people["priya"], now=now, key=f"scale letter {number}", patient_id=patient.pk,
            arrived=letters.Arrived(text.encode(), "Ashcombe General", "discharge", came),
        ).result["letter"]  # fmt: skip
        if number % 4 == 0:
            row = stored.here(practice.site.pk, letter)
            assert row is not None
            asked = {each.key: Settled(Outcome.QUERY, "Is it stopped?") for each in stored.look(row).open}
            letters.settle(
                by=practice.people["priya"], now=now, key=f"scale question {number}", letter_id=letter,
                seen=None, settled=asked,
            )  # fmt: skip


def longest_lists(practice: Practice) -> Iterable[models.Patient]:
    """The patients with the most medicines."""
    return (
        models.Patient.objects.filter(site=practice.site).select_related("site")
        .annotate(number=Count("listed")).filter(number__gt=1).order_by("-number", "pk")[:WAITING]
    )  # fmt: skip


def ask_for_repeats(practice: Practice, now: datetime) -> None:
    """A morning's requests, a part of them prepared."""
    lines = models.ListedMedicine.objects.filter(
        site=practice.site, status="active", issues=0, authorised_until__gt=now.date()
    )
    for number, row in enumerate(lines.filter(asked=None).order_by("-pk")[:WAITING]):
        asked = requests.ask(
            by=practice.people["nina"], now=now, key=f"scale ask {number}", patient_id=row.patient_id,
            came_from=From.PHARMACY, name="High Street Pharmacy", listed=[row.pk],
        )  # fmt: skip
        if number % 4 == 0:
            seen = [
                Seen(line.pk, line.version)
                for line in models.RequestLine.objects.filter(request=asked.result["request"])
            ]
            requests.step(
                by=practice.people["priya"], now=now, key=f"scale step {number}", lines=seen, verb="prepare",
                words="goes away",
            )  # fmt: skip


def pages() -> list[tuple[str, str]]:
    """Every page of the practice, those of a patient for the one with the most medicines."""
    fullest = (
        models.ListedMedicine.objects.values("patient").annotate(number=Count("pk"))
        .order_by("-number").first()
    )  # fmt: skip
    assert fullest is not None
    patient = fullest["patient"]
    line = models.ListedMedicine.objects.filter(patient=patient).latest("pk").pk
    asked = models.RequestLine.objects.filter(state="waiting").earliest("pk").patient_id
    letter = models.LetterStanding.objects.order_by("-left", "pk")[0].pk
    monitored = models.MonitoredPatient.objects.filter(listed=True).order_by("pk")[0].patient_id
    needs = models.ReviewNeed.objects.order_by("patient")[0].patient_id
    return [
        ("home", "/"),
        ("patients", "/patients/"),
        ("patient", f"/patients/{patient}/"),
        ("medicines list", f"/practice/patients/{patient}/medicines/"),
        ("one line", f"/practice/patients/{patient}/medicines/{line}/"),
        ("to authorise", "/practice/to-authorise/"),
        ("to enter", "/practice/to-enter/"),
        ("requests", "/practice/requests/"),
        ("one request, with checks", f"/practice/requests/patients/{asked}/"),
        ("to sign", "/practice/to-sign/"),
        ("signed", "/practice/signed/"),
        ("ordering and waste", "/practice/ordering/"),
        ("not ordered", "/practice/ordering/?show=not-ordered"),
        ("who suits repeat dispensing", "/practice/repeat-dispensing/"),
        ("repeat dispensing of one", f"/practice/repeat-dispensing/{patient}/"),
        ("letters", "/practice/letters/"),
        ("questions of letters", "/practice/letters/?show=questions"),
        ("one letter", f"/practice/letters/{letter}/"),
        ("discrepancies", "/practice/letters/discrepancies/"),
        ("monitoring", "/practice/monitoring/"),
        ("monitoring, its last page", "/practice/monitoring/?show=all&page=50"),
        ("tests to request", "/practice/monitoring/?show=arrange"),
        ("monitoring of one", f"/practice/monitoring/patients/{monitored}/"),
        ("reviews, the cohort", "/practice/reviews/?show=cohort"),
        ("reviews, the plan", "/practice/reviews/plan/"),
        ("reviews of one", f"/practice/reviews/patients/{needs}/"),
        ("imports", "/practice/imports/"),
        ("queries", "/queries/"),
        ("tasks", "/tasks/"),
    ]


def timed(visitor: Visitor, path: str) -> float:
    """Seconds for one page."""
    began = time.perf_counter()
    status, _ = visitor.get(path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
