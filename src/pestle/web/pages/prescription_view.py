"""Builds the prescription's page: who, where it is, what may be done now and by whom, and its lines.

The number of queries does not depend on the number of lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from pestle.pharmacy.checks.run import NOT_COVERED
from pestle.pharmacy.dispensary.not_dispensed import CHOICES, NotDispensed
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.dispensary.taking_back import ReturnReason
from pestle.pharmacy.dispensary.workflow import (
    ACCURACY,
    ASSEMBLE,
    CLINICAL,
    DISPENSING,
    ENTRY,
    HAND_OUT,
    OWINGS,
)
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.people import Role
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.refusal import Refusal
from pestle.pharmacy.worklist.workflow import claim_refusal, refusal
from pestle.web.pages import (
    charge_form,
    clinical_form,
    findings_view,
    repeat_view,
    scanning,
    shortage_view,
    steps_track,
    waiting_lines,
)
from pestle.web.pages import queries as query_pages
from pestle.web.pages.bench import Bench, page
from pestle.web.pages.next_task import next_in
from pestle.web.pages.prescription_lines import LineView, line_views
from pestle.web.pages.step_panel import At, Typed, panel
from pestle.web.pages.story import story
from pestle.web.pages.typed_in_view import typed_in_shown
from pestle.web.store import (
    audit,
    drafts,
    findings,
    instalments,
    models,
    orders,
    patients,
    prescriptions,
    queries,
    speaking,
)
from pestle.web.store.knowledge import repeat_questions

# The verb that a step is there for; `can` and `refusal` of it say whether its panel is a form.
MAIN_VERB = {
    ENTRY: "complete_entry",
    CLINICAL: "approve",
    ASSEMBLE: "pick",
    ACCURACY: "pass_accuracy",
    HAND_OUT: "hand_out",
    OWINGS: "assemble_rest",
}
DOING = {ENTRY: "entering", CLINICAL: "checking", ASSEMBLE: "assembling", ACCURACY: "checking",
         HAND_OUT: "handing out", OWINGS: "looking after", "closed": "looking at"}  # fmt: skip
VERBS = {
    ENTRY: "Complete entry",
    CLINICAL: "Sign the clinical check",
    ASSEMBLE: "Assemble",
    ACCURACY: "Pass the accuracy check",
    HAND_OUT: "Hand out",
    OWINGS: "Assemble the rest",
}
COURSES = {CourseOfTherapy.ACUTE: "acute", CourseOfTherapy.REPEAT: "repeat",
           CourseOfTherapy.REPEAT_DISPENSING: "repeat dispensing",
           CourseOfTherapy.UNKNOWN: "course not said"}  # fmt: skip
# The steps whose forms are long enough to be interrupted.
DRAFTED = frozenset({ENTRY, CLINICAL})
# Refusals that say: somebody else was here meanwhile.
_CONFLICTS = frozenset({
    "worklist.changed", "worklist.claimed", "worklist.already-done", "worklist.not-at-step",
    "command.key-reused", "pick.undone", "line.not-open",
})  # fmt: skip


def load(bench: Bench, prescription_id: int) -> models.Prescription:
    """The prescription of this site. Raises `Http404` for any other."""
    row = (
        models.Prescription.objects.select_related("site", "patient", "order__message", "claimed_by")
        .prefetch_related("hand_outs__by", "notified")
        .filter(pk=prescription_id, site=bench.site.pk)
        .first()
    )
    if row is None:
        raise Http404
    return row


def lines_of(row: models.Prescription, *, on: date | None = None) -> tuple[LineView, ...]:
    """The lines of a loaded prescription as the page shows them."""
    return line_views(row, prescriptions.lines(row), prescriptions.signed(row), on=on)


def shown(
    request: HttpRequest,
    bench: Bench,
    prescription_id: int,
    *,
    refusals: Sequence[Refusal] = (),
    typed: Typed | None = None,
    question: scanning.Question | None = None,
    in_hand: int | None = None,
    part: str = "",
) -> HttpResponse:
    """The page, or the `part` of it that a scan replaces; with what was refused and typed, nothing lost."""
    row = load(bench, prescription_id)
    status = 200 if not refusals else 409 if refusals[0].rule in _CONFLICTS else 422
    kept = drafts.of(row, person_id=bench.person.id) if typed is None and row.step in DRAFTED else None
    # What has changed since may not be decided by an old tick: then only the words are shown.
    fresh = kept is not None and kept.version == row.version
    typed = kept.fields if kept is not None and fresh else typed
    context = _context(request, bench, row, typed=typed)
    open_lines = [line for line in context["lines"] if line.open]
    hand = next((line for line in open_lines if line.id == in_hand), None)
    return page(
        request,
        f"prescription/{part or 'page'}.jinja",
        bench,
        section="worklist",
        status=status,
        refused=tuple(refusals),
        fields={line.written: f"line-{line.id}" for line in context["lines"]}
        | {line.name: f"line-{line.id}" for line in context["lines"]}
        | {
            "repeat-told-by": "repeat-told-by",
            "repeat-words": "repeat-words",
            "speak": "speak",
            "said": "said",
            "findings": "findings",
            "reason": "reason",
            "collector": "collector_name",
            "words": "words",
        }
        | {"collector address": "collector_address", "identity": "identity-shown", "remarks": "remarks"}
        | {f"repeat-{one.code}": f"repeat-{one.code}" for one in repeat_questions().asked}
        | charge_form.FIELDS,
        typed=typed or {},
        draft=kept,
        draft_fresh=fresh,
        question=question,
        hand=hand,
        **context,
    )


def tell(request: HttpRequest, bench: Bench, prescription_id: int) -> HttpResponse:
    """The whole story on a page of its own."""
    return on_its_page(request, bench, load(bench, prescription_id), "story")


def on_its_page(
    request: HttpRequest,
    bench: Bench,
    row: models.Prescription,
    template: str,
    refusals: Sequence[Refusal] = (),
    **context: Any,
) -> HttpResponse:
    """A page about a loaded prescription besides its own, in the same frame."""
    return page(
        request,
        f"prescription/{template}.jinja",
        bench,
        section="worklist",
        status=422 if refusals else 200,
        refused=tuple(refusals),
        **_context(request, bench, row),
        **context,
    )


def _context(
    request: HttpRequest, bench: Bench, row: models.Prescription, *, typed: Typed | None = None
) -> dict[str, Any]:
    signed, task = prescriptions.signed(row), prescriptions.task(row)
    rescanned = _rescanned(row, bench) if row.step == ACCURACY else frozenset()
    rows = prescriptions.lines(row)
    plans = instalments.of(rows, row.site) if row.step not in (ENTRY, CLINICAL, "closed") else {}
    early = row.step in (ENTRY, CLINICAL, ASSEMBLE)
    short = orders.shortages(row.site_id, now=bench.now) if early else {}
    queried = queries.of_prescription(row)
    waits = queries.waits(row, prescriptions.open_lines(rows)) if row.step != "closed" else {}
    lines = line_views(
        row, rows, signed, rescanned=rescanned, short=short, on=bench.today, instalments=plans,
        queried=queried, waits=waits,
    )  # fmt: skip
    asked = findings.referrals(row) if row.step != "closed" else []
    at = At(bench, row, task, signed, rows, lines, typed, asked)
    events = audit.about(f"prescription:{row.pk}")
    verb = MAIN_VERB.get(row.step)
    if row.step == HAND_OUT and any(line.row.owed for line in lines):
        verb = "hand_out_part"
    why_not = refusal(DISPENSING, task, verb, by=bench.person, now=bench.now) if verb else None
    context = {
        "row": row,
        "signed": signed,
        "course": ", ".join(sorted({COURSES[line.request.course_of_therapy] for line in lines})),
        "patient": patients.value(row.patient),
        "allergies": patients.allergy_record(row.patient),
        "steps": steps_track.steps(row, task),
        "step": row.step,
        "step_title": DISPENSING.step(row.step).title,
        "lines": lines,
        "open_lines": [line for line in lines if line.open],
        "is_owed": any(line.owed and line.id not in plans for line in lines),
        "story": story(
            row, events, {line.place: line.name for line in lines}, asked=query_pages.story_of(queried)
        ),
        "claim": task.claim if task.claim and task.claim.holds(now=bench.now) else None,
        "doing": DOING[row.step],
        "may_claim": row.step != "closed" and claim_refusal(task, by=bench.person, now=bench.now) is None,
        "why_not": why_not,
        "verb_words": VERBS.get(row.step, ""),
        "may_withhold": at.can("withhold"),
        "may_return": at.can("return_to_service")
        and not row.hand_outs.all()
        and kind_of(signed).told_to_service,
        "returned": row.returns.last() if row.closed_because == "returned" else None,
        "return_reasons": [(one.value, one.words) for one in ReturnReason],
        "choices": CHOICES,
        "withhold_choices": (NotDispensed.CANCELLATION, *CHOICES),
        "checked": findings_view.checked(row),
        "hand_outs": row.hand_outs.all(),
        "notified": row.notified.all(),
        "may_reopen": row.closed_because == "not_collected" and at.can("undo_return"),
        "closed_because": steps_track.CLOSED_BECAUSE.get(row.closed_because, "Closed"),
        "following": next_in(bench, HAND_OUT, but=row.pk) if row.closed_because == "supplied" else None,
        "scans": scanning.feed(request, row.pk),
        "pharmacist": bench.person.has(Role.PHARMACIST),
        "not_covered": NOT_COVERED,
        "referrals": at.referrals,
        "may_refer": at.can("refer") and not (row.step == CLINICAL and why_not is None),
        "may_answer": why_not is None if row.step == CLINICAL else at.can("answer"),
        "answer_form": "clinical-form" if row.step == CLINICAL else "answer-form",
        "since": None,
        "field_of": clinical_form.field_of,
        "field_of_referral": clinical_form.field_of_referral,
        "sent_back": _sent_back(row, events),
        "instalments_said": _instalments(plans, rows, bench),
        "shortages": shortage_view.shown(rows, on=bench.today) if row.step != "closed" else [],
        "may_propose_instead": at.can("propose_instead"),
        "may_decide_instead": at.can("supply_instead"),
        "repeat": repeat_view.shown(row, signed, bench, rows),
        "speak_first": speaking.wanted(row) if row.step != "closed" else [],
        "spoken": speaking.held(row),
        "may_speak": at.can("spoke"),
        **typed_in_shown(row, signed, bench.person),
    }
    context |= panel(at)
    context |= {
        "to_decide": waiting_lines.to_decide(row, rows, lines, queried, now=bench.now),
        "may_decide": at.can("decide_waiting"),
    }
    return context


def _instalments(
    found: Mapping[int, instalments.InstalmentsOf], rows: Sequence[models.Line], bench: Bench
) -> list[tuple[str, str, str]]:
    """Of each open line in instalments: tone, shape and what is collected next, or why nothing is."""
    said = []
    for line in (one for one in rows if one.pk in found and one.state == "open"):
        prepared = found[line.pk].now_or_next(bench.today)
        if isinstance(prepared, Refusal):
            words = f"Line {line.place}: {prepared.reason}. {prepared.way_out or ''}"
            said.append(("hard-stop", "■", words))
        else:
            on, due = prepared
            amount = amount_words(due.amount, prescriptions.base(line))
            said.append(("note", "●", f"Line {line.place}: {amount} on {on:%a %d-%b-%Y}"))
    return said


def _rescanned(row: models.Prescription, bench: Bench) -> frozenset[int]:
    """The packs that this person has scanned at this check, and not before their pause was over."""
    since = row.step_since
    if row.self_check_began_at is not None and row.self_check_by == bench.person.id:
        since = row.self_check_began_at + timedelta(minutes=row.site.self_check_minutes or 0)
    scans = models.Rescan.objects.filter(pick__line__prescription=row, by_id=bench.person.id, at__gte=since)
    return frozenset(scans.values_list("pick_id", flat=True))


def _sent_back(row: models.Prescription, events: Sequence[models.AuditEvent]) -> dict[str, str] | None:
    """Who sent it back to this step, and what they found; None unless that was the last thing done to it."""
    action = {ENTRY: "dispensary.return_to_entry", ASSEMBLE: "dispensary.fail_accuracy"}.get(row.step)
    last = next((event for event in reversed(events) if not event.action.startswith("worklist.")), None)
    if last is None or last.action != action:
        return None
    return {"who": last.person_name, "reason": last.detail["reason"]}
