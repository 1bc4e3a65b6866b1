"""Which packs, with which prices and GTINs, do the records of a dm+d release make?

The products stand in the file that is being built, the records ready beside them. What they leave open stays
open: see `dmd`.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from pestle.pharmacy.medicines.barcode import gtin14
from pestle.pharmacy.medicines.build import Build
from pestle.pharmacy.medicines.concept import Flag, Level, Pack
from pestle.pharmacy.medicines.dmd_codes import Fields, Shared, day, flags, is_valid, must, number, whole
from pestle.pharmacy.refusal import refuse

DISCONTINUED = "0001"
_FLAGS = {
    "CAL_PACK": Flag.CALENDAR_PACK,
    "BB": Flag.BROKEN_BULK,
    "HOSP": Flag.HOSPITAL_ONLY,
    "ACBS": Flag.BORDERLINE,
    "PADM": Flag.PERSONALLY_ADMINISTERED,
    "FP10_MDA": Flag.INSTALMENTS,
    "NURSE_F": Flag.NURSE_FORMULARY,
    "ENURSE_F": Flag.NURSE_EXTENDED_FORMULARY,
    "DENT_F": Flag.DENTAL_FORMULARY,
}


class Packs:
    """The packs of one release on their way into one file, and what GTINs they carry."""

    def __init__(self, build: Build, shared: Shared) -> None:
        self._build, self._shared = build, shared
        # For each GTIN, the packs that have it, and whether it is in use there.
        self._found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        # Packs come with those of their product.
        self._product = lru_cache(maxsize=64)(build.product)
        self._vmpp = lru_cache(maxsize=1024)(lambda id_: build.one_staged("vmpp", id_))

    def pack(self, kind: str, id_: str, row: Fields) -> Pack | None:
        """The pack; None when the release gives no quantity."""
        parts = self._build.parts_by_kind(id_)
        virtual, generic_id = row, None
        if kind == "ampp":
            generic_id = must(row, "VPPID", id_)
            found = self._vmpp(generic_id)
            if found is None:
                raise refuse(
                    "release.unknown-reference", f"There is no VMPP {generic_id} in the release", place=id_
                )
            virtual = found
        product = self._product(must(row, "APID" if kind == "ampp" else "VPID", id_))
        if product is None:
            raise refuse(
                "release.unknown-reference", "The product of this pack is not in the release", place=id_
            )
        if kind == "ampp" and product.generic_id != virtual.get("VPID"):
            raise refuse("release.contradiction", "The pack and its VMPP are of two VMPs", place=id_)
        codes = self._gtins(id_, parts["GTINDATA"])
        if "QTYVAL" not in virtual:
            return None
        quantity = number(virtual["QTYVAL"], id_)
        if quantity <= 0:
            raise refuse("release.wrong-value", f"A pack of {quantity} is no pack", place=id_)
        reimbursed = {name: value for each in parts["REIMB_INFO"] for name, value in each.items()}
        marks = {
            **reimbursed,
            **{name: value for each in parts["PRESCRIB_INFO"] for name, value in each.items()},
        }
        special = reimbursed.get("SPEC_CONTCD") == "0001"
        return Pack(
            id=id_,
            product_id=product.id,
            name=must(row, "NM", id_),
            quantity=quantity,
            unit=self._shared.unit(must(virtual, "QTY_UOMCD", id_), id_),
            gtins=codes,
            maker=product.maker,
            split=False if special else None,
            source="dm+d",
            level=Level.AMPP if kind == "ampp" else Level.VMPP,
            generic_id=generic_id,
            discontinued=row.get("DISCCD") == DISCONTINUED if kind == "ampp" else None,
            discontinued_on=day(row.get("DISCDT"), id_) if row.get("DISCCD") == DISCONTINUED else None,
            legal_category=self._shared.coded("LEGAL_CATEGORY", row.get("LEGAL_CATCD"), id_),
            price=self._shared.price(parts["PRICE_INFO"], ("PRICE_BASIS", "PRICE_BASISCD", "PRICEDT"), id_),
            tariff=self._shared.price(parts["DTINFO"], ("DT_PAYMENT_CATEGORY", "PAY_CATCD", "DT"), id_),
            charges=whole(reimbursed["PX_CHRGS"], id_) if "PX_CHRGS" in reimbursed else None,
            flags=((Flag.SPECIAL_CONTAINER,) if special else ()) + flags(marks, _FLAGS),
            contents=tuple(each["child"] for each in parts["CCONTENT"]),
            valid=is_valid(row),
        )

    def _gtins(self, id_: str, rows: list[dict[str, str]]) -> tuple[str, ...]:
        """The pack's GTINs, those in use first."""
        codes = []
        for row in sorted(rows, key=lambda row: "ENDDT" in row):
            code = gtin14(must(row, "GTIN", id_), place=id_)
            self._found[code].append((id_, "ENDDT" not in row))
            codes.append(code)
        return tuple(dict.fromkeys(codes))

    def add_gtins(self) -> list[str]:
        """The GTINs go in, each to the pack that has it; gives what was left open, in words."""
        twice = 0
        for code, holders in self._found.items():
            of = {id_ for id_, in_use in holders if in_use} or {id_ for id_, _ in holders}
            if len(of) == 1:
                self._build.add_gtin(code, of.pop())
            else:
                twice += 1
        return [f"GTINs on two packs at once, which find neither: {twice}"] if twice else []
