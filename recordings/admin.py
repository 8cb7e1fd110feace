"""Recordings as the facts tell them; nothing to edit, and no address of their sound."""

from django.contrib import admin

from recordings.models import Recording, Voice
from telephony.readonly import ReadOnly, ReadOnlyInline


class VoiceInline(ReadOnlyInline):
    model = Voice
    fields = ("leg", "place")


@admin.register(Recording)
class RecordingAdmin(ReadOnly):
    list_display = ("__str__", "queue", "at", "length_seconds", "played_by", "deleted_by", "deleted_at")
    list_filter = ("format", "channels", "source")
    search_fields = ("name", "recording_id__startswith", "conference_id__startswith")
    search_help_text = "A conference's name, or the start of an id"
    ordering = ("-at",)
    inlines = (VoiceInline,)
