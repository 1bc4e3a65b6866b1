# ruff: noqa: E501 - a table row is one line
"""What does a written instruction mean, how much is that a day, and how long does a quantity last?

text | means (dose; timing; the rest) | a day | quantity | days
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage, DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import Span, course_days, times_per_day
from pestle.pharmacy.dosage.reading import Reading, reading_json
from pestle.pharmacy.dosage.supply import CannotTell, daily_amount, days_supply
from pestle.pharmacy.dosage.wording import plain
from pestle.pharmacy.quantity import Quantity, Unit

UNDERSTOOD = """
1 tablet, daily                                | Take 1 tablet every day.                                  | 1 tablet a day          | 28 tablet  | 28 days
1 tablet, at NIGHT                             | Take 1 tablet at night.                                   | 1 tablet a day          | 28 tablet  | 28 days
One tablet three times daily                   | Take 1 tablet three times a day.                          | 3 tablets a day         | 84 tablet  | 28 days
One or two, four times daily                   | 1 to 2 to be used four times a day.                       | 4 to 8 a day            | 100 tablet | 12.5 to 25 days
One every 72 hours                             | 1 to be used every 72 hours.                              | 1 every 3 days          | 5 patch    | 15 days
one to be taken on the same day each week      | 1 to be taken every week. On the same day each week.      | 1 every 7 days          | 4 tablet   | 28 days
APPLY ONE WEEKLY                               | 1 to be applied every week.                               | 1 every 7 days          | 4 patch    | 28 days
take 1 tablet on mondays                       | Take 1 tablet on Mondays.                                 | 1 tablet every 7 days   | 4 tablet   | 28 days
take 1 tablet once a week                      | Take 1 tablet once a week.                                | 1 tablet every 7 days   | 12 tablet  | 84 days
10 milligram, Inject, Subcutaneous route, once weekly | Inject 10 milligram once a week, subcutaneous route. | 10 milligram every 7 days | 1 syringe | supply.strength-unknown
Inject 10 milligram - 5 times a day - Subcutaneous route - for 10 days | Inject 10 milligram five times a day for 10 days, subcutaneous route. | 50 milligram a day | 500 milligram | 10 days
Apply 30 gram - 5 times a day - Cutaneous route - for 5 days | Apply 30 gram five times a day for 5 days, cutaneous route. | 150 gram a day | 300 gram | 2 days
EIGHT (8) tablets to be taken DAILY for two days. Take these tablets with or after food. | Take 8 tablets every day for 2 days. Take these tablets with or after food. | 8 tablets a day | 16 tablet | 2 days
1 tablet to be taken at 17:00 for two days. Take these tablets with or after food. | Take 1 tablet at 17:00 for 2 days. Take these tablets with or after food. | 1 tablet a day | 2 tablet | 2 days
20 tablets. One tablet to be taken two times a day | Take 1 tablet twice a day.                            | 2 tablets a day         | 20 tablet  | 10 days
Take ONE tablet THREE times a day when required. Max 8 in 24 hours | Take 1 tablet three times a day when required. Maximum 8 tablets in 24 hours. | up to 3 tablets a day | 30 tablet | supply.as-needed
1-2 tablets every 4 to 6 hours no more than 8 tablets in a day | Take 1 to 2 tablets every four to six hours. Maximum 8 tablets in 1 day. | 4 to 8 tablets a day | 100 tablet | 12.5 to 25 days
Take 1 or 2 tablets up to four times a day     | Take 1 to 2 tablets up to four times a day.               | up to 8 tablets a day   | 100 tablet | supply.up-to
One 5ml spoonful to be taken every SIX hours   | Take one 5ml spoonful every six hours.                    | 4 5ml spoonful a day    | 100 ml     | 5 days
Take two 5ml spoonfuls twice a day             | Take two 5ml spoonfuls twice a day.                       | 4 5ml spoonful a day    | 300 ml     | 15 days
2.5ml twice a day                              | Use 2.5 ml twice a day.                                   | 5 ml a day              | 100 ml     | 20 days
500mg to 1g four times a day                   | Use 500 milligram to 1 gram four times a day.             | 2 to 4 gram a day       | 20 gram    | 5 to 10 days
ONE puff to be inhaled TWICE a day             | Inhale 1 puff twice a day.                                | 2 puffs a day           | 200 dose   | supply.strength-unknown
2 drops in each eye twice a day                | Put 2 drops twice a day in each eye.                      | 8 drops a day           | 5 ml       | supply.strength-unknown
1 drop both eyes 4 times a day                 | Put 1 drop four times a day both eyes.                    | 8 drops a day           | 5 ml       | supply.strength-unknown
half a tablet at night for nerve pain          | Take half a tablet at night. For nerve pain.              | 0.5 tablet a day        | 28 tablet  | 56 days
take one and a half tablets on alternate days  | Take 1 and a half tablets every two days.                 | 0.75 tablet a day       | 21 tablet  | 28 days
1 capsule every morning and at night           | Take 1 capsule in the morning and at night.               | 2 capsules a day        | 56 capsule | 28 days
1 tablet after meals                           | Take 1 tablet after a meal.                               | supply.timing-not-stated | 28 tablet | supply.timing-not-stated
2 tablets tds pc                               | Take 2 tablets three times a day. After food.             | 6 tablets a day         | 84 tablet  | 14 days
1 tablet monthly                               | Take 1 tablet every month.                                | 7 to 7.75 tablets every 217 days | 1 tablet | 28 to 31 days
take 1 tablet three times a day for 5 to 7 days | Take 1 tablet three times a day for 5 to 7 days.         | 3 tablets a day         | 21 tablet  | 5 to 7 days
1-2 tablets as needed for pain                 | Take 1 to 2 tablets when required for pain.               | supply.as-needed        | 28 tablet  | supply.as-needed
1 tab po bid prn pain                          | Take 1 tablet twice a day when required for pain.         | up to 2 tablets a day   | 28 tablet  | supply.as-needed
1/2 tab po bid                                 | Take half a tablet twice a day.                           | 1 tablet a day          | 28 tablet  | 28 days
1 gtt ou qid                                   | Put 1 drop four times a day both eyes.                    | 8 drops a day           | 5 ml       | supply.strength-unknown
take 2 1/2 tablets daily                       | Take 2 and a half tablets every day.                      | 2.5 tablets a day       | 28 tablet  | 11.2 days
take 1 every other morning                     | 1 to be taken every two days in the morning.              | 0.5 a day               | 14 tablet  | 28 days
2 tablets daily for 5 days then stop           | Take 2 tablets every day for 5 days.                      | 2 tablets a day         | 10 tablet  | 5 days
1 tablet tds for 7/7                           | Take 1 tablet three times a day for 7 days.               | 3 tablets a day         | 21 tablet  | 7 days
2 times a day for 10 days                      | 2 times a day for 10 days                                 | supply.dose-not-stated  | 20 tablet  | supply.dose-not-stated
apply thinly twice a day                       | apply thinly twice a day                                  | supply.dose-not-stated  | 30 gram    | supply.dose-not-stated
"""

# text | steps: (sequence) dose, times a day, days
STEPS = """
2 tablets daily for 5 days, then 1 tablet daily for 5 days            | (1) 2 tablets, 1 a day, 5 days; (2) 1 tablet, 1 a day, 5 days
take 2 tablets twice a day for 5 days then 1 tablet per day           | (1) 2 tablets, 2 a day, 5 days; (2) 1 tablet, 1 a day
1 in the morning and 2 at night                                       | (1) 1, 1 a day; (1) 2, 1 a day
One To Be Taken In The Morning And Two At Night                       | (1) 1, 1 a day; (1) 2, 1 a day
1 at 8am, 1 at 12 noon and 2 at 10pm for 7 days                       | (1) 1, 1 a day, 7 days; (1) 1, 1 a day, 7 days; (1) 2, 1 a day, 7 days
80mg at 8am and 40mg at 2pm for 5 days. Then 40mg daily at 8am        | (1) 80 milligram, 1 a day, 5 days; (1) 40 milligram, 1 a day, 5 days; (2) 40 milligram, 1 a day
2 stat then 1 daily                                                   | (1) 2; (2) 1, 1 a day
tkae two talbets of benadryl every two days and then 1 tablet a week  | (1) 2 tablets, 1/2 a day; (2) 1 tablet, 1/7 a day
"""

NOT_UNDERSTOOD = """
Follow directions                                        | dosage.as-directed
TAKE AS DIRECTED                                         | dosage.as-directed
Put ONE drop into the LEFT eye as directed               | dosage.as-directed
Apply sparingly to the affected area                     | dosage.no-dose-or-timing
1 tablet                                                 | dosage.no-timing
4 hourly                                                 | dosage.two-readings
instil 1 drop 4 hourly                                   | dosage.two-readings
2 weekly                                                 | dosage.two-readings
two daily                                                | dosage.two-readings
half 1 tablet daily                                      | dosage.two-readings
1 3 times a day                                          | dosage.two-readings
take 1 or 2 - 3 times a day                              | dosage.two-readings
1 - 2 times every day                                    | dosage.two-readings
1/2 tablets daily                                        | dosage.two-readings
1/2 daily                                                | dosage.two-readings
1 3/4 times a day                                        | dosage.two-readings
1 drop od                                                | dosage.two-readings
1 tablet twice daily (every 8 hours)                     | dosage.unknown-words
1 tablet for 3 weeks on and 1 week off                   | dosage.no-timing
1 tablet daily, 3 weeks on                               | dosage.two-readings
take 1 tablet for 5 days each month                      | dosage.two-readings
1 daily, reducing                                        | dosage.unknown-words
1 daily, reduced dose later                              | dosage.unknown-words
one to be taken on the same day                          | dosage.unknown-words
1 tablet twice at night                                  | dosage.two-readings
2 5ml spoonfuls daily                                    | dosage.two-readings
2 .5ml spoon daily                                       | dosage.two-readings
1 - 60mg tablet every day                                | dosage.two-readings
40mg tablet daily                                        | dosage.two-readings
1 tablet (500mg) every 4 hours                           | dosage.two-readings
EIGHT (6) tablets daily                                  | dosage.two-readings
2. 5ml daily                                             | dosage.two-readings
2 spoonfuls twice a day                                  | dosage.two-readings
1tablet daily                                            | dosage.two-readings
take 1 tablet on monday                                  | dosage.two-readings
1 tablet daily on mondays                                | dosage.two-readings
1 tablet once a week daily                               | dosage.two-readings
one daily on the same day each week                      | dosage.two-readings
1 tablet twice a day at night                            | dosage.two-readings
1 tablet at 8                                            | dosage.two-readings
take 5 -2 tablets daily                                  | dosage.range-reversed
4 to 2 tablets daily                                     | dosage.range-reversed
1g to 500mg daily                                        | dosage.range-reversed
1 tablet every 8 to 6 hours                              | dosage.range-reversed
1 tablet in the morning and 1 at night                   | dosage.more-than-one-instruction
take 2 tablets twice a day for 5 days then 1 tablet per day for pain | dosage.more-than-one-instruction
1 in the morning and 2 at night when required            | dosage.more-than-one-instruction
1 tablet in the morning then 2 tablets at night          | dosage.more-than-one-instruction
1 tablet when required then 1 tablet daily               | dosage.more-than-one-instruction
1 tablet at night and 5ml at night                       | dosage.more-than-one-instruction
3 puffs bd for 1 week then 1 puff                        | dosage.more-than-one-instruction
2 tablets for 5 days to 1 week then 1 tablet daily       | dosage.more-than-one-instruction
80mg at 8am and 40mg at 2pm for 5 days. Then 40mg tablet - oral-  daily at 8am | dosage.more-than-one-instruction
Take 1 tablet daily. Take 2 tablets at night             | dosage.more-than-one-instruction
take 1 at night and when required                        | dosage.more-than-one-instruction
20 times a day                                           | dosage.too-often
1 drop every 5 minutes                                   | dosage.too-often
take 120 every day                                       | dosage.too-much-at-once
take 2024mls every day                                   | dosage.too-much-at-once
0 tablets daily                                          | dosage.nothing-at-once
2 tablets 0 times a day                                  | dosage.nothing-at-once
take -5 tablets daily                                    | dosage.minus
1 tablet daily for 10 years                              | dosage.too-long
2 tablets four times a day max 4 in 24 hours             | dosage.max-below-regular
2 tablets when required max 8                            | dosage.maximum-without-period
5ml daily max 20mg in 24 hours                           | dosage.units-differ
1 per day home delivery service                          | dosage.unknown-words
take one daily and reduce gradually                      | dosage.unknown-words
                                                         | dosage.no-words
