"""A practice's export is taken in: once, in batches, with what was refused kept, and judged against what was
to be entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.web.actions.bench import NOW, a_key
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.practice.change import new, revise, stop
from pestle.pharmacy.practice.medicines_list import Standing
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import bulk_import, elsewhere
from pestle.web.store import models
from pestle.wire.gp_extract.mapping import Part

MARY, JOHN = "943 476 5919", "999 000 1030"
PATIENTS = (
    "NHS Number,Surname,Given Name,Date of Birth,Gender\n"
    f"{MARY},O'Brien,Mary,10/03/1965,F\n{JOHN},Smith,John,01/07/1950,M\n943 476 5918,Wrong,Ann,1/1/1970,F\n"
)
LIST = (
    "NHS Number,Drug Record GUID,Drug Name,Drug Code,Dosage,Quantity,Quantity Unit,Prescription Type,"
    "Date Added,Most Recent Issue Date,Number of Issues,Maximum Issues,Expiry Date\n"
)
ONE = (
    f"{MARY},m1,Furosemide 40mg tablets,42294811000001108,{{}},28,tablet,Repeat,2019-01-02,{{}},6,"
    "2027-05-02\n"
)
FIRST = ONE.format("Take one tablet in the morning", "2026-10-19,4")
TWO_A_DAY = replace(FUROSEMIDE, dosage=Dosage((DosageStep(text="Take two tablets in the morning"),)))


class Files:
    def __init__(self, folder: Path, surgery: Surgery) -> None:
        self.folder, self.surgery = folder, surgery

    def take(self, part: Part, text: str, *, now: datetime = NOW, **more: Any) -> dict[str, Any]:
        path = self.folder / "export.csv"
        path.write_text(text, encoding="utf-8")
        done = bulk_import.take_in(
            by=self.surgery.priya, path=path, name="export.csv", part=part,
            **{"now": now, "key": a_key(), "system": "emis", "as_at": now, **more},
        )  # fmt: skip
        return dict(done.result)


@pytest.fixture
def files(db: None, tmp_path: Path) -> Files:
    return Files(tmp_path, open_surgery(record_elsewhere="EMIS Web"))


def _everything() -> dict[str, int]:
    tables = (
        "Patient",
        "OrderFact",
        "ListedMedicine",
        "Issue",
        "ConditionFact",
        "ObservationFact",
        "RefusedRow",
    )
    return {name: getattr(models, name).objects.count() for name in tables}


def test_a_practice_is_taken_in_and_the_same_files_again_change_nothing(files: Files) -> None:
    parts = {
        Part.PATIENTS: PATIENTS,
        Part.MEDICINES: LIST + FIRST + FIRST.replace(MARY, "401 023 2137"),
        Part.ISSUES: "NHS Number,Drug Record GUID,Drug Name,Issue Date,Quantity,Issue Duration\n"
        + "".join(f"{MARY},m1,Furosemide,{day}/10/2026,28 tablets,28\n" for day in (5, 26))
        + f"{MARY},m9,Aspirin,5/10/2026,28 tablets,28\n",
        Part.PROBLEMS: f"NHS Number,Problem,Date Added\n{MARY},Heart failure,2021\n",
        Part.RESULTS: f"NHS Number,Test,Value,Units,Date\n{MARY},Potassium,4.1,mmol/L,19/10/2026\n",
    }
    events = models.AuditEvent.objects.count()
    counts = [files.take(part, text)["counts"] for part, text in parts.items()]
    assert counts == [
        {"new": 2, "refused": 1}, {"new": 1, "refused": 1}, {"new": 2, "refused": 1}, {"new": 1}, {"new": 1},
    ]  # fmt: skip
    assert models.AuditEvent.objects.count() == events + 5
    rules = list(models.RefusedRow.objects.order_by("pk").values_list("line", "rule"))
    assert rules == [(4, "nhs-number.check-digit"), (3, "extract.patient-unknown"), (4, "extract.no-line")]
    (line,) = files.surgery.lines()
    assert (line.standing, line.issues, str(line.last_issued)) == (Standing.AUTHORISED, 4, "2026-10-26")
    before = _everything()
    for part, text in parts.items():
        assert files.take(part, text)["again"]
    later = NOW + timedelta(days=1)
    again = [files.take(part, f"{text}\n", now=later)["counts"] for part, text in parts.items()]
    assert [one.get("held") for one in again] == [2, 1, 2, 1, 1]
    assert _everything() == before | {"RefusedRow": 6}


def test_what_changed_in_the_other_system_follows(files: Files) -> None:
    files.take(Part.PATIENTS, PATIENTS)
    files.take(Part.MEDICINES, LIST + FIRST)
    changed = ONE.format("Take two tablets in the morning", "2026-10-26,5")
    assert files.take(Part.MEDICINES, LIST + changed)["counts"] == {"changed": 1}
    (line,) = files.surgery.lines()
    assert line.order.request.dosage == TWO_A_DAY.dosage
    assert (line.issues, line.standing) == (5, Standing.AUTHORISED)


def test_what_was_entered_is_confirmed_or_never_arrived(files: Files) -> None:
    files.take(Part.PATIENTS, PATIENTS)
    files.take(Part.MEDICINES, LIST + FIRST)
    (line,) = files.surgery.lines()
    aspirin = replace(FUROSEMIDE, medication=Coded("Aspirin 75mg tablets"))
    files.surgery.change(revise(line, TWO_A_DAY, "fluid overload"), new(aspirin, "after the stroke"))
    entries = list(models.EntryElsewhere.objects.order_by("pk"))
    hours = [NOW + timedelta(hours=number) for number in range(1, 6)]
    # Made before anything was entered: it says nothing, and what was decided here stands.
    assert files.take(Part.MEDICINES, f"{LIST}{FIRST}\n", now=hours[0])["counts"] == {"held": 1}
    elsewhere.entered(
        by=files.surgery.priya, now=hours[1], key=a_key(), entry_ids=[one.pk for one in entries]
    )
    said = files.take(Part.MEDICINES, f"{LIST}{FIRST}\n\n", now=hours[2])["counts"]
    assert said == {"held": 1, "never_arrived": 2}
    for entry in entries:
        entry.refresh_from_db()
    assert entries[1].missing == ["it is not on the list there"]
    there = ONE.format("2 tablets in the morning", "2026-10-19,4")
    new_there = (
        ONE.replace("m1", "m2").replace("Furosemide 40mg", "Aspirin 75mg").replace("42294811000001108", "")
    )
    new_there = new_there.format("Take one tablet in the morning", ",")
    counts = files.take(Part.MEDICINES, LIST + there + new_there, now=hours[3])["counts"]
    assert counts == {"changed": 2, "confirmed": 2}
    assert [one.name for one in files.surgery.lines()] == ["Aspirin 75mg tablets", "Furosemide 40mg tablets"]
    # Ended here, and gone there.
    files.surgery.change(stop(files.surgery.lines()[0], "bleeding"), now=hours[3])
    counts = files.take(Part.MEDICINES, LIST + there + "\n\n\n", now=hours[4])["counts"]
    assert counts == {"held": 1, "confirmed": 1}


# how a file is given -> why it is not taken in
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"by": "nina"}, "extract.role"),
    ({"system": "vision"}, "extract.system"),
    ({"as_at": NOW + timedelta(days=1)}, "extract.made-ahead"),
    ({"part": Part.RESULTS}, "extract.columns"),
]  # fmt: skip


def test_a_file_that_cannot_be_taken_in_is_refused_by_name(files: Files) -> None:
    path = files.folder / "a.csv"
    path.write_text(PATIENTS)
    for given, rule in FAULTS:
        how: dict[str, Any] = {"by": "priya", "part": Part.PATIENTS, "system": "emis", "as_at": NOW, **given}
        how["by"] = files.surgery.people[how["by"]]
        with pytest.raises(Refused) as refused:
            bulk_import.take_in(now=NOW, key=a_key(), path=path, name="a.csv", **how)
        assert refused.value.rule == rule
    assert models.BulkImport.objects.get().state == "failed"
