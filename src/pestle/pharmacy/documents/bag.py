"""What stands on the bag that waits to be handed out?

Enough to find it and to give it to the right person: name, address, how many prescriptions, on which shelf.
No medicine is named: a bag stands where others can read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.documents.label import invisible_characters
from pestle.pharmacy.record.patient import Address, Name
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class BagLabel:
    """One bag. `address` is None where it is not known, and the label says so.

    `marks` are those of its labels (``CD 3``, ``FRIDGE``). Raises `Refused`, naming everything at once:
    ``bag.no-patient-name``, ``bag.no-prescriptions``, ``bag.no-shelf``, ``bag.invisible-character``.
    """

    patient: Name
    address: Address | None
    prescriptions: int
    shelf: str
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refusals: list[Refusal] = []
        if not self.patient.family.strip():
            refusals.append(Refusal("bag.no-patient-name", "A bag label needs the patient's name", "patient"))
        if self.prescriptions < 1:
            refusals.append(Refusal("bag.no-prescriptions", "A bag holds a prescription", "prescriptions"))
        if not self.shelf.strip():
            refusals.append(Refusal("bag.no-shelf", "A bag label needs the shelf it stands on", "shelf"))
        if invisible_characters("".join((str(self.patient), *self.address_lines, self.shelf, *self.marks))):
            refusals.append(
                Refusal(
                    "bag.invisible-character",
                    "The label holds characters that cannot be seen in print",
                    way_out="Type these words again.",
                )
            )
        if refusals:
            raise Refused(*refusals)

    @property
    def address_lines(self) -> tuple[str, ...]:
        """The address as printed, the postcode last; says so where none is known."""
        if self.address is None:
            return ("Address not known",)
        lines = (*self.address.lines, self.address.postcode)
        return tuple(line for line in lines if line.strip()) or ("Address not known",)

    @property
    def contents(self) -> str:
        """1 prescription, 2 prescriptions."""
        return f"{self.prescriptions} prescription{'' if self.prescriptions == 1 else 's'}"
