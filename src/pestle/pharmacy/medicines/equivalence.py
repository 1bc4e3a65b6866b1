"""May this product be supplied for what was prescribed?

The same product may. A generic prescribed may be any maker's product of that generic. A brand prescribed is
that brand only: in UK primary care nobody but the prescriber changes it. Everything else is refused, and the
sentence says what is in the hand and what the prescription says.

Source: NHSBSA, dm+d Technical Specification (a VMP is the generic, an AMP one maker's product); NHS
(Pharmaceutical and Local Pharmaceutical Services) Regulations 2013, Schedule 4 (what is ordered is what is
supplied), recalled and not re-read.
"""

from __future__ import annotations

from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.refusal import Refusal


def may_supply(prescribed: Product, supplied: Product, dictionary: Dictionary) -> Refusal | None:
    """Why `supplied` may not be given for `prescribed`; None when it may.

    Rules: ``equivalence.brand-only``, ``equivalence.brand-unknown``, ``equivalence.other-strength``,
    ``equivalence.other-form``, ``equivalence.other-medicine``.
    """
    if dictionary.current(prescribed.id) == dictionary.current(supplied.id):
        return None
    wanted, given = dictionary.generic(prescribed), dictionary.generic(supplied)
    if prescribed.level is Level.VMP and given is not None and _same(given, prescribed, dictionary):
        return None
    sentence = f"This is {_name(supplied)}; the prescription says {_name(prescribed)}"
    if given is None:
        return Refusal(
            "equivalence.brand-unknown",
            f"{sentence}, and what {_name(supplied)} is a brand of is not known",
            place="pack",
            way_out="Use the product that was prescribed, or ask the pharmacist.",
        )
    if wanted is not None and _same(given, wanted, dictionary):
        return Refusal(
            "equivalence.brand-only",
            f"{sentence}, and a brand prescribed is that brand only",
            place="pack",
            way_out="Use that brand, or ask the prescriber for the generic.",
        )
    return Refusal(_difference(prescribed, supplied), sentence, place="pack",
                   way_out="Put it back and pick what the prescription says.")  # fmt: skip


def _same(one: Product, other: Product, dictionary: Dictionary) -> bool:
    return dictionary.current(one.id) == dictionary.current(other.id)


def _difference(prescribed: Product, supplied: Product) -> str:
    """The rule that names how they differ."""
    if prescribed.moiety is None or prescribed.moiety != supplied.moiety:
        return "equivalence.other-medicine"
    if prescribed.form != supplied.form:
        return "equivalence.other-form"
    return "equivalence.other-strength"


def _name(product: Product) -> str:
    """A generic in lower case and a brand as its maker writes it: "amlodipine 5mg tablets", "Istin 5mg
    tablets".
    """
    name = product.name
    return name[0].lower() + name[1:] if product.level is Level.VMP else name
