"""The controlled-drug register: a view of the ledger, with what was written beside its movements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Max, Q, QuerySet

from pestle.pharmacy.dispensary.collection import Collection
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.controlled import (
    IN_REGISTER,
    EntryKind,
    belated,
    change,
    entry_kind,
    in_register,
    running,
)
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.record.patient import Address
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary
from pestle.web.store.orders import generic_of
from pestle.web.store.stock import words

PAGE = 50
_KINDS = [kind.value for kind in IN_REGISTER]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: a drug, form and strength (a generic product), and the products of it that were held."""

    id: str
    name: str
    drug: str
    form: str
    schedule: int | None
    product_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a page. `received`, `supplied` and `balance` in words; `belated`: entered later
    than on the day after; `corrected`: a later entry undoes it."""

    movement: models.Movement
    kind: EntryKind
    on: date
    received: str
    supplied: str
    balance: str
    belated: bool
    particulars: models.RegisterParticulars | None
    notes: tuple[models.RegisterNote, ...]
    corrected: bool
    destruction: models.Destruction | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Some entries of a page, the oldest first; how many there are, and the balance before and after."""

    entries: tuple[Entry, ...]
    number: int
    numbers: int
    total: int
    brought_forward: str
    balance: str


def schedule_of(product_id: str) -> int | None:
    """The schedule of a product, by the dictionary; None when it is not controlled or not known."""
    product = dictionary().product(product_id)
    return product.controlled.schedule if product and product.controlled else None


def schedules(lines: Iterable[models.Line]) -> frozenset[int]:
    """The schedules among the products of these lines."""
    found = (schedule_of(line.product_id) for line in lines)
    return frozenset(one for one in found if one is not None)


def needs_entry(product_id: str) -> bool:
    """Whether movements of a product are entered in the register."""
    product = dictionary().product(product_id)
    return in_register(product.controlled if product else None)


def pages(site_id: int) -> list[Page]:
    """Every page that the site's register has, by name: what is in it by the dictionary, and what was
    entered when another release said so."""
    held = dict(models.Batch.objects.filter(site=site_id).values_list("product_id", "pack_name"))
    entered = set(
        models.RegisterParticulars.objects.filter(movement__batch__site=site_id, schedule__in=(1, 2))
        .values_list("movement__batch__product_id", flat=True)
        .distinct()
    )
    products: dict[str, list[str]] = defaultdict(list)
    for product_id in held:
        if product_id in entered or needs_entry(product_id):
            products[generic_of(product_id)].append(product_id)
    found = [_page(key, ids, held[ids[0]]) for key, ids in products.items()]
    return sorted(found, key=lambda page: page.name.casefold())


def page(site_id: int, page_id: str) -> Page | None:
    """The page with that id."""
    return next((one for one in pages(site_id) if one.id == page_id), None)


def balances(site_id: int) -> dict[str, int]:
    """What the pharmacy holds of every product, in base units."""
    found: dict[str, int] = defaultdict(int)
    rows = models.Balance.objects.filter(account__site=site_id, account__kind__in=_KINDS, amount__gt=0)
    for product_id, amount in rows.values_list("batch__product_id", "amount"):
        found[product_id] += amount
    return found


def batch_ids(site_id: int, page_: Page) -> list[int]:
    """Every batch of the page."""
    rows = models.Batch.objects.filter(site=site_id, product_id__in=page_.product_ids)
    return list(rows.values_list("pk", flat=True))


def latest(batches: Iterable[int]) -> int:
    """The last movement of these batches; 0 when there was none."""
    last = models.Movement.objects.filter(batch__in=list(batches)).aggregate(last=Max("pk"))["last"]
    return int(last or 0)


def stands(site_id: int, page_: Page) -> list[models.Balance]:
    """Where the pharmacy holds how much of which batch of the page."""
    return list(
        models.Balance.objects.filter(
            account__site=site_id, account__kind__in=_KINDS, batch__product_id__in=page_.product_ids,
            amount__gt=0,
        )
        .select_related("batch", "account")
        .order_by("account", "batch")
    )  # fmt: skip


