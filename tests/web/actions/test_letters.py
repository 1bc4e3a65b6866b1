"""A letter is taken in whole, settled line by line, applied at once; what waits for a pharmacist stays
open."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.web.actions.bench import NOW, a_key, together
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery
from tests.wire.record.letters import bundle

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.change import stop
from pestle.pharmacy.practice.medicines_list import ListStatus, Standing
from pestle.pharmacy.practice.reconciliation.discrepancy import Intent, Severity
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Settled
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import letter_undo, letters
from pestle.web.actions.documents import File
from pestle.web.actions.once import Outcome as Done
from pestle.web.store import letters as stored
from pestle.web.store import models, verify

DAY = NOW.date()
RAMIPRIL = replace(
    FUROSEMIDE,
    medication=Coded("Ramipril 2.5mg capsules", SNOMED, "42368611000001101"),
    dosage=Dosage((DosageStep(text="Take one capsule each day"),)),
    quantity=Quantity(Decimal(28), Unit("capsule")),
)
WARFARIN = replace(
    FUROSEMIDE,
    medication=Coded("Warfarin 3mg tablets"),
    dosage=Dosage((DosageStep(text="Take one tablet each day"),)),
)
LETTER = """Furosemide 40mg tablets - one each morning
Ramipril 5mg capsules - one daily - increased from 2.5mg
Zopiclone 7.5mg tablets - one at night - new
Apixaban 5mg tablets - one twice a day - new
"""


def taken_in(surgery: Surgery, text: str | bytes = LETTER, **more: Any) -> int:
    said = letters.Arrived(
        data=text if isinstance(text, bytes) else text.encode(),
        sender=more.pop("sender", "Ashcombe General"),
        kind=more.pop("kind", "discharge"), received_on=more.pop("received_on", DAY),
        dated=more.pop("dated", DAY - timedelta(days=1)), documents=more.pop("documents", ()),
    )  # fmt: skip
    given = {"by": surgery.priya, "now": NOW, "key": a_key(), "patient_id": surgery.patient().pk, **more}
    return int(letters.take_in(arrived=said, **given).result["letter"])


def look(letter_id: int) -> stored.Look:
    row = models.Letter.objects.get(pk=letter_id)
    found = stored.here(row.site_id, letter_id)
    assert found is not None
    return stored.look(found)


def settle(surgery: Surgery, letter_id: int, by: Person | None = None, **settled: Settled) -> dict[str, Any]:
    """Settles medicines by the first word of their name."""
    seen = look(letter_id)
    every = (*seen.open, *(one.proposal for one in seen.questions))
    keys = {(each.listed or each.arrived)[0].called.split()[0].casefold(): each.key for each in every}
    done = letters.settle(
        by=by or surgery.priya, now=NOW, key=a_key(), letter_id=letter_id,
        seen=models.LetterStanding.objects.get(pk=letter_id).version,
        settled={keys[name]: one for name, one in settled.items()},
    )  # fmt: skip
    return dict(done.result)


def with_list(*more: Any) -> Surgery:
    surgery = open_surgery()
    for wanted in (FUROSEMIDE, RAMIPRIL, *more):
        surgery.on_list(wanted)
    return surgery


def test_what_is_settled_is_applied_at_once_and_the_letter_stays_open(db: None) -> None:
    surgery = with_list(WARFARIN)
    letter = taken_in(surgery)
    proposed = {(each.listed or each.arrived)[0].called: each.outcome.value for each in look(letter).open}
    assert proposed == {
        "Apixaban 5mg tablets": "started", "Warfarin 3mg tablets": "query",
        "Ramipril 2.5mg capsules": "dose changed",
        "Zopiclone 7.5mg tablets": "started", "Furosemide 40mg tablets": "unchanged",
    }  # fmt: skip
    events = models.AuditEvent.objects.count()
    done = settle(
        surgery, letter, furosemide=Settled(Outcome.UNCHANGED), ramipril=Settled(Outcome.DOSE_CHANGED),
        zopiclone=Settled(Outcome.STARTED), warfarin=Settled(Outcome.QUERY, "Replaced by apixaban?"),
    )  # fmt: skip
    assert (done["left"], done["asked"], done["settled"]) == (2, 1, 4)
    assert models.AuditEvent.objects.count() == events + 1
    lines = {line.name: line for line in surgery.lines()}
    ramipril = lines["Ramipril 5mg capsules"]
    assert (ramipril.standing, ramipril.order.request.quantity) == (
        Standing.PREPARED, Quantity(Decimal(28), Unit("capsule")),
    )  # fmt: skip
    row = models.OrderFact.objects.filter(reference=f"letter:{letter}").earliest("pk")
    assert row.who == "Priya Rivers, told by Ashcombe General"
    assert "increased from 2.5mg" in row.reason
    assert "Ashcombe General" in row.reason
    assert lines["Zopiclone 7.5mg tablets"].standing is Standing.PREPARED
    # What the letter put on the list is not compared with it again.
    assert {(each.listed or each.arrived)[0].called for each in look(letter).open} == {"Apixaban 5mg tablets"}
    assert models.LetterStanding.objects.get().state == "open"


def test_a_question_comes_back_decided_and_then_nothing_is_left(db: None) -> None:
    surgery = with_list(WARFARIN)
    letter = taken_in(surgery)
    asked = Settled(Outcome.QUERY, "Not in the letter: replaced by apixaban?")
    settle(surgery, letter, furosemide=Settled(Outcome.UNCHANGED), ramipril=Settled(Outcome.DOSE_CHANGED),
           zopiclone=Settled(Outcome.STARTED), warfarin=asked,
           apixaban=replace(asked, reason="With warfarin?"))  # fmt: skip
    waiting = stored.questions(surgery.site.pk)
    assert {one.reason for one in waiting} == {asked.reason, "With warfarin?"}
    assert any("anticoagulant" in one.shown["high_risk"].casefold() for one in waiting)
    with pytest.raises(Refused) as refused:
        settle(surgery, letter, warfarin=Settled(Outcome.STOPPED, "apixaban instead"))
    assert refused.value.rule == "reconcile.not-mentioned"
    done = settle(surgery, letter, by=surgery.gareth,
                  warfarin=Settled(Outcome.STOPPED, "apixaban instead, ward confirms"),
                  apixaban=Settled(Outcome.STARTED))  # fmt: skip
    assert (done["left"], done["asked"]) == (0, 0)
    assert models.LetterStanding.objects.get().state == "settled"
    assert {line.name for line in surgery.lines()} == {
        "Furosemide 40mg tablets", "Ramipril 5mg capsules", "Zopiclone 7.5mg tablets", "Apixaban 5mg tablets",
    }  # fmt: skip
    ended = next(line for line in surgery.lines(ended=True) if line.status is ListStatus.ENDED)
    assert "ward confirms" in ended.reason
    assert verify.verify(surgery.site).faults == []


def test_what_a_technician_may_not_settle_leaves_everything_as_it_was(db: None) -> None:
    surgery = with_list(WARFARIN)
    letter = taken_in(surgery)
    with pytest.raises(Refused) as refused:
        settle(surgery, letter, furosemide=Settled(Outcome.UNCHANGED), apixaban=Settled(Outcome.STARTED))
    assert refused.value.rule == "reconcile.clinical"
    assert not models.LetterDecision.objects.exists()
    with pytest.raises(Refused) as refused:
        settle(surgery, letter, by=surgery.nina, furosemide=Settled(Outcome.UNCHANGED))
    assert refused.value.rule == "reconcile.role"
    with pytest.raises(Refused) as refused:
        settle(surgery, letter, warfarin=Settled(Outcome.QUERY, ""))
    assert refused.value.rule == "letter.no-question"


def test_what_is_withheld_or_the_hospitals_stays_on_the_list_and_is_not_issued(db: None) -> None:
    surgery = with_list()
    letter = taken_in(surgery, "Furosemide withheld until 1 December 2026, dehydrated\n"
                               "Ramipril 2.5mg capsules one daily, hospital only\n"
                               "Thalidomide 50mg tablets 1 daily hospital only")  # fmt: skip
    settle(surgery, letter, furosemide=Settled(Outcome.WITHHELD), ramipril=Settled(Outcome.HOSPITAL_ONLY),
           thalidomide=Settled(Outcome.HOSPITAL_ONLY))  # fmt: skip
    lines = {line.name.split()[0]: line for line in surgery.lines()}
    assert lines["Furosemide"].status is ListStatus.WITHHELD
    assert str(lines["Furosemide"].order.withheld_until) == "2026-12-01"
    assert {lines[name].status for name in ("Ramipril", "Thalidomide")} == {ListStatus.ELSEWHERE}
    assert models.LetterStanding.objects.get().state == "settled"


def test_the_clock_is_a_week_or_the_next_supply_of_what_is_open(db: None) -> None:
    surgery = with_list()
    furosemide = models.ListedMedicine.objects.get(text__startswith="Furosemide")
    furosemide.last_issued = DAY - timedelta(days=25)
    furosemide.save()
    letter = taken_in(surgery)
    standing = models.LetterStanding.objects.get()
    assert (standing.due_on, standing.due_why) == (
        DAY + timedelta(days=3), "the next supply of Furosemide 40mg tablets is due",
    )  # fmt: skip
    settle(surgery, letter, furosemide=Settled(Outcome.UNCHANGED))
    assert models.LetterStanding.objects.get().due_on == DAY + timedelta(days=7)


def test_discrepancies_are_kept_with_their_type_and_severity(db: None) -> None:
    surgery = with_list(WARFARIN)
    letter = taken_in(surgery)
    seen = look(letter)
    key = next(each.key for each in seen.open if each.listed and each.listed[0].called.startswith("Warfarin"))
    letters.settle(
        by=surgery.gareth, now=NOW, key=a_key(), letter_id=letter, seen=None,
        settled={key: Settled(Outcome.UNCHANGED, "the ward left it out")},
        judged={key: letters.Judged(Severity.SERIOUS, Intent.UNINTENTIONAL)},
    )  # fmt: skip
    (told,), number, lines = stored.discrepancies(surgery.site.pk, since=NOW - timedelta(days=1))
    assert (told.found.type.value, told.found.severity, told.found.intent) == (
        "omission", Severity.SERIOUS, Intent.UNINTENTIONAL,
    )  # fmt: skip
    assert (number, lines) == (1, 1)


def test_another_thing_that_the_letter_asks_for_is_a_dated_task(db: None) -> None:
    surgery = with_list()
    letter = taken_in(surgery)
    given: dict[str, Any] = {
        "by": surgery.priya,
        "now": NOW,
        "letter_id": letter,
        "due_on": DAY + timedelta(days=7),
    }
    done = letters.open_task(
        **given, key=a_key(), what="bloods", words="U&E one week after ramipril", role=Role.NURSE
    )
    (task,) = models.PatientTask.objects.all()
    assert done.result["opened"] == [task.pk]
    assert (task.kind, task.title, task.standing.due_on) == (
        "reconciliation", "U&E one week after ramipril", DAY + timedelta(days=7),
    )  # fmt: skip
    again = letters.open_task(**given, key=a_key(), what="bloods", words="u&e one week after ramipril")
    assert again.result["opened"] == []
    with pytest.raises(Refused) as refused:
        letters.open_task(**given, key=a_key(), what="dance", words="now")
    assert refused.value.rule == "letter.task-kind"


def undo(surgery: Surgery, letter_id: int, name: str, by: Person | None = None, **more: Any) -> Done:
    """Undoes what the medicine of that name ended as."""
    decisions = [one for one in look(letter_id).decided if one.shown["name"].startswith(name)]
    return letter_undo.undo(
        by=by or surgery.priya, key=a_key(), letter_id=letter_id, decision_id=decisions[-1].pk,
        **{"now": NOW + timedelta(minutes=5), "seen": None, "reason": "the wrong key", **more},
    )  # fmt: skip


def test_a_wrong_key_is_undone_with_what_it_did_and_settled_anew(db: None) -> None:
    surgery = with_list(WARFARIN)
    letter = taken_in(surgery, f"{LETTER}Warfarin 3mg tablets - stopped because of bleeding\n")
    before = {line.name: line.order.request.quantity for line in surgery.lines()}
    settle(surgery, letter, ramipril=Settled(Outcome.DOSE_CHANGED), zopiclone=Settled(Outcome.STARTED),
           furosemide=Settled(Outcome.UNCHANGED))  # fmt: skip
    settle(surgery, letter, by=surgery.gareth, warfarin=Settled(Outcome.STOPPED))
    with pytest.raises(Refused) as refused:
        undo(surgery, letter, "Warfarin")
    assert refused.value.rule == "undo.clinical"
    events = models.AuditEvent.objects.count()
    undo(surgery, letter, "Warfarin", by=surgery.gareth)
    assert models.AuditEvent.objects.count() == events + 1
    for name in ("Ramipril", "Zopiclone", "Furosemide"):
        undo(surgery, letter, name)
    # The list is what it was, and nothing waits for a signature.
    assert {line.name: line.order.request.quantity for line in surgery.lines()} == before
    assert {line.standing for line in surgery.lines()} == {Standing.AUTHORISED}
    ended = next(line for line in surgery.lines(ended=True) if line.status is ListStatus.ENDED)
    assert "undone: the wrong key" in ended.reason
    assert (models.LetterStanding.objects.get().left, len(look(letter).undone)) == (5, 4)
    assert stored.discrepancies(surgery.site.pk, since=NOW - timedelta(days=1))[2] == 0
    # Open again, it ends once more, and only once; and that can be undone too.
    settle(surgery, letter, ramipril=Settled(Outcome.DOSE_CHANGED))
    settle(surgery, letter, furosemide=Settled(Outcome.QUERY, "Twice a day at home?"))
    assert [one.reason for one in stored.questions(surgery.site.pk)] == ["Twice a day at home?"]
    settle(surgery, letter, by=surgery.gareth, furosemide=Settled(Outcome.UNCHANGED))
    assert stored.questions(surgery.site.pk) == []
    undo(surgery, letter, "Ramipril", seen=models.LetterStanding.objects.get().version)
    assert {line.name for line in surgery.lines()} == set(before)
    assert verify.verify(surgery.site).faults == []


def test_what_is_no_longer_safe_to_undo_is_refused_and_stays(db: None) -> None:
    surgery = with_list()
    letter = taken_in(surgery)
    settle(surgery, letter, ramipril=Settled(Outcome.DOSE_CHANGED), zopiclone=Settled(Outcome.STARTED))
    ramipril, zopiclone = (
        next(line for line in surgery.lines() if line.name.startswith(name)) for name in ("Rami", "Zopi")
    )
    surgery.authorise(ramipril, now=NOW + timedelta(minutes=1))
    surgery.change(stop(zopiclone, "a rash"), by=surgery.gareth, now=NOW + timedelta(minutes=2))
    for name, rule, words in (
        ("Ramipril", "undo.signed", "Dana Rivers has authorised Ramipril 5mg capsules as it is now"),
        ("Zopiclone", "undo.changed", "Gareth Rivers has changed Zopiclone 7.5mg tablets on the list since"),
    ):
        with pytest.raises(Refused, match=words) as refused:
            undo(surgery, letter, name)
        assert refused.value.rule == rule
    with pytest.raises(Refused) as refused:
        undo(surgery, letter, "Ramipril", seen=1)
    assert refused.value.rule == "letter.changed"
    assert not models.LetterUndo.objects.exists()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"text": "  \n"}, "list.empty"),
    ({"text": b"\xff\xfe\x00", "documents": ()}, "letter.not-text"),
    ({"text": b'{"resourceType": "Patient"}'}, "record.not-a-bundle"),
    ({"sender": " "}, "letter.sender"),
    ({"kind": "poem"}, "letter.kind"),
    ({"dated": DAY + timedelta(days=1)}, "letter.day"),
    ({"documents": (File("a.exe", b"MZ"),)}, "document.type"),
    ({"patient_id": 0}, "patient.unknown"),
]


@pytest.mark.parametrize(("more", "rule"), REFUSED, ids=[rule for _, rule in REFUSED])
def test_a_letter_that_cannot_be_taken_in_is_refused_by_name(
    db: None, more: dict[str, Any], rule: str
) -> None:
    surgery = with_list()
    with pytest.raises(Refused) as refused:
        taken_in(surgery, **more)
    assert refused.value.rule == rule
    assert not models.Letter.objects.exists()


def test_the_same_list_is_not_taken_in_twice_and_its_documents_are_kept_whole(db: None) -> None:
    surgery = with_list()
    letter = taken_in(surgery, documents=(File("letter.pdf", b"%PDF-1.7 a letter"),))
    document = models.LetterDocument.objects.get()
    assert bytes(document.message.body) == b"%PDF-1.7 a letter"
    assert bytes(models.Letter.objects.get().message.body) == LETTER.encode()
    with pytest.raises(Refused) as refused:
        taken_in(surgery)
    assert refused.value.refusals[0].way_out == f"It is letter {letter}."


def test_two_who_settle_at_once_settle_once(database: str) -> None:
    surgery = with_list()
    letter = taken_in(surgery)
    key = look(letter).open[-1].key

    def act() -> Done:
        return letters.settle(by=surgery.priya, now=NOW, key=a_key(), letter_id=letter, seen=1,
                              settled={key: Settled(Outcome.UNCHANGED)})  # fmt: skip

    done, refused = together(act, act)
    assert (len(done), [one.rule for one in refused]) == (1, ["letter.changed"])
    assert models.LetterDecision.objects.count() == 1


def test_a_letter_in_fhir_is_of_this_patient(db: None) -> None:
    surgery = with_list()
    with pytest.raises(Refused) as refused:
        taken_in(surgery, bundle(nhs_number="9990001030"))
    assert refused.value.rule.startswith("patient.")
    letter = taken_in(surgery, bundle())
    proposed = {(each.listed or each.arrived)[0].called: each.outcome for each in look(letter).open}
    assert proposed == {
        "Furosemide 40mg tablets": Outcome.UNCHANGED, "Ramipril 2.5mg capsules": Outcome.STOPPED,
    }  # fmt: skip
