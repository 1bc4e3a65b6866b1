"""Patients, and the facts about them that the bench needs today."""

from __future__ import annotations

from django.db import models


class Patient(models.Model):
    """A patient at a site, found by NHS number. `search` holds the folded name for the search box.
    `nominated_pharmacy` is the code of the pharmacy to which a practice sends their prescriptions."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    nhs_number = models.CharField(max_length=10, null=True)
    family = models.CharField(max_length=120)
    given = models.JSONField(default=list)
    prefix = models.CharField(max_length=40, blank=True)
    born = models.DateField(null=True)
    gender = models.CharField(max_length=10)
    address = models.JSONField(default=list)
    postcode = models.CharField(max_length=12, blank=True)
    gp_practice_code = models.CharField(max_length=20, blank=True)
    died = models.DateField(null=True)
    nominated_pharmacy = models.CharField(max_length=10, blank=True)
    search = models.CharField(max_length=400)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "nhs_number"), name="one_patient_per_nhs_number"),
        )
        indexes = (models.Index(fields=("site", "search")),)

    def __str__(self) -> str:
        return f"patient {self.pk}"


class AllergyFact(models.Model):
    """One statement about allergies; never edited, only followed (`follows`). `statement` is ``allergy`` or
    ``none_known``. One that came in a file has the sender's `fact_id`, and all that it says in `body`."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="allergy_facts")
    statement = models.CharField(max_length=12)
    substance = models.TextField(blank=True)
    code = models.TextField(blank=True)
    system = models.TextField(blank=True)
    kind = models.CharField(max_length=12, blank=True)
    reaction = models.TextField(blank=True)
    severity = models.CharField(max_length=12, blank=True)
    refuted = models.BooleanField(default=False)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    happened_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    source_kind = models.CharField(max_length=12)
    who = models.TextField()
    reference = models.TextField(blank=True)
    fact_id = models.TextField(blank=True)
    body = models.JSONField(null=True)
    document = models.ForeignKey("store.RecordImport", models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.statement} for patient {self.patient_id}"
