"""What the checks find on a prescription as its site takes it, and what was seen and answered before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Subquery

from pestle.pharmacy.checks.finding import Assessment, Finding, RuleId, Severity
from pestle.pharmacy.checks.shown import Answered, Shown, new_since, shown
from pestle.pharmacy.checks.tuning import settle
from pestle.web.store import clinical, models, replays, tunings


@dataclass(frozen=True, slots=True)
class Checked:
    """What every check answered, as tuned; the entries as a person sees them; and what only counts."""

    assessments: tuple[Assessment, ...]
    entries: tuple[Shown, ...]
    on_trial: tuple[Finding, ...]


def checked(row: models.Prescription, lines: Iterable[models.Line], *, now: datetime) -> Checked:
    """The checks run over the open lines of a prescription now, by everything that is known now."""
    settled = settle(
        clinical.assess(row, lines, now=now),
        tunings=tunings.standing(row.site_id),
        trial=tunings.on_trial(row.site_id),
        on=now.astimezone(ZoneInfo(row.site.time_zone)).date(),
    )
    keys = {finding.key for each in settled.assessments for finding in each.findings}
    answered = [_answered(found) for found in _answers(row.patient_id, keys)]
    return Checked(settled.assessments, shown(settled.assessments, answered=answered), settled.on_trial)


def since_last_check(row: models.Prescription, entries: tuple[Shown, ...]) -> tuple[Shown, ...]:
    """Those that nobody has seen at this prescription's last clinical check, nor answered after it."""
    last = row.clinical_checks.filter(step="clinical").order_by("-pk").values_list("pk", flat=True)[:1]
    seen = models.Found.objects.filter(
        clinical_check__prescription=row, clinical_check__gte=Subquery(last), on_trial=False
    ).order_by("pk")
    return new_since(
        entries, {key: Severity(severity) for key, severity in seen.values_list("key", "severity")}
    )


def keep(
    check: models.ClinicalCheck,
    found: Checked,
    *,
    approved: Iterable[str],
    answers: Mapping[str, str],
) -> None:
    """Counts what was found when `check` was signed, once for each prescription: after the clinical check,
    give only what has become new. `approved` are the lines that went on."""
    row = check.prescription
    lines = frozenset(approved)
    before = {each.key: each for each in _answers(row.patient_id, {e.finding.key for e in found.entries})}
    trial = shown((Assessment("", "", found.on_trial),))
    models.Found.objects.bulk_create(
        _found(
            check,
            entry,
            on_trial=on_trial,
            approved=entry.about(lines),
            answer="" if on_trial else answers.get(entry.finding.key, "").strip(),
            before=before.get(entry.finding.key) if entry.settled and not on_trial else None,
        )
        for entries, on_trial in ((found.entries, False), (trial, True))
        for entry in entries
    )


def referrals(row: models.Prescription) -> list[models.Referral]:
    """What was referred and is not answered yet, the oldest first."""
    open_ = row.referrals.filter(answers=None, answered_by=None)
    return list(open_.select_related("by").order_by("pk"))


def was_found(site_id: int, rule: RuleId, was: Severity) -> bool:
    """Whether a rule has found something at this severity here, at a clinical check or in a replay."""
    rows = models.Found.objects.filter(
        site_id=site_id, check_name=rule.check, rule=rule.rule, definition=rule.definition, was=was.value
    )
    if rows.exists():
        return True
    return (rule.check, rule.rule, was.value) in replays.rules_found(site_id, rule.definition)


def _found(
    check: models.ClinicalCheck,
    entry: Shown,
    *,
    on_trial: bool,
    approved: bool,
    answer: str,
    before: models.Found | None,
) -> models.Found:
    finding = entry.finding
    return models.Found(
        clinical_check=check,
        site_id=check.prescription.site_id,
        patient_id=check.prescription.patient_id,
        at=check.at,
        check_name=finding.check,
        rule=finding.rule,
        definition=finding.source.definition,
        key=finding.key,
        was=finding.was.value,
        severity=finding.severity.value,
        quiet=finding.quiet,
        on_trial=on_trial,
        approved=approved,
        answer=answer if approved else "",
        before=before if approved else None,
    )


def _answers(patient_id: int, keys: Iterable[str]) -> Sequence[models.Found]:
    """The answers that were given to findings with these keys of this patient, the oldest first."""
    rows = models.Found.objects.filter(patient_id=patient_id, key__in=set(keys), approved=True)
    return list(rows.exclude(answer="").select_related("clinical_check__by").order_by("pk"))


def _answered(row: models.Found) -> Answered:
    return Answered(row.key, Severity(row.severity), row.answer, row.clinical_check.by.full_name, row.at)
