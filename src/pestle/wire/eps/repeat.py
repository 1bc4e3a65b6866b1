"""Which issue of how many does a message say that it is about?

The service counts repeats, which are issues beyond the first, and its examples count those that were issued
both from nought and from one. So the two counts are kept as they were told, and nothing is worked out here.

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pestle.pharmacy.record.medication import RepeatIssue
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.medication_request import set_extension
from pestle.wire.fhir.systems import X_EPS_REPEAT

_ALLOWED, _ISSUED = "numberOfRepeatsAllowed", "numberOfRepeatsIssued"


@dataclass(frozen=True, slots=True)
class IssueCount:
    """The counts as they stand in a message."""

    repeats_allowed: int | None
    repeats_issued: int | None


def issue_count(repeat: RepeatIssue | None) -> IssueCount | None:
    """How we tell of an issue; None of what is not one of several."""
    if repeat is None or repeat.issue_number is None or repeat.issues_allowed is None:
        return None
    return IssueCount(repeat.issues_allowed - 1, repeat.issue_number)


def read_issue_count(element: Element) -> IssueCount | None:
    """The counts in the extension of an element. Claims write them as integer, tasks as unsignedInt."""
    told = element.extension(X_EPS_REPEAT)
    if told is None:
        return None
    return IssueCount(_count(told, _ALLOWED), _count(told, _ISSUED))


def write_issue_count(draft: dict[str, Any], count: IssueCount | None, *, of: str = "valueInteger") -> None:
    """Sets the extension, in values of the kind `of`."""
    if count is None:
        return
    told = [(_ALLOWED, count.repeats_allowed), (_ISSUED, count.repeats_issued)]
    body = [{"url": url, of: number} for url, number in told if number is not None]
    set_extension(draft, X_EPS_REPEAT, {"extension": body})


def _count(told: Element, url: str) -> int | None:
    one = told.extension(url)
    key = one.one_of("valueInteger", "valueUnsignedInt", "valuePositiveInt") if one else None
    return one.whole(key) if one and key else None
