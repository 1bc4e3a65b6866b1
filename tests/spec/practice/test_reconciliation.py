"""Medicines reconciliation: what a line says, which lines are one medicine, and what each ends as.

The tables are for a pharmacist to read: what the practice's list has, what the letter says, and what follows.
"""

from __future__ import annotations

from datetime import date

import pytest
from tests.reconciliation_cases import (
    Item,
    checks,
    dictionary,
    known,
    listed_line,
    names,
    product,
)

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.reconciliation.clock import deadline
from pestle.pharmacy.practice.reconciliation.discrepancy import (
    Discrepancy,
    Intent,
    Severity,
    Type,
    count,
    intent_of,
    type_of,
)
from pestle.pharmacy.practice.reconciliation.matching import Tie, matched
from pestle.pharmacy.practice.reconciliation.outcome import (
    Outcome,
    Proposal,
    Settled,
    check_settled,
    possible,
    proposals,
)
from pestle.pharmacy.practice.reconciliation.said import CARE_CONNECT, ITK, Says, changes_in, of_code
from pestle.pharmacy.practice.reconciliation.written import written, written_line
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.refusal import Refused

LETTER = date(2026, 11, 30)
TECHNICIAN = Person(1, "Tess Okafor", frozenset({Role.TECHNICIAN}), 1)
PHARMACIST = Person(2, "Adam Patel", frozenset({Role.PHARMACIST}), 1)
RECEPTIONIST = Person(3, "Rhys Jones", frozenset({Role.RECEPTIONIST}), 1)

# What a line says: the change, until when, and what is left of the line.
SAID = [
    ("Amlodipine 5mg tablets one daily", None, None, "Amlodipine 5mg tablets one daily"),
    ("Amlodipine 5mg tablets - stopped due to ankle swelling", Says.STOPPED, None, "Amlodipine 5mg tablets"),
    ("Stopped: amlodipine 5mg tablets", Says.STOPPED, None, "amlodipine 5mg tablets"),
    ("Amlodipine, do not stop", Says.CONTINUED, None, "Amlodipine"),
    (
        "Ramipril 5mg capsules - increased from 2.5mg - one daily",
        Says.AMENDED,
        None,
        "Ramipril 5mg capsules - one daily",
    ),
    ("Metformin withheld until 12/12/2026", Says.ON_HOLD, PartialDate(2026, 12, 12), "Metformin"),
    ("Metformin withheld until 12 December", Says.ON_HOLD, PartialDate(2026, 12, 12), "Metformin"),
    ("Metformin withheld until 3 January", Says.ON_HOLD, PartialDate(2027, 1, 3), "Metformin"),
    ("Metformin withheld until reviewed", Says.ON_HOLD, None, "Metformin"),
    ("Metformin withheld, to be resumed by GP", Says.ON_HOLD, None, "Metformin"),
    ("Metformin stopped for 5 days", Says.ON_HOLD, None, "Metformin"),
    ("Metformin stopped until 12/12/2026", Says.ON_HOLD, PartialDate(2026, 12, 12), "Metformin"),
    ("Nitrofurantoin 50mg capsules, course completed", Says.COMPLETED, None, "Nitrofurantoin 50mg capsules"),
    ("Darbepoetin, hospital only", Says.HOSPITAL_ONLY, None, "Darbepoetin"),
    ("Consider a statin", Says.RECOMMENDED, None, "a statin"),
    # A plan is not something that was done: it stays with the directions.
    ("Sertraline 50mg, increase after two weeks", None, None, "Sertraline 50mg, increase after two weeks"),
    # Two that cannot both be: a person reads them.
    ("Stop smoking advice", None, None, "Stop smoking advice"),
    ("Aspirin 75mg - stopped - restarted, new dose", None, None, "Aspirin 75mg"),
]


@pytest.mark.parametrize(("text", "says", "until", "rest"), SAID)
def test_what_the_sender_says_was_done(
    text: str, says: Says | None, until: PartialDate | None, rest: str
) -> None:
    change, left = changes_in(text, on=LETTER)
    assert (change.says, change.until, left) == (says, until, rest)
    assert change.unclear == ("restarted" in text)


