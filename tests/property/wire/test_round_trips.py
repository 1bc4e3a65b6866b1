"""A value written and read is the same value."""

from __future__ import annotations

import string
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Coded,
    Day,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
    When,
)
from pestle.pharmacy.quantity import SNOMED, UCUM, Quantity, Range, Ratio, Unit
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Organisation,
    Practitioner,
    Prescription,
    RepeatIssue,
)
from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.order import read_order, write_order
from pestle.wire.eps.prescription_id import make_number
from pestle.wire.fhir.dosage import read_dosage, write_dosage
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import dump, parse, tree

NOW = datetime(2100, 1, 1, tzinfo=UTC)

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
CODES = st.text(string.digits, min_size=6, max_size=12)
CODED = st.builds(Coded, WORDS) | st.builds(Coded, WORDS, st.just(SNOMED), CODES)
AMOUNTS = st.decimals(
    min_value=0, max_value=10**6, places=3, allow_nan=False, allow_infinity=False
) | st.integers(0, 10**6).map(Decimal)
UNITS = st.builds(Unit, WORDS) | st.builds(Unit, WORDS, st.just(UCUM), CODES)
QUANTITIES = st.builds(Quantity, AMOUNTS, UNITS)
RANGES = st.one_of(
    st.builds(Range, QUANTITIES, QUANTITIES),
    st.builds(Range, QUANTITIES, st.none()),
    st.builds(Range, st.none(), QUANTITIES),
)
RATIOS = st.builds(Ratio, QUANTITIES, QUANTITIES)
DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
DATES = DAYS.map(date.isoformat)
POSITIVE = st.none() | st.integers(1, 99)
UNSAID = st.none()
BOUNDS = st.one_of(
    st.builds(Bounds, duration=QUANTITIES),
    st.builds(Bounds, range=RANGES),
    st.builds(Bounds, start=DATES, end=UNSAID | DATES),
)
REPEATS = st.builds(
    Repeat,
    bounds=UNSAID | BOUNDS,
    count=POSITIVE,
    count_max=POSITIVE,
    duration=UNSAID | AMOUNTS,
    duration_max=UNSAID | AMOUNTS,
    duration_unit=UNSAID | st.sampled_from(PeriodUnit),
    frequency=POSITIVE,
    frequency_max=POSITIVE,
    period=UNSAID | AMOUNTS,
    period_max=UNSAID | AMOUNTS,
    period_unit=UNSAID | st.sampled_from(PeriodUnit),
    days_of_week=st.lists(st.sampled_from(Day), max_size=3).map(tuple),
    times_of_day=st.lists(st.times(), max_size=3).map(tuple),
    when=st.lists(st.sampled_from(When), max_size=3).map(tuple),
    offset_minutes=UNSAID | st.integers(0, 600),
)
TIMINGS = st.builds(Timing, st.lists(DATES, max_size=2).map(tuple), UNSAID | REPEATS, UNSAID | CODED)
DOSES = st.builds(
    DoseAndRate, UNSAID | QUANTITIES | RANGES, UNSAID | QUANTITIES | RANGES | RATIOS, UNSAID | CODED
)
STEPS = st.builds(
    DosageStep,
    sequence=st.integers(-5, 50),
    text=UNSAID | WORDS,
    additional_instructions=st.lists(CODED, max_size=2).map(tuple),
    patient_instruction=UNSAID | WORDS,
    timing=UNSAID | TIMINGS,
    as_needed=UNSAID | st.builds(AsNeeded, st.lists(CODED, max_size=1).map(tuple)),
    site=UNSAID | CODED,
    route=UNSAID | CODED,
    method=UNSAID | CODED,
    doses=st.lists(DOSES, max_size=2).map(tuple),
    max_dose_per_period=UNSAID | RATIOS,
    max_dose_per_administration=UNSAID | QUANTITIES,
    max_dose_per_lifetime=UNSAID | QUANTITIES,
)
DOSAGES = st.builds(Dosage, st.lists(STEPS, min_size=1, max_size=2).map(tuple))

