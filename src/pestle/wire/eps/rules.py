"""Would the service itself accept this prescription?

Each rule is one small function that names what is wrong; all that are broken are told at once. The rules
are the service's, not the law's and not a clinician's: those are judged elsewhere.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30), validation of the
coordinator, models/errors and examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.eps.people import read_nhs_number
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.systems import X_PRESCRIPTION_TYPE, X_RESPONSIBLE, X_SITE_TYPE
from pestle.wire.fhir.bundle import Bundle, identifier
from pestle.wire.fhir.datatypes import read_instant
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.medication_request import read_course
from pestle.wire.fhir.systems import ITEM_NUMBER, X_REPEAT

MOST_LINES = 4
MOST_ISSUES = 99
INTENTS = ("order", "original-order", "instance-order")
# How far the clock of a sender may run ahead of ours.
CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Judged:
    """A message under judgement. `released`: it comes from the service's release, not from a prescriber."""

    bundle: Bundle
    lines: tuple[Element, ...]
    now: datetime
    released: bool


Rule: TypeAlias = Callable[[Judged], Iterable[Refusal]]


def judge(rules: tuple[Rule, ...], bundle: Bundle, *, now: datetime, released: bool) -> tuple[Refusal, ...]:
    """Every refusal by every rule, each once, in the order of the rules."""
    judged = Judged(bundle, bundle.all("MedicationRequest"), now, released)
    found: dict[Refusal, None] = {}
    for rule in rules:
        try:
            for refusal in rule(judged):
                found[refusal] = None
        except Refused as refused:
            found |= dict.fromkeys(refused.refusals)
    return tuple(found)


def number_of_lines(judged: Judged) -> Iterator[Refusal]:
    """A prescription has one to four lines."""
    count = len(judged.lines)
    place = judged.bundle.root.at("entry")
    if count == 0:
        yield Refusal("eps.no-lines", "The prescription has no lines", place)
    if count > MOST_LINES:
        yield Refusal(
            "eps.too-many-lines",
            f"The prescription has {count} lines; the service allows {MOST_LINES}",
            place,
        )


def line_identifiers(judged: Judged) -> Iterator[Refusal]:
    """Each line has its own identifier."""
    seen: set[str] = set()
    for line in judged.lines:
        place, value = line.at("identifier"), identifier(line, ITEM_NUMBER)
        if value is None:
            yield Refusal("eps.line-identifier-missing", "The line has no item number", place)
        elif value in seen:
            yield Refusal("eps.line-identifier-repeated", f"Two lines share the item number {value}", place)
        else:
            seen.add(value)


def heading_agrees(judged: Judged) -> Iterator[Refusal]:
    """What belongs to the whole prescription is the same on every line."""
    yield from agree(judged.lines, _HEADING)


def repeat_dispensing_agrees(judged: Judged) -> Iterator[Refusal]:
    """A repeat dispensing prescription is repeated as a whole."""
    lines = tuple(line for line in judged.lines if _course(judged, line) is CourseOfTherapy.REPEAT_DISPENSING)
    yield from agree(
        lines,
        (("dispenseRequest.numberOfRepeatsAllowed", deep("dispenseRequest", "numberOfRepeatsAllowed")),),
    )


def status_is_active(judged: Judged) -> Iterator[Refusal]:
    """A new prescription is active; one that the service releases may hold cancelled lines."""
    for line in judged.lines:
        if line.text("status") != "active" and not judged.released:
            reason = f"A new line has the status active, not {line.text('status')}"
            yield Refusal("eps.status-not-active", reason, line.at("status"))


def intent_is_an_order(judged: Judged) -> Iterator[Refusal]:
    """A line is an order, not a plan; an issue of repeat dispensing comes back as a reflex order."""
    allowed = (*INTENTS, "reflex-order") if judged.released else INTENTS
    for line in judged.lines:
        intent = line.text("intent")
        if intent not in allowed:
            yield Refusal("eps.intent", f"The intent “{intent}” is not that of an order", line.at("intent"))


def one_medication(judged: Judged) -> Iterator[Refusal]:
    """A line names its medicine once: by code or by reference."""
    for line in judged.lines:
        if line.has("medicationCodeableConcept") == line.has("medicationReference"):
            reason = "The medicine is given by code or by reference, by one of them"
            yield Refusal("eps.medication-choice", reason, line.at("medication[x]"))


