"""What does every resource of a record need to be read: about whom, who said it, when, under which id?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.frozen_json import dumps
from pestle.pharmacy.record.kinds import AnyFact, content, identified
from pestle.pharmacy.record.medication import Medication
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.datatypes import check_date_time, read_concept, read_concepts, read_instant, read_moment
from pestle.wire.fhir.dosage import read_dosage
from pestle.wire.fhir.element import Element, missing
from pestle.wire.fhir.people import person_name
from pestle.wire.fhir.systems import ITEM_NUMBER

Value = TypeVar("Value")
Other = TypeVar("Other")


@dataclass(slots=True)
class Reading:
    """One Bundle while it is read. `notes` gathers what could not be; `sender` is who is said to have told a
    fact that names nobody, `received_at` when it is said to have been written if the fact does not say."""

    bundle: Bundle
    patient: Element
    sender: str
    received_at: datetime
    notes: list[Refusal] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def optional(self, read: Callable[[], Value], otherwise: Other) -> Value | Other:
        """A part that a fact can do without: where it cannot be read, that is noted."""
        try:
            return read()
        except Refused as refused:
            self.notes.extend(refused.refusals)
            return otherwise

    def about_the_patient(self, resource: Element, key: str = "subject") -> None:
        """Raises `Refused`: ``fhir.missing``, ``record.another-patient``."""
        subject = resource.get(key)
        if subject is None:
            raise missing(resource.at(key))
        target = subject.text("reference")
        numbers = {one.text("value") for one in self.patient.each("identifier")}
        named = subject.get("identifier")
        if target is None and named is not None and named.text("value") in numbers:
            return
        found = self.bundle.by_url.get(target or "")
        if found is None or found.place != self.patient.place:
            raise refuse(
                "record.another-patient",
                f"This is about {target or 'somebody'}, who is not the patient of the file",
                place=subject.place,
            )

    def who(self, resource: Element, *keys: str) -> str:
        """Who said it: the first that is named, else the sender."""
        for key in keys:
            for reference in _references(resource, key):
                name = self._name(reference, resource)
                if name:
                    return name
        return self.sender

    def _name(self, reference: Element, within: Element) -> str:
        try:
            found = self.bundle.resolve(reference, within=within)
        except Refused:
            found = None
        if found is None:
            return reference.text("display") or ""
        match found.text("resourceType"):
            case "Practitioner" | "Patient" | "RelatedPerson":
                return person_name(found, reference)
            case "PractitionerRole":
                person, place = found.get("practitioner"), found.get("organization")
                names = [self._name(one, found) for one in (person, place) if one is not None]
                return ", ".join(name for name in names if name)
        return found.text("name") or reference.text("display") or ""

    def provenance(
        self, resource: Element, *who: str, recorded: str = "", happened_at: datetime | None = None
    ) -> Provenance:
        """Who said it and when, as far as the resource itself tells."""
        at = None
        text = resource.text(recorded) if recorded else None
        if text is not None and "T" in check_date_time(text, place=resource.at(recorded)):
            at = read_instant(resource, recorded)
        return Provenance(
            SourceKind.IMPORT, self.who(resource, *who), at or self.received_at, happened_at=happened_at
        )

    def identified(self, fact: AnyFact, resource: Element) -> AnyFact:
        """The fact under the id that its sender gave it: an identifier, else the resource's id.

        One that has neither is known by what it says; several that say the same are counted.
        """
        told = own_id(resource)
        if told is None:
            said = dumps(content(fact))
            told = f"said:{hashlib.sha256(said.encode()).hexdigest()[:24]}"
            self.ids[told] = self.ids.get(told, 0) + 1
            if self.ids[told] > 1:
                told = f"{told}:{self.ids[told]}"
        return identified(fact, told)

    def reference_id(self, reference: Element | None, *, within: Element) -> str | None:
        """The id of the fact that a reference points at; of one outside the message, the last part of it."""
        if reference is None:
            return None
        target = reference.text("reference")
        named = reference.get("identifier")
        found = self.bundle.by_url.get(target) if target else None
        if found is not None:
            return own_id(found) or target
        if named is not None and named.has("value"):
            return _identifier_id(named)
        return target.rsplit("/", 1)[-1] if target else None

    def medication(self, resource: Element) -> Medication:
        """The medicine, coded here or in a Medication that is contained or in the message."""
        which = resource.one_of("medicationCodeableConcept", "medicationReference")
        if which is None:
            raise missing(resource.at("medicationCodeableConcept"))
        held = resource.need(which)
        if which == "medicationCodeableConcept":
            return Medication(read_concept(held))
        found = self.bundle.resolve(held, within=resource)
        if found is None:
            shown = held.text("display")
            if shown is None:
                raise missing(held.at("reference"))
            return Medication(Coded(shown))
        return Medication(read_concept(found.need("code")))

    def dosage(self, resource: Element, key: str) -> Dosage | None:
        """The instruction; of one that cannot be read whole, its words alone, and that is noted."""
        steps = resource.each(key)
        try:
            return read_dosage(steps)
        except Refused as refused:
            self.notes.extend(refused.refusals)
        said = tuple(DosageStep(text=text) for step in steps if (text := _words(step)))
        return Dosage(said) if len(said) == len(steps) else None

    def concept(self, resource: Element, key: str) -> Coded | None:
        """The first concept of a field that may hold one or several."""
        found = _references(resource, key)
        return self.optional(lambda: read_concept(found[0]), None) if found else None

    def start(self, resource: Element, stem: str) -> tuple[PartialDate | None, datetime | None]:
        """When it began, of a field that is a dateTime or a Period."""
        which = resource.one_of(f"{stem}DateTime", f"{stem}Period")
        if which is None:
            return None, None
        if which.endswith("DateTime"):
            return read_moment(resource, which)
        return read_moment(resource.need(which), "start")

    def end(self, resource: Element, stem: str) -> PartialDate | None:
        """When it ended, of a Period."""
        period = resource.get(f"{stem}Period")
        return read_moment(period, "end")[0] if period else None


def concepts(resource: Element, key: str) -> tuple[Coded, tuple[Coded, ...]]:
    """What it is, and its other codes. Raises `Refused` (``fhir.missing``)."""
    first, *others = read_concepts(resource.need(key))
    return first, tuple(others)


def notes(resource: Element) -> str:
    """The remarks, one below the other."""
    return "\n".join(note.need_text("text") for note in resource.each("note"))


def own_id(resource: Element) -> str | None:
    """The id that the sender gave: the number of a prescription's line, else the first identifier, else the
    resource's own id."""
    lines = resource.where("identifier", "system", ITEM_NUMBER)
    for one in lines or resource.each("identifier"):
        if one.has("value"):
            return _identifier_id(one)
    return resource.text("id")


def _identifier_id(one: Element) -> str:
    system, value = one.text("system"), one.need_text("value")
    return value if system in (None, ITEM_NUMBER) else f"{system}|{value}"


def _words(step: Element) -> str | None:
    text = step.peek("text")
    return text if isinstance(text, str) else None


def _references(resource: Element, key: str) -> tuple[Element, ...]:
    if isinstance(resource.peek(key), list | tuple):
        return resource.each(key)
    one = resource.get(key)
    return (one,) if one is not None else ()
