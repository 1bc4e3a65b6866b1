"""Letters at the invented practice: one fresh, one overdue, one with a question, one settled, one from a
clinic.

Each is made of the medicines that its patient has on the list, so that it differs from the list in known
ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pestle.demo.messages import name_id
from pestle.demo.paper import pdf
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.medicines_list import Listed, ListStatus
from pestle.pharmacy.practice.reconciliation.discrepancy import Severity
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal, Settled
from pestle.web.actions import letters as actions
from pestle.web.actions.documents import File
from pestle.web.store import letters, medicines_list, models
from pestle.web.store.knowledge import dictionary

HOSPITAL, CLINIC = "Ashcombe General Hospital", "Ashcombe heart failure clinic"
_NEW = "Zopiclone 3.75mg tablets - one at night - new, for two weeks"
_SHORT, _LONG = 4, 9


@dataclass(frozen=True, slots=True)
class _Desk:
    site: models.Site
    people: Mapping[str, Person]
    now: datetime


def make_letters(*, site: models.Site, people: Mapping[str, Person], now: datetime) -> None:
    """Takes in five letters, an hour ago at the latest, and settles what their states need."""
    desk = _Desk(site, people, now - timedelta(hours=1))
    first, second, third, fourth, fifth = _patients(site)
    _take_in(desk, first, [*_with_an_increase(first)[:-1], _NEW], paper=True)
    _take_in(desk, second, _written(second, omitted=1), days=9)
    asked = _take_in(desk, third, _written(third, omitted=1), days=2)
    _settle_unchanged(desk, asked)
    _ask_the_rest(desk, asked)
    settled = _take_in(desk, fourth, _written(fourth, omitted=1), days=5)
    _settle_unchanged(desk, settled)
    _ask_the_rest(desk, settled)
    _decide(desk, settled)
    clinic = _take_in(desk, fifth, _with_an_increase(fifth), kind="clinic", sender=CLINIC, days=1)
    actions.open_task(
        by=people["priya"], now=desk.now, key=name_id("letter task", site.code), letter_id=clinic,
        what="bloods",
        words="Kidney function and potassium, two weeks after the clinic",
        due_on=(desk.now + timedelta(days=13)).date(), role=Role.NURSE,
    )  # fmt: skip


def _patients(site: models.Site) -> list[models.Patient]:
    """Five with a list that makes a letter of a usual length."""
    found = []
    for patient in models.Patient.objects.filter(site=site).order_by("pk"):
        if _SHORT <= len(_lines(patient)) <= _LONG:
            found.append(patient)
        if len(found) == 5:
            return found
    raise LookupError(f"{site.code} has too few patients with a list")


def _lines(patient: models.Patient) -> list[Listed]:
    return [line for line in medicines_list.lines(patient) if line.status is ListStatus.ACTIVE]


def _written(patient: models.Patient, *, omitted: int = 0) -> list[str]:
    """The list as a hospital writes it, the last of its medicines left out."""
    lines = _lines(patient)
    kept = lines[: len(lines) - omitted]
    return [
        f"{line.name} - {line.order.request.dosage.text if line.order.request.dosage else ''}"
        for line in kept
    ]


def _with_an_increase(patient: models.Patient) -> list[str]:
    """The same, one medicine of it in the next strength that it is made in."""
    rows = _written(patient)
    for at, line in enumerate(_lines(patient)):
        product = line.order.medication.product
        stronger = _stronger(product) if product is not None else None
        if product is not None and stronger is not None:
            dosage = line.order.request.dosage
            rows[at] = f"{stronger.name} - {dosage.text if dosage else ''} - increased from {product.name}"
            break
    return rows


def _stronger(product: Product) -> Product | None:
    """The next strength of the same moiety and form."""
    found = [each for each in dictionary().generics(product) if each.form == product.form and _strength(each)]
    above = [each for each in found if (_strength(each) or 0) > (_strength(product) or 0) > 0]
    return min(above, key=lambda each: (_strength(each) or 0, each.name), default=None)


def _strength(product: Product) -> Decimal | None:
    ingredients = product.ingredients or ()
    strength = ingredients[0].strength if len(ingredients) == 1 else None
    return strength.numerator.value / strength.denominator.value if strength else None


def _take_in(
    desk: _Desk,
    patient: models.Patient,
    lines: Sequence[str],
    *,
    days: int = 0,
    kind: str = "discharge",
    sender: str = HOSPITAL,
    paper: bool = False,
) -> int:
    received = (desk.now - timedelta(days=days)).date()
    said = actions.Arrived(
        data="\n".join(lines).encode(), sender=sender, kind=kind, received_on=received,
        dated=received - timedelta(days=1),
        documents=(File("discharge.pdf", pdf(f"{sender} (invented)", *lines)),) if paper else (),
    )  # fmt: skip
    taken = actions.take_in(
        by=desk.people["priya"], now=desk.now, key=name_id("letter", patient.pk), patient_id=patient.pk,
        arrived=said,
    )  # fmt: skip
    return int(taken.result["letter"])


def _settle(desk: _Desk, letter: int, who: str, what: str, settled: Mapping[str, Settled]) -> None:
    if settled:
        actions.settle(
            by=desk.people[who], now=desk.now, key=name_id(what, letter), letter_id=letter, seen=None,
            settled=settled, judged=dict.fromkeys(settled, actions.Judged(Severity.INSIGNIFICANT)),
        )  # fmt: skip


def _open(desk: _Desk, letter: int) -> list[Proposal]:
    row = letters.here(desk.site.pk, letter)
    assert row is not None
    look = letters.look(row)
    return [*look.open, *(one.proposal for one in look.questions)]


def _settle_unchanged(desk: _Desk, letter: int) -> None:
    unchanged = {each.key: Settled(Outcome.UNCHANGED) for each in _open(desk, letter) if each.at_once}
    _settle(desk, letter, "priya", "unchanged", unchanged)


def _ask_the_rest(desk: _Desk, letter: int) -> None:
    asked = {
        each.key: Settled(Outcome.QUERY, "Not as on our list: is it to go on as we have it?")
        for each in _open(desk, letter)
    }
    _settle(desk, letter, "priya", "asked", asked)


def _decide(desk: _Desk, letter: int) -> None:
    """The pharmacist has rung the ward: everything that was asked goes on."""
    decided = {
        each.key: Settled(Outcome.UNCHANGED, "The ward left it out by mistake; it goes on", confirmed=True)
        for each in _open(desk, letter)
        if each.listed
    }
    _settle(desk, letter, "gareth", "decided", decided)
