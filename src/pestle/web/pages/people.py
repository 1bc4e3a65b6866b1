"""Sign in, sign out, change places at a terminal, and stay signed in while working."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from datetime import time as midnight
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.web.actions import people as actions
from pestle.web.actions.once import Outcome
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, new_key, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.pages.pdf_file import pdf_file
from pestle.web.print.badge import badge_pdf
from pestle.web.store import models, people

LOCKED_MINUTES = 5
_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's sign-in, on our page. allauth marks it public and limits how often it is tried."""

    template_name = "signin.jinja"

    def form_valid(self, form: Any) -> HttpResponse:
        """Signed in, and on record as that."""
        response: HttpResponse = super().form_valid(form)
        user = self.request.user
        if isinstance(user, models.User):
            held = models.Membership.objects.filter(user=user).order_by("site_id").first()
            person = people.member(held, user) if held else None
            if person is not None:
                actions.sign_in(by=person, now=datetime.now(UTC), key=new_key())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """422 and the page again, the user name kept."""
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What `signin.jinja` wants."""
        # Past allauth's own: it names pages (sign up, forgotten password) that are not here.
        context = super(LoginView, self).get_context_data(**kwargs)
        form = context["form"]
        codes = {fault.code for faults in form.errors.as_data().values() for fault in faults}
        locked = "too_many_login_attempts" in codes
        error = str(get_adapter().error_messages["username_password_mismatch"]) if codes else ""
        if self.request.session.pop("closed_account", False):
            error = "This account is closed. Ask the manager."
        return {
            **context,
            "action": reverse("sign-in"),
            "next_path": _our_path(self.request, context["redirect_field_value"] or ""),
            "username": form.data.get("login", "") if form.is_bound else "",
            "error": "" if locked else error,
            "locked_for": LOCKED_MINUTES if locked else 0,
            "ended": self.request.session.pop("ended", False),
        }


sign_in = require_http_methods(["GET", "HEAD", "POST"])(SignIn.as_view())


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; the way back is the sign-in page."""
    logout(request)
    return SeeOther(reverse("sign-in"))


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """Keeps the session alive, for somebody who is still there."""
    request.session["seen"] = int(time.time())
    return HttpResponse(status=204)


@sensitive_post_parameters("pin")
@require_http_methods(["GET", "POST"])
def change_person(request: HttpRequest) -> HttpResponse:
    """Another member of the team takes over this terminal: by badge, or by name and PIN."""
    bench = at_bench(request)
    if request.method == "GET":
        return _door(request, bench)
    if request.POST.get("badge"):
        return _by_badge(request, bench)
    chosen = _chosen(request, bench)
    pin = request.POST.get("pin", "")
    if chosen is None:
        return _door(request, bench, status=422, error="Choose who you are")
    limit = f"pin:{bench.site.pk}:{chosen.id}"
    if not ratelimit.consume(request, action="change_person", key=limit):
        return _door(request, bench, status=429, chosen=chosen, locked_for=LOCKED_MINUTES)
    user = models.User.objects.get(pk=chosen.id)
    if not user.pin:
        return _door(
            request, bench, status=422, chosen=chosen,
            error=f"{chosen.name} has no PIN yet: sign out, and sign in with the password",
        )  # fmt: skip
    if not people.pin_fits(user, pin):
        actions.wrong_try(by=bench.person, now=bench.now, key=new_key(), wanted=chosen.id, how="pin")
        return _door(request, bench, status=422, chosen=chosen, error="The PIN is wrong")
    ratelimit.clear(request, action="change_person", key=limit)
    return _changed(request, bench, chosen, "pin")


def _by_badge(request: HttpRequest, bench: Bench) -> HttpResponse:
    """A badge is enough; too many that nobody here has, and this terminal asks for PINs for a while."""
    limit = f"badge:{bench.site.pk}:{bench.person.id}"
    if not ratelimit.consume(request, action="change_person", key=limit):
        return _door(request, bench, status=429, locked_for=LOCKED_MINUTES)
    chosen = people.by_badge(request.POST["badge"][:200], site_id=bench.site.pk)
    if chosen is None:
        actions.wrong_try(by=bench.person, now=bench.now, key=new_key(), wanted=None, how="badge")
        return _door(request, bench, status=422, error="Nobody here has this badge")
    ratelimit.clear(request, action="change_person", key=limit)
    return _changed(request, bench, chosen, "badge")


def _changed(request: HttpRequest, bench: Bench, chosen: Person, how: str) -> HttpResponse:
    # Another person's session: flushed, with a new key.
    login(request, models.User.objects.get(pk=chosen.id), backend=_BACKEND)
    request.session["site"] = bench.site.pk
    actions.change_person(by=chosen, now=bench.now, key=new_key(), before=bench.person.id, how=how)
    messages.success(request, f"{chosen.name} is signed in here now.")
    return SeeOther(_our_path(request, request.POST.get("next", "")) or reverse("worklist"))


