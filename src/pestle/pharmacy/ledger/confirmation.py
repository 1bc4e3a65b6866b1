"""What does a supplier's answer change in an order?

A supplier answers line by line: so many packs come, so many come as another maker's pack, so many are short,
so many are not supplied at all; each with a price and a day, where they say so. What is short or not supplied
is no longer to come. A pack that comes instead must be of the same generic in the same size: another one is
for a person to order. An answer is applied whole or not at all, and everything that is wrong with it is named
by its line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.ledger.delivery import Ordered, line_for
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.refusal import Refusal, Refused


class Said(Enum):
    """What a supplier says of packs; the value is stored, and stands in the file."""

    ACCEPTED = "accepted"
    SUBSTITUTED = "substituted"
    SHORT = "short"
    REFUSED = "refused"

    @property
    def comes(self) -> bool:
        """Whether packs are on their way."""
        return self in (Said.ACCEPTED, Said.SUBSTITUTED)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of `packs` of the ordered pack with this GTIN. `place` is where it stands in the file;
    `instead` the GTIN of the pack that comes instead; `pence` the price of one pack, None where it is not
    said; `expected` the day, None where it is not said."""

    place: str
    gtin: str
    said: Said
    packs: int
    instead: str = ""
    pence: int | None = None
    expected: date | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The whole answer to the order with this number."""

    order: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer at its line of the order; `instead` is the pack that comes in place of the ordered one."""

    line: int
    answer: Answer
    instead: Pack | None = None


# A pack of the dictionary and the generic product that it belongs to.
Known = Mapping[str, tuple[Pack, str]]


def settle(
    confirmation: Confirmation, *, order: str, lines: Sequence[Ordered], known: Known, on: date
) -> tuple[Settled, ...]:
    """Every answer at its line. `known` has the packs of the dictionary by the GTINs of the answer; `on` is
    the day on which it is read.

    Raises `Refused` with every fault: ``confirmation.other-order``, ``confirmation.unknown-pack``,
    ``confirmation.not-ordered``, ``confirmation.nothing``, ``confirmation.more-than-outstanding``,
    ``confirmation.no-substitute``, ``confirmation.other-substitute``, ``confirmation.day-past``.
    """
    if confirmation.order != order:
        raise Refused(
            Refusal("confirmation.other-order", f"The file answers {confirmation.order}, and this is {order}",
                    "order", "Upload it on the page of its order.")
        )  # fmt: skip
    faults: list[Refusal] = []
    settled: list[Settled] = []
    told: Counter[int] = Counter()
    for answer in confirmation.answers:
        found = _at_its_line(answer, lines, known, on=on)
        if isinstance(found, Refusal):
            faults.append(found)
            continue
        settled.append(found)
        told[found.line] += answer.packs
        outstanding = next(one.outstanding for one in lines if one.line == found.line)
        if told[found.line] > outstanding:
            faults.append(
                Refusal("confirmation.more-than-outstanding",
                        f"With this line {told[found.line]} packs are answered, and {outstanding} are still "
                        "to come", answer.place, "Compare the file with what has come already.")
            )  # fmt: skip
    if faults:
        raise Refused(*faults)
    return tuple(settled)


def _at_its_line(answer: Answer, lines: Sequence[Ordered], known: Known, *, on: date) -> Settled | Refusal:
    there = known.get(answer.gtin)
    if there is None:
        return Refusal("confirmation.unknown-pack", f"The dictionary has no pack with the code {answer.gtin}",
                       answer.place)  # fmt: skip
    line = line_for(*there, lines)
    if line is None:
        return Refusal("confirmation.not-ordered", f"{there[0].name} is not in this order", answer.place)
    if answer.packs <= 0:
        return Refusal("confirmation.nothing", "An answer is about at least one pack", answer.place)
    if answer.said.comes and answer.expected is not None and answer.expected < on:
        return Refusal("confirmation.day-past", f"{answer.expected:%d-%b-%Y} is past already", answer.place)
    if answer.said is not Said.SUBSTITUTED:
        return Settled(line.line, answer)
    instead = known.get(answer.instead)
    if instead is None:
        return Refusal("confirmation.no-substitute", "It is not said by a code which pack comes instead",
                       answer.place)  # fmt: skip
    if line_for(*instead, [line]) is None:
        return Refusal("confirmation.other-substitute",
                       f"{instead[0].name} is not the same medicine in the same size as {line.pack.name}",
                       answer.place, "Refuse it to the supplier, or order that pack.")  # fmt: skip
    return Settled(line.line, answer, instead[0])
