"""Questions to somebody outside, call-backs to somebody who rang, and what was done to each."""

from __future__ import annotations

from django.db import models


class Call(models.Model):
    """Somebody rang, about a patient or about nobody we know: who, what about, and what they were told."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, null=True, related_name="calls")
    caller = models.CharField(max_length=120)
    telephone = models.CharField(max_length=30, blank=True)
    about = models.CharField(max_length=500)
    told = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"call {self.pk}"


class Query(models.Model):
    """What was asked, or is rung back about; never changed. `kind` is ``query`` or ``call_back``; `name` who
    is asked or rung back. What it is about: a line, a prescription, a patient, a product. `holds`: the line,
    or every line of the prescription, waits. `finding` is the key of the finding it came from."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    kind = models.CharField(max_length=12)
    asked = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    telephone = models.CharField(max_length=30, blank=True)
    words = models.CharField(max_length=1000)
    holds = models.BooleanField(default=False)
    prescription = models.ForeignKey("store.Prescription", models.PROTECT, null=True, related_name="queries")
    line = models.ForeignKey("store.Line", models.PROTECT, null=True, related_name="queries")
    patient = models.ForeignKey("store.Patient", models.PROTECT, null=True, related_name="queries")
    product_id = models.CharField(max_length=40, blank=True)
    product_name = models.CharField(max_length=300, blank=True)
    finding = models.CharField(max_length=32, blank=True)
    call = models.OneToOneField(Call, models.PROTECT, null=True, related_name="call_back")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"query {self.pk}"


class QueryStanding(models.Model):
    """Where a query is: a projection of its events, written only with one. `owner` is null where the whole
    team looks after it."""

    query = models.OneToOneField(Query, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    state = models.CharField(max_length=12)
    owner = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("site", "state", "due_at")),)

    def __str__(self) -> str:
        return f"{self.state}: query {self.query_id}"


class QueryEvent(models.Model):
    """What was done to a query: a try, an answer, its end. `name` is who was spoken to, or who answered;
    `happened_at` when, `at` when it was written down. ``pass_on`` has the new owner and deadline."""

    query = models.ForeignKey(Query, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12)
    way = models.CharField(max_length=12, blank=True)
    outcome = models.CharField(max_length=14, blank=True)
    name = models.CharField(max_length=120, blank=True)
    words = models.CharField(max_length=1000, blank=True)
    owner = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    happened_at = models.DateTimeField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: query {self.query_id}"
