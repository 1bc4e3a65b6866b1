"""The invented list of the area around the invented practice, and one agreement by it. It is marked as what
it is: nobody compared it with anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.traffic_light import Agreement
from pestle.web.actions import traffic_lights
from pestle.web.store import models

SOURCE = "Invented for the demonstration: the list of no area"
TABLE = """Medicine,Status,Indication,Shared care,Link
Amlodipine,Green,,,
Furosemide,Green,,,
Bisoprolol,Green,,,
Paracetamol,Green,,,
Apixaban,Amber initiated,,,
Lithium carbonate,Amber,bipolar disorder,yes,ask the practice
Methotrexate,Amber,rheumatoid arthritis,yes,ask the practice
Methotrexate,Red,cancer,,
Amiodarone,Amber,,yes,
Spironolactone,Green,heart failure,,
Spironolactone,Amber initiated,resistant hypertension,,
Ciclosporin,Red,,,
Glucosamine,Grey,,,
"""


def make_lights(people: Mapping[str, Person], site: models.Site, *, now: datetime) -> None:
    """Takes in the list, and records one agreement to share care."""
    on = now.date()
    traffic_lights.take_in(
        by=people["moira"], now=now, key=name_id("lights"),
        arrived=traffic_lights.Arrived(
            TABLE.encode(), SOURCE, on - timedelta(days=20), on + timedelta(days=160), verified=False,
            name="invented.csv",
        ),
    )  # fmt: skip
    row = models.ListedMedicine.objects.filter(site=site, status="active", text__startswith="Lithium")
    first = row.order_by("pk").first()
    if first is not None:
        traffic_lights.record_agreement(
            by=people["priya"], now=now, key=name_id("agreement"), patient_id=first.patient_id,
            listed_id=first.pk, agreement=Agreement("Dr Invented, psychiatry", on - timedelta(days=200)),
        )  # fmt: skip