# What was not done, is yet to be done, or is for a while only: what it leaves of the line.
NOT_DONE = [
    ("Ramipril 5mg - not restarted", "Ramipril 5mg"),
    ("Ramipril 5mg - to be stopped in a month", "Ramipril 5mg"),
    ("Ramipril stopped, not restarted", "Ramipril"),
    ("Apixaban 5mg - never started", "Apixaban 5mg"),
    ("Bisoprolol has not been increased", "Bisoprolol has"),
    ("Aspirin 75mg until stopped by cardiology", "Aspirin 75mg"),
    ("Stop clopidogrel 75mg for 7 days", "clopidogrel 75mg for 7 days"),
    ("Stop atorvastatin while on clarithromycin", "atorvastatin while on clarithromycin"),
]


@pytest.mark.parametrize(("text", "rest"), NOT_DONE)
def test_what_was_not_done_is_for_a_person_to_read(text: str, rest: str) -> None:
    change, left = changes_in(text, on=LETTER)
    assert (change.unclear, left) == (True, rest)


@pytest.mark.parametrize(
    ("system", "code", "says"),
    [
        (CARE_CONNECT, "Continued", Says.CONTINUED),
        (CARE_CONNECT, "Added", Says.ADDED),
        (CARE_CONNECT, "Amended", Says.AMENDED),
        (CARE_CONNECT, "On-hold", Says.ON_HOLD),
        (ITK, "5", Says.STOPPED),
        (ITK, "6", Says.ON_HOLD),
        (ITK, "8", Says.CONTINUED),
        (ITK, "11", Says.COMPLETED),
        # A cancelled or replaced order says nothing of what the patient takes.
        (ITK, "3", None),
        (ITK, "9", None),
        (ITK, "12", None),
        ("another", "5", None),
    ],
)
def test_a_code_says_the_same_as_the_word(system: str, code: str, says: Says | None) -> None:
    assert of_code(f"https://fhir.nhs.uk/STU3/CodeSystem/{system}", code) is says


# A line as it is written, the product it names ("": only the substance is sure, "?": a person says which),
# and the directions.
WRITTEN = [
    ("Amlodipine 5 mg tablet; one daily", "Amlodipine 5mg tablets", "one daily"),
    ("1. Furosemide 40 mg OD", "", "40 mg OD"),
    ("Istin 10mg tabs 1 OD", "Istin 10mg tablets", "1 OD"),
    ("Amlodipine_Tab 5mg one to be taken each day", "Amlodipine 5mg tablets", "one to be taken each day"),
    ("Bisoprolol fumarate 2.5mg tablets one each morning (heart failure)", "Bisoprolol 2.5mg tablets",
     "one each morning"),
    ("Ramipril increased to 10mg daily", "", "10mg daily"),
    ("Perindopril 4mg tablets od", "?", "od"),
    ("Perindopril erbumine 4mg tablets od", "Perindopril erbumine 4mg tablets", "od"),
    ("levothyroxin 100mcg tablets, one each morning", "?", "one each morning"),
    ("Propranolol 80mg m/r capsules one daily, unchanged", "Propranolol 80mg modified-release capsules",
     "one daily"),
    ("Something herbal", "?", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "named", "directions"), WRITTEN)
def test_a_line_of_text_is_parted_by_meaning(text: str, named: str, directions: str) -> None:
    line = written_line(text, names(), key="1", on=LETTER)
    assert line.verbatim == text
    assert (line.product.name if line.product else "" if line.meant.sure else "?") == named
    assert line.directions.text == directions


