"""Clinical check: a pharmacist answers what was found, and approves or refuses each line. Whoever may not
judge refers; what has become new by a later step is answered there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pestle.pharmacy.checks.shown import Shown
from pestle.pharmacy.dispensary.clinical import (
    SHORTEST_ANSWER,
    Decision,
    LineToDecide,
    decide,
    open_findings,
)
from pestle.pharmacy.dispensary.workflow import CLOSED, DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.kind_rules import decision_missing
from pestle.web.actions.lines import where_to
from pestle.web.actions.may_leave import refusals_by_line, since_clinical_check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.speaking import Wanted, set_stops
from pestle.web.store import clinical, findings, models, notifications, prescriptions, queries
from pestle.web.store.findings import Checked
from pestle.web.store.knowledge import dictionary


def decide_lines(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    decisions: Sequence[Decision],
    answers: Mapping[str, str],
    seen_not_assessed: bool,
    referrals: Mapping[int, str] | None = None,
    speak: Sequence[Wanted] = (),
) -> Outcome:
    """Signs the clinical check: approved lines go on to be assembled, refused ones are not dispensed, and a
    line that a query holds may wait, to be decided by `decide_waiting`.

    The findings are worked out again here, so that nothing slips in between page and signature. `referrals`
    gives what is said to each question that a colleague referred; `speak` is what a pharmacist must speak
    about with the patient before the bag leaves. Raises `Refused` with everything that is open: see
    `pestle.pharmacy.dispensary.clinical.decide`, and ``referral.unanswered``, ``speak.no-reason``,
    ``emergency.not-decided``.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        lines = prescriptions.open_lines(prescriptions.lines(row))
        # One answer to each open line; what was said of any other line decides nothing.
        answered = {decision.line: decision for decision in decisions}
        given = tuple(answered[line.item_id] for line in lines if line.item_id in answered)
        refuse_all = not any(decision.approved or decision.waits for decision in given)
        verb = "refuse" if refuse_all else "approve"
        transition = check(DISPENSING, prescriptions.task(row), verb, by=by, now=now, seen=seen)
        undecided = None if refuse_all else decision_missing(row, prescriptions.signed(row))
        if undecided is not None:
            raise Refused(undecided)
        found = findings.checked(row, lines, now=now)
        held = queries.holding(row, lines)
        decided = decide(
            tuple(
                LineToDecide(
                    line.item_id,
                    line.product_name or line.medication_text,
                    bool(line.product_id),
                    held.get(line.pk),
                )
                for line in lines
            ),
            found.entries,
            decisions=given,
            answers=answers,
            seen_not_assessed=seen_not_assessed,
        )
        _answer_referrals(row, referrals or {}, by=by, now=now)
        _settle(lines, decided)
        stops = set_stops(row, speak, by=by, now=now)
        if refuse_all:
            row.closed_because = "refused"
        approved = [decision.line for decision in decided if decision.approved]
        told = _told(lines, decided)
        waiting = {decision.line for decision in decided if decision.waits}
        # What is only about a line that waits is counted when that line is decided.
        counted = [entry for entry in found.entries if not entry.lines or not waiting.issuperset(entry.lines)]
        seen_now = replace(found, entries=tuple(counted))
        kept = _sign(row, seen_now, by=by, now=now, lines=told, approved=approved, answers=answers)
        prescriptions.move(row, transition, by=by, now=now, to=CLOSED if refuse_all else None)
        filed = notifications.tell(row, prescriptions.signed(row), by=by, now=now) if refuse_all else None
        detail: dict[str, Any] = {"lines": told, "answers": kept, "release": dictionary().release.id}
        detail |= {"speak": [one.words for one in stops]} if stops else {}
        detail |= {"notification": filed.pk} if filed else {}
        result = {"prescription": row.pk, "step": row.step}
        return Deed(f"prescription:{row.pk}", detail, result, sealed=stops)

    request = {
        "prescription": prescription_id,
        "seen": seen,
        "decisions": [_plain_decision(decision) for decision in decisions],
        "answers": dict(answers),
        "seen_not_assessed": seen_not_assessed,
        "referrals": _plain(referrals),
        "speak": [[one.line_id, one.reason, one.finding] for one in speak],
    }
    return once("dispensary.clinical_check", by=by, now=now, key=key, request=request, do=do)


