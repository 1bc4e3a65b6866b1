"""Which fixed phrases of an instruction say why, what for, with what and by whose advice?

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026); UK label wording as met in the NHS Electronic
Prescription Service examples 77e80e11 (MIT, 2026); US abbreviations as met in parserx 85d213cd (Apache-2.0).
"""

from __future__ import annotations

from itertools import product

# Notes of an event that stands for how often: “one an hour before exercise”.
_EVENTS = (
    "after bathing", "after washing",
    *(f"{at} of {what}"
      for at in ("at onset", "at the onset", "with onset", "at first sign",
      "at the first sign") for what in ("attack", "migraine", "headache", "symptoms", "pain", "gout",
      "gout attack", "flare", "gout flare")),
    *(f"{before} {what}" for before in ("before", "prior to", "after")
      for what in ("dental appointment", "dental treatment", "dental procedure", "surgery", "appointment",
      "mri",
                   "scan", "dialysis", "colonoscopy", "chemotherapy", "chemo", "workout", "the procedure")),
    "before exercise", "prior to exercise", "before activity", "before sport", "before intercourse",
    "before sexual activity", "before sex", "prior to sexual activity", "before sexual intercourse",
    "before travel", "before travelling", "before journey", "before procedure", "before the procedure",
    "prior to procedure", "before treatment", "before dental appointment", "before flight",
    "after each loose stool", "after each loose motion", "after every loose stool",
    "after each bowel movement",
    "after bowel movement", "after bowel movements", "after each meal", "just after food",
    "immediately after food", "immediately before food", "between meals",
)  # fmt: skip
_DEVICES = ("handihaler", "turbohaler", "accuhaler", "easyhaler", "ellipta", "respimat", "breezhaler",
            "inhaler",
            "aerochamber", "volumatic", "spacer", "spacer device", "nebuhaler", "evohaler",
            "autohaler")  # fmt: skip
# Doses of the night are not meant: how many a day are given does not follow.
WAKING = ("while awake", "whilst awake", "when awake", "during waking hours", "during the day",
          "in the daytime",
          "during day", "while you are awake")  # fmt: skip
_REMOVED = tuple(
    f"{then}{remove} {at}"
    for then in ("", "and ", "then ", "and then ")
    for remove in ("remove", "removed", "remove patch", "remove the patch", "take off")
    for at in ("at night", "at bedtime", "before bed", "in the evening", "every night", "each night",
               "nightly", "at nighttime", "in the morning", "every evening", "each evening"))  # fmt: skip
