"""Eight computers supply from one batch at once, each a process of its own; some lose their power meanwhile.

Exactly what there is is supplied, everything else is refused by name, and nothing is lost or done twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from tests import databases
from tests.web.actions.bench import PARACETAMOL_32, Bench, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.web.actions import moving
from pestle.web.store import models, verify

PROCESSES = 8
ROOT = Path(__file__).resolve().parents[3]
SHELF = (AccountKind.SHELF, "")


class Computer:
    """One of them: what it is to do, and what it was answered."""

    def __init__(self, database: str, batch: int, name: str, how_many: int, times: int) -> None:
        self._environment = {**os.environ, "PESTLE_DATABASE_URL": databases.url_of(database)}
        self._arguments = [str(batch), name, str(how_many), str(times)]
        self.answers: dict[int, list[str]] = {}
        self.start()

    def start(self) -> None:
        """Begins from the beginning, with the same keys, as whoever does not know what was done."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.web.actions.supplying", *self._arguments],
            cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def killed_after(self, answers: int) -> None:
        """Loses its power (SIGKILL) once it has had so many answers, with the next supply under way."""
        assert self._process.stdout
        for _, line in zip(range(answers), self._process.stdout, strict=False):
            self._heard(line)
        self._process.kill()
        self._heard(*self._process.communicate()[0].splitlines())

    def ends(self) -> None:
        """Hears every answer that is still to come."""
        out, errors = self._process.communicate(timeout=300)
        assert self._process.returncode == 0, errors
        self._heard(*out.splitlines())

    def _heard(self, *lines: str) -> None:
        for line in lines:
            number, _, said = line.strip().partition(" ")
            if said:
                self.answers.setdefault(int(number), []).append(said)


def _a_batch_of(units: int, bench: Bench) -> int:
    packs = -(-units // 32)
    now = datetime.now(UTC)
    batch = int(bench.stock(PARACETAMOL_32, packs, expiry="2099-01", now=now).result["batch"])
    if over := packs * 32 - units:
        moving.move(
            by=bench.tess, now=now, key=a_key(), reason=Reason.WASTE, batch_id=batch, amount=over,
            source=SHELF, target=(AccountKind.WASTE, ""), why="more than the test needs",
        )  # fmt: skip
    return batch


def _balances(batch: int) -> dict[str, int]:
    rows = models.Balance.objects.filter(batch=batch, account__kind__in=("shelf", "patient"))
    return dict(rows.values_list("account__kind", "amount"))


def test_one_batch_and_eight_processes(database: str, own_bench: Bench) -> None:
    batch = _a_batch_of(1000, own_bench)
    computers = [Computer(database, batch, f"c{n}", 200, times=1) for n in range(PROCESSES)]
    for one in computers:
        one.ends()
    answers = Counter(said for one in computers for heard in one.answers.values() for said in heard)
    assert answers == {"done": 1000, "stock.not-in-stock": 600}
    assert _balances(batch) == {"shelf": 0, "patient": 1000}
    found = verify.verify(own_bench.site)
    assert [str(fault) for fault in found.faults] == []
    assert models.Movement.objects.filter(reason="supply").count() == 1000
    assert models.Command.objects.filter(action="stock.supply").count() == 1000


def test_twice_each_and_some_lose_their_power(database: str, own_bench: Bench) -> None:
    units, each = 200, 40
    batch = _a_batch_of(units, own_bench)
    computers = [Computer(database, batch, f"c{n}", each, times=2) for n in range(PROCESSES)]
    for answers, one in enumerate(computers[:4]):
        one.killed_after(5 + 7 * answers)
        one.start()
    computers[0].killed_after(20)
    computers[0].start()
    for one in computers:
        one.ends()
    fates = Counter[str]()
    for one in computers:
        assert sorted(one.answers) == list(range(each))
        for heard in one.answers.values():
            # Its first answer may have been lost with the power; none is done after it was refused for good.
            assert heard.count("done") <= 1
            done = "done" in heard or "again" in heard
            fates["done" if done else heard[-1]] += 1
            assert not done or heard[-1] == "again"
    assert fates == {"done": units, "stock.not-in-stock": PROCESSES * each - units}
    assert _balances(batch) == {"shelf": 0, "patient": units}
    assert models.Movement.objects.filter(reason="supply").count() == units
    assert [str(fault) for fault in verify.verify(own_bench.site).faults] == []
