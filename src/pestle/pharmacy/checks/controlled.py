"""Does the prescription meet the law for controlled drugs?

The schedule is the dictionary's and, where it says one, the message's; where they differ the rules of both
apply and the difference is a finding. Each rule and its source is a definition ``controlled/*.yaml``:
validity, total quantity in words and figures, no repeat dispensing, the 30 days of good practice, the
licence for Schedule 1. The law is that of Great Britain: the Misuse of Drugs Regulations 2001.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from pestle.pharmacy.checks.check import (
    Proposed,
    ProposedLine,
    finding,
    not_assessed,
)
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.controlled import ControlledRule
from pestle.pharmacy.checks.number_words import number_in_words
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.quantity import plain, singular
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refused

CHECK = "controlled"
TITLE = "Does it meet the law for controlled drugs?"


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each line, in the order of the rules; a line that is not controlled has none."""
    found: list[Finding] = []
    for line in proposed.lines:
        found.extend(_schedule(line, knowledge.controlled["stated_schedule"]))
        schedules = _schedules(line)
        for rule, answer in (
            ("licence", _licence),
            ("repeat_dispensing", _repeat_dispensing),
            ("quantity_words", _quantity),
            ("supply_days", _supply_days),
        ):
            if schedules & knowledge.controlled[rule].schedules:
                found.extend(answer(line, knowledge.controlled[rule]))
        validity = knowledge.controlled["validity"]
        if schedules & validity.schedules:
            found.extend(_validity(line, schedules, proposed, validity, on=on))
    return Assessment(CHECK, TITLE, tuple({(each.key, each.line): each for each in found}.values()))


def category(line: ProposedLine) -> ControlledDrugCategory | None:
    """The dictionary's category of the product, else of its generic; None when neither says."""
    return next((product.controlled for product in line.medication.products if product.controlled), None)


def stated_schedule(line: ProposedLine) -> int | None:
    """The schedule the message states (``CD2``, ``Schedule 2``); None when none can be read."""
    stated = line.controlled.schedule if line.controlled else ""
    match = re.fullmatch(r"(?:cd|sch(?:edule)?)?\W*([1-5])(?:\W.*)?", stated.strip().casefold(), re.DOTALL)
    return int(match[1]) if match else None


def _schedules(line: ProposedLine) -> frozenset[int]:
    held = category(line)
    return frozenset(each for each in (held.schedule if held else None, stated_schedule(line)) if each)


def _schedule(line: ProposedLine, rule: ControlledRule) -> list[Finding]:
    held, stated = category(line), stated_schedule(line)
    name, found = line.medication.name, []
    if held is None:
        told = f"; the message says Schedule {stated}, whose rules were applied" if stated else ""
        found.append(
            not_assessed(
                CHECK,
                rule="schedule",
                about=(line,),
                what=f"{name}: the law for controlled drugs was not checked",
                because=f"The dictionary in use gives no schedule for {name}{told}",
                do="Look up the schedule, and match the line to a product that carries it.",
            )
        )
    if line.controlled and line.controlled.schedule.strip() and stated is None:
        found.append(
            not_assessed(
                CHECK,
                rule="stated",
                about=(line,),
                what=f"{name}: the schedule in the message was not compared",
                because=f"“{line.controlled.schedule}” is no schedule that can be read",
                do="Read the message, and ask the sender which schedule is meant.",
            )
        )
    if held and stated and held.schedule != stated:
        dictionary = f"Schedule {held.schedule}" if held.schedule else "not controlled"
        found.append(
            finding(
                CHECK,
                Severity.INTERRUPT,
                rule="stated-differs",
                about=(line,),
                do=rule.do,
                source=rule.source,
                what=f"{name}: the message says Schedule {stated}, the dictionary says {dictionary}",
                why=(
                    Fact(f"Message: Schedule {stated}"),
                    Fact(f"Dictionary: {dictionary}", source=_release(line)),
                ),
            )
        )
    return found


def _release(line: ProposedLine) -> str:
    return next((product.source for product in line.medication.products if product.controlled), "")


def _fact(line: ProposedLine) -> Fact:
    held, stated = category(line), stated_schedule(line)
    if held and held.schedule:
        return Fact(f"Schedule {held.schedule}, by the dictionary", source=_release(line))
    return Fact(f"Schedule {stated}, by the message")


def _licence(line: ProposedLine, rule: ControlledRule) -> list[Finding]:
    return [_stop(line, rule, "licence", "a Schedule 1 drug needs a Home Office licence")]


