"""What does a definition file of medicines say?

A definition is a YAML file that says who wrote it, from which source and when; a formulary keeps its products
in a CSV file beside it, one a line, because hundreds of products are read and reviewed as a table. Four
kinds: `formulary`, `packs`, `controlled` (see `controlled`) and `whole-packs`. A file with one fault is
refused whole, with every fault named: file, line, field.

An empty field is unknown. A strength is written ``250 mg / 5 ml``; ingredients ``Amoxicillin [372687004] =
250 mg / 5 ml`` with ``; `` between them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pestle.pharmacy import definition
from pestle.pharmacy.medicines.barcode import gtin14
from pestle.pharmacy.medicines.concept import (
    BaseUnit,
    ControlledDrugCategory,
    Ingredient,
    Level,
    Pack,
    Product,
    Release,
)
from pestle.pharmacy.quantity import SNOMED, Quantity, Ratio, Unit, counted, decimal, plain
from pestle.pharmacy.refusal import Refusal, Refused, refuse

KINDS = {
    "formulary": frozenset({"release", "derivations", "units", "body"}),
    "packs": frozenset({"packs", "makers", "invented"}),
    "controlled": frozenset({"substances", "complete"}),
    "whole-packs": frozenset({"ingredients"}),
}
COLUMNS = (
    "id", "level", "name", "moiety", "moiety_id", "ingredients", "form", "routes", "unit", "controlled",
    "controlled_source", "bnf", "generic_id", "maker", "previous",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formulary:
    """The products of one file. `superseded`: for an id no longer used, the one that replaced it."""

    release: Release
    products: tuple[Product, ...]
    superseded: Mapping[str, str]


def load(path: Path, *, kinds: Mapping[str, frozenset[str]] = KINDS) -> Mapping[str, Any]:
    """The fields of one definition file, with its `kind`, `title` and `status`.

    Raises `Refused`, as `definition.load` does.
    """
    made = definition.load(path, file=path.name, kinds=kinds)
    status = "verified" if made.source.verified else "unverified"
    return {**made.body, "kind": made.kind, "title": made.title, "status": status}


def formulary(path: Path, head: Mapping[str, Any]) -> Formulary:
    """The products of a definition of kind `formulary`.

    Raises `Refused`: ``definition.missing-field``, ``definition.wrong-value``, ``definition.unreadable``,
    ``formulary.id-twice``, ``formulary.unknown-unit``.
    """
    release = _release(path.name, head)
    units = _units(path.name, head)
    source = f"{release.title}, {release.id}"
    faults: list[Refusal] = []
    products: dict[str, Product] = {}
    superseded: dict[str, str] = {}
    for place, row in _rows(path.parent / text(head, "body", place=path.name)):
        try:
            product = _product(row, place=place, units=units, source=source)
            for previous in row["previous"].split():
                if previous in superseded or previous in products:
                    raise _twice(previous, place)
                superseded[previous] = product.id
            if product.id in products or product.id in superseded:
                raise _twice(product.id, place)
            products[product.id] = product
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults)
    return Formulary(release, tuple(products.values()), superseded)


def packs(path: Path, head: Mapping[str, Any], products: Mapping[str, Product]) -> tuple[Pack, ...]:
    """The packs of a definition of kind `packs`, each of a product in `products`.

    Raises `Refused`: ``definition.missing-field``, ``definition.wrong-value``, ``formulary.unknown-product``,
    ``formulary.unknown-unit``, ``barcode.check-digit``, ``barcode.not-a-gtin``.
    """
    faults: list[Refusal] = []
    found: list[Pack] = []
    makers = head.get("makers")
    if not isinstance(makers, dict):
        raise Refused(_missing(path.name, "makers"))
    for number, row in enumerate(listed(head, "packs", place=path.name), start=1):
        try:
            found.append(
                _pack(row, place=f"{path.name}, pack {number}", head=head, makers=makers, products=products)
            )
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults)
    return tuple(found)


def listed(head: Mapping[str, Any], field: str, *, place: str) -> list[Any]:
    """The list in `field`. Raises `Refused` (``definition.wrong-value``)."""
    value = head.get(field)
    if not isinstance(value, list):
        raise _wrong(f"{place}, {field}", "is not a list")
    return value


def text(row: Mapping[str, Any], field: str, *, place: str) -> str:
    """The text in `field`. Raises `Refused` (``definition.missing-field``, ``definition.wrong-value``)."""
    value = row.get(field)
    if value is None or value == "":
        raise Refused(_missing(place, field))
    if not isinstance(value, str):
        raise _wrong(f"{place}, {field}", f"“{value}” is not text; put it in quotes")
    return value.strip()


def strength(written: str, *, place: str) -> Ratio:
    """``250 mg / 5 ml`` as an exact ratio. Raises `Refused` (``definition.wrong-value``)."""
    match = re.fullmatch(r"([\d.]+) ([^/]+) / ([\d.]+) (.+)", written.strip())
    if not match:
        raise _wrong(place, f"“{written}” is not a strength such as 250 mg / 5 ml")
    much, unit, per, per_unit = match.groups()
    ratio = Ratio(
        Quantity(decimal(much, place=place), Unit(unit.strip())),
        Quantity(decimal(per, place=place), Unit(per_unit.strip())),
    )
    if ratio.numerator.value <= 0 or ratio.denominator.value <= 0:
        raise _wrong(place, f"“{written}” is not above zero")
    return ratio


def category(code: str, *, place: str) -> ControlledDrugCategory:
    """The dm+d controlled-drug category of that code. Raises `Refused` (``definition.wrong-value``)."""
    try:
        return ControlledDrugCategory(code)
    except ValueError:
        raise _wrong(place, f"“{code}” is not a controlled-drug category of dm+d") from None


def _rows(path: Path) -> Iterable[tuple[str, dict[str, str]]]:
    """Each line of the table with its place."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise _wrong(f"{path.name}, line 1", f"the columns are not {', '.join(COLUMNS)}")
            for row in reader:
                place = f"{path.name}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise _wrong(place, f"there are not {len(COLUMNS)} fields")
                yield place, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise refuse(
            "definition.unreadable", f"{path.name} cannot be read: {error}", place=path.name
        ) from None