# With a weekly dose of folic acid.
_OTHER_DAY = (
    "the day after methotrexate", "on the day after methotrexate", "day after methotrexate",
    "on a different day to methotrexate", "a different day to methotrexate",
    "on a different day from methotrexate", "on different day to methotrexate",
    "not on methotrexate day", "not on the same day as methotrexate", "not on same day as methotrexate",
    "not on the day of methotrexate", "not the same day as methotrexate",
)  # fmt: skip
NOTES = (
    *(f"{by} {the}{device}"
      for by, the, device in product(("via", "using", "with", "through", "by"), ("", "a ", "the ",
      "your "), _DEVICES)),
    *WAKING, *_EVENTS, "as a wash", "to rinse mouth", "to rinse the mouth", "on the same days", "together",
    "on the same days each week",
    "on same days each week",
    "with food", "after food", "before food", "with or after food", "with or just after food", "with milk",
    "take with food", "take after food", "take with or after food", "take with or just after food",
    "take these tablets with or after food", "take these capsules with or after food", "with or without food",
    "on an empty stomach", "with water", "with plenty of water", "with a full glass of water",
    "with a glass of water", "in water", "dissolved in water", "sparingly", "thinly", "liberally",
    "via spacer", "via a spacer", "with food or milk", "with or after meals", "swallow whole",
    "swallowed whole", "do not crush or chew", "an hour before food", "one hour before food",
    "half an hour before food", "half hour before food",
    "an hour before food or on an empty stomach", "thin layer", "a thin layer", "dissolved under the tongue",
    "on empty stomach", "with or just after food or a meal", "with or just after food , or a meal",
    "just after food",
    "with or without meals", "with or just after a meal", "with or after a meal", "with snacks",
    "with a snack",
    "between meals", "with or before food", "immediately after food", "immediately before food",
    "one hour after food", "two hours after food",
    "at least one hour before food", "at least 1 hour before food", "at least 30 minutes before food",
    "half an hour before a meal", "before exercise", "prior to exercise", "before activity", "before sport",
    "before intercourse", "before sexual activity", "before sex", "prior to sexual activity",
    "before sexual intercourse", "before travel", "before travelling", "before journey", "before procedure",
    "before the procedure", "prior to procedure", "before treatment", "before dental appointment",
    "before flight",
    "with juice", "with orange juice", "with fruit juice", "with fluid", "with fluids",
    "with plenty of fluid",
    "with plenty of fluids", "with a full glass of water", "in a full glass of water", "in a glass of water",
    "in half a glass of water", "in half glass of water", "with half a glass of water", "in a little water",
    "in a small amount of water", "in juice", "in milk", "in water or juice", "in fruit juice",
    "in plenty of water", "after each meal", "with water only", "with a drink of water", "dissolve in water",
    "dissolved in a glass of water", "dissolved in half a glass of water", "mixed with water",
    "mixed in water",
    "mixed with food", "sprinkled on food", "on food", "gently", "generously", "evenly", "freely",
    "a small amount",
    "small amount", "a small quantity", "a little", "a pea sized amount", "pea sized amount",
    "a pea - sized amount", "pea - sized amount", "a pea size amount", "a generous amount",
    "a liberal amount",
    "a thin film", "a thin smear", "thin film", "a thin coat", "a thin coating", "ribbon",
    "via spacer device",
    "via a spacer device", "with spacer", "with a spacer", "with spacer device", "through spacer",
    "through a spacer", "using spacer", "using a spacer", "via aerochamber", "with aerochamber",
    "via volumatic",
    "via easyhaler", "using handihaler", "via handihaler", "using inhaler", "via inhaler", "by inhaler",
    "using the inhaler", "as a mouthwash", "as mouthwash", "as a gargle", "as gargle", "as a soap substitute",
    "as soap substitute", "as an emollient", "as emollient", "as a moisturiser", "as moisturiser",
    "as shampoo",
    "as a shampoo", "as a body wash", "as body wash", "as a scalp treatment", "as a bath additive",
    "in the bath",
    "in bath", "to bath", "to the bath", "to bath water", "to bathwater", "in the shower", "in shower",
    "for washing", "after washing", "after bathing", "after each bowel movement", "after bowel movement",
    "after bowel movements", "after each loose stool", "after each loose motion", "after every loose stool",
    "whole", "swallowed", "do not chew", "do not crush", "do not crush or break", "do not chew or crush",
    "do not break", "swallowed whole with water", "head down", "until finished", "until all taken",
    "until all gone",
    "until gone", "until completed", "until complete", "until course complete", "until course completed",
    "until course finished", "until course is finished", "until all used", "until the course is finished",
    "till finished", "till gone", "until all finished", "complete course", "complete the course",
    "complete full course", "finish course", "finish the course", "finish all medication", "finish all",
    "finish all of the medication", "until clear", "until cleared", "until resolved", "until healed",
    "until symptoms resolve", "until better", "and allow to dissolve", "allow to dissolve", "let dissolve",
    "and let dissolve", "to dissolve", "about 12 hours apart", "approximately 12 hours apart",
    "evenly spaced", "spaced evenly", "at the same time", "at same time",
    "at the same time of day", "the same time", "at regular intervals", "at least 4 hours apart",
    "at least four hours apart", "at least 6 hours apart", "swish and swallow", "swish and spit",
    "rinse and spit", "swish and spit out", "swish then spit", "swish then swallow", "gargle and spit",
    "gargle and swallow", "hold in mouth", "held in the mouth", "and spit", "and spit out",
    "to be held in the mouth",
    "to be allowed to dissolve on the tongue", "to be allowed to dissolve",
    "rotate sites", "rotate site", "rotating sites", "to clean dry skin", "long term", "regularly",
    "sugar free", "sf", "new dose", "dose increased", "dose reduced", "dose decreased", "dose changed",
    "short term use only", "for short term use only", "short term only", "hold in mouth as long as possible",
    "hold in the mouth as long as possible", "hold in mouth for as long as possible", "slowly in the mouth",
    "slowly in mouth", "before food or other medication", "before food or other medicines",
    "before food or drink", "before other medication", "with insulin pen", "with insulin pens",
    "with the first mouthful of food", "with first mouthful of food", *_REMOVED, *_OTHER_DAY,
    "maintenance", "via pump", "by pump", "prophylaxis", "ongoing", "as a course",
)  # fmt: skip
# Notes that also say when: an amount with one of them is an instruction, though not how often.
MEALTIMES = frozenset({
    "with food", "after food", "before food", "with or after food", "with or just after food",
    "take with food", "take after food", "take with or after food", "take with or just after food",
    "with food or milk", "with or after meals",
})  # fmt: skip
_WHEN_SAID = (*MEALTIMES, *_EVENTS)


