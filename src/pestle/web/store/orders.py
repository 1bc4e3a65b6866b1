"""What was ordered and what came of it; how every product stands, for what to order next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from pestle.pharmacy.ledger.base_unit import base_unit, pack_amount
from pestle.pharmacy.ledger.reorder import Levels, Stand, cover_days, levels_from_use, reorder
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.concept import Pack
from pestle.web.store import models, stock
from pestle.web.store.knowledge import dictionary

WINDOW_DAYS = 90
SHORT_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class LineAt:
    """A line of an order, in packs: `came`, `not_coming`, and what is still `outstanding`; and what the
    supplier's files said of it, oldest first."""

    line: models.PurchaseLine
    came: int
    not_coming: int
    answers: tuple[models.SupplierAnswer, ...] = ()

    @property
    def outstanding(self) -> int:
        """What is still to come; never below nought."""
        return max(self.line.packs - self.came - self.not_coming, 0)

    @property
    def expected(self) -> date | None:
        """The latest day in the last file that said one; None where none did."""
        told = [(one.message_id, one.expected_on) for one in self.answers if one.expected_on]
        return max(told)[1] if told else None


@dataclass(frozen=True, slots=True)
class OrderAt:
    """An order and where its lines stand."""

    order: models.PurchaseOrder
    lines: tuple[LineAt, ...]

    @property
    def open(self) -> bool:
        """Whether something is still to come."""
        return any(line.outstanding for line in self.lines)

    @property
    def expected_on(self) -> date:
        """When the last of it should be there: as the supplier says of what is still to come, else as was
        worked out when it was ordered."""
        told = [line.expected or self.order.expected_on for line in self.lines if line.outstanding]
        return max(told, default=self.order.expected_on)


@dataclass(frozen=True, slots=True)
class Suggested:
    """How a generic product stands and how many of `pack` to order, with everything that decided it.

    `by_hand` says that somebody set the levels; `short` is what a supplier said lately."""

    product_id: str
    pack: Pack
    pack_amount: int
    packs: int
    stand: Stand
    levels: Levels
    by_hand: bool
    used: int
    days: int
    short: str

    @property
    def cover(self) -> int | None:
        """For how many days the usable stock lasts; None where nothing was used."""
        return cover_days(self.stand.usable, self.used, days=self.days)


def suppliers(site_id: int) -> list[models.Supplier]:
    """The suppliers of the site by name, each as it was recorded last; one query."""
    rows = models.Supplier.objects.filter(site=site_id).order_by("pk")
    return sorted({row.name: row for row in rows}.values(), key=lambda row: row.name.casefold())


def orders(site_id: int, *, most: int = 200) -> list[OrderAt]:
    """The last orders, those still open first, newest first; five queries."""
    rows = models.PurchaseOrder.objects.filter(site=site_id).select_related("supplier", "by").order_by("-pk")
    return sorted(_with_lines(rows[:most]), key=lambda one: not one.open)


def order(site_id: int, order_id: int) -> OrderAt | None:
    """The order if it is the site's."""
    rows = models.PurchaseOrder.objects.filter(site=site_id, pk=order_id).select_related("supplier", "by")
    return next(iter(_with_lines(rows)), None)


def shortages(site_id: int, *, now: datetime) -> dict[str, models.NotSupplied]:
    """What suppliers said lately that they cannot supply, and has not come since, by generic product."""
    rows = models.NotSupplied.objects.filter(
        line__order__site=site_id, shortage=True, at__gte=now - SHORT_FOR
    ).select_related("line__order__supplier")
    found = {generic_of(row.line.product_id): row for row in rows.order_by("pk")}
    if not found:
        return {}
    came = models.PurchaseReceipt.objects.filter(line__order__site=site_id, at__gte=now - SHORT_FOR)
    latest: dict[str, datetime] = {}
    for product, at in came.values_list("line__product_id").annotate(at=Max("at")):
        latest[generic_of(product)] = max(at, latest.get(generic_of(product), at))
    return {one: row for one, row in found.items() if one not in latest or latest[one] < row.at}


def stands(site_id: int, *, on: date, now: datetime, lead_days: int) -> list[Suggested]:
    """How every product that the site keeps or wants stands, with the packs to order; by name.

    A fixed number of queries. Use is what was supplied in `WINDOW_DAYS`, or since the book began.
    """
    usable: Counter[str] = Counter()
    for held in stock.held(site_id, on=on):
        good = held.state not in ("recalled", "expired")
        usable[generic_of(held.batch.product_id)] += held.shelf if good else 0
    used, days = use(site_id, now=now)
    coming = _on_order(site_id)
    wanted = _wanted(site_id)
    by_hand = {row.product_id: row for row in models.StockLevel.objects.filter(site=site_id).order_by("pk")}
    short = shortages(site_id, now=now)
    packs = _usual_packs(site_id)
    found = []
    for product in sorted({*usable, *used, *coming, *wanted, *by_hand}):
        pack = packs.get(product) or _a_pack(product)
        if pack is None:
            continue
        row = by_hand.get(product)
        set_ = row is not None and row.minimum is not None and row.maximum is not None
        levels = (
            Levels(row.minimum or 0, row.maximum or 0)
            if row is not None and set_
            else levels_from_use(used[product], days=days, lead_days=lead_days)
        )
        stand = Stand(usable[product], coming[product], wanted[product])
        whole = pack_amount(pack)
        said = short.get(product)
        found.append(
            Suggested(
                product_id=product,
                pack=pack,
                pack_amount=whole,
                packs=reorder(stand, levels, pack=whole),
                stand=stand,
                levels=levels,
                by_hand=set_,
                used=used[product],
                days=days,
                short=f"{said.line.order.supplier.name}: {said.words}" if said else "",
            )
        )
    return sorted(found, key=lambda one: one.pack.name.casefold())


