"""Which products do the concepts of an RxNorm release make?

A clinical drug consists of components: each is one ingredient, or one of its salts, with a strength. What is
said of them stands ready in the file that is being built. What it leaves open stays open: see `rxnorm`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache

from pestle.pharmacy.medicines.build import Build
from pestle.pharmacy.medicines.concept import BaseUnit, Flag, Held, Ingredient, Level, Moiety, Product
from pestle.pharmacy.medicines.ndc_directory import DIVIDED
from pestle.pharmacy.quantity import UCUM, Quantity, Ratio, Unit, decimal
from pestle.pharmacy.refusal import Refused, refuse

GENERIC, BRANDED = ("SCD", "GPCK"), ("SBD", "BPCK")
PRODUCTS = frozenset({*GENERIC, *BRANDED})
# A table that was cut off at the end of a line shows only in what is missing: one product in so many.
_ONE_IN = 100

_STRENGTH = re.compile(r"([0-9.]+) ([^/\s]+)(?:/([0-9.]+ )?([^/\s]+))?")
_OF_COMPONENT = re.compile(r"\{([0-9]+)\} (\w+)")
_SCHEDULE = re.compile(r"(?:C(I{1,3}|IV|V)|([1-5])n?)", re.IGNORECASE)
_ROMAN = ("I", "II", "III", "IV", "V")
_COUNTED = re.compile(r"([0-9]+(?:\.[0-9]+)?) (?:\([0-9.]+ [A-Z]+\) )?\(")


@dataclass(frozen=True, slots=True)
class Concept:
    """What an RXCUI is: its term type, its normalized name, and whether it is in use."""

    kind: str
    name: str
    valid: bool


@dataclass(slots=True)
class Shared:
    """Every concept by its RXCUI; `successors` are the ids that a release names for an old one."""

    concepts: dict[str, Concept] = field(default_factory=dict)
    successors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


_Said = Mapping[str, list[str]]


def add_all(
    build: Build, shared: Shared, units: Mapping[str, set[str]], say: Callable[[str], None]
) -> list[str]:
    """Puts every moiety, product and old id into the file; gives what was left open, in words.

    `units`: in what the packages of a product are counted. Raises `Refused`: ``release.no-ingredients``,
    ``release.unknown-reference`` (a branded drug of something that is no clinical drug).
    """
    adding = _Adding(build, shared, units)
    adding.add_moieties()
    for kind in (*GENERIC, *BRANDED):
        ids = [id_ for id_, concept in shared.concepts.items() if concept.kind == kind]
        say(f"{len(ids)} {kind}")
        for id_ in ids:
            build.add_product(adding.product(id_, shared.concepts[id_]))
    return adding.finished()


class _Adding:
    def __init__(self, build: Build, shared: Shared, units: Mapping[str, set[str]]) -> None:
        self._build, self._concepts, self._successors = build, shared.concepts, shared.successors
        self._units = units
        self._brand_units: dict[str, set[str]] = defaultdict(set)
        self._component = lru_cache(maxsize=4096)(self._component_read)
        self._drugs = self._without = self._contradicted = self._unread = 0
        for id_, concept in self._concepts.items():
            if concept.kind in BRANDED and id_ in units:
                for generic in self._said(id_)["tradename_of"]:
                    self._brand_units[generic] |= units[id_]

    def add_moieties(self) -> None:
        for id_, concept in self._concepts.items():
            if concept.kind in ("IN", "MIN"):
                parts = self._said(id_)["has_part"] if concept.kind == "MIN" else [id_]
                self._build.add_moiety(Moiety(id_, concept.name, tuple(parts) or None, concept.valid))

    def product(self, id_: str, concept: Concept) -> Product:
        said = self._said(id_)
        generic = self._generic(id_, concept, said) if concept.kind in BRANDED else None
        holds = self._holds(concept, said)
        components = sorted(
            (to for to in said["consists_of"] if self._concepts[to].kind == "SCDC"),
            key=lambda to: self._concepts[to].name.casefold(),
        )
        ingredients = tuple(self._ingredient(to, said) for to in components) or None
        if concept.kind == "SCD" and concept.valid:
            self._drugs += 1
            self._without += ingredients is None
        own = Product(
            id=id_,
            level=Level.AMP if concept.kind in BRANDED else Level.VMP,
            name=said["PSN"][0] if said["PSN"] else concept.name,
            ingredients=ingredients,
            form=self._form(said),
            base_unit=self._base_unit(id_),
            generic_id=generic.id if generic else None,
            source="RxNorm",
            flags=tuple(flag for name, flag in _FLAGS.items() if said[name]),
            unit_dose=_millilitres(said),
            us_schedule=self._schedule(said),
            holds=holds,
            valid=concept.valid,
        )
        moiety = self._moiety(components, said)
        if moiety:
            own = replace(own, moiety=self._concepts[moiety].name, moiety_id=moiety)
        if generic is None:
            return own
        same = {name: getattr(generic, name) for name in _OF_GENERIC if not getattr(own, name)}
        return replace(own, **same)

    def finished(self) -> list[str]:
        """The old ids go in, and what was left open comes out."""
        if self._without * _ONE_IN > self._drugs:
            raise refuse("release.no-ingredients",
                         f"{self._without} of {self._drugs} clinical drugs consist of nothing",
                         place="RXNREL.RRF", way_out="Fetch the release again, whole.")  # fmt: skip
        counted = {
            "Clinical drugs without an ingredient": self._without,
            "Products whose schedule is said in two ways, and is unknown": self._contradicted,
            "Strengths that are no plain amount, and are unknown": self._unread,
            "Old ids with two successors, which lead to neither": self._build.supersede(self._successors),
        }
        return [f"{what}: {count}" for what, count in counted.items() if count]

    def _said(self, id_: str) -> _Said:
        """What was put aside of one concept: ids of relations, values of attributes, by name."""
        said: dict[str, list[str]] = defaultdict(list)
        for name, body in self._build.parts_of(id_):
            (value,) = body.values()
            if value not in said[name]:
                said[name].append(value)
        return said

    def _generic(self, id_: str, concept: Concept, said: _Said) -> Product | None:
        """What it is the brand of; of one in use that has to be a product."""
        of = [to for to in said["tradename_of"] if self._concepts[to].kind in GENERIC]
        if concept.valid and said["tradename_of"] and not of:
            raise refuse("release.unknown-reference", f"{id_} is a brand of no clinical drug", place=id_)
        return self._build.product(of[0]) if len(of) == 1 else None

    def _moiety(self, components: list[str], said: _Said) -> str | None:
        found = {to for each in components for to in self._said(each)["has_ingredient"]}
        several = [to for to in said["has_ingredients"] if self._concepts[to].kind == "MIN"]
        return next(iter(found), None) if len(found) == 1 else several[0] if len(several) == 1 else None

    def _ingredient(self, component: str, said: _Said) -> Ingredient:
        """The component's ingredient; its basis, where the drug names one that is another substance."""
        ingredient = self._component(component)
        which = {"AI": "RXN_AI", "AM": "RXN_AM"}.get(_of(component, said["RXN_BOSS_FROM"]) or "")
        basis = _of(component, said[which]) if which else None
        return replace(ingredient, basis_id=basis) if basis and basis != ingredient.id else ingredient

    def _component_read(self, component: str) -> Ingredient:
        said = self._said(component)
        named = [*said["has_precise_ingredient"], *said["has_ingredient"]]
        if not named:
            return Ingredient(self._concepts[component].name)
        strength = _strength(said)
        self._unread += strength is None and bool(said["RXN_STRENGTH"])
        return Ingredient(self._concepts[named[0]].name, named[0], strength)

    def _form(self, said: _Said) -> str | None:
        forms = [self._concepts[to].name for to in said["has_dose_form"]]
        return forms[0] if len(forms) == 1 else None

    def _base_unit(self, id_: str) -> BaseUnit | None:
        units = self._units.get(id_, set()) | self._brand_units.get(id_, set())
        if len(units) != 1:
            return None
        (unit,) = units
        return BaseUnit(Unit(unit), 1000 if unit in DIVIDED else 1)

    def _schedule(self, said: _Said) -> str | None:
        found = {_schedule(value) for value in said["DCSA"]}
        self._contradicted += len(found) > 1
        return found.pop() if len(found) == 1 else None

    def _holds(self, concept: Concept, said: _Said) -> tuple[Held, ...]:
        """The products in a pack, and how many of each its name says: ``{24 (…) / 4 (…) } Pack``."""
        found = []
        for to in said["contains"]:
            before = concept.name.partition(self._concepts[to].name)[0]
            match = re.search(rf"{_COUNTED.pattern}$", before)
            once = concept.name.count(f"({self._concepts[to].name})") == 1
            found.append(Held(to, decimal(match[1], place=to) if match and once else None))
        return tuple(found)


