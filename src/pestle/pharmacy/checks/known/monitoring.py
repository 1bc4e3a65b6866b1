"""Which tests does a medicine need, how often, and from which value on must somebody act?

Kind: monitoring (``monitoring/*.yaml``), one file a medicine or group. Each test and each limit keeps its own
source and evidence: whether its figure was read there, taken from a text that quotes it, or recalled. What
depends on something that no record says (a diagnosis made elsewhere, a wish of a specialist) stands as words
in `by_hand`, and is never reckoned with. Kind: monitoring_baseline, the one length of time that the sources
leave open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.criteria import fields
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.by_medicine import ByMedicine, by_medicine
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.nodes import Criterion, Kidneys
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.criteria.read_lists import NARROWED
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.record.observable import Observable

KINDS = {
    "monitoring": frozenset({"medicines", "tests", "limits", "by_hand"}) | NARROWED,
    "monitoring_baseline": frozenset({"within"}),
}
# DOACs: below a clearance of 60 mL/min every (clearance / 10) months; a month is 30 days here.
OFTEN_BELOW, DAYS_PER_ML = 60, 3
# Every limit asks for a result of the last year; an older one is a test that is due.
LOOKS_BACK = Span(12, SpanUnit.MONTHS)
_TEST = frozenset({"of", "phase", "every", "after", "for", "when", "says", "evidence", "from", "note"})
_LIMIT = frozenset({"of", "when", "starting", "severity", "do", "says", "evidence", "from", "note"})


class Phase(Enum):
    """When a test is asked for: before starting, once after the start, again and again, by the clearance."""

    BASELINE = "baseline"
    ONCE = "once"
    REPEATED = "repeated"
    BY_CLEARANCE = "by_clearance"


class Evidence(Enum):
    """How the figure came here."""

    READ = "read"
    SECONDARY = "secondary"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Test:
    """A test; `after` and `lasts` bound the time on treatment in which it is asked for."""

    observable: Observable
    phase: Phase
    every: Span | None
    after: Span | None
    lasts: Span | None
    when: Criterion | None
    says: str
    evidence: Evidence
    told_by: str


@dataclass(frozen=True, slots=True)
class Limit:
    """What must be done when a condition on a result holds. Of those with the same `of`, the worst stands
    first, and only the first that holds is told. `starting`: before the first supply only."""

    of: Observable
    when: Criterion
    starting: bool
    severity: Severity
    do: str
    says: str
    evidence: Evidence
    told_by: str


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What one medicine or group needs: `tests`, those asked for most often first, and `limits`.

    `by_hand` are the rules that no record can answer.
    """

    name: str
    title: str
    medicines: MedicineList
    tests: tuple[Test, ...]
    limits: tuple[Limit, ...]
    by_hand: tuple[str, ...]
    source: Source

    def asks_for(self, kind: Observable) -> bool:
        """Whether one of its tests is of this kind, by itself or in a panel."""
        return any(
            kind.name == each.name
            for test in self.tests
            for each in (test.observable, *test.observable.panel)
        )


@dataclass(frozen=True, slots=True)
class MonitoringKnowledge:
    """What the monitoring check knows. A baseline counts when it is not older than `baseline`; `kidneys` are
    the kinds of result by which a clearance is known."""

    groups: ByMedicine[Monitoring]
    baseline: Span
    kidneys: Kidneys


def names(files: Definitions) -> list[str]:
    """Every ingredient that these definitions name."""
    return criteria.ingredients_within(files.of("monitoring"))


def read(files: Definitions, terms: Terms) -> MonitoringKnowledge:
    """What these definitions say."""
    common = files.only("monitoring_baseline")
    return MonitoringKnowledge(
        groups=by_medicine(_group(file, terms) for file in files.of("monitoring")),
        baseline=fields.span(common, "within"),
        kidneys=terms.kidneys(common),
    )


def _group(file: Definition, terms: Terms) -> Monitoring:
    return Monitoring(
        name=file.name,
        title=file.title,
        medicines=criteria.medicines(file, "medicines", terms=terms),
        tests=tuple(
            sorted(
                (test for entry in d.entries(file, "tests", fields=_TEST) for test in _tests(entry, terms)),
                key=_strictest,
            )
        ),
        limits=tuple(_limit(entry, terms) for entry in d.entries(file, "limits", fields=_LIMIT)),
        by_hand=d.texts(file, "by_hand", empty=True),
        source=file.source,
    )


def _strictest(test: Test) -> tuple[bool, int, str]:
    every = test.every
    if every is None:
        return test.phase is not Phase.BY_CLEARANCE, 0, test.says
    return False, every.number * (30 if every.unit is SpanUnit.MONTHS else 1), test.says


def _tests(entry: Definition, terms: Terms) -> list[Test]:
    phase = d.choice(entry, "phase", {each.value: each for each in Phase})
    every = fields.span(entry, "every") if "every" in entry.body else None
    if (every is not None) != (phase in (Phase.ONCE, Phase.REPEATED)):
        raise d.wrong(entry, "every", "is said of what is done once or repeated, and of nothing else")
    return [
        Test(
            observable=_observable(entry, "of", name, terms),
            phase=phase,
            every=every,
            after=fields.span(entry, "after") if "after" in entry.body else None,
            lasts=fields.span(entry, "for") if "for" in entry.body else None,
            when=criteria.read(entry, "when", terms=terms) if "when" in entry.body else None,
            says=d.text(entry, "says"),
            evidence=_evidence(entry),
            told_by=d.text(entry, "from"),
        )
        for name in d.texts(entry, "of")
    ]


def _limit(entry: Definition, terms: Terms) -> Limit:
    severity = d.choice(entry, "severity", LEVELS)
    if severity is None:
        raise d.wrong(entry, "severity", "is hard_stop, interrupt or note")
    return Limit(
        of=_observable(entry, "of", d.text(entry, "of"), terms),
        when=criteria.read(entry, "when", terms=terms),
        starting=d.flag(entry, "starting"),
        severity=severity,
        do=d.text(entry, "do"),
        says=d.text(entry, "says"),
        evidence=_evidence(entry),
        told_by=d.text(entry, "from"),
    )


def _evidence(entry: Definition) -> Evidence:
    return d.choice(entry, "evidence", {each.value: each for each in Evidence})


def _observable(entry: Definition, field: str, name: str, terms: Terms) -> Observable:
    if name not in terms.observables:
        raise d.wrong(entry, field, f"names a kind of result; there is no “{name}”")
    return terms.observables[name]
