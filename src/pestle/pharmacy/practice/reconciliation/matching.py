"""Which lines of the two lists are about the same medicine?

Step by step down from the same product to a name that may be meant, and then the pairing that is best over
the whole of both lists: no line in two pairs, the strongest ties first, and of equal ties the ones whose
directions agree most (when required or regular, route, how often, how much). Every pair carries its evidence.

A pair is *sure* only by its product, its words, or its substance with route and release; whatever else ties
two lines (another salt, another release, parts of a combination, a name that may be meant) a person confirms.

What no pair takes up joins one where the two together come to the same: 100 and 25 micrograms are the 125 of
the letter, and losartan beside hydrochlorothiazide is the tablet that holds both. That too a person confirms.

Source: ours, after the order in use at Mass General Brigham (same ingredient, route and form; of several
candidates compare when required, route, frequency, dose).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from rapidfuzz.distance import OSA

from pestle.pharmacy.dosage.supply import CannotTell
from pestle.pharmacy.medicines.spelling import errors
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.practice.reconciliation.amount import Taken, taken, values
from pestle.pharmacy.practice.reconciliation.assignment import best
from pestle.pharmacy.practice.reconciliation.differences import (
    Difference,
    Kind,
    differences,
    release,
    routes,
)
from pestle.pharmacy.practice.reconciliation.high_risk import HighRisk
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.said import Says


class Tie(Enum):
    """What ties two lines, the strongest first; the value says it to a person."""

    PRODUCT = "the same product"
    GENERIC = "the same product by another brand, or by its generic name"
    WORDS = "the same name, word for word"
    SUBSTANCE = "the same substance"
    SALT = "the same ingredient, as another salt or under another name"
    RELEASE = "the same substance, and modified or immediate release is not the same or not said"
    ROUTE = "the same substance by another route"
    COMBINATION = "an ingredient of a combination"
    NAME = "a name that may be meant"

    @property
    def confirmed_by_a_person(self) -> bool:
        """Whether a person says that the two are about the same medicine."""
        return self not in (Tie.PRODUCT, Tie.GENERIC, Tie.WORDS, Tie.SUBSTANCE)


_ORDER = tuple(reversed(Tie))


@dataclass(frozen=True, slots=True)
class Pair:
    """Lines of the two lists that are about one medicine. The first of each side is the one that is compared;
    what stands beside it counts with it, or is what the sender says it replaces.

    `sure`: nobody need confirm that they are the same medicine. `evidence` says why they are a pair.
    `together`: several lines of one side come to what the other says.
    """

    listed: tuple[ListLine, ...]
    arrived: tuple[ListLine, ...]
    tie: Tie
    sure: bool
    evidence: tuple[str, ...]
    differences: tuple[Difference, ...] = ()
    together: bool = False


@dataclass(frozen=True, slots=True)
class Alone:
    """A line that no line of the other list is about. `beside` is the line of its own list that seems to be
    the same medicine, where there is one."""

    line: ListLine
    beside: ListLine | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """What became of every line: in a pair, or alone."""

    pairs: tuple[Pair, ...]
    listed: tuple[Alone, ...]
    arrived: tuple[Alone, ...]


@dataclass(frozen=True, slots=True)
class Knows:
    """What matching goes by: the words for substances, and what is high risk or kept on one product."""

    substances: Substances
    high_risk: HighRisk


def matched(listed: Sequence[ListLine], arrived: Sequence[ListLine], knows: Knows) -> Matching:
    """The practice's list and the one that arrived, line by line."""
    ties: dict[tuple[int, int], Tie] = {}
    weights: dict[tuple[int, int], int] = {}
    amounts = {id(line): _taken(line, knows) for line in (*listed, *arrived)}
    for at, ours in enumerate(listed):
        for to, theirs in enumerate(arrived):
            tie = tied(ours, theirs, knows)
            if tie is None:
                continue
            ties[at, to] = tie
            # A pair of a stronger tie outweighs any number of weaker ones, and those any agreement.
            weights[at, to] = _STEP ** (1 + _ORDER.index(tie)) + _agreement(ours, theirs, amounts)
    pairs = [_pair((listed[at],), (arrived[to],), ties[at, to], knows) for at, to in best(weights)]
    rest_listed = _not_in(listed, (line for pair in pairs for line in pair.listed))
    rest_arrived = _not_in(arrived, (line for pair in pairs for line in pair.arrived))
    alone_listed = [alone for line in rest_listed if (alone := _joined(line, pairs, knows, ours=True))]
    alone_arrived = [alone for line in rest_arrived if (alone := _joined(line, pairs, knows, ours=False))]
    return Matching(tuple(pairs), tuple(alone_listed), tuple(alone_arrived))


