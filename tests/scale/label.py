"""How many milliseconds does a label take? Prints; asserts nothing. Run: ``python tests/scale/label.py``."""

import resource
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import pestle
from pestle.pharmacy.documents.cautions import cautions, read_wordings
from pestle.pharmacy.documents.label import DispensingLabel, LabelText
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.patient import Name
from pestle.web.print.labels import labels_pdf

_SINGLE = 300
_BATCH = 200


def main() -> None:
    """One label a document, as at the bench; then many labels in one document."""
    start = time.perf_counter()
    labels_pdf([_label(0)])
    first = time.perf_counter() - start
    times = sorted(_seconds([_label(number)]) for number in range(1, _SINGLE + 1))
    batch = _seconds([_label(number) for number in range(_BATCH)])
    p95 = times[int(len(times) * 0.95)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"first label              {first * 1e3:7.1f} ms\n"
        f"one label a document p50 {statistics.median(times) * 1e3:7.1f} ms\n"
        f"                     p95 {p95 * 1e3:7.1f} ms\n"
        f"{_BATCH} in one document, each {batch / _BATCH * 1e3:7.1f} ms\n"
        f"peak memory              {memory:7d} MB\n"
    )


def _seconds(labels: list[DispensingLabel]) -> float:
    start = time.perf_counter()
    labels_pdf(labels)
    return time.perf_counter() - start


def _label(number: int) -> DispensingLabel:
    wordings = read_wordings(Path(pestle.__file__).parent / "definitions" / "labels" / "cautionary.yaml")
    text = LabelText(
        patient=Name(f"Smith{number}", ("Jane",), "Mrs"),
        medicine="Morphine 10mg modified-release tablets",
        directions="Take ONE tablet TWICE a day",
        directions_verbatim=False,
        pharmacy_name="Hawthorn Pharmacy",
        pharmacy_address=("12 Mill Lane", "Otley", "LS21 3AB"),
        pharmacy_telephone="01943 000000",
        supplied_on=date(2026, 11, 22),
        reference="83A7B2-A12345-00001X line 2",
        cautions=cautions([2, 25], wordings=wordings),
    )
    return DispensingLabel(f"{number}-1", text, Quantity(Decimal(28), Unit("tablet")))


if __name__ == "__main__":
    main()
