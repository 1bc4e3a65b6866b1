"""Sign in, sign out, change places at a terminal, and stay signed in while working."""

from __future__ import annotations

import re
import time
from datetime import datetime
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
from pestle.pharmacy.refusal import Refusal
from pestle.web.actions import people as actions
from pestle.web.pages.bench import Bench, at_bench, attempt, key_of, new_key, page
from pestle.web.pages.next_task import SeeOther
from pestle.web.store import models, people

LOCKED_MINUTES = 5
_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's sign-in, on our page. allauth marks it public and limits how often it is tried."""

    template_name = "signin.jinja"

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
    """Another member of the team takes over this terminal: badge or name, then their PIN."""
    bench = at_bench(request)
    if request.method == "GET":
        return _door(request, bench)
    chosen = _chosen(request, bench)
    pin = request.POST.get("pin", "")
    if request.POST.get("badge") and not pin:
        if chosen is None:
            return _door(request, bench, status=422, error="Nobody here has this badge")
        return _door(request, bench, chosen=chosen)
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
        return _door(request, bench, status=422, chosen=chosen, error="The PIN is wrong")
    ratelimit.clear(request, action="change_person", key=limit)
    # Another person's session: flushed, with a new key.
    login(request, user, backend=_BACKEND)
    request.session["site"] = bench.site.pk
    actions.change_person(by=chosen, now=bench.now, key=new_key(), before=bench.person.id)
    messages.success(request, f"{chosen.name} is signed in here now.")
    return SeeOther(_our_path(request, request.POST.get("next", "")) or reverse("worklist"))


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
    return page(request, "pin.jinja", bench, status=status, refusals=refusals)


def _set_pin(request: HttpRequest, bench: Bench) -> tuple[tuple[Refusal, ...], int]:
    limit = f"password:{bench.person.id}"
    if not ratelimit.consume(request, action="change_person", key=limit):
        return (Refusal("pin.too-many", "Too many attempts", way_out="Try again in five minutes."),), 429
    user = models.User.objects.get(pk=bench.person.id)
    pin = request.POST.get("pin", "")
    if not user.check_password(request.POST.get("password", "")):
        return (Refusal("pin.password", "The password is wrong", "password"),), 422
    if pin != request.POST.get("pin_again", ""):
        return (Refusal("pin.differs", "The two PINs are not the same", "pin again"),), 422
    _, refusals = attempt(
        lambda: actions.set_pin(by=bench.person, now=bench.now, key=key_of(request), pin=pin)
    )
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
    """Who the form names, by badge, user name or choice; only of this site's team."""
    # A scanner may put the name of the symbology before what it reads: ]C1, ]A0.
    badge = re.sub(r"^\][A-Za-z][0-9]", "", request.POST.get("badge", "").strip())
    named = badge or request.POST.get("username", "").strip()
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
