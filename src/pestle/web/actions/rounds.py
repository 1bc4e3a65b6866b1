"""Delivery rounds: begun, loaded by scan, sent off, and what became of each stop. A delivery is the hand-out
of each prescription in the bag, by the action of the counter."""

from __future__ import annotations

from datetime import date, datetime

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.pharmacy.dispensary.repeat_dispensing import not_asked
from pestle.pharmacy.dispensary.round import (
    BECOMES,
    LOADING,
    MAY_BEGIN,
    ROUNDS,
    Failed,
    Proof,
    Stop,
    StopState,
    begin_refusals,
    close_refusals,
    leave_refusals,
    load_refusal,
    proof_refusals,
    stop_refusal,
    when_refusal,
)
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.hand_out import hand_out, kept_here
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, issues, models, patients, payment, prescriptions, register, rounds


def begin(*, by: Person, now: datetime, key: str, on: date, driver: str) -> Outcome:
    """Begins a round of a day. Raises `Refused`: ``round.role``, ``round.no-driver``."""

    def do() -> Deed:
        if not by.has(*MAY_BEGIN):
            raise refuse("round.role", f"This is for the dispensary; you are signed in as {by.title}")
        found = list(begin_refusals(driver=driver))
        if found:
            raise Refused(*found)
        row = models.DeliveryRound.objects.create(
            site_id=by.site_id, on=on, driver=" ".join(driver.split())[:120], step=LOADING
        )
        return Deed(f"round:{row.pk}", {"on": on.isoformat()}, {"round": row.pk})

    request = {"on": on.isoformat(), "driver": driver}
    return once("round.begin", by=by, now=now, key=key, request=request, do=do)


def load(*, by: Person, now: datetime, key: str, round_id: int, bag_id: int, part: Part) -> Outcome:
    """Puts that part of a bag on the round: a new stop, last in the order but beside others of its address.

    Raises `Refused`: ``round.unknown``, ``bag.unknown``, ``bag.empty``, ``bag.no-such-part``,
    ``round.part-on-already``, those of `load_refusal`, and ``worklist.…``.
    """

    def do() -> Deed:
        row = rounds.locked(round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), "load", by=by, now=now)
        bag = bags.locked(bag_id, site_id=by.site_id)
        if not bag.prescriptions:
            raise refuse("bag.empty", "Nothing that is ready is in this bag any more", place="scan")
        if part not in bag.parts:
            raise refuse("bag.no-such-part", f"This bag has no {part.inside}", place="scan")
        on = rounds.on_round(bag_id)
        address = (*bag.patient.address, bag.patient.postcode)
        other = f"the round of {on.round.driver}" if on and on.round_id != row.pk else ""
        wrong = load_refusal(address=address, on_round=other)
        if wrong is not None:
            raise Refused(wrong)
        stop = on or models.RoundStop.objects.create(round=row, bag=bag.bag, place=_place(row, bag.patient))
        if part.value in stop.loaded:
            raise refuse("round.part-on-already", f"The {part.inside} is on the round already", place="scan")
        stop.loaded = [*stop.loaded, part.value]
        stop.save(update_fields=("loaded",))
        rounds.move(row, transition, by=by, now=now)
        detail = {"bag": bag.bag.pk, "part": part.value, "stop": stop.pk}
        return Deed(f"round:{row.pk}", detail, {"round": row.pk, "stop": stop.pk})

    request = {"round": round_id, "bag": bag_id, "part": part.value}
    return once("round.load", by=by, now=now, key=key, request=request, do=do)


def take_off(*, by: Person, now: datetime, key: str, round_id: int, stop_id: int) -> Outcome:
    """Takes a bag off a round that has not left. Raises `Refused`: ``round.unknown``, ``round.no-such-stop``,
    ``round.stop-ended``, ``worklist.…``."""

    def do() -> Deed:
        row = rounds.locked(round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), "take_off", by=by, now=now)
        stop = _stop(row, stop_id)
        stop.state = BECOMES[row.step, "take_off"].value
        stop.save(update_fields=("state",))
        rounds.move(row, transition, by=by, now=now)
        return Deed(f"round:{row.pk}", {"bag": stop.bag_id, "stop": stop.pk}, {"round": row.pk})

    request = {"round": round_id, "stop": stop_id}
    return once("round.take_off", by=by, now=now, key=key, request=request, do=do)


def order_stops(*, by: Person, now: datetime, key: str, round_id: int, stop_id: int, up: bool) -> Outcome:
    """Moves a stop one place up, or down. Raises `Refused`: ``round.unknown``, ``round.no-such-stop``,
    ``worklist.…``."""

    def do() -> Deed:
        row = rounds.locked(round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), "order_stops", by=by, now=now)
        order = [one.row for one in rounds.stops(row)]
        moved = _stop(row, stop_id)
        at = next(n for n, one in enumerate(order) if one.pk == moved.pk)
        to = min(max(at + (-1 if up else 1), 0), len(order) - 1)
        order.insert(to, order.pop(at))
        _number(order)
        rounds.move(row, transition, by=by, now=now)
        return Deed(f"round:{row.pk}", {"stop": stop_id, "place": to + 1}, {"round": row.pk})

    request = {"round": round_id, "stop": stop_id, "up": up}
    return once("round.order_stops", by=by, now=now, key=key, request=request, do=do)


