"""What a prescription is paid by, loaded: charge, endorsements, notifications, claims, answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from pestle.pharmacy.dispensary.charge import Charged, ChargedItem, Declarant, Declared, Evidence, charge
from pestle.pharmacy.dispensary.endorsement import Detail, Endorsement
from pestle.pharmacy.dispensary.payment_claim import Answer, LineToClaim, ToClaim, Told
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.people import Country
from pestle.pharmacy.record.medication import CourseOfTherapy, Prescription
from pestle.web.store import models, patients, prescriptions
from pestle.web.store.knowledge import charges

# What becomes of a line when nothing more is to come of it.
_FINAL = frozenset({"supplied", "refused", "withheld", "cancelled"})


def charge_is_asked(row: models.Prescription, signed: Prescription) -> bool:
    """Whether the charge is asked here: of what stands on an NHS form, dispensed in England."""
    return row.site.country == Country.ENGLAND.value and kind_of(signed).charge_asked


def on_paper(signed: Prescription) -> bool:
    """Whether it is paid for by its paper, and not by a claim."""
    return kind_of(signed).goes_in_bundle


def items(row: models.Prescription, signed: Prescription) -> tuple[ChargedItem, ...]:
    """The lines that a charge can be due for: those that are, or are to be, dispensed."""
    asked = []
    for line in row.lines.all():
        if line.state in ("open", "supplied"):
            codes = tuple(one.code or "" for one in prescriptions.request(signed, line).endorsements)
            asked.append(ChargedItem(line.item_id, codes))
    return tuple(asked)


def what_is_charged(
    row: models.Prescription, signed: Prescription, declared: Declared | None, *, now: datetime
) -> Charged:
    """What is charged today by what was answered; by the date of birth alone where that shows it and nothing
    was answered. Raises `Refused`, as `charge` does."""
    patient, on = patients.value(row.patient), now.astimezone(ZoneInfo(row.site.time_zone)).date()
    if declared is None:
        shown = charges().by_age(patient, on=on)
        declared = Declared(shown.code) if shown else None
    return charge(items(row, signed), declared, patient=patient, charges=charges(), on=on,
                  paper=on_paper(signed))  # fmt: skip


def charge_of(row: models.Prescription) -> models.Charge | None:
    """The charge that stands; None when nobody was asked."""
    return max(row.charges.all(), key=lambda one: one.pk, default=None)


def declared(row: models.Charge) -> Declared:
    """What was answered, as a value."""
    return Declared(
        row.exemption,
        Evidence(row.evidence) if row.evidence else None,
        Declarant(row.declared_by) if row.declared_by else None,
        row.certificate,
        row.certificate_ends,
        bool(row.signed),
    )


def endorsed(line: models.Line) -> tuple[Endorsement, ...]:
    """How the line is endorsed; empty when nobody has said."""
    last = max(line.endorsements.all(), key=lambda one: one.pk, default=None)
    return () if last is None else tuple(_endorsement(one) for one in last.codes)


@dataclass(frozen=True, slots=True)
class Telling:
    """What the service was told last of a hand-out: the message, and the withdrawal of it."""

    hand_out: models.HandOut
    message: models.Message
    withdrawal: models.Withdrawal | None

    @property
    def withdrawn(self) -> bool:
        """Whether it counts no longer; a withdrawal that the service refused counts for nothing."""
        return self.withdrawal is not None and answer(self.withdrawal.message) is not Answer.REFUSED


def tellings(row: models.Prescription) -> list[Telling]:
    """What stands of each hand-out, the first first."""
    found = []
    for hand_out in sorted(row.hand_outs.all(), key=lambda one: one.pk):
        again = max(hand_out.told_again.all(), key=lambda one: one.pk, default=None)
        message = again.message if again else hand_out.notification
        if message is None:
            # Not of the prescription service: nobody is told.
            continue
        found.append(Telling(hand_out, message, getattr(message, "withdrawal", None)))
    return found


def answer(message: models.Message) -> Answer:
    """What the service has said to a message of ours."""
    last = max(message.answers.all(), key=lambda one: one.pk, default=None)
    if last is None:
        return Answer.NONE
    return Answer.ACCEPTED if last.accepted else Answer.REFUSED


def last_claim(row: models.Prescription) -> models.PaymentClaim | None:
    """The claim that was made last."""
    return max(row.payment_claims.all(), key=lambda one: one.pk, default=None)


def to_claim(row: models.Prescription) -> ToClaim:
    """The prescription as its claim depends on it."""
    signed = prescriptions.signed(row)
    zone = ZoneInfo(row.site.time_zone)
    claim = last_claim(row)
    repeat = any(line.course_of_therapy is CourseOfTherapy.REPEAT_DISPENSING for line in signed.lines)
    return ToClaim(
        lines=tuple(
            LineToClaim(
                line.product_name or line.medication_text,
                final=line.state in _FINAL,
                dispensed=line.state == "supplied",
                endorsed=bool(endorsed(line)),
            )
            for line in row.lines.all()
        ),
        told=tuple(_told(row, one, zone) for one in tellings(row)),
        charge_recorded=charge_of(row) is not None,
        claimed=answer(claim.message) if claim else None,
        repeat_dispensing=repeat,
        signed_on=signed.signed_at.astimezone(zone).date() if signed.signed_at else None,
    )


def supplied_on(row: models.Prescription) -> date | None:
    """The day of the last hand-out, at the site."""
    last = max((one.at for one in row.hand_outs.all()), default=None)
    return last.astimezone(ZoneInfo(row.site.time_zone)).date() if last else None


def loaded(found: QuerySet[models.Prescription]) -> list[models.Prescription]:
    """Prescriptions with all that their claims depend on, in a fixed number of queries."""
    bodiless = (
        models.Message.objects.defer("body")
        .select_related("withdrawal__message")
        .prefetch_related("answers", "withdrawal__message__answers")
    )
    hand_outs = models.HandOut.objects.prefetch_related(
        Prefetch("notification", bodiless),
        Prefetch("told_again", models.ToldAgain.objects.prefetch_related(Prefetch("message", bodiless))),
    )
    claims = models.PaymentClaim.objects.prefetch_related(Prefetch("message", bodiless)).select_related(
        "charge"
    )
    lines = models.Line.objects.prefetch_related("endorsements")
    return list(
        found.select_related("site", "patient", "order").prefetch_related(
            Prefetch("lines", lines),
            Prefetch("hand_outs", hand_outs),
            Prefetch("payment_claims", claims),
            "charges",
            "notified",
        )
    )


def one(site_id: int, prescription_id: int) -> models.Prescription | None:
    """One prescription of the site, loaded so."""
    rows = loaded(models.Prescription.objects.filter(site=site_id, pk=prescription_id))
    return rows[0] if rows else None


# What was settled longer ago than any claim may be made is in no list.
_LISTED = timedelta(days=366)


def unclaimed(site_id: int, *, now: datetime) -> QuerySet[models.Prescription]:
    """Those of which everything was settled in the last year, something was supplied, and no claim has been
    made; what has waited longest comes first."""
    return (
        models.Prescription.objects.filter(
            site=site_id,
            step="closed",
            closed_because="supplied",
            payment_claims=None,
            hand_outs__notification__isnull=False,
            step_since__gte=now - _LISTED,
        )
        .order_by("step_since", "pk")
        .distinct()
    )


def refused_claims(site_id: int) -> list[int]:
    """The prescriptions whose last claim the service refused."""
    rows = models.PaymentClaim.objects.filter(
        prescription__site=site_id, replaced_by=None, message__answers__accepted=False
    ).prefetch_related("message__answers", "prescription__payment_claims")
    return sorted(
        {
            claim.prescription_id
            for claim in rows
            if claim == last_claim(claim.prescription) and answer(claim.message) is Answer.REFUSED
        }
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """What stands for a month: claims, items, items with and without a charge, and pence; None when one of
    them is not known."""

    claims: int
    items: int
    paid_items: int
    exempt_items: int
    pence: int | None


def claims_of(site_id: int, month: date) -> list[models.PaymentClaim]:
    """The claims that count for a month and were not amended, the newest first."""
    return list(
        models.PaymentClaim.objects.filter(prescription__site=site_id, month=month, replaced_by=None)
        .select_related("charge", "prescription__patient", "prescription__site", "by", "message")
        .prefetch_related("message__answers")
        .defer("message__body")
        .order_by("-at", "-pk")
    )


def totals(claims: Sequence[models.PaymentClaim]) -> Totals:
    """The sums of the claims that the service has not refused."""
    standing = [one for one in claims if answer(one.message) is not Answer.REFUSED]
    pence = [one.pence for one in standing]
    counted = sum(one.items for one in standing)
    paid = sum(one.paid_items for one in standing)
    known = [each for each in pence if each is not None]
    return Totals(
        len(standing), counted, paid, counted - paid, sum(known) if len(known) == len(pence) else None
    )


def months(site_id: int) -> Iterable[date]:
    """The months for which a claim was made, the newest first."""
    return (
        models.PaymentClaim.objects.filter(prescription__site=site_id)
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()
    )


def _told(row: models.Prescription, telling: Telling, zone: ZoneInfo) -> Told:
    at = max([telling.message.at, *(one.at for one in row.notified.all())])
    return Told(
        on=telling.hand_out.at.astimezone(zone).date(),
        withdrawn=telling.withdrawn,
        answer=answer(telling.message),
        # Whatever settled the last line closed it; what was told before that was not final.
        final=row.step == "closed" and at >= row.step_since,
    )


def _endorsement(stored: dict[str, dict[str, str] | str]) -> Endorsement:
    details = stored.get("details")
    assert isinstance(details, dict)
    return Endorsement(str(stored["code"]), {Detail(name): said for name, said in details.items()})
