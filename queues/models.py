"""Call queues and the stays of callers in them, as the facts tell them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from dashboard.scope import Scope, queue_names


class Queues(models.QuerySet["Queue"]):
    def within(self, scope: Scope) -> "Queues":
        """The queues of these teams."""
        return self if scope is None else self.filter(name__in=queue_names(scope))


class Queue(models.Model):
    """One call queue, by name: Telnyx forgets an empty queue and may make it again under another id.

    The settings are ours and kept for ever; `absent_since` says since when Telnyx has no such queue.
    Telnyx's average wait of who waits now grows by a second each second; `average_since` is the moment that
    it counts from, and stays the same until somebody comes or goes. `current_size` is Telnyx's count if it is
    not that of its list of callers (null: the same), `average_at_enqueue` the average when the newest caller
    came, in seconds. `created_at` and `updated_at` are Telnyx's, of the queue that has this name now.
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
    wait_target_seconds = models.PositiveIntegerField("wait target, seconds", default=120)
    service_level_percent = models.PositiveSmallIntegerField("service level target, %", default=80)
    waiting_limit = models.PositiveIntegerField("most callers waiting before amber", default=6)
    abandoned_limit_percent = models.PositiveSmallIntegerField("abandoned before amber, %", default=5)
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
