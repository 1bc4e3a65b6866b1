"""Which medicines act on each other, by whose list, how seriously, and what is to be done?

Kind: interaction (``interaction/*/*.yaml``), one file a pair of groups. Each stands on one of four lists. A
site's own (local) comes first, then the high-priority list of the ONC (Phansalkar 2012), then national
knowledge; the low-priority list (Phansalkar 2013) only makes national findings quieter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import product

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines import medicine_class
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes

KINDS = {
    "interaction": frozenset({
        "list", "one", "other", "severity", "effect", "do", "local_too", "despite_low", "signed_by",
    })
}  # fmt: skip


class List(Enum):
    """Whose list; the value is how a definition writes it."""

    LOCAL = "local"
    ONC_HIGH = "onc_high"
    NATIONAL = "national"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Interaction:
    """A rule of one list about any of `one` with any of `other`.

    `severity` None says nothing; on the low list it is what is left of a national finding. `local_too`: it
    holds for eye drops and creams as well. `despite_low`: the low list does not make it quieter.
    `signed_by`: two people answer for a local rule that lowers a hard stop.
    """

    title: str
    of: List
    one: frozenset[str]
    other: frozenset[str]
    severity: Severity | None
    effect: str
    do: str
    local_too: bool
    despite_low: bool
    signed_by: frozenset[str]
    source: Source


Partners = Mapping[str, tuple[Interaction, ...]]
_NONE: Partners = {}


@dataclass(frozen=True, slots=True)
class Interactions:
    """The rules, found by substance: `of` holds for each the others that rules speak of, and those rules."""

    rules: tuple[Interaction, ...]
    of: Mapping[str, Partners]

    def with_(self, substance: str) -> Partners:
        """The substances that it has rules with, and the rules about the two, whichever way round."""
        return self.of.get(substance, _NONE)

    def between(self, one: str, other: str) -> tuple[Interaction, ...]:
        """The rules about these two substances, whichever way round."""
        return self.with_(one).get(other, ())


def found_by_substance(rules: tuple[Interaction, ...]) -> Interactions:
    """The rules, ready to be found."""
    of: dict[str, dict[str, tuple[Interaction, ...]]] = {}
    for rule in rules:
        pairs = {*product(rule.one, rule.other), *product(rule.other, rule.one)}
        for one, other in pairs:
            partners = of.setdefault(one, {})
            partners[other] = (*partners.get(other, ()), rule)
    return Interactions(rules, of)


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    sides = [
        d.entry(file, side, fields=WHICH) for file in files.of("interaction") for side in ("one", "other")
    ]
    return medicine_class.ingredients(sides)


def read(files: Definitions, classes: Classes) -> Interactions:
    """What these definitions say."""
    return found_by_substance(tuple(_interaction(file, classes) for file in files.of("interaction")))


def _interaction(file: Definition, classes: Classes) -> Interaction:
    return Interaction(
        title=file.title,
        of=d.choice(file, "list", {each.value: each for each in List}),
        one=classes.meant(d.entry(file, "one", fields=WHICH)),
        other=classes.meant(d.entry(file, "other", fields=WHICH)),
        severity=d.choice(file, "severity", LEVELS),
        effect=d.text(file, "effect"),
        do=d.text(file, "do"),
        local_too=d.flag(file, "local_too"),
        despite_low=d.flag(file, "despite_low"),
        signed_by=frozenset(d.texts(file, "signed_by", empty=True)),
        source=file.source,
    )
