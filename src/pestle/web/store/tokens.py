"""Keys with which programs post messages.

Only the digest of a key is kept: who reads the table cannot post.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.web.store import models, people

# So that a key is recognised for what it is where it should not be, such as in a file of settings.
PREFIX = "pestle_"


def new_secret() -> str:
    """A new key, to be shown once: 32 random bytes."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a key. It is random and long, so that a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def holder(secret: str, *, now: datetime) -> Person | None:
    """Who posts with this key; None when it is unknown, revoked or past its end."""
    token = (
        models.AccessToken.objects.select_related("user")
        .filter(digest=digest(secret), revoked_at=None, ends_at__gt=now)
        .first()
    )
    return people.person(token.user, token.site_id) if token else None
