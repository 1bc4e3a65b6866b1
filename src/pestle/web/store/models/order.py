"""Suppliers, what was ordered from them, what came of it, and levels that somebody set."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Supplier(models.Model):
    """A supplier as recorded: of one name the newest counts. `cut_off` is local time, 17:30."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    name = models.CharField(max_length=80)
    lead_days = models.PositiveSmallIntegerField()
    cut_off = models.TimeField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class StockLevel(models.Model):
    """The levels of a generic product that somebody set, in base units: the newest counts. Both null: from
    use again."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    product_id = models.CharField(max_length=40)
    minimum = models.PositiveBigIntegerField(null=True)
    maximum = models.PositiveBigIntegerField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"levels of {self.product_id}"


class PurchaseOrder(models.Model):
    """An order to a supplier. Never changed: what came of it is told by its receipts and events."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    supplier = models.ForeignKey(Supplier, models.PROTECT)
    expected_on = models.DateField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    @property
    def number(self) -> str:
        """How it is called on paper."""
        return f"PO-{self.pk:06d}"

    def __str__(self) -> str:
        return self.number


class PurchaseLine(models.Model):
    """So many packs of one kind in an order."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    pack_id = models.CharField(max_length=60)
    pack_name = models.CharField(max_length=300)
    product_id = models.CharField(max_length=40)
    packs = models.PositiveIntegerField()
    pack_amount = models.PositiveBigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("order", "pack_id"), name="one_line_per_pack"),
            models.CheckConstraint(condition=Q(packs__gt=0), name="order_line_orders"),
        )

    def __str__(self) -> str:
        return f"{self.packs} x {self.pack_name}"


class PurchaseReceipt(models.Model):
    """Packs that came for a line, by which movement. `note` says what was accepted all the same."""

    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="receipts")
    movement = models.OneToOneField("store.Movement", models.PROTECT)
    packs = models.PositiveIntegerField()
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.packs} packs for line {self.line_id}"


class SupplierAnswer(models.Model):
    """What a supplier's file says of packs of a line (`said`: see `pharmacy.ledger.confirmation.Said`), and
    the file. `instead` is the pack that comes in place of the ordered one; `pence` the price of one pack."""

    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="answers")
    message = models.ForeignKey("store.Message", models.PROTECT, related_name="+")
    said = models.CharField(max_length=12)
    packs = models.PositiveIntegerField()
    instead_id = models.CharField(max_length=60, blank=True)
    instead_name = models.CharField(max_length=300, blank=True)
    pence = models.PositiveIntegerField(null=True)
    expected_on = models.DateField(null=True)
    words = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.packs} packs of line {self.line_id}: {self.said}"


class NotSupplied(models.Model):
    """Packs of a line that will not come, and what the supplier says. `shortage`: it cannot be had."""

    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="not_supplied")
    packs = models.PositiveIntegerField()
    shortage = models.BooleanField()
    words = models.CharField(max_length=200)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.packs} packs of line {self.line_id} do not come"
