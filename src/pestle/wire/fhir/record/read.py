"""What does this Bundle say of a patient, and what of it was not understood?

A Bundle of type collection, document, searchset or transaction, as plain data. Each resource becomes a fact
or is refused by name; of one that became a fact, each part that the fact cannot hold is named too. The tree
of each resource is kept beside its fact.

Source: FHIR R4 (hl7.org/fhir/R4, 2019), with the profiles of UK Core and US Core; GP Connect structured,
which has the shape of STU3, as far as it is alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pestle.pharmacy.record.allergy import Allergy, AllergyRecord, AllergyStatus
from pestle.pharmacy.record.arrival import Sent
from pestle.pharmacy.record.kinds import AnyFact, FactKind, RecordFact, kind
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.datatypes import read_instant
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.people import read_patient
from pestle.wire.fhir.record.account import unread
from pestle.wire.fhir.record.conditions import read_allergy, read_condition, says_none_known
from pestle.wire.fhir.record.encounters import read_encounter
from pestle.wire.fhir.record.lists import NIL_KNOWN, UNAVAILABLE, read_list
from pestle.wire.fhir.record.medicines import (
    read_administration,
    read_order,
    read_statement,
    read_supply,
)
from pestle.wire.fhir.record.observations import read_observation
from pestle.wire.fhir.record.reading import Reading
from pestle.wire.fhir.tree import Tree, parse

TYPES = ("collection", "document", "searchset", "transaction")
READERS: dict[str, Callable[[Element, Reading], RecordFact]] = {
    "AllergyIntolerance": read_allergy,
    "Condition": read_condition,
    "Observation": read_observation,
    "MedicationRequest": read_order,
    "MedicationStatement": read_statement,
    "MedicationDispense": read_supply,
    "MedicationAdministration": read_administration,
    "Encounter": read_encounter,
}
# What stands behind the facts, and is read with them.
_BEHIND = frozenset(
    ("Patient", "Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Location", "Medication")
)


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """What a Bundle says. `sent` has every fact with its place; `trees` the resource at each place; `notes`
    what was not understood, each with place and reason."""

    record: Record
    sent: tuple[Sent, ...]
    notes: tuple[Refusal, ...]
    trees: Mapping[str, Tree]
    bundle_type: str


def read_bytes(data: bytes, *, sender: str, received_at: datetime) -> ReceivedRecord:
    """See `read_record`. Raises `Refused`, and nothing else, on any bytes."""
    return read_record(parse(data), sender=sender, received_at=received_at)


def read_record(tree: Tree, *, sender: str, received_at: datetime) -> ReceivedRecord:
    """The record that this Bundle is.

    `sender` is who is taken to have said a fact that names nobody; `received_at` when it is taken to have
    been written if the fact does not say. Raises `Refused` for the Bundle as a whole:
    ``record.not-a-bundle``, ``record.bundle-type``, ``record.no-patient``, ``record.several-patients``,
    ``fhir.full-url``, and those of its Patient.
    """
    bundle, notes = _open(root(tree))
    patients = bundle.all("Patient")
    if not patients:
        raise refuse("record.no-patient", "The file does not say whose record it is", place="Bundle.entry")
    if len(patients) > 1:
        reason = "The file holds several patients; a record is taken in for one at a time"
        raise refuse("record.several-patients", reason, place=patients[1].place)
    patient = read_patient(patients[0])
    reading = Reading(bundle, patients[0], sender, received_at, notes)
    found = _read_all(bundle, reading)
    _told_by_provenance(found, bundle, reading)
    return ReceivedRecord(
        record=_record(patient, found),
        sent=tuple(found.sent.values()),
        notes=tuple(dict.fromkeys(reading.notes)),
        trees={place: Tree(found.resources[place].node) for place in found.sent},
        bundle_type=bundle.root.need_text("type"),
    )


@dataclass(slots=True)
class _Found:
    """What was found: facts by their place, who said that no allergy is known, parts that were named."""

    sent: dict[str, Sent] = field(default_factory=dict)
    none_known: dict[str, Provenance] = field(default_factory=dict)
    named: dict[FactKind, str] = field(default_factory=dict)
    resources: dict[str, Element] = field(default_factory=dict)


def _open(tree_root: Element) -> tuple[Bundle, list[Refusal]]:
    if tree_root.text("resourceType") != "Bundle":
        reason = f"This is one {tree_root.text('resourceType')}; a record comes as a Bundle"
        raise refuse("record.not-a-bundle", reason, place=tree_root.place)
    if tree_root.text("type") not in TYPES:
        reason = f"A Bundle of type {tree_root.text('type')} is not a record; these are: {', '.join(TYPES)}"
        raise refuse("record.bundle-type", reason, place=tree_root.at("type"))
    notes: list[Refusal] = []
    resources: list[Element] = []
    by_url: dict[str, Element] = {}
    by_id: dict[str, list[Element]] = {}
    for entry in tree_root.each("entry"):
        if not entry.has("resource"):
            notes.append(Refusal("record.no-resource", "This entry holds no resource", entry.place))
            continue
        held = entry.need("resource")
        resource = Element(held.node, held.place, set())
        kind_ = resource.need_text("resourceType")
        resources.append(resource)
        url, id_ = entry.text("fullUrl"), resource.text("id")
        if url in by_url:
            raise refuse("fhir.full-url", f"Two entries are called {url}", place=entry.place)
        if url is not None:
            by_url[url] = resource
        if id_ is not None:
            by_id.setdefault(f"{kind_}/{id_}", []).append(resource)
    # An id that two resources share names neither of them.
    by_url = {name: held[0] for name, held in by_id.items() if len(held) == 1} | by_url
    for link in tree_root.where("link", "relation", "next"):
        reason = "There are more pages of this search, which the file does not hold"
        notes.append(Refusal("record.more-pages", reason, link.place))
    return Bundle(tree_root, tuple(resources), by_url), notes


def _read_all(bundle: Bundle, reading: Reading) -> _Found:
    found = _Found()
    for resource in bundle.resources:
        found.resources[resource.place] = resource
        try:
            _read_one(resource, found, reading)
        except Refused as refused:
            reading.notes.extend(refused.refusals)
    return found


def _read_one(resource: Element, found: _Found, reading: Reading) -> None:
    type_ = resource.need_text("resourceType")
    if type_ in _BEHIND or type_ == "Provenance":
        return
    if type_ in ("List", "Composition"):
        parts = (resource,) if type_ == "List" else resource.each("section")
        for part in parts:
            found.named.update(_named(part, found, reading))
        return
    if type_ not in READERS:
        raise refuse(
            "record.type", f"{type_} is a kind of resource that is not read here", place=resource.place
        )
    _must_be_plain(resource)
    allergy = type_ == "AllergyIntolerance"
    reading.about_the_patient(resource, "patient" if allergy else "subject")
    if allergy and says_none_known(resource):
        found.none_known[resource.place] = reading.provenance(
            resource, "asserter", "recorder", recorded="recordedDate"
        )
        return
    before = len(reading.notes)
    fact = reading.identified(READERS[type_](resource, reading), resource)
    meta = resource.get("meta")
    updated = reading.optional(lambda: read_instant(meta, "lastUpdated"), None) if meta else None
    found.sent[resource.place] = Sent(fact, resource.place, updated)
    # What could not be read is told once, not again part by part.
    told = {note.place.rpartition(".")[0] for note in reading.notes[before:] if note.place}
    told.discard(resource.place)
    reading.notes.extend(
        note for note in unread(resource) if not any(str(note.place).startswith(f"{part}.") for part in told)
    )


def _named(part: Element, found: _Found, reading: Reading) -> dict[FactKind, str]:
    named = read_list(part, reading)
    if named.get(FactKind.ALLERGY) == NIL_KNOWN:
        found.none_known[part.place] = reading.provenance(part, "source", "author", recorded="date")
    return named


def _must_be_plain(resource: Element) -> None:
    """Raises `Refused` (``fhir.modifier``): what may turn the meaning round is not passed over."""
    for place, key in _keys(resource.node, resource.place):
        if key == "modifierExtension" or (key == "implicitRules" and place == resource.place):
            reason = "This changes what the resource means, and is not understood here"
            raise refuse("fhir.modifier", reason, place=f"{place}.{key}")


def _keys(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield place, key
            if key != "contained":
                yield from _keys(value, f"{place}.{key}")
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _keys(value, f"{place}[{index}]")


def _told_by_provenance(found: _Found, bundle: Bundle, reading: Reading) -> None:
    """Who told a fact and when, where a Provenance says it of the fact."""
    for resource in bundle.all("Provenance"):
        try:
            targets = [bundle.resolve(target) for target in resource.each("target")]
            told, ours = _provenance(resource, reading)
        except Refused as refused:
            reading.notes.extend(refused.refusals)
            continue
        for target in targets:
            if target is not None and target.place in found.sent:
                sent = found.sent[target.place]
                found.sent[target.place] = replace(sent, fact=_told(sent.fact, told, ours=ours))
            elif target is not None and target.place in found.none_known:
                found.none_known[target.place] = told


def _told(fact: AnyFact, told: Provenance, *, ours: bool) -> AnyFact:
    """With the Provenance, which says all of it where we wrote it; else the fact keeps its own moment."""
    if not ours:
        told = replace(told, happened_at=told.happened_at or fact.provenance.happened_at)
    return replace(fact, provenance=told)


def _provenance(resource: Element, reading: Reading) -> tuple[Provenance, bool]:
    """Who told it and when, and whether it was written by `write.write_record`."""
    recorded_at = read_instant(resource, "recorded")
    if recorded_at is None:
        raise missing(resource.at("recorded"))
    agents, entities = resource.each("agent"), resource.each("entity")
    activity = resource.get("activity")
    said = activity.text("text") if activity else None
    source = entities[0].get("what") if entities else None
    kind_ = next((one for one in SourceKind if one.value == said), None)
    told = Provenance(
        kind=kind_ or SourceKind.IMPORT,
        who=(reading.who(agents[0], "who") if agents else "") or reading.sender,
        recorded_at=recorded_at,
        happened_at=read_instant(resource, "occurredDateTime"),
        reference=source.text("display") if source else None,
    )
    return told, kind_ is not None


def _record(patient: Patient, found: _Found) -> Record:
    facts: dict[FactKind, list[RecordFact]] = {}
    for sent in found.sent.values():
        facts.setdefault(kind(sent.fact), []).append(sent.fact)

    def part(kind_: FactKind) -> Any:
        """Its facts; none where it was named and is empty; None where nobody spoke of it."""
        return tuple(facts.get(kind_, ())) if kind_ in facts or kind_ in found.named else None

    return Record(
        patient=patient,
        allergies=_allergies(found, facts.get(FactKind.ALLERGY, [])),
        conditions=part(FactKind.CONDITION),
        observations=part(FactKind.OBSERVATION),
        orders=part(FactKind.ORDER),
        statements=part(FactKind.STATEMENT),
        supplies=part(FactKind.SUPPLY),
        administrations=part(FactKind.ADMINISTRATION),
        encounters=part(FactKind.ENCOUNTER),
    )


def _allergies(found: _Found, facts: Sequence[RecordFact]) -> AllergyRecord:
    known = tuple(fact for fact in facts if isinstance(fact, Allergy) and not fact.refuted)
    if known:
        return AllergyRecord(AllergyStatus.KNOWN, known)
    if found.none_known:
        return AllergyRecord(AllergyStatus.NONE_KNOWN, stated=next(iter(found.none_known.values())))
    if found.named.get(FactKind.ALLERGY) in (UNAVAILABLE, "withheld"):
        return AllergyRecord(AllergyStatus.UNAVAILABLE)
    return AllergyRecord(AllergyStatus.NOT_RECORDED)
