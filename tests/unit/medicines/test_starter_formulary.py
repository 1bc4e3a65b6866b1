"""The starter formulary says nothing that a public extract of the dictionary does not say."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import pestle
from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Level
from pestle.pharmacy.medicines.dictionary import read

DEMO_PACKS = Path(pestle.__file__).parent / "demo" / "packs.yaml"
FORMULARY = read(folder("formulary"), DEMO_PACKS)
ROWS = list(csv.DictReader((folder("formulary") / "starter.csv").open(encoding="utf-8")))
# An answer to a cancellation names no product: it uses the concept above all of them.
NO_PRODUCT = "763158003"


@pytest.fixture(scope="module")
def stated(samples: Path) -> Mapping[str, set[str]]:
    """Every name that an extract gives an id."""
    names: dict[str, set[str]] = defaultdict(set)
    for path in (samples / "uk" / "codelists").rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                low = {(key or "").lower(): value for key, value in row.items()}
                id_ = low.get("dmd_id") or low.get("snomed_id") or low.get("code") or low.get("id")
                name = low.get("dmd_name") or low.get("nm") or low.get("term")
                if id_ and name:
                    names[id_].add(name.strip())
    for path in (
        samples / "uk" / "dmd" / "sample-objects.json",
        samples / "uk" / "prices" / "ncso_fixture.json",
    ):
        for entry in json.loads(path.read_text(encoding="utf-8")):
            if entry["model"] in ("dmd.vmp", "dmd.amp"):
                names[str(entry["pk"])].add(entry["fields"]["nm"])
    products = next((samples / "uk" / "dmd" / "sample-2021-08").glob("f_vmp2*.xml")).read_text(
        encoding="utf-8"
    )
    for id_, name in re.findall(r"<VPID>(\d+)</VPID>\s*<VTMID>\d+</VTMID>\s*<NM>(.*?)</NM>", products):
        names[id_].add(name)
    # A message may call a code something else than the dictionary does, so it speaks only where no list does.
    silent = [(id_, name) for id_, name in _prescribed(samples) if id_ not in names]
    for id_, name in silent:
        names[id_].add(name)
    return names


@pytest.fixture(scope="module")
def replaced(samples: Path) -> set[tuple[str, str]]:
    """(previous, current) of every VMP."""
    with gzip.open(_supplementary(samples, "f_history1*.gz"), "rt") as file:
        products = re.search(r"<VMPS>(.*?)</VMPS>", file.read(), re.DOTALL)
    assert products
    return {
        (previous, current)
        for current, previous in re.findall(
            r"<IDCURRENT>(\d+)</IDCURRENT><IDPREVIOUS>(\d+)</IDPREVIOUS>", products.group(1)
        )
    }


def test_every_id_and_name_is_stated_by_an_extract(stated: Mapping[str, set[str]]) -> None:
    for row in ROWS:
        names = set().union(*(stated.get(id_, set()) for id_ in (row["id"], *row["previous"].split())))
        assert {row["name"], f"{row['name']} ({row['maker']})"} & names, (
            f"nobody calls {row['id']} {row['name']}"
        )


def test_every_previous_id_was_replaced_by_this_one(replaced: set[tuple[str, str]]) -> None:
    for row in ROWS:
        for previous in row["previous"].split():
            assert (previous, row["id"]) in replaced


def test_a_vmp_is_one_in_the_files_of_vmps(samples: Path, replaced: set[tuple[str, str]]) -> None:
    text = _supplementary(samples, "f_bnf1*.xml").read_text(encoding="utf-8")
    known = set(re.findall(r"<VPID>(\d+)</VPID>", text)) | {current for _, current in replaced}
    assert [row["name"] for row in ROWS if row["level"] == "VMP" and row["id"] not in known] == []


def test_the_bnf_paragraph_agrees_with_nhsbsas_file(samples: Path) -> None:
    text = _supplementary(samples, "f_bnf1*.xml").read_text(encoding="utf-8")
    eight = dict(re.findall(r"<VPID>(\d+)</VPID><BNF>(\d{8})</BNF>", text))
    compared = [(row, eight[row["id"]]) for row in ROWS if row["bnf"] and row["id"] in eight]
    assert len(compared) > 500
    for row, code in compared:
        assert row["bnf"].startswith(code[:6]), row["name"]


def test_moieties_and_ingredients_belong_together(samples: Path) -> None:
    text = _supplementary(samples, "f_vtm_ing1*.xml").read_text(encoding="utf-8")
    pairs = set(re.findall(r"<VTMID>(\d+)</VTMID><ISID>(\d+)</ISID>", text))
    checked = 0
    for row in ROWS:
        for ingredient in re.findall(r"\[(\d+)\]", row["ingredients"]):
            assert (row["moiety_id"], ingredient) in pairs, row["name"]
            checked += 1
    assert checked > 500


def test_a_strength_is_written_in_the_name() -> None:
    for row in ROWS:
        for value in re.findall(r"= ([\d.]+) ", row["ingredients"]):
            assert re.search(rf"(?<![\d.]){re.escape(value)}(?![\d.])", row["name"].replace(",", "")), row[
                "name"
            ]


def test_a_brand_has_the_strength_and_form_of_its_vmp() -> None:
    names = {row["id"]: row["name"] for row in ROWS}
    for row in ROWS:
        if row["generic_id"]:
            strength_and_form = re.search(r"\d.*", names[row["generic_id"]])
            assert strength_and_form
            assert row["name"].endswith(f" {strength_and_form.group()}")


def test_every_product_of_the_sample_messages_is_here(samples: Path) -> None:
    prescribed = {id_ for id_, _ in _prescribed(samples)}
    assert len(prescribed) > 20
    missing = sorted(id_ for id_ in prescribed if FORMULARY.product(FORMULARY.current(id_)) is None)
    assert missing == []


def test_a_few_hundred_more_and_all_of_them_usable() -> None:
    products = list(FORMULARY.products())
    assert len(products) > 400
    generics = [product for product in products if product.level is Level.VMP]
    assert all(product.base_unit for product in generics)
    assert {product.bnf_code[:2] for product in products if product.bnf_code} >= {
        "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "13",
    }  # fmt: skip


def test_the_demo_packs_are_invented_and_say_so(samples: Path) -> None:
    packs = [pack for product in FORMULARY.products() for pack in FORMULARY.packs(product.id)]
    assert len(packs) > 100
    assert all(pack.invented and pack.gtins[0].startswith("0952") for pack in packs)
    for id_, _ in _prescribed(samples):
        assert FORMULARY.packs(FORMULARY.current(id_)), f"nothing to scan for {id_}"


def _supplementary(samples: Path, pattern: str) -> Path:
    return next((samples / "uk" / "dmd" / "supplementary-2025-02").glob(pattern))


def _prescribed(samples: Path) -> Iterator[tuple[str, str]]:
    """The id and name of every medicine in the sample messages."""
    for path in sorted((samples / "eps").glob("*.json")):
        yield from _medicines(json.loads(path.read_text(encoding="utf-8")))


def _medicines(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for coding in node.get("medicationCodeableConcept", {}).get("coding", []):
            if coding.get("system") == "http://snomed.info/sct" and coding["code"] != NO_PRODUCT:
                yield coding["code"], coding.get("display", "")
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _medicines(each)
