"""What has been done with the controlled drugs of the invented pharmacy, besides handing them out?

Two technicians count every page of the register each week; one page has been forgotten this time. A crushed
box was destroyed before an invented officer, two requisitions came of which one original waits to be sent on,
and patients brought things back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.controlled import Witness
from pestle.pharmacy.ledger.requisition import Purpose, Recipient, Requisition
from pestle.pharmacy.people import Person
from pestle.web.actions import balance, destroying, requisitions
from pestle.web.store import register
from pestle.web.store import requisitions as stored

_WEEKS = (22, 15, 8)
_OFFICER = Witness("Cora Lane (invented)", "Invented CD accountable officer, letter 12")
_KIT = "denaturing kit"
# What is left of a pack and can be counted: so much goes out on each form.
_FORMS = (
    (Recipient("Dr Ada Osei (invented)", "general practitioner", "4 Mill Lane, Ashcombe", "Ashcombe Surgery"),
     10),
    (Recipient("Kit Marlow (invented)", "paramedic", "Ambulance station, Ashcombe"), 5),
)  # fmt: skip


def rounds(*, by: Person, second: Person, now: datetime) -> Iterator[datetime]:
    """Three weeks of counts, a destruction, and two returns of which one waits."""
    for week in _WEEKS:
        at = now - timedelta(days=week)
        yield at
        for page in register.pages(by.site_id):
            _count(page, by=by, second=second, now=at)
    at = now - timedelta(days=6)
    yield at
    pages = register.pages(by.site_id)
    row = register.stands(by.site_id, pages[0])[0]
    destroying.destroy(
        by=by, now=at, key=name_id("destroy", by.site_id), page_id=pages[0].id, batch_id=row.batch_id,
        source=(AccountKind(row.account.kind), row.account.name), amount=row.batch.pack_amount,
        why="damaged: crushed box", method=_KIT, witness=_OFFICER,
    )  # fmt: skip
    for form, amount in _FORMS:
        _supply(pages[0], form, amount, by=by, now=at)
    first = stored.requisitions(by.site_id)[0].row.pk
    requisitions.send_on(
        by=by, now=at, key=name_id("sent", by.site_id), requisition_id=first, words="FP34PCD (invented)"
    )
    brought = [
        destroying.record_return(
            by=by, now=at, key=name_id("return", by.site_id, medicine), medicine=medicine, quantity=quantity,
            brought_by="a daughter (invented)",
        ).result["return"]
        for medicine, quantity in (
            ("Oxycodone 5mg capsules", "17 capsules"),
            ("Morphine 10mg modified-release tablets", "23 tablets"),
        )
    ]  # fmt: skip
    at += timedelta(minutes=20)
    yield at
    destroying.destroy_return(
        by=by, now=at, key=name_id("destroy", by.site_id, brought[0]), return_id=brought[0], method=_KIT,
        witness=Witness(second.name, person=second),
    )  # fmt: skip
    at = now - timedelta(days=1)
    yield at
    for page in pages[1:]:
        _count(page, by=by, second=second, now=at)


def _supply(page: register.Page, recipient: Recipient, amount: int, *, by: Person, now: datetime) -> None:
    row = next(
        one for one in register.stands(by.site_id, page)
        if AccountKind(one.account.kind) in STORES and one.amount >= amount
    )  # fmt: skip
    purpose = Purpose.PARAMEDIC if recipient.profession == "paramedic" else Purpose.DOCTORS_BAG
    requisitions.supply(
        by=by, now=now, key=name_id("requisition", by.site_id, recipient.name), asked={page.id: amount},
        requisition=Requisition(recipient, purpose, now.date(), marked=True, taken_by=recipient.name),
        taken=[requisitions.Taken(row.batch_id, (AccountKind(row.account.kind), row.account.name), amount)],
    )  # fmt: skip


def _count(page: register.Page, *, by: Person, second: Person, now: datetime) -> None:
    found = {(row.batch_id, row.account_id): row.amount for row in register.stands(by.site_id, page)}
    balance.check_balance(
        by=by, now=now, key=name_id("balance", by.site_id, page.id, now.isoformat()), page_id=page.id,
        found=found, seen=register.latest(register.batch_ids(by.site_id, page)), second=second,
    )  # fmt: skip
