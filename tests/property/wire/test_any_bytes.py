"""Whatever arrives, it is understood or refused by name; nothing else ever happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.eps.receive import Cancel, NotForUs, Orders, receive
from pestle.wire.fhir.tree import Number, Tree, dump, freeze, parse, tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "#m1", "urn:uuid:x", "2026-02-30", "2026", "9999-12-31T23:59:59+00:00", "cancelled", "0"]
    ),
)
JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def only_refuses(data: bytes) -> None:
    """Understands the bytes or refuses them by name; any other exception fails the test."""
    refusals: tuple[Refusal, ...] = ()
    received: object = None
    try:
        received = receive(data, now=NOW)
    except Refused as refused:
        refusals = refused.refusals
    assert bool(refusals) != isinstance(received, Orders | Cancel | NotForUs)
    assert all(one.rule and one.reason for one in refusals)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    only_refuses(data)


@given(JSON, st.sampled_from(["Bundle", "Parameters", "Claim", "Task", "OperationOutcome", "Patient"]))
def test_any_resource(value: Any, kind: str) -> None:
    body = (
        value
        if isinstance(value, dict)
        else {"entry": value, "parameter": value, "item": value, "issue": value}
    )
    only_refuses(json.dumps(body | {"resourceType": kind, "type": "message"}).encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_real_messages_with_something_changed(samples: Path, data: st.DataObject) -> None:
    files = sorted((samples / "eps").glob("[0-9]*.json"))
    chance = data.draw(st.randoms(use_true_random=False))
    message = json.loads(chance.choice(files).read_bytes())
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = list(_places(message))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.choice(["drop", "change", "change", "double"]):
            case "drop":
                del holder[key]
            case "change":
                holder[key] = data.draw(JSON)
            case "double" if isinstance(holder, list):
                holder.append(holder[key])
    only_refuses(json.dumps(message).encode())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_real_messages_with_bytes_changed(samples: Path, data: st.DataObject) -> None:
    files = sorted((samples / "eps").glob("[0-9]*.json"))
    message = bytearray(data.draw(st.sampled_from(files)).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    only_refuses(
        bytes(message[: data.draw(st.integers(0, len(message)))] if data.draw(st.booleans()) else message)
    )


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10)
_NUMBERS = st.one_of(
    st.integers().map(str), st.decimals(allow_nan=False, allow_infinity=False).map(str), st.just("1e2")
).map(Number)
NODES = st.recursive(
    st.one_of(st.none(), st.booleans(), _NUMBERS, _TEXT),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=15,
)


@given(NODES)
def test_a_tree_survives_being_written_and_read(node: Any) -> None:
    sent = parse(dump(_tree(node)))
    assert sent == _tree(node)
    assert dump(sent) == dump(_tree(node))


def _tree(node: Any) -> Tree:
    return tree({"resourceType": "X", "value": freeze(node)})


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in list(pairs):
        yield node, key
        yield from _places(value)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"{}", b"[]", b'"a"', b"\xef\xbb\xbf{}", b"\x00", b"{" * 100_000]
)
def test_small_horrors(data: bytes) -> None:
    with pytest.raises(Refused):
        receive(data, now=NOW)
