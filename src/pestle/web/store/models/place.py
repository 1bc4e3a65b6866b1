"""Where stock is kept and how: facts about accounts and products, of which the newest counts."""

from __future__ import annotations

from django.db import models


class Place(models.Model):
    """The storage condition of an account, as somebody recorded it."""

    account = models.ForeignKey("store.Account", models.PROTECT, related_name="places")
    condition = models.CharField(max_length=12)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.condition


class Keeping(models.Model):
    """How a product has to be kept (`condition` empty: not known) and by which `source`; where it stands."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    product_id = models.CharField(max_length=40)
    condition = models.CharField(max_length=12, blank=True)
    source = models.CharField(max_length=120, blank=True)
    account = models.ForeignKey("store.Account", models.PROTECT)
    address = models.CharField(max_length=30, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "product_id")),)

    def __str__(self) -> str:
        return self.address or self.condition
