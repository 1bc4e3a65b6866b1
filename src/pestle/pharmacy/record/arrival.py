"""What of a record that arrived is new, what do we hold already, and what has changed?

The id that the sender gave is the only thread between two versions of a fact: no two facts are taken for one
because they look alike. What a person here retracted does not rise again because it is sent once more; when
the sender has changed it since, it follows, and the preview says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pestle.pharmacy.record.kinds import FactKind, RecordFact, about, content, kind
from pestle.pharmacy.record.patient import Patient, same_person
from pestle.pharmacy.refusal import refuse


class Verdict(Enum):
    """What becomes of a fact that arrived; the value is the sentence that a preview says."""

    NEW = "New"
    SAME = "We hold this already"
    FOLLOWS = "Changed since: follows what we hold"
    RETRACTED = "Was retracted here, and has not changed: not taken in again"
    OLDER = "Older than what we hold: not taken in"
    CLASHES = "We hold something else under this id: not taken in"


TAKEN = frozenset((Verdict.NEW, Verdict.FOLLOWS))


@dataclass(frozen=True, slots=True)
class Sent:
    """A fact that arrived: where it stood in the message, and when its sender last changed it, if told."""

    fact: RecordFact
    place: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """All that we hold under one id: the newest row (`row`), and whether it retracts; the newest version that
    a sender told (None: only people here spoke of it), and when the sender changed that last. What an order
    was changed to here is the newest, under an id of its own."""

    id: str
    row: int
    latest: RecordFact
    told: RecordFact | None
    told_updated_at: datetime | None = None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fact that arrived, and what becomes of it beside what is held."""

    sent: Sent
    verdict: Verdict
    held: Held | None = None

    @property
    def taken(self) -> bool:
        """Whether it enters the record."""
        return self.verdict in TAKEN


def for_this_patient(held: Patient, sent: Patient) -> None:
    """Checks that a record which arrived is about the patient whose page is open.

    Raises `Refused`: ``patient.nhs-number-missing``, and those of `same_person`.
    """
    if held.nhs_number is not None and sent.nhs_number is None:
        raise refuse(
            "patient.nhs-number-missing",
            "The file does not say the NHS number",
            place="NHS number",
            way_out="Ask the sender for a file that does: nobody is matched by name.",
        )
    same_person(held, sent)


def compare(held: Iterable[Held], sent: Iterable[Sent]) -> tuple[Arrival, ...]:
    """What becomes of each fact that was sent, in its order."""
    known = {(kind(one.latest), one.id): one for one in held}
    earlier: dict[tuple[FactKind, str], Sent] = {}
    taken: set[tuple[FactKind, int]] = set()
    arrivals = []
    for one in sent:
        key = _key(one.fact)
        twin = earlier.setdefault(key, one)
        if twin is not one:
            same = content(twin.fact) == content(one.fact)
            arrivals.append(Arrival(one, Verdict.SAME if same else Verdict.CLASHES))
            continue
        at_hand = known.get(key)
        verdict = _verdict(at_hand, one)
        if verdict is Verdict.FOLLOWS and at_hand is not None:
            # Two ids of one chain cannot both be followed.
            row = (key[0], at_hand.row)
            verdict = Verdict.CLASHES if row in taken else verdict
            taken.add(row)
        arrivals.append(Arrival(one, verdict, at_hand))
    return tuple(arrivals)


def _verdict(held: Held | None, sent: Sent) -> Verdict:
    if held is None:
        return Verdict.NEW
    if not any(_about_the_same(one, sent.fact) for one in (held.latest, held.told) if one is not None):
        return Verdict.CLASHES
    if held.told is not None and content(held.told) == content(sent.fact):
        return Verdict.RETRACTED if held.retracted else Verdict.SAME
    older = held.told_updated_at and sent.updated_at and sent.updated_at < held.told_updated_at
    return Verdict.OLDER if older else Verdict.FOLLOWS


def _about_the_same(one: RecordFact, other: RecordFact) -> bool:
    """By code where both have one of the same system, else by words."""
    this, that = about(one), about(other)
    if this.code and that.code and this.system == that.system:
        return this.code == that.code
    return this.text.casefold() == that.text.casefold()


def _key(fact: RecordFact) -> tuple[FactKind, str]:
    return kind(fact), fact.id
