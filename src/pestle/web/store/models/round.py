"""Delivery rounds: the stops of a day with a driver, and what became of each."""

from __future__ import annotations

from django.db import models


class DeliveryRound(models.Model):
    """A round. `version` counts every change of it and of its stops."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    on = models.DateField()
    driver = models.CharField(max_length=120)
    step = models.CharField(max_length=10)
    version = models.PositiveIntegerField(default=1)
    done = models.JSONField(default=list)
    left_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("site", "-on", "-id")),)

    def __str__(self) -> str:
        return f"round {self.pk}"


class RoundStop(models.Model):
    """A bag on a round, in its `place` of the order. `loaded`: which parts of the bag are on the van."""

    round = models.ForeignKey(DeliveryRound, models.PROTECT, related_name="stops")
    bag = models.ForeignKey("store.Bag", models.PROTECT, related_name="stops")
    place = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, default="on")
    loaded = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("bag",), condition=models.Q(state="on"), name="one_round_at_a_time_per_bag"
            ),
        )
        ordering = ("place", "pk")

    def __str__(self) -> str:
        return f"stop {self.pk} of round {self.round_id}"


class DeliveryAttempt(models.Model):
    """What became of a stop, once: delivered (`recipient`, their `name`, whether they `signed`), or why not
    (`failed`). It happened, and it was recorded: two times."""

    stop = models.OneToOneField(RoundStop, models.PROTECT, related_name="attempt")
    failed = models.CharField(max_length=20, blank=True)
    recipient = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=120, blank=True)
    signed = models.BooleanField(default=False)
    words = models.CharField(max_length=300, blank=True)
    happened_at = models.DateTimeField()
    by = models.ForeignKey("store.User", models.PROTECT)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"attempt at stop {self.stop_id}"
