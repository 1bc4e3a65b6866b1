"""How is what became of something said as an OperationOutcome?

Source: FHIR R4 OperationOutcome (hl7.org/fhir/R4/operationoutcome.html, 2019).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pestle.pharmacy.refusal import Refusal


def write_outcome(summary: str, refusals: Iterable[Refusal] = (), *, refused: bool = False) -> dict[str, Any]:
    """The resource: what was done in words, and each refusal as an issue with its rule, reason and place.
    `refused`: nothing of it was done."""
    severity = "error" if refused else "warning"
    issues = [
        {
            "severity": severity,
            "code": "processing",
            "details": {"coding": [{"code": one.rule}], "text": one.reason},
            **({"diagnostics": one.way_out} if one.way_out else {}),
            **({"expression": [one.place]} if one.place else {}),
        }
        for one in refusals
    ]
    said = ("error", "processing") if refused else ("information", "informational")
    first = {"severity": said[0], "code": said[1], "details": {"text": summary}}
    return {"resourceType": "OperationOutcome", "issue": [first, *issues]}
