"""Reviews of medicines at a practice: planned, prepared, decided line by line, done, and measured later."""

from __future__ import annotations

from django.db import models

from pestle.pharmacy.practice.review import CANCELLED, DONE


class Review(models.Model):
    """A review as it was planned; never changed. `kind` is a value of `practice.review.ReviewKind`; `reasons`
    are the parts of the need, with their points, as they were then."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=20)
    reasons = models.JSONField(default=list)
    points = models.PositiveIntegerField(default=0)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"review {self.pk}"


class ReviewStanding(models.Model):
    """Where a review is: a projection of its events, written only with one. `week` is the Monday of the week
    for which it is planned, `owner` who does it. One of a kind is open for a patient."""

    review = models.OneToOneField(Review, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    step = models.CharField(max_length=10)
    week = models.DateField()
    owner = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    done_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=("site", "step", "week")),
            models.Index(fields=("patient", "step", "done_on")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "kind"), condition=~models.Q(step__in=(DONE, CANCELLED)),
                name="review_open_once",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.step}: review {self.review_id}"


class ReviewEvent(models.Model):
    """What was done to a review; never changed. ``prepare`` holds the pack, ``decide`` the decisions on
    lines, ``complete`` the answers and the counts, ``measure`` the counts of later."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12)
    words = models.CharField(max_length=2000, blank=True)
    said = models.JSONField(default=dict)
    week = models.DateField(null=True)
    owner = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: review {self.review_id}"


class ReviewPlaces(models.Model):
    """How many reviews of a kind somebody has time for in each week; a setting, changed by its action."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    person = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "person", "kind"), name="review_places_once"),)

    def __str__(self) -> str:
        return f"{self.number} {self.kind} a week by {self.person_id}"


class ReviewNeed(models.Model):
    """Who needs a structured review, as the record stood at `computed_at`: a projection that can be worked
    out again at any time. `parts` are the parts of the need with points and facts."""

    patient = models.OneToOneField(
        "store.Patient", models.PROTECT, primary_key=True, related_name="review_need"
    )
    site = models.ForeignKey("store.Site", models.PROTECT)
    on = models.DateField()
    computed_at = models.DateTimeField()
    in_cohort = models.BooleanField()
    points = models.PositiveIntegerField()
    last_review = models.DateField(null=True)
    medicines = models.PositiveIntegerField()
    parts = models.JSONField()
    missing = models.JSONField()

    class Meta:
        indexes = (models.Index(fields=("site", "in_cohort", "-points")),)

    def __str__(self) -> str:
        return f"need of patient {self.patient_id}"