@sensitive_post_parameters("password")
@require_POST
def make_badge(request: HttpRequest) -> HttpResponse:
    """One's own badge, made with one's own password, as a card to print; the one before ends."""
    bench = at_bench(request)
    secret = secrets.token_urlsafe(18)
    refusals, status = _with_password(
        request, bench,
        lambda: actions.make_badge(
            by=bench.person, now=bench.now, key=key_of(request), digest=people.badge_digest(secret)
        ),
    )  # fmt: skip
    if refusals:
        return page(request, "pin.jinja", bench, status=status, refusals=refusals, badge=_has_badge(bench))
    card = badge_pdf(name=bench.person.name, title=bench.person.title, premises=bench.site.name,
                     code=f"{people.BADGE}{secret}")  # fmt: skip
    return pdf_file("badge.pdf", card)


@require_POST
def end_badge(request: HttpRequest) -> HttpResponse:
    """A badge was lost."""
    bench = at_bench(request)
    chosen = request.POST.get("person", "")
    person_id = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else bench.person.id
    outcome, refusals = attempt(
        lambda: actions.end_badge(by=bench.person, now=bench.now, key=key_of(request), person_id=person_id)
    )
    if outcome is None:
        return page(request, "pin.jinja", bench, status=422, refusals=refusals, badge=_has_badge(bench))
    messages.success(request, "The badge opens nothing any more.")
    return SeeOther(reverse("set-pin"))


@sensitive_post_parameters("pin", "pin_again", "password")
@require_http_methods(["GET", "POST"])
def set_pin(request: HttpRequest) -> HttpResponse:
    """One's own PIN, set with one's own password."""
    bench = at_bench(request)
    refusals: tuple[Refusal, ...] = ()
    status = 200
    if request.method == "POST":
        refusals, status = _set_pin(request, bench)
        if not refusals:
            messages.success(request, "Your PIN is set.")
            return SeeOther(reverse("worklist"))
    return page(request, "pin.jinja", bench, status=status, refusals=refusals, badge=_has_badge(bench))


def _set_pin(request: HttpRequest, bench: Bench) -> tuple[tuple[Refusal, ...], int]:
    pin = request.POST.get("pin", "")

    def do() -> Outcome:
        if pin != request.POST.get("pin_again", ""):
            raise refuse("pin.differs", "The two PINs are not the same", place="pin again")
        return actions.set_pin(by=bench.person, now=bench.now, key=key_of(request), pin=pin)

    return _with_password(request, bench, do)


def _has_badge(bench: Bench) -> bool:
    mine = models.Badge.objects.filter(user=bench.person.id, site=bench.site, ended_at=None)
    return mine.exists()


def _with_password(
    request: HttpRequest, bench: Bench, do: Callable[[], Outcome]
) -> tuple[tuple[Refusal, ...], int]:
    """Acts if the password is their own; what was refused, and the status for it."""
    limit = f"password:{bench.person.id}"
    if not ratelimit.consume(request, action="change_person", key=limit):
        return (Refusal("pin.too-many", "Too many attempts", way_out="Try again in five minutes."),), 429
    user = models.User.objects.get(pk=bench.person.id)
    if not user.check_password(request.POST.get("password", "")):
        return (Refusal("pin.password", "The password is wrong", "password"),), 422
    _, refusals = attempt(do)
    if not refusals:
        ratelimit.clear(request, action="change_person", key=limit)
    return refusals, 422


def _door(
    request: HttpRequest,
    bench: Bench,
    *,
    status: int = 200,
    chosen: Person | None = None,
    error: str = "",
    locked_for: int = 0,
) -> HttpResponse:
    """The page of names, with who was chosen kept."""
    began = datetime.combine(bench.today, midnight.min, tzinfo=bench.zone)
    today = people.worked_since(bench.site.pk, began)
    others = [one for one in people.team(bench.site.pk) if one.id != bench.person.id]
    here = [one for one in others if one.id in today or one == chosen]
    source = request.POST if request.method == "POST" else request.GET
    return page(
        request, "change_person.jinja", bench, status=status, people=here,
        chosen=chosen.id if chosen else "", action=reverse("change-person"),
        next_path=_our_path(request, source.get("next", "")), error=error, locked_for=locked_for,
    )  # fmt: skip


def _chosen(request: HttpRequest, bench: Bench) -> Person | None:
    """Who the form names, by user name or choice; only of this site's team."""
    named = request.POST.get("username", "").strip()
    picked = request.POST.get("person", "")
    found = models.User.objects.filter(username=named) if named else models.User.objects.none()
    if not named and picked.isdecimal():
        found = models.User.objects.filter(pk=int(picked))
    user = found.first()
    person = people.person(user, bench.site.pk) if user else None
    return None if person is None or person.has(Role.SYSTEM) else person


def _our_path(request: HttpRequest, path: str) -> str:
    """The path if it is one of this site's own pages, else nothing."""
    ours = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if ours else ""
