"""What do the rows of an export say, and what becomes of one that cannot be read?"""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pestle import definitions
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.record.patient import Gender, Patient
from pestle.pharmacy.refusal import Refused
from pestle.wire.gp_extract.bundles import read_bundles
from pestle.wire.gp_extract.mapping import Part, read_mappings
from pestle.wire.gp_extract.rows import IssueSaid, MedicineSaid, Row, read, told_by

MAPPINGS = read_mappings(definitions.folder("gp_extract"))
TOLD = told_by("EMIS Web", at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC), reference="bulk:1")
MARY = "943 476 5919"


def rows(part: Part, text: str, system: str = "emis") -> list[Row]:
    return list(read(io.BytesIO(text.encode()), MAPPINGS[system], part, told=TOLD))


def test_a_patient() -> None:
    (row,) = rows(
        Part.PATIENTS,
        "Patient Details\nRun on,02-Nov-2026\n"
        "NHS Number,Surname,Given Name,Date of Birth,Sex,Address,Postcode\n"
        f'{MARY},O\'Brien,Mary Ann,10/03/1965,F,"4 Mill Lane, Ashcombe",QX1 1AA\n',
    )
    assert isinstance(row.said, Patient)
    assert (row.line, row.said.born, row.said.gender) == (4, date(1965, 3, 10), Gender.FEMALE)
    assert row.said.address is not None
    assert row.said.address.lines == ("4 Mill Lane", "Ashcombe")


MEDICINES = (
    "NHS Number,Drug Name,Dosage,Quantity,Quantity Unit,Prescription Type,Authorisation Date,"
    "Most Recent Issue Date,Number of Issues,Maximum Issues,Review Date,Cancellation Date\n"
)


def test_a_medicine_with_its_issues_and_its_last_one() -> None:
    (row,) = rows(
        Part.MEDICINES,
        f"{MEDICINES}{MARY},Furosemide 40mg tablets,One in the morning,28,tablet,Repeat,02-Jan-2019,"
        "2026-10-19 09:12,4,6,01/05/2027,\n",
    )
    said = row.said
    assert isinstance(said, MedicineSaid)
    request = said.order.request
    assert (said.issues, said.last_issued) == (4, date(2026, 10, 19))
    assert request.quantity == Quantity(Decimal(28), Unit("tablet"))
    assert request.course_of_therapy is CourseOfTherapy.REPEAT
    assert request.dosage is not None
    assert request.dosage.text == "One in the morning"
    assert request.repeat is not None
    assert (request.repeat.issues_allowed, request.repeat.review_by) == (6, date(2027, 5, 1))
    assert said.order.starts == whole(date(2019, 1, 2))


def test_an_id_is_made_of_what_does_not_change() -> None:
    line = "{},Furosemide 40mg tablets,{},28,tablet,Repeat,02-Jan-2019,,,,,\n"
    one, other = rows(Part.MEDICINES, MEDICINES + line.format(MARY, "One") + line.format(MARY, "Two"))
    (john,) = rows(Part.MEDICINES, MEDICINES + line.format("999 000 1030", "One"))
    ids = [row.said.order.id for row in (one, other, john) if isinstance(row.said, MedicineSaid)]
    assert ids[0] == ids[1] != ids[2]


def test_an_issue_a_problem_and_results_as_systmone_has_them() -> None:
    (issue,) = rows(
        Part.ISSUES,
        f"NHS number,Drug,Date Issued,Quantity\n{MARY},Aspirin,19/10/2026,28 tablets\n",
        "systmone",
    )
    assert isinstance(issue.said, IssueSaid)
    assert (issue.said.on, str(issue.said.quantity)) == (date(2026, 10, 19), "28 tablets")
    (problem,) = rows(
        Part.PROBLEMS, f"NHS number,Problem,Date Started,Status\n{MARY},Gout,2017,Past\n", "systmone"
    )
    assert isinstance(problem.said, Condition)
    assert (problem.said.onset, problem.said.status) == (PartialDate(2017), ClinicalStatus.INACTIVE)
    results = rows(
        Part.RESULTS,
        f"NHS number,Test,Value,Unit,Date\n{MARY},eGFR,> 90,mL/min,19/10/2026\n{MARY},Smear,negative,,2026\n",
        "systmone",
    )
    number, words = [row.said for row in results if isinstance(row.said, Observation)]
    assert (number.comparator, number.value) == (Comparator.MORE, Quantity(Decimal(90), Unit("mL/min")))
    assert words.value == "negative"


