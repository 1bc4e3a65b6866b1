"""Who may prescribe this medicine, by the list of the practice's own area?

Area committees publish which medicines a practice prescribes (green), which after a specialist began or
advised (amber), which under a shared-care agreement (amber, shared care), which only a hospital prescribes
(red) and which nobody should (grey). These lists are local and differ, and no national standard has their
words: a site takes in its own, with its source. A medicine that is not on it has no traffic light, and that
is an answer, never green.

A list names products, substances, or words that the dictionary does not know. The nearest that it names
counts: the product, else its generic, else its substance, else the same words. Where it says several things
of one (by indication), all of them stand, the strictest first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.medicines_list import MAY_AUTHORISE, MAY_PREPARE, SHORTEST
from pestle.pharmacy.practice.reconciliation.names import Meant, Names
from pestle.pharmacy.refusal import Refusal, Refused, refuse

# Who runs the site takes in its list; a pharmacist may too.
MAY_TAKE_IN = frozenset({Role.MANAGER, Role.PHARMACIST})
NO_LIGHT = "no status on the local list"


class Light(Enum):
    """What a list says of a medicine, the strictest first. The value is stored and shown."""

    RED = "red"
    GREY = "grey"
    SHARED_CARE = "amber, shared care"
    AMBER = "amber"
    GREEN = "green"

    @property
    def means(self) -> str:
        """The sentence that explains it."""
        return _MEANS[self]


_MEANS = {
    Light.RED: "hospital only",
    Light.GREY: "not recommended",
    Light.SHARED_CARE: "prescribed here under a shared-care agreement",
    Light.AMBER: "prescribed here once a specialist has begun or advised it",
    Light.GREEN: "prescribed here",
}
STRICTEST = tuple(Light)
# The words in which lists write them.
WORDS = {
    "green": Light.GREEN, "formulary": Light.GREEN,
    "amber": Light.AMBER, "amber initiated": Light.AMBER, "amber recommended": Light.AMBER,
    "specialist initiated": Light.AMBER, "specialist initiation": Light.AMBER,
    "amber specialist initiated": Light.AMBER, "amber specialist initiation": Light.AMBER,
    "specialist advice": Light.AMBER, "amber advice": Light.AMBER,
    "amber shared care": Light.SHARED_CARE, "shared care": Light.SHARED_CARE,
    "amber sca": Light.SHARED_CARE,
    "red": Light.RED, "hospital only": Light.RED, "red hospital only": Light.RED,
    "grey": Light.GREY, "gray": Light.GREY, "not recommended": Light.GREY, "do not prescribe": Light.GREY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One row of a list: the medicine as it is written, with its dm+d id where one is given (a VTM, VMP or
    AMP), what is said of it, and for which condition (empty: for all). `source`, `checked_on` and
    `next_review` are those of the row where it has its own, else of the list."""

    place: str
    medicine: str
    code: str
    light: Light
    condition: str = ""
    link: str = ""
    source: str = ""
    checked_on: date | None = None
    next_review: date | None = None

    @property
    def words(self) -> str:
        """“red (hospital only), for psoriasis”."""
        return f"{self.light.value} ({self.light.means})" + (
            f", for {self.condition}" if self.condition else ""
        )


def light_of(text: str, *, agreement: bool, place: str) -> Light:
    """The light that a cell writes; amber with an agreement is shared care. Raises `Refused`
    (``light.word``)."""
    plain = re.sub(r"[^a-z]+", " ", text.casefold()).strip()
    said = WORDS.get(plain)
    if said is None:
        raise refuse("light.word", f"“{text[:40]}” is no status that we know", place=place,
                     way_out=f"Write one of: {', '.join(WORDS)}.")  # fmt: skip
    return Light.SHARED_CARE if said is Light.AMBER and agreement else said


class LightList:
    """A list that can be asked of a medicine. `unknown` are the entries that the dictionary does not know:
    they are found by the same words alone."""

    def __init__(self, entries: Iterable[ListEntry], names: Names) -> None:
        self.entries = tuple(entries)
        self.unknown: list[ListEntry] = []
        self._of: dict[tuple[str, str], list[ListEntry]] = defaultdict(list)
        for entry in self.entries:
            keys = _keys(entry, names)
            if not keys:
                self.unknown.append(entry)
            for key in keys or (("words", _plain(entry.medicine)),):
                self._of[key].append(entry)

    def of(self, meant: Meant) -> tuple[ListEntry, ...]:
        """What the list says of a medicine, the strictest first; nothing where it says nothing."""
        for key in _asked(meant):
            if found := self._of.get(key):
                return tuple(sorted(found, key=lambda entry: STRICTEST.index(entry.light)))
        return ()


