"""Which classes do records name, who is in them, and who else is related?

Kinds: allergy_class, excipients, severe_reactions (``allergy/*.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines.substances import Substances, folded

KINDS = {
    "allergy_class": frozenset({"names", "members", "within_class", "within_class_when_severe", "related"}),
    "excipients": frozenset({"words", "traces", "akin"}),
    "severe_reactions": frozenset({"words"}),
}
_RELATED = frozenset({"to", "of", "severity", "when_severe", "why"})


@dataclass(frozen=True, slots=True)
class Rating:
    """How serious a match is; `when_severe` replaces it when the reaction was severe or is not known.

    None means: known, and nothing to say.
    """

    severity: Severity | None
    when_severe: Severity | None


@dataclass(frozen=True, slots=True)
class Related:
    """Substances that those allergic to `of` (empty: to any member) may also react to."""

    to: frozenset[str]
    of: frozenset[str]
    rating: Rating
    why: str


@dataclass(frozen=True, slots=True)
class AllergyClass:
    """A class as records name it (`names`), its members, and what else is related."""

    title: str
    names: frozenset[str]
    members: frozenset[str]
    within: Rating
    related: tuple[Related, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Excipients:
    """Substances that products have beside the active ones.

    An intolerance of one of the `traces` is a note: what a medicine has of it seldom matters. Those allergic
    to one may also react to those `akin` to it.
    """

    words: frozenset[str]
    traces: frozenset[str]
    akin: Mapping[str, frozenset[str]]
    source: Source


@dataclass(frozen=True, slots=True)
class Words:
    """A list of words with a source: reactions that count as severe."""

    words: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class AllergyKnowledge:
    """What the allergy check knows."""

    classes: tuple[AllergyClass, ...]
    excipients: Excipients
    severe_reactions: Words


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name; a name of a class is not a substance."""
    found: list[str] = []
    for file in files.of("allergy_class"):
        found.extend(d.texts(file, "members"))
        for entry in d.entries(file, "related", fields=_RELATED):
            found.extend(d.texts(entry, "to"))
    return found


def read(files: Definitions, substances: Substances) -> AllergyKnowledge:
    """What these definitions say."""
    return AllergyKnowledge(
        classes=tuple(_allergy_class(file, substances) for file in files.of("allergy_class")),
        excipients=_excipients(files.only("excipients"), substances),
        severe_reactions=_words(files.only("severe_reactions"), substances),
    )


def _allergy_class(file: Definition, known: Substances) -> AllergyClass:
    return AllergyClass(
        title=file.title,
        names=frozenset(map(folded, d.texts(file, "names"))),
        members=known.all_of(d.texts(file, "members")),
        within=_rating(file, "within_class", "within_class_when_severe"),
        related=tuple(
            Related(
                to=known.all_of(d.texts(entry, "to")),
                of=known.all_of(d.texts(entry, "of", empty=True)),
                rating=_rating(entry, "severity", "when_severe"),
                why=d.text(entry, "why"),
            )
            for entry in d.entries(file, "related", fields=_RELATED)
        ),
        source=file.source,
    )


def _rating(file: Definition, field: str, severe: str) -> Rating:
    usual = d.choice(file, field, LEVELS)
    return Rating(usual, d.choice(file, severe, LEVELS) if severe in file.body else usual)


def _excipients(file: Definition, known: Substances) -> Excipients:
    return Excipients(
        words=frozenset(known.stem(word) for word in d.texts(file, "words")),
        traces=frozenset(known.stem(word) for word in d.texts(file, "traces")),
        akin={
            known.stem(word): frozenset(map(known.stem, others))
            for word, others in d.word_lists(file, "akin").items()
        },
        source=file.source,
    )


def _words(file: Definition, known: Substances) -> Words:
    return Words(frozenset(known.stem(word) for word in d.texts(file, "words")), file.source)
