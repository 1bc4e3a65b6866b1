"""How long does what was issued last, is the next request early, and are orders in step with use?

Days' supply is a quantity over the daily amount, as `dosage.supply` has it. Of what is taken when required,
put on the skin, inhaled, injected or titrated nothing is said but that it cannot be judged: what has no daily
amount has no rate.

Source: house rules, since none is national; the tests are those that a Repeat Prescribing Toolkit asks of
systems (RPS and RCGP, October 2024, chapters 9 and 10). The limits are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from enum import Enum
from fractions import Fraction
from math import ceil

from pestle.pharmacy.criteria.span import Span, SpanUnit

EARLY = 7
UNDER, OVER = Fraction(4, 5), Fraction(6, 5)
NOT_ORDERED_AFTER = Span(6, SpanUnit.MONTHS)
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Supply:
    """An issue: on which day, for how many days (None: it cannot be told), and how many of which unit.
    `otherwise`: under an order of another product or dose than the line's newest one."""

    on: date
    days: Decimal | None
    quantity: Decimal | None = None
    unit: str = ""
    otherwise: bool = False


def days_left(last: Supply | None, *, on: date) -> int | None:
    """How many whole days of the last issue are left on a day, negative when it ran out before; None when
    there was none or it cannot be told how long it lasts."""
    if last is None or last.days is None:
        return None
    return int(last.days.to_integral_value(ROUND_FLOOR)) - (on - last.on).days


def early_by(last: Supply | None, *, on: date, usual: int = EARLY) -> int | None:
    """By how many days a request comes before the usual days that are left: more than nought is early, less
    is late; None where it cannot be told."""
    left = days_left(last, on=on)
    return None if left is None else left - usual


class Use(Enum):
    """What the issues of a line say of its use. The value is shown."""

    IN_STEP = "in step"
    UNDER = "under-ordered"
    OVER = "over-ordered"
    UNUSED = "not ordered"
    CANNOT_TELL = "cannot judge"


@dataclass(frozen=True, slots=True)
class Ordering:
    """What the issues say: how much was issued for each day that went by (None: cannot be told, `because`),
    how many days' supply too much is in hand on the day, and how many units that is."""

    use: Use
    rate: Fraction | None = None
    in_hand: int | None = None
    units_over: Decimal | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the issues say whatever the day: how much was issued for each day that went by, and until when all
    of them last together. Either is None where it cannot be told, `because`."""

    use: Use
    rate: Fraction | None = None
    until: date | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Surplus:
    """What is in hand beyond one issue: units, and how many whole items (issues) that is."""

    units: Decimal
    items: int


def pattern(issues: Sequence[Supply], *, under: Fraction = UNDER, over: Fraction = OVER) -> Pattern:
    """How a line is ordered, from its issues since the product or the dose last changed: what was issued
    before lasts nobody knows how long as it is taken now.

    The rate is the days' supply of all issues but the last, over the days from the first to the last. At
    least three issues are needed.
    """
    several = _since_changed(issues)
    if any(one.days is None for one in several):
        return Pattern(Use.CANNOT_TELL, because="how long an issue lasts cannot be told")
    if len(several) < _FEWEST:
        changed = " since it was changed" if len(several) < len(issues) else ""
        return Pattern(Use.CANNOT_TELL, because=f"fewer than {_FEWEST} issues{changed}")
    days = [Fraction(one.days or 0) for one in several]
    elapsed = (several[-1].on - several[0].on).days
    if not elapsed:
        return Pattern(Use.CANNOT_TELL, because="all issues are of one day")
    rate = sum(days[:-1], Fraction(0)) / elapsed
    use = Use.UNDER if rate < under else Use.OVER if rate > over else Use.IN_STEP
    last_day = several[0].on.toordinal() + int(sum(days, Fraction(0)))
    return Pattern(use, rate, date.fromordinal(min(last_day, date.max.toordinal())))


def _since_changed(issues: Sequence[Supply]) -> list[Supply]:
    several = sorted(issues, key=lambda one: one.on)
    after = max((at + 1 for at, one in enumerate(several) if one.otherwise), default=0)
    return several[after:]


def ordering(issues: Sequence[Supply], *, on: date, not_ordered_after: Span = NOT_ORDERED_AFTER) -> Ordering:
    """Whether a line is ordered in step with its use, as its `pattern` says on a day; not ordered when the
    last issue was made so long before and has run out, be it one of a whole batch. In hand is everything
    issued, less the days that have gone by."""
    last = max(issues, key=lambda one: one.on, default=None)
    ran_out = last is not None and ((until := lasts_until(last)) is None or until <= on)
    if last is not None and ran_out and last.on < not_ordered_after.before(on):
        return Ordering(Use.UNUSED, because=f"last issued {last.on:%d-%b-%Y}")
    found = pattern(issues)
    if last is None or found.until is None:
        return Ordering(found.use, because=found.because)
    over = surplus(found.until, last, on=on) if found.use is Use.OVER else None
    return Ordering(found.use, found.rate, (found.until - on).days, over.units if over else None)


def lasts_until(last: Supply) -> date | None:
    """The day on which an issue alone has run out; None where it does not say for how many days it is."""
    if last.days is None:
        return None
    return date.fromordinal(min(last.on.toordinal() + int(last.days), date.max.toordinal()))


def surplus(until: date, last: Supply, *, on: date) -> Surplus | None:
    """What is in hand on a day beyond the last issue, where all that was issued lasts `until` then; None when
    nothing is, or the last issue does not say for how many days and how much. Rounded down."""
    if last.quantity is None or not last.days:
        return None
    spare = (until - on).days - int(last.days)
    if spare <= 0:
        return None
    units = (last.quantity / last.days * spare).to_integral_value(ROUND_FLOOR)
    return Surplus(units, int(spare / last.days)) if units > 0 else None


@dataclass(frozen=True, slots=True)
class Makeup:
    """A one-off quantity that lasts to a common day, for how many days; `whole_packs` is False where a pack
    of so many units would have to be split."""

    quantity: Decimal
    days: int
    whole_packs: bool | None


def makeup(daily: Fraction, *, runs_out: date, until: date, pack: int | None = None) -> Makeup | None:
    """How much is issued once so that a line that runs out on one day lasts until another; None when it does
    already. Rounded up to a whole unit, never to a pack."""
    days = (until - runs_out).days
    if days <= 0 or daily <= 0:
        return None
    quantity = Decimal(ceil(daily * days))
    return Makeup(quantity, days, None if pack is None else quantity % pack == 0)


def common_day(runs_out: Sequence[date], *, on: date) -> date | None:
    """The day to which the lines of a patient are aligned: the last day that any of them runs out, so that
    nothing is taken away; None where fewer than two are known or they run out together."""
    ahead = {max(day, on) for day in runs_out}
    return max(ahead) if len(ahead) > 1 else None
