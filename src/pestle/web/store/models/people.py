"""Sites, the people who work there, and the keys of programs that post messages."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Site(models.Model):
    """One set of premises. `self_check_minutes` is the pause of its self-check procedure; null: none.
    `balance_check_days`: how often each page of the controlled-drug register is counted. `remind_days` and
    `return_days`: when a bag that nobody collects is reminded of, and when it goes back to the shelf.
    `record_elsewhere` names the system in which a practice keeps its record; empty: Pestle is the record."""

    name = models.CharField(max_length=120)
    code = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=30)
    country = models.CharField(max_length=10)
    time_zone = models.CharField(max_length=40)
    address = models.JSONField(default=list)
    telephone = models.CharField(max_length=30, blank=True)
    self_check_minutes = models.PositiveIntegerField(null=True, blank=True)
    balance_check_days = models.PositiveIntegerField(default=7)
    remind_days = models.PositiveIntegerField(default=14)
    return_days = models.PositiveIntegerField(default=28)
    record_elsewhere = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in. `full_name` is how they are named everywhere. `pin` is hashed like a password;
    empty: this person cannot change places at a terminal by PIN."""

    full_name = models.CharField(max_length=120)
    registration_body = models.CharField(max_length=20, blank=True)
    registration_number = models.CharField(max_length=20, blank=True)
    pin = models.CharField(max_length=128, blank=True)

    def __str__(self) -> str:
        return self.full_name


class Membership(models.Model):
    """The roles a person holds at a site."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, models.PROTECT, related_name="memberships")
    roles = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "site"), name="one_membership_per_site"),)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.site_id}"


class Badge(models.Model):
    """A badge with which a person takes over a terminal of a site. Only a keyed digest of what its code says
    is kept; a newer badge, or a lost one, ends it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="badges")
    site = models.ForeignKey(Site, models.PROTECT)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"badge {self.pk}"


class AccessToken(models.Model):
    """A key with which a program posts messages for a site; only its digest is kept."""

    site = models.ForeignKey(Site, models.PROTECT)
    user = models.ForeignKey(User, models.PROTECT)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
