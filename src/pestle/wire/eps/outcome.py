"""What does an OperationOutcome tell?

Source: FHIR R4 OperationOutcome (2019); NHSDigital/electronic-prescription-service-api 77e80e11, examples
(MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.wire.fhir.element import Element


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing told. `severity` is FHIR's word; `code` the service's own code, else FHIR's kind of issue."""

    severity: str
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.text} ({self.code})" if self.text != self.code else self.text


def read_issues(outcome: Element) -> tuple[Issue, ...]:
    """The issues. Raises `Refused` (``fhir.missing``) when one has no severity or code."""
    return tuple(_read_issue(issue) for issue in outcome.each("issue"))


def _read_issue(issue: Element) -> Issue:
    kind = issue.need_text("code")
    details = issue.get("details")
    coding = details.first("coding") if details else None
    texts = (
        coding.text("display") if coding else None,
        details.text("text") if details else None,
        issue.text("diagnostics"),
    )
    code = (coding.text("code") if coding else None) or kind
    return Issue(issue.need_text("severity"), code, next((text for text in texts if text), code))
