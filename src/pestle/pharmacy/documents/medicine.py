"""What does the dictionary say of one medicine, in words, and what does it not say?

For the page of a medicine and for the terminal. What no source said is None: whoever shows it says *unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.medicines import ndc_directory, rxnorm
from pestle.pharmacy.medicines.concept import Coded, Held, Ingredient, Level, Pack, Price, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.quantity import SNOMED, Quantity, plain

_SYSTEMS = {SNOMED: "SNOMED CT", rxnorm.SYSTEM: "RxNorm", ndc_directory.SYSTEM: "NDC"}
_YES_NO = {True: "yes", False: "no", None: None}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said, or not said (`words` is None), under its label."""

    label: str
    words: str | None


@dataclass(frozen=True, slots=True)
class PackFacts:
    """One pack in words: `price` with whose price it is; `more` is what only some releases say."""

    size: str
    codes: str | None
    price: str | None
    discontinued: str | None
    splitting: str | None
    more: tuple[str, ...]


def facts(product: Product, known: Dictionary) -> tuple[Fact, ...]:
    """What is told of every product, known or not; then what only some releases say, where they do."""
    system = known.release.system
    always = (
        ("Ingredients", _ingredients(product)),
        ("Moiety", product.moiety),
        ("Form", product.form),
        ("Routes", None if product.routes is None else ", ".join(product.routes) or "none given"),
        ("Counted in", product.base_unit.unit.text if product.base_unit else None),
        ("Controlled drug", _controlled(product)),
        ("BNF code", product.bnf_code),
        ("Maker", product.maker or ("not for a generic" if product.level is Level.VMP else None)),
        ("Prescribing", _coded(product.prescribing_status)),
        ("Availability", _coded(product.availability)),
        ("Discontinued", _YES_NO[product.discontinued]),
        (f"Code ({_SYSTEMS.get(system, system)})", product.id),
        ("Source", product.source or None),
        *([("US schedule", product.us_schedule)] if system != SNOMED else []),
    )
    where_said = (
        ("Licence", _coded(product.licence)),
        ("Marked", ", ".join(flag.value for flag in product.flags or ())),
        ("One dose unit holds", str(product.unit_dose) if product.unit_dose else None),
        ("Other ingredients", "; ".join(_excipient(one) for one in product.excipients or ())),
        ("ATC code", product.atc_code),
        ("In one pack", "; ".join(_held(one, known) for one in product.holds)),
        ("NDC", ", ".join(known.ndcs(product.id))),
    )
    told = (*always, *((label, words) for label, words in where_said if words))
    return tuple(Fact(label, words) for label, words in told)


def pack_facts(pack: Pack) -> PackFacts:
    """What is told of every pack."""
    legal = [pack.legal_category.text] if pack.legal_category else []
    return PackFacts(
        size=str(Quantity(pack.quantity, pack.unit)),
        codes=", ".join(pack.gtins) or None,
        price="; ".join([*_price(pack.price), *_price(pack.tariff)]) or None,
        discontinued=_discontinued(pack),
        splitting={True: "may be split", False: "stays whole", None: None}[pack.split],
        more=(*legal, *(flag.value for flag in pack.flags or ())),
    )


def replaced_words(chain: tuple[str, ...]) -> str:
    """Every step from an old code to the one in use."""
    steps = ", and that by ".join(chain[1:])
    return f"The code {chain[0]} is no longer used: it was replaced by {steps}."


def exchange_words(product: Product, known: Dictionary) -> str:
    """What may be supplied for it in United Kingdom primary care; nothing is said for elsewhere.

    Source: `equivalence`, and the status that it gives its own.
    """
    if known.release.system != SNOMED:
        return ""
    if product.level is Level.VMP:
        return "Prescribed by this name, the product of any maker may be supplied."
    return "A brand prescribed is the brand supplied: only the prescriber may change it."


def _held(one: Held, known: Dictionary) -> str:
    product = known.product(one.product_id)
    name = product.name if product else one.product_id
    return f"{plain(one.count)} of {name}" if one.count is not None else f"{name}, how many is unknown"


def _coded(value: Coded | None) -> str | None:
    return value.text if value else None


def _excipient(one: Ingredient) -> str:
    return f"{one.name} {one.amount}" if one.amount else one.name


def _ingredients(product: Product) -> str | None:
    if product.ingredients is None:
        return None
    return "; ".join(f"{one.name} {_strength(one)}" for one in product.ingredients) or "none"


def _strength(one: Ingredient) -> str:
    if one.strength is None:
        return f"{one.amount}, in how much is unknown" if one.amount else "(strength unknown)"
    below = one.strength.denominator
    return f"{one.strength.numerator}{f' in {below}' if below else ''}"


def _controlled(product: Product) -> str | None:
    if product.controlled is None:
        return None
    schedule = product.controlled.schedule
    said = "no" if schedule is None else f"Schedule {schedule}"
    return f"{said} ({product.controlled_source})" if product.controlled_source else said


def _discontinued(pack: Pack) -> str | None:
    if pack.level is Level.VMPP:
        return "not for a generic pack"
    if pack.discontinued and pack.discontinued_on:
        return f"yes, since {pack.discontinued_on:%d-%b-%Y}"
    return _YES_NO[pack.discontinued]


def _price(price: Price | None) -> list[str]:
    return [f"{price.basis.text} £{price.pence // 100}.{price.pence % 100:02}"] if price else []