def test_a_heading_says_what_was_done_with_the_lines_below_it() -> None:
    lines = written(
        "Stopped medicines:\nAspirin 75mg tablets\n\nNew medicines:\nApixaban 5mg tablets bd", names()
    )
    assert [(line.name, line.change.says) for line in lines] == [
        ("Aspirin 75mg tablets", Says.STOPPED),
        ("Apixaban 5mg tablets", Says.ADDED),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (" \n\n", "list.empty"),
        ("Medicines:", "list.empty"),
        ("x" * 501, "list.line-too-long"),
        ("aspirin\n" * 101, "list.too-many-lines"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused(text: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        written(text, names())
    assert refused.value.rule == rule


UNCHANGED, DOSE, FORM = Outcome.UNCHANGED, Outcome.DOSE_CHANGED, Outcome.FORM_CHANGED
STOPPED, WITHHELD, HOSPITAL, QUERY = Outcome.STOPPED, Outcome.WITHHELD, Outcome.HOSPITAL_ONLY, Outcome.QUERY

# The practice's product and directions; the letter's line; what ties them; what it ends as; whether a
# technician may settle it (t) or a pharmacist does (p), and + where somebody first confirms that they are one
# medicine.
PAIRS = [
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 5mg tablets - one each day",
     Tie.PRODUCT, UNCHANGED, "t"),
    # How many is left out, as letters do: somebody says that it is one, and of a high-risk medicine a
    # pharmacist.
    ("Amlodipine 5mg tablets", "One daily", "Istin 5mg tablets od", Tie.GENERIC, UNCHANGED, "t+"),
    ("Amlodipine 5mg tablets", "Two daily", "Amlodipine 5mg tablets od", Tie.PRODUCT, QUERY, "p"),
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 5mg tablets bd", Tie.PRODUCT, QUERY, "p"),
    ("Apixaban 5mg tablets", "One twice a day", "Apixaban 5mg tablets BD", Tie.PRODUCT, UNCHANGED, "p+"),
    ("Amlodipine 5mg tablets", "One daily", "Istin 5mg tablets 1 od", Tie.GENERIC, UNCHANGED, "t"),
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 5 mg od", Tie.SUBSTANCE, UNCHANGED, "t"),
    # 100 mg twice a day is one 100 mg tablet twice a day, and two of 50 mg.
    ("Losartan 100mg tablets", "One tablet BD", "Losartan 100 mg twice a day", Tie.SUBSTANCE, UNCHANGED, "t"),
    ("Losartan 50mg tablets", "Two tablets BD", "Losartan 100mg tablets 1 BD", Tie.SUBSTANCE, FORM, "t"),
    ("Ramipril 5mg tablets", "One daily", "Ramipril 5mg capsules 1 daily", Tie.SUBSTANCE, FORM, "t"),
    # The same a day, and not the same: how often is part of it.
    ("Losartan 50mg tablets", "One tablet BD", "Losartan 100 mg once a day", Tie.SUBSTANCE, DOSE, "p"),
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 10mg tablets 1 daily", Tie.SUBSTANCE, DOSE, "p"),
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 10mg tablets 1 daily - increased from 5mg",
     Tie.SUBSTANCE, DOSE, "t"),
    ("Paracetamol 500mg tablets", "Two four times a day", "Paracetamol 500mg tablets 2 qds prn",
     Tie.PRODUCT, DOSE, "p"),
    ("Zopiclone 7.5mg tablets", "One at night", "Zopiclone 7.5mg tablets one in the morning",
     Tie.PRODUCT, DOSE, "p"),
    # Once a week is never once a day, though the sum may be the same.
    ("Methotrexate 2.5mg tablets", "Four once a week", "Methotrexate 10 mg daily", Tie.SUBSTANCE, DOSE, "p"),
    ("Methotrexate 2.5mg tablets", "Four once a week", "Methotrexate 10mg tablets 1 once a week",
     Tie.SUBSTANCE, FORM, "p"),
    ("Methotrexate 2.5mg tablets", "Four once a week", "Methotrexate 10 mg once a week",
     Tie.SUBSTANCE, UNCHANGED, "t"),
    # Modified and immediate release are never one silently.
    ("Propranolol 80mg tablets", "One daily", "Propranolol 80mg MR capsules 1 daily",
     Tie.RELEASE, FORM, "p+"),
    ("Propranolol 80mg modified-release capsules", "One daily", "Propranolol 80 mg daily",
     Tie.RELEASE, UNCHANGED, "p+"),
    ("Propranolol 80mg tablets", "One daily", "Propranolol 80 mg daily", Tie.SUBSTANCE, UNCHANGED, "t"),
    # What is kept on one product is compared as written.
    ("Warfarin 3mg tablets", "One daily", "Marevan 3mg tablets 1 daily", Tie.GENERIC, FORM, "p"),
    ("Fentanyl 50micrograms/hour transdermal patches", "One patch every 72 hours",
     "Matrifen 50micrograms/hour patches 1 patch every 72 hours", Tie.GENERIC, FORM, "p"),
    ("Fentanyl 50micrograms/hour transdermal patches", "One patch every 72 hours",
     "Fentanyl 75micrograms/hour patches 1 patch every 72 hours", Tie.SUBSTANCE, QUERY, "p"),
    ("Perindopril erbumine 4mg tablets", "One daily", "Perindopril arginine 5mg tablets 1 daily",
     Tie.SALT, DOSE, "p+"),
    ("Diazepam 10mg tablets", "One daily", "Diazepam 10mg suppositories 1 daily", Tie.ROUTE, DOSE, "p+"),
    # A slip of the pen: somebody says that it is the same.
    ("Ramipril 5mg capsules", "One daily", "Ramiprl 5mg capsules 1 daily", Tie.NAME, UNCHANGED, "t+"),
    # Only words stop, and a reason makes it technical; of a high-risk medicine nothing is.
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 5mg tablets stopped because of swelling",
     Tie.PRODUCT, STOPPED, "t"),
    ("Amlodipine 5mg tablets", "One daily", "Amlodipine 5mg tablets stopped", Tie.PRODUCT, STOPPED, "p"),
    ("Warfarin 3mg tablets", "One daily", "Warfarin 3mg tablets stopped because of a bleed",
     Tie.PRODUCT, STOPPED, "p"),
    ("Ramipril 5mg capsules", "One daily", "Ramipril withheld until 12 December",
     Tie.SUBSTANCE, WITHHELD, "t"),
    ("Ramipril 5mg capsules", "One daily", "Ramipril withheld", Tie.SUBSTANCE, WITHHELD, "p"),
    ("Ramipril 5mg capsules", "One daily", "Ramipril 5mg capsules 1 daily, changed", Tie.PRODUCT, QUERY, "p"),
    ("Ramipril 5mg capsules", "One daily", "Ramipril 5mg capsules as directed", Tie.PRODUCT, QUERY, "p"),
    ("Thalidomide 50mg tablets", "One daily", "Thalidomide 50mg tablets 1 daily hospital only",
     Tie.PRODUCT, HOSPITAL, "t"),
]  # fmt: skip


