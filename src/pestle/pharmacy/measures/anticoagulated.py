"""Who has atrial fibrillation and a direct oral anticoagulant of another dose than the rules give?

Made from the rules by which the calculator and the check work (``calculators/doac_af.yaml``, United
Kingdom), and from the lists of the products of each dose (``measures/doac/lists``): a usual dose where it is
to be reduced, a reduced one where it is not, and a clearance at which the medicine is not used. A tablet of
the usual strength is taken for the usual dose: how many are taken a day is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.calculators.doac_dose import DoacRules, Rule
from pestle.pharmacy.checks.doac import TAKES
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.criteria.span import Window
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.measures.monitored import STILL

_LAST = Window(STILL)


def measures(rules: DoacRules, terms: Terms, kidneys: n.Kidneys) -> Iterator[Measure]:
    """A measure for each medicine whose products of both doses are listed."""
    for (medicine, country), rule in rules.rules.items():
        lists = [terms.medicines.get(f"doac_{medicine}_{dose}") for dose in ("usual", "reduced")]
        usual, reduced = lists
        if country != "uk" or usual is None or reduced is None:
            continue
        both = replace(
            usual,
            name=f"doac_{medicine}",
            title=medicine,
            products=usual.products | reduced.products,
            successors=usual.successors | reduced.successors,
        )
        less = _reduced(rule, terms, kidneys)
        wrong: list[n.Criterion] = [
            n.AllOf((n.LatestMedicine(usual, both, _LAST), less)),
            n.AllOf((n.LatestMedicine(reduced, both, _LAST), n.Not(less))),
        ]
        if rule.avoid_below is not None:
            wrong.insert(0, n.ClearanceIs(kidneys, n.Comparison.BELOW, Fraction(rule.avoid_below)))
        has_it = n.HasCondition(terms.conditions["atrial_fibrillation"], n.State.UNRESOLVED)
        yield Measure(
            name=f"doac_dose_{medicine}",
            title=f"{medicine.capitalize()} in atrial fibrillation: another dose than the rules give",
            group="Anticoagulants: dose",
            why=f"{rule.usual}, reduced to {rule.reduced}. Too little leaves the patient to a stroke. "
            "Without creatinine, weight and age nobody can tell.",
            population=n.AllOf((n.Alive(), has_it, n.Issued(both, _LAST))),
            among_them=n.AnyOf(tuple(wrong)),
            fewer_is_better=True,
            source=rules.source,
        )


def _reduced(rule: Rule, terms: Terms, kidneys: n.Kidneys) -> n.Criterion:
    """Whether the dose is the reduced one: by the clearance, or by enough of the other bounds."""
    bounds: list[n.Criterion] = []
    if rule.age_from is not None:
        bounds.append(n.Age(at_least=int(rule.age_from)))
    if rule.weight_up_to is not None:
        bounds.append(n.ResultIs(kidneys.weight, n.Comparison.AT_MOST, Fraction(rule.weight_up_to)))
    if rule.creatinine_from is not None:
        bounds.append(n.ResultIs(kidneys.creatinine, n.Comparison.AT_LEAST, Fraction(rule.creatinine_from)))
    if rule.interacting:
        listed = MedicineList(
            f"interacting_{rule.interacting}",
            " or ".join(sorted(TAKES[rule.interacting])),
            terms.conditions["atrial_fibrillation"].source,
            ingredients=terms.classes.substances.all_of(TAKES[rule.interacting]),
        )
        bounds.append(n.Taking(listed, or_issued=STILL))
    parts: list[n.Criterion] = [n.AtLeast(rule.needed, tuple(bounds))] if rule.needed else []
    for bound, comparison in (
        (rule.reduce_below, n.Comparison.BELOW), (rule.reduce_up_to, n.Comparison.AT_MOST),
    ):  # fmt: skip
        if bound is not None:
            parts.append(n.ClearanceIs(kidneys, comparison, Fraction(Decimal(bound))))
    return n.AnyOf(tuple(parts))
