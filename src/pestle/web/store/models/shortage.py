"""What is supplied under a serious shortage protocol instead of what was prescribed."""

from __future__ import annotations

from django.db import models


class ShortageStep(models.Model):
    """A step with a line: something else was proposed, decided on by a pharmacist, or what was prescribed is
    supplied after all (`step`: proposed, decided, undone). The last one stands. `was` is the line as it was
    entered, when another product took its place."""

    line = models.ForeignKey("store.Line", models.PROTECT, related_name="shortage_steps")
    step = models.CharField(max_length=10)
    protocol = models.CharField(max_length=3)
    product_id = models.CharField(max_length=40)
    product_name = models.CharField(max_length=300)
    wanted = models.PositiveBigIntegerField()
    words = models.CharField(max_length=300, blank=True)
    was = models.JSONField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.step} instead for line {self.line_id}"