def last_checks(site_id: int) -> dict[str, models.BalanceCheck]:
    """The last count of each page that was ever counted, by the page's id."""
    latest_of = models.BalanceCheck.objects.filter(site=site_id).values("page_id").annotate(last=Max("pk"))
    found = models.BalanceCheck.objects.select_related("by", "second").in_bulk(
        [row["last"] for row in latest_of]
    )
    return {row.page_id: row for row in found.values()}


@dataclass(frozen=True, slots=True)
class SetAside:
    """A movement into quarantine or out of it, and who signed it as the second; None where nobody did."""

    movement: models.Movement
    amount: str
    second: str | None


def set_aside(site_id: int, page_: Page) -> list[SetAside]:
    """What was set aside of a page and released, the last `PAGE`, newest first; no entries of the register.
    One query."""
    rows = models.Movement.objects.filter(
        batch__site=site_id, batch__product_id__in=page_.product_ids,
        reason__in=(Reason.QUARANTINE.value, Reason.RELEASE.value),
    ).select_related("batch", "source", "target", "by", "countersignature__by")  # fmt: skip
    return [
        SetAside(
            row,
            words(row.batch, row.amount),
            row.countersignature.by.full_name if hasattr(row, "countersignature") else None,
        )
        for row in rows.order_by("-pk")[:PAGE]
    ]


def suppliers_of(site_id: int, page_: Page) -> list[tuple[str, str]]:
    """Name and address of who supplied a page, the latest first; one query."""
    rows = models.RegisterParticulars.objects.filter(
        movement__batch__site=site_id, movement__batch__product_id__in=page_.product_ids,
        movement__reason=Reason.RECEIPT.value,
    )  # fmt: skip
    return list(dict.fromkeys(rows.order_by("-pk").values_list("party_name", "party_address")[:PAGE]))


@dataclass(frozen=True, slots=True)
class Returned:
    """What a patient brought back, and its destruction if it was."""

    row: models.PatientReturn
    destroyed: models.Destruction | None


def returns(site_id: int) -> list[Returned]:
    """What patients brought back: what waits first, then the last `PAGE` that were destroyed."""
    rows = models.PatientReturn.objects.filter(site=site_id).select_related("by", "destruction__by")
    waiting = rows.filter(destruction__isnull=True).order_by("pk")
    gone = rows.filter(destruction__isnull=False).order_by("-pk")[:PAGE]
    return [Returned(row, getattr(row, "destruction", None)) for row in (*waiting, *gone)]


def a_batch(site_id: int, page_: Page) -> models.Batch:
    """A batch of the page, for the unit that it is counted in."""
    return models.Batch.objects.filter(site=site_id, product_id__in=page_.product_ids).order_by("pk")[0]


