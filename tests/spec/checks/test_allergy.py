"""Is the patient allergic to it? Each alert has a twin that differs in one thing and is silent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import allergy as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.medicines.concept import Ingredient
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)

MILD, SEVERE, UNKNOWN = ReactionSeverity.MILD, ReactionSeverity.SEVERE, ReactionSeverity.UNKNOWN
ALLERGY, INTOLERANCE, NOT_SAID = AllergyKind.ALLERGY, AllergyKind.INTOLERANCE, AllergyKind.UNKNOWN

# recorded as             kind         severity reaction         product                              finding
ALERTS = [
    ("amoxicillin", ALLERGY, MILD, "rash", "Amoxicillin 500mg capsules", "hard_stop"),
    ("AMOXICILLIN TRIHYDRATE", ALLERGY, MILD, "", "Amoxicillin 500mg capsules", "hard_stop"),
    ("amoxicillin", NOT_SAID, UNKNOWN, "", "Amoxicillin 500mg capsules", "hard_stop"),
    ("Allergy to penicillin", ALLERGY, MILD, "rash", "Flucloxacillin 500mg capsules", "hard_stop"),
    ("penicillin V", ALLERGY, MILD, "", "Amoxicillin 500mg capsules", "hard_stop"),
    ("amoxicillin", ALLERGY, MILD, "rash", "Co-amoxiclav 500mg/125mg tablets", "hard_stop"),
    ("co-amoxiclav", ALLERGY, MILD, "rash", "Amoxicillin 500mg capsules", "hard_stop"),
    ("amoxicillin", INTOLERANCE, MILD, "nausea", "Amoxicillin 500mg capsules", "interrupt"),
    ("penicillins", ALLERGY, MILD, "rash", "Cefalexin 500mg capsules", "interrupt"),
    ("cefalexin", ALLERGY, MILD, "rash", "Amoxicillin 500mg capsules", "interrupt"),
    ("penicillins", INTOLERANCE, MILD, "nausea", "Cefalexin 500mg capsules", "note"),
    ("penicillin", ALLERGY, MILD, "rash", "Cefoxitin 1g powder for injection", "note"),
    ("penicillin", ALLERGY, SEVERE, "", "Cefoxitin 1g powder for injection", "interrupt"),
    ("penicillin", ALLERGY, UNKNOWN, "", "Cefoxitin 1g powder for injection", "interrupt"),
    ("penicillin", ALLERGY, MILD, "anaphylaxis", "Cefoxitin 1g powder for injection", "interrupt"),
    ("penicillin", ALLERGY, SEVERE, "anaphylaxis", "Cefuroxime 250mg tablets", "note"),
    ("penicillin", ALLERGY, SEVERE, "anaphylaxis", "Meropenem 1g powder for injection", "note"),
    ("beta-lactam", ALLERGY, MILD, "", "Meropenem 1g powder for injection", "hard_stop"),
    ("ceftazidime", ALLERGY, MILD, "", "Aztreonam 1g powder for injection", "interrupt"),
    ("cephalosporins", ALLERGY, MILD, "", "Aztreonam 1g powder for injection", "interrupt"),
    ("cephalosporins", ALLERGY, MILD, "", "Amoxicillin 500mg capsules", "interrupt"),
    ("erythromycin", ALLERGY, MILD, "rash", "Clarithromycin 500mg tablets", "interrupt"),
    ("macrolides", ALLERGY, MILD, "rash", "Clarithromycin 500mg tablets", "hard_stop"),
    ("aspirin", ALLERGY, MILD, "bronchospasm", "Ibuprofen 400mg tablets", "hard_stop"),
    ("aspirin", ALLERGY, MILD, "rash", "Ibuprofen 400mg tablets", "interrupt"),
    ("NSAIDs", ALLERGY, MILD, "rash", "Celecoxib 100mg capsules", "note"),
    ("ramipril", ALLERGY, UNKNOWN, "", "Sacubitril 49mg / Valsartan 51mg tablets", "hard_stop"),
    ("ramipril", ALLERGY, UNKNOWN, "", "Losartan 50mg tablets", "note"),
    ("sulfonamides", ALLERGY, MILD, "rash", "Co-trimoxazole 80mg/400mg tablets", "hard_stop"),
    ("trimethoprim", ALLERGY, MILD, "rash", "Co-trimoxazole 80mg/400mg tablets", "hard_stop"),
    ("codeine", INTOLERANCE, MILD, "constipation", "Co-codamol 30mg/500mg tablets", "interrupt"),
    ("opioids", ALLERGY, MILD, "", "Fentanyl 25micrograms/hour patches", "hard_stop"),
    ("morphine", ALLERGY, MILD, "", "Fentanyl 25micrograms/hour patches", "note"),
]

SILENT = [
    ("amoxicillin", ALLERGY, MILD, "rash", "Clarithromycin 500mg tablets"),
    ("amoxicillin", ALLERGY, SEVERE, "anaphylaxis", "Aztreonam 1g powder for injection"),
    ("penicillin", ALLERGY, UNKNOWN, "", "Paracetamol 500mg tablets"),
    ("penicillin V", ALLERGY, MILD, "", "Trimethoprim 200mg tablets"),
    ("penicillins", ALLERGY, SEVERE, "", "Aztreonam 1g powder for injection"),
    ("co-amoxiclav", ALLERGY, MILD, "rash", "Co-trimoxazole 80mg/400mg tablets"),
    ("amoxicillin", INTOLERANCE, MILD, "nausea", "Paracetamol 500mg tablets"),
    ("cefalexin", ALLERGY, MILD, "rash", "Flucloxacillin 500mg capsules"),
    ("cefuroxime", ALLERGY, MILD, "rash", "Amoxicillin 500mg capsules"),
    ("cefalexin", ALLERGY, MILD, "rash", "Aztreonam 1g powder for injection"),
    ("ceftazidime", ALLERGY, MILD, "", "Meropenem 1g powder for injection"),
    ("ceftazidime", ALLERGY, MILD, "", "Amoxicillin 500mg capsules"),
    ("cephalosporins", ALLERGY, MILD, "", "Flucloxacillin 500mg capsules"),
    ("erythromycin", ALLERGY, MILD, "rash", "Amoxicillin 500mg capsules"),
    ("macrolides", ALLERGY, MILD, "rash", "Omeprazole 20mg capsules"),
    ("aspirin", ALLERGY, SEVERE, "bronchospasm", "Paracetamol 500mg tablets"),
    ("NSAIDs", ALLERGY, SEVERE, "angioedema", "Paracetamol 500mg tablets"),
    ("celecoxib", ALLERGY, MILD, "rash", "Ibuprofen 400mg tablets"),
    ("ramipril", ALLERGY, UNKNOWN, "", "Bumetanide 1mg tablets"),
    ("losartan", ALLERGY, UNKNOWN, "", "Ramipril 5mg capsules"),
    ("sulfonamides", ALLERGY, SEVERE, "rash", "Furosemide 40mg tablets"),
    ("sulfonamides", ALLERGY, SEVERE, "rash", "Celecoxib 100mg capsules"),
    ("sulfamethoxazole", ALLERGY, SEVERE, "rash", "Trimethoprim 200mg tablets"),
    ("codeine", INTOLERANCE, MILD, "constipation", "Paracetamol 500mg tablets"),
    ("codeine", ALLERGY, SEVERE, "", "Ibuprofen 400mg tablets"),
    ("opioids", ALLERGY, MILD, "", "Diazepam 5mg tablets"),
    ("morphine", ALLERGY, SEVERE, "", "Diazepam 5mg tablets"),
    ("fentanyl", ALLERGY, SEVERE, "", "Morphine 10mg modified-release tablets"),
    ("aztreonam", ALLERGY, SEVERE, "", "Amoxicillin 500mg capsules"),
    ("gentamicin", ALLERGY, SEVERE, "", "Amoxicillin 500mg capsules"),
    ("lamotrigine", ALLERGY, SEVERE, "Stevens-Johnson syndrome", "Diazepam 5mg tablets"),
    ("simvastatin", ALLERGY, MILD, "", "Ezetimibe 10mg tablets"),
    ("ciprofloxacin", ALLERGY, MILD, "", "Trimethoprim 200mg tablets"),
]


def _assess(record: AllergyRecord, *names: str) -> Assessment:
    return check.assess(
        bench.prescription(*names), bench.record(record), knowledge=bench.KNOWLEDGE, on=bench.TODAY
    )


def test_there_are_as_many_silent_twins_as_alerts() -> None:
    assert len(SILENT) >= len(ALERTS)


@pytest.mark.parametrize(("substance", "kind", "severity", "reaction", "product", "expected"), ALERTS)
def test_alert(
    substance: str,
    kind: AllergyKind,
    severity: ReactionSeverity,
    reaction: str,
    product: str,
    expected: str,
) -> None:
    recorded = bench.allergy(substance, kind=kind, severity=severity, reaction=reaction)
    assessment = _assess(bench.known(recorded), product)
    assert bench.shapes(assessment) == expected
    (found,) = assessment.findings
    assert found.line == "1"
    assert substance in found.what
    assert found.why[0].source == bench.SAID.who
    assert not found.source.verified, "recalled knowledge shows as unverified"


@pytest.mark.parametrize(("substance", "kind", "severity", "reaction", "product"), SILENT)
def test_silent_twin(
    substance: str, kind: AllergyKind, severity: ReactionSeverity, reaction: str, product: str
) -> None:
    recorded = bench.allergy(substance, kind=kind, severity=severity, reaction=reaction)
    assert bench.shapes(_assess(bench.known(recorded), product)) == ""


NOT_ASSESSED = [
    (AllergyRecord(AllergyStatus.NOT_RECORDED), "Nobody has recorded"),
    (AllergyRecord(AllergyStatus.UNAVAILABLE), "could not be read"),
    (bench.known(bench.allergy("penicillin", refuted=True)), "refuted"),
    (bench.known(bench.allergy("strawberries")), "“strawberries”"),
    (bench.known(bench.allergy("pencillin")), "“pencillin”"),
    (bench.known(bench.allergy("sodium")), "“sodium”"),
    (bench.known(bench.allergy("allergy")), "“allergy”"),
    (bench.known(bench.allergy("erythromycin and strawberries")), "“strawberries”"),
    (bench.known(bench.allergy("peanuts")), "arachis oil"),
    (bench.known(bench.allergy("lactose", kind=INTOLERANCE)), "lactose"),
]


@pytest.mark.parametrize(("recorded", "because"), NOT_ASSESSED)
def test_what_is_not_understood_is_said(recorded: AllergyRecord, because: str) -> None:
    (found,) = _assess(recorded, "Paracetamol 500mg tablets").findings
    assert found.severity.value == "not_assessed"
    assert because in found.because
    assert found.do


def test_no_known_allergies_finds_nothing() -> None:
    assert _assess(bench.NONE_KNOWN, "Amoxicillin 500mg capsules").findings == ()


def test_a_product_of_unknown_substance_is_not_assessed() -> None:
    assessment = _assess(
        bench.known(bench.allergy("penicillin")), "Unlisted elixir", "Paracetamol 500mg tablets"
    )
    (found,) = assessment.findings
    assert (found.line, found.severity.value) == ("1", "not_assessed")
    assert "Unlisted elixir" in found.because


def test_an_unknown_word_does_not_hide_a_known_one() -> None:
    recorded = bench.known(bench.allergy("penicillin and strawberries", severity=MILD))
    assert bench.shapes(_assess(recorded, "Amoxicillin 500mg capsules")) == "hard_stop, not_assessed"


# recorded as    kind         excipients that the dictionary lists   finding
EXCIPIENTS = [
    ("peanut", ALLERGY, ("Arachis oil",), "hard_stop"),
    ("peanut", INTOLERANCE, ("Arachis oil",), "interrupt"),
    ("lactose", ALLERGY, ("Lactose monohydrate",), "hard_stop"),
    ("lactose", INTOLERANCE, ("Lactose monohydrate", "Aspartame"), "note"),
    ("polyethylene glycol", ALLERGY, ("Macrogol 3350",), "not_assessed"),
    ("macrogol", ALLERGY, ("Macrogol",), "hard_stop"),
    ("soya", ALLERGY, ("Arachis oil",), "note"),
    ("lactose", INTOLERANCE, ("Sucrose",), "not_assessed"),
    ("lactose", INTOLERANCE, None, "not_assessed"),
    ("penicillin", ALLERGY, ("Lactose monohydrate",), ""),
    ("codeine", INTOLERANCE, ("Arachis oil",), ""),
]


@pytest.mark.parametrize(("substance", "kind", "listed", "expected"), EXCIPIENTS)
def test_excipients_where_the_dictionary_lists_them(
    substance: str, kind: AllergyKind, listed: tuple[str, ...] | None, expected: str
) -> None:
    medicine = bench.medicine("Paracetamol 500mg tablets")
    assert medicine.product is not None
    excipients = None if listed is None else tuple(Ingredient(name) for name in listed)
    brand = replace(medicine.product, id="brand", generic_id=medicine.product.id, excipients=excipients)
    line = bench.line("Paracetamol 500mg tablets", medication=replace(medicine, product=brand))
    recorded = bench.record(bench.known(bench.allergy(substance, kind=kind, severity=MILD)))
    answer = check.assess(Proposed((line,)), recorded, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(answer) == expected


def test_a_substance_of_the_dictionary_is_known() -> None:
    recorded = bench.record(bench.known(bench.allergy("adalimumab")))
    paracetamol = bench.prescription("Paracetamol 500mg tablets")
    before = check.assess(paracetamol, recorded, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    knowing = bench.KNOWLEDGE.with_substances(["Adalimumab"])
    after = check.assess(paracetamol, recorded, knowledge=knowing, on=bench.TODAY)
    assert (bench.shapes(before), bench.shapes(after)) == ("not_assessed", "")


def test_every_allergy_and_every_line_has_its_finding() -> None:
    recorded = bench.known(
        bench.allergy("penicillin", severity=MILD), bench.allergy("ibuprofen", severity=MILD)
    )
    found = _assess(recorded, "Ibuprofen 400mg tablets", "Amoxicillin 500mg capsules").findings
    assert {(each.line, each.severity.value) for each in found} == {("1", "hard_stop"), ("2", "hard_stop")}


def test_the_same_allergy_recorded_twice_is_said_once() -> None:
    twice: tuple[Allergy, Allergy] = (bench.allergy("penicillin"), bench.allergy("penicillin"))
    assert len(_assess(bench.known(*twice), "Amoxicillin 500mg capsules").findings) == 1
