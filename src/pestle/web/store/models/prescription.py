"""Prescriptions, their lines, and what was done to them on the way to the patient."""

from __future__ import annotations

from django.db import models


class Prescription(models.Model):
    """A prescription on the worklist. What was signed stands in its `PrescriptionOrder`, unchanged; this
    row says where the work is. `version` counts every change. Of repeat dispensing each issue is a row, with
    the same number: `issue` says which of how many (`issues`, null where it is not repeated), and
    `next_issue_on` when the one after it is due, while it has not come."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    number = models.CharField(max_length=40)
    issue = models.PositiveSmallIntegerField(default=1)
    issues = models.PositiveSmallIntegerField(null=True)
    next_issue_on = models.DateField(null=True)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="prescriptions")
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    step = models.CharField(max_length=20)
    step_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    claimed_by = models.ForeignKey("store.User", models.PROTECT, null=True)
    claimed_at = models.DateTimeField(null=True)
    done = models.JSONField(default=list)
    closed_because = models.CharField(max_length=20, blank=True)
    self_check_began_at = models.DateTimeField(null=True)
    self_check_by = models.IntegerField(null=True)
    search = models.CharField(max_length=1000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "number", "issue"), name="one_prescription_per_issue"),
        )
        indexes = (
            models.Index(fields=("site", "step", "due_at", "id")),
            models.Index(fields=("patient", "-received_at")),
            models.Index(
                fields=("site", "next_issue_on"),
                condition=models.Q(next_issue_on__isnull=False),
                name="store_prescription_next_issue",
            ),
        )

    def __str__(self) -> str:
        return f"prescription {self.pk}"


class PrescriptionOrder(models.Model):
    """The signed order as received: the tree's bytes and their digest. Never changed."""

    prescription = models.OneToOneField(Prescription, models.PROTECT, related_name="order")
    message = models.ForeignKey("store.Message", models.PROTECT)
    body = models.BinaryField()
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"order of prescription {self.prescription_id}"


class Line(models.Model):
    """One line on its way. `state`: open, cancelled, refused, withheld, supplied. `wanted` is in base units
    of the matched product and null until a person has matched it. `cancellation` holds a prescriber's wish to
    cancel that came too late and waits for an answer. `owed` is how much of `wanted` does not leave with the
    next hand-out, and `promised_on` the day on which it is promised. `undecided`: it waited for the answer to
    a query when the clinical check was signed, and a pharmacist has still to decide it. `protocol` is the
    number of the serious shortage protocol under which its product is supplied instead of what was
    prescribed."""

    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField()
    item_id = models.CharField(max_length=64)
    medication_code = models.CharField(max_length=40, blank=True)
    medication_text = models.CharField(max_length=300)
    product_id = models.CharField(max_length=40, blank=True)
    product_name = models.CharField(max_length=300, blank=True)
    release = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    per_unit = models.PositiveIntegerField(default=1)
    wanted = models.PositiveBigIntegerField(null=True)
    owed = models.PositiveBigIntegerField(default=0)
    promised_on = models.DateField(null=True)
    directions = models.CharField(max_length=1000, blank=True)
    verbatim = models.BooleanField(default=False)
    state = models.CharField(max_length=12, default="open")
    state_code = models.CharField(max_length=30, blank=True)
    state_reason = models.CharField(max_length=500, blank=True)
    cancellation = models.JSONField(null=True)
    undecided = models.BooleanField(default=False)
    protocol = models.CharField(max_length=3, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("prescription", "item_id"), name="one_line_per_item"),
            models.UniqueConstraint(fields=("prescription", "place"), name="one_line_per_place"),
        )
        ordering = ("place",)

    def __str__(self) -> str:
        return f"line {self.place} of prescription {self.prescription_id}"


class ClinicalCheck(models.Model):
    """What the pharmacist saw and decided: the findings as shown, and the answer to each line. `step` is
    where the prescription stood: at a later one than the clinical check, what had become new was answered."""

    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="clinical_checks")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    step = models.CharField(max_length=20, default="clinical")
    assessments = models.JSONField()
    decisions = models.JSONField()
    release = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"clinical check of prescription {self.prescription_id}"


class Label(models.Model):
    """A label that was made for a line: which of how many, for how much. `code` is what its barcode says.
    `withdrawn` labels belong to an earlier entry of the line and open nothing any more."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="labels")
    code = models.CharField(max_length=40, unique=True)
    n = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    amount = models.PositiveBigIntegerField()
    supplied_on = models.DateField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ("line", "n")

    def __str__(self) -> str:
        return f"label {self.code}"


class LabelPrint(models.Model):
    """Each time a label was printed, and why again."""

    label = models.ForeignKey(Label, models.PROTECT, related_name="prints")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"print of label {self.label_id}"


class Pick(models.Model):
    """A pack, or a part of one, that went into a line; `undoes` points at the pick it takes back, once."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="picks")
    batch = models.ForeignKey("store.Batch", models.PROTECT)
    movement = models.OneToOneField("store.Movement", models.PROTECT)
    amount = models.PositiveBigIntegerField()
    split = models.BooleanField()
    scanned = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    undoes = models.OneToOneField("self", models.PROTECT, null=True, related_name="undone_by")

    def __str__(self) -> str:
        return f"pick for line {self.line_id}"


class Rescan(models.Model):
    """A pick that was scanned again at the accuracy check."""

    pick = models.ForeignKey(Pick, models.PROTECT, related_name="rescans")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"rescan of pick {self.pick_id}"


class HandOut(models.Model):
    """A bag that left the pharmacy: to whom, when, and what they were told. A prescription of which something
    is owed has several; what each took with it stands in its supplies. `notification` is null where the
    prescription service has nothing to be told."""

    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="hand_outs")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    collector = models.CharField(max_length=20)
    collector_name = models.CharField(max_length=120, blank=True)
    counselling = models.JSONField(default=list)
    notification = models.OneToOneField("store.Message", models.PROTECT, null=True)

    def __str__(self) -> str:
        return f"hand-out of prescription {self.prescription_id}"


class Supply(models.Model):
    """A pick that left the pharmacy with a hand-out, once. What was picked and has none is still here."""

    hand_out = models.ForeignKey(HandOut, models.PROTECT, related_name="supplies")
    pick = models.OneToOneField(Pick, models.PROTECT, related_name="supply")

    def __str__(self) -> str:
        return f"supply of pick {self.pick_id}"


class Owing(models.Model):
    """What was said to be owed of a line, on which day it was promised, and why, unit by unit: `reasons` are
    the reason and the base units of each. The last one stands; nothing owed ends it."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="owings")
    amount = models.PositiveBigIntegerField()
    reasons = models.JSONField(default=list)
    promised_on = models.DateField(null=True)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"owing of line {self.line_id}"


class Notified(models.Model):
    """What the service was told of a prescription when nothing left: that it, or the rest of it, was not
    dispensed."""

    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="notified")
    message = models.OneToOneField("store.Message", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"notification of prescription {self.prescription_id}"


class Reminder(models.Model):
    """The patient was reminded of the bag that waits for them."""

    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="reminders")
    way = models.CharField(max_length=20)
    words = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"reminder of prescription {self.prescription_id}"
