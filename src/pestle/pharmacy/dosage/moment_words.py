"""Which words name a moment of the day, and which a day of the week?

Source: FHIR R4 EventTiming; NHS England dosage_instructions 506c0d40 (MIT, 2026); US abbreviations as met in
parserx 85d213cd (Apache-2.0).
"""

from __future__ import annotations

from pestle.pharmacy.dosage.dose import Day, When

WORKING, REST = tuple(Day)[:5], tuple(Day)[5:]
SHORT_DAYS = {
    Day.MONDAY: ("mon",), Day.TUESDAY: ("tue", "tues"), Day.WEDNESDAY: ("wed", "weds"),
    Day.THURSDAY: ("thu", "thur",
    "thurs"), Day.FRIDAY: ("fri",), Day.SATURDAY: ("sat",), Day.SUNDAY: ("sun",),
}  # fmt: skip

_MEALS = (("breakfast", "M"), ("lunch", "D"), ("dinner", "V"), ("evening meal", "V"), ("supper", "V"))
MOMENTS: dict[str, When] = {
    "in morning": When.MORNING, "a night": When.NIGHT, "with each main meal": When.MEAL,
    "with every main meal": When.MEAL, "in evening": When.EVENING, "in afternoon": When.AFTERNOON,
    "in the morning": When.MORNING, "each morning": When.MORNING, "every morning": When.MORNING,
    "in the mornings": When.MORNING, "mane": When.MORNING, "at noon": When.NOON, "at midday": When.NOON,
    "in the afternoon": When.AFTERNOON, "each afternoon": When.AFTERNOON,
    "every afternoon": When.AFTERNOON,
    "in the evening": When.EVENING, "each evening": When.EVENING, "every evening": When.EVENING,
    "at night": When.NIGHT, "each night": When.NIGHT, "every night": When.NIGHT, "nightly": When.NIGHT,
    "nocte": When.NIGHT, "once asleep": When.AFTER_SLEEP, "before sleep": When.BEFORE_SLEEP,
    "at bedtime": When.BEFORE_SLEEP, "before bed": When.BEFORE_SLEEP, "upon waking": When.UPON_WAKING,
    "on waking": When.UPON_WAKING, "at a meal": When.MEAL, "at meals": When.MEAL,
    "at mealtimes": When.MEAL,
    "with meals": When.MEAL, "before a meal": When.BEFORE_MEAL, "before meals": When.BEFORE_MEAL,
    "after a meal": When.AFTER_MEAL, "after meals": When.AFTER_MEAL,
    "early in the morning": When.EARLY_MORNING, "late in the morning": When.LATE_MORNING,
    "early in the afternoon": When.EARLY_AFTERNOON, "late in the afternoon": When.LATE_AFTERNOON,
    "early in the evening": When.EARLY_EVENING, "late in the evening": When.LATE_EVENING,
    "morning": When.MORNING, "mornings": When.MORNING, "evening": When.EVENING, "night": When.NIGHT,
    "noon": When.NOON, "midday": When.NOON, "afternoon": When.AFTERNOON, "bedtime": When.BEFORE_SLEEP,
    "at night time": When.NIGHT, "at nighttime": When.NIGHT, "night time": When.NIGHT,
    "at bed time": When.BEFORE_SLEEP, "before bedtime": When.BEFORE_SLEEP, "every bedtime": When.BEFORE_SLEEP,
    "every night at bedtime": When.BEFORE_SLEEP, "nightly at bedtime": When.BEFORE_SLEEP,
    "each night at bedtime": When.BEFORE_SLEEP, "at night before bed": When.BEFORE_SLEEP,
    "before going to bed": When.BEFORE_SLEEP, "on retiring": When.BEFORE_SLEEP, "hs": When.BEFORE_SLEEP,
    "qhs": When.BEFORE_SLEEP, "q hs": When.BEFORE_SLEEP, "every evening at bedtime": When.BEFORE_SLEEP,
    "qam": When.MORNING, "q am": When.MORNING, "in the am": When.MORNING, "every am": When.MORNING,
    "qpm": When.EVENING, "q pm": When.EVENING, "in the pm": When.EVENING, "every pm": When.EVENING,
    "lunchtime": When.LUNCH, "at lunchtime": When.LUNCH, "at lunch time": When.LUNCH, "teatime": When.DINNER,
    "at teatime": When.DINNER, "at tea time": When.DINNER, "at breakfast time": When.BREAKFAST,
    "acm": When.BEFORE_BREAKFAST, "acd": When.BEFORE_LUNCH, "acv": When.BEFORE_DINNER,
    "pcm": When.AFTER_BREAKFAST, "pcd": When.AFTER_LUNCH, "pcv": When.AFTER_DINNER,
    **{f"{at} {meal}": code for meal in ("each meal", "every meal", "main meals")
       for at, code in (("with", When.MEAL), ("at", When.MEAL), ("before", When.BEFORE_MEAL),
                        ("after", When.AFTER_MEAL))},
    "in the night": When.NIGHT, "at nights": When.NIGHT, "noct": When.NIGHT,
    "on going to bed": When.BEFORE_SLEEP, "at bed": When.BEFORE_SLEEP, "bed time": When.BEFORE_SLEEP,
    "on rising": When.UPON_WAKING, "on wakening": When.UPON_WAKING, "on awakening": When.UPON_WAKING,
    "upon awakening": When.UPON_WAKING, "upon rising": When.UPON_WAKING,
    "first thing in the morning": When.MORNING, "breakfast time": When.BREAKFAST, "breakfast": When.BREAKFAST,
    "lunch": When.LUNCH, "dinner": When.DINNER, "supper": When.DINNER, "evening meal": When.DINNER,
    "tea": When.DINNER, "tea time": When.DINNER, "dinner time": When.DINNER, "dinnertime": When.DINNER,
    "at dinnertime": When.DINNER, "at dinner time": When.DINNER, "suppertime": When.DINNER,
    "at suppertime": When.DINNER, "mid morning": When.LATE_MORNING, "mid - morning": When.LATE_MORNING,
    "mid afternoon": When.AFTERNOON, "mid - afternoon": When.AFTERNOON,
    "late afternoon": When.LATE_AFTERNOON, "late evening": When.LATE_EVENING,
    "early evening": When.EARLY_EVENING, "early morning": When.EARLY_MORNING,
    "in the early morning": When.EARLY_MORNING, "in am": When.MORNING, "in pm": When.EVENING,
    "am": When.MORNING,
    "pm": When.EVENING, "with tea": When.DINNER, "lunch time": When.LUNCH, "with midday meal": When.LUNCH,
    "with the midday meal": When.LUNCH, "at mid day": When.NOON, "mid day": When.NOON,
    "with morning meal": When.BREAKFAST, "with the morning meal": When.BREAKFAST,
    "every day at bedtime": When.BEFORE_SLEEP, "with meal": When.MEAL, "at meal times": When.MEAL,
    "with the first mouthful of each meal": When.MEAL, "with first mouthful of each meal": When.MEAL,
    "with the first bite of each meal": When.MEAL, "with first bite of each meal": When.MEAL,
    "with your meals": When.MEAL, "with main meals": When.MEAL, "after main meals": When.AFTER_MEAL,
    "before main meals": When.BEFORE_MEAL,
    "with a meal": When.MEAL, "after the meal": When.AFTER_MEAL,
    **{f"{at} {the} {meal}": When(f"{letter}{code}") for meal, code in _MEALS for the in ("the", "your")
       for at, letter in (("with", "C"), ("at", "C"), ("before", "AC"), ("after", "PC"))},
    **{f"at {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"with {meal}": When(f"C{code}") for meal, code in _MEALS},
    **{f"before {meal}": When(f"AC{code}") for meal, code in _MEALS},
    **{f"after {meal}": When(f"PC{code}") for meal, code in _MEALS},
}  # fmt: skip
# All the days that another step does not name: “5 mg Mon/Wed/Fri and 2.5 mg all other days”.
OTHER_DAYS = (
    "on other days", "rest of the week", "rest of week",
    *(f"{on}{days}" for on in ("", "on ") for days in (
        "all other days", "all the other days", "the other days", "the remaining days", "remaining days",
        "all remaining days", "the rest of the week", "other days of the week", "the other days of the week",
    )),
)  # fmt: skip
