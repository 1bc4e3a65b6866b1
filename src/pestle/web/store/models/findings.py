"""What the checks found and what became of it; how a site tunes its checks; replays over history."""

from __future__ import annotations

from django.db import models


class Found(models.Model):
    """One thing that the checks found when a clinical check was signed, counted once however many lines it is
    about. The finding itself stands in the check's `assessments`.

    `was` is how serious the check takes it, `severity` what the site makes of it. `quiet` was listed apart,
    `on_trial` was not shown. `approved`: a line that it is about went on. `answer` is what was said to it
    now, `before` the earlier one whose answer still held."""

    clinical_check = models.ForeignKey("store.ClinicalCheck", models.PROTECT, related_name="found")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT)
    at = models.DateTimeField()
    check_name = models.CharField(max_length=40)
    rule = models.CharField(max_length=80)
    definition = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=32)
    was = models.CharField(max_length=12)
    severity = models.CharField(max_length=12)
    quiet = models.BooleanField()
    on_trial = models.BooleanField()
    approved = models.BooleanField()
    answer = models.CharField(max_length=500, blank=True)
    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="later")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("clinical_check", "key"), name="one_finding_per_key_and_check"),
        )
        indexes = (
            models.Index(fields=("site", "at")),
            models.Index(fields=("site", "definition", "at")),
            models.Index(fields=("patient", "key")),
        )

    def __str__(self) -> str:
        return f"{self.check_name}/{self.rule} at clinical check {self.clinical_check_id}"


class Referral(models.Model):
    """A question of somebody who may not judge it, to a pharmacist; or, with `answers`, what was said to one,
    once. `key` is that of the finding it is about, if it is about one."""

    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="referrals")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    step = models.CharField(max_length=20)
    key = models.CharField(max_length=32, blank=True)
    words = models.CharField(max_length=500)
    answers = models.OneToOneField("self", models.PROTECT, null=True, related_name="answered_by")

    def __str__(self) -> str:
        return f"referral {self.pk} of prescription {self.prescription_id}"


class Tuning(models.Model):
    """What a site makes of what a rule finds, as a pharmacist decided it. `to` is empty for quiet."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    check_name = models.CharField(max_length=40)
    rule = models.CharField(max_length=80)
    definition = models.CharField(max_length=200, blank=True)
    was = models.CharField(max_length=12)
    to = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=500)
    review = models.DateField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "definition")),)

    def __str__(self) -> str:
        return f"tuning {self.pk} of {self.check_name}/{self.rule}"


class TuningStep(models.Model):
    """What followed a tuning: a second signature (``signed``), or its end (``withdrawn``); each once."""

    tuning = models.ForeignKey(Tuning, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("tuning", "kind"), name="one_step_of_a_kind"),)

    def __str__(self) -> str:
        return f"{self.kind}: tuning {self.tuning_id}"


class DefinitionState(models.Model):
    """A definition was put on trial at a site (``trial``), or switched on (``on``). Without a row it is
    on."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    definition = models.CharField(max_length=200)
    state = models.CharField(max_length=6)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    follows = models.OneToOneField("self", models.PROTECT, null=True, related_name="followed_by")

    class Meta:
        indexes = (models.Index(fields=("site", "definition")),)

    def __str__(self) -> str:
        return f"{self.definition}: {self.state}"


class Replay(models.Model):
    """A definition, or a severity as it might be tuned, run over the prescriptions kept from a period.

    `state`: waiting, running, done, stopped, failed. `heard_at` is when its worker last said how far it was.
    """

    site = models.ForeignKey("store.Site", models.PROTECT)
    definition = models.CharField(max_length=200)
    tuning = models.JSONField(null=True)
    first = models.DateField()
    last = models.DateField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, default="waiting")
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)
    failed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"replay {self.pk}"
