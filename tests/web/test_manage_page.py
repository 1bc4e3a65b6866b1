"""The team, the keys and the audit trail, for whoever runs the site."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.web.store import clinical, models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=2))
    return open_bench()


def test_a_site_without_a_self_check_procedure_says_so(bench: Bench) -> None:
    models.Site.objects.update(self_check_minutes=None)
    assert "nobody may check their own work" in Desk(bench.mo).get("/manage/")[1]


def test_a_manager_settles_the_country_and_checks_and_calculators_follow(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: set[str] = set()

    def assess_all(*_: object, knowledge: Knowledge, on: date) -> tuple[Assessment, ...]:
        used.add(knowledge.country)
        return ()

    monkeypatch.setattr(clinical, "assess_all", assess_all)
    desk, calculator = Desk(bench.mo), "/calculators/creatinine-clearance/"
    assert "Country England; checks and calculators go by UK figures" in words(desk.get("/manage/")[1])
    assert "Country it works in" not in Desk(bench.ruth).get("/manage/")[1]
    assert 'value="uk" checked' in desk.get(calculator)[1]
    assert desk.post("/manage/country", country="US").status_code == 303
    assert "United States; checks and calculators go by US figures" in words(desk.get("/manage/")[1])
    assert 'value="us" checked' in desk.get(calculator)[1]
    assert Desk(bench.ruth).get(at(bench.at("clinical", FUROSEMIDE)))[0] == 200
    assert used == {"us"}
    for country, rule in (("US", "site.country-already"), ("Ruritania", "site.country")):
        refused = desk.post("/manage/country", country=country)
        assert (refused.status_code, rule in text_of(refused)) == (422, True)
    event = models.AuditEvent.objects.get(action="site.set_country")
    assert event.detail == {"before": "GB-ENG", "country": "US"}


def test_a_manager_sets_the_times_of_the_site(bench: Bench) -> None:
    desk, set_ = Desk(bench.mo), {"remind_days": "7", "return_days": "21", "self_check_minutes": ""}
    assert desk.post("/manage/times", set_).status_code == 303
    seen = words(desk.get("/manage/")[1])
    assert "reminded of after 7 days, returned to stock after 21" in seen
    assert "nobody may check their own work" in seen
    event = models.AuditEvent.objects.get(action="site.set_times")
    assert event.detail["set"] == {"remind_days": 7, "return_days": 21, "self_check_minutes": None}
    for wrong, rule in (
        ({"return_days": "8"}, "uncollected.times"), ({"remind_days": "soon"}, "uncollected.times"),
        ({"return_days": "91"}, "uncollected.times"), ({"self_check_minutes": "0"}, "site.self-check"),
    ):  # fmt: skip
        refused = desk.post("/manage/times", set_ | wrong)
        assert (refused.status_code, rule in text_of(refused)) == (422, True)
        assert all(f'value="{typed}"' in text_of(refused) for typed in wrong.values())


def test_the_audit_trail_is_filtered_and_verified(bench: Bench) -> None:
    bench.at("clinical", FUROSEMIDE)
    desk = Desk(bench.mo)
    assert "Chain verified: 2 events" in words(desk.get("/manage/audit")[1])
    to = desk.post("/manage/audit", action="messages.receive", person=str(bench.tess.id))
    assert to["Location"] == f"/manage/audit?action=messages.receive&person={bench.tess.id}"
    seen = words(desk.get(to["Location"])[1])
    assert "1 event" in seen
    assert "Received a message" in seen
    assert desk.get("/manage/audit?person=nobody&page=x&action=none")[0] == 200


def test_an_event_that_was_changed_is_found_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.take_in(FUROSEMIDE)
    models.AuditHead.objects.update(count=7)
    seen = words(Desk(bench.mo).get("/manage/audit")[1])
    assert "The chain is broken: the chain ends at entry 1, its head says 7" in seen


@pytest.mark.parametrize(
    ("name", "days", "rule"),
    [("", "30", "token.no-name"), ("hub", "0", "token.days"), ("hub", "x", "token.days")],
)
def test_a_key_that_cannot_be_made_keeps_what_was_typed(
    bench: Bench, name: str, days: str, rule: str
) -> None:
    response = Desk(bench.mo).post("/manage/tokens", name=name, days=days)
    assert response.status_code == 422
    assert rule in text_of(response)
    assert f'value="{days}"' in text_of(response)


def test_a_key_of_another_site_is_not_there(bench: Bench) -> None:
    other = models.Site.objects.create(
        name="Other", code="FZZ02", kind="community_pharmacy", country="GB-ENG", time_zone="Europe/London"
    )
    token = models.AccessToken.objects.create(
        site=other, user_id=bench.mo.id, name="theirs", digest="1" * 64, created_at=NOW, ends_at=NOW
    )
    desk = Desk(bench.mo)
    assert "theirs" not in desk.get("/manage/")[1]
    assert desk.post(f"/manage/tokens/{token.pk}/revoke").status_code == 404
