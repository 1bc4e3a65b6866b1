"""What does the record hold about one patient on one day, in the order in which conditions ask for it?

Made once and asked many times: each list, kind of result and medicine is looked up in the record when it is
first needed. Nothing here is remembered from one patient to the next.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.criteria.lists import Described, MedicineList, described, has_medicine
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.medication import (
    AdministrationStatus,
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationStatement,
    OrderAction,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.provenance import Provenance
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.results import Results
from pestle.pharmacy.record.timeline import Has, medicines


@dataclass(frozen=True, slots=True)
class MedicineEvent:
    """One order, supply, statement of an issue, or dose given: of what, when, what it was (“Ordered”), and
    who said so; None of what is on the prescription itself.
    """

    medication: Medication
    when: PartialDate | None
    what: str
    said: Provenance | None

    @property
    def fact(self) -> Fact:
        """The fact that says so."""
        text = f"{self.what}: {self.medication.name}"
        return Fact(text) if self.said is None else dated(text, self.when, self.said)


class PatientDay:
    """A record as it is asked on a day. `proposed` are medicines that are about to be issued that day."""

    __slots__ = (
        "_described", "_issues", "_on_list", "_results", "_taking", "on", "proposed", "record", "substances",
    )  # fmt: skip

    def __init__(
        self,
        record: Record,
        *,
        on: date,
        substances: Substances,
        proposed: Iterable[Medication] = (),
    ) -> None:
        self.record = record
        self.on = on
        self.substances = substances
        self.proposed = tuple(proposed)
        self._results: Results | None = None
        self._described: dict[int, tuple[Medication, Described]] = {}
        self._issues: tuple[MedicineEvent, ...] | None = None
        self._taking: dict[int, tuple[Has, ...]] = {}
        self._on_list: dict[tuple[int, int], tuple[MedicineList, Medication, bool | None]] = {}

    def without_proposed(self) -> PatientDay:
        """The same day before anything is issued; what was looked up of the record is shared."""
        before = PatientDay(self.record, on=self.on, substances=self.substances)
        before._results = self.results
        before._issues = self.issues[len(self.proposed) :]
        before._described, before._on_list, before._taking = self._described, self._on_list, self._taking
        return before

    def earlier(self, on: date) -> PatientDay:
        """The same record as it is asked on an earlier day; nothing was proposed then."""
        before = PatientDay(self.record, on=on, substances=self.substances)
        before._results = self.results
        return before

    @property
    def results(self) -> Results:
        """The record's observations, ready to be asked."""
        if self._results is None:
            self._results = Results(self.record)
        return self._results

    @property
    def has_medication(self) -> bool:
        """Whether any medication of the patient is on record to be read."""
        record = self.record
        return any(part is not None for part in (record.orders, record.statements, record.supplies))

    @property
    def issues(self) -> tuple[MedicineEvent, ...]:
        """What is proposed, and then every issue on record."""
        if self._issues is None:
            proposed = (
                MedicineEvent(medication, whole(self.on), "On this prescription", None)
                for medication in self.proposed
            )
            self._issues = (*proposed, *issued(self.record))
        return self._issues

    def taking(self, unknown_lasts: int) -> tuple[Has, ...]:
        """What the patient has on the day; see `timeline.medicines`."""
        if unknown_lasts not in self._taking:
            found = medicines(self.record, on=self.on, unknown_lasts=unknown_lasts)
            self._taking[unknown_lasts] = found or ()
        return self._taking[unknown_lasts]

    def is_on(self, listed: MedicineList, medication: Medication) -> bool | None:
        """Whether a medicine is on a list; None when that cannot be told."""
        # By identity, because comparing them whole costs more than the answer; both are kept, so that an
        # identity means the same one as long as this value lives.
        key = (id(listed), id(medication))
        if key not in self._on_list:
            answer = has_medicine(listed, self.described(medication))
            self._on_list[key] = (listed, medication, answer)
        return self._on_list[key][2]

    def described(self, medication: Medication) -> Described:
        """What is known of a medicine."""
        key = id(medication)
        if key not in self._described:
            self._described[key] = (medication, described(medication, substances=self.substances))
        return self._described[key][1]


def dated(text: str, when: PartialDate | None, said: Provenance) -> Fact:
    """A fact with its day, or with as much of its date as is known in its words."""
    if when is None:
        return Fact(f"{text} (no date)", source=said.who)
    if when.day is None:
        return Fact(f"{text} ({when.words})", source=said.who)
    return Fact(text, on=when.first, source=said.who)


def happened(said: Provenance) -> PartialDate | None:
    """The day on which a fact was true, where somebody said."""
    return whole(said.happened_at.date()) if said.happened_at else None


def has_fact(has: Has) -> Fact:
    """The fact by which the patient has a medicine."""
    because = has.because
    if isinstance(because, MedicationOrder):
        return dated(f"Ordered: {has.medication.name}", because.starts, because.provenance)
    if isinstance(because, MedicationStatement):
        return dated(f"Taken: {has.medication.name}", because.starts, because.provenance)
    return dated(f"Supplied: {has.medication.name}", whole(because.on), because.provenance)


def issued(record: Record) -> Iterable[MedicineEvent]:
    """Every order, supply, statement of an issue and dose given that is on record."""
    for order in record.orders or ():
        if order.action is OrderAction.DISCONTINUE or order.request.status is LineStatus.CANCELLED:
            continue
        when = order.starts or happened(order.provenance)
        yield MedicineEvent(order.medication, when, "Ordered", order.provenance)
    for statement in record.statements or ():
        if statement.status in (
            StatementStatus.ENTERED_IN_ERROR, StatementStatus.NOT_TAKEN, StatementStatus.INTENDED,
        ):  # fmt: skip
            continue
        when = statement.last_issued or statement.starts
        yield MedicineEvent(statement.medication, when, "Taken", statement.provenance)
    for supply in record.supplies or ():
        yield MedicineEvent(supply.medication, whole(supply.on), "Supplied", supply.provenance)
    for given in record.administrations or ():
        if given.status in (AdministrationStatus.COMPLETED, AdministrationStatus.IN_PROGRESS):
            yield MedicineEvent(given.medication, whole(given.at.date()), "Given", given.provenance)
