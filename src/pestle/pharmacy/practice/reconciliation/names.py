"""Which medicine does a name in somebody's list mean, and how surely?

*Sure* is what needs nobody to look: a code of the dictionary, a product's name word for word, or the name of
a substance or a brand word for word where everything that is called so is one moiety. The order of words,
spaces inside a strength, the usual abbreviations of forms and the name of a salt make no difference. Whatever
else the search finds is a candidate that a person confirms; a misspelt name is never sure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.search import Index, words_of
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.medication import Medication, matched

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """What a name means. `medication` holds what was written, and the product where it is known.

    `products` are all that the name may mean: the one product, else those of the moiety or brand that fit the
    strength and form that are written, else the candidates of the search. `sure`: they are of one moiety, and
    nobody need confirm it. `substances` are theirs where they agree. `fits`: the strength that is written is
    one that the moiety is made in, so that the `products` have it."""

    medication: Medication
    products: tuple[Product, ...] = ()
    sure: bool = False
    substances: frozenset[str] = frozenset()
    fits: bool = False


class Names:
    """The names of a dictionary, gathered once and asked often."""

    def __init__(self, dictionary: Dictionary, index: Index, substances: Substances) -> None:
        entries = tuple(dictionary.entries())
        self.dictionary = dictionary
        self.substances = substances.knowing(name for entry in entries for name in entry.ingredient_names)
        self._index = index
        self._older = {
            name: other for name, other in substances.synonyms.items() if name.isalpha() and other.isalpha()
        }
        # A name as it stands, and then without the words of its salt: which of several salts it is shows
        # there.
        self._exact: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._heads: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._moieties: set[Words] = set()
        for entry in entries:
            for words in self._ways(entry.name):
                self._exact[tuple(sorted(words))].append(entry.id)
                self._heads[_subject(words)].append(entry.id)
            if entry.level is Level.VMP and entry.moiety:
                for words in self._ways(entry.moiety):
                    self._heads[_subject(words)].append(entry.id)
                    self._moieties.add(_subject(words))

    def of_product(self, written: Coded, product: Product) -> Meant:
        """What a product of the dictionary is, written as it was."""
        medication = matched(written, self.dictionary, product)
        return Meant(medication, (product,), True, self._shared((product,)))

    def meant_by(self, written: Coded) -> Meant:
        """What a name, with its code where there is one, means."""
        coded = matched(written, self.dictionary)
        if coded.product is not None:
            return self.of_product(written, coded.product)
        ways = self._ways(written.text)
        for words in ways:
            head = self._products(self._heads.get(_subject(words), ()))
            one = _one(self._products(self._exact.get(tuple(sorted(words)), ())))
            alike = bool(head) and len({product.moiety_key for product in head}) == 1
            # Without its salt a name may be that of several moieties: of perindopril there are three.
            if one is not None and (alike or sorted(words) == sorted(self._ways(one.name)[0])):
                return self.of_product(written, one)
            if alike and head[0].moiety_key:
                return self._of_moiety(written, head, words)
        found = tuple(hit.product for hit in self._index.search(" ".join(ways[0]), limit=8))
        return Meant(Medication(written), found, False, self._shared(found))

    def _of_moiety(self, written: Coded, products: tuple[Product, ...], words: Words) -> Meant:
        """Of one moiety: those that have the strength and the form that are written, all where none has."""
        figures = {word for word in words if word[0].isdigit()}
        forms = {word for word in words if word in _FORMS}
        told = [(each, frozenset(self._ways(each.name)[0])) for each in products]
        fits = [each for each, own in told if forms <= own and (not figures or figures == _figures(own))]
        pinned = _one(tuple(fits)) if forms and figures else None
        if pinned is not None:
            return self.of_product(written, pinned)
        found = tuple(fits) or products
        return Meant(Medication(written), found, True, self._shared(found), bool(fits and figures))

    def says_medicine(self, text: str) -> bool:
        """Whether these words, all of them, are the name of a product, a substance or a brand."""
        return any(
            tuple(sorted(words)) in self._exact or (_subject(words) and _subject(words) in self._heads)
            for words in self._ways(text)
        )

    def in_words(self, text: str, *, but: str = "") -> tuple[str, ...]:
        """The words that name a substance each that is a medicine, in their order; those of the moiety that
        `but` names left out, and all of them where it names none."""
        own = {product.moiety_key for product in self.meant_by(Coded(but)).products} if but else set()
        if but and not own:
            return ()
        found = []
        for word in dict.fromkeys(_LETTERS.findall(text)):
            subject = _subject(self._ways(word)[0])
            moieties = {product.moiety_key for product in self._products(self._heads.get(subject, ()))}
            if subject in self._moieties - _MEASURED and moieties and not moieties & own:
                found.append(word)
        return tuple(found)

    def goes_on(self, text: str) -> bool:
        """Whether these words go on with a product's name: a form, or a strength and a form."""
        words = self._ways(text)[0] if text else ()
        after = words[1:] if words and words[0][0].isdigit() and not words[0].isdigit() else words
        # “40mg oral once a day” is how it is given; “oral suspension” is a form.
        if after[:1] == ("oral",):
            after = after[1:]
        return bool(after) and after[0] in _FORMS - {"for"}

    def _products(self, ids: Iterable[str]) -> tuple[Product, ...]:
        found = (self.dictionary.product(id_) for id_ in dict.fromkeys(ids))
        return tuple(product for product in found if product is not None)

    def _shared(self, products: tuple[Product, ...]) -> frozenset[str]:
        """The substances of these products; none where they differ."""
        each = {self.substances.in_products((product,)) for product in products}
        only = each.pop() if len(each) == 1 else None
        return only or frozenset()

    def _ways(self, name: str) -> tuple[Words, ...]:
        """The words of a name as all spell them, and without those of a salt where something else is left."""
        spelt = (_SPELT.get(word, word) for word in words_of(_plain(name)))
        words = tuple(self._older.get(word, word) for word in spelt)
        bare = tuple(word for word in words if word not in self.substances.salts)
        return (words,) if bare == words or not _subject(bare) else (words, bare)


