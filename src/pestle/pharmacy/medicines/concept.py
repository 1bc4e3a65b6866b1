"""What is this medicine?

One model for the NHS dictionary of medicines and devices (dm+d): VTM (moiety), VMP (generic product), AMP
(a maker's product), VMPP and AMPP (their packs). RxNorm's clinical drugs and generic packs are VMPs, its
branded ones AMPs, its ingredients VTMs. A product of the US National Drug Code directory is an AMP whose VMP
nobody named, and its package an AMPP. An attribute that no source gave is None, and None means
*unknown*: a test or a screen must say so, never assume.

Source: NHSBSA, dm+d Technical Specification (data model R2 v3.1); NLM, RxNorm (see `rxnorm`). Ids are text:
SNOMED CT ids in dm+d, RXCUIs in RxNorm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from pestle.pharmacy.quantity import SNOMED, Quantity, Ratio, Unit


class Level(Enum):
    """Which of the five dm+d concepts."""

    VTM = "VTM"
    VMP = "VMP"
    AMP = "AMP"
    VMPP = "VMPP"
    AMPP = "AMPP"


class ControlledDrugCategory(Enum):
    """dm+d CONTROL_DRUG_CATEGORY; the value is its code. A dictionary fact, not the law itself."""

    NONE = "0000"
    SCHEDULE_1 = "0001"
    SCHEDULE_2 = "0002"
    SCHEDULE_2_EXEMPT_SAFE_CUSTODY = "0003"
    SCHEDULE_3_NO_REGISTER = "0004"
    SCHEDULE_3_EXEMPT_SAFE_CUSTODY = "0005"
    SCHEDULE_3_PHENOBARBITAL = "0006"
    SCHEDULE_3_TEMAZEPAM = "0007"
    SCHEDULE_4_ANABOLIC = "0008"
    SCHEDULE_4_BENZODIAZEPINE = "0009"
    SCHEDULE_5 = "0010"

    @property
    def schedule(self) -> int | None:
        """The schedule of the Misuse of Drugs Regulations 2001; None when not controlled."""
        if self is ControlledDrugCategory.NONE:
            return None
        return int(self.name.split("_")[1])


class Flag(Enum):
    """What a release marks; the value says it in words. A dictionary marks only what is so."""

    SUGAR_FREE = "sugar free"
    GLUTEN_FREE = "gluten free"
    PRESERVATIVE_FREE = "preservative free"
    CFC_FREE = "CFC free"
    ADDITIONAL_MONITORING = "under additional monitoring"
    PARALLEL_IMPORT = "parallel import"
    SPECIAL_CONTAINER = "special container"
    CALENDAR_PACK = "calendar pack"
    BROKEN_BULK = "broken bulk may be claimed"
    HOSPITAL_ONLY = "hospital only"
    BORDERLINE = "borderline substance (ACBS)"
    PERSONALLY_ADMINISTERED = "personally administered"
    INSTALMENTS = "may be prescribed in instalments (FP10MDA)"
    NURSE_FORMULARY = "nurse formulary"
    NURSE_EXTENDED_FORMULARY = "nurse extended formulary"
    DENTAL_FORMULARY = "dental formulary"
    HUMAN = "for people"
    VETERINARY = "for animals"


@dataclass(frozen=True, slots=True)
class Coded:
    """A code of the publisher's own list, with its words."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one whole pack in `pence`; `basis` says which price it is, `since` from when."""

    pence: int
    basis: Coded
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Moiety:
    """A VTM. `ingredients` are substance ids; None when the release does not say."""

    id: str
    name: str
    ingredients: tuple[str, ...] | None = None
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One ingredient and its strength. `strength` is None when unknown.

    `amount` is what is stated without saying in how much: no strength can be worked out from it. `basis_id`
    is the substance that the strength counts, where it is another one (salbutamol, of salbutamol sulfate).
    """

    name: str
    id: str | None = None
    strength: Ratio | None = None
    amount: Quantity | None = None
    basis_id: str | None = None


@dataclass(frozen=True, slots=True)
class BaseUnit:
    """What stock of a product is counted in: `per_unit` base units make one `unit` of measure.

    A tablet cannot be divided (1); millilitres and grams are counted in thousandths (1000), so that
    2.5 ml is a whole number of base units.
    """

    unit: Unit
    per_unit: int = 1


@dataclass(frozen=True, slots=True)
class Held:
    """So many of a product in a pack of several; `count` is None when the release does not say it plainly."""

    product_id: str
    count: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """A VMP or an AMP. `generic_id` is the VMP of an AMP; None for a VMP itself, and where nobody said.

    `controlled_source` says who gave `controlled`: the dictionary, a message, or a list and its status.
    `discontinued`: every pack that the release lists is. `availability` is the restriction of an AMP, or
    whether a VMP has products. `unit_dose` is the size of one dose unit (a vial of 2 ml). `holds` are the
    products of a kit or calendar pack that has an id of its own. What is not `valid` is kept for reading
    old records, and never offered.
    """

    id: str
    level: Level
    name: str
    moiety: str | None = None
    moiety_id: str | None = None
    ingredients: tuple[Ingredient, ...] | None = None
    form: str | None = None
    routes: tuple[str, ...] | None = None
    base_unit: BaseUnit | None = None
    controlled: ControlledDrugCategory | None = None
    bnf_code: str | None = None
    generic_id: str | None = None
    maker: str | None = None
    cautionary_labels: tuple[int, ...] | None = None
    discontinued: bool | None = None
    source: str = ""
    controlled_source: str = ""
    prescribing_status: Coded | None = None
    availability: Coded | None = None
    licence: Coded | None = None
    flags: tuple[Flag, ...] | None = None
    unit_dose: Quantity | None = None
    excipients: tuple[Ingredient, ...] | None = None
    atc_code: str | None = None
    us_schedule: str | None = None
    holds: tuple[Held, ...] = ()
    valid: bool = True

    @property
    def entry(self) -> Entry:
        """What a list of all products needs to know of it."""
        names = self.ingredient_names or ()
        return Entry(self.id, self.name, self.level, self.generic_id, self.moiety, names, self.discontinued)

    @property
    def moiety_key(self) -> str | None:
        """What is the same for all of one moiety: its id, else its name in lower case; None when unknown."""
        return self.moiety_id or (self.moiety.casefold() if self.moiety else None)

    @property
    def ingredient_names(self) -> tuple[str, ...] | None:
        """The active ingredients in lower case, in order; None when unknown."""
        if self.ingredients is None:
            return None
        return tuple(ingredient.name.casefold() for ingredient in self.ingredients)


class Entry(NamedTuple):
    """What a list of all products needs to know of one, so that it need not read it whole."""

    id: str
    name: str
    level: Level
    generic_id: str | None
    moiety: str | None
    ingredient_names: tuple[str, ...]
    discontinued: bool | None


@dataclass(frozen=True, slots=True)
class Pack:
    """A VMPP or AMPP: `quantity` of the product's unit of measure in one pack.

    `split` says whether a pharmacy may open it and supply part: False for special containers and other
    products that stay whole, None when no source says. `generic_id` is the VMPP of an AMPP. `contents` are
    the packs inside a combination pack. `tariff` is the Drug Tariff's price (of a VMPP), `price` the maker's.
    `charges` counts prescription charges.
    """

    id: str
    product_id: str
    name: str
    quantity: Decimal
    unit: Unit
    gtins: tuple[str, ...] = ()
    maker: str | None = None
    split: bool | None = None
    invented: bool = False
    source: str = ""
    level: Level | None = None
    generic_id: str | None = None
    discontinued: bool | None = None
    discontinued_on: date | None = None
    legal_category: Coded | None = None
    price: Price | None = None
    tariff: Price | None = None
    charges: int | None = None
    flags: tuple[Flag, ...] | None = None
    contents: tuple[str, ...] = ()
    valid: bool = True


@dataclass(frozen=True, slots=True)
class Release:
    """Which dictionary answered: every decision keeps it. `id` is stable, such as ``starter-2026-11``.

    `system` is the code system of its product ids. `notes` say what the publisher's files left undecided.
    """

    id: str
    title: str
    dated: str
    system: str = SNOMED
    notes: tuple[str, ...] = ()