def leave(*, by: Person, now: datetime, key: str, round_id: int, seen: int | None) -> Outcome:
    """Sends the round off. Everything on it is judged as at the counter, and the prescription charge has been
    answered: the driver does not ask for it.

    Raises `Refused`: ``round.unknown``, those of `leave_refusals`, ``worklist.…``.
    """

    def do() -> Deed:
        row = rounds.locked(round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), "leave", by=by, now=now, seen=seen)
        # Bags, then prescriptions, each in the order of their ids, as everybody else locks them: into a bag
        # that is locked nobody puts another, and out of it nobody takes what is locked.
        on = row.stops.filter(state=StopState.ON.value).values("bag")
        held = [bag.pk for bag in models.Bag.objects.select_for_update().filter(pk__in=on).order_by("pk")]
        ready = sorted(one.pk for stop in rounds.stops(row) for one in stop.bag.prescriptions)
        locked = {pk: prescriptions.locked(pk, site_id=by.site_id) for pk in ready}
        leaving = rounds.stops(row)
        refusals = tuple(leave_refusals(_leaving(one, locked, by=by, now=now) for one in leaving))
        if refusals:
            raise Refused(*refusals)
        gone = [
            models.BagPut.objects.create(bag=one.bag.bag, part=part.value, round=row, by_id=by.id, at=now)
            for one in leaving
            for part in one.bag.parts
        ]
        row.left_at = now
        rounds.move(row, transition, by=by, now=now)
        detail = {"bags": held, "prescriptions": ready}
        return Deed(f"round:{row.pk}", detail, {"round": row.pk}, sealed=gone)

    request = {"round": round_id, "seen": seen}
    return once("round.leave", by=by, now=now, key=key, request=request, do=do)


def deliver(
    *,
    by: Person,
    now: datetime,
    key: str,
    stop_id: int,
    proof: Proof,
    identity: Identity | None,
    happened_at: datetime,
) -> Outcome:
    """Records a delivery: hands out each prescription of the bag that is still in it, an action of its own
    each, and then the stop with its proof. Where one of them is refused, those before it are handed out and
    the stop stays open: the same again goes on from there.

    Raises `Refused`: ``round.no-such-stop``, ``round.stop-ended``, those of `when_refusal`, `proof_refusals`
    and `hand_out`, ``worklist.…``.
    """
    done_before = models.Command.objects.filter(site_id=by.site_id, action="round.deliver", key=key)
    if not done_before.exists():
        _hand_out_all(
            by=by, now=now, key=key, stop_id=stop_id, proof=proof, identity=identity, happened_at=happened_at
        )
    return _settle(
        by=by, now=now, key=key, stop_id=stop_id, verb="deliver", happened_at=happened_at,
        recipient=proof.recipient.value, name=proof.name, signed=proof.signed, words=proof.words,
    )  # fmt: skip


def bring_back(
    *, by: Person, now: datetime, key: str, stop_id: int, failed: Failed, words: str, happened_at: datetime
) -> Outcome:
    """Records an attempt that failed, and why: the bag comes back, and is put on a shelf again.

    Raises `Refused`: ``round.no-such-stop``, ``round.stop-ended``, those of `when_refusal`, ``worklist.…``.
    """
    return _settle(
        by=by, now=now, key=key, stop_id=stop_id, verb="bring_back", happened_at=happened_at,
        failed=failed.value, words=words,
    )  # fmt: skip


def close(*, by: Person, now: datetime, key: str, round_id: int, seen: int | None) -> Outcome:
    """Closes a round of which every stop has ended. The result names the bags that came back and lie on no
    shelf yet.

    Raises `Refused`: ``round.unknown``, those of `close_refusals`, ``worklist.…``."""

    def do() -> Deed:
        row = rounds.locked(round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), "close", by=by, now=now, seen=seen)
        stops = rounds.stops(row)
        still_out = [one for one in stops if stop_refusal(one.state) is None]
        refusals = tuple(close_refusals(_name(one) for one in still_out))
        if refusals:
            raise Refused(*refusals)
        lying = [one.bag.bag.pk for one in rounds.not_put_away(stops)]
        row.closed_at = now
        rounds.move(row, transition, by=by, now=now)
        return Deed(f"round:{row.pk}", {"not_put_away": lying}, {"round": row.pk, "not_put_away": lying})

    request = {"round": round_id, "seen": seen}
    return once("round.close", by=by, now=now, key=key, request=request, do=do)


