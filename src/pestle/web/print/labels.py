"""How does a dispensing label, or a bag label, look on paper? One page of 70 x 35 mm each.

The name of the medicine and the directions are never cut and never divided between labels. Letters shrink
step by step to a size that can still be read; warnings that still find no room go on to further parts of the
same label, each with the medicine, the patient, the date and the pharmacy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from pestle.pharmacy.documents.bag import BagLabel
from pestle.pharmacy.documents.label import KEEP_FROM_CHILDREN, DispensingLabel
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.print.symbol import datamatrix
from pestle.web.print.typeset import pdf

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def labels_pdf(labels: Sequence[DispensingLabel]) -> bytes:
    """All labels in order, one page each, and more pages where warnings continue; PDF/UA-1.

    The same labels give the same bytes.
    Raises `Refused`: ``label.none``, ``label.does-not-fit``, ``label.unprintable-character``.
    """
    if not labels:
        raise refuse("label.none", "There is no label to print", place="labels")
    try:
        return pdf("label.typ", {"labels": [_label(label) for label in labels]})
    except Refused as refused:
        raise _as(refused, "label", "Shorten the directions with the pharmacist.") from refused


def bag_labels_pdf(labels: Sequence[BagLabel]) -> bytes:
    """Bag labels in order, one page each. Raises `Refused`: ``bag.does-not-fit``,
    ``bag.unprintable-character``."""
    try:
        return pdf("bag.typ", {"labels": [_bag(label) for label in labels]})
    except Refused as refused:
        raise _as(refused, "bag", "Shorten the address or the name of the shelf.") from refused


def day_words(day: date) -> str:
    """A date as the label says it: 22-Nov-2026 (NHS Common User Interface, date display, short form)."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _bag(label: BagLabel) -> dict[str, object]:
    return {
        "patient": _line(str(label.patient)),
        "address": _lines(label.address_lines),
        "contents": label.contents,
        "shelf": _line(label.shelf),
        "symbol": datamatrix(label.code).svg,
        "marks": _lines(label.marks),
    }


def _label(label: DispensingLabel) -> dict[str, object]:
    text = label.text
    symbol = datamatrix(label.barcode)
    return {
        "medicine": _line(f"{text.medicine} {text.form_and_strength}"),
        "quantity": _line(str(label.quantity)),
        "numbered": f"Label {label.number}/{label.of}" if label.of > 1 else "",
        "marks": list(text.marks),
        "directions": _lines(text.directions.splitlines()),
        "in_directions": _lines(text.in_directions),
        "warnings": _lines(text.warnings),
        "children": KEEP_FROM_CHILDREN,
        "patient": _line(str(text.patient)),
        "date": day_words(text.supplied_on),
        "pharmacy": ", ".join(_lines((text.pharmacy_name, *text.pharmacy_address))),
        "telephone": _line(f"Tel {text.pharmacy_telephone}") if text.pharmacy_telephone.strip() else "",
        "reference": _line(text.reference),
        "symbol": symbol.svg,
        "modules": symbol.modules,
        "barcode": label.barcode,
    }


def _line(words: str) -> str:
    return " ".join(words.split())


def _lines(texts: Iterable[str]) -> list[str]:
    return [line for line in map(_line, texts) if line]


def _as(refused: Refused, kind: str, shorten: str) -> Refused:
    """The same refusal in this document's own name, with a way out a technician can take."""
    first = refused.refusals[0]
    rule = f"{kind}.{first.rule.removeprefix('print.')}"
    way_out = shorten if first.rule == "print.does-not-fit" else first.way_out
    return refuse(rule, first.reason, place=first.place, way_out=way_out)
