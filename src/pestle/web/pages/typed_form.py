"""The form on which a prescription is typed in: what it offers, what was typed, and which value that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from pestle.pharmacy.dispensary.prescription_kind import TYPED_IN, PrescriptionKind
from pestle.pharmacy.dispensary.typed_in import MOST_LINES, Typed, TypedLine
from pestle.pharmacy.dosage import wording
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient, nhs_number
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.pages.dates import day_or_none
from pestle.web.pages.product_options import NONE, Option, named, option
from pestle.web.store.knowledge import dictionary

_UK = "https://fhir.hl7.org.uk/Id/"
# Whose register the prescriber's number is of; without a system it is the number that the form bears.
BODIES = (
    ("gmc", "GMC (doctors)", f"{_UK}gmc-number"),
    ("nmc", "NMC (nurses, midwives)", f"{_UK}nmc-number"),
    ("gphc", "GPhC (pharmacists)", f"{_UK}gphc-number"),
    ("form", "another, as the form bears it", None),
)
GENDERS = ((Gender.FEMALE, "Female"), (Gender.MALE, "Male"), (Gender.OTHER, "Other"),
           (Gender.UNKNOWN, "Not said"))  # fmt: skip
NEW = "new"
# Which field of the form a refusal is about.
FIELDS = {
    "kind": "kind", "surname": "family", "given name": "given", "birth date": "born",
    "patient": "find_patient",
    "patient address": "address", "NHS number": "nhs_number", "prescriber": "prescriber",
    "prescriber number": "prescriber_number", "prescriber address": "prescriber_address", "date": "signed_on",
    "start date": "starts_on", "reason": "reason", "scan": "scan",
    **{f"{what} {place}": f"{what}-{place}" for place in range(1, MOST_LINES + 1)
       for what in ("medicine", "quantity", "unit", "directions", "days")},
}  # fmt: skip
_PARTS = ("medicine", "product", "quantity", "unit", "words", "directions", "days", "indication")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class LineForm:
    """One line of the form: the products that its words may mean, and how its directions are understood."""

    place: int
    options: tuple[Option, ...]
    chosen: str
    searched: bool
    understood: str
    not_understood: str


def number_of_lines(form: Mapping[str, str]) -> int:
    """How many lines the form shows: as many as it had, one more when asked for, at least one."""
    had = form.get("lines", "1")
    count = int(had) if had.isascii() and had.isdigit() and len(had) < 3 else 1
    return max(1, min(count + ("another_line" in form), MOST_LINES))


def line_forms(form: Mapping[str, str]) -> tuple[LineForm, ...]:
    """Every line as typed; a name that is exactly a product's is taken for it until another is chosen."""
    return tuple(_line_form(form, place) for place in range(1, number_of_lines(form) + 1))


def typed(form: Mapping[str, str]) -> Typed:
    """What was typed. Raises `Refused` for what cannot be read at all: a date, the NHS number."""
    refusals: list[Refusal] = []
    kind = next((one for one in TYPED_IN if one.value == form.get("kind")), None)
    value = Typed(
        kind=kind,
        patient=_patient(form, refusals),
        prescriber=_prescriber(form),
        lines=tuple(_line(form, one) for one in line_forms(form) if _said(form, one.place)),
        signed_on=None if kind and kind.emergency else _day(form, "signed_on", "date", refusals),
        starts_on=_day(form, "starts_on", "start date", refusals),
        reason=form.get("reason", "")[:300],
    )
    if refusals:
        raise Refused(*refusals)
    return value


def asked_for(form: Mapping[str, str]) -> PrescriptionKind | None:
    """The kind that is chosen; None for none."""
    return next((one for one in TYPED_IN if one.value == form.get("kind")), None)


def as_typed(form: Mapping[str, str]) -> defaultdict[str, str]:
    """What was posted, to be shown again; what was not is empty."""
    return defaultdict(str, form)


