"""What has happened at the invented pharmacy lately? One row for each prescription.

A row says whose it is, when it came, what is on it, how far it has got, and what went differently on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pestle.demo.messages import ACUTE, REPEAT, REPEAT_DISPENSING, Item
from pestle.pharmacy.record.medication import CourseOfTherapy

# For days before today: opening time, from which minutes are counted.
OPENS = 9


@dataclass(frozen=True, slots=True)
class Story:
    """One prescription. With `days` 0 it came `minutes` ago, else that many days ago, so many after opening.

    `until` is the step at which it waits. `twist` is what went differently, see `journey`. `signed_days` is
    how many days before it came it was signed.
    """

    key: str
    patient: str
    days: int
    minutes: int
    until: str
    items: tuple[Item, ...]
    twist: str = ""
    signed_days: int = 0


MORNING = "Take one tablet each morning"
AMOXICILLIN = "Amoxicillin 250mg/5ml oral suspension sugar free"
SALBUTAMOL = "Salbutamol 100micrograms/dose inhaler CFC free"
CAPSULE = "Take one capsule each morning"
NIGHT = "Take one tablet at night"


def stories() -> Iterator[Story]:
    """Every prescription of the demo."""
    yield from _closed()
    yield from _owings()
    yield from _ready()
    yield from _accuracy()
    yield from _assemble()
    yield from _clinical()
    yield from _entry()


def _repeats(*lines: tuple[str, str, str], course: CourseOfTherapy = REPEAT) -> tuple[Item, ...]:
    return tuple(Item(*line, course=course) for line in lines)


POTASSIUM_RISK = _repeats(
    ("Ramipril 5mg capsules", "28", CAPSULE), ("Spironolactone 25mg tablets", "28", MORNING)
)


# fmt: off
def _closed() -> Iterator[Story]:
    yield Story("c01", "edwards", 21, 30, "closed", _repeats(
        ("Ramipril 5mg capsules", "28", CAPSULE),
        ("Amlodipine 5mg tablets", "28", MORNING),
        ("Aspirin 75mg dispersible tablets", "28", MORNING), course=REPEAT_DISPENSING))
    yield Story("c02", "hughes", 13, 75, "closed", _repeats(
        ("Furosemide 40mg tablets", "28", MORNING), ("Bisoprolol 2.5mg tablets", "28", MORNING)))
    yield Story("c03", "evans-m", 6, 20, "closed", (
        Item(AMOXICILLIN, "100", "Take 5ml three times a day"),), "collected")
    yield Story("c04", "carter", 5, 180, "closed", (
        Item("Naproxen 500mg tablets", "28", "Take one tablet twice a day with food"),
        Item("Omeprazole 20mg gastro-resistant capsules", "28", CAPSULE)), "sent back")
    yield Story("c05", "reid", 4, 60, "closed", _repeats(
        ("Levothyroxine sodium 50microgram tablets", "28", MORNING)), "delivered")
    yield Story("c06", "bell", 3, 45, "closed", (
        Item("Nitrofurantoin 50mg capsules", "12", "Take one capsule four times a day for 3 days"),))
    yield Story("c07", "macdonald", 3, 240, "closed", (
        Item("Doxycycline 100mg capsules", "8", "Take one capsule daily"),), "self-checked")
    yield Story("c08", "green-k", 2, 100, "closed", (
        Item("Co-codamol 30mg/500mg tablets", "30", "Take two tablets four times a day"),), "refused")
    yield Story("c09", "smith", 2, 150, "closed", _repeats(
        ("Lansoprazole 30mg gastro-resistant capsules", "28", CAPSULE)), "returned")
    yield Story("c10", "singh", 1, 25, "closed", (
        Item("Clarithromycin 500mg tablets", "14", "Take one tablet twice a day for 7 days"),))
    yield Story("c11", "khan", 1, 200, "closed", (
        Item("Ibuprofen 400mg tablets", "24", "Take one tablet three times a day when required"),
        Item("Paracetamol 500mg tablets", "32", "Two tablets four times a day when required")), "put back")
    yield Story("c12", "patel", 1, 270, "closed", _repeats(
        ("Warfarin 1mg tablets", "28", "Take as directed in your yellow book"),
        ("Warfarin 3mg tablets", "28", "Take as directed in your yellow book")), "reprinted")
    yield Story("c13", "quinn", 0, 215, "closed", (
        Item("Metronidazole 400mg tablets", "21", "Take one tablet three times a day for 7 days"),))
    yield Story("c14", "okonkwo", 9, 40, "closed", (
        Item("Diazepam 2mg tablets", "14", "Take one tablet at night when required"),), "not collected")
    # Schedule 2: entries of the register.
    yield Story("c16", "baines", 19, 65, "closed", (
        Item("Morphine 10mg modified-release tablets", "60", "One tablet every 12 hours"),))
    yield Story("c17", "harris", 12, 130, "closed", (
        Item("Morphine 15mg modified-release tablets", "60", "One tablet every 12 hours"),))
    yield Story("c18", "wolfe", 5, 95, "closed", (
        Item("Fentanyl 25micrograms/hour transdermal patches", "10", "Apply one patch every 3 days"),),
        "delivered")
    # The same interaction at two issues: answered once, and not asked again at the third (k08).
    yield Story("c19", "macdonald", 59, 50, "closed", POTASSIUM_RISK)
    yield Story("c20", "macdonald", 31, 65, "closed", POTASSIUM_RISK)
    # The prescriber thought better of it, and the message came while nobody had labelled anything.
    yield Story("c15", "nguyen", 0, 190, "entry", (
        Item("Ciprofloxacin 500mg tablets", "10", "Take one tablet twice a day for 5 days"),), "cancelled")


def _owings() -> Iterator[Story]:
    # One line left, the other is to come tomorrow.
    yield Story("o01", "hussain", 0, 185, "owings", _repeats(
        ("Amlodipine 5mg tablets", "28", MORNING), ("Torasemide 5mg tablets", "28", MORNING)), "owed")
    # Nothing of it left, and it was promised for the day before yesterday.
    yield Story("o02", "edwards", 3, 40, "owings", _repeats(
        ("Telmisartan 80mg tablets", "28", MORNING)), "overdue")
    # She took one box, and comes for the other.
    yield Story("o03", "carter", 1, 150, "owings", _repeats(
        ("Lansoprazole 30mg gastro-resistant capsules", "56", CAPSULE)), "took a part")


def _ready() -> Iterator[Story]:
    yield Story("r01", "baines", 0, 150, "hand_out", _repeats(
        ("Amlodipine 10mg tablets", "28", MORNING), ("Indapamide 2.5mg tablets", "28", MORNING)))
    yield Story("r02", "kowalski", 0, 128, "hand_out", (
        Item("Phenoxymethylpenicillin 250mg tablets", "28", "Take two tablets four times a day"),))
    # Nobody has come for three weeks: reminded once, and due for the second time.
    yield Story("r10", "fenwick", 23, 70, "hand_out", _repeats(
        ("Amlodipine 10mg tablets", "28", MORNING)), "reminded")
    # Schedule 3, no longer valid: the hand-out is refused, and a pharmacist withholds it.
    yield Story("r03", "jones", 34, 120, "hand_out", (
        Item("Temazepam 10mg tablets", "7", "Take one tablet at night"),), signed_days=1)
    # Schedule 4, on its last days.
    yield Story("r04", "ivanova", 26, 45, "hand_out", (
        Item("Zopiclone 7.5mg tablets", "14", "Take one tablet at night"),), signed_days=1)
    # Schedule 2: who takes it is asked for identity, and the register has an entry.
    yield Story("r05", "taylor", 1, 90, "hand_out", (
        Item("Fentanyl 25micrograms/hour transdermal patches", "5", "Apply one patch every 3 days"),))
    # The prescriber asked to cancel a line when the bag was packed.
    yield Story("r06", "smith-a", 0, 290, "hand_out", (
        Item("Naproxen 500mg tablets", "56", "Take one tablet twice a day"),
        Item("Lansoprazole 30mg gastro-resistant capsules", "28", CAPSULE)), "too late")
    yield Story("r07", "chowdhury", 2, 260, "hand_out", _repeats(
        ("Clopidogrel 75mg tablets", "28", MORNING), ("Ramipril 2.5mg capsules", "28", CAPSULE),
        ("Bisoprolol 5mg tablets", "28", MORNING), ("Spironolactone 25mg tablets", "28", MORNING)))
    yield Story("r08", "fenwick", 1, 140, "hand_out", _repeats(
        ("Furosemide 40mg tablets", "56", "Take two tablets each morning"),
        ("Levothyroxine sodium 25microgram tablets", "28", MORNING), course=REPEAT_DISPENSING))
    # His mother telephoned about penicillin when the bag was packed: the hand-out stops.
    yield Story("r09", "khan", 0, 100, "hand_out", (
        Item("Flucloxacillin 500mg capsules", "28", "Take one capsule four times a day for 7 days"),),
        "allergy since")
    # On the round that is out: something of it is kept cold.
    yield Story("r11", "green-k", 0, 260, "hand_out", _repeats(
        ("Timolol 0.5% eye drops", "5", "Put one drop in both eyes twice a day"),
        ("Paracetamol 500mg tablets", "100", "Two tablets four times a day when required")))


def _accuracy() -> Iterator[Story]:
    yield Story("a01", "harris", 0, 75, "accuracy", (
        Item(AMOXICILLIN, "100", "Take 2.5ml three times a day for 7 days"),))
    yield Story("a02", "hussain", 0, 95, "accuracy", _repeats(
        ("Carbimazole 5mg tablets", "56", "Take one tablet twice a day"),
        ("Propranolol 40mg tablets", "56", "Take one tablet twice a day")))
    yield Story("a03", "davies", 0, 142, "accuracy", (
        Item("Flucloxacillin 500mg capsules", "28", "Take one capsule four times a day for 7 days"),
        Item("Paracetamol 500mg soluble tablets", "60", "Dissolve two tablets 4 times a day when required")))
    yield Story("a04", "wolfe", 1, 300, "accuracy", _repeats(
        ("Levothyroxine sodium 100microgram tablets", "28", MORNING),
        ("Amlodipine 5mg tablets", "28", MORNING), ("Losartan 50mg tablets", "28", MORNING)))
    yield Story("a05", "price", 0, 60, "accuracy", (
        Item("Lymecycline 408mg capsules", "28", "Take one capsule daily"),), "claimed")
    # Overdue: an acute one that has waited since the morning before.
    yield Story("a06", "jones-d", 1, 330, "accuracy", (
        Item("Prednisolone 5mg tablets", "30", "Take six tablets daily for 5 days"),))


def _assemble() -> Iterator[Story]:
    # Not enough on the shelf: half of it is picked, the rest is to come.
    yield Story("m01", "mensah", 0, 110, "assemble", (
        Item("Trazodone 50mg capsules", "168", "Take two capsules at night"),), "short")
    yield Story("m02", "obrien", 0, 85, "assemble", _repeats(
        ("Doxazosin 4mg tablets", "28", NIGHT)), "labelled")
    yield Story("m03", "garcia", 0, 52, "assemble", (
        Item("Diazepam 5mg tablets", "14", "Take one tablet twice a day when required"),), "referred")
    yield Story("m04", "abbott-jr", 0, 340, "assemble", _repeats(
        ("Sodium valproate 500mg gastro-resistant tablets", "60", "Take one tablet twice a day"),
        ("Carbamazepine 200mg tablets", "84", "Take one tablet three times a day")))
    yield Story("m05", "doyle", 0, 48, "assemble", (
        Item(SALBUTAMOL, "200", "Inhale two puffs when required"),))
    yield Story("m06", "zhou", 0, 66, "assemble", (
        Item("Nystatin 100,000units/ml oral suspension", "30", "Take 1ml four times a day after food"),
        Item("Ibuprofen 400mg tablets", "24", "Take one tablet three times a day after food")), "labelled")
    # In instalments: what is consumed at the counter, what is taken home, and Sunday's with Saturday's.
    yield Story("m08", "jones-d", 0, 58, "assemble", (
        Item("Diazepam 2mg tablets", "28", "Take two tablets twice a day"),), "instalments")
    yield Story("m07", "green", 1, 315, "assemble", _repeats(
        ("Gabapentin 300mg capsules", "100", "Take one capsule three times a day"),
        ("Candesartan 8mg tablets", "28", MORNING)), "half picked")


def _clinical() -> Iterator[Story]:
    # A penicillin for a patient with a recorded penicillin allergy.
    yield Story("k01", "abbott", 0, 35, "clinical", (
        Item("Amoxicillin 500mg capsules", "21", "Take one capsule three times a day for 7 days"),))
    # The same ingredient in two medicines.
    yield Story("k02", "nguyen", 0, 44, "clinical", (
        Item("Co-codamol 30mg/500mg tablets", "100", "Take two tablets four times a day"),
        Item("Paracetamol 500mg tablets", "100", "Take two tablets four times a day when required")))
    # Figures and words differ on a controlled drug.
    yield Story("k03", "taylor", 0, 58, "clinical", (
        Item("Morphine 10mg modified-release tablets", "60", "One tablet every 12 hours", words="sixteen"),))
    yield Story("k04", "davies-t", 0, 26, "clinical", (
        Item("Pregabalin 75mg capsules", "56", "Take one capsule twice a day"),
        Item("Omeprazole 20mg gastro-resistant capsules", "28", CAPSULE)))
    yield Story("k05", "reid", 0, 170, "clinical", (
        Item("Methotrexate 2.5mg tablets", "24", "Take six tablets once a week on Mondays"),))
    yield Story("k06", "bell-sr", 0, 22, "clinical", (
        Item("Diclofenac potassium 50mg tablets", "28", "Take one tablet three times a day after food"),))
    yield Story("k07", "smith", 0, 20, "clinical", _repeats(
        ("Lisinopril 20mg tablets", "28", MORNING), ("Bendroflumethiazide 2.5mg tablets", "28", MORNING),
        ("Clopidogrel 75mg tablets", "28", MORNING), ("Lansoprazole 30mg gastro-resistant capsules", "28",
         CAPSULE), course=REPEAT_DISPENSING))
    yield Story("k08", "macdonald", 0, 39, "clinical", POTASSIUM_RISK)


def _entry() -> Iterator[Story]:
    yield Story("e01", "lewis", 0, 4, "entry", (
        Item("Nystatin 100,000units/ml oral suspension", "30", "Give 1ml four times a day for 7 days"),))
    # An instruction that no rule reads in one way.
    yield Story("e02", "hughes", 0, 16, "entry", (
        Item("Prednisolone 5mg tablets", "56", "Reduce as discussed, then one on alternate days"),))
    # Prescribed by the inhaler, counted in doses.
    yield Story("e03", "ahmed", 0, 12, "entry", (
        Item(SALBUTAMOL, "1", "Inhale two puffs when required", unit="inhaler"),
        Item("Doxycycline 100mg capsules", "8", "Take two capsules today then one daily")))
    # A product that the dictionary does not know.
    yield Story("e04", "davies", 0, 31, "entry", (
        Item("Madeup emollient cream (invented)", "500", "Apply to the skin twice a day", unit="gram"),
        Item("Furosemide 40mg tablets", "28", MORNING)))
    # Overdue: acute, three hours and more ago.
    yield Story("e05", "ahmed-b", 0, 205, "entry", (
        Item(AMOXICILLIN, "100", "Give 2.5ml three times a day for 5 days"),))
    yield Story("e06", "edwards", 0, 140, "entry", _repeats(
        ("Ramipril 10mg capsules", "28", CAPSULE),
        ("Istin 5mg tablets", "28", MORNING)))
    yield Story("e07", "carter", 0, 9, "entry", (
        Item("Trimethoprim 200mg tablets", "14", "Take one tablet twice a day for 7 days"),), "claimed")
    yield Story("e08", "patel", 0, 24, "entry", (
        Item("Azathioprine 50mg tablets", "56", "Take one tablet twice a day", REPEAT),
        Item("Cefalexin 500mg capsules", "21", "Take one capsule three times a day for 7 days", ACUTE)))
    yield Story("e09", "singh", 0, 7, "entry", (
        Item("Oxycodone 40mg modified-release tablets", "56", "Take one tablet every 12 hours"),))
    yield Story("e10", "mensah", 0, 19, "entry", (
        Item("Rivaroxaban 20mg tablets", "28", "Take one tablet daily with food"),
        Item("Aspirin 75mg dispersible tablets", "28", MORNING)))
    yield Story("e11", "kowalski", 0, 2, "entry", (
        Item("Timolol 0.5% eye drops", "5", "Put one drop in both eyes twice a day"),
        Item("Nizoral 2% cream", "30", "Apply twice a day")))
    yield Story("e12", "okonkwo", 1, 285, "entry", _repeats(
        ("Metoprolol 50mg tablets", "56", "Take one tablet twice a day"),
        ("Atenolol 50mg tablets", "28", MORNING)))
