"""Is it more than may be given at a time or in a day, or given more often than it may be?

Of the limits that hold for the patient's age and weight and the product's route the strictest counts; those
of a file with a condition hold where the condition does. What a day comes to is added up over every line
and every other medicine of the patient with the substance, whichever fact tells of it: of facts about one
medicine the one that says most, and what a line renews only once. An amount far above the limit is a hard
stop, and so is what is given once a week and ordered more often.

*Not assessed* is what hangs on an instruction, a strength, a weight or an age that is not known. Where the
amount is within every limit that could hold, nothing hangs on it.

Source: the definitions ``dose/*/*.yaml``, which each finding names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pestle.pharmacy.checks.asked import Asked, asked
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.dosed import a_day, dosed, others, says, written
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact, in_order
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.dose import DoseLimits, LeastInterval, Limit
from pestle.pharmacy.checks.measured import Measured, facts
from pestle.pharmacy.criteria.answer import Verdict, is_in
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.record import Record

CHECK = "dose"
TITLE = "Is the dose within its limits?"

_TIMES = {"single": "at a time", "daily": "a day", "weekly": "a week"}


@dataclass(frozen=True, slots=True)
class _Amount:
    """So much of a substance, from which medicines; `missing` says what could not be added."""

    value: Fraction
    words: tuple[Fact, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Bound:
    """A limit as it is for this patient, and the facts that make it so."""

    value: Fraction
    limit: Limit
    because: tuple[Fact, ...]


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each substance that a line holds and for which there are limits."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    lines, has = case.lines, case.at_hand or ()
    present = frozenset[str]().union(*(each.substances for each in (*lines, *has)))
    found: dict[tuple[str, str | None], Finding] = {}
    for substance in sorted(frozenset[str]().union(*(line.substances for line in lines if not line.local))):
        mine = [line for line in lines if substance in line.substances and not line.local]
        beside = others(substance, mine, has)
        for limits in knowledge.dose.limits.get(substance, ()):
            for each in _limited(substance, mine, beside, limits, present, case):
                found.setdefault((each.key, each.line), each)
        for rule in knowledge.dose.intervals.get(substance, ()):
            for line in mine:
                for each in _interval(substance, line, rule, case):
                    found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _limited(
    substance: str,
    mine: list[Holding],
    beside: list[list[Holding]],
    limits: DoseLimits,
    present: frozenset[str],
    case: Asked,
) -> Iterator[Finding]:
    told = is_in() if limits.when is None else answer(limits.when, case.day)
    if told.verdict is Verdict.OUT:
        return
    unknown: dict[tuple[int, ...], tuple[list[Holding], list[str]]] = {}
    for kind in _TIMES:
        for group in [mine] if kind != "single" else [[line] for line in mine]:
            bounds, open_ = _bounds(kind, group, limits, case.person, present)
            if not bounds and not open_:
                continue
            if told.verdict is Verdict.CANNOT_TELL:
                gap = "; ".join(each.what for each in told.missing)
                bounds, open_ = [], [*open_, *((bound, gap) for bound in bounds)]
            amount = _amount(kind, group, beside, substance, limits, case)
            least = min(bounds, key=lambda bound: (bound.value, bound.limit.note), default=None)
            if least is not None and amount.value > least.value:
                yield _over(kind, substance, group, amount, least, limits, told.facts)
                continue
            why = [*amount.missing, *_depends(amount, open_)]
            unknown.setdefault(tuple(map(id, group)), (group, []))[1].extend(why)
    for group, why in unknown.values():
        if why:
            yield _cannot(substance, group, why, limits)


def _depends(amount: _Amount, open_: list[tuple[_Bound | None, str]]) -> list[str]:
    """What is missing of limits that may hold, where the amount is not within them anyway."""
    return [why for bound, why in open_ if bound is None or amount.missing or amount.value > bound.value]


def _amount(
    kind: str,
    group: list[Holding],
    beside: list[list[Holding]],
    substance: str,
    limits: DoseLimits,
    case: Asked,
) -> _Amount:
    if kind == "single":
        (line,) = group
        told = dosed(line, substance, limits.unit, case)
        if told.single is None:
            return _Amount(Fraction(0), (), (told.why,))
        return _Amount(told.single, (says(line, told.single, limits.unit, _TIMES[kind]),), ())
    total = a_day(group, beside, substance, limits.unit, case)
    times = 7 if kind == "weekly" else 1
    words: list[Fact] = []
    for held, amount in total.parts:
        words += [fact(held), says(held, amount * times, limits.unit, _TIMES[kind])]
    return _Amount(total.value * times, tuple(words), total.missing)


def _bounds(
    kind: str, group: list[Holding], limits: DoseLimits, person: Measured, present: frozenset[str]
) -> tuple[list[_Bound], list[tuple[_Bound | None, str]]]:
    """The limits that hold; and those that may hold, with what is missing and the bound where it is known."""
    bounds: list[_Bound] = []
    open_: list[tuple[_Bound | None, str]] = []
    for limit in limits.limits:
        per = [each for each in ("", "per_kg", "per_m2") if (kind, each) in limit.most]
        if not per or (limit.beside and not limit.beside & present):
            continue
        holds, because, missing = _holds(limit, group, person)
        if holds is False or (holds is None and limit.if_known):
            continue
        for each in per:
            times, of, why = _per(each, person)
            if times is None:
                if not limit.if_known:
                    open_.append((None, why))
                continue
            bound = _Bound(limit.most[kind, each] * times, limit, (*because, *of))
            if holds is None:
                open_.append((bound, missing))
            else:
                bounds.append(bound)
    return bounds, open_


def _holds(limit: Limit, group: list[Holding], person: Measured) -> tuple[bool | None, tuple[Fact, ...], str]:
    """Whether the limit is one for this patient and this route, by which facts, and what is missing."""
    because: list[Fact] = []
    missing = ""
    if limit.routes:
        routes = [line.routes for line in group]
        if all(route and not route & limit.routes for route in routes):
            return False, (), ""
        if any(not route for route in routes):
            missing = "The route of the product is not known"
    if limit.from_months is not None or limit.under_months is not None:
        months = person.months
        if months is None:
            missing = "The patient’s age is not known"
        elif not _within(Fraction(months), limit.from_months, limit.under_months):
            return False, (), ""
        else:
            because.append(Fact(f"Born {person.patient.born:%d-%b-%Y}"))
    if limit.from_kg is not None or limit.under_kg is not None:
        weight = person.weight()
        if isinstance(weight, str):
            missing = weight
        elif not _within(weight.value, limit.from_kg, limit.under_kg):
            return False, (), ""
        else:
            because += facts(weight)
    return None if missing else True, tuple(because), missing


def _within(value: Fraction | None, low: Fraction | int | None, under: Fraction | int | None) -> bool:
    assert value is not None
    return (low is None or value >= low) and (under is None or value < under)


def _per(each: str, person: Measured) -> tuple[Fraction | None, tuple[Fact, ...], str]:
    if not each:
        return Fraction(1), (), ""
    if each == "per_kg":
        weight = person.weight()
        if isinstance(weight, str):
            return None, (), weight
        return weight.value, facts(weight), ""
    surface = person.surface()
    if isinstance(surface, str):
        return None, (), surface
    return surface[0], surface[1], ""


def _over(
    kind: str,
    substance: str,
    group: list[Holding],
    amount: _Amount,
    bound: _Bound,
    limits: DoseLimits,
    because: tuple[Fact, ...],
) -> Finding:
    most, total = written(bound.value, limits.unit), written(amount.value, limits.unit)
    stop = limits.stop_times is not None and amount.value > bound.value * limits.stop_times
    note = f" ({bound.limit.note})" if bound.limit.note else ""
    lines = in_order(group)
    names = " and ".join(dict.fromkeys(line.name for line in lines))
    return finding(
        CHECK,
        Severity.HARD_STOP if stop else limits.severity,
        rule=kind,
        about=tuple(line.said for line in lines),
        what=f"{names}: {total} of {substance} {_TIMES[kind]}; the most is {most}{note}",
        do=limits.do,
        source=limits.source,
        why=tuple(dict.fromkeys((*(fact(line) for line in lines), *amount.words, *bound.because, *because))),
        lasting=(substance, total, most, limits.source.definition),
    )


def _cannot(substance: str, group: list[Holding], unknown: list[str], limits: DoseLimits) -> Finding:
    lines = in_order(group)
    names = " and ".join(dict.fromkeys(line.name for line in lines))
    return not_assessed(
        CHECK,
        rule="limit",
        about=tuple(line.said for line in lines),
        what=f"{names}: the dose of {substance} was not compared with its limits",
        because="; ".join(sorted(set(unknown))),
        do="Find out what is missing, or work it out by hand.",
        source=limits.source,
    )


def _interval(substance: str, line: Holding, rule: LeastInterval, case: Asked) -> Iterator[Finding]:
    told = dosed(line, substance, rule.unit, case)
    if told.often is not None and told.often <= Fraction(1, rule.days):
        return
    if told.often is not None and (
        rule.dose_from is None or (told.single is not None and told.single >= rule.dose_from)
    ):
        yield finding(
            CHECK,
            Severity.HARD_STOP,
            rule="too-often",
            about=(line.said,),
            what=f"{line.name}: ordered more often than once every {rule.days} days. {rule.effect}",
            do=rule.do,
            source=rule.source,
            why=(fact(line), Fact(f"{substance}: {_often(told.often)}")),
        )
    elif told.often is None or told.single is None:
        yield not_assessed(
            CHECK,
            rule="too-often",
            about=(line.said,),
            what=f"{line.name}: whether it is ordered more often than every {rule.days} days was not checked",
            because=told.why,
            do="Read the instruction; it must name the day on which it is taken.",
            source=rule.source,
        )


def _often(often: Fraction) -> str:
    return f"{plain(round(decimal_of(often * 7), 2))} times in 7 days"
