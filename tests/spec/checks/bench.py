"""The bench the tables are read at: a few products, and how a row becomes a prescription and a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from pestle.definitions import folder
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.checks.knowledge import Knowledge, read
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.medicines.concept import Ingredient, Level, Product
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    Medication,
    MedicationSupply,
)
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

TODAY = date(2026, 11, 22)
KNOWLEDGE: Knowledge = read(folder("checks"))
PATIENT = Patient(Name("Example", ("Robin",)), date(1960, 5, 1), Gender.UNKNOWN)
SAID = Provenance(SourceKind.PERSON, "A. Technician", datetime(2026, 1, 5, 9, tzinfo=UTC))
NONE_KNOWN = AllergyRecord(AllergyStatus.NONE_KNOWN, stated=SAID)


def product(
    name: str,
    *ingredients: str,
    moiety: str | None = None,
    route: str | None = "Oral",
    controlled: Category | None = Category.NONE,
    bnf: str | None = None,
) -> Product:
    """A VMP. Its id is its name: no real code is needed to tell products apart here."""
    return Product(
        id=name,
        level=Level.VMP,
        name=name,
        moiety=moiety,
        ingredients=tuple(Ingredient(each) for each in ingredients) or None,
        routes=(route,) if route else None,
        controlled=controlled,
        bnf_code=bnf,
    )


PRODUCTS = {
    each.name: each
    for each in (
        product("Amoxicillin 500mg capsules", "Amoxicillin trihydrate", moiety="Amoxicillin"),
        product("Co-amoxiclav 500mg/125mg tablets", moiety="Co-amoxiclav"),
        product("Flucloxacillin 500mg capsules", "Flucloxacillin sodium"),
        product("Cefalexin 500mg capsules", "Cefalexin monohydrate"),
        product("Cefoxitin 1g powder for injection", "Cefoxitin sodium", route="Intravenous"),
        product("Cefuroxime 250mg tablets", "Cefuroxime axetil"),
        product("Ceftazidime 1g powder for injection", "Ceftazidime pentahydrate", route="Intravenous"),
        product("Meropenem 1g powder for injection", "Meropenem trihydrate", route="Intravenous"),
        product("Aztreonam 1g powder for injection", "Aztreonam", route="Intravenous"),
        product("Clarithromycin 500mg tablets", "Clarithromycin"),
        product("Co-trimoxazole 80mg/400mg tablets", "Sulfamethoxazole", "Trimethoprim"),
        product("Trimethoprim 200mg tablets", "Trimethoprim"),
        product("Furosemide 40mg tablets", "Furosemide", bnf="0202020L0AABDBD"),
        product("Bumetanide 1mg tablets", "Bumetanide"),
        product("Ibuprofen 400mg tablets", "Ibuprofen"),
        product("Ibuprofen 5% gel", "Ibuprofen", route="Cutaneous"),
        product("Naproxen 250mg tablets", "Naproxen"),
        product("Diclofenac 100mg suppositories", "Diclofenac sodium", route="Rectal"),
        product("Diclofenac 1.16% gel", "Diclofenac diethylamine", route="Cutaneous"),
        product("Celecoxib 100mg capsules", "Celecoxib"),
        product("Paracetamol 500mg tablets", "Paracetamol"),
        product("Co-codamol 30mg/500mg tablets", moiety="Co-codamol", controlled=Category.SCHEDULE_5),
        product("Warfarin 1mg tablets", "Warfarin sodium"),
        product("Warfarin 3mg tablets", "Warfarin sodium"),
        product("Apixaban 5mg tablets", "Apixaban"),
        product("Ramipril 5mg capsules", "Ramipril"),
        product("Losartan 50mg tablets", "Losartan potassium"),
        product("Sacubitril 49mg / Valsartan 51mg tablets", moiety="Sacubitril + Valsartan"),
        product("Simvastatin 20mg tablets", "Simvastatin", bnf="0212000Y0AAABAB"),
        product("Ezetimibe 10mg tablets", "Ezetimibe", bnf="0212000L0AAAAAA"),
        product("Omeprazole 20mg capsules", "Omeprazole"),
        product("Morphine 10mg modified-release tablets", "Morphine sulfate", controlled=Category.SCHEDULE_2),
        product(
            "Gabapentin 300mg capsules", "Gabapentin", controlled=Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY
        ),
        product("Diazepam 5mg tablets", "Diazepam", controlled=Category.SCHEDULE_4_BENZODIAZEPINE),
        product("Zopiclone 7.5mg tablets", "Zopiclone", controlled=Category.SCHEDULE_4_BENZODIAZEPINE),
        product("Fentanyl 25micrograms/hour patches", "Fentanyl", controlled=Category.SCHEDULE_2),
        product("Raw opium", "Opium", controlled=Category.SCHEDULE_1),
        product("Sodium chloride 5mmol/5ml oral solution", "Sodium chloride"),
        product("Unlisted elixir", controlled=None, route=None),
    )
}


def medicine(name: str) -> Medication:
    """One of the products above, as written and matched."""
    return Medication(Coded(name), PRODUCTS[name])


def unmatched(name: str) -> Medication:
    """A medicine as written, that nobody matched to a product."""
    return Medication(Coded(name))


def line(name: str, *, id: str = "1", **fields: object) -> ProposedLine:
    """A line for one of the products above."""
    return replace(ProposedLine(id, medicine(name), course=CourseOfTherapy.ACUTE), **fields)  # type: ignore[arg-type]


def prescription(*names: str) -> Proposed:
    """A prescription with one line for each name, signed today."""
    lines = tuple(line(name, id=str(at)) for at, name in enumerate(names, start=1))
    return Proposed(lines, signed_on=TODAY)


def supply(name: str, *, on: date, days: int | None = 28) -> MedicationSupply:
    """An earlier supply of one of the products above."""
    return MedicationSupply(
        id=f"{name} {on}",
        medication=medicine(name),
        provenance=SAID,
        on=on,
        days_supply=None if days is None else Decimal(days),
    )


def allergy(
    substance: str,
    *,
    kind: AllergyKind = AllergyKind.ALLERGY,
    reaction: str = "",
    severity: ReactionSeverity = ReactionSeverity.UNKNOWN,
    refuted: bool = False,
) -> Allergy:
    """One recorded allergy."""
    return Allergy(substance, kind, SAID, reaction=reaction, severity=severity, refuted=refuted)


def known(*allergies: Allergy) -> AllergyRecord:
    """A record with these allergies."""
    return AllergyRecord(AllergyStatus.KNOWN, allergies)


def record(
    allergies: AllergyRecord = NONE_KNOWN, supplies: tuple[MedicationSupply, ...] | None = ()
) -> Record:
    """What is known of the patient: unless said otherwise, no allergies and no earlier supplies."""
    return Record(PATIENT, allergies, supplies=supplies)


def quantity(value: str, unit: str) -> Quantity:
    """A quantity in figures."""
    return Quantity(Decimal(value), Unit(unit))


def stated(schedule: str, words: str) -> ControlledDrugStatement:
    """What the message says of a controlled drug."""
    return ControlledDrugStatement(schedule, words)


def shapes(assessment: Assessment) -> str:
    """The findings as their severities, the worst first, such as ``hard_stop, note``; empty for none."""
    order = ["hard_stop", "interrupt", "not_assessed", "note"]
    return ", ".join(sorted((each.severity.value for each in assessment.findings), key=order.index))
