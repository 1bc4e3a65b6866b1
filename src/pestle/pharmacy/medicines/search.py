"""Which products may somebody mean by these words?

Words may be parts of words, misspelt, brand or generic, with a strength and a form: "amlod 5", "istin",
"amoxycillin 250 caps". Every word has to fit something. A search offers and never chooses, warns of names
that look like another's, and puts what is discontinued last.

How: products are gathered under the name they go by (what stands before the first figure). Words are matched
against the distinct words of all names, and names are ranked by how well they explain what was typed and how
much of them it explains. Only the best names have their strengths and forms looked at. A whole name is also
compared as one string, so that an error in a short word or a lost space still finds it.

Source: `spelling`, for the distance and where it was measured.
"""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pestle.pharmacy.medicines.concept import Entry, Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.lookalike import NO_LIST, LookAlikes, TallMan
from pestle.pharmacy.medicines.spelling import AS_TYPED, Words, misspelt


@dataclass(frozen=True, slots=True)
class Hit:
    """One product that may be meant, and what to beware of.

    `score` runs from 0 to 100; from 80 on, every word was typed as it stands in the name or begins it.
    `shown` is the product's name in tall-man letters; `look_alike` the other names it could be taken for.
    """

    product: Product
    score: int
    look_alike: tuple[str, ...] = ()
    shown: str = ""


