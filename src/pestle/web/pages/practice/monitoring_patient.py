"""One patient's monitoring: each test with its rule and results, the round, and what was settled and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.checks.known.monitoring import Evidence
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.practice.monitoring import Baseline, BaselineState, Reading, TestLine, baseline
from pestle.pharmacy.practice.monitoring_round import not_requested
from pestle.pharmacy.practice.monitoring_round import words as next_words
from pestle.pharmacy.practice.monitoring_workflows import MAY_DECIDE, MAY_PROPOSE, ROUNDS, TEAM
from pestle.pharmacy.practice.on_medicine import Left, Membership, OnMedicine
from pestle.pharmacy.practice.review_pack import current
from pestle.pharmacy.practice.shortened_issue import Decision
from pestle.pharmacy.record.medication import MedicationOrder
from pestle.pharmacy.record.moment import partial_date
from pestle.pharmacy.record.result import number as plain_number
from pestle.pharmacy.record.result import said
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.pharmacy.worklist.workflow import can
from pestle.web.actions import monitoring as actions
from pestle.web.actions import short_issues as short_actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.patients import patient_here
from pestle.web.pages.practice.monitoring import STATES
from pestle.web.store import models, monitoring, monitoring_rounds, patients, short_issues
from pestle.web.store.knowledge import knowledge, monitoring_policy
from pestle.web.store.monitoring import Seen

_FIELDS = (
    "what", "way", "words", "kind", "taken", "where", "reason", "number", "unit", "until", "group", "started",
    "left", "order", "days", "decision", "look_again", "issue",
)  # fmt: skip
_BASELINE = {
    BaselineState.DONE: ("done", "✓", "Done before the start"),
    BaselineState.LATER: ("note", "●", "Only after the start"),
    BaselineState.NONE: ("interrupt", "◆", "None on file"),
    BaselineState.CANNOT_TELL: ("unknown", "○", "Cannot tell"),
}
_DONE = {
    "arrange": "The tests are on the list to be requested.",
    "invite": "The invitation is made: print it, or send the message.",
    "invite_again": "The second invitation is made: print it, or send the message.",
    "escalate": "A pharmacist or prescriber has it as a task.",
    "decide": "Decided, and on record.",
    "elsewhere": "On record as done elsewhere.",
    "interval": "The patient’s own interval holds.",
    "end_interval": "The rules hold again.",
    "start": "The start is on record.",
    "leave": "Off the list, with the reason.",
    "put_back": "On the list again.",
    "propose": "Proposed: a pharmacist or prescriber decides.",
    "decide_short": "Decided; whoever makes the issue has it as a task.",
    "withdraw": "Withdrawn.",
}
LEFT_CHOICES = tuple((left.value, left.words) for left in (Left.STOPPED, Left.MOVED, Left.DECIDED))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """The page; a POST does what its button says."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _show(request, bench, row)
    what = request.POST.get("what", "")
    outcome, refusals = attempt(lambda: _act(request, bench, row, what))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals)
    messages.success(request, _DONE[what])
    return SeeOther(reverse("monitoring-patient", kwargs={"patient_id": row.pk}))


