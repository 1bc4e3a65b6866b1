"""An invented practice's export, as its record system makes it: any number of patients, any number of years.

The same number is the same patient, whatever their count: names, conditions, medicines, issues, results. Who
has what is plausible, and copied from nobody; nobody here exists. NHS numbers are of the range for tests.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from pestle.demo.patients import number_of
from pestle.wire.gp_extract.mapping import Part

SYSTEM = "emis"
_FIRST_NUMBER = 300_000
_GIVEN = {
    "F": ("Alice", "Carol", "Ella", "Farah", "Grace", "Isla", "Joan", "Kay", "Lily", "Nora", "Priti", "Rosa",
          "Sheila", "Tara", "Una", "Wendy"),
    "M": ("Brian", "Dev", "Edwin", "Frank", "George", "Henry", "Idris", "Jack", "Kiran", "Leo", "Mohammed",
          "Neil", "Oscar", "Ravi", "Simon", "Victor"),
}  # fmt: skip
_FAMILY = (
    "Abara", "Barker", "Cooper", "Dhillon", "Eaton", "Farrell", "Gibbs", "Hobson", "Islam", "Jennings",
    "Kaur", "Langley", "Morris", "Nowak", "Osborne", "Pearce", "Quigley", "Rhodes", "Sykes", "Thorpe",
    "Underhill", "Vaughan", "Whitworth", "Yates", "Zaman",
)  # fmt: skip
_STREETS = ("Quarry Road", "Weir Lane", "Tannery Close", "Orchard Road", "Kiln Street", "Mill Bank")


@dataclass(frozen=True, slots=True)
class _Takes:
    """A medicine of the starter formulary: directions, how much for 28 days of what."""

    name: str
    directions: str
    quantity: int
    unit: str = "tablet"


@dataclass(frozen=True, slots=True)
class _Has:
    """A condition: how many of a hundred have it under 40, to 64, to 79 and above; what they take for it, and
    which results come how often a year: name, unit, about, how far from it."""

    name: str
    shares: tuple[float, float, float, float]
    takes: tuple[_Takes, ...]
    results: tuple[tuple[str, str, float, float, float], ...] = ()


_CONDITIONS = (
    _Has("Hypertension", (2, 18, 45, 60),
         (_Takes("Amlodipine 5mg tablets", "Take one tablet once a day", 28),
          _Takes("Ramipril 5mg capsules", "Take one capsule once a day", 28, "capsule"),
          _Takes("Indapamide 2.5mg tablets", "Take one tablet in the morning", 28)),
         (("Potassium", "mmol/L", 4.3, 0.4, 1), ("eGFR", "mL/min/1.73m2", 72, 15, 1))),
    _Has("Heart failure", (0.1, 0.6, 3, 9),
         (_Takes("Furosemide 40mg tablets", "Take one tablet in the morning", 28),
          _Takes("Bisoprolol 2.5mg tablets", "Take one tablet once a day", 28),
          _Takes("Spironolactone 25mg tablets", "Take one tablet once a day", 28)),
         (("Potassium", "mmol/L", 4.5, 0.5, 2), ("eGFR", "mL/min/1.73m2", 55, 14, 2))),
    _Has("Atrial fibrillation", (0.1, 1, 7, 17),
         (_Takes("Apixaban 5mg tablets", "Take one tablet twice a day", 56),),
         (("eGFR", "mL/min/1.73m2", 60, 15, 1), ("Body weight", "kg", 76, 14, 1))),
    _Has("Gastro-oesophageal reflux disease", (2, 8, 14, 16),
         (_Takes("Omeprazole 20mg gastro-resistant capsules", "Take one capsule once a day", 28,
                 "capsule"),)),
    _Has("Asthma", (7, 7, 7, 6),
         (_Takes("Salbutamol 100micrograms/dose inhaler CFC free", "Inhale two puffs when required", 200,
                 "dose"),)),
    _Has("Rheumatoid arthritis", (0.2, 0.9, 1.6, 1.2),
         (_Takes("Methotrexate 2.5mg tablets", "Take six tablets once a week on Monday", 24),),
         (("Haemoglobin", "g/L", 131, 12, 4), ("ALT", "U/L", 26, 9, 4),
          ("Neutrophils", "10*9/L", 4, 1.2, 4))),
    _Has("Bipolar disorder", (0.3, 0.5, 0.4, 0.3),
         (_Takes("Lithium carbonate 250mg tablets", "Take two tablets at night", 56),),
         (("TSH", "mU/L", 2.1, 0.8, 2), ("eGFR", "mL/min/1.73m2", 70, 14, 2))),
    _Has("Ischaemic stroke", (0.1, 1, 4, 9),
         (_Takes("Aspirin 75mg dispersible tablets", "Take one tablet once a day", 28),)),
    _Has("Osteoarthritis", (0.5, 6, 14, 18),
         (_Takes("Paracetamol 500mg tablets", "Take two tablets four times a day", 224),
          _Takes("Naproxen 250mg tablets", "Take one tablet twice a day", 56))),
    _Has("Severe frailty", (0, 0, 3, 14), ()),
)  # fmt: skip
_HEADINGS: Mapping[Part, tuple[str, ...]] = {
    Part.PATIENTS: ("NHS Number", "Surname", "Given Name", "Title", "Date of Birth", "Gender", "Address",
                    "Postcode"),
    Part.MEDICINES: ("NHS Number", "Drug Record GUID", "Drug Name", "Drug Code", "Dosage", "Quantity",
                     "Quantity Unit", "Prescription Type", "Date Added", "Most Recent Issue Date",
                     "Number of Issues", "Maximum Issues", "Expiry Date", "Review Date", "Linked Problem"),
    Part.ISSUES: ("NHS Number", "Issue Record GUID", "Drug Record GUID", "Drug Name", "Issue Date",
                  "Quantity", "Quantity Unit", "Issue Duration"),
    Part.PROBLEMS: ("NHS Number", "Problem GUID", "Problem", "Date Added", "Problem Status"),
    Part.RESULTS: ("NHS Number", "Observation GUID", "Test", "Value", "Units", "Date"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    guid: str
    medicine: _Takes
    condition: str
    started: date
    issued: tuple[date, ...]


def _not_ordered(*line: int) -> int:
    """For so many days more nobody has ordered it: of one line in twenty-five, for more than half a year."""
    draw = Random(str(line))  # noqa: S311 - invented; drawn apart, so that nothing else of a patient changes
    return draw.randrange(190, 300) if draw.random() < 0.04 else 0


class Export:
    """The export of so many patients, `on` a day, with so many `years` of issues and results; `codes` are ids
    of the dictionary by the names of its products."""

    def __init__(
        self, patients: int, *, on: date, years: int, codes: Mapping[str, str], first: int = 0
    ) -> None:
        self._patients, self._on, self._years, self._codes = patients, on, years, codes
        self._first = first

    def write(self, folder: Path) -> dict[Part, Path]:
        """Writes one file for each part, a patient at a time, and says where they are."""
        paths = {part: folder / f"{part.value}.csv" for part in Part}
        files = {part: path.open("w", encoding="utf-8", newline="") for part, path in paths.items()}
        try:
            tables = {part: csv.writer(file) for part, file in files.items()}
            for part, table in tables.items():
                table.writerow(_HEADINGS[part])
            for number in range(self._patients):
                for part, row in self._rows(number):
                    tables[part].writerow(row)
        finally:
            for file in files.values():
                file.close()
        return paths

    def _rows(self, number: int) -> Iterator[tuple[Part, tuple[object, ...]]]:
        # A generator of its own for each patient, so that nobody depends on who came before.
        draw = Random(number)  # noqa: S311 - invented people, not secrets
        nhs = number_of(_FIRST_NUMBER + number).digits
        age = min(96, int(draw.betavariate(1.6, 1.5) * 98))
        born = self._on - timedelta(days=age * 365 + draw.randrange(365))
        sex = draw.choice("FM")
        street = f"{draw.randrange(1, 180)} {draw.choice(_STREETS)}, Ashcombe"
        yield Part.PATIENTS, (
            nhs, draw.choice(_FAMILY), draw.choice(_GIVEN[sex]), "", f"{born:%d/%m/%Y}", sex, street,
            "QX1 2AB",
        )  # fmt: skip
        band = (age >= 40) + (age >= 65) + (age >= 80)
        for place, has in enumerate(_CONDITIONS):
            if draw.random() * 100 >= has.shares[band]:
                continue
            began = self._on - timedelta(days=draw.randrange(400, 4000))
            yield Part.PROBLEMS, (nhs, f"p{number}-{place}", has.name, f"{began:%d/%m/%Y}", "Active")
            for line in self._lines(number, place, has, began, draw):
                yield from self._medicine(nhs, line, draw)
            yield from self._results(nhs, f"{number}-{place}", has)

    def _lines(self, number: int, place: int, has: _Has, began: date, draw: Random) -> Iterator[_Line]:
        for at, medicine in enumerate(has.takes):
            if at and draw.random() < 0.55:
                continue
            started = began + timedelta(days=draw.randrange(30))
            first = max(started, self._on - timedelta(days=365 * self._years))
            # Some order early, some late: the step between two issues is their own.
            step = draw.choice((28, 28, 28, 27, 29, 22, 36))
            last = self._on - timedelta(days=draw.randrange(0, 27) + _not_ordered(number, place, at))
            issued = tuple(
                last - timedelta(days=step * back) for back in range(max(0, (last - first).days // step))
            )
            yield _Line(f"m{number}-{place}-{at}", medicine, has.name, started, issued)

    def _medicine(self, nhs: str, line: _Line, draw: Random) -> Iterator[tuple[Part, tuple[object, ...]]]:
        medicine, allowed = line.medicine, draw.choice((6, 6, 12, 13))
        issues = min(len(line.issued), draw.randrange(0, allowed + 1))
        until = self._on + timedelta(days=draw.randrange(-20, 300))
        review = self._on + timedelta(days=draw.randrange(-90, 330))
        newest = f"{line.issued[0]:%d/%m/%Y}" if line.issued else ""
        yield Part.MEDICINES, (
            nhs, line.guid, medicine.name, self._codes.get(medicine.name, ""), medicine.directions,
            medicine.quantity, medicine.unit, "Repeat", f"{line.started:%d/%m/%Y}", newest, issues, allowed,
            f"{until:%d/%m/%Y}", f"{review:%d/%m/%Y}", line.condition,
        )  # fmt: skip
        for day in line.issued:
            yield Part.ISSUES, (
                nhs, f"{line.guid}-{day:%Y%m%d}", line.guid, medicine.name, f"{day:%d/%m/%Y}",
                medicine.quantity, medicine.unit, 28,
            )  # fmt: skip

    def _results(self, nhs: str, key: str, has: _Has) -> Iterator[tuple[Part, tuple[object, ...]]]:
        for name, unit, about, spread, a_year in has.results:
            draw = Random(f"{key}/{name}")  # noqa: S311 - as above; how many years are wanted changes nobody
            day = self._on - timedelta(days=draw.randrange(10, int(500 / a_year)))
            for _ in range(int(a_year * self._years) or 1):
                value = f"{max(0.1, draw.gauss(about, spread)):.1f}"
                yield Part.RESULTS, (
                    nhs, f"o{key}-{name}-{day:%Y%m%d}", name, value, unit, f"{day:%d/%m/%Y}",
                )  # fmt: skip
                day -= timedelta(days=int(365 / a_year))
