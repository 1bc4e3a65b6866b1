"""What does an OperationOutcome tell?

Source: FHIR R4 OperationOutcome (2019); NHSDigital/electronic-prescription-service-api 77e80e11, examples
(MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.tree import Tree


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing told. `severity` is FHIR's word; `code` the service's own code, else FHIR's kind of issue."""

    severity: str
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.text} ({self.code})" if self.text != self.code else self.text


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answers to a message of ours: it took it, or why not."""

    issues: tuple[Issue, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing worse was told than a warning."""
        return all(issue.severity in ("information", "warning") for issue in self.issues)


def read_answer(sent: Tree) -> Answer:
    """The answer that this OperationOutcome is.

    Raises `Refused`: ``eps.message-type`` when it is none, ``fhir.missing`` when it tells nothing.
    """
    outcome = root(sent)
    if sent.resource_type != "OperationOutcome":
        reason = f"An answer of the service is an OperationOutcome, not a {sent.resource_type}"
        raise refuse("eps.message-type", reason, place=sent.resource_type)
    issues = read_issues(outcome)
    if not issues:
        raise missing(outcome.at("issue"))
    return Answer(issues)


def told(issues: tuple[Issue, ...]) -> str:
    """What the issues tell, in a sentence."""
    if all(issue.severity == "information" for issue in issues):
        return "The service's answer: no problem told"
    return "The service's answer: " + "; ".join(str(issue) for issue in issues)


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
