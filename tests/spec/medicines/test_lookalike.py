"""How confusable names are written, and which names look alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.dictionary import read
from pestle.pharmacy.medicines.lookalike import LookAlikes, read_tall_man
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.refusal import Refused

LIST = read_tall_man(folder("lookalike"))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Prednisolone 5mg tablets", "prednisoLONE 5mg tablets"),
        ("Carboplatin", "CARBOplatin"),
        ("Amlodipine 5mg tablets", "Amlodipine 5mg tablets"),
        ("Methylprednisolone 4mg tablets", "methylPREDNISolone 4mg tablets"),
    ],
)
def test_tall_man_letters_are_those_of_the_list(name: str, shown: str) -> None:
    assert LIST.tall_man(name) == shown


def test_names_two_typing_errors_apart_or_paired_by_a_list_look_alike() -> None:
    names = [
        "Dimeticone",
        "Simeticone",
        "Clobazam",
        "Clonazepam",
        "Prednisolone",
        "Propranolol",
        "Iron",
        "Zinc",
    ]
    found = LookAlikes(names, LIST)
    assert found.of("Dimeticone") == ("Simeticone",)
    assert found.of("Clobazam") == ("Clonazepam",)
    assert found.of("propranolol") == ("prednisoLONE",)
    assert found.of("Iron") == ()


def test_a_search_shows_tall_man_letters_and_leaves_the_product_as_it_is() -> None:
    hit = Index(read(folder("formulary")), tall_man=LIST).search("prednisolone 5mg tablets")[0]
    assert (hit.product.name, hit.shown) == ("Prednisolone 5mg tablets", "prednisoLONE 5mg tablets")
    assert "Propranolol" in hit.look_alike


def test_one_name_written_two_ways_is_refused(tmp_path: Path) -> None:
    head = (folder("lookalike") / "names_uk.yaml").read_text(encoding="utf-8").split("groups:")[0]
    made = tmp_path / "made.yaml"
    made.write_text(f"{head}groups: [{{names: [CISplatin, cisPLATIN], evidence: read}}]\n", encoding="utf-8")
    with pytest.raises(Refused) as refused:
        read_tall_man(tmp_path)
    assert refused.value.rule == "tall-man.two-ways"
