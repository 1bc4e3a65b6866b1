"""Every route of the site in one table: who may come in, by which methods, and what every answer carries.

A route that is not in the table fails here, and so does one that became public by accident.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.web.actions.bench import FUROSEMIDE, MORPHINE_60, NOW, Bench, a_key, open_bench
from tests.web.actions.near_misses import told
from tests.web.actions.test_patient_tasks import task
from tests.web.desk import SITE, Desk, stand_still

from pestle.pharmacy.ledger.account import AccountKind
from pestle.web.actions import differences, near_misses, queries, typing_in
from pestle.web.middleware import SignInRequired
from pestle.web.store import models, register

pytestmark = pytest.mark.pages

GET, POST, BOTH = frozenset({"GET"}), frozenset({"POST"}), frozenset({"GET", "POST"})
# Doors of programs, which ask for a key of their own.
API = {"api/messages", "api/requests", "api/messages/<int:message_id>/answer"}
TEAM, DISPENSARY, MANAGERS, PUBLIC = "team", "dispensary", "managers", "public"
MEASURERS = "measurers"


@dataclass(frozen=True)
class Route:
    """`who`: anybody of the team, technicians and pharmacists only, managers and pharmacists only, whoever
    may look at measures (all of the team here), or the public.

    `methods` are those that are not answered 405.
    """

    who: str
    methods: frozenset[str]


ROUTES = {
    "": Route(TEAM, BOTH),
    # What a site of this kind does not have: tests/web/test_practice_pages.py comes in at a practice.
    "practice/patients/<int:patient_id>/medicines/": Route(TEAM, GET),
    "practice/patients/<int:patient_id>/medicines/change": Route(TEAM, BOTH),
    "practice/patients/<int:patient_id>/medicines/<int:listed_id>/": Route(TEAM, BOTH),
    "practice/agreements/<int:message_id>": Route(TEAM, GET),
    "practice/traffic-lights/": Route(TEAM, BOTH),
    "practice/to-authorise/": Route(TEAM, BOTH),
    "practice/sent-back/": Route(TEAM, GET),
    "practice/to-enter/": Route(TEAM, BOTH),
    "practice/imports/": Route(TEAM, BOTH),
    "practice/requests/": Route(TEAM, GET),
    "practice/requests/new": Route(TEAM, BOTH),
    "practice/requests/sheet": Route(TEAM, BOTH),
    "practice/requests/sheets/<int:sheet_id>/": Route(TEAM, GET),
    "practice/requests/documents/<int:message_id>": Route(TEAM, GET),
    "practice/requests/patients/<int:patient_id>/": Route(TEAM, BOTH),
    "practice/to-sign/": Route(TEAM, BOTH),
    "practice/repeat-dispensing/": Route(TEAM, GET),
    "practice/repeat-dispensing/<int:patient_id>/": Route(TEAM, BOTH),
    "practice/ordering/": Route(TEAM, BOTH),
    "practice/ordering.csv": Route(TEAM, GET),
    "practice/signed/": Route(TEAM, GET),
    "practice/signed/<int:issued_id>/token.pdf": Route(TEAM, GET),
    "practice/imports/<int:import_id>/": Route(TEAM, GET),
    "practice/imports/<int:import_id>/refused.csv": Route(TEAM, GET),
    "practice/monitoring/": Route(TEAM, BOTH),
    "practice/monitoring.csv": Route(TEAM, GET),
    "practice/monitoring/patients/<int:patient_id>/": Route(TEAM, BOTH),
    "practice/monitoring/runs/": Route(TEAM, GET),
    "practice/monitoring/runs/<int:batch_id>/": Route(TEAM, BOTH),
    "practice/monitoring/runs/<int:batch_id>/letters.pdf": Route(TEAM, GET),
    "practice/monitoring/runs/<int:batch_id>/messages.csv": Route(TEAM, GET),
    "practice/monitoring/runs/<int:batch_id>/tests.csv": Route(TEAM, GET),
    "practice/reviews/": Route(TEAM, BOTH),
    "practice/reviews.csv": Route(TEAM, GET),
    "practice/reviews/plan/": Route(TEAM, BOTH),
    "practice/reviews/outcomes/": Route(TEAM, BOTH),
    "practice/reviews/patients/<int:patient_id>/": Route(TEAM, BOTH),
    "practice/reviews/<int:review_id>/": Route(TEAM, BOTH),
    "practice/reviews/<int:review_id>/pack.pdf": Route(TEAM, GET),
    "practice/letters/": Route(TEAM, GET),
    "practice/letters/new": Route(TEAM, BOTH),
    "practice/letters/<int:letter_id>/": Route(TEAM, BOTH),
    "practice/letters/<int:letter_id>/patient.pdf": Route(TEAM, GET),
    "practice/letters/<int:letter_id>/answer.pdf": Route(TEAM, GET),
    "practice/letters/documents/<int:message_id>": Route(TEAM, GET),
    "practice/letters/discrepancies/": Route(TEAM, GET),
    "practice/letters/discrepancies.csv": Route(TEAM, GET),
    "worklist.csv": Route(TEAM, GET),
    "prescriptions/type-in": Route(TEAM, BOTH),
    "scans/<int:scan_id>": Route(DISPENSARY, GET),
    "prescriptions/<int:prescription_id>/": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/emergency": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/paper": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/prescription-came": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/claim": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/hand-back": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/entry": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/return-to-entry": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/clinical-check": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/decide-waiting": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/must-speak": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/spoke": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/draft": Route(TEAM, POST),
    "prescriptions/<int:prescription_id>/refer": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/answer": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/labels": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/labels.pdf": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/scan": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/undo-pick": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/assembled": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/self-check": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/rescan": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/accuracy-check": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/near-miss": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/withhold": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/keep": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/owe": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/owe-all": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/assemble-rest": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/promise": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/remind": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/return-to-stock": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/undo-return": Route(TEAM, BOTH),
    "label-runs/": Route(TEAM, BOTH),
    "label-runs/<int:run_id>/": Route(TEAM, GET),
    "label-runs/<int:run_id>/go-on": Route(TEAM, BOTH),
    "label-runs/<int:run_id>/labels.pdf": Route(TEAM, GET),
    "paper-bundle/": Route(TEAM, GET),
    "paper-bundle.csv": Route(TEAM, GET),
    "repeats/": Route(TEAM, BOTH),
    "repeats.csv": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/before-issue": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/propose-instead": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/supply-instead": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/supply-as-prescribed": Route(TEAM, BOTH),
    "bags/": Route(TEAM, GET),
    "bags.csv": Route(TEAM, GET),
    "bags/pack": Route(TEAM, POST),
    "bags/tell": Route(TEAM, BOTH),
    "bags/told/<uuid:batch>/": Route(TEAM, GET),
    "bags/told/<uuid:batch>/texts.csv": Route(TEAM, GET),
    "bags/told/<uuid:batch>/letters.pdf": Route(TEAM, GET),
    "bags/<int:bag_id>/": Route(TEAM, BOTH),
    "bags/<int:bag_id>/labels.pdf": Route(TEAM, GET),
    "rounds/": Route(TEAM, BOTH),
    "rounds/<int:round_id>/": Route(TEAM, BOTH),
    "rounds/<int:round_id>/sheet.pdf": Route(TEAM, GET),
    "rounds/stops/<int:stop_id>/": Route(TEAM, BOTH),
    "patients/<int:patient_id>/contact": Route(TEAM, BOTH),
    "manage/shelves": Route(MANAGERS, BOTH),
    "manage/shelves.pdf": Route(MANAGERS, GET),
    "not-collected": Route(TEAM, GET),
    "not-collected.csv": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/owing-slip.pdf": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/return-to-service": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/payment": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/hand-out": Route(TEAM, BOTH),
    "prescriptions/<int:prescription_id>/dispense-notification.json": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/story": Route(TEAM, GET),
    "prescriptions/<int:prescription_id>/instalments": Route(TEAM, BOTH),
    "labels/<str:code>/reprint": Route(TEAM, POST),
    "search": Route(TEAM, POST),
    "scan": Route(TEAM, POST),
    "patients/": Route(TEAM, BOTH),
    "patients/<int:patient_id>/": Route(TEAM, GET),
    "patients/<int:patient_id>/allergies": Route(TEAM, POST),
    "patients/<int:patient_id>/no-known-allergies": Route(TEAM, POST),
    "patients/<int:patient_id>/retract-allergy": Route(TEAM, POST),
    "patients/<int:patient_id>/correct": Route(TEAM, POST),
    "patients/<int:patient_id>/record.json": Route(TEAM, GET),
    "patients/<int:patient_id>/record/": Route(TEAM, GET),
    "patients/<int:patient_id>/record/results/<str:kind>": Route(TEAM, GET),
    "patients/<int:patient_id>/record/import": Route(TEAM, BOTH),
    "patients/<int:patient_id>/record/import/confirm": Route(TEAM, POST),
    "patients/<int:patient_id>/record/result": Route(TEAM, POST),
    "patients/<int:patient_id>/record/correct-result": Route(TEAM, POST),
    "patients/<int:patient_id>/record/statement": Route(TEAM, POST),
    "patients/<int:patient_id>/record/condition": Route(TEAM, POST),
    "patients/<int:patient_id>/record/retract": Route(TEAM, POST),
    "queries/": Route(TEAM, GET),
    "queries.csv": Route(TEAM, GET),
    "queries/ask": Route(TEAM, BOTH),
    "queries/<int:query_id>/": Route(TEAM, BOTH),
    "queries/<int:query_id>/letter.pdf": Route(TEAM, GET),
    "calls/log": Route(TEAM, BOTH),
    "tasks/": Route(TEAM, BOTH),
    "tasks.csv": Route(TEAM, GET),
    "tasks/<int:task_id>/": Route(TEAM, BOTH),
    "responsible/": Route(TEAM, BOTH),
    "responsible/notice.pdf": Route(TEAM, GET),
    "responsible/record.pdf": Route(TEAM, GET),
    "responsible/record.csv": Route(TEAM, GET),
    "stock/": Route(TEAM, BOTH),
    "stock/receive": Route(TEAM, BOTH),
    "stock/batches/<int:batch_id>/": Route(TEAM, GET),
    "stock/discrepancies/": Route(TEAM, GET),
    "stock/discrepancies/<int:discrepancy_id>/": Route(TEAM, GET),
    "stock/discrepancies/<int:discrepancy_id>/look-into": Route(TEAM, POST),
    "stock/discrepancies/<int:discrepancy_id>/close": Route(TEAM, POST),
    "stock/batches/<int:batch_id>/move": Route(TEAM, BOTH),
    "stock/orders/": Route(TEAM, BOTH),
    "stock/orders/suggested": Route(TEAM, BOTH),
    "stock/orders/<int:order_id>/": Route(TEAM, BOTH),
    "stock/orders/<int:order_id>/order.pdf": Route(TEAM, GET),
    "stock/orders/<int:order_id>/order.csv": Route(TEAM, GET),
    "stock/alerts/": Route(TEAM, BOTH),
    "stock/alerts/<int:alert_id>/": Route(TEAM, BOTH),
    "stock/alerts/<int:alert_id>/list.csv": Route(TEAM, GET),
    "stock/places/": Route(TEAM, BOTH),
    "stock/places/<int:account_id>/": Route(TEAM, BOTH),
    "stock/places/<int:account_id>/temperature": Route(TEAM, BOTH),
    "stock/places/<int:account_id>/temperature.csv": Route(TEAM, GET),
    "stock/outlook/": Route(TEAM, GET),
    "stock/outlook.csv": Route(TEAM, GET),
    "stock/takes/": Route(TEAM, BOTH),
    "stock/takes/<int:take_id>/": Route(TEAM, BOTH),
    "stock/transfers/": Route(TEAM, GET),
    "stock/transfers/<int:transfer_id>/settle": Route(TEAM, BOTH),
    "stock/waste/": Route(TEAM, GET),
    "stock/waste.csv": Route(TEAM, GET),
    "stock.csv": Route(TEAM, GET),
    "instalments/": Route(TEAM, GET),
    "register/": Route(TEAM, GET),
    "register/<str:page_id>/": Route(TEAM, GET),
    "register/<str:page_id>/note": Route(TEAM, POST),
    "register/<str:page_id>.csv": Route(TEAM, GET),
    "register/<str:page_id>.pdf": Route(TEAM, GET),
    "register/<str:page_id>/check": Route(TEAM, BOTH),
    "register/<str:page_id>/destroy": Route(TEAM, BOTH),
    "register/pom/": Route(TEAM, GET),
    "register/pom.csv": Route(TEAM, GET),
    "register/interval": Route(TEAM, POST),
    "register/<str:page_id>/return": Route(TEAM, BOTH),
    "register/<str:page_id>/set-aside": Route(TEAM, BOTH),
    "stock/batches/<int:batch_id>/undo": Route(TEAM, BOTH),
    "stock/batches/<int:batch_id>/open": Route(TEAM, BOTH),
    "register/requisitions/": Route(TEAM, GET),
    "register/requisitions.csv": Route(TEAM, GET),
    "register/requisitions/supply": Route(TEAM, BOTH),
    "register/requisitions/<int:requisition_id>/": Route(TEAM, GET),
    "register/requisitions/<int:requisition_id>.pdf": Route(TEAM, GET),
    "register/requisitions/<int:requisition_id>/sent": Route(TEAM, POST),
    "register/returns/": Route(TEAM, BOTH),
    "register/returns/<int:return_id>/": Route(TEAM, BOTH),
    "claims/": Route(TEAM, BOTH),
    "claims.csv": Route(TEAM, GET),
    "messages/<int:message_id>/answer": Route(TEAM, POST),
    "messages/": Route(TEAM, GET),
    "messages/ask-for-release": Route(TEAM, POST),
    "messages/upload": Route(TEAM, BOTH),
    "messages/<int:message_id>/": Route(TEAM, GET),
    "messages/<int:message_id>/file": Route(TEAM, GET),
    "messages/<int:message_id>/try-again": Route(TEAM, POST),
    "messages/<int:message_id>/close": Route(TEAM, POST),
    "calculators/": Route(TEAM, BOTH),
    "calculators/<slug:calculator>/": Route(TEAM, BOTH),
    "patients/<int:patient_id>/calculators/": Route(TEAM, BOTH),
    "patients/<int:patient_id>/calculators/<slug:calculator>/": Route(TEAM, BOTH),
    "medicines/": Route(TEAM, BOTH),
    "medicines/<str:product_id>/": Route(TEAM, GET),
    "definitions/": Route(TEAM, BOTH),
    "definitions/<path:file>/": Route(TEAM, GET),
    "definitions/<path:file>/tune": Route(TEAM, POST),
    "definitions/<path:file>/sign": Route(TEAM, POST),
    "definitions/<path:file>/withdraw": Route(TEAM, POST),
    "definitions/<path:file>/state": Route(TEAM, POST),
    "definitions/<path:file>/replay": Route(MANAGERS, POST),
    "replays/": Route(MANAGERS, GET),
    "replays/<int:replay_id>/": Route(MANAGERS, GET),
    "replays/<int:replay_id>/stop": Route(MANAGERS, POST),
    "replays/<int:replay_id>/again": Route(MANAGERS, POST),
    "measures/": Route(MEASURERS, BOTH),
    "measures/begin": Route(MEASURERS, POST),
    "measures/runs/": Route(MEASURERS, GET),
    "measures/runs/<int:measure_run_id>/": Route(MEASURERS, GET),
    "measures/runs/<int:measure_run_id>/stop": Route(MEASURERS, POST),
    "measures/runs/<int:measure_run_id>/pack.pdf": Route(MEASURERS, GET),
    "measures/runs/<int:measure_run_id>/patients.xlsx": Route(MEASURERS, GET),
    "measures/runs/<int:measure_run_id>/outside.csv": Route(MEASURERS, GET),
    "measures/<str:measure>/": Route(MEASURERS, BOTH),
    "measures/<str:measure>/schedule": Route(MEASURERS, POST),
    "measures/<str:measure>/send": Route(MEASURERS, POST),
    "measures/<str:measure>/patients.csv": Route(MEASURERS, GET),
    "near-misses/": Route(TEAM, BOTH),
    "near-misses.csv": Route(TEAM, GET),
    "near-misses/record": Route(TEAM, BOTH),
    "near-misses/<int:near_miss_id>/": Route(TEAM, BOTH),
    "burden/": Route(MANAGERS, GET),
    "burden.csv": Route(MANAGERS, GET),
    "manage/": Route(MANAGERS, GET),
    "manage/today": Route(MANAGERS, GET),
    "manage/today.csv": Route(MANAGERS, GET),
    "manage/today/<int:prescription_id>/why-late": Route(MANAGERS, POST),
    "manage/audit": Route(MANAGERS, BOTH),
    "manage/country": Route(MANAGERS, POST),
    "manage/times": Route(MANAGERS, POST),
    "manage/tokens": Route(MANAGERS, POST),
    "manage/tokens/<int:token_id>/revoke": Route(MANAGERS, POST),
    "sign-in/": Route(PUBLIC, BOTH),
    "sign-out/": Route(TEAM, POST),
    "change-person/": Route(TEAM, BOTH),
    "pin/": Route(TEAM, BOTH),
    "badge/make": Route(TEAM, POST),
    "badge/end": Route(TEAM, POST),
    "session/": Route(TEAM, BOTH),
    "api/messages/<int:message_id>/answer": Route(PUBLIC, POST),
    "api/messages": Route(PUBLIC, POST),
    "api/requests": Route(PUBLIC, POST),
    "health": Route(PUBLIC, GET),
}
# A search, a scan and a file may name a patient: none of it may stand in an address.
SOMETHING: dict[str, object] = {
    "<int:prescription_id>": 1, "<str:code>": "1-1-1", "<int:patient_id>": 1, "<int:batch_id>": 1,
    "<int:message_id>": 1, "<str:product_id>": "42294811000001108", "<int:token_id>": 1,
    "<path:file>": "checks/duplicate/statins.yaml", "<int:replay_id>": 1,
    "<slug:calculator>": "creatinine-clearance",
    "<int:discrepancy_id>": 1,
    "<str:page_id>": "42294811000001108",
    "<int:account_id>": 1, "<int:transfer_id>": 1, "<int:alert_id>": 1, "<int:order_id>": 1,
    "<int:take_id>": 1, "<int:scan_id>": 1,
    "<int:return_id>": 1, "<int:requisition_id>": 1, "<int:query_id>": 1,
    "<int:near_miss_id>": 1, "<int:task_id>": 1, "<int:listed_id>": 1,
    "<int:review_id>": 1, "<int:issued_id>": 1,
    "<int:import_id>": 1, "<int:run_id>": 1, "<int:measure_run_id>": 1, "<str:measure>": "pincer_a",
    "<int:bag_id>": 1, "<int:round_id>": 1,
    "<int:stop_id>": 1, "<uuid:batch>": "0b7f1c52-6f0e-5d3a-9a40-6f2b8c1d7e11",
    "<int:letter_id>": 1, "<int:sheet_id>": 1,
}  # fmt: skip
NOTHING_TYPED_IN_ADDRESSES = (
    "search", "scan", "patients/", "stock/", "medicines/", "calculators/", "calculators/hba1c/",
)  # fmt: skip


def _walk(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> dict[str, URLPattern]:
    found: dict[str, URLPattern] = {}
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= _walk(pattern.url_patterns, path)
        else:
            found[path] = pattern
    return found


WALKED = _walk(get_resolver().url_patterns)


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    return open_bench()


@pytest.fixture
def there(bench: Bench) -> dict[str, object]:
    """What the addresses name, so that none answers 404 for want of it."""
    bench.in_charge()
    bench.stock(MORPHINE_60, 1)
    prescription = bench.at("closed", FUROSEMIDE)
    refused = bench.receive(b"{}").result["message"]
    token = models.AccessToken.objects.create(
        site=bench.site, user_id=bench.mo.id, name="hub", digest="0" * 64, created_at=NOW, ends_at=NOW,
    )  # fmt: skip
    label = models.Label.objects.latest("pk")
    return {
        "<int:prescription_id>": prescription,
        "<str:code>": label.code,
        "<int:patient_id>": models.Patient.objects.latest("pk").pk,
        "<int:discrepancy_id>": differences.count(
            by=bench.tess, now=NOW, key=a_key(), batch_id=models.Batch.objects.latest("pk").pk,
            kind=AccountKind.SHELF, found=3, why="the monthly count",
        ).result["discrepancy"],
        "<int:batch_id>": models.Batch.objects.latest("pk").pk,
        "<int:message_id>": refused,
        "<int:scan_id>": typing_in.keep_scan(
            by=bench.tess, now=NOW, key=a_key(), data=b"%PDF-1.7", name="paper"
        ).result["message"],
        "<str:product_id>": models.Line.objects.latest("pk").product_id,
        "<int:token_id>": token.pk,
        "<int:return_id>": models.PatientReturn.objects.create(
            site=bench.site, medicine="Morphine 10mg tablets", quantity="12 tablets", brought_by="a daughter",
            by_id=bench.ruth.id, at=NOW,
        ).pk,
        "<int:requisition_id>": models.Requisition.objects.create(
            site=bench.site, name="Dr Ada Osei", profession="general practitioner", address="4 Mill Lane",
            purpose="practice", signed_on=NOW.date(), veterinary=False, taken_by="Dr Ada Osei",
            by_id=bench.ruth.id, at=NOW,
        ).pk,
        "<int:near_miss_id>": near_misses.record(
            by=bench.tess, now=NOW, key=a_key(), told=told()
        ).result["near_miss"],
        "<int:run_id>": _run(bench, label),
        "<str:page_id>": register.pages(bench.site.pk)[0].id,
        "<path:file>": "checks/duplicate/statins.yaml",
        "<int:replay_id>": models.Replay.objects.create(
            site=bench.site, definition="duplicate/statins.yaml", first=NOW.date(), last=NOW.date(),
            by_id=bench.ruth.id, at=NOW,
        ).pk,
        "<slug:calculator>": "creatinine-clearance",
        "<int:query_id>": queries.log_call(
            by=bench.tess, now=NOW, key=a_key(), patient_id=models.Patient.objects.latest("pk").pk,
            caller="her daughter", telephone="", about="is it ready?", told="", call_back="to ring back",
            due_at=NOW + timedelta(hours=2),
        ).result["query"],
        "<int:task_id>": task(bench),
        "<int:listed_id>": 1, "<int:import_id>": 1, "<int:review_id>": 1,
        "<int:issued_id>": 1,
        "<int:measure_run_id>": _a_result(bench).run_id,
        "<str:measure>": "pincer_a",
        **_bags(bench),
        "<int:letter_id>": 1, "<int:sheet_id>": 1,
        **_inventory(bench),
    }  # fmt: skip


def _run(bench: Bench, label: models.Label) -> int:
    row = label.line.prescription
    run = models.LabelRun.objects.create(
        site=bench.site, ordered="worklist", prescriptions=[row.pk], by_id=bench.tess.id, at=NOW
    )
    part = models.LabelRunPart.objects.create(run=run, n=1, by_id=bench.tess.id, at=NOW)
    models.LabelRunItem.objects.create(run=run, part=part, prescription=row, labels=[label.code], at=NOW)
    return int(run.pk)


def _a_result(bench: Bench) -> models.MeasureResult:
    run = models.MeasureRun.objects.create(
        site=bench.site, on=NOW.date(), names=["pincer_a"], by_id=bench.tess.id, at=NOW, state="done"
    )
    return models.MeasureResult.objects.create(
        run=run, site=bench.site, measure="pincer_a", title="An NSAID", definition="0" * 64,
        population="0" * 64, on=NOW.date(), found=0, asked=0, unsure=0, at=NOW,
    )  # fmt: skip


def _bags(bench: Bench) -> dict[str, object]:
    """A bag on a round, of which its patient was told."""
    bag = models.Bag.objects.latest("pk")
    batch = UUID("0b7f1c52-6f0e-5d3a-9a40-6f2b8c1d7e11")
    models.ReadyMessage.objects.create(
        patient=bag.patient, bag=bag, way="letter", words="It is ready.", batch=batch, by_id=bench.tess.id,
        at=NOW,
    )  # fmt: skip
    models.BagShelf.objects.create(site=bench.site, name="A1", part="bag")
    row = models.DeliveryRound.objects.create(site=bench.site, on=NOW.date(), driver="Jo", step="loading")
    stop = models.RoundStop.objects.create(round=row, bag=bag, place=1)
    return {"<int:bag_id>": bag.pk, "<uuid:batch>": batch, "<int:round_id>": row.pk, "<int:stop_id>": stop.pk}


def _inventory(bench: Bench) -> dict[str, object]:
    shelf, ward = (
        models.Account.objects.get_or_create(site=bench.site, kind=kind, name=name, defaults={"held": True})[
            0
        ]
        for kind, name in (("shelf", "Dispensary shelf"), ("ward", "Ward 4"))
    )
    transfer = models.Transfer.objects.create(
        site=bench.site, source=shelf, target=ward, carrier="a porter", by_id=bench.tess.id, at=NOW
    )
    alert = models.Alert.objects.create(
        site=bench.site, kind="class_2", reference="EL(26)A/09", by_id=bench.tess.id, at=NOW
    )
    supplier = models.Supplier.objects.create(
        site=bench.site, name="Wholesaler", lead_days=1, cut_off="17:00", by_id=bench.tess.id, at=NOW
    )
    order = models.PurchaseOrder.objects.create(
        site=bench.site, supplier=supplier, expected_on=NOW.date(), by_id=bench.tess.id, at=NOW
    )
    take = models.StockTake.objects.create(site=bench.site, account=shelf, by_id=bench.tess.id, at=NOW)
    return {
        "<int:take_id>": take.pk,
        "<int:order_id>": order.pk,
        "<int:account_id>": shelf.pk, "<int:transfer_id>": transfer.pk, "<int:alert_id>": alert.pk,
    }  # fmt: skip


def _address(path: str, there: dict[str, object]) -> str:
    for name, value in there.items():
        path = path.replace(name, str(value))
    return f"/{path}"


def test_the_table_is_the_whole_site() -> None:
    assert set(WALKED) == set(ROUTES)


def test_only_these_views_are_public() -> None:
    public = {
        path for path, pattern in WALKED.items() if not getattr(pattern.callback, "login_required", True)
    }
    assert public == {path for path, route in ROUTES.items() if route.who == PUBLIC}


@pytest.mark.parametrize("path", [path for path, route in ROUTES.items() if route.who != PUBLIC])
def test_nobody_comes_in_without_signing_in(bench: Bench, path: str) -> None:
    method = "GET" if "GET" in ROUTES[path].methods else "POST"
    visitor = Client()
    visitor.handler = SITE
    response = visitor.generic(method, _address(path, SOMETHING))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_what_is_public_asks_for_no_session(bench: Bench) -> None:
    visitor = Client()
    assert visitor.get("/sign-in/").status_code == 200
    assert visitor.get("/health").status_code == 200
    for door in ("/api/messages", "/api/requests", "/api/messages/1/answer"):
        response = visitor.post(door)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_new_route_for_programs_is_401_and_not_a_page(bench: Bench) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise AssertionError("came in")

    request = RequestFactory().get("/api/anything")
    request.user = AnonymousUser()
    answer = SignInRequired(lambda _: HttpResponse()).process_view(request, view, (), {})
    assert answer is not None
    assert answer.status_code == 401


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_only_the_methods_of_the_table_are_answered(
    bench: Bench, there: dict[str, object], method: str
) -> None:
    before = _everything()
    answers = {
        path: Desk(bench.ruth).client.generic(method, _address(path, there)).status_code for path in ROUTES
    }
    assert method == "POST" or _everything() == before  # looking changes nothing
    answered = {path for path, status in answers.items() if status != 405}
    assert answered == {path for path, route in ROUTES.items() if method in route.methods}
    assert not {path for path, status in answers.items() if status >= 500}


def test_a_form_from_elsewhere_is_refused(bench: Bench, there: dict[str, object]) -> None:
    before = _everything()
    statuses = {}
    strict = ClientHandler(enforce_csrf_checks=True)
    for path, route in ROUTES.items():
        if "POST" in route.methods:
            client = Client()
            client.handler = strict
            client.force_login(models.User.objects.get(pk=bench.ruth.id))
            answer = client.post(_address(path, there), {"key": "00000000-0000-4000-8000-000000000001"})
            statuses[path] = answer.status_code
            assert answer.status_code == 401 or "You may not do this here" in answer.content.decode(), path
    assert {path for path, status in statuses.items() if status != 403} == API
    assert _everything() == before


@pytest.mark.parametrize("who", ["tess", "adam", "mo"])
def test_what_belongs_to_managers_is_for_managers_and_pharmacists(
    bench: Bench, there: dict[str, object], who: str
) -> None:
    refused = set()
    for path, route in ROUTES.items():
        method = "GET" if "GET" in route.methods else "POST"
        answer = Desk(bench.people[who]).client.generic(method, _address(path, there))
        if answer.status_code == 403:
            refused.add(path)
    managers = {path for path, route in ROUTES.items() if route.who == MANAGERS}
    dispensary = {path for path, route in ROUTES.items() if route.who == DISPENSARY}
    assert refused == {"tess": managers, "adam": managers, "mo": dispensary}[who]


def test_another_site_s_work_is_not_there(bench: Bench, there: dict[str, object]) -> None:
    other = models.Site.objects.create(
        name="Other", code="FZZ02", kind="community_pharmacy", country="GB-ENG", time_zone="Europe/London"
    )
    user = models.User.objects.create(username="ola", full_name="Ola Other")
    models.Membership.objects.create(user=user, site=other, roles=["pharmacist", "technician"])
    client = Client()
    client.handler = SITE
    client.force_login(user)
    before = _everything()
    key = {"key": "00000000-0000-4000-8000-000000000002"}
    statuses = {}
    for path, route in ROUTES.items():
        if path not in API and any(one in path for one in ("<int", "<str:code>", "<str:page_id>")):
            address = _address(path, there)
            answer = client.post(address, key) if "POST" in route.methods else client.get(address)
            statuses[path] = answer.status_code
    assert not {path: status for path, status in statuses.items() if status != 404}
    assert _everything() == before


def test_every_answer_carries_the_headers(bench: Bench, there: dict[str, object]) -> None:
    for path, route in ROUTES.items():
        method = "GET" if "GET" in route.methods else "POST"
        response = Desk(bench.ruth).client.generic(method, _address(path, there))
        assert path in API or response.status_code not in (401, 403), path  # a pharmacist may
        policy = response["Content-Security-Policy"]
        for directive in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "form-action 'self'"):
            assert directive in policy, path
        assert "unsafe" not in policy, path
        assert response["X-Content-Type-Options"] == "nosniff", path
        assert response["X-Frame-Options"] == "SAMEORIGIN", path
        assert response["Referrer-Policy"] == "same-origin", path
        assert "no-store" in response["Cache-Control"], path
        assert "camera=()" in response["Permissions-Policy"], path


@pytest.mark.parametrize("path", NOTHING_TYPED_IN_ADDRESSES)
def test_what_is_typed_does_not_come_back_in_an_address(bench: Bench, path: str) -> None:
    bench.take_in(FUROSEMIDE)
    response = Desk(bench.ruth).post(f"/{path}", q="O'Brien", code="O'Brien", text="O'Brien")
    assert "brien" not in response.headers.get("Location", "").casefold()
    assert 'method="get"' not in response.content.decode().casefold()


def test_the_sign_in_page_alone_greets_those_who_are_not_there(bench: Bench) -> None:
    assert reverse("sign-in") == "/sign-in/"
    text = Client().get("/sign-in/").content.decode()
    assert bench.site.name not in text
    assert "Worklist</a>" not in text


def _everything() -> dict[str, int]:
    """How much of everything there is, and the last that was done."""
    names = (
        "AuditEvent",
        "Command",
        "Message",
        "Movement",
        "DiscrepancyEvent",
        "AllergyFact",
        "Recall",
        "Place",
        "Keeping",
        "Alert",
        "StockTake",
        "StockTakeCount",
        "Temperature",
        "Excursion",
        "PurchaseOrder",
        "PurchaseReceipt",
        "AlertAct",
        "Transfer",
        "AccessToken",
        "LabelPrint",
        "Found",
        "Referral",
        "Tuning",
        "TuningStep",
        "DefinitionState",
        "Replay",
    )
    return {name: getattr(models, name).objects.count() for name in names}