def says_when(note: str) -> bool:
    """Whether a note also says when, so that an amount with it is an instruction."""
    return note.casefold().endswith(_WHEN_SAID)


# How a dose that goes down ends: at nothing.
STOPPED = ("until stopped", "until stopping", "till stopped", "until zero", "to zero", "to nil", "until nil",
           "to nothing", "to 0", "until off", "to stop", "down to zero", "down to nil",
           "until discontinued")  # fmt: skip

LATIN_NOTES = {"ac": "before food", "pc": "after food"}
NOW = (
    "to start", "to start with","immediately", "stat", "straight away", "at once", "as a single dose",
    "as a one off dose", "now",
       "initially", "as one dose", "single dose", "in a single dose", "as one single dose", "as a one off",
       "stat dose", "one off dose", "as a stat dose", "all at once", "as single dose", "as one off dose",
       "today only")  # fmt: skip

_BY = ("your doctor", "your gp", "the doctor", "doctor", "gp", "hospital", "the hospital", "clinic",
       "the clinic", "prescriber", "the prescriber", "your prescriber", "consultant", "specialist",
       "physician", "your physician", "package", "your pharmacist", "anticoagulant clinic",
       "the anticoagulant clinic", "diabetic clinic", "the diabetic clinic", "diabetes clinic",
       "diabetes team",
       "nurse", "your nurse", "diabetic nurse", "specialist nurse", "md", "your md", "provider",
       "your provider",
       "pharmacist", "psychiatrist", "dentist", "your dentist", "inr clinic", "warfarin clinic", "inr",
       "your specialist", "your consultant", "secondary care", "mental health team", "the specialist",
       "anticoagulation clinic", "anti coagulant clinic", "hospital specialist", "manufacturer",
       "dermatology",
       "dietician", "dietitian", "palliative care team", "physicians", "prescribing doctor",
       "gp/hospital")  # fmt: skip
_USED = ("", "use ", "take ", "apply ", "inject ", "to be used ", "to be taken ", "to be applied ")
DIRECTED = (
    "follow directions", "mdu", "uad", "ud", "as dir", "asd", "utd", "ad lib", "as instructed",
    "as discussed",
    "as advised", "as prescribed", "as needed and directed", "as per instructions", "as per instruction",
    "per instructions", "according to instructions", "as per directions", "per package instructions",
    "per package directions", "as directed on package", "as directed on pack", "as directed on the package",
    "as directed on dose pack", "as directed on packaging", "as directed per package instructions",
    "as directed per package", "follow package directions", "follow package instructions",
    "as per packaging", "as per pack", "as per packet", "as per leaflet", "as per protocol", "per protocol",
    "as per hospital", "as per hospital instructions", "as per clinic", "as per consultant",
    "as per specialist",
    "as per inr", "as per inr result", "according to inr", "per inr", "as per yellow book", "per yellow book",
    "as per anticoagulant clinic", "as per blood results", "according to blood results",
    "as per treatment plan",
    "as per management plan", "as per plan", "as per care plan", "as per chart", "as per regime",
    "as per scale",
    "as per sliding scale", "per sliding scale", "according to sliding scale", "on sliding scale",
    "sliding scale",
    "via sliding scale", "as per blood glucose", "according to blood glucose", "according to blood sugar",
    "according to blood sugars", "depending on blood sugars", "as per blood sugars", "per carb ratio",
    "according to response", "as per specialist instructions", "as per discharge letter", "as per letter",
    "as per reducing regime", "reducing dose as directed", "as usual", "as per info",
    "as per usual",
    *(f"{used}as directed" for used in _USED),
    *(f"{used}as {told} by {who}" for used, told, who in product(
        _USED, ("directed", "advised", "instructed", "prescribed", "recommended"), _BY)),
    *(f"{used}as {told}" for used, told in product(_USED[1:], ("advised", "instructed", "prescribed",
    "discussed"))),
)  # fmt: skip

