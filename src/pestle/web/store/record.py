"""The record of a patient: loaded as one value, compared with what arrives, and added to, never edited.

What came in files or was told by a person is in the tables of facts; what was prescribed and handed out here
stands beside it, from the lines of prescriptions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import SNOMED
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
    Medication,
    MedicationOrder,
    MedicationRequest,
    MedicationSupply,
    OrderAction,
    Prescription,
)
from pestle.pharmacy.record.medication import matched as match
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.web.store import models, patients, prescriptions
from pestle.web.store.knowledge import dictionary

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
    """What we know of a patient, in twelve queries; without the prescription `beside` which it is looked at.

    Only facts that stand are in it. What was handed out or issued here is in it for `_HISTORY`. What was
    ordered and supplied is always known, as far as it was done here; a part of which nobody ever spoke is
    None. With `as_known` nothing is seen that was recorded after `now`.
    """
    known_at = now if as_known else None
    parts = _parts(row, known_at=known_at)
    lines = _lines(row, now=now, known_at=known_at)
    if beside is not None:
        lines = lines.exclude(prescription=beside)
    orders, supplies = _here(lines, zone=zone, known_at=known_at)
    ours = {order.id for order in orders}
    elsewhere = [order for order in parts.standing[FactKind.ORDER] if order.id not in ours]
    issued = _issues(row, now=now, known_at=known_at) if elsewhere else ()
    return Record(
        patient=patients.value(row),
        allergies=patients.allergy_record(row, known_at=known_at),
        conditions=parts.known(FactKind.CONDITION),
        observations=parts.known(FactKind.OBSERVATION),
        orders=(*elsewhere, *issued, *orders),
        statements=parts.known(FactKind.STATEMENT),
        supplies=(*parts.standing[FactKind.SUPPLY], *supplies),
        administrations=parts.known(FactKind.ADMINISTRATION),
        encounters=parts.known(FactKind.ENCOUNTER),
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
        *_held(row.allergy_facts.exclude(fact_id="").order_by("pk")),
        *(one for facts in rows(row).values() for one in _held(facts)),
    ]


def held_of(found: Iterable[Row]) -> list[Held]:
    """The same of these rows of one patient, in the order of their coming, chains whole."""
    return _held(found)


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


def matched(written: Coded, product: Product | None = None) -> Medication:
    """The medicine, with what the dictionary knows of it: of `product`, or of the code that was written."""
    return match(written, dictionary(), product)


def days(request: MedicationRequest, product: Product | None) -> Decimal | None:
    """How many days the prescribed quantity lasts at least; None when it cannot be told."""
    if request.dosage is None or request.quantity is None:
        return None
    answer = days_supply(request.dosage, request.quantity, product)
    return answer.least if isinstance(answer, Days) else None


@dataclass(frozen=True, slots=True)
class _Parts:
    """The facts that stand, by kind, and the kinds of which anybody spoke."""

    standing: dict[FactKind, tuple[Any, ...]]
    spoken_of: frozenset[str]

    def known(self, kind: FactKind) -> tuple[Any, ...] | None:
        """The facts; None where nobody ever spoke of that kind, which is not the same as none."""
        facts = self.standing[kind]
        return facts if facts or kind.name in self.spoken_of else None


def _parts(row: models.Patient, *, known_at: datetime | None) -> _Parts:
    imports = row.record_imports.all()
    if known_at is not None:
        imports = imports.filter(at__lte=known_at)
    return _Parts(
        {kind: _standing(table, row, known_at=known_at) for kind, table in TABLES.items()},
        frozenset(name for parts in imports.values_list("parts", flat=True) for name in parts),
    )


def _standing(table: type[models.Fact], row: models.Patient, *, known_at: datetime | None) -> tuple[Any, ...]:
    # The way back of `follows` belongs to each table, which the plugin of the type checker does not see.
    unfollowed = Q(("followed_by", None))
    recorded = Q()
    if known_at is not None:
        unfollowed |= Q(("followed_by__recorded_at__gt", known_at))
        recorded = Q(recorded_at__lte=known_at)
    standing = table._default_manager.filter(unfollowed, recorded, patient=row, retracted=False)
    return tuple(value(fact) for fact in standing.order_by("day", "pk"))


def _issues(row: models.Patient, *, now: datetime, known_at: datetime | None) -> Iterator[MedicationOrder]:
    """Each issue of a practice, as an order of its own that is over: it says when, and nothing of today."""
    found = models.Issue.objects.filter(patient=row, on__gte=(now - _HISTORY).date())
    if known_at is not None:
        found = found.filter(recorded_at__lte=known_at)
    plans: dict[int, MedicationOrder] = {}
    for issue in found.select_related("order").order_by("on", "pk"):
        if issue.order_id not in plans:
            plans[issue.order_id] = value(issue.order)
        plan = plans[issue.order_id]
        request = replace(
            plan.request, id=f"issue:{issue.pk}", intent="instance-order", status=LineStatus.COMPLETED
        )
        yield replace(plan, request=request, action=OrderAction.NEW, follows=None, starts=whole(issue.on),
                      ends=None)  # fmt: skip


def _lines(row: models.Patient, *, now: datetime, known_at: datetime | None) -> QuerySet[models.Line]:
    """The lines that are under way here or were handed out here; or that were so then."""
    under_way = Q(state="open") & ~Q(prescription__step="closed")
    handed_out = Exists(
        models.Supply.objects.filter(pick__line=OuterRef("pk"), hand_out__at__gte=now - _HISTORY)
    )
    lines = models.Line.objects.filter(under_way | handed_out, prescription__patient=row)
    if known_at is not None:
        lines = lines.filter(prescription__received_at__lte=known_at)
    lines = lines.select_related("prescription__order").prefetch_related(prescriptions.GONE)
    return lines.order_by("prescription__received_at", "place")


def _here(
    lines: Iterable[models.Line], *, zone: ZoneInfo, known_at: datetime | None
) -> tuple[list[MedicationOrder], list[MedicationSupply]]:
    """What is under way here, and what was handed out here."""
    orders: list[MedicationOrder] = []
    supplies: list[MedicationSupply] = []
    for line in lines:
        signed = prescriptions.signed(line.prescription)
        request = prescriptions.request(signed, line)
        product = dictionary().product(line.product_id) if line.product_id else None
        given = [one for one in prescriptions.given(line) if known_at is None or one.hand_out.at <= known_at]
        supplies += [_supply(line, request, product, one, zone=zone) for one in given]
        if line.state == "open" or len(given) < len(prescriptions.given(line)):
            orders.append(_order(line, signed, request, product, zone=zone))
    return orders, supplies


def _supply(
    line: models.Line,
    signed: MedicationRequest,
    product: Product | None,
    given: prescriptions.Given,
    *,
    zone: ZoneInfo,
) -> MedicationSupply:
    at = given.hand_out.at
    request = prescriptions.part(signed, line, given.amount)
    whole = given.amount == line.wanted
    return MedicationSupply(
        id=f"line:{line.pk}" if whole else f"line:{line.pk}/{given.hand_out.pk}",
        medication=matched(Coded(line.product_name, SNOMED, line.product_id or None), product),
        provenance=Provenance(
            SourceKind.PERSON, "supplied here", at, happened_at=at, reference=_reference(line)
        ),
        on=at.astimezone(zone).date(),
        quantity=request.quantity,
        days_supply=days(request, product),
        order=request.id,
    )


def _order(
    line: models.Line,
    signed: Prescription,
    request: MedicationRequest,
    product: Product | None,
    *,
    zone: ZoneInfo,
) -> MedicationOrder:
    signed_on = signed.signed_at.astimezone(zone).date() if signed.signed_at else None
    starts_on = signed.starts_on or signed_on
    return MedicationOrder(
        request=request,
        medication=matched(request.medication, product),
        provenance=Provenance(
            SourceKind.MESSAGE,
            signed.prescriber.name,
            line.prescription.received_at,
            happened_at=signed.signed_at,
            reference=_reference(line),
        ),
        starts=whole(starts_on) if starts_on else None,
        ends=whole(signed.ends_on) if signed.ends_on else None,
    )


def _reference(line: models.Line) -> str:
    return f"prescription:{line.prescription_id}"


def _held(found: Iterable[Row]) -> list[Held]:
    """One for each id: what was said of it last, and what its sender said last. An order that was changed
    here
    goes on under another id: what follows it is what stands."""
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
