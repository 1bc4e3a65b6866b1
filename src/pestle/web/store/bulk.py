"""A batch of an extract is written: what is new, what changed, what is held already, what clashes.

Every batch reads what is held of its patients in a few queries and writes each table at once, so that a file
of any length costs the memory of one batch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from pestle.pharmacy.practice.elsewhere import EntryState, compare
from pestle.pharmacy.practice.medicines_list import Standing
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record import arrival
from pestle.pharmacy.record.arrival import TAKEN, Held, Sent, Verdict
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.kinds import FactKind, RecordFact, kind
from pestle.pharmacy.record.medication import MedicationOrder
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.patient import NhsNumber, Patient, same_person
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.store import medicines_list, models, patients, practice, rows
from pestle.web.store import record as records
from pestle.wire.gp_extract.rows import IssueSaid, MedicineSaid, Row, at_line

_UNKNOWN = Refusal(
    "extract.patient-unknown",
    "No patient of this site has this NHS number",
    "NHS number",
    "Import the patients first.",
)
_NO_LINE = Refusal("extract.no-line", "The medicine is not on the list of this patient", "medicine",
                   "Import the medicines first.")  # fmt: skip
_CLASH = Refusal("extract.clash", "Something else is held under this id: not taken in", "id")
_SETTLED = frozenset({EntryState.CONFIRMED, EntryState.OVERTAKEN})


@dataclass(slots=True)
class Told:
    """What became of the rows of a batch: counted by what was done, and those that were refused."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Row, Refusal]] = field(default_factory=list)

    def refuse(self, row: Row, why: Refusal) -> None:
        """Files a row that was not taken in."""
        self.counts["refused"] += 1
        self.refused.append((row, why))


@dataclass(slots=True)
class Waiting:
    """What is to be entered in the other system, by patient, and what the extract has of those patients: all
    of a list, so that what is missing in it shows."""

    entries: dict[int, list[models.EntryElsewhere]]
    wanted: dict[int, MedicationOrder]
    seen: dict[int, list[MedicationOrder]] = field(default_factory=lambda: defaultdict(list))
    confirmed: dict[int, tuple[str, ...]] = field(default_factory=dict)


def waiting(site_id: int) -> Waiting:
    """What is open at the site now."""
    found: dict[int, list[models.EntryElsewhere]] = defaultdict(list)
    wanted = {}
    for entry in practice.to_enter(site_id).select_related("order", "listed"):
        found[entry.patient_id].append(entry)
        wanted[entry.pk] = records.value(entry.order)
    return Waiting(dict(found), wanted)


def write(site_id: int, batch: Sequence[Row], *, now: datetime, waits: Waiting) -> Told:
    """Everything that a batch says: patients first, then what is known of them, then issues."""
    told = Told()
    patients_, facts, issues = [], [], []
    for row in batch:
        match row.said:
            case None:
                told.refuse(row, row.refused or _UNKNOWN)
            case Patient():
                patients_.append(row)
            case IssueSaid():
                issues.append(row)
            case _:
                facts.append(row)
    _write_patients(site_id, patients_, told)
    _write_facts(site_id, facts, told, now=now, waits=waits)
    _write_issues(site_id, issues, told, now=now)
    return told


def _write_patients(site_id: int, batch: Sequence[Row], told: Told) -> None:
    """Patients: made where the number is new, put right where address or death changed, refused where the
    number is held for somebody else."""
    held = _by_number(site_id, batch)
    fresh: dict[str, models.Patient] = {}
    for row in batch:
        said = row.said
        assert isinstance(said, Patient)
        assert said.nhs_number is not None
        at = held.get(said.nhs_number.digits) or fresh.get(said.nhs_number.digits)
        if at is None:
            fresh[said.nhs_number.digits] = patients.new_row(site_id, said)
            told.counts["new"] += 1
            continue
        try:
            same_person(patients.value(at), said)
        except Refused as refused:
            told.refuse(row, refused.refusals[0])
            continue
        changed = _moved(at, said)
        told.counts["changed" if changed else "held"] += 1
        if changed and at.pk is not None:
            at.save(update_fields=changed)
    rows.insert(list(fresh.values()))


