"""What stands on the label of a dispensed medicine?

By law (Human Medicines Regulations 2012, SI 2012/1916, regulation 258(1) and Schedule 25 Part 1, as made):
the name of the patient; the name and address of the supplier; the date of supply; and, as the prescriber
specified or the pharmacist thought right, the name of the product, the directions and the precautions. By
practice (Royal Pharmaceutical Society, Medicines, Ethics and Practice, section 3.3.7): "Keep out of the reach
and sight of children", and "Use this medicine only on your skin" where applicable. Both read 2026-11-22;
later amendments of Schedule 25 were not looked through.

A supply at the patient's request in an emergency has the words "Emergency supply" on its package besides
(regulation 225, recalled, not compared with the text).

Regulation 258(2) lets some of several packs go without directions; here every container has a full label.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.documents.cautions import Caution, Placement
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.patient import Name
from pestle.pharmacy.refusal import Refusal, Refused, refuse

KEEP_FROM_CHILDREN = "Keep out of the reach and sight of children"
SKIN_ONLY = "Use this medicine only on your skin"
EMERGENCY = "EMERGENCY SUPPLY"
MOST_CONTAINERS = 99

_BARCODE = "PESTLE:L:"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,39}")


@dataclass(frozen=True, slots=True)
class LabelText:
    """What all labels of one prescription line say.

    `medicine` is the product's whole name with its strength and form; `form_and_strength` what the name
    leaves out. `directions` are the words for the patient; `directions_verbatim` whether they are the
    prescriber's own. `reference` names the prescription line. `precautions` are those the prescriber asked
    for. `emergency`: supplied in an emergency at the patient's request. `cautions`, `skin_only`, `controlled`
    and `fridge` are None where no source says; nothing is printed for what is unknown, and `unknowns` says so
    on the screen.

    Raises `Refused`, naming everything at once: ``label.no-patient-name``, ``label.no-medicine-name``,
    ``label.no-directions``, ``label.no-pharmacy-name``, ``label.no-pharmacy-address``,
    ``label.no-reference``, ``label.invisible-character``.
    """

    patient: Name
    medicine: str
    directions: str
    directions_verbatim: bool
    pharmacy_name: str
    pharmacy_address: tuple[str, ...]
    supplied_on: date
    reference: str
    cautions: tuple[Caution, ...] | None
    precautions: tuple[str, ...] = ()
    skin_only: bool | None = None
    controlled: ControlledDrugCategory | None = None
    fridge: bool | None = None
    form_and_strength: str = ""
    emergency: bool = False
    pharmacy_telephone: str = ""

    def __post_init__(self) -> None:
        refusals = [*_missing(self), *_invisible(self)]
        if refusals:
            raise Refused(*refusals)

    @property
    def in_directions(self) -> tuple[str, ...]:
        """The cautionary wordings that are part of the directions."""
        return tuple(c.text for c in self.cautions or () if c.placement is Placement.IN_DIRECTIONS)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Every line of warning: the prescriber's precautions, use on the skin, the cautionary wordings."""
        separate = tuple(c.text for c in self.cautions or () if c.placement is Placement.SEPARATE)
        return self.precautions + ((SKIN_ONLY,) if self.skin_only else ()) + separate

    @property
    def marks(self) -> tuple[str, ...]:
        """``EMERGENCY SUPPLY``; and for the bench, where known: ``CD 2`` (schedules 1 to 4), ``FRIDGE``.

        Schedule 5 has no mark: it needs neither safe custody nor the 28-day limit that the mark warns of.
        """
        schedule = self.controlled.schedule if self.controlled else None
        controlled = (f"CD {schedule}",) if schedule and schedule <= 4 else ()
        emergency = (EMERGENCY,) if self.emergency else ()
        return emergency + controlled + (("FRIDGE",) if self.fridge else ())

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What nobody has said of this product, in words for the screen beside the label."""
        facts = (
            (self.cautions, "cautionary labels: unknown for this product"),
            (self.skin_only, "use on the skin only: unknown for this product"),
            (self.controlled, "controlled-drug schedule: unknown for this product"),
            (self.fridge, "storage in a fridge: unknown for this product"),
        )
        return tuple(words for fact, words in facts if fact is None)


@dataclass(frozen=True, slots=True)
class DispensingLabel:
    """One label on one container: `number` of `of`, with the quantity in this container.

    Raises `Refused`: ``label.id`` (up to 40 letters, digits, dots and hyphens), ``label.no-quantity``,
    ``label.number``.
    """

    id: str
    text: LabelText
    quantity: Quantity
    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise refuse("label.id", f"“{self.id}” cannot be the number of a label", place="label id")
        if self.quantity.value <= 0:
            raise refuse("label.no-quantity", f"{self.quantity} is not a quantity to label", place="quantity")
        if not 1 <= self.number <= self.of <= MOST_CONTAINERS:
            raise refuse("label.number", f"There is no label {self.number} of {self.of}", place="number")

    @property
    def barcode(self) -> str:
        """What the DataMatrix on the label says; scanning it opens the pick."""
        return _BARCODE + self.id


def label_id(scanned: str) -> str:
    """The label's id from a scan of its barcode. Raises `Refused` (``label.not-our-barcode``)."""
    text = scanned.strip()
    number = text.removeprefix(_BARCODE)
    if number == text or not _ID.fullmatch(number):
        raise refuse("label.not-our-barcode", "This is not the barcode of a dispensing label", place="scan",
                     way_out="Scan the square symbol on the label, not the maker's code.")  # fmt: skip
    return number


