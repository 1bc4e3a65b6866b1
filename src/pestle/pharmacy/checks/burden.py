"""How often does a rule ask, and how often does somebody go on all the same?

An alert asks when it is shown as a hard stop or as answer needed. It was *overridden* when its line went on
with an answer, *answered before* when the answer of an earlier issue still held, *acted on* when no line that
it is about went on. What a prescription was returned to entry for stands in no signed check and is not
counted, so the rates say at most how much was overridden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pestle.pharmacy.checks.finding import RuleId, Severity

# Below this many, a rate says nothing about a rule. Ours.
FEW = 10


@dataclass(frozen=True, slots=True)
class Count:
    """What one rule found at one severity in a period: `found` in all, of which `quiet` or `on_trial` were
    not shown; of those that asked, `overridden`, `answered_before` and `acted_on`."""

    rule: RuleId
    was: Severity
    severity: Severity
    found: int
    quiet: int = 0
    on_trial: int = 0
    overridden: int = 0
    answered_before: int = 0
    acted_on: int = 0


@dataclass(frozen=True, slots=True)
class Burden:
    """One rule over all its severities: how many asked, and what became of them."""

    rule: RuleId
    asked: int
    overridden: int
    answered_before: int
    acted_on: int

    @property
    def percent_overridden(self) -> int | None:
        """Of what was asked anew, the whole percent that was overridden, rounded half up; None: never
        asked."""
        asked = self.overridden + self.acted_on
        return (200 * self.overridden + asked) // (2 * asked) if asked else None

    @property
    def never_acted_on(self) -> bool:
        """Whether it asked often enough to tell, and nobody ever did otherwise for it."""
        return self.overridden >= FEW and self.acted_on == 0


def burden(counts: Iterable[Count]) -> tuple[Burden, ...]:
    """Every rule that asked, the one that asked most first."""
    rules: dict[RuleId, Burden] = {}
    for each in counts:
        asked = each.overridden + each.answered_before + each.acted_on
        if not asked:
            continue
        held = rules.get(each.rule, Burden(each.rule, 0, 0, 0, 0))
        rules[each.rule] = Burden(
            each.rule,
            held.asked + asked,
            held.overridden + each.overridden,
            held.answered_before + each.answered_before,
            held.acted_on + each.acted_on,
        )
    return tuple(sorted(rules.values(), key=lambda each: (-each.asked, each.rule)))