def _product(row: Mapping[str, str], *, place: str, units: Mapping[str, BaseUnit], source: str) -> Product:
    levels = {"VMP": Level.VMP, "AMP": Level.AMP}
    level = levels.get(row["level"])
    if level is None:
        raise _wrong(f"{place}, level", f"“{row['level']}” is neither VMP nor AMP")
    unit = row["unit"] or None
    if unit is not None and unit not in units:
        raise refuse(
            "formulary.unknown-unit", f"“{unit}” is not one of the file's units", place=f"{place}, unit"
        )
    stated = row["controlled"]
    return Product(
        id=_identifier(row["id"], place=f"{place}, id"),
        level=level,
        name=text(row, "name", place=place),
        moiety=row["moiety"] or None,
        moiety_id=row["moiety_id"] or None,
        ingredients=_ingredients(row["ingredients"], place=f"{place}, ingredients"),
        form=row["form"] or None,
        routes=tuple(row["routes"].split("; ")) if row["routes"] else None,
        base_unit=units[unit] if unit is not None else None,
        controlled=category(stated, place=f"{place}, controlled") if stated else None,
        controlled_source=text(row, "controlled_source", place=place) if stated else "",
        bnf_code=row["bnf"] or None,
        generic_id=_identifier(row["generic_id"], place=f"{place}, generic_id")
        if row["generic_id"]
        else None,
        maker=row["maker"] or None,
        source=source,
    )


