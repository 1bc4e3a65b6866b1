"""The tables, one file for each noun."""

from pestle.web.store.models.audit import AuditEvent, AuditHead, Command
from pestle.web.store.models.discrepancy import Discrepancy, DiscrepancyEvent
from pestle.web.store.models.findings import (
    DefinitionState,
    Found,
    Referral,
    Replay,
    Tuning,
    TuningStep,
)
from pestle.web.store.models.message import Message, MessageTask
from pestle.web.store.models.patient import AllergyFact, Patient
from pestle.web.store.models.people import AccessToken, Membership, Site, User
from pestle.web.store.models.place import Keeping, Place
from pestle.web.store.models.prescription import (
    ClinicalCheck,
    HandOut,
    Label,
    LabelPrint,
    Line,
    Pick,
    Prescription,
    PrescriptionOrder,
    Rescan,
)
from pestle.web.store.models.record import (
    AdministrationFact,
    ConditionFact,
    EncounterFact,
    Fact,
    ObservationFact,
    OrderFact,
    RecordImport,
    StatementFact,
    SupplyFact,
)
from pestle.web.store.models.register import RegisterNote, RegisterParticulars
from pestle.web.store.models.stock import Account, Balance, Batch, Movement, Opening, Recall, Transfer

__all__ = [
    "AccessToken",
    "Account",
    "AdministrationFact",
    "AllergyFact",
    "AuditEvent",
    "AuditHead",
    "Balance",
    "Batch",
    "ClinicalCheck",
    "Command",
    "ConditionFact",
    "DefinitionState",
    "Discrepancy",
    "DiscrepancyEvent",
    "EncounterFact",
    "Fact",
    "Found",
    "HandOut",
    "Keeping",
    "Label",
    "LabelPrint",
    "Line",
    "Membership",
    "Message",
    "MessageTask",
    "Movement",
    "ObservationFact",
    "Opening",
    "OrderFact",
    "Patient",
    "Pick",
    "Place",
    "Prescription",
    "PrescriptionOrder",
    "Recall",
    "RecordImport",
    "Referral",
    "RegisterNote",
    "RegisterParticulars",
    "Replay",
    "Rescan",
    "Site",
    "StatementFact",
    "SupplyFact",
    "Transfer",
    "Tuning",
    "TuningStep",
    "User",
]
