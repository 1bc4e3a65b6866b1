"""Which packages of the National Drug Code directory hold a product of RxNorm?

The NDC joins them: RxNorm says which product it is, the directory how much of it is in the package and whose
it is. A package whose code this release of RxNorm does not know is left out, and counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from pestle.pharmacy.medicines import ndc_directory
from pestle.pharmacy.medicines.build import Build
from pestle.pharmacy.medicines.ndc import ndc


def stage_packages(
    build: Build, paths: tuple[Path, ...], say: Callable[[str], None]
) -> tuple[dict[str, set[str]], list[str]]:
    """Puts every package that RxNorm knows aside, under its product; gives the units of each, and the notes.

    Raises `Refused` as `ndc_directory.load` for the two tables.
    """
    units: dict[str, set[str]] = defaultdict(set)
    makers = {row["PRODUCTID"]: row["LABELERNAME"] for _, row in ndc_directory.products(paths, say)}
    unknown = 0
    for number, row in ndc_directory.packages(paths, say):
        product_id = build.coded(ndc(row["NDCPACKAGECODE"]).twelve)
        if product_id is None:
            unknown += 1
            continue
        maker = makers.get(row["PRODUCTID"], "")
        build.stage("package", row["NDCPACKAGECODE"], {**row, "LABELERNAME": maker}, parent=product_id,
                    place=f"package.txt, line {number}")  # fmt: skip
        held = ndc_directory.package_quantity(row["PACKAGEDESCRIPTION"])
        if held is not None:
            units[product_id].add(held.unit.text)
    return units, [f"Packages left out, with a code that RxNorm does not know: {unknown}"] if unknown else []


def add_packages(build: Build, on: date) -> list[str]:
    """Makes each package put aside a pack of its product; gives what was left open, in words."""
    gtins = ndc_directory.Gtins()
    uncertain = 0
    for _, row in build.staged("package"):
        product_id = build.coded(ndc(row["NDCPACKAGECODE"]).twelve)
        product = build.product(product_id) if product_id else None
        assert product is not None, "a package was put aside under a product"
        pack = ndc_directory.pack(row, replace(product, maker=row["LABELERNAME"] or product.maker), on)
        if pack is None:
            uncertain += 1
            continue
        build.add_pack(pack)
        gtins.note(pack)
    return ndc_directory.notes(uncertain, gtins.add_to(build))
