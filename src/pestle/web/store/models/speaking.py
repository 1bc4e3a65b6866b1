"""What a pharmacist must speak about with the patient, and what was said."""

from __future__ import annotations

from django.db import models


class SpeakFirst(models.Model):
    """A stop: a pharmacist speaks to the patient before the bag leaves, about a line or (null) the whole; or,
    with `answers`, what was said, once. `finding` is the key of the finding it came from."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="speak_first")
    line = models.ForeignKey("store.Line", models.PROTECT, null=True, related_name="+")
    finding = models.CharField(max_length=32, blank=True)
    words = models.CharField(max_length=500)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    answers = models.OneToOneField("self", models.PROTECT, null=True, related_name="answered_by")

    def __str__(self) -> str:
        return f"conversation {self.pk} of prescription {self.prescription_id}"
