"""Which discrepancies did the letters hold, of which type, how serious, and were they meant?

A discrepancy is a difference between the two lists that nobody documented, or that a person judged to be one.
What the sender documents (“increased to”, “stopped because of”) is a documented change, counted beside them.
Types and severities are those of published studies, so that practices can be compared.

Source: types as in the studies summarised by MedTax (RSAP 2020;16:142): omission, commission, dose,
frequency, route, formulation, wrong medicine, duplication, regular or when required, incomplete; severity as
in BMC Health Serv Res 2019 (12913-019-4323-7): insignificant, significant, serious."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.practice.reconciliation.differences import Kind
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal
from pestle.pharmacy.practice.reconciliation.said import Says


class Type(Enum):
    """What sort of discrepancy. The value is stored and shown."""

    OMISSION = "omission"
    COMMISSION = "commission"
    WRONG_MEDICINE = "wrong medicine"
    DUPLICATION = "duplication"
    DOSE = "dose"
    FREQUENCY = "frequency"
    ROUTE = "route"
    FORMULATION = "formulation"
    AS_NEEDED = "regular or when required"
    INCOMPLETE = "incomplete"


class Severity(Enum):
    """How serious, as a person judged. The value is stored and shown."""

    INSIGNIFICANT = "insignificant"
    SIGNIFICANT = "significant"
    SERIOUS = "serious"
    NOT_JUDGED = "not judged"


class Intent(Enum):
    """Whether the sender meant it. The value is stored and shown."""

    DOCUMENTED = "documented"
    UNDOCUMENTED = "meant, and not documented"
    UNINTENTIONAL = "not meant"
    UNKNOWN = "not known"


# The first that holds is the type: what reaches the patient counts before how it is made.
_TYPES = (
    (Kind.SUBSTANCE, Type.WRONG_MEDICINE),
    (Kind.ROUTE, Type.ROUTE),
    (Kind.RELEASE, Type.FORMULATION),
    (Kind.DOSE, Type.DOSE),
    (Kind.FREQUENCY, Type.FREQUENCY),
    (Kind.TIME, Type.FREQUENCY),
    (Kind.AS_NEEDED, Type.AS_NEEDED),
    (Kind.LENGTH, Type.INCOMPLETE),
    (Kind.UNCLEAR, Type.INCOMPLETE),
    (Kind.COUNT, Type.INCOMPLETE),
    (Kind.FORM, Type.FORMULATION),
    (Kind.BRAND, Type.FORMULATION),
    (Kind.STRENGTH, Type.FORMULATION),
)


def type_of(proposal: Proposal) -> Type | None:
    """The type of a discrepancy; None where the two lists say the same."""
    if proposal.outcome is Outcome.DUPLICATE:
        return Type.DUPLICATION
    if not proposal.arrived:
        return Type.OMISSION
    if not proposal.listed:
        return None if proposal.outcome in (Outcome.STOPPED, Outcome.HOSPITAL_ONLY) else Type.COMMISSION
    kinds = {each.kind for each in proposal.differences}
    found = next((type_ for kind, type_ in _TYPES if kind in kinds), None)
    if found is None and proposal.outcome in (Outcome.STOPPED, Outcome.WITHHELD):
        return Type.OMISSION
    return found


def intent_of(proposal: Proposal) -> Intent:
    """Whether the sender documented it; else not known until somebody asked."""
    says = {line.change.says for line in proposal.arrived}
    return Intent.DOCUMENTED if says - {None, Says.CONTINUED, Says.RECOMMENDED} else Intent.UNKNOWN


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One discrepancy of a letter, as it was settled."""

    type: Type
    severity: Severity
    intent: Intent


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each type and severity, and of each intent; `letters` they were found in, and `lines`
    settled."""

    by: tuple[tuple[Type, Severity, int], ...]
    intents: tuple[tuple[Intent, int], ...]
    letters: int
    lines: int

    @property
    def total(self) -> int:
        """All discrepancies."""
        return sum(number for _, _, number in self.by)

    def of(self, type_: Type, severity: Severity) -> int:
        """How many of one type and severity."""
        return next((number for kind, how, number in self.by if (kind, how) == (type_, severity)), 0)


def count(found: Iterable[Discrepancy], *, letters: int, lines: int) -> Counts:
    """The discrepancies counted, every type and severity that occurs, in the order of their lists."""
    found = list(found)
    number = Counter((each.type, each.severity) for each in found)
    intents = Counter(each.intent for each in found)
    return Counts(
        tuple((type_, how, number[type_, how]) for type_ in Type for how in Severity if number[type_, how]),
        tuple((intent, intents[intent]) for intent in Intent if intents[intent]),
        letters,
        lines,
    )
