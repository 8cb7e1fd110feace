"""What Telnyx told us: the inbox as it came, the facts read out of it, and the call legs."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q, Value

from telephony.refusals import UNAUTHENTICATED


class InboxEvent(models.Model):
    """One event that may change what the floor shows, kept as the bytes that came.

    `event_id` is Telnyx's `data.id` for a webhook, `reply:<command id>` for an accepted command and
    `read:<uuid>` for what a GET found; it is unique, so a duplicate is a no-op.
    """

    class Source(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        REPLY = "reply", "Accepted command"
        READ = "read", "Read from Telnyx"

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        PROJECTED = "projected", "Done"
        DEAD = "dead", "Dead letter"
        ASIDE = "aside", "Put aside"

    event_id = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    event_type = models.CharField(max_length=100, blank=True, db_index=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    projected_at = models.DateTimeField(null=True, blank=True)
    recovered_at = models.DateTimeField(
        null=True, blank=True, help_text="it never arrived: fetched then from Telnyx's log of deliveries"
    )
    # Since when, by whom and why nobody needs to look at this dead letter any more. The database's own
    # defaults, because the inbox is filled by statements that do not name them.
    aside_at = models.DateTimeField("put aside at", null=True, blank=True)
    aside_by = models.CharField("put aside by", max_length=100, blank=True, default="", db_default="")
    aside_reason = models.CharField("why", max_length=200, blank=True, default="", db_default="")

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(state="pending"), name="inbox_pending"),
            models.Index(fields=["state", "-id"], name="inbox_state"),
            models.Index(
                fields=["recovered_at"], condition=Q(recovered_at__isnull=False), name="inbox_recovered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_type or 'unreadable'} ({self.get_state_display()})"


class Fact(models.Model):
    """One thing that happened to one subject, with what orders it; the timeline is made of these.

    `subject` is `conference:<id>` or `queue:<name>`, `leg` the call control id it is about or "".
    Facts are a set: their order of arrival never matters, only `(at, rank, event)` does.
    """

    event = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    leg = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10, choices=InboxEvent.Source.choices)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ("at", "rank", "event")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "subject", "leg", "kind"], name="fact_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["subject", "leg", "at"], name="fact_subject_leg"),
            models.Index(fields=["subject", "at"], name="fact_subject_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Call(models.Model):
    """One call leg. Telnyx's participants carry no number: a leg's label comes from here.

    `keys` says for each field which fact wrote it, so that an older one never overwrites a newer.
    """

    call_control_id = models.CharField(max_length=255, unique=True)
    call_leg_id = models.CharField(max_length=100, blank=True)
    call_session_id = models.CharField(max_length=100, blank=True, db_index=True)
    connection_id = models.CharField(max_length=64, blank=True)
    direction = models.CharField(max_length=10, blank=True)
    from_number = models.CharField("from", max_length=255, blank=True)
    to_number = models.CharField("to", max_length=255, blank=True)
    caller_id_name = models.CharField(max_length=255, blank=True)
    client_state = models.TextField(blank=True)
    queue_name = models.CharField("last queue", max_length=255, blank=True)
    waited_seconds = models.PositiveIntegerField(null=True, blank=True)
    visits = models.JSONField(
        "queues waited in",
        default=list,
        db_default=Value([], models.JSONField()),
        blank=True,
        help_text="from when, which queue",
    )
    initiated_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    bridged_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    hangup_cause = models.CharField(max_length=40, blank=True)
    hangup_source = models.CharField(max_length=20, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="numbers and names were removed")
    keys = models.JSONField(default=dict, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["first_seen_at"], condition=Q(forgotten_at=None), name="call_kept"),
            # Whose legs are an agent's. Numbers are removed with time, and what has none is left out.
            models.Index(fields=["to_number"], condition=~Q(to_number=""), name="call_to"),
            models.Index(fields=["from_number"], condition=~Q(from_number=""), name="call_from"),
        ]

    def __str__(self) -> str:
        return f"{self.direction or 'call'} {self.from_number[-4:]}"

    @property
    def far_number(self) -> str:
        """The other party's number or SIP address: whom we dialled, or who called us."""
        return self.to_number if self.direction == "outgoing" else self.from_number

    def queue_before(self, at: datetime) -> str:
        """The queue that the leg came to last before `at`; undated, the last one that was named."""
        if not self.visits:
            return self.queue_name
        before = [queue for since, queue in self.visits if datetime.fromisoformat(since) <= at]
        return before[-1] if before else ""


class TelnyxStatus(models.Model):
    """Whether Telnyx's API answers, as the worker's reads and the buttons found it. One row."""

    reachable = models.BooleanField(null=True)
    since = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    latency_ms = models.PositiveIntegerField(null=True, blank=True)
    deliveries_read_until = models.DateTimeField(null=True, blank=True)
    deliveries_refused_since = models.DateTimeField(
        null=True, blank=True, help_text="since when Telnyx's log of lost webhooks cannot be read"
    )
    deliveries_reason = models.CharField("why the log cannot be read", max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "Telnyx status"

    def __str__(self) -> str:
        return {True: "reachable", False: "cannot be reached", None: "not asked yet"}[self.reachable]

    @property
    def refuses_key(self) -> bool:
        """Telnyx answers, but nothing that this API key asks for."""
        return self.reachable is False and self.reason.startswith(UNAUTHENTICATED.words)

    @property
    def trouble(self) -> str:
        """What is wrong, in words; "" when nothing is."""
        if self.reachable is not False:
            return ""
        return "Telnyx refuses the API key" if self.refuses_key else "Telnyx cannot be reached"
