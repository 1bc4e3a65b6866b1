"""May this medicine be supplied in an emergency, without a prescription in hand, and how much of it?

Human Medicines Regulations 2012 (SI 2012/1916), as they were made; later amendments were not read.

* Nobody supplies Schedule 1, 2 or 3 so, but for phenobarbital for epilepsy (regulations 224 and 225).
* At the request of the patient, a pharmacist has interviewed the person and is satisfied of the immediate
  need, that it was prescribed before, and of the dose (regulation 225(2)). At most: of insulin, an aerosol
  for asthma, an ointment or cream, the smallest pack that is available; of an oral contraceptive, one cycle;
  of Schedule 4 or 5, and of phenobarbital, five days' treatment; of all else 30 days' (regulation 225(3)).
* At the request of a prescriber, who cannot give a prescription at once, one follows within 72 hours; the
  supply is as the prescriber directs (regulation 224).

Not judged here: that a liquid antibiotic is the least that makes a full course, the substances of Schedule
18, and whether a medicine is prescription only at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind
from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.medicines.concept import ControlledDrugCategory, Product
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.quantity import Quantity, plain
from pestle.pharmacy.record.medication import MedicationRequest
from pestle.pharmacy.refusal import Refusal

PRESCRIPTION_WITHIN = timedelta(hours=72)
CYCLE_DAYS = 28
_ACT = "Human Medicines Regulations 2012 (SI 2012/1916)"
LAWS = (
    Law("At the patient's request a pharmacist interviews the person, and is satisfied of the immediate "
        "need, of an earlier prescription, and of the dose.", f"{_ACT}, regulation 225(2), as made",
        KnownFrom.SUMMARY),
    Law("At most 30 days' treatment; five days' of Schedule 4 or 5; one cycle of an oral contraceptive; the "
        "smallest pack available of insulin, an asthma aerosol, an ointment or cream.",
        f"{_ACT}, regulation 225(3), as made", KnownFrom.SUMMARY),
    Law("Five days' treatment of phenobarbital for epilepsy.", "BNF for Children 2018-19, Emergency supply",
        KnownFrom.SUMMARY),
    Law("Nothing of Schedule 1, 2 or 3 but phenobarbital for epilepsy.", f"{_ACT}, regulations 224 and 225",
        KnownFrom.SUMMARY),
    Law("At the patient's request the package bears the words “Emergency supply”.", f"{_ACT}, regulation 225",
        KnownFrom.MEMORY),
    Law("At a prescriber's request a prescription follows within 72 hours.", f"{_ACT}, regulation 224",
        KnownFrom.SUMMARY),
)  # fmt: skip


class Limit(Enum):
    """What bounds a supply at the patient's request; the value says it in words."""

    SMALLEST_PACK = "the smallest pack"
    CYCLE = "one cycle of a contraceptive"
    FIVE_DAYS = "five days' treatment"
    THIRTY_DAYS = "30 days' treatment"

    @property
    def days(self) -> int | None:
        """The days of treatment; None where packs are counted."""
        return {Limit.CYCLE: CYCLE_DAYS, Limit.FIVE_DAYS: 5, Limit.THIRTY_DAYS: 30}.get(self)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of an emergency supply: what is asked for, of which product, and the sizes of the packs that may
    be supplied, in the product's own unit. `indication` is what it is for, if anybody said."""

    kind: PrescriptionKind
    request: MedicationRequest
    product: Product
    packs: tuple[Decimal, ...] = ()

    @property
    def indication(self) -> str:
        """What it is for, in lower case; empty if nobody said."""
        return self.request.reason.text.casefold() if self.request.reason else ""


def limit_of(product: Product) -> Limit:
    """What bounds the quantity. A form or use that the dictionary does not tell is held to the 30 days."""
    category = product.controlled
    if category is ControlledDrugCategory.SCHEDULE_3_PHENOBARBITAL or (
        category is not None and category.schedule in (4, 5)
    ):
        return Limit.FIVE_DAYS
    form = (product.form or "").casefold()
    names = product.ingredient_names or ()
    if any("insulin" in name for name in names):
        return Limit.SMALLEST_PACK
    if any(word in form for word in ("cream", "ointment")) or "pressurised inhalation" in form:
        return Limit.SMALLEST_PACK
    if (product.bnf_code or "").startswith("0703"):
        return Limit.CYCLE
    return Limit.THIRTY_DAYS


