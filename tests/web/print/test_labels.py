"""What is on the paper: read back from the PDF and from its picture, as a person and a scanner would."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pypdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

import pestle
from pestle.pharmacy.documents.bag import BagLabel
from pestle.pharmacy.documents.cautions import Caution, Placement, cautions, read_wordings
from pestle.pharmacy.documents.label import (
    KEEP_FROM_CHILDREN,
    SKIN_ONLY,
    DispensingLabel,
    LabelText,
)
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.patient import Address, Name
from pestle.pharmacy.refusal import Refused
from pestle.web.print.labels import bag_labels_pdf, labels_pdf

WORDINGS = read_wordings(Path(pestle.__file__).parent / "definitions" / "labels" / "cautionary.yaml")

TEXT = LabelText(
    patient=Name("Smith", ("Jane",), "Mrs"),
    medicine="Amoxicillin 500mg capsules",
    directions="Take ONE capsule THREE times a day",
    directions_verbatim=False,
    pharmacy_name="Hawthorn Pharmacy",
    pharmacy_address=("12 Mill Lane", "Otley", "LS21 3AB"),
    pharmacy_telephone="01943 000000",
    supplied_on=date(2026, 11, 22),
    reference="83A7B2-A12345-00001X line 2",
    cautions=cautions([9], wordings=WORDINGS),
)

LONG_NAMES = [
    "Nurofen for Children Cold, Pain and Fever Strawberry Flavour 100mg/5ml oral suspension "
    "(Reckitt Benckiser Healthcare (UK) Ltd)",
    "Esmolol hydrochloride 2.5g powder for concentrate for solution for infusion vials "
    "(AOP Orphan Pharmaceuticals AG)",
    "Timolol 10mg / Amiloride 2.5mg / Hydrochlorothiazide 25mg tablets "
    "(Alliance Healthcare (Distribution) Ltd)",
    "Methotrexate 10mg/0.2ml solution for injection pre-filled syringes",
    "Sudafed Non-Drowsy Decongestant 60mg tablets (Waymade Healthcare Plc)",
]


def amount(value: str, unit: str = "capsule") -> Quantity:
    return Quantity(Decimal(value), Unit(unit))


def one(text: LabelText) -> DispensingLabel:
    return DispensingLabel("1042-1", text, amount("21"))


def numbered(text: LabelText, *held: str) -> list[DispensingLabel]:
    """The labels of one line, one for each container."""
    return [
        DispensingLabel(f"1042-{number}", text, amount(quantity), number, len(held))
        for number, quantity in enumerate(held, start=1)
    ]


def pages(pdf: bytes) -> list[str]:
    """The words of each page, as they are read, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def scanned(pdf: bytes, page: int = 0) -> list[str]:
    """What a scanner reads on a page printed at 203 dots an inch."""
    drawn = pypdfium2.PdfDocument(pdf)[page].render(scale=203 / 72, grayscale=True)
    rows = [bytes(drawn.buffer)[y * drawn.stride :][: drawn.width] for y in range(drawn.height)]
    picture = memoryview(b"".join(rows)).cast("B", (drawn.height, drawn.width))
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def ink_outside(pdf: bytes, margin_mm: float) -> bool:
    """Whether anything on any page is drawn nearer to the edge than this."""
    for page in pypdfium2.PdfDocument(pdf):
        drawn = page.render(scale=203 / 72, grayscale=True)
        edge = int(margin_mm / 25.4 * 203) - 1
        rows = [bytes(drawn.buffer)[y * drawn.stride :][: drawn.width] for y in range(drawn.height)]
        sides = (row[:edge] + row[-edge:] for row in rows)
        if any(min(row) < 200 for row in (*rows[:edge], *rows[-edge:], *sides)):
            return True
    return False


