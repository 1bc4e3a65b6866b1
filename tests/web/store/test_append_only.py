"""Do the tables that may only grow refuse everything else, whoever asks?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.facts import ONE_OF_EACH
from tests.web.actions.bench import FUROSEMIDE_28, MORPHINE_60, NOW, PARACETAMOL_32, Bench, a_key
from tests.web.actions.inventory import one_of_each
from tests.web.actions.near_misses import told
from tests.web.actions.surgery import open_surgery
from tests.web.actions.test_bags import bag_of, put, shelves
from tests.web.actions.test_batches import answer_of, cancelled
from tests.web.actions.test_instalments import begun
from tests.web.actions.test_letters import settle, taken_in, undo
from tests.web.actions.test_patient_tasks import task
from tests.web.actions.test_payment import ACCEPTED
from tests.web.actions.test_register_stock import set_aside as two_set_aside
from tests.web.actions.test_requests import ask, sign, step
from tests.web.actions.test_requisitions import supplied
from tests.web.actions.test_rounds import BACK, leave, load
from tests.web.actions.test_rounds import begun as begun_round
from tests.web.test_type_in_page import PAPER

from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.endorsement import Endorsement
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.ready_message import Wish
from pestle.pharmacy.dispensary.round import Failed
from pestle.pharmacy.dispensary.taking_back import ReturnReason, WithdrawReason
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.controlled import Witness
from pestle.pharmacy.practice import request
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Settled
from pestle.pharmacy.practice.traffic_light import Agreement
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.query import Tried
from pestle.pharmacy.worklist.query import Way as By
from pestle.web.actions import (
    accuracy,
    answers,
    balance,
    batches,
    clinical,
    destroying,
    differences,
    instalments,
    measures,
    moving,
    near_misses,
    orders,
    patient_tasks,
    payment,
    queries,
    ready_messages,
    record,
    request_sheets,
    requisitions,
    rounds,
    speaking,
    stock,
    stock_takes,
    supplier_answers,
    taking_back,
    temperatures,
    traffic_lights,
    transfers,
    tuning,
    typing_in,
    uncollected,
)
from pestle.web.actions import register as register_actions
from pestle.web.actions.documents import File
from pestle.web.actions.request_sheets import Sheet
from pestle.web.pages import typed_form
from pestle.web.store import append_only, models, register
from pestle.web.store import record as records
from pestle.web.store.measures import Counted, Stood
from pestle.wire.eps.codes import CancellationOutcome

SQLITE = "INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
POSTGRES = "TRUNCATE {table} CASCADE"


def _an_issue_and_a_label_run(bench: Bench) -> None:
    row = models.Prescription.objects.earliest("pk")
    models.IssueAnswers.objects.create(
        prescription=row, answers={"taking": True}, told_by="patient", by_id=bench.tess.id, at=NOW
    )
    models.ShortageStep.objects.create(
        line=row.lines.earliest("pk"), step="proposed", protocol="901", product_id="1",
        product_name="Another", wanted=28, by_id=bench.tess.id, at=NOW,
    )  # fmt: skip
    run = models.LabelRun.objects.create(
        site=bench.site, ordered="worklist", prescriptions=[row.pk], by_id=bench.tess.id, at=NOW
    )
    part = models.LabelRunPart.objects.create(run=run, n=1, by_id=bench.tess.id, at=NOW)
    models.LabelRunItem.objects.create(run=run, part=part, prescription=row, at=NOW)


def _something_noted(bench: Bench) -> None:
    patient_tasks.note(
        by=bench.tess, now=NOW, key=a_key(), task_id=task(bench), seen=None, words="rang: no reply"
    )


def _something_measured(bench: Bench) -> None:
    measures.schedule(
        by=bench.tess, now=NOW, key=a_key(), name="pincer_a", source="", days=7, plan=lambda *_: None
    )
    run = models.MeasureRun.objects.create(
        site=bench.site, on=NOW.date(), names=["pincer_a"], by_id=bench.tess.id, at=NOW
    )
    stood = [Stood(models.Patient.objects.latest("pk").pk, "", True, {})]
    counted = Counted("0" * 64, 1, 1, 0, {}, stood, own=True)
    measures.keep(by=bench.tess, now=NOW, run=run, name="pincer_a", counted=counted)


def _something_typed_in(bench: Bench) -> None:
    scan = typing_in.keep_scan(by=bench.tess, now=NOW, key=a_key(), data=b"%PDF-1.7", name="paper").result
    typed = typed_form.typed({**PAPER, "kind": "emergency-prescriber", "reason": "left at home"})
    made = typing_in.type_in(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        typed=typed,
        scan_ids=[scan["message"]],
        patient_id=models.Patient.objects.get().pk,
    ).result["prescription"]
    typing_in.decide_emergency(by=bench.ruth, now=NOW, key=a_key(), prescription_id=made, words="spoken")
    typing_in.receive_late(
        by=bench.tess, now=NOW, key=a_key(), prescription_id=made, dated=NOW.date(), received_on=NOW.date()
    )


def _something_in_every_table(bench: Bench) -> None:
    prescription = bench.at("accuracy")
    accuracy.rescan(
        by=bench.adam, now=NOW, key=a_key(), prescription_id=prescription, gtin=FUROSEMIDE_28, number="B1"
    )
    near_misses.record(by=bench.adam, now=NOW, key=a_key(), told=told(), prescription_id=prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    refused = bench.at("clinical", key="refused")
    bench.decide(refused, decisions=[
        Decision(line.item_id, approved=False, reason=NotDispensed.NOT_REQUIRED, words="has enough")
        for line in bench.lines(refused)
    ])  # fmt: skip
    uncollected.remind(
        by=bench.tess, now=NOW, key=a_key(), prescription_id=bench.at("hand_out", key="waits"), seen=None,
        way=Way.TEXT, words="",
    )  # fmt: skip
    _paid_for(bench, prescription)
    _bagged(bench)
    owing = bench.at("assemble", key="owing")
    bench.owe(bench.lines(owing)[0].pk, 28)
    bench.stock(MORPHINE_60, 1)
    (page,) = register.pages(bench.site.pk)
    register_actions.note(
        by=bench.tess, now=NOW, key=a_key(), page_id=page.id, words="The invoice is INV-0043",
        movement_id=models.RegisterParticulars.objects.get().movement_id,
    )  # fmt: skip
    requisitions.send_on(
        by=bench.tess, now=NOW, key=a_key(), words="FP34PCD of October",
        requisition_id=supplied(bench, models.Batch.objects.latest("pk").pk).result["requisition"],
    )  # fmt: skip
    _instalments(bench)
    _something_typed_in(bench)
    two_set_aside(bench, models.Batch.objects.latest("pk").pk)
    brought = destroying.record_return(
        by=bench.tess, now=NOW, key=a_key(), medicine="Morphine 10mg tablets", quantity="12 tablets",
        brought_by="a daughter",
    )  # fmt: skip
    destroying.destroy_return(
        by=bench.tess, now=NOW, key=a_key(), return_id=brought.result["return"], method="denaturing kit",
        witness=Witness("Cora Lane", "CDLO letter 12"),
    )  # fmt: skip
    balance.check_balance(
        by=bench.tess, now=NOW, key=a_key(), page_id=page.id, second=bench.leon,
        seen=register.latest(register.batch_ids(bench.site.pk, page)),
        found={
            (row.batch_id, row.account_id): row.amount for row in register.stands(bench.site.pk, page)
        },
    )  # fmt: skip
    batch = bench.stock(PARACETAMOL_32, 2).result["batch"]
    moving.open_container(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        batch_id=batch,
        kind=AccountKind.SHELF,
        opened_on=NOW.date(),
        days=28,
    )
    transfers.send(
        by=bench.tess, now=NOW, key=a_key(), source=(AccountKind.SHELF, ""), target=(AccountKind.WARD, "Ash"),
        amounts={batch: 32}, carrier="Pat the porter",
    )  # fmt: skip
    counted = differences.count(
        by=bench.tess, now=NOW, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, found=30, why="a count"
    )
    differences.look_into(
        by=bench.leon, now=NOW, key=a_key(), discrepancy_id=counted.result["discrepancy"], words="looked"
    )
    one_of_each(bench, PARACETAMOL_32)
    fridge = (AccountKind.FRIDGE, "Warm fridge")
    warm = stock.receive_batch(
        by=bench.tess, now=NOW, key=a_key(), gtin=PARACETAMOL_32, number="W1", expiry_text="2028-01", packs=1,
        place=fridge,
    ).result["batch"]  # fmt: skip
    set_aside = temperatures.quarantine_excursion(
        by=bench.tess, now=NOW, key=a_key(), began=NOW - timedelta(hours=1),
        account_id=models.Account.objects.get(name=fridge[1]).pk,
    )  # fmt: skip
    temperatures.release(
        by=bench.ruth, now=NOW, key=a_key(), excursion_id=set_aside.result["excursion"], batch_id=warm,
        advice="the maker says that it is stable",
    )  # fmt: skip
    shelf = models.Account.objects.get(kind="shelf").pk
    take = stock_takes.begin(by=bench.tess, now=NOW, key=a_key(), account_id=shelf).result["take"]
    stock_takes.count(by=bench.tess, now=NOW, key=a_key(), take_id=take, batch_id=batch, found=30)
    stock_takes.finish(by=bench.tess, now=NOW, key=a_key(), take_id=take, words="closing time")
    line = models.PurchaseLine.objects.get()
    orders.receive(
        by=bench.tess, now=NOW, key=a_key(), order_id=line.order_id, gtin=PARACETAMOL_32, number="B2",
        expiry_text="2028-01", packs=1,
    )  # fmt: skip
    answer = f"order,gtin,status,packs\n{line.order.number},{PARACETAMOL_32},accepted,1\n"
    supplier_answers.take_in_answer(
        by=bench.tess, now=NOW, key=a_key(), order_id=line.order_id, name="a.csv", data=answer.encode(),
        format="table-csv",
    )  # fmt: skip
    orders.not_supplied(
        by=bench.tess, now=NOW, key=a_key(), order_id=line.order_id, line_id=line.pk, shortage=True,
        words="none to be had",
    )  # fmt: skip
    bench.recall(PARACETAMOL_32, "")
    wanted = speaking.Wanted(None, "a new dose")
    speaking.must_speak(
        by=bench.ruth, now=NOW, key=a_key(), prescription_id=bench.at("assemble", key="speak"), seen=None,
        wanted=wanted,
    )  # fmt: skip
    promised = queries.log_call(
        by=bench.tess, now=NOW, key=a_key(), patient_id=None, caller="a neighbour", telephone="",
        about="hours", told="until six", call_back="to ring about Sunday", due_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    _something_noted(bench)
    _an_issue_and_a_label_run(bench)
    _something_measured(bench)
    queries.attempt(
        by=bench.tess, now=NOW, key=a_key(), query_id=promised.result["query"], seen=None, way=By.TELEPHONE,
        outcome=Tried.NO_REPLY,
    )  # fmt: skip
    clinical.refer(
        by=bench.tess, now=NOW, key=a_key(), prescription_id=bench.at("clinical", key="b"), seen=None,
        words="Is it too much?",
    )  # fmt: skip
    found = models.Found.objects.first()
    assert found is not None
    lowered = models.Tuning.objects.create(
        site=bench.site, check_name=found.check_name, rule=found.rule, was="hard_stop", to="interrupt",
        reason="agreed with the surgery", review=NOW.date(), by_id=bench.ruth.id, at=NOW,
    )  # fmt: skip
    models.TuningStep.objects.create(tuning=lowered, kind="signed", by_id=bench.samuel.id, at=NOW)
    tuning.set_state(
        by=bench.ruth, now=NOW, key=a_key(), definition="duplicate/statins.yaml", on_trial=True,
        reason="new here, to be counted",
    )  # fmt: skip
    record.record_allergy(
        by=bench.tess, now=NOW, key=a_key(), patient_id=models.Patient.objects.get().pk,
        substance="penicillin", kind=AllergyKind.ALLERGY, reaction="rash",
        severity=ReactionSeverity.MILD, told_by="the patient",
    )  # fmt: skip
    patient = models.Patient.objects.get()
    for fact in ONE_OF_EACH:
        records.new_row(patient, fact).save()
    models.RecordImport.objects.create(
        site=bench.site, patient=patient, body=b"{}", digest="0" * 64, by_id=bench.tess.id, at=NOW,
        bundle_type="collection", parts=[], counts={}, not_understood=[],
    )  # fmt: skip
    _a_practice()


def _a_practice() -> None:
    surgery = open_surgery()
    line = models.ListedMedicine.objects.get(pk=surgery.on_list().id)
    models.Issue.objects.create(
        listed=line, order=line.order, patient=line.patient, on=NOW.date(), recorded_at=NOW
    )
    source = models.BulkImport.objects.create(
        site=surgery.site, system="fhir", part="medicines", digest="0" * 64, size=2, as_at=NOW,
        by_id=surgery.moira.id, at=NOW, state="done",
    )  # fmt: skip
    asked = ask(surgery, models.ListedMedicine.objects.get().pk)
    step(surgery, "prepare", *asked, words="goes away")
    sign(surgery, *asked)
    item = models.IssuedItem.objects.get()
    said = answer_of(cancelled(surgery, item), CancellationOutcome.CANCELLED)
    batches.take_answer(by=surgery.priya, now=NOW, key=a_key(), item_id=item.pk, name="a.json", data=said)
    tariff = models.Tariff.objects.create(
        site=surgery.site, month=NOW.date(), digest="0" * 64, by_id=surgery.priya.id, at=NOW
    )
    tariff.prices.create(product_id="318052005", pack_id="1191111000001100", size="28", pence=90)
    message = item.prescription.message
    models.DispensingSaid.objects.create(item=item, told="owing", notification="n", message=message, at=NOW)
    models.RefusedRow.objects.create(source=source, line=2, rule="extract.columns", reason="no", said=[])
    patient, given = line.patient, {"by_id": surgery.priya.id, "at": NOW}
    of_patient = {"site": surgery.site, "patient": patient, **given}
    models.MonitoringPlan.objects.create(
        kind="start", name="lithium", started="2019", reason="x", **of_patient
    )
    round_ = models.MonitoringRound.objects.create(**of_patient)
    models.MonitoringEvent.objects.create(round=round_, verb="arrange", **given)
    models.MonitoringLeaving.objects.create(group="lithium", reason="stopped", words="x", **of_patient)
    short = models.ShortIssue.objects.create(
        order="1", medicine="Lithium", days=14, reason="x", late=[], never_interrupted=True, **of_patient
    )
    models.ShortIssueEnd.objects.create(issue=short, verb="withdraw", **given)
    review = models.Review.objects.create(kind="technical", **of_patient)
    models.ReviewEvent.objects.create(review=review, verb="cancel", **given)
    pdf = File("letter.pdf", b"%PDF-1.7")
    letter = taken_in(surgery, documents=(pdf,))
    lights = traffic_lights.Arrived(b"medicine,status\nFurosemide,green\n", "an area", NOW.date(),
                                    NOW.date() + timedelta(days=1), verified=False)  # fmt: skip
    traffic_lights.take_in(by=surgery.moira, now=NOW, key=a_key(), arrived=lights)
    traffic_lights.record_agreement(
        by=surgery.priya, now=NOW, key=a_key(), patient_id=line.patient_id, listed_id=line.pk,
        agreement=Agreement("Dr Lee", NOW.date()),
    )  # fmt: skip
    table = b"nhs number,item\n9434765919,Furosemide 40mg tablets\n"
    sheet = Sheet(table, request.Way.UPLOAD, request.From.CARE_HOME, "Rose Court", documents=(pdf,))
    request_sheets.take_in(by=surgery.nina, now=NOW, key=a_key(), sheet=sheet)
    settle(surgery, letter, furosemide=Settled(Outcome.UNCHANGED))
    undo(surgery, letter, "Furosemide")


def _bagged(bench: Bench) -> None:
    """Put on a shelf, told of, and back from a round."""
    prescription = bench.at("hand_out", key="bagged")
    bag, row = bag_of(prescription).bag.pk, bench.row(prescription)
    put(bench, bag, shelves(bench)["A1"])
    ready_messages.record_wish(
        by=bench.tess, now=NOW, key=a_key(), patient_id=row.patient_id, wish=Wish(Way.LETTER), told_by="them"
    )
    ready_messages.tell_all(by=bench.tess, now=NOW, key=a_key(), seen=[bag])
    round_id = begun_round(bench)
    stop = load(bench, round_id, bag)
    leave(bench, round_id)
    rounds.bring_back(
        by=bench.tess, now=BACK, key=a_key(), stop_id=stop, failed=Failed.NO_ANSWER, words="",
        happened_at=BACK,
    )  # fmt: skip


def _instalments(bench: Bench) -> None:
    line = models.Line.objects.get(prescription=begun(bench, key="c"))
    instalments.prescriber_said(
        by=bench.ruth, now=NOW, key=a_key(), line_id=line.pk, words="go on", resumes_on=NOW.date()
    )
    instalments.set_closed(by=bench.tess, now=NOW, key=a_key(), on=NOW.date(), closed=True)


def _paid_for(bench: Bench, prescription: int) -> None:
    """Endorsed, withdrawn, told again, claimed and answered; another is returned."""
    given: dict[str, Any] = {"now": NOW, "prescription_id": prescription}
    told = models.HandOut.objects.get().notification_id
    assert told is not None
    (line,) = bench.lines(prescription)
    payment.endorse_lines(by=bench.tess, key=a_key(), endorsements={line.pk: [Endorsement("NDEC")]}, **given)
    taking_back.withdraw_notification(
        by=bench.tess, key=a_key(), message_id=told, reason=WithdrawReason.PATIENT_DETAILS,
        words="another name", **given,
    )  # fmt: skip
    taking_back.tell_again(by=bench.tess, key=a_key(), message_id=told, **given)
    made = payment.make_claim(by=bench.tess, key=a_key(), **given).result["message"]
    answers.take_answer(
        by=bench.tess, now=NOW, key=a_key(), message_id=made, name="a.json", way="upload",
        data=ACCEPTED,
    )  # fmt: skip
    taking_back.return_to_service(
        by=bench.tess, now=NOW, key=a_key(), prescription_id=bench.at("entry", key="back"), seen=None,
        reason=ReturnReason.PATIENT_ASKED, words="moving away",
    )  # fmt: skip


def _rows(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY id")
        return list(cursor.fetchall())


def test_no_row_is_ever_changed_or_lost(bench: Bench) -> None:
    _something_in_every_table(bench)
    statements = ["UPDATE {table} SET id = id", "DELETE FROM {table}"]
    statements.append(SQLITE if connection.vendor == "sqlite" else POSTGRES)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Or truncate would be refused for another reason: rows that still wait for their checks.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in append_only.TABLES:
            before = _rows(table)
            assert before, f"nothing in {table} to protect"
            for statement in statements:
                with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic():
                    cursor.execute(statement.format(table=table))
            assert _rows(table) == before


def test_django_cannot_change_them_either(bench: Bench) -> None:
    bench.take_in()
    event = models.AuditEvent.objects.get()
    for act in (
        event.save,
        event.delete,
        lambda: models.AuditEvent.objects.update(person_name="Somebody else"),
    ):
        with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic():
            act()


def test_every_table_is_one_of_ours() -> None:
    from django.apps import apps

    ours = {model._meta.db_table for model in apps.get_app_config("store").get_models()}
    assert set(append_only.TABLES) <= ours
    assert len(set(append_only.TABLES)) == len(append_only.TABLES)


def test_a_trigger_that_is_gone_is_missed_at_the_start(database: str) -> None:
    append_only.check_at_start()
    assert append_only.missing(connection) == ()
    for table in append_only.TABLES:
        name = f"{table}_no_delete"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}" + ("" if connection.vendor == "sqlite" else f" ON {table}"))
        assert append_only.missing(connection) == (name,)
        with pytest.raises(Refused) as refused:
            append_only.check_at_start()
        assert refused.value.rule == "store.not-append-only"
        assert name in str(refused.value)
        append_only.install(connection)
        append_only.check_at_start()


def test_a_trigger_that_is_switched_off_is_missed_too(database: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE store_movement DISABLE TRIGGER store_movement_no_update")
            assert append_only.missing(connection) == ("store_movement_no_update",)
        else:
            # SQLite has no such switch; what lets REPLACE slip past is a setting of each connection.
            cursor.execute("PRAGMA recursive_triggers")
            assert cursor.fetchone() == (1,)
