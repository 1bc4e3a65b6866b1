"""Runs in which the labels of many prescriptions are made together."""

from __future__ import annotations

from django.db import models


class LabelRun(models.Model):
    """A run: the prescriptions that it is to label, by id, in the order of their labels (`ordered`: worklist
    or shelf)."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    ordered = models.CharField(max_length=10)
    prescriptions = models.JSONField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"label run {self.pk}"


class LabelRunPart(models.Model):
    """One go at what a run has still to label: the first is its beginning, each other one went on after an
    interruption. What was labelled in one part is not labelled in another."""

    run = models.ForeignKey(LabelRun, models.PROTECT, related_name="parts")
    n = models.PositiveSmallIntegerField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "n"), name="one_part_per_number"),)

    def __str__(self) -> str:
        return f"part {self.n} of label run {self.run_id}"


class LabelRunItem(models.Model):
    """What became of one prescription in a run, once: the codes of its `labels`, or (none) the `reasons` why
    it was left out."""

    part = models.ForeignKey(LabelRunPart, models.PROTECT, related_name="items")
    run = models.ForeignKey(LabelRun, models.PROTECT, related_name="items")
    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="label_run_items")
    labels = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "prescription"), name="labelled_once_per_run"),)

    def __str__(self) -> str:
        return f"prescription {self.prescription_id} in label run {self.run_id}"
