"""Letters as they really are: tables that were pasted, several medicines in a line, words that stop nothing.

Each row is a list, a letter and what comes of every line: what it ends as, by whom (`t` a technician may, `p`
a pharmacist decides, `+` somebody confirms first, `!` in one step with all that is unchanged), and the lines.
"""

from __future__ import annotations

from datetime import date

import pytest
from tests.reconciliation_cases import Item, known, listed_line, names, product

from pestle.pharmacy.practice.reconciliation.matching import matched
from pestle.pharmacy.practice.reconciliation.outcome import Proposal, proposals
from pestle.pharmacy.practice.reconciliation.written import written

DAY = date(2026, 11, 30)
AMLODIPINE = ("Amlodipine 5mg tablets", "One daily")
RAMIPRIL = ("Ramipril 5mg capsules", "One daily")
BISOPROLOL = ("Bisoprolol 2.5mg tablets", "One daily")
FUROSEMIDE = ("Furosemide 40mg tablets", "One in the morning")
LEVOTHYROXINE = ("Levothyroxine sodium 100microgram tablets", "One daily")
FENTANYL = ("Fentanyl 50micrograms/hour transdermal patches", "One patch every 72 hours")
METHOTREXATE = ("Methotrexate 2.5mg tablets", "Six once a week on Monday")
ASPIRIN = ("Aspirin 75mg dispersible tablets", "One daily")
PARACETAMOL = ("Paracetamol 500mg tablets", "Two four times a day when required")

ROWS = [
    # To stop, as an order, and what only sounds so.
    ([BISOPROLOL], "Stop bisoprolol", ["stopped p: Bisoprolol = Stop bisoprolol"]),
    ([BISOPROLOL], "Please stop bisoprolol 2.5mg od due to bradycardia", ["stopped p: Bisoprolol = Please"]),
    ([BISOPROLOL], "STOP: bisoprolol 2.5mg (bradycardia)", ["stopped p: Bisoprolol = STOP:"]),
    ([BISOPROLOL], "Bisoprolol not to be stopped", ["query p: Bisoprolol = Bisoprolol"]),
    ([BISOPROLOL], "Bisoprolol 2.5mg OD - do not stop abruptly", ["unchanged t!: Bisoprolol = Bisoprolol"]),
    ([AMLODIPINE], "Amlodipine 5mg od ?stop", ["query p: Amlodipine = Amlodipine"]),
    ([AMLODIPINE], "Stopped: none\nAmlodipine 5mg od", ["unchanged t!: Amlodipine = Amlodipine"]),
    ([AMLODIPINE], "No medicines were stopped.\nAmlodipine 5mg od",
     ["unchanged t!: Amlodipine = Amlodipine"]),
    ([AMLODIPINE], "Amlodipine 5mg - patient not taking", ["query p: Amlodipine = Amlodipine"]),
    ([RAMIPRIL], "Ramipril 5mg OD (held, restart when AKI resolves)",
     ["withheld until p: Ramipril = Ramipril"]),
    ([RAMIPRIL], "Ramipril 5mg OD restarted", ["unchanged t!: Ramipril = Ramipril"]),
    ([BISOPROLOL], "Bisoprolol 2.5mg od (stopped in error, restarted)", ["query p: Bisoprolol = Bisoprolol"]),
    ([AMLODIPINE, RAMIPRIL], "Amlodipine 10mg od (increased)\nContinue all other medicines",
     ["dose changed t: Amlodipine = Amlodipine", "query p+: – = Continue", "query p: Ramipril = –"]),
    # A word of change alone is of the line above or of those below: a person says of which.
    ([AMLODIPINE, RAMIPRIL], "Stopped:\nAmlodipine\nContinue\nRamipril 5mg od",
     ["stopped p: Amlodipine = Amlodipine", "query p+: – = Continue", "unchanged t!: Ramipril = Ramipril"]),
    ([AMLODIPINE, RAMIPRIL], "Medicines stopped:\nAmlodipine\nTTO\nRamipril 5mg od",
     ["stopped p: Amlodipine = Amlodipine", "query p+: – = TTO", "unchanged t!: Ramipril = Ramipril"]),
    # Several medicines in a line: the others are named, and not said to be missing.
    ([AMLODIPINE, RAMIPRIL], "Amlodipine and ramipril stopped",
     ["stopped p: Amlodipine = Amlodipine", "query p: Ramipril = –"]),
    ([AMLODIPINE, RAMIPRIL], "Amlodipine 5mg od, Ramipril 5mg od",
     ["query p: Amlodipine = Amlodipine", "query p: Ramipril = –"]),
    ([AMLODIPINE, RAMIPRIL], "Ramipril stopped, amlodipine 10mg started",
     ["query p: Ramipril = Ramipril", "query p: Amlodipine = –"]),
    ([ASPIRIN], "Aspirin discontinued because of bleeding, replaced by clopidogrel 75mg od",
     ["stopped p: Aspirin = Aspirin"]),
    # Tables, bullets, a medicine over several rows.
    ([FUROSEMIDE, RAMIPRIL],
     "Drug\tDose\tRoute\tFrequency\tStatus\nFurosemide\t40mg\tPO\tOM\tContinued\n"
     "Ramipril\t5mg\tPO\tOD\tStopped",
     ["stopped p: Ramipril = Ramipril", "unchanged t!: Furosemide = Furosemide"]),
    ([FUROSEMIDE, RAMIPRIL],
     "| Furosemide | 40mg | oral | once daily | unchanged |\n"
     "| Ramipril | 2.5mg | oral | once daily | reduced |",
     ["dose changed t: Ramipril = | Ramipril", "unchanged t!: Furosemide = | Furosemide"]),
    ([FUROSEMIDE], "• Furosemide 40mg PO mane", ["unchanged t!: Furosemide = • Furosemide"]),
    ([FUROSEMIDE], "1) Furosemide tabs 40mg OM", ["unchanged t!: Furosemide = 1) Furosemide"]),
    ([AMLODIPINE], "Amlodipine 5mg tablets\n  One tablet once a day",
     ["unchanged t!: Amlodipine = Amlodipine"]),
    ([AMLODIPINE], "Amlodipine 5mg tablets\nRamipril 2.5mg OD",
     ["query p: Amlodipine = Amlodipine", "query p: – = Ramipril"]),
    ([ASPIRIN], "ASPIRIN 75MG DISPERSIBLE TABLETS 75 mg oral Once a day [Unchanged]",
     ["unchanged t!: Aspirin = ASPIRIN"]),
    # An allergy is no medicine to take, and stands for none on the list.
    ([FUROSEMIDE], "Allergies: penicillin (rash)\nFurosemide 40mg OM",
     ["query p+: – = Allergies:", "unchanged t!: Furosemide = Furosemide"]),
    ([AMLODIPINE], "New allergy: amlodipine - swelling", ["query p: Amlodipine = –", "query p+: – = New"]),
    ([], "Chlorphenamine 4mg TDS PRN for allergies - new", ["started p+: – = Chlorphenamine"]),
    # Units, abbreviations, weeks and patches.
    ([LEVOTHYROXINE], "Levothyroxine 100 mcg OM", ["unchanged t!: Levothyroxine = Levothyroxine"]),
    ([LEVOTHYROXINE], "Levothyroxine 0.1mg mane", ["unchanged t!: Levothyroxine = Levothyroxine"]),
    ([LEVOTHYROXINE], "Levothyroxine 100µg od", ["unchanged t+: Levothyroxine = Levothyroxine"]),
    ([LEVOTHYROXINE], "Levothyroxine 100mg od", ["dose changed p: Levothyroxine = Levothyroxine"]),
    ([FENTANYL], "Fentanyl 50mcg/hr patch change every 72 hours", ["unchanged p+: Fentanyl = Fentanyl"]),
    ([FENTANYL], "Fentanyl 75 micrograms/hr patch every 3 days", ["query p: Fentanyl = Fentanyl"]),
    ([METHOTREXATE], "Methotrexate 15mg once weekly (Mondays)",
     ["unchanged t!: Methotrexate = Methotrexate"]),
    ([METHOTREXATE], "Methotrexate 2.5mg OD", ["dose changed p: Methotrexate = Methotrexate"]),
    ([PARACETAMOL], "Paracetamol 1g QDS PRN", ["unchanged t!: Paracetamol = Paracetamol"]),
    ([PARACETAMOL], "Paracetamol 1g QDS", ["dose changed p: Paracetamol = Paracetamol"]),
    ([("Paracetamol 500mg tablets", "Two four times a day")], "Paracetamol 500 mg - 1 g QDS",
     ["dose changed p: Paracetamol = Paracetamol"]),
    ([PARACETAMOL], "Paracetamol 500mg tablets - OTC", ["query p: Paracetamol = Paracetamol"]),
    ([("Co-codamol 30mg/500mg tablets", "Two four times a day")],
     "Codeine 30mg tablets - 2 QDS\nParacetamol 500mg tablets - 2 QDS",
     ["query p+: Co-codamol = Paracetamol", "query p+: – = Codeine"]),
    ([], "Co-amoxiclav 625mg TDS for 5 days", ["query p: – = Co-amoxiclav"]),
]  # fmt: skip


