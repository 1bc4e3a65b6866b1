"""What is wrong with this code list, on which line, and who says so?

Codes age: an id that dm+d has replaced finds nobody who is given the medicine today. They are collected by
hand: a cancer medicine stands among diuretics because both names end alike. Nothing is mended here; each
fault is for the person who answers for the list. What cannot be judged is counted, with the reason.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.criteria.code_list import CodeList, Listing, Purpose
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.dmd_bonus import Bonus, current
from pestle.pharmacy.medicines.snomed_id import is_concept


class Rule(Enum):
    """What can be wrong with a line, or with the list."""

    VERSION = "version"  # the file is not the one whose purpose was looked at
    NOT_A_CODE = "not-a-code"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"
    CLASS = "class"
    ROUTE = "route"
    BRAND_ALONE = "brand-alone"  # a branded product without the generic one


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, on which line (0: with the list as such), and by which source."""

    rule: Rule
    line: int
    code: str
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """The faults of a list in the order of its lines, and how many lines could not be judged, and why."""

    faults: tuple[Fault, ...]
    not_judged: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Known:
    """What lists are held against. `dictionary`: a whole release, or None, as the bonus files.

    `route_names` and `families` give the family of routes of a word in a name and of a product's route.
    """

    bonus: Bonus | None
    dictionary: Dictionary | None
    route_names: Mapping[str, str]
    families: Mapping[str, str]

    def product(self, code: str) -> Product | None:
        """The product of that id, or of the one that replaced it."""
        return None if self.dictionary is None else self.dictionary.product(self.dictionary.current(code))

    def stands_for(self, code: str) -> frozenset[str]:
        """The ids that stand today for this one; itself where nothing replaced it."""
        if self.bonus is not None:
            return current(self.bonus.replaced, code)
        return frozenset({code if self.dictionary is None else self.dictionary.current(code)})

    @property
    def source(self) -> str:
        """Who says what replaced what."""
        if self.bonus is not None:
            return f"dm+d {self.bonus.source}"
        return "" if self.dictionary is None else self.dictionary.release.title


def check(listed: CodeList, *, purpose: Purpose | None, known: Known) -> Report:
    """Everything that is wrong with a list."""
    faults = list(_of_each(listed, known))
    not_judged: Counter[str] = Counter()
    if purpose is not None and purpose.sha256 not in ("", listed.sha256):
        said = f"the file is not the version whose purpose was looked at ({purpose.sha256[:12]})"
        faults.append(Fault(Rule.VERSION, 0, "", said, purpose.source.title))
    if _is_of_medicines(listed, known):
        faults += _ids(listed, known, not_judged)
        faults += _brands(listed, known)
        if purpose is None:
            not_judged["class and route: what the list is for is not said"] = len(listed.entries)
        else:
            routes = list(_routes(listed, purpose, known, not_judged))
            # An eye drop has a class of its own: that is said once.
            told = {each.line for each in routes}
            classes = _classes(listed, purpose, known, not_judged)
            faults += [*routes, *(each for each in classes if each.line not in told)]
    faults.sort(key=lambda each: (each.line, each.rule.value))
    return Report(tuple(faults), {why: number for why, number in not_judged.items() if number})


def _is_of_medicines(listed: CodeList, known: Known) -> bool:
    if listed.medicines:
        return True
    # Of a list whose columns do not say so: some of its codes are in dm+d.
    medicines = known.bonus.known if known.bonus is not None else frozenset()
    return any(each.code in medicines or known.product(each.code) for each in listed.entries)


def _of_each(listed: CodeList, known: Known) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for each in listed.entries:
        if not is_concept(each.code):
            rounded = each.code.isdigit() and len(each.code) > 15 and each.code.endswith("00")
            why = "; it looks rounded by a spreadsheet" if rounded else ""
            said = f"no id of SNOMED CT or dm+d: its length, kind or check digit is wrong{why}"
            yield Fault(Rule.NOT_A_CODE, each.line, each.code, said, "check digit")
        if each.code in first:
            said = f"stands on line {first[each.code]} already"
            yield Fault(Rule.DUPLICATE, each.line, each.code, said, listed.file)
        first.setdefault(each.code, each.line)


