"""What a prescription is paid by: the charge or the exemption, endorsements, claims, what was taken back, and
what the prescription service answered. Nothing here is edited: what is newer follows."""

from __future__ import annotations

from django.db import models


class Charge(models.Model):
    """Whether the prescription charge was paid, or why not, as it was answered for the whole prescription.
    `exemption` is the service's code. `signed`: the declaration on a paper form is (null: it is not on paper,
    or needs none). `paid_items` had a charge of `item_pence` each (null: not known). A newer one corrects it
    (`follows`)."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="charges")
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="followed_by")
    exemption = models.CharField(max_length=8)
    evidence = models.CharField(max_length=8, blank=True)
    declared_by = models.CharField(max_length=16, blank=True)
    certificate = models.CharField(max_length=40, blank=True)
    certificate_ends = models.DateField(null=True)
    signed = models.BooleanField(null=True)
    paid_items = models.PositiveSmallIntegerField()
    item_pence = models.PositiveIntegerField(null=True)
    free_items = models.JSONField(default=list)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("prescription",),
                condition=models.Q(follows=None),
                name="charge_asked_once_per_prescription",
            ),
        )

    def __str__(self) -> str:
        return f"charge of prescription {self.prescription_id}"


class LineEndorsement(models.Model):
    """How a line is endorsed: `codes` are the service's codes with their details. The last one stands."""

    line = models.ForeignKey("store.Line", models.PROTECT, related_name="endorsements")
    codes = models.JSONField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"endorsement of line {self.line_id}"


class PaymentClaim(models.Model):
    """A claim that was made: its message, the month for which it counts, how many items were dispensed, and
    for how many of them a charge was paid. `replaces` is the claim that it amends, once."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="payment_claims")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="payment_claim")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    month = models.DateField()
    items = models.PositiveSmallIntegerField()
    paid_items = models.PositiveSmallIntegerField()
    charge = models.ForeignKey(Charge, models.PROTECT)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("month", "at")),)

    @property
    def pence(self) -> int | None:
        """What the patient paid; None when the charge was not known."""
        if not self.paid_items:
            return 0
        return None if self.charge.item_pence is None else self.charge.item_pence * self.paid_items

    def __str__(self) -> str:
        return f"claim for prescription {self.prescription_id}"


class ToldAgain(models.Model):
    """A notification that tells the service again of a hand-out, after the one before was withdrawn, refused
    or overtaken. The last one stands."""

    hand_out = models.ForeignKey("store.HandOut", models.PROTECT, related_name="told_again")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="told_again")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"told again of hand-out {self.hand_out_id}"


class Withdrawal(models.Model):
    """A dispense notification that was taken back, once: the message that says so, and why."""

    notification = models.OneToOneField("store.Message", models.PROTECT, related_name="withdrawal")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="withdraws")
    reason = models.CharField(max_length=30)
    words = models.CharField(max_length=300)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"withdrawal of message {self.notification_id}"


class ReturnToService(models.Model):
    """A prescription that was given back to the service undispensed, why, and the step it left."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="returns")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="returns")
    reason = models.CharField(max_length=30)
    words = models.CharField(max_length=300)
    step = models.CharField(max_length=20)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"return of prescription {self.prescription_id}"


class ServiceAnswer(models.Model):
    """What the service said (`message`) to a message of ours (`about`). The last one counts."""

    about = models.ForeignKey("store.Message", models.PROTECT, related_name="answers")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="answers_to")
    accepted = models.BooleanField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"answer to message {self.about_id}"
