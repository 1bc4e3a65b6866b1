"""What are the names of the service's own code systems, identifiers and extensions?

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

_NHS = "https://fhir.nhs.uk/"
_UK = "https://fhir.hl7.org.uk/"
_HL7 = "http://terminology.hl7.org/CodeSystem/"

DISPENSE_ITEM_NUMBER = _NHS + "Id/prescription-dispense-item-number"
PRESCRIPTION = _NHS + "Id/prescription"

MESSAGE_EVENT = _NHS + "CodeSystem/message-event"
MESSAGE_REASON = _NHS + "CodeSystem/message-reason-prescription"
PRESCRIPTION_TYPE = _NHS + "CodeSystem/prescription-type"
SITE_PREFERENCE = _NHS + "CodeSystem/dispensing-site-preference"
STATUS_REASON = _NHS + "CodeSystem/medicationrequest-status-reason"
STATUS_HISTORY = _NHS + "CodeSystem/medicationrequest-status-history"
ITEM_STATUS = _NHS + "CodeSystem/medicationdispense-type"
NON_DISPENSING_REASON = _NHS + "CodeSystem/medicationdispense-status-reason"
PRESCRIPTION_STATUS = _NHS + "CodeSystem/EPS-task-business-status"
ORGANISATION_ROLE = _NHS + "CodeSystem/organisation-role"
DISPENSER_ENDORSEMENT = _NHS + "CodeSystem/medicationdispense-endorsement"
SIGNATURE = "urn:iso-astm:E1762-95:2013"

X_PRESCRIPTION_ID = _NHS + "StructureDefinition/Extension-DM-PrescriptionId"
X_PRESCRIPTION_TYPE = _NHS + "StructureDefinition/Extension-DM-PrescriptionType"
X_RESPONSIBLE = _NHS + "StructureDefinition/Extension-DM-ResponsiblePractitioner"
X_SITE_TYPE = _NHS + "StructureDefinition/Extension-DM-PerformerSiteType"
X_STATUS_HISTORY = _NHS + "StructureDefinition/Extension-DM-PrescriptionStatusHistory"
X_DISPENSING_PERFORMER = _NHS + "StructureDefinition/Extension-DM-DispensingPerformer"
X_NON_DISPENSING_REASON = _NHS + "StructureDefinition/Extension-DM-PrescriptionNonDispensingReason"
X_BUSINESS_STATUS = _NHS + "StructureDefinition/Extension-EPS-TaskBusinessStatus"
X_MESSAGE_ID = _NHS + "StructureDefinition/Extension-MessageHeader-messageId"
X_SPINE_MESSAGE_ID = _NHS + "StructureDefinition/Extension-Spine-MessageHeader-messageId"
X_REPLACEMENT_OF = _NHS + "StructureDefinition/Extension-replacementOf"
X_ABOUT_PRESCRIPTION = _NHS + "StructureDefinition/Extension-Spine-supportingInfo-prescription"
X_ODS_RELATIONSHIPS = _NHS + "StructureDefinition/Extension-ODS-OrganisationRelationships"
