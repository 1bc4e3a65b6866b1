"""Whatever is changed in a chain, removed, moved or cut off is found; and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.chain import Head, Link, advance, first_break

Contents = list[dict[str, object]]

VALUES: st.SearchStrategy[object] = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
CONTENTS = st.lists(
    st.dictionaries(st.text(max_size=4), VALUES | st.lists(VALUES, max_size=2), max_size=4), max_size=8
)
KEYS = st.sampled_from([b"", b"kept outside the database"])


def _chain(contents: Contents, key: bytes) -> tuple[list[Link], Head]:
    links, head = [], Head()
    for content in contents:
        after = advance(head, content, key=key)
        links.append(Link(after.count, content, head.digest, after.digest))
        head = after
    return links, head


@given(CONTENTS, KEYS)
def test_what_was_written_is_whole(contents: Contents, key: bytes) -> None:
    links, head = _chain(contents, key)
    assert first_break(links, head=head, key=key) is None
    assert head.count == len(contents)


@given(CONTENTS.filter(bool), KEYS, st.data())
def test_any_change_is_found_at_its_place(contents: Contents, key: bytes, data: st.DataObject) -> None:
    links, head = _chain(contents, key)
    at = data.draw(st.integers(0, len(links) - 1))
    link = links[at]
    name = data.draw(st.text(max_size=4))
    value = data.draw(
        VALUES.filter(lambda new: name not in link.content or _differs(new, link.content[name]))
    )
    changes: list[Callable[[], Link]] = [
        lambda: replace(link, content={**link.content, name: value}),
        lambda: replace(link, digest=f"{int(link.digest[0], 16) ^ 1:x}{link.digest[1:]}"),
        lambda: replace(link, previous=f"{int(link.previous[0], 16) ^ 1:x}{link.previous[1:]}"),
    ]
    if link.content:
        changes.append(lambda: replace(link, content=dict(list(link.content.items())[1:])))
    links[at] = data.draw(st.sampled_from(changes))()
    broken = first_break(links, head=head, key=key)
    assert broken is not None
    assert broken.place == at + 1


def _differs(one: object, other: object) -> bool:
    # In Python True is 1; in what is digested it is not.
    return type(one) is not type(other) or one != other


@given(CONTENTS.filter(bool), KEYS, st.data())
def test_any_removal_is_found_the_tail_included(contents: Contents, key: bytes, data: st.DataObject) -> None:
    links, head = _chain(contents, key)
    start = data.draw(st.integers(0, len(links) - 1))
    end = data.draw(st.integers(start + 1, len(links)))
    broken = first_break(links[:start] + links[end:], head=head, key=key)
    assert broken is not None
    assert broken.place == start + 1


@given(CONTENTS.filter(lambda contents: len(contents) > 1), KEYS, st.data())
def test_any_other_order_is_found(contents: Contents, key: bytes, data: st.DataObject) -> None:
    links, head = _chain(contents, key)
    other = data.draw(st.permutations(links).filter(lambda order: order != links))
    assert first_break(other, head=head, key=key) is not None
    # Nor does it help to write the places anew.
    renumbered = [replace(link, place=place) for place, link in enumerate(other, start=1)]
    assert first_break(renumbered, head=head, key=key) is not None


@given(CONTENTS, VALUES, KEYS)
def test_anything_added_is_found(contents: Contents, value: object, key: bytes) -> None:
    links, head = _chain(contents, key)
    longer, _ = _chain([*contents, {"added": value}], key)
    assert first_break(longer, head=head, key=key) is not None
    assert first_break([*links, *links[-1:]], head=head, key=key) is not None or not links


@given(CONTENTS.filter(bool))
def test_who_lacks_the_key_cannot_make_a_chain(contents: Contents) -> None:
    links, head = _chain(contents, b"")
    broken = first_break(links, head=head, key=b"kept outside the database")
    assert broken is not None
    assert broken.place == 1
