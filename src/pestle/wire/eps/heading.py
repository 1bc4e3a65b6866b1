"""What does every line of a prescription say alike?

The service repeats the heading of a prescription on each of its lines. It is read from the first one and
written onto all of them; that they agree is a rule (rules.py).

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import Prescription
from pestle.wire.eps.systems import (
    PRESCRIPTION,
    SITE_PREFERENCE,
    X_PRESCRIPTION_ID,
    X_PRESCRIPTION_TYPE,
    X_SITE_TYPE,
)
from pestle.wire.fhir.bundle import Bundle, ods_code
from pestle.wire.fhir.datatypes import date_time_text, read_coding, read_date, write_coding
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.medication_request import (
    Field,
    part_of,
    set_extension,
    set_or_drop,
)
from pestle.wire.fhir.systems import ODS, ORDER_NUMBER


@dataclass(frozen=True, slots=True)
class Heading:
    """The fields of a `Prescription` that stand on each line; `heading_of` takes them from one."""

    number: str
    id: str | None = None
    prescription_type: Coded | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    nominated_pharmacy: str | None = None
    dispensing_site_preference: str | None = None
    authored_on: str | None = None


def heading_of(prescription: Prescription) -> Heading:
    """What every line of this prescription says alike."""
    return Heading(**{field.name: getattr(prescription, field.name) for field in HEADING})


def read_heading(line: Element, bundle: Bundle) -> Heading:
    """What this line says of its prescription. Raises `Refused`: the ``fhir.`` rules."""
    return Heading(**{field.name: field.read(line, bundle) for field in HEADING})


def _read_number(line: Element, _: Bundle) -> str:
    return line.need("groupIdentifier").need_text("value")


def _write_number(draft: dict[str, Any], value: str) -> None:
    group = part_of(draft, "groupIdentifier")
    group |= {"system": group.get("system") or ORDER_NUMBER, "value": value}


def _read_id(line: Element, _: Bundle) -> str | None:
    group = line.get("groupIdentifier")
    extension = group.extension(X_PRESCRIPTION_ID) if group else None
    return extension.need("valueIdentifier").text("value") if extension else None


def _write_id(draft: dict[str, Any], value: str | None) -> None:
    body = {"valueIdentifier": {"system": PRESCRIPTION, "value": value}} if value else None
    set_extension(draft["groupIdentifier"], X_PRESCRIPTION_ID, body)


def _read_type(line: Element, _: Bundle) -> Coded | None:
    extension = line.extension(X_PRESCRIPTION_TYPE)
    return read_coding(extension.need("valueCoding")) if extension else None


def _write_type(draft: dict[str, Any], value: Coded | None) -> None:
    set_extension(draft, X_PRESCRIPTION_TYPE, {"valueCoding": write_coding(value)} if value else None)


def _read_starts(line: Element, _: Bundle) -> date | None:
    period = line.follow("dispenseRequest", "validityPeriod")
    return read_date(period, "start") if period else None


def _read_ends(line: Element, _: Bundle) -> date | None:
    period = line.follow("dispenseRequest", "validityPeriod")
    return read_date(period, "end") if period else None


def _write_starts(draft: dict[str, Any], value: date | None) -> None:
    _write_period(draft, "start", value)


def _write_ends(draft: dict[str, Any], value: date | None) -> None:
    _write_period(draft, "end", value)


def _write_period(draft: dict[str, Any], key: str, value: date | None) -> None:
    request = part_of(draft, "dispenseRequest")
    period = part_of(request, "validityPeriod")
    set_or_drop(period, key, value.isoformat() if value else None)
    set_or_drop(request, "validityPeriod", period or None)


def _read_nominated(line: Element, _: Bundle) -> str | None:
    return ods_code(line.follow("dispenseRequest", "performer"))


def _write_nominated(draft: dict[str, Any], value: str | None) -> None:
    performer = {"identifier": {"system": ODS, "value": value}} if value else None
    set_or_drop(part_of(draft, "dispenseRequest"), "performer", performer)


def _read_preference(line: Element, _: Bundle) -> str | None:
    request = line.get("dispenseRequest")
    extension = request.extension(X_SITE_TYPE) if request else None
    return extension.need("valueCoding").text("code") if extension else None


def _write_preference(draft: dict[str, Any], value: str | None) -> None:
    body = {"valueCoding": {"system": SITE_PREFERENCE, "code": value}} if value else None
    set_extension(part_of(draft, "dispenseRequest"), X_SITE_TYPE, body)


def _read_authored(line: Element, _: Bundle) -> str | None:
    return date_time_text(line, "authoredOn")


def _write_authored(draft: dict[str, Any], value: str | None) -> None:
    set_or_drop(draft, "authoredOn", value)


HEADING: tuple[Field, ...] = (
    Field("number", _read_number, _write_number),
    Field("id", _read_id, _write_id),
    Field("prescription_type", _read_type, _write_type),
    Field("starts_on", _read_starts, _write_starts),
    Field("ends_on", _read_ends, _write_ends),
    Field("nominated_pharmacy", _read_nominated, _write_nominated),
    Field("dispensing_site_preference", _read_preference, _write_preference),
    Field("authored_on", _read_authored, _write_authored),
)
