"""What a claim, a return and a withdrawal say, and why one is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.claim import read_claim
from pestle.wire.eps.codes import (
    Charge,
    Evidence,
    ItemStatus,
    PrescriptionStatus,
    ReturnReason,
    WithdrawReason,
)
from pestle.wire.eps.outcome import read_answer
from pestle.wire.eps.repeat import IssueCount
from pestle.wire.eps.task import Returned, Withdrawn, read_task
from pestle.wire.fhir.tree import Tree, thaw, tree

Sample = Callable[[str], Tree]


def test_what_a_claim_says(sample: Sample) -> None:
    claim = read_claim(sample("067"))
    assert claim.status is PrescriptionStatus.DISPENSED
    assert claim.exemption is not None
    assert (claim.exemption.code, claim.evidence) == ("0001", Evidence.NOT_SEEN)
    assert [line.status for line in claim.lines] == [ItemStatus.FULLY_DISPENSED] * 3 + [ItemStatus.CANCELLED]
    assert [line.charge for line in claim.lines] == [Charge.PAID_ONCE] * 3 + [Charge.NOT_PAID]
    assert [line.endorsements[0].code.code for line in claim.lines] == ["NDEC", "NDEC", "BB", "NDEC"]
    # Half of it was one product, half another: each under the number by which it was told of.
    assert [(str(one.quantity), one.dispense_id) for one in claim.lines[2].supplies] == [
        ("15 tablets", "496f4a02-a845-4f19-934e-ae1a7e12a193"),
        ("15 tablets", "95c42b8b-a13d-4227-bce6-f31dad456eda"),
    ]
    assert claim.lines[3].supplies == ()
    assert claim.pharmacy.code == "VNE51"
    assert claim.issue is None
    assert read_claim(sample("069")).issue == IssueCount(5, 2)


def test_a_return_and_a_withdrawal(sample: Sample) -> None:
    returned = read_task(sample("070"))
    assert isinstance(returned, Returned)
    assert returned.reason is ReturnReason.PATIENT_ASKED
    assert returned.performer.name == "Ms Lottie Maifeld"
    withdrawn = read_task(sample("073"))
    assert isinstance(withdrawn, Withdrawn)
    assert withdrawn.reason is WithdrawReason.MEDICATION
    assert withdrawn.about == "a14d4fc1-82a2-4a82-aae2-50e212e7b907"
    assert withdrawn.issue == IssueCount(6, 2)


Change = Callable[[dict[str, Any]], object]


def _detail(claim: dict[str, Any]) -> dict[str, Any]:
    detail: dict[str, Any] = claim["item"][0]["detail"][0]
    return detail


CLAIMS: dict[str, Change] = {
    "eps.claim-endorsement": lambda claim: _detail(claim)["programCode"].pop(),
    "eps.claim-not-final": lambda claim: _detail(claim)["modifier"][0]["coding"][0].update(code="0003"),
    "eps.claim-nothing-supplied": lambda claim: _detail(claim).pop("subDetail"),
    "eps.claim-one-item": lambda claim: claim["item"].append({}),
    "eps.line-identifier-repeated": lambda claim: claim["item"][0]["detail"].append(_detail(claim)),
    "nhs-number.check-digit": lambda claim: claim["patient"]["identifier"].update(value="9449304131"),
    "fhir.missing": lambda claim: _detail(claim)["modifier"].clear(),
    "fhir.reference": lambda claim: claim["provider"].update(reference="#nobody"),
}
TASKS: dict[str, Change] = {
    "eps.task-status": lambda task: task.update(status="completed"),
    "eps.task-intent": lambda task: task.update(intent="plan"),
    "eps.task-reason": lambda task: task["statusReason"]["coding"][0].update(system="https://example.org"),
    "eps.check-character": lambda task: task["groupIdentifier"].update(value="24F5DA-A83008-7EFE6A"),
    "fhir.code": lambda task: task["statusReason"]["coding"][0].update(code="0099"),
}


@pytest.mark.parametrize("rule", CLAIMS)
def test_a_claim_that_is_refused(sample: Sample, rule: str) -> None:
    draft = thaw(sample("067").root)
    CLAIMS[rule](draft)
    with pytest.raises(Refused) as refused:
        read_claim(tree(draft))
    assert rule in {one.rule for one in refused.value.refusals}


@pytest.mark.parametrize("rule", TASKS)
def test_a_task_that_is_refused(sample: Sample, rule: str) -> None:
    draft = thaw(sample("070").root)
    TASKS[rule](draft)
    with pytest.raises(Refused) as refused:
        read_task(tree(draft))
    assert refused.value.rule == rule


@pytest.mark.parametrize(("number", "accepted"), [("010", True), ("051", False), ("079", False)])
def test_whether_the_service_took_it(sample: Sample, number: str, accepted: bool) -> None:
    assert read_answer(sample(number)).accepted is accepted


def test_what_is_no_answer_is_refused(sample: Sample) -> None:
    for wrong in (sample("070"), tree({"resourceType": "OperationOutcome"})):
        with pytest.raises(Refused):
            read_answer(wrong)