def _write_facts(site_id: int, batch: Sequence[Row], told: Told, *, now: datetime, waits: Waiting) -> None:
    """Problems, results and medicines; a medicine that is new comes onto the list, authorised where it was
    prescribed."""
    found = _by_number(site_id, batch)
    sent: dict[int, list[tuple[Row, RecordFact]]] = defaultdict(list)
    of: dict[int, models.Patient] = {}
    for row in batch:
        patient = found.get(row.number.digits) if row.number else None
        if patient is None:
            told.refuse(row, _UNKNOWN)
            continue
        said = row.said.order if isinstance(row.said, MedicineSaid) else row.said
        assert isinstance(said, MedicationOrder | Condition | Observation)
        of[patient.pk] = patient
        sent[patient.pk].append((row, replace(said, provenance=at_line(row, said.provenance))))
    held = _held(sent)
    made: list[Any] = []
    listed: list[tuple[Any, Row, Held | None, RecordFact]] = []
    for pk, several in sent.items():
        arrivals = arrival.compare(held.get(pk, ()), [Sent(fact, str(row.line)) for row, fact in several])
        for (row, sent_), arrived in zip(several, arrivals, strict=True):
            verdict, one, fact = arrived.verdict, arrived, sent_
            if isinstance(fact, MedicationOrder):
                verdict, one = _settled(verdict, one, fact, pk, waits)
            if verdict is Verdict.CLASHES:
                told.refuse(row, _CLASH)
                continue
            new: Any = None
            if verdict in TAKEN:
                new = records.new_row(of[pk], fact)
                new.follows_id = one.held.row if one.held else None
                made.append(new)
            told.counts[_WORDS[verdict]] += 1
            if isinstance(fact, MedicationOrder):
                listed.append((new, row, one.held, fact))
    for table in {type(one) for one in made}:
        mine = [one for one in made if type(one) is table]
        for one, pk in zip(mine, rows.insert(mine), strict=True):
            one.pk = pk
    _list(listed, site_id=site_id, now=now)


def _write_issues(site_id: int, batch: Sequence[Row], told: Told, *, now: datetime) -> None:
    """Issues, each under the line of the list that it was made of; the same one again changes nothing."""
    found = _by_number(site_id, batch)
    lines = _Lines(found.values())
    made: list[models.Issue] = []
    last: dict[int, date] = {}
    for row in batch:
        patient = found.get(row.number.digits) if row.number else None
        assert isinstance(row.said, IssueSaid)
        if patient is None:
            told.refuse(row, _UNKNOWN)
            continue
        line = lines.of(patient.pk, row.said)
        if line is None:
            told.refuse(row, _NO_LINE)
            continue
        said = row.said
        made.append(
            models.Issue(
                listed_id=line.pk, order_id=line.order_id, patient_id=patient.pk, on=said.on,
                quantity=plain(said.quantity.value).replace(",", "") if said.quantity else "",
                unit=said.quantity.unit.text[:60] if said.quantity else "", days=said.days,
                source_id=said.id[:80], recorded_at=now,
            )
        )  # fmt: skip
        last[line.pk] = max(last.get(line.pk, said.on), said.on)
    written = rows.insert(made, conflict="DO NOTHING")
    told.counts["new"] += len(written)
    told.counts["held"] += len(made) - len(written)
    _issued_until(last, lines)


def judge(waits: Waiting, *, source: models.BulkImport, now: datetime) -> Counter[str]:
    """What the extract, read to its end, says of everything that had to be entered."""
    counts: Counter[str] = Counter()
    for patient, entries in waits.entries.items():
        if patient not in waits.seen:
            # The extract says nothing of this patient at all: it is of some patients only.
            continue
        for entry in entries:
            order = waits.wanted[entry.pk]
            there = next((one for one in waits.seen[patient] if _same_line(entry, order, one)), None)
            found = compare(
                EntryState(entry.state), order, there, entered_at=entry.entered_at, made_at=source.as_at
            )
            if found.state.value == entry.state and list(found.otherwise) == entry.missing:
                continue
            moved = found.state.value != entry.state
            entry.state, entry.missing = found.state.value, list(found.otherwise)
            entry.judged_at, entry.judged_by = now, source
            entry.save(update_fields=("state", "missing", "judged_at", "judged_by"))
            counts[found.state.value] += moved
    return +counts


_WORDS = {
    Verdict.NEW: "new",
    Verdict.FOLLOWS: "changed",
    Verdict.SAME: "held",
    Verdict.RETRACTED: "retracted here",
    Verdict.OLDER: "older",
}


def _settled(
    verdict: Verdict, one: arrival.Arrival, fact: MedicationOrder, patient: int, waits: Waiting
) -> tuple[Verdict, arrival.Arrival]:
    """What becomes of a line of which something waits to be entered: it is taken in when it is what was
    wanted, and else left, so that what was decided here is not lost to what was not entered yet."""
    entries = waits.entries.get(patient)
    if entries is None:
        return verdict, one
    waits.seen[patient].append(fact)
    for entry in entries:
        wanted = waits.wanted[entry.pk]
        if not _same_line(entry, wanted, fact):
            continue
        found = compare(
            EntryState.TO_ENTER, wanted, fact, entered_at=None, made_at=fact.provenance.recorded_at
        )
        if found.state is not EntryState.CONFIRMED:
            return Verdict.SAME, one
        if verdict is Verdict.NEW:
            head = entry.listed.order_id
            return Verdict.FOLLOWS, replace(one, held=Held(fact.id, head, wanted, None))
    return verdict, one


def _same_line(entry: models.EntryElsewhere, wanted: MedicationOrder, there: MedicationOrder) -> bool:
    """Whether a line of the extract is the one of this entry: by an id of its chain, else, where the system
    has not told us one yet, by the medicine."""
    ids = _chain_ids(entry)
    if there.id in ids:
        return True
    ours, theirs = wanted.request.medication, there.request.medication
    if ours.code and ours.code == theirs.code:
        return not ids
    return not ids and ours.text.casefold() == theirs.text.casefold()


