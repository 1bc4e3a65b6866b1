"""Which dose of a direct oral anticoagulant does somebody with atrial fibrillation need?

For stroke prevention in non-valvular atrial fibrillation only. The clearance is Cockcroft-Gault with the
actual weight, as in the trials. Too little is as wrong as too much: the dose is reduced only where a rule
says so, and the rule is named.

Source: the definition file of kind `doac_dose`, its rules by medicine and country.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.calculator import Calculator, formula
from pestle.pharmacy.calculators.creatinine_clearance import creatinine_clearance
from pestle.pharmacy.calculators.entry import Choice, YesNo
from pestle.pharmacy.calculators.person import AGE, COUNTRY, CREATININE_SERUM, SEX, WEIGHT, Country, Sex
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.refusal import Refused, refuse

_P_GP = "ciclosporin, dronedarone, erythromycin or ketoconazole"
_INTERACTING = {"verapamil": "verapamil", "p-gp": _P_GP}
_ONLY = "For stroke prevention in atrial fibrillation only. Other interactions are not looked at."
KINDS = {"doac_dose": frozenset({"rules"})}


@dataclass(frozen=True, slots=True)
class Rule:
    """One medicine in one country. Clearances in mL/min, creatinine in µmol/L, weight in kg; None: no such
    bound.

    Below `avoid_below` or above `avoid_above` it is not used. Below `reduce_below`, or up to `reduce_up_to`,
    and where at least `needed` of the other bounds are met, the dose is the reduced one.
    """

    medicine: str
    country: str
    usual: str
    reduced: str
    needed: int
    interacting: str
    consider: str
    avoid_below: Decimal | None
    avoid_above: Decimal | None
    reduce_below: Decimal | None
    reduce_up_to: Decimal | None
    age_from: Decimal | None
    weight_up_to: Decimal | None
    creatinine_from: Decimal | None


@dataclass(frozen=True, slots=True)
class DoacRules:
    """The rules by medicine and country."""

    source: Source
    rules: Mapping[tuple[str, str], Rule]


def read_doac_rules(path: Path) -> DoacRules:
    """The rules in this file. Raises `Refused` (``definition.…``)."""
    return doac_rules(d.load(path, file=path.name, kinds=KINDS))


def doac_rules(file: Definition) -> DoacRules:
    """The rules of this definition. Raises `Refused` (``definition.…``)."""
    rules = [_rule(entry) for entry in d.entries(file, "rules", fields=frozenset(Rule.__slots__))]
    return DoacRules(file.source, {(rule.medicine, rule.country): rule for rule in rules})


def _rule(entry: Definition) -> Rule:
    def words(field: str) -> str:
        return d.text(entry, field) if field in entry.body else ""

    def bound(field: str) -> Decimal | None:
        return decimal_of(d.exact(entry, field)) if field in entry.body else None

    return Rule(
        medicine=d.text(entry, "medicine"),
        country=d.text(entry, "country"),
        usual=d.text(entry, "usual"),
        reduced=d.text(entry, "reduced"),
        needed=d.number(entry, "needed") if "needed" in entry.body else 0,
        interacting=words("interacting"),
        consider=words("consider"),
        avoid_below=bound("avoid_below"),
        avoid_above=bound("avoid_above"),
        reduce_below=bound("reduce_below"),
        reduce_up_to=bound("reduce_up_to"),
        age_from=bound("age_from"),
        weight_up_to=bound("weight_up_to"),
        creatinine_from=bound("creatinine_from"),
    )


def dose(
    rule: Rule,
    *,
    clearance_ml_min: Decimal,
    age_years: Decimal,
    weight_kg: Decimal,
    creatinine_umol_l: Decimal,
    takes: frozenset[str] = frozenset(),
) -> Result:
    """The dose by this rule, with every reason for it. `takes` names interacting medicines: verapamil, p-gp.

    Raises `Refused` (``calculator.not-used``) where the clearance is one at which the medicine is not used.
    """
    clearance = f"creatinine clearance {shown(clearance_ml_min, 1)} mL/min"
    if rule.avoid_below is not None and clearance_ml_min < rule.avoid_below:
        raise _not_used(rule, f"{clearance}, below {rule.avoid_below}")
    if rule.avoid_above is not None and clearance_ml_min > rule.avoid_above:
        raise _not_used(rule, f"{clearance}, above {rule.avoid_above}")
    kidneys = _kidneys(rule, clearance_ml_min)
    met, unmet = _criteria(rule, age_years, weight_kg, creatinine_umol_l, takes)
    enough = 0 < rule.needed <= len(met)
    reasons = [f"{clearance}: {kidneys}"] if kidneys else [clearance]
    if rule.needed:
        needs = "one is enough" if rule.needed == 1 else f"{rule.needed} are needed"
        reasons.append(f"{', '.join(met) or 'none of ' + ', '.join(unmet)} ({needs})")
    answer = rule.reduced if kidneys or enough else rule.usual
    return Result(
        answer,
        "; ".join(reasons),
        meaning="Reduced dose" if answer == rule.reduced else "Usual dose",
        warnings=(rule.consider, _ONLY) if rule.consider and answer == rule.usual else (_ONLY,),
    )


def _kidneys(rule: Rule, clearance: Decimal) -> str:
    if rule.reduce_below is not None and clearance < rule.reduce_below:
        return f"reduced below {rule.reduce_below}"
    if rule.reduce_up_to is not None and clearance <= rule.reduce_up_to:
        return f"reduced up to {rule.reduce_up_to}"
    return ""


def _criteria(
    rule: Rule, age: Decimal, weight: Decimal, creatinine: Decimal, takes: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Which of the rule's other criteria are met, and which are not."""
    asked = []
    if rule.age_from is not None:
        asked.append((f"age {rule.age_from} and over", age >= rule.age_from))
    if rule.weight_up_to is not None:
        asked.append((f"weight {rule.weight_up_to} kg or less", weight <= rule.weight_up_to))
    if rule.creatinine_from is not None:
        asked.append(
            (f"creatinine {rule.creatinine_from} µmol/L and over", creatinine >= rule.creatinine_from)
        )
    if rule.interacting:
        asked.append((_INTERACTING[rule.interacting], rule.interacting in takes))
    return [words for words, so in asked if so], [words for words, so in asked if not so]


