"""Is everything on record as it was written? The one reasoning behind `pestle verify`, `pestle ledger verify`
and the page of a batch.

The audit events are chained with a key that is kept outside the database; each names the movements and
other records that it made, by their digests. So it is proved in two steps: the movements of each batch by
themselves, then that the audit trail vouches for exactly them. Movements are streamed; memory grows with
the number of batches (one digest each) and not with the number of movements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.chain import Broken, Head, beginning
from pestle.pharmacy.ledger.movement import instant
from pestle.pharmacy.ledger.proof import prove
from pestle.pharmacy.ledger.routes import Reason
from pestle.web.store import audit, ledger, models

_BATCHES_AT_A_TIME = 400
_ROWS_AT_A_TIME = 5000


# The records without a chain of their own that each event seals, and by which way they belong to a site.
_SEALED = {
    "alert": "site",
    "alertact": "alert__site",
    "alertrecall": "alert__site",
    "bag": "site",
    "bagcontent": "bag__site",
    "bagput": "bag__site",
    "balancecheck": "site",
    "closedday": "site",
    "contactwish": "patient__site",
    "countersignature": "movement__batch__site",
    "deliveryattempt": "stop__round__site",
    "call": "site",
    "destruction": "site",
    "discrepancy": "site",
    "discrepancyevent": "discrepancy__site",
    "emergencydecision": "prescription__site",
    "excursion": "account__site",
    "excursionrelease": "excursion__account__site",
    "instalmentcall": "line__prescription__site",
    "instalmentgiven": "line__prescription__site",
    "instalmentplan": "line__prescription__site",
    "issueanswers": "prescription__site",
    "keeping": "site",
    "letter": "site",
    "letterdecision": "letter__site",
    "letterdocument": "letter__site",
    "letterundo": "decision__letter__site",
    "measurefinding": "result__site",
    "measureresult": "site",
    "measureschedule": "site",
    "monitoringevent": "round__site",
    "monitoringleaving": "site",
    "monitoringplan": "site",
    "monitoringround": "site",
    "nearmiss": "site",
    "opening": "batch__site",
    "place": "account__site",
    "patientreturn": "site",
    "patienttask": "site",
    "patienttaskevent": "task__site",
    "query": "site",
    "queryevent": "query__site",
    "readymessage": "patient__site",
    "recall": "site",
    "responsibleentry": "site",
    "registernote": "movement__batch__site",
    "registerparticulars": "movement__batch__site",
    "labelrun": "site",
    "labelrunitem": "run__site",
    "labelrunpart": "run__site",
    "notsupplied": "line__order__site",
    "lateprescription": "prescription__site",
    "paperscan": "prescription__site",
    "typedin": "prescription__site",
    "purchaseline": "order__site",
    "purchaseorder": "site",
    "purchasereceipt": "line__order__site",
    "requestsheet": "site",
    "requestsheetdocument": "sheet__site",
    "requisition": "site",
    "requisitionline": "requisition__site",
    "requisitionsent": "requisition__site",
    "sharedcareagreement": "site",
    "shortagestep": "line__prescription__site",
    "review": "site",
    "reviewevent": "review__site",
    "shortissue": "site",
    "shortissueend": "issue__site",
    "speakfirst": "prescription__site",
    "stocklevel": "site",
    "stocktake": "site",
    "stocktakecount": "take__site",
    "stocktakeend": "take__site",
    "supplier": "site",
    "supplieranswer": "line__order__site",
    "temperature": "account__site",
    "trafficlightlist": "site",
    "transfer": "site",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: ``audit trail``, ``batch A1 of …``, ``movement 12``; `place` in its chain."""

    where: str
    place: int
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.place}: {self.reason}"


@dataclass(slots=True)
class Verified:
    """What was looked at, and everything that is wrong."""

    events: int = 0
    batches: int = 0
    movements: int = 0
    faults: list[Fault] = field(default_factory=list)