def _said(each: Proposal) -> str:
    """One line of the table."""
    who = ("p" if each.clinical else "t") + "+" * each.confirm + "!" * each.at_once
    ours = each.listed[0].called.split()[0] if each.listed else "–"
    theirs = each.arrived[0].verbatim if each.arrived else "–"
    return f"{each.outcome.value} {who}: {ours} = {theirs}"


@pytest.mark.parametrize(("listed", "letter", "comes"), ROWS, ids=[row[1][:60] for row in ROWS])
def test_what_comes_of_every_line(listed: list[tuple[str, str]], letter: str, comes: list[str]) -> None:
    ours = [listed_line(str(at), Item(product(name), how)) for at, (name, how) in enumerate(listed, start=1)]
    found = proposals(matched(ours, written(letter, names(), on=DAY), known()), known())
    told = sorted(_said(each) for each in found)
    assert len(told) == len(comes), told
    for said, expected in zip(told, sorted(comes), strict=True):
        assert said.startswith(expected), told


def test_a_line_that_names_another_medicine_says_so() -> None:
    ours = [
        listed_line(str(at), Item(product(name), how))
        for at, (name, how) in enumerate([AMLODIPINE, RAMIPRIL])
    ]
    letter = "Amlodipine and ramipril stopped because of AKI"
    stopped, named = proposals(matched(ours, written(letter, names(), on=DAY), known()), known())
    assert "The line names another medicine too: ramipril" in stopped.clinical
    assert named.why == (f"The letter names it only in the line of another medicine: “{letter}”",)
