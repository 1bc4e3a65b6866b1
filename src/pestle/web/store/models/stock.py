"""Accounts, batches, balances and movements; transfers, opened containers, recalls."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Account(models.Model):
    """Where stock can be; never changed. `held` accounts are ours to count."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    held = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "kind", "name"), name="one_account_per_name"),)

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """A batch of a pack at a site. `pack_amount` is a whole pack in base units. `chain_count` and
    `chain_digest` are the head of its movements, which begins at the digest of what the batch is;
    `latest_at` is when the last of them was recorded."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    gtin = models.CharField(max_length=14)
    product_id = models.CharField(max_length=40)
    pack_id = models.CharField(max_length=60)
    pack_name = models.CharField(max_length=300)
    number = models.CharField(max_length=20)
    expiry = models.CharField(max_length=10)
    unit = models.CharField(max_length=60)
    per_unit = models.PositiveIntegerField()
    pack_amount = models.PositiveBigIntegerField()
    chain_count = models.PositiveBigIntegerField(default=0)
    chain_digest = models.CharField(max_length=64)
    latest_at = models.DateTimeField(null=True)

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

    # No index but those that a question needs: every one is written with every movement.
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="movements", db_index=False)
    place = models.PositiveBigIntegerField()
    source = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    amount = models.PositiveBigIntegerField()
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    by = models.ForeignKey("store.User", models.PROTECT, db_index=False)
    key = models.CharField(max_length=80)
    reason = models.CharField(max_length=20)
    about = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=200, blank=True)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="reversals", db_index=False)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("batch", "place"), name="one_movement_per_place"),
            models.UniqueConstraint(
                fields=("reverses",), condition=Q(reverses__isnull=False), name="one_reversal"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="movement_moves"),
        )
        indexes = (
            models.Index(fields=("about",), condition=~Q(about=""), name="store_movement_about"),
            # What was used since a day, without looking at the movements themselves.
            *(
                models.Index(
                    fields=("reason", "happened_at", "batch", "amount"),
                    condition=Q(reason=reason),
                    name=f"store_movement_{reason}",
                )
                for reason in ("supply", "requisition")
            ),
        )

    def __str__(self) -> str:
        return f"movement {self.place} of batch {self.batch_id}"


class Transfer(models.Model):
    """Stock on its way between two accounts, in somebody's custody; its movements are about
    ``transfer:id``."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    source = models.ForeignKey(Account, models.PROTECT, related_name="+")
    target = models.ForeignKey(Account, models.PROTECT, related_name="+")
    carrier = models.CharField(max_length=120)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"transfer {self.pk}"


class Opening(models.Model):
    """A container that was opened at an account, and how many days it may be used after that day."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="openings")
    account = models.ForeignKey(Account, models.PROTECT)
    opened_on = models.DateField()
    days = models.PositiveIntegerField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"opened on {self.opened_on}"


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
