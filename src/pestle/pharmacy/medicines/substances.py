"""Which substances does this product hold, and which does this recorded name mean?

"Amoxicillin trihydrate" and "amoxicillin" are one substance, "co-amoxiclav" is two. Words for salts and
hydrates are left off unless nothing would remain (sodium chloride stays). In a recorded name every word
must be accounted for: what is left over is given back, so that it can be said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source
from pestle.pharmacy.medicines.concept import Product

KINDS = {"substances": frozenset({"salts", "compounds", "synonyms", "fillers"})}


def folded(name: str) -> str:
    """A name without case, brackets and punctuation; hyphens stay."""
    return " ".join(re.findall(r"[\w\-]+", name.casefold()))


@dataclass(frozen=True, slots=True)
class Substances:
    """The words by which substances are told apart. `known` holds stems."""

    salts: frozenset[str]
    compounds: Mapping[str, frozenset[str]]
    synonyms: Mapping[str, str]
    fillers: frozenset[str]
    source: Source
    known: frozenset[str] = field(default=frozenset())
    _of: dict[str, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)

    def knowing(self, names: Iterable[str]) -> Substances:
        """The same, knowing also these names."""
        new = self.all_of(names) - self.known
        return replace(self, known=self.known | new) if new else self

    def stem(self, name: str) -> str:
        """The substance that `name` is a salt, hydrate or other name of."""
        words = folded(name).split()
        bare = " ".join(word for word in words if word not in self.salts) or " ".join(words)
        return self.synonyms.get(" ".join(words)) or self.synonyms.get(bare, bare)

    def of(self, name: str) -> frozenset[str]:
        """The substances of one name: of a compound such as co-codamol, its parts."""
        found = self._of.get(name)
        if found is None:
            # Names come from dictionaries and definitions, so what is remembered has an end.
            found = self._of[name] = self._parts(name)
        return found

    def _parts(self, name: str) -> frozenset[str]:
        found: set[str] = set()
        for part in name.split(" + "):
            if folded(part):
                stem = self.stem(part)
                found |= {self.stem(each) for each in self.compounds.get(stem, {stem})}
        return frozenset(found)

    def all_of(self, names: Iterable[str]) -> frozenset[str]:
        """The substances of several names."""
        return frozenset(substance for name in names for substance in self.of(name))

    def in_products(self, products: Iterable[Product]) -> frozenset[str] | None:
        """The active substances of one medicine, described by one product or more; None when unknown."""
        names: list[str] = []
        for product in products:
            names.extend(ingredient.name for ingredient in product.ingredients or ())
            names.extend([product.moiety] if product.moiety else [])
        return self.all_of(names) or None

    def in_words(self, text: str) -> frozenset[str]:
        """The known substances that a medicine's name as written says; empty where it says none."""
        phrases, _ = self.recognise(text, names=frozenset())
        return self.all_of(phrases)

    def recognise(self, text: str, *, names: frozenset[str]) -> tuple[frozenset[str], str]:
        """The phrases of `text` that are in `names`, are known substances or compounds, longest first, and
        the words that are left over."""
        words = folded(text).split()
        found: set[str] = set()
        left: list[str] = []
        at = 0
        while at < len(words):
            for end in range(len(words), at, -1):
                phrase = " ".join(words[at:end])
                if phrase in names or self._is_known(phrase):
                    found.add(phrase)
                    at = end
                    break
            else:
                if words[at] not in self.fillers:
                    left.append(words[at])
                at += 1
        return frozenset(found), " ".join(left)

    def _is_known(self, phrase: str) -> bool:
        stem = self.stem(phrase)
        return phrase in self.synonyms or stem in self.compounds or stem in self.known


def read(files: Definitions) -> Substances:
    """The words of the one definition of the kind substances."""
    file = files.only("substances")
    return Substances(
        salts=frozenset(folded(word) for word in d.texts(file, "salts")),
        compounds={
            folded(word): frozenset(map(folded, parts))
            for word, parts in d.word_lists(file, "compounds").items()
        },
        synonyms={folded(word): folded(other) for word, other in d.words(file, "synonyms").items()},
        fillers=frozenset(folded(word) for word in d.texts(file, "fillers")),
        source=file.source,
    )
