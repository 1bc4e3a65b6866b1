"""How much of each labelled set of instructions is read right, refused, or read wrong?

Right: as many steps as the label has, and in each the label's least and most at one time, its times a day,
its “when required” and its length, as far as the label states them. Refused: not understood, or understood
without a figure that the label states. Wrong: everything else. Sets whose labels were made by another
program are left out. Prints; asserts nothing. Run: ``python -m tests.scale.dosage_report`` with
PESTLE_SAMPLES naming the folder of samples.

Sources: NHS England dosage_instructions 506c0d40, parsigs 1.1.0b0 and dose_instruction_parser 2025.1024a0
(all MIT).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from pestle.pharmacy.dosage.dose import DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import Span, amount_in, course_days, dose_of, times_per_day

Ends = tuple[Fraction | None, Fraction | None]


@dataclass(frozen=True, slots=True)
class Label:
    """What a set says of one step. None: the set does not say, and nothing is asked of it."""

    dose: Ends | None = None
    per_day: Ends | None = None
    as_needed: bool | None = None
    days: Ends | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its steps: none where it must be refused; `steps` alone where only their number is told."""

    text: str
    labels: tuple[Label, ...] = ()
    steps: int = 1


def outcome(case: Case) -> str:
    """“right”, “refused” or “wrong”."""
    reading = read(case.text)
    if reading.dosage is None:
        return "right" if case.steps == 0 else "refused"
    if len(reading.dosage.steps) != case.steps:
        return "wrong"
    told = [_step(step, label) for step, label in zip(reading.dosage.steps, case.labels, strict=False)]
    return "wrong" if "wrong" in told else "refused" if "refused" in told else "right"


def _step(step: DosageStep, label: Label) -> str:
    answers: list[str] = []
    if label.dose is not None:
        answers.append(_same(_dose(step), label.dose))
    if label.per_day is not None:
        often = times_per_day(step.repeat)
        answers.append(_same((often.least, often.most) if isinstance(often, Span) else None, label.per_day))
    if label.as_needed is not None:
        answers.append("right" if label.as_needed == (step.as_needed is not None) else "wrong")
    if label.days is not None:
        course = course_days(step.repeat.bounds if step.repeat else None)
        answers.append(_same((course.least, course.most) if course else None, label.days))
    return "wrong" if "wrong" in answers else "refused" if "refused" in answers else "right"


def _same(have: Ends | None, label: Ends) -> str:
    if have is None:
        return "refused" if any(end is not None for end in label) else "right"
    return "right" if have == label else "wrong"


def _dose(step: DosageStep) -> Ends | None:
    stated = dose_of(step)
    if stated is None:
        return None
    low, high = (None if end is None else (end.value, end.unit.text) for end in stated)
    return tuple(None if end is None else amount_in(end[0], end[1], "ml") or Fraction(end[0])
                 for end in (low, high))  # type: ignore[return-value]  # fmt: skip


def nhs_england(samples: Path) -> list[Case]:
    """Texts with a published parse, written as words that NHS England's own patterns normalise."""
    return [Case(text, (_published(parse),)) for text, parse in _nhs(samples)["capture"].items()]


# “1 to 2 tablets”, “up to 5 puffs”, “2.5 ml”, “1 to 2 x 5ml spoonfuls”
_DOSE = re.compile(
    r"(?P<up>up to )?(?P<low>[0-9.]+)(?: to (?P<high>[0-9.]+))?(?P<x> x 5ml spoonfuls)?(?: [a-z]+)?"
)
# “once every day”, “up to 3 times every day”, “once every 4 to 6 hours”
_OFTEN = re.compile(
    r"(?P<up>up to )?(?P<low>once|[0-9]+)(?: times)?"
    r" every (?:(?P<per>[0-9]+)(?: to (?P<most>[0-9]+))? )?(?P<unit>hour|day|week|month)s?"
)
_MOMENTS = {"at night", "in the morning", "every morning", "every night", "at bedtime", "at 8am",
            "with evening meal"}  # fmt: skip
_LENGTH = re.compile(r"for (?P<limit>at least |up to )?(?P<many>[0-9]+) (?P<unit>day|week)s?")
_DAYS: dict[str, tuple[Fraction, Fraction]] = {
    "hour": (Fraction(1, 24), Fraction(1, 24)), "day": (Fraction(1), Fraction(1)),
    "week": (Fraction(7), Fraction(7)), "month": (Fraction(28), Fraction(31)),
    "year": (Fraction(365), Fraction(366)),
}  # fmt: skip