def _repeat_dispensing(line: ProposedLine, rule: ControlledRule) -> list[Finding]:
    if line.course is None:
        return [
            not_assessed(
                CHECK,
                rule="course",
                about=(line,),
                what=f"{line.medication.name}: repeat dispensing was not checked",
                because="The course of therapy is not stated",
                do="Read the message for the kind of prescription.",
                source=rule.source,
            )
        ]
    if line.course is not CourseOfTherapy.REPEAT_DISPENSING:
        return []
    return [
        _stop(line, rule, "repeat-dispensing", "this schedule may not be on a repeat dispensing prescription")
    ]


def _quantity(line: ProposedLine, rule: ControlledRule) -> list[Finding]:
    words = line.controlled.quantity_words.strip() if line.controlled else ""
    if not words and line.quantity is None:
        return [
            _stop(line, rule, "quantity", "the total quantity is written neither in words nor in figures")
        ]
    if not words or line.quantity is None:
        missing = "figures" if words else "words"
        return [_ask(line, rule, f"the total quantity is not written in {missing}")]
    try:
        number, unit = number_in_words(words, place="quantity in words")
    except Refused as refused:
        return [_words_not_read(line, rule, str(refused.refusals[0].reason))]
    if number != line.quantity.value:
        figures = f"{plain(line.quantity.value)}"
        return [
            _stop(line, rule, "quantity-differs", f"the quantity in words is “{words}”, in figures {figures}")
        ]
    if unit and singular(unit) != singular(line.quantity.unit.text).casefold():
        return [_words_not_read(line, rule, f"“{words}” and “{line.quantity}” do not name the same unit")]
    return []


def _words_not_read(line: ProposedLine, rule: ControlledRule, because: str) -> Finding:
    return not_assessed(
        CHECK,
        rule="words",
        about=(line,),
        what=f"{line.medication.name}: quantity in words and figures was not compared",
        because=because,
        do="Compare words and figures by eye; where they differ, ask the prescriber.",
        source=rule.source,
    )


def _supply_days(line: ProposedLine, rule: ControlledRule) -> list[Finding]:
    if line.days_supply is None:
        return [
            not_assessed(
                CHECK,
                rule="supply-days",
                about=(line,),
                what=f"{line.medication.name}: the length of supply was not checked",
                because="How many days the quantity lasts is not known",
                do="Work it out from the instruction, or ask the prescriber.",
                source=rule.source,
            )
        ]
    if rule.days is None or line.days_supply <= rule.days:
        return []
    return [
        finding(
            CHECK,
            Severity.NOTE,
            rule="supply-days",
            about=(line,),
            do=rule.do,
            source=rule.source,
            what=f"{line.medication.name}: more than {rule.days} days' supply",
            why=(_fact(line), Fact(f"The quantity lasts {plain(line.days_supply)} days")),
        )
    ]


def _validity(
    line: ProposedLine, schedules: frozenset[int], proposed: Proposed, rule: ControlledRule, *, on: date
) -> list[Finding]:
    later_issue = line.course is CourseOfTherapy.REPEAT_DISPENSING and (line.issue_number or 1) > 1
    if later_issue and schedules <= {4}:
        # The 28 days bind the first supply only; pharmacy.dispensary.validity judges the later ones.
        return []
    if proposed.signed_on is None:
        return [
            not_assessed(
                CHECK,
                rule="signed",
                about=(line,),
                what=f"{line.medication.name}: whether it is still valid was not checked",
                because="The date of signature is not known",
                do="Read the signature's date in the message.",
                source=rule.source,
            )
        ]
    appropriate = max(proposed.signed_on, proposed.starts_on or proposed.signed_on)
    if rule.days is None or (on - appropriate) <= timedelta(days=rule.days):
        return []
    return [
        _stop(
            line,
            rule,
            "expired",
            f"more than {rule.days} days after the appropriate date",
            Fact("Appropriate date", on=appropriate),
        )
    ]


def _stop(line: ProposedLine, rule: ControlledRule, named: str, says: str, *facts: Fact) -> Finding:
    return finding(
        CHECK,
        Severity.HARD_STOP,
        rule=named,
        about=(line,),
        what=f"{line.medication.name}: {says}",
        do=rule.do,
        source=rule.source,
        why=(_fact(line), *(facts or (Fact(says),))),
    )


def _ask(line: ProposedLine, rule: ControlledRule, says: str) -> Finding:
    return finding(
        CHECK,
        Severity.INTERRUPT,
        rule="quantity",
        about=(line,),
        what=f"{line.medication.name}: {says}",
        do=rule.do,
        source=rule.source,
        why=(_fact(line), Fact(says)),
    )
