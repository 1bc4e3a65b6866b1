"""Order to value and back: equal trees; value to order and back: equal values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import Coded, Day, Dosage, DosageStep, Repeat, Timing
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Prescription,
    RepeatIssue,
)
from pestle.pharmacy.record.patient import Gender, NhsNumber
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.order import read_order, read_prescription, write_order
from pestle.wire.fhir.dosage import read_dosage, write_dosage
from pestle.wire.fhir.element import Element, root
from pestle.wire.fhir.tree import Tree, dump, freeze, parse, thaw

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = "5f1d7a52-3f0e-4a53-9a55-0e3bb1a0c001"
ORDERS = (
    "001", "004", "006", "007", "009", "012", "013", "019", "021", "022", "025",
    "028", "030", "031", "033", "034", "036", "037", "039", "043", "075",
)  # fmt: skip
Sample = Callable[[str], Tree]


@pytest.mark.parametrize("number", ORDERS)
def test_an_order_written_onto_itself_is_the_same_tree(sample: Sample, number: str) -> None:
    sent = sample(number)
    assert write_order(read_order(sent, now=NOW).prescription, onto=sent) == sent
    assert parse(dump(sent)) == sent
    assert dump(write_order(read_order(sent, now=NOW).prescription, onto=sent)) == dump(sent)


@pytest.mark.parametrize("number", ORDERS)
def test_a_new_order_reads_back_as_the_same_prescription(sample: Sample, number: str) -> None:
    prescription = read_order(sample(number), now=NOW).prescription
    written = new_order(prescription, message_id=MESSAGE)
    received = read_order(parse(dump(written)), now=NOW)
    assert received.prescription == prescription
    assert received.message_id == MESSAGE


@pytest.mark.parametrize("number", ORDERS)
def test_every_dosage_reads_back_as_itself(sample: Sample, number: str) -> None:
    for line in read_order(sample(number), now=NOW).prescription.lines:
        assert line.dosage is not None
        written = tuple(Element(freeze(step), "Dosage") for step in write_dosage(line.dosage))
        assert read_dosage(written) == line.dosage


CHANGES: dict[str, tuple[str, Any]] = {
    "medication": ("medicationCodeableConcept", Coded("Aspirin 75mg tablets", "http://snomed.info/sct", "1")),
    "quantity": ("dispenseRequest", Quantity(Decimal("2.50"), Unit("ml"))),
    "status": ("status", LineStatus.COMPLETED),
    "course_of_therapy": ("courseOfTherapyType", CourseOfTherapy.REPEAT),
    "substitution_allowed": ("substitution", None),
    "days_supply": ("dispenseRequest", Decimal(7)),
    "notes": ("note", ("Crush.",)),
    "endorsements": ("extension", (Coded("Contraceptive", "https://example.org", "CC"),)),
    "controlled_drug": ("extension", ControlledDrugStatement("CD2", "twenty")),
    "repeat": ("extension", RepeatIssue(None, None, date(2027, 1, 1))),
    "dispense_status": ("extension", Coded("Item with dispenser", "https://example.org", "0008")),
    "dosage": (
        "dosageInstruction",
        Dosage((DosageStep(text="Weekly", timing=Timing(repeat=Repeat(days_of_week=(Day.MONDAY,)))),)),
    ),
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_changes_that_field_alone(sample: Sample, field: str) -> None:
    sent = sample("006")
    key, value = CHANGES[field]
    held = read_order(sent, now=NOW).prescription
    changed = replace(held, lines=(replace(held.lines[0], **{field: value}), *held.lines[1:]))
    written = write_order(changed, onto=sent)
    assert _reread(written) == changed
    before, after = thaw(sent.root), thaw(written.root)
    line = next(
        index
        for index, entry in enumerate(before["entry"])
        if entry["resource"]["resourceType"] == "MedicationRequest"
    )
    assert before["entry"][line]["resource"].pop(key, None) != after["entry"][line]["resource"].pop(key, None)
    assert after == before


def test_the_heading_is_changed_on_every_line(sample: Sample) -> None:
    sent = sample("001")
    held = read_order(sent, now=NOW).prescription
    changed = replace(
        held,
        number="24F5DA-A83008-7EFE6Z",
        starts_on=date(2025, 3, 1),
        ends_on=date(2025, 3, 29),
        nominated_pharmacy="FA111",
        signed_at=datetime(2025, 3, 1, 9, tzinfo=UTC),
        patient=replace(held.patient, gender=Gender.OTHER, born=date(1950, 1, 1)),
    )
    assert read_order(write_order(changed, onto=sent), now=NOW).prescription == changed


def test_other_lines_or_another_prescriber_are_another_order(sample: Sample) -> None:
    sent = sample("001")
    held = read_order(sent, now=NOW).prescription
    for changed in (
        replace(held, lines=held.lines[:-1]),
        replace(held, prescriber=replace(held.prescriber, name="Somebody")),
    ):
        with pytest.raises(Refused) as refused:
            write_order(changed, onto=sent)
        assert refused.value.rule == "eps.rewrite"


def test_what_a_four_line_order_says(sample: Sample) -> None:
    prescription = read_order(sample("001"), now=NOW).prescription
    line = prescription.lines[0]
    assert prescription.number == "24F5DA-A83008-7EFE6Z"
    assert prescription.id == "20ba5fb5-cb58-462c-923e-22d180b09356"
    assert prescription.patient.nhs_number == NhsNumber("5839945242")
    assert str(prescription.patient.name) == "TWITCHETT, Stacey Marisa (Ms)"
    assert prescription.patient.born == date(1948, 4, 30)
    assert prescription.prescriber.name == "DR C BOIN"
    assert prescription.prescriber.organisation is not None
    assert prescription.prescriber.organisation.code == "A83008"
    assert (prescription.starts_on, prescription.ends_on) == (date(2022, 10, 21), None)
    assert prescription.signed_at == datetime(2022, 10, 21, 13, 47, tzinfo=UTC)
    assert prescription.nominated_pharmacy == "FA565"
    assert prescription.dispensing_site_preference == "P1"
    assert line.medication.text == "Amoxicillin 250mg capsules"
    assert line.medication.code == "39732311000001104"
    assert str(line.quantity) == "20 tablets"
    assert line.days_supply == 10
    assert line.substitution_allowed is False
    assert line.dosage is not None
    assert line.dosage.text == "2 times a day for 10 days"
    assert line.repeat is None


def _line(prescription: Prescription, medicine: str) -> MedicationRequest:
    return next(line for line in prescription.lines if medicine in line.medication.text)


def test_what_other_orders_say(sample: Sample) -> None:
    controlled = read_order(sample("021"), now=NOW).prescription
    assert _line(controlled, "Morphine").controlled_drug == ControlledDrugStatement("CD2", "twenty eight")
    assert _line(controlled, "Diazepam").notes == ("Dosage has been decreased on advice from the hospital.",)
    dispensing = read_order(sample("012"), now=NOW).prescription
    assert dispensing.lines[0].repeat == RepeatIssue(None, 6, date(2024, 11, 30))
    assert dispensing.notes_to_pharmacy[0].startswith("Due to Coronavirus restrictions")
    repeat = read_order(sample("075"), now=NOW).prescription
    assert repeat.lines[0].repeat == RepeatIssue(2, 6, date(2023, 4, 7))
    trust = read_order(sample("006"), now=NOW).prescription.responsible
    assert trust is not None
    assert trust.organisation is not None
    assert trust.organisation.code == "RBA"
    endorsed = read_order(sample("036"), now=NOW).prescription
    assert [endorsement.code for endorsement in endorsed.lines[0].endorsements] == ["SLS", "FS"]
    steps = read_order(sample("043"), now=NOW).prescription.lines[0].dosage
    assert steps is not None
    assert [step.sequence for step in steps.steps] == [1, 2, 3, 4, 5, 6, 7]


def _reread(tree: Tree) -> Prescription:
    # The rules would refuse some of these changes; what is meant here is only the reading.
    return read_prescription(open_bundle(root(tree)))
