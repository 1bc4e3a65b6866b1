"""Whole lists: constructed cases whose changes are known, and a published pair."""

from __future__ import annotations

import json
from pathlib import Path

from tests import reconciliation_cases as constructed

from pestle.pharmacy.practice.reconciliation.matching import matched
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, proposals
from pestle.pharmacy.practice.reconciliation.written import written


def test_every_change_of_the_constructed_cases_is_found(samples: Path) -> None:
    """No wrong match stands without a person, nothing is stopped by silence, and hardly anybody is asked
    about what did not change."""
    verdicts = [constructed.judged(case) for case in constructed.cases(samples)]
    assert len(verdicts) >= 200
    assert [missed for verdict in verdicts for missed in verdict.missed] == []
    assert [wrong for verdict in verdicts for wrong in verdict.wrong] == []
    assert [silent for verdict in verdicts for silent in verdict.silent] == []
    same, at_once = (sum(getattr(verdict, name) for verdict in verdicts) for name in ("same", "at_once"))
    assert at_once / same > 0.98


def test_the_order_of_a_list_changes_nothing(samples: Path) -> None:
    for case in constructed.cases(samples)[::20]:
        arrived = written(case.letter, constructed.names())
        made, turned = (
            {
                (
                    frozenset(line.verbatim for line in (*each.listed, *each.arrived)),
                    each.outcome,
                    each.confirm,
                )
                for each in proposals(matched(ours, theirs, constructed.known()), constructed.known())
            }
            for ours, theirs in ((case.listed, arrived), (case.listed[::-1], arrived[::-1]))
        )
        assert made == turned, case.name


def test_the_published_pair_is_matched_as_its_authors_did(samples: Path) -> None:
    """Identical and similar lines are pairs and the unique ones stand alone. That one of a pair has another
    dose (32 mg and 325 mg) is found, and no line is stopped."""
    sample = json.loads(
        (samples / "medrec" / "twinlist" / "hcil-twinlist-sample.json").read_text(encoding="utf-8")
    )
    names, knows = constructed.names(), constructed.known()
    ours, theirs = (written("\n".join(sample[f"original_list_{side}"]), names) for side in (1, 2))
    made = proposals(matched(ours, theirs, knows), knows)
    pairs = {
        frozenset((each.listed[0].verbatim, each.arrived[0].verbatim))
        for each in made
        if each.listed and each.arrived
    }
    gold = {
        frozenset((each["med1"]["original_string"], each["med2"]["original_string"]))
        for each in sample["reconciled"]
    }
    # Folvite is a brand of folic acid that no dictionary here holds: a person finds it.
    unknown = frozenset(("Folvite 1 mg tablet; take one daily", "Folic acid 1 mg tablet; take daily"))
    assert pairs == gold - {unknown}
    (dose,) = [each for each in made if each.listed and "32 mg" in each.listed[0].verbatim]
    assert dose.outcome in (Outcome.DOSE_CHANGED, Outcome.QUERY)
    assert not dose.technical
    assert Outcome.STOPPED not in {each.outcome for each in made}