def _not_used(rule: Rule, why: str) -> Refused:
    return refuse(
        "calculator.not-used",
        f"{rule.medicine.capitalize()} is not used here: {why}",
        place="creatinine",
        way_out="Refer to a pharmacist or the prescriber.",
    )


def doac_dose(known: DoacRules) -> Calculator[...]:
    """The calculator over these rules."""

    @formula(
        name="doac-dose",
        title="DOAC dose in atrial fibrillation",
        says="Apixaban, dabigatran, edoxaban, rivaroxaban for stroke prevention; UK and US rules.",
        group="Doses",
        source=known.source,
        inputs=(
            Choice("medicine", "Medicine", {name: name.capitalize() for name, _ in known.rules}),
            COUNTRY,
            AGE,
            SEX,
            WEIGHT,
            CREATININE_SERUM,
            YesNo("verapamil", "Takes verapamil"),
            YesNo("p-gp-inhibitor", f"Takes {_P_GP}"),
        ),
        words=("anticoagulant", "apixaban", "dabigatran", "edoxaban", "rivaroxaban", "AF"),
    )
    def calculator(
        *,
        medicine: str,
        rules: Country,
        age_years: Decimal,
        sex: Sex,
        weight_kg: Decimal,
        creatinine_umol_l: Decimal,
        verapamil: bool,
        p_gp_inhibitor: bool,
    ) -> Result:
        cleared = creatinine_clearance(
            age_years=age_years, sex=sex, weight_kg=weight_kg, creatinine_umol_l=creatinine_umol_l,
            constants=rules, weight_used="actual",
        )  # fmt: skip
        assert cleared.figure is not None
        found = dose(
            known.rules[medicine, rules],
            clearance_ml_min=cleared.figure.quantity.value,
            age_years=age_years,
            weight_kg=weight_kg,
            creatinine_umol_l=creatinine_umol_l,
            takes=frozenset({"verapamil"} if verapamil else ()) | ({"p-gp"} if p_gp_inhibitor else set()),
        )
        label = f"Creatinine clearance: {cleared.formula}"
        return replace(found, also=(replace(cleared.figure, label=label),))

    return calculator
