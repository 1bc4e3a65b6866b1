"""Near misses and errors: each as it was told, and the corrections that follow it."""

from __future__ import annotations

from django.db import models


class NearMiss(models.Model):
    """What went wrong, or nearly, as it was told; never changed. `follows` points at the record that this one
    corrects, once, with `because`; `withdrawn` says that nothing of the kind happened. The one that nothing
    follows stands. Codes are values of `dispensary.near_miss`."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    prescription = models.ForeignKey("store.Prescription", models.PROTECT, null=True)
    kind = models.CharField(max_length=30)
    stage = models.CharField(max_length=20)
    happened_on = models.DateField()
    reached = models.CharField(max_length=10)
    harm = models.CharField(max_length=10)
    noticed_by = models.CharField(max_length=20)
    words = models.CharField(max_length=500)
    meant_id = models.CharField(max_length=40, blank=True)
    meant_name = models.CharField(max_length=300, blank=True)
    picked_id = models.CharField(max_length=40, blank=True)
    picked_name = models.CharField(max_length=300, blank=True)
    factors = models.JSONField(default=list)
    learned = models.CharField(max_length=500, blank=True)
    done = models.CharField(max_length=500, blank=True)
    candour = models.CharField(max_length=500, blank=True)
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="followed_by")
    because = models.CharField(max_length=300, blank=True)
    withdrawn = models.BooleanField(default=False)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-happened_on", "-id")),)

    def __str__(self) -> str:
        return f"near miss {self.pk}"
