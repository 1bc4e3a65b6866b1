"""When may a near miss be recorded as it is told, and what do those of a period have in common?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pestle import definitions
from pestle.pharmacy.dispensary.near_miss import (
    Harm,
    Named,
    NearMiss,
    NoticedBy,
    Reached,
    Stage,
    meant_for,
    near_miss_refusals,
    read_vocabulary,
)
from pestle.pharmacy.dispensary.near_miss_counts import Pair, by_kind_and_stage, by_week, pairs

WORDS = read_vocabulary(definitions.folder("near_misses"))
MONDAY = date(2026, 11, 2)
AMLODIPINE_5, AMLODIPINE_10 = Named("5", "Amlodipine 5mg tablets"), Named("10", "Amlodipine 10mg tablets")
ATENOLOL, BY_HAND = Named("50", "Atenolol 50mg tablets"), Named("", "amlodipine 5MG tablets")
CAUGHT = NearMiss(
    "strength", Stage.ASSEMBLY, MONDAY, Reached.NO, Harm.NONE, NoticedBy.CHECKER, "10 mg in the bag",
    meant=AMLODIPINE_5, picked=AMLODIPINE_10,
)  # fmt: skip
TOLD = "Ruth telephoned her at 10:15, she had taken none"


@pytest.mark.parametrize(("what", "handed_out", "refused"), [
    # what is told differently             handed out  what is refused
    ({},                                   False, ""),
    ({},                                   None,  ""),
    ({"kind": ""},                         False, "no-type"),
    ({"factors": ("gremlins",)},           False, "factor"),
    ({"words": "  "},                      False, "no-words"),
    ({"happened_on": date(2026, 11, 3)},   False, "day-ahead"),
    ({"reached": Reached.YES, "candour": TOLD}, False, "not-handed-out"),
    ({"reached": Reached.UNKNOWN},         False, "not-handed-out"),
    ({"reached": Reached.UNKNOWN},         True,  ""),
    ({"reached": Reached.UNKNOWN},         None,  ""),
    ({"reached": Reached.YES},             True,  "no-candour"),
    ({"reached": Reached.YES, "candour": TOLD}, True,  ""),
    ({"reached": Reached.YES, "candour": TOLD, "harm": Harm.SOME}, None, ""),
    ({"reached": Reached.YES, "candour": TOLD, "harm": Harm.UNKNOWN}, None, ""),
    ({"harm": Harm.SOME},                  None,  "harm-without-reach"),
    ({"reached": Reached.UNKNOWN, "harm": Harm.SOME}, None, "harm-without-reach"),
    ({"picked": BY_HAND},                  False, "same-medicine"),
    ({"meant": None},                      False, ""),
])  # fmt: skip
def test_what_may_be_recorded(what: dict[str, Any], handed_out: bool | None, refused: str) -> None:
    told = replace(CAUGHT, **what)
    found = near_miss_refusals(told, vocabulary=WORDS, on=MONDAY, handed_out=handed_out)
    assert [one.rule for one in found] == ([f"near-miss.{refused}"] if refused else [])


def test_every_week_stands_in_the_picture_also_an_empty_one() -> None:
    later = replace(CAUGHT, happened_on=date(2026, 11, 22), reached=Reached.YES)
    weeks = by_week([CAUGHT, CAUGHT, later], first=date(2026, 11, 5), last=date(2026, 11, 23))
    assert [(f"{week.monday:%d}", week.caught, week.reached, week.unknown) for week in weeks] == [
        ("02", 2, 0, 0), ("09", 0, 0, 0), ("16", 0, 1, 0), ("23", 0, 0, 0),
    ]  # fmt: skip


def test_types_stand_by_how_often_and_stages_in_their_order() -> None:
    told = [CAUGHT, replace(CAUGHT, kind="label", stage=Stage.LABEL), replace(CAUGHT, stage=Stage.HAND_OUT)]
    kinds, stages = by_kind_and_stage(told)
    assert kinds == [("strength", 2), ("label", 1)]
    assert stages == [(Stage.LABEL, 1), (Stage.ASSEMBLY, 1), (Stage.HAND_OUT, 1)]


def test_a_pair_counts_in_either_direction_and_leads_to_what_the_dictionary_has() -> None:
    told = [
        replace(CAUGHT, meant=BY_HAND),
        replace(CAUGHT, meant=AMLODIPINE_10, picked=AMLODIPINE_5),
        replace(CAUGHT, picked=ATENOLOL),
        replace(CAUGHT, picked=None),
    ]
    assert pairs(told) == [Pair(AMLODIPINE_10, AMLODIPINE_5, 2), Pair(AMLODIPINE_5, ATENOLOL, 1)]


@pytest.mark.parametrize(
    ("picked", "prescribed", "meant"),
    [
        (ATENOLOL, [AMLODIPINE_5], AMLODIPINE_5),
        (AMLODIPINE_10, [AMLODIPINE_5, ATENOLOL], AMLODIPINE_5),
        (Named("", "Atenlol 25mg tablets"), [AMLODIPINE_5, ATENOLOL], ATENOLOL),
        (AMLODIPINE_10, [AMLODIPINE_5, AMLODIPINE_5], None),
        (Named("", "Codeine 30mg tablets"), [AMLODIPINE_5, ATENOLOL], None),
        (ATENOLOL, [], None),
    ],
)
def test_which_medicine_was_probably_meant(
    picked: Named, prescribed: list[Named], meant: Named | None
) -> None:
    listed = {("atenolol", "atenlol")}
    assert meant_for(picked, prescribed, alike=lambda *names: names in listed) == meant
