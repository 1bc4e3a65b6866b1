"""What does one line of a list say?

A line of either list is the same value: the practice's own line, and the one that arrived. Its words are kept
as they were written, whatever was understood of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.dosage.reading import Reading, not_understood
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.practice.reconciliation.names import Meant
from pestle.pharmacy.practice.reconciliation.said import Change

NOTHING_SAID = Change()
NO_DIRECTIONS = not_understood("", "dosage.no-words", "No directions are written.")


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line of one list. `key` tells it from the others of its list, and `verbatim` is all of it as
    written.

    `name` is the part that names the medicine, `directions` what was read from the part that says how it is
    taken. `others` are other medicines that its words name; `remark` says what it tells of where that is no
    medicine to take (an allergy). `indication` is what it is for, empty where nobody says. `hospital_only`:
    recorded on the practice's list as prescribed elsewhere, or said so by the sender. `withheld`: on hold on
    the practice's list."""

    key: str
    verbatim: str
    name: str
    meant: Meant
    directions: Reading = NO_DIRECTIONS
    change: Change = NOTHING_SAID
    indication: str = ""
    hospital_only: bool = False
    withheld: bool = False
    others: tuple[str, ...] = ()
    remark: str = ""

    @property
    def product(self) -> Product | None:
        """The product of the dictionary that it names, where it names one."""
        return self.meant.medication.product

    @property
    def generic(self) -> Product | None:
        """The VMP of its product."""
        return self.meant.medication.generic

    @property
    def moiety(self) -> str | None:
        """The key of its moiety, where all that it may mean are of one."""
        keys = {product.moiety_key for product in self.meant.products}
        return keys.pop() if len(keys) == 1 else None

    @property
    def brand(self) -> str:
        """The name of the maker's product that it names; empty for a generic, and where none is known."""
        return self.product.name if self.product and self.product.level is Level.AMP else ""

    @property
    def called(self) -> str:
        """What to call the medicine: as it was written."""
        return self.name or self.verbatim
