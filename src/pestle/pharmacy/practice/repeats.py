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
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from enum import Enum
from fractions import Fraction
from math import ceil

EARLY = 7
UNDER, OVER = Fraction(4, 5), Fraction(6, 5)
UNUSED = timedelta(days=183)
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Supply:
    """An issue: on which day, for how many days (None: it cannot be told), and how many units."""

    on: date
    days: Decimal | None
    quantity: Decimal | None = None


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


def ordering(
    issues: Sequence[Supply], *, on: date, under: Fraction = UNDER, over: Fraction = OVER
) -> Ordering:
    """Whether a line is ordered in step with its use, from its issues since the dose last changed.

    The rate is the days' supply of all issues but the last, over the days from the first to the last. At
    least three issues are needed. In hand is everything issued, less the days that have gone by.
    """
    several = sorted(issues, key=lambda one: one.on)
    if several and on - several[-1].on > UNUSED:
        return Ordering(Use.UNUSED, because=f"last issued {several[-1].on:%d-%b-%Y}")
    if any(one.days is None for one in several):
        return Ordering(Use.CANNOT_TELL, because="how long an issue lasts cannot be told")
    if len(several) < _FEWEST:
        return Ordering(Use.CANNOT_TELL, because=f"fewer than {_FEWEST} issues")
    days = [Fraction(one.days or 0) for one in several]
    elapsed = (several[-1].on - several[0].on).days
    if not elapsed:
        return Ordering(Use.CANNOT_TELL, because="all issues are of one day")
    rate = sum(days[:-1], Fraction(0)) / elapsed
    in_hand = int(sum(days, Fraction(0)) - (on - several[0].on).days)
    use = Use.UNDER if rate < under else Use.OVER if rate > over else Use.IN_STEP
    return Ordering(use, rate, in_hand, _units_over(several, in_hand) if use is Use.OVER else None)


def _units_over(several: Sequence[Supply], in_hand: int) -> Decimal | None:
    """The units of the days in hand beyond those of one issue."""
    last = several[-1]
    if last.quantity is None or not last.days:
        return None
    spare = in_hand - int(last.days)
    return None if spare <= 0 else (last.quantity / last.days * spare).to_integral_value(ROUND_FLOOR)


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