def _act(request: HttpRequest, bench: Bench, row: models.Patient, what: str) -> Outcome:
    form = request.POST
    own: dict[str, Any] = {"by": bench.person, "now": bench.now, "key": key_of(request)}
    given = {**own, "patient_id": row.pk}
    issue = {**own, "issue_id": number(form.get("issue", "")) or 0, "reason": form.get("reason", "")}
    days = number(form.get("days", "").strip())
    acts: dict[str, Callable[[], Outcome]] = {
        "arrange": lambda: actions.arrange(**given),
        "invite": lambda: actions.invite(**given, again=False, way=form.get("way", "")),
        "invite_again": lambda: actions.invite(**given, again=True, way=form.get("way", "")),
        "escalate": lambda: actions.escalate(**given, words=form.get("words", "")),
        "decide": lambda: actions.decide(
            **given, words=form.get("words", ""),
            look_again=day_or_none(form.get("look_again", ""), place="look again"),
        ),
        "elsewhere": lambda: actions.done_elsewhere(
            **given, kind=form.get("kind", ""), taken=form.get("taken", ""), where=form.get("where", ""),
            reason=form.get("reason", ""),
        ),
        "interval": lambda: actions.settle_interval(
            **given, kind=form.get("kind", ""), number=number(form.get("number", "").strip()),
            unit=form.get("unit", ""), until=day_or_none(form.get("until", ""), place="until"),
            reason=form.get("reason", ""),
        ),
        "end_interval": lambda: actions.end_interval(
            **given, kind=form.get("kind", ""), reason=form.get("reason", "")
        ),
        "start": lambda: actions.settle_start(
            **given, group=form.get("group", ""), started=form.get("started", ""),
            reason=form.get("reason", ""),
        ),
        "leave": lambda: actions.leave(
            **given, group=form.get("group", ""), left=form.get("left", ""), words=form.get("reason", "")
        ),
        "put_back": lambda: actions.put_back(
            **given, group=form.get("group", ""), words=form.get("reason", "")
        ),
        "propose": lambda: short_actions.propose(
            **given, order=form.get("order", ""), days=days, reason=form.get("reason", "")
        ),
        "decide_short": lambda: short_actions.decide(**issue, decision=form.get("decision", ""), days=days),
        "withdraw": lambda: short_actions.withdraw(**issue),
    }  # fmt: skip
    if what not in acts:
        raise refuse("monitoring.no-such-step", "Monitoring has no such step")
    return acts[what]()


