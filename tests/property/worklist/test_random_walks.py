"""No way through the dispensary leaves out a check, whoever tries what in whichever order.

Random people try random verbs at a prescription, hundreds of times. Whatever the rules let through is written
down, and the whole story is then read by a slow and obvious judge that shares no code with the rules.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.dispensary.accuracy import SelfCheck, accuracy_refusal, check_accuracy
from pestle.pharmacy.dispensary.uncollected import undo_refusal
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.workflow import Claim, Done, Task, can, check

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
PAUSE = timedelta(minutes=5)
VERBS = sorted({row.verb for row in DISPENSING.transitions})
# Most people at the bench hold the roles of the trade; now and then somebody holds all or none.
ROLES = st.sampled_from(
    [
        {Role.TECHNICIAN},
        {Role.TECHNICIAN, Role.ACCURACY_CHECKER},
        {Role.PHARMACIST},
        {Role.MANAGER},
        set(Role),
        set(),
    ]
).map(frozenset)
TEAMS = st.lists(ROLES, min_size=1, max_size=4)
TRIES = st.lists(
    st.tuples(st.sampled_from([*VERBS, "claim"]), st.integers(0, 3), st.integers(0, 6)),
    min_size=20,
    max_size=150,
)
# A procedure for checking one's own work, and how diligently packs are scanned again after the pause.
PROCEDURES = st.none() | st.just(PAUSE)


def _walk(
    team: list[frozenset[Role]], tries: list[tuple[str, int, int]], procedure: timedelta | None
) -> tuple[Task, list[Person]]:
    people = [Person(n, f"Person {n}", roles, site_id=1) for n, roles in enumerate(team)]
    task, now = Task("entry", 1), START
    began: dict[int, datetime] = {}
    scanned: set[int] = set()
    for verb, who, minutes in tries:
        by, now = people[who % len(people)], now + timedelta(minutes=minutes)
        if verb == "claim":
            task = replace(task, claim=Claim(by.id, by.name, now))
            continue
        packs = 1
        known = SelfCheck(procedure, began.get(by.id), packs, rescanned=int(by.id in scanned))
        asked = (
            accuracy_refusal(task, by=by, now=now, self_check=known) is None
            if verb == "pass_accuracy"
            else can(DISPENSING, task, verb, by=by, now=now)
        )
        if verb == "undo_return" and undo_refusal(task) is not None:
            continue
        try:
            if verb == "pass_accuracy":
                transition = check_accuracy(task, by=by, now=now, self_check=known)
            else:
                transition = check(DISPENSING, task, verb, by=by, now=now)
        except Refused:
            assert not asked
            continue
        assert asked
        if verb == "start_self_check":
            began, scanned = {by.id: now}, set()
        elif verb == "rescan" and by.id in began and now >= began[by.id] + PAUSE:
            scanned.add(by.id)
        elif verb in ("fail_accuracy", "assemble_rest", "undo_return"):
            began, scanned = {}, set()
        done = (*task.done, Done(verb, by.id, by.name, now))
        task = Task(transition.to, task.version + 1, done, task.claim if transition.to == task.step else None)
    return task, people


def _last(story: tuple[Done, ...], verb: str) -> int:
    return max((n for n, done in enumerate(story) if done.verb == verb), default=-1)


@given(TEAMS, TRIES, PROCEDURES)
def test_no_way_leaves_out_a_check(
    team: list[frozenset[Role]], tries: list[tuple[str, int, int]], procedure: timedelta | None
) -> None:
    task, people = _walk(team, tries, procedure)
    story = task.done
    for n, done in enumerate(story):
        before, by = story[:n], people[done.person_id]
        if done.verb in ("approve", "refuse", "return_to_entry", "withhold", "keep_line", "start_self_check"):
            assert Role.PHARMACIST in by.roles
        if done.verb == "pass_accuracy":
            assert by.roles & {Role.PHARMACIST, Role.ACCURACY_CHECKER}
            assert _last(before, "approve") > _last(before, "complete_entry") >= 0
            assert _last(before, "complete_assembly") > _last(before, "fail_accuracy")
            own = any(
                each.verb in ("complete_entry", "print_labels", "pick") and each.person_id == by.id
                for each in before
            )
            if own:
                assert Role.PHARMACIST in by.roles
                assert procedure is not None
                begun = before[_last(before, "start_self_check")]
                assert begun.person_id == by.id
                assert done.at - begun.at >= PAUSE
                assert any(
                    each.verb == "rescan" and each.person_id == by.id and each.at >= begun.at + PAUSE
                    for each in before
                )
        if done.verb in ("hand_out", "hand_out_part"):
            # The check that counts is the last word: nothing was picked, put back or sent back after it.
            passed = _last(before, "pass_accuracy")
            assert passed > _last(before, "approve") >= 0
            for later in (
                "pick",
                "undo_pick",
                "print_labels",
                "complete_entry",
                "fail_accuracy",
                "complete_assembly",
                "assemble_rest",
                "owe",
            ):
                assert passed > _last(before, later)
    assert [done.verb for done in story].count("hand_out") <= 1
    if any(done.verb in ("hand_out", "refuse") for done in story):
        assert task.step == "closed"
        assert story[-1].verb in ("hand_out", "refuse")


def test_the_walks_are_long_enough_to_arrive() -> None:
    everyone = [
        frozenset({Role.TECHNICIAN}),
        frozenset({Role.PHARMACIST}),
        frozenset({Role.ACCURACY_CHECKER}),
    ]
    verbs = [
        "complete_entry",
        "approve",
        "print_labels",
        "pick",
        "complete_assembly",
        "pass_accuracy",
        "hand_out",
    ]
    who = [0, 1, 0, 0, 0, 2, 0]
    task, _ = _walk(everyone, [(verb, n, 1) for verb, n in zip(verbs, who, strict=True)], None)
    assert task.step == "closed"
    lone = [frozenset({Role.PHARMACIST})]
    alone = [*verbs[:5], "start_self_check", "rescan", *verbs[5:]]
    task, _ = _walk(lone, [(verb, 0, 6) for verb in alone], PAUSE)
    assert task.step == "closed"
    task, _ = _walk(lone, [(verb, 0, 6) for verb in alone], None)
    assert task.step == "accuracy"