# More than there can be lines on a list, and more than agreement can weigh.
_STEP = 10_000


def tied(listed: ListLine, arrived: ListLine, knows: Knows) -> Tie | None:
    """What ties two lines; None where nothing does, and of a line that tells of no medicine to take."""
    if listed.remark or arrived.remark:
        return None
    ours, theirs = listed.product, arrived.product
    if ours is not None and theirs is not None and ours.id == theirs.id:
        return Tie.PRODUCT
    if listed.generic is not None and arrived.generic is not None and listed.generic.id == arrived.generic.id:
        return Tie.GENERIC
    if listed.meant.sure and arrived.meant.sure:
        return _sure_tie(listed, arrived, knows)
    if _same_words(listed, arrived):
        return Tie.WORDS
    return Tie.NAME if _may_be(listed, arrived) else None


def _sure_tie(listed: ListLine, arrived: ListLine, knows: Knows) -> Tie | None:
    ours, theirs = listed.meant.substances, arrived.meant.substances
    if listed.moiety is not None and listed.moiety == arrived.moiety:
        by, other = routes(listed), routes(arrived)
        if by and other and not by & other:
            return Tie.ROUTE
        bars = knows.high_risk.bars
        slow, too = release(listed, bars), release(arrived, bars)
        if slow != too and (slow or too or None not in (slow, too)):
            return Tie.RELEASE
        return Tie.SUBSTANCE
    if not ours or not theirs:
        return None
    if ours == theirs:
        return Tie.SALT
    return Tie.COMBINATION if ours < theirs or theirs < ours else None


def _may_be(listed: ListLine, arrived: ListLine) -> bool:
    """Whether one name may be a slip for the other: the search finds the same moiety, or few letters
    differ."""
    ours, theirs = (
        {product.moiety_key for product in line.meant.products} - {None} for line in (listed, arrived)
    )
    if ours & theirs:
        return True
    one, other = (_first_word(line) for line in (listed, arrived))
    return bool(one and other) and OSA.distance(one, other) <= min(errors(one), errors(other))


def _same_words(listed: ListLine, arrived: ListLine) -> bool:
    return bool(listed.name) and listed.name.casefold().split() == arrived.name.casefold().split()


def _first_word(line: ListLine) -> str:
    words = [word for word in line.name.casefold().split() if word.isalpha()]
    return words[0] if words else ""


def _taken(line: ListLine, knows: Knows) -> Taken | None:
    """What a day comes to, where the directions have one phase and it can be told."""
    found = taken(line, knows.substances)
    return found[0] if not isinstance(found, CannotTell) and len(found) == 1 else None


def _agreement(listed: ListLine, arrived: ListLine, amounts: dict[int, Taken | None]) -> int:
    """How far the directions of two lines agree, from 0 to 99, in the order of the source."""
    one, other = amounts[id(listed)], amounts[id(arrived)]
    agree = 4 if listed.brand and listed.brand == arrived.brand else 0
    agree += 20 if routes(listed) & routes(arrived) else 0
    if one is None or other is None:
        return agree
    agree += 40 if one.phase.as_needed == other.phase.as_needed else 0
    agree += 10 if one.times == other.times else 0
    agree += 5 if values(one.most) == values(other.most) else 0
    return agree


def _pair(listed: tuple[ListLine, ...], arrived: tuple[ListLine, ...], tie: Tie, knows: Knows) -> Pair:
    ours, theirs = listed[0], arrived[0]
    if tie is Tie.NAME:
        ours, theirs = _supposed(ours, theirs), _supposed(theirs, ours)
    as_written = knows.high_risk.as_written(ours, theirs)
    found = differences(
        ours, theirs, substances=knows.substances, bars=knows.high_risk.bars, careful=as_written
    )
    told = not found or release(theirs, knows.high_risk.bars) is not None
    sure = not tie.confirmed_by_a_person and (tie is not Tie.SUBSTANCE or told)
    return Pair(listed, arrived, tie, sure, tuple(_evidence(listed[0], arrived[0], tie)), found)


def _supposed(line: ListLine, other: ListLine) -> ListLine:
    """The line as it would be if its name, which is not sure, meant the product of the other: then the two
    can be compared, for whoever confirms it."""
    product = other.generic or other.product
    if line.meant.sure or product is None or product.id not in {each.id for each in line.meant.products}:
        return line
    medication = replace(line.meant.medication, product=product, generic=other.generic)
    return replace(line, meant=replace(line.meant, medication=medication, substances=other.meant.substances))


