"""A flat XML file gives its records one after the other; a document type is refused before it is read."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.medicines.xml_records import records
from pestle.pharmacy.refusal import Refused


def _read(text: str | bytes) -> list[tuple[str, str, dict[str, str], dict[str, str]]]:
    data = text.encode() if isinstance(text, str) else text
    found = records(BytesIO(data), root="ALL", place="f_all.xml")
    return [(one.tag, one.parent, dict(one.fields), dict(one.outer)) for one in found]


def test_a_record_has_its_fields_and_those_of_the_element_around_it() -> None:
    assert _read(
        "<ALL><PS><P><ID>1</ID><NM> A &amp; B </NM><EMPTY/><G><X>2</X></G><G><X>3</X></G></P></PS></ALL>"
    ) == [
        ("G", "P", {"X": "2"}, {"ID": "1", "NM": "A & B"}),
        ("G", "P", {"X": "3"}, {"ID": "1", "NM": "A & B"}),
        ("P", "PS", {"ID": "1", "NM": "A & B"}, {}),
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('<!DOCTYPE ALL [<!ENTITY a "aaaa">]><ALL><P><ID>&a;</ID></P></ALL>', "release.doctype"),
        ('<!DOCTYPE ALL SYSTEM "file:///etc/passwd"><ALL/>', "release.doctype"),
        ('<!DOCTYPE ALL [<!ENTITY a SYSTEM "file:///etc/passwd">]><ALL>&a;</ALL>', "release.doctype"),
        ("<OTHER/>", "release.wrong-file"),
        ("<ALL><P><ID>1</ID></P>", "release.not-xml"),
        ("", "release.not-xml"),
        ("<ALL>&nothing;</ALL>", "release.not-xml"),
        ('<?xml version="1.0" encoding="klingon"?><ALL/>', "release.not-xml"),
        ("<ALL><P><ID>1</ID><ID>2</ID></P></ALL>", "release.field-twice"),
    ],
)
def test_what_is_refused_and_by_which_name(text: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        _read(text)
    assert refused.value.rule == rule


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for attempt in (data, b"<ALL><P>" + data, b"<ALL><P><ID>" + data + b"</ID></P></ALL>"):
        with suppress(Refused):
            _read(attempt)
