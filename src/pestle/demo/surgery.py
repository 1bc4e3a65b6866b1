"""The invented practice beside the pharmacy: its people, and its list, taken in as an export."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db.models import F, QuerySet

from pestle.demo import monitoring, ordering
from pestle.demo.extract import SYSTEM, Export
from pestle.demo.messages import name_id
from pestle.demo.paper import pdf
from pestle.demo.people import SignIn, make_accounts
from pestle.demo.traffic_lights import make_lights
from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.pharmacy.practice.change import renew, wanted_of
from pestle.pharmacy.practice.medicines_list import Outcome
from pestle.pharmacy.practice.request import From, Way
from pestle.web.actions import (
    bulk_import,
    elsewhere,
    medication_list,
    request_sheets,
    requests,
    setting_up,
    signing,
)
from pestle.web.actions.documents import File
from pestle.web.actions.requests import Seen
from pestle.web.store import medicines_list, models
from pestle.web.store.knowledge import dictionary

SITE_CODE = "Y99902"
NAME = "Riverside Surgery"
PATIENTS = 300
YEARS = 1
# Who came to the list first; so long ago something was signed that nobody fetched.
EARLY, LONG_AGO = 12, timedelta(days=40)
SIGN_INS = (
    SignIn("priya", "Priya Nair", (Role.TECHNICIAN,), "5999011"),
    SignIn("gareth", "Gareth Hughes", (Role.PHARMACIST,), "2999011"),
    SignIn("dana", "Dr Dana Whitfield", (Role.PRESCRIBER,)),
    SignIn("nina", "Nina Costa", (Role.RECEPTIONIST,)),
    SignIn("moira", "Moira Keane", (Role.MANAGER,)),
)


@dataclass(frozen=True, slots=True)
class Practice:
    """The practice, its people by username, and the moment at which the demo stands."""

    site: models.Site
    people: dict[str, Person]
    now: datetime


def make_practice(*, now: datetime) -> Practice:
    """Opens the practice, and takes in its export of this morning."""
    opened = now - timedelta(days=60)
    made = setting_up.open_site(
        now=opened,
        key=name_id("site", SITE_CODE),
        name=NAME,
        code=SITE_CODE,
        kind=SiteKind.GP_PRACTICE,
        address=("2 Riverside", "Ashcombe", "QX1 3AA"),
        # Ofcom keeps 01632 960000 to 960999 free for drama.
        telephone="01632 960456",
    )
    site = models.Site.objects.get(pk=made.result["site"])
    practice = Practice(site, make_accounts(site, SIGN_INS, now=opened), now)
    codes = {entry.name: entry.id for entry in dictionary().entries()}
    then = now - LONG_AGO
    early = Export(EARLY, on=then.date(), years=YEARS, codes=codes, first=PATIENTS)
    _take_in(practice, early, "early", at=then)
    rows = {row.patient_id: row for row in _may_be_issued(site, on=then)}
    ordering.signed_before(practice.people, list(rows.values())[:2], now=then)
    export = Export(PATIENTS, on=now.date(), years=YEARS, codes=codes)
    _take_in(practice, export, "export", at=now - timedelta(hours=2))
    make_lights(practice.people, site, now=now - timedelta(hours=2))
    monitoring.followed_up(practice.people, site, now=now)
    _morning(practice)
    return practice


def _take_in(practice: Practice, export: Export, key: str, *, at: datetime) -> None:
    with TemporaryDirectory() as folder:
        for part, path in export.write(Path(folder)).items():
            bulk_import.take_in(
                by=practice.people["priya"], now=at, path=path, key=name_id(key, part.value), name=path.name,
                system=SYSTEM, part=part, as_at=at - timedelta(hours=6),
            )  # fmt: skip


def _may_be_issued(site: models.Site, *, on: datetime) -> QuerySet[models.ListedMedicine]:
    found = models.ListedMedicine.objects.filter(
        site=site, status="active", authorised_until__gt=on.date(), issues__lt=F("issues_allowed")
    )
    return found.select_related("patient", "order").order_by("pk")


def _morning(practice: Practice) -> None:
    """What has been done this morning: lists changed, some of it authorised; repeats asked for, prepared and
    signed."""
    people, at = practice.people, practice.now - timedelta(hours=1)
    elsewhere.set_system(by=people["moira"], now=at, key=name_id("system"), system="EMIS Web")
    of_late = _may_be_issued(practice.site, on=at).filter(last_issued__gt=at.date() - timedelta(days=28))
    several: dict[int, list[models.ListedMedicine]] = {}
    for row in of_late[:80]:
        several.setdefault(row.patient_id, []).append(row)
    for number, (patient, rows) in enumerate(sorted(several.items())):
        if number < 6:
            _change(practice, patient, rows[0], number, at=at)
        elif number < 24:
            _ask(practice, patient, rows, number, at=at + timedelta(minutes=number))
    _sheet(practice, [rows[0] for rows in list(several.values())[24:28]], at=at + timedelta(minutes=30))
    in_pain = models.ListedMedicine.objects.filter(
        site=practice.site, status="active", text__startswith="Naproxen"
    )
    ordering.controlled(people, in_pain.order_by("pk")[0].patient, now=at)


def _sheet(practice: Practice, rows: list[models.ListedMedicine], *, at: datetime) -> None:
    """What a care home sent this morning: most of it understood, some for a person."""
    told = ["NHS number,Resident,Medicine,Quantity,Note"]
    for number, row in enumerate(rows):
        many = "as usual" if number else "2 boxes"
        told.append(f"{row.patient.nhs_number},,{row.text},{many},")
        if number == 1:
            told.append(f"{row.patient.nhs_number},,the cream for her legs,,in a tub if possible")
    told.append(f"9999999999,Mr Arthur Penn,{rows[0].text},as usual,new resident since Friday")
    request_sheets.take_in(
        by=practice.people["nina"], now=at, key=name_id("sheet"),
        sheet=request_sheets.Sheet(
            data="\n".join(told).encode(), way=Way.UPLOAD, came_from=From.CARE_HOME,
            name="Rose Court (invented)", file_name="december.csv",
            documents=[File("sheet.pdf", pdf("Rose Court (invented): repeats for December", *told[1:]))],
        ),
    )  # fmt: skip


def _change(
    practice: Practice, patient: int, row: models.ListedMedicine, number: int, *, at: datetime
) -> None:
    line = medicines_list.value(row)
    wanted = replace(
        wanted_of(line.order), issues_allowed=13, authorised_until=at.date() + timedelta(days=300)
    )
    done = medication_list.apply(
        by=practice.people["priya"], now=at, key=name_id("change", number), patient_id=patient,
        changes=[renew(line, wanted, "reviewed by telephone, stable")],
    )  # fmt: skip
    if number < 2:
        medication_list.authorise(
            by=practice.people["dana"], now=at, key=name_id("authorise", number), patient_id=patient,
            orders=[done.result["lines"][0]["order"]], outcome=list(Outcome)[number],
            reason="What is the blood pressure?" if number else "",
        )  # fmt: skip


def _ask(
    practice: Practice, patient: int, rows: list[models.ListedMedicine], number: int, *, at: datetime
) -> None:
    came = list(From)[number % 3]
    asked = requests.ask(
        by=practice.people["nina"], now=at, key=name_id("ask", number), patient_id=patient, came_from=came,
        name="by telephone", listed=[row.pk for row in rows],
        others=["the cream that she had in spring"] if number % 7 == 0 else (),
    )  # fmt: skip
    lines = models.RequestLine.objects.filter(request=asked.result["request"]).exclude(listed=None)
    if number % 3:
        return
    seen = [Seen(line.pk, line.version) for line in lines]
    requests.step(
        by=practice.people["priya"], now=at, key=name_id("prepare", number), lines=seen, verb="prepare",
        words="goes away for a month",
    )  # fmt: skip
    if number % 2:
        signing.sign(by=practice.people["dana"], now=at, key=name_id("sign", number),
                     lines=[Seen(one.line, one.version + 1) for one in seen])  # fmt: skip
