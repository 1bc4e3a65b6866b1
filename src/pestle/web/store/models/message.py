"""Messages as they came and as they went, whole; and those that wait for a person."""

from __future__ import annotations

from django.db import models


class Message(models.Model):
    """A message, never changed. `outcome`: accepted, refused, duplicate, not_for_us, sent."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    direction = models.CharField(max_length=3)
    way = models.CharField(max_length=12)
    name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=60)
    body = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12)
    summary = models.CharField(max_length=300)
    refusals = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"


class MessageTask(models.Model):
    """A message that a person must work through: it could not be taken in whole."""

    message = models.OneToOneField(Message, models.PROTECT, related_name="task")
    site = models.ForeignKey("store.Site", models.PROTECT)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("store.User", models.PROTECT, null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = (models.Index(fields=("site", "closed_at")),)

    def __str__(self) -> str:
        return f"task for message {self.message_id}"
