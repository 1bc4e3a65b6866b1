"""The dictionary and the definitions that this process decides with: read once, from files."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from django.conf import settings

from pestle import definitions
from pestle.pharmacy.calculators.person import COUNTRIES, Country
from pestle.pharmacy.calculators.table import AnyCalculator, read_calculators
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.dispensary.charge import Charges, read_charges
from pestle.pharmacy.dispensary.endorsement import Endorsements, read_endorsements
from pestle.pharmacy.dispensary.near_miss import Vocabulary, read_vocabulary
from pestle.pharmacy.dispensary.repeat_dispensing import Questions, read_questions
from pestle.pharmacy.dispensary.shortage_protocol import ShortageProtocol, read_protocols
from pestle.pharmacy.documents.cautions import Wordings, read_wordings
from pestle.pharmacy.measures.library import FOLDERS, Library
from pestle.pharmacy.measures.library import read as read_library
from pestle.pharmacy.measures.measure import Measure, lists_of_ids
from pestle.pharmacy.medicines.concept import Level
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.medicines.equivalence import Bar, read_bars
from pestle.pharmacy.medicines.lookalike import read_tall_man
from pestle.pharmacy.medicines.search import Index
from pestle.pharmacy.practice.monitoring_policy import Policy, read_policy
from pestle.pharmacy.practice.reconciliation import high_risk
from pestle.pharmacy.practice.reconciliation.matching import Knows
from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.practice.review_library import ReviewLibrary
from pestle.pharmacy.practice.review_library import read_library as read_reviews
from pestle.pharmacy.practice.review_need import counted_measures
from pestle.web.store.definitions import known as definitions_known


@cache
def dictionary() -> Dictionary:
    """The medicines dictionary."""
    return read_dictionary(*settings.ENVIRONMENT.dictionary)


@cache
def products_known() -> int:
    """How many products it holds."""
    return sum(1 for _ in dictionary().entries())


@cache
def medicine_index() -> Index:
    """The search index over its names."""
    return Index(dictionary(), tall_man=read_tall_man(definitions.folder("lookalike")))


@cache
def brand_names() -> frozenset[str]:
    """The names that are a maker's own: where a maker has only the generic's name, it is the generic's."""
    names: dict[Level, set[str]] = {level: set() for level in Level}
    for entry in dictionary().entries():
        names[entry.level].add(entry.name)
    return frozenset(names[Level.AMP] - names[Level.VMP])


@cache
def knowledge() -> Knowledge:
    """What the checks know, and every substance that the dictionary names."""
    names = {name for entry in dictionary().entries() for name in entry.ingredient_names}
    return _library().knowledge.with_substances(names)


@cache
def measures() -> Library:
    """The measures, with the same knowledge."""
    return replace(_library(), knowledge=knowledge())


@cache
def known_of_lists(measure: str) -> tuple[tuple[str, int, int], ...]:
    """Of each list of ids in a measure: its title, how many of its products the dictionary in use has, under
    the id of the list or the one that replaced it, of how many."""
    return tuple(
        (one.title, sum(map(_is_known, one.products)), len(one.products))
        for one in lists_of_ids(measures().measures[measure])
    )


def _is_known(id_: str) -> bool:
    return dictionary().product(dictionary().current(id_)) is not None


@cache
def _library() -> Library:
    folders = (*map(definitions.folder, FOLDERS), *settings.ENVIRONMENT.definitions)
    return read_library(*folders, dictionary=dictionary())


@cache
def knowledge_in(country: Country) -> Knowledge:
    """The same, going by the figures of a country."""
    return knowledge() if country == knowledge().country else replace(knowledge(), country=country)


@cache
def exchange_bars() -> tuple[Bar, ...]:
    """What bars the exchange of one product for another."""
    return read_bars(definitions.folder("equivalence"))


@cache
def list_names() -> Names:
    """The names by which medicines stand in lists."""
    return Names(dictionary(), medicine_index(), knowledge().substances)


@cache
def reconciling() -> Knows:
    """What two lists are matched by."""
    words = knowledge()
    risks = high_risk.read(
        definitions.folder("reconciliation"), classes=words.terms.classes, bars=exchange_bars()
    )
    return Knows(words.substances, risks)


@cache
def calculators(country: Country) -> Mapping[str, AnyCalculator]:
    """The published formulas, by name, as they are usual in a country."""
    return read_calculators(definitions.folder("calculators"), country)


@cache
def label_wordings() -> Wordings:
    """The cautionary wordings of labels."""
    return read_wordings(definitions.folder("labels") / "cautionary.yaml")


@cache
def charges() -> Charges:
    """The prescription charge and who does not pay it."""
    return read_charges(definitions.folder("payment"))


@cache
def endorsements() -> Endorsements:
    """How a line can be endorsed."""
    return read_endorsements(definitions.folder("payment"))


@cache
def near_miss_vocabulary() -> Vocabulary:
    """The types of near misses and what contributes to them."""
    return read_vocabulary(definitions.folder("near_misses"))


@cache
def repeat_questions() -> Questions:
    """What is asked before each issue of repeat dispensing."""
    return read_questions(definitions.folder("repeat_dispensing"))


@cache
def shortage_protocols() -> tuple[ShortageProtocol, ...]:
    """The serious shortage protocols that the site has taken in."""
    return read_protocols(*settings.ENVIRONMENT.shortage_protocols)


@cache
def monitoring_policy() -> Policy:
    """How a practice follows up the monitoring of medicines."""
    return read_policy(definitions.folder("practice"), knowledge().terms)


@cache
def review_library() -> ReviewLibrary:
    """The checklists of reviews, and what makes somebody need one."""
    return read_reviews(definitions.folder("reviews"), knowledge().terms)


@cache
def review_measures() -> tuple[Measure, ...]:
    """The measures that count towards the need of a review."""
    return counted_measures(measures().measures, review_library().need)


def prepare() -> None:
    """Makes everything here, so that no request waits for it: seconds for a full release.

    It stays as long as the process does, so the collector of garbage need not go through all of it again and
    again, which holds up a request for longer than its answer takes.
    """
    for made in (medicine_index, products_known, brand_names, measures, exchange_bars, label_wordings,
                 charges, endorsements, near_miss_vocabulary, repeat_questions,
                 shortage_protocols, monitoring_policy, review_library,
                 review_measures, definitions_known):  # fmt: skip
        made()
    for country in COUNTRIES:
        knowledge_in(country)
        calculators(country)
    gc.collect()
    gc.freeze()
