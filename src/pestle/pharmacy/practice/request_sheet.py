"""What does one row of a sheet of requests mean: which line of that patient's list, and as usual or not?

A sheet is what a care home, a pharmacy or a program asks for at once, for many patients. Each row is matched
with the lines of its patient by meaning, as lists are reconciled, and nothing is guessed: where more than one
line may be meant, or none surely, the words stand as they were written and a person says what they mean. A
row that means a line surely and asks for something else than it says (weekly and daily, another quantity)
keeps the line and says what differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from pestle.pharmacy.dosage.units import unit_word
from pestle.pharmacy.practice.reconciliation.differences import OF_THE_DOSE, Difference, Kind
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.matching import Knows, Pair, Tie, matched, tied
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.patient import NhsNumber
from pestle.pharmacy.refusal import Refusal

_OF_DIRECTIONS = OF_THE_DOSE | {Kind.COUNT, Kind.UNCLEAR}
AS_USUAL = frozenset({"", "as usual", "usual", "same", "same as usual", "as before", "repeat"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row asks for. `place` is where it stands (“row 7”), `verbatim` all that it says of the item.

    `number`, `person` and `born` say whose it is: the number, else the name and the date of birth.
    `quantity` is as it was written (empty: as usual). `prior` is the item number of the prescription that it
    asks for again; empty where none is named.
    """

    place: str
    verbatim: str
    line: ListLine
    number: NhsNumber | None = None
    person: str = ""
    born: date | None = None
    quantity: str = ""
    prior: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that could not be read, whole, with the reason."""

    place: str
    verbatim: str
    why: Refusal


class Verdict(Enum):
    """What becomes of a row. The value is stored and shown."""

    ASKED = "asked for"
    TO_LOOK_AT = "asked for, and to be looked at"
    IN_WORDS = "taken down in their words"
    ALREADY = "asked for already"
    FILED = "filed for a person"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The key of the line that is meant, or None; and `why` somebody has to look, empty where nobody need."""

    key: str | None
    why: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What becomes of the row, as far as its meaning decides that."""
        if self.key is None:
            return Verdict.IN_WORDS
        return Verdict.TO_LOOK_AT if self.why else Verdict.ASKED


def meaning(
    asked: Asked, listed: Sequence[ListLine], usual: Mapping[str, Quantity | None], knows: Knows
) -> Meaning:
    """What the row means on this list; `usual` has the quantity of each line by its key. Where the row names
    a prescription, `listed` is the one line of that."""
    pair, not_sure = _meant(asked.line, listed, knows)
    if pair is None:
        return Meaning(None, (not_sure,))
    key = pair.listed[0].key
    why = (
        *([f"they wrote “{asked.line.change.words}”"] if asked.line.change.words else []),
        *_directions(pair),
        *_quantity(asked, usual.get(key)),
    )
    return Meaning(key, why)


def _meant(asked: ListLine, listed: Sequence[ListLine], knows: Knows) -> tuple[Pair | None, str]:
    """The row with the one line that is surely meant; or None, and why not."""
    ties = [(line, tie) for line in listed if (tie := tied(line, asked, knows)) is not None]
    sure = [(line, tie) for line, tie in ties if not tie.confirmed_by_a_person]
    if not sure:
        if not ties:
            return None, "nothing on the list is that, as it is written"
        several = "; ".join(f"{line.called} ({tie.value})" for line, tie in ties)
        return None, f"it may be {several}"
    order = list(Tie)
    best = min((tie for _, tie in sure), key=order.index)
    meant = [line for line, tie in sure if tie is best]
    if len(meant) > 1:
        return None, f"{len(meant)} lines of the list may be meant: {_named(meant)}"
    pair = matched(meant, (asked,), knows).pairs[0]
    doubt = _doubt(pair)
    return (None, doubt) if doubt else (pair, "")


def _doubt(pair: Pair) -> str:
    """Why the line may be another than the row means; empty where it surely is that."""
    line, asked = pair.listed[0], pair.arrived[0]
    of_product = [_told(each) for each in pair.differences if each.kind not in _OF_DIRECTIONS]
    if of_product:
        return f"the list has {line.called}: {'; '.join(of_product)}"
    if not pair.sure:
        return f"it may be {line.called}, and modified or immediate release is not said"
    if asked.product is None and any(letter.isdigit() for letter in asked.name):
        made = {each.id for each in asked.meant.products} if asked.meant.fits else set()
        same = line.generic or line.product
        if pair.tie is Tie.SUBSTANCE and (same is None or same.id not in made):
            return f"the list has {line.called}, and not that strength"
    return ""


def _told(difference: Difference) -> str:
    """A difference in the words of a request."""
    ours, theirs = difference.listed or "not said", difference.arrived or "not said"
    return f"{difference.kind.value}: {ours} on the list, {theirs} asked for"


def _directions(pair: Pair) -> Iterator[str]:
    """In what the directions of the row, where it says some, differ from the line's."""
    directions = pair.arrived[0].directions.text.strip()
    if not directions:
        return
    for each in pair.differences:
        if each.kind is Kind.UNCLEAR:
            yield f"the directions “{directions}” cannot be compared with the list"
        elif each.kind in OF_THE_DOSE:
            yield _told(each)


def _quantity(asked: Asked, usual: Quantity | None) -> Iterator[str]:
    words = " ".join(asked.quantity.casefold().split())
    if words in AS_USUAL:
        return
    said = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]*)", words)
    held = str(usual) if usual else "no quantity"
    if said is None or usual is None:
        yield f"quantity: {held} on the list, “{asked.quantity.strip()}” asked for"
        return
    unit = said[2]
    same_unit = not unit or (unit_word(unit) or unit) == (
        unit_word(usual.unit.text) or usual.unit.text.casefold()
    )
    if Decimal(said[1]) != usual.value or not same_unit:
        yield f"quantity: {held} on the list, {asked.quantity.strip()} asked for"


def _named(lines: Iterable[ListLine]) -> str:
    return "; ".join(line.verbatim for line in lines)
