"""What a FHIR Dosage may say, and what is refused because it would be lost."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import AsNeeded, Coded, Dosage, DosageStep, DoseAndRate
from pestle.pharmacy.quantity import Range
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.dosage import read_dosage, write_dosage
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.tree import Number, freeze


def read(*steps: dict[str, Any]) -> Dosage | None:
    return read_dosage(tuple(Element(freeze(one), f"Dosage[{index}]") for index, one in enumerate(steps)))


def test_no_instruction_is_none() -> None:
    assert read() is None


def test_a_range_may_be_open() -> None:
    dosage = read({"doseAndRate": [{"doseRange": {"high": {"value": 2, "unit": "tablet"}}}]})
    assert dosage is not None
    dose = dosage.steps[0].doses[0].dose
    assert isinstance(dose, Range)
    assert dose.low is None
    assert str(dose.high) == "2 tablets"


def test_when_required_with_and_without_a_reason() -> None:
    for step, expected in (
        ({"asNeededBoolean": True}, AsNeeded()),
        ({"asNeededBoolean": False}, None),
        ({"asNeededCodeableConcept": {"text": "pain"}}, AsNeeded((Coded("pain"),))),
    ):
        dosage = read(step)
        assert dosage is not None
        assert dosage.steps[0].as_needed == expected


def test_times_of_day() -> None:
    dosage = read({"timing": {"repeat": {"timeOfDay": ["08:00:00", "20:30:00"]}}})
    assert dosage is not None
    assert dosage.steps[0].repeat is not None
    assert dosage.steps[0].repeat.times_of_day == (time(8), time(20, 30))


@pytest.mark.parametrize(
    ("step", "rule", "place"),
    [
        ({"modifierExtension": []}, "fhir.dosage-field", "modifierExtension"),
        ({"timing": {"repeat": {"frequencyMin": 1}}}, "fhir.dosage-field", "timing.repeat.frequencyMin"),
        ({"asNeededBoolean": True, "asNeededCodeableConcept": {"text": "x"}}, "fhir.choice", ""),
        (
            {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mg", "comparator": "<"}}]},
            "fhir.comparator",
            "doseAndRate[0].doseQuantity.comparator",
        ),
        (
            {"doseAndRate": [{"doseQuantity": {"value": 1}}]},
            "fhir.unit-missing",
            "doseAndRate[0].doseQuantity",
        ),
        (
            {"doseAndRate": [{"doseQuantity": {"value": "1", "unit": "mg"}}]},
            "fhir.wrong-type",
            "doseAndRate[0].doseQuantity.value",
        ),
        ({"timing": {"repeat": {"periodUnit": "fortnight"}}}, "fhir.code", "timing.repeat.periodUnit"),
        ({"timing": {"repeat": {"when": ["CUSTOM"]}}}, "fhir.code", "timing.repeat.when"),
        ({"timing": {"repeat": {"timeOfDay": ["8am"]}}}, "fhir.time", "timing.repeat.timeOfDay[0]"),
        ({"timing": {"repeat": {"timeOfDay": ["24:00:00"]}}}, "fhir.time", "timing.repeat.timeOfDay[0]"),
        ({"timing": {"repeat": {"frequency": 0}}}, "fhir.wrong-type", "timing.repeat.frequency"),
        ({"timing": {"repeat": {"frequency": Number("1.5")}}}, "fhir.wrong-type", "timing.repeat.frequency"),
        ({"timing": {"event": ["tomorrow"]}}, "fhir.date", "timing.event[0]"),
        ({"text": 5}, "fhir.wrong-type", "text"),
    ],
)
def test_what_cannot_be_held_is_refused(step: dict[str, Any], rule: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        read(step)
    assert refused.value.rule == rule
    assert refused.value.refusals[0].place == f"Dosage[0].{place}".rstrip(".")


@pytest.mark.parametrize("node", [None, True, "one", (), Number("1")])
def test_an_instruction_that_is_no_object_is_refused(node: Any) -> None:
    for step, place in ((Element(node, "Dosage"), "Dosage"), (_with_dose(node), "Dosage.doseAndRate[0]")):
        with pytest.raises(Refused) as refused:
            read_dosage((step,))
        assert (refused.value.rule, refused.value.refusals[0].place) == ("fhir.wrong-type", place)


def _with_dose(node: Any) -> Element:
    return Element({"doseAndRate": (node,)}, "Dosage")


def test_several_reasons_cannot_be_written() -> None:
    step = DosageStep(as_needed=AsNeeded((Coded("pain"), Coded("fever"))), doses=(DoseAndRate(),))
    with pytest.raises(Refused) as refused:
        write_dosage(Dosage((step,)))
    assert refused.value.rule == "fhir.as-needed-reasons"