def decide_waiting(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    decision: Decision,
    answers: Mapping[str, str],
    seen_not_assessed: bool,
) -> Outcome:
    """Approves or refuses a line that waited for an answer when the clinical check was signed. Approved, it
    can be assembled; what is owed of it stays owed.

    Raises `Refused`: ``clinical.not-waiting``, ``query.open``, ``query.answer-unread``, those of
    `pestle.pharmacy.dispensary.clinical.decide`.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "decide_waiting", by=by, now=now, seen=seen)
        lines = prescriptions.open_lines(prescriptions.lines(row))
        line = next((one for one in lines if one.item_id == decision.line), None)
        if line is None or not line.undecided:
            raise refuse("clinical.not-waiting", "This line does not wait to be decided")
        found = findings.checked(row, lines, now=now)
        about = tuple(entry for entry in found.entries if line.item_id in entry.lines)
        held = queries.holding(row, [line])
        name = line.product_name or line.medication_text
        decided = decide(
            (LineToDecide(line.item_id, name, bool(line.product_id), held.get(line.pk)),), about,
            decisions=(replace(decision, waits=False),), answers=answers, seen_not_assessed=seen_not_assessed,
        )  # fmt: skip
        _settle([line], decided)
        told, approved = _told([line], decided), [one.line for one in decided if one.approved]
        kept = _sign(row, found, by=by, now=now, lines=told, approved=approved, answers=answers, new=about)
        left = bool(approved) or len(lines) > 1
        if not left:
            row.closed_because = "supplied" if row.hand_outs.exists() else "refused"
        to = None if approved else where_to(row, left=left)
        prescriptions.move(row, transition, by=by, now=now, to=to)
        filed = None if left else notifications.tell(row, prescriptions.signed(row), by=by, now=now)
        detail: dict[str, Any] = {"lines": told, "answers": kept, "release": dictionary().release.id}
        detail |= {"notification": filed.pk} if filed else {}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {
        "prescription": prescription_id,
        "seen": seen,
        "decision": _plain_decision(decision),
        "answers": dict(answers),
        "seen_not_assessed": seen_not_assessed,
    }
    return once("dispensary.decide_waiting", by=by, now=now, key=key, request=request, do=do)


def answer(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    answers: Mapping[str, str],
    seen_not_assessed: bool,
    referrals: Mapping[int, str],
) -> Outcome:
    """Answers, after the clinical check, what has become new since, and what was referred.

    Raises `Refused`: ``clinical.unanswered``, ``clinical.not-assessed-unseen``, ``referral.unanswered``,
    ``clinical.nothing-new``.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "answer", by=by, now=now, seen=seen)
        lines = prescriptions.open_lines(prescriptions.lines(row))
        stopped = refusals_by_line(row, lines, prescriptions.signed(row), now=now)
        since = since_clinical_check(row, lines, stopped=stopped, now=now)
        open_ = open_findings(since.new, answers=answers, seen_not_assessed=seen_not_assessed)
        if open_:
            raise Refused(*open_)
        referred = _answer_referrals(row, referrals, by=by, now=now)
        if not since.new and not referred:
            raise refuse("clinical.nothing-new", "Nothing is new since the clinical check, and nothing was "
                         "referred")  # fmt: skip
        going_on = [Decision(line.item_id, not line.undecided, waits=line.undecided) for line in lines]
        told, approved = _told(lines, going_on), [decision.line for decision in going_on if decision.approved]
        kept = _sign(
            row, since.found, by=by, now=now, lines=told, approved=approved, answers=answers, new=since.new
        )
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"new": [entry.finding.key for entry in since.new], "answers": kept, "referrals": referred}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk})

    request = {"prescription": prescription_id, "seen": seen, "answers": dict(answers),
               "seen_not_assessed": seen_not_assessed, "referrals": _plain(referrals)}  # fmt: skip
    return once("dispensary.answer", by=by, now=now, key=key, request=request, do=do)


