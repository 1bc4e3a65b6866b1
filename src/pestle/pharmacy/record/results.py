"""What is the patient's latest result of a kind, or why is there none?

One value stands for a day, by the observable's rule; of two that differ, and that nobody can put in order,
there is none. The newest result is never passed over because it cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observable import DayRule, Observable, folded_words
from pestle.pharmacy.record.observation import Component, Observation
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import Found, NoResult, Result, Why, read, taken_on


class Results:
    """A record's observations, made ready once to be asked for many kinds of result.

    What is not asked for is not read: the latest needs only those that may be the latest.
    """

    __slots__ = ("_by_code", "_by_words", "_newest", "_unread", "on_record")

    def __init__(self, record: Record) -> None:
        self.on_record = record.observations is not None
        self._by_code: dict[tuple[str, str], list[_Part]] = {}
        self._by_words: dict[str, list[_Part]] = {}
        self._unread: dict[str, tuple[_Unread, ...]] = {}
        self._newest: dict[tuple[str, date], tuple[Found, ...]] = {}
        for at, observation in enumerate(record.observations or ()):
            if not observation.stands:
                continue
            taken = taken_on(observation)
            self._index(_Part((at, 0), observation, observation, taken))
            for place, component in enumerate(observation.components, start=1):
                self._index(_Part((at, place), component, observation, taken))

    def _index(self, entry: _Part) -> None:
        for coded in (entry.part.what, *entry.part.also):
            if coded.system and coded.code:
                self._by_code.setdefault((coded.system, coded.code), []).append(entry)
            self._by_words.setdefault(folded_words(coded.text), []).append(entry)

    def find(
        self, observable: Observable, *, on: date, since: date | None = None
    ) -> tuple[Found, ...] | None:
        """As the function `find`."""
        if not self.on_record:
            return None
        return _read(
            each
            for each in self._of(observable)
            if each.taken is None or (each.taken.first <= on and (since is None or each.taken.last >= since))
        )

    def latest(self, observable: Observable, *, on: date, days: int | None = None) -> Found:
        """As the function `latest`."""
        if not self.on_record:
            words = f"No results are on record to find {observable.title} in"
            return NoResult(observable, Why.NOT_ON_RECORD, words)
        return latest_of(self._may_be_latest(observable, on), observable, on=on, days=days)

    def newest(self, observable: Observable, *, on: date) -> Found | None:
        """The newest result with a date, whether its value can be used or not; None where there is none."""
        found = self._may_be_latest(observable, on)
        return next((each for each in found if each.taken is not None), None)

    def _may_be_latest(self, observable: Observable, on: date) -> tuple[Found, ...]:
        """Those that no other result up to the day certainly follows, newest first; without a date only
        where none has one."""
        asked = observable.name, on
        if asked not in self._newest:
            dated = [
                (each.taken, each) for each in self._of(observable) if each.taken and each.taken.first <= on
            ]
            after = max((taken.first for taken, _ in dated), default=None)
            self._newest[asked] = _read(
                [each for taken, each in dated if taken.last >= after]
                if after
                else [each for each in self._of(observable) if each.taken is None]
            )
        return self._newest[asked]

    def _of(self, observable: Observable) -> tuple[_Unread, ...]:
        if observable.name not in self._unread:
            self._unread[observable.name] = tuple(self._all(observable))
        return self._unread[observable.name]

    def _all(self, observable: Observable) -> Iterator[_Unread]:
        parts: dict[tuple[int, int], _Part] = {}
        for code in observable.codes:
            for entry in self._by_code.get(code, ()):
                parts[entry.place] = entry
        for words in observable.words:
            for entry in self._by_words.get(words, ()):
                parts[entry.place] = entry
        for entry in parts.values():
            # A pressure is measured in its components, and a test that failed measured nothing.
            empty = entry.part.value is None
            if not empty or (observable.unit is None and entry.part.missing is None):
                yield _Unread(entry.part, entry.observation, entry.taken, observable)
        for member in observable.panel:
            for each in self._of(member):
                yield _Unread(each.part, each.observation, each.taken, each.kind, (*each.panels, observable))


class _Part(NamedTuple):
    """An observation, or one of its components, its place in the record, and when it was taken."""

    place: tuple[int, int]
    part: Observation | Component
    observation: Observation
    taken: PartialDate | None


class _Unread(NamedTuple):
    """What will be read as a result of a kind, and then shows that `panels` were done, the smallest first."""

    part: Observation | Component
    observation: Observation
    taken: PartialDate | None
    kind: Observable
    panels: tuple[Observable, ...] = ()

    def read(self) -> Found:
        found = read(self.part, self.observation, self.kind)
        for panel in self.panels:
            found = _shown_by(found, panel)
        return found


def _read(several: Iterable[_Unread]) -> tuple[Found, ...]:
    return tuple(sorted((each.read() for each in several), key=_newest_first))


def find(
    record: Record, observable: Observable, *, on: date, since: date | None = None
) -> tuple[Found, ...] | None:
    """Every result of the kind up to the end of day `on`, and not certainly before `since`, newest first.

    None when no results are on record to be read. A result that nobody can use is among them, with why.
    """
    return Results(record).find(observable, on=on, since=since)


def latest(record: Record, observable: Observable, *, on: date, days: int | None = None) -> Found:
    """The latest result up to a day, one value a day by the observable's rule; or why there is none.

    With `days`, one that is certainly older than that many days before `on` is too old.
    """
    return Results(record).latest(observable, on=on, days=days)


def latest_of(found: Iterable[Found], observable: Observable, *, on: date, days: int | None = None) -> Found:
    """The latest of several results, as `latest` gives it."""
    several = tuple(found)
    if not several:
        return NoResult(observable, Why.NONE, f"No {observable.title} is on file")
    dated = [each for each in several if each.taken is not None]
    if not dated:
        return several[0]
    first = max(each.taken.first for each in dated if each.taken)
    newest = [each for each in dated if each.taken and each.taken.last >= first]
    chosen = _one_of_the_day(newest, observable)
    if days is not None and chosen.taken is not None and chosen.taken.last < _before(on, days):
        ago = (on - chosen.taken.last).days
        return NoResult(
            observable,
            Why.OLD,
            f"The last {observable.title} is of {chosen.taken.words}, {ago} days ago",
            chosen.taken,
            chosen.observation,
        )
    return chosen


def _shown_by(found: Found, panel: Observable) -> Found:
    """What a result of one member says of its panel: that it was done, whatever came out."""
    if isinstance(found, NoResult) and (found.taken is None or found.observation is None):
        return NoResult(panel, found.why, found.words, found.taken, found.observation)
    assert found.taken is not None
    assert found.observation is not None
    written = found.written if isinstance(found, Result) else ""
    return Result(panel, found.taken, found.observation, f"{found.observable.title} {written}".rstrip())


def _newest_first(found: Found) -> tuple[bool, int, int, str, str]:
    taken = found.taken
    return (
        taken is None,
        -taken.last.toordinal() if taken else 0,
        -taken.first.toordinal() if taken else 0,
        found.observation.id if found.observation else "",
        found.written if isinstance(found, Result) else found.words,
    )


def _one_of_the_day(newest: list[Found], observable: Observable) -> Found:
    """One of results that nobody can put in order by their days."""
    usable = [each for each in newest if isinstance(each, Result)]
    if not usable:
        return newest[0]
    if observable.units is not None and observable.day_rule is not DayRule.LAST:
        sign = -1 if observable.day_rule is DayRule.HIGHEST else 1
        # Of one value an exact result stands before one that lies beyond it.
        return min(
            usable,
            key=lambda each: (
                sign * (each.value or 0),
                each.comparator.value if each.comparator else "",
                *_newest_first(each),
            ),
        )
    told = {(each.value, each.comparator, each.answer) for each in usable}
    if len(told) == 1:
        return usable[0]
    times = [each.observation.taken_at for each in usable]
    known = [time for time in times if time is not None]
    if len(known) == len(times):
        last = [each for each in usable if each.observation.taken_at == max(known)]
        if len({(each.value, each.comparator, each.answer) for each in last}) == 1:
            return last[0]
    listed = " and ".join(sorted(each.written for each in usable))
    day = usable[0].taken.words
    return NoResult(
        observable,
        Why.SEVERAL,
        f"{observable.title} of {day}: {listed}; nobody knows which was the last",
        usable[0].taken,
        usable[0].observation,
    )


def _before(on: date, days: int) -> date:
    return date.min if on.toordinal() <= days else on - timedelta(days=days)