def _ingredients(written: str, *, place: str) -> tuple[Ingredient, ...] | None:
    if not written:
        return None
    found = []
    for each in written.split("; "):
        match = re.fullmatch(r"([^\[=]+?)(?: \[(\d+)\])?(?: = (.+))?", each.strip())
        if not match:
            raise _wrong(place, f"“{each}” is not an ingredient")
        name, id_, much = match.groups()
        found.append(Ingredient(name, id_, strength(much, place=place) if much else None))
    return tuple(found)


def _pack(
    row: Any,
    *,
    place: str,
    head: Mapping[str, Any],
    makers: Mapping[str, Any],
    products: Mapping[str, Product],
) -> Pack:
    if not isinstance(row, dict):
        raise _wrong(place, "is not a pack")
    id_ = text(row, "product", place=place)
    product = products.get(id_)
    if product is None:
        raise refuse("formulary.unknown-product", f"There is no product {id_}", place=f"{place}, product")
    if product.base_unit is None:
        raise refuse(
            "formulary.unknown-unit", f"{product.name} has no unit of measure", place=f"{place}, product"
        )
    quantity = row.get("quantity")
    if isinstance(quantity, bool) or not isinstance(quantity, int | str):
        raise _wrong(f"{place}, quantity", f"“{quantity}” is not a whole number; put a fraction in quotes")
    value = decimal(str(quantity), place=f"{place}, quantity")
    if value <= 0:
        raise _wrong(f"{place}, quantity", "is not above zero")
    split = row.get("split")
    if split is not None and not isinstance(split, bool):
        raise _wrong(f"{place}, split", f"“{split}” is neither true nor false")
    maker = text(row, "maker", place=place)
    if maker not in makers:
        raise _wrong(f"{place}, maker", f"“{maker}” is not one of the file's makers")
    unit = product.base_unit.unit
    return Pack(
        id=text(row, "id", place=place),
        product_id=product.id,
        name=f"{product.name}, {plain(value)} {counted(unit.text, value)} ({makers[maker]})",
        quantity=value,
        unit=unit,
        gtins=(gtin14(text(row, "gtin", place=place), place=f"{place}, gtin"),),
        maker=str(makers[maker]),
        split=split,
        invented=head.get("invented") is True,
        source=str(head["title"]),
    )


def _release(name: str, head: Mapping[str, Any]) -> Release:
    release = head.get("release")
    if not isinstance(release, dict):
        raise Refused(_missing(name, "release"))
    place = f"{name}, release"
    id_, title, dated = (text(release, field, place=place) for field in ("id", "title", "dated"))
    return Release(id_, title, dated)


def _units(name: str, head: Mapping[str, Any]) -> dict[str, BaseUnit]:
    units = head.get("units")
    if not isinstance(units, dict):
        raise Refused(_missing(name, "units"))
    found = {}
    for word, row in units.items():
        place = f"{name}, units, {word}"
        if not isinstance(row, dict):
            raise _wrong(place, "has no code")
        per_unit = row.get("per_unit", 1)
        if not isinstance(per_unit, int) or per_unit < 1:
            raise _wrong(f"{place}, per_unit", f"“{per_unit}” is not a whole number above zero")
        found[str(word)] = BaseUnit(Unit(str(word), SNOMED, text(row, "code", place=place)), per_unit)
    return found


def _identifier(written: str, *, place: str) -> str:
    if not (written.isascii() and written.isdigit() and 6 <= len(written) <= 18):
        raise _wrong(place, f"“{written}” is not a SNOMED CT id")
    return written


def _missing(place: str, field: str) -> Refusal:
    return Refusal("definition.missing-field", f"There is no {field}", place=f"{place}, {field}")


def _wrong(place: str, what: str) -> Refused:
    return refuse("definition.wrong-value", what, place=place)


def _twice(id_: str, place: str) -> Refused:
    return refuse("formulary.id-twice", f"The id {id_} stands in the file twice", place=place)
