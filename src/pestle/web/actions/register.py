"""The controlled-drug register: what a receipt enters beside its movement, and notes in the margin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pestle.pharmacy.ledger.controlled import Source, interval_refusal, receipt_refusals
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.store import models, register


def receipt_stopped(product_id: str, source: Source) -> list[Refusal]:
    """What a receipt of that product still has to say; nothing where it needs no entry."""
    return list(receipt_refusals(source)) if register.needs_entry(product_id) else []


def enter_receipt(
    moved: Sequence[models.Movement], product_id: str, source: Source
) -> list[models.RegisterParticulars]:
    """Writes supplier and invoice beside receipts of that product, in the transaction that moves them."""
    if not register.needs_entry(product_id):
        return []
    return models.RegisterParticulars.objects.bulk_create(
        models.RegisterParticulars(
            movement=movement, schedule=register.schedule_of(product_id) or 0,
            party_name=source.name.strip(), party_address=source.address.strip(),
            document=source.document.strip(),
        )
        for movement in moved
    )  # fmt: skip


def note(*, by: Person, now: datetime, key: str, page_id: str, movement_id: int, words: str) -> Outcome:
    """Puts a note beside an entry: a correction in the margin, signed and dated.

    Raises `Refused`: ``stock.role``, ``register.unknown-page``, ``register.unknown-entry``,
    ``register.no-words``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        page = page_of(by, page_id)
        entry = register.entry_of(by.site_id, page, movement_id)
        if entry is None:
            raise refuse("register.unknown-entry", "This page has no such entry", place="entry")
        if len(words.strip()) < 3:
            raise refuse("register.no-words", "Say what is wrong, and what is right", place="words")
        made = models.RegisterNote.objects.create(movement=entry, words=words.strip(), by_id=by.id, at=now)
        detail = {"page": page.id, "movement": entry.pk}
        return Deed(f"batch:{entry.batch_id}", detail, {"note": made.pk}, sealed=[made])

    request = {"page": page_id, "movement": movement_id, "words": words}
    return once("register.note", by=by, now=now, key=key, request=request, do=do)


def set_interval(*, by: Person, now: datetime, key: str, days: int) -> Outcome:
    """From now on each page is counted every so many days. Raises `Refused`: ``register.role``,
    ``register.interval``."""

    def do() -> Deed:
        if not by.has(*MAY_MANAGE):
            raise refuse(
                "register.role", f"This is for a manager or pharmacist; you are signed in as {by.title}"
            )
        no = interval_refusal(days)
        if no is not None:
            raise Refused(no)
        site = models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        was, site.balance_check_days = site.balance_check_days, days
        site.save(update_fields=("balance_check_days",))
        return Deed(f"site:{site.pk}", {"was": was, "days": days}, {"days": days})

    return once("register.set_interval", by=by, now=now, key=key, request={"days": days}, do=do)


def page_of(by: Person, page_id: str) -> register.Page:
    """The page at the person's site. Raises `Refused` (``register.unknown-page``)."""
    page = register.page(by.site_id, page_id)
    if page is None:
        raise refuse("register.unknown-page", "The register has no such page here")
    return page
