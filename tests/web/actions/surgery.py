"""An invented GP practice on a real database: its people, a patient, and the steps of its medicines list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from tests.web.actions.bench import MARY, NOW, a_key

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.pharmacy.practice.change import Change, Wanted, new
from pestle.pharmacy.practice.medicines_list import Listed, Outcome
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.patient import Patient
from pestle.web.actions import medication_list, setting_up
from pestle.web.actions import once as acting
from pestle.web.store import medicines_list, models, patients, people

FUROSEMIDE = Wanted(
    Coded("Furosemide 40mg tablets", SNOMED, "42294811000001108"),
    CourseOfTherapy.REPEAT,
    Dosage((DosageStep(text="Take one tablet in the morning"),)),
    Quantity(Decimal(28), Unit("tablet")),
    days_supply=Decimal(28),
    issues_allowed=6,
    authorised_until=date(2027, 5, 2),
    review_by=date(2027, 5, 2),
)
ROLES = {
    "priya": Role.TECHNICIAN, "gareth": Role.PHARMACIST, "dana": Role.PRESCRIBER, "nina": Role.RECEPTIONIST,
    "moira": Role.MANAGER,
}  # fmt: skip


@dataclass
class Surgery:
    """The practice: Priya is a technician, Gareth a pharmacist, Dana prescribes, Nina sits at reception,
    Moira
    manages."""

    site: models.Site
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def patient(self, patient: Patient = MARY) -> models.Patient:
        return patients.find_or_make(self.site.pk, patient)[0]

    def change(self, *changes: Change, by: Person | None = None, **more: Any) -> acting.Outcome:
        """Changes the list of Mary O'Brien, as Priya, unless told otherwise."""
        patient = more.pop("patient", None) or self.patient()
        return medication_list.apply(
            by=by or self.people["priya"], patient_id=patient.pk, changes=changes,
            **{"now": NOW, "key": a_key(), **more},
        )  # fmt: skip

    def authorise(self, *lines: Listed, by: Person | None = None, **more: Any) -> acting.Outcome:
        patient = more.pop("patient", None) or self.patient()
        orders = [models.ListedMedicine.objects.get(pk=line.id).order_id for line in lines]
        return medication_list.authorise(
            by=by or self.people["dana"], patient_id=patient.pk, orders=orders,
            **{"now": NOW, "key": a_key(), "outcome": Outcome.AUTHORISED, **more},
        )  # fmt: skip

    def lines(self, patient: models.Patient | None = None, *, ended: bool = False) -> list[Listed]:
        return medicines_list.lines(patient or self.patient(), ended=ended)

    def on_list(self, wanted: Wanted = FUROSEMIDE, **more: Any) -> Listed:
        """A line that is on the list and authorised."""
        made = self.change(new(wanted, "from the clinic letter"), **more).result["lines"][0]
        (line,) = [one for one in self.lines(more.get("patient")) if one.id == made["listed"]]
        if made["standing"] == "prepared":
            self.authorise(line, **{k: v for k, v in more.items() if k in ("patient", "now")})
        (line,) = [one for one in self.lines(more.get("patient")) if one.id == made["listed"]]
        return line


def open_surgery(*, code: str = "Y99901", record_elsewhere: str = "") -> Surgery:
    """The practice, opened through the actions."""
    opened = setting_up.open_site(
        now=NOW, key=a_key(), name="Riverside Surgery", code=code, kind=SiteKind.GP_PRACTICE
    )
    site = models.Site.objects.get(pk=opened.result["site"])
    if record_elsewhere:
        site.record_elsewhere = record_elsewhere
        site.save()
    surgery = Surgery(site)
    for username, role in ROLES.items():
        made = setting_up.add_person(
            by=setting_up.program(site), now=NOW, key=a_key(), username=username,
            name=f"{username.title()} Rivers", roles=(role,), password="!",
        )  # fmt: skip
        user = models.User.objects.get(pk=made.result["person"])
        person = people.person(user, site.pk)
        assert person is not None
        surgery.people[username] = person
    return surgery
