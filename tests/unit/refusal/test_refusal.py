"""A refusal carries every reason, and the first one gives it its name."""

from __future__ import annotations

import pytest

from pestle.pharmacy.refusal import Refusal, Refused, refuse


def test_it_says_where_and_the_way_out() -> None:
    found = Refusal("pick.expired", "This pack expired.", "pack", "Pick another batch.")
    assert str(found) == "This pack expired. (pack) Pick another batch."
    assert str(Refusal("a.b", "No.")) == "No."


def test_all_reasons_stand_in_it() -> None:
    first, second = Refusal("a.first", "One"), Refusal("a.second", "Two", "here")
    refused = Refused(first, second)
    assert refused.refusals == (first, second)
    assert refused.rule == "a.first"
    assert str(refused) == "One; Two (here)"


def test_one_reason_ready_to_raise() -> None:
    raised = refuse("a.rule", "Because", place="there", way_out="That way")
    assert raised.refusals == (Refusal("a.rule", "Because", "there", "That way"),)


def test_a_refusal_without_a_reason_cannot_be() -> None:
    with pytest.raises(TypeError):
        Refused()
