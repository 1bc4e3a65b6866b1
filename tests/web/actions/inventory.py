"""One of everything that is on record about stock besides what moved, made through the actions."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from tests.web.actions.bench import NOW, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel
from pestle.pharmacy.ledger.reorder import Levels
from pestle.pharmacy.ledger.storage import Condition
from pestle.web.actions import orders, places, recalls, temperatures
from pestle.web.store.knowledge import dictionary

if TYPE_CHECKING:
    from tests.web.actions.bench import Bench


def one_of_each(bench: Bench, gtin: str) -> None:
    """A place and how a product is kept there, levels, a supplier with an order of three packs, an alert
    about batch B1 with one act, a fridge that was too warm an hour ago."""
    pack = dictionary().pack_by_gtin(gtin)
    assert pack is not None
    who: dict[str, Any] = {"by": bench.tess, "now": NOW}
    ward = places.record_place(
        **who, key=a_key(), kind=AccountKind.WARD, name="Rowan", condition=Condition.ROOM
    ).result["account"]
    places.keep_product(
        **who,
        key=a_key(),
        product_id=pack.product_id,
        condition=None,
        source="",
        account_id=ward,
        address="B4",
    )
    orders.set_levels(**who, key=a_key(), product_id=pack.product_id, levels=Levels(28, 56))
    supplier = orders.record_supplier(
        **who, key=a_key(), name="Wholesaler", lead_days=1, cut_off=time(17)
    ).result["supplier"]
    orders.place_order(**who, key=a_key(), supplier_id=supplier, packs={pack.id: 3})
    alert = recalls.record_alert(
        **who, key=a_key(), kind=AlertKind.CLASS_2, reference="EL(26)A/09", level=RecallLevel.PHARMACY,
        deadline=NOW, packs=[(gtin, "B1")],
    ).result["alert"]  # fmt: skip
    fridge = places.record_place(
        **who, key=a_key(), kind=AccountKind.FRIDGE, name="Warm fridge", condition=Condition.FRIDGE
    ).result["account"]
    temperatures.import_readings(
        **who, key=a_key(), account_id=fridge, name="logger.csv",
        data=f"time,temp\n{NOW - timedelta(hours=1):%Y-%m-%dT%H:%MZ},9\n{NOW:%Y-%m-%dT%H:%MZ},5\n".encode(),
    )  # fmt: skip
    recalls.act(**who, key=a_key(), alert_id=alert, words="told the team")
