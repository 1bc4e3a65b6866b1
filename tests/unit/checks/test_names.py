"""No substance is invented: every name in the definitions stands in the NHS dictionary."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.spec.checks.bench import KNOWLEDGE

# Authorised after that release, or known by a name of the United States or of an older list.
NOT_IN_EXTRACT = {
    "amphetamine", "benzphetamine", "delafloxacin", "desipramine", "desvenlafaxine", "dihydroergotamine",
    "estetrol", "finerenone", "insulin isophane", "insulin soluble", "isophane insulin", "methamphetamine",
    "methylergometrine", "moclobamide", "phendimetrazine", "ramelteon", "salsalate", "siponimod",
    "trifarotene", "vitamin e", "fezolinetant", "tirzepatide",
}  # fmt: skip


def test_every_substance_of_the_definitions_is_in_dmd(samples: Path) -> None:
    folder = samples / "uk" / "dmd" / "sample-2019-04"
    names = [
        element.text or ""
        for file in ("f_vtm2_3010419.xml", "f_ingredient2_3010419.xml")
        for element in ElementTree.parse(folder / file).iter("NM")
    ]
    assert len(names) > 5000
    held = KNOWLEDGE.substances.all_of(names)
    compounds = {part for parts in KNOWLEDGE.substances.compounds.values() for part in parts}
    ours = KNOWLEDGE.substances.known | KNOWLEDGE.substances.all_of(compounds)
    assert sorted(ours - held - NOT_IN_EXTRACT) == []
