"""What patients, pharmacies and care homes ask for, and the prescriptions that a practice signs for it."""

from __future__ import annotations

from django.db import models


class RequestSheet(models.Model):
    """A file in which somebody asked for repeats of many patients, taken in; never changed. The message holds
    it as it came, and what of it is filed for a person. `came_from`, `way`, `name`: as of a request.

    `rows` says of each row in its order what became of it: ``place``, ``said`` (verbatim), ``patient`` (id or
    null), ``listed`` (the name of the line that it means, or empty), ``verdict`` and ``why`` (a list)."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="request_sheet")
    came_from = models.CharField(max_length=12)
    way = models.CharField(max_length=8)
    name = models.CharField(max_length=120)
    rows = models.JSONField()
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return f"request sheet {self.pk}"


class RequestSheetDocument(models.Model):
    """The photo, scan or PDF beside a sheet of requests; the file is the message."""

    sheet = models.ForeignKey(RequestSheet, models.PROTECT, related_name="documents")
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="request_sheet_document")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"document of request sheet {self.sheet_id}"


class RepeatRequest(models.Model):
    """Somebody asked for repeats of a patient; never changed. `came_from`: see `practice.request.From`; `way`
    is ``form``, ``upload`` or ``fhir``; `name` who asked. `sheet` is the file that it was in, if any."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="requests")
    sheet = models.ForeignKey(RequestSheet, models.PROTECT, null=True, related_name="requests")
    came_from = models.CharField(max_length=12)
    way = models.CharField(max_length=8)
    name = models.CharField(max_length=120)
    words = models.CharField(max_length=1000, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"request {self.pk} for patient {self.patient_id}"


class RequestLine(models.Model):
    """One thing that was asked for: a line of the patient's list, or (`listed` null) words that are none.

    A projection of its events, written only with one. `quantity`, `unit` and `days`: what is to be issued,
    where it is not what the list says. `order` is the order that was seen when it was prepared. `said` is all
    that a row of a sheet said of it, and `doubt` what of that a person has to look at. `though_red`: a
    prescriber prepared it although the local list has it as hospital only; the event says why.
    """

    request = models.ForeignKey(RepeatRequest, models.PROTECT, related_name="lines")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    listed = models.ForeignKey("store.ListedMedicine", models.PROTECT, null=True, related_name="asked")
    text = models.CharField(max_length=300)
    said = models.CharField(max_length=500, blank=True)
    doubt = models.CharField(max_length=500, blank=True)
    though_red = models.BooleanField(default=False)
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=500, blank=True)
    quantity = models.CharField(max_length=40, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    days = models.PositiveIntegerField(null=True)
    order = models.ForeignKey("store.OrderFact", models.PROTECT, null=True, related_name="+")
    query = models.ForeignKey("store.Query", models.PROTECT, null=True, related_name="+")
    item = models.OneToOneField("store.IssuedItem", models.PROTECT, null=True, related_name="asked")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "state", "at")),)

    def __str__(self) -> str:
        return f"{self.state}: line {self.pk} of request {self.request_id}"


class RequestEvent(models.Model):
    """What was done to a line of a request, by whom, with which words."""

    line = models.ForeignKey(RequestLine, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=10)
    words = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: line {self.line_id}"


class IssuedPrescription(models.Model):
    """A prescription that the practice signed, with the message in which it leaves. `issues` of repeat
    dispensing, each for `interval` days from `starts_on`; of any other, one."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="issued_prescriptions")
    number = models.CharField(max_length=24, unique=True)
    course = models.CharField(max_length=30)
    issues = models.PositiveIntegerField(default=1)
    interval = models.PositiveIntegerField(null=True)
    starts_on = models.DateField()
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="+")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("site", "-at")),)

    def __str__(self) -> str:
        return self.number


class IssuedItem(models.Model):
    """One item of it: of which line and order, under which item number of the service, how much."""

    prescription = models.ForeignKey(IssuedPrescription, models.PROTECT, related_name="items")
    listed = models.ForeignKey("store.ListedMedicine", models.PROTECT, related_name="items")
    order = models.ForeignKey("store.OrderFact", models.PROTECT, related_name="+")
    item_id = models.CharField(max_length=36, unique=True)
    text = models.TextField()
    quantity = models.CharField(max_length=100)

    def __str__(self) -> str:
        return f"item {self.item_id}"


class ItemStanding(models.Model):
    """What is known of an item, a projection: what was told of it last (`practice.collected.Told`), why in
    the service's words; written only together with the item, a `DispensingSaid` or a `CancellationSaid`."""

    item = models.OneToOneField(IssuedItem, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    signed_on = models.DateField()
    told = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=80, blank=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("site", "told", "signed_on")),)

    def __str__(self) -> str:
        return f"{self.told or 'nothing told'}: item {self.item_id}"


class DispensingSaid(models.Model):
    """What a message of the service said of an item, and when that happened. `notification` names the message
    by its own identifier; one that is withdrawn is followed by an entry that says nothing (`told` empty)."""

    item = models.ForeignKey(IssuedItem, models.PROTECT, related_name="dispensing")
    told = models.CharField(max_length=20, blank=True)
    why = models.CharField(max_length=80, blank=True)
    notification = models.CharField(max_length=80, db_index=True)
    message = models.ForeignKey("store.Message", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.told or 'withdrawn'}: item {self.item_id}"


class ItemCancellation(models.Model):
    """An item that the practice takes back, with the service's reason and the message that asks for it."""

    item = models.ForeignKey(IssuedItem, models.PROTECT, related_name="cancellations")
    reason = models.CharField(max_length=4)
    words = models.CharField(max_length=500, blank=True)
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="+")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"cancellation of item {self.item_id}"


class CancellationSaid(models.Model):
    """What the service said to a cancellation: its outcome, and the message that says so."""

    cancellation = models.ForeignKey(ItemCancellation, models.PROTECT, related_name="said")
    outcome = models.CharField(max_length=10)
    message = models.OneToOneField("store.Message", models.PROTECT, related_name="+")
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.outcome}: cancellation {self.cancellation_id}"
