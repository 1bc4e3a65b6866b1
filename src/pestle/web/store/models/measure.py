"""Measures: what was asked of whom, how the patients stand, and what is asked again by itself."""

from __future__ import annotations

from django.db import models


class MeasureRun(models.Model):
    """Measures asked of a population on a day. `source` is empty for the site's own records, else the name
    of a folder; `names` are those of the measures.

    `state`: waiting, running, done, stopped, failed. `heard_at` is when its worker last said how far it was,
    `at_measure` at which measure. What it found is in its results, which only grow.
    """

    site = models.ForeignKey("store.Site", models.PROTECT)
    source = models.CharField(max_length=200, blank=True)
    on = models.DateField()
    names = models.JSONField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, default="waiting")
    at_measure = models.CharField(max_length=200, blank=True)
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)
    failed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"run {self.pk}"


class MeasureResult(models.Model):
    """What a measure found in a run; never changed. `definition` is the digest of the measure, `population`
    that of the source; `practices` has found, asked and unsure of each practice by its code (empty: not
    known). `before` is the result that stood before it as it was kept."""

    run = models.ForeignKey(MeasureRun, models.PROTECT, related_name="results")
    site = models.ForeignKey("store.Site", models.PROTECT)
    source = models.CharField(max_length=200, blank=True)
    measure = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    definition = models.CharField(max_length=64)
    population = models.CharField(max_length=64)
    on = models.DateField()
    found = models.PositiveIntegerField()
    asked = models.PositiveIntegerField()
    unsure = models.PositiveIntegerField()
    practices = models.JSONField(default=dict)
    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "measure"), name="measure_once_a_run"),)
        indexes = (models.Index(fields=("site", "source", "measure", "-on", "-id")),)

    def __str__(self) -> str:
        return f"{self.measure} in run {self.run_id}"


class MeasureFinding(models.Model):
    """A patient who was found, or of whom nobody can tell; never changed. `number` is the patient's in the
    source; `patient` is theirs here, null for a folder. `evidence` is an `Evidence`."""

    result = models.ForeignKey(MeasureResult, models.PROTECT, related_name="findings")
    number = models.BigIntegerField()
    patient = models.ForeignKey("store.Patient", models.PROTECT, null=True, related_name="+")
    practice = models.CharField(max_length=20, blank=True)
    found = models.BooleanField()
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("result", "number"), name="patient_once_a_result"),)

    def __str__(self) -> str:
        return f"patient {self.number} in result {self.result_id}"


class MeasureSchedule(models.Model):
    """That a measure is asked of a source every so many days; never changed. The latest of a measure and
    source stands; 0 days: not any more."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    source = models.CharField(max_length=200, blank=True)
    measure = models.CharField(max_length=200)
    days = models.PositiveIntegerField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "source", "measure", "-id")),)

    def __str__(self) -> str:
        return f"{self.measure} every {self.days} days"
