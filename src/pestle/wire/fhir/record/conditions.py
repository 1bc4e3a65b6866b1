"""How are diagnoses and allergies said in FHIR? Condition and AllergyIntolerance.

Source: FHIR R4 Condition and AllergyIntolerance (hl7.org/fhir/R4, 2019); UK Core, "Handling of no known
allergies": the SNOMED CT concept 716186003 says it.
"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.allergy import Allergy, AllergyKind, ReactionSeverity
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.refusal import Refusal
from pestle.wire.fhir.datatypes import given, write_concepts, write_moment
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.record.reading import Reading, concepts, notes

_HL7 = "http://terminology.hl7.org/CodeSystem/"
NO_KNOWN_ALLERGY = Coded("No known allergy", SNOMED, "716186003")
_UNSAID = {
    "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
    ]
}
_WORST_LAST = (
    ReactionSeverity.UNKNOWN,
    ReactionSeverity.MILD,
    ReactionSeverity.MODERATE,
    ReactionSeverity.SEVERE,
)


def read_condition(resource: Element, reading: Reading) -> Condition:
    """The condition. Raises `Refused`: the ``fhir.`` rules."""
    what, also = concepts(resource, "code")
    began, began_at = reading.start(resource, "onset")
    return Condition(
        id="",
        what=what,
        also=also,
        provenance=reading.provenance(
            resource, "asserter", "recorder", recorded="recordedDate", happened_at=began_at
        ),
        status=_status(resource, "clinicalStatus", ClinicalStatus, reading),
        verification=_status(resource, "verificationStatus", VerificationStatus, reading),
        onset=began,
        abated=reading.start(resource, "abatement")[0],
        note=notes(resource),
    )


def write_condition(condition: Condition) -> dict[str, Any]:
    """The Condition resource, without id and subject."""
    verification = condition.verification
    return {"resourceType": "Condition"} | given(
        clinicalStatus=_write_status("condition-clinical", condition.status),
        verificationStatus=_write_status("condition-ver-status", verification),
        code=write_concepts(condition.what, condition.also),
        onsetDateTime=write_moment(condition.onset, None),
        abatementDateTime=write_moment(condition.abated, None),
        note=[{"text": condition.note}] if condition.note else None,
    )


def says_none_known(resource: Element) -> bool:
    """Whether this AllergyIntolerance says that somebody asked and no allergy is known."""
    code = resource.get("code")
    codings = code.where("coding", "system", SNOMED) if code else ()
    return any(coding.text("code") == NO_KNOWN_ALLERGY.code for coding in codings)


def read_allergy(resource: Element, reading: Reading) -> Allergy:
    """The allergy or intolerance. Raises `Refused`: the ``fhir.`` rules.

    One that the sender has not confirmed counts as one, which is noted.
    """
    what, also = concepts(resource, "code")
    verification = _status(resource, "verificationStatus", VerificationStatus, reading)
    refuted = verification in (VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR)
    if not refuted and verification not in (VerificationStatus.CONFIRMED, VerificationStatus.UNKNOWN):
        reason = f"The allergy is {verification.value} at the sender; here it counts as one"
        reading.notes.append(Refusal("record.allergy-unconfirmed", reason, resource.at("verificationStatus")))
    began, began_at = reading.start(resource, "onset")
    reactions = resource.each("reaction")
    severities = [_optional_code(one, "severity", ReactionSeverity, reading) for one in reactions]
    return Allergy(
        substance=what.text,
        code=what.code,
        system=what.system,
        also=also,
        kind=_optional_code(resource, "type", AllergyKind, reading),
        provenance=reading.provenance(
            resource, "asserter", "recorder", recorded="recordedDate", happened_at=began_at
        ),
        reaction=", ".join(words for one in reactions for words in _manifestations(one)),
        severity=max(severities, key=_WORST_LAST.index, default=ReactionSeverity.UNKNOWN),
        refuted=refuted,
        status=_status(resource, "clinicalStatus", ClinicalStatus, reading),
        onset=began,
    )


def write_allergy(allergy: Allergy) -> dict[str, Any]:
    """The AllergyIntolerance resource, without id and patient."""
    severity = None if allergy.severity is ReactionSeverity.UNKNOWN else allergy.severity.value
    reaction = {"manifestation": [{"text": allergy.reaction} if allergy.reaction else _UNSAID]} | given(
        severity=severity
    )
    verification = VerificationStatus.REFUTED if allergy.refuted else VerificationStatus.UNKNOWN
    return {"resourceType": "AllergyIntolerance"} | given(
        clinicalStatus=_write_status("allergyintolerance-clinical", allergy.status),
        verificationStatus=_write_status("allergyintolerance-verification", verification),
        type=None if allergy.kind is AllergyKind.UNKNOWN else allergy.kind.value,
        code=write_concepts(Coded(allergy.substance, allergy.system, allergy.code), allergy.also),
        onsetDateTime=write_moment(allergy.onset, None),
        reaction=[reaction] if allergy.reaction or severity else None,
    )


def _manifestations(reaction: Element) -> list[str]:
    words = []
    for one in reaction.each("manifestation"):
        text = one.text("text")
        shown = [coding.text("display") or coding.text("code") for coding in one.each("coding")]
        chosen = text or next((word for word in shown if word), None)
        if chosen:
            words.append(chosen)
    return words


def _optional_code(element: Element, key: str, codes: type[Any], reading: Reading) -> Any:
    return reading.optional(lambda: element.code(key, codes), None) or codes.UNKNOWN


def _status(resource: Element, key: str, codes: type[Any], reading: Reading) -> Any:
    """The member that a status names: a concept in R4, a plain code before it; UNKNOWN where none is said, or
    one that is not in the list, which is noted."""
    if isinstance(resource.peek(key), str):
        return _optional_code(resource, key, codes, reading)
    coding = reading.optional(lambda: resource.follow(key, "coding"), None)
    if coding is None:
        return codes.UNKNOWN
    # The system of a status is fixed, and its display says the code again.
    coding.text("system"), coding.text("display")
    return _optional_code(coding, "code", codes, reading)


def _write_status(system: str, status: ClinicalStatus | VerificationStatus) -> dict[str, Any] | None:
    if status.name == "UNKNOWN":
        return None
    return {"coding": [{"system": _HL7 + system, "code": status.value}]}
