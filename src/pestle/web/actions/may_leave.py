"""What keeps a bag from leaving the pharmacy? Law, packs and cancellations line by line; and what the same
checks find now that nobody saw at the clinical check. The pages ask the same questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.checks.shown import Shown, override_refusal, stops
from pestle.pharmacy.dispensary.validity import handout_refusals, last_day, validity
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions.kind_rules import line_refusals
from pestle.web.store import findings, instalments, ledger, models, prescriptions, queries, shortages
from pestle.web.store.findings import Checked
from pestle.web.store.instalments import InstalmentsOf
from pestle.web.store.knowledge import dictionary


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed since the clinical check: everything `found` now, what of it is `new`, and what a
    colleague referred and nobody answered."""

    found: Checked
    new: tuple[Shown, ...]
    referrals: tuple[models.Referral, ...]

    @property
    def stopping(self) -> tuple[Shown, ...]:
        """What of the new needs somebody who may override."""
        return tuple(entry for entry in self.new if stops(entry))

    def refusals(self, by: Person) -> list[Refusal]:
        """Why the bag stays until that is answered: ``hand-out.new-finding``, ``hand-out.referred``."""
        refer = override_refusal(by)
        way_out = "Answer it below." if refer is None else "Refer it to a pharmacist."
        return [
            *(
                Refusal(
                    "hand-out.new-finding",
                    f"New since the clinical check: {entry.finding.severity.word}: {entry.finding.what}",
                    "findings",
                    way_out,
                )
                for entry in self.stopping
            ),
            *(
                Refusal("hand-out.referred", f"{one.by.full_name} referred it: {one.words}", "findings",
                        "A pharmacist answers it first.")
                for one in self.referrals
            ),
        ]  # fmt: skip


def since_clinical_check(
    row: models.Prescription,
    lines: Sequence[models.Line],
    *,
    stopped: Mapping[int, Sequence[Refusal]],
    now: datetime,
) -> Since:
    """The checks run again over these lines, as everything is known now.

    What is only about lines that law or their packs keep back anyway (`stopped`, see `refusals_by_line`) is
    not new: it would be said twice.
    """
    found = findings.checked(row, lines, now=now)
    kept_back = {line.item_id for line in lines if stopped.get(line.pk)}
    new = tuple(
        entry
        for entry in findings.since_last_check(row, found.entries)
        if not entry.lines or not set(entry.lines) <= kept_back
    )
    return Since(found, new, tuple(findings.referrals(row)))


def refusals_by_line(
    row: models.Prescription, lines: Sequence[models.Line], signed: Prescription, *, now: datetime
) -> dict[int, list[Refusal]]:
    """Why each of these lines may not be handed out now, by its id; empty when it may: ``validity.…``,
    ``controlled.…``, ``instalments.…``, ``kind.…``, ``emergency.…``, ``pick.expired``, ``pick.recalled``,
    ``line.cancellation-asked``, ``query.open`` and the others for which a line waits. The number of queries
    does not depend on the number of lines, but for the packs of an emergency supply."""
    picks = prescriptions.standing_picks(row)
    recalls = ledger.recalls_of(row.site_id, [pick.batch for pick in picks])
    waits = queries.waits(row, lines)
    on = now.astimezone(ZoneInfo(row.site.time_zone)).date()
    plans = instalments.of(lines, row.site)
    return {
        line.pk: _line_refusals(
            row, line, signed, now=now, waits=waits.get(line.pk), found=plans.get(line.pk),
            bagged=sum(pick.amount for pick in picks if pick.line_id == line.pk),
            packs=[
                refusal
                for pick in picks
                if pick.line_id == line.pk
                for refusal in _pack_refusals(pick, recalls.get(pick.batch_id), on=on)
            ],
        )
        for line in lines
    }  # fmt: skip


