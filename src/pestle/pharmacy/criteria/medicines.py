"""Which medicines did the patient have, when, and together with which?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TypeAlias, assert_never

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import (
    Answer,
    Missing,
    at_least,
    cannot_tell,
    is_in,
    is_out,
    negated,
)
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.patient_day import MedicineEvent, PatientDay, has_fact
from pestle.pharmacy.criteria.span import Window
from pestle.pharmacy.record.fact import Fact

_Node: TypeAlias = n.Taking | n.Issued | n.Stopped | n.LatestMedicine | n.CoPrescribed | n.MedicineCount


def answer(criterion: _Node, day: PatientDay) -> Answer:
    """The answer to a condition on medicines."""
    match criterion:
        case n.Taking():
            return _taking(criterion, day)
        case n.Issued(medicines, window, number):
            return _issued(medicines, window, number, day)
        case n.Stopped(medicines, window):
            has_now = negated(_taking(n.Taking(medicines), day))
            return at_least(2, [_issued(medicines, window, 1, day), has_now])
        case n.LatestMedicine():
            return _latest(criterion, day)
        case n.CoPrescribed():
            return _together(criterion, day)
        case n.MedicineCount():
            return _count(criterion, day)
    assert_never(criterion)


def _taking(criterion: n.Taking, day: PatientDay) -> Answer:
    medicines = criterion.medicines
    sure: list[Fact] = []
    open_: list[tuple[Fact, Missing]] = []
    for medication in day.proposed:
        fact = Fact(f"On this prescription: {medication.name}")
        _sort(day.is_on(medicines, medication), True, fact, medicines, sure, open_)
    for has in day.taking(criterion.unknown_lasts):
        on_list = day.is_on(medicines, has.medication)
        if on_list is not False:
            _sort(on_list, has.sure, has_fact(has), medicines, sure, open_)
    if sure:
        return is_in(*sure)
    if criterion.or_issued is not None:
        issued = _issued(medicines, Window(criterion.or_issued), 1, day)
        return at_least(1, [issued, _open_or_out(open_, medicines, "at present")])
    return _open_or_out(open_, medicines, "at present", unread=not day.has_medication)


def _issued(medicines: MedicineList, window: Window, number: int, day: PatientDay) -> Answer:
    sure: list[Fact] = []
    open_: list[tuple[Fact, Missing]] = []
    days: set[date] = set()
    for issue, within, on_list in _issues(medicines, window, day):
        if within and on_list and issue.when is not None:
            days.add(issue.when.first)
        _sort(on_list, bool(within), issue.fact, medicines, sure, open_)
    if len(days) >= number or (number == 1 and sure):
        return is_in(*sure)
    if day.has_medication and len(days) + len(open_) < number:
        absence = _absent(medicines, f"on {number} days {window}" if number > 1 else str(window))
        return is_out(*sure, absence)
    return _open_or_out(open_, medicines, str(window), unread=True)


def _latest(criterion: n.LatestMedicine, day: PatientDay) -> Answer:
    """By the days: an issue that may be the last, and is not surely on the list, leaves it open."""
    found = list(_issues(criterion.among, criterion.window, day))
    if not found:
        absent = _absent(criterion.among, str(criterion.window))
        return is_out(absent) if day.has_medication else cannot_tell(_UNREAD)
    sure = [issue for issue, within, listed in found if within and listed and issue.when is not None]
    last = max((issue.when.first for issue in sure if issue.when), default=date.min)
    could = [each for each in found if each[0].when is None or each[0].when.last >= last]
    answers = {
        day.is_on(criterion.medicines, issue.medication) if within and listed else None
        for issue, within, listed in could
    }
    facts = [issue.fact for issue, _, _ in could]
    if answers == {True}:
        return is_in(*facts)
    if answers == {False}:
        return is_out(*facts)
    gap = Missing(
        f"Which of {criterion.among.title} was the last is not clear", "Look at the patient's medicines."
    )
    return cannot_tell(gap, facts=facts)


def _together(criterion: n.CoPrescribed, day: PatientDay) -> Answer:
    ones = _within(criterion.one, criterion.window, day)
    others = _within(criterion.other, criterion.window, day)
    pairs = [
        (one, other, _apart(one[0], other[0], criterion.days))
        for one in ones
        for other in others
        if one[0] is not other[0]
    ]
    close = [(one, other, near) for one, other, near in pairs if near is not False]
    for one, other, near in close:
        if near and one[1] and other[1]:
            return is_in(*_nearest(close))
    if close:
        gap = Missing(
            f"Whether {criterion.one.title} and {criterion.other.title} were issued together is not clear",
            "Look at the dates and products of the issues.",
        )
        return cannot_tell(gap, facts=[each[0].fact for pair in close for each in pair[:2]])
    if not day.has_medication and not (ones and others):
        return cannot_tell(_UNREAD)
    said = f"Not issued within {criterion.days} days of each other {criterion.window}"
    return is_out(Fact(f"{said}: {criterion.one.title}, {criterion.other.title}"))


def _count(criterion: n.MedicineCount, day: PatientDay) -> Answer:
    sure: dict[frozenset[str], Fact] = {}
    open_: set[str] = set()
    for issue, within, on_list in _issues(criterion.medicines, criterion.window, day):
        holds = day.substances.in_products(issue.medication.products)
        if within and on_list and holds:
            known = sure.get(holds)
            sure[holds] = min(known, issue.fact, key=_told) if known else issue.fact
        else:
            open_.add(issue.medication.name)
    if len(sure) >= criterion.at_least:
        return is_in(*sure.values())
    if not day.has_medication:
        return cannot_tell(_UNREAD)
    if len(sure) + len(open_) < criterion.at_least:
        count = Fact(f"{len(sure)} different of {criterion.medicines.title} {criterion.window}")
        return is_out(*sure.values(), count)
    gap = Missing(
        f"Whether there are {criterion.at_least} of {criterion.medicines.title} is not clear: "
        f"{', '.join(sorted(open_))}",
        "Match each medicine to a product, with its date.",
    )
    return cannot_tell(gap, facts=sure.values())


def _issues(
    medicines: MedicineList, window: Window, day: PatientDay
) -> Iterator[tuple[MedicineEvent, bool | None, bool | None]]:
    """The issues that may lie in the window and be of the list, and whether they do and are."""
    days = window.seen_from(day.on)
    for issue in day.issues:
        within = days.hold(issue.when)
        if within is not False:
            on_list = day.is_on(medicines, issue.medication)
            if on_list is not False:
                yield issue, within, on_list


def _told(fact: Fact) -> tuple[str, str, str]:
    return fact.text, str(fact.on), fact.source


def _sort(
    on_list: bool | None,
    certain: bool,
    fact: Fact,
    medicines: MedicineList,
    sure: list[Fact],
    open_: list[tuple[Fact, Missing]],
) -> None:
    if on_list and certain:
        sure.append(fact)
    elif on_list is None:
        open_.append(
            (
                fact,
                Missing(
                    f"Whether this is one of {medicines.title} is not known: {fact.text}",
                    "Match it to a product, or look at it by hand.",
                ),
            )
        )
    elif on_list:
        open_.append(
            (
                fact,
                Missing(
                    f"Whether the patient had it then is not certain: {fact.text}",
                    "Ask the patient, or find out the dates.",
                ),
            )
        )


def _open_or_out(
    open_: list[tuple[Fact, Missing]], medicines: MedicineList, when: str, *, unread: bool = False
) -> Answer:
    if open_:
        return cannot_tell(*(gap for _, gap in open_), facts=(fact for fact, _ in open_))
    if unread:
        return cannot_tell(_UNREAD)
    return is_out(_absent(medicines, when))


def _absent(medicines: MedicineList, when: str) -> Fact:
    return Fact(f"None on record {when}: {medicines.title}")


_UNREAD = Missing(
    "What the patient takes is not on record",
    "Ask the patient what they take, or read it in the summary care record.",
)
_Within: TypeAlias = "tuple[MedicineEvent, bool]"


def _within(medicines: MedicineList, window: Window, day: PatientDay) -> list[_Within]:
    """The issues that may be of the list and in the window, and whether both is sure."""
    return [(issue, bool(within and on_list)) for issue, within, on_list in _issues(medicines, window, day)]


def _apart(one: MedicineEvent, other: MedicineEvent, days: int) -> bool | None:
    """Whether two issues lie fewer than so many days apart; None when their dates do not tell."""
    if one.when is None or other.when is None:
        return None
    least = max((one.when.first - other.when.last).days, (other.when.first - one.when.last).days, 0)
    most = max((one.when.last - other.when.first).days, (other.when.last - one.when.first).days)
    if least >= days:
        return False
    return True if most < days else None


def _nearest(close: Sequence[tuple[_Within, _Within, bool | None]]) -> Iterable[Fact]:
    """The facts of the last sure pair."""
    sure = [(one[0], other[0]) for one, other, near in close if near and one[1] and other[1]]
    when: Callable[[tuple[MedicineEvent, MedicineEvent]], tuple[date, ...]] = lambda pair: tuple(  # noqa: E731
        issue.when.last if issue.when else date.min for issue in pair
    )
    last = max(map(when, sure))
    return [issue.fact for pair in sure if when(pair) == last for issue in pair]