def refer(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    words: str,
    finding: str = "",
) -> Outcome:
    """Asks a pharmacist; the bag does not leave until one has answered. `finding` is the key of what it is
    about. Raises `Refused`: ``referral.no-words``."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "refer", by=by, now=now, seen=seen)
        if len(words.strip()) < SHORTEST_ANSWER:
            raise refuse("referral.no-words", "Say what the pharmacist is to look at", place="words")
        referral = models.Referral.objects.create(
            prescription=row, by_id=by.id, at=now, step=row.step, key=finding[:32], words=words.strip()
        )
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"referral": referral.pk, "words": words.strip(), "finding": finding[:32]}
        return Deed(
            f"prescription:{row.pk}",
            detail,
            {"prescription": row.pk, "referral": referral.pk},
            sealed=[referral],
        )

    request = {"prescription": prescription_id, "seen": seen, "words": words, "finding": finding}
    return once("dispensary.refer", by=by, now=now, key=key, request=request, do=do)


def _sign(
    row: models.Prescription,
    found: Checked,
    *,
    by: Person,
    now: datetime,
    lines: list[dict[str, object]],
    approved: Sequence[str],
    answers: Mapping[str, str],
    new: tuple[Shown, ...] | None = None,
) -> dict[str, str]:
    """Keeps what was seen and answered; gives the answers that were to something found. After the clinical
    check, `new` is what of it had become new."""
    keys = {entry.finding.key for entry in found.entries}
    kept = {key: words.strip() for key, words in answers.items() if key in keys and words.strip()}
    signed = models.ClinicalCheck.objects.create(
        prescription=row,
        by_id=by.id,
        at=now,
        step=row.step,
        assessments=clinical.stored(found.assessments),
        decisions={"lines": lines, "answers": kept},
        release=dictionary().release.id,
    )
    counted = found if new is None else replace(found, entries=new, on_trial=())
    findings.keep(signed, counted, approved=approved, answers=kept)
    return kept


def _answer_referrals(
    row: models.Prescription, said: Mapping[int, str], *, by: Person, now: datetime
) -> list[int]:
    """Answers every question that was referred; gives their ids. Raises `Refused`
    (``referral.unanswered``)."""
    open_ = findings.referrals(row)
    silent = [one for one in open_ if len(said.get(one.pk, "").strip()) < SHORTEST_ANSWER]
    if silent:
        raise Refused(
            *(
                Refusal("referral.unanswered", f"{one.by.full_name} asks: {one.words}", "findings",
                        "Say what you make of it.")
                for one in silent
            )
        )  # fmt: skip
    models.Referral.objects.bulk_create(
        models.Referral(prescription=row, by_id=by.id, at=now, step=row.step, key=one.key,
                        words=said[one.pk].strip(), answers=one)
        for one in open_
    )  # fmt: skip
    return [one.pk for one in open_]


def _plain(referrals: Mapping[int, str] | None) -> dict[str, str]:
    return {str(pk): words for pk, words in (referrals or {}).items()}


def _plain_decision(decision: Decision) -> list[object]:
    reason = decision.reason.value if decision.reason else None
    return [decision.line, decision.approved, reason, decision.words, *(["waits"] if decision.waits else [])]


def _settle(lines: list[models.Line], decided: Sequence[Decision]) -> None:
    """Refuses what was refused, and marks what waits."""
    for line, decision in zip(lines, decided, strict=True):
        before = line.state, line.undecided
        line.undecided = decision.waits
        if not (decision.approved or decision.waits) and decision.reason is not None:
            line.state, line.state_code, line.state_reason = "refused", decision.reason.value, decision.words
            line.owed, line.promised_on = 0, None
        if (line.state, line.undecided) != before:
            line.save()


def _told(lines: list[models.Line], decided: Sequence[Decision]) -> list[dict[str, object]]:
    return [
        {
            "line": line.pk,
            "place": line.place,
            "approved": decision.approved,
            "waits": decision.waits,
            "reason": decision.reason.value if decision.reason else None,
            "words": decision.words,
        }
        for line, decision in zip(lines, decided, strict=True)
    ]
