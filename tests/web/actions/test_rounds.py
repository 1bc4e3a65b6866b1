"""A round: loaded by scan, judged before it leaves, delivered by the counter's rules, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    JOHN,
    MARY,
    MORPHINE,
    NOW,
    PARACETAMOL,
    Bench,
    a_key,
)
from tests.web.actions.test_bags import bag_of, put, rules, shelves

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.collection import Identity
from pestle.pharmacy.dispensary.round import Failed, Proof, Recipient
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import bags, rounds, uncollected
from pestle.web.actions.once import Outcome
from pestle.web.actions.speaking import Wanted, must_speak, spoke
from pestle.web.store import audit, models, verify
from pestle.web.store import rounds as stored_rounds

LEFT = NOW + timedelta(hours=2)
THERE, BACK = NOW + timedelta(hours=3), NOW + timedelta(hours=5)
AT_HOME = Proof(Recipient.PATIENT, "Mary O'Brien", signed=True)


def begun(bench: Bench) -> int:
    made = rounds.begin(by=bench.tess, now=NOW, key=a_key(), on=NOW.date(), driver="Jo Bloggs")
    models.Patient.objects.update(address=["4 Mill Lane"], postcode="QX1 2AB")
    return int(made.result["round"])


def stops_of(round_id: int) -> list[stored_rounds.StopAt]:
    return stored_rounds.stops(models.DeliveryRound.objects.get(pk=round_id))


def load(bench: Bench, round_id: int, bag: int, part: Part = Part.BAG) -> int:
    made = rounds.load(by=bench.tess, now=NOW, key=a_key(), round_id=round_id, bag_id=bag, part=part)
    return int(made.result["stop"])


def leave(bench: Bench, round_id: int) -> Outcome:
    return rounds.leave(by=bench.tess, now=LEFT, key=a_key(), round_id=round_id, seen=None)


def deliver(bench: Bench, stop: int, proof: Proof = AT_HOME, **other: Any) -> Outcome:
    given: dict[str, Any] = {"key": a_key(), "identity": None, "happened_at": THERE, "now": BACK}
    return rounds.deliver(by=bench.tess, stop_id=stop, proof=proof, **{**given, **other})


def test_delivered_later_than_it_happened(bench: Bench) -> None:
    one, two = bench.at("hand_out", key="a"), bench.at("hand_out", PARACETAMOL, key="b")
    bag = bag_of(one).bag.pk
    bags.join(by=bench.tess, now=NOW, key=a_key(), bag_id=bag, other_id=bag_of(two).bag.pk)
    round_id = begun(bench)
    stop = load(bench, round_id, bag)
    with pytest.raises(Refused) as refused:
        load(bench, begun(bench), bag)
    assert rules(refused) == ["round.on-another"]
    leave(bench, round_id)
    # From then on nothing is done with it here.
    acts: tuple[Callable[[], Outcome], ...] = (
        lambda: bench.handed_out(one),
        lambda: bench.sent_back(one),
        lambda: bench.withhold(bench.lines(one)[0].pk),
        lambda: put(bench, bag, shelves(bench)["A1"]),
        lambda: bags.take_out(by=bench.tess, now=LEFT, key=a_key(), bag_id=bag, prescription_id=two),
        lambda: uncollected.return_to_stock(
            by=bench.tess, now=LEFT, key=a_key(), prescription_id=one, seen=None
        ),
    )
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert rules(refused) == ["bag.out"]
    with pytest.raises(Refused) as refused:
        rounds.close(by=bench.tess, now=BACK, key=a_key(), round_id=round_id, seen=None)
    assert refused.value.refusals[0].reason == "O'BRIEN, Mary (Mrs): still out"
    with pytest.raises(Refused) as refused:
        deliver(bench, stop, happened_at=NOW)
    assert rules(refused) == ["round.when"]
    key = a_key()
    deliver(bench, stop, key=key)
    assert deliver(bench, stop, key=key).repeated
    assert {bench.row(pk).step for pk in (one, two)} == {"closed"}
    left = models.HandOut.objects.get(prescription=one)
    assert (left.at, left.collector, left.collector_name) == (THERE, "delivered", "Jo Bloggs")
    moved = models.Movement.objects.filter(about=f"line:{bench.lines(one)[0].pk}").latest("pk")
    assert (moved.happened_at, moved.recorded_at) == (THERE, BACK)
    told = models.DeliveryAttempt.objects.get()
    assert (told.happened_at, told.recorded_at, told.name, told.signed) == (THERE, BACK, AT_HOME.name, True)
    closed = rounds.close(by=bench.leon, now=BACK, key=a_key(), round_id=round_id, seen=None)
    assert closed.result["not_put_away"] == []
    assert not list(audit.seal_faults(bench.site.pk, verify._SEALED))


def test_what_comes_back_counts_its_attempts(bench: Bench) -> None:
    prescription = bench.at("hand_out")
    bag, at = bag_of(prescription).bag.pk, shelves(bench)
    put(bench, bag, at["A1"])
    for tries in (1, 2):
        round_id = begun(bench)
        stop = load(bench, round_id, bag)
        leave(bench, round_id)
        assert bag_of(prescription).out_with == "Jo Bloggs"
        rounds.bring_back(
            by=bench.tess, now=BACK, key=a_key(), stop_id=stop, failed=Failed.NO_ANSWER, words="rang twice",
            happened_at=THERE,
        )  # fmt: skip
        assert (bag_of(prescription).tries, bag_of(prescription).out_with) == (tries, "")
        closed = rounds.close(by=bench.tess, now=BACK, key=a_key(), round_id=round_id, seen=None)
        # It is with us, and on no shelf before somebody has put it there.
        assert closed.result["not_put_away"] == [bag]
        put(bench, bag, at["A2"])
        assert not stored_rounds.not_put_away(stops_of(round_id))
    assert str(bag_of(prescription).shelf_of(Part.BAG)) == "A2"
    bench.handed_out(prescription)
    assert bench.row(prescription).step == "closed"


def test_it_does_not_leave_with_what_would_be_refused_at_the_counter(bench: Bench) -> None:
    one = bench.at("hand_out", FUROSEMIDE, MORPHINE)
    two = bench.at("hand_out", key="b", patient=JOHN)
    round_id = begun(bench)
    with pytest.raises(Refused) as refused:
        leave(bench, round_id)
    assert rules(refused) == ["round.nothing-on"]
    bag = bag_of(one).bag.pk
    load(bench, round_id, bag)
    empty = load(bench, round_id, bag_of(two).bag.pk)
    with pytest.raises(Refused) as refused:
        load(bench, round_id, bag)
    assert rules(refused) == ["round.part-on-already"]
    made = must_speak(
        by=bench.ruth, now=NOW, key=a_key(), prescription_id=one, seen=None, wanted=Wanted(None, "a new dose")
    )
    bench.handed_out(two)
    with pytest.raises(Refused) as refused:
        leave(bench, round_id)
    assert rules(refused) == ["round.part-missing", "hand-out.must-speak", "round.empty-bag"]
    load(bench, round_id, bag, Part.CUPBOARD)
    stop = models.SpeakFirst.objects.latest("pk").pk
    assert made.result["prescription"] == one
    spoke(by=bench.ruth, now=NOW, key=a_key(), prescription_id=one, seen=None, stop_id=stop, words="by phone")
    rounds.take_off(by=bench.tess, now=NOW, key=a_key(), round_id=round_id, stop_id=empty)
    leave(bench, round_id)
    # A controlled drug: who took it is asked, as at the counter; what was left otherwise needs its reason.
    (on,) = stops_of(round_id)
    with pytest.raises(Refused) as refused:
        deliver(bench, on.row.pk, Proof(Recipient.NEIGHBOUR, "Ada Lane"))
    assert rules(refused) == ["delivery.controlled"]
    with pytest.raises(Refused) as refused:
        deliver(bench, on.row.pk)
    assert rules(refused) == ["controlled.identity-missing"]
    deliver(bench, on.row.pk, identity=Identity.SHOWN)
    entered = models.RegisterParticulars.objects.latest("pk")
    assert (entered.collector, entered.identity) == ("delivered", "shown")


def test_stops_are_ordered_and_one_address_stays_together(bench: Bench) -> None:
    first, second = bench.at("hand_out", key="a"), bench.at("hand_out", PARACETAMOL, key="b")
    other = bench.at("hand_out", key="c", patient=JOHN)
    round_id = begun(bench)
    models.Patient.objects.filter(pk=bench.row(other).patient_id).update(address=["9 Hill Rise"])
    stops = [load(bench, round_id, bag_of(pk).bag.pk) for pk in (first, other, second)]

    def order() -> list[int]:
        return [one.row.pk for one in stops_of(round_id)]

    assert order() == [stops[0], stops[2], stops[1]]
    rounds.order_stops(by=bench.tess, now=NOW, key=a_key(), round_id=round_id, stop_id=stops[1], up=True)
    assert order() == [stops[0], stops[1], stops[2]]
    assert [one.row.place for one in stops_of(round_id)] == [1, 2, 3]


def test_it_leaves_with_what_was_put_into_a_bag_while_it_waited_for_the_bag(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = bench.at("hand_out", key="a"), bench.at("hand_out", PARACETAMOL, key="b")
    bag, other = bag_of(one).bag.pk, bag_of(two).bag.pk
    round_id = begun(bench)
    load(bench, round_id, bag)

    def waited() -> Any:
        monkeypatch.undo()
        bags.join(by=bench.leon, now=LEFT, key=a_key(), bag_id=bag, other_id=other)
        return models.Bag.objects.select_for_update()

    monkeypatch.setattr(models.Bag.objects, "select_for_update", waited)
    leave(bench, round_id)
    (event,) = models.AuditEvent.objects.filter(action="round.leave")
    assert (event.detail["bags"], event.detail["prescriptions"]) == ([bag], [one, two])


def test_the_charge_of_a_delivery_is_that_of_its_day(bench: Bench) -> None:
    # Exempt by age on the day of the round, and no more on the day after.
    born = NOW.date().replace(year=NOW.year - 16) + timedelta(days=1)
    prescription = bench.at("hand_out", patient=replace(MARY, born=born))
    round_id = begun(bench)
    stop = load(bench, round_id, bag_of(prescription).bag.pk)
    leave(bench, round_id)
    deliver(bench, stop, now=NOW + timedelta(days=1))
    assert bench.row(prescription).step == "closed"
    assert models.Charge.objects.get(prescription=prescription).paid_items == 0


def test_rounds_that_are_not_closed_are_listed_first_however_old(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_rounds, "SHOWN", 2)
    older, newer, newest = (begun(bench) for _ in range(3))
    models.DeliveryRound.objects.filter(pk__in=(newer, newest)).update(step="closed")
    assert [row.pk for row in stored_rounds.listed(bench.site.pk)] == [older, newest]
