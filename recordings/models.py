"""Recordings, who is in them, and who heard them last. Addresses of sound are never kept: they open it."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from dashboard.scope import Scope, queue_names, reached


class Recordings(models.QuerySet["Recording"]):
    def within(self, scope: Scope) -> "Recordings":
        """Recordings of these teams' queues, or with one of their agents in them."""
        if scope is None:
            return self
        heard = Voice.objects.filter(reached(scope, "number"), recording=OuterRef("pk")).order_by()
        return self.filter(Q(queue__in=queue_names(scope)) | Exists(heard))


class Recording(models.Model):
    """One recording of a conference: saved at Telnyx, or (without `recording_id`) ended and not saved yet.

    `keys` says for each field which fact wrote it. Name, queue, pauses and people are what the conference's
    facts tell, copied because a recording may be kept longer than those. `pauses` is a list of
    `[since, until, who paused]`, times as ISO texts.
    """

    recording_id = models.CharField(max_length=100, unique=True, null=True, blank=True)
    begun_by = models.CharField(max_length=200, blank=True, help_text="the event that began an unsaved one")
    conference_id = models.CharField(max_length=100, blank=True, db_index=True)
    name = models.CharField("conference", max_length=255, blank=True)
    queue = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField("when", null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    length_seconds = models.PositiveIntegerField(default=0)
    duration_millis = models.PositiveBigIntegerField(null=True, blank=True)
    channels = models.CharField(max_length=10, blank=True)
    format = models.CharField(max_length=10, blank=True)
    source = models.CharField(max_length=20, blank=True)
    initiated_by = models.CharField(max_length=60, blank=True)
    telnyx_status = models.CharField(max_length=20, blank=True)
    pauses = models.JSONField(default=list)
    pause_count = models.PositiveIntegerField(default=0)
    paused_seconds = models.PositiveIntegerField(default=0)
    paused_at_end = models.BooleanField(default=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=100, blank=True)
    deleted_because = models.CharField(max_length=200, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True, help_text="Telnyx answered 404")
    played_at = models.DateTimeField(null=True, blank=True)
    played_by = models.CharField(max_length=100, blank=True)
    plays = models.PositiveIntegerField(default=0)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="its events were deleted")
    version = models.PositiveBigIntegerField(default=0)
    keys = models.JSONField(default=dict, editable=False)

    objects = Recordings.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="recording_newest"),
            models.Index(fields=["queue", "-at"], name="recording_queue"),
            models.Index(fields=["-length_seconds", "-id"], name="recording_longest"),
            models.Index(
                fields=["ended_at"],
                condition=Q(recording_id__isnull=False, deleted_at=None, gone_at=None),
                name="recording_kept",
            ),
        ]

    def __str__(self) -> str:
        return self.name or "Name not known yet"

    @property
    def is_saved(self) -> bool:
        return self.recording_id is not None

    @property
    def can_be_heard(self) -> bool:
        return self.is_saved and self.deleted_at is None and self.gone_at is None

    @property
    def kept_until(self) -> datetime | None:
        """When the worker deletes it; None: it is kept for ever."""
        days = settings.RECORDING_DAYS
        return self.ended_at + timedelta(days=days) if self.ended_at and days else None


class Voice(models.Model):
    """One call leg that was in the conference while it was recorded. `number` is the other party's."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="voices")
    leg = models.CharField(max_length=255, db_index=True)
    number = models.CharField(max_length=255, blank=True, db_index=True)
    place = models.PositiveSmallIntegerField(default=0, help_text="in the order of joining")

    class Meta:
        ordering = ("place", "id")
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "leg"], name="voice_once")]

    def __str__(self) -> str:
        return f"in recording {self.recording_id}"


class Listing(models.Model):
    """The version of the list as a whole: it grows with every change of any recording. One row."""

    version = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"version {self.version}"


def list_version() -> int:
    return Listing.objects.filter(pk=1).values_list("version", flat=True).first() or 0


def touch_list() -> None:
    """Always after the recordings' own rows: two orders of locking would be a deadlock."""
    if not Listing.objects.filter(pk=1).update(version=F("version") + 1):
        Listing.objects.bulk_create([Listing(pk=1)], ignore_conflicts=True)
        Listing.objects.filter(pk=1).update(version=F("version") + 1)
