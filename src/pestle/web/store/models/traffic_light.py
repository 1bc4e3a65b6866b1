"""The local lists that say who may prescribe a medicine, and the agreements by which care is shared."""

from __future__ import annotations

from django.db import models


class TrafficLightList(models.Model):
    """A list as it was taken in; never changed. The next version stands beside it, and the newest counts. The
    message holds the file. `verified`: who took it in says that it was compared with its source."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    version = models.PositiveIntegerField()
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="traffic_lights")
    source = models.CharField(max_length=300)
    checked_on = models.DateField()
    next_review = models.DateField()
    verified = models.BooleanField()
    entries = models.PositiveIntegerField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "version"), name="one_traffic_light_list_per_version"),
        )

    def __str__(self) -> str:
        return f"traffic lights {self.version} of {self.site_id}"


class SharedCareAgreement(models.Model):
    """An agreement to share the care of one medicine of a patient, or (`ended` says why) that it is over; the
    latest of a line counts. `document` is the agreement itself, where it was kept."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="agreements")
    listed = models.ForeignKey("store.ListedMedicine", models.PROTECT, related_name="agreements")
    specialist = models.CharField(max_length=200)
    agreed_on = models.DateField()
    ended = models.CharField(max_length=300, blank=True)
    document = models.OneToOneField("store.Message", models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("listed", "-id")),)

    def __str__(self) -> str:
        return f"agreement for line {self.listed_id}"
