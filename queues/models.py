"""Call queues and the stays of callers in them, as facts tell them; our aims, figures by intervals."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from dashboard.models import Agent, User
from dashboard.scope import Scope, queue_names
from queues.statistics import NAMES, Figures


class Queues(models.QuerySet["Queue"]):
    def within(self, scope: Scope) -> "Queues":
        """The queues of these teams."""
        return self if scope is None else self.filter(name__in=queue_names(scope))


def this_minute() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


class Aims(models.Model):
    """What we want of a queue. Telnyx knows none of it."""

    wait_target_seconds = models.PositiveIntegerField("wait target, seconds", default=120)
    service_level_percent = models.PositiveSmallIntegerField("service level target, %", default=80)
    risk_percent = models.PositiveSmallIntegerField(
        "at risk from, % of the target", default=80, help_text="from this share of the target a wait is amber"
    )
    longest_limit_seconds = models.PositiveIntegerField(
        "longest wait before red, seconds", null=True, blank=True, help_text="empty: the wait target"
    )
    waiting_limit = models.PositiveIntegerField("most callers waiting before amber", default=6)
    abandoned_limit_percent = models.PositiveSmallIntegerField("abandoned before amber, %", default=5)
    short_abandon_seconds = models.PositiveSmallIntegerField(
        "short abandons, seconds", default=5, help_text="who hangs up sooner is not counted"
    )

    class Meta:
        abstract = True

    @property
    def longest_limit(self) -> int:
        return self.longest_limit_seconds or self.wait_target_seconds


AIMS = tuple(field.name for field in Aims._meta.local_fields)


class Queue(Aims):
    """One call queue, by name: Telnyx forgets an empty queue and may make it again under another id.

    The settings are ours and kept for ever; `absent_since` says since when Telnyx has no such queue.
    Telnyx's average wait of who waits now grows by a second each second; `average_since` is the moment that
    it counts from, and stays the same until somebody comes or goes. `current_size` is Telnyx's count if it is
    not that of its list of callers (null: the same), `average_at_enqueue` the average when the newest caller
    came, in seconds. `created_at` and `updated_at` are Telnyx's, of the queue that has this name now.

    `figures_at` is the minute that pages count their spans of time back from (see `queues.windows`), and
    `stale_since` the earliest moment whose stored figures do not know of what changed (null: they know all).
    """

    name = models.CharField(max_length=255, unique=True)
    telnyx_id = models.CharField(max_length=100, blank=True)
    max_size = models.PositiveIntegerField(null=True, blank=True)
    current_size = models.PositiveIntegerField(null=True, blank=True)
    average_since = models.DateTimeField(null=True, blank=True)
    average_at_enqueue = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(null=True, blank=True)
    absent_since = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    figures_at = models.DateTimeField(default=this_minute, editable=False)
    stale_since = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveBigIntegerField(default=0)
    keys = models.JSONField(default=dict, editable=False)

    objects = Queues.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class QueuedCall(models.Model):
    """One stay of one caller in one queue, keyed by the event that opened it.

    Positions are Telnyx's, from 1. Whether a call is kept after it hung up, and how long it may wait at most
    (seconds), no read tells: they are what our own commands asked for, null if nobody did.
    """

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="calls")
    call_control_id = models.CharField(max_length=255, db_index=True)
    opened_by = models.CharField(max_length=200, help_text="the event that opened the stay")
    enqueued_at = models.DateTimeField(db_index=True)
    left_at = models.DateTimeField(null=True, blank=True, db_index=True)
    left_because = models.CharField(max_length=40, blank=True)
    waited_seconds = models.PositiveIntegerField(null=True, blank=True)
    is_alive = models.BooleanField(default=True)
    keep_after_hangup = models.BooleanField(null=True, blank=True)
    max_wait_seconds = models.PositiveIntegerField(null=True, blank=True)
    position_at_enqueue = models.PositiveIntegerField(null=True, blank=True)
    position_at_leaving = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("enqueued_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["queue", "call_control_id", "opened_by"], name="queued_stay"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["queue"], condition=Q(left_at=None), name="queued_waiting"),
        ]

    def __str__(self) -> str:
        return f"in {self.queue} since {self.enqueued_at:%H:%M:%S}"


class Takes(models.QuerySet["Take"]):
    def live(self) -> "Takes":
        return self.filter(state__in=Take.LIVE)


class Take(models.Model):
    """One caller who is taken to one agent, from the press to the conference that both are in.

    The press writes what was asked for; what came of it `takes_transitions.record` makes of events. The agent
    is called first, into a conference of the given name, with the take's id in the leg's client_state; the
    caller keeps the place until they have answered. `leg` is the agent's, `call_control_id` the caller's.
    """

    class State(models.TextChoices):
        REQUESTED = "requested", "Requested"
        CALLING = "calling", "Calling"
        READY = "ready", "The agent has answered"
        JOINED = "joined", "Both are there"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    LIVE: ClassVar = (State.REQUESTED, State.CALLING, State.READY)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="takes")
    call_control_id = models.CharField(max_length=255, db_index=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="takes")
    agent = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True, related_name="takes")
    agent_name = models.CharField(max_length=100)
    address = models.CharField(max_length=200, help_text="what is called: a number or a SIP address")
    conference_name = models.CharField(max_length=255)
    requested_at = models.DateTimeField()

    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    reason = models.CharField(max_length=300, blank=True)
    leg = models.CharField(max_length=255, blank=True, db_index=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = Takes.as_manager()

    class Meta:
        ordering = ("-requested_at",)
        constraints: ClassVar = [
            # Two tabs, a double click, two processes: nobody is called twice, nobody is taken to two.
            models.UniqueConstraint(
                fields=["call_control_id"],
                condition=Q(state__in=["requested", "calling", "ready"]),
                name="one_take_per_caller",
            ),
            models.UniqueConstraint(
                fields=["agent"],
                condition=Q(state__in=["requested", "calling", "ready"]),
                name="one_take_per_agent",
            ),
        ]

    def __str__(self) -> str:
        return f"to {self.agent_name}, {self.state}"


class Aim(Aims):
    """What a queue was aimed at from a moment on, so that a day's history has the targets of that day.

    Written with each change of the queue's own fields; the first also says what counted before it.
    """

    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="aims")
    since = models.DateTimeField()

    class Meta:
        ordering = ("since", "id")
        indexes: ClassVar = [models.Index(fields=["queue", "since"], name="aim_since")]

    def __str__(self) -> str:
        return f"{self.queue} since {self.since:%Y-%m-%d %H:%M}"


class Interval(models.Model):
    """The figures of one queue in five minutes, which begin at a multiple of them in UTC; none: no caller.

    The fields are those of `queues.statistics.Figures`. Made of the stays, so always to be made again.
    """

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="intervals")
    begins = models.DateTimeField()
    offered = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    answered_in_time = models.PositiveIntegerField(default=0)
    abandoned = models.PositiveIntegerField(default=0)
    short = models.PositiveIntegerField("short abandons", default=0)
    timed_out = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    not_known = models.PositiveIntegerField(default=0)
    answer_seconds = models.PositiveBigIntegerField("seconds waited by the answered", default=0)
    abandon_seconds = models.PositiveBigIntegerField("seconds waited by the abandoned", default=0)
    highest = models.PositiveIntegerField("most waiting at once", default=0)
    longest = models.PositiveIntegerField("longest wait, seconds", default=0)

    class Meta:
        ordering = ("begins",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["queue", "begins"], name="interval_once")]

    def __str__(self) -> str:
        return f"{self.queue} {self.begins:%Y-%m-%d %H:%M}"

    @property
    def figures(self) -> Figures:
        return Figures(**{name: getattr(self, name) for name in NAMES})


class Gap(models.Model):
    """A time of which we do not know what happened: no webhook came and none was fetched later."""

    event = models.CharField(max_length=200, unique=True)
    since = models.DateTimeField()
    until = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("since",)

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} to {self.until:%H:%M}"