def _show(
    request: HttpRequest, bench: Bench, row: models.Patient, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    found = monitoring.seen(row, now=bench.now)
    state, standing = found.monitored, found.round
    task = monitoring_rounds.task(standing)
    may = {verb: can(ROUNDS, task, verb, by=bench.person, now=bench.now)
           for verb in ("arrange", "invite", "invite_again", "escalate", "decide")}  # fmt: skip
    more = not_requested(monitoring.round_of(standing), state.tests)
    issues = short_issues.of_patient(row)
    proposed = {each.order for each in issues if short_issues.state(each) == "proposed"}
    return page(
        request, "practice/monitoring_patient.jinja", bench, section="monitoring",
        status=422 if refusals else 200, refusals=refusals, row=row,
        typed={name: request.POST.get(name, "") for name in _FIELDS},
        patient=patients.value(row), allergies=patients.allergy_record(row),
        tests=[_test(each, row, bench.today) for each in state.tests], out=state.out, unjudged=state.unjudged,
        unmatched=state.unmatched, medicines=[_medicine(each, found) for each in state.medicines],
        round=standing, step=ROUNDS.step(task.step).title, may=may,
        more=[each.observable.title for each in more],
        next=next_words(found.next.verb), next_on=found.next.on, verb=found.next.verb,
        may_team=bench.person.has(*TEAM), may_decide=bench.person.has(*MAY_DECIDE),
        orders=_orders(found, proposed) if bench.person.has(*MAY_PROPOSE) else [],
        issues=[_issue(each, bench) for each in issues],
        decisions=[(one.value, one.words) for one in Decision],
        kinds=[(each.observable.name, each.observable.title) for each in state.tests],
        left_choices=LEFT_CHOICES, policy=monitoring_policy(), story=_story(row),
    )  # fmt: skip


def _test(each: TestLine, row: models.Patient, on: date) -> dict[str, Any]:
    tone, shape = STATES[each.state]
    observation = each.last.observation if each.last else None
    return {
        "name": each.observable.name, "title": each.observable.title, "tone": tone, "shape": shape,
        "word": each.state.words, "by_when": each.by_when(on=on),
        "last": each.last.taken.words if each.last and each.last.taken else "",
        "elsewhere": observation.note if each.elsewhere and observation else "",
        "rule": each.rule, "also": each.also, "missing": each.missing,
        "readings": [_reading(one, row) for one in each.readings],
        "own": each.rule is not None and each.rule.whose.startswith("settled by"),
    }  # fmt: skip


def _reading(one: Reading, row: models.Patient) -> dict[str, Any]:
    change, before = one.change, one.before
    moved = ""
    if change is not None and before is not None:
        sign = "up" if change > 0 else "down" if change < 0 else "no change"
        by = f" {plain_number(abs(change))}" if change else ""
        share = f" ({round(abs(one.per_cent))} %)" if change and one.per_cent is not None else ""
        moved = f"{sign}{by}{share} since {before.taken.words}"
    return {
        "said": said(one.result), "taken": one.result.taken.words, "moved": moved,
        "outside": one.outside,
        "href": reverse("patient-results", kwargs={"patient_id": row.pk, "kind": one.observable.name}),
    }  # fmt: skip


def _medicine(each: OnMedicine, found: Seen) -> dict[str, Any]:
    off = each.membership is Membership.OFF
    before = () if off else baseline(each, knowledge().monitoring, found.day)
    return {
        "group": each.group.name, "title": each.group.title, "name": each.medication.name,
        "membership": each.membership.words, "off": off, "because": each.because, "start": each.start,
        "left": each.left.words if each.left else "", "decided": each.left in (Left.STOPPED, Left.DECIDED),
        "never_interrupted": each.never_interrupted, "baseline": [_before(one) for one in before],
        "by_hand": each.group.by_hand, "source": each.group.source,
        "weak": sum(test.evidence is not Evidence.READ for test in each.group.tests),
    }  # fmt: skip


def _before(one: Baseline) -> tuple[str, ...]:
    taken = one.result.taken.words if one.result is not None and one.result.taken else ""
    return (one.observable.title, *_BASELINE[one.state], taken)


def _orders(found: Seen, proposed: set[str]) -> list[tuple[str, str]]:
    """The orders of which a short issue may be proposed."""
    have = (each for each in current(found.day.record, on=found.on) if isinstance(each, MedicationOrder))
    late = [each for each in have if short_actions.late_for(each, found)]
    return [(each.id, each.medication.name) for each in late if each.id not in proposed]


def _issue(each: models.ShortIssue, bench: Bench) -> dict[str, Any]:
    state = short_issues.state(each)
    end = getattr(each, "end", None)
    told = ""
    if end is not None and end.verb == "decide":
        told = Decision(end.decision).words + (f" of {end.days} days" if end.days else "")
    return {
        "row": each, "state": state, "told": told, "end": end,
        "may_decide": state == "proposed" and bench.person.has(*MAY_DECIDE),
        "may_withdraw": state == "proposed" and bench.person.has(*MAY_PROPOSE),
    }  # fmt: skip


def _story(row: models.Patient) -> list[dict[str, Any]]:
    """What was done, the newest first: the rounds, what was settled, who left the list."""
    rounds = models.MonitoringEvent.objects.filter(round__patient=row).select_related("by")
    found = [_round_event(event) for event in rounds]
    found += [
        _event(plan.at, plan.by.full_name, _planned(plan), plan.reason)
        for plan in row.monitoring_plans.select_related("by")
    ]
    found += [
        _event(gone.at, gone.by.full_name,
               f"put {gone.group} on the list again" if gone.back else f"took {gone.group} off the list",
               gone.words)
        for gone in row.monitoring_leavings.select_related("by")
    ]  # fmt: skip
    return sorted(found, key=lambda each: each["at"], reverse=True)


def _round_event(event: models.MonitoringEvent) -> dict[str, Any]:
    past = next(each.past for each in ROUNDS.transitions if each.verb == event.verb)
    way = {"": "", "letter": "by letter", "text": "by text message"}[event.way]
    tests = "; ".join(each["test"] for each in event.said["tests"]) if event.verb == "arrange" else ""
    detail = ": ".join(filter(None, (way, tests or event.words)))
    return _event(event.at, event.by.full_name, f"{past} the patient", detail)


def _planned(plan: models.MonitoringPlan) -> str:
    if plan.ended:
        return f"ended the patient’s own interval of {plan.name}"
    if plan.kind == "start":
        began = partial_date(plan.started, place="started").words
        return f"settled that {plan.name} began {began}"
    every = Span(plan.number or 0, SpanUnit(plan.unit))
    return f"settled {plan.name} every {every} until {plan.until:%d-%b-%Y}"


def _event(at: Any, who: str, what: str, detail: str) -> dict[str, Any]:
    return {"at": at, "who": who, "what": what, "detail": detail, "kind": "done", "href": ""}
