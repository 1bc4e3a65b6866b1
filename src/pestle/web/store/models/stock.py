"""Accounts, batches, balances and movements; recalls."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """Where stock can be. `held` accounts are ours to count."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    held = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "kind", "name"), name="one_account_per_name"),)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """A batch of a pack at a site. `chain_count` and `chain_digest` are the head of its movements."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    gtin = models.CharField(max_length=14)
    product_id = models.CharField(max_length=40)
    pack_id = models.CharField(max_length=60)
    pack_name = models.CharField(max_length=300)
    number = models.CharField(max_length=20)
    expiry = models.CharField(max_length=10)
    unit = models.CharField(max_length=60)
    per_unit = models.PositiveIntegerField()
    chain_count = models.PositiveBigIntegerField(default=0)
    chain_digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "gtin", "number", "expiry"), name="one_batch"),
        )
        indexes = (models.Index(fields=("site", "product_id")),)

    def __str__(self) -> str:
        return f"batch {self.number}"


class Balance(models.Model):
    """What an account holds of a batch: a projection that only posting writes."""

    account = models.ForeignKey(Account, models.PROTECT)
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="balances")
    held = models.BooleanField()
    amount = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account", "batch"), name="one_balance"),
            models.CheckConstraint(
                condition=Q(amount__gte=0) | Q(held=False), name="held_balance_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.amount}"


class Movement(models.Model):
    """An entry of the ledger, linked into the chain of its batch."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="movements")
    place = models.PositiveBigIntegerField()
    source = models.ForeignKey(Account, models.PROTECT, related_name="+")
    target = models.ForeignKey(Account, models.PROTECT, related_name="+")
    amount = models.PositiveBigIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("store.User", models.PROTECT)
    key = models.CharField(max_length=80)
    reason = models.CharField(max_length=20)
    about = models.CharField(max_length=60, blank=True, db_index=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("batch", "place"), name="one_movement_per_place"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="movement_moves"),
        )

    def __str__(self) -> str:
        return f"movement {self.place} of batch {self.batch_id}"


class Recall(models.Model):
    """A recall of a pack, of one batch or of all (`number` empty)."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    gtin = models.CharField(max_length=14)
    number = models.CharField(max_length=20, blank=True)
    reference = models.CharField(max_length=120)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "gtin")),)

    def __str__(self) -> str:
        return self.reference
