"""How many packs should be ordered, and why?

Levels follow from use: the minimum is what is used while a delivery is on its way and over a few days of
safety, the maximum covers some days more. Somebody may have set both by hand, and then those count. What can
be used of the stock, with what is on order, less what prescriptions in progress still want, is compared with
them: below the minimum it is filled up to the maximum, in whole packs. All amounts are base units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pestle.pharmacy.refusal import refuse

# Days of use to hold in reserve, and to have after an order arrives. A house rule, not a clinical one.
SAFETY_DAYS = 3
COVER_DAYS = 14


@dataclass(frozen=True, slots=True)
class Levels:
    """Below `minimum` more is ordered, up to `maximum`. Raises `Refused` (``level.wrong``)."""

    minimum: int
    maximum: int

    def __post_init__(self) -> None:
        if not 0 <= self.minimum <= self.maximum:
            raise refuse("level.wrong", "The minimum is not above the maximum, and neither is below zero",
                         place="minimum")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stand:
    """How a product stands: `usable` in stock, `on_order`, `wanted` by prescriptions in progress."""

    usable: int
    on_order: int
    wanted: int

    @property
    def available(self) -> int:
        """What there will be once everything has come and gone; below zero is owed."""
        return self.usable + self.on_order - self.wanted


def levels_from_use(used: int, *, days: int, lead_days: int) -> Levels:
    """The levels for what was used in so many days, of which at least one."""
    lead = lead_days + SAFETY_DAYS
    return Levels(_share(used, lead, days), _share(used, lead + COVER_DAYS, days))


def reorder(stand: Stand, levels: Levels, *, pack: int) -> int:
    """How many packs to order; 0 while there is enough. Never so few that a prescription still goes short."""
    if stand.available >= levels.minimum:
        return 0
    return -(-(levels.maximum - stand.available) // pack)


def cover_days(usable: int, used: int, *, days: int) -> int | None:
    """For how many whole days the stock lasts at that use; None where nothing was used."""
    return usable * days // used if used else None


def expected_on(ordered_at: datetime, *, zone: tzinfo, cut_off: time, lead_days: int) -> date:
    """The day on which an order comes: after the cut-off it counts as one of the next day. Calendar days."""
    late = not still_today(ordered_at, zone=zone, cut_off=cut_off)
    return ordered_at.astimezone(UTC).astimezone(zone).date() + timedelta(days=lead_days + late)


def still_today(ordered_at: datetime, *, zone: tzinfo, cut_off: time) -> bool:
    """Whether an order of that moment still counts as one of its day."""
    return ordered_at.astimezone(UTC).astimezone(zone).time().replace(tzinfo=None) <= cut_off


def _share(used: int, part: int, days: int) -> int:
    return -(-used * part // max(days, 1))
