"""Prescriptions in instalments: what the prescription says of a line, what was given for which days, what the
prescriber said after collections were missed; and the days on which a site is closed."""

from __future__ import annotations

from django.db import models


class InstalmentPlan(models.Model):
    """The instalments of a line as somebody read them from the prescription; the last one stands. `amounts`
    are base units for each day from `begins` on, `weekdays` the collection days (Monday is 0), `wordings`
    values of `dispensary.instalments.Wording`; `stop_after` null: the prescription does not say."""

    line = models.ForeignKey("store.Line", models.PROTECT, related_name="instalment_plans")
    begins = models.DateField()
    amounts = models.JSONField()
    weekdays = models.JSONField()
    wordings = models.JSONField(default=list)
    stop_after = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"instalments of line {self.line_id}"


class InstalmentGiven(models.Model):
    """For which `days` of treatment a hand-out had the amount of a line."""

    hand_out = models.ForeignKey("store.HandOut", models.PROTECT, related_name="instalments")
    line = models.ForeignKey("store.Line", models.PROTECT, related_name="instalments_given")
    days = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("hand_out", "line"), name="one_instalment_per_hand_out"),
        )

    def __str__(self) -> str:
        return f"instalment of line {self.line_id}"


class InstalmentCall(models.Model):
    """The prescriber was spoken to about a line; from `resumes_on` it goes on, null where it does not."""

    line = models.ForeignKey("store.Line", models.PROTECT, related_name="instalment_calls")
    words = models.CharField(max_length=400)
    resumes_on = models.DateField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"call about line {self.line_id}"


class ClosedDay(models.Model):
    """A day on which a site is closed, or open after all; the last one stands."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    on = models.DateField()
    closed = models.BooleanField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "on")),)

    def __str__(self) -> str:
        return f"{self.on}"
