"""Who has a medicine that a rule of the checks says does not suit them?

Each rule (``checks/rule/*/*.yaml``), STOPP's among them, is a measure as it stands: those who have the
medicine today, and among them those in whom the rule's condition holds. Nothing is written a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pestle.pharmacy.checks.known.rule import Rule
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.measures.monitored import capital, on_medicine


def measures(rules: Iterable[Rule]) -> Iterator[Measure]:
    """A measure for each rule."""
    for rule in rules:
        yield Measure(
            name=f"rule_{rule.name}",
            title=capital(rule.title),
            group=f"Unsuitable: {rule.question.value}",
            why=f"{capital(rule.what)}. {rule.do}",
            population=on_medicine(rule.medicines),
            among_them=rule.when,
            fewer_is_better=True,
            source=rule.source,
        )