def verify(site: models.Site) -> Verified:
    """Proves everything that a site has on record, as it stands at one moment. It changes nothing, and nobody
    waits for it."""
    with _one_moment():
        found = Verified()
        heads: dict[str, str] = {}
        for batch, broken in _batches(site.pk, found, heads):
            found.faults.append(Fault(_named(batch), broken.place, broken.reason))
        found.faults += _row_faults(site.pk)
        _audit_trail(site.pk, found, heads)
        return found


def of_batch(row: models.Batch) -> Broken | None:
    """The first thing that is wrong with a batch by itself."""
    accounts = _accounts(row.site_id)
    with _one_moment():
        row = models.Batch.objects.get(pk=row.pk)
        rows = _movements([row.pk])
        return next(_batch(row, rows, accounts, dict(_balances([row.pk])[row.pk])), None)


def _batches(site_id: int, found: Verified, heads: dict[str, str]) -> Iterator[tuple[models.Batch, Broken]]:
    accounts = _accounts(site_id)
    after = 0
    while True:
        some = models.Batch.objects.filter(site=site_id, pk__gt=after).order_by("pk")[:_BATCHES_AT_A_TIME]
        batches = {row.pk: row for row in some}
        if not batches:
            return
        after = max(batches)
        balances = _balances(batches)
        entries = groupby(_movements(batches), key=itemgetter(0))
        current = next(entries, None)
        for pk, batch in batches.items():
            own: Iterable[Any] = ()
            if current is not None and current[0] == pk:
                own = current[1]
            for broken in _batch(batch, own, accounts, balances[pk]):
                yield batch, broken
            if current is not None and current[0] == pk:
                current = next(entries, None)
            found.batches += 1
            if batch.chain_count:
                heads[batch.chain_digest] = _named(batch)


def _batch(
    batch: models.Batch,
    entries: Iterable[Any],
    accounts: dict[int, Account],
    balances: dict[int, int],
) -> Iterator[Broken]:
    return prove(
        batch.pk,
        entries,
        begins=beginning(ledger.what_it_is(batch)),
        head=Head(batch.chain_count, batch.chain_digest),
        latest_at=instant(batch.latest_at) if batch.latest_at else None,
        accounts=accounts,
        balances=balances,
        in_time=lambda: (
            models.Movement.objects.filter(batch=batch)
            .order_by("happened_at", "place")
            .values_list("place", "source_id", "target_id", "amount")
            .iterator(_ROWS_AT_A_TIME)
        ),
    )


def _accounts(site_id: int) -> dict[int, Account]:
    return {
        row.pk: ledger.as_account(row)
        for row in models.Account.objects.filter(site=site_id, kind__in=[kind.value for kind in AccountKind])
    }


def _balances(batches: Iterable[int]) -> defaultdict[int, dict[int, int]]:
    found: defaultdict[int, dict[int, int]] = defaultdict(dict)
    rows = models.Balance.objects.filter(batch__in=list(batches))
    for batch, account, amount in rows.values_list("batch_id", "account_id", "amount"):
        found[batch][account] = amount
    return found


def _movements(batches: Iterable[int]) -> Iterator[Any]:
    """The fields of every movement of these batches, in the order of the chains, times spelled as the chain
    does. In SQL: to make a million objects takes longer than to check them."""
    spelling = (
        "substr(replace({0}, ' ', 'T') || '.000000', 1, 26)"
        if connection.vendor == "sqlite"
        else "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    )
    happened, recorded = (spelling.format(column) for column in ("happened_at", "recorded_at"))
    ids = list(batches)
    marks = ", ".join(["%s"] * len(ids))
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"SELECT batch_id, place, source_id, target_id, amount, {happened}, {recorded}, by_id, key,"  # noqa: S608
            " reason, about, why, reverses_id, previous, digest FROM store_movement"
            f" WHERE batch_id IN ({marks}) ORDER BY batch_id, place",
            ids,
        )
        while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
            yield from rows


