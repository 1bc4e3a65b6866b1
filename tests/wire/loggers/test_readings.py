"""Tables as loggers export them, and those that are refused by the line."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pestle.pharmacy.refusal import Refused
from pestle.wire.loggers.readings import readings

LONDON = ZoneInfo("Europe/London")
NINE = datetime(2026, 7, 2, 8, 0, tzinfo=UTC)

TABLES = [
    "Time,Temperature °C\n2026-07-02 09:00,4.5\n",
    "\ufeffNo;Date/Time;Temp (°C);Battery\n1;02/07/2026 09:00:00;4.5;ok\n\n",
    "timestamp\tcelsius\n2026-07-02T08:00:00Z\t4.5\n",
    "Time,Temp\n2026-07-02T10:00:00+02:00,4.50\n2026-07-02T09:00,4.50\n",
]


@pytest.mark.parametrize("table", TABLES)
def test_tables_that_are_read(table: str) -> None:
    (found,) = readings(table.encode(), zone=LONDON)
    assert (found.at, found.celsius) == (NINE, Decimal("4.5"))


def test_readings_come_in_the_order_of_time() -> None:
    table = "time,temp\n2026-11-02 10:00,5\n2026-11-02 09:00,-0.5\n"
    assert [one.celsius for one in readings(table.encode(), zone=LONDON)] == [Decimal("-0.5"), Decimal(5)]


REFUSED = [
    (b"\xff\xfe", "logger.not-text", "byte 0"),
    (b"", "logger.empty", None),
    (b"time,temp\n", "logger.empty", None),
    (b"a,b\n1,2\n", "logger.no-columns", "line 1"),
    ("time,temp \N{DEGREE SIGN}F\n2026-11-02 09:00,41\n".encode(), "logger.no-columns", "line 1"),
    (b"time,temp\n2026-11-02 09:00,5\n2026-11-02 09:", "logger.unreadable-line", "line 3"),
    (b"time,temp\nyesterday,5\n", "logger.unreadable-line", "line 2"),
    (b"time,temp\n31/02/2026 09:00,5\n", "logger.unreadable-line", "line 2"),
    (b"time,temp\n2026-11-02 09:00,warm\n", "logger.unreadable-line", "line 2"),
    (b"time,temp\n2026-11-02 09:00,500\n", "temperature.not-possible", "line 2"),
    (b"time,temp\n" + b"\n" * 100_001, "logger.too-long", None),
]


@pytest.mark.parametrize(("data", "rule", "place"), REFUSED)
def test_tables_that_are_refused(data: bytes, rule: str, place: str | None) -> None:
    with pytest.raises(Refused) as refused:
        readings(data, zone=LONDON)
    assert refused.value.rule == rule
    assert refused.value.refusals[0].place == place
