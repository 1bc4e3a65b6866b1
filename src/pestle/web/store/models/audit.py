"""Commands that were given once, and the chain of what was done."""

from __future__ import annotations

from django.db import models


class Command(models.Model):
    """A command by its key: inserted first, so that a second submission of the same form finds it."""

    id = models.UUIDField(primary_key=True)
    site_id = models.IntegerField()
    action = models.CharField(max_length=60)
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site_id", "action", "key"), name="one_command_per_key"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.key}"


class AuditEvent(models.Model):
    """What was done, by whom, when, to what, with which result. Without foreign keys: it outlives them."""

    site_id = models.IntegerField()
    place = models.PositiveBigIntegerField()
    action = models.CharField(max_length=60)
    person_id = models.BigIntegerField()
    person_name = models.CharField(max_length=120)
    person_roles = models.JSONField()
    at = models.DateTimeField()
    subject = models.CharField(max_length=60)
    detail = models.JSONField()
    result = models.JSONField()
    command_id = models.UUIDField(unique=True)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site_id", "place"), name="one_audit_event_per_place"),
        )
        indexes = (models.Index(fields=("subject",), name="store_auditevent_subject"),)

    def __str__(self) -> str:
        return f"{self.place} {self.action}"


class AuditHead(models.Model):
    """Where each site's chain ends; the last row that an action locks."""

    site_id = models.IntegerField(primary_key=True)
    count = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.site_id}: {self.count}"
