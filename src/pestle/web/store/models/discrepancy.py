"""Differences between book and count: opened, looked into, closed by somebody else."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Discrepancy(models.Model):
    """A difference, with the movement that brought the book to what was there. Never changed."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    movement = models.OneToOneField("store.Movement", models.PROTECT, related_name="discrepancy")
    why = models.CharField(max_length=200)
    opened_by = models.ForeignKey("store.User", models.PROTECT)
    opened_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"discrepancy {self.pk}"


class DiscrepancyEvent(models.Model):
    """Somebody looked into a discrepancy, or closed it with an `outcome`."""

    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, related_name="events")
    words = models.CharField(max_length=400)
    outcome = models.CharField(max_length=20, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("discrepancy",), condition=~Q(outcome=""), name="one_closing_per_discrepancy"
            ),
        )

    def __str__(self) -> str:
        return self.words
