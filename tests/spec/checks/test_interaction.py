"""Does it act badly with another medicine? Each alert has a silent twin."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import interaction as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.interaction import Interaction, List, found_by_substance
from pestle.pharmacy.definition import Source
from pestle.pharmacy.record.medication import StatementStatus
from pestle.pharmacy.record.record import Record

# one                          other                              severity      from which list
ALERTS = [
    ("Citalopram 20mg tablets", "Phenelzine 15mg tablets", "hard_stop", "onc_high"),
    ("Sumatriptan 50mg tablets", "Phenelzine 15mg tablets", "hard_stop", "onc_high"),
    ("Tramadol 50mg capsules", "Phenelzine 15mg tablets", "hard_stop", "onc_high"),
    ("Simvastatin 20mg tablets", "Clarithromycin 500mg tablets", "hard_stop", "onc_high"),
    ("Tizanidine 2mg tablets", "Ciprofloxacin 500mg tablets", "hard_stop", "onc_high"),
    ("Febuxostat 80mg tablets", "Azathioprine 50mg tablets", "hard_stop", "onc_high"),
    ("Citalopram 20mg tablets", "Hydroxyzine 25mg tablets", "hard_stop", "onc_high"),
    ("Citalopram 20mg tablets", "Ondansetron 4mg tablets", "interrupt", "national"),
    ("Warfarin 3mg tablets", "Ibuprofen 400mg tablets", "interrupt", "national"),
    ("Apixaban 5mg tablets", "Naproxen 250mg tablets", "interrupt", "national"),
    ("Warfarin 3mg tablets", "Co-trimoxazole 80mg/400mg tablets", "interrupt", "national"),
    ("Warfarin 3mg tablets", "Miconazole 20mg/g oromucosal gel", "interrupt", "national"),
    ("Warfarin 3mg tablets", "Amiodarone 200mg tablets", "interrupt", "national"),
    ("Simvastatin 20mg tablets", "Amlodipine 5mg tablets", "note", "national"),
    ("Methotrexate 2.5mg tablets", "Trimethoprim 200mg tablets", "hard_stop", "national"),
    ("Methotrexate 2.5mg tablets", "Co-trimoxazole 80mg/400mg tablets", "hard_stop, hard_stop", "national"),
    ("Methotrexate 2.5mg tablets", "Naproxen 250mg tablets", "interrupt", "national"),
    ("Lithium carbonate 400mg modified-release tablets", "Naproxen 250mg tablets", "interrupt", "national"),
    ("Lithium carbonate 400mg modified-release tablets", "Ramipril 5mg capsules", "interrupt", "national"),
    (
        "Lithium carbonate 400mg modified-release tablets",
        "Bendroflumethiazide 2.5mg tablets",
        "interrupt",
        "national",
    ),
    ("Digoxin 125microgram tablets", "Amiodarone 200mg tablets", "interrupt", "national"),
    ("Digoxin 125microgram tablets", "Verapamil 80mg tablets", "interrupt", "national"),
    ("Ramipril 5mg capsules", "Spironolactone 25mg tablets", "interrupt", "national"),
    ("Losartan 50mg tablets", "Potassium chloride 600mg modified-release tablets", "interrupt", "national"),
    (
        "Spironolactone 25mg tablets",
        "Potassium chloride 600mg modified-release tablets",
        "interrupt",
        "national",
    ),
    ("Clopidogrel 75mg tablets", "Omeprazole 20mg capsules", "interrupt", "national"),
    ("Sertraline 50mg tablets", "Sumatriptan 50mg tablets", "note", "national"),
    ("Sertraline 50mg tablets", "Tramadol 50mg capsules", "interrupt", "national"),
    ("Allopurinol 100mg tablets", "Azathioprine 50mg tablets", "hard_stop", "national"),
    (
        "Theophylline 200mg modified-release tablets",
        "Ciprofloxacin 500mg tablets",
        "interrupt",
        "national",
    ),
    ("Apixaban 5mg tablets", "Rifampicin 300mg capsules", "interrupt", "national"),
    ("Sildenafil 50mg tablets", "Isosorbide mononitrate 20mg tablets", "hard_stop", "national"),
    ("Verapamil 80mg tablets", "Bisoprolol 2.5mg tablets", "interrupt", "national"),
    ("Verapamil 80mg tablets", "Timolol 0.25% eye drops", "interrupt", "national"),
    ("Morphine 10mg modified-release tablets", "Diazepam 5mg tablets", "interrupt", "national"),
    ("Morphine 10mg modified-release tablets", "Gabapentin 300mg capsules", "interrupt", "national"),
    ("Co-codamol 30mg/500mg tablets", "Zopiclone 7.5mg tablets", "interrupt", "national"),
    ("Levothyroxine 100microgram tablets", "Ferrous fumarate 210mg tablets", "note", "national"),
    ("Levothyroxine 100microgram tablets", "Calcium carbonate 1.25g tablets", "note", "national"),
    ("Alendronic acid 70mg tablets", "Calcium carbonate 1.25g tablets", "note", "national"),
    ("Doxycycline 100mg capsules", "Ferrous fumarate 210mg tablets", "note", "national"),
    ("Ciprofloxacin 500mg tablets", "Calcium carbonate 1.25g tablets", "note", "national"),
    ("Ramipril 5mg capsules", "Ibuprofen 400mg tablets", "note", "national"),
    ("Prednisolone 5mg tablets", "Ibuprofen 400mg tablets", "interrupt", "national"),
]
SILENT = [
    ("Citalopram 20mg tablets", "Paracetamol 500mg tablets"),
    ("Sumatriptan 50mg tablets", "Paracetamol 500mg tablets"),
    ("Tramadol 50mg capsules", "Paracetamol 500mg tablets"),
    ("Ezetimibe 10mg tablets", "Clarithromycin 500mg tablets"),
    ("Tizanidine 2mg tablets", "Ciprofloxacin 0.3% eye drops"),
    ("Allopurinol 100mg tablets", "Febuxostat 80mg tablets"),
    ("Sertraline 50mg tablets", "Hydroxyzine 25mg tablets"),
    ("Sertraline 50mg tablets", "Ondansetron 4mg tablets"),
    ("Warfarin 3mg tablets", "Ibuprofen 5% gel"),
    ("Apixaban 5mg tablets", "Diclofenac 1.16% gel"),
    ("Warfarin 3mg tablets", "Trimethoprim 200mg tablets"),
    ("Apixaban 5mg tablets", "Miconazole 20mg/g oromucosal gel"),
    ("Warfarin 3mg tablets", "Bisoprolol 2.5mg tablets"),
    ("Ezetimibe 10mg tablets", "Amlodipine 5mg tablets"),
    ("Allopurinol 100mg tablets", "Trimethoprim 200mg tablets"),
    ("Allopurinol 100mg tablets", "Co-trimoxazole 80mg/400mg tablets"),
    ("Methotrexate 2.5mg tablets", "Paracetamol 500mg tablets"),
    ("Lithium carbonate 400mg modified-release tablets", "Paracetamol 500mg tablets"),
    ("Lithium carbonate 400mg modified-release tablets", "Amlodipine 5mg tablets"),
    ("Levothyroxine 100microgram tablets", "Bendroflumethiazide 2.5mg tablets"),
    ("Digoxin 125microgram tablets", "Bisoprolol 2.5mg tablets"),
    ("Digoxin 125microgram tablets", "Amlodipine 5mg tablets"),
    ("Ramipril 5mg capsules", "Bendroflumethiazide 2.5mg tablets"),
    ("Amlodipine 5mg tablets", "Potassium chloride 600mg modified-release tablets"),
    ("Bendroflumethiazide 2.5mg tablets", "Potassium chloride 600mg modified-release tablets"),
    ("Clopidogrel 75mg tablets", "Lansoprazole 30mg capsules"),
    ("Paracetamol 500mg tablets", "Sumatriptan 50mg tablets"),
    ("Sertraline 50mg tablets", "Co-codamol 30mg/500mg tablets"),
    ("Allopurinol 100mg tablets", "Paracetamol 500mg tablets"),
    ("Theophylline 200mg modified-release tablets", "Amoxicillin 500mg capsules"),
    ("Apixaban 5mg tablets", "Amoxicillin 500mg capsules"),
    ("Sildenafil 50mg tablets", "Bisoprolol 2.5mg tablets"),
    ("Amlodipine 5mg tablets", "Bisoprolol 2.5mg tablets"),
    ("Amlodipine 5mg tablets", "Timolol 0.25% eye drops"),
    ("Paracetamol 500mg tablets", "Diazepam 5mg tablets"),
    ("Paracetamol 500mg tablets", "Gabapentin 300mg capsules"),
    ("Ibuprofen 400mg tablets", "Zopiclone 7.5mg tablets"),
    ("Levothyroxine 100microgram tablets", "Simvastatin 20mg tablets"),
    ("Bisoprolol 2.5mg tablets", "Calcium carbonate 1.25g tablets"),
    ("Alendronic acid 70mg tablets", "Paracetamol 500mg tablets"),
    ("Amoxicillin 500mg capsules", "Ferrous fumarate 210mg tablets"),
    ("Ciprofloxacin 0.3% eye drops", "Calcium carbonate 1.25g tablets"),
    ("Bisoprolol 2.5mg tablets", "Ibuprofen 400mg tablets"),
    ("Warfarin 3mg tablets", "Omeprazole 20mg capsules"),
    ("Clopidogrel 75mg tablets", "Aspirin 75mg tablets"),
]


# Pairs that everybody knows, and where they are published; each is found by the substances alone.
WELL_KNOWN = [
    ("sertraline", "phenelzine", "ONC high-priority list, 8"),
    ("simvastatin", "clarithromycin", "ONC high-priority list, 25"),
    ("tizanidine", "ciprofloxacin", "ONC high-priority list, 28"),
    ("febuxostat", "azathioprine", "ONC high-priority list, 6"),
    ("warfarin", "ibuprofen", "PINCER indicator; ANSM thesaurus 2020, not recommended"),
    ("warfarin", "sulfamethoxazole", "ANSM thesaurus 2020, not recommended"),
    ("warfarin", "fluconazole", "ANSM thesaurus 2020, precaution"),
    ("warfarin", "clarithromycin", "ANSM thesaurus 2020, precaution"),
    ("methotrexate", "trimethoprim", "ANSM thesaurus 2020, contraindicated"),
    ("lithium", "ibuprofen", "ANSM thesaurus 2020, not recommended"),
    ("digoxin", "amiodarone", "ANSM thesaurus 2020, precaution"),
    ("allopurinol", "azathioprine", "ANSM thesaurus 2020, contraindicated"),
    ("sildenafil", "isosorbide mononitrate", "ANSM thesaurus 2020, contraindicated"),
]
# Often said of warfarin and penicillins, but by none of the lists that the definitions come from: left out
# until a source says it.
WITHOUT_A_SOURCE = [("warfarin", "amoxicillin")]


@pytest.mark.parametrize(("one", "other", "published"), WELL_KNOWN)
def test_a_well_known_pair_is_found(one: str, other: str, published: str) -> None:
    found = bench.KNOWLEDGE.interactions.between(*map(bench.KNOWLEDGE.substances.stem, (one, other)))
    assert found, published
    assert all(rule.severity in (Severity.HARD_STOP, Severity.INTERRUPT) for rule in found)


@pytest.mark.parametrize(("one", "other"), WITHOUT_A_SOURCE)
def test_a_pair_without_a_source_is_left_out(one: str, other: str) -> None:
    assert not bench.KNOWLEDGE.interactions.between(*map(bench.KNOWLEDGE.substances.stem, (one, other)))


def _assess(names: tuple[str, ...], record: Record, knowledge: Knowledge = bench.KNOWLEDGE) -> Assessment:
    return check.assess(bench.prescription(*names), record, knowledge=knowledge, on=bench.TODAY)


@pytest.mark.parametrize(("one", "other", "expected", "of"), ALERTS)
def test_two_lines_and_a_line_with_what_the_patient_has(one: str, other: str, expected: str, of: str) -> None:
    together = _assess((one, other), bench.record())
    assert bench.shapes(together) == expected
    assert all(found.line is None for found in together.findings)
    for line, has in ((one, other), (other, one)):
        assessment = _assess((line,), bench.record(orders=(bench.order(has),)))
        assert bench.shapes(assessment) == expected
        for found in assessment.findings:
            assert found.line == "1"
            assert {one, other} <= {each.text.split(": ", 1)[1] for each in found.why}
            assert of in found.source.definition
            assert not found.source.verified, "recalled knowledge shows as unverified"


@pytest.mark.parametrize(("one", "other"), SILENT)
def test_silent_twin(one: str, other: str) -> None:
    assert _assess((one, other), bench.record()).findings == ()
    assert _assess((one,), bench.record(orders=(bench.order(other),))).findings == ()


def test_there_are_as_many_silent_twins_as_alerts() -> None:
    assert len(SILENT) >= len(ALERTS)


# What the patient has, beside a line for ibuprofen.
FACTS = [
    ("an order", {"orders": (bench.order("Warfarin 3mg tablets"),)}, "interrupt"),
    ("a statement", {"statements": (bench.statement("Warfarin 3mg tablets"),)}, "interrupt"),
    (
        "a supply that lasts",
        {"supplies": (bench.supply("Warfarin 3mg tablets", on=date(2026, 11, 1)),)},
        "interrupt",
    ),
    (
        "a supply that is gone",
        {"supplies": (bench.supply("Warfarin 3mg tablets", on=date(2026, 10, 1)),)},
        "",
    ),
    (
        "a statement that it was stopped",
        {"statements": (bench.statement("Warfarin 3mg tablets", status=StatementStatus.STOPPED),)},
        "",
    ),
    (
        "all three, and two strengths",
        {
            "orders": (bench.order("Warfarin 3mg tablets"), bench.order("Warfarin 1mg tablets")),
            "statements": (bench.statement("Warfarin 3mg tablets"),),
            "supplies": (bench.supply("Warfarin 3mg tablets", on=date(2026, 11, 1)),),
        },
        "interrupt",
    ),
    ("nothing", {}, ""),
    ("nothing that could be read", {"orders": None, "statements": None, "supplies": None}, "not_assessed"),
]


@pytest.mark.parametrize(("fact", "parts", "expected"), FACTS, ids=[fact for fact, _, _ in FACTS])
def test_any_fact_of_the_record_counts_and_is_said_once(
    fact: str, parts: dict[str, object], expected: str
) -> None:
    assert bench.shapes(_assess(("Ibuprofen 400mg tablets",), bench.record(**parts))) == expected  # type: ignore[arg-type]


def test_a_pair_on_the_prescription_is_not_said_again_of_the_record() -> None:
    record = bench.record(orders=(bench.order("Warfarin 3mg tablets"),))
    (found,) = _assess(("Warfarin 3mg tablets", "Ibuprofen 400mg tablets"), record).findings
    assert found.line is None
    assert len(found.why) == 3


def test_the_key_is_that_of_the_pair() -> None:
    october = bench.record(supplies=(bench.supply("Warfarin 3mg tablets", on=date(2026, 10, 26)),))
    november = bench.record(supplies=(bench.supply("Warfarin 1mg tablets", on=date(2026, 11, 20)),))
    keys = {
        found.key for r in (october, november) for found in _assess(("Ibuprofen 400mg tablets",), r).findings
    }
    assert len(keys) == 1, "an answer given in October lasts for the next supply"


def test_what_is_not_matched_is_compared_by_its_name_and_still_not_assessed() -> None:
    unmatched = replace(
        bench.line("Ibuprofen 400mg tablets"), medication=bench.unmatched("Ibuprofen 400mg tablets")
    )
    record = bench.record(orders=(bench.order("Warfarin 3mg tablets"),))
    answer = check.assess(Proposed((unmatched,)), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(answer) == "interrupt, not_assessed"
    elixir = _assess(("Unlisted elixir",), record)
    assert bench.shapes(elixir) == "not_assessed"


# Of warfarin with ibuprofen, what each list says (signed: by two), and what is found.
HARD, ASK, NOTE, NOTHING = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE, None
PRECEDENCE = [
    ({List.NATIONAL: ASK}, "interrupt"),
    ({List.NATIONAL: ASK, List.LOW: NOTE}, "note"),
    ({List.NATIONAL: ASK, List.LOW: NOTHING}, ""),
    ({List.NATIONAL: NOTE, List.LOW: NOTHING}, ""),
    ({List.NATIONAL: NOTE, List.LOW: NOTE}, "note"),
    ({List.NATIONAL: HARD, List.LOW: NOTHING}, "hard_stop"),
    ({List.LOW: NOTE}, ""),
    ({List.ONC_HIGH: HARD, List.LOW: NOTHING}, "hard_stop"),
    ({List.ONC_HIGH: ASK, List.LOW: NOTHING}, "interrupt"),
    ({List.ONC_HIGH: ASK, List.NATIONAL: HARD}, "interrupt"),
    ({List.LOCAL: ASK, List.LOW: NOTHING}, "interrupt"),
    ({List.LOCAL: ASK, List.NATIONAL: NOTE}, "interrupt"),
    ({List.LOCAL: NOTE, List.NATIONAL: ASK}, "note"),
    ({List.LOCAL: NOTHING, List.NATIONAL: ASK}, ""),
    ({List.LOCAL: HARD, List.ONC_HIGH: ASK}, "hard_stop"),
    ({List.LOCAL: NOTE, List.ONC_HIGH: ASK}, "note"),
    ({List.LOCAL: ASK, List.ONC_HIGH: HARD}, "hard_stop"),
    ({List.LOCAL: NOTHING, List.ONC_HIGH: HARD}, "hard_stop"),
]


def _rule(of: List, severity: Severity | None, **fields: object) -> Interaction:
    rule = Interaction(
        title=of.value,
        of=of,
        one=frozenset({"warfarin"}),
        other=frozenset({"ibuprofen"}),
        severity=severity,
        effect="bleeding is more likely",
        do="Ask.",
        local_too=False,
        despite_low=False,
        signed_by=frozenset(),
        source=Source(of.value, verified=False, definition=f"{of.value}.yaml"),
    )
    return replace(rule, **fields)  # type: ignore[arg-type]


def _with(*rules: Interaction) -> Knowledge:
    return replace(bench.KNOWLEDGE, interactions=found_by_substance(rules))


def _warfarin_and_ibuprofen(*rules: Interaction) -> str:
    names = ("Warfarin 3mg tablets", "Ibuprofen 400mg tablets")
    return bench.shapes(_assess(names, bench.record(), _with(*rules)))


@pytest.mark.parametrize(("lists", "expected"), PRECEDENCE)
def test_local_before_high_before_national_and_the_low_list_makes_quiet(
    lists: dict[List, Severity | None], expected: str
) -> None:
    assert _warfarin_and_ibuprofen(*(_rule(of, severity) for of, severity in lists.items())) == expected


def test_two_people_may_lower_a_hard_stop_of_another_list_and_one_may_not() -> None:
    high = _rule(List.ONC_HIGH, HARD)
    one, two = frozenset({"A. One"}), frozenset({"A. One", "B. Two"})
    assert _warfarin_and_ibuprofen(high, _rule(List.LOCAL, ASK, signed_by=one)) == "hard_stop"
    assert _warfarin_and_ibuprofen(high, _rule(List.LOCAL, ASK, signed_by=two)) == "interrupt"
    assert _warfarin_and_ibuprofen(high, _rule(List.LOCAL, NOTHING, signed_by=two)) == "hard_stop"


def test_a_national_warning_may_stand_in_spite_of_the_low_list() -> None:
    low, loud = _rule(List.LOW, NOTHING), _rule(List.NATIONAL, ASK, despite_low=True)
    assert _warfarin_and_ibuprofen(loud, low) == "interrupt"
    assert _warfarin_and_ibuprofen(_rule(List.NATIONAL, ASK), low) == ""


def test_the_index_of_rules_leaves_none_out_and_adds_none() -> None:
    """Its slow twin: every rule says by itself which pairs it is about."""
    known = bench.KNOWLEDGE.interactions
    told: dict[tuple[str, str], list[Interaction]] = {}
    for rule in known.rules:
        for pair in {*product(rule.one, rule.other), *product(rule.other, rule.one)}:
            told.setdefault(pair, []).append(rule)
    assert {pair: list(known.between(*pair)) for pair in told} == told
    assert sum(len(partners) for partners in known.of.values()) == len(told)