def _line_refusals(
    row: models.Prescription,
    line: models.Line,
    signed: Prescription,
    *,
    now: datetime,
    waits: Refusal | None,
    found: InstalmentsOf | None,
    bagged: int,
    packs: Sequence[Refusal],
) -> list[Refusal]:
    on = now.astimezone(ZoneInfo(row.site.time_zone)).date()
    # The first instalment is bound to the period of the line, the others to their days.
    begun = found is not None and bool(found.history.given)
    stops = [
        waits,
        None if begun else validity(on=on, **_period(row, line, signed)),
        *handout_refusals(controlled=_controlled(line)),
        shortages.over(line, on=on),
        *(_instalment_refusals(found, line, bagged, on=on) if found else ()),
        *line_refusals(
            signed, prescriptions.request(signed, line), dictionary().product(line.product_id),
            site_id=row.site_id,
        ),
    ]  # fmt: skip
    if line.cancellation is not None:
        stops.append(
            Refusal(
                "line.cancellation-asked",
                "The prescriber asked to cancel this line after it was labelled",
                way_out="Telephone the prescriber; a pharmacist then withholds or keeps the line.",
            )
        )
    stops += packs
    name = line.product_name or line.medication_text
    return [
        Refusal(refusal.rule, f"{name}: {refusal.reason}", refusal.place, refusal.way_out)
        for refusal in stops
        if refusal is not None
    ]


def _instalment_refusals(found: InstalmentsOf, line: models.Line, bagged: int, *, on: date) -> list[Refusal]:
    """Why the bag of a line is not handed out today: what `due` names, ``instalments.other-amount``."""
    now = found.due_on(on)
    if isinstance(now, Refusal):
        return [now]
    if now.amount == bagged:
        return []
    base = prescriptions.base(line)
    return [
        Refusal(
            "instalments.other-amount",
            f"the bag has {amount_words(bagged, base)}; {amount_words(now.amount, base)} are collected today",
            "instalment",
            "Send it back to be assembled, and prepare today's instalment.",
        )
    ]


def last_day_of(row: models.Prescription, line: models.Line, signed: Prescription) -> date | None:
    """The last day on which the line may be supplied; None when the day of signature is not known."""
    period = _period(row, line, signed)
    return last_day(**period) if period["signed_on"] else None


def last_day_of_bag(
    row: models.Prescription, lines: Sequence[models.Line], signed: Prescription
) -> date | None:
    """The last day on which all of these lines, none of them in instalments, may be supplied; None where none
    is known."""
    days = [last_day_of(row, line, signed) for line in lines]
    return min((day for day in days if day), default=None)


def _period(row: models.Prescription, line: models.Line, signed: Prescription) -> dict[str, Any]:
    request, zone = prescriptions.request(signed, line), ZoneInfo(row.site.time_zone)
    return {
        "signed_on": signed.signed_at.astimezone(zone).date() if signed.signed_at else None,
        "starts_on": signed.starts_on,
        "controlled": _controlled(line),
        "course": request.course_of_therapy,
        "issue_number": request.repeat.issue_number if request.repeat else None,
        "authorisation_expires": request.repeat.authorisation_expires if request.repeat else None,
    }


def _controlled(line: models.Line) -> ControlledDrugCategory | None:
    product = dictionary().product(line.product_id)
    return product.controlled if product else None


def _pack_refusals(pick: models.Pick, recall: models.Recall | None, *, on: date) -> list[Refusal]:
    """What has become of a pack while its bag waited."""
    way_out = "Send the prescription back to be assembled from another batch."
    batch, refusals = pick.batch, []
    printed = expiry(batch.expiry)
    if printed.expired(on=on):
        refusals.append(
            Refusal("pick.expired", f"a pack of batch {batch.number} expired: its last day was "
                    f"{printed.last_usable_day:%d-%b-%Y}", "pack", way_out)
        )  # fmt: skip
    if recall is not None:
        reason = f"batch {batch.number} is recalled ({recall.reference})"
        refusals.append(Refusal("pick.recalled", reason, "pack", way_out))
    return refusals
