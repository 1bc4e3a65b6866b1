"""What the form asks about the prescription charge, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pestle.pharmacy.dispensary.charge import Declarant, Declared, Evidence, worth_a_certificate
from pestle.pharmacy.ledger.waste import pounds
from pestle.pharmacy.record.medication import Prescription
from pestle.web.pages.bench import Bench
from pestle.web.pages.dates import day_of
from pestle.web.store import models, patients, payment
from pestle.web.store.knowledge import charges

# The place of a refusal, and the id of the field that it is about.
FIELDS = {
    "exemption": "exemption",
    "evidence": "evidence-seen",
    "declared by": "declared-by-patient",
    "certificate ends": "certificate_ends",
    "signed": "signed",
}


def declared(typed: Mapping[str, str]) -> Declared | None:
    """What was answered; None when nothing was. Raises `Refused` (``day.unreadable``)."""
    code = typed.get("exemption", "")
    if not code:
        return None
    evidence, by, ends = (typed.get(name, "") for name in ("evidence", "declared_by", "certificate_ends"))
    return Declared(
        code,
        Evidence(evidence) if evidence in {one.value for one in Evidence} else None,
        Declarant(by) if by in {one.value for one in Declarant} else None,
        typed.get("certificate", "").strip()[:40],
        day_of(ends, place="certificate ends") if ends.strip() else None,
        typed.get("signed") == "yes",
    )


def asked_once(row: models.Prescription, signed: Prescription, bench: Bench) -> dict[str, Any] | None:
    """What the hand-out asks; None where it was asked before, or does not concern the prescription."""
    if not payment.charge_is_asked(row, signed) or payment.charge_of(row) is not None:
        return None
    return asked(row, signed, bench)


def asked(row: models.Prescription, signed: Prescription, bench: Bench) -> dict[str, Any]:
    """What the form shows: the exemption that the date of birth shows, what may be chosen, what is due."""
    table, patient = charges(), patients.value(row.patient)
    shown = table.by_age(patient, on=bench.today)
    items = payment.items(row, signed)
    free = [item for item in items if any(code in table.free_lines for code in item.endorsements)]
    pence, due = table.pence(on=bench.today), len(items) - len(free)
    certificates = [price for price in table.certificates if price.holds(on=bench.today)]
    return {
        "by_age": shown,
        "paper": payment.on_paper(signed),
        "choices": [(one.code, one.words) for one in table.choices(on=bench.today)],
        "doubts": [
            f"{one.words}: {said}."
            for one in table.choices(on=bench.today)
            if (said := one.doubted(on=bench.today))
        ],
        "items": due,
        "free": len(free),
        "each": None if pence is None else pounds(pence),
        "together": None if pence is None else pounds(pence * due),
        "certificates": [
            (one.name, pounds(one.pence), worth_a_certificate(one, pence)) for one in certificates if pence
        ],
        "declarants": [(one.value, f"By {one.words}") for one in Declarant],
        "verified": all(source.verified for source in table.sources),
    }


def words_of(charge: models.Charge) -> list[tuple[str, Any]]:
    """A charge on record, as pairs for a list of facts."""
    exemption = charges().exemptions[charge.exemption]
    facts: list[tuple[str, Any]] = [("Charge", exemption.words)]
    if exemption.pays:
        each = charge.item_pence
        amount = "amount not known" if each is None else pounds(each * charge.paid_items)
        facts.append(("Paid", f"{amount} for {charge.paid_items}"))
    if charge.free_items:
        facts.append(("Free by endorsement", str(len(charge.free_items))))
    if charge.evidence:
        facts.append(("Evidence", "seen" if charge.evidence == "seen" else "not seen"))
    if charge.certificate or charge.certificate_ends:
        ends = f"{charge.certificate_ends:%d-%b-%Y}" if charge.certificate_ends else "not said"
        facts.append(("Certificate", f"{charge.certificate or 'number not said'}, valid to {ends}"))
    if charge.declared_by:
        facts.append(("Declared by", Declarant(charge.declared_by).words))
    elif exemption.proven_by_birth:
        facts.append(("Shown by", "the date of birth; nobody was asked"))
    if charge.signed is not None:
        facts.append(("Back of the form", "signed"))
    facts.append(("Recorded by", charge.by.full_name))
    return facts
