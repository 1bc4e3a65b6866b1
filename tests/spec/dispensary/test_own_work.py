"""Nobody checks their own work: who may pass the accuracy check, by what they did before.

An accuracy-checking technician never checks what they entered, labelled or picked. A pharmacist who works
alone may, where the site has a procedure, after its pause and with every pack scanned again since.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.accuracy import SelfCheck, accuracy_refusal, check_accuracy, is_own_work
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.workflow import Claim, Done, Task

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ME, COLLEAGUE = 1, 2
PAUSE = timedelta(minutes=5)
NO_PROCEDURE = SelfCheck(None, None, packs=2, rescanned=0)


def _me(role: str) -> Person:
    return Person(ME, "Adam Patel", frozenset({Role(role)}), site_id=1)


def _task(*mine: str, step: str = "accuracy", claim: Claim | None = None) -> Task:
    before = ("complete_entry", "approve", "print_labels", "pick", "complete_assembly")
    done = tuple(
        Done(verb, ME if verb in mine else COLLEAGUE, "Adam Patel" if verb in mine else "Tess Okafor", NOW)
        for verb in (*before, *(verb for verb in mine if verb not in before))
    )
    return Task(step, version=7, done=done, claim=claim)


# what I did before        accuracy-checking technician   pharmacist, no procedure
WHO = [
    ((),                    None,                   None),
    (("complete_entry",),   "worklist.same-person", "accuracy.no-self-check-procedure"),
    (("print_labels",),     "worklist.same-person", "accuracy.no-self-check-procedure"),
    (("pick",),             "worklist.same-person", "accuracy.no-self-check-procedure"),
    (("complete_entry", "pick"), "worklist.same-person", "accuracy.no-self-check-procedure"),
    (("approve",),          None,                   None),
    (("undo_pick",),        None,                   None),
    (("rescan",),           None,                   None),
    (("fail_accuracy",),    None,                   None),
]  # fmt: skip


@pytest.mark.parametrize(("mine", "checker", "pharmacist"), WHO)
def test_who_must_differ(mine: tuple[str, ...], checker: str | None, pharmacist: str | None) -> None:
    for role, rule in (("accuracy_checker", checker), ("pharmacist", pharmacist)):
        found = accuracy_refusal(_task(*mine), by=_me(role), now=NOW, self_check=NO_PROCEDURE)
        assert (found.rule if found else None) == rule
    assert is_own_work(_task(*mine), _me("pharmacist")) is (checker is not None)


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("entry", "worklist.not-at-step"),
        ("clinical", "worklist.not-at-step"),
        ("assemble", "worklist.not-at-step"),
        ("accuracy", None),
        ("hand_out", "worklist.not-at-step"),
    ],
)
def test_only_after_the_clinical_check_and_assembly(step: str, rule: str | None) -> None:
    found = accuracy_refusal(_task(step=step), by=_me("accuracy_checker"), now=NOW, self_check=NO_PROCEDURE)
    assert (found.rule if found else None) == rule


# the lone pharmacist: pause begun ago (minutes), packs scanned since it ended, of two -> refusal
SELF_CHECK = [
    (None, 0, "accuracy.pause-not-begun"),
    (None, 2, "accuracy.pause-not-begun"),
    (0, 0, "accuracy.pause-not-over"),
    (4, 2, "accuracy.pause-not-over"),
    (5, 0, "accuracy.rescan-missing"),
    (5, 1, "accuracy.rescan-missing"),
    (5, 2, None),
    (60, 1, "accuracy.rescan-missing"),
    (60, 2, None),
]


@pytest.mark.parametrize(("ago", "rescanned", "rule"), SELF_CHECK)
def test_the_self_check_of_a_lone_pharmacist(ago: int | None, rescanned: int, rule: str | None) -> None:
    began = None if ago is None else NOW - timedelta(minutes=ago)
    known = SelfCheck(PAUSE, began, packs=2, rescanned=rescanned)
    mine = _task("complete_entry", "print_labels", "pick")
    found = accuracy_refusal(mine, by=_me("pharmacist"), now=NOW, self_check=known)
    assert (found.rule if found else None) == rule
    # The procedure is the pharmacist's alone.
    technician = accuracy_refusal(mine, by=_me("accuracy_checker"), now=NOW, self_check=known)
    assert technician is not None
    assert technician.rule == "worklist.same-person"


def test_the_pause_ends_on_the_second() -> None:
    known = SelfCheck(PAUSE, NOW, packs=1, rescanned=1)
    by, mine = _me("pharmacist"), _task("pick")
    early = accuracy_refusal(mine, by=by, now=NOW + PAUSE - timedelta(seconds=1), self_check=known)
    assert early is not None
    assert early.reason == "The pause ends in 1 min"
    assert check_accuracy(mine, by=by, now=NOW + PAUSE, self_check=known).to == "hand_out"


def test_a_self_check_lifts_no_other_refusal() -> None:
    known = SelfCheck(PAUSE, NOW - PAUSE, packs=2, rescanned=2)
    claimed = _task("pick", claim=Claim(COLLEAGUE, "Tess Okafor", NOW))
    for task, seen, rule in (
        (claimed, None, "worklist.claimed"),
        (_task("pick"), 6, "worklist.changed"),
        (_task("pick", step="assemble"), None, "worklist.not-at-step"),
    ):
        with pytest.raises(Refused) as refused:
            check_accuracy(task, by=_me("pharmacist"), now=NOW, self_check=known, seen=seen)
        assert refused.value.rule == rule
