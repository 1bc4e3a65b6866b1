"""What the law wants beside a movement of a controlled drug, and notes beside an entry of the register."""

from __future__ import annotations

from django.db import models


class RegisterParticulars(models.Model):
    """What stands beside one movement; never changed. `party` is who supplied it or was supplied, `authority`
    the prescriber (or a licence), `document` the number of the invoice or prescription. Empty: not said.
    `schedule` is what the drug was held to be; `identity` a value of `dispensary.collection.Identity`."""

    movement = models.OneToOneField("store.Movement", models.PROTECT, related_name="particulars")
    schedule = models.PositiveSmallIntegerField()
    party_name = models.CharField(max_length=200)
    party_address = models.CharField(max_length=400, blank=True)
    authority = models.CharField(max_length=300, blank=True)
    collector = models.CharField(max_length=20, blank=True)
    collector_name = models.CharField(max_length=120, blank=True)
    collector_address = models.CharField(max_length=300, blank=True)
    identity = models.CharField(max_length=12, blank=True)
    document = models.CharField(max_length=120, blank=True)
    remarks = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"particulars of movement {self.movement_id}"


class RegisterNote(models.Model):
    """A correction in the margin: signed, dated, pointing at the entry, which stays as it is."""

    movement = models.ForeignKey("store.Movement", models.PROTECT, related_name="register_notes")
    words = models.CharField(max_length=400)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note on movement {self.movement_id}"
