"""What has the invented practice asked of its patients, what was found, and what is being done about it?

Some measures were asked of its list as of two months ago and as of today. One is asked every four weeks from
now on: those whom it found are on the worklist, and one of them is seen to.
"""

from __future__ import annotations

from datetime import timedelta

from pestle.demo.messages import name_id
from pestle.demo.surgery import Practice
from pestle.pharmacy.people import Role
from pestle.web.actions import measures, patient_tasks
from pestle.web.jobs import measures as job
from pestle.web.store import measures as stored

EVERY = 28
ASKED = (
    "gap_clearance",
    "rule_nsaid_65_unprotected",
    "rule_methotrexate_without_folic_acid",
    "monitoring_lithium_lithium_level",
    "monitoring_spironolactone_renal_function",
)
_BEFORE = 61  # days: two months earlier in the calendar, or nearly so
# Of this one some are on the worklist already; the others wait for whoever tries the demo.
_SENT = "rule_methotrexate_without_folic_acid"


def ask(practice: Practice) -> None:
    """The two runs, the schedule and the tasks."""
    priya, at = practice.people["priya"], practice.now - timedelta(minutes=80)
    for ago in (_BEFORE, 0):
        begun = measures.begin(
            by=priya, now=at, key=name_id("measures", str(ago)), names=ASKED, source=stored.OWN,
            on=at.date() - timedelta(days=ago), start=lambda _: None,
        )  # fmt: skip
        job.run(begun.result["run"], clock=lambda: at)
    result = stored.latest(practice.site.pk, stored.OWN)[_SENT]
    measures.schedule(
        by=priya, now=at, key=name_id("schedule"), name=_SENT, source=stored.OWN, days=EVERY, plan=job.plan
    )
    sent = measures.send(
        by=priya, now=at, key=name_id("send"), result_id=result.pk, findings=None, role=Role.PHARMACIST,
        owner_id=None, due_on=at.date() + timedelta(days=14),
    ).result["opened"]  # fmt: skip
    patient_tasks.finish(
        by=practice.people["gareth"], now=at + timedelta(minutes=40), key=name_id("task-done"),
        task_id=sent[0], seen=None, words="Has folic acid from the hospital; added to the list",
    )  # fmt: skip