@dataclass(slots=True)
class _Name:
    """What products go by, with their strengths and forms.

    `other`: words under which they are looked for as well. `tails`: for each distinct rest of a product's
    name, its words and the products, by their number.
    """

    words: tuple[str, ...]
    letters: int
    other: set[str]
    tails: dict[tuple[str, ...], list[int]]
    tail_words: set[str]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A name that may be meant, and the `best` score that a product of it can have.

    `fits`: how well it fits each word typed, None where a strength or form has to. `explained`: how much of
    the name was typed (0 to 1).
    """

    name: int
    fits: tuple[float | None, ...]
    explained: float
    best: float


class Index:
    """The names of a dictionary, made once and asked often. `tall_man`: how confusable names are written."""

    def __init__(self, dictionary: Dictionary, *, tall_man: TallMan = NO_LIST) -> None:
        self._dictionary = dictionary
        self._entries = _listed(dictionary)
        self._names = _gathered(self._entries)
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_other: dict[str, list[int]] = defaultdict(list)
        self._by_tail: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(self._names):
            for word in dict.fromkeys(name.words):
                self._by_word[word].append(at)
            for word in name.other.difference(name.words):
                self._by_other[word].append(at)
            for word in name.tail_words:
                self._by_tail[word].append(at)
        self._whole = {" ".join(name.words): at for at, name in enumerate(self._names)}
        self._whole_names = Words(self._whole)
        self._name_words = Words({*self._by_word, *self._by_other})
        self._tail_words = Words(word for word in self._by_tail if not word[0].isdigit())
        self._numbers = tuple(word for word in self._by_tail if word[0].isdigit())
        self._look_alikes = LookAlikes(map(head, self._entries), tall_man)

    def search(self, text: str, limit: int = 12) -> tuple[Hit, ...]:
        """The products that fit, the best first; nothing for no words.

        What is discontinued comes last, and where others fit as well it has a quarter of the places at most.
        """
        asked = words_of(text)[:_MOST_WORDS]
        if not asked or limit <= 0:
            return ()
        # "caps" is capsules in a form, and begins the name of capsaicin.
        tails = [self._meant_by_tail(_SYNONYMS.get(word, word)) for word in asked]
        live, stopped = self._best(self._explain(asked, tails), tails, limit)
        places = limit - min(len(stopped), limit // 4)
        chosen = [*live[:places], *stopped[: limit - min(len(live), places)]]
        return tuple(self._hit(score, number) for score, number in chosen)

    def _meant_by_tail(self, asked: str) -> Mapping[str, float]:
        """The words of strengths and forms that the asked word may mean."""
        if asked[0].isdigit():
            return {word: fit for word in self._numbers if (fit := _number_fit(asked, word))}
        return self._tail_words.meant_by(asked, forgiving=True)

    def _explain(self, asked: Sequence[str], tails: Sequence[Mapping[str, float]]) -> list[_Candidate]:
        """The names that may be meant, the one whose products can score best first."""
        found = [
            self._names_with(word, known=_known(_SYNONYMS.get(word, word), tail))
            for word, tail in zip(asked, tails, strict=True)
        ]
        needed = [names.keys() for names, tail in zip(found, tails, strict=True) if not tail]
        if needed:
            names = set.intersection(*map(set, needed))
        else:
            names = set().union(*found) or set.intersection(*map(self._names_with_tail, tails))
        fits = {at: fit for at in names if (fit := self._fit(at, found, tails))}
        for at, whole in self._as_one(asked, tails).items():
            if at not in fits or whole.best > fits[at].best:
                fits[at] = whole
        return sorted(fits.values(), key=lambda each: (-each.best, self._names[each.name].words))

    def _names_with(self, asked: str, *, known: bool) -> dict[int, tuple[float, int]]:
        """The names with a word that the asked one may mean: how well it fits, how many letters it explains.

        A word `known` as a form's is no misspelt name.
        """
        found: dict[int, tuple[float, int]] = {}
        if asked[0].isdigit():
            return found
        fits = self._name_words.begun_by(asked) if known else self._name_words.meant_by(asked)
        for word, fit in fits.items():
            explained = min(len(asked), len(word))
            for at in self._by_word.get(word, ()):
                place = fit if self._names[at].words[0] == word else _later(fit)
                if at not in found or found[at][0] < place:
                    found[at] = place, explained
            for at in self._by_other.get(word, ()):
                if at not in found or found[at][0] < _less(fit):
                    found[at] = _less(fit), 0
        return found

    def _names_with_tail(self, tail: Mapping[str, float]) -> set[int]:
        return {at for word in tail for at in self._by_tail[word]}

    def _fit(
        self, at: int, found: Sequence[Mapping[int, tuple[float, int]]], tails: Sequence[Mapping[str, float]]
    ) -> _Candidate | None:
        """How well one name explains all that was typed; None where it leaves a word over."""
        name = self._names[at]
        fits: list[float | None] = []
        reach: list[float] = []
        letters = 0
        for names, tail in zip(found, tails, strict=True):
            own = names.get(at)
            if own is not None:
                fits.append(own[0])
                letters += own[1]
                continue
            reachable = max((tail[word] for word in tail.keys() & name.tail_words), default=0.0)
            if not reachable:
                return None
            fits.append(None)
            reach.append(reachable)
        return _candidate(at, fits, reach, min(1.0, letters / name.letters) if name.letters else 0.0)

    def _as_one(self, asked: Sequence[str], tails: Sequence[Mapping[str, float]]) -> Mapping[int, _Candidate]:
        """The names that are nearly all the words typed before the first figure."""
        count = next((place for place, word in enumerate(asked) if word[0].isdigit()), len(asked))
        text = " ".join(asked[:count])
        found: dict[int, _Candidate] = {}
        if len(text) < 3 or text in self._whole:
            return found
        for whole, distance in self._whole_names.near(text, 1 if len(text) < 7 else 2):
            at = self._whole[whole]
            own = misspelt(len(text), distance)
            reach = [
                max((tail[word] for word in tail.keys() & self._names[at].tail_words), default=0.0)
                for tail in tails[count:]
            ]
            if all(reach):
                fits: list[float | None] = [*[own] * count, *[None] * len(reach)]
                found[at] = _candidate(at, fits, reach, 1.0)
        return found

    def _best(
        self, candidates: Sequence[_Candidate], tails: Sequence[Mapping[str, float]], limit: int
    ) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
        """The best products with their scores, those in use and those discontinued.

        Candidates come best first, so the search ends when none to come can displace a product found.
        """
        live: list[tuple[float, int]] = []
        stopped: list[tuple[float, int]] = []
        lowest: list[float] = []
        for candidate in candidates:
            if len(lowest) >= limit and lowest[0] > candidate.best:
                break
            for score, number in self._scored(candidate, tails):
                if self._entries[number].discontinued is True:
                    stopped.append((score, number))
                    continue
                live.append((score, number))
                heapq.heappush(lowest, score) if len(lowest) < limit else heapq.heappushpop(lowest, score)
        if len(lowest) >= limit:
            live = [each for each in live if each[0] >= lowest[0]]
        return self._ranked(live, limit), self._ranked(stopped, limit)

    def _scored(
        self, candidate: _Candidate, tails: Sequence[Mapping[str, float]]
    ) -> Iterable[tuple[float, int]]:
        """The products of a name that explain the rest of what was typed, each with its score."""
        name = self._names[candidate.name]
        open_ = [tail for tail, fit in zip(tails, candidate.fits, strict=True) if fit is None]
        reach = [{word: tail[word] for word in tail.keys() & name.tail_words} for tail in open_]
        known = [fit for fit in candidate.fits if fit is not None]
        for words, numbers in name.tails.items():
            rest = [max((fits[word] for word in words if word in fits), default=0.0) for fits in reach]
            if all(rest):
                score = _score([*known, *rest], candidate.explained)
                for number in numbers:
                    yield score, number

    def _ranked(self, scored: list[tuple[float, int]], limit: int) -> list[tuple[float, int]]:
        return heapq.nsmallest(limit, scored, key=self._rank)

    def _rank(self, scored: tuple[float, int]) -> tuple[float, bool, int, list[tuple[float, str]], int]:
        score, number = scored
        entry = self._entries[number]
        brand = entry.level in (Level.AMP, Level.AMPP)
        return -score, brand, len(entry.name.split()), _natural(entry.name), number

    def _hit(self, score: float, number: int) -> Hit:
        entry = self._entries[number]
        product = self._dictionary.product(entry.id)
        assert product is not None, "every entry is of a product"
        shown = self._look_alikes.tall_man(product.name)
        return Hit(product, round(score), self._look_alikes.of(head(entry)), shown)


_MOST_WORDS = 8

_SYNONYMS = {
    "mr": "modified", "sr": "modified", "xl": "modified", "la": "modified", "er": "modified",
    "ec": "gastro", "gr": "gastro", "sf": "sugar", "soln": "solution",
    "tab": "tablets", "tabs": "tablets", "cap": "capsules", "caps": "capsules", "inj": "injection",
    "mcg": "microgram", "micrograms": "microgram",
}  # fmt: skip


def words_of(text: str) -> list[str]:
    """Words and strengths, in order: "500mg/125mg" is two, "B12" one; commas inside numbers go."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text.casefold())
    return _WORD.findall(plain)