_AILMENTS = (
    "pain", "constipation", "anxiety", "nausea", "vomiting", "nausea and vomiting", "nausea/vomiting",
    "diarrhoea", "diarrhea", "heart failure", "blood pressure", "high blood pressure", "cholesterol",
    "high cholesterol", "diabetes", "nerve pain", "back pain", "joint pain", "chest pain",
    "breakthrough pain",
    "migraine", "sleep", "insomnia", "itch", "itching", "indigestion", "heartburn", "reflux", "asthma",

    "breathlessness", "shortness of breath", "sob", "wheeze", "wheezing", "cough", "hay fever", "hayfever",
    "infection", "inflammation", "fever", "headache", "headaches", "depression", "epilepsy", "gout",
    "angina", "allergy", "allergies", "allergic rhinitis", "eczema", "psoriasis", "rash", "spasm", "spasms",
    "muscle spasm", "muscle spasms", "swelling", "cramps", "dizziness", "agitation", "seizures", "stomach",
    "dry eyes", "gerd", "acid reflux", "congestion", "hypertension", "mood", "thyroid", "dyspnea",
    "high temperature", "temperature", "bp", "sickness", "travel sickness", "arthritis", "palpitations",
    "stomach acid", "water retention", "erectile dysfunction", "hot flushes", "panic attacks", "anaphylaxis",
    "chest tightness", "cold sores", "dry skin", "dry eye", "itchy skin", "itchy eyes", "runny nose",
    "blocked nose", "nasal congestion", "sore throat", "sinusitis", "uti", "urinary tract infection",
    "chest infection", "ear infection", "skin infection", "eye infection", "thrush", "muscle pain",
    "period pain",
    "leg cramps", "leg pain", "neck pain", "knee pain", "shoulder pain", "hip pain", "dental pain",
    "abdominal pain",
    "stomach pain", "stomach cramps", "bloating", "ibs", "bowel spasm", "spasticity", "neuropathy",
    "neuropathic pain", "diabetic neuropathy", "sciatica", "fibromyalgia", "restless legs", "restlessness",
    "low mood", "anxiety attacks", "anxiety/sleep", "panic", "stress", "adhd", "add/adhd", "bipolar disorder",
    "psychosis",
    "dementia", "parkinsons", "parkinson's disease", "fits", "seizure", "migraines", "vertigo", "tremor",
    "afib",
    "atrial fibrillation", "copd", "heart", "heart rate", "heart failure", "fluid", "fluid retention",
    "oedema",
    "edema", "stroke prevention", "blood clots", "blood thinner", "blood sugar", "blood sugars",
    "high blood sugar",
    "low blood sugar", "hypoglycaemia", "hypoglycemia", "anaemia", "anemia", "iron deficiency", "low iron",
    "vitamin d deficiency", "vitamin deficiency", "osteoporosis", "bones", "bone health", "bone protection",
    "thyroid disease", "underactive thyroid", "overactive thyroid", "bladder", "overactive bladder",
    "prostate", "bph",
    "urinary symptoms", "incontinence", "contraception", "birth control", "hrt", "menopause",
    "nausea or vomiting",
    "sleep/anxiety", "allergic reaction", "allergic reactions", "severe allergic reaction", "hives", "acne",
    "rosacea",
    "skin", "scalp", "wound", "burning", "burn", "irritation", "redness", "discomfort", "pain/fever",
    "fever/pain",
    "fever or pain", "pain and inflammation", "pain or inflammation", "cough/congestion",
    "cough and congestion",
    "cough/wheeze", "wheezing/sob", "sob/wheezing", "wheeze/sob", "sob/wheeze",
    "shortness of breath or wheezing",
    "wheezing or shortness of breath", "loose stools", "loose stool", "hemorrhoids", "haemorrhoids", "piles",
    "cp", "ha", "n/v", "nv", "bm", "malaria prevention", "malaria", "worms", "threadworm", "headlice",
    "scabies",
    "shingles", "herpes", "covid", "flu", "pneumonia", "bronchitis", "cellulitis", "h pylori",
    "arthritis pain",
    "rheumatoid arthritis", "lupus", "hiccups", "dry mouth", "excess saliva", "sweating", "opioid reversal",
    "overdose", "opioid overdose", "withdrawal", "smoking cessation", "alcohol", "weight loss", "appetite",
    "itchiness", "hypothyroidism", "hyperlipidemia", "hypertension", "htn", "dm", "chf", "cad", "gastritis",
    "stomach protection", "gastroprotection", "gastric protection", "joint stiffness", "stiffness",
    "muscle stiffness",
)  # fmt: skip
_HOW = ("mild", "moderate", "severe", "moderate to severe", "mild to moderate", "severe/breakthrough",
        "mild or moderate",
        "moderate or severe", "acute", "chronic", "bad")  # fmt: skip
REASONS = (*_AILMENTS, *(f"{how} pain" for how in _HOW), "pain relief", "pain and fever", "pain or fever",
           "relief of pain", "pain control")  # fmt: skip
