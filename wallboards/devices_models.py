"""The screens on the wall: each shows one wallboard without anybody signed in."""

from datetime import datetime

from django.db import models
from django.db.models import Q

from dashboard.models import User


class Devices(models.QuerySet["Device"]):
    def holding(self, now: datetime) -> "Devices":
        """Links that can still be opened, and screens that may show their wallboard."""
        return self.filter(Q(revoked_at=None), expires_at__gt=now)


class Device(models.Model):
    """One screen: first a link that is shown once, then the cookie of the browser that opened it.

    Of both only a hash is kept. `expires_at` is the end of the link until it is opened, then that of the
    cookie, which moves on while the screen is in use.
    """

    wallboard = models.ForeignKey("wallboards.Wallboard", on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=60)
    link_hash = models.CharField(max_length=64, unique=True, editable=False)
    cookie_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001 -- unique
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = Devices.as_manager()

    class Meta:
        ordering = ("-made_at", "-pk")
        verbose_name = "screen"

    def __str__(self) -> str:
        return f"{self.name} ({self.wallboard})"
