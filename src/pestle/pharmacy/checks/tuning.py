"""How serious does this site take what a rule finds, and who may change that?

A site lowers, quiets or raises what one rule of one definition finds at one severity, with a reason, a day of
review and the signatures of pharmacists. Raising is always allowed. A hard stop is lowered to an answer
needed and no further, and only once two different pharmacists have signed. What was not assessed is never
tuned away. A lowering lapses after its day of review; a raise stays until it is withdrawn.

A definition may be on trial at a site: what it finds is counted and not shown, except for hard stops and for
what was not assessed, which nothing silences.

Source: that some findings must always stop and that others need not interrupt is Phansalkar et al., JAMIA
19:735 (2012) and 20:489 (2013). Two signatures, ten characters and 366 days are ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pestle.pharmacy.checks.finding import Assessment, Finding, RuleId, Severity, Tuned
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse

SHORTEST_REASON = 10
LONGEST = timedelta(days=366)
MAY_TUNE = (Role.PHARMACIST,)

_RANK = {Severity.HARD_STOP: 3, Severity.INTERRUPT: 2, Severity.NOTE: 1, None: 0}


@dataclass(frozen=True, slots=True)
class Signature:
    """A pharmacist who stands for a tuning."""

    person_id: int
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Tuning:
    """From now on, what `rule` finds at severity `was` counts as `to`; None: quiet, listed and not shown.

    `signed` has one signature, or two. `review` is the day on which somebody looks at it again.
    """

    rule: RuleId
    was: Severity
    to: Severity | None
    reason: str
    signed: tuple[Signature, ...]
    review: date

    @property
    def lowers(self) -> bool:
        """Whether it makes less of what was found."""
        return _RANK[self.to] < _RANK[self.was]

    @property
    def signatures_needed(self) -> int:
        """Two for a hard stop that is lowered, else one."""
        return 2 if self.lowers and self.was is Severity.HARD_STOP else 1

    def holds(self, *, on: date) -> bool:
        """Whether it changes anything on this day: signed by enough people, and not lapsed."""
        signed = len({each.person_id for each in self.signed}) >= self.signatures_needed
        return signed and not self.lapsed(on=on)

    def lapsed(self, *, on: date) -> bool:
        """Whether its day of review has passed without one; a raise does not lapse."""
        return self.lowers and on > self.review


def check_tuning(
    rule: RuleId,
    was: Severity,
    to: Severity | None,
    *,
    reason: str,
    review: date,
    by: Person,
    standing: Iterable[Tuning],
    on: date,
) -> None:
    """Raises `Refused` with everything that stands in the way of such a tuning, signed by `by`:

    ``tuning.role``, ``tuning.not-assessed``, ``tuning.no-change``, ``tuning.hard-stop``,
    ``tuning.no-reason``, ``tuning.review``, ``tuning.stands``. `standing` are the tunings of the site that
    were not withdrawn."""
    if not by.has(*MAY_TUNE):
        raise refuse("tuning.role", f"This is for a pharmacist; you are signed in as {by.title}")
    wrong: list[Refusal] = []
    if Severity.NOT_ASSESSED in (was, to):
        wrong.append(
            Refusal("tuning.not-assessed", "What was not assessed is always said, and cannot be made of "
                    "anything else", "to", "Find out what is missing; the finding says it.")
        )  # fmt: skip
    elif was is to:
        wrong.append(Refusal("tuning.no-change", f"It is “{was.word}” already", "to"))
    elif was is Severity.HARD_STOP and _RANK[to] < _RANK[Severity.INTERRUPT]:
        wrong.append(
            Refusal("tuning.hard-stop", "A hard stop is never silenced: the least that can be made of it is "
                    "“Answer needed”", "to")
        )  # fmt: skip
    if len(reason.strip()) < SHORTEST_REASON:
        wrong.append(
            Refusal("tuning.no-reason", f"Say why, in {SHORTEST_REASON} characters or more", "reason")
        )
    if not on < review <= on + LONGEST:
        wrong.append(
            Refusal("tuning.review", f"The review is a day after today and within {LONGEST.days} days",
                    "review")
        )  # fmt: skip
    if any((each.rule, each.was) == (rule, was) and not each.lapsed(on=on) for each in standing):
        wrong.append(
            Refusal("tuning.stands", "A tuning of this rule at this severity stands already", "to",
                    "Withdraw it first; what was decided stays on record.")
        )  # fmt: skip
    if wrong:
        raise Refused(*wrong)


def check_second(tuning: Tuning, *, by: Person, on: date) -> None:
    """Raises `Refused` unless `by` may add the second signature:

    ``tuning.role``, ``tuning.signed``, ``tuning.same-person``, ``tuning.lapsed``.
    """
    if not by.has(*MAY_TUNE):
        raise refuse("tuning.role", f"This is for a pharmacist; you are signed in as {by.title}")
    if len(tuning.signed) >= tuning.signatures_needed:
        raise refuse("tuning.signed", "It has every signature that it needs")
    if tuning.lapsed(on=on):
        raise refuse("tuning.lapsed", "Its day of review has passed",
                     way_out="Withdraw it, and propose it anew.")  # fmt: skip
    if any(each.person_id == by.id for each in tuning.signed):
        raise refuse("tuning.same-person", "You signed it yourself: the second signature is another "
                     "pharmacist’s")  # fmt: skip


def check_withdrawal(tuning: Tuning, *, reason: str, by: Person) -> None:
    """Raises `Refused` unless `by` may end a tuning: ``tuning.role``, ``tuning.no-reason``; and
    ``tuning.same-person`` where whoever raised it to a hard stop would lower it again alone."""
    if not by.has(*MAY_TUNE):
        raise refuse("tuning.role", f"This is for a pharmacist; you are signed in as {by.title}")
    if len(reason.strip()) < SHORTEST_REASON:
        raise refuse("tuning.no-reason", f"Say why, in {SHORTEST_REASON} characters or more", place="reason")
    if tuning.to is Severity.HARD_STOP and {each.person_id for each in tuning.signed} == {by.id}:
        raise refuse(
            "tuning.same-person",
            "You made it a hard stop yourself: a hard stop is lowered by two pharmacists",
            way_out="Ask another pharmacist to withdraw it.",
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """What the checks found, as the site takes it; and apart from it what only counts, being on trial."""

    assessments: tuple[Assessment, ...]
    on_trial: tuple[Finding, ...] = ()


def settle(
    assessments: tuple[Assessment, ...],
    *,
    tunings: Iterable[Tuning],
    trial: frozenset[str] = frozenset(),
    on: date,
) -> Settled:
    """Findings as tuned on this day; `trial` names the definitions that are on trial at the site.

    A tuned finding keeps its key and says what it was. Of two tunings of the same, the one that makes more of
    it counts.
    """
    holding: dict[tuple[RuleId, Severity], Tuning] = {}
    for each in sorted(tunings, key=lambda tuning: _RANK[tuning.to]):
        if each.holds(on=on):
            holding[each.rule, each.was] = each
    kept, apart = [], []
    for assessment in assessments:
        shown = []
        for finding in assessment.findings:
            if _only_counts(finding, trial):
                apart.append(finding)
            else:
                shown.append(_tuned(finding, holding.get((finding.rule_id, finding.severity))))
        kept.append(replace(assessment, findings=tuple(shown)))
    return Settled(tuple(kept), tuple(apart))


def _only_counts(finding: Finding, trial: frozenset[str]) -> bool:
    loud = finding.severity in (Severity.HARD_STOP, Severity.NOT_ASSESSED)
    return bool(finding.source.definition) and finding.source.definition in trial and not loud


def _tuned(finding: Finding, tuning: Tuning | None) -> Finding:
    if tuning is None or finding.severity is Severity.NOT_ASSESSED:
        return finding
    tuned = Tuned(
        was=finding.severity,
        quiet=tuning.to is None,
        by=tuple(each.name for each in tuning.signed),
        on=max(each.at for each in tuning.signed).date(),
        reason=tuning.reason,
    )
    return replace(finding, severity=tuning.to or Severity.NOTE, tuned=tuned)
