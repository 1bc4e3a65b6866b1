"""Requisitions for controlled drugs: what the form said, what was supplied, and the original sent on."""

from __future__ import annotations

from django.db import models


class Requisition(models.Model):
    """A requisition as it was read, with the supply on it; never changed. Its movements are about
    ``requisition:id``. `purpose` is a value of `ledger.requisition.Purpose`; `taken_by` took it away."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    name = models.CharField(max_length=120)
    profession = models.CharField(max_length=120)
    organisation = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300)
    purpose = models.CharField(max_length=20)
    purpose_words = models.CharField(max_length=200, blank=True)
    signed_on = models.DateField()
    veterinary = models.BooleanField()
    taken_by = models.CharField(max_length=120)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "id")),)

    def __str__(self) -> str:
        return f"requisition {self.pk}"


class RequisitionLine(models.Model):
    """One drug of it: the total quantity that the form states, in base units of the generic product."""

    requisition = models.ForeignKey(Requisition, models.PROTECT, related_name="lines")
    product_id = models.CharField(max_length=40)
    product_name = models.CharField(max_length=300)
    schedule = models.PositiveSmallIntegerField()
    asked = models.PositiveBigIntegerField()
    unit = models.CharField(max_length=60)
    per_unit = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("requisition", "product_id"), name="one_line_per_drug"),
        )

    def __str__(self) -> str:
        return f"line of requisition {self.requisition_id}"


class RequisitionSent(models.Model):
    """The original went to the NHS agency, once; in `words` with what, such as the submission of a month."""

    requisition = models.OneToOneField(Requisition, models.PROTECT, related_name="sent")
    words = models.CharField(max_length=200)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"requisition {self.requisition_id} sent on"
