"""What does a release of the US National Drug Code directory say?

Its two tables, ``product.txt`` and ``package.txt``, become one dictionary file: each product an AMP whose
generic nobody named, by its product code; each package an AMPP, by its code in twelve digits. The quantity of
a package is read from its description where that is a plain chain ("4 BOTTLE in 1 CARTON > 100 TABLET in 1
BOTTLE"); any other package, such as a kit, has no certain quantity, is left out, and is counted in the notes.

Source: FDA, National Drug Code Directory, file definitions (product and package).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import date
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path

from pestle.pharmacy.medicines.archives import Found, files_within
from pestle.pharmacy.medicines.build import MOST_FAULTS, Build
from pestle.pharmacy.medicines.concept import BaseUnit, Ingredient, Level, Pack, Product, Release
from pestle.pharmacy.medicines.ndc import ndc, product_ndc
from pestle.pharmacy.quantity import UCUM, Quantity, Ratio, Unit, decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse

SYSTEM = "http://hl7.org/fhir/sid/ndc"
FILES = {
    "product.txt": ("PRODUCTID", "PRODUCTNDC", "PROPRIETARYNAME", "PROPRIETARYNAMESUFFIX",
                    "NONPROPRIETARYNAME", "DOSAGEFORMNAME", "ROUTENAME", "ENDMARKETINGDATE",
                    "LABELERNAME", "SUBSTANCENAME", "ACTIVE_NUMERATOR_STRENGTH", "ACTIVE_INGRED_UNIT",
                    "DEASCHEDULE"),
    "package.txt": ("PRODUCTID", "PRODUCTNDC", "NDCPACKAGECODE", "PACKAGEDESCRIPTION", "ENDMARKETINGDATE"),
}  # fmt: skip
DIVIDED = frozenset({"ml", "g"})
_LINK = re.compile(r"([0-9]*\.?[0-9]+) ([^*]+?) in ([0-9]+) ([^*]+?)(?: \([0-9-]+\))?\s*")
_PER = re.compile(r"([^/]+)/([0-9]*\.?[0-9]*) ?(.*)")

_Row = Mapping[str, str]


def load(*paths: Path, into: Path, say: Callable[[str], None], dated: date | None = None) -> Path:
    """The dictionary file in folder `into`, made from the directory's zip, folder or two files.

    The files do not say their day: `dated` does. Raises `Refused`, with up to 20 faults: ``release.undated``,
    ``release.not-readable``, ``release.missing-file``, ``release.wrong-columns``, ``release.broken-line``,
    ``release.id-twice``, ``release.unknown-reference``, ``release.empty``, ``release.wrong-value``,
    ``ndc.segments``.
    """
    if dated is None:
        raise refuse("release.undated", "The directory does not say of which day it is",
                     place=", ".join(path.name for path in paths),
                     way_out="Name it: --dated YYYY-MM-DD.")  # fmt: skip
    faults: list[Refusal] = []
    gtins = Gtins()
    uncertain = 0
    with Build(into) as build:
        for number, row in packages(paths, say):
            build.stage("package", row["NDCPACKAGECODE"], row, parent=row["PRODUCTID"],
                        place=f"package.txt, line {number}")  # fmt: skip
        build.sort_parts()
        ids = set()
        for number, row in products(paths, say):
            try:
                own = [package for _, package in build.children("package", row["PRODUCTID"])]
                product = _product(row, own, dated)
                build.add_product(product)
                ids.add(row["PRODUCTID"])
                for package in own:
                    found = pack(package, product, dated)
                    if found is None:
                        uncertain += 1
                        continue
                    build.add_pack(found)
                    gtins.note(found)
            except Refused as refused:
                faults += [
                    Refusal(each.rule, each.reason, f"product.txt, line {number}")
                    for each in refused.refusals
                ]
                if len(faults) >= MOST_FAULTS:
                    break
        if not faults:
            faults = [
                Refusal("release.unknown-reference", f"There is no product {row['PRODUCTID']}", place=code)
                for code, row in build.staged("package")
                if row["PRODUCTID"] not in ids
            ][:MOST_FAULTS]
        if not faults and not ids:
            faults = [Refusal("release.empty", "The directory has not one product", place="product.txt")]
        if faults:
            raise Refused(*faults)
        left_open = notes(uncertain, gtins.add_to(build))
        return build.finish(
            Release(f"ndc-{dated}", "US National Drug Code directory", str(dated), SYSTEM, tuple(left_open))
        )


class Gtins:
    """The GTINs of the packages, and how many packages each is on."""

    def __init__(self) -> None:
        self._packs: dict[str, str] = {}
        self._twice: set[str] = set()

    def note(self, pack: Pack) -> None:
        """One pack and its GTINs."""
        for gtin in pack.gtins:
            if self._packs.setdefault(gtin, pack.id) != pack.id:
                self._twice.add(gtin)

    def add_to(self, build: Build) -> int:
        """Those on one package go into the file; gives how many are on two."""
        for gtin, pack_id in self._packs.items():
            if gtin not in self._twice:
                build.add_gtin(gtin, pack_id)
        return len(self._twice)


def notes(uncertain: int, twice: int) -> list[str]:
    """What the packages left open, in words."""
    counted = {
        "Packages left out, without a certain quantity": uncertain,
        "GTINs on two packages, which find neither": twice,
    }
    return [f"{what}: {count}" for what, count in counted.items() if count]


def products(paths: tuple[Path, ...], say: Callable[[str], None]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of ``product.txt``, each with its line."""
    return _rows(paths, "product.txt", say)


