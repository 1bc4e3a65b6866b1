"""A chain as anybody with a pencil and SHA-256 would work it out."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from pestle.pharmacy.ledger.chain import START, Broken, Head, Link, advance, canonical, digest, first_break


def test_a_link_is_the_sum_of_its_place_the_link_before_and_its_content() -> None:
    text = f"1\n{START}\n".encode() + b'{"amount":28,"who":"Zo\xc3\xab"}'
    content = {"who": "Zoë", "amount": 28}
    assert digest(content, after=Head()) == hashlib.sha256(text).hexdigest()
    assert digest(content, after=Head(), key=b"secret") == hmac.new(b"secret", text, "sha256").hexdigest()


def test_one_spelling_of_a_content() -> None:
    assert canonical({"b": [1, None, True], "a": "ä"}) == '{"a":"ä","b":[1,null,true]}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"a": float("nan")})


def test_an_empty_chain_is_whole_and_one_whose_head_says_otherwise_is_not() -> None:
    assert first_break([], head=Head()) is None
    assert first_break([], head=Head(1, "f" * 64)) == Broken(1, "the chain ends at entry 0, its head says 1")


def test_what_is_said_of_each_break() -> None:
    one = advance(Head(), {"n": 1})
    two = advance(one, {"n": 2})
    first, second = Link(1, {"n": 1}, START, one.digest), Link(2, {"n": 2}, one.digest, two.digest)
    assert first_break([first, second], head=two) is None
    assert first_break([second], head=two) == Broken(1, "entry 1 is missing")
    assert first_break([first], head=two) == Broken(2, "the chain ends at entry 1, its head says 2")
    changed = Link(1, {"n": 7}, START, one.digest)
    assert first_break([changed, second], head=two) == Broken(1, "entry 1 has been changed")
    stranger = Link(2, {"n": 2}, START, two.digest)
    assert first_break([first, stranger], head=two) == Broken(2, "entry 2 does not follow the one before it")
