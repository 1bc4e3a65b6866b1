"""Which steps have a round of monitoring and a short issue, and who takes each?"""

from __future__ import annotations

from pestle.pharmacy.people import Role
from pestle.pharmacy.worklist.workflow import Step, Transition, Workflow

WATCH, ARRANGED, INVITED, INVITED_AGAIN, ESCALATED, DECIDED, ENDED = (
    "watch", "arranged", "invited", "invited_again", "escalated", "decided", "ended",
)  # fmt: skip
OPEN = (ARRANGED, INVITED, INVITED_AGAIN, ESCALATED, DECIDED)

_TEAM = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE})
_DECIDE = frozenset({Role.PHARMACIST, Role.PRESCRIBER})

ROUNDS = Workflow(
    name="monitoring round",
    steps=(
        Step(WATCH, "Watched"),
        Step(ARRANGED, "Tests requested"),
        Step(INVITED, "Invited"),
        Step(INVITED_AGAIN, "Invited again"),
        Step(ESCALATED, "Escalated"),
        Step(DECIDED, "Decided"),
        Step(ENDED, "Ended", final=True),
    ),
    transitions=(
        Transition("arrange", WATCH, ARRANGED, _TEAM, "requested the tests of"),
        # Another test fell due while the round was open.
        *(Transition("arrange", step, step, _TEAM, "requested more tests of") for step in OPEN),
        Transition("invite", ARRANGED, INVITED, _TEAM, "invited"),
        Transition("invite_again", INVITED, INVITED_AGAIN, _TEAM, "invited again"),
        *(
            Transition("escalate", step, ESCALATED, _TEAM, "escalated")
            for step in (ARRANGED, INVITED, INVITED_AGAIN, DECIDED)
        ),
        Transition("decide", ESCALATED, DECIDED, _DECIDE, "decided on"),
        *(Transition("end", step, ENDED, _TEAM | {Role.SYSTEM}, "ended the round of") for step in OPEN),
    ),
)

PROPOSED, SETTLED, WITHDRAWN = "proposed", "decided", "withdrawn"
MAY_PROPOSE = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER})
MAY_DECIDE = frozenset({Role.PHARMACIST, Role.PRESCRIBER})

SHORTENED_ISSUES = Workflow(
    name="shortened issue",
    steps=(
        Step(PROPOSED, "Proposed"),
        Step(SETTLED, "Decided", final=True),
        Step(WITHDRAWN, "Withdrawn", final=True),
    ),
    transitions=(
        Transition("decide", PROPOSED, SETTLED, MAY_DECIDE, "decided"),
        Transition("withdraw", PROPOSED, WITHDRAWN, MAY_PROPOSE, "withdrew"),
    ),
)