_WORD = re.compile(r"\b[^\W\d_]\d+\b|\d+(?:\.\d+)?[a-z%]*|[^\W\d_]+")


def head(entry: Entry) -> str:
    """The name that could be taken for another: the moiety of a generic, the first word of a brand."""
    if entry.level in (Level.AMP, Level.AMPP):
        return entry.name.split()[0]
    return entry.moiety or entry.name


def _listed(dictionary: Dictionary) -> tuple[Entry, ...]:
    """What is offered: a maker's product that has only its generic's name is found with the generic."""
    entries = tuple(dictionary.entries())
    generics = {entry.id: entry.name for entry in entries if entry.level is Level.VMP}
    return tuple(
        entry for entry in entries if entry.generic_id is None or generics.get(entry.generic_id) != entry.name
    )


def _gathered(entries: Sequence[Entry]) -> tuple[_Name, ...]:
    """The products under the names they go by."""
    generics = {entry.id: entry for entry in entries if entry.level is Level.VMP}
    brands: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.generic_id is not None:
            brands[entry.generic_id].append(entry)
    names: dict[tuple[str, ...], _Name] = {}
    for number, entry in enumerate(entries):
        words, tail = _parted(entry.name)
        name = names.get(words)
        if name is None:
            name = names[words] = _Name(words, sum(map(len, words)), set(), {}, set())
        generic = generics.get(entry.generic_id) if entry.generic_id is not None else None
        name.other.update(_other_words(entry, generic, brands.get(entry.id, ())))
        name.tails.setdefault(tail, []).append(number)
        name.tail_words.update(tail)
    for name in names.values():
        name.other -= name.tail_words
    return tuple(names.values())


