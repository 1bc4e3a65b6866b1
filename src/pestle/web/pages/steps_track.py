"""Where has a prescription got to, and who took each step?"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.dispensary.workflow import (
    ACCURACY,
    ASSEMBLE,
    CLINICAL,
    DISPENSING,
    ENTRY,
    HAND_OUT,
    OWINGS,
)
from pestle.pharmacy.worklist.workflow import Task
from pestle.web.store import models

_ENDS = {
    ENTRY: ("complete_entry",),
    CLINICAL: ("approve", "refuse"),
    ASSEMBLE: ("complete_assembly",),
    ACCURACY: ("pass_accuracy",),
    HAND_OUT: ("hand_out", "hand_out_part"),
    OWINGS: ("assemble_rest",),
}
CLOSED_BECAUSE = {
    "supplied": "Handed out",
    "refused": "Closed: every line was refused at the clinical check",
    "withheld": "Closed: every line was withheld",
    "cancelled": "Closed: cancelled by the prescriber",
    "not_collected": "Closed: not collected, and returned to stock",
    "returned": "Closed: returned to the prescription service",
}


def steps(row: models.Prescription, task: Task) -> list[dict[str, Any]]:
    """Each step of its way: done by whom, the current one, those to come, and where it ended early."""
    # Owings is a step of few prescriptions, and stands only where it is one of this.
    codes = [step.code for step in DISPENSING.steps
             if not step.final and (step.code != OWINGS or row.step == OWINGS)]  # fmt: skip
    here = codes.index(row.step) if row.step in codes else len(codes)
    found: list[dict[str, Any]] = []
    for number, code in enumerate(codes):
        done = next((one for one in reversed(task.done) if one.verb in _ENDS[code]), None)
        state = "done" if number < here else "current" if number == here else "waiting"
        if row.step == "closed" and (done is None or done.verb == "refuse"):
            # It ended here, before its way was complete.
            who = done.person_name if done else CLOSED_BECAUSE.get(row.closed_because, "Closed")
            found.append({"name": DISPENSING.step(code).title, "state": "refused", "who": who,
                          "at": done.at if done else row.step_since})  # fmt: skip
            return found
        title = "Hand out" if code == HAND_OUT else DISPENSING.step(code).title
        who = done.person_name if done and state == "done" else ""
        found.append({"name": title, "state": state, "who": who, "at": done.at if done else None})
    return found