def one(listed: list[tuple[str, str]], letter: str) -> tuple[Proposal, ...]:
    """What becomes of these lines of the practice's list and this letter."""
    lines = [listed_line(str(at), Item(product(name), how)) for at, (name, how) in enumerate(listed, start=1)]
    return proposals(matched(lines, written(letter, names(), on=LETTER), known()), known())


@pytest.mark.parametrize(
    ("name", "how", "letter", "tie", "outcome", "who"), PAIRS, ids=[row[2] for row in PAIRS]
)
def test_a_pair_of_lines(name: str, how: str, letter: str, tie: Tie, outcome: Outcome, who: str) -> None:
    (proposal,) = one([(name, how)], letter)
    assert proposal.pair is not None
    assert (proposal.pair.tie, proposal.outcome) == (tie, outcome)
    assert ("t" if not proposal.clinical else "p") + "+" * proposal.confirm == who
    assert proposal.at_once == ((outcome, who) == (UNCHANGED, "t"))


def test_what_the_letter_does_not_mention_is_a_query_and_never_stopped() -> None:
    kept, silent = one([("Amlodipine 5mg tablets", "One daily"), ("Ramipril 5mg capsules", "One daily")],
                       "Amlodipine 5mg tablets 1 daily")[::-1]  # fmt: skip
    assert kept.at_once
    assert (silent.outcome, silent.technical, silent.arrived) == (QUERY, False, ())
    with pytest.raises(Refused) as refused:
        check_settled(silent, Settled(STOPPED, "not in the letter"), by=TECHNICIAN)
    assert refused.value.rule == "reconcile.not-mentioned"
    check_settled(silent, Settled(STOPPED, "stopped by me, after telephoning the ward"), by=PHARMACIST)


