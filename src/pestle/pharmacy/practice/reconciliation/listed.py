"""What do the lines of the practice's own list say, and when is each of them supplied next?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from math import floor

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.practice.medicines_list import Listed, ListStatus
from pestle.pharmacy.practice.reconciliation.line import NO_DIRECTIONS, ListLine
from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.record.lasts import days_of


def listed_line(line: Listed, names: Names) -> ListLine:
    """A line of the medicines list as reconciliation sees it; its key is the id of the line."""
    request, written = line.order.request, line.order.request.medication
    dosage = request.dosage
    return ListLine(
        key=str(line.id),
        verbatim=" ".join((written.text, dosage.text if dosage else "")).strip(),
        name=written.text,
        meant=names.meant_by(written),
        directions=read_dosage(dosage) if dosage else NO_DIRECTIONS,
        indication=request.reason.text if request.reason else "",
        hospital_only=line.status is ListStatus.ELSEWHERE,
        withheld=line.status is ListStatus.WITHHELD,
    )


def next_supplies(lines: Iterable[Listed]) -> dict[str, date]:
    """For each medicine that is issued, the day on which what was issued last runs out; what cannot be told
    is left out."""
    found = {}
    for line in lines:
        days = days_of(line.order)
        if line.status is ListStatus.ACTIVE and line.last_issued is not None and days:
            found[line.name] = line.last_issued + timedelta(days=floor(days))
    return found