_HELP = ("lower", "reduce", "control", "treat", "prevent", "help", "relieve", "improve", "manage",
         "help with", "stop",
         "thin", "protect", "regulate", "slow")  # fmt: skip
_TROUBLES = ("cholesterol", "blood pressure", "bp", "stomach acid", "acid", "pain", "inflammation",
             "blood sugar",
             "blood sugars", "migraine", "migraines", "swelling", "sleep", "angina", "gout", "infection",
             "asthma",
             "stroke", "strokes", "heart attack", "heart attacks", "blood clots", "clots", "clotting",
             "nausea",
             "sickness", "constipation", "diabetes", "heart rate", "heart", "stomach", "blood", "kidneys",
             "fluid retention", "risk of stroke", "risk of heart attack", "breathing", "mood", "anxiety",
             "itching",
             "bones", "cramps", "symptoms", "fluid", "hay fever", "seizures", "fits",
             "heart failure")  # fmt: skip
PURPOSES = (
    *(f"to {helping}{verb} {whose}{what}"
      for helping, verb, whose, what in product(("", "help "), _HELP, ("", "your ", "the "), _TROUBLES)),
    *(f"to {test} {what}" for test in ("test", "check", "monitor", "measure")
      for what in ("blood glucose", "blood sugar", "blood sugars", "blood glucose levels", "glucose")),
    "to help you sleep",
)  # fmt: skip
# What begins advice that says nothing of the dose; it runs to the end of its sentence.
ADVICE = (
    "avoid", "do not drive", "do not operate", "do not drink", "do not lie down", "do not lie",
    "do not swallow",
    "do not stop", "do not take with", "do not take at the same time as", "do not take indigestion remedies",
    "do not take antacids", "do not take anything containing aspirin", "do not take with any other",
    "do not expose", "do not share", "don't stop", "dont stop", "do not breastfeed", "do not use near",
    "rinse mouth", "rinse your mouth", "rinse the mouth", "rinse mouth out", "rinse out mouth", "wash mouth",
    "gargle after", "wash hands", "wash your hands", "wash off", "shake", "shake well", "shake the bottle",
    "shake bottle", "discard", "dispose", "store", "keep", "refrigerate", "protect from", "warning",
    "caution", "nb",
    "note", "see leaflet", "read leaflet", "read the leaflet", "read the additional information",
    "review", "please review", "medication review", "needs review", "need review", "for review", "review due",
    "blood test", "blood tests", "bloods", "needs blood test", "bp check", "bp review", "annual review",
    "appointment", "needs appointment", "need appointment", "must be seen", "needs to be seen", "due for",
    "please make", "make appointment", "please book", "book", "please contact", "contact", "please see",
    "please arrange",
    "see gp", "see your gp", "see doctor", "needs", "remain upright", "stay upright", "sit upright",
    "sit or stand upright",
    "stand upright", "drink plenty", "plenty of fluids", "this medicine", "this medication", "this replaces",
    "replaces", "this is", "these", "they replace", "contains", "contains aspirin", "contains paracetamol",
    "remember", "patient", "pt", "tell your", "consult", "ask your", "carry", "limit", "use sunscreen",
    "flammable",
    "keep away", "may colour", "may color", "may stain", "may make you", "store in", "brand", "generic",
    "dispense",
    "call 911", "call 999", "dial 999", "due review", "review overdue", "overdue review", "due blood test",
    "due bloods", "do not give", "no refills", "refill", "last refill", "ok to fill", "fill on",
    "do not fill", "reduces",
    "helps",
    "used to treat", "used for", "it is", "inform", "notify", "remove old patch", "remove & discard",
    "remove and discard",
    "remove patch", "remove after", "remove within", "take off", "then remove after", "rotate",
    "apply to a different",
    "use a different", "leave on", "leave in", "wait at least", "ensure", "max strength", "strictly",
    "suitable for",
    "important", "stop if", "stop taking if", "no alcohol", "with care", "spit out", "do not rinse", "spit",
)  # fmt: skip
# Advice that could be half of the instruction, where no full stop or comma stands before it.
SET_APART = ("may cause", "causes", "may", "can cause", "this may cause", "possible drowsiness")
LIQUIDS = ("water", "juice", "milk", "fluid", "liquid", "fruit juice", "orange juice", "apple juice",
           "cold water",
           "warm water", "beverage", "water or juice", "juice or water")  # fmt: skip
EARLIEST = ("on the first day", "on first day", "on the 1st day", "first day", "for the first day", "today",
            "the first day", "for first day")  # fmt: skip