def _published(parse: str) -> Label:
    dose: Ends | None = None
    per_day: Ends | None = None
    days: Ends | None = None
    as_needed = False
    for part in (part.strip() for part in parse.split("|")):
        if part in _MOMENTS:
            per_day = (Fraction(1), Fraction(1))
        elif part == "on mondays":
            per_day = (Fraction(1, 7), Fraction(1, 7))
        elif match := _OFTEN.fullmatch(part):
            often = Fraction(match["low"].replace("once", "1"))
            shortest, longest = _DAYS[match["unit"]]
            per, most = Fraction(match["per"] or 1), Fraction(match["most"] or match["per"] or 1)
            per_day = (Fraction(0) if match["up"] else often / (most * longest), often / (per * shortest))
        elif match := _LENGTH.fullmatch(part):
            length = Fraction(match["many"]) * _DAYS[match["unit"]][0]
            days = (Fraction(0) if match["limit"] == "up to " else length,
                    None if match["limit"] == "at least " else length)  # fmt: skip
        elif match := _DOSE.fullmatch(part):
            size = 5 if match["x"] else 1
            low, high = Fraction(match["low"]) * size, Fraction(match["high"] or match["low"]) * size
            dose = (None if match["up"] else low, high)
        as_needed = as_needed or bool(re.match(r"(as|when|if) (needed|required|necessary)", part))
    return Label(dose or (None, None), per_day or (None, None), as_needed, days or (None, None))


def must_be_refused(samples: Path) -> list[Case]:
    """Texts that NHS England refuses: two readings, two instructions, or beyond belief."""
    return [Case(text, steps=0) for text in _nhs(samples)["exclude"]]


def two_readings(samples: Path) -> list[Case]:
    """Words that NHS England finds ambiguous."""
    return [Case(text, steps=0) for text, said in _nhs(samples)["ambiguity"].items() if not said]


def _nhs(samples: Path) -> dict[str, Any]:
    found: dict[str, Any] = _json(samples / "dosage/nhsengland/nhsengland_dosage_tests.json")
    return found


def parsigs(samples: Path) -> list[Case]:
    """US sigs with a drug name, typing errors and Latin, one or several steps."""
    cases = []
    for entry in _json(samples / "us/sig/parsigs_labelled.json"):
        labels = tuple(_sig(one) for one in entry["expected"])
        cases.append(Case(entry["sig"], labels, len(labels)))
    return cases


def _sig(one: dict[str, Any]) -> Label:
    amount = Fraction(str(one["singleDosageAmount"]))
    often: Ends = (None, None)
    if one.get("frequencyType"):
        shortest, longest = _DAYS[one["frequencyType"].lower()]
        times, interval = Fraction(one.get("times") or 1), Fraction(one["interval"])
        often = (times / (interval * longest), times / (interval * shortest))
    return Label(
        (amount, amount), often, bool(one.get("takeAsNeeded")), _length(one, "periodAmount", "periodType")
    )


def _length(one: dict[str, Any], amount: str, unit: str) -> Ends:
    if not one.get(amount):
        return (None, None)
    shortest, longest = _DAYS[one[unit].lower()]
    return Fraction(str(one[amount])) * shortest, Fraction(str(one[amount])) * longest


def dose_instruction_parser(samples: Path) -> list[Case]:
    """Whole instructions with their parse; one text has one label for each of its steps."""
    found: dict[str, list[Label]] = {}
    for one in _json(samples / "us/sig/dose_instruction_parser_tests.json")["structured"]:
        dose = tuple(Fraction(str(one[end])) for end in ("dosageMin", "dosageMax"))
        often = tuple(Fraction(str(one[end])) for end in ("frequencyMin", "frequencyMax"))
        assert one["frequencyType"] == "Day"
        label = Label((dose[0], dose[1]), (often[0], often[1]), one["asRequired"],
                      _length(one, "durationMin", "durationType"))  # fmt: skip
        found.setdefault(one["text"], []).append(label)
    return [Case(text, tuple(labels), len(labels)) for text, labels in found.items()]


def number_of_steps(samples: Path) -> list[Case]:
    """Texts of which only the number of instructions is told."""
    parts = _json(samples / "us/sig/dose_instruction_parser_tests.json")["parts"]
    cases = parts["test_split_entities_for_multiple_instructions"]["cases"]
    return [Case(text, steps=number) for text, number in cases]


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)


SETS: dict[str, Callable[[Path], list[Case]]] = {
    "NHS England, published parse": nhs_england,
    "NHS England, must be refused": must_be_refused,
    "NHS England, two readings": two_readings,
    "parsigs": parsigs,
    "dose_instruction_parser": dose_instruction_parser,
    "dose_instruction_parser, number of steps": number_of_steps,
}


def main() -> None:
    """One line for each set, and with ``-v`` each text that was not read right."""
    named = os.environ.get("PESTLE_SAMPLES")
    if not named:
        sys.stdout.write("PESTLE_SAMPLES names no folder of samples: nothing to report.\n")
        return
    sys.stdout.write(f"{'set':42}{'texts':>6}{'right':>7}{'refused':>9}{'wrong':>7}{'right %':>9}\n")
    for name, cases in SETS.items():
        told = [(outcome(case), case) for case in cases(Path(named))]
        count = [sum(answer == what for answer, _ in told) for what in ("right", "refused", "wrong")]
        share = 100 * count[0] / len(told)
        sys.stdout.write(f"{name:42}{len(told):6}{count[0]:7}{count[1]:9}{count[2]:7}{share:9.1f}\n")
        if "-v" in sys.argv:
            for answer, case in told:
                if answer != "right":
                    refusal = read(case.text).refusal
                    sys.stdout.write(f"  {answer:8} {case.text}  [{refusal.rule if refusal else ''}]\n")


if __name__ == "__main__":
    main()
