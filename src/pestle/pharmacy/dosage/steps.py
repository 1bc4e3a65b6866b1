"""Where does one step of an instruction end and the next begin, and what do they share?

“then” begins a step after the one before; “and” or a comma between a moment of the day and an amount begins
one at the same time (“1 in the morning and 2 at night”). What a step leaves to its neighbour is shared only
where there is one way to share it; otherwise the text is refused as more than one instruction.

Source: ours; NHS England dosage_instructions 506c0d40 (MIT, 2026) refuses a second amount that does not say
of what, and a reason behind the last step, which may belong to all.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NoReturn

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.changing import is_change
from pestle.pharmacy.dosage.cycles import is_pause
from pestle.pharmacy.dosage.dose import Bounds, Day, DosageStep, PeriodUnit
from pestle.pharmacy.dosage.draft import BREAKS, Draft, kinds_of
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.other_days import name_other_days
from pestle.pharmacy.dosage.places import plain_place
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.dosage.units import COUNTED, MASS
from pestle.pharmacy.quantity import Quantity, Range, Unit

_AMOUNTS = frozenset({Kind.NUMBER, Kind.FRACTION})
_MOMENTS = frozenset({Kind.WHEN, Kind.CLOCK, Kind.DAY, Kind.DAYS, Kind.OTHER_DAYS, Kind.SITE})
# Without one of these, and without “then”, there is one step.
_JOINED = frozenset({Kind.AND, Kind.COMMA, Kind.WHEN, Kind.CHANGE, Kind.EXCEPT})
_LINKS = frozenset({Kind.AND, Kind.COMMA})
_UNSAID = frozenset({Kind.AND, Kind.SILENT}) | BREAKS


def split(words: list[Lexeme]) -> list[list[list[Lexeme]]] | None:
    """The words of each step: after one another, and within that at the same time; None for a single step."""
    kinds = [word[0] for word in words]
    if Kind.THEN not in kinds and (
        kinds.count(Kind.NUMBER) + kinds.count(Kind.FRACTION) < 2 or _JOINED.isdisjoint(kinds)
    ):
        return None
    sequences: list[list[list[Lexeme]]] = [[[]]]
    several = dosed = lasting = False
    before: Kind | None = None
    padded = kinds_of(words)
    for index, word in enumerate(words):
        kind = word.kind
        linked = dosed and kind in _LINKS
        if dosed and _begins_a_change(words, padded, index):
            sequences.append([[word]])
            several, dosed, lasting = True, False, False
        elif dosed and kind is Kind.EXCEPT and _begins_a_dose(padded, index + 1):
            sequences[-1].append([word])
            several = True
        elif (kind is Kind.THEN and not is_pause(padded, index + 1)) or (
            linked and lasting and _begins_a_step(padded, index + 1)
        ):
            if kind is Kind.THEN and not word.text.casefold().endswith("then"):
                _end_at_length(sequences[-1][-1])
            sequences.append([[]])
            several, dosed, lasting = True, False, False
        elif linked and (
            ((before in _MOMENTS or _is_four_digits(words, index - 1)) and _begins_a_dose(padded, index + 1))
            or (kind is Kind.AND and _begins_when_required(padded, index + 1))
        ):
            sequences[-1].append([])
            several = True
        else:
            if dosed and before is Kind.WHEN and kind in _AMOUNTS and _has_a_moment(padded, index):
                sequences[-1].append([])  # “1 mane 2 nocte”
                several = True
            dosed = dosed or kind in _AMOUNTS
            lasting = kind is Kind.COURSE or _ends_a_length(words, padded, index)
            sequences[-1][-1].append(word)
        before = kind
    if not several:
        return None
    trimmed = [[_trimmed(part) for part in together] for together in sequences]
    if len(trimmed) > 1 and all(word.kind is Kind.CEASE for word in trimmed[-1][0]) and trimmed[-1][0]:
        ceases = trimmed.pop()[0]  # “then stop” is what a step with a length does
        if trimmed[-1][0] and is_change(trimmed[-1][0]):
            trimmed[-1][0].extend(ceases[:1])
    if any(not part for together in trimmed for part in together):
        _refuse("“then” or “and” has no instruction before or behind it")
    return trimmed


_OFTEN = frozenset({Kind.LATIN, Kind.MULTIPLE})
_NO_DOSE = frozenset({Kind.PERIOD, Kind.TIMES})


def _begins_a_step(kinds: list[Kind], index: int) -> bool:
    """“…, 3 tablets daily”, “…, tds for 1 week”: whether a dose or a number of times stands there."""
    index += kinds[index] is Kind.AND
    index += kinds[index] is Kind.VERB
    if kinds[index] in _OFTEN:
        return True
    numbered = kinds[index + 1 : index + 3] == _DAY_NUMBERED  # “5 day 2”
    return kinds[index] in _AMOUNTS and (numbered or kinds[index + 1] is not Kind.PERIOD)


_DAY_NUMBERED = [Kind.PERIOD, Kind.NUMBER]


def _begins_a_change(words: list[Lexeme], kinds: list[Kind], index: int) -> bool:
    """“reduce by …”, “then reduce by …”."""
    index += kinds[index] is Kind.THEN
    return kinds[index] is Kind.CHANGE and bool(words[index].value)


def _end_at_length(words: list[Lexeme]) -> None:
    """“1 at night; after 1 week increase to …”: the words before the change say how long the step is."""
    while words and words[-1].kind in BREAKS:
        words.pop()
    if _is_after_days(words):
        words[-3] = words[-3]._replace(kind=Kind.FOR)


def _is_after_days(words: list[Lexeme]) -> bool:
    """Whether the last words are “after 7 days”, “after one week”."""
    return [word.kind for word in words[-3:]] == _AFTER_DAYS and words[-1].value not in _SHORT


_AFTER_DAYS = [Kind.AFTER, Kind.NUMBER, Kind.PERIOD]


def move_length(parts: list[list[list[Lexeme]]]) -> bool:
    """“1 at night increasing to 2 at night after a week”: gives the length to the step it is of, and says
    whether it did.
    """
    if any(word.kind is Kind.FOR and word.text.casefold() == "after" for word in parts[0][0]):
        return True
    if len(parts) != 2 or any(len(together) != 1 for together in parts):
        return False
    (first,), (second,) = parts
    if not _is_after_days(second) or len(second) == 3 or any(word.kind in _AT_ONCE for word in first):
        return False
    first += [second[-3]._replace(kind=Kind.FOR), *second[-2:]]
    parts[1][0] = _trimmed(second[:-3])
    return True


_AT_ONCE = frozenset({Kind.NOW, Kind.EARLIEST})


def is_at_once(before: list[Draft]) -> bool:
    """Whether the step before is one dose, given at once: “2 now”."""
    return len(before) == 1 and before[0].now and not before[0].is_timed() and not before[0].as_needed


def _begins_a_dose(kinds: list[Kind], index: int) -> bool:
    index += kinds[index] is Kind.AND
    index += kinds[index] is Kind.VERB
    return kinds[index] in _AMOUNTS and kinds[index + 1] not in _NO_DOSE


def _is_four_digits(words: list[Lexeme], index: int) -> bool:
    """“at 0800 and 1 at 2000”, and not “at 0800 and 2000”."""
    clock = words[index].kind is Kind.NUMBER and words[index - 1].kind is Kind.AT
    return (
        clock
        and len(words[index].text) == 4
        and words[index + 2 : index + 3] != []
        and (len(words[index + 2].text) < 4)
    )


def _begins_when_required(kinds: list[Kind], index: int) -> bool:
    """“and 1 puff when required”: a dose beside a regular one."""
    if not _begins_a_dose(kinds, index):
        return False
    index += kinds[index] is Kind.VERB
    return Kind.AS_NEEDED in (kinds[index + 1], kinds[index + 2])


def _has_a_moment(kinds: list[Kind], index: int) -> bool:
    """Whether the amount there has its own moment of the day right behind it."""
    return kinds[index + 1 + (kinds[index + 1] is Kind.UNIT)] is Kind.WHEN


def _ends_a_length(words: list[Lexeme], kinds: list[Kind], index: int) -> bool:
    """“for 5 days”, “x 3 days”, “on day 1”: whether a length of treatment ends there."""
    if kinds[index] is Kind.EARLIEST:
        return True
    if kinds[index] is Kind.PERIOD:
        days = words[index].value not in _SHORT
        return days and index > 1 and kinds[index - 1] in _AMOUNTS and kinds[index - 2] in _LENGTH
    return kinds[index] is Kind.NUMBER and index > 0 and kinds[index - 1] is Kind.PERIOD


_LENGTH = frozenset({Kind.FOR, Kind.BY})
_SHORT = ((1, PeriodUnit.MINUTE), (1, PeriodUnit.HOUR))


def _trimmed(words: list[Lexeme]) -> list[Lexeme]:
    start, end = 0, len(words)
    while start < end and words[start].kind in _UNSAID:
        start += 1
    while start < end and words[end - 1].kind in _UNSAID:
        end -= 1
    return words[start:end]


def carried_unit(before: list[Draft], drafts: list[Draft]) -> str | None:
    """The unit that a bare number counts in a step behind another: “2 tablets daily, then 1 daily”."""
    if drafts or not before:
        return None
    units = {draft.dose.unit for draft in before if draft.dose is not None}
    unit = units.pop() if len(units) == 1 else None
    return unit if unit in COUNTED else None


def carry(before: list[Draft], drafts: list[Draft], *, last: bool) -> None:
    """Gives a step what it leaves to the step before: the dose, or how often; and turns named days into a
    length.
    """
    for draft in drafts:
        _count_days(draft, before)
    if len(drafts) != 1:
        return
    (draft,) = drafts
    one_day = draft.bounds == _ONE_DAY and not last
    if one_day and draft.dose is not None and not draft.is_timed() and not draft.as_needed:
        draft.period, draft.period_unit = Decimal(1), PeriodUnit.DAY
    if len(before) != 1:
        return
    (earlier,) = before
    if draft.dose is None and draft.is_timed() and not draft.as_needed:
        draft.dose = earlier.dose
    lasts = draft.bounds is not None or (last and draft.thereafter)
    if draft.dose is not None and not draft.is_timed() and not draft.as_needed and not draft.now and lasts:
        draft.frequency, draft.frequency_max = earlier.frequency, earlier.frequency_max
        draft.period, draft.period_max, draft.period_unit = (
            earlier.period, earlier.period_max, earlier.period_unit,
        )  # fmt: skip
        draft.when, draft.times, draft.days = [*earlier.when], [*earlier.times], [*earlier.days]
        draft.every_week, draft.offset = earlier.every_week, earlier.offset
    draft.verb, draft.route = draft.verb or earlier.verb, draft.route or earlier.route
    draft.site = draft.site or earlier.site


_ONE_DAY = Bounds(duration=Quantity(Decimal(1), Unit("day")))


def _count_days(draft: Draft, before: list[Draft]) -> None:
    """“on day 1”, then “on days 2-5”: each begins where the one before ends."""
    if draft.day_numbers is None:
        return
    first, last = draft.day_numbers
    ends = {earlier.last_day for earlier in before} or {0}
    if draft.bounds is not None or ends != {first - 1} or last < first:
        _refuse("the numbered days do not follow each other")
    draft.last_day = last
    draft.bounds = Bounds(duration=Quantity(Decimal(last - first + 1), Unit("day")))
    often = draft.frequency is not None or draft.frequency_max is not None
    if (often and draft.period is None) or not (draft.is_timed() or draft.now or draft.as_needed):
        draft.period, draft.period_unit = Decimal(1), PeriodUnit.DAY


def share(drafts: list[Draft]) -> None:
    """Gives steps at the same time what they share: the length at the end, the verb at the start."""
    if len(drafts) == 1:
        return
    first, last = drafts[0], drafts[-1]
    name_other_days(drafts)
    if _regular_and_when_required(drafts):
        return
    units = [draft.dose.unit if draft.dose else None for draft in drafts]
    if any(draft.dose is None for draft in drafts):
        _refuse("one amount says of what it is, and another does not")
    if len({unit is None for unit in units}) > 1:
        units = _units_filled(drafts, units)
    if len(set(units)) > 1 and not all(unit in MASS for unit in units):
        _refuse("the amounts are of different things")
    if _at_different_places(drafts):
        return
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


def _at_different_places(drafts: list[Draft]) -> bool:
    """“1 drop in the right eye at night and 1 drop in the left eye twice a day”: each says its own timing."""
    places = {plain_place(draft.site) for draft in drafts if draft.site}
    limited = any(draft.as_needed or draft.maximum or draft.bounds or draft.directed for draft in drafts)
    if len(places) < len(drafts) or limited or not all(draft.is_timed() for draft in drafts):
        return False
    for draft in drafts:
        draft.verb = draft.verb or drafts[0].verb
    return True


def _units_filled(drafts: list[Draft], units: list[str | None]) -> list[str | None]:
    """“1 tablet in the morning and 2 at night”: both are tablets. The same amount twice is refused, as it may
    be one instruction that is said twice (NHS England refuses it).
    """
    doses = [draft.dose for draft in drafts if draft.dose is not None]
    same = len({(dose.low, dose.high) for dose in doses}) < len(doses)
    (unit, *others) = {unit for unit in units if unit is not None}
    counts = unit in COUNTED or unit.endswith("spoonful")
    if units[0] is None or others or not counts or (same and len(doses) < 3):
        _refuse("one amount says of what it is, and another does not")
    for draft in drafts:
        assert draft.dose is not None
        draft.dose = draft.dose._replace(unit=unit)
    return [unit] * len(drafts)


def _regular_and_when_required(drafts: list[Draft]) -> bool:
    """“2 puffs twice daily and 1 puff when required”: the second says only that it is when required."""
    regular, needed = drafts[0], drafts[-1]
    if len(drafts) != 2 or regular.as_needed or not needed.as_needed or needed.is_timed():
        return False
    if regular.dose is None or needed.dose is None or regular.dose.unit != needed.dose.unit:
        return False
    if not regular.is_timed() or needed.bounds or regular.bounds or regular.maximum or needed.reasons:
        return False
    if needed.maximum is not None:
        _refuse("the maximum may be of the dose when required, or of both")
    needed.verb, needed.route = needed.verb or regular.verb, needed.route or regular.route
    return True


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
    if not any(step.doses for step in steps):
        return
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
