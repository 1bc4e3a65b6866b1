"""The record of a patient: loaded as one value, compared with what arrives, and added to, never edited.

What came in files or was told by a person is in the tables of facts; what was prescribed and handed out here
stands beside it, from the lines of prescriptions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from pestle.pharmacy.record.allergy import AllergyRecord
from pestle.pharmacy.record.arrival import Held
from pestle.pharmacy.record.kinds import (
    AboutMedicine,
    FactKind,
    RecordFact,
    about,
    content,
    happened,
    restored,
)
from pestle.pharmacy.record.medication import (
    LineStatus,
    MedicationOrder,
    MedicationSupply,
    OrderAction,
)
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.monitoring_plan import MonitoringPlan
from pestle.pharmacy.record.provenance import SourceKind
from pestle.pharmacy.record.record import Record
from pestle.web.store import models, monitoring_plans, patients
from pestle.web.store.issued import counted
from pestle.web.store.record_here import here, lines_of, matched

TABLES: dict[FactKind, type[models.Fact]] = {
    FactKind.CONDITION: models.ConditionFact,
    FactKind.OBSERVATION: models.ObservationFact,
    FactKind.ORDER: models.OrderFact,
    FactKind.STATEMENT: models.StatementFact,
    FactKind.SUPPLY: models.SupplyFact,
    FactKind.ADMINISTRATION: models.AdministrationFact,
    FactKind.ENCOUNTER: models.EncounterFact,
}
KINDS = {table: kind for kind, table in TABLES.items()}
# Longer than any supply that a check looks back on.
_HISTORY = timedelta(days=400)
Row = models.Fact | models.AllergyFact


def load(
    row: models.Patient,
    *,
    now: datetime,
    zone: ZoneInfo,
    beside: models.Prescription | None = None,
    as_known: bool = False,
) -> Record:
    """What we know of a patient; without the prescription `beside` which it is looked at. See `load_all`."""
    return load_all([row], now=now, zone=zone, beside=beside, as_known=as_known)[row.pk]


def on_the_list(record: Record, site: models.Site) -> Record:
    """The record of a patient whom a practice has on its list: where nothing else is recorded they are
    registered with it."""
    registered = record.patient.gp_practice_code or site.code
    return replace(record, patient=replace(record.patient, gp_practice_code=registered))


def load_all(
    those: Sequence[models.Patient],
    *,
    now: datetime,
    zone: ZoneInfo,
    beside: models.Prescription | None = None,
    as_known: bool = False,
    history: timedelta = _HISTORY,
) -> dict[int, Record]:
    """What we know of each of these patients, by id, in 13 queries however many they are.

    Only facts that stand are in it. What was handed out or issued here is in it for `history`. What was
    ordered and supplied is always known, as far as it was done here; a part of which nobody ever spoke is
    None. With `as_known` nothing is seen that was recorded after `now`.
    """
    known_at = now if as_known else None
    ids = [row.pk for row in those]
    parts = _parts(ids, known_at=known_at)
    allergies = _allergies(ids, known_at=known_at)
    lines: dict[int, list[models.Line]] = defaultdict(list)
    for line in lines_of(ids, since=now - history, known_at=known_at):
        if beside is None or line.prescription_id != beside.pk:
            lines[line.prescription.patient_id].append(line)
    ours = {pk: here(lines[pk], zone=zone, known_at=known_at) for pk in ids}
    elsewhere = {
        pk: _elsewhere(parts[pk].standing[FactKind.ORDER], orders) for pk, (orders, _) in ours.items()
    }
    plans = monitoring_plans.standing(ids, known_at=known_at)
    issued = _issues([pk for pk in ids if elsewhere[pk]], since=now - history, known_at=known_at)
    return {
        row.pk: _record(
            row,
            parts[row.pk],
            patients.allergies(allergies[row.pk]),
            (*elsewhere[row.pk], *issued[row.pk], *ours[row.pk][0]),
            ours[row.pk][1],
            plans[row.pk],
        )
        for row in those
    }


def _elsewhere(standing: Iterable[MedicationOrder], here: Iterable[MedicationOrder]) -> list[MedicationOrder]:
    """Orders that are on record and are not under way here under the same id."""
    ours = {order.id for order in here}
    return [order for order in standing if order.id not in ours]


def _record(
    row: models.Patient,
    parts: _Parts,
    allergies: AllergyRecord,
    orders: tuple[MedicationOrder, ...],
    supplies: list[MedicationSupply],
    plans: tuple[MonitoringPlan, ...],
) -> Record:
    return Record(
        patient=patients.value(row),
        allergies=allergies,
        conditions=parts.known(FactKind.CONDITION),
        observations=parts.known(FactKind.OBSERVATION),
        orders=orders,
        statements=parts.known(FactKind.STATEMENT),
        supplies=(*parts.standing[FactKind.SUPPLY], *supplies),
        administrations=parts.known(FactKind.ADMINISTRATION),
        encounters=parts.known(FactKind.ENCOUNTER),
        monitoring=plans,
    )


def rows(row: models.Patient) -> dict[FactKind, list[models.Fact]]:
    """Every row of every kind but allergies, also those that were followed, in the order of their coming."""
    return {
        kind: list(table._default_manager.filter(patient=row).order_by("pk"))
        for kind, table in TABLES.items()
    }


def held(row: models.Patient) -> list[Held]:
    """What is held under each id that a sender or a person gave, to compare with what arrives."""
    return [
        *held_of(row.allergy_facts.exclude(fact_id="").order_by("pk")),
        *(one for facts in rows(row).values() for one in held_of(facts)),
    ]


def value(row: models.Fact) -> Any:
    """The fact of a row; a medicine is matched to the dictionary by its code."""
    fact = restored(KINDS[type(row)].type, row.body, patients.provenance(row))
    if isinstance(fact, AboutMedicine):
        return replace(fact, medication=matched(fact.medication.written))
    return fact


def new_row(
    patient: models.Patient,
    fact: RecordFact,
    *,
    follows: Row | None = None,
    document: models.RecordImport | None = None,
    updated_at: datetime | None = None,
) -> Row:
    """A row, not saved yet, that holds the fact whole. `follows` is the row that it corrects."""
    told = fact.provenance
    shared: dict[str, Any] = {
        "patient": patient,
        "fact_id": fact.id,
        "body": content(fact),
        "happened_at": told.happened_at,
        "recorded_at": told.recorded_at,
        "source_kind": told.kind.value,
        "who": told.who,
        "reference": told.reference or "",
        "document": document,
        "updated_at": updated_at,
        "follows": follows,
    }
    what = about(fact)
    kind = next(kind for kind in FactKind if isinstance(fact, kind.type))
    if kind is FactKind.ALLERGY:
        return models.AllergyFact(**shared, **patients.allergy_columns(fact))  # type: ignore[arg-type]
    day = happened(fact)
    return TABLES[kind](
        **shared,
        code=what.code or "",
        system=what.system or "",
        text=what.text,
        happened=str(day or ""),
        day=day.first if day else None,
    )


def retraction(row: models.Fact, *, by: str, now: datetime, reason: str) -> models.Fact:
    """A row, not saved yet, that takes back what another one says."""
    names = ("patient_id", "fact_id", "code", "system", "text", "happened", "day", "body")
    copied: dict[str, Any] = {name: getattr(row, name) for name in names} | {"follows": row}
    return type(row)(
        **copied,
        happened_at=row.happened_at,
        recorded_at=now,
        source_kind=SourceKind.PERSON.value,
        who=by,
        retracted=True,
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The facts that stand, by kind, and the kinds of which anybody spoke."""

    standing: dict[FactKind, tuple[Any, ...]]
    spoken_of: frozenset[str]

    def known(self, kind: FactKind) -> tuple[Any, ...] | None:
        """The facts; None where nobody ever spoke of that kind, which is not the same as none."""
        facts = self.standing[kind]
        return facts if facts or kind.name in self.spoken_of else None