- - .                                                    | dosage.no-words
"""


def _rows(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in row.split("|")) for row in table.strip("\n").splitlines()]


def _said(answer: object) -> str:
    return answer.rule if isinstance(answer, CannotTell) else str(getattr(answer, "text", answer))


@pytest.mark.parametrize(("text", "means", "daily", "quantity", "days"), _rows(UNDERSTOOD))
def test_understood(text: str, means: str, daily: str, quantity: str, days: str) -> None:
    reading = read(text)
    assert reading.dosage is not None, reading.refusal
    assert reading.unused == ()
    assert plain(reading.dosage).text == means
    assert _said(daily_amount(reading.dosage)) == daily
    value, unit = quantity.split()
    assert _said(days_supply(reading.dosage, Quantity(Decimal(value), Unit(unit)), None)) == days


@pytest.mark.parametrize(("text", "rule"), _rows(NOT_UNDERSTOOD))
def test_not_understood(text: str, rule: str) -> None:
    reading = read(text)
    assert reading.dosage is None
    assert reading.refusal is not None
    assert reading.refusal.rule == rule, reading.refusal.reason


@pytest.mark.parametrize(("text", "said"), _rows(STEPS))
def test_several_steps(text: str, said: str) -> None:
    reading = read(text)
    assert reading.dosage is not None, reading.refusal
    assert "; ".join(_step(step) for step in reading.dosage.steps) == said
    assert all(step.text and step.text in text for step in reading.dosage.steps)
    assert read_dosage(reading.dosage).dosage == reading.dosage
    assert read_dosage(Dosage((DosageStep(text=text),))).dosage == reading.dosage


def _step(step: DosageStep) -> str:
    often, course = times_per_day(step.repeat), course_days(step.repeat.bounds if step.repeat else None)
    assert isinstance(step.doses[0].dose, Quantity)
    parts = [f"({step.sequence}) {str(step.doses[0].dose).strip()}"]
    if isinstance(often, Span):
        parts.append(f"{often.least} a day")
    if course:
        parts.append(f"{course.least} days")
    return ", ".join(parts)


def test_a_remark_set_apart_is_kept_and_handed_back() -> None:
    reading = read("1 per day, home delivery service")
    assert reading.understood
    assert reading.unused == ("home", "delivery", "service")
    assert reading.dosage is not None
    assert [note.text for note in reading.dosage.steps[0].additional_instructions] == [
        "home delivery service"
    ]


def test_the_quantity_before_the_instruction_is_kept() -> None:
    reading = read("20 tablets. One tablet to be taken two times a day")
    assert reading.quantity == Quantity(Decimal(20), Unit("tablet"))
    assert read("One tablet twice a day").quantity is None


def test_unknown_words_are_handed_back() -> None:
    assert read("1 per day home delivery service").unused == ("home", "delivery", "service")


def test_json_has_one_shape_for_both_answers() -> None:
    understood, refused = (reading_json(read(text)) for text in ("1-2 tablets weekly", "4 hourly"))
    assert understood.keys() == refused.keys()
    assert refused["steps"] == []
    assert isinstance(understood["steps"], list)
    step = understood["steps"][0]
    assert step["doses"] == [{"least": "1", "most": "2", "unit": "tablet", "rate": None}]
    assert step["times_per_day"] == {"least": "1/7", "most": "1/7"}


def test_a_reading_is_either_understood_or_not() -> None:
    with pytest.raises(ValueError, match="a dosage, or a refusal"):
        Reading("x", None)
