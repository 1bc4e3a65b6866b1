"""The record of a patient: one table for each kind of fact, and the files that facts came in.

A fact is never edited: a correction or a retraction is a new row that follows it, once. Allergies are in
`patient.AllergyFact`.
"""

from __future__ import annotations

from django.db import models


class RecordImport(models.Model):
    """A file that held a patient's record, kept whole, and what became of it.

    `parts` are the kinds of fact of which it spoke, be it to say that there are none; `counts` how many facts
    had which verdict; `not_understood` the rule, reason and place of each thing that was not.
    """

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="record_imports")
    name = models.TextField(blank=True)
    bundle_type = models.TextField()
    body = models.BinaryField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    parts = models.JSONField()
    counts = models.JSONField()
    not_understood = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "digest"), name="one_import_per_file"),)

    def __str__(self) -> str:
        return f"import {self.pk} for patient {self.patient_id}"


class Fact(models.Model):
    """What every fact has: about whom, its id at whoever told it, what it is about, since when, what it says
    (`body`, see `pharmacy.record.fact.content`), who told it, and what it follows.

    `day` is the first day that `happened`, a date that may be a year alone, can be. `updated_at` is when the
    sender last changed it. A row with `retracted` takes back what it follows, for a `reason`.
    """

    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    fact_id = models.TextField()
    code = models.CharField(max_length=200, blank=True)
    system = models.TextField(blank=True)
    text = models.TextField()
    happened = models.CharField(max_length=10, blank=True)
    day = models.DateField(null=True)
    body = models.JSONField()
    happened_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    source_kind = models.CharField(max_length=12)
    who = models.TextField()
    reference = models.TextField(blank=True)
    document = models.ForeignKey(RecordImport, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(null=True)
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="followed_by")
    retracted = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        indexes = (
            models.Index(fields=("patient", "code", "day")),
            models.Index(fields=("patient", "day")),
        )

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk} of patient {self.patient_id}"


class ConditionFact(Fact):
    """A diagnosis or problem."""


class ObservationFact(Fact):
    """A result, a measurement or an answer."""


class OrderFact(Fact):
    """A medicine that somebody elsewhere ordered; what is ordered here is a line of a prescription."""


class StatementFact(Fact):
    """A medicine that somebody says is taken."""


class SupplyFact(Fact):
    """A medicine that somebody elsewhere supplied; what is supplied here is a line that was handed out."""


class AdministrationFact(Fact):
    """A dose that was given, or was not."""


class EncounterFact(Fact):
    """A contact or a stay."""
