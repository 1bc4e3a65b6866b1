"""Which products do the records of a dm+d release make?

The records stand ready in the file that is being built; every code and reference must lead somewhere. What
they leave open stays open: see `dmd`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from pestle.pharmacy.medicines.build import MOST_FAULTS, Build
from pestle.pharmacy.medicines.concept import (
    BaseUnit,
    Flag,
    Ingredient,
    Level,
    Product,
)
from pestle.pharmacy.medicines.dmd_codes import (
    DIVIDED,
    Fields,
    Shared,
    category,
    flags,
    is_valid,
    must,
    number,
)
from pestle.pharmacy.medicines.dmd_packs import DISCONTINUED, Packs
from pestle.pharmacy.quantity import Quantity, Ratio, Unit, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse

_VMP_FLAGS = {
    "SUG_F": Flag.SUGAR_FREE,
    "GLU_F": Flag.GLUTEN_FREE,
    "PRES_F": Flag.PRESERVATIVE_FREE,
    "CFC_F": Flag.CFC_FREE,
}
_AMP_FLAGS = {"EMA": Flag.ADDITIONAL_MONITORING, "PARALLEL_IMPORT": Flag.PARALLEL_IMPORT}


def add_all(build: Build, shared: Shared, say: Callable[[str], None]) -> list[str]:
    """Puts every product, pack, GTIN and old id into the file; gives what was left open, in words.

    Raises `Refused` with up to 20 faults, as `dmd.load` names them.
    """
    adding = _Adding(build, shared, say)
    adding.put_together()
    return adding.notes


class _Adding:
    def __init__(self, build: Build, shared: Shared, say: Callable[[str], None]) -> None:
        self._build, self._shared, self._say = build, shared, say
        self._faults: list[Refusal] = []
        self.notes: list[str] = []
        # AMPs come with those of their VMP.
        self._product = lru_cache(maxsize=64)(build.product)
        self._packs = Packs(build, shared)

    def put_together(self) -> None:
        for kind, make in (("vmp", self._vmp), ("amp", self._amp)):
            self._say(f"{self._build.count(kind)} {kind.upper()}")
            for id_, row in self._build.staged(kind):
                with self._collecting():
                    self._build.add_product(make(id_, row))
            self._stop_if_faulty()
        without = 0
        for kind in ("vmpp", "ampp"):
            self._say(f"{self._build.count(kind)} {kind.upper()}")
            for id_, row in self._build.staged(kind):
                with self._collecting():
                    pack = self._packs.pack(kind, id_, row)
                    without += pack is None
                    if pack is not None:
                        self._build.add_pack(pack)
        self._stop_if_faulty()
        if without:
            self.notes.append(f"Packs left out, without a quantity: {without}")
        self.notes += self._packs.add_gtins()
        self._add_superseded()

    def _stop_if_faulty(self) -> None:
        if self._faults:
            raise Refused(*self._faults)

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        """A refusal becomes one more fault of the release."""
        try:
            yield
        except Refused as refused:
            self._faults.extend(refused.refusals)
            if len(self._faults) >= MOST_FAULTS:
                raise Refused(*self._faults[:MOST_FAULTS]) from None

    def _vmp(self, id_: str, row: Fields) -> Product:
        parts = self._build.parts_by_kind(id_)
        discrete = row.get("DF_INDCD") == "1"
        dose_unit = self._shared.unit(row["UNIT_DOSE_UOMCD"], id_) if "UNIT_DOSE_UOMCD" in row else None
        moiety = row.get("VTMID")
        if moiety and moiety not in self._shared.moieties:
            raise refuse("release.unknown-reference", f"There is no VTM {moiety} in the release", place=id_)
        forms = [self._shared.text("FORM", must(each, "FORMCD", id_), id_) for each in parts["DFORM"]]
        routes = [self._shared.text("ROUTE", must(each, "ROUTECD", id_), id_) for each in parts["DROUTE"]]
        controlled = [category(must(each, "CATCD", id_), id_) for each in parts["CONTROL_INFO"]]
        per = dose_unit if discrete else None
        return Product(
            id=id_,
            level=Level.VMP,
            name=must(row, "NM", id_),
            moiety=self._shared.moieties[moiety].name if moiety else None,
            moiety_id=moiety,
            ingredients=tuple(self._ingredient(each, id_, per) for each in parts["VPI"]) or None,
            form=" / ".join(forms) or None,
            routes=tuple(routes) or None,
            base_unit=self._base_unit(id_, dose_unit),
            controlled=controlled[0] if controlled else None,
            controlled_source="dm+d" if controlled else "",
            bnf_code=self._bnf(parts),
            atc_code=next((each["ATC"] for each in parts["BNF"] if each.get("ATC", "n/a") != "n/a"), None),
            discontinued=self._discontinued(id_),
            prescribing_status=self._shared.coded("VIRTUAL_PRODUCT_PRES_STATUS", row.get("PRES_STATCD"), id_),
            availability=self._shared.coded("VIRTUAL_PRODUCT_NON_AVAIL", row.get("NON_AVAILCD"), id_),
            flags=flags(row, _VMP_FLAGS),
            unit_dose=self._unit_dose(row, id_),
            source="dm+d",
            valid=is_valid(row),
        )

    def _amp(self, id_: str, row: Fields) -> Product:
        generic = self._product(must(row, "VPID", id_))
        if generic is None:
            raise refuse(
                "release.unknown-reference", f"There is no VMP {row['VPID']} in the release", place=id_
            )
        parts = self._build.parts_by_kind(id_)
        routes = [self._shared.text("ROUTE", must(each, "ROUTECD", id_), id_) for each in parts["LIC_ROUTE"]]
        return replace(
            generic,
            id=id_,
            level=Level.AMP,
            name=must(row, "NM", id_),
            generic_id=generic.id,
            routes=tuple(routes) or generic.routes,
            maker=self._shared.text("SUPPLIER", must(row, "SUPPCD", id_), id_),
            bnf_code=self._bnf(parts),
            discontinued=self._discontinued(id_, of="amp"),
            prescribing_status=None,
            availability=self._shared.coded("AVAILABILITY_RESTRICTION", row.get("AVAIL_RESTRICTCD"), id_),
            licence=self._shared.coded("LICENSING_AUTHORITY", row.get("LIC_AUTHCD"), id_),
            flags=tuple({**dict.fromkeys(generic.flags or ()), **dict.fromkeys(flags(row, _AMP_FLAGS))}),
            excipients=tuple(self._excipient(each, id_) for each in parts["AP_ING"]) or None,
            valid=is_valid(row),
        )

    def _discontinued(self, id_: str, of: str = "vmp") -> bool | None:
        """Whether every pack of a maker is discontinued; None when there is no pack."""
        products = [id_] if of == "amp" else [each for each, _ in self._build.children("amp", id_)]
        packs = [row for each in products for _, row in self._build.children("ampp", each)]
        return all(row.get("DISCCD") == DISCONTINUED for row in packs) if packs else None

    def _base_unit(self, id_: str, dose_unit: Unit | None) -> BaseUnit | None:
        """What its packs are measured in; where they disagree or there are none, its dose unit."""
        codes = {row["QTY_UOMCD"] for _, row in self._build.children("vmpp", id_) if "QTY_UOMCD" in row}
        unit = self._shared.unit(codes.pop(), id_) if len(codes) == 1 else dose_unit
        if unit is None:
            return None
        return BaseUnit(unit, 1000 if unit.code in DIVIDED else 1)

    def _ingredient(self, row: Fields, id_: str, per: Unit | None) -> Ingredient:
        substance = must(row, "ISID", id_)
        amount = self._shared.quantity(row, "STRNT_NMRTR", id_)
        below = self._shared.quantity(row, "STRNT_DNMTR", id_)
        if below is None and per is not None:
            below = Quantity(decimal("1", place=id_), per)
        if below is not None and below.value <= 0:
            raise refuse("release.wrong-value", "A strength in no amount is no strength", place=id_)
        whole = amount is not None and below is not None
        return Ingredient(
            self._shared.substance(substance, id_),
            substance,
            Ratio(amount, below) if amount is not None and below is not None else None,
            amount=None if whole else amount,
            basis_id=row.get("BS_SUBID"),
        )

    def _excipient(self, row: Fields, id_: str) -> Ingredient:
        substance = must(row, "ISID", id_)
        amount = None
        if "STRNTH" in row and "UOMCD" in row:
            amount = Quantity(number(row["STRNTH"], id_), self._shared.unit(row["UOMCD"], id_))
        return Ingredient(self._shared.substance(substance, id_), substance, amount=amount)

    def _unit_dose(self, row: Fields, id_: str) -> Quantity | None:
        if "UDFS" not in row or "UDFS_UOMCD" not in row:
            return None
        return Quantity(number(row["UDFS"], id_), self._shared.unit(row["UDFS_UOMCD"], id_))

    def _bnf(self, parts: Mapping[str, list[dict[str, str]]]) -> str | None:
        """The code of the mapping, where it has one and no more; else the section that the bonus file names.

        Eight digits name chapter, section, paragraph and subparagraph; the BNF code needs seven for it.
        """
        mapped = {row["BNF"] for row in parts["BNF_CODE"]}
        if mapped:
            return mapped.pop() if len(mapped) == 1 else None
        for row in parts["BNF"]:
            code = row.get("BNF", "")
            if len(code) == 8 and code.isdigit() and code[6] == "0":
                return code[:6] + code[7]
        return None

    def _add_superseded(self) -> None:
        unclear = self._build.supersede(self._shared.successors)
        if unclear:
            self.notes.append(f"Old ids with two successors, which lead to neither: {unclear}")
