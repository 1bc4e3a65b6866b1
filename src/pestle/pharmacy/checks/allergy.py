"""Is the patient allergic to what is to be supplied, or to something like it?

A recorded name is read as substances and classes; every active substance of the product is compared. The
same substance, or a member of a class recorded as such, is a hard stop; another member and related
substances are rated by the class's definition. An intolerance is rated one step lower and never stops.
A kind or a reaction that nobody recorded is taken as the serious one. What the record calls by a name
that is not understood is *not assessed*, and so is every product whose substances are not known.

Source: `definitions` (each finding names its file); FHIR R4 AllergyIntolerance for allergy and intolerance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.checks.check import (
    Proposed,
    ProposedLine,
    finding,
    not_assessed,
)
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.allergy import AllergyClass, Rating
from pestle.pharmacy.definition import Source
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.allergy import Allergy, AllergyKind, AllergyStatus, ReactionSeverity
from pestle.pharmacy.record.record import Record

CHECK = "allergy"
TITLE = "Is the patient allergic to it?"


@dataclass(frozen=True, slots=True)
class _Recorded:
    """An allergy as understood: the classes it names, the substances it means, the words left over."""

    allergy: Allergy
    classes: frozenset[str]
    substances: frozenset[str]
    left: str


@dataclass(frozen=True, slots=True)
class _Match:
    rule: str
    severity: Severity
    says: str
    source: Source


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each line and each active allergy; see the module."""
    if record.allergies.status is not AllergyStatus.KNOWN:
        return Assessment(CHECK, TITLE, _without_list(record.allergies.status))
    active = sorted((each for each in record.allergies.allergies if not each.refuted), key=_when)
    if not active:
        return Assessment(CHECK, TITLE, (_only_refuted(),))
    lines = [(line, knowledge.substances.in_products(line.medication.products)) for line in proposed.lines]
    on_lines = frozenset().union(*(holds for _, holds in lines if holds))
    known = knowledge.with_substances(on_lines)
    recorded = [_understood(allergy, known) for allergy in active]

    findings: dict[tuple[str, str | None], Finding] = {}
    for entry in recorded:
        for found in (*_not_understood(entry), *_excipients(entry, proposed.lines, known)):
            findings.setdefault((found.key, found.line), found)
        for line, holds in lines:
            match = _worst(entry, line, holds or frozenset(), known)
            if match:
                found = _finding(entry.allergy, line, match)
                findings.setdefault((found.key, found.line), found)
    for line, holds in lines:
        if holds is None:
            found = _unknown_line(line)
            findings[(found.key, found.line)] = found
    return Assessment(CHECK, TITLE, tuple(findings.values()))


def _when(allergy: Allergy) -> tuple[str, ...]:
    # The same allergy recorded twice is said once; which of the two must not depend on their order.
    said = allergy.provenance
    return allergy.substance, said.recorded_at.isoformat(), said.who, allergy.code or "", allergy.system or ""


def _without_list(status: AllergyStatus) -> tuple[Finding, ...]:
    if status is AllergyStatus.NONE_KNOWN:
        return ()
    if status is AllergyStatus.NOT_RECORDED:
        return (
            not_assessed(
                CHECK,
                rule="not-recorded",
                what="Allergies were not checked",
                because="Nobody has recorded whether the patient has allergies",
                do="Ask the patient or their representative, and record the answer, also if it is none.",
            ),
        )
    return (
        not_assessed(
            CHECK,
            rule="unavailable",
            what="Allergies were not checked",
            because="The allergy record could not be read",
            do="Read the record again; until it answers, ask the patient or the prescriber.",
        ),
    )


def _only_refuted() -> Finding:
    return not_assessed(
        CHECK,
        rule="only-refuted",
        what="Allergies were not checked",
        because="Every recorded allergy has been refuted, and nobody has recorded that there are no others",
        do="Ask the patient or their representative, and record the answer, also if it is none.",
    )


def _understood(allergy: Allergy, knowledge: Knowledge) -> _Recorded:
    class_names = frozenset().union(*(each.names for each in knowledge.allergy.classes))
    words = class_names | knowledge.allergy.excipients.words
    phrases, left = knowledge.substances.recognise(allergy.substance, names=words)
    classes = phrases & class_names
    if not phrases:
        left = allergy.substance
    return _Recorded(allergy, classes, knowledge.substances.all_of(phrases - classes), left)


def _not_understood(entry: _Recorded) -> Iterator[Finding]:
    if entry.left:
        yield not_assessed(
            CHECK,
            rule="substance",
            what=f"The recorded allergy “{entry.allergy.substance}” was not checked",
            because=f"“{entry.left}” is no substance or class that is known here",
            do="Find out what is meant, and record it by the name of a substance or a class.",
            why=(_fact(entry.allergy),),
        )


def _excipients(entry: _Recorded, lines: tuple[ProposedLine, ...], knowledge: Knowledge) -> Iterator[Finding]:
    """What the dictionary lists of each product; that it lists all of them nobody promises."""
    known = knowledge.allergy.excipients
    for excipient in sorted(entry.substances & known.words):
        found = []
        for line in lines:
            match = _in_excipients(excipient, line, entry.allergy, knowledge)
            if match:
                found.append(line)
                yield _finding(entry.allergy, line, match)
        if len(found) < len(lines):
            yield not_assessed(
                CHECK,
                rule="excipient",
                what=f"Whether a product contains {excipient} was not checked",
                because=f"The dictionary in use does not say which products are free of {excipient}",
                do="Read the list of excipients of each product before it is supplied.",
                source=known.source,
                why=(_fact(entry.allergy),),
            )


