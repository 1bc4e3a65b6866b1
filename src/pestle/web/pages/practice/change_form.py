"""What did somebody type about a line of the medicines list?"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.practice.change import Change, Wanted, new, renew, revise
from pestle.pharmacy.practice.elsewhere import directions
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit, decimal
from pestle.pharmacy.quantity import plain as number
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.moment import PartialDate, partial_date
from pestle.pharmacy.refusal import refuse
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.product_options import NONE, Option, named, option
from pestle.web.store.knowledge import dictionary, medicine_index

FIELDS = (
    "medicine", "product", "course", "directions", "quantity", "unit", "indication", "issues", "until",
    "review", "withheld", "withheld_until", "elsewhere", "reason", "told_by", "renew",
)  # fmt: skip


def typed_of(wanted: Wanted | None) -> dict[str, str]:
    """What the form shows of what a line is now; of a new one, a repeat of nothing yet."""
    if wanted is None:
        return {"course": CourseOfTherapy.REPEAT.value}
    quantity = wanted.quantity
    return {
        "medicine": wanted.medication.text,
        "product": wanted.medication.code or NONE,
        "course": wanted.course.value,
        "directions": directions(wanted.dosage) if wanted.dosage else "",
        "quantity": number(quantity.value) if quantity else "",
        "unit": quantity.unit.text if quantity else "",
        "indication": wanted.indication.text if wanted.indication else "",
        "issues": str(wanted.issues_allowed or ""),
        "until": str(wanted.authorised_until or ""),
        "review": str(wanted.review_by or ""),
        "withheld": "yes" if wanted.withheld else "",
        "withheld_until": str(wanted.withheld_until or ""),
        "elsewhere": "yes" if wanted.prescribed_elsewhere else "",
    }


def shown(typed: dict[str, str]) -> dict[str, str]:
    """Every field of the form, with what was typed or nothing."""
    return {name: typed.get(name, "") for name in FIELDS}


def options(typed: dict[str, str]) -> list[Option]:
    """The products that may be meant by what was typed, the one that was chosen among them."""
    found = list(named(typed.get("medicine", "").strip()))
    chosen = dictionary().product(typed.get("product", ""))
    if chosen is not None and chosen.id not in {one.id for one in found}:
        found.insert(0, option(chosen, "As it is now"))
    return found


def wanted(typed: dict[str, str], line: Listed | None) -> Change:
    """The change that was typed, of this line or of none. Raises `Refused`: ``list.no-product``,
    ``list.course``, those of a number, a quantity and a day."""
    became = _wanted(typed, line)
    reason = typed.get("reason", "")
    if line is None:
        return new(became, reason)
    return renew(line, became, reason) if typed.get("renew") == "yes" else revise(line, became, reason)


def _wanted(typed: dict[str, str], line: Listed | None) -> Wanted:
    said = shown(typed)
    medication = _medication(said)
    dosage = _dosage(said["directions"], line)
    quantity = _quantity(said)
    product = dictionary().product(medication.code) if medication.code else None
    days = days_supply(dosage, quantity, product) if dosage and quantity else None
    return Wanted(
        medication=medication,
        course=_course(said["course"]),
        dosage=dosage,
        quantity=quantity,
        days_supply=days.least if isinstance(days, Days) else None,
        indication=Coded(said["indication"].strip()) if said["indication"].strip() else None,
        issues_allowed=_whole(said["issues"]),
        authorised_until=day_or_none(said["until"], place="until"),
        review_by=day_or_none(said["review"], place="review"),
        starts=line.order.starts if line else None,
        ends=line.order.ends if line else None,
        withheld=said["withheld"] == "yes",
        withheld_until=_partial(said["withheld_until"]) if said["withheld"] == "yes" else None,
        prescribed_elsewhere=said["elsewhere"] == "yes",
    )


def _medication(said: dict[str, str]) -> Coded:
    product = dictionary().product(said["product"]) if said["product"] not in ("", NONE) else None
    if product is not None:
        return Coded(product.name, SNOMED, product.id)
    text = said["medicine"].strip()
    if said["product"] != NONE and medicine_index().search(text, 1):
        raise refuse("list.no-product", "Choose which medicine it is, or that it is not in the dictionary",
                     place="medicine")  # fmt: skip
    return Coded(text)


def _dosage(text: str, line: Listed | None) -> Dosage | None:
    """The instruction; one that was not touched stays as it was received."""
    words = text.strip()
    if not words:
        return None
    held = line.order.request.dosage if line else None
    if held is not None and words == directions(held):
        return held
    return Dosage((DosageStep(text=words),))


def _quantity(said: dict[str, str]) -> Quantity | None:
    if not said["quantity"].strip():
        return None
    value = decimal(said["quantity"], place="quantity")
    if value <= Decimal(0):
        raise refuse("list.quantity", "A quantity is more than nothing", place="quantity")
    if not said["unit"].strip():
        raise refuse("list.unit", "Say of what: tablets, millilitres", place="unit")
    return Quantity(value, Unit(said["unit"].strip()))


def _course(text: str) -> CourseOfTherapy:
    try:
        return CourseOfTherapy(text)
    except ValueError:
        raise refuse("list.course", "Choose acute, repeat or repeat dispensing", place="course") from None


def _whole(text: str) -> int | None:
    words = text.strip()
    if not words:
        return None
    if not (words.isascii() and words.isdigit() and len(words) < 4):
        raise refuse("list.issues", "A number of issues is from 1 to 99", place="issues")
    return int(words)


def _partial(text: str) -> PartialDate | None:
    return partial_date(text, place="withheld until") if text.strip() else None