def generic_of(product_id: str) -> str:
    """The generic that a product belongs to; itself where it is one or nobody knows."""
    product = dictionary().product(product_id)
    return (product.generic_id if product else None) or product_id


def use(site_id: int, *, now: datetime) -> tuple[Counter[str], int]:
    """What was supplied of each generic product in the last `WINDOW_DAYS`, or since the book began, in base
    units; and how many days that is. Three queries."""
    of_site = models.Movement.objects.filter(batch__site=site_id)
    # Nothing of a batch happened before it came.
    began = of_site.filter(place=1).aggregate(first=Min("happened_at"))["first"] or now
    days = min(WINDOW_DAYS, max((now - began).days, 1))
    since = now - timedelta(days=days)
    used: Counter[str] = Counter()
    # One reason at a time, as they are indexed.
    for reason in (Reason.SUPPLY, Reason.REQUISITION):
        supplied = of_site.filter(reason=reason.value, happened_at__gte=since)
        for product, amount in supplied.values_list("batch__product_id").annotate(total=Sum("amount")):
            used[generic_of(product)] += amount
    return used, days


def _with_lines(rows: Iterable[models.PurchaseOrder]) -> list[OrderAt]:
    found = list(rows)
    lines = list(models.PurchaseLine.objects.filter(order__in=found).order_by("pk"))
    came = _sums(models.PurchaseReceipt, lines)
    missing = _sums(models.NotSupplied, lines)
    answers: dict[int, list[models.SupplierAnswer]] = defaultdict(list)
    for answer in models.SupplierAnswer.objects.filter(line__in=lines).order_by("pk"):
        answers[answer.line_id].append(answer)
    by_order: dict[int, list[LineAt]] = defaultdict(list)
    for line in lines:
        at = LineAt(line, came.get(line.pk, 0), missing.get(line.pk, 0), tuple(answers[line.pk]))
        by_order[line.order_id].append(at)
    return [OrderAt(row, tuple(by_order[row.pk])) for row in found]


def _sums(
    table: type[models.PurchaseReceipt] | type[models.NotSupplied], lines: list[models.PurchaseLine]
) -> dict[int, int]:
    rows = table._default_manager.filter(line__in=lines).values_list("line").annotate(total=Sum("packs"))
    return dict(rows)


def _on_order(site_id: int) -> Counter[str]:
    lines = models.PurchaseLine.objects.filter(order__site=site_id).annotate(
        settled=_total(models.PurchaseReceipt) + _total(models.NotSupplied)
    )
    coming: Counter[str] = Counter()
    for product, packs, settled, amount in lines.filter(settled__lt=F("packs")).values_list(
        "product_id", "packs", "settled", "pack_amount"
    ):
        coming[generic_of(product)] += (packs - settled) * amount
    return coming


def _total(table: type[models.PurchaseReceipt] | type[models.NotSupplied]) -> Coalesce:
    rows = table._default_manager.filter(line=OuterRef("pk")).order_by().values("line")
    return Coalesce(Subquery(rows.annotate(total=Sum("packs")).values("total")), 0)


def _wanted(site_id: int) -> Counter[str]:
    """What open lines of prescriptions in progress want and has not been picked, with what is owed."""
    picked = Coalesce(Sum("picks__amount", filter=Q(picks__undoes=None, picks__undone_by=None)), 0)
    lines = models.Line.objects.filter(
        prescription__site=site_id, state="open", wanted__isnull=False,
    ).exclude(prescription__step="closed")  # fmt: skip
    wanted: Counter[str] = Counter()
    for product, amount in lines.annotate(left=F("wanted") - picked).values_list("product_id", "left"):
        wanted[generic_of(product)] += max(amount, 0)
    return wanted


def _usual_packs(site_id: int) -> dict[str, Pack]:
    """The pack of each generic that the newest batch has."""
    rows = models.Batch.objects.filter(site=site_id).values_list("pack_id").annotate(newest=Max("pk"))
    found: dict[str, Pack] = {}
    for pack_id, _ in rows.order_by("newest"):
        pack = dictionary().pack(pack_id)
        if pack is not None:
            found[generic_of(pack.product_id)] = pack
    return found


def _a_pack(product_id: str) -> Pack | None:
    """Any pack of a product that has a code, of whatever maker."""
    ids = [product_id, *(brand.id for brand in dictionary().brands(product_id))]
    packs = (pack for one in ids for pack in dictionary().packs(one))
    return next((pack for pack in packs if pack.gtins and base_unit(pack.unit)), None)
