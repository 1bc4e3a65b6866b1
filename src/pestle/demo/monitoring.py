"""The practice of the demo follows up its monitoring and reviews: what a morning's work has left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.review import Decision, LineDecision, ReviewKind
from pestle.web.actions import (
    monitoring,
    monitoring_batches,
    review_planning,
    reviews,
    short_issues,
)
from pestle.web.jobs import monitoring as job
from pestle.web.store import models
from pestle.web.store import monitoring as stored
from pestle.web.store import reviews as stored_reviews

# Whom the morning was about; the worker works out all the others.
_MEDICINES = ("Methotrexate", "Lithium")
_FRAIL = 4
_SAYS = {
    "matters": "To go on gardening without falling",
    "taken": "mostly",
    "effects": "A dry mouth, and tired in the morning",
    "falls": "yes",
    "bought": "Ibuprofen gel now and then",
    "wishes": "",
}
_ADHERENCE = {
    "missed": "few",
    "stopped": "no",
    "reason": "forgets",
    "helped": "A reminder on the telephone, and the tablets beside the kettle",
    "wants_to_stop": "no",
}


def followed_up(people: Mapping[str, Person], site: models.Site, *, now: datetime) -> None:
    """Works the lists out for the patients on two medicines and some who are frail, and does what a
    technician and a pharmacist do with the first of them; a run over the site is left to the worker."""
    priya, gareth = people["priya"], people["gareth"]
    listed = models.ListedMedicine.objects.filter(site=site, status="active", text__startswith=_MEDICINES[0])
    listed |= models.ListedMedicine.objects.filter(site=site, status="active", text__startswith=_MEDICINES[1])
    patients = [row.patient for row in listed.select_related("patient__site").order_by("pk")[:6]]
    frail = models.ConditionFact.objects.filter(patient__site=site, text="Severe frailty").order_by("pk")
    for patient in [*patients, *(fact.patient for fact in frail.select_related("patient__site")[:_FRAIL])]:
        job.work_out(patient, now=now - timedelta(hours=1))
    _rounds(patients, priya, now=now - timedelta(minutes=50))
    _short_issue(patients, priya, now=now - timedelta(minutes=40))
    _reviews(patients, priya, gareth, now=now - timedelta(minutes=30))
    monitoring_batches.refresh(by=priya, now=now, key=name_id("lists", site.code), start=job.start)


def _rounds(patients: list[models.Patient], by: Person, *, now: datetime) -> None:
    """Tests are requested for who needs some, and the first is invited."""
    waiting = models.MonitoredPatient.objects.filter(patient__in=patients, next_verb="arrange", ask__gt=0)
    due = waiting.order_by("patient_id").values_list("patient_id", flat=True)
    for number, patient_id in enumerate(list(due[:3])):
        monitoring.arrange(by=by, now=now, key=name_id("arrange", patient_id), patient_id=patient_id)
        if number == 0:
            monitoring.invite(
                by=by, now=now + timedelta(minutes=2), key=name_id("invite", patient_id),
                patient_id=patient_id, again=False, way="letter",
            )  # fmt: skip


def _short_issue(patients: list[models.Patient], by: Person, *, now: datetime) -> None:
    """A short issue is proposed for the first whose test is late, and waits for the pharmacist."""
    for patient in patients:
        found = stored.seen(patient, now=now)
        for order in found.day.record.orders or ():
            if order.request.status.value == "active" and short_issues.late_for(order, found):
                short_issues.propose(
                    by=by, now=now, key=name_id("short", patient.pk), patient_id=patient.pk, order=order.id,
                    days=14, reason="Has not come for the blood test; invited by letter",
                )  # fmt: skip
                return


def _reviews(patients: list[models.Patient], by: Person, pharmacist: Person, *, now: datetime) -> None:
    """The pharmacist has four places a week; a pack is prepared and one line of it decided; the technician
    has done an adherence review."""
    review_planning.set_places(
        by=pharmacist, now=now, key=name_id("places"), person_id=pharmacist.id, kind=ReviewKind.STRUCTURED,
        number=4,
    )  # fmt: skip
    first, second = patients[0], patients[1]
    made = review_planning.plan_one(
        by=by, now=now, key=name_id("review"), patient_id=first.pk, kind=ReviewKind.STRUCTURED,
        owner_id=pharmacist.id,
    ).result["review"]  # fmt: skip
    reviews.prepare(by=by, now=now, key=name_id("pack"), review_id=made, seen=None, answers=_SAYS)
    row = stored_reviews.loaded(made, site_id=by.site_id)
    pack = stored_reviews.pack(row) if row else None
    assert pack is not None
    decided = [LineDecision(pack.lines[0].id, Decision.CONTINUE)]
    reviews.decide(
        by=pharmacist, now=now, key=name_id("decided"), review_id=made, seen=None, decisions=decided
    )
    other = review_planning.plan_one(
        by=by, now=now, key=name_id("adherence"), patient_id=second.pk, kind=ReviewKind.ADHERENCE
    ).result["review"]
    reviews.complete_technical(
        by=by, now=now, key=name_id("adherent"), review_id=other, seen=None, checklist="adherence",
        answers=_ADHERENCE, words="By telephone",
    )  # fmt: skip
