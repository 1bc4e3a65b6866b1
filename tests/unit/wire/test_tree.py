"""A tree loses nothing, and refuses by name what it cannot keep."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import MAX_BYTES, Number, dump, parse


def test_numbers_keep_their_text() -> None:
    sent = parse(b'{"resourceType": "X", "a": 1.0, "b": 1e2, "c": 1, "d": -0.50, "e": 12345678901234567890}')
    assert [sent.root[key] for key in "abcde"] == [
        Number("1.0"), Number("1e2"), Number("1"), Number("-0.50"), Number("12345678901234567890"),
    ]  # fmt: skip
    assert b"1.0" in dump(sent)
    assert b"1e2" in dump(sent)
    assert root(sent).decimal("b") == Decimal(100)
    assert parse(b'{"resourceType": "X", "a": 1}') != parse(b'{"resourceType": "X", "a": 1.0}')
    assert parse(b'{"resourceType": "X", "a": 1}') != parse(b'{"resourceType": "X", "a": true}')


def test_keys_keep_their_order_and_unknown_fields_stay() -> None:
    data = '{\n  "resourceType": "X",\n  "zz": {},\n  "aa": [],\n  "new": "ü",\n  "n": null\n}\n'.encode()
    assert dump(parse(data)) == data


@pytest.mark.parametrize(
    ("data", "rule", "place"),
    [
        (b"", "fhir.not-json", "line 1, column 1"),
        (b'{"resourceType": "X",\n "a": }', "fhir.not-json", "line 2, column 7"),
        (b'{"resourceType": "X", "a": NaN}', "fhir.not-json", None),
        (b'{"resourceType": "X", "a": -Infinity}', "fhir.not-json", None),
        (b'{"resourceType": "X", "a": "\xff"}', "fhir.not-utf8", "byte 29"),
        (b'{"resourceType": "X", "a": "\\ud800"}', "fhir.text", "a"),
        (b'{"resourceType": "X", "a": ["b\\u0000"]}', "fhir.text", "a[0]"),
        (b'{"resourceType": "X", "a": [{"b": 1, "b": 2}]}', "fhir.duplicate-key", "a[0].b"),
        (b'{"resourceType": "X", "resourceType": "X"}', "fhir.duplicate-key", "resourceType"),
        (b"[1, 2]", "fhir.not-a-resource", None),
        (b'{"resourceType": 1}', "fhir.not-a-resource", None),
        (b"[" * 5000 + b"]" * 5000, "fhir.too-deep", None),
        (b" " * (MAX_BYTES + 1), "fhir.too-large", None),
    ],
)
def test_what_is_refused(data: bytes, rule: str, place: str | None) -> None:
    with pytest.raises(Refused) as refused:
        parse(data)
    assert (refused.value.refusals[0].rule, refused.value.refusals[0].place) == (rule, place)


def test_nesting_beyond_the_limit_is_refused_with_its_place() -> None:
    with pytest.raises(Refused) as refused:
        parse(b'{"resourceType": "X", "a": ' + b"[" * 70 + b"]" * 70 + b"}")
    assert refused.value.rule == "fhir.too-deep"
    assert str(refused.value.refusals[0].place).startswith("a[0][0]")


@pytest.mark.parametrize("text", ["1e99", "1e-99", "1e999999999999999999999", "1234567890123456789"])
def test_a_number_beyond_fhir_stays_in_the_tree_and_is_refused_where_it_is_read(text: str) -> None:
    sent = parse(f'{{"resourceType": "X", "a": {text}}}'.encode())
    with pytest.raises(Refused) as refused:
        root(sent).decimal("a")
    assert (refused.value.rule, refused.value.refusals[0].place) == ("fhir.number-range", "X.a")


@pytest.mark.parametrize(
    ("reader", "key"),
    [
        ("text", "n"),
        ("decimal", "t"),
        ("whole", "f"),
        ("truth", "n"),
        ("get", "t"),
        ("each", "o"),
        ("texts", "ns"),
    ],
)
def test_a_reader_refuses_another_type_with_its_place(reader: str, key: str) -> None:
    sent = parse(b'{"resourceType": "X", "n": 1, "t": "a", "f": 1.5, "o": {}, "ns": [1]}')
    with pytest.raises(Refused) as refused:
        getattr(root(sent), reader)(key)
    assert refused.value.rule == "fhir.wrong-type"
    assert str(refused.value.refusals[0].place).startswith(f"X.{key}")
