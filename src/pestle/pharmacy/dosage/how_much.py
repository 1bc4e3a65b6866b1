"""How much at a time?

Each function reads the words that begin at `index`, fills the draft and returns where to go on.

Source: ours; the refused forms follow NHS England dosage_instructions 506c0d40 (MIT, 2026), rules CC1-CC13.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage import how_long, often
from pestle.pharmacy.dosage.amounts import Amount, TwoWays, said_again, whole
from pestle.pharmacy.dosage.cycles import is_pause, of_a_cycle, on_and_off
from pestle.pharmacy.dosage.dose import PeriodUnit
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.lexicon import RENEWING, Kind
from pestle.pharmacy.dosage.remarks import harmless_end
from pestle.pharmacy.dosage.units import COUNTED, MASS

AMOUNTS = frozenset({Kind.NUMBER, Kind.FRACTION})
_DAILY = (1, PeriodUnit.DAY)
_BEFORE_A_DOSE = frozenset({Kind.VERB, Kind.ROUTE, Kind.SITE, Kind.SILENT, Kind.UNIT, Kind.EXCEPT})
_OPENED_BY = ([Kind.OPEN], [Kind.NOTE])
_OFTEN = frozenset({
    Kind.LATIN, Kind.ADVERB, Kind.MULTIPLE, Kind.NUMBER, Kind.EVERY, Kind.PER, Kind.WHEN, Kind.ALTERNATE,
    Kind.ROUTE, Kind.PASSIVE,
})  # fmt: skip


def amount(draft: Draft, index: int) -> int:
    """An amount is the dose, unless the words behind it make it a number of times or a length."""
    if index == 0 and draft.carried_unit and draft.kinds[:4] == _SO_LONG:  # “then 3 x 3 days”
        many = draft.words[0].value
        assert isinstance(many, Decimal)
        return dose(draft, Amount(many, many, draft.carried_unit), 0, 1)
    sized = _of_a_strength(draft, index) or (_as_so_many(draft, index) if draft.dose is None else None)
    if sized is not None:
        return sized
    found = draft.amount(index)
    if found is None:
        return draft.leave(index, index + 1)
    amount, after = found
    if amount.unit is None:
        done = of_time(draft, amount, after)
        if done is not None:
            return done
    elif draft.dose is not None and _is_total(draft, after):
        draft.notes.append(" ".join([word.text for word in draft.words[index : after + 1]]))
        return after + 1
    return dose(draft, amount, index, after)


_SO_LONG = [Kind.NUMBER, Kind.BY, Kind.NUMBER, Kind.PERIOD]


def of_time(draft: Draft, amount: Amount, after: int) -> int | None:
    """“3 times”, “3 / day”, “3x a day”, “30 minutes before breakfast”, “5 days a week”, “10 days”."""
    following = draft.kind(after)
    if following is Kind.TIMES:
        return _times(draft, amount, after)
    if following is Kind.SLASH and draft.dose is not None and draft.kind(after + 1) is Kind.PERIOD:
        return _times(draft, amount, after - 1)
    if following is Kind.BY and draft.dose is not None and _per(draft, after + 1):
        return _times(draft, amount, after)
    single = amount.low if amount.low == amount.high else None
    unit = after + (following is Kind.DASH)
    if single is not None and draft.kind(unit) is Kind.PERIOD:
        cycled = on_and_off(draft, single, unit)
        if cycled is not None:
            return cycled
    if single is not None and often.is_offset(draft, after):
        return often.offset(draft, single, after)
    if following is not Kind.PERIOD:
        return None
    if draft.kind(after + 1) is Kind.LATER and draft.follows and not draft.is_timed() and draft.dose:
        draft.now = True
        draft.notes.append(" ".join([word.text for word in draft.words[after - 1 : after + 2]]))
        return after + 2
    if draft.period_at(after)[1] in often.SHORT:
        return _apart(draft, after)
    if single is not None and draft.kind(after + 1) in (Kind.PER, Kind.EVERY):
        return often.days_a_week(draft, single, after)
    ends = draft.kind(after + 1) in how_long.ENDS_A_LENGTH
    if ends and draft.bounds is None and draft.dose is not None and draft.is_timed():
        return how_long.bare_length(draft, amount, after)
    return None


def _apart(draft: Draft, index: int) -> int | None:
    """“12 hours apart”: how far the doses lie apart, as a note; `index` is at its unit of time."""
    if draft.kind(index + 1) is not Kind.UNKNOWN or draft.at(index + 1).text.casefold() != "apart":
        return None
    draft.notes.append(" ".join([word.text for word in draft.words[index - 1 : index + 2]]))
    return index + 2


def _per(draft: Draft, index: int) -> bool:
    kind = draft.kind(index)
    if kind is Kind.ADVERB or (kind is Kind.PERIOD and draft.at(index).value == _DAILY):
        return True
    return kind in (Kind.SLASH, Kind.PER, Kind.EVERY) and draft.kind(index + 1) is Kind.PERIOD


def _times(draft: Draft, amount: Amount, index: int) -> int:
    """“3 times”, “2 to 3 times”: a frequency, or after “take” how often in all."""
    if amount.spaced:
        raise TwoWays("dosage.two-readings", "“1 - 2 times” may be 1 at a time, or 1 to 2 times")
    if draft.words[index].glued and draft.kind(index) is Kind.TIMES:
        raise TwoWays("dosage.two-readings", "a number stands in one word with “times”")
    low, high = whole(amount.low), whole(amount.high)
    return often.set_frequency(draft, low, high, index + 1)


def _of_a_strength(draft: Draft, index: int) -> int | None:
    """“one 500mg tablet”, “4 x 2.5mg tablets”: so many of a strength; None where these words are not that."""
    at = index + 1
    following = draft.kinds[at]
    by = following is Kind.BY
    if not (by or following is Kind.NUMBER):
        return None
    at += by
    kinds = draft.kinds[at : at + 3]
    if kinds != [Kind.NUMBER, Kind.UNIT, Kind.UNIT]:
        return None
    strength, form = draft.at(at + 1).value, draft.at(at + 2).value
    if strength not in MASS or form not in COUNTED or (draft.words[index].digits and not by):
        return None
    value = draft.words[index].value
    assert isinstance(value, Decimal)
    draft.notes.append("".join([word.text for word in draft.words[at : at + 2]]))
    return dose(draft, Amount(value, value, str(form)), index, at + 3)


def _as_so_many(draft: Draft, index: int) -> int | None:
    """“500 mg = 1 tab”: the count is the dose, the weight a note; None where these words are not that."""
    kinds = draft.kinds[index : index + 5]
    if kinds[0] is not Kind.NUMBER or kinds[3] is not Kind.NUMBER or draft.at(index + 2).text != "=":
        return None
    if kinds[1] is not Kind.UNIT or kinds[4] is not Kind.UNIT or draft.at(index + 4).value not in COUNTED:
        return None
    value = draft.at(index + 3).value
    assert isinstance(value, Decimal)
    draft.notes.append(" ".join([word.text for word in draft.words[index : index + 2]]))
    return dose(draft, Amount(value, value, str(draft.at(index + 4).value)), index + 3, index + 5)


def _is_total(draft: Draft, index: int) -> bool:
    return draft.kind(index) is Kind.UNKNOWN and draft.at(index).text.casefold() == "total"


def article(draft: Draft, index: int) -> int | None:
    """“a tablet”, “a quarter of a tablet”, where an amount may begin; None elsewhere."""
    if draft.words[index].text.casefold() not in ("a", "an"):
        return None
    if draft.dose is not None:
        return index + 1 if is_pause(draft.kinds, index) else None
    if draft.clause and draft.clause[-1] not in _BEFORE_A_DOSE:
        return None
    if draft.kind(index + 1) is Kind.FRACTION:
        return amount(draft, index + 1)
    if draft.kind(index + 1) is Kind.UNIT and draft.at(index + 1).value in COUNTED:
        one = Decimal(1)
        return dose(draft, Amount(one, one, str(draft.at(index + 1).value)), index, index + 2)
    return None


def unit(draft: Draft, index: int) -> int:
    """A unit without a number: “spray twice” is two sprays, and “inhalation” is a route."""
    word, following = draft.words[index].value, draft.kind(index + 1)
    if word == "inhalation" and draft.route is None:
        draft.route = draft.words[index].text
        return index + 1
    if word == "spray" and draft.dose is None and draft.verb is None and not draft.clause:
        if following is Kind.MULTIPLE and draft.kind(index + 2) is not Kind.PER:
            many = Decimal(str(draft.at(index + 1).value))
            draft.verb = "Spray"
            return dose(draft, Amount(many, many, "spray"), index, index + 2)
        if following in AMOUNTS:
            draft.verb = "Spray"
            return index + 1
    found = draft.amount(index + 1) if draft.dose is None and not draft.clause and word in COUNTED else None
    if found is not None and found[0].unit is None and draft.kind(found[1]) not in (Kind.TIMES, Kind.PERIOD):
        return dose(draft, found[0]._replace(unit=str(word)), index, found[1])  # “tab 1 tds”
    if draft.words[index].text.casefold() == "new patch" and draft.dose is None:
        return dose(draft, Amount(Decimal(1), Decimal(1), "patch"), index, index + 1)
    if word == "injection" and draft.kind(index - 1) is Kind.ROUTE:
        return index + 1
    if word == "patch" and draft.verb in RENEWING and draft.dose is None:
        return index + 1
    return draft.leave(index, index + 1)


def dose(draft: Draft, amount: Amount, index: int, after: int) -> int:
    if draft.dose is not None:
        _second_amount(draft, amount)
    clause = draft.clause
    if clause and clause[-1] not in _BEFORE_A_DOSE and clause not in _OPENED_BY:
        raise TwoWays("dosage.two-readings", "the amount stands where it may belong to two things")
    if amount.unit is None:
        if amount.fraction and draft.kind(after) is Kind.AT and draft.kind(after + 1) is Kind.CLOCK:
            raise TwoWays(
                "dosage.two-readings", "half or a quarter before a time of day may belong to the time"
            )
        amount = amount._replace(unit=draft.carried_unit)
        draft.bare_number_ends = after if amount.unit is None else -1
        after = _name_behind(draft, after)
    draft.dose = amount
    return after


def _name_behind(draft: Draft, index: int) -> int:
    """“take 1 codeine 3 times a day”: one word that is none of ours, and how often right behind it."""
    if draft.kind(index) is not Kind.UNKNOWN or draft.kind(index + 1) not in _OFTEN:
        return index
    end = harmless_end(draft.words, index)
    if end != index + 1 or draft.verb not in ("Take", "Give"):
        return index
    draft.named.append((index, end))
    return end


def said_again_in_bracket(draft: Draft, index: int, close: int) -> bool:
    """“(20 mg total)” and “1 teaspoonful (5 ml)”: kept as a note; the spoon's millilitres are the dose."""
    dose = draft.dose
    if dose is None or dose.unit is None or not said_again(draft.words, draft.kinds, dose.unit, index):
        return False
    inside = draft.words[index + 1].value
    if draft.at(index + 2).value == "ml":
        assert isinstance(inside, Decimal)
        of_one = {"teaspoonful": Decimal(5), "tablespoonful": Decimal(15)}.get(dose.unit)
        if dose.low != dose.high or (of_one is not None and dose.high != inside / of_one):
            raise TwoWays("dosage.two-readings", "the spoons and their millilitres do not agree")
        draft.dose = Amount(inside, inside, "ml")
    draft.notes.append(" ".join([word.text for word in draft.words[index + 1 : close]]))
    return True


