"""What a prescription is paid by: the charge or exemption, the endorsements of its lines, and its claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.charge import Charged, Declared
from pestle.pharmacy.dispensary.endorsement import Endorsement, endorse
from pestle.pharmacy.dispensary.payment_claim import (
    amend_refusals,
    claim_refusals,
    month_of_payment,
)
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, payment, payment_messages, prescriptions
from pestle.web.store.knowledge import endorsements as table

MAY_CLAIM = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)


def record_charge(
    *, by: Person, now: datetime, key: str, prescription_id: int, declared: Declared | None
) -> Outcome:
    """Puts right what was answered about the prescription charge, or asks it where nobody did.

    Raises `Refused`: ``payment.role``, and what `charge` names.
    """

    def do() -> Deed:
        _check_role(by)
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        charged = payment.what_is_charged(row, prescriptions.signed(row), declared, now=now)
        charge = keep_charge(row, charged, by=by, now=now)
        return Deed(f"prescription:{row.pk}", charge_detail(charge), {"prescription": row.pk})

    request = {"prescription": prescription_id, "declared": answers(declared)}
    return once("payment.record_charge", by=by, now=now, key=key, request=request, do=do)


def keep_charge(row: models.Prescription, charged: Charged, *, by: Person, now: datetime) -> models.Charge:
    """Keeps what is charged; it follows what was kept before."""
    said = charged.declared
    return models.Charge.objects.create(
        prescription=row, follows=payment.charge_of(row), exemption=charged.exemption.code,
        evidence=said.evidence.value if said.evidence else "",
        declared_by=said.by.value if said.by else "",
        certificate=said.certificate.strip()[:40], certificate_ends=said.certificate_ends,
        signed=charged.signed, paid_items=len(charged.paid), item_pence=charged.item_pence,
        free_items=list(charged.free),
        by_id=by.id, at=now,
    )  # fmt: skip


def charge_detail(charge: models.Charge) -> dict[str, object]:
    """For the audit event: codes and figures, nothing of the patient."""
    return {
        "exemption": charge.exemption, "evidence": charge.evidence, "declared_by": charge.declared_by,
        "paid_items": charge.paid_items, "item_pence": charge.item_pence,
    }  # fmt: skip


def answers(declared: Declared | None) -> dict[str, object] | None:
    """What was answered, for the request of a command."""
    if declared is None:
        return None
    return {
        "code": declared.code,
        "evidence": declared.evidence.value if declared.evidence else None,
        "by": declared.by.value if declared.by else None,
        "certificate": declared.certificate,
        "signed": declared.signed,
        "ends": declared.certificate_ends.isoformat() if declared.certificate_ends else None,
    }


def endorse_lines(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    endorsements: Mapping[int, Sequence[Endorsement]],
) -> Outcome:
    """Endorses lines of a prescription, by their id; what was said before is replaced.

    Raises `Refused`: ``payment.role``, ``line.unknown``, and what `endorse` names, each with its line.
    """

    def do() -> Deed:
        _check_role(by)
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        lines = {line.pk: line for line in row.lines.all()}
        if not endorsements or not set(endorsements) <= set(lines):
            raise refuse("line.unknown", "There is no such line in this prescription")
        wrong: list[Refusal] = []
        said: dict[str, list[str]] = {}
        for pk, given in endorsements.items():
            line = lines[pk]
            try:
                kept = endorse(tuple(given), table=table(), protocol=line.protocol)
            except Refused as refused:
                name = line.product_name or line.medication_text
                wrong += [
                    Refusal(one.rule, f"{name}: {one.reason}", f"line {line.place}", one.way_out)
                    for one in refused.refusals
                ]
                continue
            models.LineEndorsement.objects.create(line=line, codes=_stored(kept), by_id=by.id, at=now)
            said[str(line.place)] = [one.code for one in kept]
        if wrong:
            raise Refused(*wrong)
        return Deed(f"prescription:{row.pk}", {"endorsed": said}, {"prescription": row.pk})

    request = {
        "prescription": prescription_id,
        "endorsements": {str(pk): _stored(given) for pk, given in endorsements.items()},
    }
    return once("payment.endorse", by=by, now=now, key=key, request=request, do=do)


def make_claim(*, by: Person, now: datetime, key: str, prescription_id: int, amends: bool = False) -> Outcome:
    """Makes the claim for a prescription, as a message to be sent; with `amends` in place of the one that
    stands.

    Raises `Refused`: ``payment.role``, and everything that `claim_refusals` or `amend_refusals` names.
    """

    def do() -> Deed:
        _check_role(by)
        prescriptions.locked(prescription_id, site_id=by.site_id)
        row = payment.one(by.site_id, prescription_id)
        assert row is not None
        today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
        facts = payment.to_claim(row)
        refusals = (amend_refusals if amends else claim_refusals)(facts, on=today)
        charge, supplied = payment.charge_of(row), facts.supplied_on
        if refusals or charge is None or supplied is None:
            raise Refused(*refusals)
        replaced = payment.last_claim(row) if amends else None
        signed = prescriptions.signed(row)
        body = payment_messages.claim(row, signed, charge, by=by, now=now, replaces=replaced)
        message = payment_messages.file(
            row.site, "Claim", body, name=f"claim-{row.pk}.json", now=now,
            summary="Claim for payment" if replaced is None else "Claim for payment, amended",
        )  # fmt: skip
        month = month_of_payment(supplied_on=supplied, claimed_on=today)
        lines = list(row.lines.all())
        claim = models.PaymentClaim.objects.create(
            prescription=row, message=message, replaces=replaced, charge=charge, by_id=by.id, at=now,
            month=replaced.month if replaced else month,
            items=sum(line.state == "supplied" for line in lines),
            paid_items=sum(payment_messages.is_paid(line, charge) for line in lines),
        )  # fmt: skip
        detail = {"message": message.pk, "month": claim.month.isoformat(), "items": claim.items,
                  "paid_items": claim.paid_items, "amends": amends}  # fmt: skip
        result = {"prescription": row.pk, "message": message.pk, "claim": claim.pk}
        return Deed(f"prescription:{row.pk}", detail, result)

    request = {"prescription": prescription_id, "amends": amends}
    return once("payment.make_claim", by=by, now=now, key=key, request=request, do=do)


def _check_role(by: Person) -> None:
    if not by.has(*MAY_CLAIM):
        raise refuse("payment.role", f"Claims are for the dispensary; you are signed in as {by.title}")


def _stored(given: Sequence[Endorsement]) -> list[dict[str, object]]:
    return [
        {"code": one.code, "details": {what.value: said for what, said in one.details.items()}}
        for one in given
    ]
