"""Which steps have a round of monitoring and a short issue, and who takes each?"""

from __future__ import annotations

from pestle.pharmacy.people import Role
from pestle.pharmacy.worklist.workflow import Step, Transition, Workflow

WATCH, ARRANGED, INVITED, INVITED_AGAIN, ESCALATED, DECIDED, ENDED = (
    "watch", "arranged", "invited", "invited_again", "escalated", "decided", "ended",
)  # fmt: skip
OPEN = (ARRANGED, INVITED, INVITED_AGAIN, ESCALATED, DECIDED)

TEAM = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE})
MAY_PROPOSE = TEAM - {Role.NURSE}
MAY_DECIDE = frozenset({Role.PHARMACIST, Role.PRESCRIBER})

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
        Transition("arrange", WATCH, ARRANGED, TEAM, "requested the tests of"),
        # Another test fell due while the round was open.
        *(Transition("arrange", step, step, TEAM, "requested more tests of") for step in OPEN),
        Transition("invite", ARRANGED, INVITED, TEAM, "invited"),
        Transition("invite_again", INVITED, INVITED_AGAIN, TEAM, "invited again"),
        *(
            Transition("escalate", step, ESCALATED, TEAM, "escalated")
            for step in (ARRANGED, INVITED, INVITED_AGAIN, DECIDED)
        ),
        Transition("decide", ESCALATED, DECIDED, MAY_DECIDE, "decided on"),
        *(Transition("end", step, ENDED, TEAM | {Role.SYSTEM}, "ended the round of") for step in OPEN),
    ),
)

PROPOSED, SETTLED, WITHDRAWN = "proposed", "decided", "withdrawn"

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
