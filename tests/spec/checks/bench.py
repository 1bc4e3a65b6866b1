"""The bench the tables are read at: a few products, and how a row becomes a prescription and a record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest

from pestle.definitions import folder
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.checks.knowledge import FOLDERS, Knowledge, read
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.medicines.concept import BaseUnit, Ingredient, Level, Product
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.quantity import Quantity, Ratio, Unit
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    MedicationSupply,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

TODAY = date(2026, 11, 22)
KNOWLEDGE: Knowledge = read(*map(folder, FOLDERS))
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
    form: str | None = None,
    strengths: tuple[str, ...] = (),
    unit: str | None = None,
) -> Product:
    """A VMP. Its id is its name: no real code is needed to tell products apart here.

    `strengths` are those of the ingredients, one each: ``30 mg / 1 tablet``.
    """
    held = zip_longest(ingredients, strengths[: len(ingredients)])
    return Product(
        id=name,
        level=Level.VMP,
        name=name,
        moiety=moiety,
        ingredients=tuple(Ingredient(each, strength=_strength(much)) for each, much in held) or None,
        form=form,
        routes=(route,) if route else None,
        base_unit=BaseUnit(Unit(unit)) if unit else None,
        controlled=controlled,
        bnf_code=bnf,
    )


def _strength(written: str | None) -> Ratio | None:
    if written is None:
        return None
    much, of = written.split(" / ")
    return Ratio(amount(much), amount(of))


def amount(written: str) -> Quantity:
    """What “30 mg” writes."""
    value, unit = written.split(" ", 1)
    return Quantity(Decimal(value), Unit(unit))


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
        product("Ibuprofen 400mg tablets", "Ibuprofen", strengths=("400 mg / 1 tablet",)),
        product("Ibuprofen 5% gel", "Ibuprofen", route="Cutaneous"),
        product("Naproxen 250mg tablets", "Naproxen"),
        product("Diclofenac 100mg suppositories", "Diclofenac sodium", route="Rectal"),
        product("Diclofenac 1.16% gel", "Diclofenac diethylamine", route="Cutaneous"),
        product("Celecoxib 100mg capsules", "Celecoxib"),
        product("Paracetamol 500mg tablets", "Paracetamol", strengths=("500 mg / 1 tablet",)),
        product("Paracetamol 120mg/5ml oral suspension", "Paracetamol", strengths=("120 mg / 5 ml",)),
        product(
            "Co-codamol 8mg/500mg tablets",
            "Codeine phosphate",
            "Paracetamol",
            strengths=("8 mg / 1 tablet", "500 mg / 1 tablet"),
            controlled=Category.SCHEDULE_5,
        ),
        product("Ibuprofen 100mg/5ml oral suspension", "Ibuprofen", strengths=("100 mg / 5 ml",)),
        product("Co-codamol 30mg/500mg tablets", moiety="Co-codamol", controlled=Category.SCHEDULE_5),
        product("Warfarin 1mg tablets", "Warfarin sodium", form="Tablet"),
        product("Warfarin 3mg tablets", "Warfarin sodium", form="Tablet"),
        product("Morphine 10mg/5ml oral solution", "Morphine sulfate", controlled=Category.SCHEDULE_5),
        product("Bisoprolol 2.5mg tablets", "Bisoprolol fumarate"),
        product("Timolol 0.25% eye drops", "Timolol maleate", route="Ocular"),
        product("Verapamil 80mg tablets", "Verapamil hydrochloride"),
        product(
            "Methotrexate 2.5mg tablets", "Methotrexate", form="Tablet", strengths=("2.5 mg / 1 tablet",)
        ),
        product("Lithium carbonate 400mg modified-release tablets", "Lithium carbonate"),
        product("Digoxin 125microgram tablets", "Digoxin", strengths=("125 microgram / 1 tablet",)),
        product("Digoxin 62.5microgram tablets", "Digoxin", strengths=("62.5 microgram / 1 tablet",)),
        product("Colchicine 500microgram tablets", "Colchicine", strengths=("500 microgram / 1 tablet",)),
        product("Amiodarone 200mg tablets", "Amiodarone hydrochloride"),
        product("Citalopram 20mg tablets", "Citalopram hydrobromide", strengths=("20 mg / 1 tablet",)),
        product("Sertraline 50mg tablets", "Sertraline hydrochloride"),
        product("Sumatriptan 50mg tablets", "Sumatriptan succinate"),
        product(
            "Tramadol 50mg capsules", "Tramadol hydrochloride", controlled=Category.SCHEDULE_3_NO_REGISTER
        ),
        product("Phenelzine 15mg tablets", "Phenelzine sulfate"),
        product("Tizanidine 2mg tablets", "Tizanidine hydrochloride"),
        product("Ciprofloxacin 500mg tablets", "Ciprofloxacin hydrochloride"),
        product("Ciprofloxacin 0.3% eye drops", "Ciprofloxacin hydrochloride", route="Ocular"),
        product("Theophylline 200mg modified-release tablets", "Theophylline"),
        product("Clopidogrel 75mg tablets", "Clopidogrel hydrogen sulfate"),
        product("Lansoprazole 30mg capsules", "Lansoprazole"),
        product("Allopurinol 100mg tablets", "Allopurinol"),
        product("Azathioprine 50mg tablets", "Azathioprine"),
        product("Rifampicin 300mg capsules", "Rifampicin"),
        product(
            "Ethinylestradiol 30microgram / Levonorgestrel 150microgram tablets",
            "Ethinylestradiol",
            "Levonorgestrel",
        ),
        product("Sildenafil 50mg tablets", "Sildenafil citrate"),
        product("Isosorbide mononitrate 20mg tablets", "Isosorbide mononitrate"),
        product("Spironolactone 25mg tablets", "Spironolactone"),
        product("Potassium chloride 600mg modified-release tablets", "Potassium chloride"),
        product("Levothyroxine 100microgram tablets", "Levothyroxine sodium"),
        product("Calcium carbonate 1.25g tablets", "Calcium carbonate"),
        product("Ferrous fumarate 210mg tablets", "Ferrous fumarate"),
        product("Doxycycline 100mg capsules", "Doxycycline hyclate", form="Capsule"),
        product("Methotrexate 10mg/5ml oral solution", "Methotrexate", form="Oral solution"),
        product("Omeprazole 20mg gastro-resistant tablets", "Omeprazole", form="Gastro-resistant tablet"),
        product(
            "Glyceryl trinitrate 500microgram sublingual tablets",
            "Glyceryl trinitrate",
            form="Sublingual tablet",
            route="Sublingual",
        ),
        product("Chloramphenicol 0.5% eye drops", "Chloramphenicol", form="Eye drops", route="Ocular"),
        product(
            "Alendronic acid 70mg tablets",
            "Alendronate sodium",
            form="Tablet",
            strengths=("70 mg / 1 tablet",),
        ),
        product("Alendronic acid 10mg tablets", "Alendronate sodium", strengths=("10 mg / 1 tablet",)),
        product("Miconazole 20mg/g oromucosal gel", "Miconazole", route="Oromucosal"),
        product("Febuxostat 80mg tablets", "Febuxostat"),
        product("Aspirin 75mg tablets", "Aspirin", strengths=("75 mg / 1 tablet",)),
        product("Prednisolone 5mg tablets", "Prednisolone"),
        product("Propranolol 40mg tablets", "Propranolol hydrochloride"),
        product("Escitalopram 10mg tablets", "Escitalopram oxalate"),
        product("Bendroflumethiazide 2.5mg tablets", "Bendroflumethiazide"),
        product("Hydroxyzine 25mg tablets", "Hydroxyzine hydrochloride"),
        product("Ondansetron 4mg tablets", "Ondansetron hydrochloride"),
        product("Amlodipine 5mg tablets", "Amlodipine besilate"),
        product(
            "Vincristine 1mg/1ml solution for injection vials",
            "Vincristine sulfate",
            route="Intravenous",
            strengths=("1 mg / 1 ml",),
        ),
        product("Insulin glargine 100units/ml injection", "Insulin glargine", route="Subcutaneous"),
        product("Insulin aspart 100units/ml injection", "Insulin aspart", route="Subcutaneous"),
        product("Salbutamol 100micrograms/dose inhaler", "Salbutamol sulfate", route="Inhalation"),
        product("Salmeterol 25micrograms/dose inhaler", "Salmeterol xinafoate", route="Inhalation"),
        product("Apixaban 5mg tablets", "Apixaban", strengths=("5 mg / 1 tablet",)),
        product("Apixaban 2.5mg tablets", "Apixaban", strengths=("2.5 mg / 1 tablet",)),
        product("Edoxaban 60mg tablets", "Edoxaban tosilate", strengths=("60 mg / 1 tablet",)),
        product(
            "Dabigatran etexilate 110mg capsules",
            "Dabigatran etexilate",
            form="Capsule",
            strengths=("110 mg / 1 capsule",),
        ),
        product("Metformin 500mg tablets", "Metformin hydrochloride", strengths=("500 mg / 1 tablet",)),
        product(
            "Nitrofurantoin 100mg modified-release capsules",
            "Nitrofurantoin",
            strengths=("100 mg / 1 capsule",),
        ),
        product(
            "Pregabalin 150mg capsules",
            "Pregabalin",
            strengths=("150 mg / 1 capsule",),
            controlled=Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY,
        ),
        product("Ramipril 5mg capsules", "Ramipril"),
        product("Losartan 50mg tablets", "Losartan potassium"),
        product("Sacubitril 49mg / Valsartan 51mg tablets", moiety="Sacubitril + Valsartan"),
        product(
            "Simvastatin 20mg tablets", "Simvastatin", strengths=("20 mg / 1 tablet",), bnf="0212000Y0AAABAB"
        ),
        product("Ezetimibe 10mg tablets", "Ezetimibe", bnf="0212000L0AAAAAA"),
        product("Omeprazole 20mg capsules", "Omeprazole", strengths=("20 mg / 1 capsule",)),
        product(
            "Morphine 10mg modified-release tablets",
            "Morphine sulfate",
            form="Modified-release tablet",
            controlled=Category.SCHEDULE_2,
        ),
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


def order(
    name: str, *, dosage: str | None = None, id: str | None = None, days_ago: int = 100
) -> MedicationOrder:
    """A standing order for one of the products above, made some days ago."""
    request = MedicationRequest(
        id=id or f"order of {name}",
        medication=Coded(name),
        dosage=written(dosage) if dosage else None,
        quantity=None,
        status=LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=CourseOfTherapy.REPEAT,
    )
    return MedicationOrder(request, medicine(name), SAID, starts=_partial(TODAY - timedelta(days=days_ago)))


def statement(
    name: str, *, dosage: str | None = None, status: StatementStatus = StatementStatus.ACTIVE
) -> MedicationStatement:
    """What the patient says of one of the products above."""
    said = written(dosage) if dosage else None
    return MedicationStatement(f"statement of {name}", medicine(name), SAID, status, dosage=said)


def measured(
    what: str, value: str, *, days_ago: int = 10, comparator: Comparator | None = None
) -> Observation:
    """A result by its name, such as “72 kg”, taken some days ago."""
    day = TODAY - timedelta(days=days_ago)
    return Observation(
        f"{what} {day}", Coded(what), SAID, _partial(day), value=amount(value), comparator=comparator
    )


def condition(what: str, *, status: ClinicalStatus = ClinicalStatus.ACTIVE) -> Condition:
    """A condition in words, as it stands today."""
    return Condition(f"condition {what}", Coded(what), SAID, status=status)


def patient(*, born: date | None = PATIENT.born, gender: Gender = Gender.FEMALE) -> Patient:
    """The patient, born on another day or of another sex."""
    return replace(PATIENT, born=born, gender=gender)


def written(text: str) -> Dosage:
    """An instruction as it comes in a message: words only."""
    return Dosage((DosageStep(text=text),))


def _partial(day: date) -> PartialDate:
    return PartialDate(day.year, day.month, day.day)


def record(
    allergies: AllergyRecord = NONE_KNOWN,
    supplies: tuple[MedicationSupply, ...] | None = (),
    **parts: object,
) -> Record:
    """What is known of the patient: unless said otherwise, no allergies and no medicines."""
    known_parts: dict[str, object] = {"patient": PATIENT, "orders": (), "statements": ()} | parts
    return Record(allergies=allergies, supplies=supplies, **known_parts)  # type: ignore[arg-type]


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
