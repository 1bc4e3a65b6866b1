"""What are the names of the identifiers, code systems and extensions that messages share?

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30); UK Core R4.
"""

from __future__ import annotations

_NHS = "https://fhir.nhs.uk/"
_UK = "https://fhir.hl7.org.uk/"
_HL7 = "http://terminology.hl7.org/CodeSystem/"

NHS_NUMBER = _NHS + "Id/nhs-number"
ODS = _NHS + "Id/ods-organization-code"
ITEM_NUMBER = _NHS + "Id/prescription-order-item-number"
ORDER_NUMBER = _NHS + "Id/prescription-order-number"
ROLE_PROFILE = _NHS + "Id/sds-role-profile-id"
USER = _NHS + "Id/sds-user-id"
SPURIOUS = _UK + "Id/nhsbsa-spurious-code"
UUID = "https://tools.ietf.org/html/rfc4122"

CONTROLLED_DRUG = _NHS + "CodeSystem/medicationrequest-controlled-drug"
COURSE = _HL7 + "medicationrequest-course-of-therapy"
COURSE_NHS = _NHS + "CodeSystem/medicationrequest-course-of-therapy"
CATEGORY = _HL7 + "medicationrequest-category"

X_ENDORSEMENT = _NHS + "StructureDefinition/Extension-DM-PrescriptionEndorsement"
X_CONTROLLED_DRUG = _NHS + "StructureDefinition/Extension-DM-ControlledDrug"
X_DISPENSING = _NHS + "StructureDefinition/Extension-EPS-DispensingInformation"
X_EPS_REPEAT = _NHS + "StructureDefinition/Extension-EPS-RepeatInformation"
X_REPEAT = _UK + "StructureDefinition/Extension-UKCore-MedicationRepeatInformation"
