"""Who is on a medicine and lacks a test that it asks for, or has a result out of its limits?

Made from the definitions by which the monitoring check works (``monitoring/*.yaml``), by one rule for all
of them, so that a measure and the check cannot part: a measure for each group of medicines and each kind of
test. It is asked of those who are on the medicine today, and for whom the test is due by now.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from pestle.pharmacy.checks.known.monitoring import (
    DAYS_PER_ML,
    LOOKS_BACK,
    OFTEN_BELOW,
    Limit,
    Monitoring,
    MonitoringKnowledge,
    Phase,
    Test,
)
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.span import EVER, Span, SpanUnit, Window
from pestle.pharmacy.measures.measure import Measure

# Who was issued a medicine so long ago or later is on it, however long that supply lasts.
STILL = Span(3, SpanUnit.MONTHS)


def on_medicine(listed: MedicineList) -> n.Criterion:
    """The patient lives, and is on one of these medicines."""
    return n.AllOf((n.Alive(), n.Taking(listed, or_issued=STILL)))


def measures(known: MonitoringKnowledge) -> Iterator[Measure]:
    """The measures of every group: tests overdue, results out of limits, baselines that are missing."""
    for group in known.groups.all:
        later = [test for test in group.tests if test.phase is not Phase.BASELINE]
        for name in dict.fromkeys(test.observable.name for test in later):
            yield _overdue(group, [test for test in later if test.observable.name == name], known)
        limits = [limit for limit in group.limits if not limit.starting]
        for name in dict.fromkeys(limit.of.name for limit in limits):
            yield _out_of_limits(group, [limit for limit in limits if limit.of.name == name])
        for test in group.tests:
            if test.phase is Phase.BASELINE:
                yield _baseline(group, test, known)


def _overdue(group: Monitoring, tests: list[Test], known: MonitoringKnowledge) -> Measure:
    asked = [(_asked(test, group, known), _absent(test, group, known)) for test in tests]
    return Measure(
        name=f"monitoring_{group.name}_{tests[0].observable.name}",
        title=f"{capital(group.title)}: {tests[0].observable.title} overdue",
        group="Monitoring: overdue",
        why=f"{capital(_said(tests))}. A test that is not on file may have been done elsewhere: confirm it.",
        population=n.AllOf((on_medicine(group.medicines), n.AnyOf(tuple(when for when, _ in asked)))),
        among_them=n.AnyOf(tuple(n.AllOf((when, absent)) for when, absent in asked)),
        fewer_is_better=True,
        source=group.source,
    )


def _asked(test: Test, group: Monitoring, known: MonitoringKnowledge) -> n.Criterion:
    """Whether the test is asked for by now: by the time on treatment, and where something else holds."""
    begun = [each for each in (test.every, test.after) if each is not None]
    parts: list[n.Criterion] = [n.Issued(group.medicines, Window(None, each)) for each in begun]
    if test.lasts is not None:
        parts.append(n.Not(n.Issued(group.medicines, Window(None, test.lasts))))
    if test.phase is Phase.BY_CLEARANCE:
        parts.append(n.ClearanceIs(known.kidneys, n.Comparison.BELOW, Fraction(OFTEN_BELOW)))
    if test.when is not None:
        parts.append(test.when)
    return n.AllOf(tuple(parts))


def _absent(test: Test, group: Monitoring, known: MonitoringKnowledge) -> n.Criterion:
    kinds = (test.observable,)
    if test.phase is Phase.BY_CLEARANCE:
        return n.Not(n.TestedByClearance(known.kidneys, kinds, DAYS_PER_ML))
    if test.phase is Phase.ONCE:
        return n.Not(n.TestedAtStart(kinds, group.medicines))
    assert test.every is not None
    return n.Not(n.Tested(kinds, Window(test.every)))


def _out_of_limits(group: Monitoring, limits: list[Limit]) -> Measure:
    """Of those with a result of the last year; who has none is told by the test that is overdue."""
    measured = n.Tested((limits[0].of,), Window(LOOKS_BACK))
    return Measure(
        name=f"monitoring_{group.name}_{limits[0].of.name}_limit",
        title=f"{capital(group.title)}: {limits[0].of.title} out of its limits",
        group="Monitoring: out of limits",
        why="; ".join(f"{each.says} ({each.evidence.value}): {each.do}" for each in limits),
        population=n.AllOf((on_medicine(group.medicines), measured)),
        among_them=n.AnyOf(tuple(limit.when for limit in limits)),
        fewer_is_better=True,
        source=group.source,
    )


def _baseline(group: Monitoring, test: Test, known: MonitoringKnowledge) -> Measure:
    """Of those who began as lately as a baseline may be old: later nobody asks for it any more."""
    begun = n.AllOf((
        n.Issued(group.medicines, EVER), n.Not(n.Issued(group.medicines, Window(None, known.baseline))),
    ))  # fmt: skip
    parts = (on_medicine(group.medicines), begun, *((test.when,) if test.when is not None else ()))
    return Measure(
        name=f"monitoring_{group.name}_{test.observable.name}_baseline",
        title=f"{capital(group.title)}: begun without {test.observable.title}",
        group="Monitoring: baseline",
        why=f"{capital(_said([test]))}; here: in the {known.baseline} before.",
        population=n.AllOf(parts),
        among_them=n.Not(n.TestedAtStart((test.observable,), group.medicines, known.baseline)),
        fewer_is_better=True,
        source=group.source,
    )


def _said(tests: list[Test]) -> str:
    return "; ".join(dict.fromkeys(f"{each.says} ({each.evidence.value}: {each.told_by})" for each in tests))


def capital(words: str) -> str:
    """The words with a capital at the head."""
    return words[:1].upper() + words[1:]