def overprinted(pdf: bytes) -> bool:
    """Whether on any page one line of words is drawn over another."""
    for page in pypdfium2.PdfDocument(pdf):
        words = page.get_textpage()
        boxes = [words.get_rect(at) for at in range(words.count_rects())]
        for at, (left, bottom, right, top) in enumerate(boxes):
            for other_left, other_bottom, other_right, other_top in boxes[at + 1 :]:
                across = min(right, other_right) - max(left, other_left)
                down = min(top, other_top) - max(bottom, other_bottom)
                # Tails of letters may reach a little into the line below, as they do in any book.
                if across > 0.1 and down > 1.2:
                    return True
    return False


def obligatory(text: LabelText) -> Iterable[str]:
    yield text.medicine
    yield KEEP_FROM_CHILDREN
    yield str(text.patient)
    yield "22-Nov-2026"
    yield text.pharmacy_name
    yield from text.pharmacy_address
    yield text.reference


def test_the_label_says_all_and_is_seventy_by_thirty_five() -> None:
    label = DispensingLabel("1042-1", replace(TEXT, skin_only=True), amount("21"))
    (words,) = pages(labels_pdf([label]))
    for part in (
        *obligatory(TEXT),
        *TEXT.warnings,
        SKIN_ONLY,
        TEXT.directions,
        "21 capsules",
        "01943 000000",
    ):
        assert part in words
    assert "Label" not in words
    box = pypdf.PdfReader(io.BytesIO(labels_pdf([label]))).pages[0].mediabox
    assert [float(side) / 72 * 25.4 for side in (box.width, box.height)] == pytest.approx([70, 35], abs=0.001)


def test_scanning_the_label_opens_its_pick() -> None:
    assert scanned(labels_pdf([one(TEXT)])) == ["PESTLE:L:1042-1"]


def test_the_longest_id_can_be_scanned_too() -> None:
    label = DispensingLabel("0f9c2f5e-5dc1-4f4a-9e80-2b6f0a7b1c11-99", TEXT, amount("21"))
    assert scanned(labels_pdf([label])) == [label.barcode]


def test_several_containers_are_numbered_each_with_its_quantity() -> None:
    labels = numbered(TEXT, "28", "21")
    pdf = labels_pdf(labels)
    first, second = pages(pdf)
    assert "28 capsules" in first
    assert "Label 1/2" in first
    assert "21 capsules" in second
    assert "Label 2/2" in second
    assert [scanned(pdf, page) for page in (0, 1)] == [["PESTLE:L:1042-1"], ["PESTLE:L:1042-2"]]


def test_marks_stand_on_the_label_where_known() -> None:
    marked = replace(TEXT, controlled=ControlledDrugCategory.SCHEDULE_2, fridge=True)
    assert "CD 2" in pages(labels_pdf([one(marked)]))[0]
    assert "FRIDGE" in pages(labels_pdf([one(marked)]))[0]
    longest = pages(labels_pdf([one(replace(marked, emergency=True))]))[0]
    assert all(mark in longest for mark in ("EMERGENCY SUPPLY", "CD 2", "FRIDGE"))
    plain = pages(labels_pdf([one(TEXT)]))[0]
    assert "CD" not in plain
    assert "FRIDGE" not in plain


@pytest.mark.parametrize("medicine", LONG_NAMES)
@pytest.mark.parametrize("numbers", [(), (2, 25), (2, 8, 11, 21, 30)])
def test_a_long_name_is_never_cut(medicine: str, numbers: tuple[int, ...]) -> None:
    text = replace(
        TEXT,
        medicine=medicine,
        patient=Name("Llewellyn-Ffitch-Abernathy", ("Gwenllïan", "Siân", "Ŵyn"), "Miss"),
        directions="Take TWO capsules at 8 o'clock in the MORNING and ONE at NIGHT when required for pain.",
        cautions=cautions(numbers, wordings=WORDINGS),
        controlled=ControlledDrugCategory.SCHEDULE_3_NO_REGISTER,
        fridge=True,
    )
    pdf = labels_pdf(numbered(text, "28", "28"))
    printed = pages(pdf)
    for page in printed:
        for part in (*obligatory(text), "CD 3", "FRIDGE", "28 capsules"):
            assert part in page
    for number in (1, 2):
        mine = " ".join(page for page in printed if f"Label {number}/2" in page)
        assert text.directions in mine
        for line in (*text.in_directions, *text.warnings):
            assert line in mine
    assert not ink_outside(pdf, 1.4)
    assert not overprinted(pdf)


