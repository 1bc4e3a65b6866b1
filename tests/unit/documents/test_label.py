"""What a label says, and what it refuses to be."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pestle.pharmacy.documents.cautions import Caution, Placement
from pestle.pharmacy.documents.label import (
    SKIN_ONLY,
    DispensingLabel,
    LabelText,
    containers_of,
    label_id,
)
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.patient import Name
from pestle.pharmacy.refusal import Refused

TEXT = LabelText(
    patient=Name("Smith", ("Jane",), "Mrs"),
    medicine="Amoxicillin 500mg capsules",
    directions="Take ONE capsule THREE times a day",
    directions_verbatim=False,
    pharmacy_name="Hawthorn Pharmacy",
    pharmacy_address=("12 Mill Lane", "Otley", "LS21 3AB"),
    supplied_on=date(2026, 11, 22),
    reference="83A7B2-A12345-00001X line 2",
    cautions=(),
)


def amount(value: str, unit: str = "capsule") -> Quantity:
    return Quantity(Decimal(value), Unit(unit))


@pytest.mark.parametrize(
    ("missing", "rule"),
    [
        ({"patient": Name("  ")}, "label.no-patient-name"),
        ({"medicine": ""}, "label.no-medicine-name"),
        ({"directions": " \n"}, "label.no-directions"),
        ({"pharmacy_name": ""}, "label.no-pharmacy-name"),
        ({"pharmacy_address": ()}, "label.no-pharmacy-address"),
        ({"pharmacy_address": ("", " ")}, "label.no-pharmacy-address"),
        ({"reference": ""}, "label.no-reference"),
        ({"medicine": "Amoxi\x00cillin"}, "label.invisible-character"),
        ({"directions": "Take \u202e1 tablet"}, "label.invisible-character"),
        ({"precautions": ("Not for\u200b children",)}, "label.invisible-character"),
    ],
)
def test_nothing_obligatory_may_be_missing(missing: dict[str, object], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        replace(TEXT, **missing)  # type: ignore[arg-type]
    assert refused.value.rule == rule


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(Refused) as refused:
        replace(TEXT, directions="", medicine="")
    assert [r.rule for r in refused.value.refusals] == ["label.no-medicine-name", "label.no-directions"]


def test_all_warnings_are_there_and_each_in_its_place() -> None:
    text = replace(
        TEXT,
        precautions=("Not near the eyes.",),
        skin_only=True,
        cautions=(
            Caution(28, "Spread thinly.", Placement.IN_DIRECTIONS),
            Caution(15, "Flammable.", Placement.SEPARATE),
            Caution(11, "Protect your skin.", Placement.SEPARATE),
        ),
    )
    assert text.in_directions == ("Spread thinly.",)
    assert text.warnings == ("Not near the eyes.", SKIN_ONLY, "Flammable.", "Protect your skin.")


@pytest.mark.parametrize(
    ("controlled", "fridge", "marks"),
    [
        (None, None, ()),
        (ControlledDrugCategory.NONE, False, ()),
        (ControlledDrugCategory.SCHEDULE_2, False, ("CD 2",)),
        (ControlledDrugCategory.SCHEDULE_3_TEMAZEPAM, True, ("CD 3", "FRIDGE")),
        (ControlledDrugCategory.SCHEDULE_4_BENZODIAZEPINE, None, ("CD 4",)),
        (ControlledDrugCategory.SCHEDULE_5, True, ("FRIDGE",)),
    ],
)
def test_marks_only_say_what_is_known(
    controlled: ControlledDrugCategory | None, fridge: bool | None, marks: tuple[str, ...]
) -> None:
    assert replace(TEXT, controlled=controlled, fridge=fridge).marks == marks
    emergency = replace(TEXT, controlled=controlled, fridge=fridge, emergency=True)
    assert emergency.marks == ("EMERGENCY SUPPLY", *marks)


def test_what_is_unknown_is_said() -> None:
    assert replace(TEXT, cautions=None).unknowns[0] == "cautionary labels: unknown for this product"
    known = replace(TEXT, skin_only=False, controlled=ControlledDrugCategory.NONE, fridge=False)
    assert known.unknowns == ()


@pytest.mark.parametrize(
    ("supplied", "pack", "held"),
    [
        ("56", "28", ["28", "28"]),
        ("63", "28", ["28", "28", "7"]),
        ("7", "28", ["7"]),
        ("12.5", "5", ["5", "5", "2.5"]),
    ],
)
def test_a_supply_is_divided_over_packs(supplied: str, pack: str, held: list[str]) -> None:
    containers = containers_of(amount(supplied), pack=amount(pack))
    assert [container.value for container in containers] == [Decimal(value) for value in held]


@pytest.mark.parametrize(
    ("supplied", "pack", "rule"),
    [
        (amount("56"), amount("28", "tablet"), "label.units-differ"),
        (amount("0"), amount("28"), "label.no-quantity"),
        (amount("28"), amount("0"), "label.no-quantity"),
        (amount("2800"), amount("28"), "label.too-many-containers"),
    ],
)
def test_what_cannot_be_divided(supplied: Quantity, pack: Quantity, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        containers_of(supplied, pack=pack)
    assert refused.value.rule == rule


@pytest.mark.parametrize("id", ["", "a b", "é", "-1", "x" * 41])
def test_an_id_must_go_into_a_barcode(id: str) -> None:
    with pytest.raises(Refused) as refused:
        DispensingLabel(id, TEXT, amount("28"))
    assert refused.value.rule == "label.id"


@pytest.mark.parametrize(("number", "of"), [(0, 1), (2, 1), (1, 100)])
def test_a_label_is_one_of_its_line(number: int, of: int) -> None:
    with pytest.raises(Refused) as refused:
        DispensingLabel("1", TEXT, amount("28"), number, of)
    assert refused.value.rule == "label.number"


def test_a_scan_gives_the_label_back() -> None:
    assert label_id(DispensingLabel("1042-2", TEXT, amount("28")).barcode + "\r\n") == "1042-2"


@pytest.mark.parametrize("scan", ["", "1042", "PESTLE:L:", "PESTLE:L:a b", "pestle:l:1", "0109521234543213"])
def test_another_barcode_is_not_taken_for_a_label(scan: str) -> None:
    with pytest.raises(Refused) as refused:
        label_id(scan)
    assert refused.value.rule == "label.not-our-barcode"
