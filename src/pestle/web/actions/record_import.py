"""A patient's record arrives in a file: looked at first, then taken in, as one action and one audit event."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pestle.pharmacy.ledger.chain import canonical
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.allergy import AllergyStatus
from pestle.pharmacy.record.arrival import Arrival, Verdict, compare, for_this_patient
from pestle.pharmacy.record.kinds import FactKind, about, kind
from pestle.pharmacy.record.provenance import SourceKind
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.record import MAY_RECORD, locked_patient
from pestle.web.store import models, monitoring, patients
from pestle.web.store import record as records
from pestle.wire.fhir.record.read import ReceivedRecord, read_bytes

# What an index of codes can hold; no code of a terminology is near it.
_LONGEST_CODE = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do: what becomes of each fact, what was not understood, and whether it says that no
    allergy is known where nobody has said so here. `before` is the import of the same file."""

    received: ReceivedRecord
    arrivals: tuple[Arrival, ...]
    notes: tuple[Refusal, ...]
    none_known: bool
    digest: str
    before: models.RecordImport | None = None

    @property
    def counts(self) -> Counter[Verdict]:
        """How many facts have which verdict."""
        return Counter(arrival.verdict for arrival in self.arrivals)

    @property
    def seen(self) -> str:
        """What this preview showed, in one word: another record or another file has another one."""
        shown = [(one.sent.place, one.verdict.name, one.held.row if one.held else 0) for one in self.arrivals]
        told = canonical({"file": self.digest, "shown": shown, "none_known": self.none_known})
        return hashlib.sha256(told).hexdigest()[:16]


def preview_import(*, by: Person, now: datetime, patient_id: int, data: bytes) -> Preview:
    """What would become of this file; nothing is changed.

    Raises `Refused`: ``record.role``, ``patient.unknown``, ``record.empty-file``, those of `read_record` for
    the file as a whole, those of `for_this_patient`.
    """
    if not by.has(*MAY_RECORD):
        raise refuse("record.role", f"The record is for clinical staff; you are signed in as {by.title}")
    row = models.Patient.objects.filter(pk=patient_id, site=by.site_id).first()
    if row is None:
        raise refuse("patient.unknown", "There is no such patient at this site")
    return _preview(row, data, now=now)


def import_bundle(
    *, by: Person, now: datetime, key: str, patient_id: int, data: bytes, name: str, seen: str | None = None
) -> Outcome:
    """Takes in what is new and what has changed; the file is kept whole. The same file again adds nothing.

    `seen` is what the preview showed (None: nobody looked). Raises `Refused` as `preview_import`, and
    ``record.changed-since`` when the record is not what the preview showed.
    """
    called = name.encode(errors="replace").decode().replace("\x00", "?")[:200]

    def do() -> Deed:
        row = locked_patient(patient_id, by=by)
        preview = _preview(row, data, now=now)
        if preview.before is not None:
            detail = {"digest": preview.digest, "before": preview.before.pk, "counts": {}}
            return Deed(f"patient:{row.pk}", detail, {"import": preview.before.pk, "added": 0, "again": True})
        if seen is not None and seen != preview.seen:
            raise refuse("record.changed-since", "The record has changed since you looked at the file",
                         way_out="Look at the file again; nothing was taken in.")  # fmt: skip
        return _take_in(row, preview, data=data, name=called, by=by, now=now)

    request = {
        "patient": patient_id,
        "digest": hashlib.sha256(data).hexdigest(),
        "name": called,
        "seen": seen,
    }
    return once("record.import", by=by, now=now, key=key, request=request, do=do)


def _preview(row: models.Patient, data: bytes, *, now: datetime) -> Preview:
    if not data:
        raise refuse("record.empty-file", "The file is empty", place="file")
    received = read_bytes(data, sender="the sender of the file", received_at=now)
    for_this_patient(patients.value(row), received.record.patient)
    digest = hashlib.sha256(data).hexdigest()
    known = [one for one in received.sent if len(about(one.fact).code or "") <= _LONGEST_CODE]
    too_long = [
        Refusal("record.code-too-long", "No terminology has a code of this length", one.place)
        for one in received.sent
        if one not in known
    ]
    none_known, told = _none_known(row, received.record)
    return Preview(
        received=received,
        arrivals=compare(records.held(row), known),
        notes=(*received.notes, *too_long, *told),
        none_known=none_known,
        digest=digest,
        before=row.record_imports.filter(digest=digest).first(),
    )