def _ids(listed: CodeList, known: Known, not_judged: Counter[str]) -> Iterator[Fault]:
    codes = {each.code for each in listed.entries}
    for each in listed.entries:
        now = known.stands_for(each.code)
        if now != {each.code}:
            there = now & codes
            said = f"superseded by {', '.join(sorted(now))}, which is " + (
                "on the list" if there else "not on the list: who has it today is not found"
            )
            yield Fault(Rule.SUPERSEDED, each.line, each.code, said, known.source)
        elif is_concept(each.code):
            exists = _exists(each, known)
            if exists is False:
                said = "no medicine of dm+d, today or before"
                yield Fault(Rule.UNKNOWN, each.line, each.code, said, known.source)
            elif exists is None:
                not_judged["whether the id exists: there is no release with branded products"] += 1


def _exists(each: Listing, known: Known) -> bool | None:
    if known.dictionary is not None:
        there = known.dictionary.product(each.code) or known.dictionary.moiety(each.code)
        return there is not None or (known.bonus is not None and each.code in known.bonus.known)
    if known.bonus is None:
        return None
    if each.code in known.bonus.known:
        return True
    # The bonus files name no AMPs. One is known by its type, else by the maker in brackets at its end.
    may_be_amp = each.level == "AMP" if each.level else not each.term or bool(_maker(each.term))
    return None if may_be_amp else False


def _brands(listed: CodeList, known: Known) -> Iterator[Fault]:
    codes = {each.code for each in listed.entries}
    names = {each.term.casefold() for each in listed.entries if each.term and not _maker(each.term)}
    generic_bnf = {_generic(each.bnf) for each in listed.entries if each.bnf[9:11] == "AA"}
    has_names = any(_maker(each.term) for each in listed.entries) and bool(names)
    leading = {_leading(name) for name in names}
    for each in listed.entries:
        product = known.product(each.code)
        if product is not None:
            alone = product.level is Level.AMP and product.generic_id not in codes
            what, who = f"its generic {product.generic_id}", known.source or "dictionary"
        elif len(each.bnf) == 15 and generic_bnf:
            alone = each.bnf[9:11] != "AA" and _generic(each.bnf) not in generic_bnf
            what, who = f"a generic of its BNF code ({each.bnf[:9]}AA…{each.bnf[-2:]})", "its BNF code"
        else:
            name = _without_maker(each.term)
            # A maker's product under the generic name, whose generic of the same words is not there.
            alone = (
                has_names and bool(_maker(each.term)) and name.casefold() not in names
                and _leading(name) in leading
            )  # fmt: skip
            what, who = f"“{name}” of no maker", "its words"
        if alone:
            yield Fault(Rule.BRAND_ALONE, each.line, each.code, f"{what} is not on the list", who)


def _classes(listed: CodeList, purpose: Purpose, known: Known, not_judged: Counter[str]) -> Iterator[Fault]:
    if not (purpose.atc or purpose.bnf):
        return
    told = {each.line: _class(each, purpose, known) for each in listed.entries}
    alike = _Alike()
    for each in listed.entries:
        found = told[each.line]
        if found is not None:
            alike.add(each, found)
    meant = " or ".join((*purpose.atc, *purpose.bnf))
    for each in listed.entries:
        by, found = known.source, told[each.line]
        if found is None:
            by, found = "its words", alike.of(each)
        if found is None:
            not_judged["class: neither a code nor the words of another line say it"] += 1
        elif not found[0]:
            said = f"its class is {found[1]}, and the list is for {meant}"
            yield Fault(Rule.CLASS, each.line, each.code, said, by or "its BNF code")


