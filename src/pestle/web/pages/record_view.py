"""What does the page of a record show: results by kind, conditions, medicines from elsewhere, contacts?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.allergy import AllergyRecord
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.encounter import Encounter
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.kinds import FactKind, happened
from pestle.pharmacy.record.medication import (
    MedicationAdministration,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Component, Observation
from pestle.pharmacy.record.provenance import SourceKind
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import Found, NoResult, Result, said
from pestle.pharmacy.record.results import Results
from pestle.web.actions.facts import may_take_back
from pestle.web.pages import words
from pestle.web.pages.bench import Bench
from pestle.web.store import models, patients
from pestle.web.store import record as records
from pestle.web.store.knowledge import knowledge


class Shown:
    """One patient's rows as the page shows them: each fact with its row, so that it can say why, and be taken
    back."""

    def __init__(self, bench: Bench, row: models.Patient, allergies: AllergyRecord) -> None:
        self.bench, self.row = bench, row
        self.imports = {one.pk: one for one in row.record_imports.select_related("by").defer("body")}
        self.facts: dict[FactKind, list[tuple[models.Fact, Any]]] = {
            kind: [(one, records.value(one)) for one in _heads(rows)]
            for kind, rows in records.rows(row).items()
        }
        self.rows = {id(fact): one for held in self.facts.values() for one, fact in held}
        observations = tuple(fact for _, fact in self.facts[FactKind.OBSERVATION])
        self.results = Results(Record(patients.value(row), allergies, observations=observations))

    @property
    def empty(self) -> bool:
        """Whether nobody has told anything yet."""
        return not self.imports and not any(self.facts.values())

    def latest(self) -> list[dict[str, Any]]:
        """The latest result of each kind that has any, by name, and observations of no known kind."""
        shown: list[dict[str, Any]] = []
        known: set[int] = set()
        for name, observable in knowledge().terms.observables.items():
            if observable.panel:
                continue
            found = self.results.find(observable, on=self.bench.today) or ()
            known.update(id(one.observation) for one in found)
            if found:
                latest = self.results.latest(observable, on=self.bench.today)
                href = reverse("patient-results", kwargs={"patient_id": self.row.pk, "kind": name})
                shown.append(self.result(latest) | {"href": href, "number": len(found)})
        others = [
            self.entry(one, observation_words(fact), fact.taken)
            for one, fact in self.facts[FactKind.OBSERVATION]
            if id(fact) not in known
        ]
        return sorted(shown, key=lambda one: str(one["title"])) + [
            other | {"title": other["what"], "says": other["detail"], "usable": True} for other in others
        ]

    def result(self, found: Found) -> dict[str, Any]:
        """One result, or why it is none."""
        row = self.rows.get(id(found.observation))
        return {
            "what": found.observable.title,
            "title": found.observable.title[:1].upper() + found.observable.title[1:],
            "says": value_words(found),
            "usable": isinstance(found, Result),
            "on": found.taken.words if found.taken else words.NOT_RECORDED,
            **self._source(row),
        }

    def conditions(self) -> list[dict[str, Any]]:
        """Conditions, those that are active first."""
        shown = [
            self.entry(one, (fact.what.text, condition_words(fact, self.bench)), fact.onset)
            | {"active": fact.active(on=self.bench.today)}
            for one, fact in self.facts[FactKind.CONDITION]
        ]
        return sorted(shown, key=lambda one: (one["active"] is False, str(one["what"])))

    def medicines(self) -> list[dict[str, Any]]:
        """What others ordered and supplied, and what somebody says is taken."""
        kinds = (FactKind.STATEMENT, FactKind.ORDER, FactKind.SUPPLY, FactKind.ADMINISTRATION)
        return [
            self.entry(one, (fact.medication.name, medicine_words(fact)), happened(fact))
            for kind in kinds
            for one, fact in reversed(self.facts[kind])
        ]

    def encounters(self) -> list[dict[str, Any]]:
        """Contacts and stays, the newest first."""
        return [
            self.entry(one, encounter_words(fact), fact.begins)
            for one, fact in reversed(self.facts[FactKind.ENCOUNTER])
        ]

    def entry(self, row: models.Fact, says: tuple[str, str], day: PartialDate | None) -> dict[str, Any]:
        """A fact in words, with why it is here and whether this person may take it back."""
        return {
            "what": says[0],
            "detail": says[1],
            "on": day.words if day else words.NOT_RECORDED,
            **self._source(row),
        }

    def _source(self, row: models.Fact | None) -> dict[str, Any]:
        if row is None:
            return {"why": (), "row": 0, "kind": "", "may_take_back": False}
        local = row.recorded_at.astimezone(self.bench.zone).date()
        told = Fact(f"Told by {row.who}", local, self._way(row))
        corrected = (Fact(f"Corrects what stood here before: {row.reason}", local, row.who),)
        return {
            "why": (told, *(corrected if row.follows_id and row.reason else ())),  # type: ignore[attr-defined]
            "row": row.pk,
            "kind": records.KINDS[type(row)].name,
            "may_take_back": may_take_back(row, by=self.bench.person),
        }

    def _way(self, row: models.Fact) -> str:
        document = self.imports.get(row.document_id or 0)
        if document is not None:
            return f"file “{document.name}”, taken in by {document.by.full_name}"
        return "written here by hand" if row.source_kind == SourceKind.PERSON.value else "a message"


def value_words(found: Found) -> str:
    """The value without its kind; what cannot be used says why."""
    if isinstance(found, NoResult):
        return f"{found.words}"
    return said(found).removeprefix(found.observable.title).lstrip(": ")


def observation_words(one: Observation) -> tuple[str, str]:
    """What was measured, and what came out, as it was sent."""
    parts = [(part.what.text, _written(part)) for part in one.components]
    own = _written(one)
    says = "; ".join([*([own] if own else []), *(f"{what} {value}" for what, value in parts)])
    return one.what.text, says or (one.missing.text if one.missing else "no value")


def _written(part: Observation | Component) -> str:
    value = part.value
    if isinstance(value, Quantity):
        unit = "" if value.unit.text == "1" else f" {value.unit.text}"
        sign = f"{part.comparator.value} " if part.comparator else ""
        return f"{sign}{value.value:f}{unit}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else value.text if value else ""


def condition_words(one: Condition, bench: Bench) -> str:
    """Whether it is active today."""
    state = {True: "active", False: "not active", None: "whether it is active is not known"}[
        one.active(on=bench.today)
    ]
    parts = [state, one.verification.value if one.verification.name not in ("UNKNOWN", "CONFIRMED") else ""]
    return ", ".join(part for part in (*parts, one.note) if part)


def medicine_words(
    fact: MedicationOrder | MedicationStatement | MedicationSupply | MedicationAdministration,
) -> str:
    """What the fact says of the medicine."""
    match fact:
        case MedicationOrder():
            dosage = fact.request.dosage
            parts = [f"ordered, {fact.request.status.value}", dosage.text if dosage else ""]
            parts.append(str(fact.request.quantity) if fact.request.quantity else "")
        case MedicationStatement():
            parts = [
                f"said to be taken, {fact.status.value}",
                fact.dosage.text if fact.dosage else "",
                f"last issued {fact.last_issued.words}" if fact.last_issued else "",
            ]
        case MedicationSupply():
            parts = ["supplied elsewhere", str(fact.quantity) if fact.quantity else ""]
        case MedicationAdministration():
            parts = [f"dose {fact.status.value}", str(fact.dose) if fact.dose else ""]
    return ", ".join(part for part in parts if part)


def encounter_words(one: Encounter) -> tuple[str, str]:
    """Which contact, and until when."""
    state = {True: "finished", False: "goes on", None: "whether it is finished is not known"}[one.finished]
    name = one.what.text if one.what else one.kind.name.lower().capitalize()
    return name, f"{state}, until {one.ends.words}" if one.ends else state


def _heads(rows: Iterable[models.Fact]) -> list[models.Fact]:
    rows = list(rows)
    followed = {one.follows_id for one in rows}  # type: ignore[attr-defined]
    return [one for one in rows if one.pk not in followed and not one.retracted]
