"""Labels first, then each pack by scan, then on to the accuracy check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.picking import PackInHand, take
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.movement import AccountKind, Movement, Reason, amount_words, base_units, reversal
from pestle.pharmacy.medicines.concept import Pack, Product
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import labels, ledger, models, prescriptions
from pestle.web.store.knowledge import dictionary


def print_labels(*, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None) -> Outcome:
    """Makes and prints the labels of every open line. The result lists the labels to print."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "print_labels", by=by, now=now, seen=seen)
        lines = prescriptions.open_lines(prescriptions.lines(row))
        made = [stored for line in lines for stored in _labels(row, line, now=now)]
        models.LabelPrint.objects.bulk_create(
            models.LabelPrint(label=stored, by_id=by.id, at=now) for stored in made
        )
        prescriptions.move(row, transition, by=by, now=now)
        codes = [stored.code for stored in made]
        return Deed(f"prescription:{row.pk}", {"labels": codes}, {"prescription": row.pk, "labels": codes})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.print_labels", by=by, now=now, key=key, request=request, do=do)


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
            "This label belongs to an earlier entry of the line",
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
) -> Outcome:
    """Takes a pack, or what is still wanted of it, from the shelf into a line.

    `number` and `expiry_text` are the batch as scanned or typed. Raises `Refused` by name:
    ``pick.unknown-pack``, ``pick.no-labels``, and those of `pestle.pharmacy.dispensary.picking.take`.
    """

    def do() -> Deed:
        row = prescriptions.locked(_prescription_of(line_id, site_id=by.site_id), site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "pick", by=by, now=now)
        line = _open_line(row, line_id)
        prescribed = _prescribed(line)
        if not line.labels.filter(withdrawn=False).exists():
            raise refuse("pick.no-labels", "Labels print first", place="label",
                         way_out="Print the labels, then scan one of this line.")  # fmt: skip
        pack, product = _pack(gtin)
        shelf = ledger.account(by.site_id, AccountKind.SHELF)
        batch, hand = _in_hand(shelf, pack, product, number=number.strip(), expiry_text=expiry_text)
        wanted = (line.wanted or 0) - prescriptions.picked(line)
        today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
        taken = take(hand, prescribed=prescribed, wanted=wanted, dictionary=dictionary(), on=today)
        if batch is None:
            raise AssertionError("a pack of no batch was taken")
        prepared = ledger.account(by.site_id, AccountKind.PREPARED)
        movement = Movement(
            batch_id=batch.pk, source_id=shelf.pk, target_id=prepared.pk, amount=taken.amount,
            happened_at=now, recorded_at=now, by=by.id, key=key, reason=Reason.PICK, about=f"line:{line.pk}",
        )  # fmt: skip
        posted = ledger.post([movement])[0]
        picked = models.Pick.objects.create(
            line=line, batch=batch, movement=posted, amount=taken.amount, split=taken.split,
            scanned=scanned[:200], by_id=by.id, at=now,
        )  # fmt: skip
        prescriptions.move(row, transition, by=by, now=now)
        left = wanted - taken.amount
        detail = {
            "line": line.pk, "place": line.place, "batch": batch.pk, "number": batch.number,
            "expiry": batch.expiry, "pack": batch.pack_name, "amount": taken.amount,
            "words": amount_words(taken.amount, prescriptions.base(line)), "split": taken.split,
            "movements": [posted.digest],
        }  # fmt: skip
        return Deed(
            f"prescription:{row.pk}", detail, {"prescription": row.pk, "pick": picked.pk, "left": left}
        )

    request = {"line": line_id, "gtin": gtin, "number": number, "expiry": expiry_text}
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
                "movements": movements,
            },
            {"prescription": row.pk},
        )

    return once("dispensary.undo_pick", by=by, now=now, key=key, request={"pick": pick_id}, do=do)


def put_back(picks: Sequence[models.Pick], *, by: Person, now: datetime, key: str) -> list[str]:
    """Reverses picks inside a running action, all in one posting; gives the digests of the movements, for the
    audit event. Raises `Refused` (``pick.undone``)."""
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
    return [movement.digest for movement in posted]


def complete_assembly(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None
) -> Outcome:
    """Sends the prescription to the accuracy check, when every open line has exactly what it needs."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(
            DISPENSING, prescriptions.task(row), "complete_assembly", by=by, now=now, seen=seen
        )
        short = [
            Refusal("assembly.incomplete", f"{amount_words(left, prescriptions.base(line))} missing",
                    line.product_name, "Scan the packs that are missing.")
            for line in prescriptions.open_lines(row.lines.all())
            if (left := (line.wanted or 0) - prescriptions.picked(line))
        ]  # fmt: skip
        if short:
            raise Refused(*short)
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", {}, {"prescription": row.pk, "step": row.step})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.complete_assembly", by=by, now=now, key=key, request=request, do=do)


def _labels(row: models.Prescription, line: models.Line, *, now: datetime) -> list[models.Label]:
    standing = list(line.labels.filter(withdrawn=False))
    if standing:
        return standing
    today = now.astimezone(ZoneInfo(row.site.time_zone)).date()
    labels.text(row, line, supplied_on=today)
    containers = labels.containers(line)
    edition = line.labels.count() + 1
    return models.Label.objects.bulk_create(
        models.Label(
            line=line, code=f"{line.pk}-{edition}-{n}", n=n, of=len(containers),
            amount=base_units(container, prescriptions.base(line)), supplied_on=today,
        )
        for n, container in enumerate(containers, start=1)
    )  # fmt: skip


def _prescription_of(line_id: int, *, site_id: int) -> int:
    line = models.Line.objects.filter(pk=line_id, prescription__site=site_id).first()
    if line is None:
        raise refuse("line.unknown", "There is no such line at this site")
    return line.prescription_id


def _open_line(row: models.Prescription, line_id: int) -> models.Line:
    # Read once the prescription is locked: a colleague may have withheld the line while we waited.
    line = row.lines.get(pk=line_id)
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


def _in_hand(
    shelf: models.Account, pack: Pack, product: Product, *, number: str, expiry_text: str
) -> tuple[models.Batch | None, PackInHand]:
    printed = expiry(expiry_text)
    gtin = pack.gtins[0]
    batch = models.Batch.objects.filter(
        site=shelf.site_id, gtin=gtin, number=number, expiry=str(printed)
    ).first()
    held = 0
    if batch is not None:
        balance = models.Balance.objects.filter(batch=batch, account=shelf).first()
        held = balance.amount if balance else 0
    recall = ledger.recall_of(shelf.site_id, gtin=gtin, number=number)
    return batch, PackInHand(
        pack=pack,
        product=product,
        batch_number=number,
        expiry=printed,
        held=held,
        recall=recall.reference if recall else None,
    )
