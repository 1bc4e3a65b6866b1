"""Would it act badly with something else the patient is to have, or has?

Every substance of a line is compared with every substance of the other lines and of what the patient has by
any fact of the record. Where several lists speak of a pair, one decides: the site's own before the ONC's high
list, that before national knowledge; the low list makes a national finding quieter or silent, and nothing
else. A local rule lowers a hard stop only where two people signed it, and never silences it. What acts only
where it is put counts only for rules that say so. A pair is said once, with every fact that tells of it.

Source: the definitions ``interaction/*/*.yaml``, which each finding names. Order of the lists: ours, after
Phansalkar et al., J Am Med Inform Assoc 2012;19:735 (high) and 2013;20:489 (low).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact, in_order, not_whole
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.interaction import Interaction, List
from pestle.pharmacy.record.record import Record

CHECK = "interaction"
TITLE = "Does it act badly with another medicine?"

_ORDER = list(Severity)


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """A finding for each pair of substances that a rule speaks of, at the line if it is about one."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    lines, has = case.lines, case.at_hand
    pairs: dict[tuple[str, ...], list[tuple[Holding, Holding]]] = {}
    rules: dict[tuple[str, ...], tuple[Interaction, Severity]] = {}
    for one, other in _pairs(lines, has or ()):
        for substances, rule, severity in _met(one, other, knowledge):
            # What the patient has already is no news of a pair that is on the prescription itself.
            pairs.setdefault(substances, []).append((one, other))
            best = rules.get(substances)
            if best is None or _ORDER.index(severity) < _ORDER.index(best[1]):
                rules[substances] = rule, severity
    found = [_finding(substances, *rules[substances], met) for substances, met in pairs.items()]
    found += not_whole(CHECK, lines + (has or ()), question="for interactions")
    if has is None:
        found.append(_without_history())
    return Assessment(CHECK, TITLE, tuple(sorted(found, key=lambda each: (each.line or "", each.key))))


def _pairs(lines: tuple[Holding, ...], has: tuple[Holding, ...]) -> Iterator[tuple[Holding, Holding]]:
    yield from combinations(lines, 2)
    for line in lines:
        for each in has:
            yield line, each


def _met(
    one: Holding, other: Holding, knowledge: Knowledge
) -> Iterator[tuple[tuple[str, str], Interaction, Severity]]:
    for first in one.substances - other.substances:
        partners = knowledge.interactions.with_(first)
        for second in other.substances & partners.keys() - one.substances:
            rules = partners[second]
            if one.local or other.local:
                rules = tuple(rule for rule in rules if rule.local_too)
            decided = _decided(rules) if rules else None
            if decided:
                yield (min(first, second), max(first, second)), *decided


def _decided(rules: tuple[Interaction, ...]) -> tuple[Interaction, Severity] | None:
    """The rule that speaks for a pair, and how seriously; None when there is nothing to say."""
    by_list: dict[List, list[Interaction]] = {each: [] for each in List}
    for rule in rules:
        by_list[rule.of].append(rule)
    published = _worst(by_list[List.ONC_HIGH]) or _quietened(by_list[List.NATIONAL], by_list[List.LOW])
    if not by_list[List.LOCAL]:
        return published
    local = _worst(by_list[List.LOCAL])
    if published and published[1] is Severity.HARD_STOP:
        return published if local is None or not _may_lower(local) else local
    return local


def _may_lower(local: tuple[Interaction, Severity]) -> bool:
    return local[1] is Severity.HARD_STOP or len(local[0].signed_by) >= 2


def _quietened(national: list[Interaction], low: list[Interaction]) -> tuple[Interaction, Severity] | None:
    """The most serious national rule, as the low list leaves it; a hard stop stands."""
    left: list[tuple[Interaction, Severity]] = []
    for rule in national:
        severity = rule.severity
        if low and severity in (Severity.INTERRUPT, Severity.NOTE) and not rule.despite_low:
            severity = Severity.NOTE if any(each.severity for each in low) else None
        if severity:
            left.append((rule, severity))
    return min(left, key=_seriousness, default=None)


def _worst(rules: list[Interaction]) -> tuple[Interaction, Severity] | None:
    said = [(rule, rule.severity) for rule in rules if rule.severity]
    return min(said, key=_seriousness, default=None)


def _seriousness(said: tuple[Interaction, Severity]) -> tuple[int, str]:
    return _ORDER.index(said[1]), said[0].title


def _finding(
    substances: tuple[str, ...],
    rule: Interaction,
    severity: Severity,
    met: list[tuple[Holding, Holding]],
) -> Finding:
    held = in_order({id(each): each for pair in met for each in pair}.values())
    names = dict.fromkeys(each.name for each in held)
    return finding(
        CHECK,
        severity,
        rule="pair",
        about=tuple(each.said for each in held),
        what=f"{' with '.join(substances)}: {rule.effect} ({'; '.join(names)})",
        do=rule.do,
        source=rule.source,
        why=tuple(dict.fromkeys(map(fact, held))),
        lasting=(*substances, rule.source.definition),
    )


def _without_history() -> Finding:
    return not_assessed(
        CHECK,
        rule="history",
        what="Interactions with what the patient has already were not checked",
        because="What the patient was ordered, takes or was supplied is not available",
        do="Ask the patient what they take, or read it in the summary care record.",
    )
