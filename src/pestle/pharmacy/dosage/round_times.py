"""At which times of the clock does this site give its doses?

“Three times a day” and “in the morning” are no times until a site says which. What the site has not said
is refused by name; no time of the day is assumed.

Rules: ``schedule.round-times`` (the site's own times are wrong), ``schedule.no-round-times``,
``schedule.moment-and-time``, ``schedule.which-meals``, ``schedule.same-time``,
``schedule.offset``.
Source: ours; moments as FHIR R4 EventTiming, offsets as Timing.repeat.offset (hl7.org/fhir/R4, 2019).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from pestle.pharmacy.dosage.dose import Repeat, When
from pestle.pharmacy.dosage.dose_to_text import WHEN_WORDS
from pestle.pharmacy.dosage.rate import MEALS
from pestle.pharmacy.refusal import Refused, refuse

_EACH_MEAL = {
    When.MEAL: (When.BREAKFAST, When.LUNCH, When.DINNER),
    When.BEFORE_MEAL: (When.BEFORE_BREAKFAST, When.BEFORE_LUNCH, When.BEFORE_DINNER),
    When.AFTER_MEAL: (When.AFTER_BREAKFAST, When.AFTER_LUNCH, When.AFTER_DINNER),
}
# The meal that an offset is counted from, and in which direction.
_OFFSET_FROM = {
    When.BEFORE_BREAKFAST: (When.BREAKFAST, -1), When.BEFORE_LUNCH: (When.LUNCH, -1),
    When.BEFORE_DINNER: (When.DINNER, -1), When.AFTER_BREAKFAST: (When.BREAKFAST, 1),
    When.AFTER_LUNCH: (When.LUNCH, 1), When.AFTER_DINNER: (When.DINNER, 1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RoundTimes:
    """The site's times: `a_day` from how often a day to the local times, `moments` from a named moment.

    Raises `Refused` (``schedule.round-times``) where so many times a day are not so many different times,
    or a time names a zone.
    """

    a_day: Mapping[int, tuple[time, ...]] = field(default_factory=dict)
    moments: Mapping[When, time] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for often, times in self.a_day.items():
            if len(set(times)) != often or len(times) != often:
                raise _wrong(f"{often} times a day needs {often} different times", f"times_a_day.{often}")
        if any(at.tzinfo for at in (*self.moments.values(), *(t for ts in self.a_day.values() for t in ts))):
            raise _wrong("round times are local times without a zone", "times_a_day")


def round_times(data: object) -> RoundTimes:
    """Reads ``{"times_a_day": {"2": ["08:00", "20:00"]}, "moments": {"HS": "22:00"}}``.

    Either part may be missing. Raises `Refused` (``schedule.round-times``) naming the place.
    """
    known = {"times_a_day", "moments"}
    if not isinstance(data, dict) or not known.issuperset(data):
        raise _wrong("they are an object with the keys times_a_day and moments", "round times")
    a_day, moments = (_object(data.get(key), key) for key in ("times_a_day", "moments"))
    return RoundTimes(
        a_day={_often(often): _times(times, often) for often, times in a_day.items()},
        moments={_when(code): _time(at, code) for code, at in moments.items()},
    )


def clock_times(repeat: Repeat, often: int, rounds: RoundTimes) -> tuple[time, ...]:
    """The local times of the `often` doses of one day, in order.

    Times that the instruction states are those; named moments and “n times a day” are the site's.
    """
    if repeat.times_of_day and repeat.when:
        raise refuse("schedule.moment-and-time", "It names moments of the day and times of the clock.",
                     place="repeat.when")  # fmt: skip
    if repeat.times_of_day:
        return _different(list(repeat.times_of_day), often)
    if repeat.when:
        moments = _moments(repeat.when, often)
        return _different([_at(when, repeat.offset_minutes or 0, rounds) for when in moments], often)
    times = rounds.a_day.get(often)
    if times is None:
        words = "once" if often == 1 else f"{often} times"
        raise _no_time(f"for {words} a day", f"times_a_day.{often}")
    return tuple(sorted(times))


def _different(times: list[time], often: int) -> tuple[time, ...]:
    if len(set(times)) != len(times) or len(times) != often:
        raise refuse("schedule.same-time", "Two doses of a day would fall on the same time.", place="repeat",
                     way_out="Give each its own time.")  # fmt: skip
    return tuple(sorted(times))


def _moments(when: tuple[When, ...], often: int) -> tuple[When, ...]:
    if MEALS.isdisjoint(when):
        return when
    meals = _EACH_MEAL[when[0]] if len(when) == 1 else ()
    if len(meals) != often:
        raise refuse("schedule.which-meals", "It does not follow at which meals the doses are.",
                     place="repeat.when", way_out="Name the meals.")  # fmt: skip
    return meals


def _at(when: When, minutes: int, rounds: RoundTimes) -> time:
    if not minutes:
        return _of_site(when, rounds)
    if when not in _OFFSET_FROM:
        raise refuse("schedule.offset", f"An offset from “{WHEN_WORDS[when]}” cannot be placed.",
                     place="repeat.offset")  # fmt: skip
    meal, direction = _OFFSET_FROM[when]
    noon = datetime.combine(date(2000, 1, 1), _of_site(meal, rounds))
    moved = noon + direction * timedelta(minutes=min(minutes, 1440))
    if moved.date() != noon.date():
        raise refuse("schedule.offset", "The offset from the meal runs into another day.",
                     place="repeat.offset")  # fmt: skip
    return moved.time()


def _of_site(when: When, rounds: RoundTimes) -> time:
    if when not in rounds.moments:
        raise _no_time(f"for “{WHEN_WORDS[when]}”", f"moments.{when.value}")
    return rounds.moments[when]


def _no_time(what: str, place: str) -> Refused:
    return refuse("schedule.no-round-times", f"The site has no time {what}.", place=place,
                  way_out="Add it to the site's round times.")  # fmt: skip


def _wrong(reason: str, place: str) -> Refused:
    return refuse("schedule.round-times", f"The round times are wrong: {reason}.", place=place)


def _object(value: object, place: str) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong("this is no object", place)
    return {str(key): entry for key, entry in value.items()}


def _often(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= 24):
        raise _wrong(f"“{text}” is no number of times a day, 1 to 24", "times_a_day")
    return int(text)


def _times(value: object, often: str) -> tuple[time, ...]:
    if not isinstance(value, list):
        raise _wrong("this is no list of times", f"times_a_day.{often}")
    return tuple(_time(at, f"times_a_day.{often}") for at in value)


def _when(code: str) -> When:
    try:
        return When(code)
    except ValueError:
        raise _wrong(f"“{code}” is no FHIR event timing", "moments") from None


def _time(value: object, place: str) -> time:
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise _wrong(f"“{value}” is no time such as 08:00", place) from None
