"""Who asks for which medicines again, when a program says it?

MedicationRequests with intent ``proposal`` (somebody suggests) or ``plan``: one alone, or several in a Bundle
with their patients. An ``order`` is no request here: it prescribes. Each resource is read for itself, and one
that cannot be read is given back with its place and reason; the others go on.

Source: FHIR R4 MedicationRequest: intent, priorPrescription, doNotPerform
(hl7.org/fhir/R4/medicationrequest.html, 2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.dosage.agree import read_dosage as understood
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.practice.reconciliation.line import NO_DIRECTIONS, ListLine
from pestle.pharmacy.practice.reconciliation.names import Meant, Names
from pestle.pharmacy.practice.request_sheet import Asked, Unread
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.patient import NhsNumber, nhs_number
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.fhir.bundle import Bundle, identifier
from pestle.wire.fhir.datatypes import date_time_text, read_date, read_quantity
from pestle.wire.fhir.dosage import read_dosage
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.medication_request import read_medication
from pestle.wire.fhir.systems import ITEM_NUMBER, NHS_NUMBER
from pestle.wire.fhir.tree import parse

TYPES = ("collection", "batch", "transaction", "message")
INTENTS = ("proposal", "plan")
MOST = 1000
_STATUSES = ("active", "draft")
# What stands behind the requests, and is read with them.
_BEHIND = frozenset({
    "Patient", "Practitioner", "PractitionerRole", "Organization", "RelatedPerson", "Location", "Medication",
    "MessageHeader",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReceivedRequests:
    """What is asked for, resource by resource, and the name of who asks, as the first that says it does."""

    rows: tuple[Asked | Unread, ...]
    requester: str


def read_requests(data: bytes, names: Names) -> ReceivedRequests:
    """The requests. Raises `Refused`, and nothing else, on any bytes that are none as a whole: those of
    `parse`, ``request.not-fhir``, ``request.bundle-type``, ``request.none``, ``request.too-many``,
    ``fhir.full-url``."""
    top = root(parse(data))
    bundle, unread = _open(top)
    asked = bundle.all("MedicationRequest")
    if not asked:
        raise refuse("request.none", "Nothing in it asks for a medicine", place=top.place)
    if len(asked) > MOST:
        raise refuse("request.too-many", f"At most {MOST} requests come at once", place=top.place)
    rows = tuple(_row(one, bundle, names) for one in asked)
    return ReceivedRequests(
        (*rows, *unread), next((name for one in asked if (name := _who(one, bundle))), "")
    )


def _open(top: Element) -> tuple[Bundle, list[Unread]]:
    kind = top.text("resourceType")
    if kind == "MedicationRequest":
        return Bundle(top, (top,), {}), []
    if kind != "Bundle":
        raise refuse("request.not-fhir", "Send a MedicationRequest, or a Bundle of them", place=top.place)
    if top.text("type") not in TYPES:
        reason = f"A Bundle of type {top.text('type')} asks for nothing; these do: {', '.join(TYPES)}"
        raise refuse("request.bundle-type", reason, place=top.at("type"))
    resources: list[Element] = []
    unread: list[Unread] = []
    by_url: dict[str, Element] = {}
    by_id: dict[str, list[Element]] = {}
    for entry in top.each("entry"):
        resource = entry.get("resource")
        method = entry.get("request")
        said = resource.text("resourceType") if resource else None
        if resource is None or (method is not None and method.text("method") not in ("POST", None)):
            reason = "This entry asks for no new request"
            unread.append(_unread(entry, "request.not-new", reason))
            continue
        if said != "MedicationRequest" and said not in _BEHIND:
            unread.append(
                _unread(resource, "request.not-read", f"A {said or 'nothing'} asks for no medicine")
            )
            continue
        resources.append(resource)
        url, id_ = entry.text("fullUrl"), resource.text("id")
        if url is not None and by_url.setdefault(url, resource) is not resource:
            raise refuse("fhir.full-url", f"Two entries are called {url}", place=entry.place)
        if id_ is not None:
            by_id.setdefault(f"{said}/{id_}", []).append(resource)
    # An id that two resources share names neither of them.
    named = {name: held[0] for name, held in by_id.items() if len(held) == 1}
    return Bundle(top, tuple(resources), named | by_url), unread


def _unread(at: Element, rule: str, reason: str) -> Unread:
    return Unread(at.place, at.place, Refusal(rule, reason, at.place))


def _row(line: Element, bundle: Bundle, names: Names) -> Asked | Unread:
    try:
        _check(line)
        number, person, born = _subject(line, bundle)
        written = read_medication(line, bundle)
        dosage = read_dosage(line.each("dosageInstruction"))
        amount = line.follow("dispenseRequest", "quantity")
        quantity = read_quantity(amount) if amount else None
        many = f"{plain(quantity.value)} {quantity.unit.text}" if quantity else ""
        notes = [note.need_text("text") for note in line.each("note")]
        directions = dosage.text if dosage else ""
        return Asked(
            place=line.place,
            verbatim="; ".join(part for part in (written.text, directions, many, *notes) if part),
            line=ListLine(
                key=line.place,
                verbatim=" ".join((written.text, directions)).strip(),
                name=written.text,
                meant=_meant(written, names, line),
                directions=understood(dosage) if dosage else NO_DIRECTIONS,
            ),
            number=number,
            person=person,
            born=born,
            quantity=many,
            prior=_prior(line),
        )
    except Refused as refused:
        return Unread(line.place, _said(line), refused.refusals[0])


def _check(line: Element) -> None:
    """That it asks, and now. Raises `Refused`: ``request.intent``, ``request.status``, ``request.not-to-do``,
    ``fhir.modifier``, ``fhir.missing``."""
    intent, status = line.need_text("intent"), line.need_text("status")
    if intent not in INTENTS:
        reason = f"An intent of {intent} is no request: {' or '.join(INTENTS)} is"
        raise refuse("request.intent", reason, place=line.at("intent"))
    if status not in _STATUSES:
        raise refuse("request.status", f"It is {status}: nothing is asked for", place=line.at("status"))
    if line.truth("doNotPerform"):
        raise refuse("request.not-to-do", "It asks that this be not done", place=line.at("doNotPerform"))
    if line.has("modifierExtension"):
        reason = "What changes the meaning of a request is not read here"
        raise refuse("fhir.modifier", reason, place=line.at("modifierExtension"))
    # The same request a month later is another one, and this tells the two apart.
    if date_time_text(line, "authoredOn") is None:
        raise missing(line.at("authoredOn"))


def _subject(line: Element, bundle: Bundle) -> tuple[NhsNumber | None, str, date | None]:
    subject = line.need("subject")
    named = subject.get("identifier")
    by_number = named.text("value") if named and named.text("system") == NHS_NUMBER else None
    patient = bundle.resolve(subject, within=line)
    number = (identifier(patient, NHS_NUMBER) if patient else None) or by_number
    if patient is None:
        if number is None:
            raise missing(subject.at("identifier"))
        return nhs_number(number, place=subject.at("identifier")), "", None
    name = patient.first("name")
    person = ""
    if name is not None:
        person = (
            " ".join((*name.texts("given"), name.text("family") or "")).strip() or name.text("text") or ""
        )
    born = read_date(patient, "birthDate")
    if number is None and not (person and born):
        raise missing(patient.at("identifier"))
    return nhs_number(number, place=patient.at("identifier")) if number else None, person, born


def _meant(written: Coded, names: Names, line: Element) -> Meant:
    """What is meant; a code and words that name two medicines are refused (``request.code-and-words``)."""
    coded = names.meant_by(written)
    words = names.meant_by(Coded(written.text))
    if coded.medication.product is not None and words.sure:
        same = {product.moiety_key for product in coded.products} & {
            each.moiety_key for each in words.products
        }
        one, other = coded.medication.generic, words.medication.generic
        if not same or (one is not None and other is not None and one.id != other.id):
            reason = f"The code is that of {coded.medication.product.name}, and the words are other ones"
            raise refuse("request.code-and-words", reason, place=line.at("medicationCodeableConcept"))
    return coded


def _prior(line: Element) -> str:
    """The item number of the prescription that it asks for again, where it names one."""
    for reference in (line.get("priorPrescription"), *line.each("basedOn")):
        named = reference.get("identifier") if reference else None
        if named is not None and named.text("system") == ITEM_NUMBER:
            return named.text("value") or ""
    return ""


def _who(line: Element, bundle: Bundle) -> str:
    try:
        requester = line.get("requester")
        found = bundle.resolve(requester, within=line)
        return (requester.text("display") if requester else None) or (found and _name(found)) or ""
    except Refused:
        return ""


def _name(found: Element) -> str:
    if isinstance(found.peek("name"), str):
        return found.text("name") or ""
    return next(iter(_names(found)), "")


def _names(found: Element) -> Iterator[str]:
    for name in found.each("name"):
        yield name.text("text") or " ".join((*name.texts("given"), name.text("family") or "")).strip()


def _said(line: Element) -> str:
    """The words for the medicine, of a resource that may have anything anywhere."""
    concept = line.peek("medicationCodeableConcept")
    text = concept.get("text") if hasattr(concept, "get") else None
    return text if isinstance(text, str) else line.place
