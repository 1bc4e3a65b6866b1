"""How unwell is an adult in hospital, by the National Early Warning Score 2?

Seven measurements, 0 to 3 points each (oxygen 2). SpO2 scale 2 only where a clinician has set the target at
88 to 92 % for hypercapnic respiratory failure. For people of 16 and over, not in pregnancy, not with an
acute injury of the spinal cord. The temperature is taken to one decimal, half up, as the chart has it.

Source: Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Number, YesNo
from pestle.pharmacy.calculators.points import scored
from pestle.pharmacy.calculators.precision import rounded
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.calculators.units import CELSIUS, Scale

# For each measurement: up to and including this value, so many points; above the last, the final ones.
_Bands = tuple[tuple[tuple[Decimal, int], ...], int]


def _bands(*steps: tuple[str, int], above: int) -> _Bands:
    return tuple((Decimal(value), points) for value, points in steps), above


_RESPIRATION = _bands(("8", 3), ("11", 1), ("20", 0), ("24", 2), above=3)
_SPO2_1 = _bands(("91", 3), ("93", 2), ("95", 1), above=0)
_SPO2_2_ON_AIR = _bands(("83", 3), ("85", 2), ("87", 1), above=0)
_SPO2_2_ON_OXYGEN = _bands(("83", 3), ("85", 2), ("87", 1), ("92", 0), ("94", 1), ("96", 2), above=3)
_SYSTOLIC = _bands(("90", 3), ("100", 2), ("110", 1), ("219", 0), above=3)
_PULSE = _bands(("40", 3), ("50", 1), ("90", 0), ("110", 1), ("130", 2), above=3)
_TEMPERATURE = _bands(("35.0", 3), ("36.0", 1), ("38.0", 0), ("39.0", 1), above=2)
_OXYGEN, _NOT_ALERT = 2, 3
_A_MINUTE = (Scale("/min", also=("bpm", "per minute")),)


@formula(
    name="news2",
    title="NEWS2",
    says="National Early Warning Score 2, for people of 16 and over; not in pregnancy.",
    group="Scores",
    source="Royal College of Physicians. National Early Warning Score (NEWS) 2. London: RCP, 2017",
    inputs=(
        Number("respiration", "respiration_per_min", "Respiration rate", _A_MINUTE,
               Decimal(0), Decimal(80), whole=True),
        Number("spo2", "spo2_percent", "Oxygen saturation (SpO2)", (Scale("%"),),
               Decimal(40), Decimal(100), whole=True),
        Choice("scale", "SpO2 scale", {"1": "Scale 1", "2": "Scale 2: target 88 to 92 %, set by a clinician"},
               default="1"),
        YesNo("oxygen", "On oxygen"),
        Number("systolic", "systolic_mmhg", "Systolic blood pressure", (Scale("mmHg", also=("mm[hg]",)),),
               Decimal(30), Decimal(300), whole=True),
        Number("pulse", "pulse_per_min", "Pulse", _A_MINUTE,
               Decimal(15), Decimal(300), whole=True),
        Choice("consciousness", "Consciousness",
               {"A": "Alert", "C": "New confusion", "V": "Responds to voice", "P": "Responds to pain",
                "U": "Unresponsive"}),
        Number("temperature", "temperature_celsius", "Temperature", CELSIUS, Decimal(25), Decimal(45)),
    ),
    words=("early warning", "deterioration", "sepsis", "observations"),
)  # fmt: skip
def news2(
    *,
    respiration_per_min: Decimal,
    spo2_percent: Decimal,
    scale: Literal["1", "2"],
    oxygen: bool,
    systolic_mmhg: Decimal,
    pulse_per_min: Decimal,
    consciousness: Literal["A", "C", "V", "P", "U"],
    temperature_celsius: Decimal,
) -> Result:
    """NEWS2 in points, 0 to 20, with the response that the score asks for."""
    saturation = _SPO2_1 if scale == "1" else _SPO2_2_ON_OXYGEN if oxygen else _SPO2_2_ON_AIR
    items = (
        ("respiration", _points(respiration_per_min, _RESPIRATION)),
        (f"SpO2 scale {scale}", _points(spo2_percent, saturation)),
        ("oxygen", _OXYGEN if oxygen else 0),
        ("systolic", _points(systolic_mmhg, _SYSTOLIC)),
        ("pulse", _points(pulse_per_min, _PULSE)),
        ("not alert", 0 if consciousness == "A" else _NOT_ALERT),
        ("temperature", _points(rounded(temperature_celsius, 1), _TEMPERATURE)),
    )
    total, worst = sum(points for _, points in items), max(points for _, points in items)
    return scored(items, meaning=_response(total, worst))


def _points(value: Decimal, bands: _Bands) -> int:
    steps, above = bands
    return next((points for up_to, points in steps if value <= up_to), above)


def _response(total: int, worst: int) -> str:
    if total >= 7:
        return "High risk: emergency response"
    if total >= 5:
        return "Medium risk: urgent response"
    if worst == 3:
        return "Low to medium risk: 3 in one measurement, urgent review on the ward"
    return "Low risk: response on the ward"
