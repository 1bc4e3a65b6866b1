"""Stock-takes of a place, or of one shelf of it, and every count."""

from __future__ import annotations

from django.db import models


class StockTake(models.Model):
    """A stock-take of an account; `shelf` is the address that it keeps to, empty for all."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    account = models.ForeignKey("store.Account", models.PROTECT)
    shelf = models.CharField(max_length=30, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"stock-take {self.pk}"


class StockTakeCount(models.Model):
    """What somebody found of a batch, and what the book held then, in base units. `movement` is the
    difference that it led to."""

    take = models.ForeignKey(StockTake, models.PROTECT, related_name="counts")
    batch = models.ForeignKey("store.Batch", models.PROTECT)
    found = models.PositiveBigIntegerField()
    held = models.PositiveBigIntegerField()
    movement = models.OneToOneField("store.Movement", models.PROTECT, null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"count of batch {self.batch_id}"


class StockTakeEnd(models.Model):
    """A stock-take was finished; `words` say why something was left out."""

    take = models.OneToOneField(StockTake, models.PROTECT, related_name="end")
    words = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"end of stock-take {self.take_id}"
