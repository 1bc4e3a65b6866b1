"""The form of the clinical check: a decision for each line, an answer for each finding that needs one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pestle.pharmacy.checks.finding import Finding
from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.not_dispensed import CHOICES, NotDispensed
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.speaking import Wanted
from pestle.web.pages.prescription_lines import LineView

APPROVE, REFUSE, WAIT = "approve", "refuse", "wait"
_ANSWER = "answer-"
_REFERRAL = "referral-"


def field_of(finding: Finding) -> str:
    """The name of the finding's answer field: a digest, nothing of the patient."""
    return f"{_ANSWER}{finding.key}"


def answers(typed: Mapping[str, str]) -> dict[str, str]:
    """The answers that were typed, by the key that the check remembers them under."""
    given = {name.removeprefix(_ANSWER): words.strip() for name, words in typed.items()
             if name.startswith(_ANSWER)}  # fmt: skip
    return {key: words for key, words in given.items() if words}


def field_of_referral(referral_id: int) -> str:
    """The name of the field in which a referral is answered."""
    return f"{_REFERRAL}{referral_id}"


def referral_answers(typed: Mapping[str, str]) -> dict[int, str]:
    """What was said to each referral, by its id."""
    given = {name.removeprefix(_REFERRAL): words.strip() for name, words in typed.items()
             if name.startswith(_REFERRAL)}  # fmt: skip
    return {int(pk): words for pk, words in given.items() if words and pk.isdecimal() and len(pk) < 19}


def decisions(lines: Sequence[LineView], typed: Mapping[str, str]) -> list[Decision]:
    """What was decided for each open line; a line that nobody decided is not in it."""
    found = []
    for line in (line for line in lines if line.open):
        decision = typed.get(f"decide-{line.id}")
        if decision == APPROVE:
            found.append(Decision(line.item, True))
        elif decision == WAIT:
            found.append(Decision(line.item, False, waits=True))
        elif decision == REFUSE:
            words = typed.get(f"words-{line.id}", "").strip()
            found.append(Decision(line.item, False, reason(typed.get(f"reason-{line.id}", "")), words))
    return found


def conversations(lines: Sequence[LineView], typed: Mapping[str, str]) -> list[Wanted]:
    """What a pharmacist must speak about with the patient: one field for each line, empty for nothing."""
    given = [(line.id, typed.get(f"speak-{line.id}", "").strip()) for line in lines if line.open]
    return [Wanted(line, words[:500]) for line, words in given if words]


def waiting_decision(line: LineView, typed: Mapping[str, str]) -> Decision:
    """What was decided for a line that had waited. Raises `Refused` (``clinical.undecided``)."""
    found = [one for one in decisions([line], typed) if not one.waits]
    if not found:
        raise refuse("clinical.undecided", "Approve or refuse this line", place=line.name)
    return found[0]


def reason(value: str) -> NotDispensed | None:
    """The reason with that value, of those that a person may choose."""
    return next((choice for choice in CHOICES if choice.value == value), None)