def _second_amount(draft: Draft, amount: Amount) -> None:
    """An amount to supply may stand before the instruction; any other is a second instruction."""
    first = draft.dose
    assert first is not None
    alone = draft.sentences == 1 and draft.verb is None and not draft.left and _nothing_else(draft)
    if alone and first.unit in COUNTED and first.low == first.high and amount.unit in (None, first.unit):
        whole = first.low is not None and first.low == first.low.to_integral_value()
        if whole and first.low is not None and amount.high is not None and first.low >= amount.high:
            draft.supply, draft.dose = first, None
            return
    if draft.sentences or Kind.AND in draft.clause:
        raise TwoWays("dosage.more-than-one-instruction", "two amounts are said, one after the other")
    raise TwoWays("dosage.two-readings", "two amounts are said, and which is the dose is not clear")


def _nothing_else(draft: Draft) -> bool:
    stated = (
        draft.frequency,
        draft.frequency_max,
        draft.count,
        draft.period,
        draft.bounds,
        draft.route,
        draft.site,
    )
    return not (any(stated) or draft.when or draft.times or draft.days or draft.as_needed or draft.notes)


def of(draft: Draft, index: int) -> int:
    """“2 tablets of amoxicillin 500mg”: the medicine's name."""
    cycled = of_a_cycle(draft, index)
    if cycled is not None:
        return cycled
    dosed = draft.dose is not None and draft.dose.unit in COUNTED and draft.kind(index - 1) is Kind.UNIT
    end = harmless_end(draft.words, index + 1)
    if not dosed or end == index + 1:
        return draft.leave(index, index + 1)
    if (
        draft.kind(end) is Kind.NUMBER
        and draft.kind(end + 1) is Kind.UNIT
        and draft.at(end + 1).value in MASS
    ):
        end += 2
    draft.named.append((index + 1, end))
    return end


