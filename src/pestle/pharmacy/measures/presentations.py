"""Which product does a BNF code of prescribing data mean?

Prescribing data name no product of the dictionary: they name a presentation by its BNF code of fifteen
characters. A code that the dictionary has is that product. Another, such as that of a brand that has left
the market, means the generic products of the same first nine characters (the substance) and the same last
two (the generic presentation), which a brand and its generic share. What neither finds is not known.

Source: how OpenPrescribing joins prescribing data to dm+d (bennettoxford/openprescribing,
openprescribing/measures/views/vw_aware_abx_bnf_codes.sql, read at 0fb2ae3c).
"""

from __future__ import annotations

from collections import defaultdict

from pestle.pharmacy.criteria.lists import MedicineList, described, has_medicine
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.medication import Medication

_LENGTH = 15


class Presentations:
    """The products of a dictionary by their BNF codes."""

    def __init__(self, dictionary: Dictionary, substances: Substances) -> None:
        self.substances = substances
        self._dictionary = dictionary
        self._exactly: defaultdict[str, list[Product]] = defaultdict(list)
        self._alike: defaultdict[str, list[Product]] = defaultdict(list)
        for product in dictionary.products():
            code = product.bnf_code
            if code is not None and len(code) == _LENGTH:
                self._exactly[code].append(product)
                if product.level is Level.VMP:
                    self._alike[_generic(code)].append(product)

    def products(self, code: str) -> tuple[Product, ...]:
        """The products that the code may mean; none where it is not known."""
        if len(code) != _LENGTH:
            return ()
        return tuple(self._exactly.get(code) or self._alike.get(_generic(code)) or ())

    def on(self, listed: MedicineList, code: str) -> bool | None:
        """Whether what a code means is on a list, by the list's own answer of a patient's medicine; None
        where nobody can tell, as of a code that is not known."""
        answers = {self._is_on(listed, product) for product in self.products(code)}
        return answers.pop() if len(answers) == 1 else None

    def _is_on(self, listed: MedicineList, product: Product) -> bool | None:
        medicine = Medication(Coded(product.name), product, self._dictionary.generic(product))
        return has_medicine(listed, described(medicine, substances=self.substances))


def _generic(code: str) -> str:
    return code[:9] + code[-2:]
