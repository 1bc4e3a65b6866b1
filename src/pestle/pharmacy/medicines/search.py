"""Which products may somebody mean by these words?

Words may be parts of words, misspelt, brand or generic, with a strength: "amlod 5", "istin", "amoxycillin 250
caps". Every word has to fit something. A search offers and never chooses, warns of names that look like
another's, and puts what is discontinued last.

Source: word and prefix matching by optimal string alignment distance, the method that ranked a wrong name
first least often on 2,763 dm+d names with seeded typing errors (our measurement, 2026-11).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary


@dataclass(frozen=True, slots=True)
class Hit:
    """One product that may be meant: `score` 0 to 100, `look_alike` other names within two typing errors."""

    product: Product
    score: int
    look_alike: tuple[str, ...] = ()


class Index:
    """The names of a dictionary, made once and asked often."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._products = tuple(dictionary.products())
        self._own: list[dict[str, int]] = []
        self._other: list[frozenset[str]] = []
        self._where: dict[str, set[int]] = defaultdict(set)
        heads: dict[str, str] = {}
        for number, product in enumerate(self._products):
            own = _words(product.name)
            other = frozenset(_other_words(product, dictionary)) - set(own)
            self._own.append({word: at for at, word in reversed(list(enumerate(own)))})
            self._other.append(other)
            heads.setdefault(_head(product).casefold(), _head(product))
            for word in {*own, *other}:
                self._where[word].add(number)
        self._vocabulary = tuple(self._where)
        self._heads = heads

    def search(self, text: str, limit: int = 12) -> tuple[Hit, ...]:
        """The products that fit, the best first; nothing for no words."""
        asked = [_SYNONYMS.get(word, word) for word in _words(text)][:8]
        if not asked:
            return ()
        fits = [self._fits(word) for word in asked]
        found = set.intersection(*(self._anywhere(fit) for fit in fits))
        ranked = sorted(((self._score(number, fits), number) for number in found), key=self._rank)
        return tuple(
            Hit(self._products[number], score, self._look_alikes(self._products[number]))
            for score, number in ranked[:limit]
        )

    def _fits(self, asked: str) -> Mapping[str, float]:
        """The words of the index that the asked word may mean, each with how well it fits (0 to 1)."""
        if asked[0].isdigit():
            return {word: fit for word in self._vocabulary if (fit := _number_fit(asked, word))}
        fits: dict[str, float] = {}
        for word in self._vocabulary:
            if word == asked:
                fits[word] = 1.0
            elif word.startswith(asked):
                fits[word] = 0.9
            elif len(asked) >= 4 and asked in word:
                fits[word] = 0.6
        errors = _errors(asked)
        if errors:
            self._misspelt(asked, errors, fits)
        return fits

    def _misspelt(self, asked: str, errors: int, fits: dict[str, float]) -> None:
        whole = process.extract(asked, self._vocabulary, scorer=OSA.distance, score_cutoff=errors, limit=None)
        for word, distance, _ in whole:
            if not word[0].isdigit():
                fits[word] = max(fits.get(word, 0.0), 0.8 - 0.1 * distance)
        starts = [word[: len(asked)] for word in self._vocabulary]
        part = process.extract(asked, starts, scorer=OSA.distance, score_cutoff=errors, limit=None)
        for start, distance, at in part:
            if not start[0].isdigit():
                word = self._vocabulary[at]
                fits[word] = max(fits.get(word, 0.0), 0.7 - 0.1 * distance)

    def _anywhere(self, fit: Mapping[str, float]) -> set[int]:
        return set().union(*(self._where[word] for word in fit))

    def _score(self, number: int, fits: Sequence[Mapping[str, float]]) -> int:
        """How well the product fits all words: its own name counts most, and most of all how it begins."""
        own, other = self._own[number], self._other[number]
        total = 0.0
        for fit in fits:
            best = max(
                (fit[word] * (1.0 if own[word] == 0 else 0.95) for word in fit if word in own), default=0.0
            )
            total += max(best, max((fit[word] * 0.85 for word in fit if word in other), default=0.0))
        return round(100 * total / len(fits))

    def _rank(self, scored: tuple[int, int]) -> tuple[bool, int, bool, int, list[tuple[float, str]]]:
        score, number = scored
        product = self._products[number]
        brand = product.level is Level.AMP
        return product.discontinued is True, -score, brand, len(self._own[number]), _natural(product.name)

    def _look_alikes(self, product: Product) -> tuple[str, ...]:
        head = _head(product).casefold()
        if len(head) < 5:
            return ()
        near = process.extract(head, self._heads.keys(), scorer=OSA.distance, score_cutoff=2, limit=None)
        return tuple(sorted(self._heads[name] for name, _, _ in near if name != head and len(name) >= 5))


_SYNONYMS = {
    "mr": "modified", "sr": "modified", "xl": "modified", "la": "modified", "er": "modified",
    "ec": "gastro", "gr": "gastro", "sf": "sugar", "soln": "solution",
    "mcg": "microgram", "micrograms": "microgram",
}  # fmt: skip


def _words(text: str) -> list[str]:
    """Words and strengths, in order: "500mg/125mg" is two; commas inside numbers go."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.casefold())
    return re.findall(r"\d+(?:\.\d+)?[a-z%]*|[^\W\d_]+", plain)


def _other_words(product: Product, dictionary: Dictionary) -> Iterable[str]:
    """Words under which the product is also looked for: its generic's, its brands', its ingredients'."""
    generic = dictionary.generic(product)
    if generic is not None and generic is not product:
        yield from _words(generic.name)
    for brand in dictionary.brands(product.id):
        yield from _words(brand.name)[:1]
    for name in product.ingredient_names or ():
        yield from _words(name)


def _head(product: Product) -> str:
    """The name that could be taken for another: the moiety of a generic, the first word of a brand."""
    return product.moiety or product.name if product.level is Level.VMP else product.name.split()[0]


def _errors(word: str) -> int:
    """How many typing errors are still the same word."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2


def _number_fit(asked: str, word: str) -> float:
    """A strength fits by its number, and better with the same unit; a number being typed fits less."""
    ours, theirs = _NUMBER.fullmatch(asked), _NUMBER.fullmatch(word)
    if ours is None or theirs is None:
        return 0.0
    unit, has = (_SYNONYMS.get(each, each) for each in (ours.group(2), theirs.group(2)))
    if ours.group(1) != theirs.group(1):
        return 0.5 if not unit and theirs.group(1).startswith(ours.group(1)) else 0.0
    if unit:
        return 1.0 if has.startswith(unit) else 0.3
    # "5" means 5mg before it means so much in 5ml.
    return 1.0 if has != "ml" else 0.6


_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([a-z%]*)")


def _natural(name: str) -> list[tuple[float, str]]:
    """An order in which 5mg comes before 10mg."""
    parts = re.findall(r"\d+(?:\.\d+)?|[^\d]+", name.casefold())
    return [(float(part), "") if part[0].isdigit() else (0.0, part) for part in parts]
