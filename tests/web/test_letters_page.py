"""Letters at the practice's pages: taken in, settled with what a browser sends, papers, counts, who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.actions.bench import NOW
from tests.web.actions.surgery import Surgery
from tests.web.actions.test_letters import DAY, LETTER, WARFARIN, look, taken_in, with_list
from tests.web.desk import Desk, stand_still, words

from pestle.web.store import models

pytestmark = pytest.mark.pages


@pytest.fixture
def surgery(db: None, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    return with_list(WARFARIN)


def key_of(letter: int, name: str) -> str:
    seen = look(letter)
    every = (*seen.open, *(one.proposal for one in seen.questions))
    return next(each.key for each in every if (each.listed or each.arrived)[0].called.startswith(name))


def test_a_letter_is_taken_in_with_its_document_and_opened(surgery: Surgery) -> None:
    priya, new = Desk(surgery.priya), f"/practice/letters/new?patient={surgery.patient().pk}"
    said = {"sender": "Ashcombe General", "kind": "discharge", "dated": (DAY - timedelta(days=1)).isoformat()}
    refused = priya.post(new, {**said, "list": "  "})
    assert refused.status_code == 422
    assert "There is no line in this list" in refused.content.decode()
    both = priya.post(new, {**said, "list": LETTER}, file=SimpleUploadedFile("l.json", b"{}"))
    assert "not both" in both.content.decode()
    assert LETTER.splitlines()[0] in both.content.decode()
    made = priya.post(new, {**said, "list": LETTER}, documents=[SimpleUploadedFile("l.pdf", b"%PDF-1.7")])
    assert made.status_code == 303
    page = words(priya.get(made["Location"])[1])
    assert "5 left" in page
    assert "a week from receipt" in page
    assert "not in the letter" in page
    document = models.LetterDocument.objects.get().message_id
    assert priya.fetch(f"/practice/letters/documents/{document}")["Content-Type"] == "application/pdf"
    assert Desk(surgery.moira).post(new, {**said, "list": "Ramipril 5mg capsules"}).status_code == 422


def test_unchanged_in_one_step_the_rest_by_choice_and_a_question_comes_back(surgery: Surgery) -> None:
    letter = taken_in(surgery)
    at, priya, gareth = f"/practice/letters/{letter}/", Desk(surgery.priya), Desk(surgery.gareth)
    assert priya.post(at, what="unchanged", version=1).status_code == 303
    assert models.LetterStanding.objects.get().left == 4
    apixaban, warfarin = key_of(letter, "Apixaban"), key_of(letter, "Warfarin")
    technical = {
        f"outcome-{key_of(letter, 'Ramipril')}": "dose changed",
        f"outcome-{key_of(letter, 'Zopiclone')}": "started",
        f"acute-{key_of(letter, 'Zopiclone')}": "yes",
    }
    # What is not a technician's is refused, and nothing that was chosen is lost.
    refused = priya.post(at, {**technical, f"outcome-{apixaban}": "started"}, what="settle", version=2)
    assert refused.status_code == 422
    assert "A pharmacist decides" in refused.content.decode()
    assert refused.content.decode().count(" checked") == 3
    asked = {
        f"outcome-{apixaban}": "query",
        f"outcome-{warfarin}": "query",
        f"reason-{warfarin}": "Instead of apixaban?",
    }
    done = priya.post(at, {**technical, **asked}, what="settle", version=2)
    assert done["Location"] == "/practice/letters/"
    assert {line.name for line in surgery.lines()} >= {"Ramipril 5mg capsules", "Zopiclone 7.5mg tablets"}
    questions = words(gareth.get("/practice/letters/?show=questions")[1])
    assert "Instead of apixaban?" in questions
    assert "not in the letter" in questions
    shown = words(gareth.get(at)[1])
    assert "Asked of the pharmacist" in shown
    # Whoever looks at what was there before is told.
    stale = gareth.post(
        at, {f"outcome-{warfarin}": "stopped", f"reason-{warfarin}": "yes"}, what="settle", version=1
    )
    assert stale.status_code == 422
    decided = {
        f"outcome-{warfarin}": "stopped", f"reason-{warfarin}": "apixaban instead; the ward confirms",
        f"outcome-{apixaban}": "started", f"severity-{warfarin}": "serious",
        f"intent-{warfarin}": "not meant",
    }  # fmt: skip
    assert gareth.post(at, decided, what="settle", version=3).status_code == 303
    assert models.LetterStanding.objects.get().state == "settled"
    assert "Settled" in words(priya.get(at)[1])
    counts = words(gareth.get("/practice/letters/discrepancies/")[1])
    assert "Omission" in counts
    file = gareth.fetch("/practice/letters/discrepancies.csv").content.decode("utf-8-sig")
    assert "omission,serious,not meant,stopped" in file


def test_both_letters_are_printed_once_something_is_settled(surgery: Surgery) -> None:
    letter = taken_in(surgery)
    at, priya = f"/practice/letters/{letter}/", Desk(surgery.priya)
    assert priya.fetch(f"{at}patient.pdf").status_code == 404
    priya.post(at, what="unchanged", version=1)
    for name in ("patient.pdf", "answer.pdf"):
        answer = priya.fetch(f"{at}{name}")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


def test_something_else_that_a_letter_asks_for_becomes_a_task(surgery: Surgery) -> None:
    letter = taken_in(surgery)
    at, priya = f"/practice/letters/{letter}/", Desk(surgery.priya)
    task = {
        "what": "task",
        "kind_of_task": "bloods",
        "words": "U&E in a week",
        "due": "2026-11-09",
        "role": "nurse",
    }
    assert priya.post(at, {**task, "due": "soon"}).status_code == 422
    assert priya.post(at, task).status_code == 303
    assert "U&E in a week" in priya.get(at)[1]


def test_the_inbox_stands_by_the_clock_and_at_home(surgery: Surgery) -> None:
    taken_in(surgery, received_on=DAY - timedelta(days=9), dated=None)
    page = words(Desk(surgery.priya).get("/practice/letters/")[1])
    assert "Overdue" in page
    assert "High risk" in page
    assert "■ 1 overdue" in words(Desk(surgery.priya).get("/")[1])


def test_another_product_is_looked_up_and_a_wrong_key_undone(surgery: Surgery) -> None:
    letter = taken_in(surgery)
    at, priya = f"/practice/letters/{letter}/", Desk(surgery.priya)
    ramipril = key_of(letter, "Ramipril")
    chosen = {f"outcome-{ramipril}": "dose changed", f"find-{ramipril}": "ramipril 5mg tablets",
              "what": "settle"}  # fmt: skip
    shown = priya.post(at, {**chosen, "look_up": ramipril}).content.decode()
    tablets = "42381711000001108"
    assert f'name="product-{ramipril}" value="{tablets}"' in shown
    assert not models.LetterDecision.objects.exists()
    wrong = {**chosen, f"product-{ramipril}": "1", "version": 1}
    assert "not in the dictionary" in priya.post(at, wrong).content.decode()
    assert priya.post(at, {**chosen, f"product-{ramipril}": tablets, "version": 1}).status_code == 303
    assert models.ListedMedicine.objects.filter(product_id=tablets, standing="prepared").exists()
    decision = models.LetterDecision.objects.get()
    undo = {"what": "undo", "decision": decision.pk, "version": 2, "why": ""}
    assert "Say why it is undone" in priya.post(at, undo).content.decode()
    assert priya.post(at, {**undo, "why": "capsules after all"}).status_code == 303
    page = words(priya.get(at)[1])
    assert "5 left" in page
    assert "was undone by Priya Rivers" in page


def test_a_letter_page_asks_a_bounded_number_of_questions(
    surgery: Surgery, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    letter = taken_in(surgery)
    priya = Desk(surgery.priya)
    priya.get(f"/practice/letters/{letter}/")
    with django_assert_max_num_queries(16):  # type: ignore[operator]
        priya.get(f"/practice/letters/{letter}/")
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        priya.get("/practice/letters/")
