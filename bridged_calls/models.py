"""Calls of two legs that Telnyx connected with each other, without a conference."""

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from dashboard.scope import Scope, on_leg


class Switchboard(models.Model):
    """One row, locked while legs are put into pairs: which leg belongs to which depends on the others."""

    name = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.name


class BridgedCalls(models.QuerySet["BridgedCall"]):
    def live(self) -> "BridgedCalls":
        return self.filter(ended_at=None)

    def within(self, scope: Scope) -> "BridgedCalls":
        """Those that somebody with this scope may see: one of the two is a call of their teams."""
        if scope is None:
            return self
        legs = BridgedLeg.objects.filter(on_leg(scope), call=OuterRef("pk")).order_by()
        return self.filter(Exists(legs))


class BridgedCall(models.Model):
    """Two legs that talk with each other, or one whose other side is not known.

    `paired_by` says what tells that the two are one call: Telnyx's webhooks name each leg alone.
    `supervisors` is who listens or barges in, the newest first, as `supervision` writes it: JSON objects
    `{"leg", "user", "name", "role", "since": of the role}`. `version` grows with every change that its
    fragments show.
    """

    class Pairing(models.TextChoices):
        SESSION = "session", "The two share a call session"
        MOMENT = "moment", "The two were connected at the same moment"
        ALONE = "", "The other side is not known"

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_because = models.CharField(max_length=40, blank=True)
    ended_by = models.CharField(max_length=255, blank=True, help_text="the leg that went")
    paired_by = models.CharField(max_length=10, blank=True, choices=Pairing.choices)
    supervisors = models.JSONField(default=list, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveBigIntegerField(default=0)

    objects = BridgedCalls.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(ended_at=None), name="bridged_call_live"),
        ]

    def __str__(self) -> str:
        return f"bridged at {self.started_at:%H:%M:%S}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None


class BridgedLeg(models.Model):
    """One leg from its `call.bridged` until it went: a stay, keyed by that event. `held_at` is since when its
    own telephone holds the call, which is not a conference's hold."""

    call = models.ForeignKey(BridgedCall, null=True, on_delete=models.SET_NULL, related_name="legs")
    call_control_id = models.CharField(max_length=255, db_index=True)
    opened_by = models.CharField(max_length=200, unique=True, help_text="the event that opened the stay")
    session = models.CharField(max_length=100, blank=True, db_index=True)
    bridged_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=40, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("bridged_at", "opened_by")

    def __str__(self) -> str:
        return f"bridged since {self.bridged_at:%H:%M:%S}"
