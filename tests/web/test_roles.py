"""Who may do what, through the pages: roles decide on the server, whatever the page shows."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from pytest_django import DjangoDbBlocker
from tests.facts import ASTHMA, WEIGHT
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, MORPHINE_60, NOW, Bench, open_bench, ordered
from tests.web.actions.inventory import one_of_each
from tests.web.actions.near_misses import told
from tests.web.actions.test_patient_tasks import task
from tests.web.actions.test_record_import import file
from tests.web.desk import Desk, stand_still
from tests.web.test_type_in_page import PAPER

from pestle.demo.messages import written
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Role
from pestle.pharmacy.worklist.query import Asked
from pestle.web.actions import moving, near_misses, queries
from pestle.web.actions.record_import import preview_import
from pestle.web.store import models, people, register
from pestle.web.store import record as records

# Who may do what is decided before any database is asked.
pytestmark = pytest.mark.pages

TECHNICIAN, CHECKER, PHARMACIST = Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST
MANAGER, RECEPTIONIST, NURSE, PRESCRIBER = Role.MANAGER, Role.RECEPTIONIST, Role.NURSE, Role.PRESCRIBER
DISPENSERS = {TECHNICIAN, CHECKER, PHARMACIST}

# The test client's own class of answer has no name that could be written here.
Do = Callable[[Desk], Any]


def _waits() -> int:
    return int(models.Prescription.objects.earliest("pk").pk)


def _patient() -> int:
    return int(models.Patient.objects.latest("pk").pk)


def _upload(desk: Desk) -> HttpResponse:
    return desk.post("/messages/upload", files=[SimpleUploadedFile("b.json", written(ordered(key="b")))])


def _register_page() -> str:
    return register.pages(models.Site.objects.get().pk)[0].id


def _stand() -> str:
    site = models.Site.objects.get().pk
    (row,) = register.stands(site, register.pages(site)[0])
    return f"count-{row.batch_id}-{row.account_id}"


def _entry() -> int:
    return int(models.RegisterParticulars.objects.get().movement_id)


def _refused() -> int:
    return int(models.MessageTask.objects.get().message_id)


def _fact() -> str:
    return str(models.AllergyFact.objects.get().pk)


def _shelf() -> int:
    return int(models.Account.objects.get(kind="shelf").pk)


def _quarantine() -> int:
    return int(models.Account.objects.get(kind="quarantine").pk)


def _batch() -> models.Batch:
    return models.Batch.objects.earliest("pk")


def _pack() -> str:
    return str(_batch().pack_id)


def _order() -> str:
    return f"/stock/orders/{models.PurchaseOrder.objects.get().pk}/"


def _answer() -> bytes:
    number = models.PurchaseOrder.objects.get().number
    return f"order,gtin,status,packs\n{number},{FUROSEMIDE_28},accepted,1\n".encode()


def _fridge() -> str:
    return f"/stock/places/{models.Account.objects.get(kind='fridge').pk}/temperature"


def _take() -> str:
    return f"/stock/takes/{models.StockTake.objects.get().pk}/"


def _alert() -> str:
    return f"/stock/alerts/{models.Alert.objects.get().pk}/"


def _move() -> str:
    return f"/stock/batches/{models.Batch.objects.earliest('pk').pk}/move"


def _query() -> str:
    return f"/queries/{models.Query.objects.get().pk}/"


def _task() -> str:
    return f"/tasks/{models.PatientTask.objects.get().pk}/"


def _record_file() -> bytes:
    return file(WEIGHT)


def _take_in(desk: Desk) -> HttpResponse:
    packed = base64.b64encode(zlib.compress(_record_file())).decode()
    patient = models.Patient.objects.latest("pk")
    person = people.person(models.User.objects.get(username="ruth"), patient.site_id)
    assert person is not None
    seen = preview_import(by=person, now=NOW, patient_id=patient.pk, data=_record_file()).seen
    path = f"/patients/{patient.pk}/record/import/confirm"
    return desk.post(path, packed=packed, seen=seen, name="r.json")


def _condition() -> str:
    return str(models.ConditionFact.objects.get().pk)


ACTIONS: dict[str, tuple[set[Role], Do]] = {
    "upload a message": (DISPENSERS, _upload),
    "ask the prescriber": (DISPENSERS | {PRESCRIBER}, lambda desk: desk.post(
        f"/queries/ask?patient={_patient()}", asked="prescriber", name="Dr Marsh", words="Still taken?",
        deadline="2026-11-02T17:00")),
    "ask a measure": (DISPENSERS | {PRESCRIBER, MANAGER}, lambda desk: desk.post(
        "/measures/begin", measure="pincer_a", which="chosen")),
    "finish a task": (DISPENSERS | {NURSE, PRESCRIBER}, lambda desk: desk.post(
        _task(), what="finish", words="rang the patient")),
    "answer a query": (DISPENSERS | {PRESCRIBER}, lambda desk: desk.post(
        _query(), what="answer", source="Dr Marsh", words="Yes, still taken")),
    "sign on as responsible pharmacist": ({PHARMACIST}, lambda desk: desk.post(
        "/responsible/", what="on", take_over="yes")),
    "log a call": (set(Role) - {Role.SYSTEM}, lambda desk: desk.post(
        "/calls/log", caller="a neighbour", about="opening hours")),
    "promise to call back": (set(Role) - {Role.SYSTEM}, lambda desk: desk.post(
        "/calls/log", caller="a neighbour", about="hours", call_back="to ring", deadline="2026-11-02T17:00")),
    "type in a prescription": (DISPENSERS, lambda desk: desk.post("/prescriptions/type-in", PAPER)),
    "keep a scan": (DISPENSERS, lambda desk: desk.post("/prescriptions/type-in", {
        **PAPER, "keep_scan": "yes"}, scan=SimpleUploadedFile("a.pdf", b"%PDF-1.7"))),
    "try a message again": (DISPENSERS, lambda desk: desk.post(f"/messages/{_refused()}/try-again")),
    "close a message": (
        DISPENSERS, lambda desk: desk.post(f"/messages/{_refused()}/close", note="telephoned")),
    "return a prescription to the service": (DISPENSERS, lambda desk: desk.post(
        f"/prescriptions/{_waits()}/return-to-service", return_reason="patient_asked",
        return_words="moving")),
    "return what cannot be dispensed": ({PHARMACIST}, lambda desk: desk.post(
        f"/prescriptions/{_waits()}/return-to-service", return_reason="unable_to_dispense",
        return_words="none to be had")),
    "record the charge": (DISPENSERS, lambda desk: desk.post(
        f"/prescriptions/{_waits()}/payment", what="charge", exemption="0008", evidence="seen",
        declared_by="patient")),
    "receive stock": (DISPENSERS, lambda desk: desk.post(
        "/stock/receive", gtin=FUROSEMIDE_28, number="A1", expiry="2028-01", packs="1")),
    "take back from a patient": (DISPENSERS, lambda desk: desk.post(
        "/register/returns/", medicine="Morphine 10mg tablets", quantity="9", brought_by="a daughter")),
    "supply on a requisition": (DISPENSERS, lambda desk: desk.post("/register/requisitions/supply", {
        "name": "Dr Ada Osei", "profession": "general practitioner", "address": "4 Mill Lane, Ashcombe",
        "purpose": "practice", "signed_on": NOW.date().isoformat(), "taken_by": "Dr Ada Osei",
        "marked": "yes", f"asked-{_register_page()}": "1", _stand().replace("count", "take"): "1"})),
    "set how often the register is counted": ({MANAGER, PHARMACIST}, lambda desk: desk.post(
        "/register/interval", days="14")),
    "undo a movement": (DISPENSERS | {NURSE}, lambda desk: desk.post(
        f"/stock/batches/{_batch().pk}/undo", movement="2", why="the box is dry")),
    "destroy controlled stock": (DISPENSERS, lambda desk: desk.post(
        f"/register/{_register_page()}/destroy", stand=_stand(), amount="1", reason="expired",
        method="denaturing kit", witness_name="Cora Lane", authority="CDLO letter 12")),
    "note in the register": (DISPENSERS, lambda desk: desk.post(
        f"/register/{_register_page()}/note", entry=str(_entry()), words="the invoice is INV-0043")),
    "record a supplier": (DISPENSERS, lambda desk: desk.post(
        "/stock/orders/", name="Wholesaler", lead_days="1", cut_off="17:30")),
    "order packs": (DISPENSERS, lambda desk: desk.post(
        "/stock/orders/suggested", {"supplier": models.Supplier.objects.get().pk, f"pack-{_pack()}": "2"})),
    "receive against an order": (DISPENSERS, lambda desk: desk.post(
        _order(), gtin=FUROSEMIDE_28, number="A1", expiry="2028-01", packs="1")),
    "record that packs will not come": (DISPENSERS, lambda desk: desk.post(
        _order(), what="not_supplied", line=models.PurchaseLine.objects.get().pk, words="none to be had")),
    "take in a supplier's answer": (DISPENSERS, lambda desk: desk.post(
        _order(), what="answer", format="table-csv", file=SimpleUploadedFile("a.csv", _answer()))),
    "set levels": (DISPENSERS, lambda desk: desk.post(
        "/stock/orders/suggested", what="levels", product=_batch().product_id, minimum="1",
        maximum="2", pack_amount="28")),
    "record an alert": (DISPENSERS, lambda desk: desk.post(
        "/stock/alerts/", kind="natpsa", reference="NatPSA/2026/001", title="A shortage",
        deadline="2026-11-09T17:00")),
    "act on an alert": (DISPENSERS, lambda desk: desk.post(_alert(), words="told the team")),
    "set aside what is recalled": (DISPENSERS, lambda desk: desk.post(_alert(), what="set_aside")),
    "read a temperature": (DISPENSERS, lambda desk: desk.post(
        _fridge(), what="read", celsius="5", lowest="4", highest="6")),
    "set aside what was too warm": (DISPENSERS, lambda desk: desk.post(
        _fridge(), what="set_aside", began=models.Temperature.objects.order_by("at")[0].at.isoformat())),
    "begin a stock-take": (DISPENSERS, lambda desk: desk.post("/stock/takes/", place=_shelf())),
    "count in a stock-take": (DISPENSERS, lambda desk: desk.post(
        _take(), batch=_batch().pk, packs="2")),
    "finish a stock-take": (DISPENSERS, lambda desk: desk.post(_take(), what="finish", words="closing time")),
    "record a place": (DISPENSERS, lambda desk: desk.post(
        "/stock/places/", kind="fridge", name="Fridge 1", condition="fridge")),
    "say how a product is kept": (DISPENSERS, lambda desk: desk.post(
        f"/stock/places/{_shelf()}/", product=_batch().product_id, condition="room",
        source="the pack")),
    "waste stock": (DISPENSERS | {NURSE}, lambda desk: desk.post(
        _move(), {"what": "waste", "from": _shelf(), "packs": "1", "waste": "expired"})),
    "return to the supplier": (DISPENSERS, lambda desk: desk.post(
        _move(), {"what": "supplier_return", "from": _shelf(), "packs": "1", "why": "not ordered"})),
    "release from quarantine": ({PHARMACIST}, lambda desk: desk.post(
        _move(), {"what": "release", "from": _quarantine(), "to": _shelf(), "packs": "1", "why": "good"})),
    "name shelves for bags": ({MANAGER, PHARMACIST}, lambda desk: desk.post(
        "/manage/shelves", part="bag", names="A1..A4")),
    "record how a patient is told": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/contact", way="text", number="07700 900123", told_by="the patient")),
    "begin a round": (DISPENSERS, lambda desk: desk.post("/rounds/", on="2026-11-02", driver="Jo Bloggs")),
    "record an allergy": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/allergies", substance="Latex")),
    "retract an allergy": ({PHARMACIST}, lambda desk: desk.post(
        f"/patients/{_patient()}/retract-allergy", fact=_fact(), reason="nausea only")),
    "correct a patient": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/correct", family="Byrne", born="1965-03-10", reason="passport")),
    "record a result": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/record/result", kind="body_weight", value="72", taken="2026-11-01")),
    "record a medicine that is taken": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/record/statement", medicine="St John's wort")),
    "record a condition": ({PHARMACIST}, lambda desk: desk.post(
        f"/patients/{_patient()}/record/condition", condition="Asthma")),
    "look at a record's file": (DISPENSERS, lambda desk: desk.post(
        f"/patients/{_patient()}/record/import", file=SimpleUploadedFile("r.json", _record_file()))),
    "take in a record": (DISPENSERS, _take_in),
    "take back a fact from a file": ({PHARMACIST}, lambda desk: desk.post(
        f"/patients/{_patient()}/record/retract", kind="CONDITION", row=_condition(), reason="not theirs")),
    "record a near miss": (DISPENSERS | {MANAGER, RECEPTIONIST}, lambda desk: desk.post(
        "/near-misses/record", type="label", words="two labels changed places")),
    "withdraw a near miss": ({MANAGER, PHARMACIST}, lambda desk: desk.post(
        f"/near-misses/{models.NearMiss.objects.get().pk}/", what="withdraw", because="it was not so")),
    "settle the country": ({MANAGER}, lambda desk: desk.post("/manage/country", country="US")),
    "set the times": ({MANAGER}, lambda desk: desk.post("/manage/times", remind_days="7", return_days="21")),
    "make a key": ({MANAGER, PHARMACIST}, lambda desk: desk.post("/manage/tokens", name="hub", days="30")),
    "put a definition on trial": ({PHARMACIST}, lambda desk: desk.post(
        "/definitions/checks/duplicate/statins.yaml/state", state="trial", reason="new here, to be counted")),
    "tune a check": ({PHARMACIST}, lambda desk: desk.post(
        "/definitions/checks/duplicate/statins.yaml/tune", rule="duplicate|same-class|interrupt", to="note",
        reason="both are on our formulary", review="2027-01-31")),
    "sign a tuning": ({PHARMACIST}, lambda desk: desk.post(
        "/definitions/checks/duplicate/statins.yaml/sign", tuning=str(models.Tuning.objects.get().pk))),
    "withdraw a tuning": ({PHARMACIST}, lambda desk: desk.post(
        "/definitions/checks/duplicate/statins.yaml/withdraw", reason="no longer wanted here",
        tuning=str(models.Tuning.objects.get().pk))),
    "see the burden": ({MANAGER, PHARMACIST}, lambda desk: desk.client.get("/burden/")),
    "take the overrides away": ({MANAGER, PHARMACIST}, lambda desk: desk.client.get("/burden.csv")),
    "see the replays": ({MANAGER, PHARMACIST}, lambda desk: desk.client.get("/replays/")),
    "stop a replay": ({MANAGER, PHARMACIST}, lambda desk: desk.post(
        f"/replays/{models.Replay.objects.get().pk}/stop")),
    "see the day": ({MANAGER, PHARMACIST}, lambda desk: desk.client.get("/manage/today")),
    "see the audit trail": ({MANAGER, PHARMACIST}, lambda desk: desk.client.get("/manage/audit")),
}  # fmt: skip


@pytest.fixture(scope="module")
def prepared(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Bench]:
    """A bench with one of each thing, made once: `db` takes back what each case does to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        bench = open_bench()
        _prepare(bench)
        yield bench
        transaction.set_rollback(True)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "role", [role for role in Role if role is not Role.SYSTEM], ids=lambda role: role.value
)
def test_roles(prepared: Bench, db: None, monkeypatch: pytest.MonkeyPatch, role: Role, action: str) -> None:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    user = models.User.objects.create(
        username="somebody",
        full_name="Somebody Else",
        registration_body="GPhC",
        registration_number="2999009",
    )
    models.Membership.objects.create(user=user, site=prepared.site, roles=[role.value])
    person = people.person(user, prepared.site.pk)
    assert person is not None
    before = models.AuditEvent.objects.count()
    allowed, do = ACTIONS[action]
    status = do(Desk(person)).status_code
    if role in allowed:
        assert status in (200, 303)
    else:
        assert status in (403, 422)
        assert models.AuditEvent.objects.count() == before, "a refusal leaves nothing behind"