def _parts(ids: Sequence[int], *, known_at: datetime | None) -> dict[int, _Parts]:
    imports = models.RecordImport.objects.filter(patient__in=ids)
    if known_at is not None:
        imports = imports.filter(at__lte=known_at)
    spoken_of: dict[int, set[str]] = defaultdict(set)
    for patient, parts in imports.values_list("patient_id", "parts"):
        spoken_of[patient].update(parts)
    standing = {kind: _standing(table, ids, known_at=known_at) for kind, table in TABLES.items()}
    return {
        one: _Parts({kind: tuple(facts[one]) for kind, facts in standing.items()}, frozenset(spoken_of[one]))
        for one in ids
    }


def _allergies(ids: Sequence[int], *, known_at: datetime | None) -> dict[int, list[models.AllergyFact]]:
    facts = models.AllergyFact.objects.filter(patient__in=ids).order_by("pk")
    found: dict[int, list[models.AllergyFact]] = defaultdict(list)
    for fact in facts if known_at is None else facts.filter(recorded_at__lte=known_at):
        found[fact.patient_id].append(fact)
    return found


def _standing(
    table: type[models.Fact], ids: Sequence[int], *, known_at: datetime | None
) -> dict[int, list[Any]]:
    # The way back of `follows` belongs to each table, which the plugin of the type checker does not see.
    unfollowed = Q(("followed_by", None))
    recorded = Q()
    if known_at is not None:
        unfollowed |= Q(("followed_by__recorded_at__gt", known_at))
        recorded = Q(recorded_at__lte=known_at)
    standing = table._default_manager.filter(unfollowed, recorded, patient__in=ids, retracted=False)
    found: dict[int, list[Any]] = defaultdict(list)
    for fact in standing.order_by("day", "pk"):
        found[fact.patient_id].append(value(fact))
    return found


