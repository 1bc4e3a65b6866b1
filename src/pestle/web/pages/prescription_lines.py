"""What does the page show of each line: as prescribed, in plain words, how much, how far, in which state?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import Standing, ends_soon
from pestle.pharmacy.documents.label import KEEP_FROM_CHILDREN
from pestle.pharmacy.dosage import wording
from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.supply import Daily, Days, daily_amount, days_supply
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import Level, Product
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import MedicationRequest, Prescription
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.query import ANSWERED, OPEN, Asked
from pestle.web.actions.may_leave import last_day_of
from pestle.web.pages import words
from pestle.web.pages.pack_words import kept_pack_words
from pestle.web.store import labels, models, prescriptions
from pestle.web.store.knowledge import dictionary
from pestle.web.store.orders import generic_of

STATES = {
    "open": ("Open", ""),
    "cancelled": ("Cancelled", "stop"),
    "refused": ("Refused", "stop"),
    "withheld": ("Withheld", "stop"),
    "supplied": ("Supplied", "done"),
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction in plain words, or as written with the reason why it was not understood."""

    words: str
    understood: bool
    why_not: str
    figures: str


@dataclass(frozen=True, slots=True)
class PickedPack:
    """A pack, or a part of one, in the line. `ok` says that it was scanned again at the check."""

    id: int
    name: str
    batch: str
    expiry: str
    amount: str
    split: bool
    rescanned: bool


@dataclass(frozen=True, slots=True)
class GoneView:
    """What left with one hand-out: when, how much, and from which packs."""

    at: datetime
    amount: str
    packs: tuple[PickedPack, ...]


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """A label that stands: what it says, line by line, and how often it was printed."""

    code: str
    n: int
    of: int
    lines: tuple[str, ...]
    prints: int


@dataclass(frozen=True, slots=True)
class AskedOutside:
    """A query about the line that is not closed yet: whom it is with, since when, and its words."""

    id: int
    whereabouts: str
    since: datetime
    words: str
    by: str
    answered: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One line as the page shows it. `left`, what is still to be picked, and `this_time`, what is to leave
    with the next hand-out, are in base units and None before a product is matched; `gone` is what left.
    `last_day` is the last on which it may be supplied. `asked` are the queries about it, and `waits` says
    why it goes no further."""

    id: int
    place: int
    item: str
    name: str
    brand: str
    written: str
    code: str
    schedule: str
    instruction: Instruction
    prescribed: str
    directions: str
    verbatim: bool
    state: str
    state_words: str
    state_kind: str
    state_detail: str
    cancellation: str
    wanted: str
    left: int | None
    left_words: str
    this_time: int | None
    this_time_words: str
    owed: str
    promised_on: date | None
    last_day: date | None
    ends_soon: bool
    gone: tuple[GoneView, ...]
    picks: tuple[PickedPack, ...]
    labels: tuple[PrintedLabel, ...]
    unknowns: tuple[str, ...]
    short: str
    asked: tuple[AskedOutside, ...]
    waits: Refusal | None
    row: models.Line
    request: MedicationRequest

    def amount_words(self, amount: int) -> str:
        """Base units of this line as a person says them."""
        return amount_words(amount, prescriptions.base(self.row))

    @property
    def open(self) -> bool:
        """Whether it is still to be supplied."""
        return self.state == "open"


def line_views(
    row: models.Prescription,
    lines: Sequence[models.Line],
    signed: Prescription,
    *,
    rescanned: frozenset[int] = frozenset(),
    short: Mapping[str, models.NotSupplied] | None = None,
    on: date | None = None,
    instalments: Collection[int] = (),
    queried: Sequence[models.Query] = (),
    waits: Mapping[int, Refusal] | None = None,
) -> tuple[LineView, ...]:
    """The lines, as loaded by `prescriptions.lines`; asks the database nothing more. `short` is what
    suppliers cannot supply, by generic product; with `on` it is said which are near their last day,
    which those in `instalments` (ids) do not have: each instalment has its own. `queried` are the
    prescription's queries; `waits` says by line why it goes no further."""
    open_ = [one for one in queried if one.standing.state in (OPEN, ANSWERED)]
    return tuple(
        _line(
            row, line, signed, rescanned, short or {}, None if line.pk in instalments else on,
            asked=tuple(_asked(one) for one in open_ if one.line_id in (None, line.pk)),
            waits=(waits or {}).get(line.pk),
        )
        for line in lines
    )  # fmt: skip


