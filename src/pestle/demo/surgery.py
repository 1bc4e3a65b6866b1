"""The invented practice beside the pharmacy: its people, and its list, taken in as an export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pestle.demo import monitoring
from pestle.demo.extract import SYSTEM, Export
from pestle.demo.messages import name_id
from pestle.demo.people import SignIn, make_accounts
from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.web.actions import bulk_import, setting_up
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

SITE_CODE = "Y99902"
NAME = "Riverside Surgery"
PATIENTS = 300
YEARS = 1
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
    with TemporaryDirectory() as folder:
        export = Export(PATIENTS, on=now.date(), years=YEARS, codes=codes)
        for part, path in export.write(Path(folder)).items():
            bulk_import.take_in(
                by=practice.people["priya"], now=now - timedelta(hours=2), path=path,
                key=name_id("export", part.value), name=path.name, system=SYSTEM, part=part,
                as_at=now - timedelta(hours=8),
            )  # fmt: skip
    monitoring.followed_up(practice.people, site, now=now)
    return practice
