"""Has anything in this chain been changed, removed or cut off?

Each link is the digest of its own content and of the link before it, and carries its place in the chain.
With a key the digest is an HMAC, so that whoever can write the database cannot make links without the key,
which lives outside it. The head keeps count and digest, so that a lost tail shows.

Source: FIPS 180-4 (SHA-256), FIPS 198-1 (HMAC).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: how many links, and the digest of the last one."""

    count: int = 0
    digest: str = START


@dataclass(frozen=True, slots=True)
class Link:
    """One stored link: its place (from 1), its content, the digest before and its own."""

    place: int
    content: Mapping[str, object]
    previous: str
    digest: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Where a chain fails first, in words."""

    place: int
    reason: str


def canonical(content: Mapping[str, object]) -> bytes:
    """The one spelling of a content that is digested: sorted keys, no spaces, UTF-8; no floats."""
    return _spell(content).encode()


_spell = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def digest(content: Mapping[str, object], *, after: Head, key: bytes = b"") -> str:
    """The digest of the link that follows `after`."""
    text = f"{after.count + 1}\n{after.digest}\n".encode() + canonical(content)
    if key:
        return hmac.digest(key, text, "sha256").hex()
    return hashlib.sha256(text).hexdigest()


def beginning(content: Mapping[str, object]) -> Head:
    """Where a chain begins that protects what it is about: before its first link stands the digest of
    that."""
    return Head(0, hashlib.sha256(canonical(content)).hexdigest())


def advance(head: Head, content: Mapping[str, object], *, key: bytes = b"") -> Head:
    """The head after one more link."""
    return Head(head.count + 1, digest(content, after=head, key=key))


def first_break(links: Iterable[Link], *, head: Head, key: bytes = b"") -> Broken | None:
    """The first place where the stored chain is not what was written; None when it is whole."""
    at = Head()
    for link in links:
        if link.place != at.count + 1:
            return Broken(at.count + 1, f"entry {at.count + 1} is missing")
        if link.previous != at.digest:
            return Broken(link.place, f"entry {link.place} does not follow the one before it")
        at = advance(at, link.content, key=key)
        if not hmac.compare_digest(at.digest, link.digest):
            return Broken(link.place, f"entry {link.place} has been changed")
    if at != head:
        return Broken(at.count + 1, f"the chain ends at entry {at.count}, its head says {head.count}")
    return None