def instruction(
    dosage: Dosage | None, quantity: Quantity | None, product: Product | None = None
) -> Instruction:
    """The instruction in plain words with daily dose and days' supply, or why they are not known."""
    amount = str(quantity) if quantity else "quantity not stated"
    if dosage is None:
        return Instruction("No instruction was sent", False, "the message has none", amount)
    reading = read_dosage(dosage)
    if reading.refusal is not None:
        said = dosage.text or "; ".join(step.patient_instruction or "" for step in dosage.steps)
        figures = f"{amount} · daily dose and days’ supply not known"
        return Instruction(said or "No words were sent", False, reading.refusal.reason, figures)
    try:
        said = wording.plain(dosage).text
    except Refused as refused:
        return Instruction("No words were sent", False, refused.refusals[0].reason, amount)
    figures = " · ".join((_daily(dosage), _days(dosage, quantity, product), amount))
    return Instruction(said, True, "", figures)


def schedule_words(product: Product | None) -> str:
    """``Schedule 2 controlled drug``; empty when not controlled, said when not known."""
    if product is None:
        return ""
    if product.controlled is None:
        return "Controlled-drug schedule not known"
    schedule = product.controlled.schedule
    return f"Schedule {schedule} controlled drug" if schedule else ""


def names(product: Product) -> tuple[str, str]:
    """The generic's name, and the brand's where it is one."""
    if product.level is Level.VMP:
        return product.name, ""
    generic = dictionary().generic(product)
    return (generic.name, product.name) if generic else (product.name, "")


def _line(
    row: models.Prescription,
    line: models.Line,
    prescription: Prescription,
    rescanned: frozenset[int],
    short: Mapping[str, models.NotSupplied],
    on: date | None,
    *,
    asked: tuple[AskedOutside, ...],
    waits: Refusal | None,
) -> LineView:
    request = prescriptions.request(prescription, line)
    product = dictionary().product(line.product_id) if line.product_id else None
    name, brand = names(product) if product else (line.product_name or line.medication_text, "")
    state, kind = STATES[line.state]
    picks: list[models.Pick] = line.standing  # type: ignore[attr-defined]
    gone = prescriptions.given(line)
    stands = None
    if line.wanted is not None:
        stands = Standing(
            line.wanted, sum(one.amount for one in gone), sum(pick.amount for pick in picks), line.owed
        )
    left, this_time = (stands.missing, stands.this_time) if stands else (None, None)
    last_day = last_day_of(row, line, prescription) if line.state == "open" and on is not None else None
    made, unknowns = _labels(row, line)
    base = prescriptions.base(line) if line.unit else None
    return LineView(
        id=line.pk,
        place=line.place,
        item=line.item_id,
        name=name,
        brand=brand,
        written=line.medication_text,
        code=line.medication_code or "no code",
        schedule=schedule_words(product),
        instruction=instruction(request.dosage, request.quantity, product),
        prescribed=str(request.quantity) if request.quantity else "not stated",
        directions=line.directions,
        verbatim=line.verbatim,
        state=line.state,
        state_words=state,
        state_kind=kind,
        state_detail=_state_detail(line),
        cancellation=str(line.cancellation["reason"]) if line.cancellation else "",
        wanted=amount_words(line.wanted, base) if line.wanted is not None and base else "",
        left=left,
        left_words=amount_words(left, base) if left is not None and base else "",
        this_time=this_time,
        this_time_words=amount_words(this_time, base) if this_time is not None and base else "",
        owed=amount_words(line.owed, base) if line.owed and base else "",
        promised_on=line.promised_on,
        last_day=last_day,
        ends_soon=last_day is not None and on is not None and ends_soon(last_day, on=on),
        gone=tuple(
            GoneView(
                one.hand_out.at,
                amount_words(one.amount, prescriptions.base(line)),
                tuple(_pick(pick, line, frozenset()) for pick in one.picks),
            )
            for one in gone
        ),
        picks=tuple(_pick(pick, line, rescanned) for pick in picks),
        labels=made,
        unknowns=unknowns,
        short=_shortage(line, short),
        asked=asked if line.state == "open" else (),
        waits=waits if line.state == "open" else None,
        row=line,
        request=request,
    )


