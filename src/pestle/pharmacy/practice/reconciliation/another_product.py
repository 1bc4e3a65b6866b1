"""May a person choose another product for what a letter has than the one that was read in it?

A technician may where it is the same medicine and the dose stays what the letter says: capsules for tablets,
another brand, two of 2.5 mg for one of 5 mg when the directions say so. Whatever else is chosen is a clinical
decision: another medicine, another release or salt, another dose, another brand of what is kept on one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.reconciliation.differences import OF_THE_PRODUCT, Kind, differences
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.matching import Knows
from pestle.pharmacy.practice.reconciliation.names import Meant
from pestle.pharmacy.practice.reconciliation.outcome import (
    CLINICAL,
    SHORTEST,
    Outcome,
    Proposal,
    Settled,
)
from pestle.pharmacy.refusal import Refusal, Refused

# What puts the product of the letter on the list, or in the place of another.
TAKES_A_PRODUCT = frozenset({
    Outcome.STARTED, Outcome.DOSE_CHANGED, Outcome.FORM_CHANGED, Outcome.HOSPITAL_ONLY,
})  # fmt: skip


def check_product(proposal: Proposal, settled: Settled, chosen: Meant, knows: Knows, *, by: Person) -> None:
    """Raises `Refused`: ``product.not-in-letter``, ``product.no-use`` (an outcome that leaves the list its
    own product), ``product.no-reason``, ``reconcile.clinical``."""
    found = list(_refusals(proposal, settled, chosen, knows, by))
    if found:
        raise Refused(*found)


def _refusals(
    proposal: Proposal, settled: Settled, chosen: Meant, knows: Knows, by: Person
) -> Iterator[Refusal]:
    name = chosen.medication.written.text
    if not proposal.arrived:
        yield Refusal("product.not-in-letter", f"The letter has no line that {name} could be chosen for",
                      "product")  # fmt: skip
        return
    if settled.outcome not in TAKES_A_PRODUCT:
        yield Refusal("product.no-use", f"As “{settled.outcome.value}” the list keeps the product it has",
                      "product", "Choose again what it ends as, or leave the product.")  # fmt: skip
        return
    line = proposal.arrived[0]
    directions = read(settled.directions) if settled.directions.strip() else line.directions
    why = _differs(line, replace(line, meant=chosen, name=name, directions=directions), knows)
    if not why:
        return
    if not by.has(*CLINICAL):
        yield Refusal("reconcile.clinical", f"A pharmacist decides about {name}: {why}", "product",
                      "Ask the pharmacist.")  # fmt: skip
    elif len(settled.reason.strip()) < SHORTEST:
        yield Refusal("product.no-reason", f"Say why, for {name}: {why}", "reason")


def _differs(line: ListLine, other: ListLine, knows: Knows) -> str:
    """In what more than the product alone the chosen differs from what the letter says; empty: in nothing."""
    if line.moiety is None:
        return f"which medicine “{line.called}” is, is not known"
    careful = knows.high_risk.as_written(line, other)
    found = differences(line, other, substances=knows.substances, bars=knows.high_risk.bars, careful=careful)
    clinical = [each.kind for each in found if each.kind not in OF_THE_PRODUCT]
    if careful:
        clinical += [each.kind for each in found if each.kind is Kind.BRAND]
    if not line.directions.understood and line.generic != other.generic:
        clinical.append(Kind.DOSE)
    kinds = ", ".join(dict.fromkeys(kind.value for kind in clinical))
    return f"it differs from the letter in {kinds}" if kinds else ""