def nothing_turns_it_round(judged: Judged) -> Iterator[Refusal]:
    """No line carries something that changes its meaning without our knowing (FHIR R4, modifier elements)."""
    for line in judged.lines:
        for key in ("doNotPerform", "modifierExtension", "implicitRules"):
            if line.has(key) and line.node[key] is not False:
                reason = f"{key} changes the meaning of the line"
                yield Refusal("eps.modifier", reason, line.at(key), "Telephone the prescriber.")


def sequence_is_given(judged: Judged) -> Iterator[Refusal]:
    """Several instructions on a line say in which order they run."""
    for line in judged.lines:
        steps = line.each("dosageInstruction")
        for step in steps:
            if len(steps) > 1 and not step.has("sequence"):
                reason = "A line with several instructions says their order"
                yield Refusal("eps.sequence-missing", reason, step.at("sequence"))


def courses_go_together(judged: Judged) -> Iterator[Refusal]:
    """Acute and repeat lines may stand together; repeat dispensing stands alone."""
    courses = {_course(judged, line) for line in judged.lines}
    if CourseOfTherapy.REPEAT_DISPENSING in courses and len(courses) > 1:
        yield Refusal(
            "eps.acute-with-repeat-dispensing",
            "Repeat dispensing cannot stand on one prescription with acute or repeat lines",
            "MedicationRequest.courseOfTherapyType.coding",
        )


def repeat_dispensing_is_complete(judged: Judged) -> Iterator[Refusal]:
    """Repeat dispensing says from when, until when, how long a supply lasts, and how often it is repeated."""
    for line in judged.lines:
        if judged.released or _course(judged, line) is not CourseOfTherapy.REPEAT_DISPENSING:
            continue
        for keys in _REPEAT_FIELDS:
            if deep(*keys)(line) is None:
                reason = f"Repeat dispensing needs {'.'.join(keys[1:])}"
                yield Refusal("eps.repeat-fields", reason, line.at(".".join(keys)))


def repeat_information_is_given(judged: Judged) -> Iterator[Refusal]:
    """Repeat and repeat dispensing lines carry the repeat information extension."""
    for line in judged.lines:
        if judged.released or _course(judged, line) is CourseOfTherapy.ACUTE:
            continue
        if line.extension(X_REPEAT) is None:
            reason = "A repeat line says until when it is authorised"
            yield Refusal("eps.repeat-information", reason, line.at("extension"))


def issues_can_be_counted(judged: Judged) -> Iterator[Refusal]:
    """A prescription is issued one to 99 times: once, and the repeats."""
    for line in judged.lines:
        request = line.get("dispenseRequest")
        repeats = request.whole("numberOfRepeatsAllowed") if request else None
        if request and repeats is not None and not 1 <= repeats + 1 <= MOST_ISSUES:
            reason = f"{repeats + 1} issues are not between 1 and {MOST_ISSUES}"
            yield Refusal("eps.repeat-count", reason, request.at("numberOfRepeatsAllowed"))


def prescription_type_is_given(judged: Judged) -> Iterator[Refusal]:
    """Every line has a prescription type of four digits, such as 0101."""
    for line in judged.lines:
        extension = line.extension(X_PRESCRIPTION_TYPE)
        coding = extension.get("valueCoding") if extension else None
        code = (coding.text("code") if coding else None) or ""
        if not (len(code) == 4 and code.isascii() and code.isdigit()):
            place = coding.at("code") if coding else line.at("extension")
            yield Refusal(
                "eps.prescription-type", "The prescription type is missing or not four digits", place
            )


def number_is_right(judged: Judged) -> tuple[()]:
    """The prescription number has its form and its check character."""
    found: dict[str, str] = {}
    for line in judged.lines:
        group = line.need("groupIdentifier")
        found.setdefault(group.need_text("value"), group.at("value"))
    for number, place in found.items():
        prescription_number(number, place=place)
    return ()


def patient_is_known(judged: Judged) -> Iterator[Refusal]:
    """The message is about one patient, with a valid NHS number."""
    patients = judged.bundle.all("Patient")
    if len(patients) != 1:
        reason = f"A prescription is for one patient; the message holds {len(patients)}"
        yield Refusal("eps.one-patient", reason, judged.bundle.root.at("entry"))
    for line in judged.lines:
        subject = line.get("subject")
        meant = judged.bundle.resolve(subject)
        if subject and meant and meant.text("resourceType") != "Patient":
            yield Refusal("eps.one-patient", "The line is not about the patient", subject.at("reference"))
    for patient in patients:
        read_nhs_number(patient)


