"""What thermometers and loggers said of a place, and the excursions that were acted on."""

from __future__ import annotations

from django.db import models


class Temperature(models.Model):
    """A reading, in hundredths of a degree Celsius. `lowest` and `highest` since the reading before,
    where the thermometer keeps them. `origin` is “manual” or the digest of the logger's file, a message."""

    account = models.ForeignKey("store.Account", models.PROTECT, related_name="temperatures")
    at = models.DateTimeField()
    centi = models.IntegerField()
    lowest = models.IntegerField(null=True)
    highest = models.IntegerField(null=True)
    origin = models.CharField(max_length=64)
    by = models.ForeignKey("store.User", models.PROTECT)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "at"), name="one_reading_at_a_time"),)

    def __str__(self) -> str:
        return f"{self.centi / 100} °C"


class Excursion(models.Model):
    """An excursion that somebody acted on: its lots were set aside. Temperatures in hundredths of °C;
    `kinetic` is the mean kinetic temperature as it was shown."""

    account = models.ForeignKey("store.Account", models.PROTECT, related_name="excursions")
    quarantine = models.ForeignKey("store.Account", models.PROTECT, related_name="+")
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    coldest = models.IntegerField()
    warmest = models.IntegerField()
    kinetic = models.CharField(max_length=60)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "began"), name="one_excursion"),)

    def __str__(self) -> str:
        return f"excursion of {self.began}"


class ExcursionRelease(models.Model):
    """A pharmacist let a batch be used again after an excursion, on the maker's advice."""

    excursion = models.ForeignKey(Excursion, models.PROTECT, related_name="releases")
    movement = models.OneToOneField("store.Movement", models.PROTECT)
    advice = models.CharField(max_length=180)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.advice