def shown(site_id: int, page_: Page, *, zone: ZoneInfo, number: int | None = None) -> Shown:
    """A part of a page, `PAGE` entries; the last part unless a `number` from 1 is given. Six queries."""
    rows = _crossing(site_id, page_)
    signs = [
        (pk, sign * amount)
        for pk, source, target, amount in rows.values_list("pk", "source__kind", "target__kind", "amount")
        if (sign := change(AccountKind(source), AccountKind(target)))
    ]
    numbers = max(1, -(-len(signs) // PAGE))
    here = numbers if number is None else min(max(1, number), numbers)
    batch = a_batch(site_id, page_)
    after = list(running(amount for _, amount in signs))
    first = (here - 1) * PAGE
    some = signs[first : first + PAGE]
    before = after[first - 1] if first else 0
    return Shown(
        _entries([pk for pk, _ in some], after[first : first + PAGE], zone=zone),
        here,
        numbers,
        len(signs),
        words(batch, before),
        words(batch, after[first + len(some) - 1] if some else 0),
    )


def everything(site_id: int, page_: Page, *, zone: ZoneInfo) -> tuple[Entry, ...]:
    """Every entry of a page, for an inspector."""
    found: list[Entry] = []
    for number in range(1, shown(site_id, page_, zone=zone).numbers + 1):
        found += shown(site_id, page_, zone=zone, number=number).entries
    return tuple(found)


def entry_of(site_id: int, page_: Page, movement_id: int) -> models.Movement | None:
    """The movement, if it is an entry of that page."""
    row = _crossing(site_id, page_).filter(pk=movement_id).select_related("source", "target").first()
    if row is None or not change(AccountKind(row.source.kind), AccountKind(row.target.kind)):
        return None
    return row


def supply_particulars(
    moved: Sequence[models.Movement],
    schedules: Mapping[int, int | None],
    signed: Prescription,
    collection: Collection,
) -> list[models.RegisterParticulars]:
    """What stands beside the supplies of Schedules 2 and 3 on a prescription; `schedules` by batch."""
    name = str(signed.patient.name)
    prescriber = signed.prescriber
    numbers = ", ".join(one.code for one in prescriber.identifiers if one.code)
    place = prescriber.organisation.name if prescriber.organisation else ""
    authority = ", ".join(filter(None, (prescriber.name, numbers, place)))
    return models.RegisterParticulars.objects.bulk_create(
        models.RegisterParticulars(
            movement=movement,
            schedule=schedule,
            party_name=name[:200],
            party_address=_address(signed.patient.address)[:400],
            authority=f"Prescription of {authority}"[:300],
            document=signed.number,
            collector=collection.collector.value,
            collector_name=collection.name.strip(),
            collector_address=collection.address.strip(),
            identity=collection.identity.value if collection.identity else "",
            remarks=collection.remarks.strip(),
        )
        for movement in moved
        if (schedule := schedules.get(movement.batch_id)) in (2, 3)
    )


def _address(address: Address | None) -> str:
    return ", ".join((*address.lines, address.postcode)).strip(", ") if address else ""


def _page(key: str, ids: list[str], kept: str) -> Page:
    product = dictionary().product(key) or dictionary().product(ids[0])
    if product is None:
        return Page(key, kept, "", "", None, tuple(ids))
    drug = product.moiety or ", ".join(one.name for one in product.ingredients or ())
    return Page(key, product.name, drug, product.form or "", schedule_of(ids[0]), tuple(ids))


def _crossing(site_id: int, page_: Page) -> QuerySet[models.Movement]:
    """Movements over the border of what the pharmacy holds, in the order in which they were entered."""
    outward = Q(source__kind__in=_KINDS) & ~Q(target__kind__in=_KINDS)
    inward = ~Q(source__kind__in=_KINDS) & Q(target__kind__in=_KINDS)
    return models.Movement.objects.filter(
        outward | inward, batch__site=site_id, batch__product_id__in=page_.product_ids
    ).order_by("pk")


def _entries(ids: Sequence[int], after: Iterable[int], *, zone: ZoneInfo) -> tuple[Entry, ...]:
    rows = (
        models.Movement.objects.filter(pk__in=ids)
        .select_related("batch", "source", "target", "by", "particulars", "destruction", "reverses")
        .prefetch_related("reversals")
        .order_by("pk")
    )
    notes: dict[int, list[models.RegisterNote]] = defaultdict(list)
    for note in models.RegisterNote.objects.filter(movement__in=ids).select_related("by").order_by("pk"):
        notes[note.movement_id].append(note)
    return tuple(_entry(row, balance, notes[row.pk], zone) for row, balance in zip(rows, after, strict=True))


def _entry(row: models.Movement, balance: int, notes: Iterable[models.RegisterNote], zone: ZoneInfo) -> Entry:
    sign = change(AccountKind(row.source.kind), AccountKind(row.target.kind))
    happened = row.happened_at.astimezone(zone).date()
    said = words(row.batch, row.amount)
    return Entry(
        movement=row,
        kind=entry_kind(Reason(row.reason), sign),
        on=happened,
        received=said if sign > 0 else "",
        supplied=said if sign < 0 else "",
        balance=words(row.batch, balance),
        belated=belated(happened_on=happened, recorded_on=row.recorded_at.astimezone(zone).date()),
        particulars=getattr(row, "particulars", None),
        notes=tuple(notes),
        corrected=bool(row.reversals.all()),
        destruction=getattr(row, "destruction", None),
    )
