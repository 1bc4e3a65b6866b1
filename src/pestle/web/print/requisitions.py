"""How does what is kept of a requisition look on paper? A4, one sheet; the form itself goes to the agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pestle.web.print.typeset import pdf


@dataclass(frozen=True, slots=True)
class RequisitionPaper:
    """Everything that stands on the paper, in words; `lines` are drug, schedule, asked for, supplied and
    batches."""

    number: str
    supplier: str
    supplied: str
    recipient: str
    profession: str
    address: str
    purpose: str
    signed: str
    taken_by: str
    original: str
    printed: str
    lines: Sequence[tuple[str, str, str, str, str]]


def requisition_pdf(paper: RequisitionPaper) -> bytes:
    """The requisition as PDF/UA-1; the same one gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    facts = (
        ("Supplied by", paper.supplier), ("Supplied", paper.supplied), ("Recipient", paper.recipient),
        ("Profession or occupation", paper.profession), ("Address", paper.address),
        ("Purpose", paper.purpose), ("Signed", paper.signed), ("Taken by", paper.taken_by),
        ("Original", paper.original),
    )  # fmt: skip
    return pdf(
        "requisition.typ",
        {
            "number": paper.number,
            "facts": [[label, " ".join(said.split())] for label, said in facts],
            "lines": [list(line) for line in paper.lines],
            "printed": paper.printed,
        },
    )
