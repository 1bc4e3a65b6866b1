"""What is to be done about a patient, where it stands, and what was done to it."""

from __future__ import annotations

from django.db import models

from pestle.pharmacy.worklist.patient_task import OPEN


class PatientTask(models.Model):
    """A task as it was opened; never changed. `kind` is a value of `worklist.patient_task.Kind`; `origin`
    says what brought it; `evidence` is an `Evidence`."""

    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20)
    origin = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    reason = models.CharField(max_length=2000)
    evidence = models.JSONField(default=dict)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"task {self.pk}"


class PatientTaskStanding(models.Model):
    """Where a task is: a projection of its events, written only with one. One of an origin is open for a
    patient. `owner` is null where the whole team looks after it; `role` is empty where it is for nobody in
    particular."""

    task = models.OneToOneField(PatientTask, models.PROTECT, primary_key=True, related_name="standing")
    site = models.ForeignKey("store.Site", models.PROTECT)
    patient = models.ForeignKey("store.Patient", models.PROTECT, related_name="+")
    origin = models.CharField(max_length=200)
    state = models.CharField(max_length=12)
    role = models.CharField(max_length=20, blank=True)
    owner = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("site", "state", "due_on")),)
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "origin"), condition=models.Q(state=OPEN), name="task_open_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.state}: task {self.task_id}"


class PatientTaskEvent(models.Model):
    """What was done to a task. ``pass_on`` has the new owner, role and day."""

    task = models.ForeignKey(PatientTask, models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12)
    words = models.CharField(max_length=1000, blank=True)
    role = models.CharField(max_length=20, blank=True)
    owner = models.ForeignKey("store.User", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    by = models.ForeignKey("store.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.verb}: task {self.task_id}"
