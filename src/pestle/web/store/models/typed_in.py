"""Prescriptions that came on paper or by word of mouth: who typed them in, the paper itself, and what an
emergency supply needs besides."""

from __future__ import annotations

from django.db import models


class TypedIn(models.Model):
    """A prescription that somebody typed in. `reason` is the nature of the emergency, where it is one."""

    prescription = models.OneToOneField("store.Prescription", models.PROTECT, related_name="typed_in")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"typing in of prescription {self.prescription_id}"


class PaperScan(models.Model):
    """The scan or photo of a prescription; the file is the message."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="scans")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="scan")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"scan of prescription {self.prescription_id}"


class EmergencyDecision(models.Model):
    """A pharmacist spoke with who asks for an emergency supply, and is satisfied; in their words."""

    prescription = models.OneToOneField("store.Prescription", models.PROTECT, related_name="emergency")
    words = models.CharField(max_length=500)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"emergency decision on prescription {self.prescription_id}"


class LatePrescription(models.Model):
    """The prescription that followed an emergency supply: its date, and the day on which it came."""

    prescription = models.OneToOneField(
        "store.Prescription", models.PROTECT, related_name="late_prescription"
    )
    dated = models.DateField()
    received_on = models.DateField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"late prescription of prescription {self.prescription_id}"
