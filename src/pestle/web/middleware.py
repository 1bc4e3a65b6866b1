"""Who may come in, for how long, and what every answer carries."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from pestle.web.pages import errors

Answer = Callable[[HttpRequest], HttpResponse]

API_PREFIX = "/api/"
# How often a session's last moment is written: often enough to end it on time, seldom enough to cost nothing.
TOUCH_SECONDS = 60

log = logging.getLogger("pestle.request")


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless it is marked public; programs get 401, not a page."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        """401 for programs and for parts of a page, the sign-in page for people."""
        if request.path.startswith(API_PREFIX):
            return JsonResponse({"rule": "sign-in.required", "reason": "A token is needed"}, status=401)
        response: HttpResponse = super().handle_no_permission(request, view_func)
        if request.method not in ("GET", "HEAD"):
            # A form cannot be sent again after signing in, and its address alone may answer no GET.
            response = HttpResponseRedirect(reverse(settings.LOGIN_URL))
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": response["Location"]})
        return response


def sessions_end(get_response: Answer) -> Answer:
    """Ends a session that was idle or is too old. Times are seconds since the epoch."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            began = request.session.setdefault("began", now)
            seen = request.session.setdefault("seen", now)
            if now - seen >= settings.SESSION_IDLE_SECONDS or now - began >= settings.SESSION_LONGEST_SECONDS:
                logout(request)
                # For the sign-in page, which says so.
                request.session["ended"] = True
            elif now - seen >= TOUCH_SECONDS:
                request.session["seen"] = now
        return get_response(request)

    return middleware


def quiet_headers(get_response: Answer) -> Answer:
    """Pages about patients are kept by no cache and tell no feature of the device."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def page_for_405(get_response: Answer) -> Answer:
    """A person who reloads an address that only takes forms gets a page with a way on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or request.path.startswith(API_PREFIX):
            return response
        page = errors.forms_only(request)
        page.headers["Allow"] = response.headers.get("Allow", "POST")
        return page

    return middleware


def request_log(get_response: Answer) -> Answer:
    """One line for each answer: the route's name and never its path or query, status, milliseconds, who."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            extra={
                "route": match.view_name if match else "none",
                "method": request.method,
                "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000),
                "person": request.user.pk if request.user.is_authenticated else None,
            },
        )
        return response

    return middleware
