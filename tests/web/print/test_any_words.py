"""Whatever the words: all of them are on the paper, inside its edges, or the label is refused."""

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pypdf
from hypothesis import given, settings
from hypothesis import strategies as st

from pestle.pharmacy.documents.cautions import Caution, Placement
from pestle.pharmacy.documents.label import DispensingLabel, LabelText
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.patient import Name
from pestle.pharmacy.refusal import Refused
from pestle.web.print.labels import labels_pdf

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#[]()*_$\"'\\/@<>={}~`.,;:%+-éÀŵßñøŁ"
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=24), min_size=1, max_size=14).map(" ".join)


def label(*, medicine: str, directions: str, warnings: list[str], family: str) -> DispensingLabel:
    text = LabelText(
        patient=Name(family),
        medicine=medicine,
        directions=directions,
        directions_verbatim=True,
        pharmacy_name="Hawthorn Pharmacy",
        pharmacy_address=("12 Mill Lane, Otley, LS21 3AB",),
        supplied_on=date(2026, 11, 22),
        reference="83A7B2-A12345-00001X line 2",
        cautions=tuple(Caution(4, words, Placement.SEPARATE) for words in warnings),
    )
    return DispensingLabel("1042-1", text, Quantity(Decimal("28"), Unit("tablet")))


def printed(label_of: Callable[[], DispensingLabel]) -> bytes | str:
    """The PDF, or the name of the rule that refused it."""
    try:
        return labels_pdf([label_of()])
    except Refused as refused:
        return refused.rule


def bare(words: str) -> str:
    return "".join(words.split())


@settings(max_examples=80, deadline=None)
@given(WORDS, WORDS, st.lists(WORDS, max_size=9), st.text("ABCDEFGHIJŴÂ-’ ", min_size=1, max_size=60))
def test_every_word_is_printed_or_the_label_is_refused(
    medicine: str, directions: str, warnings: list[str], family: str
) -> None:
    pdf = printed(lambda: label(medicine=medicine, directions=directions, warnings=warnings, family=family))
    if isinstance(pdf, str):
        assert pdf in ("label.does-not-fit", "label.no-patient-name")
        return
    pages = [bare(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]
    assert bare(directions) in pages[0]
    for page in pages:
        assert bare(medicine) in page
        assert bare(family.upper()) in page
    together = "".join(pages)
    for words in warnings:
        assert bare(words) in together


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=30))
def test_nothing_but_a_refusal_is_ever_raised(words: str, family: str) -> None:
    pdf = printed(lambda: label(medicine=words, directions=words, warnings=[words], family=family))
    assert pdf.startswith("label.") if isinstance(pdf, str) else pdf.startswith(b"%PDF")
