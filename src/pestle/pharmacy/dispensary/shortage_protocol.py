"""May something else be supplied because of a serious shortage, and how much of it?

What is prescribed by brand is that brand, and a generic any maker's product of it (`equivalence.may_supply`).
The one exception in UK primary care is a serious shortage protocol: while it is in force, a pharmacist who
judges it right for this patient, who agrees, may supply what the protocol names and nothing else. A protocol
is a dated definition file that a site adds; none came with the program, because none of those that were
issued was read.

Source: Human Medicines Regulations 2012, regulation 226A (recalled, not read); each protocol has its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse

KINDS = {
    "shortage_protocol": frozenset(
        {"number", "from", "to", "prescribed", "instead", "conditions", "excluded", "inform_prescriber"}
    )
}
_NUMBER = re.compile(r"[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Instead:
    """What may be supplied: a product (its dm+d id), and how much of it for one base unit prescribed."""

    product: str
    amount: Fraction
    words: str


@dataclass(frozen=True, slots=True)
class ShortageProtocol:
    """One protocol. `number` has three digits; it is in force on the days `since` to `until`, both included.
    `prescribed` are dm+d ids, of a generic for all of its brands; `conditions` are what has to be so,
    `excluded` for whom it is not. With `inform` the prescriber is told of every supply under it."""

    number: str
    title: str
    since: date
    until: date
    prescribed: frozenset[str]
    instead: tuple[Instead, ...]
    conditions: tuple[str, ...]
    source: Source
    excluded: tuple[str, ...] = ()
    inform: bool = False

    def in_force(self, *, on: date) -> bool:
        """Whether it may be used on a day."""
        return self.since <= on <= self.until

    def concerns(self, prescribed: Product, dictionary: Dictionary) -> bool:
        """Whether it is about what was prescribed."""
        generic = dictionary.generic(prescribed)
        ids = {prescribed.id, *([generic.id] if generic else [])}
        wanted = {dictionary.current(each) for each in self.prescribed}
        return bool(wanted & {dictionary.current(each) for each in ids})


@dataclass(frozen=True, slots=True)
class Substitution:
    """What is supplied instead, under which protocol, and how much: exactly so many base units."""

    protocol: ShortageProtocol
    product: Product
    wanted: int


def read_protocols(*folders: Path) -> tuple[ShortageProtocol, ...]:
    """The protocols in these folders, by their number; a folder that is not there holds none.

    Raises `Refused`: as `definition.load` does, and ``shortage.number-twice``.
    """
    found = d.load_folders(*folders, kinds=KINDS)
    read = sorted((_protocol(each) for each in found.files), key=lambda one: one.number)
    numbers = [each.number for each in read]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise refuse("shortage.number-twice", f"Two files hold the protocol {twice}", place=twice)
    return tuple(read)


def in_force(
    protocols: Iterable[ShortageProtocol], prescribed: Product, *, dictionary: Dictionary, on: date
) -> tuple[ShortageProtocol, ...]:
    """The protocols about a product that may be used on a day."""
    return tuple(each for each in protocols if each.in_force(on=on) and each.concerns(prescribed, dictionary))


def substitute(
    prescribed: Product,
    wanted: int,
    *,
    number: str,
    product: Product,
    protocols: Iterable[ShortageProtocol],
    dictionary: Dictionary,
    on: date,
    by: Person,
    agreed: bool,
) -> Substitution:
    """What is supplied instead of `wanted` base units of `prescribed`, as a pharmacist decides it.

    Raises `Refused` with all of ``shortage.role``, ``shortage.not-agreed``, and what `allowed` names.
    """
    wrong = []
    if not by.has(Role.PHARMACIST):
        wrong.append(Refusal("shortage.role", "A pharmacist decides to supply under a protocol"))
    if not agreed:
        wrong.append(
            Refusal("shortage.not-agreed", "The patient agrees to what the protocol allows instead", "agreed",
                    "Ask the patient; if they do not agree, ask the prescriber.")
        )  # fmt: skip
    try:
        found = allowed(
            prescribed, wanted, number=number, product=product, protocols=protocols, dictionary=dictionary,
            on=on,
        )  # fmt: skip
    except Refused as refused:
        raise Refused(*wrong, *refused.refusals) from None
    if wrong:
        raise Refused(*wrong)
    return found


def allowed(
    prescribed: Product,
    wanted: int,
    *,
    number: str,
    product: Product,
    protocols: Iterable[ShortageProtocol],
    dictionary: Dictionary,
    on: date,
) -> Substitution:
    """What a protocol allows instead, whoever proposes it.

    Raises `Refused` with all of ``shortage.unknown``, ``shortage.not-in-force``, ``shortage.other-medicine``,
    ``shortage.other-product``, ``shortage.not-whole``.
    """
    protocol = next((each for each in protocols if each.number == number), None)
    if protocol is None:
        raise refuse("shortage.unknown", f"There is no protocol {number} here", place="protocol")
    wrong = []
    if not protocol.in_force(on=on):
        wrong.append(not_in_force(protocol))
    if not protocol.concerns(prescribed, dictionary):
        reason = f"Protocol {number} is not about {prescribed.name}"
        wrong.append(Refusal("shortage.other-medicine", reason, "protocol"))
    instead = next((each for each in protocol.instead if each.product == product.id), None)
    if instead is None:
        reason = f"Protocol {number} does not allow {product.name}"
        raise Refused(*wrong, Refusal("shortage.other-product", reason, "product"))
    amount = instead.amount * wanted
    if amount.denominator != 1 or amount <= 0:
        reason = "The protocol's amount for the quantity prescribed is no whole number"
        wrong.append(Refusal("shortage.not-whole", reason, "quantity", "Ask the prescriber."))
    if wrong:
        raise Refused(*wrong)
    return Substitution(protocol, product, int(amount))


def not_in_force(protocol: ShortageProtocol) -> Refusal:
    """Why nothing is supplied under a protocol on a day outside of it: ``shortage.not-in-force``."""
    days = f"from {protocol.since:%d-%b-%Y} to {protocol.until:%d-%b-%Y}"
    return Refusal("shortage.not-in-force", f"Protocol {protocol.number} is in force {days}", "protocol",
                   "Supply what was prescribed, or ask the prescriber.")  # fmt: skip


def _protocol(file: Definition) -> ShortageProtocol:
    number = d.text(file, "number")
    if not _NUMBER.fullmatch(number):
        raise d.wrong(file, "number", "has three digits, in quotation marks")
    fields = frozenset({"product", "amount", "words"})
    instead = tuple(
        Instead(d.text(each, "product"), d.exact(each, "amount"), d.text(each, "words"))
        for each in d.entries(file, "instead", fields=fields)
    )
    if not instead:
        raise d.wrong(file, "instead", "names what may be supplied")
    return ShortageProtocol(
        number=number,
        title=file.title,
        since=d.day(file, "from"),
        until=d.day(file, "to"),
        prescribed=frozenset(d.texts(file, "prescribed")),
        instead=instead,
        conditions=d.texts(file, "conditions", empty=True),
        source=file.source,
        excluded=d.texts(file, "excluded", empty=True),
        inform=d.flag(file, "inform_prescriber"),
    )