def _parted(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words before the first figure, and the strengths, forms and whatever follows."""
    words = words_of(name)
    cut = next((place for place, word in enumerate(words) if word[0].isdigit()), len(words))
    return tuple(words[:cut]), tuple(words[cut:])


def _other_words(entry: Entry, generic: Entry | None, brands: Iterable[Entry]) -> Iterable[str]:
    """Words under which the product is also looked for: its generic's, its brands', its ingredients'."""
    if generic is not None:
        yield from _parted(generic.name)[0]
    for brand in brands:
        yield from words_of(brand.name)[:1]
    for name in (entry.moiety or "", *entry.ingredient_names):
        yield from (word for word in words_of(name) if not word[0].isdigit())


def _candidate(at: int, fits: Sequence[float | None], reach: Sequence[float], explained: float) -> _Candidate:
    """A name with its fits; `reach`: the best that its products' strengths and forms can do for the rest."""
    known = [fit for fit in fits if fit is not None]
    return _Candidate(at, tuple(fits), explained, _score([*known, *reach], explained))


def _score(fits: Sequence[float], explained: float) -> float:
    """0 to 100, and 80 or more where everything fits as it was typed."""
    value = sum(fits) / len(fits) * (0.85 + 0.15 * explained)
    return 80 + 20 * value if min(fits) >= AS_TYPED else 79 * value


def _later(fit: float) -> float:
    """The same fit, by a word that the name does not begin with."""
    return AS_TYPED + (fit - AS_TYPED) * 0.9 if fit >= AS_TYPED else fit * 0.95


def _known(word: str, tail: Mapping[str, float]) -> bool:
    """Whether a word is a form's or, when long enough to tell, begins one or has one letter wrong."""
    return word in tail or (len(word) > 5 and max(tail.values(), default=0.0) >= misspelt(len(word), 1))


def _less(fit: float) -> float:
    """The same fit, by a word that the product is only looked for under."""
    return AS_TYPED + (fit - AS_TYPED) / 2 if fit >= AS_TYPED else fit * 0.85


def _number_fit(asked: str, word: str) -> float:
    """A strength fits by its number, and better with the same unit; a number being typed fits less."""
    ours, theirs = _NUMBER.fullmatch(asked), _NUMBER.fullmatch(word)
    if ours is None or theirs is None:
        return 0.0
    unit, has = (_SYNONYMS.get(each, each) for each in (ours.group(2), theirs.group(2)))
    if ours.group(1) != theirs.group(1):
        return AS_TYPED if not unit and theirs.group(1).startswith(ours.group(1)) else 0.0
    if unit:
        return 1.0 if has.startswith(unit) else 0.3
    # "5" means 5mg before it means so much in 5ml.
    return 1.0 if has != "ml" else 0.8


_NUMBER = re.compile(r"(\d+(?:\.\d+)?)([a-z%]*)")


def _natural(name: str) -> list[tuple[float, str]]:
    """An order in which 5mg comes before 10mg."""
    parts = re.findall(r"\d+(?:\.\d+)?|[^\d]+", name.casefold())
    return [(float(part), "") if part[0].isdigit() else (0.0, part) for part in parts]
