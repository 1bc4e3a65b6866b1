"""The medicines list of a practice: where each line of it is, what was authorised and issued, and what still
has to be entered in the practice's other system.

What a line says is in the orders (`record.OrderFact`), which follow one another and are never edited.
"""

from __future__ import annotations

from django.db import models


class ListedMedicine(models.Model):
    """A line of a patient's medicines list: a projection of its orders, authorisations and issues, written
    only together with one of them, so that a list of thousands is one query.

    `order` is the newest order, `authorised` the one that was authorised last. `issues` were made since then;
    `reason` is why it was sent back, or ended. `status` and `standing`: see `practice.medicines_list`.
    `product_id` is the code of the medicine where it is one of the dictionary's. `use` and what follows it:
    how the line is ordered (`practice.repeats.Pattern`): for how many of 100 days, rounded down, until when
    all of it lasts, and its last issue, alone until `last_until`.
    """

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="listed")
    order = models.OneToOneField("store.OrderFact", models.PROTECT, related_name="listed")
    authorised = models.ForeignKey("store.OrderFact", models.PROTECT, null=True, related_name="+")
    status = models.CharField(max_length=20)
    standing = models.CharField(max_length=12)
    reason = models.CharField(max_length=500, blank=True)
    course = models.CharField(max_length=30)
    product_id = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    issues = models.PositiveIntegerField(default=0)
    last_issued = models.DateField(null=True)
    issues_allowed = models.PositiveIntegerField(null=True)
    authorised_until = models.DateField(null=True)
    review_by = models.DateField(null=True)
    withheld_until = models.DateField(null=True)
    use = models.CharField(max_length=20, blank=True)
    per_100_days = models.PositiveIntegerField(null=True)
    lasts_until = models.DateField(null=True)
    last_days = models.PositiveIntegerField(null=True)
    last_until = models.DateField(null=True)
    last_quantity = models.CharField(max_length=40, blank=True)
    last_unit = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("site", "standing", "status", "changed_at")),
            models.Index(fields=("site", "status", "review_by")),
            models.Index(fields=("site", "product_id")),
            models.Index(fields=("patient", "status")),
            models.Index(fields=("site", "use", "lasts_until")),
            models.Index(fields=("site", "status", "last_issued")),
        )

    def __str__(self) -> str:
        return f"{self.status}: medicine {self.pk} of patient {self.patient_id}"


class Authorisation(models.Model):
    """What a prescriber made of an order that was prepared: authorised, or sent back with a reason."""

    order = models.OneToOneField("store.OrderFact", models.PROTECT, related_name="authorisation")
    outcome = models.CharField(max_length=12)
    reason = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outcome}: order {self.order_id}"


class Issue(models.Model):
    """One issue of a line: on which day, under which order, how much (a number and its unit, as text) for how
    many days (null: not known). `number` counts from 1 under an authorisation; null: nobody said.

    `source_id` is the other system's id of an issue that came in a file.
    """

    listed = models.ForeignKey(ListedMedicine, models.PROTECT, related_name="issued")
    order = models.ForeignKey("store.OrderFact", models.PROTECT, related_name="+")
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    on = models.DateField()
    number = models.PositiveIntegerField(null=True)
    quantity = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    days = models.PositiveIntegerField(null=True)
    source_id = models.CharField(max_length=80, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("listed", "on", "source_id"), name="one_issue_per_day_and_source"
            ),
        )
        indexes = (models.Index(fields=("patient", "on")),)

    def __str__(self) -> str:
        return f"issue {self.pk} of {self.listed_id}"


class EntryElsewhere(models.Model):
    """What has to be entered in the practice's other system: the state after an order, in `words`. `state`:
    ``to_enter``, ``entered`` (by whom, when), ``confirmed`` by an import, ``never_arrived`` in one that was
    made after it was entered, ``overtaken`` by a later change. `missing`: what the import had otherwise."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    listed = models.ForeignKey(ListedMedicine, models.PROTECT, related_name="entries")
    order = models.OneToOneField("store.OrderFact", models.PROTECT, related_name="+")
    words = models.JSONField()
    state = models.CharField(max_length=16)
    asked_at = models.DateTimeField()
    entered_by = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(null=True)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey("store.BulkImport", models.PROTECT, null=True, related_name="+")
    missing = models.JSONField(default=list)

    class Meta:
        indexes = (models.Index(fields=("site", "state", "asked_at")),)

    def __str__(self) -> str:
        return f"{self.state}: order {self.order_id}"


class BulkImport(models.Model):
    """A file with many patients, or with facts about many: how far it is, and what became of its rows.

    `system` is the name of the mapping by which its columns were read, or ``fhir``; `part` what it holds.
    `as_at` is when the other system made it. `counts` has, by verdict, how many rows were taken in, held
    already, changed or refused. `state`: ``waiting``, ``running``, ``done``, ``failed``.
    """

    site = models.ForeignKey("store.Site", models.PROTECT)
    name = models.TextField(blank=True)
    system = models.CharField(max_length=30)
    part = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    as_at = models.DateTimeField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10)
    read = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    heard_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    failed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"{self.state}: import {self.pk}"


class RefusedRow(models.Model):
    """A row of a file that was not taken in: its line, why, and what it said."""

    source = models.ForeignKey(BulkImport, models.PROTECT, related_name="refused")
    line = models.PositiveIntegerField()
    rule = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    place = models.CharField(max_length=120, blank=True)
    said = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("source", "line", "rule", "place"), name="one_refusal_per_row"),
        )

    def __str__(self) -> str:
        return f"line {self.line} of import {self.source_id}"