_Class = tuple[bool, str]  # whether it is one that is meant, and which it is


def _class(each: Listing, purpose: Purpose, known: Known) -> _Class | None:
    """By the ATC code, else the BNF code, of the id or of the one that replaced it."""
    product, ids = known.product(each.code), (each.code, *sorted(known.stands_for(each.code)))
    atc = [product.atc_code] if product is not None and product.atc_code else []
    bnf = [each.bnf] if each.bnf else []
    bnf += [product.bnf_code] if product is not None and product.bnf_code else []
    if known.bonus is not None:
        atc += [known.bonus.atc[id_] for id_ in ids if id_ in known.bonus.atc]
        bnf += [known.bonus.bnf[id_] for id_ in ids if id_ in known.bonus.bnf]
    for codes, meant, name in ((atc, purpose.atc, "ATC"), (bnf, purpose.bnf, "BNF")):
        if codes and meant:
            return any(code.startswith(meant) for code in codes), f"{name} {codes[0]}"
    return None


class _Alike:
    """The classes of lines that are judged, by the words of their names."""

    def __init__(self) -> None:
        self._by_name: defaultdict[str, set[_Class]] = defaultdict(set)
        self._by_rest: defaultdict[str, set[_Class]] = defaultdict(set)

    def add(self, each: Listing, found: _Class) -> None:
        name = _without_maker(each.term)
        self._by_name[_leading(name)].add(found)
        self._by_rest[_rest(name)].add(found)

    def of(self, each: Listing) -> _Class | None:
        """By the substance that the name begins with; else by strength and form, where one has such."""
        name = _without_maker(each.term)
        for among, key in ((self._by_name, _leading(name)), (self._by_rest, _rest(name))):
            found = among.get(key, set()) if key else set()
            if found and len({meant for meant, _ in found}) == 1:
                return min(found)
        return None


def _routes(listed: CodeList, purpose: Purpose, known: Known, not_judged: Counter[str]) -> Iterator[Fault]:
    if not purpose.routes:
        return
    meant = " or ".join(sorted(purpose.routes))
    for each in listed.entries:
        product = known.product(each.code)
        if product is not None and product.routes:
            by = known.source or "dictionary"
            families = [known.families[route] for route in product.routes if route in known.families]
        else:
            by = "its words"
            families = [known.route_names[word] for word in _words(each.term) if word in known.route_names]
        if not families:
            not_judged["route: neither a release nor its words say it"] += 1
        elif purpose.routes.isdisjoint(families):
            said = f"its route is {' or '.join(dict.fromkeys(families))}, and the list is for {meant}"
            yield Fault(Rule.ROUTE, each.line, each.code, said, by)


def _maker(term: str) -> str:
    """What stands in brackets at the end; brackets may stand within."""
    if not term.endswith(")"):
        return ""
    depth = 0
    for at in range(len(term) - 1, -1, -1):
        depth += (term[at] == ")") - (term[at] == "(")
        if depth == 0:
            return term[at:]
    return ""


def _without_maker(term: str) -> str:
    return term.removesuffix(_maker(term)).strip()


def _words(term: str) -> list[str]:
    return re.findall(r"[a-z\-]+", _without_maker(term).casefold())


def _leading(name: str) -> str:
    """What a name begins with, before strength or form; of a combination all of them, in one order."""
    parts = re.split(r"\s[/+]\s", name.casefold())
    heads = [re.split(r"\s\d|\sin\s|\sproduct\b", part, maxsplit=1)[0] for part in parts]
    return " / ".join(sorted(word.strip() for head in heads for word in head.split(" and ")))


def _rest(name: str) -> str:
    found = re.search(r"\s(\d.*)$", name.casefold())
    return found[1] if found else ""


def _generic(bnf: str) -> str:
    """What is the same for a brand and its generic: the substance, and the strength and form."""
    return bnf[:9] + bnf[-2:]