# What a branded drug has from its clinical drug, where nothing is said of itself.
_OF_GENERIC = ("moiety", "moiety_id", "ingredients", "form", "base_unit", "unit_dose", "us_schedule")
_PARTS = ("NUM_VALUE", "NUM_UNIT", "DENOM_VALUE", "DENOM_UNIT")
_FLAGS = {"RXN_HUMAN_DRUG": Flag.HUMAN, "RXN_VET_DRUG": Flag.VETERINARY}


def _of(component: str, values: list[str]) -> str | None:
    """The value that is of this component: ``{329526} 104416``."""
    matches = [match for value in values if (match := _OF_COMPONENT.fullmatch(value))]
    found = [match[2] for match in matches if match[1] == component]
    return found[0] if len(found) == 1 else None


def _strength(said: _Said) -> Ratio | None:
    """As it stands apart in numerator and denominator; else as written, ``50 MG/ML``."""
    parts = [said[f"RXN_BOSS_STRENGTH_{part}"] for part in _PARTS]
    if all(len(part) == 1 for part in parts):
        return _ratio(*(part[0] for part in parts))
    if len(said["RXN_STRENGTH"]) == 1 and (match := _STRENGTH.fullmatch(said["RXN_STRENGTH"][0])):
        return _ratio(match[1], match[2], (match[3] or "1").strip(), match[4] or "1")
    return None


def _ratio(value: str, unit: str, per: str, per_unit: str) -> Ratio | None:
    with suppress(Refused):
        above, below = decimal(value, place="strength"), decimal(per, place="strength")
        if above > 0 and below > 0:
            each = Unit("1", UCUM, "1") if per_unit == "1" else Unit(per_unit)
            return Ratio(Quantity(above, Unit(unit)), Quantity(below, each))
    return None


def _millilitres(said: _Said) -> Quantity | None:
    """The size of one dose unit, where the quantity is a volume; ``12 HR`` is how long one lasts."""
    match = re.fullmatch(r"([0-9.]+) ML", said["RXN_QUANTITY"][0]) if said["RXN_QUANTITY"] else None
    return Quantity(decimal(match[1], place="RXN_QUANTITY"), Unit("ML")) if match else None


def _schedule(value: str) -> str | None:
    """``CII`` for ``CII``, ``2`` and ``2n``; None for what is in no schedule."""
    match = _SCHEDULE.fullmatch(value.strip())
    if match is None:
        return None
    return f"C{match[1].upper() if match[1] else _ROMAN[int(match[2]) - 1]}"