def _in_excipients(
    excipient: str, line: ProposedLine, allergy: Allergy, knowledge: Knowledge
) -> _Match | None:
    known = knowledge.allergy.excipients
    listed = [each.name for product in line.medication.products for each in product.excipients or ()]
    held = knowledge.substances.all_of(listed)
    if excipient in held:
        severity = _softened(Severity.HARD_STOP, allergy)
        if allergy.kind is AllergyKind.INTOLERANCE and excipient in known.traces:
            severity = Severity.NOTE
        return (
            _Match("excipient", severity, f"it has the excipient {excipient}", known.source)
            if severity
            else None
        )
    akin = held & known.akin.get(excipient, frozenset())
    if akin:
        return _Match("excipient", Severity.NOTE, f"it has the excipient {_listed(akin)}", known.source)
    return None


def _unknown_line(line: ProposedLine) -> Finding:
    because = (
        "its active substances are not known" if line.medication.product else "it is not matched to a product"
    )
    return not_assessed(
        CHECK,
        rule="line",
        about=(line,),
        what=f"{line.medication.name} was not checked against the allergies",
        because=f"For {line.medication.name}, {because}",
        do="Match the line to a product whose ingredients are known, or compare it by hand.",
    )


def _worst(
    entry: _Recorded, line: ProposedLine, holds: frozenset[str], knowledge: Knowledge
) -> _Match | None:
    """The most serious match between one allergy and one line; the first of equals, which is the closest."""
    matches = _same(entry, line, holds, knowledge)
    for each in knowledge.allergy.classes:
        matches += _in_class(entry, holds, each, knowledge)
    order = list(Severity)
    return min(matches, key=lambda match: order.index(match.severity), default=None)


def _same(entry: _Recorded, line: ProposedLine, holds: frozenset[str], knowledge: Knowledge) -> list[_Match]:
    shared = entry.substances & holds
    if not shared and not _same_code(entry.allergy, line):
        return []
    severity = _softened(Severity.HARD_STOP, entry.allergy)
    what = _listed(shared) if shared else entry.allergy.substance
    return [_Match("same", severity, f"it contains {what}", knowledge.substances.source)] if severity else []


def _same_code(allergy: Allergy, line: ProposedLine) -> bool:
    if allergy.system != SNOMED or not allergy.code:
        return False
    codes: set[str | None] = set()
    for product in line.medication.products:
        codes |= {product.id, product.moiety_id, product.generic_id}
        codes |= {ingredient.id for ingredient in product.ingredients or ()}
    return allergy.code in codes


def _in_class(
    entry: _Recorded, holds: frozenset[str], each: AllergyClass, knowledge: Knowledge
) -> list[_Match]:
    named = bool(entry.classes & each.names)
    members = entry.substances & each.members
    if not named and not members:
        return []
    found = []
    others = (holds & each.members) - entry.substances
    if others:
        rating = Rating(Severity.HARD_STOP, Severity.HARD_STOP) if named else each.within
        says = f"{_listed(others)} is one of the class: {each.title}"
        found.append(_rated("class", entry.allergy, rating, says, each, knowledge))
    for related in each.related:
        to = holds & related.to
        # A class recorded by name may mean any of its members.
        if to and (named or not related.of or members & related.of):
            says = f"{_listed(to)} is related to the class {each.title}: {related.why}"
            found.append(_rated("related", entry.allergy, related.rating, says, each, knowledge))
    return [match for match in found if match]


def _rated(
    rule: str, allergy: Allergy, rating: Rating, says: str, each: AllergyClass, knowledge: Knowledge
) -> _Match | None:
    usual = rating.when_severe if _may_be_severe(allergy, knowledge) else rating.severity
    severity = _softened(usual, allergy)
    return _Match(rule, severity, says, each.source) if severity else None


def _may_be_severe(allergy: Allergy, knowledge: Knowledge) -> bool:
    # A severity that nobody recorded is not a mild one.
    if allergy.severity in (ReactionSeverity.SEVERE, ReactionSeverity.UNKNOWN):
        return True
    phrases, _ = knowledge.substances.recognise(
        allergy.reaction, names=knowledge.allergy.severe_reactions.words
    )
    return bool(phrases & knowledge.allergy.severe_reactions.words)


def _softened(severity: Severity | None, allergy: Allergy) -> Severity | None:
    if allergy.kind is not AllergyKind.INTOLERANCE:
        return severity
    lower = {Severity.HARD_STOP: Severity.INTERRUPT, Severity.INTERRUPT: Severity.NOTE}
    return lower.get(severity, severity) if severity else None


_DO = {
    Severity.HARD_STOP: "Do not supply; speak to the prescriber.",
    Severity.INTERRUPT: "Find out what happened then, and decide with the prescriber.",
    Severity.NOTE: "No action is needed if the patient takes it without trouble; tell them what to look for.",
}


def _finding(allergy: Allergy, line: ProposedLine, match: _Match) -> Finding:
    kind = "intolerance of" if allergy.kind is AllergyKind.INTOLERANCE else "allergy to"
    return finding(
        CHECK,
        match.severity,
        rule=match.rule,
        about=(line,),
        what=f"{line.medication.name}: recorded {kind} {allergy.substance}; {match.says}",
        do=_DO[match.severity],
        source=match.source,
        why=(_fact(allergy),),
    )


def _fact(allergy: Allergy) -> Fact:
    kind = {AllergyKind.UNKNOWN: "allergy or intolerance, not said which"}.get(
        allergy.kind, allergy.kind.value
    )
    reaction = allergy.reaction or "reaction not recorded"
    severity = "not recorded" if allergy.severity is ReactionSeverity.UNKNOWN else allergy.severity.value
    happened = allergy.provenance.happened_at
    return Fact(
        text=f"{allergy.substance} ({kind}): {reaction}; severity {severity}",
        on=happened.date() if happened else None,
        source=allergy.provenance.who,
    )


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))
