"""Is a record kept whole, loaded in few queries, and never edited?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from tests.facts import ASTHMA, SAID, STATEMENT
from tests.property.wire.test_records import FACTS
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.arrival import Sent, Verdict, compare
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.kinds import AboutMedicine, RecordFact, identified
from pestle.pharmacy.record.medication import Medication, MedicationStatement, StatementStatus
from pestle.pharmacy.record.moment import PartialDate
from pestle.web.store import models, patients
from pestle.web.store import record as records

ZONE = ZoneInfo("Europe/London")


@pytest.fixture
def patient(bench: Bench) -> models.Patient:
    bench.take_in()
    return models.Patient.objects.get()


def _keep(patient: models.Patient, fact: RecordFact, **how: Any) -> Any:
    row = records.new_row(patient, fact, **how)
    row.save()
    return row


def _load(patient: models.Patient) -> Any:
    return records.load(patient, now=NOW, zone=ZONE)


def test_a_part_of_which_nobody_spoke_is_not_empty_but_unknown(bench: Bench, patient: models.Patient) -> None:
    assert _load(patient).conditions is None
    models.RecordImport.objects.create(
        site=bench.site, patient=patient, body=b"{}", digest="0" * 64, by_id=bench.tess.id, at=NOW,
        bundle_type="collection", parts=["CONDITION"], counts={}, not_understood=[],
    )  # fmt: skip
    assert _load(patient).conditions == ()
    assert _load(patient).observations is None


def test_a_fact_is_followed_once_and_the_last_one_stands(patient: models.Patient) -> None:
    first = _keep(patient, ASTHMA)
    resolved = Condition("c1", Coded("Asthma"), SAID, ClinicalStatus.RESOLVED, onset=PartialDate(2011))
    second = _keep(patient, resolved, follows=first)
    assert _load(patient).conditions == (resolved,)
    with pytest.raises(IntegrityError), transaction.atomic():
        _keep(patient, ASTHMA, follows=first)
    records.retraction(second, by="Ruth Evans", now=NOW, reason="another patient").save()
    assert _load(patient).conditions is None
    assert models.ConditionFact.objects.count() == 3


def test_what_was_retracted_does_not_rise_again(patient: models.Patient) -> None:
    row = _keep(patient, ASTHMA)
    records.retraction(row, by="Ruth Evans", now=NOW, reason="another patient").save()
    changed = Condition("c1", Coded("Asthma"), SAID, ClinicalStatus.RESOLVED)
    arrivals = [compare(records.held(patient), [Sent(fact, "entry[1]")])[0] for fact in (ASTHMA, changed)]
    assert [one.verdict for one in arrivals] == [Verdict.RETRACTED, Verdict.FOLLOWS]


def test_a_medicine_is_matched_to_the_dictionary_by_its_code(patient: models.Patient) -> None:
    def statement(id_: str, written: Coded) -> MedicationStatement:
        return MedicationStatement(id_, Medication(written), SAID, StatementStatus.ACTIVE)

    _keep(patient, statement("s1", Coded("Aspirin 75mg dispersible tablets", SNOMED, "319773006")))
    _keep(patient, statement("s2", Coded("Aspirin 75mg dispersible tablets", "urn:other", "319773006")))
    _keep(patient, statement("s3", Coded("Aspirin 75mg dispersible tablets")))
    products = [one.medication.product for one in _load(patient).statements]
    # The release has replaced that code since by another one.
    assert [product.id if product else None for product in products] == ["42291811000001106", None, None]


def test_what_is_under_way_and_what_was_handed_out_here(bench: Bench) -> None:
    done = bench.at("closed", FUROSEMIDE)
    waiting = bench.take_in(PARACETAMOL, key="b")
    patient = models.Patient.objects.get()
    record = _load(patient)
    assert [order.medication.written.text for order in record.orders] == [PARACETAMOL.medicine]
    assert [supply.medication.written.text for supply in record.supplies] == [FUROSEMIDE.medicine]
    assert record.supplies[0].medication.product is not None
    assert record.orders[0].provenance.reference == f"prescription:{waiting}"
    assert record.supplies[0].provenance.reference == f"prescription:{done}"
    beside = models.Prescription.objects.get(pk=waiting)
    assert records.load(patient, now=NOW, zone=ZONE, beside=beside).orders == ()
    long_after = records.load(patient, now=NOW + timedelta(days=401), zone=ZONE)
    assert long_after.supplies == ()


def test_a_record_of_any_length_is_loaded_in_twelve_queries(bench: Bench, patient: models.Patient) -> None:
    with CaptureQueriesContext(connection) as short:
        _load(patient)
    for number in range(20):
        for fact in (ASTHMA, STATEMENT):
            _keep(patient, identified(fact, str(number)))
    bench.take_in(PARACETAMOL, key="b")
    with CaptureQueriesContext(connection) as long:
        _load(patient)
    assert len(short) == len(long) == 12


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(fact=FACTS)
def test_any_fact_is_kept_whole(patient: models.Patient, fact: RecordFact) -> None:
    row = _keep(patient, fact)
    row.refresh_from_db()
    kept = records.value(row) if isinstance(row, models.Fact) else patients.allergy(row)
    if isinstance(kept, AboutMedicine):
        kept = replace(kept, medication=Medication(kept.medication.written))
    assert kept == fact


def test_the_columns_say_what_is_asked(patient: models.Patient) -> None:
    row = _keep(
        patient, Condition("c1", Coded("Asthma", SNOMED, "195967001"), SAID, onset=PartialDate(2011, 5))
    )
    assert (row.code, row.system, row.text, row.happened, row.day) == (
        "195967001", SNOMED, "Asthma", "2011-05", date(2011, 5, 1),
    )  # fmt: skip
