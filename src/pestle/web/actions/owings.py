"""What cannot be supplied now: noted line by line with its reasons and a promised day, and brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.due import promised_by
from pestle.pharmacy.dispensary.owing import Missing, owing_refusals, promise_refusals
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.instalments import owed_now, ready, say_owed
from pestle.web.actions.may_leave import last_day_of
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import instalments, models, owings, prescriptions


def owe(
    *,
    by: Person,
    now: datetime,
    key: str,
    line_id: int,
    seen: int | None,
    missing: Sequence[Missing],
    promised_on: date | None,
    words: str = "",
) -> Outcome:
    """Notes what of a line does not leave with the next hand-out, and its promised day. Its labels, which say
    the amount, are withdrawn; what is said replaces what was said before, and nothing missing ends it.

    Raises `Refused` with all that `owing_refusals` names, ``line.unknown``, ``line.not-open``.
    """

    def do() -> Deed:
        line, row = _line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "owe", by=by, now=now, seen=seen)
        if line.state != "open" or line.wanted is None:
            raise refuse("line.not-open", f"This line is {line.state}", place=line.medication_text)
        base = prescriptions.base(line)
        refusals = tuple(
            owing_refusals(
                prescriptions.standing(line), missing, promised_on=promised_on,
                on=now.astimezone(ZoneInfo(row.site.time_zone)).date(),
                last_day=last_day_of(row, line, prescriptions.signed(row)), base=base,
            )
        )  # fmt: skip
        if refusals:
            raise Refused(*refusals)
        owed = sum(one.amount for one in missing)
        reasons = [{"reason": one.reason.value, "amount": one.amount} for one in missing]
        _say(line, owed, promised_on=promised_on, reasons=reasons, words=words, by=by, now=now)
        line.labels.filter(withdrawn=False).update(withdrawn=True)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {
            "line": line.pk, "place": line.place, "amount": owed, "words": amount_words(owed, base),
            "reasons": reasons, "promised_on": promised_on.isoformat() if promised_on and owed else None,
        }  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "owed": owed})

    request = {"line": line_id, "seen": seen, "words": words,
               "missing": [[one.amount, one.reason.value] for one in missing],
               "promised_on": promised_on.isoformat() if promised_on else None}  # fmt: skip
    return once("dispensary.owe", by=by, now=now, key=key, request=request, do=do)


def owe_all(*, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None) -> Outcome:
    """Puts a prescription of which nothing can be supplied now under the owings.

    Raises `Refused`: ``owing.not-all`` while something is picked, or neither picked nor owed.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "owe_all", by=by, now=now, seen=seen)
        lines = prescriptions.open_lines(row.lines.all())
        if prescriptions.standing_picks(row) or any(prescriptions.standing(line).missing for line in lines):
            raise refuse("owing.not-all", "Not everything is owed",
                         way_out="Hand out what is there, or say of each line what is owed.")  # fmt: skip
        row.due_at = due_at(row, lines)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"owed": owed_words(lines)}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.owe_all", by=by, now=now, key=key, request=request, do=do)


