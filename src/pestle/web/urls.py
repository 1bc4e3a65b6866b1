"""Every route of the site. Who may come in is decided by `SignInRequired`: everybody signs in, but for what is
marked public here."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
