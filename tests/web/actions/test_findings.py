"""What was found, answered, referred and tuned, through the actions and on the tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, Bench, a_key, together

from pestle.demo.messages import Item
from pestle.pharmacy.checks import run
from pestle.pharmacy.checks.finding import Assessment, RuleId, Severity
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.allergy import AllergyKind, ReactionSeverity
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import clinical, record, tuning
from pestle.web.actions.once import Outcome
from pestle.web.store import findings, models, prescriptions

LIQUID = Item("Furosemide 20mg/5ml oral solution sugar free", "150", "Take 5ml in the morning")
TWICE = (FUROSEMIDE, LIQUID)
SAME_INGREDIENT = RuleId("duplicate", "same-ingredient", "duplicate/same_ingredient.yaml")
ALLERGIC = RuleId("allergy", "same", "substances.yaml")
WHY = "agreed with the surgery in writing"
REVIEW = date(2027, 1, 31)
STOP, ASK, NOTE = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE


def _patient(prescription: int) -> int:
    return int(models.Prescription.objects.get(pk=prescription).patient_id)


def _allergic(
    bench: Bench, prescription: int, kind: AllergyKind = AllergyKind.ALLERGY, substance: str = "furosemide",
    **how: Any,
) -> Outcome:  # fmt: skip
    return record.record_allergy(
        by=bench.tess, now=how.get("now", NOW), key=a_key(), patient_id=_patient(prescription), kind=kind,
        substance=substance, reaction="rash", severity=ReactionSeverity.MILD, told_by="the patient",
    )  # fmt: skip


def _asked(bench: Bench, prescription: int) -> dict[str, bool]:
    """What is found now of each rule, and whether it asks."""
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    return {entry.finding.rule: entry.asks for entry in found.entries}


def _refused(do: Callable[[], Outcome]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [refusal.rule for refusal in refused.refusals]
    return []


def _answer(bench: Bench, prescription: int, by: Person | None = None, **how: Any) -> Outcome:
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    given = {
        "key": a_key(),
        "seen": None,
        "answers": {entry.finding.key: "taken before without harm" for entry in found.entries},
        "seen_not_assessed": True,
        "referrals": {one.pk: "I have looked" for one in findings.referrals(bench.row(prescription))},
    }
    return clinical.answer(by=by or bench.ruth, now=NOW, prescription_id=prescription, **{**given, **how})


def _refer(
    bench: Bench, prescription: int, by: Person | None = None, words: str = "Is it too much?"
) -> Outcome:
    return clinical.refer(
        by=by or bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None, words=words
    )


def _tune(
    bench: Bench, rule: RuleId, was: Severity, to: Severity | None, by: Person | None = None, **how: Any
) -> int:
    given = {"key": a_key(), "now": NOW, "reason": WHY, "review": REVIEW}
    done = tuning.tune(by=by or bench.ruth, rule=rule, was=was, to=to, **{**given, **how})
    return int(done.result["tuning"])


def test_nothing_new_stops_nothing(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    bench.handed_out(prescription)
    event = models.AuditEvent.objects.get(action="dispensary.hand_out")
    assert event.detail["checked_again"] > 0


def test_an_allergy_recorded_after_the_clinical_check_stops_the_hand_out_until_a_pharmacist_answers(
    bench: Bench,
) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    _allergic(bench, prescription)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription, by=bench.tess)
    assert [each.rule for each in refused.value.refusals] == ["hand-out.new-finding"]
    assert refused.value.refusals[0].way_out == "Refer it to a pharmacist."
    # A pharmacist hands out no more easily: the answer is an act of its own.
    assert _refused(lambda: bench.handed_out(prescription, by=bench.ruth)) == ["hand-out.new-finding"]
    assert _refused(lambda: _answer(bench, prescription, by=bench.tess)) == ["worklist.role"]
    assert _refused(lambda: _answer(bench, prescription, answers={})) == ["clinical.unanswered"]
    _answer(bench, prescription)
    bench.handed_out(prescription, by=bench.tess)
    signed = models.ClinicalCheck.objects.latest("pk")
    assert (signed.step, signed.by_id) == ("hand_out", bench.ruth.id)
    assert models.Found.objects.get(clinical_check=signed, rule="same").answer == "taken before without harm"


def test_what_was_found_is_counted_once_for_a_prescription_that_was_answered_twice(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    _allergic(bench, prescription)
    _answer(bench, prescription)
    _allergic(bench, prescription, substance="loop diuretics of all kinds")
    assert _refused(lambda: bench.handed_out(prescription)) == ["hand-out.new-finding"]
    _answer(bench, prescription)
    keys = [row.key for row in models.Found.objects.filter(clinical_check__prescription=prescription)]
    assert len(keys) == len(set(keys))
    # What was answered after the clinical check is not new again.
    bench.handed_out(prescription)


def test_a_check_that_fails_at_the_hand_out_is_not_silence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)

    def broken(*_: object, **__: object) -> Assessment:
        raise RuntimeError

    first, *rest = run.CHECKS
    broken_checks = (run.Check(first.name, first.title, broken), *rest)
    monkeypatch.setattr(run.assess_all, "__kwdefaults__", {"checks": broken_checks})
    assert _refused(lambda: bench.handed_out(prescription)) == ["hand-out.new-finding"]
    assert _refused(lambda: _answer(bench, prescription, seen_not_assessed=False)) == [
        "clinical.not-assessed-unseen"
    ]
    _answer(bench, prescription)
    bench.handed_out(prescription)


def test_a_referral_holds_the_bag_until_a_pharmacist_has_said_something(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    assert _refused(lambda: _refer(bench, prescription, words=" ")) == ["referral.no-words"]
    _refer(bench, prescription)
    assert _refused(lambda: bench.handed_out(prescription)) == ["hand-out.referred"]
    assert _refused(lambda: _answer(bench, prescription, referrals={})) == ["referral.unanswered"]
    _answer(bench, prescription)
    bench.handed_out(prescription)
    asked = models.Referral.objects.get(answers=None)
    assert (asked.answered_by.words, asked.answered_by.by_id) == ("I have looked", bench.ruth.id)


def test_a_referral_at_the_clinical_check_is_answered_by_whoever_signs_it(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE)
    _refer(bench, prescription)
    assert _refused(lambda: bench.decide(prescription)) == ["referral.unanswered"]
    [asked] = findings.referrals(bench.row(prescription))
    bench.decide(prescription, referrals={asked.pk: "the dose is right"})
    assert not findings.referrals(bench.row(prescription))


@pytest.mark.parametrize("who", ["tess", "adam", "ruth", "mo"])
def test_who_refers_and_who_answers(bench: Bench, who: str) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    by = bench.people[who]
    assert _refused(lambda: _refer(bench, prescription, by=by)) == (["worklist.role"] if who == "mo" else [])
    if who == "mo":
        _refer(bench, prescription)
    may = who == "ruth"
    assert _refused(lambda: _answer(bench, prescription, by=by)) == ([] if may else ["worklist.role"])


def test_there_must_be_something_to_answer(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    assert _refused(lambda: _answer(bench, prescription)) == ["clinical.nothing-new"]


def test_an_answer_holds_for_the_next_issue_until_the_facts_change(bench: Bench) -> None:
    first = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, first, AllergyKind.INTOLERANCE)
    assert _asked(bench, first)["same"]
    bench.decide(first, answers=_with(bench, first, "a mild rash only"))
    second = bench.at("clinical", FUROSEMIDE, key="b")
    assert _asked(bench, second)["same"] is False
    bench.decide(second, answers={})
    again = models.Found.objects.get(clinical_check__prescription=second, rule="same")
    assert again.before is not None
    assert (again.answer, again.before.answer) == ("", "a mild rash only")
    # Another patient with the same facts has answered nothing.
    other = bench.at("clinical", FUROSEMIDE, key="c", patient=JOHN)
    _allergic(bench, other, AllergyKind.INTOLERANCE)
    assert _asked(bench, other)["same"]


def test_a_hard_stop_is_asked_at_every_issue(bench: Bench) -> None:
    first = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, first)
    bench.decide(first)
    second = bench.at("clinical", FUROSEMIDE, key="b")
    assert _asked(bench, second)["same"]
    assert "clinical.unanswered" in _refused(lambda: bench.decide(second, answers={}))


def test_an_answer_to_a_line_that_was_refused_is_none(bench: Bench) -> None:
    first = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, first, AllergyKind.INTOLERANCE)
    bench.decide(first, decisions=_refuse(bench, first))
    row = models.Found.objects.get(clinical_check__prescription=first, rule="same")
    assert (row.approved, row.answer) == (False, "")
    assert _asked(bench, bench.at("clinical", FUROSEMIDE, key="b"))["same"]


def test_one_answer_is_enough_for_the_same_facts_about_two_lines(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, FUROSEMIDE)
    _allergic(bench, prescription)
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    [entry] = [entry for entry in found.entries if entry.finding.rule == "same"]
    assert len(entry.lines) == 2
    bench.decide(prescription)
    assert models.Found.objects.filter(clinical_check__prescription=prescription, rule="same").count() == 1


def test_a_hard_stop_is_lowered_by_two_pharmacists_and_never_silenced(bench: Bench) -> None:
    seen = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, seen)
    bench.decide(seen)
    assert _refused(lambda: Outcome({"tuning": _tune(bench, ALLERGIC, STOP, NOTE)})) == ["tuning.hard-stop"]
    lowered = _tune(bench, ALLERGIC, STOP, ASK)
    prescription = bench.at("clinical", FUROSEMIDE, key="b")
    assert _severity(bench, prescription) is STOP
    assert _refused(lambda: tuning.sign(by=bench.ruth, now=NOW, key=a_key(), tuning_id=lowered)) == [
        "tuning.same-person"
    ]
    assert _refused(lambda: tuning.sign(by=bench.tess, now=NOW, key=a_key(), tuning_id=lowered)) == [
        "tuning.role"
    ]
    tuning.sign(by=bench.samuel, now=NOW, key=a_key(), tuning_id=lowered)
    assert _severity(bench, prescription) is ASK
    bench.decide(prescription)
    kept = models.Found.objects.get(clinical_check__prescription=prescription, rule="same")
    assert (kept.was, kept.severity) == ("hard_stop", "interrupt")
    told = models.ClinicalCheck.objects.latest("pk").assessments[0]["findings"][0]["tuned"]
    assert (told["was"], told["by"]) == ("hard_stop", ["Ruth Evans", "Samuel Adeyemi"])
    tuning.withdraw(
        by=bench.ruth, now=NOW, key=a_key(), tuning_id=lowered, reason="it taught nobody anything"
    )
    assert _severity(bench, bench.at("clinical", FUROSEMIDE, key="c")) is STOP


def test_what_a_rule_never_found_here_is_not_tuned(bench: Bench) -> None:
    assert _refused(lambda: Outcome({"tuning": _tune(bench, SAME_INGREDIENT, ASK, NOTE)})) == [
        "tuning.unseen"
    ]


def test_a_quieted_rule_asks_nothing_and_is_counted(bench: Bench) -> None:
    bench.decide(bench.at("clinical", *TWICE))
    quiet = _tune(bench, SAME_INGREDIENT, ASK, None)
    prescription = bench.at("clinical", *TWICE, key="b", patient=JOHN)
    assert _asked(bench, prescription)["same-ingredient"] is False
    bench.decide(prescription, answers={})
    assert models.Found.objects.get(clinical_check__prescription=prescription, rule="same-ingredient").quiet
    # It lapses after its day, and the check's own severity counts again.
    after = NOW + timedelta(days=(REVIEW - NOW.date()).days + 1)
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=after)
    assert not any(entry.finding.quiet for entry in found.entries)
    assert _refused(lambda: Outcome({"tuning": _tune(bench, SAME_INGREDIENT, ASK, NOTE)})) == [
        "tuning.stands"
    ]
    _tune(bench, SAME_INGREDIENT, ASK, NOTE, now=after, review=after.date() + timedelta(days=30))
    assert models.TuningStep.objects.get(tuning=quiet).kind == "withdrawn"


def test_a_definition_on_trial_counts_and_does_not_show(bench: Bench) -> None:
    definition = SAME_INGREDIENT.definition

    def state(*, on_trial: bool) -> Outcome:
        return tuning.set_state(
            by=bench.ruth, now=NOW, key=a_key(), definition=definition, on_trial=on_trial, reason=WHY
        )

    state(on_trial=True)
    assert _refused(lambda: state(on_trial=True)) == ["definition.no-change"]
    prescription = bench.at("clinical", *TWICE)
    assert "same-ingredient" not in _asked(bench, prescription)
    bench.decide(prescription, answers={})
    [counted] = models.Found.objects.filter(rule="same-ingredient")
    assert (counted.on_trial, counted.answer) == (True, "")
    state(on_trial=False)
    assert "same-ingredient" in _asked(bench, bench.at("clinical", *TWICE, key="b", patient=JOHN))


def test_an_unknown_definition_is_refused(bench: Bench) -> None:
    assert _refused(
        lambda: tuning.set_state(
            by=bench.ruth, now=NOW, key=a_key(), definition="no/such.yaml", on_trial=True, reason=WHY
        )
    ) == ["definition.unknown"]


def test_of_two_second_signatures_at_the_same_moment_one_counts(own_bench: Bench) -> None:
    bench = own_bench
    seen = bench.at("clinical", FUROSEMIDE)
    _allergic(bench, seen)
    bench.decide(seen)
    lowered = _tune(bench, ALLERGIC, STOP, ASK)

    def sign() -> Outcome:
        return tuning.sign(by=bench.samuel, now=NOW, key=a_key(), tuning_id=lowered)

    done, refused = together(sign, sign)
    assert (len(done), [each.rule for each in refused]) == (1, ["tuning.signed"])


def test_of_two_tunings_at_the_same_moment_one_stands(own_bench: Bench) -> None:
    bench = own_bench
    bench.decide(bench.at("clinical", *TWICE))

    def tune(by: Person, to: Severity) -> Callable[[], Outcome]:
        return lambda: Outcome({"tuning": _tune(bench, SAME_INGREDIENT, ASK, to, by=by)})

    done, refused = together(tune(bench.ruth, NOTE), tune(bench.samuel, STOP))
    assert (len(done), [each.rule for each in refused]) == (1, ["tuning.stands"])


def _severity(bench: Bench, prescription: int) -> Severity:
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    [entry] = [entry for entry in found.entries if entry.finding.rule == "same"]
    return entry.finding.severity


def _with(bench: Bench, prescription: int, words: str) -> dict[str, str]:
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    return {entry.finding.key: words for entry in found.entries}


def _refuse(bench: Bench, prescription: int) -> list[Any]:
    from pestle.pharmacy.dispensary.clinical import Decision
    from pestle.pharmacy.dispensary.not_dispensed import NotDispensed

    why = NotDispensed.CLINICALLY_UNSUITABLE
    return [Decision(line.item_id, False, why, "reacts to it") for line in bench.lines(prescription)]
