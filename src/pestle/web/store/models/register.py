"""What stands beside movements of controlled drugs: particulars, notes, counts of the balance, destruction;
and what patients brought back, which is no stock of ours."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


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


class Countersignature(models.Model):
    """A second person who watched a movement inside the pharmacy, such as into quarantine, and signed for
    themself."""

    movement = models.OneToOneField("store.Movement", models.PROTECT, related_name="countersignature")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"countersignature of movement {self.movement_id}"


class BalanceCheck(models.Model):
    """A page that two people counted: what the book said and what was found, in base units."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    page_id = models.CharField(max_length=40)
    book = models.PositiveBigIntegerField()
    found = models.PositiveBigIntegerField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    second = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "page_id")),)

    def __str__(self) -> str:
        return f"balance check {self.pk}"


class PatientReturn(models.Model):
    """A controlled drug that a patient brought back: a record of its own, and no entry of the register."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    medicine = models.CharField(max_length=200)
    quantity = models.CharField(max_length=60)
    brought_by = models.CharField(max_length=120)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"return {self.pk}"


class Destruction(models.Model):
    """Stock (its `movement`) or a patient's return that was destroyed before a witness: `witness` who has an
    account and signed for themself, else a name and the authority by which they came."""

    movement = models.OneToOneField("store.Movement", models.PROTECT, null=True, related_name="destruction")
    patient_return = models.OneToOneField(
        PatientReturn, models.PROTECT, null=True, related_name="destruction"
    )
    site = models.ForeignKey("store.Site", models.PROTECT)
    witness = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    witness_name = models.CharField(max_length=120)
    witness_authority = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=200)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(movement__isnull=True) ^ Q(patient_return__isnull=True),
                name="one_thing_destroyed",
            ),
        )

    def __str__(self) -> str:
        return f"destruction {self.pk}"
