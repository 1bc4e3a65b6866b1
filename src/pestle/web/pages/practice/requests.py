"""Requests for repeats: who waits, a new one, and one patient's lines with all that decides them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.monitoring import CHECK as MONITORING
from pestle.pharmacy.dosage.supply import Daily, daily_amount
from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.next_issue import check_prepared, to_prepare
from pestle.pharmacy.practice.repeats import (
    Makeup,
    Supply,
    common_day,
    days_left,
    early_by,
    makeup,
    ordering,
)
from pestle.pharmacy.practice.request import (
    CLINICAL_ROLES,
    PREPARED,
    REQUESTS,
    WAITING,
    From,
    Way,
    decides,
)
from pestle.pharmacy.practice.shortened_issue import Decision
from pestle.pharmacy.quantity import decimal
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.query import Asked, asked_at
from pestle.web.actions import requests as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages import words
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, numbers, page
from pestle.web.pages.dates import in_field, moment_of
from pestle.web.pages.next_task import SeeOther, name_of
from pestle.web.pages.patients import patient_here
from pestle.web.pages.practice.light_view import light_of
from pestle.web.pages.practice.medicines import row_of
from pestle.web.pages.walls import only_requests
from pestle.web.store import (
    controlled_lines,
    medicines_list,
    models,
    patients,
    practice_checks,
    requests,
    short_issues,
    supplies,
    traffic_lights,
)
from pestle.web.store.knowledge import knowledge
from pestle.web.store.ordering import policy as ordering_policy

TONES = {
    "waiting": ("interrupt", "◆"), "clinical": ("interrupt", "◆"), "asked": ("note", "●"),
    "prepared": ("done", "✓"),
}  # fmt: skip
MOST_FOUND = 20
# Which field holds the words of a verb, and what they say: what was written for one verb is never used for
# another.
WORDS = {
    "prepare": ("reason", "why it is issued"), "back": ("back_words", "your answer"),
    "refuse": ("refuse_words", "why it is refused"), "pass_on": ("pass_words", "what is to be decided"),
    "ask": ("ask_words", "what is asked"),
}  # fmt: skip


@require_http_methods(["GET"])
def index(request: HttpRequest) -> HttpResponse:
    """The patients of whom something is asked, the longest waiting first."""
    bench = at_bench(request)
    found = requests.people(bench.site.pk)
    at = number(request.GET.get("page", "")) or 1
    several = list(found[(at - 1) * requests.PAGE : at * requests.PAGE + 1])
    reception = only_requests(SiteKind(bench.site.kind), bench.person)
    return page(
        request, "practice/requests.jinja", bench, section="practice-requests",
        rows=[_person(one, reception) for one in several[: requests.PAGE]],
        counts=requests.counts(bench.site.pk), reception=reception,
        before=f"?page={at - 1}" if at > 1 else "",
        after=f"?page={at + 1}" if len(several) > requests.PAGE else "",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """A new request: a patient is found by name or number, then what is asked for is ticked or written."""
    bench = at_bench(request)
    text = request.POST.get("text", "").strip()[:200]
    chosen = request.POST.get("patient", "") or request.GET.get("patient", "")
    if not chosen:
        found = supplies.meant(bench.site.pk, text)[0][:MOST_FOUND] if text else []
        return page(
            request, "practice/ask.jinja", bench, section="practice-requests", row=None, text=text,
            found=[_found(one) for one in found],
        )  # fmt: skip
    row = patient_here(bench, number(chosen) or 0)
    if request.method == "GET" or request.POST.get("what") != "ask":
        return _ask_page(request, bench, row)
    outcome, refusals = attempt(lambda: _ask(request, bench, row))
    if outcome is None:
        return _ask_page(request, bench, row, refusals=refusals)
    messages.success(request, f"Written down for {name_of(row)}.")
    return SeeOther(reverse("practice-requests"))


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, patient_id: int) -> HttpResponse:
    """What is asked for of a patient, a line a row; a POST does one verb to what is ticked."""
    bench = at_bench(request)
    row = patient_here(bench, patient_id)
    if request.method == "GET":
        return _show(request, bench, row)
    if request.POST.get("what") == "mean":
        outcome, refusals = attempt(lambda: _mean(request, bench))
        if outcome is None:
            return _show(request, bench, row, refusals=refusals)
        return SeeOther(reverse("practice-request", kwargs={"patient_id": row.pk}))
    outcome, refusals = attempt(lambda: _step(request, bench, row))
    if outcome is None:
        return _show(request, bench, row, refusals=refusals)
    return _onward(request, bench, row, len(outcome.result["lines"]))


def _onward(request: HttpRequest, bench: Bench, row: models.Patient, done: int) -> HttpResponse:
    """Back to the patient while something is left for this person; else to the one who waits longest."""
    said, states = f"{name_of(row)}: {words.count(done, 'line')} done.", decides(bench.person)
    following = requests.next_waiting(bench.site.pk, states=states, of=row.pk)
    if following is None:
        messages.success(request, f"{said} Nobody else waits here.")
        return SeeOther(reverse("practice-requests"))
    if following.pk != row.pk:
        said += f" Next: {name_of(following)}."
    messages.success(request, said)
    return SeeOther(reverse("practice-request", kwargs={"patient_id": following.pk}))


def seen_lines(request: HttpRequest) -> list[actions.Seen]:
    """The lines that were ticked, each with the version that the page showed."""
    found = []
    for text in request.POST.getlist("line"):
        line, _, version = text.partition(":")
        if (pk := number(line)) is not None:
            found.append(actions.Seen(pk, number(version) or 0))
    return found


def line_rows(
    lines: list[models.RequestLine], bench: Bench, *, checked: models.Patient | None = None
) -> list[dict[str, Any]]:
    """Lines as a page shows them: what was issued last, how early, what is left, what was said of the next
    issue, and what would align it with the others of its patient; with `checked`, who is the patient of all
    of them, also what the checks say. `ready`: nothing stands in its way. Without `checked`, the queries grow
    with the proposals of short issues only."""
    listed = {one.listed_id: medicines_list.value(one.listed) for one in lines if one.listed}
    issued = requests.supplies([pk for pk in listed if pk], on=bench.today)
    lights = traffic_lights.of_lines(bench.site.pk, listed.values())
    found = (
        practice_checks.assess(checked, list(listed.values()), now=bench.now) if checked and listed else {}
    )
    ends: dict[int, date] = {}
    together: dict[int, list[date]] = defaultdict(list)
    for one in lines:
        several = issued.get(one.listed_id or 0, [])
        left = days_left(several[-1] if several else None, on=bench.today)
        if one.listed_id is not None and left is not None:
            ends[one.listed_id] = bench.today + timedelta(days=left)
            together[one.patient_id].append(ends[one.listed_id])
    until = {patient: common_day(days, on=bench.today) for patient, days in together.items()}
    said = short_issues.of_lines(lines, now=bench.now)
    answers = requests.answers(lines)
    rows = []
    for one in lines:
        line = listed.get(one.listed_id)
        tone, shape = TONES.get(one.state, ("unknown", "○"))
        base: dict[str, Any] = {
            "id": one.pk, "version": one.version, "text": one.text, "state": REQUESTS.step(one.state).title,
            "tone": tone, "shape": shape, "code": one.state, "reason": one.reason,
            "said": one.said, "doubt": one.doubt, "asked_by": _asked_by(one.request),
            "at": one.at, "line": None, "ready": False, "drug": None,
            "amount": f"{one.quantity} {one.unit}".strip(),
            "query": reverse("query", kwargs={"query_id": one.query_id}) if one.query_id else "",
            "answer": answers.get(one.query_id or 0),
        }  # fmt: skip
        if line is not None:
            several = issued.get(line.id, [])
            base["line"] = row_of(line, bench) | {"light": light_of(lights[line.id])}
            base |= _issues(several, bench) | _checks(found.get(line.order.id, []))
            told = said.get(line.id, short_issues.NOTHING)
            base |= _next_issue(one, line, told) | {"drug": _drug(one, bench)}
            usual = told.decided is None or told.decided.decision is Decision.AS_USUAL
            base["align"] = (
                _align(line.order.request.dosage, ends.get(line.id), until.get(one.patient_id))
                if usual
                else None
            )
            base["ready"] = one.state == WAITING and not any(
                (base["early"], base["line"]["why_not"], base["stops"], base["findings"], one.doubt)
            )
        rows.append(base)
    return rows


def _asked_by(request: models.RepeatRequest) -> str:
    """Who asked, by name, how, and what else they said."""
    told = f"{From(request.came_from).words}, {request.name}, {Way(request.way).words}"
    return f"{told}: {request.words}" if request.words else told


def _next_issue(one: models.RequestLine, line: Listed, said: short_issues.Said) -> dict[str, Any]:
    """The short issue that is proposed or was decided, and why the line cannot go on because of it."""
    following = short_issues.next_line(line)
    stops: tuple[Refusal, ...] = ()
    try:
        if one.state != PREPARED:
            to_prepare(following, said.decided)
        elif said.decided is not None:
            at = requests.task(one).done[-1].at
            check_prepared(following, said.decided, short_issues.prepared(one, following), prepared_at=at)
    except Refused as refused:
        stops = refused.refusals
    waits = said.waits
    return {
        "proposed": waits, "stops": stops,
        "monitoring_page": reverse("monitoring-patient", kwargs={"patient_id": one.patient_id}),
        # What stops the line says what was decided.
        "decided": said.decided.words if said.decided and not stops else "",
    }  # fmt: skip


def _drug(one: models.RequestLine, bench: Bench) -> dict[str, Any] | None:
    """What is signed of a Schedule 2 or 3 drug: the total in figures and words, how long it is valid, and
    whether a reason is asked for its length."""
    drug = controlled_lines.of(one)
    if drug is None:
        return None
    rules = knowledge().controlled
    return {
        "schedule": drug.schedule, "total": drug.total, "days": drug.days,
        "until": drug.valid_until(rules["validity"], signed_on=bench.today),
        "long": drug.longer_than(rules["supply_days"]), "good_practice": rules["supply_days"].days,
    }  # fmt: skip


def _issues(several: list[Supply], bench: Bench) -> dict[str, Any]:
    last = several[-1] if several else None
    use = ordering(several, on=bench.today, not_ordered_after=ordering_policy().not_ordered_after)
    early = early_by(last, on=bench.today)
    return {
        "last": last.on if last else None,
        "left": days_left(last, on=bench.today),
        "early": early if early is not None and early > 0 else 0,
        "late": -early if early is not None and early < -7 else 0,
        "use": use.use.value, "use_why": use.because, "in_hand": use.in_hand, "over": use.units_over,
    }  # fmt: skip


def _checks(found: list[Any]) -> dict[str, Any]:
    said = [one for one in found if one.severity is not Severity.NOT_ASSESSED]
    return {
        "monitoring": [one for one in found if one.key and one.check == MONITORING],
        "findings": [one for one in said if one.check != MONITORING],
        "not_assessed": sum(
            1 for one in found if one.severity is Severity.NOT_ASSESSED and one.check != MONITORING
        ),
    }


def _align(dosage: Any, ends: Any, until: Any) -> Makeup | None:
    if dosage is None or ends is None or until is None:
        return None
    daily = daily_amount(dosage)
    if not isinstance(daily, Daily) or daily.as_needed or daily.exact_least != daily.exact_most:
        return None
    return makeup(daily.exact_most, runs_out=ends, until=until)


def _found(one: models.Patient) -> dict[str, Any]:
    return {"id": one.pk, "name": name_of(one), "born": one.born, "postcode": one.postcode}


def _person(one: models.Patient, reception: bool) -> dict[str, Any]:
    return {
        "name": name_of(one), "born": one.born, "since": one.since,  # type: ignore[attr-defined]
        "href": "" if reception else reverse("practice-request", kwargs={"patient_id": one.pk}),
        "numbers": [(REQUESTS.step(state).title, getattr(one, f"number_{state}")) for state in requests.OPEN],
    }  # fmt: skip


def _ask(request: HttpRequest, bench: Bench, row: models.Patient) -> Outcome:
    came = {one.value: one for one in From}.get(request.POST.get("from", ""))
    if came is None:
        raise refuse("request.from", "Say who asks", place="from")
    return actions.ask(
        by=bench.person,
        now=bench.now,
        key=key_of(request),
        patient_id=row.pk,
        came_from=came,
        name=request.POST.get("name", ""),
        listed=numbers(request, "listed"),
        others=request.POST.get("others", "").splitlines(),
        words=request.POST.get("words", ""),
    )


def _ask_page(
    request: HttpRequest, bench: Bench, row: models.Patient, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    return page(
        request, "practice/ask.jinja", bench, section="practice-requests", status=422 if refusals else 200,
        refusals=refusals, row=row, name=name_of(row), text="", found=[],
        lines=[row_of(one, bench) for one in medicines_list.lines(row)],
        kinds=[(one.value, one.words) for one in From],
        was={name: request.POST.get(name, "") for name in ("from", "name", "others", "words")},
        ticked=request.POST.getlist("listed"),
    )  # fmt: skip


def _step(request: HttpRequest, bench: Bench, row: models.Patient) -> Outcome:
    verb = request.POST.get("what", "")
    if verb not in WORDS:
        raise refuse("query.no-such-step", "A request has no such step")
    field, _ = WORDS[verb]
    for name, meant in WORDS.values():
        if name != field and request.POST.get(name, "").strip():
            raise refuse("request.other-words", f"You wrote {meant}, and pressed something else", place=name,
                         way_out="Press the button beside your words, or clear them.")  # fmt: skip
    asked = {one.value: one for one in Asked}.get(request.POST.get("asked", ""))
    due = moment_of(request.POST.get("deadline", ""), "deadline", zone=bench.zone)
    answer = actions.Answer(asked, request.POST.get("who", ""), due) if asked and due else None
    lines = seen_lines(request)
    return actions.step(
        by=bench.person, now=bench.now, key=key_of(request), lines=lines, verb=verb,
        words=request.POST.get(field, ""), answer=answer if verb == "ask" else None,
        amounts=_amounts(request, lines) if verb == "prepare" else None,
    )  # fmt: skip


def _mean(request: HttpRequest, bench: Bench) -> Outcome:
    lines = seen_lines(request)
    if len(lines) != 1:
        raise refuse("request.none", "Choose what it is about")
    return actions.mean(
        by=bench.person, now=bench.now, key=key_of(request), line=lines[0],
        listed_id=number(request.POST.get("means", "")) or 0,
    )  # fmt: skip


def _amounts(request: HttpRequest, lines: list[actions.Seen]) -> dict[int, tuple[str, int]]:
    """The one-off quantities that align what is ticked with the others, where that was chosen.
    Raises `Refused` (``quantity.not-a-number``)."""
    found = {}
    for one in lines:
        quantity, _, days = request.POST.get(f"align-{one.line}", "").partition("/")
        if quantity and number(days) and decimal(quantity, place="quantity") > 0:
            found[one.line] = (quantity, int(days))
    return found


def _show(
    request: HttpRequest, bench: Bench, row: models.Patient, *, refusals: tuple[Refusal, ...] = ()
) -> HttpResponse:
    lines = list(requests.listed(bench.site.pk).filter(patient=row))
    for one in lines:
        one.patient = row
    return page(
        request, "practice/request.jinja", bench, section="practice-requests",
        status=422 if refusals else 200, refusals=refusals, row=row, patient=patients.value(row),
        record=patients.allergy_record(row), rows=line_rows(lines, bench, checked=row),
        meanings=[(one.id, one.name) for one in medicines_list.lines(row)]
        if any(one.listed_id is None for one in lines) else [],
        asks=[(one.value, one.words) for one in asked_at(SiteKind(bench.site.kind))],
        was={
            name: request.POST.get(name, "")
            for name in (*(field for field, _ in WORDS.values()), "asked", "who")
        },
        clinical=bench.person.has(*CLINICAL_ROLES),
        ticked=request.POST.getlist("line") if refusals else None,
        deadline=request.POST.get("deadline", "") or in_field(bench.now + timedelta(days=1), zone=bench.zone),
    )  # fmt: skip
