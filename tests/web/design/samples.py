"""One value of everything a component can show. The people, numbers and places are invented."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from pestle.pharmacy.checks.finding import Fact, Finding, Severity
from pestle.pharmacy.checks.shown import Shown
from pestle.pharmacy.definition import Source
from pestle.pharmacy.people import Country, Person, Role, Site, SiteKind
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.patient import Address, Gender, Name, Patient, nhs_number
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import Refusal
from pestle.web.pages.menu import menu

NOW = datetime(2026, 7, 9, 10, 55, tzinfo=UTC)
TODAY = date(2026, 7, 9)

SITE = Site(1, "High Street Pharmacy", "FX999", SiteKind.COMMUNITY_PHARMACY, Country.ENGLAND, "Europe/London")
TESS = Person(1, "Tess Okafor", frozenset({Role.TECHNICIAN}), 1)

ADA = Patient(
    Name("Okonkwo", ("Ada",), "Mrs"),
    date(1965, 3, 2),
    Gender.FEMALE,
    nhs_number("9434765919"),
    Address(("14 Orchard Road", "Little Mortar"), "ZZ99 3CZ"),
)

ADA_DIED = replace(ADA, died=date(2026, 6, 30))

_GP_RECORD = Provenance(SourceKind.IMPORT, "GP record", NOW, datetime(2011, 5, 4, tzinfo=UTC))
_TESS = Provenance(SourceKind.PERSON, "Tess Okafor", NOW)

PENICILLIN = Allergy(
    "Penicillin", AllergyKind.ALLERGY, _GP_RECORD, reaction="rash", severity=ReactionSeverity.MODERATE
)
ALLERGIC = AllergyRecord(AllergyStatus.KNOWN, (PENICILLIN,))
ALLERGY_STATES = (
    ALLERGIC,
    AllergyRecord(AllergyStatus.NONE_KNOWN, stated=_TESS),
    AllergyRecord(AllergyStatus.NOT_RECORDED),
    AllergyRecord(AllergyStatus.UNAVAILABLE),
)

_RULE = Source("Penicillin class allergy", verified=True, checked_on=date(2026, 5, 1))
_INR = Source("Warfarin monitoring", verified=False)
FINDINGS = (
    Finding(
        "allergy",
        "class",
        "a1",
        Severity.HARD_STOP,
        "Amoxicillin is a penicillin; penicillin allergy is recorded",
        "Do not supply. Ask the prescriber for another antibiotic.",
        _RULE,
        why=(
            Fact("Penicillin allergy: rash", date(2011, 5, 4), "GP record"),
            Fact("amoxicillin 500 mg capsules, line 2", date(2026, 7, 9), "this prescription"),
        ),
        line="L2",
    ),
    Finding(
        "monitoring",
        "out-of-range",
        "m1",
        Severity.INTERRUPT,
        "INR 4.6 is above the target range of 2 to 3",
        "Ask whether the dose was changed after this result.",
        _INR,
        why=(Fact("INR 4.6", date(2026, 7, 6), "anticoagulation clinic"),),
        line="L1",
    ),
    Finding(
        "renal",
        "dose",
        "r1",
        Severity.NOT_ASSESSED,
        "Renal dose of amoxicillin",
        "Request U&E and a weight.",
        _RULE,
        because="no eGFR on file; last U&E 14-Mar-2024",
        line="L2",
    ),
    Finding(
        "interaction",
        "pair",
        "n1",
        Severity.NOTE,
        "Amoxicillin may raise the INR",
        "If it is supplied after all, advise an INR within a week.",
        _RULE,
        why=(Fact("warfarin 3 mg tablets, line 1", date(2026, 7, 9), "this prescription"),),
    ),
)

ENTRIES = tuple(Shown(finding, (finding.line,) if finding.line else ()) for finding in FINDINGS)

REFUSALS = (
    Refusal(
        "pack.expired",
        "This pack of amoxicillin expired on 31-May-2026",
        "pack 2",
        "Put it in quarantine and scan another pack.",
    ),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the worklist, as `workflow.jinja` wants it."""

    patient: str
    age: str
    gender: str
    medicines: tuple[str, ...]
    minutes: int
    due: datetime | None = NOW + timedelta(minutes=5)
    overdue: bool = False
    flags: tuple[tuple[Severity, str], ...] = ()
    who: str = ""
    mine: bool = False
    href: str = field(default="#open")

    @property
    def lines(self) -> int:
        return len(self.medicines)

    @property
    def waiting_since(self) -> datetime:
        return NOW - timedelta(minutes=self.minutes)