def test_a_new_medicine_is_started_only_where_the_letter_says_so() -> None:
    new, bare, risky = (
        one([], text)[0]
        for text in (
            "Ramipril 5mg capsules 1 daily - new",
            "Ramipril 5mg capsules 1 daily",
            "Apixaban 5mg tablets 1 bd new",
        )
    )
    assert (new.outcome, new.technical) == (Outcome.STARTED, True)
    assert (bare.outcome, bare.technical) == (QUERY, False)
    assert (risky.outcome, risky.technical) == (Outcome.STARTED, False)


def test_several_lines_may_come_to_one() -> None:
    listed = [
        ("Levothyroxine sodium 100microgram tablets", "One daily"),
        ("Levothyroxine sodium 25microgram tablets", "One daily"),
    ]
    (together,) = one(listed, "Levothyroxine 125 micrograms daily")
    assert (len(together.listed), together.outcome, together.confirm) == (2, UNCHANGED, True)
    first, _ = one(listed, "Levothyroxine 100 micrograms daily")
    assert first.outcome is Outcome.DUPLICATE
    joined = [("Amiloride 5mg tablets", "One daily"), ("Furosemide 40mg tablets", "One daily")]
    (both,) = one(joined, "Co-amilofruse 5mg/40mg tablets 1 daily")
    assert (len(both.listed), both.confirm, both.technical) == (2, True, False)


def test_what_replaces_a_stopped_strength_is_a_change_of_dose() -> None:
    (changed,) = one([("Bisoprolol 1.25mg tablets", "One daily")],
                     "Bisoprolol 1.25mg tablets - stopped\nBisoprolol 2.5mg tablets one daily")  # fmt: skip
    assert changed.outcome is DOSE
    assert len(changed.arrived) == 2


def test_the_same_twice_is_a_duplicate_for_a_pharmacist() -> None:
    duplicate, kept = one([("Amlodipine 5mg tablets", "One daily")],
                          "Amlodipine 5mg tablets 1 daily\nIstin 5mg tablets 1 daily")  # fmt: skip
    assert (duplicate.outcome, duplicate.technical) == (Outcome.DUPLICATE, False)
    assert kept.at_once


def test_high_risk_medicines_that_differ_come_first() -> None:
    made = one(
        [
            ("Amlodipine 5mg tablets", "One daily"),
            ("Ramipril 5mg capsules", "One daily"),
            ("Warfarin 3mg tablets", "One daily"),
        ],
        "Amlodipine 5mg tablets 1 daily\nRamipril 10mg capsules 1 daily\nWarfarin 3mg tablets two daily",
    )
    assert [each.listed[0].name for each in made] == [
        "Warfarin 3mg tablets",
        "Ramipril 5mg capsules",
        "Amlodipine 5mg tablets",
    ]


# Who settles it as what, and what stands in the way.
SETTLED = [
    (RECEPTIONIST, UNCHANGED, "", False, ["reconcile.role"]),
    (TECHNICIAN, DOSE, "", False, ["reconcile.clinical"]),
    (TECHNICIAN, STOPPED, "an error", False, ["reconcile.not-mentioned"]),
    (TECHNICIAN, QUERY, "", False, []),
    (TECHNICIAN, Outcome.STARTED, "", False, ["reconcile.not-possible"]),
    (PHARMACIST, DOSE, "", False, []),
    (PHARMACIST, UNCHANGED, "", False, []),
    (PHARMACIST, WITHHELD, "", False, ["reconcile.no-reason"]),
    (PHARMACIST, WITHHELD, "potassium is high", False, []),
]


@pytest.mark.parametrize(("by", "outcome", "reason", "confirmed", "rules"), SETTLED)
def test_who_may_settle_a_dose_that_differs(
    by: Person, outcome: Outcome, reason: str, confirmed: bool, rules: list[str]
) -> None:
    (proposal,) = one([("Ramipril 5mg capsules", "One daily")], "Ramipril 10mg capsules 1 daily")
    try:
        check_settled(proposal, Settled(outcome, reason, confirmed), by=by)
        found: list[str] = []
    except Refused as refused:
        found = [each.rule for each in refused.refusals]
    assert found == rules


