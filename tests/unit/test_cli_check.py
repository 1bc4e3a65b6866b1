"""``pestle check``: a Bundle in, JSON lines out, every key documented, nothing dropped in silence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pestle.cli import main
from pestle.definitions import folder
from pestle.pharmacy.checks.run import CHECKS
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.pharmacy.quantity import SNOMED

DOCUMENTED = Path(__file__).parents[2] / "docs" / "check-json.md"
NAMES = {product.name: product.id for product in read_dictionary(folder("formulary")).products()}
SUBJECT = {"reference": "Patient/p"}


def _coded(name: str) -> dict[str, Any]:
    return {"coding": [{"system": SNOMED, "code": NAMES[name], "display": name}], "text": name}


def _request(id_: str, name: str, said: str, **other: str) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": id_, "status": "active", "intent": "order",
        "subject": SUBJECT, "authoredOn": "2026-10-01", "medicationCodeableConcept": _coded(name),
        "dosageInstruction": [{"text": said}], **other,
    }  # fmt: skip


def _measured(id_: str, what: str, value: float, unit: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": id_, "status": "final", "code": {"text": what},
        "subject": SUBJECT, "effectiveDateTime": "2026-11-01",
        "valueQuantity": {"value": value, "unit": unit},
    }  # fmt: skip


def _bundle(*requests: dict[str, Any], **other: Any) -> dict[str, Any]:
    resources = [
        {"resourceType": "Patient", "id": "p", "name": [{"family": "Example", "given": ["Robin"]}],
         "gender": "female", "birthDate": "1944-05-01"},
        {"resourceType": "AllergyIntolerance", "id": "a", "patient": SUBJECT, "code": {"text": "Penicillin"},
         "recordedDate": "2020-01-01"},
        {"resourceType": "Condition", "id": "c", "subject": SUBJECT, "code": {"text": "Atrial fibrillation"},
         "clinicalStatus": {"coding": [{"code": "active"}]}},
        _measured("creatinine", "Creatinine", 180, "umol/L"),
        _measured("weight", "Body weight", 52, "kg"),
        *requests,
    ]  # fmt: skip
    return {"resourceType": "Bundle", "type": "collection",
            "entry": [{"resource": each} for each in resources], **other}  # fmt: skip


WARFARIN = _request("w", "Warfarin 3mg tablets", "Take ONE tablet ONCE a day")
IBUPROFEN = _request("i", "Ibuprofen 400mg tablets", "Take ONE tablet THREE times a day", intent="proposal")
AMOXICILLIN = _request(
    "x", "Amoxicillin 500mg capsules", "Take ONE capsule THREE times a day", status="draft"
)


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(bundle: object, *options: str) -> list[dict[str, Any]]:
        file = tmp_path / "bundle.json"
        file.write_text(json.dumps(bundle), encoding="utf-8")
        assert main(["check", str(file), "--on", "2026-11-22", *options]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asked


def _found(lines: list[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    return {(each["check"], each["severity"], each["line"]) for each in lines if each["kind"] == "finding"}


def test_what_is_proposed_is_checked_against_the_record(ask: Any) -> None:
    lines = ask(_bundle(WARFARIN, IBUPROFEN, AMOXICILLIN))
    found = _found(lines)
    assert ("allergy", "hard_stop", "x") in found
    assert ("interaction", "interrupt", "i") in found
    assert not any(line == "w" for _, _, line in found), "what the patient has is not checked by itself"
    order = ["hard_stop", "interrupt", "not_assessed", "note"]
    severities = [order.index(each["severity"]) for each in lines if each["kind"] == "finding"]
    assert severities == sorted(severities)
    (pair,) = [each for each in lines if each.get("check") == "interaction"]
    assert {fact["text"] for fact in pair["why"]} == {
        "On this prescription: Ibuprofen 400mg tablets",
        "Ordered: Warfarin 3mg tablets",
    }


def test_the_twin_that_has_no_warfarin_has_no_interaction(ask: Any) -> None:
    assert not {each for each in _found(ask(_bundle(IBUPROFEN))) if each[0] == "interaction"} - {
        ("interaction", "not_assessed", None)
    }


def test_kidneys_and_anticoagulants_are_judged_from_the_results(ask: Any) -> None:
    apixaban = _request("d", "Apixaban 5mg tablets", "Take ONE tablet TWICE a day", intent="plan")
    found = _found(ask(_bundle(apixaban)))
    assert ("doac", "interrupt", "d") in found
    assert ("renal", "interrupt", "d") in found
    small = _request("d", "Apixaban 2.5mg tablets", "Take ONE tablet TWICE a day", intent="plan")
    assert not {each for each in _found(ask(_bundle(small))) if each[0] in ("doac", "renal")}


def test_what_is_named_is_what_is_proposed(ask: Any) -> None:
    lines = ask(_bundle(WARFARIN, IBUPROFEN), "--proposed", "w")
    assert ("interaction", "interrupt", "w") in _found(lines)
    assert not any(line == "i" for _, _, line in _found(lines))


def test_what_is_not_understood_is_said_first(ask: Any) -> None:
    odd = {"resourceType": "Basic", "id": "b", "subject": SUBJECT}
    lines = ask(_bundle(IBUPROFEN, odd))
    assert lines[0]["kind"] == "not-understood"
    assert "Basic" in lines[0]["reason"]


def test_every_key_is_documented_and_every_line_of_a_kind_has_the_same(ask: Any) -> None:
    text = DOCUMENTED.read_text(encoding="utf-8")
    documented = set(re.findall(r"`(\w+)`", text))
    lines = ask(_bundle(WARFARIN, IBUPROFEN, AMOXICILLIN, {"resourceType": "Basic", "id": "b"}))
    for kind in ("finding", "not-understood"):
        ours = [each for each in lines if each["kind"] == kind]
        assert ours
        assert {frozenset(each) for each in ours} == {frozenset(ours[0])}
    keys = {"kind"} | {key for each in lines for key in _keys(each)}
    assert keys - {"kind"} <= documented
    for check in CHECKS:
        assert check.name in text


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return (set(value) - {"kind"}).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    ("content", "options", "rule"),
    [
        (json.dumps(_bundle(WARFARIN)), (), "check.nothing-proposed"),
        (json.dumps(_bundle(WARFARIN)), ("--proposed", "z"), "check.unknown-order"),
        ("{}", (), "fhir.not-a-resource"),
        ("no JSON", (), ""),
    ],
)
def test_a_refusal_says_why(
    content: str, options: tuple[str, ...], rule: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bundle.json"
    file.write_text(content, encoding="utf-8")
    assert main(["check", str(file), *options]) != 0
    said = capsys.readouterr()
    assert said.out == ""
    assert rule in said.err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert main(["check", str(tmp_path / "none.json")]) != 0