def _said(form: Mapping[str, str], place: int) -> bool:
    """Whether anything of this line was typed; an empty one behind the first is no line."""
    return place == 1 or any(form.get(f"{part}-{place}", "").strip() for part in _PARTS)


def _line_form(form: Mapping[str, str], place: int) -> LineForm:
    words = form.get(f"medicine-{place}", "").strip()
    found = named(words[:200])
    exact = next((one.id for one in found if one.name.casefold() == words.casefold()), "")
    chosen = form.get(f"product-{place}", "") or exact
    held = dictionary().product(chosen) if chosen not in ("", NONE) else None
    if held is not None and held.id not in {one.id for one in found}:
        found = (*found, option(held, "Chosen before"))
    directions = form.get(f"directions-{place}", "").strip()
    said, why_not = _understood(directions, held.form if held else None) if directions else ("", "")
    return LineForm(place, found, chosen, bool(words), said, why_not)


def _understood(directions: str, form: str | None) -> tuple[str, str]:
    """The label's words for the directions; else why they are not understood."""
    reading = read(directions)
    if reading.dosage is None:
        return "", reading.refusal.reason if reading.refusal else "These words are kept as they are."
    try:
        return wording.label(reading.dosage, form=form).text, ""
    except Refused as refused:
        return "", refused.refusals[0].reason


def _line(form: Mapping[str, str], one: LineForm) -> TypedLine:
    def of(part: str, most: int = 200) -> str:
        return form.get(f"{part}-{one.place}", "")[:most]

    product = dictionary().product(one.chosen) if one.chosen not in ("", NONE) else None
    return TypedLine(
        medicine=of("medicine", 300), quantity=of("quantity", 30), directions=of("directions", 1000),
        product=product, packs=dictionary().packs(product.id) if product else (), unit=of("unit", 60),
        quantity_words=of("words"), days=of("days", 10), indication=of("indication"),
    )  # fmt: skip


def _patient(form: Mapping[str, str], refusals: list[Refusal]) -> Patient:
    gender = next((one for one, _ in GENDERS if one.value == form.get("gender")), Gender.UNKNOWN)
    name = Name(
        form.get("family", "").strip(), tuple(form.get("given", "").split()), form.get("prefix", "").strip()
    )
    return Patient(
        name=name,
        born=_day(form, "born", "birth date", refusals),
        gender=gender,
        nhs_number=_nhs_number(form.get("nhs_number", ""), refusals),
        address=_address(form.get("address", ""), form.get("postcode", "")),
    )


def _nhs_number(text: str, refusals: list[Refusal]) -> NhsNumber | None:
    try:
        return nhs_number(text) if text.strip() else None
    except Refused as refused:
        refusals += refused.refusals
        return None


def _prescriber(form: Mapping[str, str]) -> Practitioner:
    number = form.get("prescriber_number", "").strip()[:40]
    system = next((url for code, _, url in BODIES if code == form.get("body")), None)
    address = _address(form.get("prescriber_address", ""), form.get("prescriber_postcode", ""))
    code, name = form.get("practice_code", "").strip()[:10].upper(), form.get("practice", "").strip()[:120]
    return Practitioner(
        name=form.get("prescriber", "").strip()[:120],
        identifiers=(Coded(number, system, number),) if number else (),
        organisation=Organisation(code, name, address) if code else None,
        telephone=form.get("prescriber_telephone", "").strip()[:30],
        address=None if code else address,
    )


def _address(lines: str, postcode: str) -> Address | None:
    parts = tuple(part.strip() for part in lines[:300].split(",") if part.strip())
    return Address(parts, postcode.strip()[:10].upper()) if parts else None


def _day(form: Mapping[str, str], field: str, place: str, refusals: list[Refusal]) -> date | None:
    try:
        return day_or_none(form.get(field, ""), place=place)
    except Refused as refused:
        refusals += refused.refusals
        return None
