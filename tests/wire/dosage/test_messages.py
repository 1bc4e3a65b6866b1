# ruff: noqa: E501 - a table row is one line
"""What is made of every instruction in the example messages of the NHS Electronic Prescription Service?

One row for each distinct instruction: its words, its structure said in words, and the outcome. Words that begin with
“as written” are the prescriber's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.dose_to_text import dose_to_text
from pestle.pharmacy.dosage.supply import CannotTell, daily_amount
from pestle.pharmacy.dosage.wording import label
from pestle.wire.fhir import dosage as fhir
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import tree

OUTCOMES: dict[tuple[str, str], str] = {
    ("2 times a day for 10 days", "twice a day - Oral"): "as written | supply.dose-not-stated",
    ("3 times a day for 10 days", "3 times a day - Oral"): "as written | supply.dose-not-stated",
    (
        "2 times a day for 10 days, and 2 times a day for 10 days",
        "twice a day - Oral, and twice a day - Oral",
    ): "as written | supply.dose-not-stated",
    ("4 times a day - Oral", "4 times a day - Oral"): "as written | supply.dose-not-stated",
    ("5 times a day - Inhalation", "5 times a day - Inhalation"): "as written | supply.dose-not-stated",
    (
        "Inject 10 milligram - 5 times a day - Subcutaneous route - for 10 days",
        "Inject 10 milligram - 5 times a day - Subcutaneous route - for 10 days",
    ): "Inject 10 milligram FIVE times a day for 10 days, subcutaneous route. | 50 milligram a day",
    ("1 tablet, daily", ""): "Take ONE tablet every day. | 1 tablet a day",
    ("1 tablet, at NIGHT", ""): "Take ONE tablet at night. | 1 tablet a day",
    (
        "1 tablet - 3 times a day - Oral route - One tablet three times daily",
        "1 tablet - 3 times a day - Oral route",
    ): "Take ONE tablet THREE times a day. | 3 tablets a day",
    (
        "4 times a day - Oral route - One or two, four times daily",
        "4 times a day - Oral route",
    ): "ONE to TWO to be taken FOUR times a day. | 4 to 8 a day",
    (
        "twice a day - Oral route - One twice daily",
        "twice a day - Oral route",
    ): "ONE to be taken TWICE a day. | 2 a day",
    (
        "1 patch - every 72 hours - One every 72 hours",
        "1 patch - every 72 hours",
    ): "Apply ONE patch every 72 hours. | 1 patch every 3 days",
    ("Follow directions", "Follow directions"): "not understood: dosage.as-directed",
    (
        "Apply 30 gram - 5 times a day - Cutaneous route - for 5 days",
        "Apply 30 gram - 5 times a day - Cutaneous route - for 5 days",
    ): "Apply 30 gram FIVE times a day for 5 days, cutaneous route. | 150 gram a day",
    ("4 times a day for 7 days", ""): "as written | supply.dose-not-stated",
    (
        "10 milligram, Inject, Subcutaneous route, once weekly",
        "Inject 10 milligram - 5 times a day - Subcutaneous route - for 10 days",
    ): "not understood: dosage.text-and-structure-disagree",
    (
        "2 tablets to be taken at 08:00 for two days. Take these tablets with or after food, and 1 tablet to be taken at 17:00 for two days. Take these tablets with or after food, and 1 tablet to be taken at 20:00 for two days. Take these tablets with or after food.",
        "5 milligram - once a day - at 08:00 - for 2 days, and 5 milligram - once a day - at 17:00 - for 2 days, and 5 milligram - once a day - at 20:00 - for 2 days",
    ): "not understood: dosage.text-and-structure-disagree",
    (
        "EIGHT (8) tablets to be taken DAILY for two days. Take these tablets with or after food, then SEVEN (7) tablets to be taken DAILY for two days. Take these tablets with or after food, then SIX (6) tablets to be taken DAILY for two days. Take these tablets with or after food, then FIVE (5) tablets to be taken DAILY for two days. Take these tablets with or after food, then FOUR (4) tablets to be taken DAILY for two days. Take these tablets with or after food, then THREE (3) tablets to be taken DAILY for two days. Take these tablets with or after food, then TWO (2) tablets to be taken DAILY for two days. Take these tablets with or after food.",
        "5 milligram - 8 times a day - for 2 days, then 5 milligram - 7 times a day - for 2 days, then 5 milligram - 6 times a day - for 2 days, then 5 milligram - 5 times a day - for 2 days, then 5 milligram - 4 times a day - for 2 days, then 5 milligram - 3 times a day - for 2 days, then 5 milligram - twice a day - for 2 days",
    ): "not understood: dosage.text-and-structure-disagree",
    (
        "2 tablets to be taken at 08:00 for two days. Take these tablets with or after food, and 1 tablet to be taken at 17:00 for two days. Take these tablets with or after food, then 1 tablet to be taken DAILY for two days. Take these tablets with or after food.",
        "5 milligram - once a day - at 08:00 - for 2 days, and 5 milligram - once a day - at 17:00 - for 2 days, then 5 milligram - once a day - for 2 days",
    ): "not understood: dosage.text-and-structure-disagree",
    (
        "10 milligram, Inject, Subcutaneous route, once weekly",
        "",
    ): "Inject 10 milligram ONCE a week, subcutaneous route. | 10 milligram every 7 days",
    ("2 times a day for 10 days", ""): "as written | supply.dose-not-stated",
    ("3 times a day for 10 days", ""): "as written | supply.dose-not-stated",
    ("5 times a day - Inhalation", ""): "as written | supply.dose-not-stated",
    (
        "20 tablets. One tablet to be taken two times a day",
        "twice a day - Oral",
    ): "Take ONE tablet TWICE a day. | 2 tablets a day",
    (
        "15 tablets. One tablet to be taken three times a day",
        "3 times a day - Oral",
    ): "Take ONE tablet THREE times a day. | 3 tablets a day",
    (
        "80mg at 8am and 40mg at 2pm for 5 days. Then 40mg tablet - oral-  daily at 8am",
        "",
    ): "not understood: dosage.more-than-one-instruction",
    (
        "Once daily",
        "5 milligram - 5 times a day - Oral - for 10 days",
    ): "not understood: dosage.text-and-structure-disagree",
    (
        "80mg at 8am and 40mg at 2pm for 5 days. Then 40mg tablet - oral-  daily at 8am",
        "5 times a day - Oral - for 10 days",
    ): "not understood: dosage.more-than-one-instruction",
}


def test_every_instruction_of_the_example_messages(samples: Path) -> None:
    found = {_key(dosage): _outcome(dosage) for dosage in _instructions(samples / "eps")}
    assert found == OUTCOMES


def _outcome(dosage: Dosage) -> str:
    reading = read_dosage(dosage)
    if reading.refusal is not None:
        assert label(dosage).verbatim
        assert isinstance(daily_amount(dosage), CannotTell)
        return f"not understood: {reading.refusal.rule}"
    wording, daily = label(dosage), daily_amount(dosage)
    words = "as written" if wording.verbatim else wording.text
    return f"{words} | {daily.rule if isinstance(daily, CannotTell) else daily.text}"


def _key(dosage: Dosage) -> tuple[str, str]:
    bare = [replace(step, text=None, patient_instruction=None) for step in dosage.steps]
    return dosage.text, dose_to_text(Dosage(tuple(bare)))


def _instructions(folder: Path) -> Iterator[Dosage]:
    for file in sorted(folder.glob("*.json")):
        for given in _find(json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)):
            dosage = fhir.read_dosage(
                root(tree({"resourceType": "MedicationRequest", "dosageInstruction": given})).each(
                    "dosageInstruction"
                )
            )
            assert dosage is not None
            yield dosage


def _find(node: Any) -> Iterator[list[Any]]:
    """Every dosageInstruction, however deep: messages are nested in release responses."""
    if isinstance(node, dict):
        if "dosageInstruction" in node:
            yield node["dosageInstruction"]
        for value in node.values():
            yield from _find(value)
    elif isinstance(node, list):
        for value in node:
            yield from _find(value)
