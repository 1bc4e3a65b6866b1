"""The pages of monitoring and reviews: what a technician and a pharmacist do on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import JOHN, NOW
from tests.web.actions.surgery import Surgery, open_surgery
from tests.web.actions.test_monitoring import LATER, LITHIUM, on_methotrexate
from tests.web.desk import Desk, stand_still, words

from pestle.pharmacy.people import Role
from pestle.web.jobs import monitoring as job
from pestle.web.store import models

pytestmark = pytest.mark.pages


@pytest.fixture
def surgery(db: None, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    """Two patients whose tests are late, and both lists worked out."""
    made = open_surgery()
    mary = on_methotrexate(made)
    john = made.patient(JOHN)
    made.on_list(LITHIUM, patient=john)
    stand_still(monkeypatch, LATER)
    monkeypatch.setattr(job, "_now", lambda: LATER)
    monkeypatch.setattr(job, "start", lambda batch_id: None)
    for patient in (mary, john):
        job.work_out(models.Patient.objects.select_related("site").get(pk=patient.pk), now=LATER)
    return made


def test_the_list_and_a_run_over_it(surgery: Surgery) -> None:
    desk, mary = Desk(surgery.priya), surgery.patient()
    status, html = desk.get("/practice/monitoring/")
    assert status == 200
    assert "O'BRIEN, Mary" in html
    assert "Never done" in words(html)
    # A name that is spelt a little wrong is found all the same, and said to be a guess.
    desk.post("/practice/monitoring/", {"text": "obrein"})
    assert "these are spelt like it" in words(desk.get("/practice/monitoring/?show=all")[1])
    desk.post("/practice/monitoring/", {"text": ""})
    assert "Choose the patients" in words(
        desk.post("/practice/monitoring/?show=arrange", {"what": "arrange"}).content.decode()
    )
    for what, way in (("arrange", ""), ("invite", "letter")):
        done = desk.post(f"/practice/monitoring/?show={what}", {"what": what, "way": way, "patient": mary.pk})
        run = done["Location"]
        job.run_batch.call(int(run.strip("/").rpartition("/")[2]))
        assert "1 of 1 patient, 1 done" in words(desk.get(run)[1])
    letters = desk.fetch(f"{run}letters.pdf")
    assert letters.content.startswith(b"%PDF")
    first = models.MonitoringBatch.objects.earliest("pk")
    assert (
        "full blood count" in desk.fetch(f"/practice/monitoring/runs/{first.pk}/tests.csv").content.decode()
    )
    assert "methotrexate" in desk.fetch("/practice/monitoring.csv?show=all").content.decode()


def test_one_patient_from_the_proposal_to_the_decision(surgery: Surgery) -> None:
    john = surgery.patient(JOHN)
    page = f"/practice/monitoring/patients/{john.pk}/"
    technician, pharmacist = Desk(surgery.priya), Desk(surgery.gareth)
    status, html = technician.get(page)
    assert status == 200
    assert "Supply is never interrupted" in html
    (line,) = surgery.lines(john)
    said = {"what": "propose", "order": line.order.id, "days": "14", "reason": "invited twice"}
    assert technician.post(page, said | {"days": "3"}).status_code == 422
    assert technician.post(page, said).status_code == 303
    issue = models.ShortIssue.objects.get()
    decide = {"what": "decide_short", "issue": issue.pk, "decision": "short", "days": "14"}
    assert technician.post(page, decide).status_code == 422
    assert pharmacist.post(page, decide).status_code == 303
    assert "A short issue of 14 days" in words(technician.get(page)[1])
    elsewhere = {
        "what": "elsewhere",
        "kind": "lithium_level",
        "taken": "2026-12-20",
        "where": "Ashcombe General",
    }
    assert "Say how you know" in words(technician.post(page, elsewhere).content.decode())
    assert technician.post(page, elsewhere | {"reason": "on their letter"}).status_code == 303
    assert "elsewhere: Ashcombe General" in words(technician.get(page)[1])


def test_a_structured_review_from_the_cohort_to_what_changed(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    mary = surgery.patient()
    technician, pharmacist = Desk(surgery.priya), Desk(surgery.gareth)
    assert technician.get("/practice/reviews/?show=cohort")[0] == 200
    refused = technician.post("/practice/reviews/", {"patient": mary.pk})
    assert "Nobody has a place left" in words(refused.content.decode())
    places = {"person": surgery.gareth.id, "kind": "structured", "number": "4"}
    assert technician.post("/practice/reviews/plan/", places).status_code == 422
    assert pharmacist.post("/practice/reviews/plan/", places).status_code == 303
    assert technician.post("/practice/reviews/", {"patient": mary.pk}).status_code == 303
    review = models.Review.objects.get()
    page = f"/practice/reviews/{review.pk}/"
    says = {f"answer-{code}": "" for code in ("matters", "effects", "bought", "wishes")}
    says |= {"answer-taken": "mostly", "answer-falls": "no", "what": "prepare"}
    assert technician.post(page, says | {"answer-taken": ""}).status_code == 422
    assert technician.post(page, says).status_code == 303
    assert technician.fetch(f"{page}pack.pdf").content.startswith(b"%PDF")
    (line,) = surgery.lines(mary)
    decided = {"what": "decide", f"decision-{line.order.id}": "change"}
    assert technician.post(page, decided).status_code == 422
    assert "say what changes" in words(pharmacist.post(page, decided).content.decode())
    assert pharmacist.post(page, decided | {f"words-{line.order.id}": "to 10 mg weekly"}).status_code == 303
    assert "1 task came of it" in words(desk_says(pharmacist, page, {"what": "complete", "words": "agreed"}))
    (task,) = models.PatientTask.objects.filter(kind="review")
    assert (task.title, task.reason) == ("Change Methotrexate 2.5mg tablets", "to 10 mg weekly")
    stand_still(monkeypatch, LATER + timedelta(days=120))
    assert technician.post("/practice/reviews/outcomes/", {"review": review.pk}).status_code == 303
    assert "Sums over 1 review" in words(technician.get("/practice/reviews/outcomes/")[1])


def test_a_technician_completes_an_adherence_review_in_their_own_name(surgery: Surgery) -> None:
    mary = surgery.patient()
    desk = Desk(surgery.priya)
    made = desk.post(f"/practice/reviews/patients/{mary.pk}/", {"kind": "adherence"})
    page = made["Location"]
    answers = {
        "what": "complete", "checklist": "adherence", "answer-missed": "many", "answer-stopped": "no",
        "answer-reason": "forgets", "answer-helped": "a weekly box", "answer-wants_to_stop": "no",
    }  # fmt: skip
    assert desk.post(page, answers | {"answer-missed": "often"}).status_code == 422
    assert "1 task came of it" in words(desk_says(desk, page, answers))
    assert "Priya Rivers completed it" in words(desk.get(page)[1])
    assert "Three or more" in desk.get(page)[1]


def test_who_asks_for_the_pages_costs_the_same_for_one_patient_and_many(surgery: Surgery) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert Desk(surgery.priya).get(path)[0] == 200
        return len(found)

    paths = ("/practice/monitoring/?show=all", "/practice/reviews/?show=cohort", "/practice/reviews/plan/")
    models.ReviewNeed.objects.update(in_cohort=True)
    few = [queries(path) for path in paths]
    kept = models.MonitoredPatient.objects.first()
    need = models.ReviewNeed.objects.first()
    assert kept is not None
    assert need is not None
    for number in range(20):
        row = models.Patient.objects.create(
            site=surgery.site,
            family=f"Many{number}",
            given=[],
            gender="female",
            address=[],
            search=f"many{number}",
        )
        models.MonitoredPatient.objects.create(
            patient=row, site=surgery.site, **{f.name: getattr(kept, f.name) for f in kept._meta.fields
                                               if f.name not in ("patient", "site")}
        )  # fmt: skip
        models.ReviewNeed.objects.create(
            patient=row, site=surgery.site, on=need.on, computed_at=NOW, in_cohort=True, points=number,
            medicines=2, parts=need.parts, missing=[],
        )  # fmt: skip
    assert [queries(path) for path in paths] == few


def test_reception_and_pharmacies_have_no_such_pages(surgery: Surgery) -> None:
    assert Desk(surgery.nina).get("/practice/monitoring/")[0] in (303, 403, 404)
    assert surgery.nina.has(Role.RECEPTIONIST)


def desk_says(desk: Desk, page: str, fields: dict[str, Any]) -> str:
    """What the page says after a form that leads back to it."""
    desk.post(page, fields)
    return desk.get(page)[1]
