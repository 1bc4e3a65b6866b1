"""What was asked before an issue of repeat dispensing."""

from __future__ import annotations

from django.db import models


class IssueAnswers(models.Model):
    """What was answered before an issue: by the code of each question, which lines were not needed this time,
    what was said besides, and by whom. The last one stands."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="issue_answers")
    answers = models.JSONField()
    not_needed = models.JSONField(default=list)
    words = models.CharField(max_length=500, blank=True)
    told_by = models.CharField(max_length=16)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"answers before the issue of prescription {self.prescription_id}"
