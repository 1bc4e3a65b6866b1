"""The tables, one file for each noun."""

from pestle.web.store.models.audit import AuditEvent, AuditHead, Command
from pestle.web.store.models.bag import Bag, BagContent, BagPut, BagShelf, ContactWish, ReadyMessage
from pestle.web.store.models.discrepancy import Discrepancy, DiscrepancyEvent
from pestle.web.store.models.draft import Draft
from pestle.web.store.models.findings import (
    DefinitionState,
    Found,
    Referral,
    Replay,
    Tuning,
    TuningStep,
)
from pestle.web.store.models.instalment import ClosedDay, InstalmentCall, InstalmentGiven, InstalmentPlan
from pestle.web.store.models.issue import IssueAnswers
from pestle.web.store.models.label_run import LabelRun, LabelRunItem, LabelRunPart
from pestle.web.store.models.measure import MeasureFinding, MeasureResult, MeasureRun, MeasureSchedule
from pestle.web.store.models.message import Message, MessageTask
from pestle.web.store.models.near_miss import NearMiss
from pestle.web.store.models.order import (
    NotSupplied,
    PurchaseLine,
    PurchaseOrder,
    PurchaseReceipt,
    StockLevel,
    Supplier,
    SupplierAnswer,
)
from pestle.web.store.models.patient import AllergyFact, Patient
from pestle.web.store.models.patient_task import PatientTask, PatientTaskEvent, PatientTaskStanding
from pestle.web.store.models.payment import (
    Charge,
    LineEndorsement,
    PaymentClaim,
    ReturnToService,
    ServiceAnswer,
    ToldAgain,
    Withdrawal,
)
from pestle.web.store.models.people import AccessToken, Badge, Membership, Site, User
from pestle.web.store.models.place import Keeping, Place
from pestle.web.store.models.practice import (
    Authorisation,
    BulkImport,
    EntryElsewhere,
    Issue,
    ListedMedicine,
    RefusedRow,
)
from pestle.web.store.models.prescription import (
    ClinicalCheck,
    HandOut,
    Label,
    LabelPrint,
    Line,
    Notified,
    Owing,
    Pick,
    Prescription,
    PrescriptionOrder,
    Reminder,
    Rescan,
    Supply,
)
from pestle.web.store.models.query import Call, Query, QueryEvent, QueryStanding
from pestle.web.store.models.recall import Alert, AlertAct, AlertRecall
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
from pestle.web.store.models.register import (
    BalanceCheck,
    Countersignature,
    Destruction,
    PatientReturn,
    RegisterNote,
    RegisterParticulars,
)
from pestle.web.store.models.requisition import Requisition, RequisitionLine, RequisitionSent
from pestle.web.store.models.responsible import ResponsibleEntry
from pestle.web.store.models.round import DeliveryAttempt, DeliveryRound, RoundStop
from pestle.web.store.models.shortage import ShortageStep
from pestle.web.store.models.speaking import SpeakFirst
from pestle.web.store.models.stock import Account, Balance, Batch, Movement, Opening, Recall, Transfer
from pestle.web.store.models.stock_take import StockTake, StockTakeCount, StockTakeEnd
from pestle.web.store.models.temperature import Excursion, ExcursionRelease, Temperature
from pestle.web.store.models.typed_in import EmergencyDecision, LatePrescription, PaperScan, TypedIn

__all__ = [
    "AccessToken",
    "Account",
    "AdministrationFact",
    "Alert",
    "AlertAct",
    "AlertRecall",
    "AllergyFact",
    "AuditEvent",
    "AuditHead",
    "Authorisation",
    "Badge",
    "Bag",
    "BagContent",
    "BagPut",
    "BagShelf",
    "Balance",
    "BalanceCheck",
    "Batch",
    "BulkImport",
    "Call",
    "Charge",
    "ClinicalCheck",
    "ClosedDay",
    "Command",
    "ConditionFact",
    "ContactWish",
    "Countersignature",
    "DefinitionState",
    "DeliveryAttempt",
    "DeliveryRound",
    "Destruction",
    "Discrepancy",
    "DiscrepancyEvent",
    "Draft",
    "EmergencyDecision",
    "EncounterFact",
    "EntryElsewhere",
    "Excursion",
    "ExcursionRelease",
    "Fact",
    "Found",
    "HandOut",
    "InstalmentCall",
    "InstalmentGiven",
    "InstalmentPlan",
    "Issue",
    "IssueAnswers",
    "Keeping",
    "Label",
    "LabelPrint",
    "LabelRun",
    "LabelRunItem",
    "LabelRunPart",
    "LatePrescription",
    "Line",
    "LineEndorsement",
    "ListedMedicine",
    "MeasureFinding",
    "MeasureResult",
    "MeasureRun",
    "MeasureSchedule",
    "Membership",
    "Message",
    "MessageTask",
    "Movement",
    "NearMiss",
    "NotSupplied",
    "Notified",
    "ObservationFact",
    "Opening",
    "OrderFact",
    "Owing",
    "PaperScan",
    "Patient",
    "PatientReturn",
    "PatientTask",
    "PatientTaskEvent",
    "PatientTaskStanding",
    "PaymentClaim",
    "Pick",
    "Place",
    "Prescription",
    "PrescriptionOrder",
    "PurchaseLine",
    "PurchaseOrder",
    "PurchaseReceipt",
    "Query",
    "QueryEvent",
    "QueryStanding",
    "ReadyMessage",
    "Recall",
    "RecordImport",
    "Referral",
    "RefusedRow",
    "RegisterNote",
    "RegisterParticulars",
    "Reminder",
    "Replay",
    "Requisition",
    "RequisitionLine",
    "RequisitionSent",
    "Rescan",
    "ResponsibleEntry",
    "ReturnToService",
    "RoundStop",
    "ServiceAnswer",
    "ShortageStep",
    "Site",
    "SpeakFirst",
    "StatementFact",
    "StockLevel",
    "StockTake",
    "StockTakeCount",
    "StockTakeEnd",
    "Supplier",
    "SupplierAnswer",
    "Supply",
    "SupplyFact",
    "Temperature",
    "ToldAgain",
    "Transfer",
    "Tuning",
    "TuningStep",
    "TypedIn",
    "User",
    "Withdrawal",
]