def _evidence(listed: ListLine, arrived: ListLine, tie: Tie) -> Iterable[str]:
    yield tie.value[0].upper() + tie.value[1:]
    for line in (arrived, listed):
        if line.brand and line.generic and line.name.casefold() != line.generic.name.casefold():
            yield f"{line.brand} is a brand of {line.generic.name}"
    if tie in (Tie.SALT, Tie.COMBINATION):
        ours, theirs = (" + ".join(sorted(line.meant.substances)) for line in (listed, arrived))
        yield f"Ingredients: {ours}, and {theirs}"
    if tie is Tie.NAME:
        for line in (listed, arrived):
            if not line.meant.sure and line.meant.products:
                names = dict.fromkeys(product.name for product in line.meant.products[:3])
                yield f"“{line.name}” may be {', or '.join(names)}"
    if tie is Tie.SUBSTANCE and not (routes(listed) and routes(arrived)):
        yield "The route is not said"


def _joined(line: ListLine, pairs: list[Pair], knows: Knows, *, ours: bool) -> Alone | None:
    """Puts a line that is left into the pair it belongs to (`pairs` is changed), or leaves it alone."""
    beside: ListLine | None = None
    for at, pair in enumerate(pairs):
        opposite = (pair.arrived if ours else pair.listed)[0]
        tie = tied(line, opposite, knows) if ours else tied(opposite, line, knows)
        if tie is None or tie is Tie.NAME:
            continue
        wider = _with(pair, line, ours=ours)
        own = (pair.listed if ours else pair.arrived)[0]
        if not ours and _replaces(line, own):
            first, then = (own, line) if line.change.says is Says.STOPPED else (line, own)
            rest = tuple(each for each in pair.arrived if each is not own)
            kept = tied(pair.listed[0], first, knows) or pair.tie
            pairs[at] = replace(_pair(pair.listed, (first,), kept, knows), arrived=(first, then, *rest))
            return None
        if Tie.COMBINATION in (tie, pair.tie) and _completes(wider, pair, ours=ours):
            pairs[at] = replace(wider, tie=Tie.COMBINATION)
            return None
        if _same_total(wider, knows):
            pairs[at] = replace(wider, differences=tuple(
                each for each in pair.differences if each.kind not in (Kind.DOSE, Kind.STRENGTH)
            ))  # fmt: skip
            return None
        if tie is not Tie.COMBINATION and pair.tie is not Tie.COMBINATION:
            beside = beside or own
    return Alone(line, beside)


def _with(pair: Pair, line: ListLine, *, ours: bool) -> Pair:
    note = f"{'On the practice’s list' if ours else 'In the letter'} together with {line.called}"
    return replace(
        pair,
        listed=(*pair.listed, line) if ours else pair.listed,
        arrived=pair.arrived if ours else (*pair.arrived, line),
        sure=False,
        together=True,
        evidence=(*pair.evidence, note),
    )


def _replaces(line: ListLine, own: ListLine) -> bool:
    """Whether the letter stops one of the two and has the other in its place."""
    return (line.change.says is Says.STOPPED) != (own.change.says is Says.STOPPED)


def _completes(wider: Pair, pair: Pair, *, ours: bool) -> bool:
    """Whether the line brings an ingredient of the combination that the pair did not have on its side."""
    before = _substances(pair.listed if ours else pair.arrived)
    side, other = (wider.listed, wider.arrived) if ours else (wider.arrived, wider.listed)
    return before < _substances(side) <= _substances(other)


def _substances(lines: Iterable[ListLine]) -> frozenset[str]:
    return frozenset(name for line in lines for name in line.meant.substances)


def _same_total(pair: Pair, knows: Knows) -> bool:
    """Whether the lines of each side come to the same a day, taken together, as often."""
    ours, theirs = (_total(lines, knows) for lines in (pair.listed, pair.arrived))
    return ours is not None and ours == theirs


def _total(lines: tuple[ListLine, ...], knows: Knows) -> tuple[object, ...] | None:
    found = [_taken(line, knows) for line in lines]
    if any(each is None or each.unit != "mg" for each in found):
        return None
    told = [each for each in found if each is not None]
    total: dict[str, Fraction] = {}
    for each in told:
        for name, amount in each.most.items():
            total[name] = total.get(name, Fraction(0)) + amount
    often = {(each.times, each.phase.as_needed) for each in told}
    return (tuple(sorted(total.items())), often.pop()) if len(often) == 1 else None


def _not_in(lines: Sequence[ListLine], taken_up: Iterable[ListLine]) -> list[ListLine]:
    gone = {id(line) for line in taken_up}
    return [line for line in lines if id(line) not in gone]
