"""How fast is one dispense over HTTP, one process, durable?

Reads PESTLE_DATABASE_URL. Three people take prescriptions from entry to hand-out through the pages, one
request after the other, each form posted as a browser would post it.
"""

from __future__ import annotations

import os
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pestle.demo import DICTIONARY

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
os.environ["PESTLE_HTTPS"] = "off"
os.environ["PESTLE_DICTIONARY"] = DICTIONARY

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from tests.scale.served import Visitor, form, said, served

from pestle.demo import people
from pestle.demo.drive import element_string, receive
from pestle.demo.load import make_demo
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import another
from pestle.demo.stock import Delivery, deliver
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

DISPENSES = 40
MEDICINE = "Amoxicillin 250mg capsules"


def main() -> None:
    """Prepares prescriptions and stock, then takes each through every step."""
    call_command("migrate", verbosity=0)
    now = datetime.now(UTC)
    make_demo(now=now)
    ids, scan = prepared(now)
    opened, posted = dispensed(ids, scan)
    done = models.HandOut.objects.filter(prescription__in=ids).count()
    everything = [seconds for each in posted.values() for seconds in each]
    sys.stdout.write(f"{connection.vendor}, {done} of {len(ids)} handed out\n")
    sys.stdout.write(said("a step (form posted)", everything) + said("its page opened", opened))
    for step, seconds in posted.items():
        sys.stdout.write(said(f"  {step}", seconds))


def dispensed(ids: Sequence[int], scan: str) -> tuple[list[float], dict[str, list[float]]]:
    """Takes prescriptions through every step of a site that is served. Gives the seconds that their pages
    took to open, and those of each step's form to be posted."""
    opened: list[float] = []
    posted: dict[str, list[float]] = defaultdict(list)
    with served() as port:
        tess, adam, ruth = (
            Visitor(port, username=name, password=people.PASSWORD) for name in ("tess", "adam", "ruth")
        )
        for id_ in ids:
            for visitor, step, answers in (
                (tess, "entry", {}),
                (ruth, "clinical-check", {"seen_not_assessed": "yes"}),
                (tess, "labels", {}),
                (tess, "scan", {"code": scan}),
                (tess, "assembled", {}),
                (adam, "accuracy-check", {"outcome": "pass"}),
                (tess, "hand-out", {"collector": "patient", "exemption": "0001", "declared_by": "patient"}),
            ):
                take(visitor, id_, step, answers, opened, posted)
    return opened, posted


def take(
    visitor: Visitor,
    id_: int,
    step: str,
    answers: dict[str, str],
    opened: list[float],
    posted: dict[str, list[float]],
) -> None:
    """Opens the page, answers its form, sends it."""
    home = f"/prescriptions/{id_}/"
    began = time.perf_counter()
    _, page = visitor.get(home)
    opened.append(time.perf_counter() - began)
    fields = form(page, home + step)
    if step == "clinical-check":
        fields |= dict.fromkeys(names(page, "decide-"), "approve")
    if step == "entry":
        fields |= {name: value for name, value in ticks(page).items() if name.startswith(("name-", "unit-"))}
    began = time.perf_counter()
    status, answer = visitor.post(home + step, fields | answers)
    posted[step].append(time.perf_counter() - began)
    if status not in (200, 302, 303) or 'class="pt-refusal"' in answer:
        raise RuntimeError(f"{step} answered {status}: {answer[:2000]}")


def names(page: str, start: str) -> set[str]:
    """The names of the page's fields that begin so."""
    return {part.split('"')[0] for part in page.split('name="')[1:] if part.startswith(start)}


def ticks(page: str) -> dict[str, str]:
    """Name and value of each tick box."""
    boxes = [
        part.split(">")[0] for part in page.split("<input")[1:] if 'type="checkbox"' in part.split(">")[0]
    ]
    pairs = [(box.split('name="')[1].split('"')[0], box.split('value="')[1].split('"')[0]) for box in boxes]
    return dict(pairs)


def prepared(now: datetime) -> tuple[list[int], str]:
    """Prescriptions at entry, and the scan of a pack of which there is enough for all."""
    site = models.Site.objects.get(code="FZZ01")
    tech = people.staff(site).technician
    product = next(one for one in dictionary().products() if one.name == MEDICINE)
    pack = next(one for one in dictionary().packs(product.id) if one.quantity == 21)
    key = f"{time.time_ns():032x}"
    deliver(Delivery(pack, "SCALE1", f"{now.year + 1}-12", 1000, 0), by=tech, now=now)
    batch = models.Batch.objects.get(site=site, number="SCALE1")
    ids = []
    for number in range(DISPENSES):
        data = an_order(
            another(number, on=now.date()),
            [Item(MEDICINE, "21", "Take ONE capsule THREE times a day")],
            signed_at=now - timedelta(minutes=1),
            key=f"dispense {key} {number}",
        )
        ids += receive(data, name=f"{key}-{number}.json", by=tech, now=now).result["prescriptions"]
    return ids, "]d2" + element_string(batch)


if __name__ == "__main__":
    main()
