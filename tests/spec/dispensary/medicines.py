"""Invented products and packs for the tables of this folder. Words alone; nothing here is a dm+d fact."""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.medicines.concept import BaseUnit, Level, Pack, Product, Release
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.quantity import Unit

TABLET, ML, PATCH = Unit("tablet"), Unit("ml"), Unit("patch")


def _product(id: str, name: str, unit: Unit | None, *, generic: str | None = None) -> Product:
    return Product(
        id=id,
        level=Level.AMP if generic else Level.VMP,
        name=name,
        base_unit=BaseUnit(unit) if unit else None,
        generic_id=generic,
    )


def _pack(id: str, product: Product, quantity: str, unit: Unit, *, split: bool | None = True) -> Pack:
    return Pack(id, product.id, f"{product.name} {quantity}", Decimal(quantity), unit, split=split)


SOMNOL = _product("1", "Somnol 5mg tablets", TABLET)
SOMNOL_10 = _product("2", "Somnol 10mg tablets", TABLET)
LINCTUS = _product("3", "Tussin linctus", ML)
BRAND = _product("4", "Dreamwell 5mg tablets", TABLET, generic="1")
OTHER_BRAND = _product("5", "Noctura 5mg tablets", TABLET, generic="1")
PLASTER = _product("6", "Warmth patches", PATCH)
UNCOUNTED = _product("7", "Powder of nobody knows", None)

SOMNOL_28 = _pack("p1", SOMNOL, "28", TABLET)
SOMNOL_WHOLE = _pack("p2", SOMNOL, "30", TABLET, split=False)
SOMNOL_UNSAID = _pack("p3", SOMNOL, "56", TABLET, split=None)
SOMNOL_10_28 = _pack("p4", SOMNOL_10, "28", TABLET)
LINCTUS_100 = _pack("p5", LINCTUS, "100", ML)
BRAND_28 = _pack("p6", BRAND, "28", TABLET)

DICTIONARY = Dictionary(
    release=Release("invented-1", "Invented", "2026-11-02"),
    products=(SOMNOL, SOMNOL_10, LINCTUS, BRAND, OTHER_BRAND, PLASTER, UNCOUNTED),
    packs=(SOMNOL_28, SOMNOL_WHOLE, SOMNOL_UNSAID, SOMNOL_10_28, LINCTUS_100, BRAND_28),
)