def _plain(name: str) -> str:
    text = name.casefold().replace("_", " ")
    for written, meant in _WRITTEN:
        text = written.sub(meant, text)
    return text


def _one(products: tuple[Product, ...]) -> Product | None:
    """The one product of these: the generic where a maker's product has no name but its own."""
    generic = [product for product in products if product.level is Level.VMP]
    if len(generic) == 1 and all(each is generic[0] or each.generic_id == generic[0].id for each in products):
        return generic[0]
    return products[0] if len(products) == 1 else None


def _subject(words: Iterable[str]) -> Words:
    """The words that name the medicine itself: no figure, no form."""
    return tuple(word for word in words if word[0].isalpha() and word not in _FORMS)


def _figures(words: Iterable[str]) -> set[str]:
    return {word for word in words if word[0].isdigit()}


# What is measured or drunk, and stands in many a line that is about another medicine.
_MEASURED = frozenset({
    ("water",), ("glucose",), ("sodium",), ("potassium",), ("calcium",), ("magnesium",), ("urea",),
    ("oxygen",), ("alcohol",),
})  # fmt: skip
# Shorter words than these name no medicine of which the word alone would tell.
_LETTERS = re.compile(r"[^\W\d_]{5,}(?:-[^\W\d_]+)*")
_UNITS = "mg|mcg|microgram|micrograms|g|gram|grams|ml|units|unit|iu"
_WRITTEN = (
    (re.compile(r"\bm/r\b"), "modified-release"),
    (re.compile(r"\be/c\b"), "gastro-resistant"),
    (re.compile(r"(\d)\s*(?:micrograms?|mcgs?|ug|[\u00b5\u03bc]g)(?![a-z])"), r"\1microgram"),
    (re.compile(r"(\d)\s*(?:milligrams?|mgs)(?![a-z])"), r"\1mg"),
    (re.compile(r"(\d)\s*(?:grams?|gm)(?![a-z])"), r"\1g"),
    (re.compile(rf"(\d)\s+({_UNITS}|%)(?![a-z])"), r"\1\2"),
)
_SPELT: Mapping[str, str] = {
    "tab": "tablet", "tabs": "tablet", "tablets": "tablet", "cap": "capsule", "caps": "capsule",
    "capsules": "capsule", "mr": "modified", "sr": "modified", "xl": "modified", "er": "modified",
    "ec": "gastro", "gr": "gastro", "sf": "sugar", "soln": "solution", "susp": "suspension",
    "patches": "patch", "sachets": "sachet", "ampoules": "ampoule", "vials": "vial", "inj": "injection",
    "suppositories": "suppository", "drops": "drop", "syringes": "syringe", "prolonged": "modified",
    "hr": "hour",
}  # fmt: skip
_FORMS = frozenset({
    "tablet", "capsule", "modified", "release", "gastro", "resistant", "oral", "solution", "suspension",
    "sugar",
    "free", "patch", "transdermal", "sachet", "ampoule", "vial", "injection", "suppository", "drop", "eye",
    "ear",
    "inhaler", "dispersible", "orodispersible", "effervescent", "soluble", "cream", "ointment", "gel",
    "spray",
    "nasal", "powder", "granules", "liquid", "enema", "pessary", "syringe", "pre", "filled", "for", "dose",
    "cfc",
    "hour", "infusion", "bag", "bottle", "unit", "lotion", "cfcs", "caplet", "chewable",
})  # fmt: skip
