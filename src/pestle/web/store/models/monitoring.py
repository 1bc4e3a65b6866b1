"""Monitoring at a practice: what was settled for a patient, the rounds of requests and invitations, who left
the list and why, short issues, and the list itself, which is worked out from the record."""

from __future__ import annotations

from django.db import models

from pestle.pharmacy.practice.monitoring_workflows import ENDED


class MonitoringPlan(models.Model):
    """What was settled for one patient; never changed, the latest of a kind and name stands.

    `kind`: ``interval`` (`name` is a kind of result, wanted every `number` `unit` until a day) or ``start``
    (`name` is a monitoring definition, `started` a date that may be a year alone). With `ended` it holds no
    longer."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="monitoring_plans")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    number = models.PositiveIntegerField(null=True)
    unit = models.CharField(max_length=6, blank=True)
    until = models.DateField(null=True)
    started = models.CharField(max_length=10, blank=True)
    ended = models.BooleanField(default=False)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} of {self.name} for patient {self.patient_id}"


class MonitoringRound(models.Model):
    """A round of a patient, from asking for tests to their being done; never changed."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="monitoring_rounds")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"monitoring round {self.pk}"


class MonitoringRoundStanding(models.Model):
    """Where a round is: a projection of its events, written only with one. `tests` are names of kinds of
    result. One of a patient is open."""

    round = models.OneToOneField(MonitoringRound, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    step = models.CharField(max_length=16)
    since = models.DateField()
    tests = models.JSONField()
    look_again = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient",), condition=~models.Q(step=ENDED), name="monitoring_round_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.step}: monitoring round {self.round_id}"


class MonitoringBatch(models.Model):
    """One run over many patients: `verb` for each of `patients`, by whom; how far it is, for how many it was
    `done`, and who was `skipped` and why. `way`: how the patients are invited."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    verb = models.CharField(max_length=14)
    way = models.CharField(max_length=10, blank=True)
    patients = models.JSONField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, default="waiting")
    looked_at = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"{self.state}: {self.verb} batch {self.pk}"


class MonitoringEvent(models.Model):
    """What was done in a round; never changed. `tests` are names of kinds of result; `said` is the request or
    the invitation as it went out; `look_again` when what was decided is looked at again."""

    round = models.ForeignKey(MonitoringRound, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=14)
    tests = models.JSONField(default=list)
    way = models.CharField(max_length=10, blank=True)
    said = models.JSONField(default=dict)
    words = models.CharField(max_length=1000, blank=True)
    look_again = models.DateField(null=True)
    batch = models.ForeignKey(MonitoringBatch, models.PROTECT, null=True, related_name="events")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: monitoring round {self.round_id}"


class MonitoringLeaving(models.Model):
    """Somebody took a medicine of a patient off the list, with the reason, or, with `back`, put it on again.
    Never changed; the latest of a `group` (a monitoring definition) stands."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="monitoring_leavings")
    group = models.CharField(max_length=80)
    reason = models.CharField(max_length=14)
    words = models.CharField(max_length=500)
    back = models.BooleanField(default=False)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.group} of patient {self.patient_id}"


class ShortIssue(models.Model):
    """A short issue that was proposed; never changed. `order` is the id of the order in the record; `late`
    the tests that were late, in words."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="short_issues")
    order = models.TextField()
    medicine = models.CharField(max_length=300)
    days = models.PositiveIntegerField()
    usual_days = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500)
    late = models.JSONField()
    never_interrupted = models.BooleanField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"short issue {self.pk}"


class ShortIssueEnd(models.Model):
    """What became of a proposal: ``decide`` with the decision, or ``withdraw``; never changed."""

    issue = models.OneToOneField(ShortIssue, models.PROTECT, related_name="end")
    verb = models.CharField(max_length=10)
    decision = models.CharField(max_length=10, blank=True)
    days = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: short issue {self.issue_id}"


class MonitoredPatient(models.Model):
    """A patient on the list, as the record stood at `computed_at` and counted on the day `on`: a projection
    that can be worked out again at any time. `first_due` is the last day of the first test in time; `rows`
    are the tests and medicines as the list shows them."""

    patient = models.OneToOneField(
        "store.Patient", models.PROTECT, primary_key=True, related_name="monitored"
    )
    site = models.ForeignKey("store.Site", models.PROTECT)
    on = models.DateField()
    computed_at = models.DateTimeField()
    listed = models.BooleanField()
    rank = models.PositiveIntegerField()
    late = models.PositiveIntegerField()
    never = models.PositiveIntegerField()
    cannot_tell = models.PositiveIntegerField()
    ask = models.PositiveIntegerField()
    out = models.PositiveIntegerField()
    lapsed = models.PositiveIntegerField()
    first_late = models.DateField(null=True)
    first_due = models.DateField(null=True)
    next_verb = models.CharField(max_length=14, blank=True)
    next_on = models.DateField(null=True)
    rows = models.JSONField()

    class Meta:
        indexes = (
            models.Index(fields=("site", "listed", "rank", "first_due")),
            models.Index(fields=("site", "next_verb", "next_on")),
        )

    def __str__(self) -> str:
        return f"monitoring of patient {self.patient_id}"


class MonitoredMedicine(models.Model):
    """One monitored medicine of a patient: a projection too. It is never taken away: who left the list stays
    in it as ``off``, with the reason."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="monitored_medicines")
    group = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    medicine = models.CharField(max_length=300)
    membership = models.CharField(max_length=8)
    left = models.CharField(max_length=14, blank=True)
    left_words = models.CharField(max_length=500, blank=True)
    left_on = models.DateField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "group"), name="monitored_medicine_once"),)
        indexes = (models.Index(fields=("site", "group", "membership")),)

    def __str__(self) -> str:
        return f"{self.group} of patient {self.patient_id}"
