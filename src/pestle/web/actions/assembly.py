"""Labels first, then each pack by scan, then on to the accuracy check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from pestle.pharmacy.dispensary.picking import PackInHand, take
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.base_unit import MOST, amount_words, base_units
from pestle.pharmacy.ledger.movement import Movement, reversal
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.concept import Pack, Product
from pestle.pharmacy.medicines.expiry import Expiry, InUse, expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.differences import missing, open_discrepancies, sign_differences
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import instalments, labels, ledger, models, prescriptions, queries
from pestle.web.store.knowledge import dictionary

_IN_HAND = "the pack was in the hand, and the book did not have it"


def print_labels(*, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None) -> Outcome:
    """Makes and prints the labels of every open line of which something is to leave and that has none, or of
    all where all have. What nobody has decided yet has none. The result lists the labels to print."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "print_labels", by=by, now=now, seen=seen)
        codes = [stored.code for stored in make_labels(row, by=by, now=now)]
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", {"labels": codes}, {"prescription": row.pk, "labels": codes})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.print_labels", by=by, now=now, key=key, request=request, do=do)


def make_labels(row: models.Prescription, *, by: Person, now: datetime) -> list[models.Label]:
    """Makes and prints the labels inside a running action, see `print_labels`."""
    lines = [
        line
        for line in prescriptions.open_lines(prescriptions.lines(row))
        if _this_time(line) and not line.undecided
    ]
    bare = [line for line in lines if not line.current]  # type: ignore[attr-defined]
    made = [stored for line in bare or lines for stored in _labels(row, line, now=now)]
    models.LabelPrint.objects.bulk_create(
        models.LabelPrint(label=stored, by_id=by.id, at=now) for stored in made
    )
    return made


def reprint_label(*, by: Person, now: datetime, key: str, label_code: str, reason: str) -> Outcome:
    """Prints one label again, with the reason. Any step, any member of the team; always on record."""

    def do() -> Deed:
        if len(reason.strip()) < 3:
            raise refuse("label.no-reason", "A reprint needs its reason", place="reason")
        stored = find_label(label_code, site_id=by.site_id)
        models.LabelPrint.objects.create(label=stored, by_id=by.id, at=now, reason=reason.strip())
        prescription = stored.line.prescription_id
        return Deed(
            f"prescription:{prescription}",
            {"label": stored.code, "place": stored.line.place, "reason": reason.strip()},
            {"prescription": prescription, "labels": [stored.code]},
        )

    request = {"label": label_code, "reason": reason}
    return once("dispensary.reprint_label", by=by, now=now, key=key, request=request, do=do)


def find_label(code: str, *, site_id: int) -> models.Label:
    """The standing label with that code. Raises `Refused` (``label.unknown``, ``label.withdrawn``)."""
    stored = (
        models.Label.objects.filter(code=code, line__prescription__site=site_id)
        .select_related("line__prescription__patient", "line__prescription__site")
        .first()
    )
    if stored is None:
        raise refuse("label.unknown", "No label of this pharmacy has this code", place="scan")
    if stored.withdrawn:
        raise refuse(
            "label.withdrawn",
            "This label belongs to an earlier entry or supply of the line",
            place="scan",
            way_out="Destroy it, and print the labels again.",
        )
    return stored


