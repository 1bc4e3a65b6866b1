"""What must not be given by which route, handled in which way, or counted in which unit?

Kinds: forbidden_route and handling_rule, one file a rule; route_words and measures, one file each
(``form/*.yaml``). Words are looked for whole and without regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines import medicine_class
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes

KINDS = {
    "forbidden_route": WHICH | {"routes", "severity", "effect", "do"},
    "handling_rule": WHICH | {"forms", "only_forms", "words", "unless", "severity", "effect", "do"},
    "route_words": frozenset({"said", "of_product", "together", "severities", "do"}),
    "measures": frozenset({"counted", "of_form", "alike", "do"}),
}
_SEVERITIES = frozenset({"said", "of_product", "severity"})


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words to look for, each whole."""

    pattern: re.Pattern[str] | None

    def within(self, text: str) -> str | None:
        """The first of them that `text` says."""
        found = self.pattern.search(text) if self.pattern else None
        return found[0] if found else None

    def without(self, text: str) -> str:
        """`text` with all of them taken out."""
        return self.pattern.sub(" ", text) if self.pattern else text


def phrases(words: Iterable[str]) -> Phrases:
    """These words, the longest first."""
    escaped = [re.escape(word.casefold()) for word in sorted(words, key=len, reverse=True)]
    return Phrases(
        re.compile(rf"(?<![\w-])(?:{'|'.join(escaped)})(?![\w-])", re.IGNORECASE) if escaped else None
    )


@dataclass(frozen=True, slots=True)
class ForbiddenRoute:
    """Routes by which a medicine is never given, in the words of instructions and products."""

    which: frozenset[str]
    routes: Phrases
    severity: Severity
    effect: str
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class HandlingRule:
    """What the directions must not say of a form or a substance.

    It is about products of `forms`, and about the substances of `which` in products of `only_forms`. The
    directions say one of `words`, once the phrases of `unless` are taken out of them.
    """

    title: str
    forms: Phrases
    which: frozenset[str]
    only_forms: Phrases
    words: Phrases
    unless: Phrases
    severity: Severity
    effect: str
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class RouteWords:
    """Families of routes, by the words of instructions (`said`) and by those of products (`of_product`).

    `together` are pairs of families that do not contradict each other; `severities` say how serious a
    contradiction is where it is not the usual one.
    """

    said: Mapping[str, Phrases]
    of_product: Mapping[str, frozenset[str]]
    together: frozenset[frozenset[str]]
    severities: Mapping[tuple[str, str], Severity]
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class Measures:
    """Units that count things, those that may count a form, and those that are taken for one another."""

    counted: frozenset[str]
    of_form: tuple[tuple[Phrases, frozenset[str]], ...]
    alike: frozenset[str]
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class FormKnowledge:
    """What the form check knows."""

    forbidden: tuple[ForbiddenRoute, ...]
    handling: tuple[HandlingRule, ...]
    routes: RouteWords
    measures: Measures


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return medicine_class.ingredients(files.of("forbidden_route", "handling_rule"))


def read(files: Definitions, classes: Classes) -> FormKnowledge:
    """What these definitions say."""
    return FormKnowledge(
        forbidden=tuple(_forbidden(file, classes) for file in files.of("forbidden_route")),
        handling=tuple(_handling(file, classes) for file in files.of("handling_rule")),
        routes=_routes(files.only("route_words")),
        measures=_measures(files.only("measures")),
    )


def _severity(file: Definition) -> Severity:
    found = d.choice(file, "severity", LEVELS)
    if found is None:
        raise d.wrong(file, "severity", "is hard_stop, interrupt or note")
    return found


def _forbidden(file: Definition, classes: Classes) -> ForbiddenRoute:
    return ForbiddenRoute(
        which=classes.meant(file),
        routes=phrases(d.texts(file, "routes")),
        severity=_severity(file),
        effect=d.text(file, "effect"),
        do=d.text(file, "do"),
        source=file.source,
    )


def _handling(file: Definition, classes: Classes) -> HandlingRule:
    named = {"ingredients", "classes"} & file.body.keys()
    return HandlingRule(
        title=file.title,
        forms=phrases(d.texts(file, "forms", empty=bool(named))),
        which=classes.meant(file) if named else frozenset(),
        only_forms=phrases(d.texts(file, "only_forms", empty=True)),
        words=phrases(d.texts(file, "words")),
        unless=phrases(d.texts(file, "unless", empty=True)),
        severity=_severity(file),
        effect=d.text(file, "effect"),
        do=d.text(file, "do"),
        source=file.source,
    )


def _routes(file: Definition) -> RouteWords:
    said = d.word_lists(file, "said")
    of_product = d.word_lists(file, "of_product")
    severities = {}
    for entry in d.entries(file, "severities", fields=_SEVERITIES):
        severities[d.text(entry, "said"), d.text(entry, "of_product")] = _severity(entry)
    together = [pair.split(" and ") for pair in d.texts(file, "together", empty=True)]
    families = {*said, *of_product}
    for named in (
        {name for pair in together for name in pair},
        {name for pair in severities for name in pair},
    ):
        if named - families:
            raise d.wrong(
                file, "together", f"names a family that is not there: {', '.join(named - families)}"
            )
    return RouteWords(
        said={family: phrases(words) for family, words in said.items()},
        of_product={
            family: frozenset(word.casefold() for word in words) for family, words in of_product.items()
        },
        together=frozenset(frozenset(pair) for pair in together),
        severities=severities,
        do=d.text(file, "do"),
        source=file.source,
    )


def _measures(file: Definition) -> Measures:
    return Measures(
        counted=frozenset(d.texts(file, "counted")),
        of_form=tuple(
            (phrases([form]), frozenset(units)) for form, units in d.word_lists(file, "of_form").items()
        ),
        alike=frozenset(d.texts(file, "alike")),
        do=d.text(file, "do"),
        source=file.source,
    )
