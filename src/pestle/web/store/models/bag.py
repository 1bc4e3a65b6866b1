"""Where bags wait that are ready: shelves, bags, what is in them, and the book of where each part was put."""

from __future__ import annotations

from django.db import models


class BagShelf(models.Model):
    """A shelf on which bags wait, by its address; `part` is which part of a bag lies there. One that is no
    longer used stays, because the book names it."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    name = models.CharField(max_length=12)
    part = models.CharField(max_length=10)
    used = models.BooleanField(default=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("site", "name"), name="one_bag_shelf_per_name"),)

    def __str__(self) -> str:
        return self.name


class Bag(models.Model):
    """A bag of a patient. What is in it and where it lies is in the two tables below."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="bags")
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"bag {self.pk}"


class BagContent(models.Model):
    """A prescription lies in this bag from now on, in these parts; the last one of a prescription stands
    while it is ready. `last_day`: the last on which its controlled drugs may be supplied, null where it has
    none."""

    bag = models.ForeignKey(Bag, models.PROTECT, related_name="contents")
    prescription = models.ForeignKey("store.Prescription", models.PROTECT, related_name="bagged")
    parts = models.JSONField()
    last_day = models.DateField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"prescription {self.prescription_id} in bag {self.bag_id}"


class BagPut(models.Model):
    """A part of a bag was put on a shelf, or (`round`) left with a round; the last one of a part stands."""

    bag = models.ForeignKey(Bag, models.PROTECT, related_name="puts")
    part = models.CharField(max_length=10)
    shelf = models.ForeignKey(BagShelf, models.PROTECT, null=True)
    round = models.ForeignKey("store.DeliveryRound", models.PROTECT, null=True)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(shelf=None) ^ models.Q(round=None), name="put_on_a_shelf_or_a_round"
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} of bag {self.bag_id}"


class ContactWish(models.Model):
    """How a patient agreed to be told that something is ready (`way` empty: not at all); the last stands."""

    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="contact_wishes")
    way = models.CharField(max_length=20, blank=True)
    number = models.CharField(max_length=16, blank=True)
    told_by = models.CharField(max_length=120)
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"wish of patient {self.patient_id}"


class ReadyMessage(models.Model):
    """A patient was told that something is ready: how, to which number, in which words. Those that were made
    together have the same `batch`, under which they are a file and a pile of letters."""

    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="ready_messages")
    bag = models.ForeignKey(Bag, models.PROTECT, related_name="messages")
    way = models.CharField(max_length=20)
    number = models.CharField(max_length=16, blank=True)
    words = models.CharField(max_length=400)
    batch = models.UUIDField()
    by = models.ForeignKey("store.User", models.PROTECT)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("batch",)),)

    def __str__(self) -> str:
        return f"message about bag {self.bag_id}"
