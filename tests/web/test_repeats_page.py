"""An issue of repeat dispensing: asked before it goes, the next one listed, and taken in when it comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, open_bench, ordered
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.demo.messages import REPEAT_DISPENSING, written
from pestle.pharmacy.record.medication import Prescription, RepeatIssue
from pestle.web.store import models

ITEMS = tuple(replace(item, course=REPEAT_DISPENSING) for item in (FUROSEMIDE, PARACETAMOL))
ALL_WELL = {"repeat-taking": "yes", "repeat-side_effects": "no", "repeat-seen": "no", "repeat-started": "no",
            "repeat-health": "no", "repeat_told_by": "patient"}  # fmt: skip
GIVE = {"collector": "patient", "exemption": "0001", "declared_by": "patient"}


@pytest.fixture
def bench(db: None) -> Bench:
    return open_bench()


def _second() -> Prescription:
    first = ordered(*ITEMS)
    lines = tuple(
        replace(line, repeat=replace(line.repeat or RepeatIssue(None, 6), issue_number=2))
        for line in first.lines
    )
    return replace(first, lines=lines)


def test_an_issue_is_asked_about_and_the_next_one_comes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prescription = bench.at("hand_out", *ITEMS)
    stand_still(monkeypatch, NOW)
    desk, ruth = Desk(bench.tess), Desk(bench.ruth)
    page = words(desk.get(at(prescription))[1])
    assert "Repeat dispensing: Issue 1 of 6" in page
    assert "what is asked before each issue" in page
    early = desk.post(at(prescription, "hand-out"), GIVE)
    assert (early.status_code, "repeat.not-asked" in text_of(early)) == (422, True)
    part = desk.post(at(prescription, "before-issue"), {"repeat-taking": "yes", "not_needed": "1"})
    assert (part.status_code, text_of(part).count("Not answered: ")) == (422, 4)

    # A dry cough, and the paracetamol is not needed: both want a pharmacist.
    second = models.Line.objects.get(place=2).pk
    told = ALL_WELL | {"repeat-side_effects": "yes", "not_needed": str(second), "repeat_words": "dry cough"}
    assert desk.post(at(prescription, "before-issue"), told).status_code == 303
    page = words(desk.get(at(prescription))[1])
    assert "told of side effects: dry cough" in page
    assert "Not needed this time: Paracetamol" in page
    stopped = desk.post(at(prescription, "hand-out"), GIVE)
    assert text_of(stopped).count("hand-out.must-speak") == 2
    whole = models.SpeakFirst.objects.get(line=None)
    assert (
        ruth.post(at(prescription, "spoke"), stop=whole.pk, said="a cough of three days").status_code == 303
    )
    bench.withhold(second)
    assert desk.post(at(prescription, "hand-out"), GIVE).status_code == 303
    row = bench.row(prescription)
    assert (row.step, row.issue, row.issues, str(row.next_issue_on)) == ("closed", 1, 6, "2026-11-30")
    assert "told of side effects: dry cough" in words(desk.get(at(prescription, "story"))[1])

    # Two weeks ahead it stands in the list, with the patient, and on the telephone.
    assert "No issue is due" in words(desk.get("/repeats/")[1])
    stand_still(monkeypatch, NOW + timedelta(days=14))
    listed = words(desk.get("/repeats/")[1]).lower()
    assert "issue 2 of 6, 5 left furosemide" in listed, listed
    assert "30-nov-2026 o" in listed
    assert "paracetamol" not in listed
    assert "issue 2 of 6,5," in b"".join(desk.client.get("/repeats.csv")).decode()
    patient = words(desk.get(f"/patients/{row.patient_id}/")[1])
    assert "next repeat issue due 30-Nov-2026" in patient
    assert "Issue 2 of 6" in patient
    desk.post("/repeats/", text="smith")
    assert "No issue due here matches" in words(desk.get("/repeats/")[1])

    # The next one has the same number, and is neither a repeat of the message nor another content of it.
    after = NOW + timedelta(days=50)
    taken = bench.receive(written(_second()), now=after)
    assert taken.result["outcome"] == "accepted"
    assert bench.receive(written(_second()), now=after, key="again").result["outcome"] == "duplicate"
    (pk,) = taken.result["prescriptions"]
    assert models.Prescription.objects.filter(next_issue_on__isnull=False).count() == 0
    stand_still(monkeypatch, after)
    page = words(desk.get(at(pk))[1])
    assert "Issue 2 of 6" in page
    assert "Late by 22 days: ask whether it is still taken" in page
    assert "4 left after this one" in page
