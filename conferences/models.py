"""Conferences and the stays of people in them, as the facts tell them."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from dashboard.models import User
from dashboard.scope import Scope, on_leg

# Where one webhook was lost, others are lost soon after, which nothing has proved yet: reads come every 10 s.
LOSSES_COME_IN = timedelta(seconds=30)


class Conferences(models.QuerySet["Conference"]):
    def live(self) -> "Conferences":
        return self.exclude(status=Conference.Status.COMPLETED)

    def within(self, scope: Scope) -> "Conferences":
        """Those that somebody with this scope may see: a call of their teams is or was in it."""
        if scope is None:
            return self
        stays = Participant.objects.filter(on_leg(scope), conference=OuterRef("pk")).order_by()
        return self.filter(Exists(stays))


class Conference(models.Model):
    """One Telnyx conference. `version` grows with every change that its fragments show.

    `keys` says for each group of fields which fact wrote it (`telephony.facts`). A null time is not known.
    """

    class Status(models.TextChoices):
        INIT = "init", "Waiting to start"
        IN_PROGRESS = "in_progress", "Live"
        COMPLETED = "completed", "Ended"

    class Recording(models.TextChoices):
        OFF = "off", "Off"
        ON = "on", "On"
        PAUSED = "paused", "Paused"

    id = models.CharField(primary_key=True, max_length=100)
    name = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.IN_PROGRESS)
    region = models.CharField(max_length=40, blank=True)
    connection_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=40, blank=True)
    ended_by_leg = models.CharField(
        max_length=255, blank=True, help_text="only a read after the end tells it"
    )
    end_read_at = models.DateTimeField(null=True, blank=True, help_text="when we asked how it ended")
    max_participants = models.PositiveIntegerField(null=True, blank=True, help_text="if Earshot made it")
    duration_minutes = models.PositiveIntegerField(null=True, blank=True, help_text="if Earshot made it")
    creator_leg = models.CharField(max_length=255, blank=True)
    floor_leg = models.CharField(max_length=255, blank=True)
    floor_at = models.DateTimeField(null=True, blank=True)
    floor_doubted_at = models.DateTimeField(
        null=True, blank=True, help_text="webhooks were lost then, and the next holder's perhaps with them"
    )
    floor_heard_until = models.DateTimeField(
        null=True, blank=True, help_text="webhooks lost until then were fetched from Telnyx's log"
    )
    playing_since = models.DateTimeField(null=True, blank=True)
    playing_media = models.CharField(max_length=500, blank=True)
    play_sent = models.JSONField(default=dict, blank=True, help_text="our newest command to play")
    speaking_since = models.DateTimeField(null=True, blank=True)
    speak_sent = models.JSONField(default=dict, blank=True, help_text="our newest command to speak")
    recording = models.CharField(max_length=10, choices=Recording.choices, default=Recording.OFF)
    recording_at = models.DateTimeField(null=True, blank=True)
    recording_id = models.CharField(max_length=100, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="its events were deleted")
    version = models.PositiveBigIntegerField(default=0)
    keys = models.JSONField(default=dict, editable=False)

    objects = Conferences.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=~Q(status="completed"), name="conference_live"),
            models.Index(fields=["-ended_at"], name="conference_ended"),
            models.Index(
                fields=["-ended_at"],
                condition=Q(status="completed", end_read_at=None, forgotten_at=None),
                name="conference_end_unread",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "Name not known yet"

    @property
    def is_live(self) -> bool:
        return self.status != self.Status.COMPLETED

    @property
    def is_floor_doubted(self) -> bool:
        """Whether somebody else may have the floor by now: `conferences.doubts`."""
        doubted, heard = self.floor_doubted_at, self.floor_heard_until
        if doubted is None or (heard is not None and heard >= doubted):
            return False
        return self.floor_at is None or self.floor_at <= doubted + LOSSES_COME_IN


class Participant(models.Model):
    """One stay of one call leg in one conference, keyed by the event that opened it.

    What is null or "" is not known: Telnyx tells `participant_id` and the exit flags only in its list of
    participants, `label` only in the participant itself, `supervisor_role` and `beep_enabled` never, so that
    these two are what our own accepted commands say. `whisper_to` are call control ids. The `keyed` digits
    are the newest that Telnyx gathered, `asked_at` is since when it gathers.
    """

    class Status(models.TextChoices):
        JOINING = "joining", "Joining"
        JOINED = "joined", "Joined"

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="participants")
    call_control_id = models.CharField(max_length=255, db_index=True)
    opened_by = models.CharField(max_length=200, help_text="the event that opened the stay")
    participant_id = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=255, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.JOINED)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=40, blank=True)
    muted = models.BooleanField(null=True, blank=True)
    muted_at = models.DateTimeField(null=True, blank=True)
    on_hold = models.BooleanField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    hold_media = models.CharField(max_length=500, blank=True)
    supervisor_role = models.CharField(max_length=10, blank=True)
    role_at = models.DateTimeField(null=True, blank=True)
    whisper_to = models.JSONField(default=list, blank=True)
    end_on_exit = models.BooleanField(null=True, blank=True)
    soft_end_on_exit = models.BooleanField(null=True, blank=True)
    beep_enabled = models.CharField(max_length=10, blank=True)
    playing_since = models.DateTimeField(null=True, blank=True)
    playing_media = models.CharField(max_length=500, blank=True)
    play_sent = models.JSONField(default=dict, blank=True)
    speaking_since = models.DateTimeField(null=True, blank=True)
    speak_sent = models.JSONField(default=dict, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    keyed_at = models.DateTimeField(null=True, blank=True)
    keyed_digits = models.CharField(max_length=130, blank=True)
    keyed_status = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("joined_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conference", "call_control_id", "opened_by"], name="participant_stay"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conference"], condition=Q(left_at=None), name="participant_present"),
        ]

    def __str__(self) -> str:
        return f"in {self.conference_id} since {self.joined_at:%H:%M:%S}"


class Hands(models.QuerySet["Hand"]):
    def up(self) -> "Hands":
        """Those that nobody has lowered and whose agent is still there: leaving, and the end, lower them."""
        return self.filter(lowered_at=None, sent_to__gt=0, stay__left_at=None)


class Hand(models.Model):
    """An agent in a conference asks for a supervisor: why, who has seen it, who comes.

    Pressed here and told to nobody at Telnyx. It is about one `stay`, so that who comes back later has no
    hand up. `sent_to` is how many supervisors who see the conference were signed in; with 0 it was not
    raised, and the agent was told so. Names are kept, because people may be renamed.
    """

    class Reason(models.TextChoices):
        SUPERVISOR = "supervisor", "The caller asks for a supervisor"
        HELP = "help", "I need help"
        ABUSIVE = "abusive", "The caller is abusive"
        ELSE = "else", "Something else"

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="hands")
    stay = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="hands")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hands")
    user_name = models.CharField(max_length=100)
    reason = models.CharField(max_length=12, choices=Reason.choices, default=Reason.HELP)
    words = models.CharField(max_length=120, blank=True)
    raised_at = models.DateTimeField()
    sent_to = models.PositiveSmallIntegerField()
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    seen_by_name = models.CharField(max_length=100, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    coming = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    coming_name = models.CharField(max_length=100, blank=True)
    coming_at = models.DateTimeField(null=True, blank=True)
    lowered_at = models.DateTimeField(null=True, blank=True)
    lowered_by_name = models.CharField(max_length=100, blank=True)

    objects = Hands.as_manager()

    class Meta:
        ordering = ("raised_at", "id")
        indexes: ClassVar = [
            models.Index(fields=["conference"], condition=Q(lowered_at=None), name="hand_up"),
        ]
        constraints: ClassVar = [
            # Two tabs and a double click raise one hand.
            models.UniqueConstraint(
                fields=["stay"], condition=Q(lowered_at=None, sent_to__gt=0), name="one_hand_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_name}: {self.get_reason_display()}"