ROWS = (
    Row(
        "ABERNATHY, Jonathan (Mr)",
        "79y",
        "Male",
        ("digoxin", "furosemide", "ramipril", "bisoprolol", "apixaban"),
        190,
        due=NOW - timedelta(minutes=50),
        overdue=True,
    ),
    Row(
        "OKONKWO, Ada (Mrs)",
        "61y",
        "Female",
        ("warfarin", "amoxicillin"),
        25,
        flags=((Severity.INTERRUPT, "High-risk"),),
        mine=True,
    ),
    Row(
        "JONES, Rhys (Master)",
        "8y",
        "Male",
        ("amoxicillin 250 mg in 5 mL",),
        40,
        flags=((Severity.NOT_ASSESSED, "No weight"),),
        who="Adam Patel",
    ),
    *(
        Row(f"{family}, {given}", age, gender, medicines, 9 + n * 7, due=NOW + timedelta(hours=1 + n))
        for n, (family, given, age, gender, medicines) in enumerate(
            (
                ("BRIGHTWATER", "Sunita (Dr)", "44y", "Female", ("levothyroxine",)),
                ("CASTELLANOS", "Mateo (Mr)", "33y", "Male", ("sertraline", "omeprazole")),
                ("DUNMORE", "Elspeth (Miss)", "17y", "Female", ("lymecycline",)),
                ("EZE", "Chidi (Mr)", "52y", "Male", ("metformin", "atorvastatin", "amlodipine")),
                (
                    "FOTHERINGHAM-WHYTE",
                    "Arabella Constance (Lady)",
                    "88y",
                    "Female",
                    ("alendronic acid", "colecalciferol and calcium carbonate", "paracetamol", "lactulose"),
                ),
                ("GRUFFYDD", "Owain (Mr)", "41y", "Male", ("salbutamol",)),
                ("HUSSAIN", "Zara (Mrs)", "29y", "Female", ("folic acid",)),
                ("IBRAHIM", "Yusuf (Mr)", "66y", "Male", ("insulin glargine", "metformin")),
                ("KOWALSKA", "Magda (Ms)", "38y", "Female", ("methotrexate", "folic acid")),
                ("LINDQVIST", "Per (Mr)", "70y", "Male", ("tamsulosin",)),
                ("MBEKI", "Thandiwe (Mrs)", "57y", "Female", ("losartan", "indapamide")),
            )
        )
    ),
)

LABEL_LINES = (
    "21 Amoxicillin 500 mg capsules",
    "Take ONE capsule THREE times a day",
    "Space the doses evenly. Keep taking this medicine until the course is finished.",
    "Mrs Ada Okonkwo            09-Jul-2026",
    "Keep out of the sight and reach of children",
    "High Street Pharmacy, 1 High Street, Little Mortar",
)


def context(view: str = "work", **changes: Any) -> dict[str, Any]:
    """Everything that base.jinja and gallery.jinja ask for."""
    made: dict[str, Any] = {
        "view": view,
        "site": SITE,
        "person": TESS,
        "menu": menu(TESS),
        "now": NOW,
        "today": TODAY,
        "csrf_input": "",
        "version": "0.1.0",
        "dictionary_release": "2026-07-06",
        "session_seconds": 900,
        "patient": ADA,
        "allergy_record": ALLERGIC,
        "allergy_states": ALLERGY_STATES,
        "findings": ENTRIES,
        "severities": Severity,
        "rows": ROWS,
        "label_lines": LABEL_LINES,
        "flashes": []
        if view == "list"
        else [
            {
                "kind": "success",
                "text": "Line 1 matched to warfarin 3 mg tablets.",
                "undo_href": "/undo",
                "undo_key": "k",
            }
        ],
        "refusals": REFUSALS if view == "components" else (),
        "sort": SimpleNamespace(
            current="due",
            descending=False,
            name="worklist",
            hrefs={
                "due": "?sort=due&order=down",
                "patient": "?sort=patient",
                "waiting": "?sort=waiting",
                "with": "?sort=with",
            },
        ),
        "tabs": [
            SimpleNamespace(
                label=label,
                href=f"?step={label}",
                count=number,
                current=label == "Entry",
                alarm=label == "Owings",
            )
            for label, number in (
                ("Entry", 14),
                ("Clinical", 6),
                ("Assemble", 11),
                ("Check", 4),
                ("Ready", 23),
                ("Owings", 3),
                ("Queries", 5),
                ("Refused messages", 1),
            )
        ],
        "choices": [
            SimpleNamespace(name="with", label="With", options=[("", "anybody", True), ("me", "me", False)])
        ],
        "steps": [
            SimpleNamespace(name="Entry", state="done", who="Tess", at=NOW - timedelta(minutes=13)),
            SimpleNamespace(name="Clinical", state="current", who="you", at=None),
            *(
                SimpleNamespace(name=name, state="waiting", who="", at=None)
                for name in ("Assemble", "Check", "Hand out")
            ),
        ],
        "scans": [
            SimpleNamespace(
                ok=False,
                at=NOW,
                what="expired: amoxicillin 500 mg capsules, batch AB12, 31-May-2026",
                detail="",
                rule="pack.expired",
                way_out="Put it in quarantine and scan another pack.",
            ),
            SimpleNamespace(
                ok=True,
                at=NOW,
                what="amoxicillin 500 mg capsules, 21",
                detail="Batch CX801, use by 31-Mar-2028",
                rule="",
                way_out="",
            ),
        ],
        "events": [
            SimpleNamespace(
                at=NOW - timedelta(hours=2),
                who="The program",
                what="received the prescription",
                detail="EPS, signed 08:41",
                kind="",
                href="#m",
            ),
            SimpleNamespace(
                at=NOW - timedelta(hours=1),
                who="Tess Okafor",
                what="matched 2 lines",
                detail="",
                kind="done",
                href="",
            ),
            SimpleNamespace(
                at=NOW - timedelta(minutes=20),
                who="Adam Patel",
                what="asked the prescriber about line 2",
                detail="penicillin allergy",
                kind="question",
                href="",
            ),
            SimpleNamespace(
                at=NOW,
                who="Adam Patel",
                what="refused line 2",
                detail="penicillin allergy",
                kind="stop",
                href="",
            ),
        ],
        "facts": [
            ("Daily dose", "6 mg", (Fact("2 tablets of 3 mg once a day", TODAY, "line 1"),)),
            ("Days", "28"),
            ("Weight", "not recorded; ask the patient"),
        ],
    }
    return made | changes
