"""The pharmacy record: who was the responsible pharmacist when."""

from __future__ import annotations

from django.db import models


class ResponsibleEntry(models.Model):
    """One entry, never changed: somebody came into charge, ceased, left or returned, at a moment. `by` wrote
    it down: they themself, or who took over. Name and number stand as they were. `contactable` and `other`:
    what was arranged for an absence. `why`: for what is late, or over the limit."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    step = models.CharField(max_length=10)
    pharmacist = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    registration = models.CharField(max_length=60)
    at = models.DateTimeField()
    contactable = models.BooleanField(null=True)
    other = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-id")),)

    def __str__(self) -> str:
        return f"{self.step}: {self.name}"
