"""Do the tables that may only grow refuse everything else, whoever asks?"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from tests.facts import ONE_OF_EACH
from tests.web.actions.bench import FUROSEMIDE_28, MORPHINE_60, NOW, PARACETAMOL_32, Bench, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import (
    accuracy,
    clinical,
    differences,
    moving,
    places,
    record,
    stock,
    transfers,
    tuning,
)
from pestle.web.actions import register as register_actions
from pestle.web.store import append_only, models, register
from pestle.web.store import record as records

SQLITE = "INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
POSTGRES = "TRUNCATE {table} CASCADE"


def _something_in_every_table(bench: Bench) -> None:
    prescription = bench.at("accuracy")
    accuracy.rescan(
        by=bench.adam, now=NOW, key=a_key(), prescription_id=prescription, gtin=FUROSEMIDE_28, number="B1"
    )
    bench.passed(prescription)
    bench.handed_out(prescription)
    bench.stock(MORPHINE_60, 1)
    (page,) = register.pages(bench.site.pk)
    register_actions.note(
        by=bench.tess, now=NOW, key=a_key(), page_id=page.id, words="The invoice is INV-0043",
        movement_id=models.RegisterParticulars.objects.get().movement_id,
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
    fridge = places.record_place(
        by=bench.tess,
        now=NOW,
        key=a_key(),
        kind=AccountKind.FRIDGE,
        name="Fridge 2",
        condition=Condition.FRIDGE,
    )
    places.keep_product(
        by=bench.tess, now=NOW, key=a_key(), product_id=models.Batch.objects.get(pk=batch).product_id,
        condition=Condition.FRIDGE, source="the pack", account_id=fridge.result["account"], address="A1",
    )  # fmt: skip
    stock.record_recall(
        by=bench.ruth, now=NOW, key=a_key(), gtin=PARACETAMOL_32, number="", reference="EL(26)A/40"
    )
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
