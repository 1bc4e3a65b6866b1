"""How serious does a site take what a rule finds, and who may change it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, RuleId, Severity
from pestle.pharmacy.checks.tuning import (
    Signature,
    Tuning,
    check_second,
    check_tuning,
    check_withdrawal,
    settle,
)
from pestle.pharmacy.definition import Source
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused

TODAY = date(2026, 11, 2)
STOP, ASK, NOTE = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE
UNKNOWN, QUIET = Severity.NOT_ASSESSED, None
RULE = RuleId("duplicate", "same-class", "duplicate/statins.yaml")
WHY = "Both are on the local formulary"


def _person(role: str = "pharmacist", id: int = 1) -> Person:
    return Person(id, f"Person {id}", frozenset({Role(role)}), site_id=1)


def _tuning(was: Severity, to: Severity | None, *signers: int, review: date | None = None) -> Tuning:
    signed = tuple(Signature(id, f"Person {id}", datetime(2026, 11, 1, tzinfo=UTC)) for id in signers or (1,))
    return Tuning(RULE, was, to, WHY, signed, review or TODAY + timedelta(days=90))


def _finding(severity: Severity, *, definition: str = RULE.definition, rule: str = RULE.rule) -> Finding:
    unknown = severity is UNKNOWN
    return Finding(
        check=RULE.check, rule=rule, key=f"{rule}:{severity.value}", severity=severity, what="Two statins",
        do="Ask", source=Source("A table of a test", verified=False, definition=definition),
        why=() if unknown else (Fact("Simvastatin 40mg tablets"),), because="not known" if unknown else "",
    )  # fmt: skip


def _refused(do: object, *args: object, **kwargs: object) -> list[str]:
    try:
        do(*args, **kwargs)  # type: ignore[operator]
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []


# from, to -> refused with, signatures needed
CHANGES = [
    (STOP, ASK, [], 2),
    (STOP, NOTE, ["tuning.hard-stop"], 2),
    (STOP, QUIET, ["tuning.hard-stop"], 2),
    (STOP, STOP, ["tuning.no-change"], 1),
    (STOP, UNKNOWN, ["tuning.not-assessed"], None),
    (ASK, STOP, [], 1),
    (ASK, NOTE, [], 1),
    (ASK, QUIET, [], 1),
    (ASK, ASK, ["tuning.no-change"], 1),
    (ASK, UNKNOWN, ["tuning.not-assessed"], None),
    (NOTE, STOP, [], 1),
    (NOTE, ASK, [], 1),
    (NOTE, QUIET, [], 1),
    (NOTE, NOTE, ["tuning.no-change"], 1),
    (UNKNOWN, STOP, ["tuning.not-assessed"], None),
    (UNKNOWN, NOTE, ["tuning.not-assessed"], None),
    (UNKNOWN, QUIET, ["tuning.not-assessed"], None),
]


@pytest.mark.parametrize(("was", "to", "refused", "signatures"), CHANGES)
def test_what_may_be_made_of_what(
    was: Severity, to: Severity | None, refused: list[str], signatures: int | None
) -> None:
    review = TODAY + timedelta(days=90)
    found = _refused(
        check_tuning, RULE, was, to, reason=WHY, review=review, by=_person(), standing=(), on=TODAY
    )
    assert found == refused
    if signatures is not None:
        assert _tuning(was, to).signatures_needed == signatures


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_only_a_pharmacist_tunes_signs_and_withdraws(role: str) -> None:
    by, may = _person(role, id=2), role == "pharmacist"
    lowered = _tuning(STOP, ASK)
    found = [
        _refused(check_tuning, RULE, ASK, NOTE, reason=WHY, review=TODAY + timedelta(days=9), by=by,
                 standing=(), on=TODAY),
        _refused(check_second, lowered, by=by, on=TODAY),
        _refused(check_withdrawal, lowered, reason=WHY, by=by),
    ]  # fmt: skip
    assert found == [[] if may else ["tuning.role"]] * 3


# reason, days until the review -> refused with
WORDS_AND_DAYS = [
    (WHY, 90, []),
    (WHY, 1, []),
    (WHY, 366, []),
    (WHY, 0, ["tuning.review"]),
    (WHY, -1, ["tuning.review"]),
    (WHY, 367, ["tuning.review"]),
    ("", 90, ["tuning.no-reason"]),
    ("too short", 90, ["tuning.no-reason"]),
    ("  spaces    ", 90, ["tuning.no-reason"]),
    ("", 0, ["tuning.no-reason", "tuning.review"]),
]


@pytest.mark.parametrize(("reason", "days", "refused"), WORDS_AND_DAYS)
def test_a_tuning_says_why_and_when_it_is_looked_at_again(reason: str, days: int, refused: list[str]) -> None:
    review = TODAY + timedelta(days=days)
    assert refused == _refused(
        check_tuning, RULE, ASK, NOTE, reason=reason, review=review, by=_person(), standing=(), on=TODAY
    )


# what stands -> refused with, for the same rule from “Answer needed”
STANDING = [
    (_tuning(ASK, NOTE), ["tuning.stands"]),
    (_tuning(ASK, STOP), ["tuning.stands"]),
    (_tuning(NOTE, QUIET), []),
    (replace(_tuning(ASK, NOTE), rule=replace(RULE, rule="same-ingredient")), []),
    (_tuning(ASK, NOTE, review=TODAY), ["tuning.stands"]),
    (_tuning(ASK, NOTE, review=TODAY - timedelta(days=1)), []),
    # A raise does not lapse, so it stands after its day.
    (_tuning(ASK, STOP, review=TODAY - timedelta(days=1)), ["tuning.stands"]),
]


@pytest.mark.parametrize(("stands", "refused"), STANDING)
def test_one_tuning_of_a_rule_at_a_severity_stands_at_a_time(stands: Tuning, refused: list[str]) -> None:
    review = TODAY + timedelta(days=90)
    assert refused == _refused(
        check_tuning, RULE, ASK, NOTE, reason=WHY, review=review, by=_person(), standing=(stands,), on=TODAY
    )


# tuning, who signs -> refused with
SECONDS = [
    (_tuning(STOP, ASK, 1), 2, []),
    (_tuning(STOP, ASK, 1), 1, ["tuning.same-person"]),
    (_tuning(STOP, ASK, 1, 2), 3, ["tuning.signed"]),
    (_tuning(ASK, NOTE, 1), 2, ["tuning.signed"]),
    (_tuning(STOP, ASK, 1, review=TODAY - timedelta(days=1)), 2, ["tuning.lapsed"]),
]


@pytest.mark.parametrize(("tuning", "who", "refused"), SECONDS)
def test_the_second_signature_is_another_pharmacists(tuning: Tuning, who: int, refused: list[str]) -> None:
    assert _refused(check_second, tuning, by=_person(id=who), on=TODAY) == refused


# tuning, who withdraws, why -> refused with
WITHDRAWALS = [
    (_tuning(ASK, NOTE, 1), 1, WHY, []),
    (_tuning(STOP, ASK, 1, 2), 1, WHY, []),
    (_tuning(ASK, STOP, 1), 1, WHY, ["tuning.same-person"]),
    (_tuning(ASK, STOP, 1), 2, WHY, []),
    (_tuning(ASK, NOTE, 1), 2, "no", ["tuning.no-reason"]),
]


@pytest.mark.parametrize(("tuning", "who", "why", "refused"), WITHDRAWALS)
def test_nobody_alone_raises_to_a_hard_stop_and_lowers_it_again(
    tuning: Tuning, who: int, why: str, refused: list[str]
) -> None:
    assert _refused(check_withdrawal, tuning, reason=why, by=_person(id=who)) == refused


# tuning, found at -> shown at, quiet
HOLDS = [
    (_tuning(ASK, NOTE), ASK, NOTE, False),
    (_tuning(ASK, STOP), ASK, STOP, False),
    (_tuning(ASK, QUIET), ASK, NOTE, True),
    (_tuning(NOTE, QUIET), NOTE, NOTE, True),
    # A hard stop waits for the second signature, of somebody else.
    (_tuning(STOP, ASK, 1), STOP, STOP, False),
    (_tuning(STOP, ASK, 1, 1), STOP, STOP, False),
    (_tuning(STOP, ASK, 1, 2), STOP, ASK, False),
    # A lowering lapses after its day, a raise does not.
    (_tuning(ASK, NOTE, review=TODAY), ASK, NOTE, False),
    (_tuning(ASK, NOTE, review=TODAY - timedelta(days=1)), ASK, ASK, False),
    (_tuning(ASK, STOP, review=TODAY - timedelta(days=1)), ASK, STOP, False),
    # The same rule at another severity is another matter.
    (_tuning(ASK, NOTE), NOTE, NOTE, False),
    (_tuning(NOTE, QUIET), ASK, ASK, False),
    (_tuning(ASK, QUIET), UNKNOWN, UNKNOWN, False),
]


@pytest.mark.parametrize(("tuning", "found", "shown", "quiet"), HOLDS)
def test_what_a_tuning_makes_of_a_finding(
    tuning: Tuning, found: Severity, shown: Severity, quiet: bool
) -> None:
    before = _finding(found)
    [finding] = _settled(before, tuning)
    assert (finding.severity, finding.quiet, finding.was) == (shown, quiet, found)
    assert finding.key == before.key
    changed = shown is not found or quiet
    assert (finding.tuned is not None) is changed
    if finding.tuned:
        assert finding.tuned.reason == WHY
        assert finding.tuned.by == tuple(each.name for each in tuning.signed)


@pytest.mark.parametrize("change", [{"rule": "same-ingredient"}, {"definition": "duplicate/ssris.yaml"}])
def test_another_rule_or_definition_is_left_alone(change: dict[str, str]) -> None:
    before = _finding(ASK, **change)
    assert _settled(before, _tuning(ASK, QUIET)) == [before]


def test_of_two_that_should_not_both_stand_the_more_serious_counts() -> None:
    for both in ((_tuning(ASK, NOTE), _tuning(ASK, STOP)), (_tuning(ASK, STOP), _tuning(ASK, NOTE))):
        [finding] = _settled(_finding(ASK), *both)
        assert finding.severity is STOP


# found at -> shown although its definition is on trial
TRIAL = [(STOP, True), (ASK, False), (NOTE, False), (UNKNOWN, True)]


@pytest.mark.parametrize(("found", "shown"), TRIAL)
def test_a_trial_counts_and_does_not_show_but_for_what_nothing_silences(found: Severity, shown: bool) -> None:
    before = _finding(found)
    settled = settle((_assessment(before),), tunings=(), trial=frozenset({RULE.definition}), on=TODAY)
    assert settled.assessments[0].findings == ((before,) if shown else ())
    assert settled.on_trial == (() if shown else (before,))
    elsewhere = settle(
        (_assessment(before),), tunings=(), trial=frozenset({"duplicate/other.yaml"}), on=TODAY
    )
    assert elsewhere.assessments[0].findings == (before,)


def test_what_no_definition_says_is_never_on_trial() -> None:
    before = _finding(ASK, definition="")
    settled = settle((_assessment(before),), tunings=(), trial=frozenset({""}), on=TODAY)
    assert settled.assessments[0].findings == (before,)


def _assessment(*findings: Finding) -> Assessment:
    return Assessment("duplicate", "Is it the same as something else the patient has?", findings)


def _settled(finding: Finding, *tunings: Tuning) -> list[Finding]:
    settled = settle((_assessment(finding),), tunings=tunings, on=TODAY)
    assert not settled.on_trial
    return list(settled.assessments[0].findings)