def _asked(one: models.Query) -> AskedOutside:
    whereabouts = Asked(one.asked).whereabouts
    answered = one.standing.state == ANSWERED
    return AskedOutside(one.pk, whereabouts, one.at, one.words, one.by.full_name, answered, one.holds)


def _shortage(line: models.Line, short: Mapping[str, models.NotSupplied]) -> str:
    """What a supplier says of the line's medicine: the one that was matched, else the one prescribed."""
    if not short or line.state != "open":
        return ""
    code = line.product_id or (line.medication_code and dictionary().current(line.medication_code))
    said = short.get(generic_of(code)) if code else None
    if said is None:
        return ""
    day = words.short_date(said.at.date())
    return f"{said.line.order.supplier.name} cannot supply it: {said.words} ({day})"


def _pick(pick: models.Pick, line: models.Line, rescanned: frozenset[int]) -> PickedPack:
    return PickedPack(
        id=pick.pk,
        name=kept_pack_words(pick.batch.pack_id, pick.batch.pack_name),
        batch=pick.batch.number,
        expiry=pick.batch.expiry,
        amount=amount_words(pick.amount, prescriptions.base(line)),
        split=pick.split,
        rescanned=pick.pk in rescanned,
    )


def _labels(row: models.Prescription, line: models.Line) -> tuple[tuple[PrintedLabel, ...], tuple[str, ...]]:
    stored: list[models.Label] = line.current  # type: ignore[attr-defined]
    if not stored:
        return (), ()
    text = labels.text(row, line, supplied_on=stored[0].supplied_on)
    made = tuple(
        PrintedLabel(one.code, one.n, one.of, _label_lines(row, line, one), len(one.prints.all()))
        for one in stored
    )
    return made, text.unknowns


def _label_lines(row: models.Prescription, line: models.Line, stored: models.Label) -> tuple[str, ...]:
    label = labels.label(row, line, stored)
    text = label.text
    return (
        f"{text.medicine} · {label.quantity}",
        text.directions,
        *text.in_directions,
        *text.warnings,
        *text.marks,
        KEEP_FROM_CHILDREN,
        f"{text.patient} · {words.short_date(text.supplied_on)} · {text.reference}",
        ", ".join((text.pharmacy_name, *text.pharmacy_address)),
    )


def _state_detail(line: models.Line) -> str:
    if line.state == "open" or not (line.state_code or line.state_reason):
        return ""
    code = NotDispensed(line.state_code).words if line.state_code else ""
    return ": ".join(part for part in (code, line.state_reason) if part)


def _daily(dosage: Dosage) -> str:
    daily = daily_amount(dosage)
    return daily.text if isinstance(daily, Daily) else f"daily dose not known: {_inside(daily.reason)}"


def _days(dosage: Dosage, quantity: Quantity | None, product: Product | None) -> str:
    if quantity is None:
        return "days’ supply not known"
    days = days_supply(dosage, quantity, product)
    if isinstance(days, Days):
        return f"lasts {days.text}"
    least = f", at least {days.at_least.normalize():f} days" if days.at_least is not None else ""
    return f"days’ supply not known: {_inside(days.reason)}{least}"


def _inside(reason: str) -> str:
    """A reason as part of a longer sentence."""
    return reason.rstrip(".")[:1].lower() + reason.rstrip(".")[1:]
