"""Other checks than all of them: a few, for tests that count what is found; one that finds a great deal."""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.checks import run
from pestle.pharmacy.checks.check import Proposed, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Fact, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.definition import Source
from pestle.pharmacy.record.record import Record

_SOURCE = Source("A table of a test", verified=False, definition="duplicate/statins.yaml")
_KINDS = [Severity.HARD_STOP] * 10 + [Severity.INTERRUPT] * 10 + [Severity.NOT_ASSESSED] * 10 + [
    Severity.NOTE] * 10  # fmt: skip


def only(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Of all the checks only these, so that another check changes no count."""
    checks = tuple(check for check in run.CHECKS if check.name in names)
    assert len(checks) == len(names)
    monkeypatch.setattr(run.assess_all, "__kwdefaults__", {"checks": checks})


def forty(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of every check, one that finds forty things of every severity, in no order."""
    check = run.Check("many", "Is there much to say?", _assess)
    monkeypatch.setattr(run.assess_all, "__kwdefaults__", {"checks": (check,)})


def _assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    line = proposed.lines[0]
    found = []
    for number, severity in reversed(list(enumerate(_KINDS))):
        what = f"Found number {number:02}"
        if severity is Severity.NOT_ASSESSED:
            found.append(
                not_assessed("many", rule=f"r{number}", about=(line,), what=what, because="no weight on file",
                             do="Weigh the patient")
            )  # fmt: skip
        else:
            why = tuple(Fact(f"Fact {number}.{each}", on, "GP record") for each in range(4))
            found.append(
                finding("many", severity, rule=f"r{number}", about=(line,), what=what, do="Ask",
                        source=_SOURCE, why=why)
            )  # fmt: skip
    return Assessment("many", "Is there much to say?", tuple(found))
