"""Does the medicine suit the patient's age, pregnancy and conditions, and is what belongs beside it there?

Four checks of one make: each asks the rules of its question (``rule/*.yaml``) of every line. A rule that
nobody can tell for want of a fact is *not assessed*, once for each set of missing facts: ten rules and
four lines that need one answer ask for it once.
"""

from __future__ import annotations

from datetime import date
from functools import partial

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import PESTLE, Proposed, ProposedLine, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Finding
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.rule import Question, Rule
from pestle.pharmacy.criteria.answer import Answer, Missing, Verdict
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.record.record import Record

TITLES = {
    Question.AGE: "Is it right for the patient’s age?",
    Question.PREGNANCY: "Is it safe in pregnancy and breast-feeding?",
    Question.CONDITION: "Is it safe with what the patient has?",
    Question.COMPANION: "Is what should go with it there?",
}


def assess(
    question: Question, proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date
) -> Assessment:
    """Findings for each line by the rules of one question."""
    day = asked(proposed, record, knowledge=knowledge, on=on).day
    found: list[Finding] = []
    open_: dict[tuple[Missing, ...], list[tuple[ProposedLine, Rule]]] = {}
    for line in proposed.lines:
        unlisted = False
        for rule in knowledge.rules.about(day.described(line.medication).holds):
            if rule.question is not question:
                continue
            on_list = day.is_on(rule.medicines, line.medication)
            if on_list is False:
                continue
            told = answer(rule.when, day)
            if told.verdict is Verdict.OUT:
                continue
            if on_list is None:
                unlisted = True
            elif told.verdict is Verdict.IN:
                found.append(_finding(question, line, rule, told))
            else:
                open_.setdefault(told.missing, []).append((line, rule))
        if unlisted:
            found.append(_unlisted(question, line))
    found += [_missing(question, several, missing) for missing, several in open_.items()]
    return Assessment(question.value, TITLES[question], tuple({(e.key, e.line): e for e in found}.values()))


ASSESS = {question: partial(assess, question) for question in Question}


def _finding(question: Question, line: ProposedLine, rule: Rule, told: Answer) -> Finding:
    return finding(
        question.value,
        rule.severity,
        rule=rule.name,
        about=(line,),
        what=f"{line.medication.name}: {rule.what}",
        do=rule.do,
        source=rule.source,
        why=told.facts,
    )


def _unlisted(question: Question, line: ProposedLine) -> Finding:
    matched = line.medication.product is not None
    because = "its ingredients or routes are not known" if matched else "it is not matched to a product"
    return not_assessed(
        question.value,
        rule="medicine",
        about=(line,),
        what=f"{line.medication.name} was not asked: {TITLES[question]}",
        because=f"For {line.medication.name}, {because}",
        do="Match the line to a product whose ingredients and routes are known, or look it up by hand.",
    )


def _missing(
    question: Question, several: list[tuple[ProposedLine, Rule]], missing: tuple[Missing, ...]
) -> Finding:
    lines = {line.line: line for line, _ in several}
    titles = sorted({rule.title for _, rule in several})
    names = sorted({line.medication.name for line in lines.values()})
    sources = {rule.source for _, rule in several}
    return not_assessed(
        question.value,
        rule="missing",
        about=tuple(lines.values()),
        what=f"{', '.join(names)}: not checked for {'; '.join(titles)}",
        because="; ".join(gap.what for gap in missing),
        do=" ".join(dict.fromkeys(gap.would_help for gap in missing)),
        # Where several rules ask, only the gap is common to them, and no source is that of all.
        source=sources.pop() if len(sources) == 1 else PESTLE,
    )
