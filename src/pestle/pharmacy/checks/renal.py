"""Do the kidneys work well enough for it, and for so much of it?

The kidneys are judged as each rule says: by the eGFR that the laboratory reported, or by the creatinine
clearance, worked out from the latest creatinine and weight that still count (Cockcroft-Gault, the weight that
the rule names, the country's constants), else as it was reported; see `kidneys`. The finding says which, with
the numbers put in. A result such as “> 60” counts where it can lie. The rules are those of adults; for
children, and where a result, the weight or the dose is missing, it is *not assessed*.

Source: the definitions ``renal/*.yaml``, which each finding names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pestle.pharmacy.checks.asked import Asked, asked
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.dosed import Total, a_day, others, says
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact
from pestle.pharmacy.checks.kidneys import Kidneys, kidneys
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.renal import Band, Measure, RenalRule
from pestle.pharmacy.record.record import Record

CHECK = "renal"
TITLE = "Do the kidneys work well enough for it?"

_ADULT = 18 * 12
_ORDER = list(Severity)


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """A finding for each line and rule whose band the kidneys lie in."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    found: dict[tuple[str, str | None], Finding] = {}
    for line in case.lines:
        if line.local:
            continue
        for substance in sorted(line.substances):
            for rule in knowledge.renal.get(substance, ()):
                for each in _judged(line, substance, rule, case):
                    found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _judged(
    line: Holding,
    substance: str,
    rule: RenalRule,
    case: Asked,
) -> Iterator[Finding]:
    how = _how_well(rule, case)
    if isinstance(how, str):
        yield _cannot(line, rule, how)
        return
    bands = [band for band in rule.bands if band.country in (None, case.knowledge.country) and _in(how, band)]
    if not bands:
        return
    mine = [each for each in case.lines if substance in each.substances and not each.local]
    total = a_day(mine, others(substance, mine, case.at_hand or ()), substance, rule.unit, case)
    for band in sorted(bands, key=lambda band: (_ORDER.index(band.severity), band.amount or 0)):
        if band.speaks_of(total.value):
            yield _finding(line, substance, rule, band, how, total)
            return
    if total.missing:
        yield _cannot(line, rule, "; ".join(sorted(set(total.missing))), how)


def _how_well(rule: RenalRule, case: Asked) -> Kidneys | str:
    person = case.person
    if person.months is None:
        return "The patient’s age is not known"
    if person.months < _ADULT:
        return "The patient is under 18, and the rule is for adults"
    return kidneys(rule.measure, person, country=case.knowledge.country, weight=rule.weight)


def _in(how: Kidneys, band: Band) -> bool:
    """Whether the kidneys can lie in the band."""
    if band.above is not None:
        return how.compare(band.above).above
    assert band.below is not None
    if band.least is not None:
        low = how.compare(band.least)
        if not (low.equal or low.above):
            return False
    return how.compare(band.below).below


def _finding(
    line: Holding, substance: str, rule: RenalRule, band: Band, how: Kidneys, total: Total
) -> Finding:
    amounts: tuple[Fact, ...] = ()
    if band.amount is not None:
        amounts = tuple(says(held, amount, rule.unit, "a day") for held, amount in total.parts)
    return finding(
        CHECK,
        band.severity,
        rule="band",
        about=(line.said,),
        what=f"{line.name}: {how.words}. {band.says}",
        do=band.do,
        source=rule.source,
        why=tuple(dict.fromkeys((fact(line), *how.because, *amounts))),
    )


def _cannot(line: Holding, rule: RenalRule, because: str, how: Kidneys | None = None) -> Finding:
    measure = "eGFR" if rule.measure is Measure.EGFR else "creatinine clearance"
    return not_assessed(
        CHECK,
        rule="band",
        about=(line.said,),
        what=f"{line.name}: whether the kidneys allow it, and this dose, was not checked ({measure})",
        because=because,
        do="Find out what is missing; without it, refer to a pharmacist.",
        source=rule.source,
        why=how.because if how else (),
    )