def _chain_ids(entry: models.EntryElsewhere) -> frozenset[str]:
    """The ids that the other system gave the orders of the entry's line."""
    known: frozenset[str] | None = getattr(entry, "_chain", None)
    if known is None:
        steps = medicines_list.history(entry.listed)
        known = frozenset(step.row.fact_id for step in steps if step.row.source_kind == "import")
        entry._chain = known  # type: ignore[attr-defined]
    return known


def _by_number(site_id: int, batch: Sequence[Row]) -> dict[str, models.Patient]:
    numbers = list({row.number.digits for row in batch if isinstance(row.number, NhsNumber)})
    found = models.Patient.objects.filter(site=site_id, nhs_number__in=numbers)
    return {row.nhs_number: row for row in found if row.nhs_number}


def _moved(row: models.Patient, said: Patient) -> list[str]:
    """The columns in which the extract tells something newer, set on the row."""
    changed = []
    address = list(said.address.lines) if said.address else []
    wanted = {
        "address": address,
        "postcode": said.address.postcode if said.address else "",
        "died": said.died,
    }
    for name, value in wanted.items():
        if value and getattr(row, name) != value:
            setattr(row, name, value)
            changed.append(name)
    return changed


def _held(sent: Mapping[int, Sequence[tuple[Row, RecordFact]]]) -> dict[int, list[Held]]:
    """What is held of these patients under the ids that were sent."""
    kinds: dict[FactKind, set[str]] = defaultdict(set)
    for several in sent.values():
        for _, fact in several:
            kinds[kind(fact)].add(fact.id)
    found: dict[int, list[models.Fact]] = defaultdict(list)
    for one, ids in kinds.items():
        if one is FactKind.ORDER:
            # What was changed here goes on under another id, so that the whole chain is wanted.
            held = records.TABLES[one]._default_manager.filter(patient__in=sent)
        else:
            held = records.TABLES[one]._default_manager.filter(patient__in=sent, fact_id__in=ids)
        for row in held.order_by("pk"):
            found[row.patient_id].append(row)
    return {patient: records.held_of(several) for patient, several in found.items()}


def _list(listed: Iterable[tuple[Any, Row, Held | None, RecordFact]], *, site_id: int, now: datetime) -> None:
    """Puts new orders onto the lists, moves lines on to orders that follow, and counts issues."""
    several = list(listed)
    heads = [held.row for _, _, held, _ in several if held is not None]
    by_order = {row.order_id: row for row in models.ListedMedicine.objects.filter(order__in=heads)}
    fresh, moved = [], []
    for new, row, held, fact in several:
        said = row.said
        assert isinstance(said, MedicineSaid)
        assert isinstance(fact, MedicationOrder)
        line = by_order.get(held.row) if held else None
        if line is None and new is None:
            continue
        before = (line.order_id, line.issues, line.last_issued) if line else None
        if line is None:
            line = models.ListedMedicine(site_id=site_id, patient_id=new.patient_id)
        if new is not None:
            line.order_id = line.authorised_id = new.pk
            medicines_list.settle(line, fact, Standing.AUTHORISED, at=now)
            line.reason = line.reason if line.status == medicines_list.ENDED else ""
        if said.issues is not None:
            line.issues = said.issues
        if said.last_issued is not None and (line.last_issued is None or said.last_issued > line.last_issued):
            line.last_issued = said.last_issued
        if before is None:
            fresh.append(line)
        elif before != (line.order_id, line.issues, line.last_issued):
            moved.append(line)
    rows.insert(fresh)
    for line in moved:
        line.save()


class _Lines:
    """The lines of the lists of a batch's patients, found by the system's id or by the medicine."""

    def __init__(self, of: Iterable[models.Patient]) -> None:
        self._by_id: dict[tuple[int, str], models.ListedMedicine] = {}
        self._by_name: dict[tuple[int, str], models.ListedMedicine] = {}
        self.by_pk: dict[int, models.ListedMedicine] = {}
        found = models.ListedMedicine.objects.filter(patient__in=list(of)).select_related("order")
        for line in found.order_by("pk"):
            self.by_pk[line.pk] = line
            self._by_id[line.patient_id, line.order.fact_id] = line
            self._by_name[line.patient_id, line.text.casefold()] = line

    def of(self, patient: int, said: IssueSaid) -> models.ListedMedicine | None:
        """The line; None where there is none."""
        by_id = self._by_id.get((patient, said.line)) if said.line else None
        return by_id or self._by_name.get((patient, said.medicine.casefold()))


def _issued_until(last: Mapping[int, date], lines: _Lines) -> None:
    later = []
    for pk, on in last.items():
        line = lines.by_pk[pk]
        if line.last_issued is None or on > line.last_issued:
            line.last_issued = on
            later.append(line)
    models.ListedMedicine.objects.bulk_update(later, ["last_issued"], batch_size=200)
