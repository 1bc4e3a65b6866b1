"""Do the rows of records keep what has no value?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pestle.pharmacy.measures.population import table


def test_a_result_without_a_value_stands_beside_one_with_a_value() -> None:
    rows = [
        {"patient": 1, "code": -1, "taken": date(2026, 1, 1), "value": value}
        for value in (Decimal("5.8"), None)
    ]
    assert table("observation", rows).to_pyarrow()["value"].to_pylist() == [Decimal("5.800000"), None]
    assert table("condition", []).to_pyarrow().num_rows == 0
