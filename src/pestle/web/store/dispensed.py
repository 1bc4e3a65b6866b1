"""What the service tells a practice of what it signed: each item dispensed or not, kept with its message."""

from __future__ import annotations

from operator import itemgetter

from pestle.pharmacy.practice.collected import Told
from pestle.web.store import models
from pestle.wire.eps.codes import CancellationOutcome, ItemStatus, display
from pestle.wire.eps.notification import SuppliedLine, SupplyNotification
from pestle.wire.eps.task import Withdrawn

_TOLD = {
    ItemStatus.FULLY_DISPENSED: Told.DISPENSED,
    ItemStatus.NOT_DISPENSED: Told.NOT_DISPENSED,
    ItemStatus.PARTLY_DISPENSED: Told.PARTLY,
    ItemStatus.OWING: Told.OWING,
    ItemStatus.CANCELLED: Told.CANCELLED,
    ItemStatus.EXPIRED: Told.EXPIRED,
    ItemStatus.TO_BE_DISPENSED: Told.WAITS,
    ItemStatus.WITH_DISPENSER: Told.WAITS,
}


def items(about: SupplyNotification | Withdrawn | None, *, site_id: int) -> list[models.IssuedItem]:
    """The items of the site that a message is about, locked with their standing; none where it names another
    patient or prescription than they are of."""
    if about is None:
        return []
    if isinstance(about, Withdrawn):
        number = about.prescription_number
        said = models.DispensingSaid.objects.filter(notification=_key(about.about)).values("item")
        found = models.IssuedItem.objects.filter(pk__in=said)
    else:
        number = about.heading.number
        # Ids are UUIDs, which others write in small letters.
        ids = [line.request.id.upper() for line in about.lines]
        found = models.IssuedItem.objects.filter(item_id__in=ids)
    ours = found.filter(
        prescription__site=site_id, prescription__number=number,
        prescription__patient__nhs_number=about.nhs_number.digits,
    )  # fmt: skip
    locked = models.ItemStanding.objects.select_for_update(of=("self",)).filter(item__in=ours)
    return [row.item for row in locked.select_related("item").order_by("pk")]


def take(
    about: SupplyNotification | Withdrawn, rows: list[models.IssuedItem], message: models.Message
) -> None:
    """Keeps what the message says of these items. What a withdrawal names, and what a notification replaces,
    counts no longer; of the rest what happened last is what is known."""
    taken_back = about.about if isinstance(about, Withdrawn) else about.replaces
    at = about.at if isinstance(about, Withdrawn) else about.handed_over_at
    lines = {} if isinstance(about, Withdrawn) else {line.request.id.upper(): line for line in about.lines}
    for row in rows:
        said = []
        if taken_back:
            said.append((Told.NOTHING, "", _key(taken_back)))
        if not isinstance(about, Withdrawn):
            line = lines[row.item_id]
            said.append((_TOLD[line.status], _why(line, about), _key(about.message_id)))
        for told, why, notification in said:
            models.DispensingSaid.objects.create(
                item=row, told=told.value, why=why[:80], notification=notification, message=message, at=at
            )
        settle(row)


def settle(row: models.IssuedItem) -> None:
    """Writes what is known of an item: what happened last of what was told and not taken back, and of its
    cancellation. Within a transaction, which locks that."""
    standing = models.ItemStanding.objects.select_for_update().get(item=row)
    said = list(row.dispensing.order_by("at", "pk"))
    taken_back = {one.notification for one in said if not one.told}
    counts = [(one.at, one.told, one.why) for one in said if one.notification not in taken_back]
    cancelled = models.CancellationSaid.objects.filter(
        cancellation__item=row, outcome=CancellationOutcome.CANCELLED.value
    )
    counts += [(at, Told.CANCELLED.value, "") for at in cancelled.values_list("at", flat=True)]
    last = sorted(counts, key=itemgetter(0))[-1] if counts else (None, "", "")
    standing.told_at, standing.told, standing.why = last
    standing.save()


def _why(line: SuppliedLine, about: SupplyNotification) -> str:
    reason = line.reason or about.reason
    return display(reason) if reason is not None and _TOLD[line.status] is not Told.DISPENSED else ""


def _key(identifier: str) -> str:
    """An identifier of a message, in whichever way it is written."""
    return identifier.casefold().removeprefix("urn:uuid:")[:80]
