"""What is this medicine?

One model for the NHS dictionary of medicines and devices (dm+d): VTM (moiety), VMP (generic product), AMP
(a maker's product), VMPP and AMPP (their packs). An attribute that no source gave is None, and None means
*unknown*: a test or a screen must say so, never assume.

Source: NHSBSA, dm+d Technical Specification (data model R2 v3.1). Ids are SNOMED CT ids, kept as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from pestle.pharmacy.quantity import Ratio, Unit


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


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One active ingredient and its strength. `strength` is None when unknown."""

    name: str
    id: str | None = None
    strength: Ratio | None = None


@dataclass(frozen=True, slots=True)
class BaseUnit:
    """What stock of a product is counted in: `per_unit` base units make one `unit` of measure.

    A tablet cannot be divided (1); millilitres and grams are counted in thousandths (1000), so that
    2.5 ml is a whole number of base units.
    """

    unit: Unit
    per_unit: int = 1


@dataclass(frozen=True, slots=True)
class Product:
    """A VMP or an AMP. `generic_id` is the VMP of an AMP; None for a VMP itself, and where nobody said.

    `controlled_source` says who gave `controlled`: the dictionary, a message, or a list and its status.
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

    @property
    def ingredient_names(self) -> tuple[str, ...] | None:
        """The active ingredients in lower case, in order; None when unknown."""
        if self.ingredients is None:
            return None
        return tuple(ingredient.name.casefold() for ingredient in self.ingredients)


@dataclass(frozen=True, slots=True)
class Pack:
    """A VMPP or AMPP: `quantity` of the product's unit of measure in one pack.

    `split` says whether a pharmacy may open it and supply part: False for special containers and other
    products that stay whole, None when no source says.
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


@dataclass(frozen=True, slots=True)
class Release:
    """Which dictionary answered: every decision keeps it. `id` is stable, such as ``starter-2026-11``."""

    id: str
    title: str
    dated: str
