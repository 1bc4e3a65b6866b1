"""How serious a site takes what a rule finds, and whether a definition is on trial: pharmacists decide it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.finding import RuleId, Severity
from pestle.pharmacy.checks.tuning import (
    MAY_TUNE,
    SHORTEST_REASON,
    check_second,
    check_tuning,
    check_withdrawal,
)
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import findings, models, tunings
from pestle.web.store.definitions import known
from pestle.web.store.tunings import Kept


def tune(
    *,
    by: Person,
    now: datetime,
    key: str,
    rule: RuleId,
    was: Severity,
    to: Severity | None,
    reason: str,
    review: date,
) -> Outcome:
    """Makes more or less of what a rule finds at a severity; None is quiet. A hard stop that is lowered waits
    for `sign` by another pharmacist, and until then nothing changes.

    Raises `Refused`: see `pestle.pharmacy.checks.tuning.check_tuning`, and ``tuning.unseen`` for what the
    rule has never found here."""

    def do() -> Deed:
        site = _locked(by)
        standing = tunings.standing(by.site_id)
        on = _today(site, now)
        check_tuning(rule, was, to, reason=reason, review=review, by=by, standing=standing, on=on)
        if not findings.was_found(by.site_id, rule, was):
            raise refuse(
                "tuning.unseen",
                f"{rule} has found nothing here at “{was.word}”",
                place="rule",
                way_out="Replay the definition first, to see what it would find.",
            )
        # Only a lapsed one is left to stand here: the new one takes its place.
        ended = [
            _withdraw(one, by=by, now=now, reason="Lapsed; followed by another")
            for one in tunings.history(by.site_id, definition=rule.definition)
            if one.ended is None and (one.tuning.rule, one.tuning.was) == (rule, was)
        ]
        row = models.Tuning.objects.create(
            site=site, check_name=rule.check, rule=rule.rule, definition=rule.definition, was=was.value,
            to=to.value if to else "", reason=reason.strip(), review=review, by_id=by.id, at=now,
        )  # fmt: skip
        detail = _detail(rule, was, to, reason, review)
        return Deed(f"tuning:{row.pk}", detail, {"tuning": row.pk}, sealed=[*ended, row])

    request = _detail(rule, was, to, reason, review)
    return once("checks.tune", by=by, now=now, key=key, request=request, do=do)


def sign(*, by: Person, now: datetime, key: str, tuning_id: int) -> Outcome:
    """The second signature, with which a lowered hard stop takes effect. Raises `Refused`: see
    `pestle.pharmacy.checks.tuning.check_second`, and ``tuning.unknown``."""

    def do() -> Deed:
        site = _locked(by)
        held = _standing(tuning_id, by)
        check_second(held.tuning, by=by, on=_today(site, now))
        step = models.TuningStep.objects.create(tuning_id=held.id, kind="signed", by_id=by.id, at=now)
        return Deed(f"tuning:{held.id}", {}, {"tuning": held.id}, sealed=[step])

    return once("checks.sign_tuning", by=by, now=now, key=key, request={"tuning": tuning_id}, do=do)


def withdraw(*, by: Person, now: datetime, key: str, tuning_id: int, reason: str) -> Outcome:
    """Ends a tuning: from now on the check's own severity counts.

    Raises `Refused`: see `pestle.pharmacy.checks.tuning.check_withdrawal`, and ``tuning.unknown``.
    """

    def do() -> Deed:
        _locked(by)
        held = _standing(tuning_id, by)
        check_withdrawal(held.tuning, reason=reason, by=by)
        step = _withdraw(held, by=by, now=now, reason=reason.strip())
        return Deed(f"tuning:{held.id}", {"reason": reason.strip()}, {"tuning": held.id}, sealed=[step])

    request = {"tuning": tuning_id, "reason": reason}
    return once("checks.withdraw_tuning", by=by, now=now, key=key, request=request, do=do)


def set_state(
    *, by: Person, now: datetime, key: str, definition: str, on_trial: bool, reason: str
) -> Outcome:
    """Puts a definition on trial (counted, not shown, but for hard stops and what was not assessed), or
    switches it on. Raises `Refused`: ``tuning.role``, ``definition.unknown``, ``definition.no-change``,
    ``tuning.no-reason``."""

    def do() -> Deed:
        if not by.has(*MAY_TUNE):
            raise refuse("tuning.role", f"This is for a pharmacist; you are signed in as {by.title}")
        if len(reason.strip()) < SHORTEST_REASON:
            raise refuse(
                "tuning.no-reason", f"Say why, in {SHORTEST_REASON} characters or more", place="reason"
            )
        _locked(by)
        if definition not in known():
            raise refuse("definition.unknown", "There is no such definition of a check", place="definition")
        last = models.DefinitionState.objects.filter(
            site_id=by.site_id, definition=definition, followed_by=None
        ).first()
        if on_trial is (last is not None and last.state == "trial"):
            raise refuse("definition.no-change", f"It is {'on trial' if on_trial else 'on'} already")
        state = "trial" if on_trial else "on"
        row = models.DefinitionState.objects.create(
            site_id=by.site_id, definition=definition, state=state, reason=reason.strip(), by_id=by.id,
            at=now, follows=last,
        )  # fmt: skip
        detail = {"definition": definition, "state": state, "reason": reason.strip()}
        return Deed(f"definition:{row.pk}", detail, {"state": state}, sealed=[row])

    request = {"definition": definition, "on_trial": on_trial, "reason": reason}
    return once("checks.set_state", by=by, now=now, key=key, request=request, do=do)


def _locked(by: Person) -> models.Site:
    # Of two pharmacists at the same moment the second sees what the first decided. Without the key, so that
    # nobody who only points at the site has to wait.
    return models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)


def _standing(tuning_id: int, by: Person) -> Kept:
    held = tunings.one(tuning_id, site_id=by.site_id)
    if held is None or held.ended is not None:
        raise refuse("tuning.unknown", "This tuning does not stand here")
    return held


def _withdraw(held: Kept, *, by: Person, now: datetime, reason: str) -> models.TuningStep:
    return models.TuningStep.objects.create(
        tuning_id=held.id, kind="withdrawn", by_id=by.id, at=now, reason=reason
    )


def _today(site: models.Site, now: datetime) -> date:
    return now.astimezone(ZoneInfo(site.time_zone)).date()


def _detail(rule: RuleId, was: Severity, to: Severity | None, reason: str, review: date) -> dict[str, object]:
    return {
        "rule": str(rule),
        "was": was.value,
        "to": to.value if to else "quiet",
        "reason": reason.strip(),
        "review": review.isoformat(),
    }
