"""Alerts that came with a class and a deadline, the recalls of packs that they brought, and who acted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Alert(models.Model):
    """A recall notice or a national alert. `level` is empty where it recalls nothing."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    kind = models.CharField(max_length=12)
    reference = models.CharField(max_length=120)
    title = models.CharField(max_length=200, blank=True)
    level = models.CharField(max_length=12, blank=True)
    deadline = models.DateTimeField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "reference"), name="one_alert_per_reference"),)

    def __str__(self) -> str:
        return self.reference


class AlertRecall(models.Model):
    """One pack, of one batch or of all, that an alert recalls."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="recalled")
    recall = models.OneToOneField("store.Recall", models.PROTECT)

    def __str__(self) -> str:
        return f"recall {self.recall_id} of alert {self.alert_id}"


class AlertAct(models.Model):
    """What somebody did about an alert; one of them `completes` it."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="acts")
    words = models.CharField(max_length=400)
    completes = models.BooleanField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("alert",), condition=Q(completes=True), name="one_completion"),
        )

    def __str__(self) -> str:
        return self.words
