"""A definition file of wordings is read whole or refused."""

from pathlib import Path

import pytest

from pestle.pharmacy.documents.cautions import cautions, read_wordings
from pestle.pharmacy.refusal import Refused

HEADER = """
kind: cautionary_labels
title: Licensed wordings of a site
source: the site's licensed copy
notice: the site's
author: A. Pharmacist
date_checked: 2026-11-22
next_review: 2027-05-22
status: verified
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "wordings.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_site_may_bring_its_own_wordings(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + "labels:\n  4: {placement: separate, text: Official words}\n")
    wordings = read_wordings(path)
    assert wordings.source.verified
    assert [c.text for c in cautions([4], wordings=wordings)] == ["Official words"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a list of fields"),
        ("[1, 2", "cannot be read"),
        ("title: x", "does not say its kind"),
        (HEADER, "does not say its labels"),
        (
            HEADER.replace("source", "sauce") + "labels: {4: {placement: separate, text: x}}",
            "does not say its source",
        ),
        (
            HEADER.replace("2026-11-22", "soon") + "labels: {4: {placement: separate, text: x}}",
            "date_checked is a date",
        ),
        (HEADER + "labels: {4: {placement: above, text: x}}", "4: placement"),
        (HEADER + "labels: {four: {placement: separate, text: x}}", "“four”"),
        (HEADER + "labels: {4: {placement: separate}}", "does not say its text"),
        (HEADER + "labels: {4: {placement: separate, text: x}}\nwithdrawn: {20: 20}", "withdrawn: 20"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read_wordings(written(tmp_path, text))
    assert refused.value.rule.startswith("definition.")
    assert says in str(refused.value)


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "wordings.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Refused):
        read_wordings(path)
    with pytest.raises(Refused):
        read_wordings(tmp_path / "none.yaml")