def _hand_out_all(
    *,
    by: Person,
    now: datetime,
    key: str,
    stop_id: int,
    proof: Proof,
    identity: Identity | None,
    happened_at: datetime,
) -> None:
    found = rounds.stop(by.site_id, stop_id)
    if found is None:
        raise refuse("round.no-such-stop", "There is no such stop at this site")
    bag, driver = found.bag, found.row.round.driver
    check(ROUNDS, rounds.task(found.row.round), "deliver", by=by, now=now)
    lines = [line for row in bag.prescriptions for line in row.lines.all() if line.state == "open"]
    wrong = [
        stop_refusal(found.state),
        when_refusal(happened_at, left_at=found.row.round.left_at, now=now),
        *proof_refusals(proof, parts=bag.parts, schedules=register.schedules(lines)),
    ]
    if any(wrong):
        raise Refused(*(one for one in wrong if one is not None))
    words = (proof.recipient.words, proof.name.strip(), proof.words.strip())
    remarks = ": ".join(part for part in words if part)
    handed = Collection(Collector.DELIVERED, name=driver, identity=identity, remarks=remarks)
    for row in bag.prescriptions:
        hand_out(
            by=by, now=now, key=f"{key}:{row.pk}", prescription_id=row.pk, seen=None, collection=handed,
            counselling=(), happened_at=happened_at,
        )  # fmt: skip


def _settle(
    *, by: Person, now: datetime, key: str, stop_id: int, verb: str, happened_at: datetime, **what: object
) -> Outcome:
    def do() -> Deed:
        found = models.RoundStop.objects.filter(pk=stop_id, round__site=by.site_id).first()
        if found is None:
            raise refuse("round.no-such-stop", "There is no such stop at this site")
        row = rounds.locked(found.round_id, site_id=by.site_id)
        transition = check(ROUNDS, rounds.task(row), verb, by=by, now=now)
        stop = _stop(row, stop_id)
        wrong = when_refusal(happened_at, left_at=row.left_at, now=now)
        if wrong is not None:
            raise Refused(wrong)
        stop.state = BECOMES[row.step, verb].value
        stop.save(update_fields=("state",))
        said = {name: one.strip()[:300] if isinstance(one, str) else one for name, one in what.items()}
        made = models.DeliveryAttempt.objects.create(
            stop=stop, happened_at=happened_at, by_id=by.id, recorded_at=now, **said
        )
        rounds.move(row, transition, by=by, now=now)
        detail = {"stop": stop.pk, "bag": stop.bag_id, "failed": made.failed, "recipient": made.recipient,
                  "happened_at": happened_at.isoformat()}  # fmt: skip
        return Deed(f"round:{row.pk}", detail, {"round": row.pk, "stop": stop.pk}, sealed=[made])

    request = {"stop": stop_id, "happened_at": happened_at.isoformat(), **what}
    return once(f"round.{verb}", by=by, now=now, key=key, request=request, do=do)


def _leaving(
    one: rounds.StopAt, locked: dict[int, models.Prescription], *, by: Person, now: datetime
) -> Stop:
    kept: list[Refusal] = []
    for held in one.bag.prescriptions:
        row = locked[held.pk]
        signed = prescriptions.signed(row)
        bagged = {pick.line_id for pick in prescriptions.standing_picks(row)}
        lines = [line for line in prescriptions.open_lines(row.lines.all()) if line.pk in bagged]
        kept += kept_here(row, lines, signed, by=by, now=now, left_at=now)[0]
        if issues.of(row, signed) is not None and issues.answered(row) is None:
            kept.append(not_asked())
        if payment.charge_is_asked(row, signed) and payment.charge_of(row) is None:
            try:
                payment.what_is_charged(row, signed, None, now=now)
            except Refused:
                kept.append(
                    Refusal("round.charge", "the prescription charge has not been answered",
                            way_out="Ask, and record it under Payment on the page of the prescription.")
                )  # fmt: skip
    return Stop(_name(one), len(one.bag.prescriptions), one.missing, tuple(kept))


def _stop(row: models.DeliveryRound, stop_id: int) -> models.RoundStop:
    """A stop of the locked round of which something may become. Raises `Refused`."""
    stop = row.stops.filter(pk=stop_id).first()
    if stop is None:
        raise refuse("round.no-such-stop", "There is no such stop on this round")
    ended = stop_refusal(rounds.state(stop))
    if ended is not None:
        raise Refused(ended)
    return stop


def _place(row: models.DeliveryRound, patient: models.Patient) -> int:
    """The place after the last stop at the same address, or after all of them; those behind it move down."""
    order = [one.row for one in rounds.stops(row)]
    same = [n for n, one in enumerate(order) if _address(one.bag.patient) == _address(patient)]
    at = same[-1] + 1 if same else len(order)
    _number(order[:at])
    _number(order[at:], first=at + 2)
    return at + 1


def _number(order: list[models.RoundStop], *, first: int = 1) -> None:
    for place, stop in enumerate(order, first):
        if stop.place != place:
            stop.place = place
            stop.save(update_fields=("place",))


def _address(patient: models.Patient) -> tuple[str, ...]:
    return tuple("".join(line.casefold().split()) for line in (*patient.address[:1], patient.postcode))


def _name(one: rounds.StopAt) -> str:
    return str(patients.value(one.bag.patient).name)