def _row_faults(site_id: int) -> Iterator[Fault]:
    """Reversals that do not undo what they point at, differences that nobody opened, rows that lost theirs,
    and accounts of which it has been changed whether they are ours to count."""
    ours = [kind.value for kind in AccountKind if kind.held]
    for account in models.Account.objects.filter(site=site_id):
        if account.held != (account.kind in ours):
            yield Fault(f"account {account.name}", 0, "whether it is ours to count has been changed")
    marked = Q(account__kind__in=ours, held=False) | Q(~Q(account__kind__in=ours), held=True)
    for balance in models.Balance.objects.filter(marked, account__site=site_id).select_related("batch"):
        yield Fault(_named(balance.batch), 0, "whether a balance is ours to count has been changed")
    of_site = models.Movement.objects.filter(batch__site=site_id)
    mirrored = Q(
        batch=F("reverses__batch"),
        source=F("reverses__target"),
        target=F("reverses__source"),
        amount=F("reverses__amount"),
        place__gt=F("reverses__place"),
    )
    for row in of_site.filter(reverses__isnull=False).exclude(mirrored).select_related("batch"):
        yield Fault(_named(row.batch), row.place, f"entry {row.place} does not undo what it points at")
    counted = of_site.filter(reason=Reason.COUNT.value, discrepancy__isnull=True).select_related("batch")
    for row in counted:
        yield Fault(_named(row.batch), row.place, f"entry {row.place} is a difference that was not opened")
    there = models.Batch.objects.filter(pk=OuterRef("batch_id"))
    for pk in models.Movement.objects.filter(~Exists(there)).values_list("pk", flat=True).iterator():
        yield Fault(f"movement {pk}", 0, "its batch is gone")
    for pk in models.Balance.objects.filter(~Exists(there)).values_list("pk", flat=True).iterator():
        yield Fault(f"balance {pk}", 0, "its batch is gone")


def _audit_trail(site_id: int, found: Verified, heads: dict[str, str]) -> None:
    """The chain of events, and whether it vouches for exactly the movements and records that there are."""
    movements = models.Movement.objects.filter(batch__site=site_id)
    found.movements = movements.count()
    vouched = 0

    def told(detail: Mapping[str, Any]) -> None:
        nonlocal vouched
        for digest in detail.get("movements", ()):
            vouched += 1
            heads.pop(digest, None)

    found.events, broken = audit.verify(site_id, told=told)
    if broken is not None:
        reason = f"{broken.reason}; what the trail vouches for was therefore not looked at"
        found.faults.append(Fault("audit trail", broken.place, reason))
        return
    found.faults += [Fault("audit trail", *fault) for fault in audit.seal_faults(site_id, _SEALED)]
    commands = models.Command.objects.filter(site_id=site_id).count()
    if commands != found.events:
        reason = f"{found.events} events, and {commands} commands that should have one each"
        found.faults.append(Fault("audit trail", 0, reason))
    for where in heads.values():
        found.faults.append(Fault(where, 0, "no audit event vouches for its last entry"))
    if vouched != found.movements and not heads:
        found.faults += _lost(site_id, vouched, found.movements)


def _lost(site_id: int, vouched: int, there: int) -> Iterator[Fault]:
    """Which movements the audit trail tells of that are gone; only asked when the numbers differ."""
    said = f"the audit trail tells of {vouched} movements, and there are {there}"
    movements = models.Movement.objects.filter(batch__site=site_id)
    digests = set(movements.values_list("digest", flat=True).iterator(_ROWS_AT_A_TIME))
    events = models.AuditEvent.objects.filter(site_id=site_id).order_by("place")
    gone = [event for event in events.iterator() if not digests.issuperset(event.detail.get("movements", ()))]
    for event in gone:
        yield Fault(event.subject, event.place, f"a movement of audit event {event.place} is gone; {said}")
    if not gone:
        yield Fault("audit trail", 0, said)


def _named(batch: models.Batch) -> str:
    return f"batch {batch.number} of {batch.pack_name}"


@contextmanager
def _one_moment() -> Iterator[None]:
    """Everything inside sees the database as it stood at one moment, and keeps nobody waiting."""
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
