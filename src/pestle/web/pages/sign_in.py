"""Who signs in how? With a user name and password; nobody signs up by themself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by a manager, never by a visitor."""

    error_messages = {  # noqa: RUF012 - allauth's own name, a dictionary there too
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "The user name or the password is wrong",
        "too_many_login_attempts": "Too many attempts",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Says nothing: the name in the header already does."""

    def respond_user_inactive(self, request: HttpRequest, user: object) -> HttpResponse:
        """Back to the door, which says why."""
        request.session["closed_account"] = True
        return redirect("sign-in")
