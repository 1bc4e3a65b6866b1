"""What stands on the bag that waits to be handed out?

Enough to find it and to give it to the right person: name, address, how many prescriptions, on which shelf,
and a code that is scanned when it is put there. A part that lies elsewhere has a label of its own. No
medicine is named: a bag stands where others can read it.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.documents.label import invisible_characters
from pestle.pharmacy.record.patient import Address, Name
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class BagLabel:
    """One bag, or (`part`) a part of it. `address` is None where it is not known, and the label says so;
    `shelf` is empty before it was put on one.

    `marks` are what it must not be handed over without (``CD``, ``FRIDGE``, ``SPEAK FIRST``). Raises
    `Refused`, naming everything at once: ``bag.no-patient-name``, ``bag.no-prescriptions``, ``bag.no-code``,
    ``bag.invisible-character``.
    """

    patient: Name
    address: Address | None
    prescriptions: int
    code: str
    shelf: str = ""
    part: str = ""
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        refusals: list[Refusal] = []
        if not self.patient.family.strip():
            refusals.append(Refusal("bag.no-patient-name", "A bag label needs the patient's name", "patient"))
        if self.prescriptions < 1:
            refusals.append(Refusal("bag.no-prescriptions", "A bag holds a prescription", "prescriptions"))
        if not self.code.strip():
            refusals.append(Refusal("bag.no-code", "A bag label has a code to scan", "code"))
        said = (str(self.patient), *self.address_lines, self.shelf, self.part, *self.marks)
        if invisible_characters("".join(said)):
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
        """1 prescription, 2 prescriptions; of a part, which it is."""
        count = f"{self.prescriptions} prescription{'' if self.prescriptions == 1 else 's'}"
        return f"{self.part} of {count}" if self.part else count
