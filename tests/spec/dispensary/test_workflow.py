"""Who may do what at which step? The dispensing workflow as one table, and where each verb leads.

Each cell is a role at a step: the verbs it may do. Everything that is not in its cell is refused: with
``worklist.role`` where another role may do it there, with ``worklist.not-at-step`` where nobody may.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.worklist.workflow import Task, can, check, refusal

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

NOTHING: set[str] = set()
GIVE_BACK = {"return_to_service"}
ENTER = {"complete_entry", "ask_before_issue"} | GIVE_BACK
DECIDE = {"approve", "refuse", "return_to_entry"}
ASSEMBLE = {
    "print_labels", "pick", "undo_pick", "owe", "owe_all", "complete_assembly", "ask_before_issue",
    "propose_instead", "supply_as_prescribed",
} | GIVE_BACK  # fmt: skip
CHECK = {"rescan", "pass_accuracy", "fail_accuracy", "ask_before_issue"}
LINES = {"withhold", "keep_line", "decide_waiting"}

READY = {"hand_out", "hand_out_part", "remind", "return_to_stock", "ask_before_issue"}
AGAIN = {"undo_return"}
SEND_BACK = READY | {"fail_accuracy"}
REST = {"assemble_rest", "promise"} | GIVE_BACK
OWN = {"start_self_check"}
REFER, ANSWER = {"refer"}, {"answer"}
ISSUE = {"ask_before_issue"}
INSTEAD = {"propose_instead", "supply_as_prescribed"}
DECIDE_INSTEAD = INSTEAD | {"supply_instead"}
SPEAK = {"must_speak", "spoke"}
CLINICAL = REFER | ISSUE | INSTEAD | GIVE_BACK

ASK_AND_SAY = REFER | ANSWER | SPEAK

#                      entry   clinical  assemble               accuracy        ready
#                                                                               owings          closed
TABLE = {
    "technician":       (ENTER, CLINICAL, ASSEMBLE | REFER,      REFER | ISSUE,  READY | REFER,
                                                                                REST,           AGAIN),
    "accuracy_checker": (ENTER, CLINICAL, ASSEMBLE | REFER,      CHECK | REFER,  SEND_BACK | REFER,
                                                                                REST,           AGAIN),
    "pharmacist":       (ENTER, DECIDE | CLINICAL | SPEAK | DECIDE_INSTEAD,
                         ASSEMBLE | LINES | ASK_AND_SAY | DECIDE_INSTEAD,
                         CHECK | OWN | LINES | ASK_AND_SAY,     SEND_BACK | LINES | ASK_AND_SAY,
                                                                                REST | LINES,   AGAIN),
    "prescriber":       (NOTHING, NOTHING, ANSWER, ANSWER, ANSWER, NOTHING, NOTHING),
    "nurse":            (NOTHING,) * 7,
    "receptionist":     (NOTHING,) * 7,
    "manager":          (NOTHING,) * 7,
    "system":           (NOTHING,) * 7,
}  # fmt: skip
STEPS = ("entry", "clinical", "assemble", "accuracy", "hand_out", "owings", "closed")
VERBS = tuple(dict.fromkeys(row.verb for row in DISPENSING.transitions))
CELLS = [
    (role, step, verb)
    for role in TABLE
    for step in STEPS
    for verb in VERBS
]  # fmt: skip

# verb                step        leads to
LEADS = [
    ("complete_entry", "entry", "clinical"),
    ("return_to_entry", "clinical", "entry"),
    ("approve", "clinical", "assemble"),
    ("refuse", "clinical", "closed"),
    ("print_labels", "assemble", "assemble"),
    ("pick", "assemble", "assemble"),
    ("undo_pick", "assemble", "assemble"),
    ("complete_assembly", "assemble", "accuracy"),
    ("start_self_check", "accuracy", "accuracy"),
    ("rescan", "accuracy", "accuracy"),
    ("pass_accuracy", "accuracy", "hand_out"),
    ("fail_accuracy", "accuracy", "assemble"),
    ("fail_accuracy", "hand_out", "assemble"),
    ("hand_out", "hand_out", "closed"),
    ("remind", "hand_out", "hand_out"),
    ("return_to_stock", "hand_out", "closed"),
    ("undo_return", "closed", "assemble"),
    ("owe", "assemble", "assemble"),
    ("owe_all", "assemble", "owings"),
    ("hand_out_part", "hand_out", "owings"),
    ("promise", "owings", "owings"),
    ("assemble_rest", "owings", "assemble"),
    *(("return_to_service", step, "closed") for step in ("entry", "clinical", "assemble", "owings")),
    *((verb, step, step) for verb in ("withhold", "keep_line", "decide_waiting") for step in STEPS[2:6]),
    *(("answer", step, step) for step in STEPS[2:5]),
    *(("ask_before_issue", step, step) for step in STEPS[:5]),
    *(
        (verb, step, step)
        for verb in ("propose_instead", "supply_instead", "supply_as_prescribed")
        for step in STEPS[1:3]
    ),
    *((verb, step, step) for verb in ("refer", "must_speak", "spoke") for step in STEPS[1:5]),
]


def _person(*roles: str, id: int = 1) -> Person:
    return Person(id, "Sam Reed", frozenset(Role(role) for role in roles), site_id=1)


def test_the_table_names_every_role_and_the_leads_every_transition() -> None:
    assert set(TABLE) == {role.value for role in Role}
    assert sorted(LEADS) == sorted((row.verb, row.at, row.to) for row in DISPENSING.transitions)
    assert [step.code for step in DISPENSING.steps] == [*STEPS]
    assert [step.code for step in DISPENSING.steps if step.final] == ["closed"]


@pytest.mark.parametrize(("role", "step", "verb"), CELLS)
def test_each_cell(role: str, step: str, verb: str) -> None:
    by, task = _person(role), Task(step, version=1)
    here = {row.verb for row in DISPENSING.transitions if row.at == step}
    found = refusal(DISPENSING, task, verb, by=by, now=NOW)
    if verb in TABLE[role][STEPS.index(step)]:
        assert found is None
        leads = {(verb_, at): to for verb_, at, to in LEADS}
        assert check(DISPENSING, task, verb, by=by, now=NOW).to == leads[verb, step]
    else:
        assert found is not None
        assert found.rule == ("worklist.role" if verb in here else "worklist.not-at-step")
    assert can(DISPENSING, task, verb, by=by, now=NOW) is (found is None)


@pytest.mark.parametrize("roles", [("technician", "manager"), ("manager", "technician", "receptionist")])
def test_a_person_may_do_what_any_of_their_roles_may(roles: tuple[str, ...]) -> None:
    assert can(DISPENSING, Task("entry", 1), "complete_entry", by=_person(*roles), now=NOW)
    assert not can(DISPENSING, Task("clinical", 1), "approve", by=_person(*roles), now=NOW)


def test_nobody_without_a_role_may_do_anything() -> None:
    by = Person(1, "Nobody", frozenset(), site_id=1)
    for row in DISPENSING.transitions:
        assert not can(DISPENSING, Task(row.at, 1), row.verb, by=by, now=NOW)


def test_a_refusal_says_whose_work_it_is_and_who_asks() -> None:
    found = refusal(DISPENSING, Task("clinical", 1), "approve", by=_person("technician"), now=NOW)
    assert found is not None
    assert found.reason == "This is for pharmacist; you are signed in as pharmacy technician"
