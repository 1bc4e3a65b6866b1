"""What has to stand on a prescription that is typed in, by its kind? And does it keep all that was typed?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind as Kind
from pestle.pharmacy.dispensary.prescription_kind import kind_of, kind_refusals
from pestle.pharmacy.dispensary.typed_in import Typed, TypedLine, typed_prescription
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import BaseUnit, Level, Product
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import Organisation, Practitioner, Prescription
from pestle.pharmacy.record.patient import Address, Gender, Name, Patient
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.order import read_prescription
from pestle.wire.fhir.element import root

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 7, 2, 10, 0, tzinfo=UTC)
HOME = Address(("1 Mill Lane", "Ashcombe"), "QX1 1AA")
ADA = Patient(Name("Okafor", ("Ada",)), date(1961, 3, 2), Gender.FEMALE, address=HOME)
DOCTOR = Practitioner("Dr Imre Nagy", (Coded("1234567", "urn:gmc", "1234567"),), address=HOME)
TABLETS = Product("7", Level.VMP, "Codeine 30mg tablets", base_unit=BaseUnit(Unit("tablet")),
                  controlled=Category.SCHEDULE_5)  # fmt: skip
MORPHINE = replace(TABLETS, id="8", name="Morphine 10mg tablets", controlled=Category.SCHEDULE_2)
LINE = TypedLine("Codeine 30mg tabs", "28", "Take one tablet four times a day", TABLETS)
PAPER = Typed(Kind.FP10, ADA, DOCTOR, (LINE,), signed_on=date(2026, 7, 1))
EMERGENCY = Kind.EMERGENCY_PATIENT
URGENT = replace(PAPER, kind=EMERGENCY, signed_on=None, reason="Left at home, on holiday",
                 prescriber=Practitioner("Dr Imre Nagy"))  # fmt: skip


def _made(typed: Typed) -> Prescription:
    ids = tuple(f"item-{place}" for place in range(len(typed.lines)))
    return typed_prescription(typed, number="H-00001", item_ids=ids, now=NOW, zone=LONDON)


# what is typed, which rules refuse it
REFUSED = [
    (replace(PAPER, kind=None), {"typed.no-kind"}),
    (replace(PAPER, kind=Kind.ELECTRONIC), {"typed.electronic"}),
    (replace(PAPER, signed_on=None), {"typed.no-date"}),
    (replace(PAPER, signed_on=date(2026, 7, 3)), {"typed.date-ahead"}),
    (replace(PAPER, patient=replace(ADA, born=None)), {"typed.no-birth-date"}),
    (replace(PAPER, patient=replace(ADA, born=date(2027, 1, 1))), {"typed.not-yet-born"}),
    (replace(PAPER, patient=replace(ADA, address=None)), {"typed.no-patient-address"}),
    (replace(PAPER, patient=replace(ADA, name=Name(""))), {"typed.no-surname", "typed.no-given-name"}),
    (replace(PAPER, prescriber=Practitioner("")),
     {"typed.no-prescriber", "typed.no-prescriber-number", "typed.no-prescriber-address"}),
    (replace(PAPER, lines=()), {"typed.no-lines"}),
    (replace(PAPER, lines=(LINE,) * 11), {"typed.too-many-lines"}),
    (replace(PAPER, lines=(TypedLine("", "", ""),)),
     {"typed.no-medicine", "typed.no-quantity", "typed.no-unit", "typed.no-directions"}),
    (replace(PAPER, lines=(replace(LINE, quantity="2,5"),)), {"quantity.not-a-number"}),
    (replace(PAPER, lines=(replace(LINE, quantity="0"),)), {"typed.no-quantity"}),
    (replace(URGENT, reason=""), {"typed.no-reason"}),
    (replace(URGENT, kind=Kind.EMERGENCY_PRESCRIBER),
     {"typed.no-prescriber-number", "typed.no-prescriber-address"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "rules"), REFUSED)
def test_what_is_missing_is_named(typed: Typed, rules: set[str]) -> None:
    with pytest.raises(Refused) as refused:
        _made(typed)
    assert {one.rule for one in refused.value.refusals} == rules
    assert all(one.place for one in refused.value.refusals)


@pytest.mark.parametrize("kind", [Kind.FP10, Kind.FP10MDA, Kind.PRIVATE, Kind.PRIVATE_CONTROLLED])
def test_paper_is_signed_on_its_day(kind: Kind) -> None:
    made = _made(replace(PAPER, kind=kind))
    assert kind_of(made) is kind
    assert made.signed_at is not None
    assert made.signed_at.astimezone(LONDON).date() == date(2026, 7, 1)
    (line,) = made.lines
    assert line.quantity == Quantity(Decimal(28), Unit("tablet"))
    assert line.dosage is not None
    assert line.dosage.steps[0].timing is not None
    assert (line.medication.text, line.medication.code) == ("Codeine 30mg tabs", "7")


def test_an_emergency_is_asked_for_now() -> None:
    assert _made(URGENT).signed_at == NOW


def test_what_was_typed_is_read_back_from_what_is_kept() -> None:
    lines = (
        LINE,
        replace(LINE, product=MORPHINE, medicine="Morphine 10mg tablets", quantity_words="twenty-eight",
                indication="Pain", days="7"),
        TypedLine("Grandmother's ointment", "1", "As the healer said", unit="jar", quantity_words="one"),
    )  # fmt: skip
    at_surgery = Practitioner("Nurse Orla Byrne", DOCTOR.identifiers, organisation=Organisation("A83008"))
    for typed in (PAPER, URGENT, replace(PAPER, lines=lines), replace(PAPER, prescriber=DOCTOR)):
        made = _made(typed)
        sent = new_order(made, message_id="6f9619ff-8b86-d011-b42d-00cf4fc964ff",
                         sender=Organisation("FXX99", "Pharmacy"))  # fmt: skip
        assert read_prescription(open_bundle(root(sent))) == made
    assert kind_of(replace(_made(PAPER), prescription_type=None, prescriber=at_surgery)) is Kind.ELECTRONIC


# kind, schedule, what the prescriber lacks, quantity in words, which rules refuse it
FORMS = [
    (Kind.FP10, Category.SCHEDULE_5, DOCTOR, "", []),
    (Kind.FP10, Category.SCHEDULE_2, DOCTOR, "", ["kind.quantity-words"]),
    (Kind.FP10, Category.SCHEDULE_2, DOCTOR, "twenty-eight", []),
    (Kind.PRIVATE, Category.SCHEDULE_4_BENZODIAZEPINE, DOCTOR, "", []),
    (Kind.PRIVATE, Category.SCHEDULE_2, DOCTOR, "twenty-eight", ["kind.controlled-form"]),
    (Kind.PRIVATE, Category.SCHEDULE_3_TEMAZEPAM, DOCTOR, "twenty-eight", ["kind.controlled-form"]),
    (Kind.PRIVATE_CONTROLLED, Category.SCHEDULE_3_TEMAZEPAM, DOCTOR, "twenty-eight", []),
    (Kind.PRIVATE_CONTROLLED, Category.SCHEDULE_2, Practitioner("Dr Nagy"), "twenty-eight",
     ["kind.prescriber-number", "kind.prescriber-address"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "schedule", "prescriber", "words", "rules"), FORMS)
def test_the_form_of_a_controlled_drug(
    kind: Kind, schedule: Category, prescriber: Practitioner, words: str, rules: list[str]
) -> None:
    product = replace(MORPHINE, controlled=schedule)
    made = _made(replace(PAPER, kind=kind, lines=(replace(LINE, product=product, quantity_words=words),)))
    made = replace(made, prescriber=prescriber)
    found = list(kind_refusals(made, made.lines[0], controlled=schedule))
    assert [refusal.rule for refusal in found] == rules
