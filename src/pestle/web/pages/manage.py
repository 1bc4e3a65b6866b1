"""For whoever runs the site: the team, the settings, the keys of programs, the audit trail."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pestle.pharmacy.dispensary.uncollected import Times
from pestle.pharmacy.people import Country, Person, SiteKind
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import people as actions
from pestle.web.actions import setting_up
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, number, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.store import audit, day, people, tokens
from pestle.web.store.knowledge import dictionary
from pestle.web.store.today import midnight

# Longer chains are verified when somebody asks for it, not on every look at the list.
VERIFIED_AT_ONCE = 20_000

_SAID = {
    "messages.receive": "Received a message",
    "messages.close_refused": "Closed a refused message",
    "worklist.claim": "Took in hand",
    "worklist.hand_back": "Handed back",
    "dispensary.complete_entry": "Completed the entry",
    "dispensary.return_to_entry": "Returned to entry",
    "dispensary.clinical_check": "Clinical check",
    "dispensary.refer": "Referred to a pharmacist",
    "dispensary.answer": "Answered what became new",
    "checks.tune": "Tuned a check",
    "checks.sign_tuning": "Signed a tuning",
    "checks.withdraw_tuning": "Withdrew a tuning",
    "checks.set_state": "Put a definition on trial, or on",
    "checks.replay": "Began a replay",
    "checks.stop_replay": "Stopped a replay",
    "checks.replay_again": "Began a replay again",
    "dispensary.print_labels": "Printed labels",
    "dispensary.reprint_label": "Printed a label again",
    "dispensary.pick": "Picked a pack",
    "dispensary.undo_pick": "Put a pack back",
    "dispensary.complete_assembly": "Completed the assembly",
    "dispensary.start_self_check": "Paused before a self-check",
    "dispensary.rescan": "Scanned a pack again",
    "dispensary.pass_accuracy": "Passed the accuracy check",
    "dispensary.fail_accuracy": "Sent back at the accuracy check",
    "dispensary.withhold": "Withheld a line",
    "dispensary.keep_line": "Kept a line",
    "dispensary.hand_out": "Handed out",
    "bag.name_shelves": "Named shelves for bags",
    "bag.end_shelf": "Gave up a shelf",
    "bag.pack": "Made a bag",
    "bag.put": "Put a bag on a shelf",
    "bag.join": "Put two bags into one",
    "bag.take_out": "Gave a prescription a bag of its own",
    "bag.tell": "Told patients that something is ready",
    "record.contact_wish": "Recorded how a patient wants to be told",
    "round.begin": "Began a delivery round",
    "round.load": "Put a bag on a round",
    "round.take_off": "Took a bag off a round",
    "round.order_stops": "Ordered the stops of a round",
    "round.leave": "Sent a round off",
    "round.deliver": "Recorded a delivery",
    "round.bring_back": "Recorded a failed attempt",
    "round.close": "Closed a round",
    "dispensary.enter_instalments": "Entered instalments",
    "dispensary.prepare_instalment": "Prepared an instalment",
    "dispensary.instalment_call": "Recorded what the prescriber said about instalments",
    "site.set_closed": "Set a day on which the site is closed or open",
    "dispensary.owe": "Noted what is owed",
    "dispensary.owe_all": "Put under the owings",
    "dispensary.promise": "Promised another day",
    "dispensary.assemble_rest": "Brought back what was owed",
    "dispensary.remind": "Reminded of a bag",
    "dispensary.return_to_stock": "Returned to stock",
    "dispensary.undo_return": "Undid a return to stock",
    "dispensary.say_why_late": "Said why something was late",
    "near_miss.record": "Recorded a near miss or error",
    "near_miss.correct": "Corrected or withdrew a near miss",
    "record.allergy": "Recorded an allergy",
    "record.no_known_allergies": "Recorded: no known allergies",
    "record.retract_allergy": "Retracted an allergy",
    "record.correct_patient": "Corrected a patient",
    "stock.receive_batch": "Received stock",
    "stock.record_alert": "Put an alert on record",
    "register.note": "Noted beside an entry of the register",
    "register.return_to_supplier": "Returned controlled drugs to their supplier",
    "register.set_aside": "Set controlled drugs aside, or released them",
    "register.set_interval": "Set how often the register is counted",
    "stock.correct": "Undid a movement",
    "stock.open_container": "Opened a container",
    "register.check_balance": "Counted a page of the register",
    "register.supply_requisition": "Supplied on a requisition",
    "register.send_requisition": "Sent the original of a requisition on",
    "register.destroy": "Destroyed controlled drugs before a witness",
    "register.record_return": "Took back a controlled drug from a patient",
    "register.destroy_return": "Destroyed what a patient brought back",
    "people.add": "Added a person",
    "people.set_pin": "Set a PIN",
    "people.change_person": "Took over a terminal",
    "people.make_token": "Made a key",
    "people.revoke_token": "Revoked a key",
    "site.open": "Opened the site",
    "site.set_country": "Settled the country of the site",
    "site.set_record_elsewhere": "Settled where the record is kept",
    "practice.change_list": "Changed a medicines list",
    "practice.authorise": "Authorised a medicines list, or sent it back",
    "practice.entered_elsewhere": "Entered in the other system",
    "practice.import": "Took in an export",
    "practice.ask_for_repeats": "Wrote down a request",
    "practice.take_in_requests": "Took in a sheet of requests",
    "practice.mean_request": "Said what a request means",
    "practice.take_in_lights": "Took in a local list of traffic lights",
    "practice.record_agreement": "Recorded a shared-care agreement",
    "practice.step_request": "Worked on a request",
    "practice.sign": "Signed prescriptions",
    "practice.nominate": "Nominated a pharmacy",
    "practice.set_up_batch": "Set up repeat dispensing",
    "practice.cancel_item": "Made a cancellation",
    "practice.take_cancellation_answer": "Took in the answer to a cancellation",
    "messages.ask_for_release": "Asked the service for a release",
    "dispensary.add_scan": "Kept a scan of a prescription",
    "site.set_times": "Set the times of the site",
}


_TIMES = ("remind_days", "return_days", "self_check_minutes")
_FIGURES = {"uk": "UK figures", "us": "US figures"}


@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """The team, the settings and the keys."""
    return _show(request, manager(request))


@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """Makes a key for a program. The answer shows it, once: a page to come back to would have to keep it."""
    bench = manager(request)
    secret = tokens.new_secret()
    name, days = request.POST.get("name", ""), request.POST.get("days", "").strip()
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
    outcome, refusals = attempt(
        lambda: actions.make_token(
            by=bench.person,
            now=bench.now,
            key=key_of(request),
            name=name,
            days=number,
            digest=tokens.digest(secret),
        )
    )
    typed = {"name": name, "days": days}
    if outcome is None:
        return _show(request, bench, refusals=refusals, status=422, typed=typed)
    if outcome.repeated:
        messages.warning(request, "This key was made and shown already. If it was not copied, revoke it.")
        return SeeOther(reverse("manage"))
    return _show(request, bench, secret=secret)


@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """Ends a key at once."""
    bench = manager(request)
    outcome, refusals = attempt(
        lambda: actions.revoke_token(by=bench.person, now=bench.now, key=key_of(request), token_id=token_id)
    )
    if outcome is None:
        unknown = refusals[0].rule == "token.unknown"
        return _show(request, bench, refusals=refusals, status=404 if unknown else 422)
    messages.success(request, "Revoked: its program can post no more.")
    return SeeOther(reverse("manage"))


@require_POST
def set_country(request: HttpRequest) -> HttpResponse:
    """Settles the country of the site."""
    bench = manager(request)
    outcome, refusals = attempt(
        lambda: setting_up.set_country(
            by=bench.person, now=bench.now, key=key_of(request), country=request.POST.get("country", "")
        )
    )
    if outcome is None:
        return _show(request, bench, refusals=refusals, status=422)
    country = Country(outcome.result["country"])
    messages.success(
        request,
        f"The site works in {country.title}: checks and calculators go by {_FIGURES[country.guidance]}.",
    )
    return SeeOther(reverse("manage"))


@require_POST
def set_times(request: HttpRequest) -> HttpResponse:
    """Sets when bags that nobody collects are due, and the pause of a self-check."""
    bench = manager(request)
    typed = {name: request.POST.get(name, "").strip() for name in _TIMES}
    remind, back, pause = (number(one[:6]) for one in typed.values())
    minutes = None if not typed["self_check_minutes"] else pause or 0
    outcome, refusals = attempt(
        lambda: setting_up.set_times(
            by=bench.person, now=bench.now, key=key_of(request), times=Times(remind or 0, back or 0),
            self_check_minutes=minutes,
        )
    )  # fmt: skip
    if outcome is None:
        return _show(request, bench, refusals=refusals, status=422, typed=typed)
    messages.success(request, "Set: what is due is worked out with it from now on.")
    return SeeOther(reverse("manage"))


@require_http_methods(["GET", "POST"])
def audit_trail(request: HttpRequest) -> HttpResponse:
    """What was done, by whom; and whether the chain is whole. A POST only sets the filter."""
    bench = manager(request)
    if request.method == "POST":
        return SeeOther(_audit_href(request.POST.get("action", ""), request.POST.get("person", "")))
    person = request.GET.get("person", "")
    number = request.GET.get("page", "")
    found = day.events(
        bench.site.pk,
        action=request.GET.get("action", ""),
        person=int(person) if person.isdecimal() and len(person) < 19 else None,
        page=int(number) if number.isdecimal() and len(number) < 7 else 1,
    )
    action = request.GET.get("action", "")
    verified = None
    if found.total <= VERIFIED_AT_ONCE or request.GET.get("verify") == "1":
        verified = audit.verify(bench.site.pk)
    return page(
        request,
        "manage/audit.jinja",
        bench,
        section="manage",
        found=found,
        verified=verified,
        rows=[_event(one) for one in found.rows],
        choices=[
            {
                "name": "action",
                "label": "What",
                "options": [("", "Everything", not action)]
                + [(one, _words(one), one == action) for one in found.actions],
            },
            {
                "name": "person",
                "label": "Who",
                "options": [("", "Everybody", not person)]
                + [(str(pk), name, str(pk) == person) for pk, name in found.people],
            },
        ],
        hrefs={n: _audit_href(action, person, n) for n in range(1, found.pages + 1)},
    )


def manager(request: HttpRequest) -> Bench:
    """Whoever runs the site. Raises `PermissionDenied` for everybody else."""
    bench = at_bench(request)
    if not bench.person.has(*actions.MAY_MANAGE):
        raise PermissionDenied
    return bench


def _show(
    request: HttpRequest,
    bench: Bench,
    *,
    refusals: tuple[Refusal, ...] = (),
    status: int = 200,
    typed: dict[str, str] | None = None,
    secret: str = "",
) -> HttpResponse:
    done = day.done_since(bench.site.pk, midnight(bench.today, bench.zone))
    team = people.team(bench.site.pk)
    return page(
        request,
        "manage/show.jinja",
        bench,
        section="manage",
        status=status,
        refusals=refusals,
        typed={"name": "", "days": "365"}
        | {name: str(getattr(bench.site, name) or "") for name in _TIMES}
        | (typed or {}),
        secret=secret,
        team=[
            {
                "name": one.name,
                "roles": ", ".join(sorted(role.title for role in one.roles)),
                "registration": _registration(one),
                "today": one.name in done,
            }
            for one in team
        ],
        settings=_settings(bench),
        may_settle=bench.person.has(*setting_up.MAY_SETTLE),
        country=bench.site.country,
        countries=[(each.value, each.title) for each in Country],
        tokens=[_token(one, bench) for one in day.tokens(bench.site.pk)],
    )


def _registration(one: Person) -> str:
    return f"{one.registration.body} {one.registration.number}" if one.registration else "none"


def _settings(bench: Bench) -> list[tuple[str, str]]:
    site = people.site(bench.site)
    pause = bench.site.self_check_minutes
    kind = {SiteKind.COMMUNITY_PHARMACY: "Community pharmacy"}.get(
        site.kind, site.kind.value.replace("_", " ")
    )
    return [
        ("Site", f"{site.name} ({site.code})"),
        ("Kind", kind),
        ("Country", f"{site.country.title}; checks and calculators go by {_FIGURES[site.country.guidance]}"),
        ("Address", ", ".join(site.address) or "not recorded"),
        ("Telephone", site.telephone or "not recorded"),
        ("Time zone", site.time_zone),
        (
            "Self-check",
            "nobody may check their own work"
            if pause is None
            else f"a lone pharmacist, after a pause of {pause} minutes and a rescan",
        ),
        (
            "Bags not collected",
            f"reminded of after {bench.site.remind_days} days, returned to stock after "
            f"{bench.site.return_days}",
        ),
        ("Dictionary", f"{dictionary().release.title} ({dictionary().release.id})"),
    ]


def _token(one: Any, bench: Bench) -> dict[str, Any]:
    state = "revoked" if one.revoked_at else "ended" if one.ends_at <= bench.now else "holds"
    return {
        "id": one.pk,
        "name": one.name,
        "made": one.created_at,
        "ends": one.ends_at,
        "state": state,
        "revoked": one.revoked_at,
    }


def _event(one: Any) -> dict[str, Any]:
    kind, _, pk = one.subject.partition(":")
    routes = {
        "prescription": "prescription_id",
        "patient": "patient_id",
        "message": "message_id",
        "batch": "batch_id",
        "bag": "bag_id",
        "round": "round_id",
    }
    href = reverse(kind, kwargs={routes[kind]: int(pk)}) if kind in routes and pk.isdecimal() else ""
    return {
        "place": one.place,
        "at": one.at,
        "what": _words(one.action),
        "who": one.person_name,
        "roles": ", ".join(one.person_roles),
        "subject": f"{kind} {pk}",
        "href": href,
        "detail": json.dumps(one.detail, ensure_ascii=False, indent=1) if one.detail else "",
    }


def _words(action: str) -> str:
    area, _, verb = action.partition(".")
    return _SAID.get(action, f"{area.capitalize()}: {verb.replace('_', ' ')}")


def _audit_href(action: str, person: str, number: int = 1) -> str:
    asked = {"action": action, "person": person, "page": str(number) if number > 1 else ""}
    given = {name: value for name, value in asked.items() if value}
    return f"{reverse('audit')}?{urlencode(given)}" if given else reverse("audit")
