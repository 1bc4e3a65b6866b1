"""Every page of the demo site answers on both databases: what it reads, each of them can be asked."""

from __future__ import annotations

from tests.browser.test_every_page import addresses
from tests.web.desk import Desk

from pestle.demo.people import staff
from pestle.web.store import models


def test_every_page_of_the_demo_answers(demo_database: str) -> None:
    desk = Desk(staff(models.Site.objects.get(code="FZZ01")).pharmacist)
    found = {address: desk.get(address)[0] for there in addresses().values() for address in there}
    assert {address: status for address, status in found.items() if status != 200} == {}