def test_warnings_that_find_no_room_go_on_and_none_is_lost() -> None:
    text = replace(TEXT, cautions=cautions([2, 7, 8, 9, 10, 11, 14, 21, 27, 30, 32], wordings=WORDINGS))
    pdf = labels_pdf([one(text)])
    printed = pages(pdf)
    assert len(printed) > 1
    assert "More warnings on part 2" in printed[0]
    for number, page in enumerate(printed, start=1):
        assert f"Part {number} of {len(printed)}" in page
        for part in obligatory(text):
            assert part in page
        assert scanned(pdf, number - 1) == ["PESTLE:L:1042-1"]
    together = " ".join(printed)
    for line in (*text.in_directions, *text.warnings):
        assert together.count(line) == 1
    assert text.directions in printed[0]


def test_any_length_of_directions_is_clear_of_what_stands_below_or_refused() -> None:
    printed = 0
    for count in range(1, 60):
        text = replace(TEXT, directions="Take ONE " * count + "at night", cautions=())
        try:
            pdf = labels_pdf([one(text)])
        except Refused:
            break
        assert text.directions in pages(pdf)[0]
        assert not overprinted(pdf)
        assert not ink_outside(pdf, 1.4)
        printed += 1
    assert 25 < printed < 59


def test_directions_that_cannot_be_read_at_any_size_are_refused() -> None:
    endless = replace(TEXT, directions="Take ONE tablet in the morning, then " * 20)
    with pytest.raises(Refused) as refused:
        labels_pdf([one(TEXT), one(endless)])
    (refusal,) = refused.value.refusals
    assert (refusal.rule, refusal.place) == ("label.does-not-fit", "item 2")
    assert refusal.way_out


def test_a_word_wider_than_the_label_is_refused_not_cut() -> None:
    with pytest.raises(Refused) as refused:
        labels_pdf([one(replace(TEXT, medicine="Tetra" * 30))])
    assert refused.value.rule == "label.does-not-fit"


@pytest.mark.parametrize(
    "words",
    [
        "#panic()",
        '#read("/etc/passwd")',
        "[bold] *star* _under_ $x^2$ `code`",
        '"quoted" \\ back\\slash \\u{41} // comment /* c */',
        "<label> @ref = heading - list + enum",
        "does-not-fit, 1",
        "{1} {{braces}} %s ~ ...",
    ],
)
def test_words_are_never_taken_for_instructions(words: str) -> None:
    text = replace(
        TEXT,
        medicine=words,
        directions=words,
        patient=Name(words),
        cautions=(Caution(4, words, Placement.SEPARATE),),
    )
    (printed,) = pages(labels_pdf([one(text)]))
    bare = re.sub(r"\s", "", words)
    assert re.sub(r"\s", "", printed).count(bare) == 3
    assert bare.upper() in re.sub(r"\s", "", printed)


@pytest.mark.parametrize(
    "family",
    ["O’Shaughnessy", "Ŵyn-Ŷsbrydion", "Ó Ceallaigh", "Łukasiewicz", "Ďurišová", "Θεοδωράκης", "Müller-Groß"],
)
def test_names_keep_their_accents(family: str) -> None:
    patient = Name(family, ("Siân",))
    (printed,) = pages(labels_pdf([one(replace(TEXT, patient=patient))]))
    assert str(patient) in printed


def test_an_accent_sent_apart_from_its_letter_is_joined() -> None:
    (printed,) = pages(labels_pdf([one(replace(TEXT, patient=Name("Smith", ("Sia\u0302n",))))]))
    assert "SMITH, Siân" in printed