def _none_known(row: models.Patient, record: Record) -> tuple[bool, tuple[Refusal, ...]]:
    """Whether the file's "no known allergies" is news; against what we hold it is no more than a note."""
    if record.allergies.status is not AllergyStatus.NONE_KNOWN:
        return False, ()
    held = patients.allergy_record(row).status
    if held is AllergyStatus.KNOWN:
        reason = "The file says that no allergies are known, and we hold some: they stand"
        return False, (Refusal("record.allergies-differ", reason, "AllergyIntolerance", "Ask the patient."),)
    return held is AllergyStatus.NOT_RECORDED, ()


def _take_in(
    row: models.Patient, preview: Preview, *, data: bytes, name: str, by: Person, now: datetime
) -> Deed:
    counts = {verdict.name: count for verdict, count in sorted(preview.counts.items(), key=str)}
    document = models.RecordImport.objects.create(
        site_id=by.site_id,
        patient=row,
        name=name,
        bundle_type=preview.received.bundle_type,
        body=data,
        digest=preview.digest,
        by_id=by.id,
        at=now,
        parts=sorted(_parts(preview.received.record)),
        counts=counts,
        not_understood=[
            {"rule": note.rule, "reason": note.reason, "place": note.place} for note in preview.notes
        ],
    )
    taken = [arrival for arrival in preview.arrivals if arrival.taken]
    _write(row, taken, document, now=now)
    if preview.none_known and not any(kind(one.sent.fact) is FactKind.ALLERGY for one in taken):
        stated = preview.received.record.allergies.stated
        models.AllergyFact.objects.create(
            patient=row, statement="none_known", recorded_at=now, source_kind=SourceKind.IMPORT.value,
            who=stated.who if stated else "the sender of the file", document=document,
            happened_at=stated.recorded_at if stated else None, reference=f"import:{document.pk}",
        )  # fmt: skip
    detail = {
        "import": document.pk,
        "digest": preview.digest,
        "counts": counts,
        "not_understood": len(preview.notes),
    }
    monitoring.follow(row, now=now)
    return Deed(f"patient:{row.pk}", detail, {"import": document.pk, "added": len(taken), "again": False})


def _write(
    row: models.Patient, taken: Sequence[Arrival], document: models.RecordImport, *, now: datetime
) -> None:
    """The rows of each kind at once. The first new allergy follows the statement that there was none."""
    none_known = row.allergy_facts.filter(statement="none_known", followed_by=None).order_by("-pk").first()
    made: dict[type[Any], list[Any]] = {}
    for arrival in taken:
        fact = arrival.sent.fact
        told = replace(
            fact.provenance,
            kind=SourceKind.IMPORT,
            recorded_at=now,
            reference=f"import:{document.pk} {arrival.sent.place}",
        )
        new: Any = records.new_row(
            row,
            replace(fact, provenance=told),
            document=document,
            updated_at=arrival.sent.updated_at,
        )
        if arrival.held is not None:
            new.follows_id = arrival.held.row
        elif isinstance(new, models.AllergyFact) and none_known is not None:
            new.follows, none_known = none_known, None
        made.setdefault(type(new), []).append(new)
    for table, new_rows in made.items():
        table._default_manager.bulk_create(new_rows)


def _parts(record: Record) -> set[str]:
    """The kinds of fact of which the file speaks, be it to say that there are none."""
    spoken_of = {
        FactKind.CONDITION: record.conditions,
        FactKind.OBSERVATION: record.observations,
        FactKind.ORDER: record.orders,
        FactKind.STATEMENT: record.statements,
        FactKind.SUPPLY: record.supplies,
        FactKind.ADMINISTRATION: record.administrations,
        FactKind.ENCOUNTER: record.encounters,
    }
    return {kind_.name for kind_, facts in spoken_of.items() if facts is not None}