def name_in_front(draft: Draft) -> int:
    """“amlodipine 5mg tablets - take one daily”: where the name and its strength in front end; 0 for none.

    A weight behind the name is the dose, unless another amount or a verb follows it.
    """
    end = harmless_end(draft.words, 0)
    if end and draft.kind(end) not in _BEGINS:
        return 0
    strength, ratio = _strength_end(draft, end)
    behind = strength + (draft.kind(strength) in BREAKS)
    if strength > end and (ratio or end) and _dose_begins(draft, behind):
        end = strength
    if end:
        draft.named.append((0, end))
    return end


_BEGINS = frozenset({Kind.NUMBER, Kind.FRACTION, Kind.VERB})


def _dose_begins(draft: Draft, index: int) -> bool:
    """Whether the dose stands there, “one”, “take one”, and no number of times, “3 times a day”."""
    index += draft.kind(index) is Kind.VERB
    found = draft.amount(index)
    if found is None:
        return draft.kind(index - 1) is Kind.VERB
    return found[0].unit is not None or draft.kind(found[1]) not in (
        Kind.TIMES,
        Kind.PERIOD,
        Kind.BY,
        Kind.SLASH,
    )


def _strength_end(draft: Draft, index: int) -> tuple[int, bool]:
    """Where “5mg tablets” or “250mg/5ml” ends, and whether it is so much in so much."""
    weight = draft.kind(index) is Kind.NUMBER and draft.kind(index + 1) is Kind.UNIT
    if not weight or draft.at(index + 1).value not in MASS:
        return index, False
    end, ratio = index + 2, False
    if draft.kind(end) is Kind.SLASH:
        per = end + 1 + (draft.kind(end + 1) is Kind.NUMBER)
        if draft.kind(per) is Kind.UNIT and draft.at(per).value in ("ml", *COUNTED):
            end, ratio = per + 1, True
    if draft.kind(end) is Kind.UNIT and draft.at(end).value in COUNTED:
        end += 1
    return end, ratio