def _issues(
    ids: Sequence[int], *, since: datetime, known_at: datetime | None
) -> dict[int, list[MedicationOrder]]:
    """Each issue of a practice, as an order of its own that is over: it says when, and nothing of today."""
    issued: dict[int, list[MedicationOrder]] = defaultdict(list)
    if not ids:
        return issued
    found = counted(known_at=known_at).filter(patient__in=ids, on__gte=since.date())
    plans: dict[int, MedicationOrder] = {}
    for issue in found.select_related("order").order_by("on", "pk"):
        if issue.order_id not in plans:
            plans[issue.order_id] = value(issue.order)
        plan = plans[issue.order_id]
        # A short issue, or a whole batch, lasts as long as it was made for.
        days = plan.request.days_supply if issue.days is None else Decimal(issue.days)
        request = replace(
            plan.request, id=f"issue:{issue.pk}", intent="instance-order", status=LineStatus.COMPLETED,
            days_supply=days,
        )  # fmt: skip
        issued[issue.patient_id].append(
            replace(
                plan, request=request, action=OrderAction.NEW, follows=None, starts=whole(issue.on), ends=None
            )
        )
    return issued


def held_of(found: Iterable[Row]) -> list[Held]:
    """What `held` gives, of these rows of one patient in the order of their coming, chains whole: one for
    each id, with what was said of it last and what its sender said last. An order that was changed here goes
    on under another id: what follows it is what stands."""
    chains: dict[str, list[Row]] = defaultdict(list)
    followed: dict[int | None, Row] = {}
    for row in found:
        chains[row.fact_id].append(row)
        followed[getattr(row, "follows_id", None)] = row
    return [_chain(chain, followed) for chain in chains.values()]


def _chain(chain: list[Row], followed: dict[int | None, Row]) -> Held:
    head = chain[-1]
    while (later := followed.get(head.pk)) is not None:
        head = later
    by_sender = [row for row in chain if row.source_kind != SourceKind.PERSON.value]
    told = by_sender[-1] if by_sender else None
    return Held(
        id=chain[0].fact_id,
        row=head.pk,
        latest=_fact(head),
        told=_fact(told) if told else None,
        told_updated_at=told.updated_at if told else None,
        retracted=head.refuted and head is not told
        if isinstance(head, models.AllergyFact)
        else head.retracted,
    )


def _fact(row: Row) -> RecordFact:
    if isinstance(row, models.AllergyFact):
        return patients.allergy(row)
    fact: RecordFact = value(row)
    return fact
