"""Two people press at the same moment: exactly one wins, and the other is told by whom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    NOW,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    a_key,
    together,
)

from pestle.pharmacy.people import Person
from pestle.web.actions import assembly, claiming
from pestle.web.actions.once import Outcome
from pestle.web.store import audit, models, verify

# step, its two people, the verb that is done once
STEPS = [
    ("entry", "tess", "leon", "complete_entry"),
    ("clinical", "ruth", "samuel", "approve"),
    ("accuracy", "adam", "samuel", "pass_accuracy"),
    ("hand_out", "tess", "leon", "hand_out"),
]


def _act(bench: Bench, step: str, prescription: int) -> Callable[[Person], Outcome]:
    if step == "entry":
        answers = bench.answers(prescription)
        return lambda by: bench.enter(prescription, by=by, answers=answers)
    act = {"clinical": bench.decide, "accuracy": bench.passed, "hand_out": bench.handed_out}[step]
    return lambda by: act(prescription, by=by)


@pytest.mark.parametrize(("step", "one", "other", "verb"), STEPS)
def test_exactly_one_wins(own_bench: Bench, step: str, one: str, other: str, verb: str) -> None:
    prescription = own_bench.at(step)
    act = _act(own_bench, step, prescription)
    done, refused = together(lambda: act(own_bench.people[one]), lambda: act(own_bench.people[other]))
    assert len(done) == len(refused) == 1
    last = own_bench.row(prescription).done
    assert [entry["verb"] for entry in last].count(verb) == 1
    assert refused[0].rule == "worklist.already-done"
    assert refused[0].refusals[0].reason.startswith(last[-1]["name"])
    assert audit.verify(own_bench.site.pk)[1] is None


def test_completing_the_assembly(own_bench: Bench) -> None:
    prescription = own_bench.at("assemble")
    own_bench.labels(prescription)
    own_bench.pick_all(prescription)
    done, refused = together(
        lambda: own_bench.assembled(prescription, by=own_bench.tess),
        lambda: own_bench.assembled(prescription, by=own_bench.leon),
    )
    assert (len(done), [each.rule for each in refused]) == (1, ["worklist.already-done"])


def test_one_passes_while_the_other_sends_back(own_bench: Bench) -> None:
    prescription = own_bench.at("accuracy")
    done, refused = together(
        lambda: own_bench.passed(prescription, by=own_bench.adam, seen=own_bench.row(prescription).version),
        lambda: own_bench.sent_back(
            prescription, by=own_bench.samuel, seen=own_bench.row(prescription).version
        ),
    )
    assert (len(done), len(refused)) == (1, 1)
    winner = own_bench.row(prescription).done[-1]["name"]
    assert winner in str(refused[0])


def test_one_takes_it_in_hand(own_bench: Bench) -> None:
    prescription = own_bench.at("entry")

    def claim(by: Person) -> Outcome:
        return claiming.claim(by=by, now=NOW, key=a_key(), prescription_id=prescription)

    done, refused = together(lambda: claim(own_bench.tess), lambda: claim(own_bench.leon))
    assert len(done) == 1
    holder = models.Prescription.objects.select_related("claimed_by").get(pk=prescription).claimed_by
    assert holder is not None
    assert [str(each) for each in refused] == [f"{holder.full_name} has this in hand"]


def test_two_scan_the_last_pack_that_the_line_wants(own_bench: Bench) -> None:
    prescription = own_bench.at("assemble")
    own_bench.labels(prescription)
    own_bench.stock(FUROSEMIDE_28, 5)
    line = own_bench.lines(prescription)[0].pk
    done, refused = together(
        *(lambda by=by: own_bench.pick(line, FUROSEMIDE_28, by=by) for by in (own_bench.tess, own_bench.leon))
    )
    assert (len(done), [each.rule for each in refused]) == (1, ["pick.line-complete"])
    assert models.Pick.objects.count() == 1


def test_one_pack_is_put_back_once(own_bench: Bench) -> None:
    prescription = own_bench.at("assemble")
    own_bench.labels(prescription)
    own_bench.stock(FUROSEMIDE_28, 1)
    pick = own_bench.pick(own_bench.lines(prescription)[0].pk, FUROSEMIDE_28).result["pick"]
    done, refused = together(
        *(
            lambda by=by: assembly.undo_pick(by=by, now=NOW, key=a_key(), pick_id=pick)
            for by in (own_bench.tess, own_bench.leon)
        )
    )
    assert (len(done), [each.rule for each in refused]) == (1, ["pick.undone"])
    assert models.Movement.objects.filter(reason="undo_pick").count() == 1


def test_a_pack_for_a_line_that_is_withheld_in_this_moment(own_bench: Bench) -> None:
    prescription = own_bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    own_bench.labels(prescription)
    own_bench.stock(FUROSEMIDE_28, 1)
    line = own_bench.lines(prescription)[0].pk
    together(lambda: own_bench.withhold(line), lambda: own_bench.pick(line, FUROSEMIDE_28))
    # Whoever was first: the line is withheld, and nothing of it is in the bag.
    assert own_bench.lines(prescription)[0].state == "withheld"
    assert not models.Balance.objects.filter(account__kind="prepared", amount__gt=0).exists()
    assert verify.of_batch(models.Batch.objects.get()) is None


def test_two_bags_of_the_same_batches_go_back_to_the_shelf_at_once(own_bench: Bench) -> None:
    """Each was packed in the other order, and neither waits for the other for ever."""
    own_bench.stock(PARACETAMOL_32, 2, number="X")
    own_bench.stock(PARACETAMOL_32, 2, number="Y")
    found = []
    for key, numbers in (("a", "XY"), ("b", "YX")):
        prescription = own_bench.at("assemble", PARACETAMOL, key=key)
        own_bench.labels(prescription)
        found.append(own_bench.lines(prescription)[0].pk)
        for number in numbers:
            own_bench.pick(found[-1], PARACETAMOL_32, number=number)
    done, refused = together(*(lambda line=line: own_bench.withhold(line) for line in found))
    assert (len(done), refused) == (2, [])
    assert [row.amount for row in models.Balance.objects.filter(account__kind="shelf")] == [64, 64]
    assert not any(verify.of_batch(batch) for batch in models.Batch.objects.all())


def test_many_actions_at_once_make_one_chain(own_bench: Bench) -> None:
    done, refused = together(
        *(lambda n=n: own_bench.stock(FUROSEMIDE_28, 1, number=f"B{n}") for n in range(6))
    )
    assert (len(done), refused) == (6, [])
    assert audit.verify(own_bench.site.pk) == (6, None)