def patient_is_alive(judged: Judged) -> Iterator[Refusal]:
    """The service refuses a prescription for a patient who has died."""
    for patient in judged.bundle.all("Patient"):
        if patient.has("deceasedDateTime") or patient.truth("deceasedBoolean"):
            yield Refusal(
                "eps.patient-deceased",
                "The message says that the patient has died",
                patient.at("deceased[x]"),
                "Telephone the prescriber.",
            )


def signature_is_given(judged: Judged) -> Iterator[Refusal]:
    """A prescription was signed, and not in the future.

    The service has judged the signature of what it releases, and some of its releases leave it out: then the
    time of signing is not known, and the line cannot be handed out until somebody has found it.
    """
    signatures = [one for source in judged.bundle.all("Provenance") for one in source.each("signature")]
    if not signatures and not judged.released:
        yield Refusal(
            "eps.signature-missing",
            "The prescription carries no signature, so nobody can tell until when it is valid",
            judged.bundle.root.at("entry"),
        )
    for signature in signatures:
        when = read_instant(signature, "when")
        if when is None:
            yield Refusal("eps.signature-missing", "The signature has no time", signature.at("when"))
        elif when > judged.now + CLOCKS_DIFFER:
            reason = f"The signature's time {when:%d %b %Y %H:%M} UTC lies in the future"
            yield Refusal("eps.signature-in-future", reason, signature.at("when"))


ORDER: tuple[Rule, ...] = (
    number_of_lines,
    line_identifiers,
    heading_agrees,
    repeat_dispensing_agrees,
    status_is_active,
    intent_is_an_order,
    one_medication,
    nothing_turns_it_round,
    sequence_is_given,
    courses_go_together,
    repeat_dispensing_is_complete,
    repeat_information_is_given,
    issues_can_be_counted,
    prescription_type_is_given,
    number_is_right,
    patient_is_known,
    patient_is_alive,
    signature_is_given,
)

Get: TypeAlias = Callable[[Element], Any]


def deep(*keys: str) -> Get:
    """Reads what stands at the end of a chain of fields, whatever it is; None if nothing does."""

    def get(line: Element) -> Any:
        node: Any = line.node
        for key in keys:
            node = node.get(key) if hasattr(node, "get") else None
        return node

    return get


def extension_of(url: str, *keys: str) -> Get:
    """Reads the extension of this url at the end of a chain of fields; None if there is none."""

    def get(line: Element) -> Any:
        holder = line.follow(*keys)
        extension = holder.extension(url) if holder else None
        return extension.node if extension else None

    return get


_HEADING: tuple[tuple[str, Get], ...] = (
    ("groupIdentifier", deep("groupIdentifier")),
    ("category", deep("category")),
    ("authoredOn", deep("authoredOn")),
    ("subject", deep("subject")),
    ("requester", deep("requester")),
    ("dispenseRequest.performer", deep("dispenseRequest", "performer")),
    ("dispenseRequest.validityPeriod", deep("dispenseRequest", "validityPeriod")),
    ("dispenseRequest.expectedSupplyDuration", deep("dispenseRequest", "expectedSupplyDuration")),
    ("dispenseRequest.extension:performerSiteType", extension_of(X_SITE_TYPE, "dispenseRequest")),
    ("extension:prescriptionType", extension_of(X_PRESCRIPTION_TYPE)),
    ("extension:responsiblePractitioner", extension_of(X_RESPONSIBLE)),
)
_REPEAT_FIELDS = (
    ("dispenseRequest", "validityPeriod", "start"),
    ("dispenseRequest", "validityPeriod", "end"),
    ("dispenseRequest", "expectedSupplyDuration"),
    ("dispenseRequest", "numberOfRepeatsAllowed"),
)


def agree(lines: tuple[Element, ...], fields: tuple[tuple[str, Get], ...]) -> Iterator[Refusal]:
    """A refusal (``eps.header-differs``) for each field that is not the same on all lines."""
    for name, get in fields:
        differing = next((line for line in lines[1:] if get(line) != get(lines[0])), None)
        if differing is not None:
            reason = f"All lines of a prescription have the same {name}"
            yield Refusal("eps.header-differs", reason, differing.at(name))


def _course(judged: Judged, line: Element) -> CourseOfTherapy:
    return read_course(line, judged.bundle)
