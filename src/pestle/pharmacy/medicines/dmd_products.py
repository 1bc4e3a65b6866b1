"""Which products and packs do the records of a dm+d release make?

The records stand ready in the file that is being built; every code and reference must lead somewhere. What
they leave open stays open: see `dmd`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pestle.pharmacy.medicines.barcode import gtin14
from pestle.pharmacy.medicines.concept import (
    BaseUnit,
    Coded,
    ControlledDrugCategory,
    Flag,
    Ingredient,
    Level,
    Moiety,
    Pack,
    Price,
    Product,
)
from pestle.pharmacy.medicines.release import MOST_FAULTS, Build
from pestle.pharmacy.quantity import SNOMED, Quantity, Ratio, Unit, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse

# Units whose amounts are divided: millilitre and gram, counted in thousandths.
_DIVIDED = frozenset({"258773002", "258682000"})
_DISCONTINUED = "0001"
_MARKED = frozenset({"0001", "1"})

_VMP_FLAGS = {
    "SUG_F": Flag.SUGAR_FREE,
    "GLU_F": Flag.GLUTEN_FREE,
    "PRES_F": Flag.PRESERVATIVE_FREE,
    "CFC_F": Flag.CFC_FREE,
}
_AMP_FLAGS = {"EMA": Flag.ADDITIONAL_MONITORING, "PARALLEL_IMPORT": Flag.PARALLEL_IMPORT}
_PACK_FLAGS = {
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

_Fields = Mapping[str, str]
# For each GTIN, the packs that have it, and whether it is in use there.
_Gtins = dict[str, list[tuple[str, bool]]]


@dataclass(slots=True)
class Shared:
    """What many records refer to: the codes of each lookup section, substances by id, moieties by id.

    `successors` are the ids that a release names for an old one.
    """

    codes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    substances: dict[str, str] = field(default_factory=dict)
    moieties: dict[str, Moiety] = field(default_factory=dict)
    successors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def add_all(build: Build, shared: Shared, say: Callable[[str], None]) -> list[str]:
    """Puts every product, pack, GTIN and old id into the file; gives what was left open, in words.

    Raises `Refused` with up to 20 faults, as `dmd.load` names them.
    """
    adding = _Adding(build, shared, say)
    adding.put_together()
    return adding.notes


def is_valid(row: _Fields) -> bool:
    """Whether the publisher does not mark it invalid."""
    return row.get("INVALID") not in _MARKED


class _Adding:
    def __init__(self, build: Build, shared: Shared, say: Callable[[str], None]) -> None:
        self._build, self._shared, self._say = build, shared, say
        self._faults: list[Refusal] = []
        self.notes: list[str] = []

    def put_together(self) -> None:
        for kind, make in (("vmp", self._vmp), ("amp", self._amp)):
            self._say(f"{self._build.count(kind)} {kind.upper()}")
            for id_, row in self._build.staged(kind):
                with self._collecting():
                    self._build.add_product(make(id_, row))
            self._stop_if_faulty()
        gtins: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        without = 0
        for kind in ("vmpp", "ampp"):
            self._say(f"{self._build.count(kind)} {kind.upper()}")
            for id_, row in self._build.staged(kind):
                with self._collecting():
                    pack = self._pack(kind, id_, row, gtins)
                    without += pack is None
                    if pack is not None:
                        self._build.add_pack(pack)
        self._stop_if_faulty()
        if without:
            self.notes.append(f"Packs left out, without a quantity: {without}")
        self._add_gtins(gtins)
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

    def _vmp(self, id_: str, row: _Fields) -> Product:
        parts = self._parts(id_)
        discrete = row.get("DF_INDCD") == "1"
        dose_unit = self._unit(row["UNIT_DOSE_UOMCD"], id_) if "UNIT_DOSE_UOMCD" in row else None
        moiety = row.get("VTMID")
        if moiety and moiety not in self._shared.moieties:
            raise refuse("release.unknown-reference", f"There is no VTM {moiety} in the release", place=id_)
        forms = [self._text("FORM", _must(each, "FORMCD", id_), id_) for each in parts["DFORM"]]
        routes = [self._text("ROUTE", _must(each, "ROUTECD", id_), id_) for each in parts["DROUTE"]]
        controlled = [_category(_must(each, "CATCD", id_), id_) for each in parts["CONTROL_INFO"]]
        per = dose_unit if discrete else None
        return Product(
            id=id_,
            level=Level.VMP,
            name=_must(row, "NM", id_),
            moiety=self._shared.moieties[moiety].name if moiety else None,
            moiety_id=moiety,
            ingredients=tuple(self._ingredient(each, id_, per) for each in parts["VPI"]) or None,
            form=" / ".join(forms) or None,
            routes=tuple(routes) or None,
            base_unit=self._base_unit(id_, dose_unit),
            controlled=controlled[0] if controlled else None,
            controlled_source="dm+d" if controlled else "",
            bnf_code=self._bnf(parts["BNF"]),
            atc_code=next((each["ATC"] for each in parts["BNF"] if each.get("ATC", "n/a") != "n/a"), None),
            discontinued=self._discontinued(id_),
            prescribing_status=self._coded("VIRTUAL_PRODUCT_PRES_STATUS", row.get("PRES_STATCD"), id_),
            availability=self._coded("VIRTUAL_PRODUCT_NON_AVAIL", row.get("NON_AVAILCD"), id_),
            flags=_flags(row, _VMP_FLAGS),
            unit_dose=self._unit_dose(row, id_),
            source="dm+d",
            valid=is_valid(row),
        )

    def _amp(self, id_: str, row: _Fields) -> Product:
        generic = self._build.product(_must(row, "VPID", id_))
        if generic is None:
            raise refuse(
                "release.unknown-reference", f"There is no VMP {row['VPID']} in the release", place=id_
            )
        parts = self._parts(id_)
        routes = [self._text("ROUTE", _must(each, "ROUTECD", id_), id_) for each in parts["LIC_ROUTE"]]
        return replace(
            generic,
            id=id_,
            level=Level.AMP,
            name=_must(row, "NM", id_),
            generic_id=generic.id,
            routes=tuple(routes) or generic.routes,
            maker=self._text("SUPPLIER", _must(row, "SUPPCD", id_), id_),
            bnf_code=self._bnf(parts["BNF"]),
            discontinued=self._discontinued(id_, of="amp"),
            prescribing_status=None,
            availability=self._coded("AVAILABILITY_RESTRICTION", row.get("AVAIL_RESTRICTCD"), id_),
            licence=self._coded("LICENSING_AUTHORITY", row.get("LIC_AUTHCD"), id_),
            flags=tuple({**dict.fromkeys(generic.flags or ()), **dict.fromkeys(_flags(row, _AMP_FLAGS))}),
            excipients=tuple(self._excipient(each, id_) for each in parts["AP_ING"]) or None,
            valid=is_valid(row),
        )

    def _pack(self, kind: str, id_: str, row: _Fields, gtins: _Gtins) -> Pack | None:
        """The pack; None when the release gives no quantity."""
        parts = self._parts(id_)
        virtual, generic_id = row, None
        if kind == "ampp":
            generic_id = _must(row, "VPPID", id_)
            found = self._build.one_staged("vmpp", generic_id)
            if found is None:
                raise refuse(
                    "release.unknown-reference", f"There is no VMPP {generic_id} in the release", place=id_
                )
            virtual = found
        product = self._build.product(_must(row, "APID" if kind == "ampp" else "VPID", id_))
        if product is None:
            raise refuse(
                "release.unknown-reference", "The product of this pack is not in the release", place=id_
            )
        if kind == "ampp" and product.generic_id != virtual.get("VPID"):
            raise refuse("release.contradiction", "The pack and its VMPP are of two VMPs", place=id_)
        codes = self._gtins(id_, parts["GTINDATA"], gtins)
        if "QTYVAL" not in virtual:
            return None
        quantity = _number(virtual["QTYVAL"], id_)
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
            name=_must(row, "NM", id_),
            quantity=quantity,
            unit=self._unit(_must(virtual, "QTY_UOMCD", id_), id_),
            gtins=codes,
            maker=product.maker,
            split=False if special else None,
            source="dm+d",
            level=Level.AMPP if kind == "ampp" else Level.VMPP,
            generic_id=generic_id,
            discontinued=row.get("DISCCD") == _DISCONTINUED if kind == "ampp" else None,
            discontinued_on=_date(row.get("DISCDT"), id_) if row.get("DISCCD") == _DISCONTINUED else None,
            legal_category=self._coded("LEGAL_CATEGORY", row.get("LEGAL_CATCD"), id_),
            price=self._price(parts["PRICE_INFO"], ("PRICE_BASIS", "PRICE_BASISCD", "PRICEDT"), id_),
            tariff=self._price(parts["DTINFO"], ("DT_PAYMENT_CATEGORY", "PAY_CATCD", "DT"), id_),
            charges=_whole(reimbursed["PX_CHRGS"], id_) if "PX_CHRGS" in reimbursed else None,
            flags=((Flag.SPECIAL_CONTAINER,) if special else ()) + _flags(marks, _PACK_FLAGS),
            contents=tuple(each["child"] for each in parts["CCONTENT"]),
            valid=is_valid(row),
        )

    def _parts(self, id_: str) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        for kind, body in self._build.parts_of(id_):
            found[kind].append(body)
        return found

    def _discontinued(self, id_: str, of: str = "vmp") -> bool | None:
        """Whether every pack of a maker is discontinued; None when there is no pack."""
        products = [id_] if of == "amp" else [each for each, _ in self._build.children("amp", id_)]
        packs = [row for each in products for _, row in self._build.children("ampp", each)]
        return all(row.get("DISCCD") == _DISCONTINUED for row in packs) if packs else None

    def _base_unit(self, id_: str, dose_unit: Unit | None) -> BaseUnit | None:
        """What its packs are measured in; where they disagree or there are none, its dose unit."""
        codes = {row["QTY_UOMCD"] for _, row in self._build.children("vmpp", id_) if "QTY_UOMCD" in row}
        unit = self._unit(codes.pop(), id_) if len(codes) == 1 else dose_unit
        if unit is None:
            return None
        return BaseUnit(unit, 1000 if unit.code in _DIVIDED else 1)

    def _ingredient(self, row: _Fields, id_: str, per: Unit | None) -> Ingredient:
        substance = _must(row, "ISID", id_)
        amount = self._quantity(row, "STRNT_NMRTR", id_)
        below = self._quantity(row, "STRNT_DNMTR", id_)
        if below is None and per is not None:
            below = Quantity(decimal("1", place=id_), per)
        if below is not None and below.value <= 0:
            raise refuse("release.wrong-value", "A strength in no amount is no strength", place=id_)
        whole = amount is not None and below is not None
        return Ingredient(
            self._substance(substance, id_),
            substance,
            Ratio(amount, below) if amount is not None and below is not None else None,
            amount=None if whole else amount,
            basis_id=row.get("BS_SUBID"),
        )

    def _excipient(self, row: _Fields, id_: str) -> Ingredient:
        substance = _must(row, "ISID", id_)
        amount = None
        if "STRNTH" in row and "UOMCD" in row:
            amount = Quantity(_number(row["STRNTH"], id_), self._unit(row["UOMCD"], id_))
        return Ingredient(self._substance(substance, id_), substance, amount=amount)

    def _quantity(self, row: _Fields, name: str, id_: str) -> Quantity | None:
        if f"{name}_VAL" not in row:
            return None
        unit = self._unit(_must(row, f"{name}_UOMCD", id_), id_)
        return Quantity(_number(row[f"{name}_VAL"], id_), unit)

    def _unit_dose(self, row: _Fields, id_: str) -> Quantity | None:
        if "UDFS" not in row or "UDFS_UOMCD" not in row:
            return None
        return Quantity(_number(row["UDFS"], id_), self._unit(row["UDFS_UOMCD"], id_))

    def _substance(self, id_: str, place: str) -> str:
        if id_ not in self._shared.substances:
            raise refuse(
                "release.unknown-reference", f"There is no ingredient {id_} in the release", place=place
            )
        return self._shared.substances[id_]

    def _unit(self, code: str, place: str) -> Unit:
        return Unit(self._text("UNIT_OF_MEASURE", code, place), SNOMED, code)

    def _text(self, section: str, code: str, place: str) -> str:
        if code not in self._shared.codes[section]:
            raise refuse("release.unknown-code", f"The lookup file has no {section} {code}", place=place)
        return self._shared.codes[section][code]

    def _coded(self, section: str, code: str | None, place: str) -> Coded | None:
        return Coded(code, self._text(section, code, place)) if code else None

    def _price(self, rows: list[dict[str, str]], names: tuple[str, str, str], place: str) -> Price | None:
        section, code, since = names
        for row in rows:
            if "PRICE" in row:
                basis = self._coded(section, _must(row, code, place), place)
                assert basis is not None
                return Price(_whole(row["PRICE"], place), basis, _date(row.get(since), place))
        return None

    def _bnf(self, rows: list[dict[str, str]]) -> str | None:
        """Eight digits name chapter, section, paragraph and subparagraph; the BNF code needs seven for it."""
        for row in rows:
            code = row.get("BNF", "")
            if len(code) == 8 and code.isdigit() and code[6] == "0":
                return code[:6] + code[7]
        return None

    def _gtins(self, id_: str, rows: list[dict[str, str]], found: _Gtins) -> tuple[str, ...]:
        """The pack's GTINs, those in use first."""
        codes = []
        for row in sorted(rows, key=lambda row: "ENDDT" in row):
            code = gtin14(_must(row, "GTIN", id_), place=id_)
            found[code].append((id_, "ENDDT" not in row))
            codes.append(code)
        return tuple(dict.fromkeys(codes))

    def _add_gtins(self, gtins: _Gtins) -> None:
        twice = 0
        for code, holders in gtins.items():
            of = {id_ for id_, in_use in holders if in_use} or {id_ for id_, _ in holders}
            if len(of) == 1:
                self._build.add_gtin(code, of.pop())
            else:
                twice += 1
        if twice:
            self.notes.append(f"GTINs on two packs at once, which find neither: {twice}")

    def _add_superseded(self) -> None:
        unclear = self._build.supersede(self._shared.successors)
        if unclear:
            self.notes.append(f"Old ids with two successors, which lead to neither: {unclear}")


def _flags(row: _Fields, names: Mapping[str, Flag]) -> tuple[Flag, ...]:
    return tuple(flag for name, flag in names.items() if row.get(name) in _MARKED)


def _must(row: _Fields, name: str, place: str) -> str:
    if name not in row:
        raise refuse("release.missing-field", f"There is no {name}", place=place)
    return row[name]


def _number(text: str, place: str) -> Decimal:
    value = decimal(text, place=place)
    if value < 0:
        raise refuse("release.wrong-value", f"{text} is below zero", place=place)
    return value


def _whole(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise refuse("release.wrong-value", f"“{text}” is not a whole number", place=place)
    return int(text)


def _category(code: str, place: str) -> ControlledDrugCategory:
    try:
        return ControlledDrugCategory(code)
    except ValueError:
        raise refuse(
            "release.unknown-code", f"{code} is no controlled-drug category that is known here", place=place
        ) from None


def _date(text: str | None, place: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("release.wrong-value", f"“{text}” is not a date", place=place) from None
