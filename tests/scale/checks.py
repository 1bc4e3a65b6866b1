"""How long do all checks of one order take, for a patient with 20 medicines and 200 results?

Processor time of one core. Patients and orders are drawn from the starter formulary by a fixed seed; every
patient has 20 standing orders with instructions, 200 results, 8 conditions and 12 supplies. The best of all
rounds is each order's own cost, without what else the machine did. What is known is frozen for the garbage
collector, as the server does. Prints; asserts nothing. Run: ``python -m tests.scale.checks``.
"""

from __future__ import annotations

import gc
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from pestle.definitions import folder
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.checks.run import CHECKS, assess_all
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.allergy import Allergy, AllergyKind, AllergyRecord, AllergyStatus
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationRequest,
    MedicationSupply,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

_TODAY = date(2026, 11, 22)
_SAID = Provenance(SourceKind.IMPORT, "scale", datetime(2026, 11, 1, 9, tzinfo=UTC))
_PATIENTS, _ROUNDS, _MEDICINES, _RESULTS = 200, 5, 20, 200
_WRITTEN = (
    "Take ONE tablet ONCE a day", "Take ONE capsule TWICE a day", "Take TWO tablets FOUR times a day",
    "1-2 tablets every 4 to 6 hours when required, max 8 in 24 hours", "5ml three times a day", "mdu",
)  # fmt: skip
_KINDS = (
    ("Creatinine", 60, 220, "micromol/L"), ("eGFR", 20, 90, "mL/min/1.73m2"), ("Potassium", 3, 6, "mmol/L"),
    ("Body weight", 45, 110, "kg"), ("Haemoglobin", 80, 160, "g/L"), ("INR", 1, 4, ""),
    ("Sodium", 128, 146, "mmol/L"), ("ALT", 10, 90, "U/L"), ("Pulse", 50, 110, "/min"),
    ("HbA1c", 35, 90, "mmol/mol"),
)  # fmt: skip
_CONDITIONS = ("Atrial fibrillation", "Asthma", "Hypertension", "Chronic kidney disease", "Gout",
               "Depression", "Heart failure", "Type 2 diabetes")  # fmt: skip


def main() -> None:
    """All checks together, then each by itself."""
    products = [
        product
        for product in read_dictionary(folder("formulary")).products()
        if product.level is Level.VMP and product.ingredients
    ]
    names = {name for product in products for name in product.ingredient_names or ()}
    knowledge = read(*map(folder, FOLDERS)).with_substances(names)
    drawn = random.Random(20261122)
    cases = [(_order(drawn, products), _record(drawn, products)) for _ in range(_PATIENTS)]
    for proposed, record in cases:
        assess_all(proposed, record, knowledge=knowledge, on=_TODAY)
    gc.collect()
    gc.freeze()
    everything = _times(cases, lambda p, r: assess_all(p, r, knowledge=knowledge, on=_TODAY))
    found = sum(
        len(answer.findings)
        for proposed, record in cases
        for answer in assess_all(proposed, record, knowledge=knowledge, on=_TODAY)
    )
    sys.stdout.write(f"{len(everything)} orders, {found / len(cases):.1f} findings each\n")
    _say("all checks", everything)
    best = [min(everything[at :: len(cases)]) for at in range(len(cases))]
    _say(f"best of {_ROUNDS}", best)
    for took, (proposed, _) in sorted(zip(best, cases, strict=True), key=lambda each: -each[0])[:3]:
        sys.stdout.write(f"  worst: {took:.2f} ms  {proposed.lines[0].medication.name}\n")
    for check in CHECKS:
        _say(check.name, _times(cases, lambda p, r: check.assess(p, r, knowledge=knowledge, on=_TODAY)))  # noqa: B023


def _times(cases: list[tuple[Proposed, Record]], run: Callable[[Proposed, Record], object]) -> list[float]:
    found = []
    for _ in range(_ROUNDS):
        for proposed, record in cases:
            fresh = replace(proposed)  # without what was made ready for it before
            start = time.thread_time_ns()
            run(fresh, record)
            found.append((time.thread_time_ns() - start) / 1e6)
    return found


def _say(name: str, times: list[float]) -> None:
    times = sorted(times)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    sys.stdout.write(f"{name:14}p50 {p50:7.2f} ms   p99 {p99:7.2f} ms\n")


def _order(drawn: random.Random, products: list[Product]) -> Proposed:
    product = drawn.choice(products)
    line = ProposedLine(
        "1",
        _medication(product),
        dosage=_dosage(drawn),
        quantity=Quantity(Decimal(28), Unit("tablet")),
        course=CourseOfTherapy.REPEAT,
    )
    return Proposed((line,), signed_on=_TODAY)


def _record(drawn: random.Random, products: list[Product]) -> Record:
    orders = tuple(
        MedicationOrder(
            MedicationRequest(
                id=f"order {at}",
                medication=Coded(product.name),
                dosage=_dosage(drawn),
                quantity=None,
                status=LineStatus.ACTIVE,
                intent="order",
                course_of_therapy=CourseOfTherapy.REPEAT,
            ),
            _medication(product),
            _SAID,
            starts=PartialDate(2026, drawn.randint(1, 10)),
        )
        for at, product in enumerate(drawn.sample(products, _MEDICINES))
    )
    supplies = tuple(
        MedicationSupply(
            id=f"supply {at}",
            medication=drawn.choice(orders).medication,
            provenance=_SAID,
            on=_TODAY - timedelta(days=drawn.randint(1, 90)),
            quantity=Quantity(Decimal(56), Unit("tablet")),
            days_supply=Decimal(28),
        )
        for at in range(12)
    )
    return Record(
        patient=Patient(Name("Scale"), date(drawn.randint(1930, 2015), 5, 1), drawn.choice(list(Gender))),
        allergies=AllergyRecord(
            AllergyStatus.KNOWN,
            (
                Allergy("penicillin", AllergyKind.ALLERGY, _SAID),
                Allergy("lactose", AllergyKind.INTOLERANCE, _SAID),
            ),
        ),
        conditions=tuple(
            Condition(f"condition {what}", Coded(what), _SAID, status=ClinicalStatus.ACTIVE)
            for what in _CONDITIONS
        ),
        observations=tuple(_result(drawn, at) for at in range(_RESULTS)),
        orders=orders,
        statements=(),
        supplies=supplies,
    )


def _result(drawn: random.Random, at: int) -> Observation:
    what, low, high, unit = drawn.choice(_KINDS)
    day = _TODAY - timedelta(days=drawn.randint(0, 700))
    return Observation(
        f"result {at}",
        Coded(what),
        _SAID,
        PartialDate(day.year, day.month, day.day),
        value=Quantity(Decimal(drawn.randint(low, high)), Unit(unit)),
    )


def _medication(product: Product) -> Medication:
    return Medication(Coded(product.name), product)


def _dosage(drawn: random.Random) -> Dosage:
    return Dosage((DosageStep(text=drawn.choice(_WRITTEN)),))


if __name__ == "__main__":
    main()