def assemble_rest(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    line_ids: Collection[int] | None = None,
) -> Outcome:
    """Brings a prescription back to be assembled, for what is owed of these lines (None: of all).

    Of a line in instalments the one of today is prepared, or the next.

    Raises `Refused` (``owing.nothing``) where nothing is owed of them, and what stands in the way of every
    instalment.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "assemble_rest", by=by, now=now, seen=seen)
        lines = [
            line
            for line in prescriptions.open_lines(row.lines.all())
            if line.owed and (line_ids is None or line.pk in line_ids)
        ]
        if not lines:
            raise refuse("owing.nothing", "Nothing is owed of this line")
        detail = {"owed": owed_words(lines)}
        plans = instalments.of(lines, row.site)
        for line in ready(row, lines, plans, now=now):
            if line.pk in plans:
                owed, promised, _ = owed_now(row, line, now=now)
                say_owed(line, owed, promised, by=by, now=now)
            else:
                _say(line, 0, promised_on=None, reasons=[], words="", by=by, now=now)
            line.labels.filter(withdrawn=False).update(withdrawn=True)
        # A pause before checking one's own work belongs to the bag that has left.
        row.self_check_began_at, row.self_check_by = None, None
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {"prescription": prescription_id, "seen": seen,
               "lines": None if line_ids is None else sorted(line_ids)}  # fmt: skip
    return once("dispensary.assemble_rest", by=by, now=now, key=key, request=request, do=do)


def promise(
    *,
    by: Person,
    now: datetime,
    key: str,
    line_id: int,
    seen: int | None,
    promised_on: date | None,
    words: str,
) -> Outcome:
    """Promises another day for what is owed of a line, with the reason.

    Raises `Refused`: ``owing.nothing``, ``owing.instalments``, ``owing.no-words``, and those of
    `promise_refusals`.
    """

    def do() -> Deed:
        line, row = _line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "promise", by=by, now=now, seen=seen)
        if not line.owed:
            raise refuse("owing.nothing", "Nothing is owed of this line")
        said = owings.last_said([line])[line.pk]
        if owings.in_instalments(said):
            raise refuse("owing.instalments", "The instalments of a line have days of their own")
        refusals = [
            *promise_refusals(
                promised_on,
                on=now.astimezone(ZoneInfo(row.site.time_zone)).date(),
                last_day=last_day_of(row, line, prescriptions.signed(row)),
            )
        ]
        if len(words.strip()) < 3:
            refusals.append(Refusal("owing.no-words", "Say why it is another day", "words"))
        if refusals or promised_on is None:
            raise Refused(*refusals)
        _say(line, line.owed, promised_on=promised_on, reasons=said.reasons, words=words, by=by, now=now)
        row.due_at = due_at(row, row.lines.filter(state="open"))
        prescriptions.move(row, transition, by=by, now=now)
        detail = {
            "line": line.pk, "place": line.place, "was": said.promised_on and said.promised_on.isoformat(),
            "promised_on": promised_on.isoformat(), "words": words.strip(),
        }  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk})

    request = {"line": line_id, "seen": seen, "words": words,
               "promised_on": promised_on.isoformat() if promised_on else None}  # fmt: skip
    return once("dispensary.promise", by=by, now=now, key=key, request=request, do=do)


def bring_back(*, by: Person, now: datetime, key: str) -> list[int]:
    """Brings back every prescription of which a whole owed line is there now, the first promised first, each
    as a command of its own; gives their ids. What somebody has in hand, or this person may not move, stays.
    """
    site = models.Site.objects.get(pk=by.site_id)
    moved = []
    for back in owings.covered(site.pk, on=now.astimezone(ZoneInfo(site.time_zone)).date()):
        try:
            assemble_rest(
                by=by, now=now, key=f"{key}:{back.prescription}", prescription_id=back.prescription,
                seen=None, line_ids=back.lines,
            )  # fmt: skip
        except Refused:
            continue
        moved.append(back.prescription)
    return moved


def due_at(row: models.Prescription, lines: Iterable[models.Line]) -> datetime:
    """By when the first of what is owed of these lines is promised (UTC)."""
    first = min(line.promised_on for line in lines if line.owed and line.promised_on)
    return promised_by(first, zone=ZoneInfo(row.site.time_zone))


def owed_words(lines: Collection[models.Line]) -> dict[int, str]:
    """What is owed of each line, by its place."""
    return {line.place: amount_words(line.owed, prescriptions.base(line)) for line in lines if line.owed}


def _line(line_id: int, *, by: Person) -> tuple[models.Line, models.Prescription]:
    found = models.Line.objects.filter(pk=line_id, prescription__site=by.site_id).first()
    if found is None:
        raise refuse("line.unknown", "There is no such line at this site")
    row = prescriptions.locked(found.prescription_id, site_id=by.site_id)
    return row.lines.get(pk=line_id), row


def _say(
    line: models.Line,
    owed: int,
    *,
    promised_on: date | None,
    reasons: Sequence[Mapping[str, str | int]],
    words: str,
    by: Person,
    now: datetime,
) -> None:
    line.owed, line.promised_on = owed, promised_on if owed else None
    line.save(update_fields=("owed", "promised_on"))
    models.Owing.objects.create(
        line=line, amount=owed, reasons=list(reasons), promised_on=line.promised_on,
        words=words.strip()[:300], by_id=by.id, at=now,
    )  # fmt: skip
