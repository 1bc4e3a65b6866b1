"""Letters that list medicines: what arrived, what each line ended as, and how far it is.

What a letter says is in its message, kept whole as it came; a file that came beside it is kept too.
"""

from __future__ import annotations

from django.db import models


class Letter(models.Model):
    """A list that arrived for a patient; never changed. `way`: ``text`` (pasted or typed) or ``fhir``, and
    the message holds just that. `listed` are the ids of the lines that the practice's list had when it came:
    these are compared. `received_on` starts the clock; `dated` is the day that stands on it (null: none
    does)."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="letters")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="letter")
    way = models.CharField(max_length=8)
    kind = models.CharField(max_length=20)
    sender = models.CharField(max_length=200)
    dated = models.DateField(null=True)
    received_on = models.DateField()
    listed = models.JSONField(default=list)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"letter {self.pk}"


class LetterDocument(models.Model):
    """The photo, scan or PDF beside a letter; the file is the message."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="documents")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="letter_document")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"document of letter {self.letter_id}"


class LetterDecision(models.Model):
    """What one medicine of a letter ended as, or what was asked about it (`outcome` ``query``, any number of
    times until it comes back decided).

    `key` tells the medicine (see `medicine`), `listed` and `arrived` are the keys of its lines. `proposed` is
    what the program proposed; `shown` has what the person saw: both lines verbatim, the differences, the
    reasons. `made` are the lines of the list that the decision changed or put there. `type`, `severity` and
    `intent` are those of `reconciliation.discrepancy`; no type: the two lists said the same. `release` is the
    dictionary in use.
    """

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="decisions")
    key = models.CharField(max_length=200)
    listed = models.JSONField(default=list)
    arrived = models.JSONField(default=list)
    proposed = models.CharField(max_length=24)
    outcome = models.CharField(max_length=24)
    reason = models.CharField(max_length=1000, blank=True)
    shown = models.JSONField()
    made = models.JSONField(default=list)
    type = models.CharField(max_length=24, blank=True)
    severity = models.CharField(max_length=16, blank=True)
    intent = models.CharField(max_length=24, blank=True)
    release = models.CharField(max_length=80)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("letter", "key"), condition=~models.Q(outcome="query"), name="letter_line_ends_once"
            ),
        )
        indexes = (models.Index(fields=("letter", "key")),)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.key} of letter {self.letter_id}"

    @property
    def medicine(self) -> str:
        """The key of the medicine. Settled anew after an undo, `key` ends in ``#`` and how many were undone
        before, so that the database still lets a medicine end only once each time."""
        return self.key.partition("#")[0]


class LetterUndo(models.Model):
    """That what a medicine ended as was a mistake: the decision is undone, with what it did to the list, and
    the medicine is open again. `made` are the lines of the list that were made what they had been."""

    decision = models.OneToOneField(LetterDecision, models.PROTECT, related_name="undo")
    reason = models.CharField(max_length=1000)
    made = models.JSONField(default=list)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"undone: decision {self.decision_id}"


class LetterStanding(models.Model):
    """How far a letter is: a projection of its decisions, written only with one of them or with the letter.

    `state`: ``open`` or ``settled``. `left` are still to be settled, `asked` of those wait for a pharmacist;
    `lines` is how many medicines there were at first. `due_on` and `due_why`: the clock."""

    letter = models.OneToOneField(Letter, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    state = models.CharField(max_length=8)
    due_on = models.DateField()
    due_why = models.CharField(max_length=200)
    left = models.PositiveIntegerField()
    asked = models.PositiveIntegerField(default=0)
    high_risk = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (
            models.Index(fields=("site", "state", "due_on")),
            models.Index(fields=("site", "asked")),
        )

    def __str__(self) -> str:
        return f"{self.state}: letter {self.letter_id}"
