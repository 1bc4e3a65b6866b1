"""The Drug Tariff as a site has taken it in: month by month, and the prices of products in the newest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from pestle.pharmacy.medicines.concept import Coded, Price
from pestle.pharmacy.medicines.tariff import TariffRow
from pestle.pharmacy.practice.waste import PackPrice
from pestle.pharmacy.quantity import plain, singular
from pestle.web.store import models


def newest(site_id: int, *, on: date) -> models.Tariff | None:
    """The tariff of the latest month that has begun; of several of one month the one taken in last."""
    found = models.Tariff.objects.filter(site=site_id, month__lte=on)
    return found.order_by("-month", "-at", "-pk").first()


def prices(tariff: models.Tariff, product_ids: Iterable[str]) -> dict[str, list[PackPrice]]:
    """The prices of these products (VMPs) in whose pack the file names the unit; one query."""
    rows = tariff.prices.filter(product_id__in=list(product_ids)).exclude(unit="").order_by("pk")
    found: dict[str, list[PackPrice]] = defaultdict(list)
    for row in rows:
        price = Price(row.pence, Coded("", row.category), tariff.month)
        found[row.product_id].append(PackPrice(Decimal(row.size), singular(row.unit).casefold(), price))
    return dict(found)


def write(tariff: models.Tariff, rows: Sequence[TariffRow]) -> None:
    """Writes the prices of a tariff."""
    models.TariffPrice.objects.bulk_create(
        [
            models.TariffPrice(
                tariff=tariff, product_id=row.product_id, pack_id=row.pack_id,
                size=plain(row.size).replace(",", "")[:20], unit=row.unit, category=row.category,
                pence=row.pence,
            )
            for row in rows
        ],
        batch_size=1000,
    )  # fmt: skip
