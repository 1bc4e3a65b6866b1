"""The Drug Tariff of a month, as a site has taken it in."""

from __future__ import annotations

from django.db import models


class Tariff(models.Model):
    """The prices of a month, never changed; of several of one month the latest counts. `month` is its first
    day."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    month = models.DateField()
    name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-month", "-at")),)

    def __str__(self) -> str:
        return f"tariff of {self.month}"


class TariffPrice(models.Model):
    """The price in `pence` of a pack of `size` units (`unit` is empty where the file does not say), by the
    ids of its VMP and VMPP; never changed."""

    tariff = models.ForeignKey(Tariff, models.PROTECT, related_name="prices")
    product_id = models.CharField(max_length=18)
    pack_id = models.CharField(max_length=18)
    size = models.CharField(max_length=20)
    unit = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=60, blank=True)
    pence = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("tariff", "pack_id"), name="one_price_per_pack_and_tariff"),
        )
        indexes = (models.Index(fields=("tariff", "product_id")),)

    def __str__(self) -> str:
        return f"pack {self.pack_id}"
