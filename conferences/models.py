"""Conferences and the stays of people in them, as the facts tell them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Conferences(models.QuerySet["Conference"]):
    def live(self) -> "Conferences":
        return self.exclude(status=Conference.Status.COMPLETED)


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
    creator_leg = models.CharField(max_length=255, blank=True)
    floor_leg = models.CharField(max_length=255, blank=True)
    floor_at = models.DateTimeField(null=True, blank=True)
    playing_since = models.DateTimeField(null=True, blank=True)
    playing_media = models.CharField(max_length=500, blank=True)
    speaking_since = models.DateTimeField(null=True, blank=True)
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
        ]

    def __str__(self) -> str:
        return self.name or "Name not known yet"

    @property
    def is_live(self) -> bool:
        return self.status != self.Status.COMPLETED


class Participant(models.Model):
    """One stay of one call leg in one conference, keyed by the event that opened it."""

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="participants")
    call_control_id = models.CharField(max_length=255, db_index=True)
    opened_by = models.CharField(max_length=200, help_text="the event that opened the stay")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    left_because = models.CharField(max_length=40, blank=True)
    muted = models.BooleanField(null=True, blank=True)
    muted_at = models.DateTimeField(null=True, blank=True)
    on_hold = models.BooleanField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    supervisor_role = models.CharField(max_length=10, blank=True)
    playing_since = models.DateTimeField(null=True, blank=True)
    speaking_since = models.DateTimeField(null=True, blank=True)

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
