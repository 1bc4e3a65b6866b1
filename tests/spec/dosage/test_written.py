"""What do instructions mean as they are truly written, in practices, hospitals and pharmacies?

The tables stand beside this file in ``written/``, one for each kind of medicine or use. A row is

    text | step; step, or the rule that refuses it

and a step says: how much, how often, when, for how long, when required, at most, verb, route, place, [notes].
“; then” stands between steps that follow each other, “; and” between steps at the same time. To take new
rows in, write the text alone and run ``python -m tests.spec.dosage.test_written``: it fills in what is
read, for a person to judge.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import DosageStep, Repeat
from pestle.pharmacy.dosage.dose_to_text import WHEN_WORDS
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import Span, times_per_day
from pestle.pharmacy.quantity import Quantity, Range

FOLDER = Path(__file__).parent / "written"


def _rows() -> list[tuple[str, str]]:
    lines = [line for file in sorted(FOLDER.glob("*.txt")) for line in file.read_text("utf-8").splitlines()]
    rows = [line.rpartition("|") for line in lines if line.strip()]
    return [(text.strip(), means.strip()) for text, _, means in rows]


@pytest.mark.parametrize(("text", "means"), _rows())
def test_written(text: str, means: str) -> None:
    assert said(text) == means
    dosage = read(text).dosage
    if dosage is not None:
        assert read_dosage(dosage).dosage == dosage


def said(text: str) -> str:
    """What is read in the words of the tables."""
    reading = read(text)
    if reading.dosage is None:
        assert reading.refusal is not None
        return reading.refusal.rule
    words, before = "", None
    for step in reading.dosage.steps:
        joined = "" if before is None else "; and " if step.sequence == before.sequence else "; then "
        words, before = f"{words}{joined}{_step(step)}", step
    return words


def _step(step: DosageStep) -> str:
    repeat = step.repeat or Repeat()
    parts = [_amount(entry.dose) for entry in step.doses]
    often = times_per_day(repeat)
    if isinstance(often, Span):
        parts.append(_often(often.least, often.most))
    parts.append(", ".join([WHEN_WORDS[when] for when in repeat.when]))
    parts.append("+".join([f"{at:%H:%M}" for at in repeat.times_of_day]))
    parts.append("+".join([day.value for day in repeat.days_of_week]))
    if repeat.offset_minutes is not None:
        parts.append(f"{repeat.offset_minutes} minutes")
    if repeat.count is not None:
        parts.append(f"{repeat.count} in all")
    if repeat.cycle is not None:
        parts.append(f"{repeat.cycle.days_on} days of {repeat.cycle.of}")
    bounds = repeat.bounds
    if bounds is not None:
        ends = f"{bounds.start or ''} to {bounds.end or ''}"
        parts.append(f"for {_amount(bounds.duration or bounds.range) or ends}")
    if step.as_needed is not None:
        reasons = ", ".join([reason.text.lower() for reason in step.as_needed.reasons])
        parts.append(f"when required{' for ' if reasons else ''}{reasons}")
    if step.max_dose_per_period is not None:
        top = step.max_dose_per_period
        parts.append(f"at most {str(top.numerator).strip()} in {top.denominator}")
    parts += [coded.text.lower() for coded in (step.method, step.route, step.site) if coded]
    notes = "; ".join([note.text.lower() for note in step.additional_instructions])
    parts.append(f"[{notes}]" if notes else "")
    return ", ".join([part for part in parts if part])


def _amount(amount: Quantity | Range | None) -> str:
    if not isinstance(amount, Range):
        return str(amount).strip() if amount else ""
    if amount.low is None:
        return f"up to {str(amount.high).strip()}"
    if amount.high is None:
        return f"at least {str(amount.low).strip()}"
    low = str(amount.low.value if amount.low.unit == amount.high.unit else amount.low)
    return f"{low.strip()} to {str(amount.high).strip()}"


def _often(least: Fraction, most: Fraction | None) -> str:
    if least == most and least < 1 and least.numerator == 1:
        return f"1 in {least.denominator} days"
    if least == most and least < 1:
        return f"{least.numerator} in {least.denominator} days"
    return f"{least} a day" if least == most else f"{least} to {most} a day"


def main() -> None:
    """Writes what is read into each row that has no meaning yet."""
    for file in sorted(FOLDER.glob("*.txt")):
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
        rows = [line if "|" in line else f"{line.strip():70} | {said(line.strip())}" for line in lines]
        file.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
