"""Every pair of the published high-priority list is found, as a hard stop from that list."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

from pestle.definitions import folder
from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.checks.known.interaction import List

# The published table names no medicines for this class; the definitions do.
_NO_MEDICINES = "QT-prolonging medicines"


def test_the_high_priority_list(samples: Path) -> None:
    knowledge = read(*map(folder, FOLDERS))
    stem = knowledge.substances.stem
    listed = json.loads((samples / "clinical" / "ship" / "ddi_onc_high_15.json").read_text())["pairs"]
    pairs = [
        (stem(one), stem(other))
        for row in listed
        if row["object_class"] != _NO_MEDICINES
        for one, other in product(row["object"], row["precipitant"])
    ]
    assert len(pairs) == 395
    for one, other in pairs:
        found = knowledge.interactions.between(one, other)
        assert any(rule.of is List.ONC_HIGH and rule.severity is Severity.HARD_STOP for rule in found), (
            f"{one} with {other}"
        )
