"""Constructed cases for reconciliation: pairs of lists that differ by known changes.

The practice's side is made of real items: products and quantities that English practices supplied, joined to
the starter formulary by BNF code, with directions that real records hold. The letter's side is the same list
as a hospital might write it (brand for generic, milligrams for tablets, abbreviations, slips of the pen) with
one known change, so that what should be found is known because it was put there. Changes without a word of
the sender come in the published mix; documented ones and traps are added. Everything is drawn by a seeded
generator: the same cases every time. They are constructed, and say nothing of how often letters are wrong.

Source of the mix: BMC Health Serv Res 2019 (12913-019-4323-7): omission 72 %, dose 13 %, wrong medicine 7 %,
frequency 5 %, duplication 2 %, route 1 %.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

from pestle.definitions import folder
from pestle.demo import DICTIONARY
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.phases import phases_read
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.dosage.supply import CannotTell
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.equivalence import read_bars
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.practice.reconciliation import high_risk
from pestle.pharmacy.practice.reconciliation.differences import Kind
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.practice.reconciliation.matching import Knows, matched
from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal, proposals
from pestle.pharmacy.practice.reconciliation.written import written
from pestle.pharmacy.quantity import plain

SEED = 20261130
MIX = {"omission": 72, "dose": 13, "wrong medicine": 7, "frequency": 5, "duplication": 2, "route": 1}
UNSAID = 200
DOCUMENTED = ("increased", "stopped", "withheld", "started", "hospital only", "brand", "none")
TRAPS = ("weekly and daily", "release", "salt", "combination", "strengths together", "look-alike")


@dataclass(frozen=True, slots=True)
class Gold:
    """What was done to one medicine: its key on the practice's list, and its line in the letter (either may
    be none), and the name of the change; “same” where nothing was done."""

    change: str
    listed: str | None = None
    arrived: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One pair of lists. `letter` is the text as it arrived."""

    name: str
    listed: tuple[ListLine, ...]
    letter: str
    gold: tuple[Gold, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A medicine somebody is on: a product and how it is taken."""

    product: Product
    directions: str


@cache
def dictionary() -> Dictionary:
    return read_dictionary(*map(Path, DICTIONARY.split(os.pathsep)))


@cache
def names() -> Names:
    return Names(dictionary(), Index(dictionary()), known().substances)


@cache
def checks() -> knowledge.Knowledge:
    return knowledge.read(*map(folder, knowledge.FOLDERS))


@cache
def known() -> Knows:
    bars = read_bars(folder("equivalence"))
    risks = high_risk.read(folder("reconciliation"), classes=checks().terms.classes, bars=bars)
    return Knows(checks().substances, risks)


def listed_line(key: str, item: Item) -> ListLine:
    """A line as the practice's list has it."""
    written = Coded(item.product.name, "http://snomed.info/sct", item.product.id)
    return ListLine(key, f"{item.product.name} {item.directions}", item.product.name,
                    names().of_product(written, item.product), read(item.directions))  # fmt: skip


def product(name: str) -> Product:
    """The product of exactly that name."""
    return next(each for each in dictionary().products() if each.name == name)


def cases(samples: Path) -> tuple[Case, ...]:
    """All of them."""
    return tuple(Maker(samples).cases())


class Maker:
    """Draws cases from the samples."""

    def __init__(self, samples: Path) -> None:
        self._random = random.Random(SEED)
        self._items = _items(samples / "uk" / "prescribing" / "epd_201709_sample.csv")
        self._directions = _directions(samples / "dosage")

    def cases(self) -> Iterator[Case]:
        changes = [name for name, share in MIX.items() for _ in range(UNSAID * share // 100)]
        for number, change in enumerate(changes, start=1):
            yield self._case(f"{number} {change}", change)
        for number in range(8):
            for change in DOCUMENTED:
                yield self._case(f"documented {number} {change}", change)
        for number in range(5):
            for change in TRAPS:
                yield self._case(f"trap {number} {change}", change)

    def _case(self, name: str, change: str) -> Case:
        return _CHANGES[change](self, name, change)

    # Lists

    def drawn(self, number: int, *first: Item, without: Sequence[str] = ()) -> list[Item]:
        """The first, and others of as many moieties; `without` some."""
        chosen = list(first)
        used = {part for item in chosen for part in _parts(item.product)} | set(without)
        while len(chosen) < number:
            (picked,) = self._random.choices(self._items, [weight for _, weight in self._items])
            drawn, _ = picked
            if not used & _parts(drawn):
                used |= _parts(drawn)
                chosen.append(Item(drawn, self.taken(drawn)))
        return chosen

    def taken(self, product: Product) -> str:
        """Directions that a real record holds, once or more a day, in the product's own word."""
        said = self._random.choice(self._directions)
        return _counted_in("capsule" if "capsule" in (product.form or "").casefold() else "tablet", said)

    def said(self, item: Item) -> str:
        """The same as a hospital writes it."""
        ways: list[Callable[[Item], str | None]] = [
            _as_it_is,
            _abbreviated,
            self._by_brand,
            _in_milligrams,
            _spaced,
        ]
        self._random.shuffle(ways)
        return next(text for way in ways if (text := way(item)) is not None)

    def _by_brand(self, item: Item) -> str | None:
        brands = [] if _kept(item.product) else dictionary().brands(item.product.id)
        return f"{self._random.choice(brands).name} - {item.directions}" if brands else None

    def slip(self, text: str) -> str:
        """One letter of the first word wrong."""
        word, _, rest = text.partition(" ")
        at = self._random.randrange(2, len(word))
        wrong = word[:at] + word[at + 1 :]
        return f"{wrong} {rest}"

    def made(
        self, name: str, items: Sequence[Item], said: dict[int, str | None], change: str, *more: str
    ) -> Case:
        """A case: `said` has what the letter says of an item, None for nothing, by its place; the others are
        as they are. `more` are lines of the letter that the practice's list does not have."""
        gold: list[Gold] = []
        letter: list[str] = []
        for at, item in enumerate(items):
            text = said.get(at, "") if at in said else self.said(item)
            if text:
                letter.append(text)
            arrived = str(len(letter)) if text else None
            gold.append(Gold(change if at in said else "same", str(at + 1), arrived))
        for text in more:
            letter.append(text)
            gold.append(Gold(change, None, str(len(letter))))
        lines = tuple(listed_line(str(at), item) for at, item in enumerate(items, start=1))
        return Case(name, lines, "\n".join(letter), tuple(gold))

    # Changes

    def omission(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        return self.made(name, items, {self._random.randrange(len(items)): None}, change)

    def same(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        slipped = self.slip(f"{items[0].product.name} - {items[0].directions}")
        return self.made(name, items, {0: slipped}, "slip")

    def dose(self, name: str, change: str) -> Case:
        item = Item(*self._other_strength())
        items = self.drawn(self._random.randint(3, 9), item)
        others = [each for each in _strengths(item.product) if each.id != item.product.id]
        other = self._random.choice(others)
        return self.made(name, items, {0: f"{other.name} - {item.directions}"}, change)

    def _other_strength(self) -> tuple[Product, str]:
        able = [each for each, _ in self._items if len(_strengths(each)) > 1]
        chosen = self._random.choice(able)
        return chosen, self.taken(chosen)

    def frequency(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        items[0] = replace(items[0], directions="One to be taken twice a day")
        return self.made(name, items, {0: f"{items[0].product.name} - One to be taken each day"}, change)

    def wrong(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        taken = {part for item in items for part in _parts(item.product)}
        other = next(each for each, _ in self._shuffled() if not taken & _parts(each))
        return self.made(name, items, {0: None}, change, f"{other.name} - {items[0].directions}")

    def _shuffled(self) -> list[tuple[Product, int]]:
        return self._random.sample(self._items, len(self._items))

    def duplication(self, name: str, change: str) -> Case:
        able = [each for each, _ in self._items if dictionary().brands(each.id) and not _kept(each)]
        chosen = self._random.choice(able)
        item = Item(chosen, self.taken(chosen))
        items = self.drawn(self._random.randint(3, 9), item)
        brand = dictionary().brands(item.product.id)[0]
        return self.made(name, items, {}, change, f"{brand.name} - {item.directions}")

    def route(self, name: str, change: str) -> Case:
        one, other = self._random.choice((
            ("Diazepam 10mg tablets", "Diazepam 10mg suppositories"),
            ("Aspirin 300mg dispersible tablets", "Aspirin 300mg suppositories"),
        ))  # fmt: skip
        items = self.drawn(self._random.randint(3, 9), Item(product(one), "One to be taken each day"))
        return self.made(name, items, {0: f"{other} - one daily"}, change)

    def increased(self, name: str, change: str) -> Case:
        case = self.dose(name, change)
        before = case.listed[0].name
        rows = case.letter.splitlines()
        rows[0] += f", increased from {before.split(' ', 1)[1]}"
        return replace(case, letter="\n".join(rows))

    def stopped(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        return self.made(name, items, {0: f"{items[0].product.name} - stopped because of a fall"}, change)

    def withheld(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(3, 9))
        return self.made(
            name, items, {0: f"{items[0].product.name} - withheld until 14 December 2026"}, change
        )

    def started(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(4, 9))
        new = items.pop()
        return self.made(name, items, {}, change, f"{new.product.name} - {new.directions} - new")

    def hospital(self, name: str, change: str) -> Case:
        items = self.drawn(self._random.randint(4, 9))
        new = items.pop()
        return self.made(name, items, {}, change, f"{new.product.name} - {new.directions} - hospital only")

    def brand(self, name: str, change: str) -> Case:
        able = [each for each, _ in self._items if _kept(each) and dictionary().brands(each.id)]
        item = Item(self._random.choice(able), "One to be taken each day")
        items = self.drawn(self._random.randint(3, 9), item)
        return self.made(
            name, items, {0: f"{dictionary().brands(item.product.id)[0].name} - one daily"}, change
        )

    def weekly(self, name: str, change: str) -> Case:
        item = Item(product("Methotrexate 2.5mg tablets"), "Four tablets to be taken once a week")
        items = self.drawn(self._random.randint(3, 9), item)
        ways = (
            "Methotrexate 2.5mg tablets - Four tablets to be taken once a day",
            "Methotrexate 10 mg daily",
            "Methotrexate 10mg tablets, one daily",
        )
        return self.made(name, items, {0: self._random.choice(ways)}, change)

    def release(self, name: str, change: str) -> Case:
        one, other = self._random.choice((
            ("Propranolol 80mg tablets", "Propranolol 80mg modified-release capsules"),
            ("Doxazosin 4mg tablets", "Doxazosin 4mg modified-release tablets"),
            ("Verapamil 120mg modified-release tablets", "Verapamil 120mg tablets"),
            ("Nifedipine 10mg modified-release tablets", "Nifedipine 10mg capsules"),
        ))  # fmt: skip
        items = self.drawn(self._random.randint(3, 9), Item(product(one), "One to be taken each day"))
        return self.made(name, items, {0: f"{other} - one daily"}, change)

    def salt(self, name: str, change: str) -> Case:
        item = Item(product("Perindopril erbumine 4mg tablets"), "One to be taken each day")
        items = self.drawn(self._random.randint(3, 9), item)
        other = self._random.choice(("Perindopril arginine 5mg tablets - one daily", "Perindopril 4 mg od"))
        return self.made(name, items, {0: other}, change)

    def combination(self, name: str, change: str) -> Case:
        one, other, both = self._random.choice((
            ("Losartan 50mg tablets", None, "Losartan 50mg / Hydrochlorothiazide 12.5mg tablets"),
            ("Amiloride 5mg tablets", "Furosemide 40mg tablets", "Co-amilofruse 5mg/40mg tablets"),
            ("Enalapril 20mg tablets", None, "Enalapril 20mg / Hydrochlorothiazide 12.5mg tablets"),
        ))  # fmt: skip
        parts = [Item(product(each), "One to be taken each day") for each in (one, other) if each]
        items = self.drawn(self._random.randint(4, 9), *parts)
        said: dict[int, str | None] = {0: f"{both} - one daily"}
        if other:
            said[1] = None
        return self.made(name, items, said, change)

    def strengths(self, name: str, change: str) -> Case:
        parts = [Item(product(f"Levothyroxine sodium {each}microgram tablets"), "One to be taken each day")
                 for each in (100, 25)]  # fmt: skip
        items = self.drawn(self._random.randint(4, 9), *parts)
        return self.made(name, items, {0: "Levothyroxine 125 micrograms daily", 1: None}, change)

    def look_alike(self, name: str, change: str) -> Case:
        one, other = self._random.choice((
            ("Bumetanide 1mg tablets", "Budesonide 1mg tablets"),
            ("Nifedipine 10mg capsules", "Nicardipine 20mg capsules"),
            ("Chlordiazepoxide 10mg capsules", "Chlorpromazine 10mg tablets"),
            ("Cefalexin 250mg capsules", "Cefaclor 250mg capsules"),
        ))  # fmt: skip
        items = self.drawn(self._random.randint(3, 9), Item(product(one), "One to be taken twice a day"))
        return self.made(name, items, {0: None}, change, f"{other} - one twice a day")


_CHANGES: dict[str, Callable[[Maker, str, str], Case]] = {
    "omission": Maker.omission, "dose": Maker.dose, "wrong medicine": Maker.wrong,
    "frequency": Maker.frequency,
    "duplication": Maker.duplication, "route": Maker.route, "increased": Maker.increased,
    "stopped": Maker.stopped, "withheld": Maker.withheld, "started": Maker.started,
    "hospital only": Maker.hospital, "brand": Maker.brand, "none": Maker.same,
    "weekly and daily": Maker.weekly,
    "release": Maker.release, "salt": Maker.salt, "combination": Maker.combination,
    "strengths together": Maker.strengths, "look-alike": Maker.look_alike,
}  # fmt: skip


def _as_it_is(item: Item) -> str:
    return f"{item.product.name} - {item.directions}"


def _spaced(item: Item) -> str:
    """“Amlodipine 5 mg tablet; One daily”."""
    name = item.product.name.replace("mg", " mg").replace("tablets", "tablet").replace("capsules", "capsule")
    return f"{name}; {item.directions}"


def _abbreviated(item: Item) -> str:
    name = item.product.name.replace("tablets", "tabs").replace("capsules", "caps")
    return f"{name.replace('modified-release', 'm/r')} {item.directions.upper()}"


def _in_milligrams(item: Item) -> str | None:
    """“Ramipril 10 mg twice a day”, where one of the product is so many milligrams."""
    ingredients = item.product.ingredients or ()
    phases = phases_read(read(item.directions))
    assert not isinstance(phases, CannotTell)
    strength = ingredients[0].strength if len(ingredients) == 1 else None
    modified = "release" in item.product.name or "resistant" in item.product.name
    if (
        strength is None
        or strength.numerator.unit.text != "mg"
        or strength.denominator.value != 1
        or modified
    ):
        return None
    (often, each), *rest = phases[0].doses
    if (
        rest
        or phases[0].shortest
        or phases[0].longest
        or phases[0].as_needed
        or phases[0].least != phases[0].most
        or often.denominator != 1
        or not item.product.moiety
    ):
        return None
    dose = each * Fraction(strength.numerator.value)
    words = {1: "once a day", 2: "twice a day"}.get(int(often), f"{often} times a day")
    if dose.denominator not in (1, 2, 4, 5, 10, 20):
        return None
    return f"{item.product.moiety} {plain(decimal_of(dose))} mg {words}"


def _kept(product: Product) -> bool:
    """Whether it is compared as written: then a brand is no other name for it."""
    return product.id in _kept_products()


@cache
def _kept_products() -> frozenset[str]:
    lines = ((each, listed_line("0", Item(each, "one daily"))) for each in dictionary().products())
    return frozenset(each.id for each, line in lines if known().high_risk.as_written(line))


def _parts(product: Product) -> set[str]:
    return set(checks().substances.in_products((product,)) or {product.name})


def _strengths(product: Product) -> list[Product]:
    """The same in other strengths, and itself: one moiety, one form, one ingredient."""
    if len(product.ingredients or ()) != 1:
        return [product]
    return [each for each in dictionary().generics(product) if each.form == product.form]


@cache
def _items(path: Path) -> tuple[tuple[Product, int], ...]:
    """Tablets and capsules that practices supplied, with how many items."""
    by_code = {each.bnf_code: each for each in dictionary().products() if each.level is Level.VMP}
    number: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = by_code.get(row["BNF_CODE"])
            if found is not None and (found.form or "").split()[-1].rstrip("s").casefold() in (
                "tablet",
                "capsule",
            ):
                number[found.id] += int(row["ITEMS"])
    known_products = {each.id: each for each in by_code.values()}
    return tuple((known_products[id_], count) for id_, count in sorted(number.items()))


@cache
def _directions(path: Path) -> tuple[str, ...]:
    """Real sentences for something that is counted, whose daily amount can be told."""
    with (path / "free_text" / "doseminer_cprd_simulated_714rows.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        texts = {row["text"].strip() for row in csv.DictReader(file)}
    texts |= set(json.loads((path / "free_text" / "eps_dosage_strings.json").read_text(encoding="utf-8")))
    texts |= set(
        json.loads((path / "nhsengland" / "nhsengland_dosage_tests.json").read_text(encoding="utf-8"))[
            "capture"
        ]
    )
    return tuple(text for text in sorted(texts) if _usable(text) and _usable(_counted_in("capsule", text)))


def _counted_in(form: str, text: str) -> str:
    return re.sub("tablet|capsule", form, text, flags=re.IGNORECASE)


def _usable(text: str) -> bool:
    reading = read(text)
    if not reading.understood or reading.quantity is not None or len(text) > 60 or ";" in text:
        return False
    phases = phases_read(reading)
    if isinstance(phases, CannotTell) or len(phases) != 1:
        return False
    return phases[0].unit.text in ("", "tablet", "capsule") and phases[0].most >= 1 and text.isprintable()


# Judging


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a case. `found`: for each change, whether it was; `missed`: those that were not, in
    words. `wrong`: pairs of two medicines that nobody need confirm. `silent`: what is stopped though nobody
    says so. `same`: how many lines had no change; `at_once` of them are settled in one step, `asked` need a
    person."""

    case: Case
    found: tuple[tuple[str, bool], ...]
    missed: tuple[str, ...]
    wrong: tuple[str, ...]
    silent: tuple[str, ...]
    same: int
    at_once: int
    asked: tuple[str, ...]


def proposed(case: Case) -> tuple[Proposal, ...]:
    """What the program makes of a case."""
    arrived = written(case.letter, names())
    assert len(arrived) == len(case.letter.splitlines()), case.letter
    return proposals(matched(case.listed, arrived, known()), known())


def judged(case: Case) -> Verdict:
    """The proposals of a case against what was put there."""
    made = proposed(case)
    found: list[tuple[str, bool]] = []
    missed: list[str] = []
    asked: list[str] = []
    same = at_once = 0
    for gold in case.gold:
        about = [each for each in made if _about(each, gold)]
        if gold.change in ("same", "slip"):
            same += 1
            settled = len(about) == 1 and about[0].at_once
            at_once += settled
            if not settled:
                asked += [_told(each) for each in about]
            continue
        if gold.change == "duplication":  # whichever of the two is the pair, the other is the duplicate
            about = [each for each in made if each.outcome is Outcome.DUPLICATE]
        right = bool(about) and all(_right(gold, each) for each in about)
        found.append((gold.change, right))
        if not right:
            missed += [f"{case.name}: {gold.change}: {_told(each)}" for each in about] or [
                f"{case.name}: gone"
            ]
    # Two lines may be a pair that nobody confirms only if they are of one gold; a duplicate may be either.
    true = {(gold.listed, gold.arrived) for gold in case.gold}
    loose = "duplication" in case.name
    wrong = [
        _told(each)
        for each in made
        if each.pair is not None and not each.confirm and not loose
        and any((ours.key, theirs.key) not in true for ours in each.listed for theirs in each.arrived)
    ]  # fmt: skip
    silent = [
        _told(each)
        for each in made
        if each.outcome is Outcome.STOPPED and not any(line.change.words for line in each.arrived)
    ]
    return Verdict(
        case, tuple(found), tuple(missed), tuple(wrong), tuple(silent), same, at_once, tuple(asked)
    )


def _about(each: Proposal, gold: Gold) -> bool:
    return (gold.listed is not None and gold.listed in {line.key for line in each.listed}) or (
        gold.arrived is not None and gold.arrived in {line.key for line in each.arrived}
    )


def _right(gold: Gold, each: Proposal) -> bool:
    """Whether the change shows: what differs stands there, and no technician settles it as if nothing
    were."""
    kinds = {difference.kind for difference in each.differences}
    match gold.change:
        case "omission" | "wrong medicine" | "look-alike":
            return each.outcome is not Outcome.STOPPED and not each.technical
        case "dose":
            return Kind.DOSE in kinds and each.outcome is Outcome.DOSE_CHANGED and not each.technical
        case "frequency":
            return Kind.FREQUENCY in kinds and each.outcome is Outcome.DOSE_CHANGED and not each.technical
        case "weekly and daily":
            return Kind.FREQUENCY in kinds and bool(each.high_risk) and not each.technical
        case "duplication":
            return each.outcome is Outcome.DUPLICATE and not each.technical
        case "route":
            return Kind.ROUTE in kinds and each.confirm and not each.technical
        case "release":
            return Kind.RELEASE in kinds and each.confirm and not each.technical
        case "salt" | "combination":
            return each.confirm and not each.technical
        case "strengths together":
            return each.confirm and len(each.listed) == 2 and not kinds & {Kind.DOSE, Kind.FREQUENCY}
        case "increased":
            return Kind.DOSE in kinds and each.outcome is Outcome.DOSE_CHANGED
        case "brand":
            return Kind.BRAND in kinds and each.outcome is Outcome.FORM_CHANGED and not each.technical
    return each.outcome is {
        "stopped": Outcome.STOPPED, "withheld": Outcome.WITHHELD, "started": Outcome.STARTED,
        "hospital only": Outcome.HOSPITAL_ONLY,
    }[gold.change]  # fmt: skip


def _told(each: Proposal) -> str:
    lines = [f"[{line.verbatim}]" for line in (*each.listed, *each.arrived)]
    asks = " (confirm)" if each.confirm else ""
    return f"{' '.join(lines)} -> {each.outcome.value}{asks}: {'; '.join(each.why)}"
