"""Who listens to which conference, on which phone, and how it came about."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from dashboard.models import User
from dashboard.pokes import poke
from telephony.statements import Select

LATELY = timedelta(minutes=10)


class Phone(models.Model):
    """Where a supervisor is called: a number in E.164 or a SIP address. One of theirs is active."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phones")
    address = models.CharField(max_length=200)
    active = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "address"], name="phone_once"),
            models.UniqueConstraint(fields=["user"], condition=Q(active=True), name="one_active_phone"),
        ]

    def __str__(self) -> str:
        return f"…{self.address[-4:]}"


class Ear(models.Model):
    """What one supervisor is shown of their own phone: `version` grows with every change of it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="ear")
    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.user_id)


def turn(user_ids: set[int]) -> None:
    """Make what these supervisors are shown of their own phones new, within the caller's transaction."""
    for user_id in sorted(user_ids):
        if not Ear.objects.filter(pk=user_id).update(version=F("version") + 1):
            Ear.objects.bulk_create([Ear(user_id=user_id, version=1)], ignore_conflicts=True)
    changes = {("supervision", str(user_id)) for user_id in user_ids}
    transaction.on_commit(lambda: poke(changes))


class PhoneTests(models.QuerySet["PhoneTest"]):
    def live(self) -> "PhoneTests":
        return self.filter(state__in=PhoneTest.LIVE)

    def current(self, user: User) -> "PhoneTest | None":
        return self.live().filter(user=user).first()

    def lately(self) -> "PhoneTests":
        """Asked for not long ago: for so long the end of its leg is looked after."""
        return self.filter(requested_at__gte=timezone.now() - LATELY)


class PhoneTest(models.Model):
    """One test call to somebody's own phone. What came of it `transitions.phone_test` makes of events."""

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        CALLING = "calling", "Calling"
        ANSWERED = "answered", "Answered"
        WORKED = "worked", "Worked"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    LIVE: ClassVar = (State.REQUESTED, State.CALLING, State.ANSWERED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="phone_tests")
    phone = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=300, blank=True)
    leg = models.CharField(max_length=255, blank=True, db_index=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    calling_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = PhoneTests.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["requested", "calling", "answered"]),
                name="one_phone_test",
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.user_id}, {self.state}"

    @property
    def subject(self) -> str:
        """Of its commands."""
        return f"phone:{self.pk}"


class Supervisions(models.QuerySet["Supervision"]):
    def live(self) -> "Supervisions":
        return self.filter(state__in=LIVE)

    def current(self, user: User) -> "Supervision | None":
        """What this person is in now, or on the way into."""
        return next(iter(_CURRENT.rows(user.pk, LIVE)), None)


class Supervision(models.Model):
    """One supervisor in one conference, or on one call of two bridged legs, from the press to the end.

    What was asked for is written by the press. What came of it is made of events by `transitions.record`,
    with the event that proved each step in `proofs`. A leg that moves to another conference is a new
    supervision there, which has the same leg and the same `root`: the one that the leg was dialled for, whose
    id is in the leg's client_state. `number` says which of the leg's stays in this conference it is.
    Of a bridged call `bridged_leg` is the leg that is supervised and `bridged_stay` the event that connected
    it; `conference_id` is "" then.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        CALLING = "calling", "Calling"
        CONNECTED = "connected", "Connected"
        ENDED = "ended", "Ended"
        FAILED = "failed", "Failed"

    class Role(models.TextChoices):
        MONITOR = "monitor", "Listening"
        WHISPER = "whisper", "Whispering"
        BARGE = "barge", "Barging in"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    root = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="supervisions")
    user_name = models.CharField(max_length=100)
    conference_id = models.CharField(max_length=100, blank=True, db_index=True)
    bridged_leg = models.CharField(max_length=255, blank=True)
    bridged_stay = models.CharField(max_length=200, blank=True, db_index=True)
    conference_name = models.CharField(max_length=255)
    number = models.PositiveSmallIntegerField(default=0)
    phone = models.CharField(max_length=200)
    asked_role = models.CharField(max_length=10, choices=Role.choices)
    asked_to = models.JSONField(default=list)
    requested_at = models.DateTimeField()
    moved_at = models.DateTimeField(null=True, blank=True, help_text="when its leg went on to another")
    dismissed_at = models.DateTimeField(null=True, blank=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=300, blank=True)
    leg = models.CharField(max_length=255, blank=True, db_index=True)
    role = models.CharField(max_length=10, choices=Role.choices)
    whisper_to = models.JSONField(default=list)
    role_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    calling_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    proofs = models.JSONField(default=dict)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="its events were deleted")
    version = models.PositiveBigIntegerField(default=0)

    objects = Supervisions.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints: ClassVar = [
            # Two tabs, a double click, two processes: whoever comes second finds the first one's leg.
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["requested", "calling", "connected"], moved_at=None),
                name="one_leg_per_supervisor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_name} in {self.conference_name}"

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def subject(self) -> str:
        """Of its commands: the conference first, so that the conference's story finds them."""
        return f"supervision:{self.conference_id or 'bridged'}:{self.pk}"


LIVE = (Supervision.State.REQUESTED, Supervision.State.CALLING, Supervision.State.CONNECTED)
_CURRENT = Select(Supervision, "user_id = %s AND state IN {} AND moved_at IS NULL", order="requested_at DESC")


def of_subject(about: str) -> dict[str, Any]:
    """`supervision:<conference>:<id>` as conditions of a query."""
    return {"pk": about.rpartition(":")[2]}