def pick(
    *,
    by: Person,
    now: datetime,
    key: str,
    line_id: int,
    gtin: str,
    number: str,
    expiry_text: str,
    scanned: str,
    in_hand: bool = False,
) -> Outcome:
    """Takes a pack, or what is still wanted of it, from the shelf into a line.

    `number` and `expiry_text` are the batch as scanned or typed. `in_hand` says that the pack is there
    whatever the book says: what the book lacks is entered first, as a difference that stays open. Raises
    `Refused` by name: ``pick.unknown-pack``, ``pick.no-labels``, ``query.open`` and the others for which a
    line waits, and those of `pestle.pharmacy.dispensary.picking.take`."""

    def do() -> Deed:
        row = prescriptions.locked(_prescription_of(line_id, site_id=by.site_id), site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "pick", by=by, now=now)
        line = _open_line(row, line_id)
        waits = queries.waits(row, [line])
        if waits:
            raise Refused(waits[line.pk])
        prescribed = _prescribed(line)
        if not line.labelled:
            raise refuse("pick.no-labels", "Labels print first", place="label",
                         way_out="Print the labels, then scan one of this line.")  # fmt: skip
        pack, product = _pack(gtin)
        printed, batch_number = expiry(expiry_text), number.strip()
        found = _on_shelf(by.site_id, pack, number=batch_number, printed=printed)
        hand = _in_hand(found, pack, product, site_id=by.site_id, number=batch_number, printed=printed)
        if in_hand:
            hand = replace(hand, held=MOST)
        wanted = (line.wanted or 0) - line.owed - line.picked
        today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
        taken = take(hand, prescribed=prescribed, wanted=wanted, dictionary=dictionary(), on=today)
        batch = found.batch or ledger.batch_of(by.site_id, pack, number=batch_number, printed=printed)
        prepared, shelf = ledger.accounts(by.site_id, (AccountKind.PREPARED, ""), found.end)
        about = f"line:{line.pk}"
        first: list[Movement] = []
        if in_hand:
            first = missing(
                ledger.locked(batch.pk)[batch.pk], shelf, wanted=taken.amount, by=by, happened_at=now,
                now=now, key=key, about=about, why=_IN_HAND,
            )  # fmt: skip
        movement = Movement(
            batch_id=batch.pk, source=shelf, target=prepared, amount=taken.amount, happened_at=now,
            recorded_at=now, by=by.id, key=key, reason=Reason.PICK, about=about,
        )  # fmt: skip
        moved = ledger.post([*first, movement])
        opened = open_discrepancies(moved, by=by, now=now)
        notes = sign_differences(moved, batch.product_id, by=by, now=now, words=_IN_HAND)
        picked = models.Pick.objects.create(
            line=line, batch=batch, movement=moved[-1], amount=taken.amount, split=taken.split,
            scanned=scanned[:200], by_id=by.id, at=now,
        )  # fmt: skip
        prescriptions.move(row, transition, by=by, now=now)
        left = wanted - taken.amount
        detail = {
            "line": line.pk, "place": line.place, "batch": batch.pk, "number": batch.number,
            "expiry": batch.expiry, "pack": batch.pack_name, "amount": taken.amount,
            "words": amount_words(taken.amount, prescriptions.base(line)), "split": taken.split,
            "discrepancies": [one.pk for one in opened],
        }  # fmt: skip
        result = {"prescription": row.pk, "pick": picked.pk, "left": left}
        return Deed(f"prescription:{row.pk}", detail, result, moved=moved, sealed=[*opened, *notes])

    request = {"line": line_id, "gtin": gtin, "number": number, "expiry": expiry_text, "in_hand": in_hand}
    return once("dispensary.pick", by=by, now=now, key=key, request=request, do=do)


def undo_pick(*, by: Person, now: datetime, key: str, pick_id: int) -> Outcome:
    """Puts a picked pack back on the shelf, by a movement that points at the first one."""

    def do() -> Deed:
        found = models.Pick.objects.filter(pk=pick_id, line__prescription__site=by.site_id).first()
        if found is None:
            raise refuse("pick.unknown", "There is no such pick")
        row = prescriptions.locked(found.line.prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "undo_pick", by=by, now=now)
        movements = put_back([found], by=by, now=now, key=key)
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(
            f"prescription:{row.pk}",
            {
                "pick": found.pk,
                "line": found.line_id,
                "place": found.line.place,
                "number": found.batch.number,
            },
            {"prescription": row.pk},
            moved=movements,
        )

    return once("dispensary.undo_pick", by=by, now=now, key=key, request={"pick": pick_id}, do=do)


def put_back(picks: Sequence[models.Pick], *, by: Person, now: datetime, key: str) -> list[models.Movement]:
    """Reverses picks inside a running action, all in one posting. Raises `Refused` (``pick.undone``,
    ``pick.gone``)."""
    gone = models.Supply.objects.filter(pick__in=picks)
    if gone:
        raise refuse("pick.gone", "This pack has left the pharmacy, and nothing that left comes back")
    for found in picks:
        if found.undoes_id is not None or models.Pick.objects.filter(undoes=found).exists():
            raise refuse("pick.undone", "This pack was put back already")
    posted = ledger.post(
        [
            reversal(ledger.value(found.movement), found.movement_id, at=now, by=by.id, key=key,
                     reason=Reason.UNDO_PICK)
            for found in picks
        ]
    )  # fmt: skip
    for found, movement in zip(picks, posted, strict=True):
        models.Pick.objects.create(
            line=found.line, batch=found.batch, movement=movement, amount=found.amount, split=found.split,
            by_id=by.id, at=now, undoes=found,
        )  # fmt: skip
    return posted