def emergency_refusals(asked: Asked) -> Iterator[Refusal]:
    """Why this may not be supplied in an emergency.

    Names: ``emergency.schedule-unknown``, ``emergency.controlled``, ``emergency.not-for-epilepsy``,
    ``emergency.more-than-a-pack``, ``emergency.packs-not-known``, ``emergency.days-not-known``,
    ``emergency.too-many-days``.
    """
    yield from _schedule(asked)
    quantity = asked.request.quantity
    if asked.kind is not PrescriptionKind.EMERGENCY_PATIENT or quantity is None:
        return
    limit = limit_of(asked.product)
    if limit is Limit.SMALLEST_PACK:
        yield from _packs(asked, quantity)
    elif limit.days is not None:
        yield from _days(asked, quantity, limit, limit.days)


def decision_refusal(by: Person, words: str) -> Refusal | None:
    """Why this person may not say that the conditions of an emergency supply are met; None when they may.

    Names: ``emergency.pharmacist``, ``emergency.no-words``.
    """
    if not by.has(Role.PHARMACIST):
        return Refusal("emergency.pharmacist", "A pharmacist speaks with who asks for an emergency supply",
                       way_out="Call the pharmacist to the counter.")  # fmt: skip
    if len(words.strip()) < 3:
        reason = "Say what was found: the need, and when it was prescribed before"
        return Refusal("emergency.no-words", reason, "words")
    return None


def prescription_due(kind: PrescriptionKind, *, supplied_at: datetime) -> datetime | None:
    """Until when the prescription of an emergency supply has to come; None where none has to."""
    return supplied_at + PRESCRIPTION_WITHIN if kind is PrescriptionKind.EMERGENCY_PRESCRIBER else None


def _schedule(asked: Asked) -> Iterator[Refusal]:
    category = asked.product.controlled
    if category is None:
        reason = "Whether it is a controlled drug is not known"
        yield Refusal("emergency.schedule-unknown", reason, "schedule",
                      "Find out its schedule, and match the line again.")  # fmt: skip
        return
    if category.schedule not in (1, 2, 3):
        return
    if category is not ControlledDrugCategory.SCHEDULE_3_PHENOBARBITAL:
        reason = f"Schedule {category.schedule} is never supplied without a prescription"
        yield Refusal("emergency.controlled", reason, "schedule",
                      "Send the person to a doctor or to the emergency department.")  # fmt: skip
    elif "epilep" not in asked.indication:
        yield Refusal("emergency.not-for-epilepsy",
                      "Phenobarbital is supplied without a prescription for epilepsy only", "indication",
                      "Say what it is for; for anything else a prescription is needed.")  # fmt: skip


def _packs(asked: Asked, quantity: Quantity) -> Iterator[Refusal]:
    if not asked.packs:
        yield Refusal("emergency.packs-not-known", "The sizes of its packs are not known", "quantity",
                      "A pharmacist withholds the line, or finds its pack.")  # fmt: skip
        return
    smallest = min(asked.packs)
    if quantity.value > smallest:
        reason = f"At most the smallest pack, {plain(smallest)} {quantity.unit}, not {quantity}"
        yield Refusal("emergency.more-than-a-pack", reason, "quantity", f"Supply {plain(smallest)}.")


def _days(asked: Asked, quantity: Quantity, limit: Limit, most: int) -> Iterator[Refusal]:
    lasts = _lasts(asked, quantity)
    if lasts is None:
        reason = f"How many days {quantity} lasts cannot be told; at most {limit.value} may be supplied"
        yield Refusal("emergency.days-not-known", reason, "days", "Say how many days it is for.")
    elif lasts > most:
        reason = f"{quantity} lasts {_said(lasts)} days; at most {limit.value} may be supplied"
        yield Refusal("emergency.too-many-days", reason, "quantity", "Ask for less.")


def _lasts(asked: Asked, quantity: Quantity) -> Fraction | None:
    """Days at the most use, by the directions; else as somebody stated; None when nobody can tell."""
    if asked.request.dosage is not None:
        told = days_supply(asked.request.dosage, quantity, asked.product)
        if isinstance(told, Days):
            return told.exact_least
    stated = asked.request.days_supply
    return Fraction(stated) if stated is not None else None


def _said(days: Fraction) -> str:
    """Whole days, or the next above."""
    whole = -(-days.numerator // days.denominator)
    return str(whole) if days == whole else f"nearly {whole}"
