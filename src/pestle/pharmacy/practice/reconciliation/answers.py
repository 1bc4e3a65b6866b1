"""What is told of a reconciled letter: to the patient in plain words, and to the hospital or clinic?

The patient reads what to do with each medicine. The sender reads what became of each line, and which
questions are open. Nothing is told as settled that is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pestle.pharmacy.documents.medicines_letter import Section
from pestle.pharmacy.practice.reconciliation.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """A medicine that was settled: its name, what it is now (`became`, else as it stands on the list), until
    when it is withheld, and the reason a person gave."""

    outcome: Outcome
    name: str
    became: str = ""
    until: str = ""
    reason: str = ""


_TO_PATIENT = (
    (Outcome.STARTED, "New medicines"),
    (Outcome.DOSE_CHANGED, "Changed: take these in the new way"),
    (Outcome.FORM_CHANGED, "The same medicine, which may look different"),
    (Outcome.STOPPED, "Stopped: do not take these any more"),
    (Outcome.WITHHELD, "Do not take these for the time being"),
    (Outcome.HOSPITAL_ONLY, "From the hospital: ask there for more"),
    (Outcome.UNCHANGED, "Carry on with these as before"),
)


def to_patient(ended: Sequence[Ended], asked: Sequence[str]) -> tuple[Section, ...]:
    """The sections of the letter to the patient; what is asked comes last, and says to carry on till then."""
    sections = [
        Section(title, tuple((one.name, _for_patient(one)) for one in ended if one.outcome is outcome))
        for outcome, title in _TO_PATIENT
    ]
    sections.append(
        Section(
            "We are still asking about these: go on as you were told last, and we will be in touch",
            tuple((name, "") for name in asked),
        )
    )
    return tuple(section for section in sections if section.lines)


def to_sender(ended: Sequence[Ended], asked: Sequence[tuple[str, str]]) -> tuple[Section, ...]:
    """The sections of the answer to who sent the list: what each medicine ended as, and what is asked."""
    sections = [
        Section(
            f"{outcome.value[0].upper()}{outcome.value[1:]}",
            tuple((one.name, _for_sender(one)) for one in ended if one.outcome is outcome),
        )
        for outcome in Outcome
        if outcome is not Outcome.QUERY
    ]
    sections.append(Section("Still being asked here", tuple(asked)))
    return tuple(section for section in sections if section.lines)


def _for_patient(one: Ended) -> str:
    match one.outcome:
        case Outcome.STARTED | Outcome.DOSE_CHANGED | Outcome.FORM_CHANGED:
            return one.became
        case Outcome.WITHHELD:
            return f"until {one.until}" if one.until else "until we tell you"
    return ""


def _for_sender(one: Ended) -> str:
    until = f"until {one.until}" if one.until else ""
    return "; ".join(part for part in (one.became, until, one.reason) if part)
