"""What do the checks know, and where does each piece of it come from?

`read` takes a folder of definitions (see `definition` for what each file must say) and gives one frozen
value. Layout: ``substances.yaml``; ``allergy/*.yaml`` (kinds allergy_class, excipients, severe_reactions);
``duplicate/*.yaml`` (same_ingredient, duplicate_class); ``controlled/*.yaml`` (controlled_rule).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.substances import Substances, folded
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.refusal import Refusal, Refused, refuse


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
class Words:
    """A list of words with a source: excipients, or reactions that count as severe."""

    words: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class SameIngredient:
    """When an earlier supply of the same ingredient matters.

    `days_when_unknown` is for how long a supply counts as current when nobody knows how long it lasts;
    with `early_days` or fewer left, ordering the same product again is ordinary.
    """

    days_when_unknown: int
    early_days: int
    local_routes: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class DuplicateClass:
    """Medicines of which two at once are seldom meant: by ingredient, or by the start of the BNF code."""

    title: str
    members: frozenset[str]
    bnf: tuple[str, ...]
    may_be_meant: str
    source: Source


@dataclass(frozen=True, slots=True)
class ControlledRule:
    """One rule for the schedules in `schedules`; `days` where the rule counts days; what to do about it."""

    schedules: frozenset[int]
    days: int | None
    do: str
    source: Source


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything the checks know. `controlled` is keyed by the file's name."""

    substances: Substances
    allergy_classes: tuple[AllergyClass, ...]
    excipients: Words
    severe_reactions: Words
    same_ingredient: SameIngredient
    duplicate_classes: tuple[DuplicateClass, ...]
    controlled: Mapping[str, ControlledRule]

    def with_substances(self, names: Iterable[str]) -> Knowledge:
        """The same, knowing also these substances: the ingredients of the dictionary in use.

        A recorded allergy to one of them can then be assessed even if no class names it.
        """
        return replace(self, substances=self.substances.knowing(names))


CONTROLLED = ("validity", "quantity_words", "supply_days", "repeat_dispensing", "licence", "stated_schedule")

_KINDS = {
    "substances": frozenset({"salts", "compounds", "synonyms", "fillers"}),
    "allergy_class": frozenset({"names", "members", "within_class", "within_class_when_severe", "related"}),
    "excipients": frozenset({"words"}),
    "severe_reactions": frozenset({"words"}),
    "same_ingredient": frozenset({"days_when_unknown", "early_days", "local_routes"}),
    "duplicate_class": frozenset({"members", "bnf", "may_be_meant"}),
    "controlled_rule": frozenset({"schedules", "days", "do"}),
}
_RELATED = frozenset({"to", "of", "severity", "when_severe", "why"})


def read(folder: Path) -> Knowledge:
    """The knowledge in `folder`.

    Raises `Refused` with everything that is wrong: what `definition` names, and ``definition.missing``
    for a file without which a check cannot work.
    """
    files, refusals = _files(folder)
    # Names are folded by the substances file, so it is needed to read the others.
    if refusals:
        raise Refused(*refusals)
    known = _substances(_only(files, "substances"))
    return Knowledge(
        substances=known.knowing(_named(files)),
        allergy_classes=tuple(_allergy_class(f, known) for f in files if f.kind == "allergy_class"),
        excipients=_words(_only(files, "excipients"), known),
        severe_reactions=_words(_only(files, "severe_reactions"), known),
        same_ingredient=_same_ingredient(_only(files, "same_ingredient")),
        duplicate_classes=tuple(_duplicate(f, known) for f in files if f.kind == "duplicate_class"),
        controlled={rule: _controlled(files, rule) for rule in CONTROLLED},
    )


def _files(folder: Path) -> tuple[list[Definition], list[Refusal]]:
    files: list[Definition] = []
    refusals: list[Refusal] = []
    for path in sorted(folder.rglob("*.yaml")):
        try:
            files.append(d.load(path, file=path.relative_to(folder).as_posix(), kinds=_KINDS))
        except Refused as refused:
            refusals.extend(refused.refusals)
    return files, refusals


def _only(files: list[Definition], kind: str) -> Definition:
    found = [file for file in files if file.kind == kind]
    if len(found) != 1:
        raise refuse(
            "definition.missing",
            f"There must be exactly one definition of the kind {kind}, not {len(found)}",
            place=kind,
        )
    return found[0]


def _substances(file: Definition) -> Substances:
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


def _named(files: list[Definition]) -> list[str]:
    """Every substance that some definition names; a name of a class is not a substance."""
    found: list[str] = []
    for file in files:
        if file.kind in ("allergy_class", "duplicate_class"):
            found.extend(d.texts(file, "members"))
            for entry in d.entries(file, "related", fields=_RELATED):
                found.extend(d.texts(entry, "to"))
    return found


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
    usual = _severity(file, field)
    return Rating(usual, _severity(file, severe) if severe in file.body else usual)


def _severity(definition: Definition, field: str) -> Severity | None:
    """A field that is hard_stop, interrupt, note, or none; None for the last."""
    value = d.text(definition, field)
    levels = {"hard_stop": Severity.HARD_STOP, "interrupt": Severity.INTERRUPT, "note": Severity.NOTE}
    if value != "none" and value not in levels:
        raise d.wrong(definition, field, "is hard_stop, interrupt, note or none")
    return levels.get(value)


def _words(file: Definition, known: Substances) -> Words:
    return Words(frozenset(known.stem(word) for word in d.texts(file, "words")), file.source)


def _same_ingredient(file: Definition) -> SameIngredient:
    return SameIngredient(
        days_when_unknown=d.number(file, "days_when_unknown"),
        early_days=d.number(file, "early_days"),
        local_routes=frozenset(route.casefold() for route in d.texts(file, "local_routes")),
        source=file.source,
    )


def _duplicate(file: Definition, known: Substances) -> DuplicateClass:
    return DuplicateClass(
        title=file.title,
        members=known.all_of(d.texts(file, "members")),
        bnf=d.texts(file, "bnf", empty=True),
        may_be_meant=d.text(file, "may_be_meant"),
        source=file.source,
    )


def _controlled(files: list[Definition], rule: str) -> ControlledRule:
    for file in files:
        if file.kind == "controlled_rule" and file.file == f"controlled/{rule}.yaml":
            days = d.number(file, "days") if "days" in file.body else None
            return ControlledRule(d.schedules(file, "schedules"), days, d.text(file, "do"), file.source)
    raise refuse("definition.missing", f"controlled/{rule}.yaml is missing", place=f"controlled/{rule}.yaml")
