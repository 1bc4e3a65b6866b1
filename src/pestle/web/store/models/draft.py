"""What somebody had typed when they were called away."""

from __future__ import annotations

from django.db import models


class Draft(models.Model):
    """A form half filled in, of one person at one prescription: `form` is the step it belongs to, `version`
    the prescription's when it was typed. No record: it is replaced as they type, and gone when it is done."""

    user = models.ForeignKey("store.User", models.PROTECT)
    prescription = models.ForeignKey("store.Prescription", models.PROTECT)
    form = models.CharField(max_length=20)
    fields = models.JSONField()
    version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "prescription", "form"), name="one_draft_per_form"),
        )

    def __str__(self) -> str:
        return f"draft {self.pk}"
