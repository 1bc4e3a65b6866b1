"""Which suppliers' files can be written and read?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pestle.pharmacy.ledger.confirmation import Confirmation
from pestle.wire.suppliers import table_csv
from pestle.wire.suppliers.order import OrderOut


@dataclass(frozen=True, slots=True)
class Format:
    """A format by what it is; how an order is written in it, and how the answer is read."""

    title: str
    write: Callable[[OrderOut], bytes]
    read: Callable[[bytes], Confirmation]


FORMATS: Mapping[str, Format] = {
    table_csv.NAME: Format(table_csv.TITLE, table_csv.write, table_csv.read),
}