def containers_of(supplied: Quantity, *, pack: Quantity) -> tuple[Quantity, ...]:
    """How `supplied` is divided over packs of this size: whole packs, then the rest in one more container.

    63 tablets in packs of 28 are 28, 28 and 7. Raises `Refused`: ``label.units-differ``,
    ``label.no-quantity``, ``label.too-many-containers``.
    """
    _same_unit(supplied, pack)
    if supplied.value <= 0 or pack.value <= 0:
        raise refuse("label.no-quantity", f"{supplied} cannot be divided by {pack}", place="quantity")
    if supplied.value > pack.value * MOST_CONTAINERS:
        raise refuse("label.too-many-containers",
                     f"{supplied} is more than {MOST_CONTAINERS} packs of {pack}",
                     place="quantity", way_out="Check the quantity, or choose a larger pack.")  # fmt: skip
    whole, rest = divmod(supplied.value, pack.value)
    return (pack,) * int(whole) + ((Quantity(rest, supplied.unit),) if rest else ())


def invisible_characters(text: str) -> bool:
    """Whether `text` holds characters that print as nothing or change the order of others."""
    return any(unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co") and not ch.isspace() for ch in text)


def _same_unit(supplied: Quantity, container: Quantity) -> None:
    if supplied.unit != container.unit:
        raise refuse("label.units-differ", f"{container} cannot be part of {supplied}", place="quantity",
                     way_out="Count the supply and its containers in one unit.")  # fmt: skip


def _missing(text: LabelText) -> list[Refusal]:
    address = "".join(text.pharmacy_address)
    obligatory = (
        (text.patient.family, "label.no-patient-name", "the patient's name", "patient"),
        (text.medicine, "label.no-medicine-name", "the name of the medicine", "medicine"),
        (text.directions, "label.no-directions", "directions", "directions"),
        (text.pharmacy_name, "label.no-pharmacy-name", "the pharmacy's name", "pharmacy name"),
        (address, "label.no-pharmacy-address", "the pharmacy's address", "pharmacy address"),
        (text.reference, "label.no-reference", "the reference of the prescription line", "reference"),
    )
    return [
        Refusal(rule, f"A label needs {what}", place)
        for words, rule, what, place in obligatory
        if not words.strip()
    ]


def _invisible(text: LabelText) -> list[Refusal]:
    printed = {
        "patient": str(text.patient),
        "medicine": f"{text.medicine}{text.form_and_strength}",
        "directions": text.directions,
        "warnings": "".join(text.warnings + text.in_directions),
        "pharmacy": "".join((text.pharmacy_name, *text.pharmacy_address, text.pharmacy_telephone)),
        "reference": text.reference,
    }
    return [
        Refusal(
            "label.invisible-character",
            f"The {place} holds characters that cannot be seen in print",
            place,
            "Type these words again.",
        )
        for place, words in printed.items()
        if invisible_characters(words)
    ]
