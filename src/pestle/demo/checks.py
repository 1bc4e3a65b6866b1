"""What did the pharmacists of the invented pharmacy make of their checks? One rule lowered by one of them and
waiting for the other, one definition on trial, one replayed over the last weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.pharmacy.checks.finding import RuleId, Severity
from pestle.web.actions import replays, tuning
from pestle.web.jobs import replay as job

LOWERED = RuleId("allergy", "same", "substances.yaml")
ON_TRIAL = "duplicate/ssris.yaml"
REPLAYED = "interaction/national/renin_angiotensin_potassium.yaml"


def made_of_checks(bench: Bench) -> Iterator[datetime]:
    """The acts, in time."""
    ruth, samuel = bench.people["ruth"], bench.people["samuel"]
    at = bench.now - timedelta(hours=26)
    yield at
    tuning.set_state(
        by=samuel, now=at, key=name_id("trial", ON_TRIAL), definition=ON_TRIAL, on_trial=True,
        reason="New here: count it for a month before anybody is asked",
    )  # fmt: skip
    at += timedelta(hours=1)
    yield at
    tuning.tune(
        by=ruth, now=at, key=name_id("tune", str(LOWERED)), rule=LOWERED, was=Severity.HARD_STOP,
        to=Severity.INTERRUPT, review=at.date() + timedelta(days=90),
        reason="Old records call every intolerance an allergy; we ask each of these patients",
    )  # fmt: skip
    at += timedelta(minutes=10)
    yield at
    begun = replays.begin(
        by=ruth, now=at, key=name_id("replay", REPLAYED), definition=REPLAYED, change=None,
        first=at.date() - timedelta(days=60), last=at.date(), start=lambda _: None,
    )  # fmt: skip
    job.run_replay.func(int(begun.result["replay"]))