ADDRESSES = st.builds(Address, st.lists(WORDS, max_size=3).map(tuple), WORDS)
ORGANISATIONS = st.builds(Organisation, CODES, WORDS, UNSAID | ADDRESSES, WORDS)
PRACTITIONERS = st.builds(
    Practitioner,
    WORDS,
    st.lists(CODES, max_size=2).map(
        lambda codes: tuple(Coded(code, "https://fhir.hl7.org.uk/Id/gmc-number", code) for code in codes)
    ),
    UNSAID | st.builds(Coded, WORDS, st.just("https://example.org/role"), CODES),
    ORGANISATIONS,
    WORDS,
)
PATIENTS = st.builds(
    Patient,
    st.builds(Name, WORDS, st.lists(WORDS, max_size=2).map(tuple), st.sampled_from(["", "Ms", "Dr"])),
    UNSAID | DAYS,
    st.sampled_from(Gender),
    st.just(NhsNumber("9434765919")),
    UNSAID | ADDRESSES,
    UNSAID | CODES,
)


@st.composite
def prescriptions(draw: st.DrawFn) -> Prescription:
    repeating = draw(st.booleans())
    authorised = RepeatIssue(2, 6, draw(DAYS)) if repeating else None
    days_supply = draw(st.none() | st.integers(1, 90).map(Decimal))
    lines = tuple(
        MedicationRequest(
            id=f"00000000-0000-4000-8000-00000000000{number}",
            medication=draw(CODED),
            dosage=draw(UNSAID | DOSAGES),
            quantity=draw(UNSAID | QUANTITIES),
            status=LineStatus.ACTIVE,
            intent="instance-order" if repeating else "order",
            course_of_therapy=CourseOfTherapy.REPEAT if repeating else CourseOfTherapy.ACUTE,
            substitution_allowed=draw(UNSAID | st.booleans()),
            days_supply=days_supply,
            endorsements=draw(st.lists(CODED, max_size=2).map(tuple)),
            controlled_drug=draw(UNSAID | st.builds(ControlledDrugStatement, st.just("CD2"), WORDS)),
            repeat=authorised,
            notes=draw(st.lists(WORDS, max_size=2).map(tuple)),
            dispense_status=draw(UNSAID | st.builds(Coded, WORDS, st.just("https://example.org"), CODES)),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    digits = st.text("0123456789ABCDEF", min_size=6, max_size=6)
    return Prescription(
        number=make_number(first=draw(digits), ods="A83008", second=draw(digits)[:5]),
        lines=lines,
        patient=draw(PATIENTS),
        prescriber=draw(PRACTITIONERS),
        prescription_type=Coded("Medical", "https://fhir.nhs.uk/CodeSystem/prescription-type", "0101"),
        signed_at=draw(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
        id=draw(UNSAID | CODES),
        responsible=draw(UNSAID | PRACTITIONERS),
        starts_on=draw(UNSAID | DAYS),
        ends_on=draw(UNSAID | DAYS),
        nominated_pharmacy=draw(UNSAID | CODES),
        dispensing_site_preference=draw(UNSAID | st.just("P1")),
        authored_on=draw(UNSAID | DATES),
        notes_to_pharmacy=draw(st.lists(WORDS, max_size=2).map(tuple)),
    )


@given(DOSAGES)
def test_a_dosage_reads_back_as_itself(dosage: Dosage) -> None:
    written = parse(dump(tree({"resourceType": "X", "dosage": write_dosage(dosage)})))
    assert read_dosage(root(written).each("dosage")) == dosage


@given(prescriptions())
def test_a_new_order_reads_back_as_the_same_prescription(prescription: Prescription) -> None:
    sent = parse(dump(new_order(prescription, message_id="5f1d7a52-3f0e-4a53-9a55-0e3bb1a0c005")))
    received = read_order(sent, now=NOW)
    assert received.prescription == prescription
    assert write_order(prescription, onto=sent) == sent
