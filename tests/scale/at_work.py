"""Somebody at the bench, for measurements: takes what waits at their steps, does it, sends it, and again."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from threading import Event, Lock

from tests.scale.dispense import names, ticks
from tests.scale.served import Visitor, form

from pestle.demo.messages import Item
from pestle.pharmacy.dispensary.collection import Identity
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import OwingReason

ONCE = Item("Amlodipine 5mg tablets", "28", "Take ONE tablet daily")
TWICE = Item("Ramipril 2.5mg capsules", "28", "Take ONE capsule daily")
COURSE = Item("Amoxicillin 250mg capsules", "21", "Take ONE capsule THREE times a day")
REFUSED = Item("Clarithromycin 500mg tablets", "14", "Take ONE tablet TWICE daily")
IN_REGISTER = Item("Morphine 10mg modified-release tablets", "60", "Take ONE tablet TWICE daily")
SHORT = Item("Trazodone 50mg capsules", "84", "Take ONE capsule THREE times a day")
_RULE = re.compile(r"Rule <code>([^<]+)</code>")
_ROW = re.compile(
    r'<td data-label="With"[^>]*>(.*?)</td>\s*<td[^>]*><a class="pt-open" href="(/prescriptions/(\d+)/)'
)
STEPS = ("entry", "clinical", "assemble", "accuracy", "hand_out", "owings")
# What a colleague's work, an old page or a wrong pack may be refused by; anything else is a fault.
_EXPECTED = {
    "worklist.claimed", "worklist.changed", "worklist.already-done", "worklist.not-at-step",
    "worklist.closed", "scan.no-line",
}  # fmt: skip


def items(number: int) -> tuple[Item, Item, Item]:
    """What the prescription with that number holds: of ten, one has a controlled drug, one what is short, one
    what is refused."""
    third = {3: IN_REGISTER, 5: SHORT, 7: REFUSED}.get(number % 10, COURSE)
    return ONCE, TWICE, third


@dataclass
class Day:
    """What the four share: what happened, and whether the day is over."""

    numbers: dict[int, int] = field(default_factory=dict)
    scans: dict[str, str] = field(default_factory=dict)
    batches: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: Counter[str] = field(default_factory=Counter)
    mishaps: Counter[str] = field(default_factory=Counter)
    delivered: Event = field(default_factory=Event)
    over: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    met: set[tuple[str, int]] = field(default_factory=set)

    def once(self, mishap: str, id_: int, *, every: int, at: int) -> bool:
        """Whether this mishap befalls this prescription now: every so-manieth, and only one time."""
        with self.lock:
            if self.numbers.get(id_, 0) % every != at or (mishap, id_) in self.met:
                return False
            self.met.add((mishap, id_))
            self.mishaps[mishap] += 1
            return True


class AtWork:
    """One person at these steps, with two windows open: in the second a form is sent again."""

    def __init__(self, day: Day, here: Visitor, twin: Visitor, steps: tuple[str, ...]) -> None:
        self._day, self._here, self._twin, self._steps = day, here, twin, steps

    def work(self) -> None:
        """Takes what waits at these steps, the most urgent first, until the day is over."""
        while not self._day.over.is_set():
            did = [self.one(step) for step in self._steps]  # each of them, not only until one is done
            if not any(did):
                time.sleep(1)

    def one(self, step: str) -> bool:
        """Takes the first that nobody has in hand at a step; whether there was one."""
        if step == "owings" and not self._day.delivered.is_set():
            return False
        rows = _ROW.findall(self._get("worklist", f"/?step={step}"))
        mine = ("–", "<strong>you</strong>")
        free = [(home, int(id_)) for who, home, id_ in rows if who in mine and int(id_) in self._day.numbers]
        if not free:
            return False
        home, id_ = free[0]
        page = self._get("page", home)
        if self._send("claim", home + "claim", self._form(page, home + "claim")):
            page = self._get("page", home)
            _DO[step](self, home, id_, page)
        return True

    def enter(self, home: str, id_: int, page: str) -> None:
        fields = self._form(page, home + "entry")
        if fields is None:
            return
        fields |= {name: value for name, value in ticks(page).items() if name.startswith(("name-", "unit-"))}
        done = self._send("entry", home + "entry", fields, twice=self._day.once("twice", id_, every=9, at=4))
        if done and self._day.once("stale", id_, every=8, at=1):
            self._send("stale form", home + "entry", fields | {"key": _another_key(fields["key"])})

    def check(self, home: str, id_: int, page: str) -> None:
        fields = self._form(page, home + "clinical-check")
        if fields is None:
            return
        lines = sorted(names(page, "decide-"), key=lambda name: int(name.removeprefix("decide-")))
        fields |= dict.fromkeys(lines, "approve") | {"seen_not_assessed": "yes"}
        fields |= dict.fromkeys(names(page, "answer-"), "Spoken with the surgery: to be supplied as written")
        if REFUSED in items(self._day.numbers[id_]):
            last = lines[-1].removeprefix("decide-")
            why = NotDispensed.CLINICALLY_UNSUITABLE.value
            fields |= {f"decide-{last}": "refuse", f"reason-{last}": why, f"words-{last}": "Takes a statin"}
        self._send("clinical check", home + "clinical-check", fields,
                   twice=self._day.once("twice", id_, every=9, at=2))  # fmt: skip

    def assemble(self, home: str, id_: int, page: str) -> None:
        short = SHORT in items(self._day.numbers[id_]) and not self._day.delivered.is_set()
        if short and "Owed</span>" not in page:
            owed = self._owe(home, page)
            if not owed:
                return
            page = owed
        if f'action="{home}labels"' in page:
            if not self._send("labels", home + "labels", self._form(page, home + "labels")):
                return
            page = self._get("page", home)
        if self._day.once("wrong pack", id_, every=12, at=6):
            page = self._scan(home, page, self._day.scans[IN_REGISTER.medicine])
        for item in items(self._day.numbers[id_]):
            if item.medicine.split()[0].lower() in _still_to_pick(page):
                page = self._scan(home, page, self._day.scans[item.medicine])
        if f'action="{home}assembled"' in page:
            self._send("assembled", home + "assembled", self._form(page, home + "assembled"))

    def _owe(self, home: str, page: str) -> str:
        line = max(re.findall(r'id="owed-(\d+)-1"', page), key=int)
        fields = (self._form(page, home + "owe") or {}) | {
            "line": line, "owed-1": SHORT.quantity, "why-1": OwingReason.WHOLESALER.value,
            "promised_on": (datetime.now(UTC) + timedelta(days=2)).date().isoformat(),
        }  # fmt: skip
        return self._get("page", home) if self._send("owe", home + "owe", fields) else ""

    def _scan(self, home: str, page: str, code: str) -> str:
        """A scan replaces only the part of the page that holds the box; that part is given."""
        action = re.search(rf'action="({home}scan[^"]*)"', page)
        if action is None:
            return page
        began = time.perf_counter()
        fields = form(page, action[1]) | {"code": code}
        status, part = self._here.post(action[1], fields, headers={"HX-Request": "true"})
        self._took("scan", began)
        newest = part.partition('<li class="pt-feed__item')[2].partition("</li>")[0]
        if "pt-feed__item--refused" in f"pt-feed__item{newest[:40]}":
            self._refused("scan", part, status, newest)
        return part if status == 200 else self._get("page", home)

    def accuracy(self, home: str, id_: int, page: str) -> None:
        fields = self._form(page, home + "accuracy-check")
        if fields is None:
            return
        said = {"outcome": "pass"}
        if self._day.once("sent back", id_, every=15, at=8):
            said = {"outcome": "send-back", "reason": "The second box has another strength"}
        self._send("accuracy check", home + "accuracy-check", fields | said)

    def hand_out(self, home: str, id_: int, page: str) -> None:
        fields = self._form(page, home + "hand-out")
        if fields is None:
            return
        fields |= {"collector": "patient"}
        if 'name="identity"' in page:
            fields |= {"identity": Identity.SHOWN.value}
        if 'name="exemption"' in page:
            pays = self._day.numbers[id_] % 2
            fields |= {"exemption": "0001" if pays else "0008", "declared_by": "patient"}
            fields |= {} if pays else {"evidence": "seen"}
        self._send("hand-out", home + "hand-out", fields, twice=self._day.once("twice", id_, every=7, at=3))

    def bring_back(self, home: str, id_: int, page: str) -> None:
        fields = self._form(page, home + "assemble-rest")
        if fields is not None:
            self._send("assemble the rest", home + "assemble-rest", fields)

    def _form(self, page: str, action: str) -> dict[str, str] | None:
        """None where a colleague was quicker, so that the page has no such form any more."""
        return form(page, action) if f'action="{action}"' in page else None

    def _get(self, step: str, path: str) -> str:
        began = time.perf_counter()
        status, page = self._here.get(path)
        self._took(f"open {step}", began)
        if status != 200:
            raise RuntimeError(f"GET {path} answered {status}")
        return page

    def _send(self, step: str, path: str, fields: Mapping[str, str] | None, *, twice: bool = False) -> bool:
        """Whether it was done. A refusal is counted by its rule; one that was not expected is a fault."""
        if fields is None:
            return True
        plain = {name: value for name, value in fields.items() if name != "csrfmiddlewaretoken"}
        began = time.perf_counter()
        if twice:
            with ThreadPoolExecutor(1) as other:
                again = other.submit(self._twin.post, path, plain)
                status, page = self._here.post(path, plain)
                other_status, _ = again.result()
            if other_status != status:
                raise RuntimeError(f"{path} sent twice answered {status} and {other_status}")
        else:
            status, page = self._here.post(path, plain)
        self._took(step, began)
        if status == 303:
            return True
        self._refused(step, path, status, page)
        return False

    def _refused(self, step: str, path: str, status: int, page: str) -> None:
        rules = _RULE.findall(unescape(page))[:1]
        if not rules or rules[0] not in _EXPECTED:
            raise RuntimeError(f"{step} at {path} answered {status}, {rules}: {page[:3000]}")
        with self._day.lock:
            self._day.refused[f"{step}: {rules[0]}"] += 1

    def _took(self, step: str, began: float) -> None:
        with self._day.lock:
            self._day.seconds[step].append(time.perf_counter() - began)


_DO = {
    "entry": AtWork.enter, "clinical": AtWork.check, "assemble": AtWork.assemble, "accuracy": AtWork.accuracy,
    "hand_out": AtWork.hand_out, "owings": AtWork.bring_back,
}  # fmt: skip


def _still_to_pick(page: str) -> str:
    """The parts of the page about lines that want packs."""
    lines = page.split('<li class="pt-line')[1:]
    return " ".join(unescape(line) for line in lines if "still to pick" in line)


def _another_key(key: str) -> str:
    return ("0" if key[0] != "0" else "1") + key[1:]
