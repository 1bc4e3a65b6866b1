"""What has to be entered in the practice's other system after a change, and did it arrive there?

Where a practice keeps its record in another system, Pestle writes nothing into it: a person enters what is
listed here, and the next extract of that system shows whether it arrived. Only what was entered before the
extract was made can be said never to have arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.same import same_meaning
from pestle.pharmacy.dosage.wording import plain as worded
from pestle.pharmacy.practice.medicines_list import ListStatus, status
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationOrder, RepeatIssue
from pestle.pharmacy.refusal import Refused

COURSE_WORDS = {
    CourseOfTherapy.ACUTE: "acute",
    CourseOfTherapy.REPEAT: "repeat",
    CourseOfTherapy.REPEAT_DISPENSING: "repeat dispensing",
    CourseOfTherapy.UNKNOWN: "course not said",
}


class EntryState(Enum):
    """Where an entry is. The value is stored."""

    TO_ENTER = "to_enter"
    ENTERED = "entered"
    CONFIRMED = "confirmed"
    NEVER_ARRIVED = "never_arrived"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Compared:
    """What an extract says of an entry: `state` after it, and what it has otherwise, in words."""

    state: EntryState
    otherwise: tuple[str, ...] = ()


def entry_words(before: MedicationOrder | None, after: MedicationOrder) -> tuple[str, ...]:
    """What to enter, a line for each thing: first what to do, then only what changes, all of a new
    medicine."""
    name = after.medication.written.text
    match status(after):
        case ListStatus.ENDED:
            return (f"End {name}",)
        case ListStatus.WITHHELD:
            until = f" until {after.withheld_until.words}" if after.withheld_until else ""
            first = f"Withhold {name}{until}: no issue of it"
        case ListStatus.ELSEWHERE:
            first = f"Record {name} as prescribed elsewhere: no issue of it"
        case _:
            first = f"Add {name}" if before is None else f"Change {before.medication.written.text}"
    old = dict(_particulars(before)) if before is not None else {}
    said = [f"{what}: {words}" for what, words in _particulars(after) if old.get(what) != words]
    gone = [f"{what}: take it out" for what in old if what not in dict(_particulars(after))]
    return (first, *said, *gone)


def compare(
    entry: EntryState,
    wanted: MedicationOrder,
    extract: MedicationOrder | None,
    *,
    entered_at: datetime | None,
    made_at: datetime,
) -> Compared:
    """What becomes of an entry when an extract, made at `made_at`, has this order for the line (None: the
    extract is of the whole list and has none).

    Raises `ValueError` for an entry that was settled already.
    """
    if entry in (EntryState.CONFIRMED, EntryState.OVERTAKEN):
        raise ValueError("an entry that is settled is not compared again")
    otherwise = tuple(differences(wanted, extract))
    if not otherwise:
        return Compared(EntryState.CONFIRMED)
    late = entered_at is not None and made_at > entered_at
    return Compared(EntryState.NEVER_ARRIVED if late else entry, otherwise)


def differences(wanted: MedicationOrder, extract: MedicationOrder | None) -> Iterator[str]:
    """What the other system has otherwise than it was wanted. What the extract says nothing of (an
    indication, a review date) is no difference: many extracts have no column for it."""
    if status(wanted) is ListStatus.ENDED:
        if extract is not None and status(extract) is not ListStatus.ENDED:
            yield "it is still on the list there"
        return
    if extract is None:
        yield "it is not on the list there"
        return
    if status(extract) is not status(wanted) and status(extract) is not ListStatus.ACTIVE:
        yield f"it is {status(extract).value} there"
    ours, theirs = wanted.request, extract.request
    if not _same_medicine(wanted, extract):
        yield f"the medicine there is {theirs.medication.text}"
    if not same_dosage(ours.dosage, theirs.dosage):
        yield f"the directions there are “{theirs.dosage.text if theirs.dosage else 'none'}”"
    if ours.quantity is not None and theirs.quantity != ours.quantity:
        yield f"the quantity there is {theirs.quantity or 'none'}"
    known = theirs.course_of_therapy is not CourseOfTherapy.UNKNOWN
    if known and theirs.course_of_therapy is not ours.course_of_therapy:
        yield f"it is {COURSE_WORDS[theirs.course_of_therapy]} there"
    one, other = ours.repeat or RepeatIssue(None, None), theirs.repeat or RepeatIssue(None, None)
    if other.issues_allowed is not None and one.issues_allowed != other.issues_allowed:
        yield f"{other.issues_allowed} issues are allowed there"
    if other.authorisation_expires and one.authorisation_expires != other.authorisation_expires:
        yield f"it is authorised until {other.authorisation_expires:%d-%b-%Y} there"


def same_use(one: MedicationOrder, other: MedicationOrder) -> bool:
    """Whether two orders are of the same medicine, taken the same way."""
    return _same_medicine(one, other) and same_dosage(one.request.dosage, other.request.dosage)


def same_dosage(one: Dosage | None, other: Dosage | None) -> bool:
    """Whether two instructions tell the patient the same: by meaning where both are understood, else by their
    words without case and spaces."""
    if one is None or other is None:
        return one is other
    first, second = read_dosage(one), read_dosage(other)
    if first.dosage is not None and second.dosage is not None:
        ours, theirs = first.dosage.steps, second.dosage.steps
        return len(ours) == len(theirs) and all(map(same_meaning, ours, theirs))
    return _folded(one) == _folded(other)


def directions(dosage: Dosage | None) -> str:
    """The instruction in words; “no directions” where there are none."""
    if dosage is None:
        return "no directions"
    try:
        return worded(dosage).text
    except Refused:
        return dosage.text or "no directions"


def _particulars(order: MedicationOrder) -> Iterator[tuple[str, str]]:
    request, repeat = order.request, order.request.repeat or RepeatIssue(None, None)
    yield "Medicine", request.medication.text
    yield "Directions", directions(request.dosage)
    if request.quantity:
        yield "Quantity", str(request.quantity)
    yield "Course", COURSE_WORDS[request.course_of_therapy]
    if repeat.issues_allowed is not None:
        yield "Issues allowed", str(repeat.issues_allowed)
    if repeat.authorisation_expires:
        yield "Authorised until", f"{repeat.authorisation_expires:%d-%b-%Y}"
    if repeat.review_by:
        yield "Review by", f"{repeat.review_by:%d-%b-%Y}"
    if request.reason:
        yield "For", request.reason.text


def _same_medicine(one: MedicationOrder, other: MedicationOrder) -> bool:
    ours, theirs = one.request.medication, other.request.medication
    if ours.code and theirs.code and ours.system == theirs.system:
        return ours.code == theirs.code
    return " ".join(ours.text.casefold().split()) == " ".join(theirs.text.casefold().split())


def _folded(dosage: Dosage) -> str:
    return "".join((dosage.text or directions(dosage)).casefold().split())