def test_somebody_confirms_that_two_names_are_one_medicine() -> None:
    (proposal,) = one([("Ramipril 5mg capsules", "One daily")], "Ramiprl 5mg capsules 1 daily")
    with pytest.raises(Refused) as refused:
        check_settled(proposal, Settled(UNCHANGED), by=TECHNICIAN)
    assert refused.value.rule == "reconcile.confirm"
    check_settled(proposal, Settled(UNCHANGED, confirmed=True), by=TECHNICIAN)


def test_every_outcome_a_line_may_end_as() -> None:
    (both,) = one([("Ramipril 5mg capsules", "One daily")], "Ramipril 10mg capsules 1 daily")
    assert set(possible(both)) == set(Outcome) - {Outcome.STARTED}
    (arrived,) = one([], "Ramipril 10mg capsules 1 daily")
    assert set(possible(arrived)) == {Outcome.STARTED, HOSPITAL, Outcome.DUPLICATE, QUERY}


@pytest.mark.parametrize(
    ("supplies", "on", "why"),
    [
        ({}, date(2026, 12, 7), "a week from receipt"),
        ({"Amlodipine": date(2026, 12, 20)}, date(2026, 12, 7), "a week from receipt"),
        ({"Amlodipine": date(2026, 12, 3), "Ramipril": date(2026, 12, 2)}, date(2026, 12, 2),
         "the next supply of Ramipril is due"),
        ({"Amlodipine": date(2026, 11, 1)}, date(2026, 11, 30), "the next supply of Amlodipine is due"),
    ],
)  # fmt: skip
def test_the_clock_is_a_week_or_the_next_supply(supplies: dict[str, date], on: date, why: str) -> None:
    found = deadline(date(2026, 11, 30), supplies)
    assert (found.on, found.why()) == (on, why)
    assert found.days_left(date(2026, 12, 9)) < 0


def test_discrepancies_are_counted_by_type_and_severity() -> None:
    made = one(
        [
            ("Amlodipine 5mg tablets", "One daily"),
            ("Ramipril 5mg capsules", "One daily"),
            ("Losartan 50mg tablets", "One BD"),
        ],
        "Ramipril 10mg capsules 1 daily\nLosartan 50mg tablets 1 daily - reduced\n"
        "Zopiclone 7.5mg tablets 1 at night",
    )
    found = {(each.listed or each.arrived)[0].name: (type_of(each), intent_of(each)) for each in made}
    assert found == {
        "Amlodipine 5mg tablets": (Type.OMISSION, Intent.UNKNOWN),
        "Ramipril 5mg capsules": (Type.DOSE, Intent.UNKNOWN),
        "Losartan 50mg tablets": (Type.FREQUENCY, Intent.DOCUMENTED),
        "Zopiclone 7.5mg tablets": (Type.COMMISSION, Intent.UNKNOWN),
    }
    counted = count(
        [Discrepancy(Type.DOSE, Severity.SERIOUS, Intent.UNINTENTIONAL),
         Discrepancy(Type.DOSE, Severity.SERIOUS, Intent.UNKNOWN),
         Discrepancy(Type.OMISSION, Severity.NOT_JUDGED, Intent.UNKNOWN)],
        letters=2, lines=9,
    )  # fmt: skip
    assert counted.total == 3
    assert counted.by == ((Type.OMISSION, Severity.NOT_JUDGED, 1), (Type.DOSE, Severity.SERIOUS, 2))
    assert counted.of(Type.DOSE, Severity.SERIOUS) == 2
    assert counted.of(Type.ROUTE, Severity.SERIOUS) == 0


def test_the_definition_of_high_risk_names_substances_that_are_known() -> None:
    named = {name for group in known().high_risk.groups for name in group.substances}
    assert {"warfarin", "methotrexate", "morphine"} <= named
    assert dictionary().release.id
    assert checks().substances.known