def complete_assembly(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None
) -> Outcome:
    """Sends the prescription to the accuracy check, when every open line has exactly what is to leave now.

    Raises `Refused`: ``assembly.incomplete``, ``assembly.all-owed``."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(
            DISPENSING, prescriptions.task(row), "complete_assembly", by=by, now=now, seen=seen
        )
        lines = prescriptions.open_lines(row.lines.all())
        waits = queries.waits(row, lines)
        short = [
            waits.get(line.pk)
            or Refusal("assembly.incomplete", f"{amount_words(left, prescriptions.base(line))} missing",
                       line.product_name, "Scan the packs that are missing, or say what is owed.")
            for line in lines
            if (left := prescriptions.standing(line).missing) or (line.undecided and not line.owed)
        ]  # fmt: skip
        if short:
            raise Refused(*short)
        if not prescriptions.standing_picks(row):
            raise refuse("assembly.all-owed", "All of it is owed, so there is nothing to check",
                         way_out="Put it under the owings.")  # fmt: skip
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", {}, {"prescription": row.pk, "step": row.step})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.complete_assembly", by=by, now=now, key=key, request=request, do=do)


def _this_time(line: models.Line) -> int:
    """Base units of the line that are to leave with the next hand-out."""
    return prescriptions.standing(line).this_time


def _labels(row: models.Prescription, line: models.Line, *, now: datetime) -> list[models.Label]:
    standing = list(line.labels.filter(withdrawn=False))
    if standing:
        return standing
    today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
    labels.text(row, line, supplied_on=today)
    base = prescriptions.base(line)
    amounts = _instalment(row, line, today=today) or [
        base_units(container, base) for container in labels.containers(line, _this_time(line))
    ]
    edition = line.labels.count() + 1
    return models.Label.objects.bulk_create(
        models.Label(
            line=line, code=f"{line.pk}-{edition}-{n}", n=n, of=len(amounts), amount=amount, supplied_on=today
        )
        for n, amount in enumerate(amounts, start=1)
    )


def _instalment(row: models.Prescription, line: models.Line, *, today: date) -> list[int]:
    """The containers of the instalment that is prepared: first what is consumed here, then what is taken
    home; empty where the line is collected at once, or its instalment has become another since."""
    found = instalments.of_line(line, row.site)
    prepared = found.now_or_next(today) if found else None
    if not isinstance(prepared, tuple) or prepared[1].amount != _this_time(line):
        return []
    due = prepared[1]
    return [amount for amount in (due.supervised, *due.containers) if amount]


def _prescription_of(line_id: int, *, site_id: int) -> int:
    line = models.Line.objects.filter(pk=line_id, prescription__site=site_id).first()
    if line is None:
        raise refuse("line.unknown", "There is no such line at this site")
    return line.prescription_id


def _open_line(row: models.Prescription, line_id: int) -> Any:
    """The line, with `labelled` and how much is `picked`."""
    # Read once the prescription is locked: a colleague may have withheld the line while we waited.
    standing = Q(picks__undoes=None, picks__undone_by=None)
    line = row.lines.annotate(
        labelled=Exists(models.Label.objects.filter(line=OuterRef("pk"), withdrawn=False)),
        picked=Coalesce(Sum("picks__amount", filter=standing), 0),
    ).get(pk=line_id)
    if line.state != "open":
        raise refuse("line.not-open", f"This line is {line.state}", place=line.medication_text)
    return line


def _prescribed(line: models.Line) -> Product:
    product = dictionary().product(line.product_id)
    if product is None:
        raise refuse("entry.unknown-product", "The dictionary has no such product", place=line.product_name)
    return product


def _pack(gtin: str) -> tuple[Pack, Product]:
    pack = dictionary().pack_by_gtin(gtin)
    product = dictionary().product(pack.product_id) if pack else None
    if pack is None or product is None:
        raise refuse(
            "pick.unknown-pack",
            "The dictionary has no pack with this code",
            place="pack",
            way_out="Check the pack by eye; ask for the dictionary to be brought up to date.",
        )
    return pack, product


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a pack is taken from, and what is held there of its batch; the shelf, where the book has none."""

    batch: models.Batch | None
    end: ledger.Ends = (AccountKind.SHELF, "")
    held: int = 0
    opened: InUse | None = None


def _on_shelf(site_id: int, pack: Pack, *, number: str, printed: Expiry) -> _Found:
    identity = {"site": site_id, "gtin": pack.gtins[0], "number": number, "expiry": str(printed)}
    balance = (
        models.Balance.objects.filter(
            account__kind__in=[kind.value for kind in STORES],
            **{f"batch__{name}": value for name, value in identity.items()},
        )
        .select_related("batch", "account")
        .order_by("-amount", "account")
        .first()
    )
    if balance is None:
        return _Found(models.Batch.objects.filter(**identity).first())
    batch, account = balance.batch, balance.account
    opened = None
    if balance.amount < batch.pack_amount:
        # What is left is less than a pack, so the pack in the hand is the opened one.
        last = models.Opening.objects.filter(batch=batch, account=account).order_by("-pk").first()
        opened = InUse(last.opened_on, last.days) if last else None
    return _Found(batch, (AccountKind(account.kind), account.name), balance.amount, opened)


def _in_hand(
    found: _Found, pack: Pack, product: Product, *, site_id: int, number: str, printed: Expiry
) -> PackInHand:
    recall = ledger.recall_of(site_id, gtin=pack.gtins[0], number=number)
    return PackInHand(
        pack=pack,
        product=product,
        batch_number=number,
        expiry=printed,
        held=found.held,
        recall=recall.reference if recall else None,
        opened=found.opened,
    )