def _keys(entry: ListEntry, names: Names) -> tuple[tuple[str, str], ...]:
    """What an entry is about: a moiety, or products; nothing where the dictionary does not know."""
    dictionary = names.dictionary
    code = dictionary.current(entry.code) if entry.code else ""
    moiety, product = dictionary.moiety(code), dictionary.product(code)
    meant = names.meant_by(Coded(entry.medicine))
    if product is not None:
        if meant.sure and product.moiety_key not in {each.moiety_key for each in meant.products}:
            raise _two_medicines(entry, product.name)
        return (("product", product.id),)
    if moiety is not None:
        if meant.sure and code not in {each.moiety_key for each in meant.products}:
            raise _two_medicines(entry, moiety.name)
        return (("moiety", code),)
    if meant.medication.product is not None:
        return (("product", meant.medication.product.id),)
    if not meant.sure or not meant.products:
        return ()
    whole = names.meant_by(Coded(meant.products[0].moiety or "")).products
    if {each.id for each in whole} != {each.id for each in meant.products}:
        return tuple(("product", each.id) for each in meant.products)
    key = meant.products[0].moiety_key
    return () if key is None or _narrower(entry.medicine, names) else (("moiety", key),)


def _narrower(medicine: str, names: Names) -> bool:
    """Whether it says a strength or a form, of which no product was found: then it is not all of them."""
    words = medicine.split()
    return any(letter.isdigit() for letter in medicine) or any(
        names.goes_on(" ".join(words[at:])) for at in range(1, len(words))
    )


def _two_medicines(entry: ListEntry, name: str) -> Refused:
    return refuse("light.code-and-name", f"The code is that of {name}, and the name is another medicine’s",
                  place=entry.place)  # fmt: skip


def _asked(meant: Meant) -> Iterable[tuple[str, str]]:
    for product in meant.medication.products:
        yield "product", product.id
    keys = {product.moiety_key for product in meant.medication.products or meant.products}
    key = keys.pop() if meant.sure and len(keys) == 1 else None
    if key is not None:
        yield "moiety", key
    yield "words", _plain(meant.medication.written.text)


def _plain(words: str) -> str:
    return " ".join(words.casefold().split())


def that_apply(entries: Sequence[ListEntry], indication: str) -> tuple[ListEntry, ...]:
    """Those of a list's entries for one medicine that are for this indication; all of them where it is not
    recorded, or none of them names it."""
    same = tuple(one for one in entries if one.condition and _plain(one.condition) == _plain(indication))
    return same or tuple(entries)


def hospital_only(entries: Sequence[ListEntry], indication: str = "") -> bool:
    """Whether only a hospital prescribes it, whatever it is for as far as that is known. Of what is red for
    one condition and not for another, a person sees both, and what the line is for decides."""
    apply = that_apply(entries, indication)
    return bool(apply) and all(entry.light is Light.RED for entry in apply)


def check_red(
    entries: Sequence[ListEntry], *, name: str, indication: str = "", words: str, by: Person
) -> tuple[Refusal, ...]:
    """Why a medicine that is hospital only on the list may not be prepared for issue: only a prescriber
    decides that, with a reason. Rules: ``light.red``, ``light.no-reason``. Nothing for any other."""
    if not hospital_only(entries, indication):
        return ()
    red = that_apply(entries, indication)
    told = f"{name} is {'; '.join(entry.words for entry in red)} on the local list"
    if not by.has(*MAY_AUTHORISE):
        refused = Refusal(
            "light.red",
            f"{told}: a prescriber decides whether it is issued",
            way_out="Pass it on or refuse it; the prescriber prepares it, and says why.",
        )
        return (refused,)
    if len(words.strip()) < SHORTEST:
        return (Refusal("light.no-reason", f"{told}: say why it is issued here all the same", "reason"),)
    return ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """A shared-care agreement for one medicine of a patient: with which specialist or clinic, since when.
    `ended` says why it is over; empty while it stands."""

    specialist: str
    agreed_on: date
    ended: str = ""


def check_agreement(agreement: Agreement, *, on: date, by: Person) -> None:
    """Raises `Refused`: ``agreement.role``, ``agreement.specialist``, ``agreement.day``."""
    found = []
    if not by.has(*MAY_PREPARE):
        found.append(
            Refusal("agreement.role", f"This is for clinical staff; you are signed in as {by.title}")
        )
    if len(agreement.specialist.strip()) < SHORTEST:
        found.append(Refusal("agreement.specialist", "Say with whom it was agreed", "specialist"))
    if agreement.agreed_on > on:
        found.append(Refusal("agreement.day", "It cannot have been agreed on a day to come", "agreed"))
    if found:
        raise Refused(*found)
