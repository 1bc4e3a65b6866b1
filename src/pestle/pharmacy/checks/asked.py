"""What does every check ask of one prescription, beside one record, on one day?

The same things: which medicines there are, who the patient is, what the instructions mean. They are made
ready when first asked for, and once for all checks of that prescription.
"""

from __future__ import annotations

from datetime import date

from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.holding import Holding, Said, holding
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.measured import Measured
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.packing import CannotTell
from pestle.pharmacy.dosage.phases import Phase, phases_read
from pestle.pharmacy.dosage.reading import Reading
from pestle.pharmacy.record.record import Record


class Asked:
    """One prescription beside one record on one day; ask `asked` for it."""

    __slots__ = ("_at_hand", "_before", "_day", "_lines", "_person", "_phases", "_proposed", "_read",
                 "knowledge", "on", "record")  # fmt: skip

    def __init__(self, proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> None:
        # The lines alone: the prescription keeps this value, which must not keep the prescription.
        self._proposed = proposed.lines
        self.record = record
        self.knowledge = knowledge
        self.on = on
        self._lines: tuple[Holding, ...] | None = None
        self._at_hand: tuple[Holding, ...] | None = None
        self._day: PatientDay | None = None
        self._before: PatientDay | None = None
        self._person: Measured | None = None
        # By identity, and with the instruction, so that an identity means the same one.
        self._read: dict[int, tuple[Dosage, Reading]] = {}
        self._phases: dict[int, list[Phase] | CannotTell] = {}

    @property
    def lines(self) -> tuple[Holding, ...]:
        """The lines."""
        if self._lines is None:
            self._lines = tuple(self._holding(line) for line in self._proposed)
        return self._lines

    @property
    def at_hand(self) -> tuple[Holding, ...] | None:
        """What the patient has; None when no medication of theirs is on record to be read."""
        if self._at_hand is None and self.day.has_medication:
            days = self.knowledge.duplicate.same_ingredient.days_when_unknown
            self._at_hand = tuple(self._holding(has.because, sure=has.sure) for has in self.day.taking(days))
        return self._at_hand

    @property
    def day(self) -> PatientDay:
        """The record as conditions ask it, the lines among what is issued."""
        if self._day is None:
            medications = [line.medication for line in self._proposed]
            self._day = PatientDay(
                self.record, on=self.on, substances=self.knowledge.substances, proposed=medications
            )
        return self._day

    @property
    def before(self) -> PatientDay:
        """The same before the lines are issued."""
        if self._before is None:
            self._before = self.day.without_proposed()
        return self._before

    @property
    def person(self) -> Measured:
        """The patient's age, weight and results."""
        if self._person is None:
            self._person = Measured(self.day, self.knowledge)
        return self._person

    def reading(self, dosage: Dosage) -> Reading:
        """What was read from an instruction, or why it is not understood."""
        found = self._read.get(id(dosage))
        if found is None:
            found = self._read[id(dosage)] = dosage, read_dosage(dosage)
        return found[1]

    def understood(self, dosage: Dosage) -> Dosage | None:
        """What an instruction means; None where it is not understood."""
        return self.reading(dosage).dosage

    def phases(self, dosage: Dosage) -> list[Phase] | CannotTell:
        """How much a day an instruction comes to, step after step."""
        found = self._phases.get(id(dosage))
        if found is None:
            found = self._phases[id(dosage)] = phases_read(self.reading(dosage))
        return found

    def _holding(self, said: Said, *, sure: bool = True) -> Holding:
        return holding(said, self.day.described(said.medication), self.knowledge.local_routes, sure=sure)


def asked(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Asked:
    """What was made ready for this prescription, if it was for this record, knowledge and day."""
    made = proposed.made
    found = made[0] if made else None
    if (
        isinstance(found, Asked)
        and found.record is record
        and found.knowledge is knowledge
        and found.on == on
    ):
        return found
    made[:] = [Asked(proposed, record, knowledge=knowledge, on=on)]
    fresh = made[0]
    assert isinstance(fresh, Asked)
    return fresh