def _prepare(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    bench.receive(b"{}")
    bench.stock(FUROSEMIDE_28, 3)
    bench.stock(MORPHINE_60, 1)
    moving.move(
        by=bench.tess, now=NOW, key="aside", reason=Reason.QUARANTINE, batch_id=_batch().pk,
        amount=28, source=(AccountKind.SHELF, ""), target=(AccountKind.QUARANTINE, ""), why="box was wet",
    )  # fmt: skip
    one_of_each(bench, FUROSEMIDE_28)
    task(bench)
    queries.ask(
        by=bench.tess, now=NOW, key="query", about=queries.About(patient_id=_patient()),
        asked=Asked.PRESCRIBER, name="Dr Marsh", telephone="", words="Still taken?",
        due_at=NOW + timedelta(hours=8), holds=False, owner_id=None,
    )  # fmt: skip
    models.StockTake.objects.create(
        site=bench.site, account_id=_shelf(), shelf="B4", by_id=bench.tess.id, at=NOW
    )
    _found_once(bench)
    near_misses.record(by=bench.tess, now=NOW, key="near miss", told=told())
    models.AllergyFact.objects.create(
        patient_id=_patient(), statement="allergy", substance="Penicillin", kind="allergy", severity="mild",
        recorded_at=NOW, source_kind="person", who="Tess Okafor",
    )  # fmt: skip
    records.new_row(models.Patient.objects.latest("pk"), ASTHMA).save()


def _found_once(bench: Bench) -> None:
    """A replay that found something, and a hard stop that one pharmacist has lowered."""
    rule = {"check": "duplicate", "rule": "same-class", "was": "interrupt", "number": 1}
    models.Replay.objects.create(
        site=bench.site, definition="duplicate/statins.yaml", first=NOW.date(), last=NOW.date(),
        by_id=bench.ruth.id, at=NOW, result={"rules": [rule]},
    )  # fmt: skip
    models.Tuning.objects.create(
        site=bench.site, check_name="duplicate", rule="same-class", definition="duplicate/statins.yaml",
        was="hard_stop", to="interrupt", reason="agreed with the surgery", review="2027-01-31",
        by_id=bench.ruth.id, at=NOW,
    )  # fmt: skip