# what stands in a row -> the rule by which it is refused
REFUSED = [
    ("943 476 5918,Furosemide,,28,tablet,Repeat,,,,,,", "nhs-number.check-digit"),
    (f"{MARY},Furosemide,,28,tablet,Sometimes,,,,,,", "extract.course"),
    (f"{MARY},,,28,tablet,Repeat,,,,,,", "extract.missing"),
    (f"{MARY},Furosemide,,many,tablet,Repeat,,,,,,", "quantity.not-a-number"),
    (f"{MARY},Furosemide,,0,tablet,Repeat,,,,,,", "extract.quantity"),
    (f"{MARY},Furosemide,,28,tablet,Repeat,31/02/2026,,,,,", "extract.day"),
    (f"{MARY},Furosemide,,28,tablet,Repeat,,2026,,,,", "extract.day"),
    (f"{MARY},Furosemide,,28,tablet,Repeat,,,four,,,", "extract.number"),
    (f"{MARY},Furosemide", "extract.short-row"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "rule"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_row_that_cannot_be_read_is_given_back_whole_and_the_next_goes_on(line: str, rule: str) -> None:
    good = f"{MARY},Furosemide,,28,tablet,Repeat,,,,,,"
    bad, fine = rows(Part.MEDICINES, f"{MEDICINES}{line}\n{good}\n")
    assert bad.refused is not None
    assert (bad.line, bad.refused.rule, ",".join(bad.cells)) == (2, rule, line)
    assert fine.refused is None


# a file -> the rule by which it is refused as a whole
FILES = [
    (b"", "extract.empty"),
    (b"NHS Number,Drug Name\n", "extract.columns"),
    ("NHS Number,Drug Name,Prescription Type\né".encode("latin-1"), "extract.unreadable"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "rule"), FILES, ids=[row[1] for row in FILES])
def test_a_file_that_is_no_export_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        list(read(io.BytesIO(data), MAPPINGS["emis"], Part.MEDICINES, told=TOLD))
    assert refused.value.rule == rule


def test_plans_are_lines_and_orders_their_issues_as_gp_connect_has_it(samples: Path) -> None:
    (file,) = (samples / "medrec").rglob("gpc-data-model--api-response*")
    data = file.read_bytes()
    nobody, *_ = read_bundles(io.BytesIO(b" ".join(data.split())), told=TOLD)
    assert nobody.refused is not None
    assert nobody.refused.rule == "nhs-number.repeated"
    found = list(
        read_bundles(io.BytesIO(b" ".join(data.replace(b"9999999999", b"9434765919").split())), told=TOLD)
    )
    assert isinstance(found[0].said, Patient)
    lines = [row.said for row in found if isinstance(row.said, MedicineSaid)]
    issues = [row.said for row in found if isinstance(row.said, IssueSaid)]
    assert [one.order.medication.written.text for one in lines] == [
        "Amoxicillin 250mg capsules", "Aspirin 75mg dispersible tablets",
    ]  # fmt: skip
    assert [str(one.on) for one in issues] == ["2016-05-10", "2016-08-11", "2016-09-11"]


def test_what_a_bundle_says_and_nobody_understood_is_refused_and_the_rest_is_read() -> None:
    problem = {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/mary"},
        "code": {"text": "Gout"},
    }
    other = {**problem, "code": {"text": "Asthma"}, "modifierExtension": [{"url": "urn:example:never"}]}
    patient = {
        "resourceType": "Patient", "id": "mary", "gender": "female", "birthDate": "1948-02-11",
        "name": [{"family": "O'Brien", "given": ["Mary"]}],
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": MARY}],
    }  # fmt: skip
    held = [{"resource": one} for one in (patient, problem, other)]
    data = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": held}).encode()
    mary, gout, asthma = read_bundles(io.BytesIO(data), told=TOLD)
    assert isinstance(mary.said, Patient)
    assert isinstance(gout.said, Condition)
    assert (asthma.line, asthma.number, asthma.said) == (1, mary.number, None)
    assert asthma.refused is not None
    assert (asthma.refused.rule, asthma.refused.place) == (
        "fhir.modifier", "Bundle.entry[2].resource.modifierExtension",
    )  # fmt: skip
