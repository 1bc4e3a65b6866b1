"""Do we say and refuse what the NHS's own published cases do?

Source of the cases: NHS Electronic Prescription Service, 130 dose-to-text cases (MIT); NHS England
dosage_instructions, texts that must be refused and texts with their parse (MIT).
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pestle.pharmacy.dosage.dose import AsNeeded, Coded, Dosage
from pestle.pharmacy.dosage.dose_to_text import bare
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import dose_of
from pestle.pharmacy.dosage.wording import dose_to_text
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir import dosage as fhir
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import tree


def test_dose_to_text_says_79_and_refuses_51(samples: Path) -> None:
    cases = json.loads(
        (samples / "dosage/dose_to_text/eps_dosage_spec_130.json").read_text(encoding="utf-8"),
        parse_float=Decimal,
    )
    said = refused = 0
    for case in cases:
        try:
            text: str | None = _said(case)
        except Refused:
            text = None
        assert text == (None if case["expect_error"] else case["expected"]), case["test"]
        said += text is not None
        refused += text is None
    assert (said, refused) == (79, 51)


def _said(case: dict[str, Any]) -> str:
    given = case["input"] if isinstance(case["input"], list) else [case["input"]]
    message = tree({"resourceType": "MedicationRequest", "dosageInstruction": given})
    dosage = fhir.read_dosage(root(message).each("dosageInstruction"))
    return dose_to_text(_with_all_reasons(dosage, given)) if dosage else ""


def _with_all_reasons(dosage: Dosage, given: list[dict[str, Any]]) -> Dosage:
    """The cases write several reasons as several codings of one concept, which FHIR reads as one reason."""
    codings = [step.get("asNeededCodeableConcept", {}).get("coding", []) for step in given]
    steps = [
        replace(step, as_needed=AsNeeded(tuple(Coded(coding["display"]) for coding in several)))
        if len(several) > 1
        else step
        for step, several in zip(dosage.steps, codings, strict=True)
    ]
    return Dosage(tuple(steps))


def test_every_text_that_must_be_refused_is(samples: Path) -> None:
    tests = _nhs_england(samples)
    understood = [text for text in tests["exclude"] if read(text).understood]
    assert len(tests["exclude"]) == 46
    assert understood == []


# Texts that NHS England reads and we do not yet; each refused, none read otherwise.
NOT_READ = {
    "at a rate of 2 to 5 microgram per kilogram per hour",
    "up to a maximum of 4 puffs per dose",
    "take 1 tablet at least 2 minutes after waking",
}


def test_texts_with_a_published_parse(samples: Path) -> None:
    """Every text is read with the published dose and frequency; those named above are refused."""
    tests = _nhs_england(samples)
    readings = {text: read(text) for text in tests["capture"]}
    assert {text for text, reading in readings.items() if not reading.understood} == NOT_READ
    for text, reading in readings.items():
        if reading.dosage is not None:
            parts = [part.strip() for part in tests["capture"][text].split("|")]
            assert _dose(reading.dosage) == _stated(parts, _DOSE), text
            assert len(reading.dosage.steps) == 1
            assert _often(reading.dosage) == _stated(parts, _OFTEN), text


# “1 to 2 tablets”, “up to 5 puffs”, “2.5 ml”, “1 to 2 x 5ml spoonfuls”
_DOSE = re.compile(r"(?P<up>up to )?(?P<low>[0-9.]+)(?: to (?P<high>[0-9.]+))?(?: [a-z]+| x 5ml spoonfuls)?")
# “once every day”, “up to 3 times every day”, “once every 4 to 6 hours”
_OFTEN = re.compile(
    r"(?P<up>up to )?(?P<low>once|[0-9]+)(?: times)?"
    r"(?: every (?:(?P<per>[0-9]+)(?: to (?P<most>[0-9]+))? )?(?P<unit>hour|day|week|month)s?)?"
)


def _stated(parts: list[str], pattern: re.Pattern[str]) -> tuple[str | None, ...] | None:
    """What the published parse says, as the groups of its one part of that kind; None where it has none."""
    dosed = pattern is _DOSE
    for part in parts:
        match = pattern.fullmatch(part)
        if match and (dosed != bool(re.search(r"every|once|times", part))):
            return tuple(value.replace("once", "1") if value else None for value in match.groups())
    return None


def _dose(dosage: Dosage) -> tuple[str | None, ...] | None:
    ends = dose_of(dosage.steps[0])
    if ends is None:
        return None
    low, high = (bare(end.value) if end else None for end in ends)
    return ("up to ", high, None) if low is None else (None, low, None if low == high else high)


def _often(dosage: Dosage) -> tuple[str | None, ...] | None:
    repeat = dosage.steps[0].repeat
    if repeat is None or (repeat.frequency, repeat.frequency_max, repeat.period) == (None, None, None):
        return None
    up = repeat.frequency is None and repeat.frequency_max is not None
    times = repeat.frequency_max if up else repeat.frequency or 1
    per = None if repeat.period in (None, 1) else str(repeat.period)
    most = None if repeat.period_max is None else str(repeat.period_max)
    unit = repeat.period_unit.name.lower() if repeat.period_unit else None
    return "up to " if up else None, str(times), per, most, unit


def _nhs_england(samples: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (samples / "dosage/nhsengland/nhsengland_dosage_tests.json").read_text(encoding="utf-8")
    )
    return found
