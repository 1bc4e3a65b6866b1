"""Where does one step of an instruction end and the next begin, and what do they share?

“then” begins a step after the one before; “and” or a comma between a moment of the day and an amount begins
one at the same time (“1 in the morning and 2 at night”). What a step leaves to its neighbour is shared only
where there is one way to share it; otherwise the text is refused as more than one instruction.

Source: ours; NHS England dosage_instructions 506c0d40 (MIT, 2026) refuses a second amount that does not say
of what, and a reason behind the last step, which may belong to all.
"""

from __future__ import annotations

from typing import NoReturn

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import Day, DosageStep, PeriodUnit
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.lexicon import COUNTED, MASS, Kind
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.quantity import Range

_AMOUNTS = frozenset({Kind.NUMBER, Kind.FRACTION})
_MOMENTS = frozenset({Kind.WHEN, Kind.CLOCK, Kind.DAYS, Kind.SITE})
_LINKS = frozenset({Kind.AND, Kind.COMMA})
_UNSAID = frozenset({Kind.AND, Kind.SILENT}) | BREAKS


def split(words: list[Lexeme]) -> list[list[list[Lexeme]]] | None:
    """The words of each step: after one another, and within that at the same time; None for a single step."""
    kinds = [word[0] for word in words]
    if Kind.THEN not in kinds and (
        (Kind.AND not in kinds and Kind.COMMA not in kinds)
        or kinds.count(Kind.NUMBER) + kinds.count(Kind.FRACTION) < 2
    ):
        return None
    sequences: list[list[list[Lexeme]]] = [[[]]]
    several = dosed = False
    before: Kind | None = None
    count = len(words)
    for index, word in enumerate(words):
        kind = word.kind
        if kind is Kind.THEN:
            sequences.append([[]])
            several, dosed = True, False
        elif dosed and kind in _LINKS and before in _MOMENTS and _begins_a_dose(words, index + 1, count):
            sequences[-1].append([])
            several = True
        else:
            dosed = dosed or kind in _AMOUNTS
            sequences[-1][-1].append(word)
        before = kind
    if not several:
        return None
    trimmed = [[_trimmed(part) for part in together] for together in sequences]
    if any(not part for together in trimmed for part in together):
        _refuse("“then” or “and” has no instruction before or behind it")
    return trimmed


def _begins_a_dose(words: list[Lexeme], index: int, count: int) -> bool:
    if index < count and words[index].kind is Kind.AND:
        index += 1
    if index < count and words[index].kind is Kind.VERB:
        index += 1
    if index + 1 >= count or words[index].kind not in _AMOUNTS:
        return False
    return words[index + 1].kind not in (Kind.PERIOD, Kind.TIMES)


def _trimmed(words: list[Lexeme]) -> list[Lexeme]:
    start, end = 0, len(words)
    while start < end and words[start].kind in _UNSAID:
        start += 1
    while start < end and words[end - 1].kind in _UNSAID:
        end -= 1
    return words[start:end]


def share(drafts: list[Draft]) -> None:
    """Gives steps at the same time what they share: the length at the end, the verb at the start."""
    if len(drafts) == 1:
        return
    first, last = drafts[0], drafts[-1]
    units = [draft.dose.unit if draft.dose else None for draft in drafts]
    if any(draft.dose is None for draft in drafts) or len({unit is None for unit in units}) > 1:
        _refuse("one amount says of what it is, and another does not")
    if len(set(units)) > 1 and not all(unit in MASS for unit in units):
        _refuse("the amounts are of different things")
    seen: set[object] = set()
    for draft in drafts:
        days: list[Day | None] = [*draft.days] or [None]
        at = [*draft.when, *draft.times]
        moments: set[object] = {(day, moment) for day in days for moment in at} or set(draft.days)
        placed = draft.site is not None and all(other.site for other in drafts)
        if not moments or (not placed and moments & seen):
            _refuse("the steps are not at different moments")
        seen |= moments
        daily = (draft.period, draft.period_max, draft.period_unit) in (
            (None,) * 3,
            (1, None, PeriodUnit.DAY),
        )
        if draft.frequency or draft.frequency_max or draft.count or not daily:
            _refuse("a number of times is said beside moments of the day")
        if draft.as_needed or draft.maximum or draft.maximum_dose or draft.directed:
            _refuse("“when required” or a maximum may belong to one step or to all")
        if draft is not last and draft.bounds is not None:
            _refuse("the length may belong to one step or to all")
    for draft in drafts:
        draft.bounds = last.bounds
        draft.verb = draft.verb or first.verb
        draft.route = draft.route or first.route or last.route


def check_ends(drafts: list[Draft]) -> None:
    """A step that another follows says how long it is, or at least how often."""
    for draft in drafts:
        if draft.as_needed:
            _refuse("a step when required has no end at which the next begins")
        if draft.bounds is not None and draft.bounds.duration is None:
            _refuse("when the next step begins is not clear")
        if draft.bounds is None and draft.period is None and draft.count is None:
            _refuse("“then” may be later in the day, or after the days")


def check_reasons(steps: list[DosageStep]) -> None:
    """A reason behind the last of several steps may be for all of them."""
    last = steps[-1]
    if last.sequence == 1:
        return
    plain = any(note.text.startswith("for ") for note in last.additional_instructions)
    earlier = any(
        step.as_needed is not None
        or any(note.text.startswith("for ") for note in step.additional_instructions)
        for step in steps[:-1]
    )
    if plain and not earlier:
        _refuse("a reason at the end may belong to the last step or to all")
    units = {_unit(step) for step in steps}
    if len(units - {""}) > 1 and not units <= MASS.keys():
        _refuse("the amounts are of different things")
    if "" in units and not units - {""} <= set(COUNTED):
        _refuse("one amount says of what it is, and another does not")


def _unit(step: DosageStep) -> str:
    dose = step.doses[0].dose if step.doses else None
    if dose is None:
        _refuse("a step does not say how much")
    end = (dose.high or dose.low) if isinstance(dose, Range) else dose
    return end.unit.text if end is not None else ""


def _refuse(reason: str) -> NoReturn:
    raise TwoWays("dosage.more-than-one-instruction", reason)
