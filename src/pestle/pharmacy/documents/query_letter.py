"""How is a question put, in words and on paper, to somebody outside?

The words are offered and a person changes them. On paper stand the question, by when the answer is wanted,
who asks, and room for the answer with name and signature. A wholesaler is told of no patient.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pestle.pharmacy.checks.finding import Finding
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.query import Asked

AS_WRITTEN = "Shall it be supplied as written, be changed, or not be supplied?"


def question(medicine: str, *, directions: str = "", findings: Iterable[Finding] = (), note: str = "") -> str:
    """The words offered for a question about a medicine: what was prescribed, what was found, what is asked.
    `note` is what else stands in the way: an instruction that has no one meaning, a shortage."""
    prescribed = f"{medicine}, “{directions}”" if directions else medicine
    found = [f"{one.what}{f' ({one.because})' if one.because else ''}" for one in findings]
    said = [f"Prescribed: {prescribed}", *(f"We found: {one}" for one in found), *([note] if note else [])]
    return ". ".join(part.rstrip(".") for part in said) + f". {AS_WRITTEN}"


@dataclass(frozen=True, slots=True)
class QueryLetter:
    """A question on paper. `patient` is None where it is about none, or where who is asked may not know.

    `wanted_by` and `written` are moments in words. Raises `Refused` (``letter.no-addressee``,
    ``letter.no-question``)."""

    reference: str
    to: str
    question: str
    wanted_by: str
    written: str
    asked_by: str
    pharmacy: str
    address: tuple[str, ...]
    telephone: str
    patient: Patient | None = None
    prescription: str = ""

    def __post_init__(self) -> None:
        found = []
        if not self.to.strip():
            found.append(Refusal("letter.no-addressee", "A letter needs somebody it is to"))
        if not self.question.strip():
            found.append(Refusal("letter.no-question", "A letter needs its question"))
        if found:
            raise Refused(*found)


def for_whom(letter: QueryLetter, asked: Asked) -> QueryLetter:
    """The letter as this reader may have it: for a wholesaler without patient and prescription."""
    return replace(letter, patient=None, prescription="") if asked is Asked.WHOLESALER else letter
