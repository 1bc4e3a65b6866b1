"""An alert comes in, its packs are set aside, and it is written down who did what until it is done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel, may_act
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, recalls
from pestle.web.store.knowledge import dictionary


def record_alert(
    *, by: Person, now: datetime, key: str, kind: AlertKind, reference: str, title: str = "",
    level: RecallLevel | None, deadline: datetime | None, packs: Sequence[tuple[str, str]],
) -> Outcome:  # fmt: skip
    """Puts a recall notice or a national alert on record; each of `packs` (GTIN, batch number; an empty
    number is every batch) is refused from now on at every pick and receipt.

    Raises `Refused`: ``stock.role``, ``recall.no-reference``, ``recall.reference-taken``,
    ``recall.no-deadline``, ``recall.no-packs``, ``recall.level``, ``recall.no-title``,
    ``stock.unknown-pack``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        _check(by, kind, reference.strip(), title.strip(), level, deadline, packs)
        row = models.Alert.objects.create(
            site_id=by.site_id, kind=kind.value, reference=reference.strip(), title=title.strip(),
            level=level.value if level else "", deadline=deadline, by_id=by.id, at=now,
        )  # fmt: skip
        made = [
            models.Recall.objects.create(
                site_id=by.site_id, gtin=_gtin(gtin), number=number.strip(), reference=reference.strip(),
                by_id=by.id, at=now,
            )
            for gtin, number in packs
        ]  # fmt: skip
        links = [models.AlertRecall.objects.create(alert=row, recall=recall) for recall in made]
        detail = {"kind": kind.value, "reference": row.reference, "packs": [list(pack) for pack in packs]}
        return Deed(f"alert:{row.pk}", detail, {"alert": row.pk}, sealed=[row, *made, *links])

    request = {
        "kind": kind.value, "reference": reference, "title": title, "level": level.value if level else "",
        "deadline": deadline.isoformat() if deadline else "", "packs": [list(pack) for pack in packs],
    }  # fmt: skip
    return once("stock.record_alert", by=by, now=now, key=key, request=request, do=do)


def set_aside(*, by: Person, now: datetime, key: str, alert_id: int) -> Outcome:
    """Moves everything that an alert recalls from shelves, fridges, robots, wards and trolleys to quarantine.

    What is in bags stays there: its prescription refuses to be handed out. Raises `Refused`: ``stock.role``,
    ``recall.unknown``, ``recall.nothing-held``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        row = _alert(by, alert_id)
        batches = {one.batch_id for one in recalls.held(row)}
        ledger.locked(*batches)
        # Read again, now that nobody else can move them.
        standing = [one for one in recalls.held(row) if one.account.kind in recalls.SET_ASIDE_FROM]
        if not standing:
            raise refuse("recall.nothing-held", "Nothing of it stands on a shelf, in a fridge or on a ward")
        quarantine = ledger.account(by.site_id, AccountKind.QUARANTINE)
        posted = ledger.post([
            Movement(
                one.batch_id, ledger.as_account(one.account), quarantine, one.amount, now, now, by.id, key,
                Reason.QUARANTINE, about=f"alert:{row.pk}", why=f"recalled: {row.reference}"[:200],
            )
            for one in standing
        ])  # fmt: skip
        detail = {"alert": row.pk, "batches": sorted(batches)}
        return Deed(f"alert:{row.pk}", detail, {"alert": row.pk, "moved": len(posted)}, moved=posted)

    return once("stock.set_aside_recalled", by=by, now=now, key=key, request={"alert": alert_id}, do=do)


def act(
    *, by: Person, now: datetime, key: str, alert_id: int, words: str, completes: bool = False
) -> Outcome:
    """Writes down what was done about an alert, or that it is done. Raises `Refused` as `may_act` names it,
    and ``recall.unknown``."""

    def do() -> Deed:
        row = _alert(by, alert_id)
        held = sum(one.amount for one in recalls.held(row) if one.account.kind in recalls.PICKABLE)
        done = models.AlertAct.objects.filter(alert=row, completes=True).exists()
        found = tuple(may_act(words=words, done=done, completes=completes, pickable=held, by=by))
        if found:
            raise Refused(*found)
        made = models.AlertAct.objects.create(
            alert=row, words=words.strip(), completes=completes, by_id=by.id, at=now
        )
        return Deed(f"alert:{row.pk}", {"completes": completes}, {"alert": row.pk}, sealed=[made])

    request = {"alert": alert_id, "words": words, "completes": completes}
    return once("stock.act_on_alert", by=by, now=now, key=key, request=request, do=do)


def _check(
    by: Person, kind: AlertKind, reference: str, title: str, level: RecallLevel | None,
    deadline: datetime | None, packs: Sequence[tuple[str, str]],
) -> None:  # fmt: skip
    if len(reference) < 3:
        raise refuse("recall.no-reference", "An alert has a reference, such as its MHRA number",
                     place="reference")  # fmt: skip
    if models.Alert.objects.filter(site=by.site_id, reference=reference).exists():
        raise refuse("recall.reference-taken", "An alert with this reference is on record", place="reference")
    if deadline is None and kind.needs_deadline:
        raise refuse("recall.no-deadline", "Say by when the notice wants it done", place="deadline")
    if kind is not AlertKind.NATPSA and not packs:
        raise refuse("recall.no-packs", "A recall is about a pack", place="pack")
    if packs and level is None:
        raise refuse("recall.level", "Say how far down it is recalled", place="level")
    if not packs and len(title) < 3:
        raise refuse("recall.no-title", "Say what the alert is about", place="title")


def _gtin(text: str) -> str:
    pack = dictionary().pack_by_gtin(text)
    if pack is None:
        raise refuse("stock.unknown-pack", "The dictionary has no pack with this code", place="pack")
    return pack.gtins[0]


def _alert(by: Person, alert_id: int) -> models.Alert:
    rows = models.Alert.objects.select_for_update(of=("self",))
    row = rows.filter(pk=alert_id, site=by.site_id).first()
    if row is None:
        raise refuse("recall.unknown", "There is no such alert here")
    return row
