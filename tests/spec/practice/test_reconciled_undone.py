"""A wrong key in a letter: when what it did to the list is undone, by whom, and when not; and another product
chosen for a line of the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.reconciliation_cases import known, names, product
from tests.spec.practice.test_reconciled_changes import DAY, SAID, on_list

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.change import changed, restore, revise, stop, wanted_of
from pestle.pharmacy.practice.medicines_list import Listed, ListStatus, Standing
from pestle.pharmacy.practice.reconciliation.another_product import check_product
from pestle.pharmacy.practice.reconciliation.listed import listed_line
from pestle.pharmacy.practice.reconciliation.matching import matched
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal, Settled, proposals
from pestle.pharmacy.practice.reconciliation.undo import Made, undone
from pestle.pharmacy.practice.reconciliation.written import written
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.medication import OrderAction, RepeatIssue
from pestle.pharmacy.refusal import Refused

TECHNICIAN = Person(1, "Priya Nair", frozenset({Role.TECHNICIAN}), 1)
PHARMACIST = Person(2, "Gareth Hughes", frozenset({Role.PHARMACIST}), 1)
RECEPTION = Person(3, "Nina Costa", frozenset({Role.RECEPTIONIST}), 1)
BEFORE = on_list(1, "Ramipril 2.5mg capsules", "One daily")
NOW = replace(on_list(1, "Ramipril 5mg capsules", "One daily"), standing=Standing.PREPARED)
MADE = Made(NOW, BEFORE.order)


def _undone(*made: Made, clinical: bool = False, why: str = "the wrong key", by: Person = TECHNICIAN,
            outcome: Outcome = Outcome.DOSE_CHANGED) -> tuple[tuple[OrderAction, str], ...]:  # fmt: skip
    changes = undone(outcome, made, clinical=clinical, reason=why, letter="letter of 30-Nov-2026", by=by)
    return tuple((one.action, one.wanted.medication.text if one.wanted else "") for one in changes)


def test_a_change_goes_back_to_the_order_before_and_what_was_put_there_ends() -> None:
    back = (OrderAction.REVISE, "Ramipril 2.5mg capsules")
    assert _undone(MADE) == (back,)
    assert _undone(Made(NOW), outcome=Outcome.STARTED) == ((OrderAction.DISCONTINUE, ""),)
    assert _undone(outcome=Outcome.UNCHANGED) == ()
    # Several lines that one medicine changed go back together.
    assert _undone(MADE, Made(BEFORE)) == (back, (OrderAction.DISCONTINUE, ""))


REFUSED = [
    ("nobody says why", {"why": " "}, "undo.no-reason"),
    ("reception", {"by": RECEPTION}, "reconcile.role"),
    ("a pharmacist's decision, by a technician", {"clinical": True}, "undo.clinical"),
    ("a question", {"outcome": Outcome.QUERY}, "undo.not-settled"),
    ("somebody changed the line since", {"made": replace(MADE, changed_by="Dana")}, "undo.changed"),
    ("a prescriber signed it", {"made": replace(MADE, signed_by="Dana")}, "undo.signed"),
    ("it was issued", {"made": replace(MADE, issues=1)}, "undo.issued"),
]


@pytest.mark.parametrize(("more", "rule"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_safe_is_refused_by_name_with_the_way_out(more: dict[str, object], rule: str) -> None:
    given = {"made": MADE, **more}
    made = given.pop("made")
    assert isinstance(made, Made)
    with pytest.raises(Refused) as refused:
        _undone(made, **given)  # type: ignore[arg-type]
    (one,) = refused.value.refusals
    assert one.rule == rule
    assert one.way_out or rule in ("undo.no-reason", "reconcile.role", "undo.not-settled")


def test_a_pharmacist_undoes_what_a_pharmacist_decided() -> None:
    assert _undone(MADE, clinical=True, by=PHARMACIST)


def _proposal(letter: str, *listed: Listed) -> Proposal:
    ours = [listed_line(line, names()) for line in listed]
    (found,) = proposals(matched(ours, written(letter, names(), on=DAY), known()), known())
    return found


NEW = "Ramipril 5mg capsules - one daily - new"
UP = "Ramipril 5mg capsules - one daily - increased from 2.5mg"
# The letter, the product that is chosen, the directions that are typed with it, the outcome; what a
# technician hears (empty: it may be), and what a pharmacist hears.
CHOSEN = [
    ("the same dose in another form", NEW, "Ramipril 5mg tablets", "", Outcome.STARTED, "", ""),
    ("half the strength, two of them", NEW, "Ramipril 2.5mg capsules", "two capsules daily", Outcome.STARTED,
     "", ""),
    ("twice the dose", NEW, "Ramipril 10mg capsules", "", Outcome.STARTED, "reconcile.clinical",
     "product.no-reason"),
    ("another medicine", NEW, "Amlodipine 5mg tablets", "", Outcome.STARTED, "reconcile.clinical",
     "product.no-reason"),
    ("what is unchanged", UP, "Ramipril 5mg tablets", "", Outcome.UNCHANGED, "product.no-use",
     "product.no-use"),
    ("an increase, in another form", UP, "Ramipril 5mg tablets", "", Outcome.DOSE_CHANGED, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "name", "directions", "outcome", "technician", "pharmacist"),
    [row[1:] for row in CHOSEN], ids=[row[0] for row in CHOSEN],
)  # fmt: skip
def test_another_product_is_technical_while_medicine_and_dose_stay_the_letters(
    letter: str, name: str, directions: str, outcome: Outcome, technician: str, pharmacist: str
) -> None:
    found = product(name)
    coded = Coded(found.name, SNOMED, found.id)
    listed = (BEFORE,) if letter == UP else ()
    settled = Settled(outcome, medication=coded, directions=directions)
    for person, rule in ((TECHNICIAN, technician), (PHARMACIST, pharmacist)):
        heard = ""
        try:
            check_product(_proposal(letter, *listed), settled, names().meant_by(coded), known(), by=person)
        except Refused as refused:
            heard = refused.rule
        assert heard == rule, person.name


def test_what_ended_by_mistake_is_what_it_was_and_is_not_signed_anew() -> None:
    # The day until which it was authorised has passed meanwhile: that is no reason to lose the line.
    repeat = RepeatIssue(None, 6, DAY - timedelta(days=1))
    order = replace(BEFORE.order, request=replace(BEFORE.order.request, repeat=repeat))
    line = replace(BEFORE, order=order)
    ended = changed(
        stop(line, "stopped"), line=line, authorised=order, id="r2", told=SAID, on=DAY - timedelta(days=9)
    )
    gone = replace(line, order=ended.order)
    assert gone.status is ListStatus.ENDED
    with pytest.raises(Refused, match="has ended"):
        changed(revise(gone, wanted_of(order), "again"), line=gone, authorised=order, id="r3", told=SAID,
                on=DAY)  # fmt: skip
    back = changed(restore(gone, order, "undone"), line=gone, authorised=order, id="r3", told=SAID, on=DAY)
    assert (back.standing, back.order.follows) == (Standing.AUTHORISED, "r2")
    assert wanted_of(back.order) == wanted_of(order)