def test_letters_that_our_typeface_lacks_are_refused_not_left_blank() -> None:
    with pytest.raises(Refused) as refused:
        labels_pdf([one(replace(TEXT, patient=Name("王")))])
    assert refused.value.rule == "label.unprintable-character"
    assert "王" in str(refused.value)


def test_a_number_stays_with_its_measure() -> None:
    for filler in range(1, 30):
        text = replace(TEXT, directions=f"Take {'x' * filler} 7.5 ml in the morning")
        lines = pypdf.PdfReader(io.BytesIO(labels_pdf([one(text)]))).pages[0].extract_text().splitlines()
        assert any("7.5 ml" in line for line in lines)


def test_each_line_of_the_directions_begins_anew() -> None:
    text = replace(TEXT, directions="ONE in the morning\n\n  TWO  at night\n")
    lines = pypdf.PdfReader(io.BytesIO(labels_pdf([one(text)]))).pages[0].extract_text().splitlines()
    assert [line.strip() for line in lines[2:4]] == ["ONE in the morning", "TWO at night"]


def test_no_label_is_no_document() -> None:
    with pytest.raises(Refused) as refused:
        labels_pdf([])
    assert refused.value.rule == "label.none"


def test_the_same_labels_give_the_same_bytes_in_any_thread() -> None:
    labels = numbered(TEXT, "28", "28")
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(labels_pdf, [labels] * 12))
    assert len(made) == 1


def test_the_same_label_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib, sys; from pestle.web.print.typeset import pdf; import json;"
        "print(hashlib.sha256(pdf('bag.typ', json.loads(sys.argv[1]))).hexdigest())"
    )
    symbol = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>'
    label = {
        "patient": "SMITH",
        "address": ["x"],
        "contents": "y",
        "shelf": "B",
        "marks": [],
        "symbol": symbol,
    }
    data = json.dumps({"labels": [label]})
    runs = [
        subprocess.run(
            [sys.executable, "-c", program, data], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    ]
    assert runs[0] == runs[1] != ""


def test_only_our_fonts_are_in_the_document() -> None:
    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(labels_pdf([one(TEXT)]))).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all("LiberationSans" in font for font in fonts)


def test_the_bag_label_finds_the_patient_and_names_no_medicine() -> None:
    bag = BagLabel(
        TEXT.patient, Address(("12 Mill Lane", "Otley"), "LS21 3AB"), 2, "PESTLE:BAG:41", "B 14",
        marks=("FRIDGE", "CD BY 03-Dec-2026", "SPEAK FIRST"),
    )  # fmt: skip
    cold = replace(bag, code="PESTLE:BAG:41-FRIDGE", shelf="", part="Fridge part")
    pdf = bag_labels_pdf([bag, cold])
    words, apart = pages(pdf)
    for part in ("SMITH, Jane (Mrs)", *bag.address_lines, "2 prescriptions", "B 14", *bag.marks):
        assert part in words
    assert "Fridge part of 2 prescriptions" in apart
    assert not ink_outside(pdf, 1.4)
    assert bag_labels_pdf([bag, cold]) == pdf


def test_a_long_address_shrinks_and_an_endless_one_is_refused() -> None:
    lines = tuple(
        f"{word} House, The Old Brewery Courtyard" for word in ("First", "Second", "Third", "Fourth")
    )
    patient = Name("Llewellyn-Ffitch-Abernathy", ("Gwenllïan", "Siân"), "Miss")
    long = BagLabel(patient, Address(lines, "LS21 3AB"), 1, "PESTLE:BAG:41", "Upper shelf 4")
    (words,) = pages(bag_labels_pdf([long]))
    for part in (str(patient), *long.address_lines, "Upper shelf 4"):
        assert part in words
    with pytest.raises(Refused) as refused:
        bag_labels_pdf([replace(long, address=Address(lines * 4, "LS21 3AB"))])
    assert refused.value.rule == "bag.does-not-fit"