def packages(paths: tuple[Path, ...], say: Callable[[str], None]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of ``package.txt``, each with its line."""
    return _rows(paths, "package.txt", say)


def is_directory(paths: Iterable[Path]) -> bool:
    """Whether one of these is, or holds, the directory's table of products."""
    try:
        with ExitStack() as stack:
            return bool(_found(paths, "product.txt", stack))
    except Refused:
        return False


def package_quantity(description: str) -> Quantity | None:
    """What one package holds in all, by its description; None when that is not a plain chain."""
    value, last = Decimal(1), ""
    for link in description.split(">"):
        match = _LINK.fullmatch(link.strip())
        if match is None or int(match[3]) != 1 or (last and match[4].strip() != last):
            return None
        value *= Decimal(match[1])
        last = match[2].strip()
    # "tablet, film coated" is counted in tablets; the rest is its form.
    return Quantity(value, Unit(last.partition(",")[0].lower())) if value > 0 else None


def _product(row: _Row, packages: list[dict[str, str]], on: date) -> Product:
    units = {held.unit.text for each in packages if (held := package_quantity(each["PACKAGEDESCRIPTION"]))}
    unit = units.pop() if len(units) == 1 else None
    name = " ".join(filter(None, (row["PROPRIETARYNAME"], row["PROPRIETARYNAMESUFFIX"])))
    return Product(
        id=product_ndc(row["PRODUCTNDC"]),
        level=Level.AMP,
        name=name or row["NONPROPRIETARYNAME"],
        moiety=row["NONPROPRIETARYNAME"] or None,
        ingredients=_ingredients(row),
        form=row["DOSAGEFORMNAME"] or None,
        routes=_listed(row["ROUTENAME"]) or None,
        base_unit=BaseUnit(Unit(unit), 1000 if unit in DIVIDED else 1) if unit else None,
        maker=row["LABELERNAME"] or None,
        discontinued=_ended(row, on),
        source="NDC directory",
        us_schedule=row["DEASCHEDULE"] or None,
    )


def pack(row: _Row, product: Product, on: date) -> Pack | None:
    """The package as a pack of that product; None without a certain quantity."""
    code = ndc(row["NDCPACKAGECODE"])
    held = package_quantity(row["PACKAGEDESCRIPTION"])
    if held is None:
        return None
    return Pack(
        id=code.twelve,
        product_id=product.id,
        name=f"{product.name}, {row['PACKAGEDESCRIPTION']}",
        quantity=held.value,
        unit=held.unit,
        gtins=(code.gtin,) if code.gtin else (),
        maker=product.maker,
        source="NDC directory",
        level=Level.AMPP,
        discontinued=_ended(row, on),
    )


def _ingredients(row: _Row) -> tuple[Ingredient, ...] | None:
    """The substances; their strengths only where there is one for each."""
    names = _listed(row["SUBSTANCENAME"])
    amounts, units = _listed(row["ACTIVE_NUMERATOR_STRENGTH"]), _listed(row["ACTIVE_INGRED_UNIT"])
    if not len(names) == len(amounts) == len(units):
        return tuple(Ingredient(name) for name in names) or None
    return tuple(
        Ingredient(name, strength=_strength(amount, unit))
        for name, amount, unit in zip(names, amounts, units, strict=True)
    ) or None  # fmt: skip


def _strength(amount: str, unit: str) -> Ratio | None:
    """``80`` and ``mg/mL``; None when it is not so written."""
    match = _PER.fullmatch(unit)
    if match is None:
        return None
    with suppress(Refused):
        per = decimal(match[2], place="ACTIVE_INGRED_UNIT") if match[2] else Decimal(1)
        if per > 0:
            below = Unit(match[3]) if match[3] else Unit("1", UCUM, "1")
            return Ratio(Quantity(decimal(amount, place="STRENGTH"), Unit(match[1])), Quantity(per, below))
    return None


def _ended(row: _Row, on: date) -> bool:
    text = row["ENDMARKETINGDATE"]
    if not text:
        return False
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}") <= on
    except ValueError:
        raise refuse("release.wrong-value", f"“{text}” is not a date", place="ENDMARKETINGDATE") from None


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def _rows(
    paths: tuple[Path, ...], name: str, say: Callable[[str], None]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line of one table, with its number."""
    with ExitStack() as stack:
        file = stack.enter_context(_found(paths, name, stack).opened())
        say(f"reading {name}")
        try:
            lines = TextIOWrapper(file, encoding="cp1252", newline="")
            columns = next(lines, "").rstrip("\r\n").split("\t")
            missing = [column for column in FILES[name] if column not in columns]
            if missing:
                raise refuse(
                    "release.wrong-columns", f"{name} has no {', '.join(missing)}", place=f"{name}, line 1"
                )
            for number, line in enumerate(lines, start=2):
                fields = line.rstrip("\r\n").split("\t")
                if len(fields) != len(columns):
                    raise refuse("release.broken-line", f"It has {len(fields)} fields, not {len(columns)}",
                                 place=f"{name}, line {number}")  # fmt: skip
                yield number, {key: value.strip() for key, value in zip(columns, fields, strict=True)}
        except UnicodeDecodeError as error:
            raise refuse("release.not-readable", f"{name} cannot be read: {error}", place=name) from None


def _found(paths: Iterable[Path], name: str, stack: ExitStack) -> Found:
    for file in files_within(paths, stack):
        if _is(file.name, name):
            return file
    raise refuse("release.missing-file", f"The directory has no {name}", place=name)


def _is(found: str, name: str) -> bool:
    """``product.txt``, and what a cut of it is called, such as ``product_trimmed.txt``."""
    stem, _, ending = name.partition(".")
    return re.fullmatch(rf"{stem}(_\w+)?\.{ending}", found, re.IGNORECASE) is not None
