"""Who may propose a short issue, who decides, and what is never decided?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.spec.practice.desk import POLICY, person

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.shortened_issue import Decision, Proposal, check_decision, check_proposal
from pestle.pharmacy.refusal import Refused

TECHNICIAN, PHARMACIST, PRESCRIBER = (
    person(Role.TECHNICIAN), person(Role.PHARMACIST), person(Role.PRESCRIBER),
)  # fmt: skip
METHOTREXATE = Proposal("Methotrexate 2.5mg tablets", 14, 28, "invited twice", ("full blood count",), False)
LITHIUM = replace(METHOTREXATE, medicine="Lithium 400mg tablets", never_interrupted=True)

PROPOSALS = [
    (METHOTREXATE, TECHNICIAN, []),
    (METHOTREXATE, person(Role.RECEPTIONIST), ["short-issue.role"]),
    (replace(METHOTREXATE, late=()), TECHNICIAN, ["short-issue.nothing-late"]),
    (replace(METHOTREXATE, days=6), TECHNICIAN, ["short-issue.too-short"]),
    (
        replace(METHOTREXATE, days=28, reason=" "),
        TECHNICIAN,
        ["short-issue.not-shorter", "short-issue.no-reason"],
    ),
    (replace(METHOTREXATE, usual_days=None), TECHNICIAN, []),
]
DECISIONS = [
    (METHOTREXATE, Decision.SHORT, None, "", PHARMACIST, []),
    (METHOTREXATE, Decision.SHORT, 28, "", PHARMACIST, ["short-issue.not-shorter"]),
    (METHOTREXATE, Decision.SHORT, None, "", TECHNICIAN, ["short-issue.role"]),
    (METHOTREXATE, None, None, "", PHARMACIST, ["short-issue.no-decision"]),
    (METHOTREXATE, Decision.AS_USUAL, None, "seen today, blood taken", PHARMACIST, []),
    (METHOTREXATE, Decision.AS_USUAL, None, "", PRESCRIBER, ["short-issue.no-reason"]),
    (METHOTREXATE, Decision.NOT_NOW, None, "neutrophils 1.2", PHARMACIST, ["short-issue.role"]),
    (METHOTREXATE, Decision.NOT_NOW, None, "neutrophils 1.2", PRESCRIBER, []),
    (LITHIUM, Decision.NOT_NOW, None, "no level for a year", PRESCRIBER, ["short-issue.never-interrupted"]),
    (LITHIUM, Decision.SHORT, 7, "", PRESCRIBER, []),
]


@pytest.mark.parametrize(("proposal", "by", "rules"), PROPOSALS)
def test_proposals(proposal: Proposal, by: Person, rules: list[str]) -> None:
    assert _refused(lambda: check_proposal(proposal, POLICY, by=by)) == rules


@pytest.mark.parametrize(("proposal", "decision", "days", "reason", "by", "rules"), DECISIONS)
def test_decisions(
    proposal: Proposal, decision: Decision | None, days: int | None, reason: str, by: Person, rules: list[str]
) -> None:
    found = _refused(lambda: check_decision(proposal, decision, POLICY, days=days, reason=reason, by=by))
    assert found == rules


def _refused(do: Callable[[], None]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []
